"""One Delta table for each resource: opened, read, and written one connection at a time."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction, RemoveAction, Transaction
from pyarrow.fs import FileSystem, PyFileSystem

from rutterframe.dataset.bucket_merge import Kept, Refreshed
from rutterframe.dataset.commits import NOTE, commit_infos, refuse_empty_commits
from rutterframe.dataset.commits import notes as notes  # noqa: PLC0414 - imported from here
from rutterframe.dataset.locations import is_local, root_of
from rutterframe.dataset.merge import MARKS
from rutterframe.dataset.origin import Origin, environment_of, read_origin, refuse_other
from rutterframe.dataset.parquet import kept, paths_of, written
from rutterframe.frames import frame_schema
from rutterframe.models import RECORDS, RESOURCES

T = TypeVar("T")

#: Versions stay until they are vacuumed, since a month's end is asked for months later.
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}
#: How often to commit again where another process was faster, and how long to wait before, in seconds:
#: up to the first at first, twice as long each time, never longer than the second.
_ATTEMPTS = 40
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0


class Tables:
    """The tables of a dataset.

    Parameters
    ----------
    root : str
        A folder, or an address such as ``s3://bucket/folder``.
    options : mapping of str to str, optional
        What deltalake needs to get there.
    origin : Origin, optional
        Where the rows to write come from; tables of another origin are refused.
    """

    def __init__(
        self, root: str | Path, options: Mapping[str, str] | None = None, origin: Origin | None = None
    ) -> None:
        self.root = root_of(root)
        self.origin = origin
        self.options = None if options is None else dict(options)
        # Writers of one process take turns: to open a table anew for each would read its whole log each time.
        self._held: dict[str, DeltaTable] = {}
        self._announced: set[str] = set()
        self._turn = threading.Lock()

    def __reduce__(self) -> tuple[type[Tables], tuple[Any, ...]]:
        """Go to another process without what is held here."""
        return Tables, (self.root, self.options, self.origin)

    def open(self, resource: str, version: int | None = None) -> DeltaTable | None:
        """Open the table of a resource; None if there is none.

        Raises
        ------
        OSError
            If its log is broken.
        """
        with plain_errors(self.root, _BROKEN):
            if is_local(self.root):
                refuse_empty_commits(Path(self.uri(resource)) / "_delta_log")
            try:
                return DeltaTable(self.uri(resource), version=version, storage_options=self.options)
            except TableNotFoundError:
                return None

    def uri(self, resource: str) -> str:
        """Return where the table of a resource is."""
        return f"{self.root.rstrip('/')}/{resource}"

    def refuse_other_origin(self) -> None:
        """Refuse to write rows of another environment or dialect than those that are in any of the tables.

        Raises
        ------
        ValueError
            If there are such rows.
        """
        with plain_errors(self.root):
            for resource in RESOURCES:
                table = self.open(resource)
                if table is not None:
                    self._refuse_other_origin(table)

    def write(
        self,
        resource: str,
        connection_id: str,
        merge: Callable[[Kept], Refreshed],
        note: Callable[[Refreshed], Mapping[str, Any]],
        connections: Sequence[str] = (),
    ) -> Commit:
        """Write the rows of one connection; waits and commits again where another process was faster.

        Parameters
        ----------
        resource, connection_id : str
            Whose rows.
        merge : callable
            Gives the rows to keep, from those that are there.
        note : callable
            Gives what goes with the commit beside the counts.
        connections : sequence of str
            All connections of this refresh: those that have no rows yet are noted with the first commit, so
            that they are missed if the refresh does not come to its end.

        Raises
        ------
        OSError
            If it cannot be written; what was there stays as it was.
        """
        with plain_errors(self.root), self._turn:
            merge_of: _Merge | None = None
            for attempt in count(1):
                try:
                    table = self._newest(resource)
                    files = self._files(resource)
                    state = _State(table.transaction_version(connection_id), paths_of(table, connection_id))
                    if merge_of is None or merge_of.state != state:
                        if merge_of is not None:
                            merge_of.discard(files)
                        merge_of = _merge_rows(state, files, resource, connection_id, merge)
                    result = merge_of.result
                    counts = {"added": result.added, "changed": result.changed, "removed": result.removed}
                    told = {
                        **note(result),
                        **counts,
                        **self._unread(resource, table, connection_id, connections),
                    }
                    version = self._commit(table, resource, connection_id, merge_of, told)
                    self._announced.add(resource)
                    return Commit(version, result)
                except CommitFailedError:
                    if attempt >= _ATTEMPTS:
                        if merge_of is not None:
                            merge_of.discard(self._files(resource))
                        raise
                    _wait(attempt)
        raise AssertionError  # the loop ends by return or raise

    def record(self, resource: str, note: Mapping[str, Any], *, create: bool) -> None:
        """Note that a list was not read; no row is touched.

        Parameters
        ----------
        resource : str
            Which list.
        note : mapping
            What to note.
        create : bool
            Whether to create the table if there is none.
        """
        with plain_errors(self.root), self._turn:
            if not create and resource not in self._held and self.open(resource) is None:
                return
            retry_commit(lambda: self._record(resource, note))

    def _record(self, resource: str, note: Mapping[str, Any]) -> None:
        self._newest(resource).create_write_transaction(
            [], "append", table_schema(resource), ["connection_id"],
            commit_properties=CommitProperties({NOTE: json.dumps(note)}),
        )  # fmt: skip

    def files(self, resource: str, table: DeltaTable) -> list[str]:
        """Return the paths or addresses of a table's files.

        deltalake writes those of a folder as in an address: a space as ``%20``, which is no file's name.
        """
        uris = table.file_uris()
        if not is_local(self.root):
            return uris
        folder = Path(self.uri(resource)).absolute()
        return [str(folder.joinpath(*uri.split("/")[-2:])) for uri in uris]

    def kept(self, resource: str, connection_id: str) -> Kept:
        """Read the rows of one connection, also those that vanished."""
        table = self._newest(resource)
        return kept(self._files(resource), paths_of(table, connection_id), rows_schema(resource))

    def was_read(self, resource: str, connection_id: str) -> bool:
        """Return whether any refresh has read a list of a connection to its end."""
        with plain_errors(self.root), self._turn:
            table = self._held.get(resource) or self.open(resource)
            return table is not None and table.transaction_version(connection_id) is not None

    def _unread(
        self, resource: str, table: DeltaTable, connection_id: str, connections: Sequence[str]
    ) -> dict[str, list[str]]:
        """Return which connections of this refresh have no rows yet, for its first commit to a table."""
        if resource in self._announced or not connections:
            return {}
        there = {connection_id, *(one["connection_id"] for one in table.partitions())}
        unread = [one for one in connections if one not in there]
        return {"connections": unread} if unread else {}

    def _commit(
        self, table: DeltaTable, resource: str, connection_id: str, done: _Merge, told: Mapping[str, Any]
    ) -> int:
        """Put files in place of a connection's; without any, note that nothing is new. Gives the version.

        Two commits for the same connection cannot both be made on the same version: Delta refuses a
        transaction whose application has one that is newer.
        """
        adds, before = done.adds, table.version()
        number = (done.state.number or 0) + 1
        text = json.dumps(told)
        table.create_write_transaction(
            adds, "overwrite" if adds else "append", table_schema(resource), ["connection_id"],
            [("connection_id", "=", connection_id)] if adds else None,
            commit_properties=CommitProperties(
                {NOTE: text}, app_transactions=[Transaction(connection_id, number)]
            ),
        )  # fmt: skip
        table.update_incremental()
        since = commit_infos(table, after=before)
        return next((version for version, info in since if info.get(NOTE) == text), table.version())

    def _files(self, resource: str) -> FileSystem:
        return PyFileSystem(DeltaStorageHandler(self.uri(resource), self.options))

    def _newest(self, resource: str) -> DeltaTable:
        held = self._held.get(resource)
        if held is None:
            held = self.open(resource) or self._create(resource)
            self._refuse_other_origin(held)
            self._held[resource] = held
        held.update_incremental()
        known = table_schema(resource).names
        strangers = [field.name for field in held.schema().fields if field.name not in known]
        if strangers:
            raise ValueError(
                f"The {resource} of the dataset at {self.root} have columns that this rutterframe does not "
                f"know: {', '.join(strangers)}. A newer one wrote them, and they would be lost.\n"
                f"Next: upgrade rutterframe, or refresh into another folder."
            )
        if self.origin is not None and read_origin(held.metadata().configuration) is None:
            held.alter.set_table_properties(self.origin.properties, raise_if_not_exists=False)
        return held

    def _refuse_other_origin(self, table: DeltaTable) -> None:
        """Compare with what the table remembers; one that remembers nothing is known by its receipts."""
        if self.origin is None:
            return
        there = read_origin(table.metadata().configuration)
        if there is not None:
            refuse_other(self.root, there, self.origin)
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
            self.uri(resource), table_schema(resource), mode="ignore", partition_by=["connection_id"],
            configuration={**_CONFIGURATION, **properties}, storage_options=self.options,
            raise_if_key_not_exists=False,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """What was written, and as which version."""

    version: int
    rows: Refreshed


class _State(NamedTuple):
    """What a merge depends on: the connection's last commit, and its files."""

    number: int | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Merge:
    """The rows to commit, and the state of the connection that they were merged with."""

    state: _State
    result: Refreshed
    adds: list[AddAction | RemoveAction]

    def discard(self, files: FileSystem) -> None:
        """Delete the file that no commit names."""
        for add in self.adds:
            files.delete_file(add.path)


