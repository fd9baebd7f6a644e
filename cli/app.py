"""The verbs of ./ladder. Each only says what it takes; the work is in the modules beside this one."""

import json
import os
import sys
from typing import Annotated, Any

import typer

from cli import program as programs
from cli import verify as verification
from cli.console import err, out, say
from cli.devices import Device
from cli.errors import LadderError, from_os_error, unknown
from cli.tables import LEFT, Table

app = typer.Typer(
    name="ladder",
    help="Warpladder: GPU kernels from a naive loop to the limit of the hardware, verified, measured and drawn.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="CHAPTER[/RUNG]", help="Which; all when none.", autocompletion=programs.complete_ids),
]
OnDevice = Annotated[Device, typer.Option("--device", help="gpu, simt (this CPU), or auto: what is here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
OneShape = Annotated[str, typer.Option("--shape", help="One shape: m=33,n=17,k=25 or 33x17x25.")]


def example(line: str) -> str:
    return f"Example: [bold]./ladder {line}[/bold]"


def print_json(data: Any) -> None:
    print(json.dumps(data, indent=1))


@app.command("list", epilog=example("list 03-gemm"))
def list_(ids: Ids = None, device: OnDevice = Device.auto, as_json: AsJson = False) -> None:
    """What there is: chapters, rungs and baselines, from the program's registry."""
    program = programs.program(device)
    program.check_ids(ids or [])
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
    shape: OneShape = "",
    shapes: Annotated[str, typer.Option(help="A set of shapes: edge, count or bench.")] = "edge",
    seed: Annotated[int, typer.Option(help="Of the inputs.", min=0)] = 1,
    check: Annotated[bool, typer.Option(help="simt: check every memory access too (races, bounds, …).")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare rungs with their FP64 oracle. Exit status 1 when one is wrong."""
    program = programs.program(device, checked=check)
    program.check_ids(ids or [])
    arguments = [*(ids or []), "--seed", str(seed), *(["--shape", shape] if shape else ["--shapes", shapes])]
    result = verification.verify(program, arguments)
    if as_json:
        print_json(result.json())
    else:
        out.print(verification.table(result, {e["id"]: e["title"] for e in program.entries}).rich())
        for line in verification.failure_lines(result):
            say(line)
        if refused := result.count("refused"):
            say(f"{refused} cases were refused by rungs that declare what they need; refusing is not failing.")
    if result.failures:
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        verbs = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
        if arguments and not arguments[0].startswith("-") and arguments[0] not in verbs:
            raise unknown("verb", arguments[0], verbs, "./ladder --help")
        return app(arguments, prog_name="./ladder", standalone_mode=False) or 0
    except LadderError as error:
        err.print(f"ladder: {error}", style="red" if error.status == 1 else None, markup=False, soft_wrap=True)
        return error.status
    except typer.TyperException as error:
        line = " ".join(error.format_message().split())
        err.print(f"ladder: {line} (./ladder {arguments[0]} --help says more)", markup=False, soft_wrap=True)
        return 2
    except BrokenPipeError:  # `./ladder list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        err.print(f"ladder: {from_os_error(error)}", markup=False, soft_wrap=True)
        return 2
