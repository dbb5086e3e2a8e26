"""The demo server: the API of the practice companies on a local port, in a thread of this process."""

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
from rutterframe.demo.api.service import LoggedRequest, Service
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import CLOSING
from rutterframe.demo.faults import Fault, FaultPlan
from rutterframe.demo.live.operations import LIVE_OPERATIONS
from rutterframe.demo.live.service import PREFIX, LiveService

_BACKLOG = 256


class _Server(uvicorn.Server):
    """A uvicorn server that sets an event when it is ready."""

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
    seed : int
        The seed of the random generator; another seed gives other books of the same companies.
    scale : int
        Multiplies the volume of trade.
    page_size : int or None
        Rows on a page; None for 50, and in the live dialect for as many as a request asks for, up to 500.
    faults : iterable of Fault
        The fault plan.
    dialect : str
        "contract" for the names and paths of openapi.yaml, "live" for those of the real service; the books
        are the same.
    host : str
        The address to listen on.
    port : int
        The port to listen on; 0 for a free one.

    Attributes
    ----------
    client_id, client_secret : str
        The credentials: made up, and the same for every server of a seed.
    access_tokens : dict[str, str]
        The access token of every connection.
    dialect : str
        The dialect that it speaks.
    closing : date
        The last day of the books.
    rates : Path
        A CSV file of exchange rates into USD on that day, as made up as the books.
    books : Books
        The records behind the pages: `books.rows(connection_id, resource)`.

    Raises
    ------
    ValueError
        The scale or the page size is below 1, or the dialect is unknown.

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
        page_size: int | None = None,
        faults: Iterable[Fault] = (),
        dialect: str = "contract",
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if dialect not in {"contract", "live"}:
            raise ValueError(f"dialect must be contract or live, not {dialect!r}")
        self.dialect = dialect
        if dialect == "live":
            self._service: Service = LiveService(seed, scale, page_size, faults)
            self._app = create_app(self._service, LIVE_OPERATIONS, prefix=PREFIX)
        else:
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
        """The base URL, such as http://127.0.0.1:8765; in the live dialect it ends in /versioned.

        Before the start it raises RuntimeError.
        """
        if not self._url:
            raise RuntimeError("the demo server has not been started")
        return self._url

    @property
    def books(self) -> Books:
        """The books that the server serves."""
        return self._service.books

    @property
    def plan(self) -> FaultPlan:
        """The fault plan, with its counts so far."""
        return self._service.plan

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """The requests answered since the start or the last `configure`; they hold no secret."""
        return tuple(self._service.requests)

    def configure(self, *, page_size: int | None = None, faults: Iterable[Fault] | None = None) -> None:
        """Change page size, fault plan or both between requests; counts and the request log begin anew."""
        self._service.configure(page_size, faults)

    def set_status(self, connection: str, status: str) -> None:
        """Set the live status of a connection, such as "not_ready" or "needs_reauth".

        Raises
        ------
        KeyError
            There is no such connection.
        ValueError
            The server speaks the contract's dialect, or there is no such status.
        """
        if not isinstance(self._service, LiveService):
            raise ValueError("only a server of the live dialect can change a status")
        self._service.set_status(connection, status)

    def start(self) -> Self:
        """Listen, and return when requests are answered.

        Raises
        ------
        RuntimeError
            The server is running already.
        OSError
            The address cannot be listened on.
        ValueError
            The port is not between 0 and 65535.
        """
        if self._running:
            raise RuntimeError("the demo server is running already")
        if self.books.scale > 1:
            # Small books are built at the first request; large ones would exceed a client's timeout.
            self.books.build()
        listener = _listen(*self._address)
        host, port = listener.getsockname()[:2]
        prefix = PREFIX if self.dialect == "live" else ""
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}"
        # Nothing is logged below critical: broken responses are intended here, and not failures.
        config = uvicorn.Config(
            self._app,
            ws="none",
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
        """Close the port and end the thread; without effect on a server that is not running."""
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
