"""`./ladder compare OLD NEW`: is a rung faster or slower than before, beyond noise and beyond what matters?

Mann-Whitney's U test on the repetitions' medians (two-sided, alpha 0.05) says whether the difference is more than
noise; a least effect of 2% says whether it is worth a word. Means would raise false alarms: the samples have tails.
Among a hundred rows that did not change, noise alone gives five a p below 0.05: the p of all rows are corrected by
Holm's method (1979), so that the chance of any false alarm in a comparison stays at 5%.
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


def difference(old: list[float], new: list[float]) -> tuple[float, float]:
    """Two samples of times in seconds -> new/old - 1 of the medians, and the test's p."""
    return median(new) / median(old) - 1, float(mannwhitneyu(old, new, alternative="two-sided").pvalue)


def holm(ps: list[float]) -> list[float]:
    """Each p corrected for there being as many: the least times n, the next times n - 1, …, none below one before."""
    corrected, greatest = [0.0] * len(ps), 0.0
    for place, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        greatest = max(greatest, min((len(ps) - place) * ps[i], 1.0))
        corrected[i] = greatest
    return corrected


def judge(effect: float, p: float) -> Verdict:
    if abs(effect) < LEAST_EFFECT:
        return Verdict.same
    if p >= ALPHA:
        return Verdict.ambiguous
    return Verdict.slower if effect > 0 else Verdict.faster


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
    tested: list[tuple[list[str], float, float]] = []  # rows of the table that want a verdict, with effect and p
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
            effect, p = difference(row["time"]["repetition_medians_s"], now["time"]["repetition_medians_s"])
            table.rows.append([*head, seconds(now["time"]["median_s"]), f"{effect:+.1%}"])
            tested.append((table.rows[-1], effect, p))
    for (cells, effect, _), p in zip(tested, holm([p for *_, p in tested]), strict=True):
        verdict = judge(effect, p)
        regressions += verdict is Verdict.slower
        cells += [f"{p:.3f}", verdict]
    if len(tested) > 1:
        table.notes.append(f"p is corrected for {len(tested)} comparisons at once (Holm).")
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
