"""Which device this machine has: an NVIDIA GPU that nvcc can compile for, or else its CPU, through simt."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from cli.errors import LadderError


class Device(StrEnum):
    auto = "auto"
    gpu = "gpu"
    simt = "simt"


@dataclass(frozen=True)
class Gpu:
    name: str  # as the driver says it: NVIDIA H200
    compute_capability: str  # 9.0
    memory: str
    driver: str

    @property
    def arch(self) -> str:
        """As nvcc names it. From Hopper on, the instructions that matter need the form with an a."""
        number = self.compute_capability.replace(".", "")
        return number + "a" if int(number) >= 90 else number


@cache
def nvcc() -> Path | None:
    homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda", "/opt/cuda"]
    found = shutil.which("nvcc") or next(
        (p for home in homes if home and (p := shutil.which("nvcc", path=f"{home}/bin"))), None
    )
    return Path(found) if found else None


@cache
def gpus() -> list[Gpu]:
    query = ["nvidia-smi", "--query-gpu=name,compute_cap,memory.total,driver_version", "--format=csv,noheader"]
    try:
        output = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[field.strip() for field in line.split(",")] for line in output.splitlines()]
    return [Gpu(*row) for row in rows if len(row) == 4 and row[1].replace(".", "").isdigit()]


def resolve(device: Device) -> Device:
    if device is Device.gpu and not gpus():
        raise LadderError("no NVIDIA GPU was found: its driver's nvidia-smi names none; use --device simt")
    if device is not Device.auto:
        return device
    return Device.gpu if gpus() and nvcc() else Device.simt


def why(device: Device) -> str:
    """One line for a user who wonders why it is not the GPU, or the GPU."""
    if device is Device.gpu:
        return f"Device: gpu ({gpus()[0].name})"
    if gpus() and not nvcc():
        return (
            f"Device: simt (this CPU). A {gpus()[0].name} is here, but nvcc is not: "
            "install the CUDA Toolkit 12.4 or later to use it"
        )
    return "Device: simt (the CUDA sources run on this CPU; no NVIDIA GPU was found)"
