"""Measuring (`bench`, on a GPU) and counting (`count`, on simt). A file is written whole, then moved in place."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

from cli.console import say
from cli.devices import gpus
from cli.errors import LadderError, from_os_error
from cli.paths import OWN, RECORDED, shown
from cli.program import Program
from cli.results import Results, file_name, load

PARTIAL = OWN / "partial"


def measure(program: Program, kind: str, subject: str, arguments: list[str], record: bool, out: Path | None) -> Results:
    """Runs one verb over one subject (a chapter or rung; "" for peaks) and returns its file.

    The program writes after every case, so an interruption leaves a valid, incomplete file; it is kept where nothing
    better is.
    """
    verb = {"counts": "count"}.get(kind, kind)
    name = file_name(subject, kind)
    base = RECORDED if record else OWN
    _must_be_writable(out.parent if out else base)
    partial = PARTIAL / name
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    try:
        words = [verb, *([subject] if subject else []), *arguments, "--out", shown(partial)]
        for _ in program.events(f"{verb} {subject}".strip(), *words):
            pass
    finally:
        if partial.exists():
            results = load(partial)
            target = out or base / results.device["slug"] / name
            if results.data["complete"] or (results.rows and not target.exists()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(partial, target)
                results = Results(target, results.data)
            if not results.rows:
                partial.unlink(missing_ok=True)
            elif not results.data["complete"]:
                say(f"  incomplete: {len(results.rows)} cases are in {shown(results.path)}")
        with suppress(OSError):  # another run's file may be in it
            partial.parent.rmdir()
    return results


def ensure_peaks(program: Program, record: bool) -> Path:
    """The peaks of this machine's GPU, measured once and then kept."""
    name = gpus()[0].name
    for base in (RECORDED,) if record else (OWN, RECORDED):
        for path in base.glob("*/peaks.json"):
            if load(path).device["name"] == name:
                return path
    say(f"Measuring what {name} can do, once:")
    return measure(program, "peaks", "", [], record, None).path


def _must_be_writable(folder: Path) -> None:
    """Says so before an hour of measuring, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise LadderError(f"results cannot be written: {from_os_error(error)}") from None


def same_counts(old: Results, new: Results) -> list[str]:
    """Counts are deterministic: a line for each rung whose recorded counts are not what is counted now."""

    def counted(results: Results) -> dict[str, object]:
        return {f"{r['id']} {json.dumps(r['shape'])}": (r["status"], r.get("counts")) for r in results.rows}

    before, now = counted(old), counted(new)
    return [key.split()[0] for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
