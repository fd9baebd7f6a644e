"""One model in training on the device."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train import metrics
from train.device import Device
from train.model import Model
from train.prepare import Prepared
from train.settings import Settings, Shape
from train.table import Encoder

Floats = NDArray[np.float32]
MOST_STEPS = 1 << 14  # that the device keeps the losses of
MOST_FLOATS = 1 << 24  # of predictions at once


def spec(model: Model, settings: Settings, total: int, per_epoch: int) -> dict[str, Any]:
    """The run as train/device takes it. total: its steps."""
    rule = settings.optimizer
    period = settings.step_every * per_epoch if settings.schedule is Shape.step else max(total - settings.warmup, 1)
    return {
        "model": model.json(),
        "engine": settings.engine.value,
        "batch": settings.batch,
        "accumulate": settings.accumulate,
        "clip": settings.clip,
        "seed": settings.seed,
        "optimizer": {"rule": rule.value, "beta1": settings.momentum, "beta2": settings.beta2,
                      "epsilon": settings.epsilon, "decay": settings.decay},
        "schedule": {"kind": settings.schedule.value, "base": settings.lr, "warmup": settings.warmup,
                     "period": period, "factor": settings.factor},
    }  # fmt: skip


@dataclass
class Job:
    """A model, how far it has come, and what it cost on the way."""

    device: Device
    name: str
    settings: Settings
    data: Prepared
    step: int = 0
    stopped: bool = False  # the next step has no finite loss or gradient
    rate: float = 0.0  # the learning rate of the last step
    loss: float = float("nan")  # of the last step, or of the one that stopped it
    losses: list[float] = field(default_factory=list)  # of the epoch that is going on
    history: list[dict[str, Any]] = field(default_factory=list)  # an entry an epoch

    @property
    def model(self) -> Model:
        return self.data.model

    @property
    def per_epoch(self) -> int:
        return max(self.data.counts["train"] // (self.settings.batch * self.settings.accumulate), 1)

    @property
    def total(self) -> int:
        return self.per_epoch * self.settings.epochs

    @property
    def done(self) -> bool:
        return self.stopped or self.step >= self.total

    def begin(self, memory: Floats | None = None) -> None:
        """Puts it on the device: from its first weights, or as `memory` had it after `step` steps."""
        if memory is None:
            kmeans = self.model.kind == "kmeans"
            seed = self.settings.seed
            memory = self.model.first_centres(self.data.start, seed) if kmeans else self.model.initial(seed)
        described = spec(self.model, self.settings, self.total, self.per_epoch)
        self.device.ask("run", memory, run=self.name, set="train", spec=described, step=self.step)

    def memory(self) -> Floats:
        """Weights, then the optimiser's state."""
        return self.device.ask("memory", run=self.name)[1]

    def weights(self) -> Floats:
        return self.memory()[: self.model.weights]

    def left_in_epoch(self) -> int:
        return min(self.per_epoch - self.step % self.per_epoch, MOST_STEPS)

    def predict(self, part: str) -> Floats:
        return predict(self.device, self.name, self.model, part, self.data.counts[part])

    def end_epoch(self) -> dict[str, Any]:
        """Notes the epoch down: its mean loss, and the validation part's, which must be finite for the run to go on."""
        entry = {"epoch": self.step // self.per_epoch, "step": self.step, "rate": self.rate,
                 "loss": float(np.mean(self.losses))}  # fmt: skip
        if self.data.counts["validation"]:
            entry["validation"] = validation_loss(self)
            if not np.isfinite(entry["validation"]):
                self.stopped, self.loss = True, entry["validation"]
                return entry
        self.losses = []
        self.history.append(entry)
        return entry

    def evaluate(self, part: str) -> dict[str, Any]:
        targets = self.data.targets.get(part)
        return evaluate(self.model, self.data.encoder, self.predict(part), targets)


def advance(device: Device, jobs: list[Job], steps: int) -> None:
    """At most `steps` steps of each, all at once, none past the end of its epoch."""
    going = [job for job in jobs if not job.done]
    asked = [{"run": job.name, "steps": min(steps, job.left_in_epoch(), job.total - job.step)} for job in going]
    answer, losses = device.ask("steps", runs=asked)
    for job, came in zip(going, answer["runs"], strict=True):
        count = came["step"] - job.step
        job.losses += losses[:count].tolist()
        losses = losses[count:]
        job.step, job.stopped = came["step"], came["stopped"]
        # JSON has no word for what is not finite: a rate of FP64 may be infinite in FP32, a loss may be anything.
        job.rate = float("inf") if came["rate"] is None else came["rate"]
        job.loss = float("nan") if came["loss"] is None else came["loss"]


def predict(device: Device, run: str, model: Model, part: str, count: int) -> Floats:
    """count x outputs, of a set on the device."""
    most = max(MOST_FLOATS // model.outputs, 1)
    some = [
        device.ask("predict", run=run, set=part, first=at, rows=min(most, count - at))[1]
        for at in range(0, count, most)
    ]
    return np.concatenate([np.empty(0, np.float32), *some]).reshape(count, model.outputs)


def probabilities(encoder: Encoder, outputs: Floats) -> NDArray[np.float64]:
    """n x classes, from what a network predicts."""
    p = outputs.astype(np.float64)
    if p.shape[1] == 1:
        return np.hstack([1 - p, p])
    return p / np.maximum(p.sum(axis=1, keepdims=True), 1e-300)


def validation_loss(job: Job) -> float:
    """The training loss, on the validation part. Probabilities are FP32: below 2^-126 they count as that."""
    outputs = job.predict("validation").astype(np.float64)
    if job.model.kind == "kmeans":
        return float(outputs.min(axis=1).mean())
    y = job.data.encoder.encode_targets(job.data.targets["validation"], job.model.outputs)
    if job.model.loss == "squared":
        return float((0.5 * (outputs - y) ** 2).sum(axis=1).mean())
    log = np.log(np.maximum(outputs, 2.0**-126))
    if job.model.loss == "logistic":
        log_not = np.log(np.maximum(1 - outputs, 2.0**-126))
        return float(-(y * log + (1 - y) * log_not).sum(axis=1).mean())
    return float(-(y * log).sum(axis=1).mean())


def evaluate(model: Model, encoder: Encoder, outputs: Floats, targets: NDArray | None) -> dict[str, Any]:
    """Metrics of predictions; in the target's own unit, where it is a number."""
    if model.kind == "kmeans":
        classes = targets if targets is not None and encoder.classes else None
        return metrics.clustering(outputs.argmin(axis=1), outputs.min(axis=1), classes)
    assert targets is not None
    if encoder.classes:
        return metrics.classification(targets, probabilities(encoder, outputs), encoder.classes)
    return metrics.regression(targets, outputs[:, 0].astype(np.float64) * encoder.scale + encoder.mean)
