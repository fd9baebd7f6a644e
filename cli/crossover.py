"""`./ladder crossover`: the size from which on a GPU beats the CPU, with the copies counted."""

from typing import Any

from cli.paths import OWN, shown
from cli.program import Program
from cli.tables import LEFT, RIGHT, Table
from cli.units import seconds

Json = dict[str, Any]


def measure(program: Program) -> list[Table]:
    """Runs the program's crossover; returns the times by size, and where each way of copying begins to win."""
    path = OWN / "crossover.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = list(program.events("crossover", "crossover", "--out", str(path)))
    rows = [e for e in events if e["event"] == "row"]
    ways = list(dict.fromkeys(row["way"] for row in rows))
    times = Table([("n", RIGHT), *((way, RIGHT) for way in ways)], "SAXPY: time by size")
    for n in dict.fromkeys(row["n"] for row in rows):
        at = {row["way"]: seconds(row["median_s"]) for row in rows if row["n"] == n}
        times.add(f"{n:,}", *(at.get(way, "") for way in ways))
    times.notes.append(f"Samples and intervals: {shown(path)}")
    summary: Json = next((e["crossover"] for e in events if e["event"] == "crossover"), {})
    wins = Table([("data", LEFT), ("the GPU wins from n =", RIGHT)], "Where the GPU begins to win")
    for way, crossing in summary.items():
        wins.add(way, f"{crossing['n']:,.0f}" if crossing else "at no size measured")
    return [times, wins]
