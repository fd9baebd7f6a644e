"""`./ladder pages`: fills what the pages show from data, between markers, and with --check says where they disagree.

    <!-- table: counts CHAPTER [PROBLEM] [every] -->   what simt counted, from bench/results; at every shape
    <!-- table: bench CHAPTER GPU [PROBLEM] -->   what was timed on a GPU
    <!-- plot: counts CHAPTER PROBLEM -->
    <!-- plot: ladder CHAPTER PROBLEM GPU -->   also sweep, roofline
    <!-- list: chapters -->               the map of chapters, from the registry

Each ends at <!-- end -->. A page is never edited between the two.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cli.errors import LadderError, write
from cli.paths import CHAPTERS, ROOT, chapters, shown
from cli.program import Program
from cli.recorded import tables
from cli.results import Results, find, peaks_of
from cli.tables import LEFT, Table
from plots import style
from plots.draw import figures

Json = dict[str, Any]
PLOTS = ROOT / "docs" / "plots"
_BLOCK = re.compile(r"^(<!-- (table|plot|list): ([^\n]*?) -->\n).*?(<!-- end -->)", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(r"^<!-- (?:table|plot|list):", re.MULTILINE)


@dataclass
class Pages:
    """All pages as they should be: path -> contents."""

    program: Program
    wanted: dict[Path, str | bytes] = field(default_factory=dict)

    def fill(self) -> dict[Path, str | bytes]:
        for page in self._pages():
            text = page.read_text()
            filled = _BLOCK.sub(partial(self._block, page), text)
            if len(_OPENING.findall(text)) != len(_BLOCK.findall(text)):
                raise LadderError(f"{shown(page)}: a marker is not closed by <!-- end -->")
            self.wanted[page] = filled
        return self.wanted

    @staticmethod
    def _pages() -> Iterator[Path]:
        yield from (p for p in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if p.exists())
        yield from sorted(CHAPTERS.glob("*/README.md"))
        yield from sorted((ROOT / "docs").glob("*.md"))

    def _block(self, page: Path, block: re.Match[str]) -> str:
        opening, what, words, end = block[1], block[2], block[3].split(), block[4]
        makers: dict[str, Callable[..., str]] = {"table": self._table, "plot": self._plot, "list": self._list}
        try:
            return f"{opening}\n{makers[what](page, *words)}\n\n{end}"
        except TypeError:
            raise LadderError(f"{shown(page)}: the marker '{opening.strip()}' has too few or too many words") from None

    def _table(self, page: Path, kind: str, chapter: str, *more: str) -> str:
        gpu, problem = (more[:1], more[1:]) if kind == "bench" else ((), more)
        every, problem = "every" in problem, [word for word in problem if word != "every"]
        results = _recorded(kind, chapter, *gpu)
        if not results:
            return _missing(kind, chapter, *gpu)
        made = [t for t in tables(results[0], every) if not problem or t.title.split()[0] in problem]
        if not made:
            raise LadderError(f"{shown(page)}: chapter {chapter} has no problem {' '.join(problem)} in its {kind}")
        return "\n\n".join(f"**{t.title}**\n\n{t.markdown()}" for t in made)

    def _plot(self, page: Path, figure: str, chapter: str, problem: str, gpu: str | None = None) -> str:
        kind = "counts" if figure == "counts" else "bench"
        results = _recorded(kind, chapter, gpu)
        if not results:
            return _missing(kind, chapter, gpu)
        drawn = dict(figures(results[0], peaks_of(results[0])))
        name = f"{figure}-{problem}"
        if name not in drawn:
            raise LadderError(
                f"{shown(page)}: chapter {chapter} has no plot '{figure} {problem}', but {', '.join(drawn)}"
            )
        path = PLOTS / f"{chapter}-{name}-{results[0].device['slug']}.svg"
        self.wanted[path] = style.save(drawn[name], "svg")
        return f"![{figure} of {problem}: {results[0].stamp}]({os.path.relpath(path, page.parent)})"

    def _list(self, page: Path, what: str) -> str:
        if what != "chapters":
            raise LadderError(f"{shown(page)}: no list is called '{what}': use chapters")
        # Neither rungs nor their number: adding one must not change another file.
        table = Table([("chapter", LEFT), ("problems", LEFT)])
        for name in chapters():
            problems = dict.fromkeys(e["problem"] for e in self.program.entries if e["chapter"] == name)
            link = f"[{name}: {_heading(name)}]({os.path.relpath(CHAPTERS / name, page.parent)})"
            table.add(link, ", ".join(problems))
        return table.markdown()


def _recorded(kind: str, chapter: str, gpu: str | None = None) -> list[Results]:
    if kind not in ("bench", "counts"):
        raise LadderError(f"no table or plot is made of '{kind}': use bench or counts")
    return find(kind, chapter, gpu, recorded=True)


def _missing(kind: str, chapter: str, gpu: str | None = None) -> str:
    if kind == "counts":
        return f"_Not counted yet: `./ladder count {chapter} --record` does that, on any machine._"
    return f"_Not measured on {gpu or 'a GPU'} yet: there, `./ladder bench {chapter} --record` does that._"


def _heading(chapter: str) -> str:
    """A chapter's title: the first heading of its lesson, without the number."""
    lesson = CHAPTERS / chapter / "README.md"
    first = next((s for s in lesson.read_text().splitlines() if s.startswith("# ")), "") if lesson.exists() else ""
    title = re.sub(r"^(chapter )?\d+\W*", "", first.removeprefix("# "), flags=re.IGNORECASE)
    return title or chapter[3:].replace("-", " ")


def drift(program: Program) -> list[str]:
    """A line for each page or plot that is not what its data says."""
    lines = []
    wanted = Pages(program).fill()
    for path, contents in wanted.items():
        data = contents.encode() if isinstance(contents, str) else contents
        if not path.exists():
            lines.append(f"{shown(path)} is missing: ./ladder pages writes it")
        elif path.read_bytes() != data:
            lines.append(f"{shown(path)} disagrees with its data: ./ladder pages writes it anew")
    stale = set(PLOTS.glob("*.svg")) - wanted.keys()
    return lines + [f"{shown(path)} is on no page: delete it" for path in sorted(stale)]


def update(program: Program) -> list[Path]:
    """Writes the pages and plots that differ; returns them."""
    wanted, changed = Pages(program).fill(), []
    for path, contents in wanted.items():
        data = contents.encode() if isinstance(contents, str) else contents
        if not path.exists() or path.read_bytes() != data:
            write(path, data)
            changed.append(path)
    for path in set(PLOTS.glob("*.svg")) - wanted.keys():
        path.unlink()
        changed.append(path)
    return changed
