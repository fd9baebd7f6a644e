"""Mutants of a CUDA or C++ file, all in one text: which of them is alive is chosen at run time (mutant.hpp).

mutate.py FILE OUT    writes the mutated text of FILE, a path below the repository's root, to OUT
"""

import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.scan import LEVEL, Source

Inner = Callable[[int, int], str]  # the text of the tokens first … last - 1, with the mutants within


@dataclass
class Site:
    """A place that can be changed in some ways, each one mutant."""

    first: int  # its tokens
    last: int
    labels: list[str]  # what each mutant does
    render: Callable[[int, Inner], str]  # from the number of its first mutant
    wraps: bool  # renders its tokens as one piece, and so may stand around another site of the same tokens


@dataclass(frozen=True)
class Mutant:
    number: int
    file: str
    line: int
    text: str  # of the line, without white space around it
    label: str  # what was done; numbered where a file's equal lines hold several

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.label}: {self.text}"


_DECLARES = {"auto", "bool", "case", "char", "class", "const", "constexpr", "default", "double", "enum", "extern",
             "float", "friend", "goto", "int", "long", "namespace", "__shared__", "short", "static", "static_assert",
             "struct", "template", "typedef", "unsigned", "using", "void"}  # fmt: skip
_CONTROL = {"if", "for", "while", "switch", "return", "do", "else", "break", "continue"}
_CONSTANT = {"static_assert", "__launch_bounds__", "__align__", "alignas", "sizeof", "decltype", "noexcept", "asm"}
_LIMITS = {"min", "max", "fminf", "fmaxf"}
_SAID = {"needs", "detail"}  # what a rung says of itself: refusing more, or naming it otherwise, is not being wrong


