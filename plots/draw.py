"""Which figures a result file gives."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from cli.recorded import groups
from cli.results import Results
from plots.counts import counts
from plots.ladder import ladder
from plots.roofline import roofline
from plots.sweep import sweep


def figures(results: Results, peaks: Results | None = None) -> Iterator[tuple[str, Figure]]:
    """(name, figure) for each problem of a bench or counts file: "ladder-sgemm", "sweep-sgemm", "counts-sgemm"."""
    for problem, shape, rows in groups(results):
        every = [row for row in results.rows if row["problem"] == problem]
        if results.kind == "counts":
            drawn = {"counts": counts(problem, shape, rows, results.stamp)}
        else:
            drawn = {
                "ladder": ladder(problem, shape, rows, results.stamp),
                "sweep": sweep(problem, every, results.stamp),
                "roofline": roofline(problem, shape, rows, results, peaks),
            }
        for kind, figure in drawn.items():
            if figure is not None:
                yield f"{kind}-{problem}", figure
