"""A list of one connection: rows of the books, rendered on demand, and the records written by requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from rutterframe.demo.books.tables import Ids

#: One JSON object of a list.
Record = dict[str, Any]


class Rows(NamedTuple):
    """The rows of a list in the books.

    Attributes
    ----------
    ids : Ids
        Their ids.
    size : int
        How many there are.
    record, changed_at : callable
        Return the record of a row, and the moment of its last change.
    """

    ids: Ids
    size: int
    record: Callable[[int], Record]
    changed_at: Callable[[int], int]


class Collection:
    """The records of a list by position, in the order of its pages; written records come last.

    Parameters
    ----------
    rows : Rows
        The rows of the books.
    written : Ids
        The ids of written records.
    """

    def __init__(self, rows: Rows, written: Ids) -> None:
        self._rows = rows
        self._written_ids = written
        self._written: list[Record] = []
        self._replaced: dict[int, Record] = {}
        self._touched: dict[int, int] = {}

    def __len__(self) -> int:
        return self._rows.size + len(self._written)

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, range(len(self)))

    def record(self, position: int) -> Record:
        """Return the record at a position."""
        if position >= self._rows.size:
            return self._written[position - self._rows.size]
        return self._replaced.get(position) or self._rows.record(position)

    def changed_at(self, position: int) -> int:
        """Return the moment of a record's last change."""
        if position in self._touched:
            return self._touched[position]
        return self._rows.changed_at(position)

    def find(self, record_id: str) -> int | None:
        """Return the position of a record, or None if this list has no such id."""
        position = self._rows.ids.index(record_id)
        if position is not None and position < self._rows.size:
            return position
        position = self._written_ids.index(record_id)
        return None if position is None or position >= len(self._written) else position + self._rows.size

    def next_id(self) -> str:
        """Return the id of the next record to be written."""
        return self._written_ids.of(len(self._written))

    def add(self, record: Record, instant: int) -> None:
        """Append a written record."""
        self._touched[len(self)] = instant
        self._written.append(record)

    def replace(self, position: int, record: Record, instant: int) -> None:
        """Replace the record at a position."""
        if position >= self._rows.size:
            self._written[position - self._rows.size] = record
        else:
            self._replaced[position] = record
        self._touched[position] = instant


def empty_collection() -> Collection:
    """Return an empty list, for a platform that does not have the resource."""
    records: list[Record] = []
    moments: list[int] = []
    rows = Rows(Ids("nothing"), 0, records.__getitem__, moments.__getitem__)
    return Collection(rows, Ids("nothing", "written"))
