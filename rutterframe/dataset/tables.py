"""One Delta table for each resource: opened, read, and written one connection at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from rutterframe.dataset.merging import MARKS, Merged, with_columns
from rutterframe.frames import frame_schema
from rutterframe.models import RECORDS

#: Under this name a commit carries whose rows it has, and their receipt.
NOTE = "rutterframe"
#: Versions stay until they are vacuumed, since a month's end is asked for months later.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}
#: How often to begin again where another refresh was faster.
_ATTEMPTS = 20


class Tables:
    """The tables of a dataset.

    Parameters
    ----------
    root : str
        A folder, or an address such as ``s3://bucket/folder``.
    options : mapping of str to str, optional
        What deltalake needs to get there.
    """

    def __init__(self, root: str, options: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._options = None if options is None else dict(options)
        # Writers of one process take turns: to open a table anew for each would read its whole log each time.
        self._held: dict[str, DeltaTable] = {}
        self._turn = threading.Lock()

    def __reduce__(self) -> tuple[type[Tables], tuple[Any, ...]]:
        """Go to another process without what is held here."""
        return Tables, (self.root, self._options)

    def open(self, resource: str, version: int | None = None) -> DeltaTable | None:
        """Open the table of a resource; None if there is none."""
        try:
            return DeltaTable(self.uri(resource), version=version, storage_options=self._options)
        except TableNotFoundError:
            return None

    def uri(self, resource: str) -> str:
        """Say where the table of a resource is."""
        return f"{self.root.rstrip('/')}/{resource}"

    def write(
        self, resource: str, connection_id: str, merge: Callable[[pa.Table], Merged], note: Any
    ) -> Commit:
        """Write the rows of one connection; begins again where another writer was faster.

        Parameters
        ----------
        resource, connection_id : str
            Whose rows.
        merge : callable
            Gives the rows to keep, from those that are there.
        note : mapping
            Goes with the commit, with the counts.

        Raises
        ------
        OSError
            If it cannot be written; what was there stays as it was.
        """
        with plain_errors(self.root), self._turn:
            for attempt in range(_ATTEMPTS):
                table = self._newest(resource)
                result = merge(rows_of_connection(table, resource, connection_id))
                counts = {"added": result.added, "changed": result.changed, "removed": result.removed}
                told = CommitProperties(custom_metadata={NOTE: json.dumps({**note, **counts})})
                try:
                    if result.is_new:
                        where = f"connection_id = '{_quoted(connection_id)}'"
                        write_deltalake(
                            table, result.table, mode="overwrite", predicate=where, schema_mode="merge",
                            commit_properties=told,
                        )  # fmt: skip
                    else:
                        nothing = result.table.schema.empty_table()
                        write_deltalake(table, nothing, mode="append", commit_properties=told)
                except CommitFailedError:
                    if attempt == _ATTEMPTS - 1:
                        raise
                    continue
                except BaseException:
                    self._held.pop(resource, None)
                    raise
                return Commit(table.version(), result)
        raise AssertionError("unreachable")

    def _newest(self, resource: str) -> DeltaTable:
        held = self._held.get(resource)
        if held is None:
            held = self._held[resource] = self.open(resource) or self._create(resource)
        held.update_incremental()
        return held

    def _create(self, resource: str) -> DeltaTable:
        if "://" not in self.root:
            Path(self.root).mkdir(parents=True, exist_ok=True)
        return DeltaTable.create(
            self.uri(resource), table_schema(resource), mode="ignore", partition_by=["connection_id"],
            configuration=_CONFIGURATION, storage_options=self._options,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """What was written, and as which version."""

    version: int
    merged: Merged


def table_schema(resource: str) -> pa.Schema:
    """Give the columns of a resource's table: the frame's, and two marks."""
    fields = frame_schema(RECORDS[resource])
    return pa.schema([pa.field("connection_id", pa.large_string()), *fields, *MARKS])


def rows_of_connection(table: DeltaTable, resource: str, connection_id: str) -> pa.Table:
    """Read all rows of one connection, also those that vanished."""
    only = [("connection_id", "=", connection_id)]
    # To ask Delta's own list first spares looking at every file of all other connections.
    if not table.file_uris(file_pruning_predicate=only):
        return table_schema(resource).empty_table()
    found = table.to_pyarrow_dataset(file_pruning_predicate=only).to_table()
    return with_columns(found, table_schema(resource))


def notes(table: DeltaTable) -> Iterator[dict[str, Any]]:
    """Give the notes of all commits, the newest first, each with its version and moment."""
    for commit in table.history():
        if NOTE in commit and commit["version"] <= table.version():
            yield {
                **json.loads(commit[NOTE]),
                "version": commit["version"],
                "committed_at": commit["timestamp"],
            }


_WRITING = (
    "see that the folder can be written and the disk has room, and refresh again; "
    "the last good version is as it was."
)


@contextmanager
def plain_errors(root: str, hint: str = _WRITING) -> Iterator[None]:
    """Say in words why a dataset cannot be written or read.

    Raises
    ------
    OSError
        With the reason, and what to do next.
    """
    try:
        yield
    except (DeltaError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise OSError(f"The dataset at {root} cannot be used: {reason}\nNext: {hint}") from None


def _quoted(text: str) -> str:
    return text.replace("'", "''")
