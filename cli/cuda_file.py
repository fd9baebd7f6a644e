"""`./ladder cc`, `check` and `count` of any CUDA file: compiled by simt, run on this CPU, checked and counted."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import build
from cli.errors import Failed, LadderError
from cli.results import datasheets, named

Json = dict[str, Any]
STDERR = 2  # the descriptor: what a program prints there is not captured
HOST = (".cpp", ".cc", ".cxx", ".c")  # the host compiler's
SOURCES = (".cu", *HOST, ".o", ".a")


@dataclass
class Outcome:
    """A checked program's run: what the checker found and counted, and how the program itself ended."""

    findings: list[Json]
    launches: list[Json]
    status: int  # the program's own

    def ending(self) -> str:
        if self.status < 0:
            return f"the program ended with {signal.Signals(-self.status).name}"
        return f"the program ended with status {self.status}" if self.status else ""


def is_source(name: str) -> bool:
    return name.endswith(SOURCES)


def split(words: list[str]) -> tuple[list[Path], list[str]]:
    """The sources at the front, and the program's own arguments behind them."""
    count = next((i for i, word in enumerate(words) if not is_source(word)), len(words))
    sources = [Path(word) for word in words[:count]]
    for source in sources:
        if not source.is_file():
            raise LadderError(f"there is no file {source}: name a CUDA file, or CHAPTER/RUNG (./ladder list)")
    if all(source.suffix in HOST for source in sources):
        raise LadderError(f"{sources[0]} is watched by nobody: name the .cu files that go with it")
    return sources, words[count:]


def compiler() -> Path:
    """simt-cc with the libraries it links, built if need be."""
    if given := os.environ.get("LADDER_PROGRAM"):  # the tests' build has it too
        folder = Path(given).parents[1]
    else:
        folder = build.build("simt", "simt_tools")
    found = [p for p in sorted(folder.rglob("simt-cc")) if p.is_file() and os.access(p, os.X_OK)]
    if not found:
        raise LadderError("simt-cc was not built: ./ladder test cpp shows why")
    return found[0]


def environment(gpu: str | None) -> dict[str, str]:
    """For a run as on that GPU, named as people do: H200, 'RTX 4090'."""
    return os.environ | ({"SIMT_GPU": "".join(gpu.lower().split())} if gpu else {})


@contextmanager
def checked(sources: list[Path], options: list[str]) -> Iterator[Path]:
    """The program, built checked, in a folder that goes afterwards. A compile error is the user's to read: status 2."""
    driver = compiler()
    with tempfile.TemporaryDirectory(prefix="ladder-") as folder:
        program = Path(folder) / sources[0].stem
        command = [driver, "--check", *map(str, sources), *options, "-o", program]
        if subprocess.run(command, stdout=STDERR).returncode != 0:
            raise LadderError(f"{sources[0]} does not build: the compiler's words are above")
        yield program


def run(program: Path, arguments: list[str], gpu: str | None, quiet: bool, count: bool = False) -> Outcome:
    """Runs a checked program. `quiet`: it prints to stderr, for stdout is JSON's. `count`: its launches, too."""
    report, counts = program.with_name("report.json"), program.with_name("counts.json")
    wanted = environment(gpu) | {"SIMT_REPORT": str(report), "SIMT_EXITCODE": "0"}
    if count:
        wanted["SIMT_COUNTS"] = str(counts)
    sys.stdout.flush()
    done = subprocess.run([program, *arguments], env=wanted, stdout=STDERR if quiet else None)
    if not report.exists():  # it crashed, or left by _exit
        name = f"signal {signal.Signals(-done.returncode).name}" if done.returncode < 0 else f"status {done.returncode}"
        raise Failed(f"the program ended with {name} before the checker could report")
    launches = json.loads(counts.read_text())["launches"] if count else []
    return Outcome(json.loads(report.read_text())["findings"], launches, done.returncode)


def sheet(gpu: str | None) -> Json:
    """The datasheet of the GPU that a prediction is for."""
    wanted = gpu or "H200"
    spaced = {"".join(g["name"].lower().split()): g for g in datasheets()}
    found = [g for g in datasheets() if named(wanted, g["name"], *g["match"])]
    found += [g for name, g in spaced.items() if name == wanted.lower()]
    if not found:
        names = ", ".join(g["name"] for g in datasheets())
        raise LadderError(f"no GPU is called '{gpu}': bench/gpus.json has {names}")
    return found[0]