def _merge_rows(
    state: _State, files: FileSystem, resource: str, connection_id: str, merge: Callable[[Kept], Refreshed]
) -> _Merge:
    """Merge the rows of a connection, and write a file of them if anything is new."""
    result = merge(kept(files, state.paths, rows_schema(resource)))
    with closing(result.spool):
        adds: list[AddAction | RemoveAction] = []
        if result.is_new:
            adds = [written(files, connection_id, result.schema, result.spool.tables())]
    return _Merge(state, result, adds)


def _wait(attempt: int) -> None:
    """Wait for a random time, longer after each attempt, so that processes do not meet again."""
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    time.sleep(random.uniform(0.0, longest))  # noqa: S311 - no secret


def retry_commit(commit: Callable[[], T]) -> T:
    """Commit, and again after a wait where another process was faster."""
    for attempt in count(1):
        try:
            return commit()
        except CommitFailedError:
            if attempt >= _ATTEMPTS:
                raise
            _wait(attempt)
    raise AssertionError  # the loop ends by return or raise


def table_schema(resource: str) -> pa.Schema:
    """Give the columns of a resource's table: the frame's, and two marks."""
    return rows_schema(resource).insert(0, pa.field("connection_id", pa.large_string()))


def rows_schema(resource: str) -> pa.Schema:
    """Give the columns of one connection's rows."""
    return pa.schema([*frame_schema(RECORDS[resource]), *MARKS])


_WRITING = (
    "see that the folder can be written and the disk has room, and refresh again; "
    "the last good version is as it was."
)
_BUSY = (
    "other processes commit to it at the same time: refresh again when they are done; "
    "the last good version is as it was."
)
_BROKEN = (
    "see that it can be read; where its log is broken, put the folder back from a copy, or refresh into "
    "another folder."
)
_DRAWN = re.compile(r"\x1b\[[0-9;]*m|\u21b3")


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
        if str(error).startswith(f"The dataset at {root} cannot be used: "):
            raise  # said already, further in
        # deltalake draws a tree of what came from what, in colours: the last line says why.
        lines = (_DRAWN.sub("", line).strip() for line in str(error).splitlines())
        reason = ": ".join(dict.fromkeys(line for line in lines if line and "<unknown>" not in line))
        what = _BUSY if isinstance(error, CommitFailedError) else hint
        raise OSError(f"The dataset at {root} cannot be used: {reason}\nNext: {what}") from None
