"""The counts: what one warp's access costs on average, beside the least it could cost. Counted on simt, not timed."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots import style

Json = dict[str, Any]

# name in the file, label, colour, offset of its bar
_GLOBAL = [("global_load", "loads", style.BLUE, 0.19), ("global_store", "stores", style.ORANGE, -0.19)]
_SHARED = [("shared_load", "loads", style.BLUE, 0.19), ("shared_store", "stores", style.ORANGE, -0.19)]


def counts(problem: str, shape: str, rows: list[Json], stamp: str) -> Figure | None:
    """Rows of one problem at one shape, bottom to top; GPU rungs only."""
    rows = [r for r in rows if r["where"] == "gpu" and r["status"] == "ok"]
    if not rows:
        return None
    fig, (left, right) = style.figure(11, 2.1 + 0.46 * len(rows), panels=2, sharey=True)
    _panel(left, rows, _GLOBAL, "sectors_per_request", "global memory: 32-byte sectors per request")
    _panel(right, rows, _SHARED, "wavefronts_per_request", "shared memory: wavefronts per request")
    left.set_yticks(range(len(rows)), [f"{r['title']}  {r['name'][:2]}" for r in rows], color=style.INK)
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
                ax.plot([least, least], [y + offset - 0.19, y + offset + 0.19], color=style.INK, linewidth=2.2)
    ax.set_xlim(0, greatest * 1.16)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(label)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=style.SOFT, linewidth=0.8)


def ideal(counts: Json, name: str) -> float | None:
    """The least per request for the bytes that were asked for: whole sectors, or 128 bytes a wavefront."""
    requests = counts.get(f"{name}_requests")
    if not requests:
        return None
    if name.startswith("global"):
        least = counts.get(f"{name}_ideal_sectors")
        return None if least is None else least / requests
    both = (counts.get("shared_load_requests") or 0) + (counts.get("shared_store_requests") or 0)
    moved = counts.get("shared_bytes")
    return None if moved is None else max(1.0, moved / 128 / both)
