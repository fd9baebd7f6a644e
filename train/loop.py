"""./ladder train: epochs, early stopping, checkpoints, and the bar that shows how it goes."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cli.console import err, say
from cli.errors import Failed, LadderError
from cli.paths import shown
from train import model_file
from train.device import Device
from train.job import Job, advance
from train.prepare import Prepared, Readable, fill, read
from train.settings import Settings, from_dict

Floats = NDArray[np.float32]
ANSWER_EVERY_S = 0.25  # how often the device is asked how far it is


class Interrupted(LadderError):
    status = 130


@dataclass
class Outcome:
    job: Job
    metrics: dict[str, Any]
    why: str  # it stopped
    seconds: float
    path: Path


def header(job: Job, **more: Any) -> dict[str, Any]:
    return {
        "settings": job.settings.json(),
        "model": job.model.json(),
        "encoder": job.data.encoder.json(),
        "data": {"sha256": job.data.fingerprint, "rows": job.data.counts},
        "step": job.step,
        "epoch_losses": job.losses,
        "history": job.history,
        **more,
    }


def checkpoint_path(path: Path) -> Path:
    return path.with_name(path.name + ".checkpoint")


class Trainer:
    """One run, from its first step or from a checkpoint's."""

    def __init__(self, device: Device, data: Prepared, out: Path) -> None:
        self.job = Job(device, "model", data.settings, data)
        self.out = out
        self.saved_at = 0  # the step of the last checkpoint
        self.best: tuple[float, int, Floats] | None = None  # validation loss, epoch, weights
        self.interrupted = False

    def resume(self, head: dict[str, Any], blocks: model_file.Blocks) -> None:
        job = self.job
        job.step, job.losses, job.history = head["step"], head["epoch_losses"], head["history"]
        self.saved_at = job.step
        if "best" in blocks:
            self.best = (head["best"]["loss"], head["best"]["epoch"], blocks["best"])
        job.begin(np.concatenate([blocks["weights"], blocks["state"]]))

    def checkpoint(self) -> None:
        memory = self.job.memory()
        count = self.job.model.weights
        blocks = {"weights": memory[:count], "state": memory[count:]}
        more = {}
        if self.best:
            blocks["best"] = self.best[2]
            more = {"best": {"loss": self.best[0], "epoch": self.best[1]}}
        model_file.save(checkpoint_path(self.out), header(self.job, complete=False, **more), blocks)
        self.saved_at = self.job.step

    def run(self) -> Outcome:
        """Trains to the end, and writes the model. Raises Failed where it diverges, Interrupted at Ctrl-C; both leave a
        checkpoint."""
        job, started = self.job, time.monotonic()
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            with _bar() as bar:
                task = bar.add_task("training", total=job.total, completed=job.step, loss="", rate="")
                why = self._loop(bar, task)
        finally:
            signal.signal(signal.SIGINT, before)
        seconds = time.monotonic() - started
        if not self._sound():
            self._diverged()
        self.checkpoint()  # --resume with more --epochs goes on from here
        if job.settings.patience and self.best:
            job.begin(self.best[2])
        part = next(p for p in ("test", "validation", "train") if job.data.counts[p])
        measured = {"part": part, **job.evaluate(part)}
        if not np.isfinite(measured.get("mse", 0)):
            self._diverged()
        model_file.save(self.out, header(job, complete=True, metrics=measured, why=why), {"weights": job.weights()})
        return Outcome(job, measured, why, seconds, self.out)

    def _loop(self, bar: Progress, task: Any) -> str:
        job, settings, steps = self.job, self.job.settings, 1
        if job.step == 0:
            self.checkpoint()  # so that a run that diverges at once has something to name
        while not job.done:
            asked, at = time.monotonic(), job.step
            advance(job.device, [job], steps)
            took = max(time.monotonic() - asked, 1e-6)
            if job.stopped:
                self._diverged()
            rate = (job.step - at) * settings.batch * settings.accumulate / took
            mean = np.mean(job.losses[-job.per_epoch :])
            bar.update(task, completed=job.step, loss=f"loss {mean:.4g}", rate=f"{rate:,.0f} samples/s")
            steps = max(1, min(2 * steps, int(steps * ANSWER_EVERY_S / took)))
            if job.step % job.per_epoch == 0 and (why := self._end_epoch()):
                return why
            if self.interrupted:
                self.checkpoint()
                path = shown(checkpoint_path(self.out))
                raise Interrupted(
                    f"interrupted after step {job.step}; ./ladder train --resume {path} goes on from there"
                )
        return f"all {settings.epochs} epochs are done"

    def _end_epoch(self) -> str:
        """Notes the epoch down; why to stop here, or ""."""
        job, settings = self.job, self.job.settings
        entry = job.end_epoch()
        if job.stopped:
            self._diverged()
        epoch = entry["epoch"]
        why = ""
        if settings.patience:
            loss = entry.get("validation", entry["loss"])
            if self.best is None or loss < self.best[0]:
                self.best = (loss, epoch, job.weights())
            elif epoch - self.best[1] >= settings.patience:
                why = f"epoch {epoch}: none better since epoch {self.best[1]}, whose weights are kept"
        if settings.stop_at is not None and entry["loss"] <= settings.stop_at:
            why = f"epoch {epoch}: the mean loss came down to {entry['loss']:.4g}"
        if epoch % settings.checkpoint_every == 0:
            self.checkpoint()
        return why

    def _sound(self) -> bool:
        return bool(np.isfinite(self.job.weights()).all())

    def _diverged(self) -> NoReturn:
        job = self.job
        if self._sound():  # the device stopped before it changed a weight
            self.checkpoint()
        raise Failed(
            f"diverged at step {job.step + 1}: loss {job.loss:g} or its gradient is not finite, at learning rate "
            f"{job.rate:g}; the last good checkpoint is {shown(checkpoint_path(self.out))}, after step "
            f"{self.saved_at}: use a smaller --lr, or --clip 1"
        )

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True


