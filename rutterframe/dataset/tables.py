"""One Delta table for each resource: opened, read, and written one connection at a time."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction, RemoveAction, Transaction
from pyarrow.fs import FileSystem, PyFileSystem

from rutterframe.dataset.external import Kept, Refreshed
from rutterframe.dataset.files import kept, written
from rutterframe.dataset.merging import MARKS
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
        self,
        resource: str,
        connection_id: str,
        merge: Callable[[Kept], Refreshed],
        note: Callable[[Refreshed], Mapping[str, Any]],
    ) -> Commit:
        """Write the rows of one connection; begins again where another writer was faster.

        Parameters
        ----------
        resource, connection_id : str
            Whose rows.
        merge : callable
            Gives the rows to keep, from those that are there.
        note : callable
            Gives what goes with the commit beside the counts.

        Raises
        ------
        OSError
            If it cannot be written; what was there stays as it was.
        """
        with plain_errors(self.root), self._turn:
            left = _ATTEMPTS
            while True:
                left -= 1
                table = self._newest(resource)
                files = self._files(resource)
                result = merge(kept(files, table, rows_schema(resource), connection_id))
                with closing(result.spool):
                    counts = {"added": result.added, "changed": result.changed, "removed": result.removed}
                    told = {NOTE: json.dumps({**note(result), **counts})}
                    adds: list[AddAction | RemoveAction] = []
                    if result.is_new:
                        adds = [written(files, connection_id, result.schema, result.spool.tables())]
                try:
                    return Commit(_commit(table, resource, connection_id, adds, told), result)
                except CommitFailedError:
                    for add in adds:
                        files.delete_file(add.path)
                    if not left:
                        raise

    def kept(self, resource: str, connection_id: str) -> Kept:
        """Read the rows of one connection, also those that vanished."""
        return kept(self._files(resource), self._newest(resource), rows_schema(resource), connection_id)

    def _files(self, resource: str) -> FileSystem:
        return PyFileSystem(DeltaStorageHandler(self.uri(resource), self._options))

    def _newest(self, resource: str) -> DeltaTable:
        held = self._held.get(resource)
        if held is None:
            held = self._held[resource] = self.open(resource) or self._create(resource)
        held.update_incremental()
        known = table_schema(resource).names
        strangers = [field.name for field in held.schema().fields if field.name not in known]
        if strangers:
            raise ValueError(
                f"The {resource} of the dataset at {self.root} have columns that this rutterframe does not "
                f"know: {', '.join(strangers)}. A newer one wrote them, and they would be lost.\n"
                f"Next: upgrade rutterframe, or refresh into another folder."
            )
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
    rows: Refreshed


def _commit(
    table: DeltaTable,
    resource: str,
    connection_id: str,
    adds: list[AddAction | RemoveAction],
    told: dict[str, str],
) -> int:
    """Put files in place of a connection's; without any, note that nothing is new. Gives the version.

    Two commits for the same connection cannot both be made on the same version: Delta refuses a transaction
    whose application has one that is newer.
    """
    before = table.version()
    number = (table.transaction_version(connection_id) or 0) + 1
    table.create_write_transaction(
        adds, "overwrite" if adds else "append", table_schema(resource), ["connection_id"],
        [("connection_id", "=", connection_id)] if adds else None,
        commit_properties=CommitProperties(told, app_transactions=[Transaction(connection_id, number)]),
    )  # fmt: skip
    table.update_incremental()
    ours = (one["version"] for one in table.history(table.version() - before) if one.get(NOTE) == told[NOTE])
    return int(next(ours))


def table_schema(resource: str) -> pa.Schema:
    """Give the columns of a resource's table: the frame's, and two marks."""
    return rows_schema(resource).insert(0, pa.field("connection_id", pa.large_string()))


def rows_schema(resource: str) -> pa.Schema:
    """Give the columns of one connection's rows."""
    return pa.schema([*frame_schema(RECORDS[resource]), *MARKS])


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
        # deltalake draws a tree of what came from what, in colours: the last line says why.
        lines = (_DRAWN.sub("", line).strip() for line in str(error).splitlines())
        reason = ": ".join(dict.fromkeys(line for line in lines if line))
        raise OSError(f"The dataset at {root} cannot be used: {reason}\nNext: {hint}") from None
