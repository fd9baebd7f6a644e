"""./ladder curves: chapter 06's rungs on the user's data, from the same weights, in the same order; and what the batch
size does to a run."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cli.console import progress
from cli.errors import LadderError, unknown
from cli.paths import CHAPTERS
from train.device import Device
from train.job import Job, advance, evaluate, predict
from train.prepare import Prepared, Readable, fill, read
from train.settings import Settings

LOSSES = {"squared": 0, "logistic": 1, "softmax": 2}  # sgd::Loss
ACTIVATIONS = {"relu": 0, "sigmoid": 1, "tanh": 2, "gelu": 3}  # sgd::Activation
WORKERS, PERIOD = 4, 4  # of local SGD
HOGS = 16  # Hogwild!'s workers
STRETCHES = 8  # Hogwild! knows its loss only at its end: shorter runs show the way there


@dataclass
class RungCurve:
    id: str
    title: str
    window: int  # as many losses as are of about all samples: an epoch's, or one of Hogwild!'s
    refused: str = ""
    # Of the first seed: after how many steps (Hogwild!: batches' worth of samples) which loss, and in what time.
    steps: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # empty for kernels on simt, which are not timed
    final: list[float] = field(default_factory=list)  # the test part's metric, a seed each

    def last_loss(self) -> float:
        return float(np.mean(self.losses[-self.window :]))

    def reaches(self, loss: float) -> int | None:
        """The place in `steps` where the mean over about all samples is as low as this."""
        window = min(self.window, len(self.losses))
        means = np.convolve(self.losses, np.full(window, 1 / window), "valid")
        low = np.flatnonzero(means <= loss)
        return int(low[0]) + window - 1 if low.size else None

    def mean(self) -> float:
        return float(np.mean(self.final))

    def standard_error(self) -> float:
        return float(np.std(self.final, ddof=1) / np.sqrt(len(self.final))) if len(self.final) > 1 else float("nan")


def shape_of(job: Job, problem: str) -> dict[str, Any] | None:
    """The problem's numbers for this run; None where the rung trains another kind of model."""
    model, s = job.model, job.settings
    hidden = model.widths[1:-1]
    if problem == "hogwild":  # an update a sample: each moves the weights as far as it does in a batch
        if hidden or model.outputs > 1 or model.loss != "squared":
            return None
        visits = max(job.total * s.batch, STRETCHES * 2)
        return {"visits": visits, "workers": HOGS, "lr": s.lr / s.batch, "seed": s.seed}
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


def read_for_rungs(settings: Settings) -> Readable:
    data = read(settings)
    if data.model.kind != "network" or not data.counts["test"]:
        raise LadderError("rungs train --model linear, logistic, softmax or mlp:16,16, and are judged on a --test part")
    if len(set(data.model.widths[1:-1])) > 1:
        raise LadderError("no rung trains this model: hidden layers must be equally wide, mlp:16,16")
    return data


def of_rungs(first: Readable, device: Device, seeds: int) -> tuple[str, list[RungCurve], list[str]]:
    """Plain SGD by every rung that can train this model, for each seed: the metric's name, the curves, the reference's
    first, and the rungs that are for other models."""
    settings = first.settings
    curves: dict[str, RungCurve] = {}
    metric, others = "", []
    with progress() as bar:
        task = bar.add_task("rungs", total=seeds * len(device.about["rungs"]))
        for seed in range(settings.seed, settings.seed + seeds):
            data = fill(first if seed == settings.seed else read(replace(settings, seed=seed)), device)
            job = Job(device, "rung", data.settings, data)
            for rung in device.about["rungs"]:
                bar.advance(task)
                shape = shape_of(job, rung["problem"])
                if shape is None:
                    others += [rung["id"]] if seed == settings.seed else []
                    continue
                window = 1 if rung["problem"] == "hogwild" else job.per_epoch
                curve = curves.setdefault(rung["id"], RungCurve(rung["id"], rung["title"], window))
                metric = run_rung(job, data, shape, curve) or metric
    return metric, list(curves.values()), others


