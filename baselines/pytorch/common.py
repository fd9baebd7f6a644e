"""What the PyTorch baselines share: rows for a result file that ./ladder bench has measured on this machine.

A script finds its shapes, their work and their ceilings in that file, times PyTorch at each of them, and puts its rows
beside the others. They are timed alone, not in turn with a rung, so they have no ratio of their own. What is compared
with what: FP32 only (no TF32), inputs uniform in [-1, 1), cold caches, results held to the chapter's error bound with
PyTorch's own FP64 as the truth.
"""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import LadderError, write

try:
    import jsonschema  # noqa: F401  cli.results checks with it
    import torch

    from cli.results import load
except ImportError as missing:
    print(f"{missing.name} is missing: python3 -m pip install torch jsonschema, then the same again", file=sys.stderr)
    sys.exit(2)

Json = dict[str, Any]
Tensor = torch.Tensor
REPETITIONS, SAMPLES = 9, 450  # as the harness: bench/sampler.hpp
U = 2.0**-24  # unit roundoff of FP32


@dataclass
class Call:
    """One problem at one shape: how its inputs are made, what is timed, and what is right."""

    inputs: Callable[[torch.Generator], list[Tensor]]  # in FP32, on the device
    run: Callable[..., Tensor]  # of the inputs; in FP64 and of magnitudes it gives the truth and the bound's S
    roundings: int  # n of the bound's gamma_n
    growth: float = math.inf  # of a library's transforms, norm-wise, where it may use some


def gamma(n: int) -> float:
    """min(gamma_n, 6 sqrt(n) u): bench/registry.hpp has the sources."""
    return min(n * U / (1 - n * U) if n * U < 1 else math.inf, 6 * math.sqrt(n) * U)


def judge(call: Call, inputs: list[Tensor], got: Tensor) -> tuple[Json, str]:
    """The verdict as the schema has it, and a word on the bound where it is not the sum's. NaN fails."""
    doubles = [t.double() for t in inputs]
    value, scale = call.run(*doubles), call.run(*(t.abs() for t in doubles))
    error, g = (got.double() - value).abs(), gamma(call.roundings)
    share = float((error / (g * scale + U * (value.abs() + g * scale) + 2.0**-150)).max()) if error.numel() else 0.0
    said = ""
    if not share <= 1 and call.growth < math.inf:
        norm = call.roundings * math.prod(float(t.abs().max()) for t in doubles[:2])
        share, said = float(error.max()) / (g * call.growth * norm), "held to Winograd's bound, in the norm"
    ok = bool(share <= 1)
    message = "" if ok else f"an element is off by {share:.3g} times the bound"
    return {"status": "pass" if ok else "fail", "message": message, "share_of_bound": share if share < 1e300 else 1e300,
            "compared": error.numel(), "elements": error.numel()}, said  # fmt: skip


def _gpu_burst(call: Call, ring: list[list[Tensor]], outputs: list[Any], first: int, count: int) -> list[float]:
    events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(count)]
    torch.cuda._sleep(count * 400_000)  # the GPU waits until all is enqueued, or Python's own time would be counted
    for i, (start, end) in enumerate(events, first):
        slot = i % len(ring)
        start.record()
        outputs[slot] = call.run(*ring[slot])
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) * 1e-3 for start, end in events]


def _cpu_burst(call: Call, ring: list[list[Tensor]], outputs: list[Any], first: int, count: int) -> list[float]:
    samples = []
    for i in range(first, first + count):
        start = time.perf_counter()
        outputs[i % len(ring)] = call.run(*ring[i % len(ring)])
        samples.append(time.perf_counter() - start)
    return samples


def interval(samples: list[float]) -> list[float]:
    """The 95% percentile bootstrap interval of the median, of 1000 resamples; the same every time."""
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randint(len(samples), (1000, len(samples)), generator=generator)
    medians = torch.tensor(samples, dtype=torch.float64)[drawn].quantile(0.5, dim=1)
    return [float(medians.quantile(q)) for q in (0.025, 0.975)]


