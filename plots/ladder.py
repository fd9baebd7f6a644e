"""The ladder: one bar a rung, bottom to top, as a share of the ceiling; the best baseline is a line across."""

from typing import Any

from matplotlib.figure import Figure

from cli.units import percent, seconds, si
from plots import style

Json = dict[str, Any]


def ladder(problem: str, shape: str, rows: list[Json], stamp: str) -> Figure | None:
    """Rows of one problem at one shape. CPU rungs stand without a bar: the ceiling is the GPU's."""
    rungs = [r for r in rows if not r["baseline"]]
    measured = [r for r in rows if r["status"] == "ok" and r["ceiling"]]
    if not any(not r["baseline"] for r in measured):
        return None
    best = max((r for r in measured if r["baseline"]), key=lambda r: r["ceiling"]["share"], default=None)
    summit = max((r for r in measured if not r["baseline"]), key=lambda r: r["ceiling"]["share"])
    fig, (ax,) = style.figure(10, 1.9 + 0.36 * len(rungs))
    for y, row in enumerate(rungs):
        if row in measured:
            share = row["ceiling"]["share"]
            ax.barh(y, share, height=0.62, color=style.BLUE if row is summit else style.SKY)
            low, high = (row["ceiling"]["seconds"] / t for t in reversed(row["time"]["ci95_s"]))
            ax.plot([low, high], [y, y], color=style.INK, linewidth=1.2, solid_capstyle="butt")
            text = f"{percent(share)}   {si(row['rate']['value'], row['rate']['unit'])}"
            weight, inside = "bold" if row is summit else None, share > 0.8
            ax.text(share + (-0.01 if inside else 0.01), y, text, va="center", ha="right" if inside else "left",
                    fontsize=9, fontweight=weight, zorder=5,
                    color=style.PAPER if inside and row is summit else style.INK,
                    bbox=None if inside else {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
        else:
            ax.text(0.01, y, _without_bar(row), va="center", fontsize=9, color=style.SOFT, style="italic")
    ax.axvline(1, color=style.INK, linewidth=1)
    limiter, source = summit["ceiling"]["limiter"], summit["ceiling"]["source"]
    top = len(rungs) - 0.4
    ax.text(1, top, " ceiling", fontsize=9, va="bottom", ha="left")
    if best:
        share = best["ceiling"]["share"]
        ax.axvline(share, color=style.RED, linewidth=1.4, linestyle=(0, (4, 2)))
        ax.text(share, top, f"{best['title']} {percent(share)} ", fontsize=9, color=style.RED, va="bottom", ha="right")
    ax.set_yticks(range(len(rungs)), [f"{r['title']}  {r['name'][:2]}" for r in rungs], color=style.INK)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.6, top)
    ax.set_xlim(0, 1.08)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    ax.set_xlabel(f"share of the ceiling ({limiter}, {source})")
    longest = max(len(r["title"]) for r in rungs)
    style.frame(fig, f"{problem}: from a loop to the limit", shape, stamp, left=0.75 + 0.078 * longest)
    return fig


def _without_bar(row: Json) -> str:
    if row["status"] != "ok":
        return row["message"] or row["status"]
    return f"{seconds(row['time']['median_s'])}{' on the CPU' if row['where'] == 'cpu' else ''}"
