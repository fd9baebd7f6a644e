"""`./ladder test`: every test there is, and one closing line that counts them."""

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli import build, devices, measure, verify
from cli.console import out, progress, say
from cli.devices import Device
from cli.errors import LadderError
from cli.paths import BUILD, ROOT
from cli.program import Program
from cli.results import find
from cli.tables import LEFT, RIGHT, Table

if TYPE_CHECKING:
    from tests.mutants.mutate import Mutant
    from tests.mutants.run import Result

REPORTS = BUILD / "test"
_CTEST_LINE = re.compile(r"^\s*(\d+)/(\d+) Test ")


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def _program() -> Program:
    """The dev build: simt, checking every memory access, with warnings as errors."""
    return Program(build.build("dev") / "bench" / "warpladder", Device.simt)


def cpp() -> Outcome:
    """The Catch2 tests, through CTest."""
    folder = build.build("dev")
    report = REPORTS / "ctest.xml"
    command = ["ctest", "--test-dir", str(folder), "-j", str(os.cpu_count() or 2), "--output-junit", str(report)]
    with progress() as bar:
        task = bar.add_task("C++", total=None)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in process.stdout or ():
            if step := _CTEST_LINE.match(line):
                bar.update(task, completed=int(step[1]), total=int(step[2]))
        process.wait()
    return _junit(report)


def python() -> Outcome:
    """pytest, on the command line and the plots."""
    report = REPORTS / "pytest.xml"
    # The tests use these programs, so that they build none of their own.
    path = _program().path
    training = path.parents[1] / "train" / "warpladder-train"
    environment = os.environ | {"LADDER_PROGRAM": str(path), "LADDER_TRAIN": str(training)}
    subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "--no-header", f"--junitxml={report}"],
        cwd=ROOT,
        env=environment,
        stdout=sys.stderr,
    )
    return _junit(report, show=False)


def rungs() -> Outcome:
    """Every rung and baseline against the oracle, over the edge shapes; each is one test."""
    result = verify.verify(_program(), [], "rungs")
    outcome = Outcome()
    wrong = {case["id"] for case in result.failures}
    for rung in dict.fromkeys(case["id"] for case in result.cases):
        right = any(case["id"] == rung and case["status"] == "pass" for case in result.cases)
        outcome += Outcome(failed=1) if rung in wrong else Outcome(passed=1) if right else Outcome(skipped=1)
    for line in verify.failure_lines(result):
        say(f"  {line}")
    return outcome


def mutants() -> Outcome:
    """Rungs broken on purpose, some of each chapter: verification must find them."""
    from tests.mutants import run

    seed = 1  # fixed, so that a test that passed does not fail by chance; --mutants runs every one
    chosen = run.sample(seed)
    say(f"  seed {seed}: {', '.join(dict.fromkeys(m.file for m in chosen))}")
    right = sum(result.right for result in _judge(chosen))
    return Outcome(passed=right, failed=len(chosen) - right)


def every_mutant() -> bool:
    """Runs all mutants, prints a table of them, and says whether enough are found and all others are explained."""
    from tests.mutants import run

    results = _judge(run.every())
    table = Table([("", LEFT), ("mutants", RIGHT), ("killed", RIGHT), ("equivalent", RIGHT), ("survived", RIGHT)])
    for folder in [*dict.fromkeys(str(Path(r.mutant.file).parent) for r in results), ""]:
        of = [r for r in results if folder in ("", str(Path(r.mutant.file).parent))]
        killed, listed = sum(r.killed for r in of), sum(not r.killed and r.right for r in of)
        table.add(folder or "all", str(len(of)), str(killed), str(listed), str(len(of) - killed - listed))
    out.print(table.rich())
    for line in (stale := run.stale()):
        say(f"  listed as equivalent, but no mutant: {line}")
    share = sum(r.killed for r in results) / len(results)
    print(f"{share:.1%} killed", flush=True)
    return share >= 0.95 and all(r.right for r in results) and not stale


def _judge(chosen: "list[Mutant]") -> "list[Result]":
    """Builds what these mutants need, runs them, and says what is wrong with the survivors."""
    from tests.mutants import run

    folder = build.build("dev", *run.targets(chosen)) / "tests" / "mutants"
    with progress() as bar:
        task = bar.add_task("mutants", total=len(chosen))
        try:
            results = run.run(chosen, folder, lambda: bar.advance(task))
        except RuntimeError as error:
            raise LadderError(str(error)) from None
    for result in results:
        if not result.right:
            what = "listed as equivalent, but killed" if result.killed else "survived"
            say(f"  {what}: {result.mutant} ({result.how})")
    return results


