"""The roofline (Williams, Waterman, Patterson 2009): what the arithmetic intensity allows, and what each rung reaches.

Bytes are the algorithm's: each input read once, each output written once. Datasheet roofs are solid, measured dashed.
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cli.results import Results, datasheet
from cli.units import percent, si
from plots import style

Json = dict[str, Any]


def roofline(problem: str, shape: str, rows: list[Json], results: Results, peaks: Results | None) -> Figure | None:
    """Rows of one problem at one shape; None for a problem without FLOPs, or a GPU without known peaks."""
    rows = [r for r in rows if r["status"] == "ok" and r["where"] == "gpu" and r["work"]["flops"] and r["ceiling"]]
    rows = [r for r in rows if r["rate"]["value"] > 0]
    sheet = (datasheet(results.device["name"]) or {}).get("peaks", {})
    measured = {r["id"]: r["value"] for r in peaks.rows} if peaks else {}
    if not rows or not ({"bandwidth"} & (sheet.keys() | measured.keys())):
        return None
    rate = next((r["ceiling"]["limiter"] for r in rows if r["ceiling"]["limiter"] != "bandwidth"), "fp32")
    intensity = rows[0]["work"]["flops"] / rows[0]["work"]["bytes"]
    reached = {r["id"]: r["work"]["flops"] / r["time"]["median_s"] for r in rows}
    roofs = [(p, s) for p, s in ((sheet, "-"), (measured, (0, (4, 2)))) if "bandwidth" in p and rate in p]
    if not roofs:
        return None

    fig, (ax,) = style.figure(10, 6.2)
    ridge = max(p[rate] / p["bandwidth"] for p, _ in roofs)
    x = np.geomspace(min(intensity, ridge) / 20, max(intensity, ridge) * 6, 400)
    for p, line in roofs:
        ax.plot(x, np.minimum(p[rate], p["bandwidth"] * x), color=style.INK, linestyle=line, linewidth=1.5)
    for p, _ in roofs:
        name, above = ("datasheet", True) if p is sheet else ("measured", False)
        words = f"{name}: {si(p[rate], 'FLOP/s')} {rate}, {si(p['bandwidth'], 'B/s')}"
        ax.annotate(words, (p[rate] / p["bandwidth"], p[rate]), (0, 8 if above else -8), textcoords="offset points",
                    fontsize=9, va="bottom" if above else "top", ha="left")  # fmt: skip
    ax.axvline(intensity, color=style.FAINT, linewidth=6, zorder=0)
    summit = max((r for r in rows if not r["baseline"]), key=lambda r: reached[r["id"]], default=None)
    places = style.spread([float(np.log10(reached[r["id"]])) for r in rows], 0.13)
    roof = max(p[rate] for p, _ in roofs)
    for row, place in zip(rows, places, strict=True):
        y = reached[row["id"]]
        colour = style.RED if row["baseline"] else style.BLUE if row is summit else style.SKY
        ax.plot(intensity, y, "D" if row["baseline"] else "o", color=colour, markersize=7, zorder=4)
        ax.annotate(f"{row['title']}  {percent(row['ceiling']['share'])}", (intensity, y), (1.02, 10**place),
                    textcoords=ax.get_yaxis_transform(), fontsize=9, va="center", annotation_clip=False,
                    color=style.RED if row["baseline"] else style.INK, fontweight="bold" if row is summit else None,
                    arrowprops=style.LEADER)  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(min(reached.values()) / 3, roof * 2.5)
    ax.set_xlim(x[0], x[-1])
    ax.grid(True)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    ax.yaxis.set_major_formatter(lambda v, _: si(v, "FLOP/s", 1))
    ax.set_xlabel("FLOPs per byte that the algorithm must move")
    ax.set_ylabel("rate")
    longest = max(len(r["title"]) for r in rows)
    style.frame(fig, f"{problem} under its roof", shape, results.stamp, left=1.25, right=0.85 + 0.078 * longest)
    return fig
