"""What the device does in training, step by step, against the same training in FP64."""

import itertools

import numpy as np
import pytest

from train.model import Model
from train.reference import Case, U, loss_and_gradient, shuffled
from train.settings import Settings, from_dict

SEED = 3


def case(widths, loss="softmax", activation="tanh", n=50, **settings):
    rng = np.random.default_rng(7)
    model = Model("network", tuple(widths), activation, loss)
    x = rng.normal(size=(n, widths[0])).astype("f4")
    z = x @ rng.normal(size=(widths[0], widths[-1])) + 0.3 * rng.normal(size=(n, widths[-1]))
    y = {"softmax": np.eye(widths[-1])[z.argmax(axis=1)], "logistic": (z > 0) * 1.0, "squared": z}[loss]
    w = (0.4 * rng.normal(size=model.weights)).astype("f4")
    chosen = from_dict({"seed": SEED, "batch": 12, **settings}, Settings(), "a test")
    return Case(model, chosen, x.astype(float), y.astype("f4").astype(float), w)


def on_device(device, c, steps, memory=None, step=0, **more):
    floats = np.concatenate([c.x.ravel(), c.y.ravel()]).astype("f4")
    device.ask("set", set="s", rows=len(c.x), features=c.model.widths[0], targets=c.model.outputs)
    device.ask("append", floats, set="s", rows=len(c.x))
    run = {"run": "r", "set": "s", "step": step, "spec": {**c.spec(steps), **more}}
    device.ask("run", c.w if memory is None else memory, **run)
    answer, losses = device.ask("steps", runs=[{"run": "r", "steps": steps - step}])
    memory = device.ask("memory", run="r")[1]
    device.ask("drop", run="r", set="s")
    return answer["runs"][0], losses, memory


CASES = {
    "linear": case([5, 1], "squared", optimizer="sgd", lr=0.05),
    "logistic": case([4, 1], "logistic", optimizer="momentum", lr=0.05, schedule="step", step_every=1, factor=0.5),
    "softmax": case([6, 4], optimizer="nesterov", lr=0.02, warmup=5, schedule="cosine"),
    "several widths": case([5, 9, 3, 4], optimizer="adam", lr=0.01),
    "sigmoid": case([5, 8, 2], "logistic", "sigmoid", optimizer="adagrad", lr=0.05),
    "gelu": case([5, 8, 2], "squared", "gelu", optimizer="rmsprop", lr=0.002, epsilon=1e-3),
    "relu": case([5, 8, 3], activation="relu", optimizer="adamw", lr=0.01, decay=0.1),
    "clipped": case([5, 7, 3], optimizer="sgd", lr=0.2, clip=0.1, decay=0.01),
    "accumulated": case([5, 7, 3], optimizer="sgd", lr=0.1, batch=4, accumulate=3),
}


@pytest.mark.parametrize("engine", ["narrow", "wide"])
@pytest.mark.parametrize("name", CASES)
def test_the_loss_follows_fp64(device, name, engine):
    c, steps = CASES[name], 22
    progress, losses, memory = on_device(device, c, steps, engine=engine)
    assert progress["step"] == steps and not progress["stopped"]
    expected, w = c.train(steps)
    of_loss, of_weights = c.bounds(steps, expected, w)
    assert (abs(losses - expected) <= of_loss).all()
    assert (abs(memory[: c.model.weights] - w) <= of_weights).all()
    # The bound would notice one sample that is left out of one step.
    _, whole, _ = loss_and_gradient(c.model, c.w.astype(float), c.x[:12], c.y[:12])
    _, less, _ = loss_and_gradient(c.model, c.w.astype(float), c.x[:11], c.y[:11])
    assert of_weights < c.settings.lr * abs(whole - less).max()


@pytest.mark.parametrize("name", [n for n in CASES if n != "accumulated"])
def test_the_reference_gradients_are_finite_differences(name):
    c = CASES[name]
    w = c.w.astype(float)
    _, gradient, _ = loss_and_gradient(c.model, w, c.x, c.y)
    for i in range(len(w)):
        h = np.zeros(len(w))
        h[i] = 1e-6
        above, below = (loss_and_gradient(c.model, w + s * h, c.x, c.y)[0] for s in (1, -1))
        assert abs((above - below) / 2e-6 - gradient[i]) < 1e-8


def test_micro_batches_add_up_to_the_large_batch(device):
    c, steps = CASES["accumulated"], 22
    whole = Case(c.model, from_dict({"batch": 12, "accumulate": 1}, c.settings, "a test"), c.x, c.y, c.w)
    for engine in ("narrow", "wide"):
        _, some, w_some = on_device(device, c, steps, engine=engine)
        _, one, w_one = on_device(device, whole, steps, engine=engine)
        of_loss, of_weights = whole.bounds(steps, *whole.train(steps))
        assert (abs(some - one) <= 2 * of_loss).all()
        assert (abs(w_some - w_one) <= 2 * of_weights).all()


