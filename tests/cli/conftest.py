"""Folders for results, and made-up results."""

from pathlib import Path

import pytest

from cli import measure, results


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
