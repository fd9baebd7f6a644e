"""The files and the exit statuses of the program `warpladder`, as whoever reads them relies on."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "bench" / "results.schema.json").read_text())
RUNG = "01-first-kernel/00_saxpy_reference"  # runs on the CPU, so that bench times it everywhere
CONVOLUTION = "05-convolution/00_forward_reference"

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def program() -> str:
    if not (path := os.environ.get("LADDER_PROGRAM")):
        pytest.skip("LADDER_PROGRAM does not name the program: ./ladder test does")
    return path


@pytest.fixture
def call(program: str, tmp_path: Path) -> Call:
    return lambda *words: subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True)


def valid(path: Path) -> dict:
    data = json.loads(path.read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


def test_a_bench_file_is_valid_and_its_numbers_agree(call: Call, tmp_path: Path):
    done = call("bench", RUNG, "--shape", "5000", "--budget", "0.1", "--out", "new/run.json")
    assert done.returncode == 0, done.stderr
    data = valid(tmp_path / "new" / "run.json")
    assert data["complete"] and data["device"]["kind"] == "cpu"
    row = next(r for r in data["rows"] if r["id"] == RUNG)
    time = row["time"]
    ordered = sorted(time["samples_s"])
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert time["median_s"] == pytest.approx(middle, rel=1e-6, abs=2e-10)
    assert time["ci95_s"][0] <= time["median_s"] <= time["ci95_s"][1]
    assert len(time["repetition_medians_s"]) == 9
    assert row["rate"] == {"value": pytest.approx(60000 / middle, rel=1e-2), "unit": "B/s"}
    assert row["verify"]["after"]["status"] == "pass"
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["event"] for e in events if e.get("id") in (RUNG, None)] == ["plan", *["repetition"] * 9, "case", "end"]
    assert "samples_s" not in next(e for e in events if e["event"] == "case")["time"]


def test_google_benchmarks_own_file(call: Call, tmp_path: Path):
    done = call("bench", RUNG, "--shape", "5000", "--budget", "0.1", "--google-benchmark", "gb.json")
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "gb.json").read_text())
    runs = [b for b in data["benchmarks"] if b["name"].startswith(RUNG) and b["run_type"] == "iteration"]
    assert len(runs) == 9
    assert json.loads(data["context"]["source"]).keys() == {"commit", "dirty"}


def test_an_interrupted_run_leaves_a_valid_file(program: str, tmp_path: Path):
    words = ["bench", RUNG, "--budget", "0.1", "--out", "run.json"]
    with subprocess.Popen([program, *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if json.loads(line)["event"] == "case":
                process.send_signal(signal.SIGINT)
                break
    data = valid(tmp_path / "run.json")
    assert not data["complete"] and len(data["rows"]) >= 1
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bench", "no-such-rung"], "no-such-rung"),
        (["bench", RUNG, "--shape", "n=-1"], "whole number"),
        (["bench", RUNG, "--shape", "n=1e30"], "whole number"),
        (["bench", RUNG, "--shape", "68719476736"], "GB"),
        (["bench", RUNG, "--out", "/proc/run.json"], "cannot write"),
        (["bench", RUNG, "--google-benchmark", "/proc/gb.json"], "cannot write"),
        (["bench", RUNG, "--budget", "-1"], "--budget"),
        (["bench", RUNG, "--budget", "much"], "--budget"),
        (["bench", RUNG, "--where", "gpu"], "gpu"),
        (["verify", CONVOLUTION, "--shape", "stride=0"], "stride=0 must be a whole number from 1"),
        (["verify", CONVOLUTION, "--shape", "c=3,k=4,groups=2"], "must divide both c = 3 and k = 4"),
        (["verify", CONVOLUTION, "--shape", "h=2"], "more than the padded image's 2"),
        (["bench", CONVOLUTION, "--shape", "n=1000000,c=1000"], "more than 2^31 - 1 elements"),
    ],
)
def test_bad_input_is_told_in_a_line(call: Call, words: list[str], said: str):
    done = call(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.replace("Run with --help for more information.", "").strip().splitlines()) == 1
    assert '"event":"case"' not in done.stdout


def test_what_simt_runs_is_not_timed(call: Call):
    if json.loads(call("list").stdout)["device"] != "simt":
        pytest.skip("a build for GPUs")
    done = call("bench", "01-first-kernel/04_saxpy_grid")
    assert done.returncode == 2
    assert "count" in done.stderr
    assert call("peaks").returncode == 2


def test_counts_are_valid_and_the_same_every_time(call: Call, tmp_path: Path):
    if not json.loads(call("list").stdout)["checked"]:
        assert call("count", "01-first-kernel").returncode == 2
        return
    words = ["count", "01-first-kernel/10_transpose_naive", "01-first-kernel/12_transpose_padded"]
    for name in ("a.json", "b.json"):
        assert call(*words, "--out", name).returncode == 0
    naive, padded = (row["counts"] for row in valid(tmp_path / "a.json")["rows"])
    assert naive["global_load_sectors_per_request"] == 4
    assert naive["global_store_sectors_per_request"] == 32
    assert padded["global_store_sectors_per_request"] == 4
    assert padded["shared_load_wavefronts_per_request"] == 1
    assert valid(tmp_path / "a.json")["rows"] == valid(tmp_path / "b.json")["rows"]


def test_datasheets_are_complete_and_plausible():
    gpus = json.loads((ROOT / "bench" / "gpus.json").read_text())["gpus"]
    assert len({g["name"] for g in gpus}) == len(gpus)
    lanes = {"7.0": 64, "7.5": 64, "8.0": 64}  # FP32 lanes an SM; 128 in the others
    for gpu in gpus:
        peaks = gpu["peaks"]
        assert gpu["source"].startswith("https://")
        assert peaks["fp16"] > peaks["fp32"] > 0
        # The datasheet's FP32 rate is SMs * lanes * 2 * boost clock.
        expected = gpu["sms"] * lanes.get(gpu["compute_capability"], 128) * 2 * gpu["boost_mhz"] * 1e6
        assert 0.98 < peaks["fp32"] / expected < 1.02, gpu["name"]
        if "tensor_boost_mhz" in gpu:  # dense FP16 FLOPs a cycle of an SM
            a_cycle = {"9.0": 4096, "10.0": 8192}[gpu["compute_capability"]]
            assert 0.99 < peaks["fp16"] / (gpu["sms"] * a_cycle * gpu["tensor_boost_mhz"] * 1e6) < 1.01, gpu["name"]
        assert 1e11 < peaks["bandwidth"] < 1e13
        assert gpu["memory_bytes"] > 100 * gpu["l2_bytes"] > 0


def test_a_part_of_a_set_of_shapes_is_spread_over_it(call: Call):
    def shapes(*words: str) -> list[dict]:
        lines = call("verify", RUNG, *words).stdout.splitlines()
        return [
            case["shape"] for case in map(json.loads, lines) if case["event"] == "case" and case["fill"] == "uniform"
        ]

    every, some = shapes(), shapes("--at-most", "3")
    assert len(every) > 6 and len(some) == 3
    places = [every.index(shape) for shape in some]
    assert places == sorted(places) and places[0] > 0 and places[-1] > len(every) / 2
    assert shapes("--at-most", "1000") == every
