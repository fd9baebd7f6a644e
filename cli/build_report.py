"""What ptxas made of each kernel: registers, spills, shared memory, per rung and architecture. Needs nvcc, no GPU."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from cli import build, devices
from cli.errors import LadderError

_KERNEL = re.compile(r"Compiling entry function '(\S+)' for 'sm_(\w+)'")
_SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_USED = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")


def parse(text: str) -> list[dict[str, Any]]:
    """The kernels in one output of `ptxas -v`, a dict each; `kernel` is the mangled name.

    `shared_bytes` is what the kernel declares; what a launch adds (dynamic shared memory) ptxas does not know.
    """
    kernels: list[dict[str, Any]] = []
    for line in text.splitlines():
        if found := _KERNEL.search(line):
            kernels.append({"kernel": found[1], "arch": f"sm_{found[2]}"})
        elif kernels and "registers" not in kernels[-1]:
            if found := _SPILLS.search(line):
                names = ("stack_bytes", "spill_store_bytes", "spill_load_bytes")
                kernels[-1].update(zip(names, map(int, found.groups()), strict=True))
            elif found := _USED.search(line):
                shared = _SHARED.search(line)
                kernels[-1].update(registers=int(found[1]), shared_bytes=int(shared[1]) if shared else 0)
    return kernels


def demangle(names: list[str]) -> list[str]:
    """C++ names as people write them, without arguments; as they are where c++filt is absent."""
    if not names or not shutil.which("c++filt"):
        return names
    run = subprocess.run(["c++filt", "-p"], input="\n".join(names), capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def build_report() -> list[dict[str, Any]]:
    """Every kernel of the chapters, baselines and kernels/, for the architectures of build.compile_check, in order.

    Each has id, kernel, arch, registers, stack_bytes, spill_store_bytes, spill_load_bytes, shared_bytes.
    """
    if not devices.nvcc():
        raise LadderError("nvcc is not here: install the CUDA Toolkit 12.4 or later")
    folder = build.compile_check()
    rows: list[dict[str, Any]] = []
    for path in folder.rglob("*.cu.o.ptxas"):
        if path.with_suffix("").exists() and (rung := _rung(path.relative_to(folder))):
            rows += [{"id": rung} | kernel for kernel in parse(path.read_text(errors="replace"))]
    for row, name in zip(rows, demangle([row["kernel"] for row in rows]), strict=True):
        row["kernel"] = name
    return sorted(rows, key=lambda row: (row["id"], row["kernel"], row["arch"]))


def _rung(path: Path) -> str:
    """Which source an object is of, as ids are written: 03-gemm/05_tile, baselines/…, kernels/gemm/sgemm."""
    name = path.name.removesuffix(".cu.o.ptxas")
    for folder in ("kernels", "chapters", "baselines"):
        if f"{folder}.dir" in path.parts or f"rungs_{folder}.dir" in path.parts or folder in path.parts:
            return f"{path.parent.name}/{name}" if folder == "chapters" else f"{folder}/{name}"
    return ""
