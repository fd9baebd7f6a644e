"""The C++ program: `list` prints one JSON document, long verbs print one JSON object a line."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cli import build, devices, shapes
from cli.console import progress
from cli.devices import Device
from cli.errors import Failed, LadderError, unknown, write
from cli.paths import BUILD, ROOT, chapters, shown

Json = dict[str, Any]
REGISTRY_CACHE = BUILD / "registry.json"  # for tab completion, which must answer at once


@dataclass(frozen=True)
class Program:
    path: Path
    device: Device

    def run(self, *arguments: str) -> str:
        done = subprocess.run([self.path, *arguments], cwd=ROOT, capture_output=True, text=True)
        self._check(done.returncode, done.stderr, "")
        return done.stdout

    @cached_property
    def registry(self) -> Json:
        text = self.run("list")
        write(REGISTRY_CACHE, text)
        return json.loads(text)

    @property
    def entries(self) -> list[Json]:
        return self.registry["entries"]

    def named(self, ids: list[str] | None) -> list[str]:
        """The ids, which must each name a chapter, a rung, or the baselines; 03-gemm/ is 03-gemm."""
        known = {e["id"] for e in self.entries} | {e["id"].split("/")[0] for e in self.entries}
        for wanted in ids or []:
            if wanted.rstrip("/") not in known:
                raise unknown("chapter or rung", wanted, known, "./ladder list")
        return [wanted.rstrip("/") for wanted in ids or []]

    def events(self, what: str, *arguments: str) -> Iterator[Json]:
        """What a long verb reports, with a progress bar that follows its plan; what is wrong before there is a plan
        is told without a bar. Exit status 1 is the caller's to see from the events; 2 and crashes raise."""
        last = ""
        with tempfile.TemporaryFile("w+", errors="replace") as complaints:
            # From the root, with paths as seen there: result files keep this command line.
            process = subprocess.Popen(
                [shown(self.path), *arguments],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                errors="replace",
                env=self._environment(arguments[0]),
            )
            try:
                lines = iter(process.stdout or ())
                if plan := json.loads(next(lines, "null")):
                    with progress() as bar:
                        task = bar.add_task(what, total=plan["cases"])
                        yield plan
                        for line in lines:
                            event = json.loads(line)
                            if event["event"] == "case":
                                bar.advance(task)
                                last = f"{event.get('id', '')} {shapes.text(event.get('shape', {}))}".strip()
                            yield event
                status = process.wait()
                complaints.seek(0)
                self._check(status, complaints.read(), last)
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()

    @staticmethod
    def _environment(verb: str) -> dict[str, str]:
        # Many small parallel loops: threads that spin while they wait would slow each other. What is timed may spin.
        passive = {"OMP_WAIT_POLICY": "passive"} if verb in ("verify", "count") else {}
        return passive | dict(os.environ)

    @staticmethod
    def _check(status: int, complaint: str, last: str) -> None:
        if status in (0, 1):
            return
        lines = [s for s in complaint.splitlines() if s.strip()] or [""]
        line = next((s for s in lines if s.startswith("warpladder: ")), lines[0])
        if status == 2:
            raise LadderError(line.removeprefix("warpladder: "))
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        after = f" after {last}" if last else ""
        raise Failed(f"the program ended with {name}{after}{': ' + line if line else ''}")


def program(device: Device, fast: bool = False) -> Program:
    """The program for a device, built if need be. On simt it checks and counts every access, unless `fast`.

    LADDER_PROGRAM names one that is built already, for the tests.
    """
    if given := os.environ.get("LADDER_PROGRAM"):
        return Program(Path(given).resolve(), Device.simt)
    device = devices.resolve(device)
    preset = "gpu" if device is Device.gpu else "simt" if fast else "simt-check"
    return Program(build.build(preset, "warpladder") / "bench" / "warpladder", device)


def complete_ids(incomplete: str) -> list[str]:
    """For tab completion: chapters and rungs of the last build."""
    try:
        ids = [e["id"] for e in json.loads(REGISTRY_CACHE.read_text())["entries"]]
    except (OSError, ValueError, KeyError):
        ids = []
    return sorted(i for i in {*chapters(), *ids} if i.startswith(incomplete))
