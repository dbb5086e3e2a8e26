"""Open, read and write the Delta tables of a dataset, one for each resource, one connection at a time."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import Transaction
from pyarrow.fs import FileSystem, PyFileSystem

from rutterframe.dataset.bucket_merge import MergedRows, StoredRows
from rutterframe.dataset.commits import commit_infos, notes, refuse_empty_commits
from rutterframe.dataset.connection_files import ConnectionMerge, connection_state, merge_connection
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.latest import note_latest, noted_version, refuse_removed
from rutterframe.dataset.locations import is_local, root_of
from rutterframe.dataset.merge import META_FIELDS
from rutterframe.dataset.notes import NOTE
from rutterframe.dataset.origin import Origin, environment_of, read_origin, refuse_other
from rutterframe.dataset.parquet import file_paths, read_rows
from rutterframe.dialects import CONTRACT, DIALECTS
from rutterframe.frames import frame_schema
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.storage import StorageOptions

T = TypeVar("T")

#: Versions stay until they are vacuumed: a month end may be read months later.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}
#: The most attempts to commit where other processes commit as well, and the longest waits before the second
#: attempt and before any, in seconds; the wait may double with each attempt.
_ATTEMPTS = 40
_FIRST_WAIT, _MAX_WAIT = 0.05, 1.0


class Tables:
    """The tables of a dataset.

    Parameters
    ----------
    root : str
        A folder, or an address such as ``s3://bucket/folder``.
    options : StorageOptions, optional
        The storage options of deltalake for an address, as `wrap_options` returns them: keys of a bucket are
        among them.
    origin : Origin, optional
        The origin of the rows to write; tables of another origin are refused.
    """

    def __init__(
        self,
        root: str | Path,
        options: StorageOptions | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.options = options or StorageOptions()
        self.options.check()
        self.root = root_of(root)
        if not is_local(self.root):
            self.options.for_address(self.root)
        self.origin = origin
        # The writers of a process share open tables, one at a time: opening a table reads its whole log.
        self._open_tables: dict[str, DeltaTable] = {}
        self._announced: set[str] = set()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Tables], tuple[Any, ...]]:
        """Pickle without the open tables."""
        return Tables, (self.root, self.options, self.origin)

    @property
    def _plain_options(self) -> dict[str, str] | None:
        """The options for deltalake; None for a folder, which needs none."""
        return None if is_local(self.root) else self.options.for_address(self.root)

    def open(self, resource: str, version: int | None = None) -> DeltaTable | None:
        """Open the table of a resource; None if there is none.

        Raises
        ------
        OSError
            If its log is broken.
        """
        with plain_errors(self.root, BROKEN):
            if is_local(self.root):
                refuse_empty_commits(Path(self.uri(resource)) / "_delta_log")
            # Before the log is read: a commit of another process in between is not one that is missing.
            noted = noted_version(Path(self.uri(resource))) if is_local(self.root) else -1
            try:
                table = DeltaTable(self.uri(resource), version=version, storage_options=self._plain_options)
            except TableNotFoundError:
                return None
            if version is None and is_local(self.root):
                refuse_removed(Path(self.uri(resource)), table.version(), noted)
            return table

    @property
    def dialect(self) -> str:
        """The name of the dialect of the rows to write."""
        return CONTRACT.name if self.origin is None else self.origin.dialect

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that the dataset may have."""
        live = LIVE_RESOURCES if self.origin is None or self.origin.dialect != CONTRACT.name else ()
        return (*RESOURCES, *live)

    def uri(self, resource: str) -> str:
        """Return the path or address of a resource's table."""
        return f"{self.root.rstrip('/')}/{resource}"

    def refuse_other_origin(self) -> None:
        """Refuse to write if any table has rows of another environment or dialect.

        Raises
        ------
        ValueError
            If a table has such rows.
        """
        with plain_errors(self.root):
            for resource in self.resources:
                table = self.open(resource)
                if table is not None:
                    self._refuse_other_origin(table)

    def write(
        self,
        resource: str,
        connection_id: str,
        merge: Callable[[StoredRows], MergedRows],
        note: Callable[[MergedRows], Mapping[str, Any]],
        connections: Sequence[str] = (),
    ) -> Commit:
        """Write the rows of one connection; wait and commit again where another process was faster.

        Parameters
        ----------
        resource, connection_id : str
            The table, and the connection of the rows.
        merge : callable
            Returns the rows to write, from the stored ones.
        note : callable
            Returns the note of the commit, without the counts.
        connections : sequence of str
            All connections of this refresh: the first commit notes those that have no rows yet, so that they
            are reported as missing if the refresh does not complete.

        Raises
        ------
        OSError
            If it cannot be written; the version before stays as it was.
        """
        with plain_errors(self.root), self._lock:
            pending: ConnectionMerge | None = None
            for attempt in count(1):
                try:
                    table = self._newest(resource)
                    files = self._files(resource)
                    state = connection_state(table, connection_id)
                    if pending is None or pending.state != state:
                        if pending is not None:
                            pending.discard(files)
                        pending = merge_connection(
                            state, files, rows_schema(resource, self.dialect), connection_id, merge
                        )
                    result = pending.result
                    details = {
                        **note(result),
                        "added": result.added,
                        "changed": result.changed,
                        "removed": result.removed,
                        "stored": result.spool.rows,
                        "live": result.live,
                        **self._unread(resource, table, connection_id, connections),
                    }
                    version = self._commit(table, resource, connection_id, pending, details)
                    self._announced.add(resource)
                    return Commit(version, result)
                except CommitFailedError:
                    if attempt >= _ATTEMPTS:
                        if pending is not None:
                            pending.discard(self._files(resource))
                        raise
                    _wait(attempt)
        raise AssertionError  # the loop ends by return or raise

    def record(self, resource: str, note: Mapping[str, Any], *, create: bool) -> None:
        """Commit a note that a list was not read; no row changes.

        Parameters
        ----------
        resource : str
            The list.
        note : mapping
            The note.
        create : bool
            Whether to create the table if there is none.
        """
        with plain_errors(self.root), self._lock:
            if not create and resource not in self._open_tables and self.open(resource) is None:
                return
            retry_commit(lambda: self._record(resource, note))

    def _record(self, resource: str, note: Mapping[str, Any]) -> None:
        table = self._newest(resource)
        table.create_write_transaction(
            [], "append", table_schema(resource, self.dialect), ["connection_id"],
            commit_properties=CommitProperties({NOTE: json.dumps(note)}),
        )  # fmt: skip
        table.update_incremental()
        self._note_latest(resource, table)

    def _note_latest(self, resource: str, table: DeltaTable) -> None:
        if is_local(self.root):
            note_latest(Path(self.uri(resource)), table.version())

    def files(self, resource: str, table: DeltaTable) -> list[str]:
        """Return the paths or addresses of a table's files.

        deltalake returns those of a folder as in an address, with ``%20`` for a space.
        """
        uris = table.file_uris()
        if not is_local(self.root):
            return uris
        folder = Path(self.uri(resource)).absolute()
        return [str(folder.joinpath(*uri.split("/")[-2:])) for uri in uris]

    def stored_rows(self, resource: str, connection_id: str) -> StoredRows:
        """Return the stored rows of one connection, deleted ones included."""
        table = self._newest(resource)
        return read_rows(
            self._files(resource), file_paths(table, connection_id), rows_schema(resource, self.dialect)
        )

    def was_read(self, resource: str, connection_id: str) -> bool:
        """Return whether any refresh has read a list of a connection to its end."""
        with plain_errors(self.root), self._lock:
            table = self._open_tables.get(resource) or self.open(resource)
            return table is not None and table.transaction_version(connection_id) is not None

    def _unread(
        self, resource: str, table: DeltaTable, connection_id: str, connections: Sequence[str]
    ) -> dict[str, list[str]]:
        """Return the connections of this refresh without rows, for its first commit to a table."""
        if resource in self._announced or not connections:
            return {}
        stored = {connection_id, *(part["connection_id"] for part in table.partitions())}
        unread = [name for name in connections if name not in stored]
        return {"connections": unread} if unread else {}

    def _commit(
        self,
        table: DeltaTable,
        resource: str,
        connection_id: str,
        merge: ConnectionMerge,
        details: Mapping[str, Any],
    ) -> int:
        """Replace the files of a connection, or only note that nothing is new; return the new version.

        Two commits for the same connection cannot both follow the same version: Delta refuses a transaction
        with a number that its application has used.
        """
        if merge.actions:
            self._update_columns(table, resource)
        before = table.version()
        number = (merge.state.number or 0) + 1
        text = json.dumps(details)
        table.create_write_transaction(
            merge.actions, "append", table_schema(resource, self.dialect), ["connection_id"],
            commit_properties=CommitProperties(
                {NOTE: text}, app_transactions=[Transaction(connection_id, number)]
            ),
        )  # fmt: skip
        table.update_incremental()
        self._note_latest(resource, table)
        since = commit_infos(table, after=before)
        return next((version for version, info in since if info.get(NOTE) == text), table.version())

    def _update_columns(self, table: DeltaTable, resource: str) -> None:
        """Commit the columns of a newer model, by an overwrite of no file: only that changes them."""
        schema = table_schema(resource, self.dialect)
        if table.schema() != Schema.from_arrow(schema):
            no_file = [("connection_id", "=", "")]
            table.create_write_transaction([], "overwrite", schema, ["connection_id"], no_file)
            table.update_incremental()

    def _files(self, resource: str) -> FileSystem:
        return PyFileSystem(DeltaStorageHandler(self.uri(resource), self._plain_options))

    def _newest(self, resource: str) -> DeltaTable:
        """Return the newest version of a table, which is created if it does not exist."""
        table = self._open_tables.get(resource)
        if table is None:
            table = self.open(resource) or self._create(resource)
            self._refuse_other_origin(table)
            self._open_tables[resource] = table
        table.update_incremental()
        known = table_schema(resource, self.dialect).names
        unknown = [field.name for field in table.schema().fields if field.name not in known]
        if unknown:
            raise ValueError(
                f"The {resource} of the dataset at {self.root} have columns that this rutterframe does not "
                f"know: {', '.join(unknown)}. A newer one wrote them, and they would be lost.\n"
                f"Next: upgrade rutterframe, or refresh into another folder."
            )
        if self.origin is not None and read_origin(table.metadata().configuration) is None:
            table.alter.set_table_properties(self.origin.properties, raise_if_not_exists=False)
        return table

    def _refuse_other_origin(self, table: DeltaTable) -> None:
        """Compare with the origin in the table's properties; without one, with its receipts."""
        if self.origin is None:
            return
        stored = read_origin(table.metadata().configuration)
        if stored is not None:
            refuse_other(self.root, stored, self.origin)
            return
        for note in notes(table):
            if "receipt" in note:
                environment = environment_of(note["receipt"].get("environment") or self.origin.environment)
                refuse_other(self.root, Origin(environment, self.origin.dialect), self.origin)

    def _create(self, resource: str) -> DeltaTable:
        if is_local(self.root):
            Path(self.root).mkdir(parents=True, exist_ok=True)
        properties = {} if self.origin is None else self.origin.properties
        return DeltaTable.create(
            self.uri(resource), table_schema(resource, self.dialect), mode="ignore",
            partition_by=["connection_id"],
            configuration={**_CONFIGURATION, **properties}, storage_options=self._plain_options,
            raise_if_key_not_exists=False,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """The rows of a commit, and the version of the table with it."""

    version: int
    rows: MergedRows


def _wait(attempt: int) -> None:
    """Wait for a random time, longer after each attempt, so that processes do not collide again."""
    longest = min(_MAX_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    time.sleep(random.uniform(0.0, longest))  # noqa: S311 - not a secret


def retry_commit(commit: Callable[[], T]) -> T:
    """Commit; where another process was faster, wait and commit again."""
    for attempt in count(1):
        try:
            return commit()
        except CommitFailedError:
            if attempt >= _ATTEMPTS:
                raise
            _wait(attempt)
    raise AssertionError  # the loop ends by return or raise


def table_schema(resource: str, dialect: str = CONTRACT.name) -> pa.Schema:
    """Return the columns of a resource's table: those of one connection's rows, and its id."""
    return rows_schema(resource, dialect).insert(0, pa.field("connection_id", pa.large_string()))


def rows_schema(resource: str, dialect: str = CONTRACT.name) -> pa.Schema:
    """Return the columns of one connection's rows: the frame's, and `META_FIELDS`."""
    return pa.schema([*frame_schema(DIALECTS[dialect].record(resource)), *META_FIELDS])
