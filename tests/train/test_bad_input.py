"""Everything a file or a command can have wrong: one line, exit status 2, and nothing written or lost."""

import gzip
import tracemalloc

import numpy as np
import pytest

from train import model_file, source
from train import table as tables
from train.settings import Settings

ROWS = [["a", "b", "kind"], *([i, i * i % 7, "yes" if i % 2 else "no"] for i in range(30))]
TARGET = ("--target", "kind", "--model", "logistic", "--batch", "4", "--epochs", "1")


def complaint(answer, status=2):
    lines = [s for s in answer.err.splitlines() if s.startswith("ladder: ")]
    assert answer.status == status and len(lines) == 1 and "Traceback" not in answer.err and answer.out == ""
    return lines[0]


def changed(row, column, value):
    rows = [list(r) for r in ROWS]
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([], TARGET, "the file is empty"),
        (ROWS[:1], TARGET, "there is no row in it"),
        ([["a", "a", "kind"], *ROWS[1:]], TARGET, "each once: two are called 'a'"),
        ([["a", "", "kind"], *ROWS[1:]], TARGET, "each once: column 2 has no name"),
        (changed(5, 0, "x"), TARGET, "line 6: 'x' is text in the numeric column 'a'"),
        (changed(5, 1, "inf"), TARGET, "line 6: infinity in column 'b'"),
        (changed(5, 1, "-1e300"), TARGET, "line 6: infinity in column 'b', or over 1e+150"),
        (changed(5, 0, "1e300"), ("--target", "a", "--model", "linear"), "line 6: infinity in the target 'a'"),
        ([[a, b, 0.5 if k != "kind" else k] for a, b, k in ROWS], TARGET, "is 0.5 in every row"),
        ([*ROWS[:9], [1, 2], *ROWS[9:]], TARGET, "line 10: 2 values where the header names 3 columns"),
        ([*ROWS[:9], [1, 2, "no", 4], *ROWS[9:]], TARGET, "line 10: 4 values"),
        ([[a, b, "yes" if a != "a" else "kind"] for a, b, _ in ROWS], TARGET, "is 'yes' in every row"),
        ([[1 if a != "a" else a, 2 if b != "b" else b, k] for a, b, k in ROWS], TARGET, "every column is constant"),
        ([["" if a != "a" else a, b, k] for a, b, k in ROWS], TARGET, "column 'a' has no value at all"),
        ([[*r[:2], f"k{i}" if i else "kind"] for i, r in enumerate(ROWS)], TARGET, "30 classes and 30 rows"),
        (ROWS, ("--target", "kin", *TARGET[2:]), "did you mean kind?"),
        (ROWS, TARGET[2:], "name the column to predict"),
        (ROWS, TARGET[:2], "name the model"),
        (ROWS, (*TARGET[:2], "--model", "logstic"), "did you mean logistic?"),
        (ROWS, (*TARGET[:2], "--model", "mlp"), "write mlp:64,32"),
        (ROWS, (*TARGET[:2], "--model", "mlp:64,x"), "write mlp:64,32"),
        (ROWS, (*TARGET[:2], "--model", "mlp:1000000,1000000"), "at most 2147483647 are possible"),
        (ROWS, (*TARGET[:2], "--model", "linear"), "has 2 classes"),
        (ROWS, ("--target", "a", "--model", "logistic"), "the target is a number"),
        (ROWS, (*TARGET, "--batch", "100"), "use a smaller --batch"),
        (ROWS, (*TARGET, "--batch", "0"), "--batch"),
        (ROWS, (*TARGET, "--lr", "-1"), "--lr"),
        (ROWS, (*TARGET, "--validation", "0.6", "--test", "0.6"), "must leave some to train on"),
        (ROWS, (*TARGET, "--optimizer", "adm"), "adm"),
        (ROWS, ("--model", "kmeans:50", "--batch", "4"), "use fewer centres"),
    ],
)  # fmt: skip
def test_data_and_options(ladder, table, tmp_path, rows, options, words):
    out = tmp_path / "m.model"
    answer = ladder("train", "--data", table(rows), "--out", out, *options)
    assert words in complaint(answer)
    assert [p.name for p in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("data.csv", b'a,b\n"1,2\n1,2\n', "is a quote left open?"),
        ("data.csv", b"a,b\n1,\xff\xfe\n", "UTF-8"),
        ("data.csv", b"a;b\n1;2\n", "semicolons where commas should be"),
        ("data.csv", b"a\tb\n1\t2\n", "tabs where commas should be"),
        ("data.xyz", b"1", "its name says not what it is"),
        ("data.npy", b"\x93NUMPY\x01\x00", "not a NumPy array"),
        ("x-images-idx3-ubyte", b"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02\1\2\3", "is it cut off?"),
        ("x-images-idx3-ubyte", b"\1\2\3\4", "not an IDX file"),
        ("x-images-idx3-ubyte", b"\0\0\x08\0\1", "rows and columns"),
        ("x-images-idx3-ubyte", b"\0\0\x08\x03", "is it cut off?"),
        ("x-images-idx3-ubyte.gz", gzip.compress(b"\0\0\x08\x01\0\0\0\1\7")[:-9], "not a gzip file, or cut off"),
        ("x-images-idx3-ubyte.gz", b"\0\0\x08\x01\0\0\0\1\7", "not a gzip file, or cut off"),
        ("data_batch_1.bin", b"\0" * 3072, "is it cut off?"),
        ("data_batch_1.bin", b"\x0a" + b"\0" * 3072, "labels are 0 to 9"),
    ],
)
def test_files(ladder, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    assert words in complaint(ladder("train", "--data", path, "--target", "b", "--model", "softmax"))


def test_no_such_file(ladder, tmp_path):
    assert "there is no such file" in complaint(ladder("train", "--data", tmp_path / "x.csv", *TARGET))
    assert "is a folder" in complaint(ladder("train", "--data", tmp_path, *TARGET))
    assert "is a folder" in complaint(ladder("train", "--resume", tmp_path))
    assert "no such model file" in complaint(ladder("predict", "--model", tmp_path / "m", "--data", tmp_path / "x.csv"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("lr = [", "is not TOML"), ("lerning = 1", "no setting in"), ('lr = "fast"', "makes no sense"),
     ("lr = -1.0", "makes no sense"), ("epochs = 2.5", "makes no sense"), ('optimizer = "adm"', "makes no sense")],
)  # fmt: skip
def test_configuration(ladder, table, tmp_path, text, words):
    config = tmp_path / "run.toml"
    config.write_text(text)
    assert words in complaint(ladder("train", "--config", config, "--data", table(ROWS), *TARGET))


def test_tuning_wants_lists(ladder, table, tmp_path):
    config = tmp_path / "run.toml"
    told = {"tune = 3": "tune is a table", "[tune]\nlr = []": "list the values", "": "say what to try"}
    for text, words in told.items():
        config.write_text(text)
        assert words in complaint(ladder("tune", "--config", config, "--data", table(ROWS), *TARGET))


def test_labels(ladder, table, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.ones((3, 2)))
    assert "--labels" in complaint(ladder("train", "--data", path, "--model", "softmax"))
    assert "--labels is for" in complaint(ladder("train", "--data", table(ROWS), "--labels", path, *TARGET))
    np.save(tmp_path / "one.npy", np.float32(1))
    one = ("--data", tmp_path / "one.npy", "--model", "softmax", "--labels")
    assert "need as many labels" in complaint(ladder("train", *one, path))
    assert "rows and columns" in complaint(ladder("train", *one, tmp_path / "one.npy"))
    assert "need as many labels" in complaint(ladder("train", "--data", path, "--labels", path, "--model", "softmax"))


def test_predictions_are_written_whole_or_not_at_all(ladder, table, tmp_path, monkeypatch):
    model = tmp_path / "m.model"
    assert ladder("train", "--data", table(ROWS), "--out", model, *TARGET).status == 0
    monkeypatch.setattr(source, "CHUNK_CELLS", 12)  # four rows at a time
    out = tmp_path / "p.csv"
    answer = ladder("predict", "--model", model, "--data", table(changed(20, 0, "x"), "bad.csv"), "--out", out)
    assert "bad.csv, line 21: 'x' is text in the numeric column 'a'" in complaint(answer)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "data.csv", "m.model", "m.model.checkpoint"]
    answer = ladder("predict", "--model", model, "--data", table(changed(20, 0, "1e60"), "bad.csv"), "--out", out)
    assert "line 21: infinity in column 'a', or too far" in complaint(answer)
    assert ladder("predict", "--model", model, "--data", table(ROWS), "--out", out).status == 0
    lines = out.read_text().splitlines()
    assert len(lines) == 31 and lines[0] == "prediction,p(no),p(yes)"
    assert ladder("predict", "--model", model, "--data", table(ROWS)).out.splitlines() == lines


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
def test_a_tampered_model_file(ladder, table, tmp_path, damage):
    path = tmp_path / "m.model"
    model_file.save(path, {"complete": True}, {"weights": np.arange(5.0)})
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[:-3]
    elif damage == "changed":
        data[len(data) // 2] ^= 1
    else:
        data = b"PK" + data
    path.write_bytes(data)
    words = complaint(ladder("predict", "--model", path, "--data", table(ROWS)))
    assert ("not a model file" if damage == "other" else "checksum") in words
    assert path.read_bytes() == data


@pytest.mark.parametrize("header", [{}, {"model": 3}, {"model": {"kind": "cube"}, "encoder": []}, {"blocks": "none"}])
def test_a_model_file_with_a_strange_header(ladder, table, tmp_path, header):
    path = tmp_path / "m.model"
    model_file.save(path, header, {"weights": np.arange(5.0)})
    assert "header" in complaint(ladder("predict", "--model", path, "--data", table(ROWS)))


def test_the_model_file_holds_what_was_put_in(tmp_path):
    path = tmp_path / "m.model"
    weights = np.random.default_rng(1).normal(size=100).astype("f4")
    model_file.save(path, {"x": ["é", None, 1.5]}, {"weights": weights, "none": np.empty(0)})
    head, blocks = model_file.load(path)
    assert head["x"] == ["é", None, 1.5] and (blocks["weights"] == weights).all() and blocks["none"].size == 0
    assert [p.name for p in tmp_path.iterdir()] == ["m.model"]


def test_idx_and_cifar_as_they_are_published(tmp_path):
    images = np.arange(2 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(2, 28, 28)
    idx = tmp_path / "train-images-idx3-ubyte"
    idx.write_bytes(b"\0\0\x08\x03" + np.array([2, 28, 28], ">u4").tobytes() + images.tobytes())
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + np.array([2], ">u4").tobytes() + b"\7\1")
    mnist = source.open_source(idx)
    assert len(mnist.columns) == 785 and source.find_target(mnist, None) == source.LABEL
    (chunk,) = mnist.chunks()
    assert chunk.columns["label"].tolist() == [7, 1]
    assert [chunk.columns[f"x{i}"][1] for i in range(784)] == images[1].ravel().tolist()
    cifar = tmp_path / "data_batch_1.bin"
    pixels = np.random.default_rng(1).integers(0, 256, (3, 3072), np.uint8)
    cifar.write_bytes(b"".join(bytes([label]) + row.tobytes() for label, row in zip((6, 9, 0), pixels, strict=True)))
    (chunk,) = source.open_source(cifar).chunks()
    assert chunk.columns["label"] == ["frog", "truck", "airplane"]
    assert (pixels == np.array([chunk.columns[f"x{i}"] for i in range(3072)]).T).all()


@pytest.mark.parametrize("kind", ["f8", ">f4", "f2", "u1"])
def test_npy_as_numpy_saves_it(ladder, tmp_path, kind):
    x = np.arange(120).reshape(60, 2).astype(kind)
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    np.save(tmp_path / "y.npy", np.arange(60) % 3)
    (chunk,) = source.open_source(tmp_path / "x.npy", tmp_path / "y.npy").chunks()
    assert (x == np.array([chunk.columns[c] for c in ("x0", "x1")]).T).all()
    assert chunk.columns["label"].tolist() == [0, 1, 2] * 20
    files = ("--data", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", "--out", tmp_path / "m.model")
    assert ladder("train", *files, "--model", "softmax", "--epochs", "1", "--batch", "8").status == 0
    answer = ladder("predict", "--model", tmp_path / "m.model", "--data", tmp_path / "x.npy")
    assert answer.status == 0 and len(answer.out.splitlines()) == 61


def test_a_long_file_is_streamed(tmp_path, monkeypatch):
    """What stays on the host is 27 bytes a row, as train/README.md says, and one chunk, however long the file is."""
    monkeypatch.setattr(source, "CHUNK_CELLS", 2000)
    settings = Settings()

    def peak(rows: int) -> int:
        path = tmp_path / "long.csv"
        path.write_text("a,b,c,kind\n" + "".join(f"{i},{i % 7}.5,{i % 11},{'xyz'[i % 3]}\n" for i in range(rows)))
        tracemalloc.start()
        file = source.open_source(path)
        scanned = tables.scan(file, source.find_target(file, "kind"), settings.task)
        parts = tables.split(scanned, settings.validation, settings.test, settings.seed)
        encoder = tables.fit(scanned, parts)
        assert sum(len(x) for _, x in tables.encoded(scanned, encoder, parts)) == rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(3000)  # what is imported and cached at first use
    assert (peak(40000) - peak(20000)) / 20000 < 1.2 * 27
