"""The time limit of a request: from the first byte that is sent to the last byte that is received.

httpx's timeout is one of silence: it begins anew with every byte. A server that sends a byte now and then, or
interim responses without end, could hold a request for ever. The limit is therefore kept where bytes are read
and written: every step on the socket gets the time that remains of the whole request.
"""

from __future__ import annotations

import contextlib
import math
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

import httpcore
import httpx

from rutterframe.client.resolver import Resolver
from rutterframe.client.tunnel import TLSInTLS
from rutterframe.errors import ResponseTooLarge

#: The most bytes before a response begins: its headers, and all interim (1xx) responses before it.
LARGEST_HEAD = 2**20

# httpcore asks for a quarter of this, and each step of reading takes longer than to copy so many bytes.
_BYTES_PER_READ = 256 * 2**10
# Several steps of writing wait one by one; each of them gets a piece, and the time that remains.
_PIECE = 16 * 2**10

E = TypeVar("E", bound=Exception)


class Deadline(threading.local):
    """The limits of the request that this thread sends; without a request there is no limit.

    A request is sent and received in one thread, so that its connection needs no reference to it.
    """

    def __init__(self) -> None:
        self._seconds = self._moment = self._bytes = self._largest = math.inf

    def limit(self, seconds: float) -> Self:
        """Limit the request in the with block to so many seconds, and its head to `LARGEST_HEAD` bytes."""
        self._seconds, self._moment = seconds, time.monotonic() + seconds
        self._bytes = self._largest = LARGEST_HEAD
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = self._moment = self._bytes = self._largest = math.inf

    def expect(self, size: float) -> None:
        """Allow so many bytes from here on."""
        self._bytes = self._largest = size

    def received(self, size: int) -> None:
        """Count bytes that were received.

        Raises
        ------
        ResponseTooLarge
            If they are more than expected.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise ResponseTooLarge(f"The response is larger than {self._largest / 2**20:,.0f} MiB")

    def remaining(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return the shorter of a timeout and the time that remains; None if there is neither.

        Raises
        ------
        Exception
            The class that was passed, if no time remains.
        """
        moment = self._moment
        if moment == math.inf:
            return timeout
        seconds = moment - time.monotonic()
        if seconds <= 0:
            raise self.exceeded(error)
        return timeout if timeout is not None and timeout < seconds else seconds

    def exceeded(self, error: type[E]) -> E:
        """Return the error of a request that took too long."""
        return error(f"the response was not complete after {self._seconds:,g} seconds")


#: The limits of this thread's request.
DEADLINE = Deadline()


def enforce_deadline(transport: httpx.BaseTransport) -> None:
    """Let every connection of httpx's own transport keep the limits; another transport keeps its own."""
    pool = getattr(transport, "_pool", None)
    if isinstance(pool, httpcore.ConnectionPool) and not isinstance(pool._network_backend, _Backend):  # noqa: SLF001 - httpx has no parameter for it
        pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - as above


class _Backend(httpcore.NetworkBackend):
    """Opens connections that keep the limits of `DEADLINE`."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend
        self._resolver = Resolver()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        with _steps(timeout, httpcore.ConnectTimeout) as seconds:
            addresses = self._resolver.addresses(host, port, seconds)
        failure: Exception = httpcore.ConnectError("the name has no address")
        # One by one: Python would try each of them for the whole time.
        for address in addresses:
            try:
                with _steps(timeout, httpcore.ConnectTimeout) as seconds:
                    return _Stream(
                        self._backend.connect_tcp(
                            address, port, seconds, local_address, socket_options=socket_options
                        )
                    )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        with _steps(timeout, httpcore.ConnectTimeout) as seconds:
            return _Stream(self._backend.connect_unix_socket(path, seconds, socket_options=socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that keeps the limits of `DEADLINE` in each step."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # Without `_steps`, which takes thrice the time: a page is read in several steps.
        seconds = DEADLINE.remaining(timeout, httpcore.ReadTimeout)
        try:
            received = self._stream.read(max(max_bytes, _BYTES_PER_READ), seconds)
        except httpcore.ReadTimeout:
            if seconds == timeout:
                raise
        else:
            DEADLINE.received(len(received))
            return received
        raise DEADLINE.exceeded(httpcore.ReadTimeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            with _steps(timeout, httpcore.WriteTimeout) as seconds:
                self._stream.write(buffer[start : start + _PIECE], seconds)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        if self.get_extra_info("ssl_object") is not None:
            # Through a proxy that is reached by https: httpcore would begin the time anew with every byte.
            return TLSInTLS(self, ssl_context, server_hostname, timeout)
        with _steps(timeout, httpcore.ConnectTimeout) as seconds:
            return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@contextlib.contextmanager
def _steps(timeout: float | None, error: type[Exception]) -> Iterator[float | None]:
    """Yield the seconds for a step on the socket; raise the error of the limit if that ends them."""
    seconds = DEADLINE.remaining(timeout, error)
    try:
        yield seconds
    except httpcore.TimeoutException:
        if seconds != timeout:
            raise DEADLINE.exceeded(error) from None
        raise
