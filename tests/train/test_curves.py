"""What the device does in training, step by step, against the same training in FP64."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import erf

from train.job import spec
from train.model import Model
from train.settings import Settings, from_dict

U = 2.0**-24
SEED = 3


def shuffled(n, seed, epoch):
    """kernels/sgd/permutation.cuh, written once more."""
    mask = 0xFFFFFFFF

    def mix(v):
        v = ((v ^ (v >> 16)) * 0x7FEB352D) & mask
        v = ((v ^ (v >> 15)) * 0x846CA68B) & mask
        return v ^ (v >> 16)

    bits = max((n - 1).bit_length(), 2)
    low, high = bits // 2, bits - bits // 2
    start = mix(mix(seed) ^ ((epoch * 0x9E3779B9) & mask))

    def place(v):
        upper, lower, key = v >> low, v & ((1 << low) - 1), start
        for _ in range(4):
            key = (key + 0x9E3779B9) & mask
            upper ^= mix(lower ^ key) >> (32 - high)
            key = (key + 0x9E3779B9) & mask
            lower ^= mix(upper ^ key) >> (32 - low)
        return upper << low | lower

    order = []
    for i in range(n):
        v = place(i)
        while v >= n:
            v = place(v)
        order.append(v)
    return np.array(order)


ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-abs(z)) / (1 + np.exp(-abs(z))) ** 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "gelu": (
        lambda z: z * 0.5 * (1 + erf(z / np.sqrt(2))),
        lambda z: 0.5 * (1 + erf(z / np.sqrt(2))) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
}


def loss_and_gradient(model, w, x, y):
    """Mean loss, its gradient, and the gradient of absolute values: what roundings are measured by."""
    act, slope = ACTIVATIONS[model.activation]
    layers = model.matrices(w)
    ones = np.ones((len(x), 1))
    inputs, zs = [np.hstack([x, ones])], []
    for layer in layers:
        zs.append(inputs[-1] @ layer.T)
        inputs.append(np.hstack([act(zs[-1]), ones]))
    z = zs[-1]
    if model.loss == "squared":
        loss, delta = 0.5 * ((z - y) ** 2).sum(axis=1), z - y
    elif model.loss == "logistic":
        loss, delta = (np.logaddexp(0, z) - y * z).sum(axis=1), 1 / (1 + np.exp(-z)) - y
    else:
        log_sum = np.logaddexp.reduce(z, axis=1, keepdims=True)
        loss, delta = (y * (log_sum - z)).sum(axis=1), np.exp(z - log_sum) - y
    gradient, scale, sizes = [], [], abs(delta)
    for at in reversed(range(len(layers))):
        gradient.append((delta.T @ inputs[at]).ravel() / len(x))
        scale.append((sizes.T @ abs(inputs[at])).ravel() / len(x))
        if at:
            delta = delta @ layers[at][:, :-1] * slope(zs[at - 1])
            sizes = sizes @ abs(layers[at][:, :-1]) * abs(slope(zs[at - 1]))
    return loss.mean(), np.concatenate(gradient[::-1]), np.concatenate(scale[::-1])


def rate(s, t):
    """sgd::Schedule."""
    base, period = s["base"], s["period"]
    if t < s["warmup"]:
        return base * (t + 1) / s["warmup"]
    t -= s["warmup"]
    if s["kind"] == "step":
        return base * s["factor"] ** (t // period)
    if s["kind"] == "cosine":
        return base * (s["factor"] + (1 - s["factor"]) * (1 + np.cos(np.pi * min(t / period, 1))) / 2)
    return base


def updated(o, lr, t, g, w, state):
    b1, b2, eps, rule = o["beta1"], o["beta2"], o["epsilon"], o["rule"]
    if rule == "adamw":
        w = w - lr * o["decay"] * w
    else:
        g = g + o["decay"] * w
    if rule in ("momentum", "nesterov"):
        state[0] = b1 * state[0] + g
        return w - lr * (g + b1 * state[0] if rule == "nesterov" else state[0])
    if rule == "adagrad":
        state[0] = state[0] + g * g
        return w - lr * g / (np.sqrt(state[0]) + eps)
    if rule == "rmsprop":
        state[0] = b2 * state[0] + (1 - b2) * g * g
        return w - lr * g / (np.sqrt(state[0]) + eps)
    if rule in ("adam", "adamw"):
        state[0] = b1 * state[0] + (1 - b1) * g
        state[1] = b2 * state[1] + (1 - b2) * g * g
        return w - lr * state[0] / (1 - b1**t) / (np.sqrt(state[1] / (1 - b2**t)) + eps)
    return w - lr * g


@dataclass
class Case:
    model: Model
    settings: Settings
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray

    def spec(self, steps):
        per_epoch = len(self.x) // (self.settings.batch * self.settings.accumulate)
        return spec(self.model, self.settings, steps, per_epoch)

    def train(self, steps, noise=None):
        """Losses and weights in FP64; with `noise`, a random generator, each step makes the roundings FP32 may make."""
        s, w, state, losses = self.spec(steps), self.w.astype(float), [0.0, 0.0], []
        batch = s["batch"] * s["accumulate"]
        per_epoch = len(self.x) // batch
        # A gradient is a sum over the batch of products through every layer; each factor is a sum over its inputs.
        depth = batch + sum(self.model.widths) + 8 * len(self.model.widths)
        for t in range(steps):
            at = t % per_epoch * batch
            rows = shuffled(len(self.x), s["seed"], t // per_epoch)[at : at + batch]
            loss, g, scale = loss_and_gradient(self.model, w, self.x[rows], self.y[rows])
            losses.append(loss)
            if noise is not None:
                g = g + noise.uniform(-1, 1, g.size) * min(6 * np.sqrt(depth), depth) * U * scale
            norm = np.sqrt((g * g).sum())
            if s["clip"] and norm > s["clip"]:
                g = g * (s["clip"] / norm)
            w = updated(s["optimizer"], rate(s["schedule"], t), t + 1, g, w, state)
            if noise is not None:
                w = w + noise.uniform(-1, 1, w.size) * 8 * U * abs(w)
        return np.array(losses), w

    def bounds(self, steps, losses, w):
        """How far FP32 may be off: three times the farthest of eight runs that round at random, but at every operation
        in the worst amount; and never less than the roundings of the number itself."""
        runs = [self.train(steps, np.random.default_rng(i)) for i in range(8)]
        depth = 16 + sum(self.model.widths)
        of_loss = 3 * np.max([abs(r[0] - losses) for r in runs], axis=0) + depth * U * (1 + abs(losses))
        return of_loss, 3 * np.max([abs(r[1] - w).max() for r in runs]) + 8 * U * abs(w).max()


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
    _, _, w = on_device(device, c, 600)
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
