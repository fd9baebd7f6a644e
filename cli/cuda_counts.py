"""What `./ladder count FILE.cu` shows: counts by kernel and by source line, and a predicted time band."""

from pathlib import Path
from typing import Any

from cli.tables import LEFT, RIGHT, Table
from cli.units import count, seconds, si

Json = dict[str, Any]
SECTOR = 32  # bytes
L1_BYTES_PER_CYCLE = 128  # of one SM: four sectors, or one wavefront of shared memory


def by_kernel(launches: list[Json]) -> list[Json]:
    """Launches of a kernel summed, in the order of the first: {kernel, launches, blocks, total, lines}."""
    kernels: dict[str, Json] = {}
    for launch in launches:
        empty = {"kernel": launch["kernel"], "launches": 0, "blocks": 0, "total": {}, "lines": {}}
        kernel = kernels.setdefault(launch["kernel"], empty)
        kernel["launches"] += 1
        x, y, z = launch["grid"]
        kernel["blocks"] += x * y * z
        _add(kernel["total"], launch["total"])
        for line in launch["lines"]:
            _add(kernel["lines"].setdefault((line["place"]["file"], line["place"]["line"]), {}), line["counts"])
    for kernel in kernels.values():
        places = sorted(kernel["lines"].items())
        kernel["lines"] = [{"file": file, "line": line, "counts": counts} for (file, line), counts in places]
    return list(kernels.values())


def _add(total: Json, more: Json) -> None:
    for name, value in more.items():
        so_far = total.get(name, 0)
        total[name] = max(so_far, value) if name == "bytes_in_flight" else so_far + value


def predict(kernel: Json, gpu: Json) -> Json:
    """A band for the kernel's time in all its launches, from its memory accesses alone: {least, most, limiter}.

    least: every distinct byte crosses the memory bus once, caches do the rest. most: every sector that is asked for
    crosses it. Either way a load/store unit moves 128 bytes a cycle on each SM that has blocks. Atomics at one address
    are done one a cycle, by the L2 cache; at the least, those of a warp have become one. Arithmetic is not in it, nor
    what a launch itself takes.
    """
    c = kernel["total"]
    sectors = c["global_load_sectors"] + c["global_store_sectors"]
    wavefronts = c["shared_load_wavefronts"] + c["shared_store_wavefronts"]
    sms = max(1, min(gpu["sms"], kernel["blocks"] // kernel["launches"]))
    bandwidth = gpu["peaks"]["bandwidth"]
    unit = (sectors * SECTOR / L1_BYTES_PER_CYCLE + wavefronts) / (sms * gpu["boost_mhz"] * 1e6)
    shared = wavefronts * L1_BYTES_PER_CYCLE > sectors * SECTOR
    fewest, all_of_them = c["distinct_bytes"] / bandwidth, (sectors * SECTOR + c["bulk_bytes"]) / bandwidth
    atomics = c["atomics_at_one_address"] / (gpu["boost_mhz"] * 1e6)
    limiters = {"memory bandwidth": fewest, "shared memory" if shared else "load/store units": unit,
                "atomics at one address": atomics / 32}  # fmt: skip
    limiter = max(limiters, key=lambda name: limiters[name])
    most = max(all_of_them, fewest) + unit + atomics
    return {"gpu": gpu["name"], "least": limiters[limiter], "most": most, "limiter": limiter}


def _ratio(c: Json, what: str, per: str) -> float | None:
    return c[what] / c[per] if c[per] else None


def _global(c: Json, kind: str) -> list[str]:
    """Requests, sectors a request, and what they would be if the lanes' addresses were dense."""
    requests = f"global_{kind}_requests"
    sectors, ideal = _ratio(c, f"global_{kind}_sectors", requests), _ratio(c, f"global_{kind}_ideal_sectors", requests)
    return [count(c[requests]), f"{count(sectors)} ({count(ideal)})"] if c[requests] else ["", ""]


def _shared(c: Json) -> str:
    requests = c["shared_load_requests"] + c["shared_store_requests"]
    wavefronts = c["shared_load_wavefronts"] + c["shared_store_wavefronts"]
    ideal = c["shared_load_ideal_wavefronts"] + c["shared_store_ideal_wavefronts"]
    return f"{count(wavefronts / requests)} ({count(ideal / requests)})" if requests else ""


COLUMNS = [("loads", RIGHT), ("sectors/request (ideal)", RIGHT), ("stores", RIGHT), ("sectors/request (ideal)", RIGHT),
           ("shared wavefronts/request (ideal)", RIGHT), ("atomics", RIGHT), ("turns/request (ideal)", RIGHT),
           ("divergent", RIGHT), ("in flight", RIGHT)]  # fmt: skip


def _cells(c: Json) -> list[str]:
    turns = _ratio(c, "atomic_turns", "atomic_requests")
    atomics = [count(c["atomics"]), f"{count(turns)} (1)"] if turns else ["", ""]
    divergent = count(c["divergent_requests"]) if c["divergent_requests"] else ""
    in_flight = si(c["bytes_in_flight"], "B") if c["bytes_in_flight"] else ""
    return [*_global(c, "load"), *_global(c, "store"), _shared(c), *atomics, divergent, in_flight]


def tables(kernels: list[Json], gpu: Json, source: Path) -> list[Table]:
    totals = Table([("kernel", LEFT), ("launches", RIGHT), *COLUMNS, ("barriers", RIGHT), ("distinct bytes", RIGHT)],
                   f"Counts by kernel: requests are those of warps — {source}")  # fmt: skip
    lines = Table([("line", LEFT), ("source", LEFT), *COLUMNS], "By source line")
    bands = Table([("kernel", LEFT), ("at least", RIGHT), ("at most", RIGHT), ("limited by", LEFT)],
                  f"A PREDICTION for {gpu['name']} from counts and its datasheet, not a measurement")  # fmt: skip
    texts: dict[str, list[str]] = {}
    for kernel in kernels:
        c = kernel["total"]
        totals.add(kernel["kernel"], count(kernel["launches"]), *_cells(c), count(c["barriers"]),
                   si(c["distinct_bytes"], "B"))  # fmt: skip
        for line in kernel["lines"]:
            lines.add(f"{Path(line['file']).name}:{line['line']}", _text(texts, line), *_cells(line["counts"]))
        band = predict(kernel, gpu)
        bands.add(kernel["kernel"], seconds(band["least"]), seconds(band["most"]), band["limiter"])
    return [totals, lines, bands]


def _text(files: dict[str, list[str]], place: Json) -> str:
    """The source line itself, cut to fit."""
    if place["file"] not in files:
        path = Path(place["file"])
        files[place["file"]] = path.read_text(errors="replace").splitlines() if path.is_file() else []
    lines = files[place["file"]]
    text = lines[place["line"] - 1].strip() if 0 < place["line"] <= len(lines) else ""
    return text if len(text) <= 48 else text[:47] + "…"
