"""The file a model is kept in, finished or half trained.

bytes 0 … 15     "warpladder-model"
16 … 23          H, the length of the header, a little-endian 64-bit number
24 … 23 + H      the header: JSON in UTF-8. "format": 1; "blocks": [{"name": …, "count": …}, …]; the rest is
                 the caller's (README.md lists it)
then             the blocks one after another, little-endian FP32
the last 32      SHA-256 of everything before
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.errors import LadderError, write

MAGIC = b"warpladder-model"
FORMAT = 1
Blocks = dict[str, NDArray[np.float32]]


def save(path: Path, header: dict[str, Any], blocks: Blocks) -> None:
    """Writes the file whole or not at all."""
    listed = [{"name": name, "count": int(values.size)} for name, values in blocks.items()]
    head = json.dumps({"format": FORMAT, "blocks": listed, **header}, allow_nan=False).encode()
    body = b"".join([MAGIC, struct.pack("<Q", len(head)), head, *(v.astype("<f4").tobytes() for v in blocks.values())])
    write(path, body + hashlib.sha256(body).digest())


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """What is read within comes from the file's header: where it lacks something, the file is not ours."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LadderError(f"{path}: its header is not one that ./ladder train writes: use another copy") from error


def load(path: Path) -> tuple[dict[str, Any], Blocks]:
    """Header and blocks. Raises LadderError for a file that is missing, cut off, changed, or something else."""
    if path.is_dir():
        raise LadderError(f"{path} is a folder: name a model file")
    if not path.is_file():
        raise LadderError(f"{path}: there is no such model file; ./ladder train --out {path} makes one")
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise LadderError(f"{path}: not a model file of ./ladder train")
    body, checksum = data[:-32], data[-32:]
    if len(data) < len(MAGIC) + 8 + 32 or hashlib.sha256(body).digest() != checksum:
        raise LadderError(f"{path}: its checksum is wrong: the file is cut off or was changed; use another copy")
    length = struct.unpack_from("<Q", body, len(MAGIC))[0]
    begin = len(MAGIC) + 8
    with understood(path):
        header = json.loads(body[begin : begin + length])
        if header["format"] != FORMAT:
            raise LadderError(f"{path}: format {header['format']}, and this Warpladder reads {FORMAT}: use a newer one")
        blocks, at = {}, begin + length
        for block in header["blocks"]:
            blocks[block["name"]] = np.frombuffer(body, "<f4", block["count"], at)
            at += 4 * block["count"]
        return header, blocks
