"""`./ladder doctor`: what is here, what is missing, and what to type."""

import re
import shutil
import subprocess
from dataclasses import asdict, dataclass

from cli import devices
from cli.paths import BUILD, ROOT, shown
from cli.results import devices_with_results

GIGABYTE = 1e9


@dataclass
class Finding:
    what: str
    found: str  # empty: missing
    needed_for: str
    to_do: str = ""  # what to type, when it is missing

    @property
    def ok(self) -> bool:
        return bool(self.found)


def _version(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = done.stdout.strip().splitlines()
    return next((s for s in lines if re.search(r"\d\.\d", s)), "").strip()


def _packages() -> Finding:
    listed = [s.split("#")[0].strip() for s in (ROOT / "cli" / "packages.txt").read_text().splitlines()]
    listed = [s for s in listed if s]
    if not shutil.which("dpkg-query"):
        return Finding("system packages", "not checked: this is no Debian or Ubuntu", "the build")
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *listed]
    installed = {
        line.split()[0]
        for line in subprocess.run(query, capture_output=True, text=True).stdout.splitlines()
        if line.endswith(" installed")
    }
    missing = [p for p in listed if p not in installed]
    return Finding(
        "system packages", "" if missing else f"all {len(listed)}", "the build", f"apt-get install {' '.join(missing)}"
    )


def findings() -> list[Finding]:
    gpus, nvcc = devices.gpus(), devices.nvcc()
    headers = next(iter(ROOT.glob(".venv/lib/python3*/site-packages/nvidia/cu*/include/cuda_runtime.h")), None)
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    found = [
        _packages(),
        Finding("C++ compiler", _version("c++", "--version"), "the build", "apt-get install g++"),
        Finding("CMake", _version("cmake", "--version"), "the build", "apt-get install cmake"),
        Finding("Ninja", _version("ninja", "--version"), "the build", "apt-get install ninja-build"),
        Finding("ccache", _version("ccache", "--version"), "quick rebuilds", "apt-get install ccache"),
        Finding("CUDA headers", shown(headers.parent) if headers else "", "simt", "rm -r .venv, then ./ladder list"),
        Finding("NVIDIA GPU", ", ".join(f"{g.name} ({g.memory}, driver {g.driver})" for g in gpus),
                "bench, --device gpu", "simt runs the same kernels on this CPU"),
        Finding("nvcc", f"{nvcc}: {_version(str(nvcc), '--version')}" if nvcc else "", "--device gpu",
                "install the CUDA Toolkit, 12.4 or later"),
        Finding("disk", f"{free:.0f} GB free" if free > 5 else "", "the build", f"free 5 GB: {free:.1f} GB are left"),
    ]  # fmt: skip
    built = [p.name for p in sorted(BUILD.glob("*")) if (p / "bench" / "warpladder").exists()]
    found.append(Finding("builds", ", ".join(built), "nothing: each verb builds what it needs", "./ladder list"))
    found.append(Finding("results", ", ".join(devices_with_results()), "table, plot", "./ladder run"))
    return found


def ready(found: list[Finding]) -> bool:
    """Whether everything that a machine without a GPU needs is here."""
    optional = {"NVIDIA GPU", "nvcc", "ccache", "builds", "results"}
    return all(f.ok for f in found if f.what not in optional)


def as_json(found: list[Finding]) -> dict[str, object]:
    device = devices.resolve(devices.Device.auto)
    return {"ready": ready(found), "device": device, "findings": [asdict(f) | {"ok": f.ok} for f in found]}
