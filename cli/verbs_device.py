"""The verbs that build and run the program."""

from typing import Annotated, Any

import typer

from cli import crossover, devices, measure, recorded, testing
from cli import program as programs
from cli import verify as verification
from cli.console import out, say
from cli.devices import Device
from cli.errors import LadderError, require_place, unknown
from cli.options import AsJson, Ids, OnDevice, OneShape, Out, Record, Seed, app, example, print_json
from cli.paths import ROOT, shown
from cli.tables import LEFT, RIGHT, Table


@app.command(epilog=example("run --quick"))
def run(
    device: OnDevice = Device.auto,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer shapes, shorter measuring: minutes.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do again what an earlier run has done.")] = False,
) -> None:
    """The main job: build, verify every rung, measure (GPU) or count (simt), draw, and write a report."""
    from cli import run as main_job  # it draws, and matplotlib takes long to load

    raise typer.Exit(main_job.run(device, quick, fresh))


@app.command(epilog=example("test python style"))
def test(
    parts: Annotated[
        list[str] | None, typer.Argument(metavar="PART", help=f"Of {', '.join(testing.PARTS)}; all when none.")
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Instead: every rung broken in every way tests/mutants knows; long.")
    ] = False,
) -> None:
    """Every test. The last line is `N passed, M failed, K skipped`."""
    if mutants:
        raise typer.Exit(0 if testing.every_mutant() else 1)
    for part in parts or []:
        if part not in testing.PARTS:
            raise unknown("part of the tests", part, testing.PARTS, "./ladder test --help")
    total = testing.test(parts or [])
    print(total, flush=True)
    raise typer.Exit(1 if total.failed else 0)


def _one(shape: str | None) -> list[str]:
    return [] if shape is None else ["--shape", shape]


@app.command("list", epilog=example("list 03-gemm"))
def list_(ids: Ids = None, device: OnDevice = Device.auto, as_json: AsJson = False) -> None:
    """What there is: chapters, rungs and baselines, from the program's registry."""
    program = programs.program(device)
    ids = program.named(ids)
    entries = [e for e in program.entries if not ids or any(f"{e['id']}/".startswith(f"{i}/") for i in ids)]
    if as_json:
        print_json(program.registry | {"entries": entries})
        return
    columns = [("rung", LEFT), ("problem", LEFT), ("runs on", LEFT), ("", LEFT), ("the idea", LEFT)]
    rows = [[e["id"], e["problem"], _where(e), e["title"], e["idea"]] for e in entries]
    out.print(Table(columns, rows=rows).rich())


def _where(entry: dict[str, Any]) -> str:
    return "CPU" if entry["where"] == "cpu" else f"GPU, sm_{entry['min_sm']}" if entry["min_sm"] else "GPU"


