"""Read the commits of a table: the notes that refreshes leave, and the version at a moment."""

from __future__ import annotations

import json
import operator
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, SupportsIndex
from urllib.parse import urlsplit
from urllib.request import url2pathname

from deltalake import DeltaTable

#: Under this name a commit carries the note of a refresh.
NOTE = "rutterframe"
#: The file of a commit, and a size that none with an action in it can have: ``{"txn":{}}`` and the like.
_COMMIT, _SHORTEST = re.compile(r"\d{20}\.json"), 4
#: A version of a table, or a moment: the last version until then.
Version = SupportsIndex | str | date | datetime


def commit_infos(table: DeltaTable, after: int = -1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield version and information of the commits after a version up to the table's own, newest first.

    A folder's log is read here: deltalake finds no history where a path has ``#`` or ``?`` in it.
    """
    newest, address = table.version(), table.table_uri
    if not address.startswith("file://"):
        for commit in table.history(None if after < 0 else newest - after):
            if after < commit["version"] <= newest:
                yield commit["version"], commit
        return
    log = Path(url2pathname(urlsplit(address).path)) / "_delta_log"
    for version in range(newest, after, -1):
        file = log / f"{version:020}.json"
        if not file.exists():
            return  # another tool has cleaned up what is older
        yield version, _info(file)


def refuse_empty_commits(log: Path) -> None:
    """Refuse a log with a commit of nothing: its rows would be missing, and deltalake says nothing of it.

    Raises
    ------
    OSError
        If a commit's file is empty.
    """
    if not log.is_dir():
        return
    with os.scandir(log) as files:
        for file in files:
            if _COMMIT.fullmatch(file.name) and file.stat().st_size < _SHORTEST:
                raise OSError(f"the commit {file.name} of {log.parent.name} is empty")


def _info(file: Path) -> dict[str, Any]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"commitInfo"'):
                found: dict[str, Any] = json.loads(line)["commitInfo"]
                return found
    return {}


def notes(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Yield the notes of all refreshes up to the table's version, newest first.

    Each has the version and the moment (milliseconds since 1970) of its commit beside what was noted.
    """
    for version, info in commit_infos(table):
        if NOTE in info:
            yield {**json.loads(info[NOTE]), "version": version, "committed_at": info["timestamp"]}


@dataclass(slots=True)
class Refreshes:
    """What the refreshes of a table have read, by connection.

    Attributes
    ----------
    read : dict
        The newest note of each connection that was read.
    failures : dict
        The newest failure of each connection that was not read since.
    missing : list of str
        Connections that were asked for and never read, by id.
    """

    read: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def available(self) -> list[str]:
        """The connections that a frame can have: those that were read, and those without such a list."""
        absent = [name for name, note in self.failures.items() if note.get("not_offered")]
        return [*self.read, *(name for name in absent if name not in self.read)]


def refreshes(table: DeltaTable) -> Refreshes:
    """Collect the newest note of each connection, up to the table's version."""
    found, requested = Refreshes(), set()
    for note in notes(table):
        connection = note["connection_id"]
        requested |= {connection, *note.get("connections", ())}
        if "receipt" in note:
            found.read.setdefault(connection, note)
        elif connection not in found.read:
            found.failures.setdefault(connection, note)
    found.missing = sorted(requested.difference(found.available))
    return found


def version_at(table: DeltaTable, given: Version) -> int:
    """Return the version that is meant: a number, or the last one until a moment.

    Moments are compared with the times that the commits themselves carry, not with those of files.

    Raises
    ------
    ValueError
        If there is no such version.
    TypeError
        If it is neither a version nor a moment.
    """
    newest = table.version()
    if not isinstance(given, str | date):
        if isinstance(given, bool) or not isinstance(given, SupportsIndex):
            raise TypeError(
                f"version is a whole number, a date, a datetime or a text such as '2026-06-30'; "
                f"this is {given!r}"
            )
        version = operator.index(given)
        if not 0 <= version <= newest:
            raise ValueError(f"There is no version {version}; there are 0 to {newest}, see versions()")
        return version
    moment = _moment(given)
    first = None
    for version, info in commit_infos(table):
        if "timestamp" in info:
            first = datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
            if first <= moment:
                return version
    raise ValueError(
        f"There is no version until {moment.isoformat()}: the first refresh was at "
        f"{'an unknown time' if first is None else first.isoformat(timespec='seconds')}, see versions()"
    )


def _moment(given: str | date) -> datetime:
    """Return the moment that is meant: a day means its end, and what has no zone is UTC."""
    if isinstance(given, str):
        text = given
        try:
            given = (
                datetime.fromisoformat(text) if len(text) > len("2026-06-30") else date.fromisoformat(text)
            )
        except ValueError:
            raise ValueError(
                f"version={text!r} is no moment, such as '2026-06-30'; a version is a whole number, "
                f"see versions()"
            ) from None
    if given != given:  # noqa: PLR0124 - NaT
        raise ValueError("version is NaT, which is no moment: pass None for the newest version")
    if not isinstance(given, datetime):
        given = datetime.combine(given, time.max, UTC)
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)


def newest_watermarks(read: Mapping[str, Mapping[str, Any]], fields: str) -> dict[str, str]:
    """Return the watermark of each connection that has one, where the columns are still the same."""
    return {
        connection: note["watermark"]
        for connection, note in read.items()
        if note.get("watermark") and note["fields"] == fields
    }
