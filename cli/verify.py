"""`./ladder verify`: every case of the program's verification, summed up for each rung."""

from dataclasses import dataclass, field
from typing import Any

from cli import shapes
from cli.program import Program
from cli.tables import LEFT, RIGHT, Table

Json = dict[str, Any]


@dataclass
class Verification:
    device: str = ""  # gpu or simt
    name: str = ""  # the GPU's or the CPU's
    cases: list[Json] = field(default_factory=list)

    def count(self, status: str) -> int:
        return sum(case["status"] == status for case in self.cases)

    @property
    def failures(self) -> list[Json]:
        return [case for case in self.cases if case["status"] == "fail"]

    def json(self) -> Json:
        return {
            "device": self.device,
            "name": self.name,
            "passed": self.count("pass"),
            "failed": self.count("fail"),
            "refused": self.count("refused"),
            "cases": self.cases,
        }


def verify(program: Program, arguments: list[str], what: str = "verify") -> Verification:
    result = Verification(device=program.device)
    for event in program.events(what, "verify", *arguments):
        if event["event"] == "plan":
            result.device, result.name = event["device"], event["name"]
        elif event["event"] == "case":
            result.cases.append(event)
    result.cases.sort(key=lambda case: case["case"])  # several processes work at once
    result.cases = [{key: case[key] for key in case if key not in ("event", "case")} for case in result.cases]
    return result


def table(result: Verification, titles: dict[str, str]) -> Table:
    """A line for each rung: how many cases passed, and the greatest share of the error bound that one used."""
    cases: dict[str, list[Json]] = {}
    for case in result.cases:
        cases.setdefault(case["id"], []).append(case)
    rows = []
    for rung, of_it in cases.items():
        counts = {s: sum(c["status"] == s for c in of_it) for s in ("pass", "fail", "refused")}
        share = max((c["share_of_bound"] for c in of_it if c["status"] == "pass"), default=None)
        verdict = "WRONG" if counts["fail"] else "right" if counts["pass"] else "refused"
        rows.append(
            [rung, titles.get(rung, ""), verdict, str(counts["pass"]), str(counts["fail"] or ""),
             str(counts["refused"] or ""), "" if share is None else f"{share:.1%}"]
        )  # fmt: skip
    columns = [("rung", LEFT), ("", LEFT), ("verdict", LEFT), ("cases passed", RIGHT), ("failed", RIGHT),
               ("refused", RIGHT), ("of the error bound", RIGHT)]  # fmt: skip
    return Table(columns, f"Against the FP64 oracle, on {result.device} ({result.name})", rows)


def failure_lines(result: Verification, at_most: int = 10) -> list[str]:
    lines = [f"{c['id']} --shape {shapes.text(c['shape'])} ({c['fill']}): {c['message']}" for c in result.failures]
    more = len(lines) - at_most
    return lines[:at_most] + ([f"… and {more} more"] if more > 0 else [])
