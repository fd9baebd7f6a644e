"""Shapes as people read them, in the form that --shape takes."""

from collections.abc import Iterable
from typing import Any

Shape = dict[str, float]


def number(value: float) -> str:
    return f"{value:g}" if value != int(value) else str(int(value))


def telling(shapes: Iterable[Shape]) -> list[str]:
    """The dimensions worth showing: those that vary, or are a size. alpha=1, lda=0 in every row say nothing."""
    shapes = list(shapes)
    names = dict.fromkeys(name for shape in shapes for name in shape)
    values = {name: {shape.get(name) for shape in shapes} for name in names}
    return [n for n in names if len(values[n]) > 1 or max(v or 0 for v in values[n]) > 1]


def text(shape: Shape, names: Iterable[str] | None = None) -> str:
    chosen = shape if names is None else [n for n in names if n in shape]
    return ",".join(f"{name}={number(shape[name])}" for name in chosen)


def by_problem(rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """For rows with `problem` and `shape`: which dimensions to show for each problem."""
    shapes: dict[str, list[Shape]] = {}
    for row in rows:
        shapes.setdefault(row["problem"], []).append(row["shape"])
    return {problem: telling(of_it) for problem, of_it in shapes.items()}
