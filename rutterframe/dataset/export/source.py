"""A resource of a dataset as it is now: its connections, their files, and the rows of some of these."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable

from rutterframe.dataset.commits import file_names, refreshes, stored_rows
from rutterframe.dataset.export.layout import layouts_of
from rutterframe.dataset.failures import BROKEN, plain_errors
from rutterframe.dataset.merge import DELETED, with_columns
from rutterframe.dataset.notes import check_rows
from rutterframe.dataset.origin import Origin, dialect_of, environment_of, read_origin
from rutterframe.dataset.status import status_frame
from rutterframe.dataset.tables import Tables, table_schema
from rutterframe.frames.schema import TEXT
from rutterframe.loaders.categories import with_categories

#: Rows that are read at a time.
_BATCH_ROWS = 25_000


class Source:
    """A resource's table at its newest version.

    Parameters
    ----------
    tables : Tables
        The tables of the dataset.
    resource : str
        The resource.

    Raises
    ------
    KeyError
        If the dataset does not have the resource.
    OSError
        If its log is damaged, or a connection has more or fewer rows than its last refresh has stored.
    ValueError
        If it has columns that this rutterframe does not know.
    """

    def __init__(self, tables: Tables, resource: str) -> None:
        table = tables.open(resource)
        if table is None:
            raise KeyError(f"The dataset has no {resource!r}")
        self._tables, self._table, self.resource = tables, table, resource
        self.version = table.version()
        self.dialect = dialect_of(table)
        self.schema = table_schema(resource, self.dialect.name)
        self.layouts = layouts_of(resource, self.dialect.name)
        unknown = sorted({field.name for field in table.schema().fields} - {*self.schema.names})
        if unknown:
            raise ValueError(
                f"The {resource} of the dataset at {tables.root} have columns that this rutterframe does not "
                f"know: {', '.join(unknown)}. A newer one wrote them.\nNext: upgrade rutterframe"
            )
        with plain_errors(tables.root, BROKEN):
            self._refreshes = refreshes(table)
            self.rows = stored_rows(table)
            for name, note in self._refreshes.read.items():
                check_rows(note, self.rows.get(name, 0))
            frame = status_frame([(resource, self._refreshes)])
        self.status: dict[str, dict[str, Any]] = {
            str(row["connection_id"]): {str(key): value for key, value in row.items()}
            for row in frame.astype(object).to_dict("records")
        }

    @property
    def table_id(self) -> str:
        """The id of the Delta table, which a dataset refreshed into another folder does not share."""
        return str(self._table.metadata().id)

    @cached_property
    def connections(self) -> list[str]:
        """The connections that were read, also without a row, by id."""
        return sorted({*self._refreshes.available, *self.rows})

    @property
    def origin(self) -> Origin:
        """The environment and dialect of the rows; by their receipts where the table does not say."""
        stored = read_origin(self._table.metadata().configuration)
        if stored is not None:
            return stored
        receipts = (note["receipt"] for note in self._refreshes.read.values())
        names = {environment_of(receipt.get("environment") or "") for receipt in receipts}
        return Origin(min(names, default=""), self.dialect.name)

    @property
    def is_joined(self) -> bool:
        """Whether columns are filled in from another resource, so that its changes change rows."""
        return self.resource in self.dialect.joins

    @cached_property
    def _data(self) -> ds.FileSystemDataset:
        with plain_errors(self._tables.root, BROKEN):
            return self._table.to_pyarrow_dataset()

    @cached_property
    def _fragments(self) -> dict[str, dict[str, ds.Fragment]]:
        return _by_connection(self._data)

    @cached_property
    def _other(self) -> DeltaTable | None:
        return self._tables.open(self.dialect.joins[self.resource]) if self.is_joined else None

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        return file_names(self._table)

    @cached_property
    def _other_names(self) -> dict[str, list[str]]:
        return {} if self._other is None else file_names(self._other)

    @cached_property
    def _accounts(self) -> pa.Table | None:
        if self._other is None:
            return None
        schema = table_schema(self.dialect.joins[self.resource], self.dialect.name)
        current = self._other.to_pyarrow_dataset().to_table(filter=ds.field(DELETED).is_null())
        return with_columns(current, schema)

    def files(self, connection_id: str) -> list[str]:
        """Return the names of a connection's files; those of the other resource have its name in front."""
        other = self._other_names.get(connection_id, [])
        prefixed = [f"{self.dialect.joins[self.resource]}/{name}" for name in other]
        return sorted([*self._names.get(connection_id, []), *prefixed])

    def own_files(self, connection_id: str) -> list[str]:
        """Return the names of a connection's files of this resource."""
        return sorted(self._fragments.get(connection_id, {}))

    def read(self, connection_id: str, names: Collection[str]) -> Iterator[pa.Table]:
        """Yield the rows of some files of a connection, deleted ones included, a batch at a time."""
        fragments = [self._fragments[connection_id][name] for name in names]
        if not fragments:
            return
        data = ds.FileSystemDataset(
            fragments, self._data.schema, self._data.format, filesystem=self._data.filesystem
        )
        options = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        batches = data.to_batches(
            batch_size=_BATCH_ROWS, batch_readahead=1, fragment_readahead=1, use_threads=False,
            fragment_scan_options=options,
        )  # fmt: skip
        with plain_errors(self._tables.root, BROKEN):
            for batch in batches:
                rows = with_columns(pa.Table.from_batches([batch]), self.schema)
                yield rows if self._accounts is None else with_categories(rows, [self._accounts])


def _by_connection(data: ds.FileSystemDataset) -> dict[str, dict[str, ds.Fragment]]:
    """Return the files of each connection, by name."""
    result: dict[str, dict[str, ds.Fragment]] = {}
    for fragment in data.get_fragments():
        name = str(pa.scalar(ds.get_partition_keys(fragment.partition_expression)["connection_id"], TEXT))
        result.setdefault(name, {})[fragment.path.rpartition("/")[2]] = fragment
    return result
