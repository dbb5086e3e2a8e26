"""A time limit for the headers of a request, which uvicorn does not have."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds from the first byte of a request, or from the opening of the connection, to the end of its headers.
HEADER_SECONDS = 10.0


class TimedProtocol(H11Protocol):
    """Closes a connection on which the headers of a request take too long.

    uvicorn limits how long a connection is idle after a response. One that sends nothing at first, or a byte
    now and then, would stay open, and many of them would leave none for the API.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Read a part of a request: end to wait if its headers are complete."""
        super().data_received(data)
        if self._is_answering:
            self._cancel()
        else:
            self._start()

    def on_response_complete(self) -> None:
        """Wait for the next request: uvicorn's own limit holds until its first byte."""
        self._cancel()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End to wait."""
        self._cancel()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, which its type does not say
        return cycle is not None and not cycle.response_complete

    def _start(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self._expire)

    def _expire(self) -> None:
        self._timer = None
        if not self._is_answering:
            self.transport.close()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
