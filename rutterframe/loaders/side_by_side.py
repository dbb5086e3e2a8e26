"""What lists that are read side by side share: decoder, progress, and a budget of bytes in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rutterframe.client import Stopped
from rutterframe.loaders.threads import INTERVAL

T = TypeVar("T")

#: Bytes of pages that may wait to be decoded, over all lists of a load.
BYTES_IN_FLIGHT = 64 * 1024 * 1024


class SameThread(Executor):
    """An executor that runs what is submitted at once, in the thread that submits it."""

    def submit(self, run: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it, and return its result as a future."""
        future: Future[T] = Future()
        try:
            future.set_result(run(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - raised by the future's result()
            future.set_exception(error)
        return future


#: Decodes in the thread that reads.
SAME_THREAD = SameThread()


class ByteBudget:
    """Counts the bytes of pages that were read and not decoded yet; readers wait while there are too many.

    How large a page is, is known only once it was read: each reader that began before the limit was reached
    may exceed it by one page. A page is always allowed where none is in flight, however large it is.

    Parameters
    ----------
    limit : int
        The most bytes.
    """

    def __init__(self, limit: int = BYTES_IN_FLIGHT) -> None:
        self._limit = limit
        self._size = 0
        self._peak = 0
        self._released = threading.Condition()

    @property
    def size(self) -> int:
        """The bytes in flight."""
        return self._size

    @property
    def peak(self) -> int:
        """The most bytes that were in flight at the same time."""
        return self._peak

    @property
    def is_used_up(self) -> bool:
        """Whether a reader has to wait."""
        return self._size >= self._limit

    def wait(self, stop: threading.Event) -> None:
        """Wait until a page may be read.

        Parameters
        ----------
        stop : threading.Event
            Ends the wait once it is set.

        Raises
        ------
        Stopped
            If the event is set before.
        """
        if not self.is_used_up:
            return
        with self._released:
            while self.is_used_up:
                if stop.is_set():
                    raise Stopped
                self._released.wait(INTERVAL)

    def add(self, size: int) -> None:
        """Count the bytes of a page that was read."""
        with self._released:
            self._size += size
            self._peak = max(self._peak, self._size)

    def release(self, size: int) -> None:
        """Count bytes as decoded, or as given up."""
        with self._released:
            self._size -= size
            self._released.notify_all()


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What the lists of a load share while they are read.

    Attributes
    ----------
    decoders : Executor
        Decodes pages while the next ones are read.
    page_read : callable
        Is called after each page.
    budget : ByteBudget
        The bytes that may be in flight.
    others_wait : callable
        Returns whether lists wait for a thread: then each list is read for a few pages at a time.
    """

    decoders: Executor = SAME_THREAD
    page_read: Callable[[], None] = lambda: None
    budget: ByteBudget = field(default_factory=ByteBudget)
    others_wait: Callable[[], bool] = lambda: False