def counts() -> Outcome:
    """The recorded counts of every chapter against counting again: the same wherever the compiler is the same."""
    program, outcome = _program(), Outcome()
    if not program.registry["checked"]:
        say("  skipped: this build counts nothing")
        return Outcome(skipped=1)
    for recorded in find("counts", recorded=True):
        chapter = recorded.path.name.split(".")[0]
        again = measure.measure(program, "counts", chapter, [], record=False, out=REPORTS / f"{chapter}.counts.json")
        changed = sorted(set(measure.same_counts(recorded, again)))
        if changed and again.compiler.split(".")[0] != recorded.compiler.split(".")[0]:
            say(f"  {chapter}: {', '.join(changed)}: otherwise with {again.compiler} than with {recorded.compiler}")
            outcome += Outcome(skipped=1)
            continue
        if changed:
            say(f"  {chapter}: {', '.join(changed)} count otherwise now: ./ladder count {chapter} --record")
        outcome += Outcome(passed=int(not changed), failed=int(bool(changed)))
    return outcome


def nvcc() -> Outcome:
    """Compiles every .cu for sm_80 and sm_90a."""
    if not devices.nvcc():
        say("  skipped: nvcc is not here")
        return Outcome(skipped=1)
    build.compile_check()
    return Outcome(passed=1)


def data() -> Outcome:
    """The pages' tables, plots and lists against the recorded results and the registry."""
    from cli import pages  # it draws, and matplotlib takes long to load

    drift = pages.drift(_program())
    for line in drift:
        say(f"  {line}")
    return Outcome(passed=int(not drift), failed=len(drift))


def style() -> Outcome:
    """clang-format and ruff, as pinned in cli/requirements.txt."""
    tools = Path(sys.executable).parent
    ours = [folder for folder in ROOT.iterdir() if folder.is_dir() and folder.name[0] != "." and folder != BUILD]
    listed = sorted(p for folder in ours for p in folder.rglob("*") if p.suffix in (".cpp", ".hpp", ".cu", ".cuh"))
    outcome = Outcome()
    for command in (
        [tools / "clang-format", "--dry-run", "-Werror", *listed],
        [tools / "ruff", "check", "--quiet"],
        [tools / "ruff", "format", "--check", "--quiet"],
    ):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            places = re.findall(r"^\S+:\d+", done.stderr + done.stdout, re.MULTILINE)
            files = sorted({p.split(":")[0] for p in places})
            say(f"  {Path(command[0]).name} {command[1]}: {' '.join(files) or done.stdout.strip()}")
        outcome += Outcome(passed=int(done.returncode == 0), failed=int(done.returncode != 0))
    return outcome


PARTS: dict[str, Callable[[], Outcome]] = {
    "style": style,
    "cpp": cpp,
    "rungs": rungs,
    "mutants": mutants,
    "counts": counts,
    "data": data,
    "python": python,
    "nvcc": nvcc,
}


def test(parts: list[str]) -> Outcome:
    REPORTS.mkdir(parents=True, exist_ok=True)
    total = Outcome()
    for name in parts or PARTS:
        part = PARTS[name]
        say(f"{name}: {(part.__doc__ or '').splitlines()[0]}")
        begun = time.monotonic()
        try:
            outcome = part()
        except LadderError as error:
            say(f"  {error}")
            outcome = Outcome(failed=1)
        say(f"  {outcome}, in {time.monotonic() - begun:.0f} s")
        total += outcome
    return total


def _junit(report: Path, show: bool = True) -> Outcome:
    """Counts the cases of a JUnit file; an absent or empty one is a failure."""
    outcome = Outcome()
    cases = list(Xml.parse(report).getroot().iter("testcase")) if report.exists() else []
    for case in cases:
        bad = next((e for e in case if e.tag in ("failure", "error")), None)
        if bad is not None:
            outcome += Outcome(failed=1)
            if show:
                text = (case.findtext("system-out") or bad.text or "").strip().splitlines()
                say(f"  FAILED {case.get('name')}")
                for line in text[:30]:
                    say(f"    {line}")
        elif case.find("skipped") is not None:
            outcome += Outcome(skipped=1)
        else:
            outcome += Outcome(passed=1)
    report.unlink(missing_ok=True)  # so that the next run cannot count this one's
    return outcome if cases else Outcome(failed=1)
