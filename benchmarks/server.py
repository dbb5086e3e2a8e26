"""A loopback server that sends pages rendered beforehand, fast enough not to limit what is measured.

Run by the benchmark in a process of its own::

    python -m benchmarks.server --transactions 100000 --orders 30000 --page-size 500 --latency 0.1

It prints its port once it is ready, ignores credentials, headers and unknown parameters, and ends when its
standard input is closed, so it cannot outlive the benchmark that started it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from benchmarks import both_dialects
from benchmarks.pages import Volume, render

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
CURSOR = re.compile(rb"[?&]cursor=([^& ]*)")
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
SEND_BUFFER = 4 * 1024 * 1024


class PageProtocol(asyncio.Protocol):
    """One keep-alive connection: a lookup and a write for each request."""

    def __init__(self, responses: dict[tuple[bytes, bytes], bytes], latency: float) -> None:
        self.responses = responses
        self.latency = latency
        self.received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set a send buffer that holds whole pages."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        connected: socket.socket = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def data_received(self, data: bytes) -> None:
        """Answer every complete request; no request here has a body."""
        self.received += data
        while True:
            head, blank, rest = self.received.partition(b"\r\n\r\n")
            if not blank:
                return
            self.received = rest
            self.answer(head.split(b" ", 2)[1])

    def answer(self, target: bytes) -> None:
        """Send the page of a request target, after the latency."""
        match = CURSOR.search(target)
        cursor = unquote_to_bytes(match[1]) if match else b""
        path = target.partition(b"?")[0]
        # Without a page of changes of its own a list's first page is what has changed.
        if b"updated_at_min=" in target and (path, both_dialects.CHANGED) in self.responses:
            cursor = both_dialects.CHANGED
        response = self.responses.get((path, cursor), MISSING)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.send, response)
        else:
            self.send(response)

    def send(self, response: bytes) -> None:
        """Write a response, unless the client has closed the connection."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(response)


async def serve(volume: Volume, latency: float) -> None:
    """Render, listen on a free port, print it, and answer until the process ends."""
    responses = {**render(volume), **dict(both_dialects.responses(volume))}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: PageProtocol(responses, latency), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def end_with_parent() -> None:
    """End the process when its parent closes the standard input or ends."""
    sys.stdin.buffer.read()
    os._exit(0)


@contextlib.contextmanager
def run_server(volume: Volume, latency: float = 0.0) -> Iterator[str]:
    """Run the server in a process of its own, and yield its base address."""
    options = [f"--{name.replace('_', '-')}={getattr(volume, name)}" for name in volume.__slots__]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", *options, f"--latency={latency}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise RuntimeError("the benchmark server did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transactions", type=int, default=0)
    parser.add_argument("--orders", type=int, default=0)
    parser.add_argument("--books", type=int, default=0)
    parser.add_argument("--live-books", type=int, default=0)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--page-size", type=int, default=500)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each page is sent")
    options = vars(parser.parse_args())
    latency = options.pop("latency")
    threading.Thread(target=end_with_parent, daemon=True).start()
    asyncio.run(serve(Volume(**options), latency))


if __name__ == "__main__":
    main()
