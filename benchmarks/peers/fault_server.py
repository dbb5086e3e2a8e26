"""A loopback server of the pages of one fault, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.pages import HEAD
from benchmarks.peers.faulty_pages import FaultyPages, page
from benchmarks.server import PageProtocol

#: Requests after which a list counts as endless; then the last page is sent, so that the run goes on.
REQUEST_LIMIT = 40


@dataclass(slots=True)
class ServerLog:
    """The address of a server, and how many requests it received."""

    url: str = ""
    requests: int = 0

    @property
    def endless(self) -> bool:
        """Whether the list had to be ended."""
        return self.requests > REQUEST_LIMIT


class FaultyProtocol(PageProtocol):
    """Answers up to the limit of requests, and closes the connection early where that is the fault."""

    def __init__(self, fault: FaultyPages, log: ServerLog) -> None:
        pages = {
            (f"/{fault.resource}".encode(), cursor.encode()): response(body, fault.cut and cursor != "")
            for cursor, body in fault.pages.items()
        }
        super().__init__(pages, latency=0)
        self.fault = fault
        self.log = log

    def answer(self, target: bytes) -> None:
        """Count a request, and answer it."""
        self.log.requests += 1
        if self.log.endless:
            self.send(response(page(self.fault.resource, [])))
        else:
            super().answer(target)

    def send(self, response: bytes) -> None:
        """Write a response, and close the connection if it is shorter than its Content-Length."""
        super().send(response)
        if self.transport is not None and response.endswith(b" "):
            self.transport.close()


def response(body: str, cut: bool = False) -> bytes:
    """Return a response; a cut one lacks half of its body, which a space at its end marks."""
    content = body.encode()
    head = HEAD.format(length=len(content), request_id="faulty").encode()
    return head + (content[: len(content) // 2] + b" " if cut else content)


@contextmanager
def serve_fault(fault: FaultyPages) -> Iterator[ServerLog]:
    """Serve the pages of a fault on a free port until the block ends."""
    log, loop, ready = ServerLog(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await loop.create_server(lambda: FaultyProtocol(fault, log), "127.0.0.1", 0)
        log.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stopping.wait()
        server.close()

    stopping = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield log
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
