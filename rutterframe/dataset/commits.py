"""Read the commits of a Delta table: the notes of refreshes, and the version at a moment."""

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

import pyarrow as pa
from deltalake import DeltaTable

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.notes import NOTE, parse_note

#: The name of a commit's file, and the least bytes that a commit with an action has: ``{}`` and a key.
_COMMIT, _SHORTEST = re.compile(r"\d{20}\.json"), 4
#: How the lines of a commit begin: the actions of Delta Lake.
_ACTION = re.compile(r'\{\s*"(commitInfo|add|remove|metaData|protocol|txn|domainMetadata|cdc)"')
#: The last millisecond of the year 9999.
_MAX_TIMESTAMP = 253_402_300_799_999
#: A version of a table, or a moment: the last version until then.
Version = SupportsIndex | str | date | datetime


def commit_infos(table: DeltaTable, after: int = -1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield version and information of the commits after a version up to the table's own, newest first.

    The log of a folder is read directly: deltalake finds no history below a path with ``#`` or ``?``.
    """
    newest, address = table.version(), table.table_uri
    if not address.startswith("file://"):
        for commit in table.history(None if after < 0 else newest - after):
            if after < commit["version"] <= newest:
                yield commit["version"], _with_time(commit, f"version {commit['version']}")
        return
    log = Path(url2pathname(urlsplit(address).path)) / "_delta_log"
    for version in range(newest, after, -1):
        file = log / f"{version:020}.json"
        if not file.exists():
            return  # another tool has cleaned up what is older
        yield version, _info(file)


def refuse_empty_commits(log: Path) -> None:
    """Refuse a log with an empty commit: its rows would be missing, and deltalake reports no error.

    Raises
    ------
    OSError
        If a commit's file is empty, or not a file.
    """
    if not log.is_dir():
        return
    with os.scandir(log) as files:
        for file in files:
            if not _COMMIT.fullmatch(file.name):
                continue
            if not file.is_file():
                raise DamagedError(f"the commit {file.name} of {log.parent.name} is not a file")
            if file.stat().st_size < _SHORTEST:
                raise DamagedError(f"the commit {file.name} of {log.parent.name} is empty")


def _info(file: Path) -> dict[str, Any]:
    """Return the information of a commit; an empty dict if another program has written none."""
    name, actions = f"commit {file.name} of {file.parent.parent.name}", 0
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                action = _ACTION.match(line)
                actions += action is not None
                if action is not None and action[1] == "commitInfo":
                    return _with_time(json.loads(line)["commitInfo"], name)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"the {name} is not valid JSON ({type(error).__name__})") from None
    if not actions:
        raise DamagedError(f"the {name} has no action of Delta Lake")
    return {}


def _with_time(info: Any, name: str) -> dict[str, Any]:
    """Return the information of a commit, if its time is a time, or not in it."""
    if not isinstance(info, dict):
        raise DamagedError(f"the information in {name} is not an object")
    timestamp = info.get("timestamp", 0)
    if type(timestamp) is not int or not 0 <= timestamp <= _MAX_TIMESTAMP:
        raise DamagedError(
            f"the time of {name} is not valid (expected milliseconds since 1970), got {timestamp!r:.40}"
        )
    return info


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
        Connections that were requested and never read, by id.
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
    result, requested = Refreshes(), set()
    for note in notes(table):
        connection = note["connection_id"]
        requested |= {connection, *note.get("connections", ())}
        if "receipt" in note:
            result.read.setdefault(connection, note)
        elif connection not in result.read:
            result.failures.setdefault(connection, note)
    result.missing = sorted(requested.difference(result.available))
    return result


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
    moment = _moment(version)
    first = None
    for number, info in commit_infos(table):
        if "timestamp" in info:
            first = datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
            if first <= moment:
                return number
    raise ValueError(
        f"There is no version until {moment.isoformat()}: the first refresh was at "
        f"{'an unknown time' if first is None else first.isoformat(timespec='seconds')}, see versions()"
    )


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
