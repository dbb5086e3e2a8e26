"""The databases of the tests of exports, and what their tables should hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import rutterframe as rf
from rutterframe.frames.nested import NESTED, child_rows
from tests.postgresql_server import PostgreSQLServer

NESTED_ENDS = [f"_{name}" for name in NESTED]


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """An empty database.

    Attributes
    ----------
    kind : str
        "duckdb", "sqlite" or "postgresql".
    url : str
        Its address.
    server : PostgreSQLServer or None
        The server of a PostgreSQL database.
    """

    __test__ = False
    kind: str
    url: str
    server: PostgreSQLServer | None = None

    @property
    def path(self) -> str:
        """The file of a database that is one."""
        return self.url.partition(":///")[2]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement in a connection of its own, and return its rows; moments are in UTC."""
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.path)) as connection:
                rows = connection.execute(statement).fetchall()
                connection.commit()
                return rows
        if self.kind == "duckdb":
            with duckdb.connect(self.path) as database:
                database.execute("SET TimeZone = 'UTC'")
                return database.execute(statement).fetchall()
        assert self.server is not None
        return self.server.fetch(self.url, statement)

    def value(self, value: Any) -> Any:
        """Return a date or moment as this database returns it."""
        if self.kind == "sqlite" and isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
        if self.kind == "sqlite" and isinstance(value, date):
            return value.isoformat()
        return value


def expected_rows(database: TestDatabase, data: rf.Dataset, table: str) -> list[tuple[Any, ...]]:
    """Return the current rows that a table should hold, from the frames."""
    resource = next(
        name for name in data.resources if table in (name, *(f"{name}{end}" for end in NESTED_ENDS))
    )
    frame = data.load(resource)
    nested = [name for name in NESTED if name in frame]
    rows = frame.drop(columns=nested) if table == resource else child_rows(frame, table[len(resource) + 1 :])
    dates = [name for name, dtype in rows.dtypes.items() if dtype == "datetime64[us]"]
    values = rows.astype(object).where(rows.notna(), None)
    for name in dates:
        values[name] = [None if value is None else value.date() for value in values[name]]
    return [tuple(map(database.value, row)) for row in values.itertuples(index=False, name=None)]


def exported_rows(database: TestDatabase, data: rf.Dataset, table: str) -> list[tuple[Any, ...]]:
    """Return the current rows of a table, with the columns and in the order of the frame."""
    own = table in data.resources
    order = "connection_id, _position" + ("" if own else ", line_number")
    rows = database.rows(f'SELECT * FROM "{table}_current" ORDER BY {order}')  # noqa: S608
    return [row[:-2] for row in rows]


def assert_exported(database: TestDatabase, data: rf.Dataset, tables: list[str]) -> None:
    """Compare tables with the frames."""
    for table in tables:
        exported, expected = exported_rows(database, data, table), expected_rows(database, data, table)
        assert len(exported) == len(expected), table
        assert exported == expected, table


def counts(result: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return connection, added, changed, deleted and rows of a result."""
    columns = ["connection_id", "added", "changed", "deleted", "rows"]
    return list(result[columns].itertuples(index=False, name=None))


def create_database(kind: str, tmp_path: Path, server: PostgreSQLServer | None) -> TestDatabase:
    """Return an empty database of a kind."""
    if server is not None:
        return TestDatabase(kind, server.create_schema(), server)
    return TestDatabase(kind, f"{kind}:///{tmp_path / kind}.db")
