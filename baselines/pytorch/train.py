"""PyTorch as the baseline of training: the same rows, first weights, batches and update rule as ./ladder train, on the
GPU (or, to try it, on the CPU), three ways: eager, one CUDA graph a step, torch.compile.

    python -m baselines.pytorch.train --data data/digits.csv --target digit --model mlp:64,32 --steps 200

Every way must first follow the FP64 reference within its bound (train/reference.py), at every step; then it is timed.
The result is a file like those of ./ladder bench (bench/results.schema.json). PyTorch is not part of the set-up:
pip install torch, into an environment that has cli/requirements.txt."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.pytorch.common import torch
from cli.errors import LadderError, write
from cli.paths import OWN, ROOT
from train import source, table
from train.model import make_model
from train.reference import Case, rate, shuffled
from train.settings import Settings, from_dict

CHECKED_STEPS = 22
REPETITIONS = 9
ACTIVATIONS = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "gelu": torch.nn.GELU}
WAYS = ("eager", "graph", "compile")


def load(settings: Settings) -> Case:
    """The training part, as the device would have it."""
    assert settings.data
    file = source.open_source(settings.data, settings.labels)
    scanned = table.scan(file, source.find_target(file, settings.target), settings.task)
    parts = table.split(scanned, settings.validation, settings.test, settings.seed)
    encoder = table.fit(scanned, parts)
    model = make_model(settings, encoder)
    x = np.concatenate([x[part == table.TRAIN] for part, x in table.encoded(scanned, encoder, parts)])
    y = encoder.encode_targets(scanned.targets[parts == table.TRAIN], model.outputs)
    return Case(model, settings, x.astype(float), y.astype(float), model.initial(settings.seed))


class Run:
    """One training run in PyTorch, a step at a time."""

    def __init__(self, case: Case, device: torch.device, way: str, steps: int) -> None:
        self.spec, self.way = case.spec(steps), way
        model, on = case.model, {"device": device, "dtype": torch.float32}
        layers: list[torch.nn.Module] = []
        for matrix in model.matrices(case.w):
            linear = torch.nn.Linear(matrix.shape[1] - 1, matrix.shape[0], **on)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(matrix[:, :-1]))
                linear.bias.copy_(torch.tensor(matrix[:, -1]))
            layers += [linear, ACTIVATIONS[model.activation]()]
        self.net = torch.nn.Sequential(*layers[:-1])
        self.loss_name = model.loss
        self.x, self.y = torch.tensor(case.x, **on), torch.tensor(case.y, **on)
        batch = self.spec["batch"]
        per_epoch = len(case.x) // batch
        rows: list[NDArray] = []
        for t in range(steps):
            if t % per_epoch == 0:
                order = shuffled(len(case.x), self.spec["seed"], t // per_epoch)
            rows.append(order[t % per_epoch * batch :][:batch])
        self.rows = torch.tensor(np.array(rows), device=device)
        self.rates = torch.tensor([rate(self.spec["schedule"], t) for t in range(steps)], **on)
        self.at = torch.zeros(1, dtype=torch.int64, device=device)  # the step that is due
        self.losses = torch.zeros(steps, **on)
        self.optimizer = _optimizer(self.spec, list(self.net.parameters()), device)
        self.work: Callable[[], None] = self._step
        if way == "compile":
            self.forward = torch.compile(self._forward)
        else:
            self.forward = self._forward
        if way == "graph":
            self._record(device)

    def _forward(self, rows: torch.Tensor) -> torch.Tensor:
        z, y = self.net(self.x[rows]), self.y[rows]
        if self.loss_name == "squared":
            return 0.5 * ((z - y) ** 2).sum(dim=1).mean()
        if self.loss_name == "logistic":
            return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=1).mean()
        return torch.nn.functional.cross_entropy(z, y)

    def _step(self) -> None:
        """Finds on the device what is due, so that the host has nothing to do between replays of a graph of it."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].copy_(self.rates.index_select(0, self.at).squeeze())
        self.optimizer.zero_grad(set_to_none=False)
        loss = self.forward(self.rows.index_select(0, self.at).squeeze(0))
        loss.backward()
        if self.spec["clip"]:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.spec["clip"])
        self.optimizer.step()
        self.losses.index_copy_(0, self.at, loss.detach().reshape(1))
        self.at += 1

    def _record(self, device: torch.device) -> None:
        """One step as a CUDA graph; the steps that warm it up are undone."""
        before = [p.detach().clone() for p in self.net.parameters()]
        aside = torch.cuda.Stream(device)
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):
            for _ in range(3):
                self.at.zero_()
                self._step()
        torch.cuda.current_stream(device).wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        with torch.no_grad():
            for p, old in zip(self.net.parameters(), before, strict=True):
                p.copy_(old)
            for state in self.optimizer.state.values():
                for value in state.values():
                    if isinstance(value, torch.Tensor):
                        value.zero_()
        self.work = graph.replay

    def train(self, steps: int) -> None:
        """Steps 0 … steps - 1, queued; the losses stay on the device."""
        self.at.zero_()
        for t in range(steps):
            for group in self.optimizer.param_groups:
                if not isinstance(group["lr"], torch.Tensor):
                    group["lr"] = float(self.rates[t])
            self.work()


