"""Open, read and write the Delta tables of a dataset, one for each resource, one connection at a time."""

from __future__ import annotations

import os
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
from pyarrow.fs import FileSystem, PyFileSystem

from rutterframe.dataset.bucket_merge import MergedRows
from rutterframe.dataset.commits import Refreshes, notes
from rutterframe.dataset.connection_files import ConnectionMerge, ConnectionState, merge_connection
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.latest import latest_file, noted_version, refuse_removed
from rutterframe.dataset.locations import create_folder, is_local, root_of
from rutterframe.dataset.log import plain_checkpoint_errors, refuse_empty_commits, refuse_empty_newest
from rutterframe.dataset.merge import META_FIELDS
from rutterframe.dataset.open_table import NO_HOOKS, ONE_TRY, OpenTable
from rutterframe.dataset.origin import (
    MARKER,
    Origin,
    environment_of,
    read_marker,
    read_origin,
    refuse_other,
    write_marker,
)
from rutterframe.dataset.parquet import read_rows, stored_files
from rutterframe.dataset.small_files import SmallFiles
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dialects import CONTRACT, DIALECTS
from rutterframe.errors import LoadError
from rutterframe.frames import frame_schema
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.storage import StorageOptions

T = TypeVar("T")

#: Versions stay until they are vacuumed: a month end may be read months later.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}
#: The most attempts to commit where other processes commit as well, and the longest waits before the second
#: attempt and before any, in seconds; the wait may double with each attempt.
_ATTEMPTS = 40
_REMOVED = "The connection was removed from the dataset while its changes were requested"
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
        # The writers of a process share open tables, one at a time.
        self._open_tables: dict[str, OpenTable] = {}
        self._absent: set[str] = set()
        self._file_systems: dict[str, FileSystem] = {}
        self._small_files: SmallFiles | None = None
        self._announced: set[str] = set()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Tables], tuple[Any, ...]]:
        """Pickle without the open tables."""
        return Tables, (self.root, self.options, self.origin)

    @property
    def _plain_options(self) -> dict[str, str] | None:
        """The options for deltalake; None for a folder, which needs none."""
        return None if is_local(self.root) else self.options.for_address(self.root)

    @property
    def small_files(self) -> SmallFiles:
        """The small files beside the tables."""
        if self._small_files is None:
            sizes = dict([MARKER, *(latest_file(name) for name in (*RESOURCES, *LIVE_RESOURCES))])
            self._small_files = SmallFiles(self.root, self.options, sizes)
        return self._small_files

    @property
    def existing(self) -> tuple[str, ...]:
        """The resources that there are tables of, which may have no version yet."""
        with plain_errors(self.root, BROKEN):
            return self.small_files.tables(self.resources)

    def open(self, resource: str, version: int | None = None, *, older: bool = False) -> DeltaTable | None:
        """Open the table of a resource; None if there is none.

        Parameters
        ----------
        resource : str
            The resource.
        version : int, optional
            The version; the newest when left out.
        older : bool
            Whether an older version will be read from the table: then all commits are checked.

        Raises
        ------
        OSError
            If its log is broken.
        """
        opened = self.open_table(resource, version, older=older)
        return None if opened is None else opened.table

    def open_table(
        self, resource: str, version: int | None = None, *, older: bool = False
    ) -> OpenTable | None:
        """Open the table of a resource as `open` does, to commit to it."""
        local = is_local(self.root)
        with plain_errors(self.root, BROKEN):
            if local:
                log = Path(self.uri(resource)) / "_delta_log"
                if not os.path.lexists(log):
                    return None
                (refuse_empty_commits if older or version is not None else refuse_empty_newest)(log)
            # Before the log is read: a commit of another process in between is not one that is missing.
            noted = noted_version(self.small_files, resource)
            try:
                with plain_checkpoint_errors(self.small_files, resource):
                    table = self._read(resource, version)
            except TableNotFoundError:
                return None
            if version is None:
                refuse_removed(self.root, resource, table.version(), noted)
            return OpenTable(resource, table, self.small_files, local, self._read)

    def _read(self, resource: str, version: int | None = None) -> DeltaTable:
        return DeltaTable(self.uri(resource), version=version, storage_options=self._plain_options)

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
        if self.origin is None:
            return
        with plain_errors(self.root):
            if read_marker(self.small_files) == self.origin:
                return
            for resource in self.existing:
                table = self.open(resource)
                if table is not None:
                    self._refuse_other_origin(table)
        write_marker(self.small_files, self.origin)

    def refreshes(self, resource: str) -> tuple[DeltaTable, Refreshes] | None:
        """Return the newest version of a table, and what was read until then; None if there is no table.

        The table stays open: a refresh opens it once.
        """
        with plain_errors(self.root, BROKEN), self._lock:
            opened = self._open_tables.get(resource) or self.open_table(resource)
            if opened is None:
                self._absent.add(resource)
                return None
            self._refuse_other_origin(opened.table)
            self._open_tables[resource] = opened
            return opened.newest(), opened.refreshes

    def write(
        self,
        resource: str,
        connection_id: str,
        merge: Callable[[StoredRows], MergedRows],
        note: Callable[[MergedRows], Mapping[str, Any]],
        connections: Sequence[str] = (),
        *,
        is_whole: bool = True,
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
        is_whole : bool
            Whether all rows were requested, and not only what changed since a refresh before.

        Raises
        ------
        OSError
            If it cannot be written; the version before stays as it was.
        LoadError
            If only changes were requested, and the connection was removed meanwhile.
        """
        with plain_errors(self.root), self._lock:
            pending: ConnectionMerge | None = None
            for attempt in count(1):
                try:
                    opened = self._newest(resource)
                    files = self._files(resource)
                    state = self._state(opened, connection_id)
                    if state.number is None and not is_whole:
                        raise LoadError(_REMOVED, hint="refresh again: all of it is then requested.")
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
                        "stored": pending.stored,
                        "live": result.live,
                        **self._unread(opened, connection_id, connections),
                    }
                    if pending.actions:
                        self._update_columns(opened)
                    schema = table_schema(resource, self.dialect)
                    version = opened.commit(pending.actions, schema, details, [connection_id])
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
        self._newest(resource).commit([], table_schema(resource, self.dialect), note)

    def finish(self) -> None:
        """End a refresh: write the checkpoints that are due, so that the tables are opened quickly."""
        with self._lock:
            for opened in self._open_tables.values():
                opened.finish()

    def files(self, resource: str, table: DeltaTable) -> list[str]:
        """Return the paths or addresses of a table's files.

        deltalake returns them as in a URL, with ``%20`` for a space, which is not what they are named.
        """
        folder = self.uri(resource)
        names = ["/".join(uri.split("/")[-2:]) for uri in table.file_uris()]
        if is_local(self.root):
            return [str(Path(folder).absolute() / name) for name in names]
        return [f"{folder}/{name}" for name in names]

    def stored_rows(self, resource: str, connection_id: str) -> StoredRows:
        """Return the stored rows of one connection, deleted ones included."""
        table, files = self._newest(resource).table, self._files(resource)
        stored = stored_files(table, files, connection_id)
        return read_rows(files, stored, rows_schema(resource, self.dialect))

    def was_read(self, resource: str, connection_id: str) -> bool:
        """Return whether a refresh has read a list of a connection to its end, and it was not removed."""
        with plain_errors(self.root), self._lock:
            opened = self._open_tables.get(resource) or self.open_table(resource)
            if opened is None:
                return False
            opened.newest()
            return connection_id in opened.refreshes.read

    def _state(self, opened: OpenTable, connection_id: str) -> ConnectionState:
        """Return the state of a connection: the version of the last commit of its rows, and its files."""
        note = opened.refreshes.read.get(connection_id)
        files = stored_files(opened.table, self._files(opened.resource), connection_id)
        return ConnectionState(None if note is None else note["version"], files)

    def _unread(
        self, opened: OpenTable, connection_id: str, connections: Sequence[str]
    ) -> dict[str, list[str]]:
        """Return the connections of this refresh without rows, for its first commit to a table."""
        if opened.resource in self._announced or not connections:
            return {}
        stored = {connection_id, *(part["connection_id"] for part in opened.table.partitions())}
        unread = [name for name in connections if name not in stored]
        return {"connections": unread} if unread else {}

    def _update_columns(self, opened: OpenTable) -> None:
        """Commit the columns of a newer model, by an overwrite of no file: only that changes them."""
        schema = table_schema(opened.resource, self.dialect)
        if opened.table.schema() != Schema.from_arrow(schema):
            opened.table.create_write_transaction(
                [], "overwrite", schema, ["connection_id"], [("connection_id", "=", "")],
                commit_properties=CommitProperties(**ONE_TRY), post_commithook_properties=NO_HOOKS,
            )  # fmt: skip
            opened.table.update_incremental()
            opened.newest()

    def _files(self, resource: str) -> FileSystem:
        # One for each table: at an address it takes ten milliseconds to create.
        if resource not in self._file_systems:
            handler = DeltaStorageHandler(self.uri(resource), self._plain_options)
            self._file_systems[resource] = PyFileSystem(handler)
        return self._file_systems[resource]

    def _newest(self, resource: str) -> OpenTable:
        """Return the newest version of a table, which is created if it does not exist."""
        opened = self._open_tables.get(resource)
        if opened is None:
            opened = None if resource in self._absent else self.open_table(resource)
            opened = opened or self._create(resource)
            self._refuse_other_origin(opened.table)
            self._open_tables[resource] = opened
        table = opened.newest()
        known = table_schema(resource, self.dialect).names
        unknown = [field.name for field in table.schema().fields if field.name not in known]
        if unknown:
            raise ValueError(
                f"The {resource} of the dataset at {self.root} have columns that this rutterframe does not "
                f"know: {', '.join(unknown)}. A newer one wrote them, or a package adds them: they would be "
                f"lost.\nNext: upgrade rutterframe, install that package, or refresh into another folder."
            )
        if self.origin is not None and read_origin(table.metadata().configuration) is None:
            table.alter.set_table_properties(self.origin.properties, raise_if_not_exists=False)
            opened.newest()
        return opened

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

    def _create(self, resource: str) -> OpenTable:
        if is_local(self.root):
            create_folder(self.root)
        # Two first refreshes of different origins at once: the second one is refused here.
        self.refuse_other_origin()
        properties = {} if self.origin is None else self.origin.properties
        table = DeltaTable.create(
            self.uri(resource), table_schema(resource, self.dialect), mode="ignore",
            partition_by=["connection_id"],
            configuration={**_CONFIGURATION, **properties}, storage_options=self._plain_options,
            raise_if_key_not_exists=False,
        )  # fmt: skip
        return OpenTable(resource, table, self.small_files, is_local(self.root), self._read)


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