@app.command(epilog=example("verify 03-gemm --device simt --shape 33x17x25"))
def verify(
    ids: Ids = None,
    device: OnDevice = Device.auto,
    shape: OneShape = None,
    shapes: Annotated[str, typer.Option(metavar="SET", help="A set of shapes: edge, count or bench.")] = "edge",
    seed: Seed = 1,
    fast: Annotated[bool, typer.Option("--fast", help="simt: without checking every memory access.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare rungs with their FP64 oracle; on simt, check every memory access too. Exit status 1 when one is wrong."""
    program = programs.program(device, fast)
    ids = program.named(ids)
    arguments = [
        *ids,
        "--seed",
        str(seed),
        *(_one(shape) or ["--shapes", shapes]),
    ]
    result = verification.verify(program, arguments)
    if as_json:
        print_json(result.json())
    else:
        out.print(verification.table(result, {e["id"]: e["title"] for e in program.entries}).rich())
        for line in verification.failure_lines(result):
            say(line)
        if refused := result.count("refused"):
            say(f"{refused} cases were refused by rungs that declare what they need; refusing is not failing.")
    raise typer.Exit(1 if result.failures else 0)


def _measure(program: programs.Program, kind: str, ids: list[str], arguments: list[str], record: bool, to: Out) -> None:
    """One result file for each id, or for each chapter when none is given; then its tables."""
    ids = program.named(ids)
    if to and len(ids) != 1:
        raise LadderError("--out takes one result file: name one chapter or rung")
    if to:
        require_place(to)
    chapters = list(dict.fromkeys(e["chapter"] for e in program.entries if not e["baseline"]))
    wrong = False
    for subject in ids or chapters:
        results = measure.measure(program, kind, subject, arguments, record, to)
        wrong |= any(row["status"] == "failed" for row in results.rows)
        for table in recorded.tables(results):
            out.print(table.rich())
        say(f"  {shown(results.path)}")
    raise typer.Exit(1 if wrong else 0)


@app.command(epilog=example("bench 03-gemm --shape 4096x4096x4096"))
def bench(
    ids: Ids = None,
    shape: OneShape = None,
    seed: Seed = 1,
    budget: Annotated[float | None, typer.Option(metavar="SECONDS", help="Of sampling, a case.", min=0.001)] = None,
    hot: Annotated[bool, typer.Option("--hot", help="Leave the operands in the cache.")] = False,
    record: Record = False,
    to: Out = None,
) -> None:
    """Time rungs beside the best baseline. Without an NVIDIA GPU: time CPU rungs that you name, count all others."""
    has_gpu = bool(devices.gpus())
    program = programs.program(Device.gpu if has_gpu else Device.simt)
    ids = program.named(ids)
    arguments = ["--seed", str(seed), *_one(shape), *(["--hot"] if hot else [])]
    arguments += ["--budget", str(budget)] if budget else []
    if has_gpu:
        arguments += ["--peaks", shown(measure.ensure_peaks(program, record))]
    elif ids and {e["id"] for e in program.entries if e["where"] == "cpu"}.issuperset(ids):
        arguments += ["--where", "cpu"]
    else:
        say("No NVIDIA GPU was found, and a CPU is not timed as one: counting instead.")
        return count(ids, shape, seed, record, to)
    _measure(program, "bench", ids, arguments, record, to)


def count(ids: list[str], shape: str | None, seed: int, record: bool, to: Out) -> None:
    """./ladder count of rungs; cli/verbs_simt.py has the verb."""
    program = programs.program(Device.simt)
    arguments = ["--seed", str(seed), *_one(shape)]
    _measure(program, "counts", ids, arguments, record, to)


@app.command("crossover", epilog=example("crossover"))
def crossover_() -> None:
    """From which size on a GPU beats the CPU, copies to it and back included. Needs an NVIDIA GPU."""
    if not devices.gpus():
        raise LadderError("no NVIDIA GPU was found, and crossover compares one with this CPU: run it on a GPU machine")
    for table in crossover.measure(programs.program(Device.gpu)):
        out.print(table.rich())


@app.command("build-report", epilog=example("build-report 03-gemm"))
def build_report_(ids: Ids = None, as_json: AsJson = False) -> None:
    """What ptxas says of every kernel: registers, spills, shared memory. Needs nvcc, and no GPU."""
    from cli.build_report import build_report

    known = {"/".join(p.with_suffix("").parts[-2:]) for p in ROOT.glob("chapters/*/*.cu")}
    for wanted in ids or []:
        if not any(f"{name}/".startswith(f"{wanted}/") for name in known):
            raise unknown("chapter or rung", wanted, known | {n.split("/")[0] for n in known}, "./ladder list")
    rows = [r for r in build_report() if not ids or any(f"{r['id']}/".startswith(f"{i}/") for i in ids)]
    if as_json:
        print_json(rows)
        return
    table = Table([("rung", LEFT), ("kernel", LEFT), ("arch", LEFT), ("registers", RIGHT), ("spilled", RIGHT),
                   ("shared memory", RIGHT)])  # fmt: skip
    for row in rows:
        spilled = row.get("spill_store_bytes", 0) + row.get("spill_load_bytes", 0)
        table.add(row["id"], row["kernel"], row["arch"], str(row.get("registers", "")), f"{spilled} B",
                  f"{row.get('shared_bytes', 0)} B")  # fmt: skip
    out.print(table.rich())
