"""Read the commits of a Delta table: the notes of refreshes, and the version at a moment."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, SupportsIndex

import pyarrow as pa
from deltalake import DeltaTable

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.log import commit_infos
from rutterframe.dataset.notes import NOTE, parse_note
from rutterframe.dataset.summaries import SUMMARY, Notes, parse_summary, write_summary

#: A summary of n connections is written once in n / 10 commits.
_CONNECTIONS_PER_COMMIT = 10
#: A version of a table, or a moment: the last version until then.
Version = SupportsIndex | str | date | datetime


def notes(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the notes of all refreshes up to the table's version, newest first.

    Each has the keys of the note, and the version and time (milliseconds since 1970) of its commit.
    """
    for version, info in commit_infos(table):
        if NOTE in info:
            yield parse_note(info, version)


def stored_rows(table: DeltaTable) -> dict[str, int | None]:
    """Return the rows of each connection by the log, deleted ones included; None where it has no number."""
    actions = pa.table(table.get_add_actions(flatten=True))
    names, rows = actions["partition.connection_id"].to_pylist(), actions["num_records"].to_pylist()
    total: dict[str, int | None] = {}
    for name, number in zip(names, rows, strict=True):
        before = total.get(name, 0)
        total[name] = None if number is None or before is None else before + number
    return total


def file_names(table: DeltaTable) -> dict[str, list[str]]:
    """Return the names of each connection's files, without their folder, by the log."""
    actions = pa.table(table.get_add_actions(flatten=True))
    names: dict[str, list[str]] = {}
    paths = actions["path"].to_pylist()
    for name, path in zip(actions["partition.connection_id"].to_pylist(), paths, strict=True):
        names.setdefault(name, []).append(path.rpartition("/")[2])
    return names


@dataclass(slots=True)
class Refreshes:
    """What the refreshes of a table have read, by connection.

    Attributes
    ----------
    read : mutable mapping
        The newest note of each connection that was read.
    failures : mutable mapping
        The newest failure of each connection that was not read since.
    requested : collection of str
        Other connections that were requested, by id.
    version : int
        The version of the table up to which it is known.
    summarised : int
        The newest version with a summary in its commit; -1 if there is none.
    """

    read: MutableMapping[str, dict[str, Any]] = field(default_factory=Notes)
    failures: MutableMapping[str, dict[str, Any]] = field(default_factory=Notes)
    requested: Collection[str] = ()
    version: int = -1
    summarised: int = -1

    @property
    def available(self) -> list[str]:
        """The connections that a frame can have: those that were read, and those without such a list."""
        absent = [name for name, note in self.failures.items() if note.get("not_offered")]
        return [*self.read, *(name for name in absent if name not in self.read)]

    @property
    def missing(self) -> list[str]:
        """Connections that were requested and never read, by id."""
        return sorted({*self.requested, *self.failures}.difference(self.available))

    def advance(self, table: DeltaTable) -> None:
        """Add the notes of the commits up to the version of a table that is open.

        The log is read from its end to the newest summary, or to what is known.
        """
        later: list[dict[str, Any]] = []
        first = self.version < 0
        for version, info in commit_infos(table, after=self.version):
            if NOTE in info:
                later.append(parse_note(info, version))
            if SUMMARY in info:
                self.summarised = max(version, self.summarised)
                if first:
                    self.read, self.failures, self.requested = parse_summary(info, version)
                    break
        for note in reversed(later):
            self._add(note)
        self.version = table.version()

    def _add(self, note: dict[str, Any]) -> None:
        connection = note["connection_id"]
        if note.get("is_removal"):
            self.read.pop(connection, None)
            self.failures.pop(connection, None)
            self.requested = {*self.requested} - {connection}
            return
        if note.get("connections"):
            self.requested = {*self.requested, *note["connections"]}
        if "receipt" in note:
            self.read[connection] = note
            if connection in self.failures:
                del self.failures[connection]
        else:
            self.failures[connection] = note

    def summary(self, note: Mapping[str, Any]) -> str | None:
        """Return a summary to commit with a note; None as long as few commits follow the last one.

        It is written so rarely that it takes little more space than the notes themselves, and so often that
        few commits have to be read: of up to nine connections with each commit.
        """
        names = {*self.read, *self.failures}
        if self.version + 1 - self.summarised <= len(names) // _CONNECTIONS_PER_COMMIT:
            return None
        if not isinstance(self.read, Notes) or not isinstance(self.failures, Notes):
            raise TypeError("Only what was read from a log is summarised")
        replaced = note["connection_id"] if "receipt" in note or note.get("is_removal") else None
        requested = set(self.requested).difference(names)
        return write_summary(self.read, self.failures, requested, without=replaced)


