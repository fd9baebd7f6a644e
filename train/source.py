"""Reading data: CSV, NumPy's .npy, IDX (MNIST), CIFAR-10's binary files. Everything comes in chunks of rows, so that a
file may be larger than memory."""

import csv
import gzip
import hashlib
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError, unknown

CHUNK_CELLS = 250_000  # of a chunk: 2 MB of FP64; as text, some 30 MB
LABEL = "label"  # the target's name in files without a header


@dataclass
class Chunk:
    """Rows of a file: a list of texts or a numeric array per column, and the line each row began at (1, 2, …)."""

    columns: dict[str, list[str] | NDArray]
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)


@dataclass
class Source:
    """A file's columns, and its rows as often as asked for."""

    path: Path
    columns: list[str]
    _first: Chunk | None = field(default=None, repr=False)  # all of it, where one chunk is all

    def chunks(self) -> Iterator[Chunk]:
        if self._first is not None:
            yield self._first
            return
        count, first = 0, None
        for chunk in self._read(max(CHUNK_CELLS // len(self.columns), 1)):
            count += 1
            first = chunk if count == 1 else None
            yield chunk
        self._first = first
        if count == 0:
            raise LadderError(f"{self.path}: there is no row in it")

    def _read(self, rows: int) -> Iterator[Chunk]:
        raise NotImplementedError

    def fingerprint(self) -> str:
        """SHA-256 of the file, so that a resumed run goes on with the same data."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class Csv(Source):
    def __init__(self, path: Path) -> None:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = next(self._rows(path, file), None)
        if header is None:
            raise LadderError(f"{path}: the file is empty")
        names = [name.strip() for name in header[1]]
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if len(names) == 1 and mark in names[0]:
                raise LadderError(f"{path}: line 1 has {word} where commas should be: save it with commas")
        for n, name in enumerate(names, 1):
            if not name or names.index(name) < n - 1:
                wrong = f"two are called {name!r}" if name else f"column {n} has no name"
                raise LadderError(f"{path}: line 1 must name every column, each once: {wrong}")
        super().__init__(path, names)

    @staticmethod
    def _rows(path: Path, file: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(file, strict=True)
        try:
            line = 1
            for row in reader:
                if row:  # blank lines are nothing
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise LadderError(f"{path}, line {line}: {error}: is a quote left open?") from None
        except UnicodeDecodeError:
            raise LadderError(f"{path}: after line {line} it is not text in UTF-8: save it as UTF-8") from None

    def _read(self, rows: int) -> Iterator[Chunk]:
        width = len(self.columns)
        with self.path.open(newline="", encoding="utf-8-sig") as file:
            reader = self._rows(self.path, file)
            next(reader)
            while some := list(islice(reader, rows)):
                for line, row in some:
                    if len(row) != width:
                        raise LadderError(
                            f"{self.path}, line {line}: {len(row)} values where the header names {width} columns: "
                            "mend or delete it"
                        )
                values = zip(*(row for _, row in some), strict=True)
                yield Chunk(
                    {name: list(column) for name, column in zip(self.columns, values, strict=True)},
                    np.array([line for line, _ in some]),
                )


class Arrays(Source):
    """Arrays that lie in a file as they are: samples x features, and labels where the format has them."""

    def __init__(self, path: Path, x: NDArray, y: NDArray | None, names: list[str] | None = None) -> None:
        if x.ndim < 2 or 0 in x.shape:
            raise LadderError(f"{path}: an array of samples has rows and columns; this one's shape is {x.shape}")
        self._x = x.reshape(len(x), -1)
        self._y = y
        features = [f"x{i}" for i in range(self._x.shape[1])]
        super().__init__(path, features + ([LABEL] if y is not None else []))
        self._names = None if names is None else np.array(names)

    def _read(self, rows: int) -> Iterator[Chunk]:
        for at in range(0, len(self._x), rows):
            part = self._x[at : at + rows]
            columns: dict[str, list[str] | NDArray] = {f"x{i}": part[:, i] for i in range(part.shape[1])}
            if self._y is not None:
                label = self._y[at : at + rows]
                columns[LABEL] = label if self._names is None else list(self._names[label])
            yield Chunk(columns, np.arange(at + 1, at + 1 + len(part)))


def open_source(path: Path, labels: Path | None = None) -> Source:
    """The file's reader, by its name: .csv; .npy (with the labels in a second .npy, or none: then a column is the
    target); MNIST's *-images-idx3-ubyte[.gz] (labels beside it); CIFAR-10's data_batch_*.bin."""
    if not path.exists():
        raise LadderError(f"{path}: there is no such file")
    if path.is_dir():
        raise LadderError(f"{path} is a folder: name a file")
    if path.stat().st_size == 0:
        raise LadderError(f"{path}: the file is empty")
    name = path.name.removesuffix(".gz")
    if name.endswith(".npy"):
        return _npy(path, labels)
    if "idx" in name:
        return _idx(path, labels)
    if labels:
        raise LadderError(f"{path} has its labels in it: --labels is for .npy and IDX")
    if name.endswith(".bin"):
        return _cifar(path)
    if name.endswith((".csv", ".txt")):
        return Csv(path)
    raise LadderError(f"{path}: its name says not what it is: use .csv, .npy, …-idx3-ubyte[.gz] or .bin (CIFAR-10)")


def _npy(path: Path, labels: Path | None) -> Arrays:
    def load(p: Path) -> NDArray:
        try:
            array = np.load(p, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise LadderError(f"{p}: not a NumPy array, or cut off: {error}") from None
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            raise LadderError(f"{p}: an array of numbers is needed")
        return np.atleast_1d(array)

    x, y = load(path), load(labels) if labels else None
    if y is not None and y.shape != (len(x),):
        raise LadderError(f"{labels}: {len(x)} samples need as many labels; its shape is {y.shape}")
    return Arrays(path, x, y)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of bytes: two zeros, type 8, the number of dimensions, each big-endian, then the data."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise LadderError(f"{path}: not a gzip file, or cut off: {error}") from None
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise LadderError(f"{path}: not an IDX file of unsigned bytes, as MNIST's are")
    begin = 4 + 4 * data[3]
    if len(data) < begin:
        raise LadderError(f"{path}: {len(data)} bytes are no whole header: is it cut off?")
    shape = np.frombuffer(data[4:begin], ">u4").tolist()
    values = np.frombuffer(data, np.uint8, offset=begin)
    if values.size != math.prod(shape):
        raise LadderError(f"{path}: its header says {shape}, and {values.size} bytes follow: is it cut off?")
    return values.reshape(shape or [1])


def _idx(path: Path, labels: Path | None) -> Arrays:
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    labels = labels or (beside if beside != path and beside.exists() else None)
    x, y = read_idx(path), read_idx(labels) if labels else None
    if y is not None and y.shape != (len(x),):
        raise LadderError(f"{labels}: {len(x)} images need as many labels; its shape is {y.shape}")
    return Arrays(path, x, y)


CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def _cifar(path: Path) -> Arrays:
    """CIFAR-10's binary version: records of a label and 3 x 32 x 32 bytes, red, green, blue."""
    record = 1 + 3 * 32 * 32
    size = path.stat().st_size
    if size % record:
        raise LadderError(f"{path}: CIFAR-10's records have {record} bytes, and {size} are no multiple: is it cut off?")
    data = np.memmap(path, np.uint8, "r", shape=(size // record, record))
    if data[:, 0].max() > 9:
        raise LadderError(f"{path}: CIFAR-10's labels are 0 to 9, and one here is {data[:, 0].max()}")
    return Arrays(path, data[:, 1:], data[:, 0], CIFAR10)


def find_target(source: Source, target: str | None) -> str:
    """The target column: as named, or `label` where the format has labels."""
    if target is None and isinstance(source, Arrays) and LABEL in source.columns:
        return LABEL
    if target is None:
        labels = "the file of labels (--labels), or " if isinstance(source, Arrays) else ""
        raise LadderError(f"name {labels}the column to predict: --target {source.columns[-1]!r}, for example")
    if target not in source.columns:
        raise unknown("column", target, source.columns, f"the first line of {source.path}")
    return target