def _optimizer(spec: dict[str, Any], parameters: list[torch.nn.Parameter], device: torch.device) -> Any:
    o, lr = spec["optimizer"], spec["schedule"]["base"]
    rule, decay = o["rule"], o["decay"]
    cuda = device.type == "cuda"
    lr = torch.tensor(float(lr), device=device) if cuda else lr  # a graph reads it where it is
    more = {"capturable": True} if cuda else {}
    if rule in ("adam", "adamw"):
        kind = torch.optim.Adam if rule == "adam" else torch.optim.AdamW
        return kind(parameters, lr, (o["beta1"], o["beta2"]), o["epsilon"], decay, **more)
    if rule == "rmsprop":
        return torch.optim.RMSprop(parameters, lr, o["beta2"], o["epsilon"], decay, **more)
    if rule == "adagrad":
        return torch.optim.Adagrad(parameters, lr, eps=o["epsilon"], weight_decay=decay)
    momentum = 0.0 if rule == "sgd" else o["beta1"]
    # Fused: the others would fetch the rate from the GPU at every step, which a graph may not.
    return torch.optim.SGD(parameters, lr, momentum, weight_decay=decay, nesterov=rule == "nesterov", fused=cuda)


def verdict(case: Case, device: torch.device, way: str) -> dict[str, Any]:
    """The losses of the first steps against FP64."""
    steps = CHECKED_STEPS
    run = Run(case, device, way, steps)
    run.train(steps)
    expected, w = case.train(steps)
    bound, _ = case.bounds(steps, expected, w)
    share = float((abs(run.losses.cpu().numpy() - expected) / bound).max())
    good = share <= 1  # false for NaN
    message = "" if good else f"a loss is {share:.3g} times its bound from FP64's"
    return {"status": "pass" if good else "fail", "message": message, "share_of_bound": share, "compared": steps,
            "elements": steps}  # fmt: skip


def measure(case: Case, device: torch.device, way: str, steps: int) -> dict[str, Any]:
    """Seconds of `steps` steps, on the host's clock until the device is idle."""
    synchronise = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    samples = []
    run = Run(case, device, way, steps)  # one: torch.compile gives up on a function after it has met it a few times
    for _ in range(REPETITIONS):
        run.train(min(steps, 3))  # compiled and warm
        synchronise()
        began = time.perf_counter()
        run.train(steps)
        synchronise()
        samples.append(time.perf_counter() - began)
    rng = np.random.default_rng(1)
    medians = np.median(rng.choice(samples, (1000, len(samples))), axis=1)
    return {
        "median_s": float(np.median(samples)),
        "ci95_s": np.percentile(medians, [2.5, 97.5]).tolist(),
        "samples_s": samples,
        "repetition_medians_s": samples,
        "stopped_by": "maximum_samples",
        "launch_sensitive": bool(np.median(samples) < 10e-6),
        "throttled_samples": 0,
        "cold": False,
    }


def work_of(case: Case, steps: int) -> dict[str, float]:
    """As chapter 06's problems count it: no implementation can read a row less than once."""
    model, visited = case.model, steps * case.settings.batch
    rows = min(visited, len(case.x))
    moved = 4.0 * (rows * (model.widths[0] + model.outputs) + 2 * model.weights + steps)
    return {"flops": float(visited * model.flops), "bytes": moved}


