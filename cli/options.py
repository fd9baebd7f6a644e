"""The application that the verbs hang on, and the arguments that several of them take."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import paths
from cli.devices import Device
from cli.program import complete_ids

app = typer.Typer(
    name="ladder",
    help="Warpladder: GPU kernels from a naive loop to the limit of the hardware, verified, measured and drawn.",
    epilog="Start with [bold]./ladder run[/bold]. Each verb has --help, with an example.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


def complete_chapters(incomplete: str) -> list[str]:
    return [c for c in paths.chapters() if c.startswith(incomplete)]


Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="CHAPTER[/RUNG]", help="Which; all when none.", autocompletion=complete_ids),
]
Chapter = Annotated[
    str | None,
    typer.Argument(metavar="CHAPTER", help="Which; all when none.", autocompletion=complete_chapters),
]
OnDevice = Annotated[Device, typer.Option("--device", help="gpu, simt (this CPU), or auto: what is here.")]
OnGpu = Annotated[str | None, typer.Option("--gpu", metavar="NAME", help="Only this one: H200, 'RTX 4090', simt.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
OneShape = Annotated[
    str | None, typer.Option("--shape", metavar="SHAPE", help="One shape: m=33,n=17,k=25 or 33x17x25.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of the inputs.", min=0)]
Record = Annotated[bool, typer.Option("--record", help="Keep it under bench/results, to be committed.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the result file here instead.")]


def example(line: str) -> str:
    return f"Example: [bold]./ladder {line}[/bold]"


def print_json(data: Any) -> None:
    print(json.dumps(data, indent=1))