def test_linear_regression_finds_the_closed_form(device):
    c = case([4, 1], "squared", n=40, optimizer="sgd", lr=0.2, batch=40)
    _, _, w = on_device(device, c, 300)
    x = np.hstack([c.x, np.ones((40, 1))])
    best = np.linalg.lstsq(x, c.y, rcond=None)[0].ravel()
    # At the fixed point the computed gradient is zero: the true one is at most its roundings, (n + 5) u |x|^T |r|.
    residual = abs(x) @ abs(w) + abs(c.y.ravel())
    bound = abs(np.linalg.inv(x.T @ x)) @ (46 * U * abs(x).T @ residual)
    assert (abs(w - best) <= bound + 2 * U * abs(best)).all()


def test_runs_repeat_to_the_bit_and_go_on_to_the_bit(device):
    for engine in ("narrow", "wide"):
        c = CASES["several widths"]
        _, losses, memory = on_device(device, c, 23, engine=engine)
        _, again, memory_again = on_device(device, c, 23, engine=engine)
        assert (losses == again).all() and (memory == memory_again).all()
        first = Case(c.model, c.settings, c.x, c.y, c.w)
        _, _, half = on_device(device, first, 10, engine=engine)
        _, rest, end = on_device(device, first, 23, half, 10, engine=engine)
        assert (rest == losses[10:]).all() and (end == memory).all()


def test_several_at_once_do_not_disturb_each_other(device):
    a, b = CASES["relu"], CASES["softmax"]
    alone = [on_device(device, c, 20)[2] for c in (a, b)]
    for name, c in (("a", a), ("b", b)):
        device.ask("set", set=name, rows=len(c.x), features=c.model.widths[0], targets=c.model.outputs)
        device.ask("append", np.concatenate([c.x.ravel(), c.y.ravel()]).astype("f4"), set=name, rows=len(c.x))
        device.ask("run", c.w, run=name, set=name, spec=c.spec(20))
    device.ask("steps", runs=[{"run": "a", "steps": 20}, {"run": "b", "steps": 20}])
    for name, expected in zip("ab", alone, strict=True):
        assert (device.ask("memory", run=name)[1] == expected).all()
        device.ask("drop", run=name, set=name)


def test_a_run_that_diverges_keeps_its_last_good_weights(device):
    c = case([5, 1], "squared", optimizer="sgd", lr=1e20)
    progress, losses, memory = on_device(device, c, 30)
    assert progress["stopped"] and progress["step"] < 10 and len(losses) == progress["step"]
    assert np.isfinite(memory).all()
    assert (memory == on_device(device, c, progress["step"])[2]).all()


def test_k_means_is_sculleys(device):
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(at, 0.3, (20, 3)) for at in (-2, 0, 2)]).astype("f4")
    centres = np.hstack([x[[0, 25, 50]], np.zeros((3, 1))]).astype("f4")
    device.ask("set", set="s", rows=60, features=3, targets=0)
    device.ask("append", x.ravel(), set="s", rows=60)
    described = {"model": {"kind": "kmeans", "widths": [3, 3], "activation": "relu", "loss": "squared"}}
    device.ask("run", centres.ravel(), run="k", set="s", spec={**described, "batch": 15, "seed": SEED})
    _, losses = device.ask("steps", runs=[{"run": "k", "steps": 8}])
    got = device.ask("memory", run="k")[1].reshape(3, 4)
    c, expected = centres.astype(float), []
    for t in range(8):
        batch = x[shuffled(60, SEED, t // 4)[t % 4 * 15 :][:15]].astype(float)
        far = ((batch[:, None] - c[None, :, :3]) ** 2).sum(axis=2)
        expected.append(far.min(axis=1).mean())
        nearest = far.argmin(axis=1)
        for j in range(3):
            mine = batch[nearest == j]
            if len(mine):
                c[j, :3] += (mine - c[j, :3]).sum(axis=0) / (c[j, 3] + len(mine))
                c[j, 3] += len(mine)
    assert (got[:, 3] == c[:, 3]).all()
    # Each of 8 updates rounds a sum of up to 15 differences, a quotient and a sum, of numbers below 4; a distance is at
    # most 4 here, and moves by twice that times the centre's error.
    off = 8 * 20 * U * 4
    assert (abs(got - c) <= off).all()
    assert (abs(losses - expected) <= 2 * 4 * off).all()
    device.ask("drop", run="k", set="s")


def test_the_flops_of_a_sample_are_those_of_chapter_06():
    """A multiply-add a weight in each product; the first layer's backward has one product, and not two."""
    for widths in ([5, 1], [5, 9, 3, 4]):
        sizes = [(a + 1) * b for a, b in itertools.pairwise(widths)]
        assert Model("network", tuple(widths), "tanh", "squared").flops == 4 * sizes[0] + 6 * sum(sizes[1:])
