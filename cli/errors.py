"""Errors that a user can act on: one line that says what is wrong and what to do."""

import difflib
import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class LadderError(Exception):
    """Shown as `ladder: …`, without a traceback."""

    status = 2  # bad input, or something this machine lacks


class Failed(LadderError):
    """The work itself went wrong: a build, a crash."""

    status = 1


def unknown(what: str, name: str, known: Iterable[str], see: str) -> LadderError:
    """For a name that does not exist: suggests the nearest, else says where all of them are."""
    known = sorted(known)
    lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    inside = [k for k in known if name and name.lower() in k.lower()]
    guess = _numbered(name, known) or (lower[near[0]] if near else inside[0] if inside else None)
    hint = f"did you mean {guess}?" if guess else f"{see} shows what there is"
    return LadderError(f"no {what} is called '{name}': {hint}")


def _numbered(name: str, known: list[str]) -> str | None:
    """What is meant by a number alone: 3 by 03-gemm, 03-gemm/5 by 03-gemm/05_…."""

    def means(word: str, part: str) -> bool:
        number = re.match(r"\d+", part)
        return word == part or (word.isdecimal() and number is not None and int(word) == int(number[0]))

    words = name.split("/")
    for one in known:
        parts = one.split("/")
        if len(parts) == len(words) and all(map(means, words, parts)):
            return one
    return None


def from_os_error(error: OSError) -> LadderError:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return LadderError(f"{where}the disk is full: free some space and run the same command again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return LadderError(f"{where}not allowed to write there: choose another folder, or change its permissions")
    return LadderError(f"{where}{error.strerror or error}")


def require_place(path: Path) -> None:
    """A line where a file cannot be written there: before the work is done, not after. Creates nothing."""
    if path.is_dir():
        raise LadderError(f"{path} is a folder: name a file")
    require_folder(path.parent)


def require_folder(folder: Path) -> None:
    """The same for files in a folder, which need not exist yet."""
    there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    if not there.is_dir():
        raise LadderError(f"{there} is a file, not a folder: write to another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise from_os_error(PermissionError(errno.EACCES, "", str(there)))


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all: written under a temporary name beside it, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)  # a write itself does not say where
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, text: str | bytes) -> None:
    """Writes a file whole or not at all."""
    with writing(path) as file:
        file.write(text.encode() if isinstance(text, str) else text)
