"""What is printed, and where: results on stdout, progress on stderr."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

# A pipe has no width: leave room for whole tables.
_WIDTH = None if sys.stdout.isatty() else 160

out = Console(width=_WIDTH, highlight=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line about what is being done."""
    err.print(text, markup=False, soft_wrap=True)


def progress(transient: bool = False) -> Progress:
    return Progress(
        TextColumn("  {task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=transient,
    )
