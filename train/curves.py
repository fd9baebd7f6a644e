"""./ladder curves: chapter 06's rungs on the user's data, from the same weights, in the same order; and what the batch
size does to a run."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.console import progress
from cli.errors import LadderError
from train.device import Device
from train.job import Job, advance, evaluate, predict
from train.prepare import Prepared, prepare
from train.settings import Settings

LOSSES = {"squared": 0, "logistic": 1, "softmax": 2}  # sgd::Loss
ACTIVATIONS = {"relu": 0, "sigmoid": 1, "tanh": 2, "gelu": 3}  # sgd::Activation
WORKERS, PERIOD = 4, 4  # of local SGD


@dataclass
class RungCurve:
    id: str
    title: str
    losses: NDArray[np.float32]  # of the first seed's steps
    final: list[float] = field(default_factory=list)  # the test part's metric, a seed each
    refused: str = ""

    def mean(self) -> float:
        return float(np.mean(self.final))

    def standard_error(self) -> float:
        return float(np.std(self.final, ddof=1) / np.sqrt(len(self.final))) if len(self.final) > 1 else float("nan")


def _shape(job: Job, problem: str) -> dict[str, Any] | None:
    """The problem's numbers for this run; None where the rung trains another kind of model."""
    model, s = job.model, job.settings
    hidden = model.widths[1:-1]
    shape = {"k": model.outputs, "batch": s.batch, "steps": job.total, "loss": LOSSES[model.loss], "lr": s.lr,
             "seed": s.seed}  # fmt: skip
    if problem == "mlp_sgd":
        if not hidden or len(set(hidden)) > 1:
            return None
        return shape | {"h": hidden[0], "layers": len(hidden), "act": ACTIVATIONS[model.activation]}
    if hidden:
        return None
    if problem == "local_sgd":  # as many samples a step, shared out
        return shape | {"batch": max(s.batch // WORKERS, 1), "workers": WORKERS, "period": PERIOD}
    return shape


def metric_of(measured: dict[str, Any]) -> tuple[str, float]:
    name = "accuracy" if "accuracy" in measured else "r2"
    return name, measured[name]


def of_rungs(settings: Settings, device: Device, seeds: int) -> tuple[str, list[RungCurve]]:
    """Plain SGD by every rung that can train this model, for each seed: the metric's name, and the curves."""
    curves: dict[str, RungCurve] = {}
    metric = ""
    with progress() as bar:
        task = bar.add_task("rungs", total=seeds * len(device.about["rungs"]))
        for seed in range(settings.seed, settings.seed + seeds):
            data = prepare(replace(settings, seed=seed), device)
            job = Job(device, "rung", data.settings, data)
            if job.model.kind != "network" or not data.counts["test"]:
                raise LadderError(
                    "rungs train --model linear, logistic, softmax or mlp:16,16, and are judged on a --test part"
                )
            for rung in device.about["rungs"]:
                bar.advance(task)
                shape = _shape(job, rung["problem"])
                if shape is None:
                    continue
                curve = curves.setdefault(rung["id"], RungCurve(rung["id"], rung["title"], np.empty(0, np.float32)))
                metric = _run(job, data, rung["id"], shape, curve)
    if not curves:
        raise LadderError("no rung trains this model: hidden layers must be equally wide, mlp:16,16")
    return metric, list(curves.values())


def _run(job: Job, data: Prepared, rung: str, shape: dict[str, Any], curve: RungCurve) -> str:
    first = job.model.initial(job.settings.seed)
    answer, floats = job.device.ask("rung", first, rung=rung, set="train", shape=shape)
    if "refused" in answer:
        curve.refused = answer["refused"]
        return ""
    weights, losses = floats[: first.size], floats[first.size :]
    if not curve.losses.size:
        curve.losses = losses
    job.device.ask("run", weights, run=job.name, spec={"model": job.model.json()})
    outputs = predict(job.device, job.name, job.model, "test", data.counts["test"])
    name, value = metric_of(evaluate(job.model, data.encoder, outputs, data.targets["test"]))
    curve.final.append(value)
    return name


@dataclass
class BatchCurve:
    batch: int
    history: list[dict[str, Any]]
    samples_per_s: float | None  # None where nothing may be timed: on simt


def of_batches(settings: Settings, device: Device, batches: list[int]) -> list[BatchCurve]:
    """The same run with other batch sizes, the learning rate the same."""
    data, curves = prepare(settings, device), []
    with progress() as bar:
        task = bar.add_task("batches", total=len(batches))
        for batch in batches:
            if batch > data.counts["train"]:
                raise LadderError(f"--batches {batch}: there are only {data.counts['train']} rows to train on")
            job = Job(device, f"batch {batch}", replace(settings, batch=batch, accumulate=1), data)
            job.begin()
            spent = 0.0
            while not job.done:
                began = time.perf_counter()
                advance(device, [job], job.per_epoch)
                spent += time.perf_counter() - began
                if not job.stopped and job.step % job.per_epoch == 0:
                    job.end_epoch()
            device.ask("drop", run=job.name)
            timed = device.about["kind"] == "gpu"
            curves.append(BatchCurve(batch, job.history, job.step * batch / spent if timed else None))
            bar.advance(task)
    return curves
