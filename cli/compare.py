"""`./ladder compare OLD NEW`: is a rung faster or slower than before, beyond noise and beyond what matters?

Mann-Whitney's U test on the repetitions' medians (two-sided, alpha 0.05) says whether the difference is more than
noise; a least effect of 2% says whether it is worth a word. Means would raise false alarms: the samples have tails.
"""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from scipy.stats import mannwhitneyu

from cli import shapes
from cli.errors import LadderError
from cli.results import Results
from cli.tables import LEFT, RIGHT, Table
from cli.units import seconds

ALPHA = 0.05
LEAST_EFFECT = 0.02


class Verdict(StrEnum):
    faster = "faster"
    slower = "slower"
    same = "same"
    ambiguous = "ambiguous"  # a large difference that may be noise
    broken = "broken"  # measured before, and now wrong, refused or gone


def judge(old: list[float], new: list[float]) -> tuple[Verdict, float, float]:
    """Two samples of times in seconds -> the verdict, new/old - 1 of the medians, and the test's p."""
    effect = median(new) / median(old) - 1
    p = float(mannwhitneyu(old, new, alternative="two-sided").pvalue)
    if abs(effect) < LEAST_EFFECT:
        return Verdict.same, effect, p
    if p >= ALPHA:
        return Verdict.ambiguous, effect, p
    return (Verdict.slower if effect > 0 else Verdict.faster), effect, p


@dataclass
class Comparison:
    table: Table
    regressions: int


def compare(old: Results, new: Results) -> Comparison:
    for results in (old, new):
        if results.kind != "bench":
            raise LadderError(f"{results.path} holds {results.kind}, not times: compare takes files of ./ladder bench")
    if old.device["name"] != new.device["name"]:
        raise LadderError(
            f"these are different GPUs ({old.device['name']}, {new.device['name']}): compare runs of the same one"
        )
    before = {_key(row): row for row in old.rows if row["status"] == "ok"}
    after = {_key(row): row for row in new.rows}
    if not before.keys() & after.keys():
        raise LadderError("these files have no rung and shape in common: there is nothing to compare")
    columns = [("rung", LEFT), ("shape", LEFT), ("old", RIGHT), ("new", RIGHT), ("change", RIGHT), ("p", RIGHT),
               ("verdict", LEFT)]  # fmt: skip
    table = Table(columns, f"{old.device['name']}: {old.commit} → {new.commit}")
    telling = shapes.by_problem(before.values())
    regressions = 0
    for key, row in before.items():
        head = [row["id"], shapes.text(row["shape"], telling[row["problem"]]), seconds(row["time"]["median_s"])]
        now = after.get(key)
        if now is None:
            table.notes.append(f"{head[0]} {head[1]}: only in {old.path.name}")
        elif now["status"] != "ok":
            regressions += 1
            table.rows.append([*head, "", "", "", f"{Verdict.broken}: {now['message'] or now['status']}"])
        elif now["time"]["cold"] != row["time"]["cold"]:
            table.notes.append(f"{head[0]} {head[1]}: one run was cold and the other hot; not compared")
        else:
            verdict, effect, p = judge(row["time"]["repetition_medians_s"], now["time"]["repetition_medians_s"])
            regressions += verdict is Verdict.slower
            table.rows.append([*head, seconds(now["time"]["median_s"]), f"{effect:+.1%}", f"{p:.3f}", verdict])
    table.notes += _context(old, new)
    return Comparison(table, regressions)


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["id"], *sorted(row["shape"].items())


def _context(old: Results, new: Results) -> list[str]:
    """What else changed between the runs: a reader may want to blame it."""
    pairs = []
    for group, names in (("build", ("compiler", "flags", "nvcc", "archs")), ("gpu", ("driver", "runtime", "cublas"))):
        for name in names:
            a, b = ((r.data["environment"].get(group) or {}).get(name) for r in (old, new))
            if a != b:
                pairs.append(f"{name}: {a} → {b}")
    return [f"Also different: {'; '.join(pairs)}"] if pairs else []
