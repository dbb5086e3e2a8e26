"""Replace the files of one connection: from its stored rows to the actions of the commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction
from pyarrow.fs import FileSystem

from rutterframe.dataset.bucket_merge import MergedRows, StoredRows
from rutterframe.dataset.parquet import file_paths, read_rows, write_rows


class ConnectionState(NamedTuple):
    """The state of a connection that a merge starts from: the number of its last commit, and its files."""

    number: int | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectionMerge:
    """The rows of a connection to commit, and the state of the connection with which they were merged.

    Attributes
    ----------
    state : ConnectionState
        The state before.
    result : MergedRows
        The rows and their counts.
    actions : list of AddAction or RemoveAction
        The files to add to the table and those to remove from it, in one commit with mode "append"; empty if
        nothing is new.
    """

    state: ConnectionState
    result: MergedRows
    actions: list[AddAction | RemoveAction]

    def discard(self, files: FileSystem) -> None:
        """Delete the new files, which no commit refers to."""
        for action in self.actions:
            if isinstance(action, AddAction):
                with suppress(FileNotFoundError):
                    files.delete_file(action.path)


def connection_state(table: DeltaTable, connection_id: str) -> ConnectionState:
    """Return the state of a connection in the version of a table that is open."""
    return ConnectionState(table.transaction_version(connection_id), file_paths(table, connection_id))


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
    result = merge(read_rows(files, state.paths, schema))
    with closing(result.spool):
        actions: list[AddAction | RemoveAction] = []
        if result.is_new:
            actions = [
                write_rows(files, connection_id, result.schema, result.spool.read()),
                *(_remove(path, connection_id) for path in state.paths),
            ]
    return ConnectionMerge(state, result, actions)


def _remove(path: str, connection_id: str) -> RemoveAction:
    """Return the action that removes a file from the table; versions before still have it."""
    return RemoveAction(path, True, int(time.time() * 1000), None, {"connection_id": connection_id})
