"""From a file to data sets on the device."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError
from train import source, table
from train.device import Device
from train.model import Model, make_model
from train.settings import Settings
from train.table import DROPPED, TEST, TRAIN, VALIDATION, Encoder

Floats = NDArray[np.float32]
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
START_ROWS = 10_000  # from which k-means draws its first centres
HOST_BYTES = 27  # a row, while the rows are split: two row numbers, the target, its part, whether it can be used


@dataclass
class Readable:
    """Data that has been read once and can be used, before any device is there."""

    settings: Settings
    file: source.Source
    scanned: table.Scan
    parts: NDArray[np.uint8]  # of each row
    encoder: Encoder
    model: Model
    counts: dict[str, int]  # rows of each part


@dataclass
class Prepared:
    """What a run needs to know of its data. The rows are on the device, in sets named as PARTS."""

    settings: Settings
    encoder: Encoder
    model: Model
    fingerprint: str
    targets: dict[str, NDArray]  # of each part: classes' indices or numbers; empty without a target
    counts: dict[str, int]
    start: Floats  # some training rows
    notes: list[str]


def prepare(settings: Settings, device: Device) -> Prepared:
    return fill(read(settings), device)


def read(settings: Settings) -> Readable:
    """Reads, cleans and splits. Raises LadderError for data that cannot be used, or not with these settings."""
    if settings.data is None:
        raise LadderError("name the data: --data FILE.csv")
    if not settings.model:
        raise LadderError("name the model: --model linear, logistic, softmax, mlp:64,32 or kmeans:8")
    file = source.open_source(settings.data, settings.labels)
    clusters = settings.model.startswith("kmeans")
    target = None if clusters and settings.target is None else source.find_target(file, settings.target)
    for name in (*settings.categorical, *settings.leave_out):
        source.find_target(file, name)
    scanned = table.scan(file, target, settings.task, settings.missing, settings.categorical, settings.leave_out)
    parts = table.split(scanned, settings.validation, settings.test, settings.seed)
    counts = {name: int((parts == part).sum()) for name, part in PARTS.items()}
    encoder = table.fit(scanned, parts)
    model = make_model(settings, encoder)
    needed = settings.batch * settings.accumulate
    if counts["train"] < needed:
        raise LadderError(f"{counts['train']} rows to train on, and a step takes {needed}: use a smaller --batch")
    if model.kind == "kmeans" and (start := min(counts["train"], START_ROWS)) < model.outputs:
        raise LadderError(f"{model.outputs} centres and {start} samples to draw them from: use fewer centres")
    return Readable(settings, file, scanned, parts, encoder, model, counts)


def fill(data: Readable, device: Device) -> Prepared:
    """Encodes the rows, and sends them to the device."""
    file, scanned, parts, encoder, model = data.file, data.scanned, data.parts, data.encoder, data.model
    outputs = 0 if model.kind == "kmeans" else model.outputs
    _check_memory(device, sum(data.counts.values()), encoder.width + outputs)
    notes = list(scanned.notes)
    if len(parts) * len(file.columns) > source.CHUNK_CELLS:
        notes.append(_memory(len(parts), len(file.columns), encoder.width + outputs))
    start = _send(device, data, outputs)
    known = encoder.target is not None
    targets = {name: scanned.targets[parts == part] for name, part in PARTS.items()} if known else {}
    return Prepared(data.settings, encoder, model, file.fingerprint(), targets, data.counts, start, notes)


def _memory(rows: int, columns: int, width: int) -> str:
    chunk = max(source.CHUNK_CELLS // columns, 1)
    return (
        f"{rows} rows, streamed {chunk} at a time: at most {HOST_BYTES * rows / 1e6:.0f} MB and one chunk on the host, "
        f"{4 * rows * width / 1e6:.0f} MB on the device"
    )


def _check_memory(device: Device, rows: int, width: int) -> None:
    needed, free = 4 * rows * width, device.about["free_bytes"]
    if needed > free:
        raise LadderError(
            f"{rows} rows of {width} numbers need {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free"
        )
    if rows >= 2**31:
        raise LadderError(f"{rows} rows: at most {2**31 - 1} are possible")


def _send(device: Device, data: Readable, outputs: int) -> Floats:
    """Fills the sets, chunk by chunk; returns START_ROWS training rows, drawn by the seed (or all)."""
    scanned, encoder, parts, counts = data.scanned, data.encoder, data.parts, data.counts
    for name, count in counts.items():
        device.ask("set", set=name, rows=count, features=encoder.width, targets=outputs)
    drawn = np.random.default_rng([data.settings.seed, 3]).permutation(counts["train"])[:START_ROWS]
    is_drawn = np.zeros(counts["train"], bool)
    is_drawn[drawn] = True
    targets = scanned.targets[parts != DROPPED] if outputs else np.empty(0)
    start, at, trained = [], 0, 0
    for part, x in table.encoded(scanned, encoder, parts):
        for name, code in PARTS.items():
            rows = part == code
            if not rows.any():
                continue
            y = encoder.encode_targets(targets[at : at + len(part)][rows], outputs) if outputs else np.empty(0, "f4")
            device.ask("append", np.concatenate([x[rows].ravel(), y.ravel()]), set=name, rows=int(rows.sum()))
        train = x[part == TRAIN]
        start.append(train[is_drawn[trained : trained + len(train)]])
        trained += len(train)
        at += len(part)
    return np.concatenate(start)
