"""The pending refreshes: a set of connections and resources, however many messages ask for them."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rutterframe.webhook_server.events import Change, Scope
from rutterframe.webhook_server.journal import Journal

#: The most lists that may be pending: thousands of connections have no more.
MAX_PENDING = 500_000
# Seconds until a failed refresh is tried again, doubled with each failure in a row up to the longest.
_FIRST_RETRY, _LONGEST_RETRY = 30.0, 6 * 3600.0
# A message brings a retry forward to so many seconds from now: the business may have signed in again.
_RETRY_AFTER_MESSAGE = 300.0


class QueueFull(Exception):
    """More lists are pending than are allowed."""


@dataclass(slots=True)
class _Entry:
    """A pending list: how much of it, when it is due (by the monotonic clock), and its failures in a row."""

    scope: Scope
    due: float
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A list of which the newest refresh failed.

    Attributes
    ----------
    connection_id, resource : str
        The list.
    error : str
        The first line of the error.
    attempts : int
        How many refreshes failed in a row.
    since : datetime
        The time of the first of them.
    """

    connection_id: str
    resource: str
    error: str
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is pending, in lists.

    Attributes
    ----------
    waiting, retrying, running : int
        Lists that wait for their first refresh, that wait after a failure, and that are being refreshed.
    oldest : float
        Seconds for which the first of the waiting lists has been due; 0 if none is due.
    """

    waiting: int
    retrying: int
    running: int
    oldest: float


class Pending:
    """The lists to refresh, in memory and in a file, for several threads.

    A message adds lists. A worker takes all lists of one connection that are due, and a connection is with
    one worker at a time. A list that is added while it is refreshed is refreshed once more: its change may be
    too late for the requests that were sent.

    Parameters
    ----------
    journal : Journal
        Notes what is pending; lists in it are due at once.
    wait : float
        Seconds between a message and the refresh, in which more messages of the connection become part of it.
    clock : callable
        Returns the monotonic time in seconds.
    """

    def __init__(self, journal: Journal, *, wait: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._journal, self._wait, self._clock = journal, wait, clock
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, _Entry]] = {}
        self._running: dict[str, dict[str, _Entry]] = {}
        self._failures: dict[tuple[str, str], Failure] = {}
        self._due: list[tuple[float, str]] = []
        self._closed = False
        self._noted = {(one.connection_id, one.resource): one.scope for one in journal.read()}
        for (connection_id, resource), scope in self._noted.items():
            self._enter(connection_id, resource, _Entry(scope, clock()))

    def covers(self, changes: Iterable[Change]) -> bool:
        """Return whether all of these lists wait already, so that nothing is to be noted.

        It takes no lock: a list that a worker takes at this moment is requested after the message.
        """
        return all(
            (entry := self._waiting.get(one.connection_id, {}).get(one.resource)) is not None
            and entry.scope >= one.scope
            and entry.attempts == 0
            for one in changes
        )

    def add(self, changes: Sequence[Change]) -> None:
        """Add lists; when it returns they are on the disk.

        Raises
        ------
        QueueFull
            If too many lists are pending: nothing was added.
        OSError
            If the file cannot be written: nothing was added.
        """
        wanted: dict[tuple[str, str], Scope] = {}
        for one in changes:
            key = (one.connection_id, one.resource)
            wanted[key] = max(one.scope, wanted.get(key, one.scope))
        with self._changed:
            new = {key: scope for key, scope in wanted.items() if scope > self._noted.get(key, -1)}
            if len(self._noted.keys() | new.keys()) > MAX_PENDING:
                raise QueueFull
            if new:
                self._journal.add(Change(*key, scope) for key, scope in new.items())
            self._noted.update(new)
            now = self._clock()
            for (connection_id, resource), scope in wanted.items():
                entry = self._waiting.get(connection_id, {}).get(resource)
                if entry is None:
                    self._enter(connection_id, resource, _Entry(scope, now + self._wait))
                    continue
                entry.scope = max(entry.scope, scope)
                if entry.due > now + _RETRY_AFTER_MESSAGE:
                    entry.due = now + _RETRY_AFTER_MESSAGE
                    heapq.heappush(self._due, (entry.due, connection_id))
            self._changed.notify_all()

    def take(self) -> list[Change]:
        """Wait until a connection has lists that are due, and return them; none once this is closed."""
        with self._changed:
            while not self._closed:
                changes = self._next()
                if changes:
                    return changes
                seconds = self._due[0][0] - self._clock() if self._due else None
                self._changed.wait(None if seconds is None else max(seconds, 0.0))
            return []

    def finish(
        self, changes: Sequence[Change], errors: Mapping[str, str], skipped: Iterable[str] = ()
    ) -> None:
        """End what a worker has taken.

        Parameters
        ----------
        changes : sequence of Change
            The lists of one connection, as `take` returned them.
        errors : mapping of str to str
            By resource, the error of those that failed: they are tried again later.
        skipped : iterable of str
            The resources that were not tried to the end, since the server stops: they are pending as before.

        Raises
        ------
        OSError
            If the file cannot be written: those that are done are refreshed once more after a restart.
        """
        with self._changed:
            connection_id = changes[0].connection_id
            running = self._running.pop(connection_id)
            unfinished = {*skipped}
            for resource, entry in running.items():
                if resource in errors:
                    self._retry(connection_id, resource, entry, errors[resource])
                elif resource in unfinished:
                    self._enter(connection_id, resource, entry)
                else:
                    self._failures.pop((connection_id, resource), None)
            waiting = self._waiting.get(connection_id, {})
            for entry in waiting.values():
                heapq.heappush(self._due, (entry.due, connection_id))
            self._changed.notify_all()
            ended = [(connection_id, resource) for resource in running if resource not in waiting]
            if ended:
                self._journal.remove(ended)
            for key in ended:
                del self._noted[key]

    def close(self) -> None:
        """Let every `take` return: nothing more is begun."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until nothing is pending but retries; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (
                    not self._running
                    and all(entry.attempts for lists in self._waiting.values() for entry in lists.values())
                ),
                seconds,
            )

    @property
    def counts(self) -> Counts:
        """How much is pending."""
        with self._changed:
            entries = [entry for lists in self._waiting.values() for entry in lists.values()]
            now = self._clock()
            due = [now - entry.due for entry in entries if not entry.attempts]
            return Counts(
                waiting=len(due),
                retrying=len(entries) - len(due),
                running=sum(map(len, self._running.values())),
                oldest=max([0.0, *due]),
            )

    @property
    def failures(self) -> list[Failure]:
        """The lists of which the newest refresh failed, the oldest failure first."""
        with self._changed:
            return sorted(self._failures.values(), key=lambda failure: failure.since)

    def _enter(self, connection_id: str, resource: str, entry: _Entry) -> None:
        """Let a list wait; one that a message has put back meanwhile becomes part of it."""
        lists = self._waiting.setdefault(connection_id, {})
        if (other := lists.get(resource)) is not None:
            due = max(entry.due, other.due) if entry.attempts else min(entry.due, other.due)
            entry = _Entry(max(entry.scope, other.scope), due, entry.attempts)
        lists[resource] = entry
        heapq.heappush(self._due, (entry.due, connection_id))

    def _retry(self, connection_id: str, resource: str, entry: _Entry, error: str) -> None:
        attempts = entry.attempts + 1
        seconds = min(_FIRST_RETRY * 2 ** min(attempts - 1, 20), _LONGEST_RETRY)
        # Not all lists of an API that was down are tried again at the same moment.
        seconds *= random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
        self._enter(connection_id, resource, _Entry(entry.scope, self._clock() + seconds, attempts))
        known = self._failures.get((connection_id, resource))
        since = datetime.now(UTC) if known is None else known.since
        self._failures[connection_id, resource] = Failure(connection_id, resource, error, attempts, since)

    def _next(self) -> list[Change]:
        """Take the lists that are due of the first connection that is not being refreshed."""
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, connection_id = heapq.heappop(self._due)
            lists = self._waiting.get(connection_id, {})
            due = {resource: entry for resource, entry in lists.items() if entry.due <= now}
            if not due or connection_id in self._running:
                continue  # taken before, or `finish` puts it back
            self._running[connection_id] = due
            rest = {resource: entry for resource, entry in lists.items() if resource not in due}
            if rest:
                self._waiting[connection_id] = rest
            else:
                del self._waiting[connection_id]
            return [Change(connection_id, resource, entry.scope) for resource, entry in due.items()]
        return []
