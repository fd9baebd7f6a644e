"""The PyTorch baselines: their rows beside those of ./ladder bench. On a machine without a GPU, CPU beside CPU."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHAPE = "n=2,c=6,h=9,w=8,k=4,r=3,s=2,stride=2,pad=1,dilation=2,groups=2,nhwc=1"


def script(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"baselines.pytorch.{name}", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def conv(*words: str) -> subprocess.CompletedProcess[str]:
    return script("conv", *words)


@pytest.mark.parametrize(
    ("name", "words"), [("conv", ["no.json"]), ("train", ["--data", "no.csv", "--model", "linear"])]
)
def test_what_is_missing_is_told_in_a_line(name: str, words: list[str]):
    done = script(name, *words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "no such file" in done.stderr or "torch is missing" in done.stderr


def test_rows_are_added_to_a_bench_file(tmp_path: Path):
    if not importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is not installed")
    if not (program := os.environ.get("LADDER_PROGRAM")):
        pytest.skip("LADDER_PROGRAM does not name the program: ./ladder test does")
    path = tmp_path / "05-convolution.bench.json"
    rungs = [f"05-convolution/{name}" for name in ("00_forward_reference", "30_data_reference", "40_filter_reference")]
    words = ["bench", *rungs, "--where", "cpu", "--shape", SHAPE, "--budget", "0.1", "--out", str(path)]
    subprocess.run([program, *words], check=True, capture_output=True)
    before = json.loads(path.read_text())["rows"]
    for _ in range(2):  # the second time, its own rows are replaced
        done = conv(str(path), "--budget", "0.1")
        assert done.returncode == 0, done.stderr
        rows = json.loads(path.read_text())["rows"]
        assert rows[: len(before)] == before
        made = {r["id"]: r for r in rows[len(before) :]}
        assert list(made) == [f"baselines/pytorch_conv_{p}" for p in ("forward", "backward_data", "backward_filter")]
        for r in made.values():
            assert r["status"] == "ok" and r["where"] == "cpu" and r["detail"].startswith("PyTorch")
            assert 0 < r["verify"]["before"]["share_of_bound"] <= 1
            assert r["time"]["ci95_s"][0] <= r["time"]["median_s"] <= r["time"]["ci95_s"][1]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "words",
    [
        "--data data/digits.csv --target digit --model mlp:64,32 --optimizer sgd",
        "--data data/digits.csv --target digit --model mlp:8 --activation gelu --optimizer adamw --decay 0.01",
        "--data data/breast-cancer.csv --target diagnosis --model logistic --optimizer nesterov --schedule cosine",
        "--data data/diabetes.csv --target progression --model linear --optimizer rmsprop --clip 1",
        "--data data/diabetes.csv --target progression --model mlp:16 --activation tanh --optimizer adagrad",
    ],
)
def test_pytorch_trains_as_the_reference_does(words: str, tmp_path: Path):
    if not importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is not installed")
    command = [sys.executable, "-m", "baselines.pytorch.train", *words.split(), "--device", "cpu", "--steps", "5"]
    out = tmp_path / "train.json"
    done = subprocess.run([*command, "--way", "eager", "--out", str(out)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(out.read_text())["rows"]
    assert row["status"] == "ok", row["message"]
    assert row["verify"]["before"]["compared"] >= 20  # losses, each within its bound of FP64's
    assert 0 < row["verify"]["before"]["share_of_bound"] <= 1
    assert row["rate"]["value"] == row["work"]["flops"] / row["time"]["median_s"]
