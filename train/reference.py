"""The training of train/device once more, in FP64 and numpy: what it is held to, step by step, and by how much FP32 may
be off. Networks only; slow, and as plain as the formulas."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from train.job import spec
from train.model import Model
from train.settings import Settings

U = 2.0**-24
Numbers = NDArray[np.float64]


def shuffled(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """kernels/sgd/permutation.cuh, written once more."""
    mask = 0xFFFFFFFF

    def mix(v: int) -> int:
        v = ((v ^ (v >> 16)) * 0x7FEB352D) & mask
        v = ((v ^ (v >> 15)) * 0x846CA68B) & mask
        return v ^ (v >> 16)

    bits = max((n - 1).bit_length(), 2)
    low, high = bits // 2, bits - bits // 2
    start = mix(mix(seed) ^ ((epoch * 0x9E3779B9) & mask))

    def place(v: int) -> int:
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


def loss_and_gradient(model: Model, w: Numbers, x: Numbers, y: Numbers) -> tuple[float, Numbers, Numbers]:
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


def rate(s: dict[str, Any], t: int) -> float:
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


def updated(o: dict[str, Any], lr: float, t: int, g: Numbers, w: Numbers, state: list[Any]) -> Numbers:
    """sgd::updated."""
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
    """A run: x (n x inputs) and y (n x outputs) as the device has them, and its first weights."""

    model: Model
    settings: Settings
    x: Numbers
    y: Numbers
    w: NDArray[np.float32]

    def spec(self, steps: int) -> dict[str, Any]:
        per_epoch = len(self.x) // (self.settings.batch * self.settings.accumulate)
        return spec(self.model, self.settings, steps, per_epoch)

    def train(self, steps: int, noise: np.random.Generator | None = None) -> tuple[Numbers, Numbers]:
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

    def bounds(self, steps: int, losses: Numbers, w: Numbers) -> tuple[Numbers, float]:
        """How far FP32 may be off: three times the farthest of eight runs that round at random, but at every operation
        in the worst amount; and never less than the roundings of the number itself."""
        runs = [self.train(steps, np.random.default_rng(i)) for i in range(8)]
        depth = 16 + sum(self.model.widths)
        of_loss = 3 * np.max([abs(r[0] - losses) for r in runs], axis=0) + depth * U * (1 + abs(losses))
        return of_loss, 3 * np.max([abs(r[1] - w).max() for r in runs]) + 8 * U * abs(w).max()
