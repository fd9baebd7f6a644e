"""Chapter 05's picture: an image that the repository draws, before and after filters that a rung applied to it.

    build/dev/tests/convolution/filter_image 04_forward_halo | .venv/bin/python -m plots.filters

The program computes and checks every value; this draws them.
"""

import json
import sys
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cli.errors import write
from cli.paths import ROOT
from plots import style

Json = dict[str, Any]
PICTURE = ROOT / "docs" / "plots" / "05-convolution-filters.png"


def filters(data: Json) -> Figure:
    """Six panels: the image, then each filter in a corner of what became of it."""
    fig, (whole,) = style.figure(9.6, 7.5)
    whole.remove()
    axes = [fig.add_subplot(2, 3, i + 1) for i in range(6)]
    _panel(axes[0], data["image"], data["side"], "before", signed=False)
    for ax, f in zip(axes[1:], data["filters"], strict=True):
        name, _, what = f["name"].partition(": ")
        signed = sum(f["taps"]) < 0.5
        _panel(ax, f["out"], data["side"], f"{name}: {what}", signed)
        inset = ax.inset_axes([0.02, 0.71, 0.27, 0.27])
        _panel(inset, f["taps"], data["taps"], "", signed=True)
    on = "a GPU" if data["device"] == "gpu" else "simt"
    what = "each filter (7 × 7) lies in its corner; where values have a sign, grey is 0"
    stamp = f"Every pixel computed by rung {data['rung']} on {on}, and within its error bound"
    style.frame(fig, "One image, five filters", what, stamp, left=0.3)
    fig.subplots_adjust(bottom=0.06, right=0.97, hspace=0.2, wspace=0.06)
    return fig


def _panel(ax: Axes, values: list[float], side: int, title: str, signed: bool) -> None:
    picture = [values[y * side : (y + 1) * side] for y in range(side)]
    most = 0.7 * max(map(abs, values)) if signed else 1
    ax.imshow(picture, cmap="gray", vmin=-most if signed else 0, vmax=most, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(style.PAPER if not title else style.SOFT)
    ax.set_title(title, fontsize=8.5, color=style.INK, loc="left", pad=5)


def main() -> None:
    write(PICTURE, style.save(filters(json.load(sys.stdin)), "png"))


if __name__ == "__main__":
    main()
