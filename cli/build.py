"""Builds the C++ program for a device, through CMake's presets."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cli import devices
from cli.console import progress, say
from cli.errors import Failed, LadderError, write
from cli.paths import BUILD, ROOT, shown

_STEP = re.compile(r"^\[(\d+)/(\d+)\] (.*)")


def require_tools(preset: str) -> None:
    """One line instead of CMake's page when a tool is not here."""
    compiler = os.environ.get("CXX", "").split()
    if not any(shutil.which(c) for c in compiler or ["c++", "g++", "clang++"]):
        raise LadderError("no C++ compiler is here: apt-get install g++ (12 or later), or set CXX")
    for tool, package in (("cmake", "cmake"), ("ninja", "ninja-build")):
        if not shutil.which(tool):
            raise LadderError(f"{tool} is not here: apt-get install {package}")
    if preset == "gpu" and not devices.nvcc():
        raise LadderError("nvcc is not here: install the CUDA Toolkit 12.4 or later, or use --device simt")


def _definitions(preset: str) -> list[str]:
    if preset == "gpu":
        found = sorted({gpu.arch for gpu in devices.gpus()})
        return [f"-DCMAKE_CUDA_COMPILER={devices.nvcc()}"] + (
            [f"-DWARPLADDER_ARCHS={';'.join(found)}"] if found else []
        )
    headers = sorted(ROOT.glob(".venv/lib/python3*/site-packages/nvidia/cu*/include/cuda_runtime.h"))
    return [f"-DSIMT_CUDA_INCLUDE_DIRS={headers[-1].parent}"] if headers else []


def _run(command: list[str], log: Path, append: bool) -> Iterator[str]:
    """The lines a command prints, also kept in `log`. Raises Failed when it fails."""
    with log.open("a" if append else "w") as keep:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines: list[str] = []
        try:
            for line in process.stdout or ():
                keep.write(line)
                lines.append(line)
                yield line
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.terminate()  # interrupted: ninja stops, and keeps what it has built
            process.wait()
    if process.returncode != 0:
        raise Failed(_first_failure(lines) + f"the build failed: the cause is above, all of it in {shown(log)}")


def _first_failure(lines: list[str]) -> str:
    start = next((i for i, s in enumerate(lines) if s.startswith(("FAILED:", "CMake Error"))), len(lines) - 20)
    shown_lines = [s for s in lines[max(start, 0) :] if not s.startswith("ccache ")][:30]
    return "\n" + "".join(s if len(s) < 400 else s[:400] + "…\n" for s in shown_lines)


def build(preset: str, *targets: str, folder: Path | None = None, definitions: list[str] | None = None) -> Path:
    """Configures where needed, builds the targets (all when none), and returns the build folder."""
    require_tools(preset)
    folder = folder or BUILD / preset
    folder.mkdir(parents=True, exist_ok=True)
    log, asked = folder / "build.log", folder / "asked.txt"
    wanted = ["cmake", "--preset", preset, "-B", str(folder), *(definitions or _definitions(preset))]
    started, steps = time.monotonic(), 0
    with progress(transient=True) as bar:
        task = bar.add_task(f"build {folder.name}", total=None)
        # With the presets, because CMake reads a changed one only when it is asked to.
        request = "\n".join([*wanted, (ROOT / "CMakePresets.json").read_text()])
        if not (folder / "build.ninja").exists() or not asked.exists() or asked.read_text() != request:
            for _ in _run(wanted, log, append=False):
                pass
            write(asked, request)
        chosen = [word for target in targets for word in ("--target", target)]
        jobs = str(os.cpu_count() or 2)
        for line in _run(["cmake", "--build", str(folder), "-j", jobs, *chosen], log, append=True):
            if step := _STEP.match(line):
                steps = int(step[1])
                bar.update(task, completed=steps, total=int(step[2]))
    if steps > 0:
        say(f"  built {shown(folder)} in {time.monotonic() - started:.0f} s")
    return folder


def compile_check() -> Path:
    """Compiles every .cu with nvcc for the oldest and the newest architecture that matter, GPU or not.

    What ptxas says of registers and spills is kept beside each object file, for `build_report`.
    """
    ccache = [found] if (found := shutil.which("ccache")) else []
    definitions = [
        f"-DCMAKE_CUDA_COMPILER={devices.nvcc()}",
        "-DWARPLADDER_ARCHS=80;90a",
        "-DWARPLADDER_WERROR=ON",
        "-DBUILD_TESTING=OFF",
        "-DCMAKE_CUDA_FLAGS=-Xptxas=-v",
        f"-DCMAKE_CXX_COMPILER_LAUNCHER={';'.join(ccache)}",
        f"-DCMAKE_CUDA_COMPILER_LAUNCHER={';'.join([str(ROOT / 'cli' / 'keep_ptxas.sh'), *ccache])}",
    ]
    return build("gpu", folder=BUILD / "nvcc", definitions=definitions)
