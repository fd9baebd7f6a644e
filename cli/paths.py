"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CHAPTERS = ROOT / "chapters"
RECORDED = ROOT / "bench" / "results"  # committed, exactly as measured
OWN = BUILD / "results"  # what this checkout has measured for itself
REPORT = BUILD / "report"
DATASHEETS = ROOT / "bench" / "gpus.json"
SCHEMA = ROOT / "bench" / "results.schema.json"


def chapters() -> list[str]:
    """The chapters' names, in order, without asking the program (and so without a build)."""
    return sorted(p.parent.name for p in CHAPTERS.glob("*/problem.hpp"))


def shown(path: Path) -> str:
    """A path as a user would type it at the root of the repository."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
