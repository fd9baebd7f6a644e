"""Which model, and what its weights start as."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError, unknown
from train.settings import Loss, Settings
from train.table import Encoder

Floats = NDArray[np.float32]
NAMES = ["linear", "logistic", "softmax", "mlp", "kmeans"]


@dataclass(frozen=True)
class Model:
    kind: str  # network or kmeans
    widths: tuple[int, ...]  # inputs, hidden layers, outputs; k-means: inputs, centres
    activation: str
    loss: str

    def json(self) -> dict[str, Any]:
        return {"kind": self.kind, "widths": list(self.widths), "activation": self.activation, "loss": self.loss}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Model":
        return Model(data["kind"], tuple(data["widths"]), data["activation"], data["loss"])

    @property
    def outputs(self) -> int:
        return self.widths[-1]

    @property
    def weights(self) -> int:
        """Of every layer out x (in + 1), the last column the bias; k-means: each centre and how often it was drawn."""
        return sum((a + 1) * b for a, b in zip(self.widths, self.widths[1:], strict=False))

    @property
    def flops(self) -> int:
        """Of training on a sample: a multiply-add a weight forward, and two backward, for the gradient and for the
        layer's input; but the first layer's input needs none."""
        return 6 * self.weights - 2 * self.widths[1] * (self.widths[0] + 1)

    def matrices(self, weights: NDArray) -> list[NDArray]:
        """Views of the flat array, a layer each."""
        result, at = [], 0
        for a, b in zip(self.widths, self.widths[1:], strict=False):
            result.append(weights[at : at + (a + 1) * b].reshape(b, a + 1))
            at += (a + 1) * b
        return result

    def initial(self, seed: int) -> Floats:
        """A linear model starts at zero: its loss is convex. A hidden layer's weights are normal with the variance that
        keeps activations as large as they are: 2 / in for relu and gelu (He et al. 2015), else 2 / (in + out) (Glorot
        and Bengio 2010); the outputs' 1 / in. Biases are zero."""
        flat = np.zeros(self.weights, np.float32)
        if len(self.widths) == 2:
            return flat
        rng = np.random.default_rng([seed, 1])
        matrices = self.matrices(flat)
        for matrix in matrices:
            out, into = matrix.shape[0], matrix.shape[1] - 1
            last = matrix is matrices[-1]
            variance = 1 / into if last else 2 / into if self.activation in ("relu", "gelu") else 2 / (into + out)
            matrix[:, :-1] = rng.normal(0, np.sqrt(variance), (out, into))
        return flat

    def first_centres(self, x: Floats, seed: int) -> Floats:
        """k-means++ (Arthur and Vassilvitskii 2007): each next centre is a sample, drawn by its squared distance to the
        nearest one so far. x: a sample of the training part."""
        rng = np.random.default_rng([seed, 2])
        count, d = self.widths[1], self.widths[0]
        if len(x) < count:
            raise LadderError(f"{count} centres and {len(x)} samples: use fewer centres")
        chosen = [x[rng.integers(len(x))]]
        nearest = np.full(len(x), np.inf)
        while len(chosen) < count:
            nearest = np.minimum(nearest, ((x - chosen[-1]).astype(np.float64) ** 2).sum(axis=1))
            total = nearest.sum()
            if total == 0:
                raise LadderError(f"the samples are only {len(chosen)} different ones: use fewer than {count} centres")
            chosen.append(x[rng.choice(len(x), p=nearest / total)])
        centres = np.zeros((count, d + 1), np.float32)
        centres[:, :-1] = chosen
        return centres.ravel()


def make_model(settings: Settings, encoder: Encoder) -> Model:
    """What settings.model names, for these inputs and this target. Raises LadderError where they disagree."""
    name, _, numbers = settings.model.partition(":")
    if name not in NAMES:
        raise unknown("model", settings.model, NAMES, "./ladder train --help")
    try:
        sizes = [int(word) for word in numbers.split(",")] if numbers else []
    except ValueError:
        sizes = [0]
    if any(s < 1 or s > 1 << 20 for s in sizes) or (name in ("mlp", "kmeans")) != bool(sizes):
        raise LadderError(f"--model {settings.model!r}: write mlp:64,32 (hidden layers' widths), kmeans:8, linear, …")
    if name == "kmeans":
        if len(sizes) != 1:
            raise LadderError("--model kmeans:8 has one number: how many centres")
        return Model("kmeans", (encoder.width, sizes[0]), "relu", "squared")
    if len(sizes) > 8:
        raise LadderError("--model mlp has at most 8 hidden layers")
    classes = len(encoder.classes)
    loss = settings.loss
    if loss is Loss.auto:
        loss = Loss.squared if not classes else Loss.logistic if classes == 2 else Loss.softmax
        loss = {"linear": Loss.squared, "logistic": Loss.logistic, "softmax": Loss.softmax}.get(name, loss)
    if classes and loss is Loss.squared:
        raise LadderError(f"the target has {classes} classes: use --model logistic, softmax or mlp, or --task regress")
    if not classes and loss is not Loss.squared:
        raise LadderError("the target is a number: use --model linear or mlp, or --task classify")
    if name == "logistic" and classes > 2:
        raise LadderError(f"the target has {classes} classes, and --model logistic tells two apart: use softmax")
    outputs = 1 if not classes or (loss is Loss.logistic and classes == 2) else classes
    model = Model("network", (encoder.width, *sizes, outputs), settings.activation.value, loss.value)
    if model.weights >= 2**31:
        raise LadderError(f"--model {settings.model} has {model.weights} weights: at most {2**31 - 1} are possible")
    return model
