"""The counts: what one warp's access costs on average, beside the least it could cost, and what that adds up to.

Counted on simt, not timed.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from cli.units import si
from plots import style

Json = dict[str, Any]

# name in the file, label, colour, offset of its bar
_GLOBAL = [("global_load", "loads", style.BLUE, 0.19), ("global_store", "stores", style.ORANGE, -0.19)]
_SHARED = [("shared_load", "loads", style.BLUE, 0.19), ("shared_store", "stores", style.ORANGE, -0.19)]


def counts(problem: str, shape: str, rows: list[Json], stamp: str) -> Figure | None:
    """Rows of one problem at one shape, bottom to top; GPU rungs only. No panel for a memory that no rung uses."""
    rows = [r for r in rows if r["where"] == "gpu" and r["status"] == "ok"]
    if not rows:
        return None
    shared = any(r["counts"].get("shared_load_requests") or r["counts"].get("shared_store_requests") for r in rows)
    fig, axes = style.figure(14 if shared else 11, 2.1 + 0.46 * len(rows), panels=2 + shared, sharey=True)
    _panel(axes[0], rows, _GLOBAL, "sectors_per_request", "global memory: 32-byte sectors per request")
    if shared:
        _panel(axes[1], rows, _SHARED, "wavefronts_per_request", "shared memory: wavefronts per request")
    _traffic(axes[-1], rows)
    axes[0].set_yticks(range(len(rows)), [f"{r['title']}  {r['name'][:2]}" for r in rows], color=style.INK)
    axes[0].set_ylim(-0.6, len(rows) - 0.4)
    longest = max(len(r["title"]) for r in rows)
    words = "one request: one warp, one instruction. The tick is the least it could take"
    style.frame(fig, f"{problem}: what an access costs", f"{shape}; {words}", stamp[0].upper() + stamp[1:],
                left=0.75 + 0.078 * longest)  # fmt: skip
    fig.subplots_adjust(wspace=0.12)
    return fig


def _panel(ax: Axes, rows: list[Json], series: list[tuple[str, str, str, float]], what: str, label: str) -> None:
    greatest = max((r["counts"].get(f"{s[0]}_{what}") or 0 for r in rows for s in series), default=0) or 1
    named = set()
    for y, row in enumerate(rows):
        values = [row["counts"].get(f"{name}_{what}") for name, *_ in series]
        if not any(values):
            ax.text(0.01 * greatest, y, "none", va="center", fontsize=9, color=style.SOFT, style="italic")
            continue
        for (name, word, colour, offset), value in zip(series, values, strict=True):
            if not value:
                continue
            ax.barh(y + offset, value, height=0.34, color=colour)
            note = f" {value:.3g}"
            if word not in named and y == max(i for i, r in enumerate(rows) if r["counts"].get(f"{name}_{what}")):
                note += f" {word}"
                named.add(word)
            ax.text(value, y + offset, note, va="center", fontsize=8.5, color=style.INK)
            if (least := ideal(row["counts"], name)) is not None:
                _tick(ax, least, y + offset, 0.19)
    ax.set_xlim(0, greatest * 1.16)
    ax.set_xlabel(label)
    _base(ax)


def _traffic(ax: Axes, rows: list[Json]) -> None:
    """Bytes in whole sectors; on a logarithmic axis where the ladder spans orders of magnitude."""
    values = [max(row["counts"]["global_traffic_bytes"], 1) for row in rows]
    least = [max(row["work"]["bytes"], 1) for row in rows]
    wide = max(values) > 30 * min(least)
    left = min(*values, *least) / 2 if wide else 0
    for y, (value, floor) in enumerate(zip(values, least, strict=True)):
        ax.barh(y, value - left, left=left, height=0.5, color=style.GREEN)
        ax.text(value, y, f" {si(value, 'B')}", va="center", fontsize=8.5, color=style.INK)
        _tick(ax, floor, y, 0.3)
    if wide:
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_xlim(left, max(values) * (max(values) / left) ** 0.28 if wide else max(values) * 1.25)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: si(value, "B", 2) if value else "0"))
    ax.set_xlabel("global memory: traffic in all" + (" (logarithmic)" if wide else ""))
    _base(ax)


def _tick(ax: Axes, x: float, y: float, half: float) -> None:
    ax.plot([x, x], [y - half, y + half], color=style.INK, linewidth=2.2)


def _base(ax: Axes) -> None:
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(ax.get_xlim()[0], color=style.SOFT, linewidth=0.8)


def ideal(counts: Json, name: str) -> float | None:
    """The least per request for the bytes that were asked for: whole sectors, or 128 bytes a wavefront."""
    unit = "sectors" if name.startswith("global") else "wavefronts"
    requests, least = counts.get(f"{name}_requests"), counts.get(f"{name}_ideal_{unit}")
    return None if not requests or least is None else least / requests
