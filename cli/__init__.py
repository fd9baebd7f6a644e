"""Behind ./ladder: builds and calls the C++ program, and draws tables, plots and pages from its JSON."""
