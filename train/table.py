"""From a file's columns to numbers: what each column is, which rows are kept and for what, and how they are encoded.

The file is read three times, in chunks: to see what its columns are (scan), for the statistics of its training part
(fit), and to encode it. What stays on the host is two bytes and a number a row; the encoded rows go to the device."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError
from train.settings import Missing, Task
from train.source import Chunk, Source

Column = list[str] | NDArray
Numbers = NDArray[np.float64]
Floats = NDArray[np.float32]

MISSING = frozenset(["", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "-nan", "NULL", "null", "None", "?"])
MOST_CATEGORIES = 1000
MOST_CLASSES = 1000
LARGEST = 1e150  # squares of smaller numbers, and their sums, are finite in FP64
TRAIN, VALIDATION, TEST, DROPPED = 0, 1, 2, 255  # the parts


def numbers(values: Column) -> Numbers:
    """As FP64, NaN where a value is missing. Raises ValueError for text."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float64)
    return np.array([math.nan if v in MISSING else float(v) for v in map(str.strip, values)])


def texts(values: Column) -> list[str]:
    """Without the spaces around them; "" where a value is missing."""
    if isinstance(values, np.ndarray):
        return ["" if v != v else f"{v:g}" if isinstance(v, float) else str(v) for v in values.tolist()]
    return ["" if v in MISSING else v for v in map(str.strip, values)]


