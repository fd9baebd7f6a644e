"""Figures of ./ladder curves: the rungs' losses, which should lie on one another; and what the batch size
does."""

from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots import style

Json = dict[str, Any]


SAME = 1e-3  # no rounding goes as far: what is farther computes something else


def rungs(curves: list[Json], stamp: str) -> Figure:
    """curves: {"title", "steps", "losses"}, the reference first. Above the losses of all; below how far each is from
    the reference at most. Hogwild! has no steps: dots above."""
    reference = curves[0]
    expected = np.array(reference["losses"], float)
    others = [c for c in curves[1:] if c["steps"] == reference["steps"]]
    far = {c["title"]: float(np.max(np.abs(np.array(c["losses"], float) - expected) / expected)) for c in others}
    apart = [c for c in others if far[c["title"]] > SAME]
    loose = [c for c in curves if c["steps"] != reference["steps"]]
    low = 0.5 + 0.24 * len(far)  # inches of the lower panel
    width, height = 9.5, 5.6 + low
    fig, (ax,) = style.figure(width, height)
    with rc_context(style.RC):
        lower = fig.add_axes((3.6 / width, 0.85 / height, 5.5 / width, low / height))
    words = f"{len(expected)} steps from the same weights, in the same order"
    style.frame(fig, "Every rung trains the same model", words, stamp, left=0.85, right=2.6)
    fig.subplots_adjust(bottom=(low + 1.65) / height)

    ax.plot(reference["steps"], expected, color=style.INK, linewidth=1.3)
    same = 1 + len(others) - len(apart)
    labels = [(f"{same} rungs, on one another" if same > 1 else reference["title"], style.INK, expected[-1])]
    for c in apart:
        ax.plot(c["steps"], c["losses"], color=style.RED, linewidth=1.0)
        labels.append((c["title"].partition(":")[0], style.RED, c["losses"][-1]))
    for c in loose:
        ax.plot(c["steps"], c["losses"], "o", color=style.BLUE, markersize=5, clip_on=False)
        labels.append((f"{c['title'].partition(':')[0]}, all samples", style.BLUE, c["losses"][-1]))
    ax.set_xlim(1, max(len(expected), 2))
    ax.set_ylim(bottom=0)
    places = style.spread([float(v) for *_, v in labels], 0.055 * ax.get_ylim()[1])
    for (text, colour, value), place in zip(labels, places, strict=True):
        ax.annotate(text, (len(expected), value), (1.03, place), textcoords=ax.get_yaxis_transform(), color=colour,
                    va="center", fontsize=9, annotation_clip=False, arrowprops=style.LEADER)  # fmt: skip
    ax.set_xlabel("step")
    ax.set_ylabel("loss of the step's batch")
    ax.grid(True, axis="y")

    for row, value in enumerate(reversed(far.values())):
        colour = style.RED if value > SAME else style.INK
        if value:
            lower.plot(value, row, "o", color=colour, markersize=5, clip_on=False)
        text = f"   {value:.1g}" if value else " the same bits"
        lower.text(value or 1e-8, row, text, fontsize=8.5, va="center", color=colour)
    lower.set_yticks(range(len(far)), list(reversed(far)), fontsize=9, color=style.INK)
    lower.set_ylim(-0.6, len(far) - 0.4)
    lower.set_xscale("log")
    lower.set_xlim(1e-8, 1)
    lower.set_xlabel("farthest from the sequential CPU's loss, relative")
    lower.tick_params(axis="y", length=0)
    lower.spines["left"].set_visible(False)
    lower.grid(True, axis="x")
    return fig


def batches(curves: list[Json], stamp: str) -> Figure:
    """curves: {"batch", "history", "samples_per_s" (None where not timed)}, by batch."""
    timed = all(c["samples_per_s"] for c in curves)
    fig, axes = style.figure(12 if timed else 7.5, 5.2, panels=2 if timed else 1)
    right = axes[-1]
    if timed:
        sizes = [c["batch"] for c in curves]
        axes[0].plot(sizes, [c["samples_per_s"] for c in curves], "o-", color=style.BLUE, linewidth=1.6)
        axes[0].set_ylabel("samples per second")
        axes[0].set_xscale("log", base=2)
        axes[0].set_yscale("log")
        axes[0].set_xticks(sizes, [str(s) for s in sizes])
        axes[0].set_xlabel("batch")
    shades = np.linspace(0.35, 1.0, len(curves))
    ends = []
    for shade, curve in zip(shades, curves, strict=True):
        epochs, losses = [h["epoch"] for h in curve["history"]], [h["loss"] for h in curve["history"]]
        if not losses:
            continue
        right.plot(epochs, losses, color=style.BLUE, alpha=shade, linewidth=1.8)
        ends.append((curve["batch"], epochs[-1], losses[-1]))
    style.log_axis(right.yaxis)
    _label_ends(right, ends)
    right.set_xlabel("epoch")
    right.set_ylabel("mean loss")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.grid(True, axis="y")
    words = (
        "samples a second; and with larger batches fewer steps an epoch"
        if timed
        else "fewer steps an epoch; not timed on simt"
    )
    style.frame(fig, "What the batch size does", words, stamp, left=0.95, right=1.3)
    fig.subplots_adjust(wspace=0.25)
    return fig


def _label_ends(ax: Axes, ends: list[tuple[int, int, float]]) -> None:
    low, high = ax.get_ylim()
    places = style.spread([float(np.log10(loss)) for *_, loss in ends], 0.05 * np.log10(high / low))
    for (batch, epoch, loss), place in zip(ends, places, strict=True):
        ax.annotate(f"batch {batch}", (epoch, loss), (1.03, 10**place), textcoords=ax.get_yaxis_transform(), fontsize=9,
                    color=style.BLUE, va="center", annotation_clip=False, arrowprops=style.LEADER)  # fmt: skip
