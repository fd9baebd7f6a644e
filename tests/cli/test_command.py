"""The command as a user meets it: help, and one line for everything that is wrong."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import samples
from rich.console import Console

from cli import build, devices
from cli.options import app
from cli.paths import ROOT
from cli.tables import LEFT, Table

VERBS = [c.name or c.callback.__name__ for c in app.registered_commands]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(ladder, verb):
    answer = ladder(verb, "--help")
    assert answer.status == 0
    assert f"Example: ./ladder {verb}" in answer.out


@pytest.mark.parametrize("verb", ["list", "verify", "table", "doctor"])
def test_these_verbs_print_json(ladder, verb):
    assert "--json" in ladder(verb, "--help").out


def test_a_slash_behind_a_chapter_is_nothing(ladder):
    assert ladder("list", "03-gemm/").out == ladder("list", "03-gemm").out != ""
    assert ladder("verify", "03-gemm/03_naive/", "--shape", "5x3x7").status == 0


def test_ctrl_c_while_it_starts_is_no_traceback(tmp_path):
    """The import of cli.app takes a second; here it is a folder's cli.app that ends as Ctrl-C would."""
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__init__.py").touch()  # or the repository's comes first, where PYTHONPATH names it
    shutil.copy(ROOT / "cli" / "__main__.py", tmp_path / "cli")
    (tmp_path / "cli" / "app.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run([sys.executable, "-m", "cli"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_without_a_verb_it_shows_what_there_is(ladder):
    answer = ladder()
    assert answer.status == 0 and "./ladder run" in answer.out and answer.err == ""


def _contents(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verfy"], "did you mean verify?"),
        (["list", "03-gemn"], "did you mean 03-gemm?"),
        (["verify", "03-gemm/00_referense"], "did you mean 03-gemm/00_reference?"),
        (["verify", "03-gemm/00_reference", "--shape", "m=-1,n=2,k=2"], "must be a whole number"),
        (["verify", "03-gemm/00_reference", "--shape", "99999999999x2x2"], "must be a whole number"),
        (["verify", "03-gemm/00_reference", "--shape", "axbxc"], "is not a number"),
        (["verify", "03-gemm/00_reference", "--shape", "q=3"], "shape has no 'q'"),
        (["verify", "03-gemm/00_reference", "--shape", ""], "--shape is empty"),
        (["count", "03-gemm/03_naive", "--shape", ""], "--shape is empty"),
        (["count", "03-gemm/00_reference"], "CPU code is not counted: ./ladder bench times it"),
        (["count", "file.cu", "--shape", ""], "are for chapters and rungs"),
        (["list", "3"], "did you mean 03-gemm?"),
        (["count", "03-gemm/05_tile", "--out", "tests"], "tests is a folder: name a file"),
        (["list", "03-gemm/5"], "did you mean 03-gemm/05_"),
        (["list", "3/5"], "did you mean 03-gemm/05_"),
        (["verify", "--shapes", "all"], "all"),
        (["verify", "--sed", "1"], "--seed"),
        (["--helpp"], "(./ladder --help)"),
        (["table", "--gpu", ""], "no measured GPU is called ''"),
        (["plot", "--out", "README.md"], "README.md is a file, not a folder"),
        (["table", "03-gem"], "did you mean 03-gemm?"),
        (["table", "--gpu", "H20"], "no measured GPU is called 'H20'"),
        (["table", "03-gemm"], "./ladder run"),
        (["choose", "03-gemm", "--gpu", "H20"], "did you mean H200?"),
        (["choose", "gemm"], "did you mean 03-gemm?"),
        (["compare", "no-such.json", "no-such.json"], "there is no such file"),
        (["test", "pythn"], "did you mean python?"),
        (["bench", "99"], "./ladder list shows what there is"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(ladder, folders, arguments, words):
    before = _contents(folders)
    answer = ladder(*arguments)
    lines = answer.err.strip().splitlines()
    complaint = [s for s in lines if s.startswith("ladder: ")]
    assert answer.status == 2
    assert len(complaint) == 1 and words in complaint[0]
    assert lines == complaint
    assert answer.out == ""
    assert _contents(folders) == before


@pytest.mark.parametrize("verb", ["list", "verify", "run", "train"])
def test_a_gpu_that_is_not_there(ladder, monkeypatch, verb):
    monkeypatch.delenv("LADDER_PROGRAM", raising=False)
    monkeypatch.delenv("LADDER_TRAIN", raising=False)
    monkeypatch.setattr(devices, "gpus", list)
    monkeypatch.setattr(build, "build", None)  # nothing is built
    data = ("--data", "data/digits.csv", "--target", "digit", "--model", "softmax") if verb == "train" else ()
    answer = ladder(verb, "--device", "gpu", *data)
    assert answer.status == 2 and answer.out == ""
    assert answer.err.count("\n") == 1 and answer.err.startswith("ladder: no NVIDIA GPU was found")


@pytest.mark.skipif(bool(devices.gpus()), reason="a GPU is here")
def test_without_a_gpu_nothing_is_timed_as_one(ladder):
    answer = ladder("crossover")
    assert answer.status == 2
    assert "no NVIDIA GPU was found" in answer.err
    answer = ladder("bench", "01-first-kernel/10_transpose_naive", "--shape", "33x17")
    assert answer.status == 0
    assert "counting instead" in answer.err
    assert "counted on simt, not timed" in answer.out


def test_a_rung_of_the_cpu_is_timed_without_a_gpu(ladder, tmp_path):
    path = tmp_path / "cpu.bench.json"
    answer = ladder(
        "bench", "01-first-kernel/01_saxpy_openmp", "--shape", "n=1000", "--budget", "0.05", "--out", str(path)
    )
    assert answer.status == 0 and "counting" not in answer.err
    (row,) = json.loads(path.read_text())["rows"]
    assert row["where"] == "cpu" and row["status"] == "ok" and row["time"]["median_s"] > 0


def test_no_compiler(ladder, monkeypatch, tmp_path):
    monkeypatch.delenv("LADDER_PROGRAM", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = ladder("list", "--device", "simt")
    assert answer.status == 2
    assert answer.err.count("\n") == 1 and "no C++ compiler is here" in answer.err


def test_no_nvcc(monkeypatch):
    monkeypatch.setattr(devices, "nvcc", lambda: None)
    with pytest.raises(Exception, match="nvcc is not here"):
        build.require_tools("gpu")


def test_a_results_folder_that_cannot_be_written(ladder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    answer = ladder("count", "03-gemm/00_reference", "--out", str(tmp_path / "file" / "x.json"))
    assert answer.status == 2
    assert "is a file, not a folder" in answer.err


def test_list_json_is_the_registry(ladder):
    entries = json.loads(ladder("list", "--json").out)["entries"]
    files = {e["file"] for e in entries}
    assert "chapters/03-gemm/00_reference.cpp" in files
    assert json.loads(ladder("list", "03-gemm", "--json").out)["entries"] == [
        e for e in entries if e["chapter"] == "03-gemm"
    ]


def test_verify_json_sums_up_its_cases(ladder):
    answer = ladder("verify", "03-gemm/00_reference", "--shape", "5x3x7", "--json")
    report = json.loads(answer.out)
    assert answer.status == 0
    assert report["passed"] == len(report["cases"]) == 2
    assert all(0 <= c["share_of_bound"] <= 1 for c in report["cases"])


def test_table_json_and_table_agree(ladder, folders):
    samples.save(samples.bench(), folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json")
    rows = json.loads(ladder("table", "03-gemm", "--json").out)[0]["rows"]
    shown = ladder("table", "03-gemm").out
    assert {r["shape"]["m"] for r in rows} == {8192}
    for row in rows:
        assert row["name"] in shown
    assert len(json.loads(ladder("table", "--all", "--json").out)[0]["rows"]) == len(samples.bench()["rows"])


def test_a_clock_that_was_held_back_is_told(ladder, folders):
    data = samples.bench()
    next(r for r in reversed(data["rows"]) if r["status"] == "ok")["time"]["throttle_reasons"] = ["sw_power_cap"]
    samples.save(data, folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json")
    assert "held its clock back while some samples were taken: sw_power_cap" in ladder("table", "03-gemm").out


def test_own_results_come_before_recorded_ones(ladder, folders):
    samples.save(samples.bench(), folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json")
    own = samples.save(samples.bench(seed=2), folders / "own" / "made-up-gpu" / "03-gemm.bench.json")
    files = [t["file"] for t in json.loads(ladder("table", "--json").out)]
    assert files == [str(own)]


def test_a_narrow_terminal_keeps_the_first_column_whole():
    name = "chapter/01_a_rung_with_a_long_name"
    made = Table([("rung", LEFT), ("the idea", LEFT)], rows=[[name, "words " * 20]])
    console = Console(width=50, file=io.StringIO())
    console.print(made.rich())
    assert sum(name in line for line in console.file.getvalue().splitlines()) == 1


def test_doctor_says_whether_this_machine_is_ready(ladder):
    answer = ladder("doctor", "--json")
    report = json.loads(answer.out)
    assert answer.status == (0 if report["ready"] else 1)
    assert {f["what"] for f in report["findings"]} >= {"C++ compiler", "CMake", "CUDA headers", "NVIDIA GPU"}


def test_completion_knows_chapters():
    from cli.program import complete_ids

    assert "03-gemm" in complete_ids("03")
    assert complete_ids("zzz") == []
