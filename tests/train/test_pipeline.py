"""./ladder train, tune and predict from end to end, on files a person might have."""

import csv
import json

import numpy as np
import pytest
from sklearn import datasets

from cli.paths import ROOT
from train import model_file, source, table


def trained(ladder, *options):
    answer = ladder("train", "--json", *options)
    assert answer.status == 0, answer.err
    return json.loads(answer.out)


def test_from_a_csv_to_predictions(ladder, blobs, tmp_path):
    data, out = blobs(), tmp_path / "m.model"
    done = trained(ladder, "--data", data, "--target", "kind", "--model", "mlp:8", "--batch", "8", "--epochs", "6",
                   "--leave-out", "amount", "--lr", "0.05", "--out", out,
                   "--figures", tmp_path / "figures")  # fmt: skip
    assert done["metrics"]["accuracy"] > 0.75 and done["metrics"]["part"] == "test"
    assert done["history"][-1]["loss"] < 0.5 * done["history"][0]["loss"]
    assert {p.name for p in (tmp_path / "figures").iterdir()} == {"loss.svg", "confusion.svg"}
    answer = ladder("predict", "--model", out, "--data", data, "--out", tmp_path / "p.csv")
    assert answer.status == 0 and "accuracy" in answer.err
    with (tmp_path / "p.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60 and {r["prediction"] for r in rows} == {"up", "down"}
    assert all(abs(float(r["p(up)"]) + float(r["p(down)"]) - 1) < 1e-12 for r in rows)
    # A file without the target, one with an unknown category, and one that lacks a column.
    lines = data.read_text().splitlines()
    only = tmp_path / "new.csv"
    only.write_text("c,b,a,colour\n0.5,-1,1,purple\n,1,-1,red\n")
    answer = ladder("predict", "--model", out, "--data", only)
    assert [line.split(",")[0] for line in answer.out.splitlines()] == ["prediction", "up", "down"]
    only.write_text("\n".join(line.partition(",")[2] for line in lines))
    answer = ladder("predict", "--model", out, "--data", only)
    assert answer.status == 2 and "has no column 'a'" in answer.err and answer.out == ""


def test_a_number_is_predicted_in_its_own_unit(ladder, blobs, tmp_path):
    done = trained(ladder, "--data", blobs(), "--target", "amount", "--model", "linear", "--leave-out", "kind",
                   "--batch", "8", "--epochs", "20", "--lr", "0.05", "--out", tmp_path / "m.model")  # fmt: skip
    assert done["metrics"]["r2"] > 0.99


def test_interrupted_and_resumed_it_ends_with_the_same_bits(ladder, blobs, tmp_path, monkeypatch):
    options = ("--data", blobs(), "--target", "kind", "--model", "mlp:6", "--batch", "8", "--epochs", "6",
               "--patience", "3")  # fmt: skip
    whole = trained(ladder, *options, "--out", tmp_path / "whole.model")
    from train import loop

    advance = loop.advance
    monkeypatch.setattr(loop, "ANSWER_EVERY_S", 0)  # a step at a time

    def interrupted(device, jobs, steps):
        advance(device, jobs, steps)
        if jobs[0].step == 11:  # in the middle of an epoch
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(loop, "advance", interrupted)
    answer = ladder("train", *options, "--out", tmp_path / "part.model")
    assert answer.status == 130 and "--resume" in answer.err and not (tmp_path / "part.model").exists()
    monkeypatch.setattr(loop, "advance", advance)
    resumed = trained(ladder, "--resume", tmp_path / "part.model.checkpoint")
    assert resumed["history"] == whole["history"] and resumed["metrics"] == whole["metrics"]
    (_, first), (_, second) = (model_file.load(tmp_path / f"{n}.model") for n in ("whole", "part"))
    assert first["weights"].tobytes() == second["weights"].tobytes()
    answer = ladder("train", "--resume", tmp_path / "part.model.checkpoint", "--lr", "1")
    assert answer.status == 2 and "leave out --lr" in answer.err
    blobs(61)  # the file is another one now
    answer = ladder("train", "--resume", tmp_path / "part.model.checkpoint")
    assert answer.status == 2 and "has changed" in answer.err


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        (("--lr", "1e25", "--batch", "8"), "1e+25"),
        (("--lr", "1e39", "--batch", "40", "--epochs", "1"), "inf"),  # the only step's update overflows
        (("--lr", "1e38", "--batch", "40", "--validation", "0.3"), "1e+38"),  # or what it predicts then
    ],
)
def test_a_diverging_run_names_step_rate_and_checkpoint(ladder, blobs, tmp_path, options, rate):
    out = tmp_path / "m.model"
    answer = ladder("train", "--data", blobs(80), "--target", "amount", "--leave-out", "kind", "--model", "linear",
                    "--optimizer", "sgd", "--out", out, *options)  # fmt: skip
    assert answer.status == 1
    line = next(s for s in answer.err.splitlines() if s.startswith("ladder: diverged at step"))
    assert f"learning rate {rate};" in line and "m.model.checkpoint" in line and not out.exists()
    head, blocks = model_file.load(tmp_path / "m.model.checkpoint")
    assert np.isfinite(blocks["weights"]).all() and f"after step {head['step']}:" in line


