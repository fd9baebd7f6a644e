"""What all Python tests share: a way to call the command."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cli import app


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
        status = app.main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return Answer(status, printed.out, printed.err)

    return call
