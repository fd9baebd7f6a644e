"""The verbs of training look at files and options before they build anything."""

import csv

import numpy as np
import pytest

from cli import verbs_train
from train import model_file
from train.table import Encoder, Feature


@pytest.fixture(autouse=True)
def nothing_is_built(monkeypatch):
    def start(*_):
        pytest.fail("the program was asked for first")

    monkeypatch.setattr(verbs_train, "start", start)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b", "kind"], *([i, i * i % 7, "yn"[i % 2]] for i in range(60))])
    return path


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "m.model"
    encoder = Encoder([Feature("a", "number", 1.0, 2.0), Feature("c", "number", 1.0, 2.0)], "kind", ["n", "y"])
    network = {"kind": "network", "widths": [2, 1], "activation": "tanh", "loss": "logistic"}
    model_file.save(path, {"model": network, "encoder": encoder.json(), "complete": True}, {"weights": np.zeros(3)})
    return path


def complaint(answer):
    assert answer.status == 2 and answer.out == ""
    assert answer.err.count("\n") == 1, answer.err
    return answer.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("train", "--model", "mlp:x"), "write mlp:64,32"),
        (("train", "--model", "kmeans:500", "--batch", "4"), "use fewer centres"),
        (("train", "--model", "softmax", "--batch", "500"), "use a smaller --batch"),
        (("train", "--model", "softmax", "--out", "/dev/null/x"), "/dev/null is a file, not a folder"),
        (("train", "--model", "softmax", "--figures", "/dev/null/x"), "/dev/null is a file, not a folder"),
        (("train", "--model", "softmax", "--resume", "no.checkpoint"), "no such model file"),
        (("tune", "--model", "softmax", "--try", "batch=4,500"), "--try batch=500"),
        (("tune", "--model", "softmax", "--try", "model=linear"), "has 2 classes"),
        (("tune", "--model", "softmax", "--validation", "0", "--try", "lr=1"), "--validation 0.2"),
        (("curves", "--model", "kmeans:3"), "rungs train --model linear"),
        (("curves", "--model", "mlp:3,4"), "must be equally wide"),
        (("curves", "--model", "softmax", "--test", "0"), "judged on a --test part"),
        (("curves", "--model", "softmax", "--figure", "/dev/null/x.svg"), "/dev/null is a file, not a folder"),
        (("curves", "--model", "softmax", "--batches", "8,500"), "--batches 500"),
        (("curves", "--model", "softmax", "--batches", "8", "--by", "01_openm"), "did you mean 01_openmp?"),
        (("curves", "--model", "kmeans:3", "--batches", "8", "--by", "01_openmp"), "another kind of model"),
    ],
)
def test_options_and_data(ladder, data, options, words):
    target = () if any("kmeans" in word for word in options) else ("--target", "kind")
    assert words in complaint(ladder(*options, "--data", data, *target))


@pytest.mark.parametrize("verb", ["train", "tune", "curves"])
def test_a_file_that_is_not_there(ladder, tmp_path, verb):
    tried = ("--try", "lr=1") if verb == "tune" else ()
    answer = ladder(verb, "--data", tmp_path / "x.csv", "--target", "kind", "--model", "softmax", *tried)
    assert "there is no such file" in complaint(answer)


def test_predict(ladder, data, model, tmp_path):
    def told(*options):
        return complaint(ladder("predict", *options))

    assert "no such model file" in told("--model", tmp_path / "x", "--data", data)
    assert "there is no such file" in told("--model", model, "--data", tmp_path / "x.csv")
    assert "has no column 'c'" in told("--model", model, "--data", data)
    data.write_text("a,c\n1,2\n")
    assert "is a file, not a folder" in told("--model", model, "--data", data, "--out", data / "p.csv")
    assert "is a folder" in told("--model", model, "--data", data, "--out", tmp_path)


def test_serve(ladder, model, tmp_path):
    assert "no such model file" in complaint(ladder("serve", "--model", tmp_path / "x"))
    assert "cannot listen on" in complaint(ladder("serve", "--model", model, "--host", "no.such.host.invalid"))
