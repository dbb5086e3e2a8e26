"""Replace files of one connection: only those that have a row to drop, to mark as deleted or to write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from deltalake.transaction import AddAction, RemoveAction
from pyarrow.fs import FileSystem

from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.edits import Edits
from rutterframe.dataset.parquet import read_rows, write_rows
from rutterframe.dataset.positioned_rows import PositionedRows
from rutterframe.dataset.stored_rows import StoredFile, StoredRows
from rutterframe.dataset.table_stream import TableStream

#: The least rows of a file, and the most files that a connection's rows are divided into.
_FILE_ROWS, _FILES = 4096, 32


class ConnectionState(NamedTuple):
    """The state of a connection that a merge starts from: the number of its last commit, and its files."""

    number: int | None
    files: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True)
class ConnectionMerge:
    """The rows of a connection to commit, and the state of the connection with which they were merged.

    Attributes
    ----------
    state : ConnectionState
        The state before.
    result : MergedRows
        The counts of the rows.
    actions : list of AddAction or RemoveAction
        The files to add to the table and those to remove from it, in one commit with mode "append"; empty if
        nothing is new.
    stored : int
        The number of rows after the commit, deleted ones included.
    """

    state: ConnectionState
    result: MergedRows
    actions: list[AddAction | RemoveAction]
    stored: int

    def discard(self, files: FileSystem) -> None:
        """Delete the new files, which no commit refers to."""
        _delete(self.actions, files)


def _delete(actions: list[AddAction | RemoveAction], files: FileSystem) -> None:
    for action in actions:
        if isinstance(action, AddAction):
            with suppress(FileNotFoundError):
                files.delete_file(action.path)


def merge_connection(
    state: ConnectionState,
    files: FileSystem,
    schema: pa.Schema,
    connection_id: str,
    merge: Callable[[StoredRows], MergedRows],
) -> ConnectionMerge:
    """Merge the rows of a connection, and write files of them if anything is new.

    Parameters
    ----------
    state : ConnectionState
        The state of the connection.
    files : pyarrow.fs.FileSystem
        The folder of the table.
    schema : pyarrow.Schema
        The columns of the rows.
    connection_id : str
        The connection.
    merge : callable
        Returns the rows to write, from the stored ones.
    """
    stored = read_rows(files, state.files, schema)
    result = merge(stored)
    with closing(result.edits):
        if not result.is_new:
            return ConnectionMerge(state, result, [], stored.rows)
        actions: list[AddAction | RemoveAction] = []

        def write(tables: Iterator[pa.Table]) -> None:
            actions.append(write_rows(files, connection_id, schema, tables))

        try:
            removed, rows = replace_files(result.edits, write)
        except BaseException:
            _delete(actions, files)
            raise
    actions += [_remove(file, connection_id) for file in removed]
    return ConnectionMerge(state, result, actions, rows)


def _remove(file: StoredFile, connection_id: str) -> RemoveAction:
    """Return the action that removes a file from the table; versions before still have it."""
    return RemoveAction(file.path, True, int(time.time() * 1000), None, {"connection_id": connection_id})


def replace_files(edits: Edits, write: Callable[[Iterator[pa.Table]], None]) -> tuple[list[StoredFile], int]:
    """Write the files that replace those of which a row changes.

    Parameters
    ----------
    edits : Edits
        What to change.
    write : callable
        Writes the rows of a file, in batches by position.

    Returns
    -------
    tuple of (list of StoredFile, int)
        The files that are replaced, and the number of rows afterwards.
    """
    units, removed = edits.units, list[StoredFile]()
    rows = np.array([0, *(unit.rows for unit in units), 0]) - edits.drops + edits.inserts
    target = max(_FILE_ROWS, int(rows.sum()) // _FILES)
    renumber = _has_no_room(edits, rows)
    positioned = PositionedRows(edits, renumber=renumber)
    for slots in _groups(edits, rows, target, whole=renumber):
        replaced = [number for slot in slots if 0 < slot <= len(units) for number in units[slot - 1].files]
        removed += [edits.stored.files[number] for number in replaced]
        tables = chain.from_iterable(positioned.read(slot) for slot in slots)
        stream = TableStream(tables, edits.stored.schema)
        count = int(rows[slots].sum())
        files = max(1, round(count / target)) if count else 0
        for number in range(files):
            write(stream.take(count * (number + 1) // files - count * number // files))
    return removed, int(rows.sum())


def _has_no_room(edits: Edits, rows: np.ndarray) -> bool:
    """Return whether a unit has more rows than there are positions before the next one."""
    firsts = [unit.first for unit in edits.units]
    return any(count > end - first for first, end, count in zip(firsts, firsts[1:], rows[1:], strict=False))


def _groups(edits: Edits, rows: np.ndarray, target: int, *, whole: bool) -> list[list[int]]:
    """Return the slots to write, those together that are side by side.

    A small file beside new rows, or beside a small file to write, is written with them: files do not become
    many.
    """
    is_written = (edits.drops + edits.marks + edits.inserts) > 0
    last = len(rows) - 1
    if whole:
        return [list(range(len(rows)))]
    if last > 1:
        is_written[1] |= edits.inserts[0] > 0 and rows[1] < target
        is_written[last - 1] |= edits.inserts[last] > 0 and rows[last - 1] < target
    groups: list[list[int]] = []
    for slot in range(len(rows)):
        if not is_written[slot] and not (
            groups
            and 0 < slot < last
            and groups[-1][-1] == slot - 1
            and rows[groups[-1]].sum() + rows[slot] <= target // 2
        ):
            continue
        if groups and groups[-1][-1] == slot - 1:
            groups[-1].append(slot)
        else:
            before = slot - 1
            small = 0 < before < last and rows[before] + rows[slot] <= target // 2
            groups.append([before, slot] if small else [slot])
    return groups