class _File:
    def __init__(self, text: str) -> None:
        self.s = s = Source(text)
        self.count = len(s.tokens)
        self.parent = self._parents()
        self.code = {i for i in range(self.count) if s[i] == "{" and self._is_code(i)}
        self.fixed = [not self._runs(i) for i in range(self.count)]
        self.sites: list[Site] = []
        for i in range(self.count):
            if self._starts(i):
                self._statement(i)
        for i in range(self.count):
            if not self.fixed[i]:
                self._token(i)
        # Outer before inner.
        self.sites.sort(key=lambda site: (site.first, -site.last, not site.wraps))

    # ---- where code is ----

    def _parents(self) -> list[int]:
        parent, stack = [], [-1]
        for i in range(self.count):
            if i in self.s.match and self.s.match[i] < i:
                stack.pop()
            parent.append(stack[-1])
            if i in self.s.match and self.s.match[i] > i:
                stack.append(i)
        return parent

    def _is_code(self, i: int) -> bool:
        """Whether the brace i opens statements: not an initialiser, a class or a namespace."""
        s, before = self.s, self.s[i - 1]
        if before in (")", "else", "do", "]") or (before in ("const", "mutable", "noexcept") and s[i - 2] == ")"):
            return True
        if before in ("{", "}", ";") or (i and s.tokens[i - 1].kind == "directive"):
            return self.parent[i] >= 0 and s[self.parent[i]] == "{" and self._is_code(self.parent[i])
        while i > 0 and (s.tokens[i - 1].kind == "name" or s[i - 1] in ("::", "*", "&", ">")):
            i = s.match.get(i - 1, i - 1) if s[i - 1] == ">" else i - 1
        return s[i - 1] == "->" and s[i - 2] == ")"

    def _runs(self, i: int) -> bool:
        """Whether token i is part of what runs: neither a declaration's frame nor a constant expression."""
        s = self.s
        if s.tokens[i].kind == "directive":
            return False
        inside, code = self.parent[i], False
        while inside >= 0:
            code = code or inside in self.code
            if s[inside - 1] == ")" and s[s.match[inside - 1] - 1] in _SAID:
                return False
            named = s[inside - 1] in _CONSTANT or (s[inside - 1] == "constexpr" and s[inside] == "(")
            if s[inside] == "<" or named or s[inside - 1] == "rung":
                return False
            if inside in self.code and self._head(inside, i) & {"constexpr", "static_assert", "case", "using"}:
                return False
            inside = self.parent[inside]
        return code

    def _head(self, block: int, i: int) -> set[str]:
        """The first words of the statement that token i is part of, in this block."""
        s = self.s
        while i > block + 1 and not (self.parent[i - 1] == block and s[i - 1] in (";", "}")):
            i -= 1
            if i in s.match and s.match[i] < i and s.match[i] > block:
                i = s.match[i]
        return {s[i], s[i + 1]} if s[i] != "if" else {s[i]}

    def _starts(self, i: int) -> bool:
        """Whether a statement begins at token i."""
        s, inside = self.s, self.parent[i]
        if inside not in self.code or self.fixed[i] or s[i] in (";", "}", "else", "{"):
            return False
        while i and s.tokens[i - 1].kind == "directive":
            i -= 1
        before = s[i - 1]
        if before == ")":
            control = s.match[i - 1] - 1
            return s[control] in ("if", "for", "while", "switch") or (
                s[control] == "constexpr" and s[control - 1] == "if"
            )
        return i - 1 == inside or before in (";", "else", "do") or (before == "}" and s.match[i - 1] in self.code)

    def _end(self, i: int) -> int:
        """The semicolon of the statement that begins at i; -1 where its block ends first."""
        while i < self.count and self.s[i] != ";":
            if self.s.match.get(i, i) < i:
                return -1
            i = self.s.match.get(i, i) + 1
        return i if i < self.count else -1

    def _declares(self, i: int) -> bool:
        s = self.s
        if s[i] in _DECLARES:
            return True
        while s.tokens[i].kind == "name" and (s[i + 1] == "::" or (s[i + 1] == "<" and i + 1 in s.match)):
            i = i + 2 if s[i + 1] == "::" else s.match[i + 1] + (2 if s[s.match[i + 1] + 1] == "::" else 0)
        if s.tokens[i].kind != "name" and s[i] != ">":
            return False
        i += 1
        while s[i] in ("*", "&", "const"):
            i += 1
        return i < self.count and s.tokens[i].kind == "name"

    # ---- what can be changed ----

    def _add(
        self, first: int, last: int, labels: str, render: Callable[[int, Inner], str], wraps: bool = False
    ) -> None:
        self.sites.append(Site(first, last, labels.split(), render, wraps))

    def _wrap(self, first: int, last: int, labels: str, call: str, more: str = "") -> None:
        self._add(first, last, labels, lambda n, inner: f"mutant::{call}<{n}>({inner(first, last)}{more})", wraps=True)

    def _statement(self, i: int) -> None:
        s = self.s
        if s[i] in ("if", "while"):
            if s[i + 1] == "(" and s[i] == "if":
                self._condition(i + 1)
            return
        if s[i] in ("return", "break", "continue") and s[i + 1] != ";":
            return
        if self._declares(i) or s[i] in _CONTROL - {"return", "break", "continue"}:
            return
        if i and s.tokens[i - 1].kind == "directive" and "atomic" in s[i - 1]:
            return
        end = self._end(i)
        if end < 0:
            return
        self._add(i, end + 1, "delete", lambda n, inner: f"{{ if (!mutant::on<{n}>()) {inner(i, end + 1)} }}", True)
        sums = [t for t in range(i, end) if s[t] in ("+=", "-=") and self.parent[t] == self.parent[i]]
        if len(sums) == 1 and not any(s[t] == "," and self.parent[t] == self.parent[i] for t in range(i, end)):
            call, t = "add" if s[sums[0]] == "+=" else "subtract", sums[0]
            self._add(i, end, "assign", lambda n, inner: f"mutant::{call}<{n}>({inner(i, t)}, {inner(t + 1, end)})")
        wait = next((t for t in range(i, end) if s[t] == "cp_async_wait" and s[t + 1] == "<"), None)
        if wait is not None:
            close = s.match[wait + 1]
            count = s.between(wait + 2, close)
            self._add(
                i,
                end + 1,
                "wait+1",
                lambda n, inner: (
                    f"{{ if (mutant::on<{n}>()) {s.between(i, wait + 2)}({count}) + 1"
                    f"{s.between(close, end + 1)} else {inner(i, end + 1)} }}"
                ),
            )

    def _condition(self, bracket: int) -> None:
        """Of an `if`: always true, or false where it has an else."""
        s, close = self.s, self.s.match[bracket]
        if self.fixed[bracket + 1] or any(s[t] in ("=", ";") for t in range(bracket, close)):
            return
        behind = close + 1
        end = s.match[behind] if s[behind] == "{" else self._end(behind)
        if s[end + 1] == "else":
            self._wrap(bracket + 1, close, "true false", "condition")
        else:
            self._wrap(bracket + 1, close, "true", "both")

    def _token(self, i: int) -> None:
        s, text = self.s, self.s[i]
        if s.binary(i):
            if text in ("<", "<=", ">", ">="):
                self._limit(i)
            elif text in ("&&", "||"):
                self._conjunct(i)
            elif text in ("==", "!="):
                self._equality(i)
            elif text in ("/", "%"):
                self._quotient(i)
        elif text == "?":
            first = s.left(i, 15)
            self._wrap(first, i, "true false", "condition")
        elif text in ("threadIdx", "blockIdx", "blockDim", "gridDim") and s[i + 1] == ".":
            other = "y" if s[i + 2] == "x" else "x"
            self._add(i, i + 3, "swap", lambda n, inner: f"(mutant::on<{n}>() ? {text}.{other} : {text}.{s[i + 2]})")
        elif text == "[" and s[s.match[i] + 1] == "[" and self._subscripts(i):
            middle, end = s.match[i], s.match[s.match[i] + 1]
            self._add(
                i, end + 1, "swap", lambda n, inner: self._swapped(n, inner(i + 1, middle), inner(middle + 2, end))
            )
        elif text == "(":
            self._call(i)
        elif text == "+=" and self.parent[i] >= 0 and s[self.parent[i] - 1] == "for":
            self._wrap(i + 1, s.right(i, 16), "step+1", "step")

    @staticmethod
    def _swapped(n: int, a: str, b: str) -> str:
        return f"[mutant::on<{n}>() ? {b} : {a}][mutant::on<{n}>() ? {a} : {b}]"

    def _subscripts(self, i: int) -> bool:
        """Whether the bracket i is an access's first: not a declaration's, not the second of three."""
        s = self.s
        if (
            s[i - 1] == "]"
            or s[s.match[s.match[i] + 1] + 1] == "["
            or not (s.tokens[i - 1].kind == "name" or s[i - 1] == ")")
        ):
            return False
        start = i
        while not self._starts(start) and start > 0 and s[start] != ";":
            start -= 1
        if not self._declares(start) or self.parent[start] != self.parent[i]:
            return True
        return any(s[t] == "=" and self.parent[t] == self.parent[i] for t in range(start, i)) and s[i - 2] != ","

    def _limit(self, i: int) -> None:
        """Of a comparison: one more, one less. Of a loop by tiles: one tile less, for one more is all guards."""
        s, last, head = self.s, self.s.right(i, 9), self.parent[i]
        if head >= 0 and s[head - 1] == "for":
            step = next((t for t in range(i, s.match[head]) if s[t] == "+=" and self.parent[t] == head), None)
            if step:
                shorter = f"({s.between(i + 1, last)}) - ({s.between(step + 1, s.right(step, 16))})"
                return self._wrap(i + 1, last, "less", "tail", f", {shorter}")
        self._wrap(i + 1, last, "more less", "bound", ", 1")

    def _conjunct(self, i: int) -> None:
        s, level = self.s, LEVEL[self.s[i]]
        label = "true" if s[i] == "&&" else "false"
        call = "both" if s[i] == "&&" else "either"
        first = s.left(i, level - 1)
        if s[first - 1] not in ("&&", "||") or LEVEL[s[first - 1]] != level:
            self._wrap(first, i, label, call)
        self._wrap(i + 1, s.right(i, level), label, call)

    def _equality(self, i: int) -> None:
        s = self.s
        first, last = s.left(i, 10), s.right(i, 10)
        # Where a condition or a conjunct ends, what was made of that is enough.
        decided = {"&&", "||", "?"} & {s[first - 1], s[last]} or (
            s[first - 2] == "if" and s[first - 1] == "(" and s[last] == ")"
        )
        if not decided:
            self._wrap(first, last, "flip", "flip")

    def _quotient(self, i: int) -> None:
        s = self.s
        first, last = s.left(i, 5), s.right(i, 5)
        # (size + piece - 1) / piece: a tail that is forgotten
        if s[i] == "/" and s[i - 1] == ")":
            size, divisor = s.between(s.match[i - 1] + 1, i - 1), s.between(i + 1, last)
            up = re.fullmatch(r"(.*) \+ (?:(\w+) - 1|(\d+))", size, re.DOTALL)
            if up and (up[2] == divisor or (up[3] and divisor == str(int(up[3]) + 1))):
                down = f"({up[1]}) / {divisor}"
                self._wrap(first, last, "tail", "tail", f", {down}")
        call, label = ("over", "%") if s[i] == "/" else ("rest", "/")
        self._add(first, last, label, lambda n, inner: f"mutant::{call}<{n}>({inner(first, i)}, {inner(i + 1, last)})")

    def _call(self, i: int) -> None:
        s, name = self.s, i - 1
        if s[name] == ">" and name in s.match:
            name = s.match[name] - 1
        close = s.match[i]
        commas = [t for t in range(i + 1, close) if s[t] == "," and self.parent[t] == i]
        if len(commas) != 1:
            return
        first = name - 2 if s[name - 1] == "::" else name
        if s[name] in _LIMITS:
            call, comma = f"m{s[name].strip('f')[1:]}", commas[0]
            self._add(
                first,
                close + 1,
                "first second",
                lambda n, inner: f"mutant::{call}<{n}>({inner(i + 1, comma)}, {inner(comma + 1, close)})",
            )
        elif s[name] in ("ceil_div", "pieces"):
            down = f"({s.between(i + 1, commas[0])}) / ({s.between(commas[0] + 1, close)})"
            self._wrap(first, close + 1, "tail", "tail", f", {down}")

    # ---- the result ----

    def text(self, number: int) -> str:
        numbers = {}
        for site in self.sites:
            numbers[id(site)] = number
            number += len(site.labels)

        def inner(first: int, last: int, sites: list[Site]) -> str:
            """Renders tokens first … last - 1; `sites` are those within, outer before inner."""
            out, at, k = [], first, 0
            start = self.s.tokens[first].start if first < last else 0
            while k < len(sites):
                site = sites[k]
                k += 1
                if site.first < at or site.last > last:
                    continue
                within = [t for t in sites[k:] if t.first >= site.first and t.last <= site.last]
                out.append(self.s.text[start : self.s.tokens[site.first].start])
                out.append(site.render(numbers[id(site)], lambda a, b, w=within: inner(a, b, w)))
                at, start = site.last, self.s.tokens[site.last - 1].end
            return "".join(out) + (self.s.text[start : self.s.tokens[last - 1].end] if at < last else "")

        head = self.s.text[: self.s.tokens[0].start]
        return head + inner(0, self.count, self.sites) + "\n"