def refreshes(table: DeltaTable) -> Refreshes:
    """Collect the newest note of each connection, up to the table's version."""
    result = Refreshes()
    result.advance(table)
    return result


def check_connections(known: Refreshes, stored: Iterable[str]) -> None:
    """Compare the connections that have rows with those that refreshes have noted.

    Raises
    ------
    DamagedError
        If one has rows and no note, as after another program has removed old commits.
    """
    unknown = sorted(set(stored).difference(known.read, known.failures))
    if unknown:
        raise DamagedError(
            f"connection {unknown[0]!r} has rows, and no commit notes its refresh: a part of the log is "
            f"lost, or another program has written rows"
        )


def version_at(table: DeltaTable, version: Version) -> int:
    """Return the number of a version: as passed, or the last one until a moment.

    Moments are compared with the times in the commits, not with those of files.

    Raises
    ------
    ValueError
        If there is no such version.
    TypeError
        If it is neither a version nor a moment.
    """
    newest = table.version()
    if not isinstance(version, str | date):
        if isinstance(version, bool) or not isinstance(version, SupportsIndex):
            raise TypeError(
                f"version={version!r} is not a version (expected a whole number, a date, a datetime or a "
                f"text such as '2026-06-30')"
            )
        number = operator.index(version)
        if not 0 <= number <= newest:
            raise ValueError(f"There is no version {number}; there are 0 to {newest}, see versions()")
        return number
    return _last_until(table, _moment(version))


def _last_until(table: DeltaTable, moment: datetime) -> int:
    """Return the last version until a moment.

    Few of the commits are read: the distance to the newest one is doubled until one is old enough, and then
    halved. As in Delta, a commit of a machine with a slow clock is not older than the one before it.
    """
    last, first = None, "an unknown time"
    # Later than the moment is what follows `until`; the commits up to `after` are not, or cannot be read.
    after, until, step = -1, table.version(), 1
    while after < until:
        middle = max(until + 1 - step, (after + until + 1) // 2)
        committed = next(
            ((number, info) for number, info in commit_infos(table, until=middle) if "timestamp" in info),
            None,
        )
        if committed is None:
            after, step = middle, until + 1
            continue
        number, info = committed
        at = datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
        if at <= moment:
            last, after, step = number, middle, until + 1
        else:
            first, until, step = at.isoformat(timespec="seconds"), number - 1, 2 * step
    if last is None:
        raise ValueError(
            f"There is no version until {moment.isoformat()}: the first refresh was at {first}, "
            f"see versions()"
        )
    return last


def commit_time(table: DeltaTable) -> datetime | int:
    """Return when a table's own version was committed; the number of the version if it does not say."""
    for number, info in commit_infos(table):
        if "timestamp" in info:
            return datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
        return number
    return table.version()


def _moment(version: str | date) -> datetime:
    """Return a date or time as a moment: of a date its end, and UTC where no time zone is named."""
    moment: date
    if isinstance(version, str):
        parse = datetime.fromisoformat if len(version) > len("2026-06-30") else date.fromisoformat
        try:
            moment = parse(version)
        except ValueError:
            raise ValueError(
                f"version={version!r} is not a valid date or time (expected text such as '2026-06-30'); the "
                f"number of a version is an int, see versions()"
            ) from None
    else:
        moment = version
    if moment != moment:  # noqa: PLR0124 - NaT
        raise ValueError("version is NaT, not a valid date: pass None for the newest version")
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.max, UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def newest_watermarks(read: Mapping[str, Mapping[str, Any]], fields: str) -> dict[str, str]:
    """Return the watermark of each connection that has one, where the columns are still the same."""
    return {
        connection: note["watermark"]
        for connection, note in read.items()
        if note.get("watermark") and note.get("fields") == fields
    }
