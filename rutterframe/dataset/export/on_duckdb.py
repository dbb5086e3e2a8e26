"""Export to a DuckDB file."""

# The base class documents the methods, and the names in the statements are those of layouts.
# ruff: noqa: D102, S608

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from rutterframe.dataset.export.database import Database, column_list, converted, quoted, to_date
from rutterframe.dataset.export.target import Target
from rutterframe.frames.schema import TEXT

_ROWS = "rutterframe_rows"
#: How a file of SQLite begins.
_SQLITE = b"SQLite format 3"
#: Seconds between attempts to open a file that another process has open.
_WAIT = 0.1
#: DuckDB lets one process write at a time; the threads of this one take turns as well.
_writing = threading.Lock()


class DuckDB(Database):
    """A DuckDB file; another process that has it open is waited for.

    Parameters
    ----------
    target : Target
        The file.
    timeout : float
        For how many seconds to wait.
    """

    types: ClassVar = {
        TEXT: "VARCHAR",
        pa.float64(): "DOUBLE",
        pa.int64(): "BIGINT",
        pa.timestamp("us"): "DATE",
        pa.date32(): "DATE",
        pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
        pa.bool_(): "BOOLEAN",
    }
    errors: ClassVar = (duckdb.Error,)

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target, timeout)
        if not _writing.acquire(timeout=timeout):
            raise duckdb.IOException("another export of this process writes to it")
        try:
            self._connection = _open(target.path, timeout)
        except BaseException:
            _writing.release()
            raise

    def begin(self) -> None:
        self.fetch("BEGIN")

    def commit(self) -> None:
        self.fetch("COMMIT")

    def rollback(self) -> None:
        self.fetch("ROLLBACK")

    def close(self) -> None:
        try:
            self._connection.close()
        finally:
            _writing.release()

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement).fetchall()

    def insert(self, table: str, rows: pa.Table, *, temporary: bool = False) -> None:
        del temporary
        self._connection.register(_ROWS, converted(rows, to_date))
        try:
            columns = column_list(rows.column_names)
            self.fetch(f"INSERT INTO {quoted(table)} ({columns}) SELECT {columns} FROM {_ROWS}")
        finally:
            with suppress(duckdb.Error):  # after an error of the statement
                self._connection.unregister(_ROWS)

    def columns(self, table: str) -> dict[str, str]:
        return dict(
            self.fetch(
                "SELECT column_name, data_type FROM information_schema.columns "
                f"WHERE table_name = '{table}' AND table_schema = current_schema() "
                "AND table_catalog = current_catalog() ORDER BY ordinal_position"
            )
        )


def _open(path: str, timeout: float) -> duckdb.DuckDBPyConnection:
    """Open a file; wait while another process has it open."""
    file = Path(path)
    if file.is_file():
        with file.open("rb") as opened:
            if opened.read(len(_SQLITE)) == _SQLITE:  # DuckDB would load an extension from the Internet
                raise duckdb.IOException("it is a SQLite file, not a valid DuckDB file")
    end = time.monotonic() + timeout
    while True:
        try:
            return duckdb.connect(path)
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(_WAIT)
