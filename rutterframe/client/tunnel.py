"""Connections through a proxy: closed if they cannot be opened, with an error that nothing was sent.

To a proxy that is reached by https the TLS of the API goes inside that of the proxy (`TLSInTLS`).

httpcore leaves a connection open when the proxy has accepted it and the TLS handshake with the API fails
(encode/httpcore#1023). It counts as busy for ever: after 64 of them every request would wait for a free one,
in vain.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpcore
import httpx

T = TypeVar("T")

# The most bytes that are read in one step.
_MAX_READ = 64 * 2**10

# Errors that httpcore does not distinguish from those of a request that was sent.
_TIMEOUTS = (httpcore.ReadTimeout, httpcore.WriteTimeout)
_BROKEN = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError, httpcore.LocalProtocolError)


def close_failed_tunnels(transport: httpx.BaseTransport) -> None:
    """Let httpx's own transport close the connections that its proxy did not open."""
    pool = getattr(transport, "_pool", None)
    if isinstance(pool, httpcore.HTTPProxy) and "create_connection" not in vars(pool):
        create = pool.create_connection
        vars(pool)["create_connection"] = lambda origin: _Tunnel(create(origin))


class _Tunnel(httpcore.ConnectionInterface):
    """A connection through a proxy."""

    def __init__(self, connection: httpcore.ConnectionInterface) -> None:
        self._connection = connection

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return self._connection.handle_request(request)
        except BaseException as error:
            if getattr(self._connection, "_connected", True):
                raise
            self._connection.close()
            if isinstance(error, _TIMEOUTS):
                raise httpcore.ConnectTimeout(str(error)) from None
            if isinstance(error, _BROKEN):
                raise httpcore.ProxyError(str(error)) from None
            raise

    def close(self) -> None:
        self._connection.close()

    def info(self) -> str:
        return self._connection.info()

    def can_handle_request(self, origin: httpcore.Origin) -> bool:
        return self._connection.can_handle_request(origin)

    def is_available(self) -> bool:
        return self._connection.is_available()

    def has_expired(self) -> bool:
        return self._connection.has_expired()

    def is_idle(self) -> bool:
        return self._connection.is_idle()

    def is_closed(self) -> bool:
        return self._connection.is_closed()


class TLSInTLS(httpcore.NetworkStream):
    """TLS inside the TLS of another connection, which limits the time of every step.

    Parameters
    ----------
    stream : httpcore.NetworkStream
        The connection to the proxy.
    ssl_context : ssl.SSLContext
        Trusted certificates and versions.
    server_hostname : str or None
        The host that the certificate must be valid for.
    timeout : float or None
        The most seconds of a step of the handshake.
    """

    def __init__(
        self,
        stream: httpcore.NetworkStream,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None,
        timeout: float | None,
    ) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = ssl_context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        with _tls_errors(httpcore.ConnectError):
            self._run(self._tls.do_handshake, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what was received; nothing at the end of the connection."""
        received = b""  # at the end, as Python's own sockets return it
        with (
            _tls_errors(httpcore.ReadError),
            contextlib.suppress(ssl.SSLZeroReturnError, ssl.SSLEOFError),
        ):
            received = self._run(lambda: self._tls.read(max_bytes), timeout)
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of a buffer."""
        with _tls_errors(httpcore.WriteError):
            while buffer:
                buffer = buffer[self._run(functools.partial(self._tls.write, buffer), timeout) :]

    def _run(self, step: Callable[[], T], timeout: float | None) -> T:
        """Take a step of TLS, with all that has to be sent and received for it."""
        while True:
            result: list[T] = []
            with contextlib.suppress(ssl.SSLWantReadError):
                result.append(step())
            if self._outgoing.pending:
                self._stream.write(self._outgoing.read(), timeout)
            if result:
                return result[0]
            if received := self._stream.read(_MAX_READ, timeout):
                self._incoming.write(received)
            else:
                self._incoming.write_eof()

    def close(self) -> None:
        """Close the connection to the proxy."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Return the TLS of the API; all else is that of the connection to the proxy."""
        return self._tls if info == "ssl_object" else self._stream.get_extra_info(info)


@contextlib.contextmanager
def _tls_errors(error: type[Exception]) -> Iterator[None]:
    """Raise errors of TLS as httpcore's, with the error of the certificate as their cause."""
    try:
        yield
    except ssl.SSLError as caught:
        raise error(str(caught)) from caught
