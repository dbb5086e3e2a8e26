"""Read the log of a Delta table: the information of its commits, and what must not be missing in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileSystem, LocalFileSystem, PyFileSystem, SubTreeFileSystem

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.small_files import SmallFiles

#: The name of a commit's file, and the least bytes that a commit with an action has: ``{}`` and a key.
_COMMIT, _SHORTEST = re.compile(r"\d{20}\.json"), 4
#: How the lines of a commit begin: the actions of Delta Lake.
_ACTION = re.compile(r'\{\s*"(commitInfo|add|remove|metaData|protocol|txn|domainMetadata|cdc)"')
#: The file that names the last checkpoint.
POINTER = "_last_checkpoint"
#: What deltalake reports of a checkpoint: of all files of a log, only these are Parquet.
_CHECKPOINT = re.compile("Invalid Checkpoint|Parquet error")
#: What a store answers that is asked for bytes of an object without any.
_NO_BYTES = "416 Range Not Satisfiable"
#: How much of a commit is read from an address without asking for its size.
_MOST_BYTES = 1 << 20
#: The last millisecond of the year 9999.
_MAX_TIMESTAMP = 253_402_300_799_999


def commit_infos(
    table: DeltaTable, after: int = -1, until: int | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield version and information of the commits after a version up to another one, newest first.

    When left out, the last one is the table's own.

    The files of the log are read directly: deltalake's history finds nothing below a path with ``#`` or
    ``?``, numbers the commits wrongly where a table is open at an older version, and reads all of them.

    Raises
    ------
    DamagedError
        If a commit is damaged, or the newest one is missing: a checkpoint has its rows, but not its note.
    """
    newest, read = table.version(), _reader(table)
    for version in range(newest if until is None else until, after, -1):
        name = f"commit {version:020}.json of {table.table_uri.rstrip('/').rpartition('/')[2]}"
        content = read(f"{version:020}.json")
        if content is None and version == newest:
            raise DamagedError(f"the {name} is missing, as after an incomplete copy")
        if content is None:
            return  # another tool has cleaned up what is older
        yield version, _info(content, name)


def _reader(table: DeltaTable) -> Callable[[str], bytes | None]:
    """Return what reads a file of a table's log; None of one that is not there."""
    if table.table_uri.startswith("file://"):
        log = Path(_folder(table)) / "_delta_log"

        def read_local(name: str) -> bytes | None:
            try:
                return (log / name).read_bytes()
            except FileNotFoundError:
                return None

        return read_local

    def read(name: str) -> bytes | None:
        path = f"_delta_log/{name}"
        # Of most commits the size need not be known: one request reads all that there is.
        content = _read_object(table, path, {path: _MOST_BYTES})
        return _read_object(table, path) if content is not None and len(content) >= _MOST_BYTES else content

    return read


def _folder(table: DeltaTable) -> str:
    return url2pathname(urlsplit(table.table_uri).path)


def table_files(table: DeltaTable, sizes: dict[str, int] | None = None) -> FileSystem:
    """Return the files of a table; at an address its own open connections, and sizes that are known."""
    if table.table_uri.startswith("file://"):
        return SubTreeFileSystem(_folder(table), LocalFileSystem())
    handler = DeltaStorageHandler.from_table(table._table, table._storage_options, sizes)  # noqa: SLF001
    return PyFileSystem(handler)


def _read_object(table: DeltaTable, path: str, sizes: dict[str, int] | None = None) -> bytes | None:
    """Read a file at an address."""
    try:
        with table_files(table, sizes).open_input_file(path) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        if _NO_BYTES in str(error):
            return b""
        raise
    return content


@contextmanager
def plain_checkpoint_errors(files: SmallFiles, resource: str) -> Iterator[None]:
    """Raise an error about a checkpoint as one that states how to do without it.

    Parameters
    ----------
    files : SmallFiles
        The small files of the dataset.
    resource : str
        The table that is opened.

    Raises
    ------
    DamagedError
        If the block cannot read a checkpoint, and the commits are there, of which it is derived.
    """
    try:
        yield
    except DeltaError as error:
        log = f"{resource}/_delta_log"
        if not _CHECKPOINT.search(str(error)) or not files.read(f"{log}/{0:020}.json"):
            raise
        version = last_checkpoint(files.read(f"{log}/{POINTER}"))
        named = f" ({POINTER} names {version:020}.checkpoint.parquet)" if version >= 0 else ""
        raise DamagedError(
            f"a checkpoint of {resource} is missing or damaged{named}",
            f"move {POINTER} and the files *.checkpoint*.parquet out of {log}: they only make it faster to "
            f"read, the commits have all that is in them, and refreshes write new ones.",
        ) from None


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
            if _COMMIT.fullmatch(file.name):
                _refuse_empty(Path(file.path))


def refuse_empty_newest(log: Path) -> None:
    """Refuse an empty commit among those that the newest version of a table is read from.

    These are the commits after the last checkpoint; of a log without one, all of them.

    Raises
    ------
    OSError
        If a commit's file is empty, or not a file.
    """
    checkpoint = last_checkpoint((log / POINTER).read_bytes() if (log / POINTER).is_file() else b"")
    if checkpoint < 0:
        refuse_empty_commits(log)
        return
    for version in count(checkpoint + 1):
        file = log / f"{version:020}.json"
        if not os.path.lexists(file):
            return
        _refuse_empty(file)


def last_checkpoint(pointer: bytes) -> int:
    """Return the version in the file that names the last checkpoint; -1 if it has none."""
    try:
        version = json.loads(pointer)["version"] if pointer else -1
    except (ValueError, TypeError, LookupError, RecursionError):
        return -1
    return version if type(version) is int else -1


def _refuse_empty(file: Path) -> None:
    if not file.is_file():
        raise DamagedError(f"the commit {file.name} of {file.parent.parent.name} is not a file")
    if file.stat().st_size < _SHORTEST:
        raise DamagedError(f"the commit {file.name} of {file.parent.parent.name} is empty")


def _info(content: bytes, name: str) -> dict[str, Any]:
    """Return the information of a commit; an empty dict if another program has written none."""
    if len(content) < _SHORTEST:
        raise DamagedError(f"the {name} is empty")
    actions = 0
    try:
        for line in content.decode().split("\n"):
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