def row(case: Case, device: torch.device, way: str, steps: int) -> dict[str, Any]:
    model, s = case.model, case.settings
    work = work_of(case, steps)
    if way == "graph" and device.type != "cuda":
        result: dict[str, Any] = {"status": "refused", "message": "needs an NVIDIA GPU"}
    else:
        before = verdict(case, device, way)
        failed = before["status"] == "fail"
        result = {"status": "failed", "message": before["message"]} if failed else {"status": "ok", "message": ""}
        if not failed:
            result["time"] = measure(case, device, way, steps)
            after = verdict(case, device, way)
            result |= {"verify": {"before": before, "after": after}, "ceiling": None, "vs": None,
                       "rate": {"value": work["flops"] / result["time"]["median_s"], "unit": "FLOP/s"}}  # fmt: skip
    shape = {"n": len(case.x), "d": model.widths[0], "k": model.outputs, "batch": s.batch, "steps": steps, "lr": s.lr}
    shape |= {f"h{i}": width for i, width in enumerate(model.widths[1:-1])}
    return {"id": f"baselines/pytorch_{way}", "chapter": None, "name": f"pytorch_{way}", "title": f"PyTorch, {way}",
            "problem": "mlp_sgd", "where": "gpu" if device.type == "cuda" else "cpu", "baseline": True, "shape": shape,
            "work": work,
            "detail": f"torch {torch.__version__}, {model.loss}, {s.optimizer.value}", **result}  # fmt: skip


def environment(device: torch.device, seed: int) -> dict[str, Any]:
    def git(*words: str) -> str | None:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    info = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    cpu = next((v.strip() for k, v in info.items() if k.strip() == "model name"), "CPU")
    memory = int(next(s for s in Path("/proc/meminfo").read_text().splitlines() if s.startswith("MemTotal")).split()[1])
    gpu = None
    if device.type == "cuda":
        p = torch.cuda.get_device_properties(device)
        unknown = dict.fromkeys(["sm_clock_mhz", "memory_clock_mhz", "power_w", "power_limit_w", "temperature_c",
                                 "throttle_reasons"])  # fmt: skip
        gpu = {"name": p.name, "compute_capability": f"{p.major}.{p.minor}", "sms": p.multi_processor_count,
               "l2_bytes": p.L2_cache_size, "memory_bytes": p.total_memory, "driver": None, "cuda_driver": "",
               "runtime": torch.version.cuda, "cublas": None, "ecc": None, "mig": None, "before": unknown,
               "after": None}  # fmt: skip
    commit = git("rev-parse", "HEAD")
    return {"time_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "argv": sys.argv, "seed": seed,
            "source": {"commit": commit, "dirty": bool(git("status", "--porcelain")) if commit else None},
            "build": {"compiler": f"PyTorch {torch.__version__}", "type": "", "flags": "", "nvcc": None, "archs": None,
                      "cuda_flags": None},
            "host": {"cpu": cpu, "cores": torch.get_num_threads(), "memory_bytes": memory * 1024, "os": sys.platform},
            "gpu": gpu}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="PyTorch as the baseline of training")
    parser.add_argument("--steps", type=int, default=200, help="that are timed")
    parser.add_argument("--way", choices=WAYS, action="append", help="all when none")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cuda", "cpu"])
    parser.add_argument("--out", type=Path, help="the result file")
    names = ("data", "target", "model", "optimizer", "lr", "batch", "seed", "activation", "schedule", "clip", "decay")
    for name in names:
        parser.add_argument(f"--{name}")
    given = parser.parse_args()
    numeric = {"lr": float, "batch": int, "seed": int, "clip": float, "decay": float}
    chosen = {n: numeric.get(n, str)(v) for n in names if (v := getattr(given, n)) is not None}
    torch.backends.cuda.matmul.allow_tf32 = False  # FP32 means FP32
    try:
        settings = from_dict(chosen, Settings(), "the command line")
        case = load(settings)
    except LadderError as error:
        print(f"pytorch: {error}", file=sys.stderr)
        return 2
    device = torch.device(given.device)
    rows = [row(case, device, way, given.steps) for way in given.way or WAYS]
    made = environment(device, settings.seed)
    name = made["gpu"]["name"] if made["gpu"] else made["host"]["cpu"]
    slug = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
    kind = "gpu" if made["gpu"] else "cpu"
    result = {"schema": 1, "kind": "bench", "complete": True, "device": {"kind": kind, "name": name, "slug": slug},
              "environment": made, "rows": rows}  # fmt: skip
    path = given.out or OWN / slug / "pytorch.bench.json"
    write(path, json.dumps(result, indent=1) + "\n")
    for r in rows:
        share = f"{r['verify']['before']['share_of_bound']:.2f} of the bound" if "verify" in r else r["message"]
        took = f"{1e6 * r['time']['median_s'] / given.steps:.1f} us a step, " if "time" in r else ""
        print(f"{r['title']}: {r['status']}, {took}{share}")
    print(path)
    return int(any(r["status"] == "failed" for r in rows))


if __name__ == "__main__":
    sys.exit(main())
