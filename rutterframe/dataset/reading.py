"""Read a dataset: the loader's frames, of now or of then."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable

from rutterframe.dataset.comparing import compare
from rutterframe.dataset.merging import DELETED, POSITION, with_columns
from rutterframe.dataset.tables import Tables, notes, plain_errors, table_schema
from rutterframe.frames import Rows, to_frame
from rutterframe.models import RECORDS, RESOURCES

#: A version of a table, or a moment: the last version until then.
Version = SupportsIndex | str | date | datetime
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
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
        self._tables = Tables(str(path), storage_options)
        if not self.resources:
            raise FileNotFoundError(
                f"There is no dataset at {path}: name the folder that rf.refresh(connections, path) has made"
            )

    def __repr__(self) -> str:
        """Say where it is; nothing secret."""
        return f"<rutterframe.Dataset at {self._tables.root}: {', '.join(self.resources)}>"

    @property
    def resources(self) -> tuple[str, ...]:
        """Name the resources that are in it."""
        return tuple(name for name in RESOURCES if self._tables.open(name) is not None)

    def load(
        self,
        resource: str,
        *,
        connections: Sequence[str] | None = None,
        version: Version | None = None,
        deleted: bool = False,
    ) -> pd.DataFrame:
        """Load a resource as the loader would: the same columns, dtypes, order and receipt.

        Parameters
        ----------
        resource : str
            Which.
        connections : sequence of str, optional
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
            that were read by these refreshes.

        Raises
        ------
        KeyError
            If the dataset does not have the resource or a connection.
        """
        table = self._open(resource, version)
        model = RECORDS[resource]
        found = {note["connection_id"]: note for note in reversed(list(notes(table)))}
        wanted = sorted(found) if connections is None else list(connections)
        strangers = [name for name in wanted if name not in found]
        if strangers:
            raise KeyError(f"No {resource} of {strangers[0]!r} were refreshed; there are {', '.join(found)}")
        with plain_errors(self._tables.root, _READING):
            rows = with_columns(table.to_pyarrow_table(), table_schema(resource))
        if deleted or rows[DELETED].null_count < len(rows):
            rows = rows.filter(pc.is_valid(rows[DELETED]) if deleted else pc.is_null(rows[DELETED]))
        # One connection at a time, and moved only where it must be: what is copied is held twice.
        parts = [_in_order(rows if len(found) == 1 else _of(rows, name)) for name in wanted]
        del rows
        frame = to_frame(model, [Rows(part, 0) for part in parts])
        lengths = {name: len(part) for name, part in zip(wanted, parts, strict=True)}
        frame.attrs["receipt"] = _receipt(resource, [found[name]["receipt"] for name in wanted], lengths)
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
        return self._open(resource, version).to_pyarrow_dataset()

    def files(self, resource: str, *, version: Version | None = None) -> list[str]:
        """Name the Parquet files of a resource, for Spark; the connection is in their folders' names."""
        return self._open(resource, version).file_uris()

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
        """Put small files together: faster to read; no version is lost."""
        with plain_errors(self._tables.root):
            for name in self.resources if resource is None else (resource,):
                self._open(name, None).optimize.compact()

    def vacuum(self, *, keep: timedelta = _MONTH) -> int:
        """Delete the files of versions that are older than a time to keep; they cannot be read any more.

        What a refresh left that was killed goes as well, once it is as old and a day is kept: what is younger
        may be a refresh that is under way.

        Parameters
        ----------
        keep : timedelta
            How far back versions stay readable.

        Returns
        -------
        int
            How many files were deleted.
        """
        hours = int(keep.total_seconds() // 3600)
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

    def _open(self, resource: str, version: Version | None) -> DeltaTable:
        table = self._tables.open(resource)
        if table is None:
            raise KeyError(f"The dataset has no {resource!r}; it has {', '.join(self.resources)}")
        if version is not None:
            table.load_as_version(_moment(version) if isinstance(version, str | date) else int(version))
        return table


def _of(rows: pa.Table, connection_id: str) -> pa.Table:
    return rows.filter(pc.equal(rows["connection_id"], connection_id))


def _in_order(rows: pa.Table) -> pa.Table:
    """Put rows in the order in which they were sent; they are stored in it, if in one file."""
    place = np.asarray(rows[POSITION])
    if (place[1:] < place[:-1]).any():
        rows = rows.take(np.argsort(place, kind="stable"))
    return rows.drop_columns([DELETED, POSITION])


def _moment(given: str | date | datetime) -> datetime:
    """Read a moment; a day means its end, and what has no zone is UTC."""
    if isinstance(given, str):
        given = datetime.fromisoformat(given) if len(given) > len("2026-06-30") else date.fromisoformat(given)
    if not isinstance(given, datetime):
        given = datetime.combine(given, time.max, UTC)
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)


def _receipt(resource: str, receipts: Sequence[Mapping[str, Any]], rows: Mapping[str, int]) -> dict[str, Any]:
    """Put the receipts of connections together as a loader would."""

    def total(name: str) -> int:
        return sum(one[name] for one in receipts)

    return {
        "resource": resource,
        "environment": ", ".join(sorted({one["environment"] for one in receipts})),
        "connections": list(rows),
        "pages": total("pages"),
        "rows": sum(rows.values()),
        "duplicates_dropped": total("duplicates_dropped"),
        "rows_refused": total("rows_refused"),
        "refused": [reason for one in receipts for reason in one["refused"]],
        "started": min((one["started"] for one in receipts), default=""),
        "finished": max((one["finished"] for one in receipts), default=""),
        "filters": {},
        "complete": all(one["complete"] for one in receipts),
        "errors": {},
        "not_offered": [name for one in receipts for name in one["not_offered"]],
        "per_connection": {
            name: {**own, "rows": rows[name]}
            for one in receipts
            for name, own in one["per_connection"].items()
        },
    }
