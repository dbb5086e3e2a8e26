"""Export to a SQLite file, through Python's own sqlite3.

ADBC's driver inserts 1.6 times as fast, but brings a SQLite of its own: two of them in one process do not see
each other's locks, so that a connection which a notebook has open on the file would read half of an export.
"""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

# The base class documents the methods, and the names in the statements are those of layouts.
# ruff: noqa: D102, S608

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.export.database import Database, column_list, converted, quoted
from rutterframe.dataset.export.target import Target
from rutterframe.frames.schema import TEXT

#: Rows that become Python objects at a time.
_ROWS = 5_000
#: The place of the space between date and time in the text of a time.
_SPACE = len("2026-06-30")


class SQLite(Database):
    """A SQLite file. Dates and moments are ISO texts of one length, in UTC, which sort by time.

    Parameters
    ----------
    target : Target
        The file.
    timeout : float
        For how many seconds to wait for another program that writes.
    """

    types: ClassVar = {
        TEXT: "TEXT",
        pa.float64(): "REAL",
        pa.int64(): "INTEGER",
        pa.timestamp("us"): "DATE",
        pa.date32(): "DATE",
        pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
        pa.bool_(): "BOOLEAN",
    }
    differs = "IS NOT"
    errors: ClassVar = (sqlite3.Error,)

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target, timeout)
        self._connection = sqlite3.connect(target.path, timeout=timeout, isolation_level=None)

    def begin(self) -> None:
        self.fetch("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.fetch("COMMIT")

    def rollback(self) -> None:
        self.fetch("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement).fetchall()

    def insert(self, table: str, rows: pa.Table, *, temporary: bool = False) -> None:
        del temporary
        places = ", ".join("?" * rows.num_columns)
        insert = f"INSERT INTO {quoted(table)} ({column_list(rows.column_names)}) VALUES ({places})"
        for batch in converted(rows, _to_text).to_batches(_ROWS):
            values = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            self._connection.executemany(insert, values)

    def columns(self, table: str) -> dict[str, str]:
        return dict(self.fetch(f"SELECT name, type FROM pragma_table_info('{table}')"))

    def replace_view(self, name: str, query: str) -> None:
        self.fetch(f"DROP VIEW IF EXISTS {quoted(name)}")
        self.fetch(f"CREATE VIEW {quoted(name)} AS {query}")


def _to_text(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pa.ChunkedArray] | None:
    """Return how values of a type become texts; None for other types."""
    if pa.types.is_date(kind) or kind == pa.timestamp("us"):
        return lambda column: column.cast(pa.date32()).cast(TEXT)
    return _iso_time if pa.types.is_timestamp(kind) else None


def _iso_time(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times as texts such as 2026-06-30T12:00:00.000000Z."""
    text = pc.utf8_replace_slice(column.cast(pa.timestamp("us")).cast(TEXT), _SPACE, _SPACE + 1, "T")
    return pc.binary_join_element_wise(text, pa.scalar("Z", TEXT), pa.scalar("", TEXT))
