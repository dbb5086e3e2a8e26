"""The server of webhooks: its socket, its threads, and how it stops."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from rutterframe.dialects import Dialect
from rutterframe.webhook_server.app import PATH, Receiver
from rutterframe.webhook_server.catch_up import CatchUp
from rutterframe.webhook_server.journal import Journal
from rutterframe.webhook_server.pending import Pending
from rutterframe.webhook_server.protocol import TimedProtocol
from rutterframe.webhook_server.workers import Refresh, Workers

_BACKLOG = 2048
# Open connections, of which each may hold a message of the largest size.
_MAX_CONNECTIONS = 500
# Seconds for messages that are being answered when the server stops.
_ANSWER_SECONDS = 5
_MAX_HEADERS = 16 * 1024
# How many failures the health lists by name.
_MAX_FAILURES = 20


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server listens, refreshes and stops.

    Attributes
    ----------
    host, port : str, int
        Where it listens; port 0 is a free one.
    wait : float
        Seconds between a message and its refresh, in which more messages of the connection join it.
    workers : int
        How many connections are refreshed side by side.
    catch_up : float
        Hours between refreshes of all connections, of which the first is at the start; 0 for none.
    grace : float
        Seconds that a stop waits for refreshes under way.
    """

    host: str = "127.0.0.1"
    port: int = 8790
    wait: float = 5.0
    workers: int = 4
    catch_up: float = 24.0
    grace: float = 20.0


class WebhookServer:
    """Receives webhooks, and refreshes a dataset accordingly; a context manager around `serve`.

    Parameters
    ----------
    refresh : callable
        Refreshes lists of one connection.
    client_secret : SecretStr
        Signs the messages.
    dialect : Dialect
        The dialect of the dataset.
    state : Path
        The file that notes what is pending.
    list_connections : callable
        Returns the ids of the connections to catch up.
    resources, connections : sequence of str, optional
        The resources, and the connections, to refresh; all when left out.
    options : ServerOptions
        How it listens, refreshes and stops.

    Attributes
    ----------
    pending : Pending
        What is to be refreshed.
    ready : threading.Event
        Set when messages are answered.
    is_stopping : bool
        Whether no more messages are answered.

    Raises
    ------
    OSError
        If the address cannot be listened on, or the file cannot be used.
    """

    def __init__(
        self,
        refresh: Refresh,
        client_secret: SecretStr,
        dialect: Dialect,
        state: Path,
        *,
        list_connections: Callable[[], Sequence[str]] = list,
        resources: Sequence[str] | None = None,
        connections: Sequence[str] | None = None,
        options: ServerOptions = ServerOptions(),
    ) -> None:
        self._options = options
        # First: where this fails no folder and no file is created.
        self._listener = _listen(options.host, options.port)
        try:
            self._journal = Journal(state)
        except BaseException:
            self._listener.close()
            raise
        self.pending = Pending(self._journal, wait=options.wait)
        self._workers = Workers(self.pending, refresh, count=options.workers)
        self._catch_up = CatchUp(
            self.pending, list_connections, dialect, resources=resources, hours=options.catch_up
        )
        self._receiver = Receiver(
            self.pending,
            client_secret,
            dialect,
            resources=resources,
            connections=connections,
            health=self.health,
        )
        self._started = datetime.now(UTC)
        self._at_once = threading.Event()
        self.ready = threading.Event()
        self.is_stopping = False
        self._server = _Server(self._receiver, self.ready)

    @property
    def app(self) -> Starlette:
        """The application, to which routes may be added before `serve`."""
        return self._receiver.app

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port that it listens on."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    @property
    def url(self) -> str:
        """The address of messages."""
        host, port = self.address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"

    def serve(self) -> None:
        """Answer messages until SIGTERM or Ctrl-C, or `shut_down`.

        Then nothing more is accepted or begun, and refreshes under way have some time to end; a second signal
        ends them at once. What is pending stays in the file, and the next start continues with it.
        """
        with _signals(self._at_once.set) as stopping:
            self._workers.start()
            if self._options.catch_up:
                self._catch_up.start()
            try:
                self._server.run(sockets=[self._listener])
            finally:
                stopping()
                self.is_stopping = True
                self.close()

    def shut_down(self) -> None:
        """Let `serve` return, from another thread."""
        self._server.should_exit = True

    def close(self) -> None:
        """Stop the threads, and close socket and file; again it makes no difference."""
        self._listener.close()
        self._catch_up.stop()
        self._workers.stop(self._options.grace, at_once=self._at_once.is_set)
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def health(self) -> dict[str, Any]:
        """Return the state of the server: what is pending, what was refreshed, what fails; nothing secret."""
        counts, totals, failures = self.pending.counts, self._workers.totals, self.pending.failures
        return {
            "started": _text(self._started),
            "pending": {
                "waiting": counts.waiting,
                "retrying": counts.retrying,
                "running": counts.running,
                "oldest_seconds": round(counts.oldest, 1),
            },
            "refreshes": {"lists": totals.lists, "failed": totals.failed, "newest": _text(totals.newest)},
            "catch_up": {"queued_at": _text(self._catch_up.queued_at), "error": self._catch_up.error},
            "failing": len(failures),
            "failures": [
                {
                    "connection_id": one.connection_id,
                    "resource": one.resource,
                    "error": one.error,
                    "attempts": one.attempts,
                    "since": _text(one.since),
                }
                for one in failures[:_MAX_FAILURES]
            ],
        }


class _Server(uvicorn.Server):
    """A uvicorn server that sets an event when it is ready."""

    def __init__(self, receiver: Receiver, ready: threading.Event) -> None:
        self._ready = ready
        # The log has no line for each request: the receiver logs events, without queries and headers.
        super().__init__(
            uvicorn.Config(
                receiver.app,
                http=TimedProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_MAX_CONNECTIONS,
                h11_max_incomplete_event_size=_MAX_HEADERS,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=_ANSWER_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@contextlib.contextmanager
def _signals(second: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Take signals in the main thread: uvicorn stops at the first one, and `second` is called for another.

    uvicorn raises the signal again when it has stopped, which would end the process before the refreshes are
    noted; so it has no effect until the function that this yields is called.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    is_stopping = False

    def stopping() -> None:
        nonlocal is_stopping
        is_stopping = True

    def take(*_: object) -> None:
        if is_stopping:
            second()

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _listen(host: str, port: int) -> socket.socket:
    """Listen on an address; the error names it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        # Python repeats the address after the reason.
        reason = str(getattr(error, "strerror", None) or error).partition(" (while")[0]
        raise OSError(
            f"Cannot listen on {host} port {port}: {reason}\n"
            f"Next: stop the program that uses it, or name another --host or --port."
        ) from None
    # asyncio switches Nagle's delay off only for sockets that name their protocol.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listener.detach())


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
