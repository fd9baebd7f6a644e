"""The verbs that take any CUDA file: cc, check, count."""

import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import cuda_counts, cuda_file, verbs_device
from cli.console import out, say
from cli.devices import Device
from cli.errors import LadderError
from cli.options import AsJson, OneShape, Out, Record, Seed, app, complete_ids, example, print_json

Json = dict[str, Any]


def complete_sources(incomplete: str) -> list[str]:
    """CUDA files of this folder, chapters and rungs."""
    return sorted(str(p) for p in Path().glob(f"{incomplete}*.cu")) + complete_ids(incomplete)


Target = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE.cu|CHAPTER[/RUNG] [-- ARGS]", help="What, and the file's program's own arguments.",
                   autocompletion=complete_sources),
]  # fmt: skip
Includes = Annotated[list[str] | None, typer.Option("-I", metavar="DIR", help="FILE.cu: a folder with headers.")]
Macros = Annotated[list[str] | None, typer.Option("-D", metavar="NAME[=VALUE]", help="FILE.cu: defines a macro.")]
Flags = Annotated[list[str] | None, typer.Option("-f", metavar="NAME", help="FILE.cu: as in -fopenmp.")]
Libraries = Annotated[list[str] | None, typer.Option("-l", metavar="NAME", help="FILE.cu: a library to link.")]
AsGpu = Annotated[str | None, typer.Option("--gpu", metavar="NAME", help="FILE.cu: the GPU to be, H200 if not said.")]


def _options(**given: list[str] | None) -> list[str]:
    """As the compiler wants them: I=["a"] is -Ia."""
    return [f"-{letter}{value}" for letter, values in given.items() for value in values or []]


@app.command(
    epilog=example("cc saxpy.cu -o saxpy"),
    # -h is no option of this parser, which would find one in -arch
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
def cc(context: typer.Context, arguments: Annotated[list[str], typer.Argument(metavar="FILE.cu [OPTION]…")]) -> None:
    """Compile a CUDA file, ours or not, to run on this CPU. Takes nvcc's options, and --gpu NAME."""
    if "-h" in arguments:
        out.print(context.get_help())
        raise typer.Exit()
    raise typer.Exit(subprocess.run([cuda_file.compiler(), *arguments]).returncode)


@app.command(epilog=example("check saxpy.cu -- 1000"))
def check(
    target: Target = None,
    includes: Includes = None,
    macros: Macros = None,
    flags: Flags = None,
    libraries: Libraries = None,
    gpu: AsGpu = None,
    as_json: AsJson = False,
) -> None:
    """Run a CUDA file, or rungs, with every memory access checked: races, bounds, barriers, leaks, ….

    Exit status 1 when anything is found, or when the program itself fails.
    """
    if not target or not cuda_file.is_source(target[0]):
        return verbs_device.verify(target, device=Device.simt, as_json=as_json)
    sources, arguments = cuda_file.split(target)
    with cuda_file.checked(sources, _options(I=includes, D=macros, f=flags, l=libraries)) as program:
        outcome = cuda_file.run(program, arguments, gpu, quiet=as_json)
    if as_json:
        print_json({"schema": 1, "file": str(sources[0]), "status": outcome.status, "findings": outcome.findings})
    elif not outcome.findings:  # what was found has been said, where it happened
        say(f"{sources[0]}: nothing found" + (f"; {outcome.ending()}" if outcome.status else ""))
    raise typer.Exit(1 if outcome.findings or outcome.status else 0)


@app.command(epilog=example("count saxpy.cu -- 1000"))
def count(
    target: Target = None,
    shape: OneShape = None,
    seed: Seed = 1,
    record: Record = False,
    to: Out = None,
    includes: Includes = None,
    macros: Macros = None,
    flags: Flags = None,
    libraries: Libraries = None,
    gpu: AsGpu = None,
    as_json: AsJson = False,
) -> None:
    """Count what kernels ask of memory: sectors, wavefronts, bytes, barriers. Nothing is timed.

    Of rungs, into a result file; of a CUDA file, by kernel and source line, with a predicted time band.
    """
    if not target or not cuda_file.is_source(target[0]):
        return verbs_device.count(target or [], shape, seed, record, to)
    if shape is not None or record or to:
        raise LadderError("--shape, --record and --out are for chapters and rungs; a file's arguments follow --")
    sources, arguments = cuda_file.split(target)
    sheet = cuda_file.sheet(gpu)
    with cuda_file.checked(sources, _options(I=includes, D=macros, f=flags, l=libraries)) as program:
        outcome = cuda_file.run(program, arguments, gpu, quiet=as_json, count=True)
    kernels = cuda_counts.by_kernel(outcome.launches)
    if as_json:
        predicted = [kernel | {"prediction": cuda_counts.predict(kernel, sheet)} for kernel in kernels]
        print_json({"schema": 1, "file": str(sources[0]), "status": outcome.status, "kernels": predicted})
    else:
        for table in cuda_counts.tables(kernels, sheet, sources[0]) if kernels else []:
            out.print(table.rich())
            out.print()
        if kernels:
            say("A prediction is of memory accesses: arithmetic, and the microseconds of a launch, are not in it.")
        else:
            say("no kernel was launched")
        if outcome.status:
            say(outcome.ending())
    raise typer.Exit(1 if outcome.status else 0)
