"""What the tests of the command share: a way to call it, folders for results, and made-up results."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from cli import app, measure, results


@dataclass
class Answer:
    status: int
    out: str
    err: str


@pytest.fixture
def ladder(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """ladder("table", "03-gemm") -> its exit status and what it printed."""

    def call(*arguments: str) -> Answer:
        capsys.readouterr()
        status = app.main(list(arguments))
        printed = capsys.readouterr()
        return Answer(status, printed.out, printed.err)

    return call


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folders in place of bench/results (recorded) and build/results (own)."""
    for name in ("recorded", "own"):
        (tmp_path / name).mkdir()
    for module in (results, measure):
        monkeypatch.setattr(module, "RECORDED", tmp_path / "recorded")
        monkeypatch.setattr(module, "OWN", tmp_path / "own")
    monkeypatch.setattr(measure, "PARTIAL", tmp_path / "own" / "partial")
    return tmp_path
