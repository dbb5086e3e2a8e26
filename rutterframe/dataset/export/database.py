"""A database to export to: what the statements need of it, and how they are sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import pyarrow as pa

from rutterframe.dataset.export.layout import TableLayout
from rutterframe.dataset.export.target import Target

#: A column that exports do not write, or of another type than they write.
_CHANGED = (
    "another program, or a newer rutterframe, has changed it. Drop the table, so that the export writes it "
    "anew, or export to another database"
)


class Database(ABC):
    """An open database. Its transactions are explicit, and include the creation of tables.

    Parameters
    ----------
    target : Target
        Its address.
    timeout : float
        For how many seconds to wait for another program.
    """

    #: The type of a column, by the Arrow type of its values: text, numbers, counts, dates, moments, booleans.
    types: ClassVar[Mapping[pa.DataType, str]]
    #: The operator of two values of which either may be null.
    differs: ClassVar[str] = "IS DISTINCT FROM"
    #: The errors of the driver.
    errors: ClassVar[tuple[type[Exception], ...]]

    def __init__(self, target: Target, timeout: float) -> None:
        self.target, self.timeout = target, timeout

    @abstractmethod
    def begin(self) -> None:
        """Begin a transaction, once no other export has one."""

    @abstractmethod
    def commit(self) -> None:
        """Commit the transaction."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the transaction."""

    @abstractmethod
    def close(self) -> None:
        """Close the database."""

    @abstractmethod
    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement, and return its rows."""

    @abstractmethod
    def insert(self, table: str, rows: pa.Table, *, temporary: bool = False) -> None:
        """Insert rows, by the names of the columns."""

    @abstractmethod
    def columns(self, table: str) -> dict[str, str]:
        """Return the names and types of a table's columns; none if there is no such table."""

    def analyze(self, table: str) -> None:
        """Count the values of a temporary table for the planner; for a database that does not itself."""
        del table

    def replace_view(self, name: str, query: str) -> None:
        """Create a view, in the place of an earlier one."""
        self.fetch(f"CREATE OR REPLACE VIEW {quoted(name)} AS {query}")

    def create(self, table: TableLayout, *, is_known: bool) -> bool:
        """Create a table and its view, or add the columns that are new; return whether anything was missing.

        Parameters
        ----------
        table : TableLayout
            The table.
        is_known : bool
            Whether an export has written it before.

        Raises
        ------
        ValueError
            If there is a table of that name that no export wrote, or that another program changed.
        """
        wanted = {field.name: self.types[field.type] for field in table.schema}
        existing = self.columns(table.name)
        if not existing:
            columns = [f"{quoted(name)} {kind}" for name, kind in wanted.items()]
            columns[0] += " NOT NULL"
            unique = f"UNIQUE ({', '.join(map(quoted, table.key))})"
            self.fetch(f"CREATE TABLE {quoted(table.name)} ({', '.join([*columns, unique])})")
        else:
            self._refuse_changed(table, wanted, existing, is_known=is_known)
            for name in wanted.keys() - existing.keys():
                self.fetch(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(name)} {wanted[name]}")
        is_new = existing.keys() != wanted.keys()
        if is_new:
            query = f"SELECT * FROM {quoted(table.name)} WHERE _deleted_at IS NULL"  # noqa: S608 - of a layout
            self.replace_view(table.view, query)
        return is_new

    def _refuse_changed(
        self, table: TableLayout, wanted: Mapping[str, str], existing: Mapping[str, str], *, is_known: bool
    ) -> None:
        name = f"The table {table.name} of {self.target}"
        if not is_known and not wanted.keys() <= existing.keys():
            raise ValueError(
                f"{name} was not written by an export: it has no column "
                f"{', '.join(sorted(wanted.keys() - existing.keys()))}. Nothing was changed.\n"
                f"Next: export to another database or schema, or rename that table"
            )
        for column in existing.keys() - wanted.keys():
            raise ValueError(f"{name} has a column {column!r} that no export writes: {_CHANGED}")
        for column, kind in existing.items():
            if kind.upper() != wanted[column].upper():
                raise ValueError(
                    f"{name} has the column {column!r} as {kind}, not as {wanted[column]}: {_CHANGED}"
                )


def column_list(names: Iterable[str], alias: str = "") -> str:
    """Return columns as the list of a statement, of the table with an alias."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + quoted(name) for name in names)


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return f'"{name}"'


def converted(
    rows: pa.Table, convert: Callable[[pa.DataType], Callable[[pa.ChunkedArray], pa.ChunkedArray] | None]
) -> pa.Table:
    """Return rows with the columns of some types converted."""
    columns: Iterable[pa.ChunkedArray] = (
        column if (change := convert(column.type)) is None else change(column) for column in rows.columns
    )
    return pa.table(list(columns), names=rows.column_names)


def to_date(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pa.ChunkedArray] | None:
    """Return how a date of a frame, a timestamp without a zone, becomes a date; None for other types."""
    return (lambda column: column.cast(pa.date32())) if kind == pa.timestamp("us") else None
