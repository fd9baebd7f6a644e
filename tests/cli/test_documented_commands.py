"""Every ./ladder command that a page shows is one that the command line takes, and what it names is there."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from cli.options import app
from cli.paths import CHAPTERS, ROOT, shown

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *CHAPTERS.glob("*/README.md"), *(ROOT / "docs").glob("*.md")]
_IN_TEXT = re.compile(r"`(\./ladder [^`]+)`")
_ON_A_LINE = re.compile(r"^(\./ladder .+)$", re.MULTILINE)
_ID = re.compile(r"^\d\d-[a-z0-9-]+(/\w+)?$")


def commands() -> list[tuple[Path, str]]:
    found = []
    for page in PAGES:
        text = page.read_text().replace("\\\n", "")  # a command may go on in the next line
        found += [(page, line) for pattern in (_IN_TEXT, _ON_A_LINE) for line in pattern.findall(text)]
    return found


@pytest.mark.parametrize(
    ("page", "line"), commands(), ids=lambda value: shown(value) if isinstance(value, Path) else value
)
def test_a_documented_command_is_real(page: Path, line: str):
    words = [word for word in shlex.split(line, comments=True)[1:] if "…" not in word]
    group = typer.main.get_command(app)
    if not words or words[0].startswith("-"):
        assert not words or any(words[0] in option.opts for option in group.params)
        return
    context = group.make_context("ladder", list(words))
    name, verb, rest = group.resolve_command(context, words)
    verb.make_context(name, rest)  # raises for an option or a value that it does not take
    for word in rest:
        # A page may show a rung that its reader writes; its chapter must be there.
        if _ID.match(word):
            assert (CHAPTERS / word.split("/")[0] / "problem.hpp").exists(), f"{shown(page)}: {word}"
            if "mine" not in word and "/" in word:
                assert list((CHAPTERS / word.split("/")[0]).glob(f"{word.split('/')[1]}.*")), f"{shown(page)}: {word}"
