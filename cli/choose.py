"""`./ladder choose CHAPTER`: which GPU for this chapter? A prediction from datasheets, and labelled as one."""

from typing import Any

from cli import shapes
from cli.errors import unknown
from cli.results import Results, datasheet, datasheets, find, named
from cli.tables import LEFT, RIGHT, Table
from cli.units import percent, seconds, si

Json = dict[str, Any]
RING = 4  # operands are rotated through at least this many last-level caches when a time is taken cold


def predict(problem: Json, gpu: Json) -> list[Json]:
    """The least time for each bench shape: max(FLOPs / peak, bytes / bandwidth); None where the GPU lacks the type."""
    peak = gpu["peaks"].get(problem["rate"])
    rows = []
    for shape in problem["shapes"]:
        by_memory = shape["bytes"] / gpu["peaks"]["bandwidth"]
        by_math = None if peak is None and shape["flops"] else shape["flops"] / (peak or 1)
        needed = shape["memory_bytes"] + RING * gpu["l2_bytes"]
        rows.append(
            {
                "problem": problem["problem"],
                "shape": shape["shape"],
                "seconds": None if by_math is None else max(by_math, by_memory),
                "limiter": "bandwidth" if by_math is None or by_memory >= by_math else problem["rate"],
                "memory_bytes": needed,
                "fits": needed <= gpu["memory_bytes"],
            }
        )
    return rows


def best_share(measured: list[Results], problem: str) -> tuple[float, str] | None:
    """The greatest share of the ceiling that a rung of ours reached on any GPU, and on which."""
    shares = [
        (row["ceiling"]["share"], results.device["name"])
        for results in measured
        for row in results.ok()
        if row["problem"] == problem and not row["baseline"] and row["where"] == "gpu" and row["ceiling"]
    ]
    return max(shares, default=None)


def sheets(gpu: str | None) -> list[Json]:
    """The datasheets of one GPU's variants, or all of them."""
    found = [g for g in datasheets() if gpu is None or named(gpu, g["name"], *g["match"])]
    if not found:
        raise unknown("GPU", gpu or "", [g["name"] for g in datasheets()], "bench/gpus.json")
    return found


def choose(problems: list[Json], chapter: str, gpu: str | None) -> list[Table]:
    """One table for each problem of the chapter, at its largest bench shape; the quickest GPU first."""
    measured = find("bench", chapter)
    columns = [("GPU", LEFT), ("memory", RIGHT), ("least time", RIGHT), ("limited by", LEFT),
               ("predicted share", RIGHT), ("predicted time", RIGHT), ("measured", RIGHT)]  # fmt: skip
    tables = []
    for problem in (p for p in problems if p["chapter"] == chapter and p["shapes"]):
        largest = max(range(len(problem["shapes"])), key=lambda i: problem["shapes"][i]["memory_bytes"])
        shape = problem["shapes"][largest]
        share = best_share(measured, problem["problem"])
        text = shapes.text(shape["shape"], shapes.telling(s["shape"] for s in problem["shapes"]))
        table = Table(columns, f"A PREDICTION from datasheets, not a measurement: {problem['problem']} at {text}")
        rows = [(sheet, predict(problem, sheet)[largest]) for sheet in sheets(gpu)]
        for sheet, row in sorted(rows, key=lambda pair: (pair[1]["seconds"] is None, pair[1]["seconds"] or 0)):
            least = row["seconds"]
            table.rows.append(
                [
                    sheet["name"],
                    "fits" if row["fits"] else f"needs {si(row['memory_bytes'], 'B')}",
                    seconds(least) if least else f"no {problem['rate']} rate known",
                    row["limiter"] if least else "",
                    percent(share[0]) if share else "–",
                    seconds(least / share[0]) if least and share else "–",
                    _measured(measured, sheet, problem["problem"], shape["shape"]),
                ]
            )
        if share:
            table.notes.append(f"The predicted share is the best measured one, on {share[1]}; another GPU may differ.")
        else:
            table.notes.append(
                f"No share is predicted: no GPU has been measured. On one, ./ladder bench {chapter} does that."
            )
        tables.append(table)
    return tables


def _measured(measured: list[Results], sheet: Json, problem: str, shape: Json) -> str:
    times = [
        row["time"]["median_s"]
        for results in measured
        if datasheet(results.device["name"]) == sheet
        for row in results.ok()
        if row["problem"] == problem and row["shape"] == shape and not row["baseline"]
    ]
    return seconds(min(times)) if times else ""
