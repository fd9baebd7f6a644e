"""`./ladder run`, the main job: verify every rung, measure or count it, draw it, and write the report.

Each stage of each chapter is kept when it is done, with the program it was done with: an interrupted run goes on where
it stopped, and a second run after no change has nothing to do.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import devices, measure, recorded, report, verify
from cli.console import out, say
from cli.devices import Device
from cli.errors import write
from cli.paths import REPORT, shown
from cli.program import Program, program
from cli.results import Results, load
from cli.verify import Verification

Json = dict[str, Any]
QUICK_VERIFY = ["--at-most", "4"]  # shapes a rung
QUICK_BENCH = ["--at-most", "2", "--budget", "0.2"]  # and seconds of sampling a case


@dataclass
class Kept:
    """What earlier runs finished: stage -> what it was done with, and its file."""

    path: Path = REPORT / "done.json"

    def _all(self) -> Json:
        try:
            return json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}

    def file(self, stage: str, made_with: str) -> Path | None:
        entry = self._all().get(stage, {})
        path = Path(entry.get("file", ""))
        return path if entry.get("made_with") == made_with and path.is_file() else None

    def keep(self, stage: str, made_with: str, file: Path) -> None:
        write(self.path, json.dumps(self._all() | {stage: {"made_with": made_with, "file": str(file)}}, indent=1))


def run(device: Device, quick: bool, fresh: bool) -> int:
    """Returns the exit status: 0, or 1 when a rung is wrong."""
    device = devices.resolve(device)
    say(devices.why(device))
    main = program(device)
    chapters = list(dict.fromkeys(e["chapter"] for e in main.entries if not e["baseline"]))
    kept = Kept()
    if fresh:
        kept.path.unlink(missing_ok=True)

    say("Verifying every rung against its FP64 oracle:")
    subjects = [*chapters, *(["baselines"] if any(e["baseline"] for e in main.entries) else [])]
    verified = {subject: _verified(kept, main, subject, quick) for subject in subjects}
    say("Measuring:" if device is Device.gpu else "Counting what every warp asks of memory (nothing is timed here):")
    kind = "bench" if device is Device.gpu else "counts"
    arguments = ["--peaks", shown(measure.ensure_peaks(main, record=False))] if device is Device.gpu else []
    arguments += QUICK_BENCH if quick and device is Device.gpu else []
    measured = [(chapter, _measured(kept, main, kind, chapter, arguments)) for chapter in chapters]

    titles = {e["id"]: e["title"] for e in main.entries}
    tables = {subject: verify.table(result, titles) for subject, result in verified.items()}
    page = report.report(f"{device}", devices.why(device), tables, measured)
    for _, results in measured:
        for table in recorded.tables(results):
            out.print(table.rich())
            out.print()
    wrong = [line for result in verified.values() for line in verify.failure_lines(result)]
    for line in wrong:
        say(line)
    passed, failed, refused = (sum(r.count(s) for r in verified.values()) for s in ("pass", "fail", "refused"))
    say(f"Verified: {passed} cases right, {failed} wrong, {refused} refused by rungs that declare what they need.")
    say(f"Report, with the plots: {shown(page)}")
    return 1 if wrong else 0


def _made_with(program: Program, arguments: list[str]) -> str:
    return hashlib.sha256(program.path.read_bytes() + repr(arguments).encode()).hexdigest()[:16]


def _verified(kept: Kept, main: Program, subject: str, quick: bool) -> Verification:
    arguments = [subject, *(QUICK_VERIFY if quick else [])]
    stage, made_with = f"verify {subject}", _made_with(main, arguments)
    if file := kept.file(stage, made_with):
        say(f"  verify {subject}: kept from before")
        data = json.loads(file.read_text())
        return Verification(data["device"], data["name"], data["cases"])
    result = verify.verify(main, arguments, stage)
    file = REPORT / "verified" / f"{subject}.json"
    write(file, json.dumps(result.json()))
    kept.keep(stage, made_with, file)
    return result


def _measured(kept: Kept, main: Program, kind: str, chapter: str, arguments: list[str]) -> Results:
    stage, made_with = f"{kind} {chapter}", _made_with(main, [chapter, *arguments])
    if file := kept.file(stage, made_with):
        say(f"  {stage}: kept from before")
        return load(file)
    results = measure.measure(main, kind, chapter, arguments, record=False, out=None)
    kept.keep(stage, made_with, results.path)
    return results
