"""./ladder tune: several models at once on one device, chosen by their loss on the validation part."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.console import progress, say
from cli.errors import LadderError
from train import model_file
from train.device import Device
from train.job import Job, advance
from train.loop import header, tell
from train.model import Model, make_model
from train.prepare import Readable, fill, read
from train.settings import Settings, from_dict

Floats = NDArray[np.float32]

# What a model is, and how it is trained. The data and its split stay as they are, or losses could not be compared.
TUNABLE = (
    "model", "activation", "optimizer", "lr", "momentum", "beta2", "decay", "schedule", "step_every", "factor",
    "warmup", "clip", "batch", "accumulate", "epochs",
)  # fmt: skip


@dataclass
class Trial:
    changes: dict[str, Any]
    job: Job
    weights: Floats | None = None  # in the end

    @property
    def loss(self) -> float:
        """Of the validation part, after the last epoch; infinite where the run diverged."""
        return math.inf if self.job.stopped or not self.job.history else self.job.history[-1]["validation"]


def grid(given: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination."""
    for values in itertools.product(*given.values()):
        yield dict(zip(given, values, strict=True))


def draws(given: dict[str, list[Any]], count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Random ones: of ["log", low, high] or ["uniform", low, high] a number, of any other list one of its values."""
    rng = np.random.default_rng([seed, 4])
    for _ in range(count):
        yield {key: _draw(values, rng) for key, values in given.items()}


def _draw(values: list[Any], rng: np.random.Generator) -> Any:
    if len(values) == 3 and values[0] in ("log", "uniform"):
        low, high = map(float, values[1:])
        if values[0] == "log":
            return float(math.exp(rng.uniform(math.log(low), math.log(high))))
        return float(rng.uniform(low, high))
    return values[int(rng.integers(len(values)))]


def space(words: list[str], config: dict[str, Any]) -> dict[str, list[Any]]:
    """From --try lr=0.1,0.01 (or lr=log:1e-4:1), and a configuration's [tune] table of lists."""
    given: dict[str, list[Any]] = {}
    for key, values in config.items():
        given[key.replace("-", "_")] = values if isinstance(values, list) else [values]
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not text:
            raise LadderError(f"--try {word!r}: write --try lr=0.1,0.01 or --try lr=log:1e-4:1")
        # A model's own commas would split it: its widths are joined by x here.
        parts = text.split(":") if text.startswith(("log:", "uniform:")) else text.split(",")
        given[key.replace("-", "_")] = [_value(p) for p in parts]
    if not given:
        raise LadderError("say what to try: --try lr=0.1,0.01,0.001, for example")
    for key, values in given.items():
        if key not in TUNABLE:
            raise LadderError(f"--try {key}: only {', '.join(TUNABLE)} can be tried")
        if not values:
            raise LadderError(f"[tune] {key} = []: list the values to try")
        if key == "model":
            given[key] = [str(v).replace("x", ",") for v in values]
        elif values[0] in ("log", "uniform") and not _is_range(values):
            raise LadderError(
                f"--try {key}={':'.join(map(str, values))}: write {values[0]}:LOW:HIGH with 0 < LOW < HIGH"
            )
    return given


def _is_range(values: list[Any]) -> bool:
    return len(values) == 3 and all(isinstance(v, int | float) for v in values[1:]) and 0 < values[1] < values[2]


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@dataclass
class Plan:
    """What to try, when all of it has been looked at: the changes, with what they make of settings and model."""

    data: Readable
    tried: list[tuple[dict[str, Any], Settings, Model]]


def plan(settings: Settings, tried: list[dict[str, Any]]) -> Plan:
    data = read(settings)
    if not data.counts["validation"]:
        raise LadderError("tuning chooses by the validation part: give it a share, --validation 0.2")
    return Plan(data, [(changes, *_changed(data, changes)) for changes in tried])


def tune(planned: Plan, device: Device, at_once: int, out: Path) -> list[Trial]:
    """All trials, best first; the best one is written to `out`, with its metrics on the test part."""
    data = fill(planned.data, device)
    tell(data)
    trials = [
        Trial(changes, Job(device, f"trial {i}", settings, replace(data, settings=settings, model=model)))
        for i, (changes, settings, model) in enumerate(planned.tried)
    ]
    with progress() as bar:
        task = bar.add_task("tuning", total=sum(t.job.total for t in trials))
        waiting, going = list(trials), []
        while waiting or going:
            while waiting and len(going) < at_once:
                going.append(waiting.pop(0))
                going[-1].job.begin()
            for _ in range(8):  # asking costs: a few steps at a time
                steps = min(t.job.left_in_epoch() for t in going)
                advance(device, [t.job for t in going], steps)
                for trial in going:
                    if not trial.job.stopped and trial.job.step % trial.job.per_epoch == 0:
                        trial.job.end_epoch()
                if any(t.job.done for t in going):
                    break
            for trial in [t for t in going if t.job.done]:
                going.remove(trial)
                trial.weights = trial.job.weights()
                device.ask("drop", run=trial.job.name)
            bar.update(task, completed=sum(t.job.step if not t.job.stopped else t.job.total for t in trials))
    trials.sort(key=lambda t: t.loss)
    if trials[0].loss == math.inf:
        raise LadderError("every trial diverged: try smaller learning rates")
    _save(trials[0], out)
    return trials


def _changed(data: Readable, changes: dict[str, Any]) -> tuple[Settings, Model]:
    settings = from_dict(changes, data.settings, "--try")
    if settings.batch * settings.accumulate > data.counts["train"]:
        raise LadderError(f"--try batch={settings.batch}: there are only {data.counts['train']} rows to train on")
    model = make_model(settings, data.encoder)
    if model.outputs != data.model.outputs or model.kind != data.model.kind:
        raise LadderError(f"--try model={settings.model}: its outputs are not those of {data.settings.model}")
    return settings, model


def _save(best: Trial, out: Path) -> None:
    job = best.job
    job.begin(best.weights)
    part = "test" if job.data.counts["test"] else "validation"
    measured = {"part": part, **job.evaluate(part)}
    model_file.save(out, header(job, complete=True, metrics=measured, why="tuned"), {"weights": job.weights()})
    say(f"  best on the validation part: {best.changes}")
