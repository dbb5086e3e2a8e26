"""The demo server: the practice companies' API on a port of this machine, in a thread of this process."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

import uvicorn

from rutterframe.demo.api.app import create_app
from rutterframe.demo.api.service import Handled, Service
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import CLOSING
from rutterframe.demo.faults import Fault, FaultPlan

_BACKLOG = 256


class _Server(uvicorn.Server):
    """Tells when it is ready, instead of being asked again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class DemoServer:
    """A server of made-up books; a context manager, or `start()` and `stop()`.

    It runs in a daemon thread with its own event loop, so it works where one runs already, as in Jupyter.

    Parameters
    ----------
    seed
        Another seed tells another story of the same companies.
    scale
        Multiplies the volume of trade.
    page_size
        Rows on a page.
    faults
        The fault plan.
    host, port
        Where to listen; port 0 takes a free one.

    Attributes
    ----------
    client_id, client_secret : str
        The credentials, made up and the same for every server of a seed.
    access_tokens : dict[str, str]
        The access token of every connection.
    closing : date
        The last day of the books.
    rates : Path
        A CSV file of exchange rates into USD on that day, as made up as the books.
    books : Books
        The truth behind the pages: `books.rows(connection_id, resource)`.

    Examples
    --------
    >>> with DemoServer() as server:
    ...     len(server.books.rows("roaster-bank", "bank_accounts"))
    3
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        scale: int = 1,
        page_size: int = 50,
        faults: Iterable[Fault] = (),
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._service = Service(seed, scale, page_size, faults)
        self._app = create_app(self._service)
        self._address = (host, port)
        self._running: tuple[_Server, Thread] | None = None
        self._url = ""
        self.client_id = self._service.client_id
        self.client_secret = self._service.client_secret
        self.closing = date.fromordinal(CLOSING)
        self.rates = Path(__file__).with_name("rates.csv")
        self.access_tokens = dict(self._service.access_tokens)

    @property
    def url(self) -> str:
        """The base URL, such as http://127.0.0.1:8765; RuntimeError before the start."""
        if not self._url:
            raise RuntimeError("the demo server has not been started")
        return self._url

    @property
    def books(self) -> Books:
        """The books that the server serves."""
        return self._service.books

    @property
    def plan(self) -> FaultPlan:
        """The fault plan, with the strikes so far."""
        return self._service.plan

    @property
    def requests(self) -> Sequence[Handled]:
        """The requests answered since the start or the last `configure`; they hold no secret."""
        return tuple(self._service.requests)

    def configure(self, *, page_size: int | None = None, faults: Iterable[Fault] | None = None) -> None:
        """Change page size, fault plan or both between requests; strikes and the request log begin anew."""
        self._service.configure(page_size, faults)

    def start(self) -> Self:
        """Listen, and return when requests are answered.

        Raises
        ------
        RuntimeError
            The server is running already.
        OSError
            The address cannot be listened on.
        ValueError
            There is no such port.
        """
        if self._running:
            raise RuntimeError("the demo server is running already")
        if self.books.scale > 1:
            # A small world is told with the first request; a large one would outlast a client's patience.
            self.books.build()
        listener = _listen(*self._address)
        host, port = listener.getsockname()[:2]
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        # Nothing is logged below critical: broken answers are this server's business, not its failures.
        config = uvicorn.Config(
            self._app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            loop="asyncio",
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        thread = Thread(target=server.run, args=([listener],), name="rutterframe-demo", daemon=True)
        thread.start()
        server.ready.wait()
        self._running = (server, thread)
        return self

    def stop(self) -> None:
        """Close the port and end the thread; a server that is not running stays so."""
        if self._running:
            server, thread = self._running
            self._running = None
            server.should_exit = True
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ValueError(f"port must be 0-65535, not {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # asyncio switches Nagle's delay (40 ms a page) off only for sockets that name their protocol.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listener.detach())
