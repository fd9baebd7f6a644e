"""./ladder serve: predictions over HTTP. Requests that come together are predicted together: the device is asked once
for all rows that arrive within a few milliseconds.

    POST /predict   {"rows": [{"column": value, …}, …]}  →  {"predictions": [{…}, …]}
    GET  /          what the model is, and which columns it takes
    GET  /health    200 while the device answers
    GET  /metrics   requests, rows, batches, and latency (p50, p99), as Prometheus reads them
"""

import asyncio
import json
import socket
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cli.console import say
from cli.errors import Failed, LadderError
from train.predict import Predictor, chunk_of

Floats = NDArray[np.float32]
MOST_BYTES = 8 << 20  # of a request's body
MOST_WAITING = 1024  # requests; more are told to come again
REMEMBERED = 10_000  # latencies, for the quantiles


class Batcher:
    """Collects rows until `most_rows` are there or the first has waited for `wait_s`, and predicts them in one go."""

    def __init__(self, predictor: Predictor, wait_s: float, most_rows: int) -> None:
        self._predictor, self._wait_s, self._most_rows = predictor, wait_s, most_rows
        self._waiting: asyncio.Queue[tuple[Floats, asyncio.Future[Floats]]] = asyncio.Queue(MOST_WAITING)
        self.batches = 0
        self.rows = 0
        self.dead = ""  # why the device answers no more

    def full(self) -> bool:
        return self._waiting.full()

    async def outputs(self, x: Floats) -> Floats:
        answer: asyncio.Future[Floats] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((x, answer))
        return await answer

    async def work(self) -> None:
        """Runs as long as the server."""
        while True:
            batch = [await self._waiting.get()]
            until = time.monotonic() + self._wait_s
            while sum(len(x) for x, _ in batch) < self._most_rows and (left := until - time.monotonic()) > 0:
                try:
                    batch.append(await asyncio.wait_for(self._waiting.get(), left))
                except TimeoutError:
                    break
            x = np.concatenate([rows for rows, _ in batch])
            try:
                outputs = await run_in_threadpool(self._predictor.outputs, x)
            except (LadderError, OSError) as error:
                if isinstance(error, Failed):
                    self.dead = str(error)
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            self.batches += 1
            self.rows += len(x)
            for rows, answer in batch:
                if not answer.done():  # its client may have gone
                    answer.set_result(outputs[: len(rows)])
                outputs = outputs[len(rows) :]


def make_app(predictor: Predictor, wait_s: float, most_rows: int) -> Starlette:
    batcher = Batcher(predictor, wait_s, most_rows)
    answered: Counter[int] = Counter()  # by status
    latencies: deque[float] = deque(maxlen=REMEMBERED)

    async def predict(request: Request) -> Response:
        began = time.perf_counter()
        status, body = await answer(request)
        answered[status] += 1
        if status == 200:
            latencies.append(time.perf_counter() - began)
        return JSONResponse(body, status)

    async def answer(request: Request) -> tuple[int, dict[str, Any]]:
        try:
            body = await _read(request)
        except ClientDisconnect:
            return 400, {"error": "the client went away"}
        if body is None:
            return 413, {"error": f"a request has at most {MOST_BYTES} bytes: send fewer rows at a time"}
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return 400, {"error": 'the body must be JSON: {"rows": [{"column": value, …}, …]}'}
        rows = asked.get("rows") if isinstance(asked, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            return 400, {"error": 'the body must have "rows": a list of at least one {"column": value, …}'}
        try:
            x = predictor.encoder.encode(chunk_of(rows, predictor.encoder))
        except LadderError as error:
            return 400, {"error": str(error).replace("line ", "row ", 1)}
        if batcher.full():
            return 503, {"error": "too many requests wait already: try again later"}
        try:
            outputs = await batcher.outputs(x)
        except (LadderError, OSError) as error:
            return 500, {"error": str(error)}
        names = predictor.columns()
        return 200, {"predictions": [dict(zip(names, row, strict=True)) for row in predictor.answers(outputs)]}

    async def about(_: Request) -> Response:
        encoder = predictor.encoder
        columns = {f.name: f.categories if f.kind == "category" else "number" for f in encoder.features}
        device = predictor.device.about
        return JSONResponse(
            {"model": predictor.model.json(), "target": encoder.target, "classes": encoder.classes,
             "columns": columns, "metrics": predictor.head.get("metrics"),
             "device": {"kind": device["kind"], "name": device["name"]}}
        )  # fmt: skip

    async def health(_: Request) -> Response:
        return PlainTextResponse(batcher.dead or "ok", 500 if batcher.dead else 200)

    async def metrics(_: Request) -> Response:
        lines = ["# TYPE warpladder_requests_total counter"]
        lines += [f'warpladder_requests_total{{status="{s}"}} {n}' for s, n in sorted(answered.items())]
        lines += ["# TYPE warpladder_rows_total counter", f"warpladder_rows_total {batcher.rows}"]
        lines += ["# TYPE warpladder_batches_total counter", f"warpladder_batches_total {batcher.batches}"]
        lines += ["# TYPE warpladder_latency_seconds summary"]
        if latencies:
            for q in (0.5, 0.99):
                lines.append(f'warpladder_latency_seconds{{quantile="{q}"}} {np.quantile(latencies, q):.6g}')
        lines.append(f"warpladder_latency_seconds_count {answered[200]}")
        return PlainTextResponse("\n".join(lines) + "\n")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(batcher.work())
        yield
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker

    routes = [
        Route("/predict", predict, methods=["POST"]),
        Route("/", about),
        Route("/health", health),
        Route("/metrics", metrics),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _read(request: Request) -> bytes | None:
    """The body; None where it is too long."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return body


def listen(host: str, port: int) -> socket.socket:
    """Raises LadderError where the address is not to be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise LadderError(f"cannot listen on {host}, port {port}: {why}: use another --port or --host") from None


def serve(predictor: Predictor, listener: socket.socket, wait_s: float, most_rows: int) -> None:
    """Serves until it is interrupted."""
    address, bound = listener.getsockname()[:2]
    say(f"  http://{f'[{address}]' if ':' in address else address}:{bound}  (Ctrl-C ends it)")
    config = uvicorn.Config(make_app(predictor, wait_s, most_rows), log_level="warning", access_log=False)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
