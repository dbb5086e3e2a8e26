"""Messages a second of `serve-webhooks` beside a bare Starlette route: python -m benchmarks.webhooks.

Each server runs in a process of its own, and is sent the same signed requests on loopback, pipelined over a
few connections, so that it is the server that takes the time. "A bare route" reads the body and answers; the
next one also verifies it; `serve-webhooks` also notes the list as pending, on the disk if it is a new one.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pandas as pd
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import rutterframe as rf
from rutterframe.dialects import CONTRACT
from rutterframe.webhook_server import ServerOptions, WebhookServer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SECRET = "benchmark-secret"
SENDERS, PIPELINED = 4, 50
SIDES = ("bare route", "route that verifies", "serve-webhooks, one list", "serve-webhooks, new lists")


def serve_bare(ready: Connection, *, verify: bool) -> None:
    """Serve a bare route."""

    async def receive(request: Request) -> Response:
        body = await request.body()
        if verify:
            rf.verify_webhook(body, request.headers.get("x-rutter-signature"), SECRET)
        return JSONResponse({"status": "queued"}, 202)

    async def cpu(_: Request) -> Response:
        return JSONResponse({"cpu": time.process_time()})

    app = Starlette(routes=[Route("/webhooks", receive, methods=["POST"]), Route("/cpu", cpu)])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    ready.send(listener.getsockname())
    config = uvicorn.Config(app, http="h11", log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def serve_webhooks(ready: Connection, *, state: Path) -> None:
    """Serve webhooks; nothing is refreshed before the end."""

    def refresh(*_: object) -> pd.DataFrame:
        raise OSError("not in this benchmark")

    async def cpu(_: Request) -> Response:
        return JSONResponse({"cpu": time.process_time()})

    options = ServerOptions(port=0, wait=3600.0, catch_up=0)
    with WebhookServer(refresh, SecretStr(SECRET), CONTRACT, state, options=options) as server:
        server.app.router.routes.append(Route("/cpu", cpu))
        ready.send(server.address)
        server.serve()


def requests_of(count: int, *, distinct: bool) -> list[bytes]:
    """Return signed requests, each for a connection of its own or all for the same."""
    requests = []
    for number in range(count):
        name = f"connection-{number if distinct else 0}"
        body = json.dumps({"type": "ORDER", "code": "ORDER_UPDATED", "connection_id": name}).encode()
        signature = "sha256=" + base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        head = f"Host: a\r\nX-Rutter-Signature: {signature}\r\nContent-Length: {len(body)}"
        requests.append(b"POST /webhooks HTTP/1.1\r\n" + head.encode() + b"\r\n\r\n" + body)
    return requests


def send(address: tuple[str, int], requests: list[bytes]) -> None:
    """Send requests over one connection, some before their answers."""
    with socket.create_connection(address) as connection:
        for first in range(0, len(requests), PIPELINED):
            batch = requests[first : first + PIPELINED]
            connection.sendall(b"".join(batch))
            received = b""
            while received.count(b'"}') < len(batch):
                part = connection.recv(65536)
                if not part:
                    raise SystemExit("the server closed the connection")
                received += part
            if received.count(b" 202 ") != len(batch):
                raise SystemExit("not all messages were accepted")


def measure(side: str, requests: list[bytes]) -> tuple[float, float]:
    """Return the wall time and the server's CPU time, in seconds, for all requests."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        target: Any = serve_bare
        rest: dict[str, Any] = {"verify": "verifies" in side}
        if side.startswith("serve"):
            target, rest = serve_webhooks, {"state": Path(folder) / "state"}
        process = context.Process(target=target, args=(theirs,), kwargs=rest)
        process.start()
        address = tuple(ours.recv())
        try:
            with httpx.Client(base_url=f"http://{address[0]}:{address[1]}", timeout=60) as client:
                send(address, requests[:PIPELINED])  # warms up
                before = client.get("/cpu").json()["cpu"]
                started = time.perf_counter()
                with ThreadPoolExecutor(SENDERS) as threads:
                    list(threads.map(lambda number: send(address, requests[number::SENDERS]), range(SENDERS)))
                seconds = time.perf_counter() - started
                return seconds, client.get("/cpu").json()["cpu"] - before
        finally:
            process.terminate()
            process.join()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="messages of each round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    same = requests_of(options.count, distinct=False)
    distinct = requests_of(options.count, distinct=True)
    figures: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
    for _ in range(options.rounds):
        for side in SIDES:
            figures[side].append(measure(side, distinct if side.endswith("new lists") else same))
    base = statistics.median(cpu for _, cpu in figures[SIDES[0]])
    print(f"{options.count:,} messages, median of {options.rounds} rounds, {os.cpu_count()} cores\n")
    print("| server | messages a second | CPU of a message | ratio |\n| --- | --- | --- | --- |")
    for side, rounds in figures.items():
        wall, cpu = (statistics.median(values) for values in zip(*rounds, strict=True))
        each = f"{cpu / options.count * 1e6:,.0f} µs"
        print(f"| {side} | {options.count / wall:,.0f} | {each} | {cpu / base:.2f} x |")


if __name__ == "__main__":
    main()
