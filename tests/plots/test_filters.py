"""Chapter 05's picture shows what the rung computes now."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from plots import style
from plots.filters import PICTURE, filters


@pytest.fixture
def filter_image() -> Path:
    program = Path(os.environ.get("LADDER_PROGRAM", "none")).absolute()
    made = program.parent.parent / "tests" / "convolution" / "filter_image"
    if not made.exists():
        pytest.skip("filter_image is not built: ./ladder test does")
    return made


def test_the_picture_is_what_the_rung_computes(filter_image: Path, tmp_path: Path):
    again = tmp_path / "again.png"
    printed = subprocess.run([filter_image, "04_forward_halo"], capture_output=True, text=True, check=True).stdout
    again.write_bytes(style.save(filters(json.loads(printed)), "png"))
    assert np.array_equal(imread(again), imread(PICTURE)), f"{filter_image} | python3 -m plots.filters draws it anew"


def test_what_cannot_be_is_told_in_a_line(filter_image: Path):
    for rung, said in (("no-such-rung", "no forward rung"), ("10_forward_nhwc", "needs nhwc = 1")):
        done = subprocess.run([filter_image, rung], capture_output=True, text=True)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
