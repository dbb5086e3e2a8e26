"""Serves the pages of one lie over a loopback socket, in a thread: for a client they are an API's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.pages import HEAD
from benchmarks.peers.lies import Lie, page
from benchmarks.server import PageProtocol

#: Requests after which a walk is taken to be without end; then it is given one, so that the run goes on.
ENOUGH = 40


@dataclass(slots=True)
class Served:
    """A server, and what was asked of it."""

    url: str = ""
    requests: int = 0

    @property
    def endless(self) -> bool:
        """Whether a walk had to be ended."""
        return self.requests > ENOUGH


class DirtyProtocol(PageProtocol):
    """Answers until it is enough, and hangs up in the middle where that is the lie."""

    def __init__(self, lie: Lie, served: Served) -> None:
        pages = {
            (f"/{lie.resource}".encode(), cursor.encode()): response(body, lie.cut and cursor != "")
            for cursor, body in lie.pages.items()
        }
        super().__init__(pages, latency=0)
        self.lie = lie
        self.served = served

    def answer(self, target: bytes) -> None:
        """Count, and answer."""
        self.served.requests += 1
        if self.served.endless:
            self.send(response(page(self.lie.resource, [])))
        else:
            super().answer(target)

    def send(self, response: bytes) -> None:
        """Write a response; hang up if there is less of it than it says."""
        super().send(response)
        if self.transport is not None and response.endswith(b" "):
            self.transport.close()


def response(body: str, cut: bool = False) -> bytes:
    """Write a response; of one that is cut, half the body is missing, which a space at its end marks."""
    sent = body.encode()
    head = HEAD.format(length=len(sent), request_id="dirty").encode()
    return head + (sent[: len(sent) // 2] + b" " if cut else sent)


@contextmanager
def serving(lie: Lie) -> Iterator[Served]:
    """Serve a lie on a free port until the block ends."""
    served, loop, ready = Served(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await loop.create_server(lambda: DirtyProtocol(lie, served), "127.0.0.1", 0)
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stopping.wait()
        server.close()

    stopping = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
