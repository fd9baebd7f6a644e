"""Kernels that spill are slow in a way that no result shows, so every one is looked at, GPU or not."""

import pytest

from cli import build_report, devices
from cli.paths import ROOT

PTXAS = """\
ptxas info    : 3 bytes gmem
ptxas info    : Compiling entry function '_Z5helloi' for 'sm_80'
ptxas info    : Function properties for _Z5helloi
    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 32 registers, used 1 barriers, 16 bytes cumulative stack size, 4224 bytes smem, 380 bytes cmem[0]
ptxas info    : Compiling entry function '_Z5worldi' for 'sm_90a'
ptxas info    : Function properties for _Z5worldi
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 8 registers, used 0 barriers
"""


def test_parse():
    hello, world = build_report.parse(PTXAS)
    assert hello == {
        "kernel": "_Z5helloi",
        "arch": "sm_80",
        "stack_bytes": 16,
        "spill_store_bytes": 8,
        "spill_load_bytes": 12,
        "registers": 32,
        "shared_bytes": 4224,
    }
    assert (world["kernel"], world["arch"], world["registers"], world["shared_bytes"]) == ("_Z5worldi", "sm_90a", 8, 0)


@pytest.mark.slow
@pytest.mark.skipif(not devices.nvcc(), reason="nvcc is not here")
def test_no_kernel_of_a_chapter_spills():
    rows = build_report.build_report()
    own = {f"{p.parent.name}/{p.stem}" for p in ROOT.glob("chapters/*/*.cu") if "__global__" in p.read_text()}
    assert own <= {row["id"] for row in rows}
    assert "kernels/sgemm" in {row["id"] for row in rows}
    assert {row["arch"] for row in rows} == {"sm_80", "sm_90a"}
    spills = [r for r in rows if r["stack_bytes"] or r["spill_store_bytes"] or r["spill_load_bytes"]]
    assert not spills
