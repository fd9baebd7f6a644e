"""The verbs that train models on the user's own data, and use them."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import build, devices, units
from cli.console import out, say
from cli.devices import Device
from cli.errors import LadderError, require_folder, require_place, write, writing
from cli.options import AsJson, OnDevice, app, example, print_json
from cli.paths import BUILD, shown
from cli.tables import LEFT, RIGHT, Table
from train import device as training
from train import settings as all_settings
from train.settings import Settings, takes_settings

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML with these options as keys.")]
ModelOut = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The model file to write.")]
OfModel = Annotated[Path, typer.Option("--model", metavar="FILE", help="A model file of ./ladder train.")]
Check = Annotated[bool, typer.Option("--check", help="simt: check every memory access too. Slow.")]


def _where(program: training.Device) -> str:
    """For a figure's foot: a GPU's name; simt computes the same on every CPU."""
    return program.about["name"] if program.about["kind"] == "gpu" else "simt"


def start(device: Device, checked: bool = False) -> training.Device:
    """The training program for a device, built if need be, and started. LADDER_TRAIN names one that is built."""
    if given := os.environ.get("LADDER_TRAIN"):
        return training.Device(Path(given))
    device = devices.resolve(device)
    say(devices.why(device))
    preset = "gpu" if device is Device.gpu else "simt-check" if checked else "simt"
    return training.Device(build.build(preset, "warpladder-train") / "train" / "warpladder-train")


def _settings(config: Path | None, given: dict[str, Any]) -> tuple[Settings, dict[str, Any]]:
    """A configuration file's settings, then the options'; and the file's [tune] table."""
    read = all_settings.read_config(config) if config else {}
    tuned = read.pop("tune", {})
    if not isinstance(tuned, dict):
        raise LadderError(f"{config}: tune is a table, [tune], of lists: lr = [0.1, 0.01]")
    settings = all_settings.from_dict(read, Settings(), str(config))
    return all_settings.from_dict(given, settings, "the command line"), tuned


def _place(given: Path | None, settings: Settings) -> Path:
    place = given or BUILD / "models" / f"{settings.data.name.split('.')[0] if settings.data else 'model'}.model"
    require_place(place)
    return place


