"""Result files while they are measured: kept when done, kept when interrupted, never mixed up."""

import io
import json
from pathlib import Path

import pytest
import samples

from cli.errors import LadderError, write
from cli.measure import measure, same_counts
from cli.results import Results
from cli.run import Kept


class Program:
    """Stands for the C++ program: writes the file it is given, then is interrupted if asked to."""

    def __init__(self, data, interrupted=False):
        self.data, self.interrupted = data, interrupted

    def events(self, what, *arguments):
        assert arguments[:2] == ("bench", "03-gemm")
        out = Path(arguments[arguments.index("--out") + 1])
        out.write_text(json.dumps(self.data | {"complete": not self.interrupted}))
        yield {"event": "case"}
        if self.interrupted:
            raise KeyboardInterrupt


def where(folders):
    return folders / "own" / "made-up-gpu" / "03-gemm.bench.json"


def test_a_rung_that_failed_before_it_was_timed_leaves_the_file_readable(folders):
    data = samples.bench()
    row = data["rows"][1]
    del row["verify"]["after"]
    with pytest.raises(LadderError, match="'after' is a required property"):  # of a row with a time
        measure(Program(data), "bench", "03-gemm", [], record=False, out=None)
    for name in ("time", "rate", "ceiling", "vs"):
        del row[name]
    row |= {"status": "failed", "message": "C[row 0, column 0] is NaN"}
    results = measure(Program(data), "bench", "03-gemm", [], record=False, out=None)
    assert results.rows[1]["status"] == "failed"


def test_a_file_lands_under_its_device(folders):
    results = measure(Program(samples.bench()), "bench", "03-gemm", [], record=False, out=None)
    assert results.path == where(folders)
    recorded = measure(Program(samples.bench()), "bench", "03-gemm", [], record=True, out=None)
    assert recorded.path == folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json"


def test_an_interrupted_file_is_kept_where_nothing_better_is(folders):
    with pytest.raises(KeyboardInterrupt):
        measure(Program(samples.bench(), interrupted=True), "bench", "03-gemm", [], record=False, out=None)
    assert json.loads(where(folders).read_text())["complete"] is False


def test_an_interrupted_file_does_not_replace_a_complete_one(folders):
    measure(Program(samples.bench(seed=1)), "bench", "03-gemm", [], record=False, out=None)
    before = where(folders).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        measure(Program(samples.bench(seed=2), interrupted=True), "bench", "03-gemm", [], record=False, out=None)
    assert where(folders).read_bytes() == before


def test_counts_that_differ_are_named(tmp_path):
    old, new = (Results(tmp_path / "x.json", samples.counts()) for _ in range(2))
    assert same_counts(old, new) == []
    new.rows[3]["counts"]["barriers"] += 1
    assert same_counts(old, new) == [new.rows[3]["id"]]


def test_a_finished_stage_is_kept_for_the_same_program_only(tmp_path):
    kept = Kept(tmp_path / "done.json")
    (tmp_path / "file").write_text("")
    assert kept.file("verify 03-gemm", "a") is None
    kept.keep("verify 03-gemm", "a", tmp_path / "file")
    assert kept.file("verify 03-gemm", "a") == tmp_path / "file"
    assert kept.file("verify 03-gemm", "b") is None
    (tmp_path / "file").unlink()
    assert kept.file("verify 03-gemm", "a") is None


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.md"
    path.write_text("old")
    with monkeypatch.context() as full, pytest.raises(OSError, match="No space"):
        full.setattr("pathlib.Path.open", lambda *_: io.FileIO("/dev/full", "w"))
        write(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line(ladder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "build/x.json")

    monkeypatch.setattr("cli.doctor.findings", full)
    answer = ladder("doctor")
    assert answer.status == 2
    assert answer.err == "ladder: build/x.json: the disk is full: free some space and run the same command again\n"


def test_an_interruption_before_the_first_case_leaves_no_file(folders):
    with pytest.raises(KeyboardInterrupt):
        measure(Program(samples.bench() | {"rows": []}, interrupted=True), "bench", "03-gemm", [], False, None)
    assert not [path for path in folders.rglob("*") if path.is_file()]
