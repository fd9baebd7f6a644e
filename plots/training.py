"""Figures of training: the loss over the epochs, and what was taken for what."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cli.errors import write
from plots import style

Json = dict[str, Any]


def loss_curve(history: list[Json], stamp: str) -> Figure:
    """Mean loss of each epoch, and the validation part's where there is one. history: model files have it."""
    epochs = [h["epoch"] for h in history]
    fig, (ax,) = style.figure(8, 5)
    series = [("training", style.BLUE, [h["loss"] for h in history])]
    if "validation" in history[0]:
        series.append(("validation", style.RED, [h["validation"] for h in history]))
    for _, colour, values in series:
        ax.plot(epochs, values, color=colour, linewidth=1.8, marker="o" if len(epochs) < 15 else None, markersize=4,
                clip_on=False)  # fmt: skip
    low = min(min(v) for *_, v in series)
    if low > 0:
        style.log_axis(ax.yaxis)
    shown = [float(np.log10(v[-1])) if low > 0 else v[-1] for *_, v in series]
    bottom, top = ax.get_ylim()
    height = np.log10(top / bottom) if low > 0 else top - bottom
    for (name, colour, values), place in zip(series, style.spread(shown, 0.05 * height), strict=True):
        at = 10**place if low > 0 else place
        ax.annotate(f" {name} {values[-1]:.3g}", (epochs[-1], values[-1]), (1.01, at),
                    textcoords=ax.get_yaxis_transform(), color=colour, va="center", annotation_clip=False)  # fmt: skip
    ax.set_xlabel("epoch")
    ax.set_ylabel("mean loss")
    ax.set_xlim(min(epochs), max(epochs[-1], epochs[0] + 1))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(True, axis="y")
    style.frame(fig, "The loss on the way down", f"{len(epochs)} epochs, {history[-1]['step']} steps", stamp,
                left=0.95, right=1.6)  # fmt: skip
    return fig


def confusion(measured: Json, stamp: str) -> Figure:
    """Rows: what samples are; columns: what they were taken for. Shaded by the share of the row."""
    matrix, names = np.array(measured["confusion"]), list(measured["classes"])
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = min(max(0.5 * len(names), 2.2), 12)
    longest = max(len(n) for n in names)
    left = 0.9 + 0.085 * longest
    right = max(5 - left - side, 0.4)  # there must be room for the title
    fig, (ax,) = style.figure(left + side + right, side + 2.2)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i in range(len(names)):
        for j in range(len(names)):
            if matrix[i, j] and len(names) <= 30:
                ax.text(j, i, str(matrix[i, j]), ha="center", va="center", fontsize=9,
                        color=style.PAPER if share[i, j] > 0.6 else style.INK)  # fmt: skip
    ax.set_xticks(range(len(names)), names, rotation=90 if longest > 4 else 0, color=style.INK)
    ax.set_yticks(range(len(names)), names, color=style.INK)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("taken for")
    ax.set_ylabel("is")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    words = f"{matrix.sum()} samples of the {measured['part']} part; accuracy {measured['accuracy']:.1%}"
    style.frame(fig, "What was taken for what", words, stamp, left=left, right=right)
    width, height = fig.get_size_inches()
    head = 1.25 + (0.085 * longest if longest > 4 else 0.15)
    fig.set_size_inches(width, height + head - 0.95)
    fig.subplots_adjust(top=1 - head / (height + head - 0.95), bottom=0.5 / (height + head - 0.95))
    return fig


def draw_run(history: list[Json], measured: Json, stamp: str, folder: Path) -> list[Path]:
    """Writes loss.svg and, for classes, confusion.svg."""
    figures = {"loss": loss_curve(history, stamp)} if history else {}
    if "confusion" in measured and len(measured["classes"]) > 1:
        figures["confusion"] = confusion(measured, stamp)
    paths = []
    for name, fig in figures.items():
        paths.append(folder / f"{name}.svg")
        write(paths[-1], style.save(fig, "svg"))
    return paths
