"""Figures from result files. They read JSON only; ./ladder plot and ./ladder pages call draw()."""
