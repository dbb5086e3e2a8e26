"""Read a dataset: the frames of any version, their differences, and the files for other tools."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from pydantic import SecretStr

from rutterframe.client.secret_arguments import wrap
from rutterframe.dataset.commits import (
    Refreshes,
    Version,
    check_connections,
    commit_time,
    notes,
    refreshes,
    stored_rows,
    version_at,
)
from rutterframe.dataset.compare import compare
from rutterframe.dataset.export import export_tables
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.frame_rows import current_rows, in_order, unique_ids
from rutterframe.dataset.log import plain_checkpoint_errors
from rutterframe.dataset.maintenance import Maintenance
from rutterframe.dataset.notes import check_rows
from rutterframe.dataset.origin import dialect_of
from rutterframe.dataset.parquet import read_connections
from rutterframe.dataset.receipts import combined_receipt
from rutterframe.dataset.scan import bounded
from rutterframe.dataset.status import status_of_tables
from rutterframe.dataset.tables import Tables, table_schema
from rutterframe.dataset.versions import table_of_versions
from rutterframe.frames import Rows, to_frame
from rutterframe.loaders.categories import with_categories
from rutterframe.notebook.escape import printable_names
from rutterframe.storage import StorageOptions, mask_address, wrap_options

_READING = "a version cannot be read once its files were vacuumed: load a later one; see versions()."


class Dataset(Maintenance):
    """The tables that `refresh` writes: a Delta table for each resource, for DuckDB, Polars and Spark too.

    Parameters
    ----------
    path : str or Path
        The folder or address that was passed to `refresh`.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, as `refresh` takes it; else the environment (``AWS_*``) has it.

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

    def __init__(
        self, path: str | Path, *, storage_options: Mapping[str, str] | StorageOptions | None = None
    ) -> None:
        path, options = mask_address(path), wrap_options(storage_options)
        del storage_options
        tables = Tables(path, options)
        if not tables.existing:
            raise FileNotFoundError(
                f"There is no dataset at {path}: name the folder that rf.refresh(connections, path) wrote"
            )
        # Last: a traceback that shows a dataset reads it.
        self._tables = tables

    def __repr__(self) -> str:
        """Return its location and resources; nothing secret, and no error: a traceback may show it."""
        if "_tables" not in vars(self):
            return "<rutterframe.Dataset, not opened>"
        try:
            resources = ", ".join(self.resources)
        except (OSError, ValueError):
            resources = "cannot be read"
        return f"<rutterframe.Dataset at {self._tables.root}: {resources}>"

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that it has; a table without a commit of a refresh does not count."""
        return tuple(self._open_all())

    def _open_all(self) -> dict[str, DeltaTable]:
        """Open the tables that refreshes have written to."""
        tables = {name: self._tables.open(name) for name in self._tables.existing}
        return {name: table for name, table in tables.items() if table is not None and table.version() > 0}

    @property
    def connections(self) -> tuple[str, ...]:
        """The ids of the connections that refreshes have requested."""
        with plain_errors(self._tables.root, BROKEN):
            tables = [refreshes(table) for table in self._open_all().values()]
            return tuple(sorted({name for table in tables for name in (*table.available, *table.missing)}))

    def load(
        self,
        resource: str,
        *,
        connections: Iterable[str] | None = None,
        version: Version | None = None,
        deleted: bool = False,
    ) -> pd.DataFrame:
        """Load a resource as its loader does: the same columns, dtypes, order and receipt.

        Parameters
        ----------
        resource : str
            Its name.
        connections : iterable of str, optional
            The ids, in the order of the rows; all, by id, when left out.
        version : int, date, datetime or str, optional
            A version, as in `versions`, or a moment: the last version until then; a date until its end, UTC.
        deleted : bool
            Whether to return the deleted rows instead of the current ones.

        Returns
        -------
        pandas.DataFrame
            As the resource's loader returns it. ``attrs["receipt"]`` combines the receipts of the
            connections' last refreshes until then; its ``rows`` are those of this frame, ``pages`` those
            that these refreshes read. It is complete only if the last refresh of each connection read its
            list to the end; ``errors`` names those for which it did not.

        Raises
        ------
        KeyError
            If the dataset does not have the resource or a connection, or no refresh has read it until then.
        OSError
            If its log or a file is missing or damaged, or a connection has more or fewer rows than its last
            refresh has stored.
        ValueError
            If there is no such version, ``connections`` is empty, or an id is repeated.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> data.load("bank_accounts")["currency"].tolist()
        ['EUR', 'GBP', 'USD', 'EUR', 'EUR']
        """
        table = self._open(resource, version)
        read = self._refreshes(resource, table)
        available, missing = read.available, read.missing if connections is None else []
        requested = sorted(available) if connections is None else unique_ids(connections)
        unknown = [name for name in requested if name not in available]
        if unknown:
            known = printable_names(sorted(available))
            raise KeyError(f"No {resource} of {unknown[0]!r} were refreshed; there are {known}")
        dialect = dialect_of(table)
        with plain_errors(self._tables.root, _READING):
            rows = read_connections(table, table_schema(resource, dialect.name), requested)
            # One connection at a time: a copy of all takes the memory twice.
            parts = []
            for name in requested:
                part = rows.pop(name)
                check_rows(read.read.get(name, {}), len(part))
                parts.append(in_order(current_rows(part, deleted=deleted)))
            lengths = {name: len(part) for name, part in zip(requested, parts, strict=True)}
            receipt = combined_receipt(resource, read, lengths, missing)
        if resource in dialect.joins:
            parts = self._joined(dialect.joins[resource], table, parts, version)
        frame = to_frame(dialect.record(resource), [Rows(part, 0) for part in parts])
        frame.attrs["receipt"] = receipt
        return frame

    def _joined(
        self, resource: str, table: DeltaTable, parts: Sequence[pa.Table], version: Version | None
    ) -> list[pa.Table]:
        """Fill in the columns that are taken from another resource, as it was at the same time."""
        moment = None if version is None else commit_time(table)
        try:
            other = self._open(resource, moment)
        except (KeyError, ValueError):  # there is no such table, or it has no version until then
            return list(parts)
        with plain_errors(self._tables.root, _READING):
            schema = table_schema(resource, dialect_of(other).name)
            parts_of = read_connections(other, schema).values()
            accounts = [current_rows(rows, deleted=False) for rows in parts_of]
        return [with_categories(part, accounts) for part in parts]

    def scan(self, resource: str, *, version: Version | None = None) -> ds.Dataset:
        """Return a resource as an Arrow dataset, for DuckDB and Polars: nothing is read yet.

        Parameters
        ----------
        resource : str
            Its name.
        version : int, date, datetime or str, optional
            As for `load`.

        Returns
        -------
        pyarrow.dataset.Dataset
            The frame's columns, ``_position``, the order of a connection's rows, and ``_deleted_at``: when a
            row was deleted; null for the current rows, which reports count alone. Its files are read by what
            uses it, a few row groups at a time: where one is damaged, that raises an error of pyarrow, DuckDB
            or Polars, whereas `load` raises an OSError with the next step. Their own readers of `files` are
            leaner.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> data.scan("bank_accounts").count_rows()
        5
        """
        table = self._open_checked(resource, version)
        with plain_errors(self._tables.root, _READING):
            return bounded(table.to_pyarrow_dataset())

    def files(self, resource: str, *, version: Version | None = None) -> list[str]:
        """Return the paths of a resource's Parquet files, for Spark; folders' names have the connection.

        Parameters
        ----------
        resource : str
            Its name.
        version : int, date, datetime or str, optional
            As for `load`.

        Returns
        -------
        list of str
            Their paths or addresses.

        Raises
        ------
        KeyError
            If the dataset does not have the resource, or no refresh has read it until then.
        OSError
            If its log is missing or damaged.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> [path.split("/")[-2] for path in data.files("bank_accounts")]
        ['connection_id=gear-bank']
        """
        table = self._open_checked(resource, version)
        with plain_errors(self._tables.root, BROKEN):
            return self._tables.files(resource, table)

    def versions(self, resource: str) -> pd.DataFrame:
        """Return the versions of a resource's table with rows or a removal, the newest first.

        Parameters
        ----------
        resource : str
            Its name.

        Returns
        -------
        pandas.DataFrame
            ``version`` (Int64), ``committed_at`` (datetime64[us, UTC]), ``connection_id`` (str), and
            ``added``, ``changed``, ``removed`` (Int64).

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "new-bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("new-bank")
        >>> data.versions("bank_accounts")[["connection_id", "added"]].values.tolist()
        [['gear-bank', 5]]
        """
        with plain_errors(self._tables.root, BROKEN):
            return table_of_versions(notes(self._open(resource, None)))

    def status(self) -> pd.DataFrame:
        """Return when each list was last read to its end, its rows, and what is missing; no row is read.

        Returns
        -------
        pandas.DataFrame
            One row for each connection and resource that refreshes have requested.

            =============  ===================  ==========================================================
            name           dtype                meaning
            =============  ===================  ==========================================================
            connection_id  str                  the connection
            resource       str                  the resource
            status         str                  complete; incomplete: rows were set aside; failed, of the
                                                last refresh; never refreshed; not offered by its platform;
                                                damaged: `load` refuses it
            last_success   datetime64[us, UTC]  when it was last read to its end, also without changes
            last_attempt   datetime64[us, UTC]  when a refresh last read it, or failed to
            rows           Int64                how many there are, deleted ones left out
            complete       boolean              what the receipt of `load` states of it
            error          str                  why it is not complete
            =============  ===================  ==========================================================

        Raises
        ------
        OSError
            If a log is damaged.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-xero"), "ledgers", resources=["invoices", "bills"])
        >>> rf.Dataset("ledgers").status()[["connection_id", "resource", "status", "rows"]].values.tolist()
        [['gear-xero', 'invoices', 'complete', 423], ['gear-xero', 'bills', 'complete', 318]]
        """
        with plain_errors(self._tables.root, BROKEN):
            return status_of_tables(self._open_all())

    def compare(self, resource: str, before: Version, after: Version | None = None) -> pd.DataFrame:
        """Return the records of a resource that differ between two versions, such as two month ends.

        Parameters
        ----------
        resource : str
            Its name.
        before, after : int, date, datetime or str
            Versions or moments, as for `load`; ``after`` is the newest version when left out.

        Returns
        -------
        pandas.DataFrame
            One row for each record that differs, by connection and id: ``change`` (str: added, changed or
            removed), ``fields`` (str: the names of those that differ), then every column of the frame as it
            is after (of a removed record, as it was before), and each again as it was before, its name
            ending in ``_before``.

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

    def export(
        self,
        url: str | SecretStr,
        *,
        resources: Iterable[str] | None = None,
        full: bool = False,
        timeout: float = 60.0,
    ) -> pd.DataFrame:
        """Export to DuckDB, SQLite or PostgreSQL what changed since the last export.

        Parameters
        ----------
        url : str or SecretStr
            ``"duckdb:///books.duckdb"``, ``"sqlite:///books.sqlite"`` or ``"postgresql://user@host/books"``.
        resources : iterable of str, optional
            The resources; all when left out.
        full : bool
            Whether to compare every row, and correct what another program changed in the database.
        timeout : float
            For how many seconds to wait for another program that writes to the database.

        Returns
        -------
        pandas.DataFrame
            A row for each resource and connection: ``table``, ``connection_id``, ``status`` and ``complete``
            as in `status`, ``added``, ``changed``, ``deleted``, the current ``rows``, and the ``version``.

        Raises
        ------
        OSError
            If the database or the dataset cannot be used; the last complete export is as it was.
        ValueError
            If the address is not valid, or the database holds other data than exports of this dataset.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     done = rf.refresh(client.connection("gear-bank"), "bank", resources=["bank_accounts"])
        >>> data = rf.Dataset("bank")
        >>> data.export("sqlite:///bank.sqlite")[["table", "rows"]].values.tolist()
        [['bank_accounts', 5]]
        """
        secret = wrap(url)
        del url
        return export_tables(self._tables, secret, self.resources, resources, full=full, timeout=timeout)

    def _open(self, resource: str, version: Version | None) -> DeltaTable:
        table = self._tables.open(resource, older=version is not None)
        if table is None:
            raise KeyError(f"The dataset has no {resource!r}; it has {', '.join(self.resources)}")
        if version is not None:
            with plain_errors(self._tables.root, BROKEN):
                number = version_at(table, version)
            files = self._tables.small_files
            with plain_errors(self._tables.root, _READING), plain_checkpoint_errors(files, resource):
                table.load_as_version(number)
        return table

    def _open_checked(self, resource: str, version: Version | None) -> DeltaTable:
        """Open a table for other tools; refuse one with more or fewer rows than its refreshes have stored."""
        table = self._open(resource, version)
        read = self._refreshes(resource, table).read
        with plain_errors(self._tables.root, BROKEN):
            rows = stored_rows(table)
            for name, note in read.items():
                check_rows(note, rows.get(name, 0))
        return table

    def _refreshes(self, resource: str, table: DeltaTable) -> Refreshes:
        """Return what was read until a version; refuse a table that no refresh has read until then."""
        with plain_errors(self._tables.root, BROKEN):
            result = refreshes(table)
            check_connections(result, (part["connection_id"] for part in table.partitions()))
            available, missing = result.available, result.missing
        if not available:
            names = f" ({', '.join(missing)})" if missing else ""
            raise KeyError(
                f"The {resource} were never refreshed until version {table.version()}: no connection{names} "
                f"was read to its end; refresh them again"
            )
        return result
