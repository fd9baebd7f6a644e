"""Figures of ./ladder curves: the rungs' losses, which should lie on one another; and what the batch size does."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots import style

Json = dict[str, Any]


def rungs(curves: list[Json], stamp: str) -> Figure:
    """curves: {"title", "steps", "losses"}, the reference first. On the left the losses of all; on the right how far
    each is from the reference, step by step. Hogwild! has no steps: dots on the left."""
    reference = np.array(curves[0]["losses"], float)
    steps = np.arange(1, len(reference) + 1)
    losses = {c["title"]: c["losses"] for c in curves[1:] if c["steps"] == curves[0]["steps"]}
    fig, (left, right) = style.figure(13, 5.6, panels=2)
    left.plot(steps, reference, color=style.INK, linewidth=1.2)
    apart = {n: np.abs(np.array(values, float) - reference) for n, values in losses.items()}
    other = [n for n in losses if apart[n].max() > 1e-3 * reference.max()]
    for name in other:
        left.plot(steps, losses[name], color=style.RED, linewidth=1.2)
    key = [f"black: {1 + len(losses) - len(other)} rungs on one another"]
    key += [f"red: {', '.join(other)}"] if other else []
    for c in curves:
        if c["steps"] != curves[0]["steps"]:
            left.plot(c["steps"], c["losses"], "o", color=style.BLUE, markersize=5)
            key.append(f"dots: {c['title']}, over all samples")
    left.set_title("\n".join(key), fontsize=9, color=style.SOFT, loc="left")
    left.set_yscale("log")
    left.set_ylabel("loss of the step's batch")
    ends = []
    for i, name in enumerate(apart):
        colour = [style.BLUE, style.ORANGE, style.GREEN, style.SKY, style.RED][i % 5]
        far = np.maximum(apart[name] / reference, 2.0**-26)
        right.plot(steps, far, color=colour, linewidth=1.0)
        ends.append((name, colour, float(np.log10(far[-1])), far[-1]))
    right.set_yscale("log")
    right.set_ylabel("relative distance from the sequential CPU's loss")
    low, high = right.get_ylim()
    places = style.spread([e[2] for e in ends], 0.045 * np.log10(high / low))
    for (name, colour, _, end), place in zip(ends, places, strict=True):
        right.annotate(name, (steps[-1], end), (1.02, 10**place), textcoords=right.get_yaxis_transform(), fontsize=8.5,
                       color=colour, va="center", annotation_clip=False, arrowprops=style.LEADER)  # fmt: skip
    for ax in (left, right):
        ax.set_xlabel("step")
        ax.set_xlim(1, max(steps[-1], 2))
        ax.grid(True, axis="y")
    longest = max(map(len, losses))
    style.frame(fig, "Every rung trains the same model", f"{len(steps)} steps from the same weights, in the same order",
                stamp, left=0.85, right=0.5 + 0.075 * longest)  # fmt: skip
    fig.subplots_adjust(wspace=0.28)
    return fig


def batches(curves: list[Json], stamp: str) -> Figure:
    """curves: {"batch", "history", "samples_per_s" (None: not timed)}, by batch."""
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
    right.set_yscale("log")
    _label_ends(right, ends)
    right.set_xlabel("epoch")
    right.set_ylabel("mean loss")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.grid(True, axis="y")
    words = (
        "larger batches: more samples a second, fewer steps an epoch"
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