def test_early_stopping(ladder, blobs, tmp_path):
    options = ("--data", blobs(), "--target", "kind", "--model", "logistic", "--batch", "8",
               "--out", tmp_path / "m.model")  # fmt: skip
    low = trained(ladder, *options, "--epochs", "50", "--lr", "0.1", "--stop-at", "0.4")
    assert "came down" in low["why"] and low["history"][-1]["loss"] <= 0.4 < low["history"][-2]["loss"]
    patient = trained(ladder, *options, "--epochs", "50", "--lr", "0", "--patience", "2")
    assert "none better since epoch 1" in patient["why"] and len(patient["history"]) == 3


def test_a_configuration_file_says_what_the_options_say(ladder, blobs, tmp_path):
    config = tmp_path / "run.toml"
    config.write_text(
        f'data = "{blobs()}"\ntarget = "kind"\nmodel = "logistic"\nbatch = 8\nepochs = 2\nleave-out = ["b"]\n'
    )
    a = trained(ladder, "--config", config, "--lr", "0.05", "--out", tmp_path / "a.model")
    b = trained(ladder, "--data", blobs(), "--target", "kind", "--model", "logistic", "--batch", "8", "--epochs", "2",
                "--leave-out", "b", "--lr", "0.05", "--out", tmp_path / "b.model")  # fmt: skip
    assert a["history"] == b["history"]


def test_tuning_keeps_the_best_of_several_at_once(ladder, blobs, tmp_path):
    out = tmp_path / "m.model"
    options = ("--data", blobs(), "--target", "amount", "--leave-out", "kind", "--model", "linear", "--epochs", "2")
    options += ("--optimizer", "sgd", "--batch", "8", "--json", "--out", out)
    trials = json.loads(ladder("tune", *options, "--try", "lr=0.001,0.1,1e30", "--try", "batch=8,16").out)["trials"]
    assert len(trials) == 6 and trials[0]["lr"] == 0.1
    losses = [t["validation_loss"] for t in trials]
    assert losses == [*sorted(x for x in losses if x is not None), None, None]  # those of 1e30 diverge
    assert model_file.load(out)[0]["settings"]["lr"] == 0.1
    drawn = ladder("tune", *options, "--try", "lr=log:1e-3:1", "--random", "3", "--at-once", "2")
    rates = [t["lr"] for t in json.loads(drawn.out)["trials"]]
    assert len(set(rates)) == 3 and all(1e-3 <= r <= 1 for r in rates)
    alone = ladder("tune", *options, "--try", "lr=log:1e-3:1", "--random", "3", "--at-once", "1")
    assert json.loads(alone.out) == json.loads(drawn.out)
    assert "a range has no grid" in ladder("tune", *options, "--try", "lr=log:1e-3:1").err
    assert "can be tried" in ladder("tune", *options, "--try", "seed=1,2").err


def prepared(path, target="kind", **options):
    scanned = table.scan(source.open_source(path), target, **options)
    parts = table.split(scanned, 0.2, 0.2, 1)
    encoder = table.fit(scanned, parts)
    return scanned, parts, encoder, np.concatenate([x for _, x in table.encoded(scanned, encoder, parts)])