def first_number(file: str) -> int:
    return zlib.crc32(file.encode()) << 12 | 1


def mutants(root: Path, file: str) -> list[Mutant]:
    """Those of a file, given below the root, in the order of their numbers."""
    parsed = _File((root / file).read_text())
    lines = parsed.s.text.splitlines()
    seen: dict[tuple[str, str], int] = {}
    found = []
    for site in parsed.sites:
        line = parsed.s.line(site.first)
        for label in site.labels:
            text = lines[line - 1].strip()
            seen[text, label] = seen.get((text, label), 0) + 1
            nth = seen[text, label]
            found.append(
                Mutant(first_number(file) + len(found), file, line, text, label if nth == 1 else f"{label} #{nth}")
            )
    return found


def mutated(root: Path, file: str) -> str:
    text = _File((root / file).read_text()).text(first_number(file))
    return f'#include "tests/mutants/mutant.hpp"\n#line 1 "{root / file}"\n{text}'


def sources(root: Path) -> Iterator[str]:
    """Every file that has mutants: rungs, and the kernels they call."""
    for pattern in ("chapters/*/*.cu", "chapters/*/*.cpp", "kernels/**/*.cuh"):
        yield from sorted(str(p.relative_to(root)) for p in root.glob(pattern) if p.name != "problem.cpp")


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    Path(sys.argv[2]).write_text(mutated(here, sys.argv[1]))
