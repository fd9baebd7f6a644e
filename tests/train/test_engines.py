"""Several models on one device, and steps between predictions: what one does must not reach the other."""

from itertools import pairwise

import numpy as np
import pytest

from train.device import Device

SAMPLES, FEATURES, TARGETS = 100, 4, 2


@pytest.fixture(scope="module")
def sets(device: Device) -> Device:
    numbers = np.random.default_rng(1).normal(size=SAMPLES * (FEATURES + TARGETS)).astype(np.float32)
    device.ask("set", set="s", rows=SAMPLES, features=FEATURES, targets=TARGETS)
    device.ask("append", numbers, set="s", rows=SAMPLES)
    return device


def begin(device: Device, run: str, hidden: list[int], engine: str, **more: int) -> None:
    widths = [FEATURES, *hidden, TARGETS]
    model = {"kind": "network", "widths": widths, "activation": "tanh", "loss": "squared"}
    spec = {"model": model, "engine": engine, "batch": 16, "schedule": {"kind": "constant", "base": 0.01}, **more}
    weights = sum((i + 1) * o for i, o in pairwise(widths))
    first = np.random.default_rng(2).normal(size=weights).astype(np.float32) / 16
    device.ask("run", first, run=run, set="s", spec=spec, step=0)


def steps(device: Device, count: int, *runs: str) -> None:
    answer, losses = device.ask("steps", runs=[{"run": run, "steps": count} for run in runs])
    assert not any(r["stopped"] for r in answer["runs"]) and losses.size == count * len(runs)


def test_a_small_network_leaves_a_large_one_its_shared_memory(sets: Device):
    begin(sets, "large", [64, 64], "narrow")
    begin(sets, "small", [], "narrow")
    steps(sets, 2, "large", "small")


@pytest.mark.parametrize("accumulate", [1, 2])
def test_predictions_between_steps_change_nothing(sets: Device, accumulate: int):
    for run in ("asked", "alone"):  # 256 units: the last product is cut along k, and needs a workspace
        begin(sets, run, [256], "wide", accumulate=accumulate)
        steps(sets, 16, run)  # recorded as a graph
        if run == "asked":
            assert np.isfinite(sets.ask("predict", run=run, set="s", first=0, rows=SAMPLES)[1]).all()
        steps(sets, 16, run)
    asked, alone = (sets.ask("memory", run=run)[1] for run in ("asked", "alone"))
    assert asked.tobytes() == alone.tobytes()
