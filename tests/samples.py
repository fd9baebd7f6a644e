"""Made-up result files for the tests, of a GPU that does not exist. Nothing here was measured."""

import copy
import json
import random
from pathlib import Path
from typing import Any

Json = dict[str, Any]

RUNGS = [  # name, title, share of the ceiling
    ("00_reference", "Three loops on a CPU core", None),
    ("03_naive", "One thread an element", 0.012),
    ("04_coalesced", "Coalesced", 0.085),
    ("05_tile", "Shared-memory tile", 0.13),
    ("06_register_1d", "Eight elements a thread", 0.36),
    ("07_register_2d", "An 8 x 8 square a thread", 0.61),
    ("08_vectorised", "Vectorised", 0.72),
    ("10_warp_tile", "Warp tile", 0.84),
]
BASELINES = [("cublas_sgemm", "cublasGemmEx, FP32 pedantic", 0.88), ("cublaslt_sgemm", "cublasLt, autotuned", 0.91)]
PEAKS = {"fp32": 6.0e13, "bandwidth": 4.0e12}
VERDICT = {"status": "pass", "message": "", "share_of_bound": 0.17, "compared": 1024, "elements": 1024}


def environment(gpu: bool) -> Json:
    state = dict.fromkeys(
        ("sm_clock_mhz", "memory_clock_mhz", "power_w", "power_limit_w", "temperature_c", "throttle_reasons")
    )
    return {
        "time_utc": "2026-01-02T03:04:05Z",
        "argv": ["warpladder", "bench"],
        "seed": 1,
        "source": {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": False},
        "build": {
            "compiler": "g++ 12", "type": "Release", "flags": "", "nvcc": "13.0", "archs": "90a", "cuda_flags": "",
        },
        "host": {"cpu": "Made-up CPU", "cores": 2, "memory_bytes": 2**34, "os": "Linux"},
        "gpu": {
            "name": "Made-up GPU", "compute_capability": "9.0", "sms": 100, "l2_bytes": 2**25, "memory_bytes": 2**36,
            "driver": "580", "cuda_driver": "13.0", "runtime": "13.0", "cublas": "13.0", "ecc": True, "mig": False,
            "before": state, "after": state,
        } if gpu else None,
    }  # fmt: skip


def _case(name: str, title: str, n: int, baseline: bool) -> Json:
    where = "cpu" if name == "00_reference" else "gpu"
    return {
        "id": f"{'baselines' if baseline else '03-gemm'}/{name}",
        "chapter": None if baseline else "03-gemm",
        "name": name, "title": title, "problem": "sgemm", "where": where, "baseline": baseline,
        "shape": {"m": n, "n": n, "k": n, "alpha": 1, "beta": 0, "batch": 1},
        "work": {"flops": 2.0 * n**3, "bytes": 12.0 * n**2}, "status": "ok", "message": "",
    }  # fmt: skip


def bench(seed: int = 1, factor: float = 1.0, device: str = "Made-up GPU") -> Json:
    """A bench file of chapter 03-gemm; `factor` multiplies every time."""
    noise = random.Random(seed)
    rows = []
    for n in (256, 512, 1024, 2048, 4096, 8192):
        for name, title, share in RUNGS + BASELINES:
            row = _case(name, title, n, name.startswith("cublas"))
            flops, ceiling = row["work"]["flops"], row["work"]["flops"] / PEAKS["fp32"]
            if share is None and n > 1024:
                rows.append(row | {"status": "skipped", "message": "one call would outlast the budget"})
                continue
            median = factor * (flops / 5e9 if share is None else ceiling / share + 3e-6)
            medians = [median * (1 + noise.gauss(0, 0.003)) for _ in range(9)]
            median = sorted(medians)[4]
            row |= {
                "verify": {"before": VERDICT, "after": VERDICT},
                "time": {
                    "median_s": median, "ci95_s": [median * 0.996, median * 1.005], "samples_s": medians,
                    "repetition_medians_s": medians, "stopped_by": "relative_error",
                    "launch_sensitive": median < 1e-5, "throttled_samples": 0, "cold": True, "clock_mhz": None,
                },
                "rate": {"value": flops / median, "unit": "FLOP/s"},
                "ceiling": None if share is None else {
                    "seconds": ceiling, "limiter": "fp32", "share": ceiling / median, "source": "measured"
                },
                "vs": None if share is None or name == "cublaslt_sgemm" else {
                    "id": "baselines/cublaslt_sgemm", "ratio": share / 0.91,
                    "ratio_ci95": [share / 0.91 * 0.99, share / 0.91 * 1.01],
                },
            }  # fmt: skip
            rows.append(row)
    slug = device.lower().replace(" ", "-")
    return {
        "schema": 1, "kind": "bench", "complete": True,
        "device": {"kind": "gpu", "name": device, "slug": slug}, "environment": environment(True), "rows": rows,
    }  # fmt: skip


def peaks() -> Json:
    rows = [
        {"id": name, "title": name, "value": value, "unit": "B/s" if name == "bandwidth" else "FLOP/s",
         "ci95": [value, value], "work": value, "samples_s": [1.0]}
        for name, value in PEAKS.items()
    ]  # fmt: skip
    return bench() | {"kind": "peaks", "rows": rows}


def counts() -> Json:
    """A counts file of chapter 03-gemm."""
    rows = []
    for i, (name, title, share) in enumerate(RUNGS):
        row = _case(name, title, 256, False)
        if share is None:
            rows.append(row | {"status": "skipped", "message": "CPU code is not counted"})
            continue
        requests, wide = 10000 >> i, 4 if i > 5 else 1
        total = {
            "global_load_sectors_per_request": 17.0 if i == 1 else 4.0 * wide,
            "global_store_sectors_per_request": 4.0 * wide if i != 1 else 32.0,
            "shared_load_wavefronts_per_request": [None, None, None, 1.0, 1.5, 2.5, 4.0, 4.0][i],
            "shared_store_wavefronts_per_request": [None, None, None, 1.0, 1.0, 2.0, 8.0, 4.0][i],
            "global_bytes": requests * 128 * wide, "global_traffic_bytes": requests * 256 * wide,
            "barriers": 8 * (i > 2), "matrix_instructions": 0,
            "global_load_requests": requests, "global_load_ideal_sectors": requests * 4 * wide,
            "global_store_requests": requests, "global_store_ideal_sectors": requests * 4 * wide,
            "shared_load_requests": requests * (i > 2), "shared_store_requests": requests * (i > 2),
            "shared_load_ideal_wavefronts": requests * wide * (i > 2),
            "shared_store_ideal_wavefronts": requests * wide * (i > 2),
        }  # fmt: skip
        launch = {"kernel": name, "grid": [8, 8, 1], "block": [32, 8, 1], "counts": total}
        rows.append(row | {"verify": {"before": VERDICT}, "counts": total, "launches": [launch]})
    return {
        "schema": 1, "kind": "counts", "complete": True,
        "device": {"kind": "simt", "name": "Made-up CPU", "slug": "simt"}, "environment": environment(False),
        "rows": rows,
    }  # fmt: skip


def save(data: Json, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(copy.deepcopy(data)))
    return path
