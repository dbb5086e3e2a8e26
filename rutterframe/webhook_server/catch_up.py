"""Refresh all connections at the start and at intervals: messages may have been lost on their way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rutterframe.dialects import Dialect
from rutterframe.errors import RutterframeError
from rutterframe.notebook.escape import printable
from rutterframe.webhook_server.events import changes_of_connection
from rutterframe.webhook_server.pending import Pending

_log = logging.getLogger("rutterframe")
# Seconds until a list of connections that could not be read is read again, doubled up to an hour.
_FIRST_RETRY, _LONGEST_RETRY = 60.0, 3600.0
# Connections that are added with one commit: messages wait for it.
_AT_ONCE = 100


class CatchUp:
    """A thread that adds all connections to the pending refreshes, at its start and then at intervals.

    Parameters
    ----------
    pending : Pending
        The lists to refresh.
    list_connections : callable
        Returns the ids of the connections.
    dialect : Dialect
        The dialect, which has the resources.
    resources : sequence of str, optional
        The resources; all when left out.
    hours : float
        How often.

    Attributes
    ----------
    queued_at : datetime or None
        When the lists of all connections were last added to the pending ones.
    error : str or None
        Why the connections could not be listed since.
    """

    def __init__(
        self,
        pending: Pending,
        list_connections: Callable[[], Sequence[str]],
        dialect: Dialect,
        *,
        resources: Sequence[str] | None,
        hours: float,
    ) -> None:
        self._pending, self._list, self._dialect = pending, list_connections, dialect
        self._resources = None if resources is None else frozenset(resources)
        self._seconds = hours * 3600.0
        self._stop = threading.Event()
        # A daemon: to list connections may take longer than a stop should.
        self._thread = threading.Thread(target=self._run, name="rutterframe-catch-up", daemon=True)
        self.queued_at: datetime | None = None
        self.error: str | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, at the latest when the connections are listed."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        retry = _FIRST_RETRY
        while True:
            try:
                self._add_all()
                seconds, retry = self._seconds, _FIRST_RETRY
            except Exception as error:  # noqa: BLE001 - this thread is what finds messages that were lost
                if self._stop.is_set():
                    return
                is_known = isinstance(error, RutterframeError | OSError)
                self.error = printable(str(error).partition("\n")[0]) if is_known else type(error).__name__
                _log.error("The connections are not caught up: %s", self.error)
                seconds, retry = min(retry, self._seconds), min(retry * 2, _LONGEST_RETRY)
            if self._stop.wait(seconds):
                return

    def _add_all(self) -> None:
        ids = self._list()
        for first in range(0, len(ids), _AT_ONCE):
            self._pending.add(
                [
                    change
                    for connection_id in ids[first : first + _AT_ONCE]
                    for change in changes_of_connection(connection_id, self._dialect)
                    if self._resources is None or change.resource in self._resources
                ]
            )
        self.queued_at, self.error = datetime.now(UTC), None
        _log.info("Catching up %d %s", len(ids), "connection" if len(ids) == 1 else "connections")
