"""Result files: found, read, checked against their schema. Nothing here writes or changes one."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cli.errors import LadderError, unknown
from cli.paths import DATASHEETS, OWN, RECORDED, SCHEMA, chapters, shown

Json = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """One result file: what one device did, in one run."""

    path: Path
    data: Json

    @property
    def kind(self) -> str:
        return self.data["kind"]

    @property
    def device(self) -> Json:
        return self.data["device"]

    @property
    def rows(self) -> list[Json]:
        return self.data["rows"]

    @property
    def time(self) -> str:
        """When it was measured: UTC, and so in order as text."""
        return self.data["environment"]["time_utc"]

    @property
    def commit(self) -> str:
        """The sources' commit, marked when they were changed since: 1a2b3c4, 1a2b3c4+changes."""
        source = self.data["environment"]["source"]
        return (source["commit"] or "no commit")[:7] + ("+changes" if source["dirty"] else "")

    @property
    def compiler(self) -> str:
        """The host compiler's name and version: "GNU 12.2.0"."""
        return self.data["environment"]["build"]["compiler"]

    @property
    def stamp(self) -> str:
        """What every table and figure says of where its numbers are from."""
        date = self.time[:10]
        part = "" if self.data["complete"] else ", incomplete"
        if self.kind == "counts":
            return f"counted on simt, not timed; {date}, commit {self.commit}{part}"
        return f"{self.device['name']}; {date}, commit {self.commit}{part}"

    def ok(self) -> list[Json]:
        return [row for row in self.rows if row["status"] == "ok"]


@cache
def _validator() -> Any:
    import jsonschema  # takes long to load, and most verbs read no result

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def load(path: Path) -> Results:
    """Reads one file; a line for what is no result file, or another version's."""
    again = "measure again with ./ladder bench or ./ladder count"
    if not path.exists():
        raise LadderError(f"{path}: there is no such file")
    try:
        data = json.loads(path.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise LadderError(f"{shown(path)} is no JSON ({error}): {again}") from None
    version = data.get("schema") if isinstance(data, dict) else None
    if version != 1:
        what = "no result file of Warpladder" if version is None else f"schema version {version}; this reads version 1"
        raise LadderError(f"{shown(path)} is {what}: {again}")
    error = next(iter(_validator().iter_errors(data)), None)
    if error:
        place = "/".join(str(p) for p in error.absolute_path) or "the top"
        raise LadderError(f"{shown(path)} is broken at {place} ({error.message[:120]}): {again}")
    return Results(path, data)


def file_name(subject: str, kind: str) -> str:
    """03-gemm.bench.json for a chapter, 03-gemm.05_tile.counts.json for a rung, peaks.json for a GPU."""
    return "peaks.json" if kind == "peaks" else f"{subject.replace('/', '.')}.{kind}.json"


def find(kind: str, chapter: str | None = None, gpu: str | None = None, recorded: bool = False) -> list[Results]:
    """The files of a kind (bench or counts), one a device and chapter.

    Of this checkout's own measurement and the recorded one, the newer; `recorded` leaves its own out. gpu: part of
    a device's name or slug, as a user types it.
    """
    if chapter is not None and chapter not in chapters():
        raise unknown("chapter", chapter, chapters(), "./ladder list")
    chosen: dict[tuple[str, str], Results] = {}
    for base in (RECORDED,) if recorded else (RECORDED, OWN):
        for name in [chapter] if chapter else chapters():
            for path in base.glob(f"*/{file_name(name, kind)}"):
                results, of = load(path), (path.name, path.parent.name)
                if of not in chosen or chosen[of].time <= results.time:
                    chosen[of] = results
    found = [results for _, results in sorted(chosen.items(), key=lambda pair: pair[0])]
    if gpu is None:
        return found
    return [r for r in found if named(gpu, r.device["slug"], r.device["name"])]


def peaks_of(results: Results) -> Results | None:
    """The peaks measured on the same device, if they were: recorded beside the results, or by this checkout."""
    for base in (results.path.parent, OWN / results.device["slug"], RECORDED / results.device["slug"]):
        if (base / "peaks.json").exists():
            return load(base / "peaks.json")
    return None


def named(wanted: str, *names: str) -> bool:
    """Whether a user's word for a GPU means this one: H200, h200, nvidia-h200, 'RTX 4090'."""

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()

    return any(f" {plain(wanted)} " in f" {plain(name)} " for name in names)


def devices_with_results() -> list[str]:
    return sorted({p.parent.name for base in (RECORDED, OWN) for p in base.glob("*/*.json")} - {"partial"})


@cache
def datasheets() -> list[Json]:
    return json.loads(DATASHEETS.read_text())["gpus"]


def datasheet(device_name: str) -> Json | None:
    """The datasheet of a device as its driver names it; the longest match wins."""
    matches = [(len(m), gpu) for gpu in datasheets() for m in gpu["match"] if named(m, device_name)]
    return max(matches, key=lambda pair: pair[0])[1] if matches else None