@dataclass
class _Seen:
    """What a column held so far."""

    numbers: int = 0
    texts: int = 0
    missing: int = 0
    first_text: tuple[int, str] = (0, "")
    infinite: int = 0  # the line of the first number over LARGEST

    def add(self, values: Column, lines: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of them are missing."""
        try:
            numeric = numbers(values)
            text = np.zeros(len(numeric), bool)
        except ValueError:
            words = texts(values)
            text = np.array([not _is_number(w) for w in words])
            numeric = np.array([math.nan if t else float(w or "nan") for w, t in zip(words, text, strict=True)])
            if not self.texts:
                at = int(np.argmax(text))
                self.first_text = int(lines[at]), words[at]
        missing = np.isnan(numeric) & ~text
        infinite = abs(numeric) > LARGEST
        if infinite.any() and not self.infinite:
            self.infinite = int(lines[np.argmax(infinite)])
        self.texts += int(text.sum())
        self.missing += int(missing.sum())
        self.numbers += len(text) - int(text.sum()) - int(missing.sum())
        return missing


def _is_number(word: str) -> bool:
    try:
        float(word or "nan")
        return True
    except ValueError:
        return False


@dataclass
class Scan:
    """What a file holds: kinds of its features' columns, and for every row its target, and whether it can be used."""

    source: Source
    target: str | None
    kinds: dict[str, Literal["number", "category"]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)  # empty: the target is a number
    targets: NDArray = field(default_factory=lambda: np.empty(0))  # a class's index, or the number
    usable: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    notes: list[str] = field(default_factory=list)


def scan(
    source: Source,
    target: str | None,
    task: Task = Task.auto,
    missing: Missing = Missing.impute,
    categorical: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
) -> Scan:
    """Looks at all of the file. Raises LadderError for what cannot be trained on, with the line it stands in."""
    result = Scan(source, target)
    features = [c for c in source.columns if c != target and c not in leave_out]
    if not features:
        raise LadderError(f"{source.path}: beside the target there is no column to learn from")
    seen = {name: _Seen() for name in features}
    of_target = _Seen()
    known: dict[str, int] = {}
    codes, values, usable = [], [], []
    for chunk in source.chunks():
        keep = np.ones(len(chunk), bool)
        for name in features:
            gone = seen[name].add(chunk.columns[name], chunk.lines)
            if missing == Missing.drop:
                keep &= ~gone
        if target is not None:
            column = chunk.columns[target]
            keep &= ~of_target.add(column, chunk.lines)
            if task != Task.regress and len(known) <= MOST_CLASSES:
                codes.append(np.array([known.setdefault(w, len(known)) for w in texts(column)], np.int32))
            if task != Task.classify and not of_target.texts:
                values.append(numbers(column))
        usable.append(keep)
    result.usable = np.concatenate(usable)
    for name in features:
        result.kinds[name] = _kind(source, name, seen[name], name in categorical)
    if lost := int((~result.usable).sum()):
        result.notes.append(f"{lost} of {len(result.usable)} rows lack a value and are left out")
    filled = sum(s.missing for s in seen.values())
    if missing == Missing.impute and filled:
        result.notes.append(f"{filled} missing values are filled in: the mean, or the most frequent category")
    if not result.usable.any():
        raise LadderError(f"{source.path}: no row is left: every one lacks a value; --missing impute fills them in")
    if target is not None:
        _settle_target(result, of_target, task, known, codes, values)
    return result


def _kind(source: Source, name: str, seen: _Seen, categorical: bool) -> Literal["number", "category"]:
    line, word = seen.first_text
    if categorical or (seen.texts and seen.numbers < seen.texts):
        return "category"
    if seen.texts:
        raise LadderError(
            f"{source.path}, line {line}: {word[:40]!r} is text in the numeric column {name!r}: mend it, "
            f"or give --categorical {name!r}, or --leave-out {name!r}"
        )
    if seen.infinite:
        raise LadderError(
            f"{source.path}, line {seen.infinite}: infinity in column {name!r}, or over {LARGEST:g}: "
            "mend it or leave it empty"
        )
    if not seen.numbers:
        raise LadderError(f"{source.path}: column {name!r} has no value at all: give --leave-out {name!r}")
    return "number"


def _settle_target(
    result: Scan, seen: _Seen, task: Task, known: dict[str, int], codes: list[NDArray], values: list[NDArray]
) -> None:
    path, name = result.source.path, result.target
    line, word = seen.first_text
    if seen.infinite:
        raise LadderError(
            f"{path}, line {seen.infinite}: infinity in the target {name!r}, or over {LARGEST:g}: mend it"
        )
    if seen.texts and (task == Task.regress or len(known) > MOST_CLASSES):
        raise LadderError(f"{path}, line {line}: {word[:40]!r} is text, and the target of a regression is a number")
    words = [w for w in known if w]
    whole = not seen.texts and all(float(w).is_integer() for w in words)
    if task == Task.classify or seen.texts or (task == Task.auto and whole and len(words) <= 20):
        if len(words) > MOST_CLASSES:
            raise LadderError(f"{path}: the target {name!r} has over {MOST_CLASSES} classes: is it --task regress?")
        if len(words) < 2:
            raise LadderError(
                f"{path}: the target {name!r} is {words[0]!r} in every row: there is nothing to tell apart"
            )
        result.classes = sorted(words, key=(lambda w: w) if seen.texts else float)
        place = {w: i for i, w in enumerate(result.classes)}
        order = np.array([place.get(w, -1) for w in known], np.int32)
        result.targets = order[np.concatenate(codes)]
    else:
        result.targets = np.concatenate(values)
        kept = result.targets[result.usable]
        if (kept == kept[0]).all():
            raise LadderError(f"{path}: the target {name!r} is {kept[0]:g} in every row: there is nothing to learn")


def split(scanned: Scan, validation: float, test: float, seed: int) -> NDArray[np.uint8]:
    """The part of every row: shuffled by the seed, and by class, so that every part has its share of each."""
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise LadderError("--validation and --test are shares of the rows, and must leave some to train on")
    parts = np.full(len(scanned.usable), DROPPED, np.uint8)
    rng = np.random.default_rng(seed)
    taken = np.zeros(2)  # so that the rounding of one class evens out that of the next
    wanted = np.zeros(2)
    for c in range(max(len(scanned.classes), 1)):
        rows = np.flatnonzero(scanned.usable & (scanned.targets == c) if scanned.classes else scanned.usable)
        mixed = rng.permutation(rows)
        wanted += np.array([validation, test]) * len(rows)
        held, tested = np.clip(np.rint(wanted - taken), 0, None).astype(int)
        held, tested = min(held, len(rows) - 1), min(tested, max(len(rows) - 1 - held, 0))
        taken += held, tested
        parts[mixed] = TRAIN
        parts[mixed[:held]] = VALIDATION
        parts[mixed[held : held + tested]] = TEST
    count = int((parts == TRAIN).sum())
    if scanned.classes and count < 2 * len(scanned.classes):
        raise LadderError(
            f"{len(scanned.classes)} classes and {count} rows to train on: at least two of each are needed: is the "
            "--target the right one, or is it a number (--task regress)?"
        )
    return parts


@dataclass
class Feature:
    """A column as the model takes it: one standardised number, or one number for each category."""

    name: str
    kind: Literal["number", "category"]
    mean: float = 0.0  # of the training part; fills in what is missing
    scale: float = 1.0  # its standard deviation
    categories: list[str] = field(default_factory=list)
    fill: str = ""  # the most frequent one

    @property
    def width(self) -> int:
        return len(self.categories) if self.kind == "category" else 1


class BadValue(LadderError):
    """A row that cannot be encoded."""


@dataclass
class Encoder:
    """Everything that is needed to turn rows into the model's inputs, and targets into its outputs."""

    features: list[Feature]
    target: str | None = None
    classes: list[str] = field(default_factory=list)
    mean: float = 0.0  # of a numeric target
    scale: float = 1.0

    @property
    def width(self) -> int:
        return sum(f.width for f in self.features)

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Encoder":
        return Encoder(**data | {"features": [Feature(**f) for f in data["features"]]})

    def encode(self, chunk: Chunk) -> Floats:
        """rows x width. A category that training has not seen is none of them: zeros. Raises BadValue."""
        x = np.zeros((len(chunk), self.width), np.float32)
        at = 0
        for f in self.features:
            values = chunk.columns[f.name]
            if f.kind == "number":
                try:
                    column = numbers(values)
                except ValueError:
                    seen = _Seen()
                    seen.add(values, chunk.lines)
                    line, word = seen.first_text
                    raise BadValue(f"line {line}: {word[:40]!r} is text in the numeric column {f.name!r}") from None
                with np.errstate(over="ignore"):
                    standard = np.where(np.isnan(column), 0, (column - f.mean) / f.scale)
                if (far := abs(standard) > np.finfo(np.float32).max).any():
                    line = chunk.lines[np.argmax(far)]
                    raise BadValue(f"line {line}: infinity in column {f.name!r}, or too far from training's numbers")
                x[:, at] = standard
            else:
                places = {c: i for i, c in enumerate(f.categories)}
                for row, word in enumerate(texts(values)):
                    if (place := places.get(word or f.fill)) is not None:
                        x[row, at + place] = 1
            at += f.width
        return x

    def encode_targets(self, targets: NDArray, outputs: int) -> Floats:
        """rows x outputs, for classes' indices or numbers."""
        if self.classes and outputs > 1:
            return np.eye(outputs, dtype=np.float32)[targets]
        return ((targets - self.mean) / self.scale).astype(np.float32).reshape(-1, 1)


def fit(scanned: Scan, parts: NDArray[np.uint8]) -> Encoder:
    """Means, standard deviations and categories, of the training part only."""
    count = {name: 0 for name in scanned.kinds}
    mean, square = dict.fromkeys(scanned.kinds, 0.0), dict.fromkeys(scanned.kinds, 0.0)
    words: dict[str, Counter[str]] = {n: Counter() for n, kind in scanned.kinds.items() if kind == "category"}
    for chunk, rows in _with_rows(scanned.source):
        train = parts[rows] == TRAIN
        for name, kind in scanned.kinds.items():
            if kind == "category":
                words[name].update(w for w, t in zip(texts(chunk.columns[name]), train, strict=True) if t and w)
                if len(words[name]) > MOST_CATEGORIES:
                    raise LadderError(
                        f"{scanned.source.path}: column {name!r} has over {MOST_CATEGORIES} different texts: "
                        f"they tell rows apart, not kinds of rows: give --leave-out {name!r}"
                    )
                continue
            values = numbers(chunk.columns[name])[train]
            values = values[~np.isnan(values)]
            if not values.size:
                continue
            # Two sets' means and sums of squares (Chan, Golub and LeVeque 1979).
            n, total = count[name], count[name] + values.size
            apart = float(values.mean()) - mean[name]
            square[name] += float(((values - values.mean()) ** 2).sum()) + apart**2 * n * values.size / total
            mean[name] += apart * values.size / total
            count[name] = total
    encoder, constant = Encoder([], scanned.target, scanned.classes), []
    for name, kind in scanned.kinds.items():
        if kind == "category":
            ranked = words[name].most_common()
            feature = Feature(name, kind, categories=sorted(words[name]), fill=ranked[0][0] if ranked else "")
            varies = len(ranked) > 1
        else:
            feature = Feature(name, kind, mean[name], math.sqrt(square[name] / max(count[name], 1)))
            varies = feature.scale > 1e-12 * abs(feature.mean)
        if varies:
            encoder.features.append(feature)
        else:
            constant.append(name)
    if constant:
        some = ", ".join(map(repr, constant[:5])) + (", …" if len(constant) > 5 else "")
        scanned.notes.append(f"{len(constant)} columns are constant in the training part and left out: {some}")
    if not encoder.features:
        raise LadderError(f"{scanned.source.path}: every column is constant: there is nothing to learn from")
    if scanned.target is not None and not scanned.classes:
        trained = scanned.targets[parts == TRAIN]
        encoder.mean, encoder.scale = float(trained.mean()), float(trained.std()) or 1.0
    return encoder


def _with_rows(source: Source) -> Iterator[tuple[Chunk, slice]]:
    at = 0
    for chunk in source.chunks():
        yield chunk, slice(at, at + len(chunk))
        at += len(chunk)


def encoded(scanned: Scan, encoder: Encoder, parts: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], Floats]]:
    """Chunk by chunk: the part of each usable row, and the row."""
    for chunk, rows in _with_rows(scanned.source):
        used = parts[rows] != DROPPED
        yield parts[rows][used], encoder.encode(chunk)[used]
