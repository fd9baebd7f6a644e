"""The program that trains and predicts on the device: one process, spoken to in JSON lines and raw floats."""

import json
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cli.errors import Failed, LadderError

Floats = NDArray[np.float32]
Json = dict[str, Any]
_NONE = np.empty(0, np.float32)


class Device:
    """A running warpladder-train. train/README.md lists its requests."""

    def __init__(self, program: Path) -> None:
        self._complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        # A group of its own: Ctrl-C is for the loop, which ends the run after the step that is going on.
        self._process = subprocess.Popen(
            [program], process_group=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints
        )
        self.about = self.ask("device")[0]

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process; raises Failed where it ended badly by itself."""
        if self._process.stdin and not self._process.stdin.closed:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            if self._process.wait() != 0:
                raise self._died()
        self._complaints.close()

    def ask(self, what: str, floats: Floats = _NONE, **fields: Any) -> tuple[Json, Floats]:
        """One request and its answer. Raises LadderError with the program's own words."""
        request = {"do": what, **fields}
        if floats.size:
            request["floats"] = floats.size
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.write(np.ascontiguousarray(floats, "<f4").data)
            stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        line = stdout.readline()
        if not line:
            raise self._died()
        answer = json.loads(line)
        if "error" in answer:
            raise LadderError(answer["error"])
        size = 4 * answer.get("floats", 0)
        payload = stdout.read(size) if size else b""
        if len(payload) != size:
            raise self._died()
        return answer, np.frombuffer(payload, "<f4")

    def _died(self) -> LadderError:
        status = self._process.wait()
        self._complaints.seek(0)
        lines = [s for s in self._complaints.read().splitlines() if s.strip()] or ["it says nothing more"]
        if status in (1, 2):
            return (Failed if status == 1 else LadderError)(lines[-1].removeprefix("warpladder-train: "))
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return Failed(f"the training program ended with {name}: {lines[0]}")
