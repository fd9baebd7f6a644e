"""./ladder serve, over real HTTP."""

import asyncio
import http.client
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
import uvicorn

from cli import verbs_train
from cli.devices import Device as Kind
from cli.errors import Failed
from train import model_file
from train.predict import Predictor, chunk_of
from train.serve import MOST_BYTES, make_app
from train.table import Encoder, Feature

WAIT_S = 0.05


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.model"
    encoder = Encoder(
        [Feature("size", "number", 1.0, 2.0), Feature("colour", "category", categories=["blue", "red"], fill="red")],
        "kind",
        ["no", "yes"],
    )
    model = {"kind": "network", "widths": [3, 4, 1], "activation": "tanh", "loss": "logistic"}
    weights = np.random.default_rng(1).normal(size=4 * 4 + 5).astype("f4")
    model_file.save(path, {"model": model, "encoder": encoder.json(), "complete": True}, {"weights": weights})
    return path


@pytest.fixture(scope="module")
def predictor(device, model):
    return Predictor.load(model).on(device)


@contextmanager
def serving(predictor):
    config = uvicorn.Config(make_app(predictor, WAIT_S, 64), port=0, log_level="warning")
    server, socket = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[socket])), daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until
        time.sleep(0.01)
    yield socket.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def port(predictor):
    with serving(predictor) as port:
        yield port


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body) if body else None)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if answer.headers["content-type"] == "application/json" else text


def row(i):
    return {"size": i / 7, "colour": ["red", "blue", "green", None][i % 4]}


def numbers_of(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_requests_that_come_together_are_predicted_together_and_each_gets_its_own(predictor, port):
    expected = predictor.answers(predictor.outputs(predictor.encoder.encode(chunk_of([row(i) for i in range(40)],
                                                                                     predictor.encoder))))  # fmt: skip
    before = numbers_of(ask(port, "GET", "/metrics")[1])
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda i: ask(port, "POST", "/predict", {"rows": [row(i), row(i + 20)]}), range(20)))
    for i, (status, answer) in enumerate(answers):
        assert status == 200
        for got, want in zip(answer["predictions"], (expected[i], expected[i + 20]), strict=True):
            assert list(got.values()) == want and list(got) == ["prediction", "p(no)", "p(yes)"]
    after = numbers_of(ask(port, "GET", "/metrics")[1])
    assert float(after["warpladder_rows_total"]) - float(before["warpladder_rows_total"]) == 40
    assert float(after["warpladder_batches_total"]) - float(before["warpladder_batches_total"]) < 20
    p50, p99 = (float(after[f'warpladder_latency_seconds{{quantile="{q}"}}']) for q in ("0.5", "0.99"))
    assert 0 < p50 <= p99 < 60


def test_a_lonely_request_waits_no_longer_than_asked(port):
    assert ask(port, "POST", "/predict", {"rows": [row(1)]})[0] == 200
    assert ask(port, "GET", "/health") == (200, "ok")
    status, about = ask(port, "GET", "/")
    assert status == 200 and about["columns"] == {"size": "number", "colour": ["blue", "red"]}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "must be JSON"),
        (b"\xff", 400, "must be JSON"),
        (b"[" * 100_000, 400, "must be JSON"),
        ([1], 400, 'must have "rows"'),
        ({"rows": []}, 400, "at least one"),
        ({"rows": [3]}, 400, 'must have "rows"'),
        ({"rows": [row(1), {"size": 1}]}, 400, "row 2 has no 'colour'"),
        ({"rows": [{"size": "big", "colour": "red"}]}, 400, "row 1: 'big' is text in the numeric column 'size'"),
        ({"rows": [{"size": [1], "colour": "red"}]}, 400, "must be a number, a text or null"),
        ({"rows": [{"size": 1e999, "colour": "red"}]}, 400, "infinity"),
        ({"rows": [row(1), {"size": 1e300, "colour": "red"}]}, 400, "row 2: infinity in column 'size', or too far"),
        (b" " * (MOST_BYTES + 1), 413, "at most"),
    ],
)
def test_bad_requests_are_told_what_is_wrong_and_the_server_goes_on(port, body, status, words):
    got, answer = ask(port, "POST", "/predict", body)
    assert got == status and words in answer["error"]
    assert ask(port, "POST", "/predict", {"rows": [row(0)]})[0] == 200


def test_a_device_that_died_is_told(model):
    program = verbs_train.start(Kind.simt)
    with serving(Predictor.load(model).on(program)) as port:
        assert ask(port, "POST", "/predict", {"rows": [row(0)]})[0] == 200
        os.kill(program.pid, signal.SIGKILL)
        for _ in range(2):
            status, answer = ask(port, "POST", "/predict", {"rows": [row(0)]})
            assert status == 500 and "SIGKILL" in answer["error"]
        assert ask(port, "GET", "/health") == (500, answer["error"])
    with pytest.raises(Failed, match="SIGKILL"):
        program.close()


def test_an_address_that_is_not_to_be_had(ladder, model, port):
    answer = ladder("serve", "--model", model, "--port", str(port))
    assert answer.status == 2 and answer.err.strip().splitlines()[-1].startswith("ladder: cannot listen on 127.0.0.1")
    assert "address already in use" in answer.err and "ERROR" not in answer.err
    assert ladder("serve", "--model", model, "--host", "no.such.host.invalid").status == 2


def test_other_paths_and_methods(port):
    assert ask(port, "GET", "/predict")[0] == 405
    assert ask(port, "GET", "/nothing")[0] == 404
