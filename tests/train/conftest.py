"""What the tests of training share: the program, and files to train on."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cli import verbs_train
from cli.devices import Device as Kind
from train.device import Device

# Many small parallel loops: threads that spin while they wait would slow each other on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    """The training program (LADDER_TRAIN, or built), started once for a file's tests."""
    with verbs_train.start(Kind.simt) as program:
        yield program


@pytest.fixture
def table(tmp_path: Path):
    """table([["a", "b"], [1, 2], …]) -> the path of a CSV with these rows."""

    def write(rows: list[list[object]], name: str = "data.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return write


@pytest.fixture
def blobs(table):
    """blobs(60) -> a CSV of two classes that a line tells apart, a number to predict, and a category."""

    def make(rows: int = 60, seed: int = 1) -> Path:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, 3)).round(4)
        kind = np.where(x[:, 0] - x[:, 1] > 0, "up", "down")
        amount = (2 * x[:, 0] + x[:, 2] + 5).round(4)
        colour = rng.choice(["red", "green, dark", 'blue "sky"'], rows)
        header = ["a", "b", "c", "colour", "amount", "kind"]
        return table([header, *([*row, c, v, k] for row, c, v, k in zip(x, colour, amount, kind, strict=True))])

    return make
