"""Runs mutants: each in the programs of the rungs and tests that contain it, until one shows it; and holds what
survives against the list of those that change nothing, equivalent.toml."""

import os
import random
import re
import resource
import signal
import subprocess
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutants import mutate
from tests.mutants.mutate import Mutant

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
_TESTS = ["tests/gemm/sgemm.cu"]  # of kernels that the rungs choose by shapes too large for a CPU
_INCLUDE = re.compile(r'^#include "(.*)"', re.MULTILINE)


@dataclass
class Result:
    mutant: Mutant
    killed: bool
    how: str  # what showed it, or whether its place was ever executed
    reason: str  # why it is equivalent, where the list says so

    @property
    def right(self) -> bool:
        """Killed or listed, and not both."""
        return self.killed != bool(self.reason)


@cache
def mutants(file: str) -> list[Mutant]:
    return mutate.mutants(ROOT, file)


def every() -> list[Mutant]:
    """Those of the rungs, and of the kernels that some rung runs."""
    return [m for file in mutate.sources(ROOT) if set(_users(file)) - set(_TESTS) for m in mutants(file)]


def sample(seed: int, of_each: int = 20) -> list[Mutant]:
    """Some mutants of one rung of each chapter."""
    chance = random.Random(seed)
    chosen: list[Mutant] = []
    for chapter in sorted({Path(r).parent for r in _rungs()}):
        own = [r for r in _rungs() if Path(r).parent == chapter and len(mutants(r)) >= of_each]
        if own:
            chosen += sorted(chance.sample(mutants(chance.choice(own)), of_each), key=lambda m: m.number)
    return chosen


def targets(chosen: list[Mutant]) -> list[str]:
    """What CMake has to build to run these."""
    return sorted({_target(rung) for file in {m.file for m in chosen} for rung in _users(file)})


def stale() -> list[str]:
    """Entries of the list of equivalent mutants that name none."""
    known = {(m.file, m.text, m.label) for m in every()}
    return [f"{file}: {label}: {line}" for file, line, label in _equivalent() if (file, line, label) not in known]


def run(chosen: list[Mutant], folder: Path, step: Callable[[], None]) -> list[Result]:
    """Judges them, one after the other on every core; `folder` has the programs, `step` is called after each. Raises
    RuntimeError when a rung is wrong with nothing changed."""
    reasons = _equivalent()
    seconds: dict[str, float] = {}
    for rung in sorted({rung for file in {m.file for m in chosen} for rung in _users(file)}):
        before = _processor_seconds()
        killed, how = _run(folder, rung, 0)
        if killed:
            raise RuntimeError(f"{rung} is wrong with nothing changed: {how}")
        seconds[rung] = _processor_seconds() - before

    def judge(mutant: Mutant) -> Result:
        reached = False
        for rung in sorted(_users(mutant.file), key=lambda r: seconds[r]):
            killed, how = _run(folder, rung, mutant.number, 5 + round(2 * seconds[rung]))
            if killed:
                break
            reached = reached or how == "survived"
        else:
            killed, how = False, "executed, and right" if reached else "never executed"
        step()
        return Result(mutant, killed, how, reasons.get((mutant.file, mutant.text, mutant.label), ""))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(judge, chosen))


def _rungs() -> list[str]:
    return [file for file in mutate.sources(ROOT) if file.startswith("chapters/")]


def _target(rung: str) -> str:
    return f"test_mutant_{Path(rung).parent.name}_{Path(rung).stem}"


@cache
def _users(file: str) -> list[str]:
    """The rungs and tests whose programs contain this file's mutants."""
    return [program for program in _rungs() + _TESTS if file == program or file in _included(program)]


@cache
def _included(file: str) -> set[str]:
    """What a rung's program is compiled from of the repository's: all that its file includes, and all that the .cu
    file beside a header does that it names itself (CMakeLists.txt)."""
    found: set[str] = set()
    left = [file, *(str(p) for n in _names(file) if (ROOT / (p := Path(n).with_suffix(".cu"))).exists())]
    while left:
        including = Path(left.pop())
        for name in _names(str(including)):
            beside = including.parent / name
            other = str(beside) if (ROOT / beside).exists() else name
            if other not in found and (ROOT / other).exists():
                found.add(other)
                left.append(other)
    return found


def _names(file: str) -> list[str]:
    return _INCLUDE.findall((ROOT / file).read_text())


def _equivalent() -> dict[tuple[str, str, str], str]:
    """The reason by file, line and what is done there."""
    listed = tomllib.loads((HERE / "equivalent.toml").read_text())
    return {
        (file, entry["line"], label): entry["reason"]
        for file, entries in listed.items()
        for entry in entries
        for label in entry["mutants"]
    }


def _processor_seconds() -> float:
    """Of all programs run until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(folder: Path, rung: str, number: int, seconds: int = 0) -> tuple[bool, str]:
    """Whether the rung's program shows the mutant within so much processor time, and what it says."""
    # Each program on one core, but for OpenMP's rungs, where a single thread would have nobody to meet.
    alone = {"SIMT_WORKERS": "1", "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive", "SIMT_HANG_SECONDS": "2"}
    done = subprocess.run(
        [folder / _target(rung), *([str(number), str(seconds)] if number else [])],
        env=os.environ | alone,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode < 0:
        return True, signal.Signals(-done.returncode).name
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return done.returncode != 0, said[-1] if said else ""
