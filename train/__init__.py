"""Training models on a user's own data: what ./ladder train, tune, predict and serve do. README.md has the picture."""