@app.command(epilog=example("train --data data/breast-cancer.csv --target diagnosis --model mlp:64,32"))
@takes_settings
def train(
    settings: dict[str, Any],
    config: Config = None,
    out_file: ModelOut = None,
    go_on: Annotated[
        Path | None, typer.Option("--resume", metavar="CHECKPOINT", help="Go on from there, to the same bits.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FOLDER", help="Draw the loss, and the confusion matrix.")
    ] = None,
    device: OnDevice = Device.auto,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on your own data: read, clean, split, train, evaluate, save."""
    from train import loop, report  # they load numpy and scipy
    from train.prepare import read

    chosen, _ = _settings(config, settings)
    if figures:
        require_folder(figures)
    # Whatever can be wrong with files and options is told before anything is built.
    plan = loop.resumed(go_on, settings) if go_on else loop.Plan(read(chosen), _place(out_file, chosen))
    with start(device, check) as program:
        done = loop.train(plan, program)
    job = done.job
    if figures:
        from plots import training as plots

        for path in plots.draw_run(job.history, done.metrics, f"{chosen.data or done.path}", figures):
            say(f"  {shown(path)}")
    if as_json:
        print_json({"model": str(done.path), "steps": job.step, "seconds": done.seconds, "why": done.why,
                    "metrics": done.metrics, "history": job.history})  # fmt: skip
        return
    for table in report.tables(done.metrics, f"on the {done.metrics['part']} part"):
        out.print(table.rich())
    say(f"  {job.step} steps, {done.seconds:.1f} s: {done.why}")
    say(f"  {shown(done.path)}")


@app.command(
    epilog=example("tune --data data/digits.csv --target digit --model softmax --try lr=0.1,0.01 --try batch=16,64")
)
@takes_settings
def tune(
    settings: dict[str, Any],
    config: Config = None,
    tried: Annotated[
        list[str] | None, typer.Option("--try", metavar="NAME=…", help="lr=0.1,0.01 or lr=log:1e-4:1; model=mlp:32x16.")
    ] = None,
    draw: Annotated[int, typer.Option("--random", help="So many random draws, instead of the whole grid.", min=0)] = 0,
    at_once: Annotated[int, typer.Option("--at-once", help="Models on the device at a time.", min=1)] = 8,
    out_file: ModelOut = None,
    device: OnDevice = Device.auto,
    as_json: AsJson = False,
) -> None:
    """Try learning rates, models, batches, …: a grid or random draws, several at once; keep the best."""
    from train import tune as tuning

    chosen, table_of_file = _settings(config, settings)
    wanted = tuning.space(tried or [], table_of_file)
    if not draw and any(v and v[0] in ("log", "uniform") for v in wanted.values()):
        raise LadderError("a range has no grid: add --random 20, for example")
    trials = list(tuning.draws(wanted, draw, chosen.seed) if draw else tuning.grid(wanted))
    path = _place(out_file, chosen)
    plan = tuning.plan(chosen, trials)
    with start(device) as program:
        done = tuning.tune(plan, program, at_once, path)
    rows = [{**t.changes, "validation_loss": None if t.job.stopped else t.loss} for t in done]
    if as_json:
        print_json({"model": str(path), "trials": rows})
        return
    made = Table([*((k.replace("_", "-"), LEFT) for k in wanted), ("validation loss", RIGHT)])
    for t in done:
        loss = f"diverged at step {t.job.step + 1}" if t.job.stopped else f"{t.loss:.4g}"
        made.add(*(f"{v:.4g}" if isinstance(v, float) else str(v) for v in t.changes.values()), loss)
    out.print(made.rich())
    say(f"  {shown(path)}")


@app.command(
    epilog=example("predict --model build/models/breast-cancer.model --data data/breast-cancer.csv --out p.csv")
)
def predict(
    model: OfModel,
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help="Rows, as training had them.")],
    labels: Annotated[Path | None, typer.Option("--labels", metavar="FILE", help="For .npy and IDX.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A CSV; standard output when none.")
    ] = None,
    device: OnDevice = Device.auto,
) -> None:
    """Predictions as CSV; and how good they are, where the file has the target too."""
    from train import predict as predicting
    from train import report

    predictor = predicting.Predictor.load(model)
    source = predictor.open_source(data, labels)
    if out_file:
        require_place(out_file)
    with start(device) as program, writing(out_file) if out_file else nullcontext() as file:
        measured = None
        for rows, metrics in predicting.predict_file(predictor.on(program), source):
            text = predicting.as_csv(rows)
            if file:
                file.write(text.encode())
            else:
                print(text, end="")
            measured = metrics
    if out_file:
        say(f"  {shown(out_file)}")
    if measured:
        from cli.console import err

        for table in report.tables(measured, f"of {data}"):
            err.print(table.rich())


@app.command(epilog=example("serve --model build/models/breast-cancer.model --port 8080"))
def serve(
    model: OfModel,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0: any that is free.", min=0, max=65535)] = 8080,
    wait_ms: Annotated[float, typer.Option("--wait-ms", help="How long a request waits for others.", min=0)] = 2,
    most_rows: Annotated[int, typer.Option("--most-rows", help="Predicted at once.", min=1)] = 256,
    device: OnDevice = Device.auto,
) -> None:
    """Predict over HTTP: POST /predict, GET /metrics, GET /health, GET /."""
    from train import predict as predicting
    from train import serve as serving

    predictor = predicting.Predictor.load(model)
    with serving.listen(host, port) as listener, start(device) as program:
        serving.serve(predictor.on(program), listener, wait_ms / 1e3, most_rows)


@app.command(epilog=example("curves --data data/digits.csv --target digit --model softmax --epochs 2 --lr 0.05"))
@takes_settings
def curves(
    settings: dict[str, Any],
    config: Config = None,
    seeds: Annotated[int, typer.Option("--seeds", help="How many, from --seed on.", min=1)] = 10,
    batches: Annotated[
        str | None, typer.Option("--batches", metavar="16,64,256", help="Compare batch sizes instead of rungs.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="RUNG", help="Trains --batches in place of the pipeline, by plain SGD."),
    ] = None,
    figure: Annotated[Path | None, typer.Option("--figure", metavar="FILE.svg", help="Draw the losses.")] = None,
    device: OnDevice = Device.auto,
    as_json: AsJson = False,
) -> None:
    """Train by every rung of chapter 06 on your data: the same losses, the same final metric over the seeds."""
    from train import curves as comparing

    chosen, _ = _settings(config, settings)
    if figure and figure.suffix not in (".svg", ".png"):
        raise LadderError(f"--figure {figure}: its name must end in .svg or .png")
    if figure:
        require_place(figure)
    if by and not batches:
        raise LadderError(f"--by {by}: say which batch sizes it is to try, --batches 16,64,256")
    if batches:
        sizes = [int(word) if word.isdigit() else 0 for word in batches.split(",")]
        if min(sizes) < 1:
            raise LadderError(f"--batches {batches}: write sizes, 16,64,256")
        read = comparing.read_for_batches(chosen, sizes, by)
        with start(device) as program:
            rung = comparing.named_rung(program, by) if by else None
            compared = comparing.of_batches(read, program, sizes, rung)
            where = program.about["cpu"] if rung and rung["where"] == "cpu" else _where(program)
            stamp = f"{chosen.data}; {rung['id'] + ' ' if rung else ''}on {where}"
        data: list[dict[str, Any]] = [vars(c) for c in compared]
        made = Table([("batch", RIGHT), ("steps", RIGHT), ("mean loss of the last epoch", RIGHT), ("samples/s", RIGHT)])
        for c in compared:
            last = c.history[-1] if c.history else {"step": 0, "loss": float("nan")}
            rate = f"{c.samples_per_s:.3g}" if c.samples_per_s else "not timed on simt"
            made.add(str(c.batch), str(last["step"]), f"{last['loss']:.4g}", rate)
    else:
        read = comparing.read_for_rungs(chosen)
        with start(device) as program:
            metric, of_rungs, others = comparing.of_rungs(read, program, seeds)
            stamp = f"{chosen.data}; on {_where(program)}"
        data = [vars(c) for c in of_rungs]
        if others:
            say(f"  note: for other models: {', '.join(others)}")
        goal = 1.01 * of_rungs[0].last_loss()  # what every rung should come down to
        made = Table([("rung", LEFT), ("", LEFT), (f"{metric}, mean of {seeds} seeds", RIGHT), ("its error", RIGHT),
                      (f"steps to a loss of {goal:.4g}", RIGHT)])  # fmt: skip
        if any(c.seconds for c in of_rungs):  # nothing is timed on simt
            made.columns.append(("time to it", RIGHT))
        for c in of_rungs:
            if c.refused:
                made.add(c.id, c.title, c.refused)
                continue
            at = c.reaches(goal)
            steps = "not reached" if at is None else f"{c.steps[at]:.0f}"
            took = units.seconds(c.seconds[at]) if c.seconds and at is not None else ""
            made.add(c.id, c.title, f"{c.mean():.4f}", f"{c.standard_error():.4f}", steps, took)
    if figure:
        from plots import curves as plots
        from plots import style

        drawn = plots.batches(data, stamp) if batches else plots.rungs([r for r in data if r["losses"]], stamp)
        write(figure, style.save(drawn, figure.suffix[1:]))
        say(f"  {shown(figure)}")
    if as_json:
        print_json(data)
    else:
        out.print(made.rich())
