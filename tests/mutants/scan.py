"""CUDA C++ as tokens with matched brackets: as much of the language as placing a mutant takes.

It relies on clang-format: a binary operator has white space on both sides, a template's bracket never does.
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<directive>(?<![^\n])[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<text>R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>0[xX][\w'.]*(?:(?<=[pP])[+-]\d+)?\w*|\.?\d(?:[\w'.]|(?<=[eE])[+-])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark_>\.\.\.|<<<|<=>|<<=|>>=|->|::|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENER = {")": "(", "]": "[", "}": "{"}

# How tightly a binary operator binds: less is tighter (C++'s own table).
LEVEL = {"*": 5, "/": 5, "%": 5, "+": 6, "-": 6, "<<": 7, ">>": 7, "<": 9, "<=": 9, ">": 9, ">=": 9, "==": 10, "!=": 10,
         "&": 11, "^": 12, "|": 13, "&&": 14, "||": 15}  # fmt: skip
# What ends an operand whatever the operator beside it.
_ENDS = {";", ",", "?", ":", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "return", "else", "do"}


@dataclass
class Token:
    kind: str  # "name", "number", "text", "mark" or "directive"
    text: str
    start: int  # in the source
    end: int
    spaced: bool = False  # white space on both sides


class Source:
    """The tokens of a file, without comments; `match` leads from a bracket's index to its partner's."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        for found in _TOKEN.finditer(text):
            kind = (found.lastgroup or "").rstrip("_")
            if found["text"] is not None:
                kind = "text"
            if kind != "blank":
                self.tokens.append(Token(kind, found[0], found.start(), found.end()))
        for t in self.tokens:
            t.spaced = text[t.start - 1 : t.start].isspace() and text[t.end : t.end + 1].isspace()
        self.match: dict[int, int] = {}
        self._match()

    def __getitem__(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def between(self, first: int, last: int) -> str:
        """The source of the tokens first … last - 1."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end] if first < last else ""

    def line(self, i: int) -> int:
        return self.text.count("\n", 0, self.tokens[i].start) + 1

    def binary(self, i: int) -> bool:
        return self[i] in LEVEL and self.tokens[i].spaced and self.tokens[i].kind == "mark" and i not in self.match

    def left(self, i: int, level: int) -> int:
        """Where the left operand of the binary operator i begins: all that binds at least as tightly as `level`."""
        while i > 0:
            if i - 1 in self.match and self.match[i - 1] < i - 1:
                i = self.match[i - 1]
                continue
            if self._ends(i - 1) or (self.binary(i - 1) and LEVEL[self[i - 1]] > level):
                return i
            i -= 1
        return i

    def right(self, i: int, level: int) -> int:
        """Behind the right operand of the binary operator i: all that binds tighter than `level`."""
        i += 1
        while i < len(self.tokens):
            if i in self.match and self.match[i] > i:
                i = self.match[i] + 1
                continue
            if self._ends(i) or i in self.match or (self.binary(i) and LEVEL[self[i]] >= level):
                return i
            i += 1
        return i

    def _ends(self, i: int) -> bool:
        opens = i in self.match and self.match[i] > i
        return opens or self[i] in _ENDS or self.tokens[i].kind == "directive"

    def _match(self) -> None:
        stack: list[int] = []
        i = 0
        while i < len(self.tokens):
            t = self.tokens[i]
            top = self[stack[-1]] if stack else ""
            before = self.text[t.start - 1 : t.start]
            template = t.text == "<" and (not before.isspace() or self[i - 1] == "template")
            if template or (t.kind == "mark" and t.text in ("(", "[", "{", "<<<")):
                stack.append(i)
            elif t.text in _OPENER or (t.text == ">" and top == "<" and not before.isspace()):
                if stack:
                    self._pair(stack.pop(), i)
            elif t.text == ">" and top == "<<<" and self.text.startswith(">>>", t.start):
                self.tokens[i : i + 3] = [Token("mark", ">>>", t.start, t.start + 3)]
                self._pair(stack.pop(), i)
            i += 1

    def _pair(self, a: int, b: int) -> None:
        self.match[a], self.match[b] = b, a
