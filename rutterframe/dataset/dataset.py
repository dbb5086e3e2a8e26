"""Read a dataset: the loader's frames, of now or of then."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable

from rutterframe.dataset.commits import Refreshes, Version, notes, refreshes, version_at
from rutterframe.dataset.compare import compare
from rutterframe.dataset.merge import DELETED, POSITION, with_columns
from rutterframe.dataset.receipts import combined_receipt
from rutterframe.dataset.tables import Tables, plain_errors, retry_commit, table_schema
from rutterframe.frames import Rows, to_frame
from rutterframe.models import RECORDS, RESOURCES

_HOUR, _DAY, _MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
#: Two hundred years, in hours: deltalake counts no further back than its own clock.
_LONGEST = 200 * 366 * 24
_READING = "a version whose files were vacuumed cannot be read any more: load a later one; see versions()."


class Dataset:
    """What `refresh` keeps: a Delta table for each resource, which DuckDB, Polars and Spark read as well.

    Parameters
    ----------
    path : str or Path
        The folder or address that was given to `refresh`.
    storage_options : mapping of str to str, optional
        What deltalake needs for an address.

    Raises
    ------
    FileNotFoundError
        If there is no dataset.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     done = rf.refresh(client.connection("roaster-bank"), "dataset", resources=["bank_accounts"])
    >>> data = rf.Dataset("dataset")
    >>> data.load("bank_accounts").attrs["receipt"]["complete"]
    True
    """

    def __init__(self, path: str | Path, *, storage_options: Mapping[str, str] | None = None) -> None:
        self._tables = Tables(path, storage_options)
        if all(self._tables.open(name) is None for name in RESOURCES):
            raise FileNotFoundError(
                f"There is no dataset at {path}: name the folder that rf.refresh(connections, path) has made"
            )

    def __repr__(self) -> str:
        """Say where it is; nothing secret."""
        return f"<rutterframe.Dataset at {self._tables.root}: {', '.join(self.resources)}>"

    @property
    def resources(self) -> tuple[str, ...]:
        """Name the resources that are in it; a table that no refresh has committed to is none."""
        tables = {name: self._tables.open(name) for name in RESOURCES}
        return tuple(name for name, table in tables.items() if table is not None and table.version() > 0)

    @property
    def connections(self) -> tuple[str, ...]:
        """Name the connections that refreshes have asked for, by id."""
        found = [refreshes(self._open(name, None)) for name in self.resources]
        return tuple(sorted({one for each in found for one in (*each.available, *each.missing)}))

    def load(
        self,
        resource: str,
        *,
        connections: Iterable[str] | None = None,
        version: Version | None = None,
        deleted: bool = False,
    ) -> pd.DataFrame:
        """Load a resource as the loader would: the same columns, dtypes, order and receipt.

        Parameters
        ----------
        resource : str
            Which.
        connections : iterable of str, optional
            The ids, in the order of the rows; all, by id, when left out.
        version : int, date, datetime or str, optional
            A version, as in `versions`, or a moment: the last version until then; a date means its end, UTC.
        deleted : bool
            Whether to give what has vanished instead of what is there.

        Returns
        -------
        pandas.DataFrame
            As the resource's loader gives it. ``attrs["receipt"]`` is made of the receipts of the
            connections' last refreshes until then; its ``rows`` are those of this frame, ``pages`` those
            that were read by these refreshes. It is complete only if each connection was read to its end
            when it was last asked for; ``errors`` names those that were not.

        Raises
        ------
        KeyError
            If the dataset does not have the resource or a connection, or no refresh has filled it until then.
        ValueError
            If there is no such version, no connection is named, or one is named twice.
        """
        table = self._open(resource, version)
        model = RECORDS[resource]
        read = self._refreshes(resource, table)
        found, missing = read.available, read.missing if connections is None else []
        wanted = sorted(found) if connections is None else _named(connections)
        strangers = [name for name in wanted if name not in found]
        if strangers:
            raise KeyError(
                f"No {resource} of {strangers[0]!r} were refreshed; there are {', '.join(sorted(found))}"
            )
        with plain_errors(self._tables.root, _READING):
            rows = with_columns(table.to_pyarrow_table(), table_schema(resource))
        if deleted or rows[DELETED].null_count < len(rows):
            rows = rows.filter(pc.is_valid(rows[DELETED]) if deleted else pc.is_null(rows[DELETED]))
        # One connection at a time, and moved only where it must be: what is copied is held twice.
        parts = [_in_order(rows if len(found) == 1 else _of(rows, name)) for name in wanted]
        del rows
        frame = to_frame(model, [Rows(part, 0) for part in parts])
        lengths = {name: len(part) for name, part in zip(wanted, parts, strict=True)}
        frame.attrs["receipt"] = combined_receipt(resource, read, lengths, missing)
        return frame

    def scan(self, resource: str, *, version: Version | None = None) -> ds.Dataset:
        """Give a resource as an Arrow dataset, for DuckDB and Polars: nothing is read yet.

        Parameters
        ----------
        resource : str
            Which.
        version : int, date, datetime or str, optional
            As for `load`.

        Returns
        -------
        pyarrow.dataset.Dataset
            The frame's columns, ``_position``, the order of a connection's rows, and ``_deleted_at``: when a
            row vanished; null for the rows that are there, so filter by it.
        """
        table = self._open(resource, version)
        self._refreshes(resource, table)
        return table.to_pyarrow_dataset()

    def files(self, resource: str, *, version: Version | None = None) -> list[str]:
        """Name the Parquet files of a resource, for Spark; the connection is in their folders' names."""
        table = self._open(resource, version)
        self._refreshes(resource, table)
        return self._tables.files(resource, table)

    def versions(self, resource: str) -> pd.DataFrame:
        """List the versions of a resource's table that came from refreshes, the newest first.

        Returns
        -------
        pandas.DataFrame
            ``version`` (Int64), ``committed_at`` (datetime64[us, UTC]), ``connection_id`` (str), and
            ``added``, ``changed``, ``removed`` (Int64).
        """
        counts = ["added", "changed", "removed"]
        rows = [
            [note["version"], note["committed_at"], note["connection_id"], *(note[name] for name in counts)]
            for note in notes(self._open(resource, None))
            if "receipt" in note
        ]
        frame = pd.DataFrame(rows, columns=["version", "committed_at", "connection_id", *counts])
        frame["committed_at"] = pd.to_datetime(frame["committed_at"], unit="ms", utc=True)
        dtypes = dict.fromkeys(["version", *counts], "Int64") | {"connection_id": "str"}
        return frame.astype({**dtypes, "committed_at": "datetime64[us, UTC]"})

    def compare(self, resource: str, before: Version, after: Version | None = None) -> pd.DataFrame:
        """Say what changed in a resource between two versions: the question at a month's end.

        Parameters
        ----------
        resource : str
            Which.
        before, after : int, date, datetime or str
            Versions or moments, as for `load`; after is now when left out.

        Returns
        -------
        pandas.DataFrame
            One row for each record that is not the same, by connection and id: ``change`` (str: added,
            changed or removed), ``fields`` (str: the names of those that differ), then every column of the
            frame as it is after (of a removed record, as it was before), and each again as it was before,
            its name ending in ``_before``.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     shop = client.connection("roaster-shopify")
        ...     done = rf.refresh(shop, "dataset", resources=["products"])
        ...     tent = shop.products.update(next(shop.products.list()).id, price=99.0)
        ...     done = rf.refresh(shop, "dataset", resources=["products"])
        >>> changes = rf.Dataset("dataset").compare("products", done["version"].iloc[0] - 1)
        >>> changes[["change", "fields", "price"]].values.tolist()
        [['changed', 'price, updated_at', 99.0]]
        """
        return compare(self.load(resource, version=before), self.load(resource, version=after))

    def compact(self, resource: str | None = None) -> None:
        """Put small files together: faster to read; no version is lost. Refreshes may go on meanwhile."""
        with plain_errors(self._tables.root):
            for name in self.resources if resource is None else (resource,):
                retry_commit(partial(self._compact, name))

    def vacuum(self, *, keep: timedelta = _MONTH) -> int:
        """Delete the files of versions that are older than a time to keep; those versions are gone then.

        What a refresh left that was killed goes as well, once it is as old and a day is kept: what is younger
        may be a refresh that is under way.

        Parameters
        ----------
        keep : timedelta
            How far back versions stay readable, in whole hours: 30 minutes keep an hour.

        Returns
        -------
        int
            How many files were deleted.

        Raises
        ------
        ValueError
            If the time to keep is negative.
        TypeError
            If it is no timedelta.
        """
        if not isinstance(keep, timedelta):
            raise TypeError(f"keep is a time such as timedelta(days=30); this is {type(keep).__name__}")
        if keep < timedelta(0):
            raise ValueError(f"keep={keep} is negative: name how far back versions stay readable")
        hours = min(keep // _HOUR + bool(keep % _HOUR), _LONGEST)
        with plain_errors(self._tables.root):
            return sum(
                len(
                    self._open(name, None).vacuum(
                        retention_hours=hours,
                        dry_run=False,
                        enforce_retention_duration=False,
                        full=keep >= _DAY,
                    )
                )
                for name in self.resources
            )

    def _compact(self, resource: str) -> None:
        self._open(resource, None).optimize.compact()

    def _open(self, resource: str, version: Version | None) -> DeltaTable:
        table = self._tables.open(resource)
        if table is None:
            raise KeyError(f"The dataset has no {resource!r}; it has {', '.join(self.resources)}")
        if version is not None:
            number = version_at(table, version)
            with plain_errors(self._tables.root, _READING):
                table.load_as_version(number)
        return table

    def _refreshes(self, resource: str, table: DeltaTable) -> Refreshes:
        """Return what was read until a version; refuse a table that no refresh has filled until then."""
        found = refreshes(table)
        if not found.available:
            asked = f" ({', '.join(found.missing)})" if found.missing else ""
            raise KeyError(
                f"The {resource} were never refreshed until version {table.version()}: no connection{asked} "
                f"was read to its end; refresh them again"
            )
        return found


def _named(connections: Iterable[str]) -> list[str]:
    """Return the ids that were named, each once."""
    if isinstance(connections, str):
        raise TypeError(f"connections takes several ids: pass connections=[{connections!r}]")
    names = [str(name) for name in connections]
    if not names:
        raise ValueError("connections is empty: leave it out for all, or name at least one")
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise ValueError(
            f"Given twice: {', '.join(twice)}; the rows would count twice. Pass each connection once"
        )
    return names


def _of(rows: pa.Table, connection_id: str) -> pa.Table:
    return rows.filter(pc.equal(rows["connection_id"], connection_id))


def _in_order(rows: pa.Table) -> pa.Table:
    """Put rows in the order in which they were sent; they are stored in it, if in one file."""
    place = np.asarray(rows[POSITION])
    if (place[1:] < place[:-1]).any():
        rows = rows.take(np.argsort(place, kind="stable"))
    return rows.drop_columns([DELETED, POSITION])
