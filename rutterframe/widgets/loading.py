"""One load, from the click to its frames: in a thread of its own, so that the kernel hears Cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import pandas as pd

from rutterframe.errors import LoadInterrupted
from rutterframe.loaders import Standing, StoppableLoad

#: Seconds between two looks at how far it is: more often, and the browser is busy drawing numbers.
LOOK = 0.2


class Frames(dict[str, pd.DataFrame]):
    """The frames of the last load, by resource; says what to do where there is none.

    Examples
    --------
    >>> Frames()["invoices"]
    Traceback (most recent call last):
    KeyError: "'invoices' was not loaded (loaded: nothing). Choose it, then press Load or call load()."
    """

    def __missing__(self, resource: str) -> pd.DataFrame:
        """Raise a KeyError that says what there is."""
        there = ", ".join(self) or "nothing"
        raise KeyError(
            f"{resource!r} was not loaded (loaded: {there}). Choose it, then press Load or call load()."
        )


class Loading:
    """A load under way, and then what came of it.

    Parameters
    ----------
    load : StoppableLoad
        What to load.
    tell : callable
        Is called at each look and once at the end, in the thread of the load.

    Attributes
    ----------
    frames : dict of str to pandas.DataFrame
        What was loaded; empty until the end, and after a load that did not reach it.
    error : BaseException or None
        Why there are no frames: `LoadInterrupted` after a Cancel.
    ended, cancelling : bool
        Whether it is over; whether it was told to stop.
    """

    def __init__(self, load: StoppableLoad, tell: Callable[[], None]) -> None:
        self._load = load
        self._tell = tell
        self._told = threading.Event()
        self.frames = Frames()
        self.error: BaseException | None = None
        self.cancelling = False
        self.ended = False

    def start(self) -> None:
        """Load in a thread of its own."""
        threading.Thread(target=self.run, name="rutterframe-picker", daemon=True).start()

    def run(self) -> None:
        """Load in this thread; what goes wrong is kept, not raised."""
        with ThreadPoolExecutor(1, "rutterframe-load") as pool:
            future = pool.submit(self._load.run)
            try:
                while not future.done():
                    self._tell()
                    wait([future], timeout=LOOK)
            except KeyboardInterrupt:  # where it runs in the kernel's own thread
                self.cancel()
            self.error = future.exception()
        if self.error is None:
            self.frames.update(future.result())
        self.ended = True
        self._tell()
        self._told.set()

    def cancel(self) -> None:
        """End it; it stays as it is if it has ended."""
        if not self.ended:
            self.cancelling = True
            self._load.stop()

    def wait(self, seconds: float) -> bool:
        """Wait until the end was told, and say whether it has come."""
        return self._told.wait(seconds)

    @property
    def cancelled(self) -> bool:
        """Whether it ended by being told to stop."""
        return isinstance(self.error, LoadInterrupted)

    def standings(self) -> dict[str, list[Standing]]:
        """Say how far each connection is; at the end with the rows of the frames, duplicates left out."""
        found: dict[str, list[Standing]] = {}
        for one in self._load.standings():
            counted = replace(one, rows=self._rows(one)) if one.resource in self.frames else one
            found.setdefault(one.connection_id, []).append(counted)
        return found

    def _rows(self, one: Standing) -> int:
        told = self.frames[one.resource].attrs["receipt"]["per_connection"]
        rows: int = told[one.connection_id]["rows"]
        return rows
