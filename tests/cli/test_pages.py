"""Pages against data: what stands between the markers is what the data says, and drift is found."""

import pytest
import samples

from cli import pages, results
from cli.errors import LadderError
from cli.recorded import tables
from cli.results import load

PAGE = """# A lesson

Before.

<!-- table: bench 03-gemm made-up-gpu -->
old
<!-- end -->

<!-- table: bench 03-gemm H200 -->
<!-- end -->

<!-- plot: ladder 03-gemm sgemm made-up-gpu -->
<!-- end -->

<!-- list: chapters -->
<!-- end -->

After.
"""


class Registry:
    """Stands for the program: two rungs."""

    entries = (
        {"id": "03-gemm/00_reference", "chapter": "03-gemm", "name": "00_reference", "problem": "sgemm",
         "title": "Three loops", "idea": "the definition", "where": "cpu", "baseline": False,
         "file": "chapters/03-gemm/00_reference.cpp"},
        {"id": "baselines/cublas", "chapter": None, "name": "cublas", "problem": "sgemm", "title": "cuBLAS", "idea": "",
         "where": "gpu", "baseline": True, "file": "baselines/cublas.cpp"},
    )  # fmt: skip


@pytest.fixture
def house(folders, monkeypatch):
    """A repository with one page and one recorded result."""
    root = folders / "root"
    (root / "docs").mkdir(parents=True)
    (root / "README.md").write_text(PAGE)
    samples.save(samples.bench(), folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json")
    monkeypatch.setattr(pages, "ROOT", root)
    monkeypatch.setattr(pages, "CHAPTERS", root / "chapters")
    monkeypatch.setattr(pages, "PLOTS", root / "docs" / "plots")
    assert results.find("bench", "03-gemm")
    return root


def test_pages_show_the_data_and_nothing_else_changes(house, folders):
    assert pages.drift(Registry())
    pages.update(Registry())
    text = (house / "README.md").read_text()
    (table,) = tables(load(folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json"))
    assert table.markdown() in text
    assert "Not measured on H200 yet: there, `./ladder bench 03-gemm --record` does that." in text
    assert "(chapters/03-gemm) | sgemm |" in text
    assert text.startswith("# A lesson\n\nBefore.\n") and text.endswith("After.\n") and "\nold\n" not in text
    assert "docs/plots/03-gemm-ladder-sgemm-made-up-gpu.svg" in text
    assert (house / "docs/plots/03-gemm-ladder-sgemm-made-up-gpu.svg").exists()
    assert pages.drift(Registry()) == []
    assert pages.update(Registry()) == []


def test_an_edited_number_is_found(house):
    pages.update(Registry())
    page = house / "README.md"
    page.write_text(page.read_text().replace("50.3 TFLOP/s", "59.3 TFLOP/s"))
    assert len(pages.drift(Registry())) == 1


def test_new_data_is_found(house, folders):
    pages.update(Registry())
    samples.save(samples.bench(factor=2), folders / "recorded" / "made-up-gpu" / "03-gemm.bench.json")
    assert len(pages.drift(Registry())) == 2  # the page and its plot


def test_a_plot_that_no_page_shows_is_found(house):
    pages.update(Registry())
    (house / "docs/plots/stale.svg").write_text("<svg/>")
    assert "stale.svg" in pages.drift(Registry())[0]


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("<!-- table: bench 03-gemm -->\n", "not closed"),
        ("<!-- table: times 03-gemm -->\n<!-- end -->", "use bench or counts"),
        ("<!-- table: bench 03-gemn -->\n<!-- end -->", "did you mean 03-gemm?"),
        ("<!-- list: rungs -->\n<!-- end -->", "use chapters"),
        ("<!-- plot: ladder -->\n<!-- end -->", "too few or too many words"),
    ],
)
def test_a_wrong_marker_is_an_error(house, marker, words):
    (house / "README.md").write_text(marker)
    with pytest.raises(LadderError, match=words.replace("?", r"\?")):
        pages.drift(Registry())


def test_a_page_may_show_every_shape_and_a_rung_only_where_it_ran(house, folders):
    data = samples.counts()
    done = [row for row in data["rows"] if row["status"] == "ok"]
    small = [row | {"shape": row["shape"] | {"m": 128}} for row in done]
    small[0] = {k: v for k, v in small[0].items() if k not in ("counts", "launches", "verify")} | {
        "status": "refused", "message": "needs m = 256"}  # fmt: skip
    data["rows"] += small
    samples.save(data, folders / "recorded" / "simt" / "03-gemm.counts.json")
    page = house / "README.md"
    for words, tables_, refused in (("", 1, 0), (" sgemm every", 2, 0)):
        page.write_text(f"<!-- table: counts 03-gemm{words} -->\n<!-- end -->\n")
        text = pages.Pages(Registry()).fill()[page]
        assert text.count("**sgemm") == tables_
        assert text.count("needs m = 256") == refused
        assert text.count(done[0]["title"]) == 1