def timed(call: Call, device: str, seed: int, budget: float) -> Json:
    """The row's `time`. The operands rotate through four times the last-level cache."""
    generator = torch.Generator(device).manual_seed(seed)
    first = call.inputs(generator)
    cache = torch.cuda.get_device_properties(0).L2_cache_size if device == "cuda" else 64 << 20
    bytes_ = sum(t.numel() * t.element_size() for t in first)
    slots = min(1024, math.ceil(4 * cache / max(bytes_, 1)) + 1)
    ring = [first, *(call.inputs(generator) for _ in range(slots - 1))]
    outputs: list[Any] = [None] * slots
    burst = _gpu_burst if device == "cuda" else _cpu_burst
    burst(call, ring, outputs, 0, max(3, slots))  # warms up, and has the outputs allocated
    calls = 0  # one goes on in the ring where the last one stopped, or a large ring would be a small one
    repetitions: list[list[float]] = []
    began = time.perf_counter()
    for r in range(REPETITIONS):
        taken: list[float] = []
        while len(taken) < SAMPLES // REPETITIONS:
            taken += burst(call, ring, outputs, calls, 5)
            calls += 5
            if time.perf_counter() - began > budget * (r + 1) / REPETITIONS:
                break
        repetitions.append(taken)
    samples = [s for taken in repetitions for s in taken]
    median = statistics.median(samples)
    return {"median_s": median, "ci95_s": interval(samples), "samples_s": samples,
            "repetition_medians_s": [statistics.median(taken) for taken in repetitions],
            "stopped_by": "maximum_samples" if len(samples) >= SAMPLES else "budget",
            "launch_sensitive": device == "cuda" and median < 10e-6, "throttled_samples": 0,
            "cold": slots * bytes_ >= 2 * cache, "clock_mhz": None, "inputs": "uniform"}  # fmt: skip


def row(call: Call, beside: Json, name: str, title: str, device: str, seed: int, budget: float) -> Json:
    """One row, with the work and the ceiling of a row at the same shape."""
    made = {key: beside[key] for key in ("problem", "where", "shape", "work")} | {
        "id": f"baselines/{name}", "chapter": None, "name": name, "title": title, "baseline": True, "status": "failed",
        "message": ""}  # fmt: skip
    made["detail"] = f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version() if device == 'cuda' else '–'}"
    verify = made["verify"] = {}
    time_ = None
    for when, seed_ in (("before", seed), ("after", seed + 1)):
        inputs = call.inputs(torch.Generator(device).manual_seed(seed_))
        verify[when], said = judge(call, inputs, call.run(*inputs))
        made["detail"] += f"; {said}" if said and said not in made["detail"] else ""
        if verify[when]["status"] != "pass":
            return made | {"message": verify[when]["message"]}
        time_ = time_ or timed(call, device, seed, budget)
    work, median, ceiling = made["work"], time_["median_s"], beside.get("ceiling")
    unit = "FLOP/s" if work["flops"] >= work["bytes"] else "B/s"
    return made | {
        "status": "ok", "time": time_,
        "rate": {"value": max(work["flops"], work["bytes"]) / median, "unit": unit},
        "ceiling": ceiling and ceiling | {"share": ceiling["seconds"] / median},
        "vs": None,
    }  # fmt: skip


def add_rows(path: Path, name: str, title: str, call_for: Callable[[Json, str], Call | None], budget: float) -> int:
    """Times PyTorch at every shape of a bench file that call_for knows, and writes the file with those rows."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    results = load(path)
    device = {"gpu": "cuda", "cpu": "cpu"}.get(results.device["kind"])
    if results.kind != "bench" or device is None:
        raise LadderError(f"{path} holds no times: use a file that ./ladder bench wrote on this machine")
    here = torch.cuda.get_device_name(0) if device == "cuda" and torch.cuda.is_available() else None
    if device == "cuda" and here != results.device["name"]:
        raise LadderError(f"{path} was measured on {results.device['name']}, and PyTorch sees {here or 'no GPU'}")
    beside = {}
    for r in results.rows:
        if r["where"] == ("gpu" if device == "cuda" else "cpu") and not r["name"].startswith(name):
            key = (r["problem"], json.dumps(r["shape"]))
            beside[key] = beside.get(key) if (beside.get(key) or {}).get("ceiling") else r
    made = []
    for (problem, _), other in beside.items():
        if call := call_for({"problem": problem, **other["shape"]}, device):
            suffix = problem.removeprefix("conv_")
            made.append(
                row(call, other, f"{name}_{suffix}", title, device, results.data["environment"]["seed"], budget)
            )
            print(f"{problem} {other['shape']}: {made[-1]['message'] or made[-1]['time']['median_s']}", flush=True)
    if not made:
        raise LadderError(f"{path} has no shape that this baseline takes")
    new = {r["id"] for r in made}
    rows = [r for r in results.rows if r["id"] not in new] + made
    write(path, json.dumps(results.data | {"rows": rows}, indent=1) + "\n")
    load(path)  # against the schema
    return 1 if any(r["status"] == "failed" for r in made) else 0
