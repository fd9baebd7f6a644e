"""How good predictions are. Written out, not taken from a library: the one that has them is the baseline that this
project is compared with, and the tests hold these numbers against it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Numbers = NDArray[np.floating]
Indices = NDArray[np.integer]


def confusion(truth: Indices, predicted: Indices, classes: int) -> NDArray[np.int64]:
    """[i, j]: how many samples of class i were taken for class j."""
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def auc(truth: NDArray[np.bool_], score: Numbers) -> float:
    """The area under the ROC curve: how often a positive sample scores above a negative one, ties counting half
    (the Mann-Whitney statistic). NaN where there is only one kind."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    above = rankdata(score)[truth].sum() - positive * (positive + 1) / 2
    return float(above / (positive * negative))


def classification(truth: Indices, probability: Numbers, classes: list[str]) -> dict[str, Any]:
    """truth: n classes' indices; probability: n x classes. AUC of more than two classes is the mean over them of one
    against the rest. A ratio of nothing to nothing is 0."""
    count = len(classes)
    predicted = probability.argmax(axis=1)
    matrix = confusion(truth, predicted, count)
    right = matrix.diagonal().astype(float)
    precision = _ratio(right, matrix.sum(axis=0))
    recall = _ratio(right, matrix.sum(axis=1))
    f1 = _ratio(2 * precision * recall, precision + recall)
    areas = [auc(truth == c, probability[:, c]) for c in (range(count) if count > 2 else [1])]
    return {
        "accuracy": float(right.sum() / max(len(truth), 1)),
        "precision": float(precision.mean()),
        "recall": float(recall.mean()),
        "f1": float(f1.mean()),
        "auc": float(np.nanmean(areas)) if np.isfinite(areas).any() else None,
        "classes": {
            name: {"precision": float(precision[c]), "recall": float(recall[c]), "f1": float(f1[c]),
                   "samples": int(matrix[c].sum())}
            for c, name in enumerate(classes)
        },
        "confusion": matrix.tolist(),
    }  # fmt: skip


def regression(truth: Numbers, predicted: Numbers) -> dict[str, Any]:
    """Mean squared and mean absolute error, and R^2: the share of the variance that is explained."""
    error = predicted - truth
    variance = float(((truth - truth.mean()) ** 2).mean())
    mse = float((error**2).mean())
    return {"mse": mse, "mae": float(np.abs(error).mean()), "r2": 1 - mse / variance if variance else None}


def clustering(nearest: Indices, squared: Numbers, truth: Indices | None) -> dict[str, Any]:
    """squared: every sample's squared distance to its centre. With a truth, the adjusted Rand index (Hubert and Arabie
    1985): 1 is the same partition, 0 what chance gives."""
    result: dict[str, Any] = {"inertia": float(squared.sum()), "per_sample": float(squared.mean())}
    if truth is not None:
        classes = int(max(truth.max(), nearest.max())) + 1
        table = confusion(truth, nearest, classes).astype(float)
        both, rows, columns = (_pairs(v).sum() for v in (table, table.sum(axis=1), table.sum(axis=0)))
        by_chance = rows * columns / max(_pairs(np.array(float(len(truth)))), 1)
        spread = (rows + columns) / 2 - by_chance
        result["adjusted_rand"] = float((both - by_chance) / spread) if spread else 1.0
    return result


def _pairs(n: Numbers) -> Numbers:
    return n * (n - 1) / 2


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
