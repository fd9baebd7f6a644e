"""The figures: drawn from the data, the same bytes every time."""

import copy
import sys
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import samples

from cli.results import load
from plots import style
from plots.counts import ideal
from plots.draw import figures


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return {name: load(samples.save(getattr(samples, name)(), folder / name)) for name in ("bench", "peaks", "counts")}


def draw(data, kind):
    return {name: style.save(figure, "svg") for name, figure in figures(data[kind], data["peaks"])}


def test_what_is_drawn(data):
    assert list(draw(data, "bench")) == ["ladder-sgemm", "sweep-sgemm", "roofline-sgemm"]
    assert list(draw(data, "counts")) == ["counts-sgemm"]


@pytest.mark.parametrize("kind", ["bench", "counts"])
def test_the_same_data_gives_the_same_bytes(data, kind):
    first, second = draw(data, kind), draw(data, kind)
    assert first == second
    assert all(b"<dc:date>" not in svg for svg in first.values())


def test_other_data_gives_other_bytes(data, tmp_path):
    other = load(samples.save(samples.bench(factor=1.2), tmp_path / "x.json"))
    assert (
        draw({"bench": other, "peaks": data["peaks"]}, "bench")["ladder-sgemm"] != draw(data, "bench")["ladder-sgemm"]
    )


def _texts(figure):
    axes = [t.get_text() for ax in figure.axes for t in ax.texts]
    return axes + [t.get_text() for t in figure.texts]


def test_every_figure_names_its_device_and_commit(data):
    for name, figure in figures(data["bench"], data["peaks"]):
        assert any("Made-up GPU" in t and "0123456" in t for t in _texts(figure)), name
    for _, figure in figures(data["counts"]):
        assert any("Counted on simt, not timed" in t for t in _texts(figure))


def test_the_ladder_shows_the_recorded_shares(data):
    ladder = dict(figures(data["bench"], None))["ladder-sgemm"]
    widths = sorted(round(p.get_width(), 3) for p in ladder.axes[0].patches)
    shares = [r["ceiling"]["share"] for r in data["bench"].ok() if r["shape"]["m"] == 8192 and not r["baseline"]]
    assert widths == sorted(round(s, 3) for s in shares)


def test_spread_keeps_order_and_distance():
    placed = style.spread([0.0, 0.01, 0.02, 5.0], gap=1.0)
    assert all(b - a >= 1.0 - 1e-9 for a, b in pairwise(placed))
    assert placed[3] == 5.0
    assert sum(placed[:3]) == pytest.approx(0.03)


def test_the_ideal_counts_whole_sectors_and_wavefronts():
    assert ideal({"global_load_requests": 10, "global_load_ideal_sectors": 160}, "global_load") == 16
    # 32 lanes of 16 bytes: 512 bytes a request, four wavefronts of 128.
    assert ideal({"shared_load_requests": 5, "shared_load_ideal_wavefronts": 20}, "shared_load") == 4
    assert ideal({}, "global_load") is None


def test_a_logarithmic_axis_says_so(data):
    """The traffic of one rung is grown until the axis must be logarithmic."""
    for factor, logarithmic in ((1, False), (1000, True)):
        (figure,) = (f for _, f in figures(_with_traffic(data["counts"], factor)))
        axis = figure.axes[-1]
        assert (axis.get_xscale() == "log") == logarithmic == axis.get_xlabel().endswith("(logarithmic)")


def _with_traffic(results, factor):
    """Every rung moves the least, and the first `factor` times that."""
    changed = copy.deepcopy(results)
    for i, row in enumerate(changed.ok()):
        row["counts"]["global_traffic_bytes"] = row["work"]["bytes"] * (1 if i else factor)
    return changed
