"""Metrics as tables."""

from typing import Any

from cli.tables import LEFT, RIGHT, Table

NAMES = {
    "accuracy": "accuracy", "precision": "precision, macro", "recall": "recall, macro", "f1": "F1, macro",
    "auc": "AUC", "mse": "mean squared error", "mae": "mean absolute error", "r2": "R²",
    "inertia": "sum of squared distances", "per_sample": "mean squared distance", "adjusted_rand": "adjusted Rand",
}  # fmt: skip


def tables(measured: dict[str, Any], title: str) -> list[Table]:
    main = Table([("metric", LEFT), ("", RIGHT)], title)
    for key, name in NAMES.items():
        if measured.get(key) is not None:
            main.add(name, f"{measured[key]:.4g}")
    made = [main]
    if "classes" in measured:
        names = list(measured["classes"])
        each = Table([("class", LEFT), ("precision", RIGHT), ("recall", RIGHT), ("F1", RIGHT), ("samples", RIGHT)])
        for name, m in measured["classes"].items():
            each.add(name, f"{m['precision']:.4f}", f"{m['recall']:.4f}", f"{m['f1']:.4f}", str(m["samples"]))
        made.append(each)
        if len(names) <= 20:
            matrix = Table([("class ↓  taken for →", LEFT), *((n, RIGHT) for n in names)])
            for name, row in zip(names, measured["confusion"], strict=True):
                matrix.add(name, *map(str, row))
            made.append(matrix)
    return made