def run_rung(job: Job, data: Prepared, shape: dict[str, Any], curve: RungCurve) -> str:
    """Trains, and notes down how that went; the metric's name, or "" where the rung refuses."""
    first, batch = job.model.initial(job.settings.seed), job.settings.batch
    runs = [shape]
    if "visits" in shape and not curve.losses:
        runs = [shape | {"visits": shape["visits"] * i // STRETCHES} for i in range(1, STRETCHES + 1)]
    is_first = not curve.losses
    for run in runs:
        answer, floats = job.device.ask("rung", first, rung=curve.id, set="train", shape=run)
        if "refused" in answer:
            curve.refused = answer["refused"]
            return ""
        losses = floats[first.size :].tolist()
        if is_first:
            steps = [run["visits"] / batch] if "visits" in run else list(range(1, len(losses) + 1))
            curve.losses += losses
            curve.steps += steps
            if answer["seconds"] is not None:
                curve.seconds += [answer["seconds"] * step / steps[-1] for step in steps]
    job.device.ask("run", floats[: first.size], run=job.name, spec={"model": job.model.json()})
    outputs = predict(job.device, job.name, job.model, "test", data.counts["test"])
    name, value = metric_of(evaluate(job.model, data.encoder, outputs, data.targets["test"]))
    curve.final.append(value)
    return name


@dataclass
class BatchCurve:
    batch: int
    history: list[dict[str, Any]]
    samples_per_s: float | None  # None where nothing may be timed: kernels on simt


def named_rung(device: Device, name: str) -> dict[str, Any]:
    """A rung by its id, or by the part of it behind the chapter."""
    rungs = [r for r in device.about["rungs"] if r["problem"] != "hogwild"]  # has no batches
    for rung in rungs:
        if name in (rung["id"], rung["id"].rpartition("/")[2]):
            return rung
    names = ", ".join(r["id"].rpartition("/")[2] for r in rungs)
    raise LadderError(f"--by {name}: no rung that trains in batches is called that; there are {names}")


def read_for_batches(settings: Settings, batches: list[int], by: str | None) -> Readable:
    """by: the name of a rung, which must at least be a file of chapter 06."""
    data = read(replace(settings, batch=1, accumulate=1))  # each run has its own
    if (most := max(batches)) > data.counts["train"]:
        raise LadderError(f"--batches {most}: there are only {data.counts['train']} rows to train on")
    names = [file.stem for file in CHAPTERS.glob("06-minibatch-sgd/[0-9]*")]
    if by and by.removeprefix("06-minibatch-sgd/") not in names:
        raise unknown("rung of chapter 06", by, names, "./ladder list 06-minibatch-sgd")
    if by and data.model.kind != "network":
        raise LadderError(f"--by {by}: it trains another kind of model than --model {settings.model}")
    return data


def of_batches(
    chosen: Readable, device: Device, batches: list[int], rung: dict[str, Any] | None = None
) -> list[BatchCurve]:
    """The same run with other batch sizes, the learning rate the same: by the pipeline, or by a rung of chapter 06."""
    data = fill(chosen, device)
    jobs = [Job(device, f"batch {b}", replace(chosen.settings, batch=b, accumulate=1), data) for b in batches]
    if rung and shape_of(jobs[0], rung["problem"]) is None:
        raise LadderError(f"--by {rung['id']}: it trains another kind of model than --model {chosen.settings.model}")
    curves = []
    with progress() as bar:
        for job in bar.track(jobs, description="batches"):
            curves.append(_batch_by_rung(job, rung) if rung else _batch_by_pipeline(job))
    return curves


def _batch_by_pipeline(job: Job) -> BatchCurve:
    job.begin()
    spent, counted = 0.0, 0
    while not job.done:
        before, began = job.step, time.perf_counter()
        advance(job.device, [job], job.per_epoch)
        if before > 0 or job.done:  # the first epoch also loads the kernels and records the graph
            spent += time.perf_counter() - began
            counted += job.step - before
        if not job.stopped and job.step % job.per_epoch == 0:
            job.end_epoch()
    job.device.ask("drop", run=job.name)
    timed = job.device.about["kind"] == "gpu"
    batch = job.settings.batch
    return BatchCurve(batch, job.history, counted * batch / spent if timed else None)


def _batch_by_rung(job: Job, rung: dict[str, Any]) -> BatchCurve:
    shape = shape_of(job, rung["problem"])
    first, batch = job.model.initial(job.settings.seed), job.settings.batch
    answer, floats = job.device.ask("rung", first, rung=rung["id"], set="train", shape=shape)
    if "refused" in answer:
        raise LadderError(f"--by {rung['id']}: refused with a batch of {batch}: {answer['refused']}")
    epochs = np.reshape(floats[first.size :], (-1, job.per_epoch)).mean(axis=1)
    history = [{"epoch": e, "step": e * job.per_epoch, "loss": float(loss)} for e, loss in enumerate(epochs, 1)]
    timed = answer["seconds"] is not None
    return BatchCurve(batch, history, batch * job.total / answer["seconds"] if timed else None)
