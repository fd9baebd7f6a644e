"""The verbs that look at what was measured. None of them needs a build, but `pages` and `choose` ask the registry."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import choose as choosing
from cli import doctor as doctoring
from cli import program as programs
from cli import recorded
from cli.console import out, say
from cli.devices import Device
from cli.errors import LadderError, require_folder, unknown, write
from cli.options import AsJson, Chapter, OnGpu, app, complete_chapters, example, print_json
from cli.paths import BUILD, chapters, shown
from cli.results import Results, devices_with_results, find, load, peaks_of
from cli.tables import LEFT, Table


def _found(chapter: str | None, gpu: str | None) -> list[Results]:
    """Bench and counts files; a line when there are none, or none of that GPU."""
    results = [r for kind in ("bench", "counts") for r in find(kind, chapter, gpu)]
    if not results:
        known = devices_with_results()
        if gpu is not None and not any(find(kind, None, gpu) for kind in ("bench", "counts")):
            raise unknown("measured GPU", gpu, known, "./ladder doctor")
        raise LadderError(f"nothing is recorded for {chapter or 'any chapter'}: ./ladder run measures or counts")
    return sorted(results, key=lambda r: (r.path.name.split(".")[0], r.kind))


@app.command(epilog=example("table 03-gemm --gpu H200"))
def table(
    chapter: Chapter = None,
    gpu: OnGpu = None,
    every: Annotated[bool, typer.Option("--all", help="Every shape, not only each problem's largest.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recorded results: time, rate, share of the ceiling, ratio to the baseline, interval; or simt's counts."""
    results = _found(chapter, gpu)
    if as_json:
        print_json([_as_json(r, every) for r in results])
        return
    for r in results:
        for made in recorded.tables(r, every):
            out.print(made.rich())
            for note in made.notes:
                out.print(note, markup=False)
            out.print()


def _as_json(results: Results, every: bool) -> dict[str, Any]:
    chosen = {id(row) for _, _, rows in recorded.groups(results, every) for row in rows}
    keep = [{k: v for k, v in row.items() if k != "launches"} for row in results.rows if id(row) in chosen]
    return {"file": shown(results.path), "kind": results.kind, "device": results.device, "commit": results.commit,
            "complete": results.data["complete"], "rows": keep}  # fmt: skip


@app.command(epilog=example("plot 03-gemm --gpu H200"))
def plot(
    chapter: Chapter = None,
    gpu: OnGpu = None,
    to: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where to.")] = BUILD / "plots",
) -> None:
    """Draw recorded results: the ladder, the size sweep, the roofline; or simt's counts. SVG and PNG."""
    from plots import style
    from plots.draw import figures

    require_folder(to)
    for results in _found(chapter, gpu):
        subject = results.path.name.split(".")[0]
        for name, figure in figures(results, peaks_of(results)):
            stem = f"{subject}-{name}-{results.device['slug']}"
            for kind in ("svg", "png"):
                write(to / f"{stem}.{kind}", style.save(figure, kind))
            out.print(shown(to / f"{stem}.svg"), "and .png", markup=False, soft_wrap=True)


@app.command(epilog=example("compare before.json build/results/nvidia-h200/03-gemm.bench.json"))
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A result file of ./ladder bench.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another, of the same GPU.")],
) -> None:
    """Which rungs became faster or slower. Exit status 1 when one became slower, or wrong."""
    from cli import compare as comparing  # scipy takes long to load

    comparison = comparing.compare(load(old), load(new))
    out.print(comparison.table.rich())
    for note in comparison.table.notes:
        out.print(note, markup=False, soft_wrap=True)
    raise typer.Exit(1 if comparison.regressions else 0)


@app.command(epilog=example("choose 03-gemm"))
def choose(
    chapter: Annotated[str, typer.Argument(metavar="CHAPTER", autocompletion=complete_chapters)],
    gpu: OnGpu = None,
) -> None:
    """Which GPU for this chapter: least time, memory fit and share. A prediction from datasheets."""
    if chapter not in chapters():
        raise unknown("chapter", chapter, chapters(), "./ladder list")
    choosing.sheets(gpu)  # a wrong name is told before anything is built
    for made in choosing.choose(programs.program(Device.auto).registry["problems"], chapter, gpu):
        out.print(made.rich())
        for note in made.notes:
            out.print(note, markup=False, soft_wrap=True)
        out.print()


@app.command(epilog=example("pages --check"))
def pages(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a page differs.")] = False,
) -> None:
    """Fill the pages' tables, plots and lists from the recorded results and the registry."""
    from cli import pages as filling

    program = programs.program(Device.auto)
    if check:
        lines = filling.drift(program)
        for line in lines:
            say(line)
        raise typer.Exit(1 if lines else 0)
    changed = filling.update(program)
    for path in changed:
        say(f"  wrote {shown(path)}")


@app.command(epilog=example("doctor"))
def doctor(as_json: AsJson = False) -> None:
    """What is here, what is missing, and what to type. Exit status 1 when something that is needed is missing."""
    found = doctoring.findings()
    if as_json:
        print_json(doctoring.as_json(found))
    else:
        made = Table([("", LEFT), ("", LEFT), ("found", LEFT), ("for", LEFT)])
        for f in found:
            made.add("✓" if f.ok else "–", f.what, f.found or f"not here: {f.to_do}", f.needed_for)
        out.print(made.rich())
    raise typer.Exit(0 if doctoring.ready(found) else 1)
