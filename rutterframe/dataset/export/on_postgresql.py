"""Export to PostgreSQL, through the COPY of ADBC."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

# The base class documents the methods, and the names in the statements are those of layouts.
# ruff: noqa: D102, S608

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.export.database import Database, converted, quoted, to_date
from rutterframe.dataset.export.target import Target
from rutterframe.frames.schema import TEXT

#: The lock of all exports to a database, a number that other programs will hardly use: "rutterfr" in bytes.
_LOCK = int.from_bytes(b"rutterfr", "big")
_NUL, _REPLACEMENT = "\0", "\ufffd"


class PostgreSQL(Database):
    """A database on a PostgreSQL server.

    Parameters
    ----------
    target : Target
        The server, user and database; libpq takes what is left out from ``PGHOST``, ``PGPASSWORD`` and such.
    timeout : float
        For how many seconds to wait for another export.
    """

    types: ClassVar = {
        TEXT: "text",
        pa.float64(): "double precision",
        pa.int64(): "bigint",
        pa.timestamp("us"): "date",
        pa.date32(): "date",
        pa.timestamp("us", "UTC"): "timestamp with time zone",
        pa.bool_(): "boolean",
    }
    errors: ClassVar = (adbc.Error,)

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target, timeout)
        self._timeout = max(1, round(timeout * 1000))
        self._connection = adbc.connect(target.url.get_secret_value(), autocommit=False)
        self._cursor = self._connection.cursor()

    def begin(self) -> None:
        self.fetch(f"SET LOCAL lock_timeout = {self._timeout}")
        # The comparison of many rows sorts them on disk with the default of 4 MB.
        self.fetch("SET LOCAL work_mem = '64MB'")
        self.fetch(f"SELECT pg_advisory_xact_lock({_LOCK})")

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()

    def close(self) -> None:
        self._cursor.close()
        self._connection.close()

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(statement)
        return self._cursor.fetchall() if self._cursor.description else []

    def insert(self, table: str, rows: pa.Table, *, temporary: bool = False) -> None:
        self._cursor.adbc_ingest(table, converted(rows, _to_postgresql), mode="append", temporary=temporary)

    def columns(self, table: str) -> dict[str, str]:
        return dict(
            self.fetch(
                "SELECT column_name, data_type FROM information_schema.columns "
                f"WHERE table_name = '{table}' AND table_schema = current_schema() ORDER BY ordinal_position"
            )
        )

    def analyze(self, table: str) -> None:
        self.fetch(f"ANALYZE {quoted(table)}")


def _to_postgresql(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pa.ChunkedArray] | None:
    """Return how values of a type are converted; None for types that stay."""
    return _without_nul if kind == TEXT else to_date(kind)


def _without_nul(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts with the replacement character for NUL, which PostgreSQL's text cannot hold."""
    if not pc.any(pc.match_substring(column, _NUL)).as_py():
        return column
    return pc.replace_substring(column, _NUL, _REPLACEMENT)
