"""Loads side by side: a thread for each list that is read, one more that decodes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from rutterframe.loaders.list_load import Part
from rutterframe.loaders.progress import Progress

#: Lists that are read at the same time. The rate limit, not this number, keeps the peace with the API.
SIDE_BY_SIDE = 16
_DECODERS = 1
#: Seconds between two looks at whether Ctrl-C was pressed: some systems cannot interrupt a wait without end.
_LOOK = 0.5


def run(parts: Sequence[Part], stop: threading.Event, progress: Progress) -> None:
    """Load all parts; what fails is kept in its part. Returns early once another thread sets ``stop``.

    Even a single list is read in a thread of its own: Ctrl-C strikes the main thread at any instruction, and
    there it could fall between a page's arrival and its being kept.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after every thread has ended and all that was read is in its part.
    """
    workers = min(len(parts), SIDE_BY_SIDE)
    if not workers:
        return
    with (
        ThreadPoolExecutor(_DECODERS, "rutterframe-decode") as decoders,
        ThreadPoolExecutor(workers, "rutterframe-read") as readers,
    ):
        try:
            _wait([readers.submit(part.load, decoders, progress) for part in parts], parts, stop)
        except BaseException:
            stop.set()
            readers.shutdown(wait=False, cancel_futures=True)
            interrupt(parts)
            raise


def interrupt(parts: Sequence[Part]) -> None:
    """End every request of these parts that is under way; what should go on is tried again."""
    for session in {id(part.listing.session): part.listing.session for part in parts}.values():
        session.interrupt()


def _wait(loads: Sequence[Future[None]], parts: Sequence[Part], stop: threading.Event) -> None:
    """Wait until all have ended, or one has failed in a way that is not kept in its part."""
    for load in loads:
        while not load.done():
            wait([load], timeout=_LOOK)
            if stop.is_set():
                # Again at each look: a request may have gone out between the order to stop and the last one.
                interrupt(parts)
        load.result()