def test_a_file_in_many_chunks_is_the_same_file(blobs, monkeypatch):
    path = blobs(500)
    _, parts, encoder, x = prepared(path)
    monkeypatch.setattr(source, "CHUNK_CELLS", 6 * 7)
    chunks = list(source.open_source(path).chunks())
    assert len(chunks) == 72 and max(map(len, chunks)) == 7
    _, parts_again, encoder_again, x_again = prepared(path)
    assert (parts == parts_again).all()
    # Means and deviations are added up in another order: 500 roundings of FP64.
    assert np.allclose(x, x_again, rtol=500 * 2**-53, atol=2**-24)
    assert [f.categories for f in encoder.features] == [f.categories for f in encoder_again.features]


def test_the_split_is_seeded_and_stratified_and_statistics_are_the_training_parts(blobs):
    scanned, parts, encoder, x = prepared(blobs(200))
    assert (parts == table.split(scanned, 0.2, 0.2, 1)).all() and (parts != table.split(scanned, 0.2, 0.2, 2)).any()
    for part, share in ((table.TRAIN, 0.6), (table.VALIDATION, 0.2), (table.TEST, 0.2)):
        for c in range(2):
            assert abs((scanned.targets[parts == part] == c).sum() - share * (scanned.targets == c).sum()) <= 1
    numeric = [i for i, f in enumerate(encoder.features[:3])]
    train = x[parts == table.TRAIN][:, numeric]
    assert abs(train.mean(axis=0)).max() < 1e-6 and abs(train.std(axis=0) - 1).max() < 1e-6
    assert abs(x[parts != table.TRAIN][:, numeric].mean(axis=0)).max() > 1e-3


def test_missing_values_and_categories(table_of):
    path = table_of
    scanned, parts, encoder, x = prepared(path, categorical=("w",))
    assert len(x) == 40 and any("missing values are filled in" in n for n in scanned.notes)
    number, word = encoder.features
    assert (x[0, 0], x[1, 0]) == (0, np.float32((1 - number.mean) / number.scale))
    assert word.categories == ["0", "1", "it's"] and x[3, 1:].tolist() == [
        1.0 * (c == word.fill) for c in word.categories
    ]
    scanned, parts, _, x = prepared(path, missing="drop", categorical=("w",))
    assert len(x) == 38 and (parts == table.DROPPED).sum() == 2


@pytest.fixture
def table_of(tmp_path):
    rows = ["n, w, kind"] + [f"{i},{(i % 2) if i % 5 else ' its '!r},{'ab'[i % 2]}" for i in range(40)]
    rows[1], rows[4] = "NA, it's,a", "3,?,b"
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join(rows).replace("' its '", '"it\'s"') + "\n\n")
    return path


@pytest.mark.parametrize("name", ["breast-cancer", "digits", "diabetes"])
def test_the_shipped_data_is_what_scikit_learn_carries(name):
    load = {"breast-cancer": datasets.load_breast_cancer, "digits": datasets.load_digits,
            "diabetes": lambda: datasets.load_diabetes(scaled=False)}[name]  # fmt: skip
    published = load()
    file = source.open_source(ROOT / "data" / f"{name}.csv")
    *features, target = file.columns
    scanned = table.scan(file, target)
    rows, inputs, classes = {"breast-cancer": (569, 30, 2), "digits": (1797, 64, 10), "diabetes": (442, 10, 0)}[name]
    assert (len(scanned.usable), len(scanned.kinds), len(scanned.classes)) == (rows, inputs, classes)
    assert set(scanned.kinds.values()) == {"number"} and scanned.usable.all()
    assert features == list(published.feature_names)
    (chunk,) = file.chunks()
    assert (published.data == np.array([table.numbers(chunk.columns[f]) for f in features]).T).all()
    names = [str(n) for n in published.target_names] if classes else []
    assert scanned.classes == sorted(names)
    targets = [scanned.classes.index(names[i]) for i in published.target] if classes else published.target.tolist()
    assert scanned.targets.tolist() == targets
