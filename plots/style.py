"""How every figure looks, and how it is saved so that the same data gives the same bytes."""

import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

# Okabe and Ito's palette: told apart with any colour vision.
BLUE, ORANGE, GREEN, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00"
INK, SOFT, FAINT, PAPER = "#1A1A1A", "#6B6B6B", "#E4E4E4", "#FFFFFF"

# A thin line from a point to the left end of its label.
LEADER = {"arrowstyle": "-", "color": "#C4C4C4", "linewidth": 0.8, "shrinkA": 2, "shrinkB": 4, "relpos": (0, 0.5)}

RC = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "warpladder",
    "path.simplify": False,
}


def figure(width: float, height: float, panels: int = 1, **options: object) -> tuple[Figure, list[Axes]]:
    """A figure with a row of panels, in inches; leave the head (0.95 in) and the foot (0.35 in) to frame()."""
    with plt.rc_context(RC):
        fig, axes = plt.subplots(1, panels, figsize=(width, height), squeeze=False, **options)
    return fig, list(axes[0])


def frame(fig: Figure, title: str, subtitle: str, stamp: str, left: float, right: float = 0.35) -> None:
    """Title and subtitle at the top left, what was measured where at the foot; margins in inches."""
    width, height = fig.get_size_inches()
    fig.subplots_adjust(left=left / width, right=1 - right / width, top=1 - 0.95 / height, bottom=0.85 / height)
    fig.text(0.25 / width, 1 - 0.22 / height, title, fontsize=15, fontweight="bold", va="top")
    fig.text(0.25 / width, 1 - 0.54 / height, subtitle, fontsize=10, color=SOFT, va="top")
    fig.text(0.25 / width, 0.16 / height, stamp, fontsize=8, color=SOFT, va="bottom")


def log_axis(axis: Axis) -> None:
    """A logarithmic axis with plain numbers: 0.5, 1, 2, 5, 10."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())


def spread(positions: list[float], gap: float) -> list[float]:
    """Moves label positions apart to at least `gap`, keeping their order and staying near where they were."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    blocks: list[tuple[float, list[int]]] = []  # centre, members: labels that touch move as one
    for i in order:
        blocks.append((positions[i], [i]))
        while len(blocks) > 1:
            (low, below), (high, above) = blocks[-2], blocks[-1]
            if high - low >= gap * (len(below) + len(above)) / 2:
                break
            members = below + above
            blocks[-2:] = [(sum(positions[m] for m in members) / len(members), members)]
    placed = [0.0] * len(positions)
    for centre, members in blocks:
        for j, member in enumerate(members):
            placed[member] = centre + gap * (j - (len(members) - 1) / 2)
    return placed


def save(fig: Figure, kind: str) -> bytes:
    """The figure as "svg" or "png", without a date or anything else that differs from run to run."""
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with plt.rc_context(RC):
        fig.savefig(buffer, format=kind, dpi=160, metadata=metadata)
    plt.close(fig)
    return buffer.getvalue()
