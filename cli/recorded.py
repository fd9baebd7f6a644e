"""Tables of recorded results: what ./ladder table, the pages and the report all show."""

from typing import Any

from cli import shapes
from cli.results import Results
from cli.tables import LEFT, RIGHT, Table
from cli.units import count, percent, seconds, si

Json = dict[str, Any]


def groups(results: Results, every_shape: bool = False) -> list[tuple[str, str, list[Json]]]:
    """The rows by problem and shape: (problem, shape as text, rows). Without `every_shape`, each problem's largest."""
    telling = shapes.by_problem(results.rows)
    found: dict[str, dict[str, list[Json]]] = {}
    for row in results.rows:
        text = shapes.text(row["shape"], telling[row["problem"]])
        found.setdefault(row["problem"], {}).setdefault(text, []).append(row)

    def cost(rows: list[Json]) -> float:
        return rows[0]["work"]["bytes"] + rows[0]["work"]["flops"]

    chosen = []
    for problem, by_shape in found.items():
        largest = max(by_shape.values(), key=cost)
        chosen += [(problem, text, rows) for text, rows in by_shape.items() if every_shape or rows is largest]
    return chosen


def tables(results: Results, every_shape: bool = False) -> list[Table]:
    """One table for each problem and shape of a bench or counts file.

    With `every_shape`, a rung that refuses one shape is left out there where another shape has its counts.
    """
    make = _counts_table if results.kind == "counts" else _bench_table
    elsewhere = {row["id"] for row in results.ok()} if every_shape and results.kind == "counts" else set()
    made = [
        (problem, text, make([r for r in rows if r["status"] != "refused" or r["id"] not in elsewhere]))
        for problem, text, rows in groups(results, every_shape)
    ]
    for problem, text, table in made:
        table.title = f"{problem} {text} — {results.stamp}"
    return [table for _, _, table in made if table.rows]


def _bench_table(rows: list[Json]) -> Table:
    columns = [("rung", LEFT), ("", LEFT), ("time", RIGHT), ("95% interval", RIGHT), ("rate", RIGHT),
               ("of the ceiling", RIGHT), ("vs best baseline", RIGHT), ("of the error bound", RIGHT)]  # fmt: skip
    table = Table(columns)
    for row in rows:
        table.add(row["name"], _title(row), *(_times(row) if row["status"] == "ok" else []))
    if any(row.get("time", {}).get("launch_sensitive") for row in rows):
        table.notes.append("* under 10 µs: launch overhead is part of the figure.")
    if any(row.get("time", {}).get("throttled_samples") for row in rows):
        table.notes.append("Some samples were taken while the GPU was throttled; the result file marks them.")
    reasons = sorted({reason for row in rows for reason in row.get("time", {}).get("throttle_reasons", [])})
    if reasons:
        table.notes.append(f"The GPU held its clock back while some samples were taken: {', '.join(reasons)}.")
    return table


def _times(row: Json) -> list[str]:
    time, rate, ceiling, vs = row["time"], row["rate"], row["ceiling"], row["vs"]
    low, high = time["ci95_s"]
    spread = max(high - time["median_s"], time["median_s"] - low) / time["median_s"]
    star = "*" if time["launch_sensitive"] else ""
    return [
        seconds(time["median_s"]) + star,
        f"± {100 * spread:.1f}%",
        si(rate["value"], rate["unit"]),
        f"{percent(ceiling['share'])} ({ceiling['limiter']})" if ceiling else "–",
        f"{vs['ratio']:.2f}×" if vs else "–",
        percent(row["verify"]["before"]["share_of_bound"]),
    ]


def _title(row: Json) -> str:
    """A rung's title; where it has no numbers, why: refused: needs sm_90; failed: …"""
    status, message = row["status"], row["message"]
    if status == "ok":
        return row["title"]
    why = message if message.startswith(status) else f"{status}: {message}" if message else status
    return f"{row['title']} ({why})"


COUNTS = {  # the schema's names, as a table's heading says them
    "global_load_sectors_per_request": "global load sectors/request",
    "global_store_sectors_per_request": "store sectors/request",
    "shared_load_wavefronts_per_request": "shared load wavefronts/request",
    "shared_store_wavefronts_per_request": "store wavefronts/request",
    "global_traffic_bytes": "global traffic",
    "traffic_ratio": "of the least",
    "barriers": "barriers",
    "matrix_instructions": "matrix instructions",
}


def _counts_table(rows: list[Json]) -> Table:
    """Only the columns that some rung has: a chapter without tensor cores shows no column of zeros."""
    rows = [row for row in rows if row["where"] == "gpu"]
    counts = [_counted(row) for row in rows]
    used = [name for name in COUNTS if any(of_rung.get(name) for of_rung in counts)]
    table = Table([("rung", LEFT), ("", LEFT), *((COUNTS[name], RIGHT) for name in used)])
    for row, of_rung in zip(rows, counts, strict=True):
        cells = [_count(name, of_rung.get(name)) for name in used] if row["status"] == "ok" else []
        table.add(row["name"], _title(row), *cells)
    return table


def _counted(row: Json) -> Json:
    """A row's counts, and its traffic (whole sectors) against the least: each operand moved once."""
    counts, least = row.get("counts") or {}, row["work"]["bytes"]
    return counts | ({"traffic_ratio": counts["global_traffic_bytes"] / least} if counts and least else {})


def _count(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name == "traffic_ratio":
        return f"{float(f'{value:.3g}'):,.10g}×"
    return si(value, "B") if name.endswith("bytes") and value else count(value)
