"""./ladder predict, and the rows that ./ladder serve is asked for."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError
from train import model_file, source, table
from train.device import Device
from train.job import evaluate, probabilities
from train.model import Model
from train.source import Chunk, Source
from train.table import Encoder

RUN = "model"
Floats = NDArray[np.float32]


@dataclass
class Predictor:
    """A model from its file; it predicts when it is on a device."""

    path: Path
    model: Model
    encoder: Encoder
    head: dict[str, Any]
    weights: Floats
    device: Device = field(init=False)

    @staticmethod
    def load(path: Path) -> "Predictor":
        head, blocks = model_file.load(path)
        with model_file.understood(path):
            model, encoder, weights = (
                Model.from_json(head["model"]),
                Encoder.from_json(head["encoder"]),
                blocks["weights"],
            )
        return Predictor(path, model, encoder, head, weights)

    def on(self, device: Device) -> Self:
        device.ask("run", self.weights, run=RUN, spec={"model": self.model.json()})
        self.device = device
        return self

    def open_source(self, data: Path, labels: Path | None) -> Source:
        """A file with the columns that the model was trained with."""
        file = source.open_source(data, labels)
        self.require_columns(file.columns, str(data))
        return file

    def outputs(self, x: Floats) -> Floats:
        """rows x outputs, for encoded rows."""
        return self.device.ask("predict", x.ravel(), run=RUN, rows=len(x))[1].reshape(len(x), self.model.outputs)

    def require_columns(self, names: list[str], what: str) -> None:
        missing = [f.name for f in self.encoder.features if f.name not in names]
        if missing:
            raise LadderError(f"{what} has no column {missing[0]!r}, which {self.path} was trained with")

    def columns(self) -> list[str]:
        """Of an answer."""
        if self.model.kind == "kmeans":
            return ["cluster", "distance"]
        return ["prediction", *(f"p({c})" for c in self.encoder.classes)]

    def answers(self, outputs: Floats) -> list[list[Any]]:
        """A row of columns() for each row of outputs."""
        if self.model.kind == "kmeans":
            far = np.sqrt(outputs.min(axis=1).astype(float))
            return [[int(c), float(f)] for c, f in zip(outputs.argmin(axis=1), far, strict=True)]
        if self.encoder.classes:
            p = probabilities(self.encoder, outputs)
            best = p.argmax(axis=1)
            return [[self.encoder.classes[c], *row] for c, row in zip(best.tolist(), p.tolist(), strict=True)]
        return [[v] for v in (outputs[:, 0].astype(float) * self.encoder.scale + self.encoder.mean).tolist()]


def predict_file(predictor: Predictor, file: Source) -> Iterator[tuple[list[list[Any]], dict[str, Any] | None]]:
    """Chunk by chunk: answers, under a first row of columns; last of all metrics, where the file has the target too."""
    target = predictor.encoder.target
    known = target is not None and target in file.columns
    outputs, targets = [], []
    places = {c: i for i, c in enumerate(predictor.encoder.classes)}
    head = [predictor.columns()]
    for chunk in file.chunks():
        try:
            x = predictor.encoder.encode(chunk)
        except table.BadValue as error:
            raise LadderError(f"{file.path}, {error}: mend it, or leave it empty") from None
        got = predictor.outputs(x)
        yield head + predictor.answers(got), None
        head = []
        if known and target is not None:
            words = table.texts(chunk.columns[target])
            if places:
                targets.append(np.array([places.get(w, -1) for w in words]))
            else:
                targets.append(table.numbers(chunk.columns[target]))
            outputs.append(got)
    if not known:
        return
    truth, every = np.concatenate(targets), np.concatenate(outputs)
    usable = truth >= 0 if places else np.isfinite(truth)
    if usable.any():
        yield [], evaluate(predictor.model, predictor.encoder, every[usable], truth[usable])


def as_csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def chunk_of(rows: list[dict[str, Any]], encoder: Encoder) -> Chunk:
    """Rows as JSON has them: {column: number, text or null}. Raises BadValue, naming row 1, 2, …"""
    columns: dict[str, list[str] | NDArray] = {}
    for feature in encoder.features:
        values = []
        for number, row in enumerate(rows, 1):
            if feature.name not in row:
                raise table.BadValue(f"row {number} has no {feature.name!r}: null says that a value is missing")
            value = row[feature.name]
            if isinstance(value, bool | list | dict):
                raise table.BadValue(f"row {number}: {feature.name!r} must be a number, a text or null")
            values.append("" if value is None else f"{value!r}" if isinstance(value, float) else str(value))
        columns[feature.name] = values
    return Chunk(columns, np.arange(1, len(rows) + 1))
