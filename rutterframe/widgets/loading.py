"""One load, from the click to its frames: in a thread of its own, so that the kernel can handle Cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from rutterframe.errors import LoadInterrupted
from rutterframe.loaders import ListProgress, LoadJob
from rutterframe.widgets.selection import Choice


class Frames(dict[str, pd.DataFrame]):
    """The frames of the last load, by resource; a missing one is an error that says what to do.

    Examples
    --------
    >>> Frames()["invoices"]
    Traceback (most recent call last):
    KeyError: "'invoices' was not loaded (loaded: nothing). Choose it, then press Load or call load()."
    """

    def __missing__(self, resource: str) -> pd.DataFrame:
        """Raise a KeyError that names the frames."""
        names = ", ".join(self) or "nothing"
        raise KeyError(
            f"{resource!r} was not loaded (loaded: {names}). Choose it, then press Load or call load()."
        )


class Loading:
    """A load under way, and its result.

    Parameters
    ----------
    job : LoadJob
        The load.
    choice : Choice
        What it loads.
    update : callable
        Is called a few times a second and once at the end, in the thread of the load.

    Attributes
    ----------
    choice : Choice or None
        What it loads; None once a token was typed since, so that it counts as another choice.
    frames : dict of str to pandas.DataFrame
        What was loaded; empty until the end, and after a load that did not reach it.
    error : BaseException or None
        Why there are no frames: `LoadInterrupted` after a Cancel.
    ended, cancelling : bool
        Whether it is over; whether it was ordered to stop.
    """

    def __init__(self, job: LoadJob, choice: Choice, update: Callable[[], None]) -> None:
        self._job = job
        self.choice: Choice | None = choice
        self._update = update
        self._updated_at_end = threading.Event()
        self.frames = Frames()
        self.error: BaseException | None = None
        self.cancelling = False
        self.ended = False

    def start(self) -> None:
        """Load in a thread of its own."""
        threading.Thread(target=self.run, name="rutterframe-picker", daemon=True).start()

    def run(self) -> None:
        """Load, and wait for the end; an error becomes an attribute, and is not raised."""
        self._update()
        try:
            self.frames.update(self._job.run(watch=self._update))
        except BaseException as error:  # noqa: BLE001 - Ctrl-C as well, where it runs in the kernel's own thread
            self.error = error
        self.ended = True
        self._update()
        self._updated_at_end.set()

    def cancel(self) -> None:
        """End it; it stays as it is if it has ended."""
        if not self.ended:
            self.cancelling = True
            self._job.stop()

    def wait(self, seconds: float) -> bool:
        """Wait until the end was shown, and return whether it was."""
        return self._updated_at_end.wait(seconds)

    def join(self) -> None:
        """Wait for the end; Ctrl-C ends the load."""
        try:
            while not self.wait(1.0):
                pass
        except KeyboardInterrupt:
            self.cancel()
            self._updated_at_end.wait()

    @property
    def cancelled(self) -> bool:
        """Whether it ended because it was ordered to stop."""
        return isinstance(self.error, LoadInterrupted)

    def progress(self) -> dict[str, list[ListProgress]]:
        """Return how far each connection is; at the end with the rows of the frames, duplicates left out."""
        by_connection: dict[str, list[ListProgress]] = {}
        counted: set[tuple[str, str]] = set()
        for progress in self._job.progress():
            key = (progress.connection_id, progress.resource)
            # A connection may have several lists for one frame: the first one has the frame's rows.
            is_loaded = progress.resource in self.frames
            rows = 0 if key in counted else self._rows(progress) if is_loaded else progress.rows
            if is_loaded:
                counted.add(key)
            by_connection.setdefault(progress.connection_id, []).append(replace(progress, rows=rows))
        return by_connection

    def _rows(self, progress: ListProgress) -> int:
        per_connection = self.frames[progress.resource].attrs["receipt"]["per_connection"]
        rows: int = per_connection[progress.connection_id]["rows"]
        return rows