def _bar() -> Progress:
    columns = (
        TextColumn("  {task.description}"), BarColumn(bar_width=30), TaskProgressColumn(),
        TextColumn("{task.fields[loss]}"), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=err)


@dataclass
class Plan:
    """A run that can begin: everything that was asked for has been looked at, and no device is there yet."""

    data: Readable
    out: Path
    kept: tuple[dict[str, Any], model_file.Blocks] | None = None  # a checkpoint's header and blocks


def resumed(checkpoint: Path, given: dict[str, Any]) -> Plan:
    """To go on where the checkpoint stopped, with the same data; only `epochs` may be given anew."""
    head, blocks = model_file.load(checkpoint)
    if head["complete"]:
        raise LadderError(f"{checkpoint} is a finished model: its .checkpoint file goes on")
    if others := sorted(given.keys() - {"epochs"}):
        raise LadderError(
            f"--resume goes on with the settings of {checkpoint}: leave out --{others[0].replace('_', '-')}"
        )
    settings = from_dict(
        {k: v for k, v in head["settings"].items() if v is not None} | given, Settings(), str(checkpoint)
    )
    data = read(settings)
    if data.file.fingerprint() != head["data"]["sha256"]:
        raise LadderError(
            f"{settings.data} has changed since {checkpoint} was written: a resumed run needs the same data"
        )
    return Plan(data, checkpoint.with_name(checkpoint.name.removesuffix(".checkpoint")), (head, blocks))


def train(plan: Plan, device: Device) -> Outcome:
    data = fill(plan.data, device)
    if plan.kept is None:
        tell(data)
    trainer = Trainer(device, data, plan.out)
    if plan.kept is None:
        trainer.job.begin()
    else:
        trainer.resume(*plan.kept)
    return trainer.run()


def tell(data: Prepared) -> None:
    """What the data is taken for."""
    encoder, model = data.encoder, data.model
    kind = f"{len(encoder.classes)} classes" if encoder.classes else "a number" if encoder.target else "no target"
    rows = ", ".join(f"{count} {name}" for name, count in data.counts.items())
    say(f"  {rows}; {len(encoder.features)} columns, {encoder.width} inputs; {kind}; {model.weights} weights")
    for note in data.notes:
        say(f"  note: {note}")
