"""Threads that refresh what is pending, one connection each at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from rutterframe.errors import LoadInterrupted, RutterframeError
from rutterframe.notebook.escape import printable
from rutterframe.webhook_server.events import Change, Scope
from rutterframe.webhook_server.pending import Pending

_log = logging.getLogger("rutterframe")
# Characters of an error that are noted.
_MAX_ERROR = 300


#: Refreshes resources of a connection, with a scope, and returns a row for each, as `rf.refresh` does. If the
#: event is set, it raises LoadInterrupted, or returns no row for lists that it has not committed.
Refresh = Callable[[str, Sequence[str], Scope, threading.Event], pd.DataFrame]


@dataclass(slots=True)
class Totals:
    """What the workers have done.

    Attributes
    ----------
    lists, failed : int
        How many lists were refreshed, and how many refreshes of a list failed.
    newest : datetime or None
        The time of the newest refresh that succeeded.
    """

    lists: int = 0
    failed: int = 0
    newest: datetime | None = None


class Workers:
    """A few threads that refresh.

    Parameters
    ----------
    pending : Pending
        What to refresh.
    refresh : callable
        Refreshes lists of one connection.
    count : int
        How many connections are refreshed side by side.
    """

    def __init__(self, pending: Pending, refresh: Refresh, *, count: int) -> None:
        self._pending, self._refresh = pending, refresh
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.totals = Totals()
        self._threads = [
            threading.Thread(target=self._work, name=f"rutterframe-webhooks-{number}")
            for number in range(count)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float, *, at_once: Callable[[], bool] = lambda: False) -> None:
        """Begin nothing more, wait for the refreshes under way, and stop those that take longer.

        Parameters
        ----------
        seconds : float
            How long to wait. A refresh that is stopped leaves its lists pending, and the dataset as it was.
        at_once : callable
            Returns whether to wait no longer.
        """
        self._pending.close()
        end = time.monotonic() + seconds
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < end and not at_once():
                thread.join(0.1)
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _work(self) -> None:
        while changes := self._pending.take():
            errors: dict[str, str] = {}
            skipped: set[str] = set()
            for scope in sorted({one.scope for one in changes}):
                names = [one.resource for one in changes if one.scope is scope]
                self._refresh_lists(changes[0].connection_id, names, scope, errors, skipped)
            self._count(changes, errors, skipped)
            try:
                self._pending.finish(changes, errors, skipped)
            except OSError as error:
                _log.error("%s", printable(str(error)))

    def _refresh_lists(
        self, connection_id: str, names: list[str], scope: Scope, errors: dict[str, str], skipped: set[str]
    ) -> None:
        """Refresh lists with one scope, and sort them into failed and skipped ones."""
        try:
            rows = self._refresh(connection_id, names, scope, self._stop).to_dict("records")
        except LoadInterrupted:
            rows = []
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave its connection pending
            # Of an unforeseen error only its kind: its text may have anything in it.
            known = isinstance(error, RutterframeError | OSError | ValueError)
            errors.update(dict.fromkeys(names, _first_line(str(error)) if known else type(error).__name__))
            return
        failed = {row["resource"]: row["error"] for row in rows if row["status"] == "failed"}
        errors.update({name: _first_line(str(error)) for name, error in failed.items()})
        missing = [name for name in names if name not in {row["resource"] for row in rows}]
        if self._stop.is_set():
            skipped.update(missing)
        else:
            errors.update(dict.fromkeys(missing, "the refresh returned no outcome"))

    def _count(self, changes: Sequence[Change], errors: dict[str, str], skipped: set[str]) -> None:
        connection_id = changes[0].connection_id
        ended = len(changes) - len(errors) - len(skipped)
        with self._lock:
            self.totals.lists += ended
            self.totals.failed += len(errors)
            if ended:
                self.totals.newest = datetime.now(UTC)
        for error in dict.fromkeys(errors.values()):
            names = ", ".join(name for name, its in errors.items() if its == error)
            _log.error("%s", printable(f"{connection_id}: {names} not refreshed, to be tried again: {error}"))


def _first_line(text: str) -> str:
    """Return the first line of an error: what happened, without where and what to do."""
    line = printable(text.partition("\n")[0])
    return line if len(line) <= _MAX_ERROR else f"{line[:_MAX_ERROR]}…"
