"""Maintain the tables of a dataset: merge small files, and delete those of old versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
from deltalake import DeltaTable
from pyarrow.fs import FileSelector

from rutterframe.dataset.failures import plain_errors
from rutterframe.dataset.log import table_files
from rutterframe.dataset.removal import remove_connection
from rutterframe.dataset.tables import Tables, retry_commit

if TYPE_CHECKING:
    from rutterframe.dataset.commits import Version

_HOUR, _DAY, _MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
#: Two hundred years, in hours: deltalake cannot subtract more from its clock.
_MAX_HOURS = 200 * 366 * 24
_CHECKPOINT = re.compile(r"/\d{20}\.checkpoint\.parquet$")


class Maintenance:
    """The part of a `Dataset` that removes connections, and maintains its tables."""

    _tables: Tables

    if TYPE_CHECKING:

        @property
        def resources(self) -> tuple[str, ...]:
            """The resources that the dataset has."""
            ...

        def _open(self, resource: str, version: Version | None) -> DeltaTable: ...

        def _open_all(self) -> dict[str, DeltaTable]: ...

    def remove(self, connection_id: str) -> pd.DataFrame:
        """Remove a connection: nothing counts it any more, until a refresh of it starts anew.

        Versions before stay readable until a `vacuum`; the next `export` deletes its rows from the database.

        Parameters
        ----------
        connection_id : str
            Its id.

        Returns
        -------
        pandas.DataFrame
            A row for each resource that had it: ``resource`` (str), ``rows`` (Int64), how many were removed,
            deleted ones left out, and the ``version`` (Int64) without them.

        Raises
        ------
        ValueError
            If there is no such connection.
        OSError
            If the dataset cannot be written: remove it again, where some resources are left.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     both = [client.connection(name) for name in ("gear-xero", "roaster-quickbooks")]
        ...     done = rf.refresh(both, "two-ledgers", resources=["invoices"])
        >>> data = rf.Dataset("two-ledgers")
        >>> data.remove("gear-xero")["rows"].tolist(), data.connections
        ([423], ('roaster-quickbooks',))
        """
        return remove_connection(self._tables, self.resources, connection_id)

    def compact(self, resource: str | None = None) -> None:
        """Merge small files, to read faster; no version is lost. Refreshes may run meanwhile.

        Parameters
        ----------
        resource : str, optional
            The resource; all when left out.

        Raises
        ------
        KeyError
            If the dataset does not have the resource.
        OSError
            If the dataset cannot be written.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> data.compact("bank_accounts")
        """
        names = self.resources if resource is None else (resource,)
        compact(self._tables.root, [partial(self._open, name, None) for name in names])

    def vacuum(self, *, keep: timedelta = _MONTH) -> int:
        """Delete the files of versions that are older than a period; those versions cannot be read any more.

        Files left by a killed refresh are deleted as well, once they are as old and the period is at least a
        day: younger ones may belong to a running refresh. The log keeps all commits; checkpoints that only
        make older versions faster to read are deleted.

        Parameters
        ----------
        keep : timedelta
            How far back versions stay readable, rounded up to whole hours.

        Returns
        -------
        int
            The number of deleted files.

        Raises
        ------
        ValueError
            If the period is negative.
        TypeError
            If it is not a timedelta.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> data.vacuum()
        0
        """
        return vacuum(self._tables.root, self._open_all().values(), keep)


def compact(root: str, openers: Iterable[Callable[[], DeltaTable]]) -> None:
    """Merge the small files of tables; no version is lost.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    openers : iterable of callable
        Each opens the newest version of a table: again, where another process has committed meanwhile.
    """

    def merge_files(open_newest: Callable[[], DeltaTable]) -> None:
        open_newest().optimize.compact()

    with plain_errors(root):
        for open_newest in openers:
            retry_commit(partial(merge_files, open_newest))


def vacuum(root: str, tables: Iterable[DeltaTable], keep: timedelta) -> int:
    """Delete the files of versions that are older than a period, and return their number.

    Parameters
    ----------
    root : str
        The folder or address of the dataset.
    tables : iterable of DeltaTable
        Its tables.
    keep : timedelta
        How far back versions stay readable, rounded up to whole hours.

    Raises
    ------
    ValueError
        If the period is negative.
    TypeError
        If it is not a timedelta.
    """
    if not isinstance(keep, timedelta):
        raise TypeError(f"keep={keep!r} is not a timedelta (expected one such as timedelta(days=30))")
    if keep < timedelta(0):
        raise ValueError(f"keep={keep} is negative: name how far back versions stay readable")
    hours = min(keep // _HOUR + bool(keep % _HOUR), _MAX_HOURS)
    with plain_errors(root):
        return sum(_vacuum(table, hours, full=keep >= _DAY) for table in tables)


def _vacuum(table: DeltaTable, hours: int, *, full: bool) -> int:
    checkpoints = _superseded_checkpoints(table, datetime.now(UTC) - timedelta(hours=max(hours, 1)))
    files = table_files(table)
    for path in checkpoints:
        with suppress(FileNotFoundError):  # of another vacuum at the same time
            files.delete_file(path)
    deleted = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=full)
    return len(checkpoints) + len(deleted)


def _superseded_checkpoints(table: DeltaTable, before: datetime) -> list[str]:
    """Return the checkpoints that no younger version is read from, by path.

    A version is read from the newest checkpoint before it. Without one it is read from the commits alone,
    which stay: a version of which no file was deleted can still be read.
    """
    listed = table_files(table).get_file_info(FileSelector("_delta_log"))
    old = [
        info.path
        for info in listed
        if _CHECKPOINT.search(info.path) and info.mtime_ns <= before.timestamp() * 1e9
    ]
    return sorted(old)[:-1]
