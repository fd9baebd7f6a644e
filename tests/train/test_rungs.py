"""./ladder curves: chapter 06's rungs on real data."""

import json

import numpy as np
import pytest
from matplotlib.image import imread

from cli.paths import ROOT
from plots import curves as plots
from plots import style

U = 2.0**-24


BATCH = 16
CANCER = ("--data", ROOT / "data" / "breast-cancer.csv", "--target", "diagnosis", "--lr", "0.1", "--epochs", "1")
LESSON = (
    "--data data/digits.csv --target digit --model softmax --optimizer sgd --lr 0.05 --epochs 5 --batches 8,32,128,512"
)
PICTURE = ROOT / "docs" / "plots" / "06-minibatch-sgd-batches.png"
DIABETES = ("--data", ROOT / "data" / "diabetes.csv", "--target", "progression", "--lr", "0.05", "--epochs", "2")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((*CANCER, "--model", "logistic"), 9),
        ((*DIABETES, "--model", "linear"), 10),
        ((*CANCER, "--model", "mlp:6", "--loss", "softmax", "--activation", "tanh"), 4),
    ],
)
def test_every_rung_ends_where_the_sequential_one_does(ladder, options, count):
    answer = ladder("curves", *options, "--batch", str(BATCH), "--seeds", "10", "--json")
    assert answer.status == 0, answer.err
    rungs = json.loads(answer.out)
    assert len(rungs) == count and not any(r["refused"] for r in rungs)
    reference = rungs[0]
    expected = np.array(reference["losses"])
    assert len(expected) >= 20 and expected[-5:].mean() < 0.8 * expected[:5].mean()
    error = np.std(reference["final"], ddof=1) / np.sqrt(10)
    for r in rungs[1:]:
        assert len(r["final"]) == 10 and abs(np.mean(r["final"]) - np.mean(reference["final"])) <= error
        # Replicas drift apart between their meetings, and hogs read what others change: they train otherwise.
        if "local_sgd" not in r["id"] and "hogwild" not in r["id"]:
            # verify holds each rung to FP64 step by step; here two of them are compared, over the same bound twice:
            # a step's roundings of about (batch + inputs) u, added up over the steps.
            assert abs(np.array(r["losses"]) - expected).max() <= 2 * len(expected) * (BATCH + 31) * U * expected.max()
        if "hogwild" in r["id"]:  # at its end, over all samples
            assert len(r["losses"]) == 8 and r["losses"][-1] < 1.1 * expected[-10:].mean() < r["losses"][0]


def test_the_lesson_shows_what_the_batch_size_does_now(ladder, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    again = tmp_path / "again.png"
    answer = ladder("curves", *LESSON.split(), "--figure", again)
    assert answer.status == 0, answer.err
    lesson = (ROOT / "chapters" / "06-minibatch-sgd" / "README.md").read_text()
    assert LESSON in " ".join(lesson.replace("\\\n", "").split()) and PICTURE.name in lesson
    # Another C library's exp may move a line by less than a pixel.
    assert abs(imread(again) - imread(PICTURE)).mean() < 1e-3, f"./ladder curves {LESSON} --figure {PICTURE} anew"


def test_figures(ladder, tmp_path):
    history = [{"epoch": e, "loss": 1 / e} for e in (1, 2, 3)]
    rows = [{"batch": b, "history": history, "samples_per_s": 1e5 * b} for b in (16, 64)]
    assert plots.batches(rows, "made up").axes[0].get_ylabel() == "samples per second"
    assert len(plots.batches([r | {"samples_per_s": None} for r in rows], "made up").axes) == 1
    made = {"reference": [2.0, 1.0, 0.5], "same": [2.0, 1.0, 0.5], "other": [2.0, 1.2, 0.4], "Hogwild!": [1.5, 0.6]}
    steps = {"Hogwild!": [1.5, 3]}
    rows = [{"title": t, "steps": steps.get(t, [1, 2, 3]), "losses": losses} for t, losses in made.items()]
    figure = plots.rungs(rows, "made up")
    upper, lower = ([t.get_text().strip() for t in ax.texts] for ax in figure.axes)
    assert upper == ["2 rungs, on one another", "other", "Hogwild!, all samples"]
    assert lower == ["0.2", "the same bits"]
    assert [t.get_text() for t in figure.axes[1].get_yticklabels()] == ["other", "same"]
    assert style.save(figure, "svg").startswith(b"<?xml")
    data = (ROOT / "data" / "breast-cancer.csv", "--target", "diagnosis", "--model", "logistic", "--epochs", "1")
    answer = ladder("curves", "--data", *data, "--batches", "16,64", "--figure", tmp_path / "b.svg")
    assert answer.status == 0 and "not timed on simt" in answer.out and (tmp_path / "b.svg").stat().st_size > 1000
    assert ladder("curves", "--data", *data, "--batches", "16,x").status == 2
    assert ladder("curves", "--data", *data, "--by", "01_openmp").status == 2
    assert ladder("curves", "--data", *data, "--batches", "16", "--by", "01_open").status == 2
    assert ladder("curves", "--data", *data, "--batches", "16", "--by", "13_mlp_persistent").status == 2
    assert ladder("curves", "--data", *data, "--batches", "9999").status == 2


def test_a_rung_of_the_cpu_is_timed_with_each_batch(ladder, tmp_path):
    options = ("curves", *CANCER, "--model", "logistic", "--optimizer", "sgd", "--batches", "8,64", "--json")
    own, pipeline, kernel = ([*options, *more] for more in (("--by", "01_openmp"), (), ("--by", "04_fused")))
    timed, not_timed, by_kernel = (json.loads(ladder(*o).out) for o in (own, pipeline, kernel))
    assert [c["batch"] for c in timed] == [8, 64] and all(c["samples_per_s"] > 0 for c in timed)
    assert not any(c["samples_per_s"] for c in [*not_timed, *by_kernel])
    for a, b in zip(timed, not_timed, strict=True):  # the same steps, but for their roundings
        assert [h["step"] for h in a["history"]] == [h["step"] for h in b["history"]]
        bound = 2 * a["history"][-1]["step"] * (a["batch"] + 31) * U * max(h["loss"] for h in a["history"])
        assert np.allclose([h["loss"] for h in a["history"]], [h["loss"] for h in b["history"]], rtol=0, atol=bound)
