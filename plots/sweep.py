"""The sweep: rate against size, one line an implementation, with the 95% interval as a band."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from cli.units import si
from plots import style

Json = dict[str, Any]


def sweep(problem: str, rows: list[Json], stamp: str) -> Figure | None:
    """Rows of one problem at many shapes; draws those whose sizes are all equal (n, m = n, m = n = k)."""
    rows = [r for r in rows if r["status"] == "ok" and r["where"] == "gpu"]
    names = _sizes(rows)
    square = [r for r in rows if len({r["shape"][n] for n in names}) == 1] if names else []
    lines: dict[str, list[tuple[float, float, float, float]]] = {}
    titles, baselines = {}, set()
    for row in square:
        rate, time = row["rate"]["value"], row["time"]
        low, high = (rate * time["median_s"] / t for t in reversed(time["ci95_s"]))
        lines.setdefault(row["id"], []).append((row["shape"][names[0]], rate, low, high))
        titles[row["id"]] = row["title"]
        baselines |= {row["id"]} if row["baseline"] else set()
    lines = {i: sorted(points) for i, points in lines.items() if len(points) > 1}
    if not lines:
        return None
    last = {i: points[-1][1] for i, points in lines.items()}
    summit = max((i for i in lines if i not in baselines), key=last.__getitem__, default=None)
    fig, (ax,) = style.figure(10, 6)
    for i, points in lines.items():
        x, y, low, high = np.array(points).T
        colour = _colour(i, summit, baselines)
        ax.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
        ax.plot(x, y, color=colour, marker="o", markersize=3.5, linewidth=2.4 if i == summit else 1.3,
                linestyle=(0, (4, 2)) if i in baselines else "-", zorder=3 if i == summit else 2)  # fmt: skip
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    sizes = sorted({p[0] for points in lines.values() for p in points})
    ax.set_xticks(sizes, [f"{s:g}" for s in sizes])
    ax.xaxis.set_minor_locator(NullLocator())
    unit = square[0]["rate"]["unit"]
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda v, _: si(v, unit, 1))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.grid(axis="y")
    ax.set_xlabel(" = ".join(names))
    ax.set_ylabel("rate")
    low, high = ax.get_ylim()
    ends = [float(np.log10(last[i])) for i in lines]
    gap = 0.035 * float(np.log10(high / low))
    for i, end, place in zip(lines, ends, style.spread(ends, gap), strict=True):
        x = max(p[0] for p in lines[i])
        ax.annotate(titles[i], (x, 10**end), (1.02, 10**place), textcoords=ax.get_yaxis_transform(), va="center",
                    fontsize=9, color=_colour(i, summit, baselines, text=True), annotation_clip=False,
                    fontweight="bold" if i == summit else None,
                    arrowprops=style.LEADER)  # fmt: skip
    longest = max(len(t) for t in titles.values())
    style.frame(fig, f"{problem} by size", "higher is faster; the band is the 95% interval of the median", stamp,
                left=1.1, right=0.5 + 0.078 * longest)  # fmt: skip
    return fig


def _sizes(rows: list[Json]) -> list[str]:
    """The dimensions that vary and are sizes, in the problem's order."""
    if not rows:
        return []
    names = list(rows[0]["shape"])
    return [n for n in names if len({r["shape"][n] for r in rows}) > 1 and max(r["shape"][n] for r in rows) > 16]


def _colour(i: str, summit: str | None, baselines: set[str], text: bool = False) -> str:
    if i == summit:
        return style.BLUE
    return style.RED if i in baselines else style.SOFT if text else "#A8A8A8"
