"""A stream of tables from which any number of rows is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


class TableStream:
    """Tables of one schema as one sequence of rows, each taken once.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        The tables.
    schema : pyarrow.Schema
        Their columns.
    """

    def __init__(self, tables: Iterable[pa.Table], schema: pa.Schema) -> None:
        self._tables = iter(tables)
        self._rest = schema.empty_table()

    def take(self, rows: int) -> Iterator[pa.Table]:
        """Yield the next rows in parts, fewer at the end of the stream."""
        while rows:
            if not len(self._rest):
                table = next(self._tables, None)
                if table is None:
                    return
                self._rest = table
            part = self._rest.slice(0, rows)
            self._rest = self._rest.slice(len(part))
            rows -= len(part)
            yield part
