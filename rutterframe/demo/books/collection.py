"""A list of one connection: rows rendered on demand from the books, with what was written on top."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rutterframe.demo.books.anomalies import Record
from rutterframe.demo.books.tables import Ids


class Rows(NamedTuple):
    """What the books hold of a list: how many rows, each row's record, and when it was last changed."""

    ids: Ids
    size: int
    record: Callable[[int], Record]
    touched: Callable[[int], int]


class Collection:
    """The rows of a list by position, in the order in which pages serve them; written rows come last."""

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

    def touched(self, position: int) -> int:
        """Return the moment in which a row was last changed."""
        if position in self._touched:
            return self._touched[position]
        return self._rows.touched(position)

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
        """Put a changed record in the place of the one that was there."""
        if position >= self._rows.size:
            self._written[position - self._rows.size] = record
        else:
            self._replaced[position] = record
        self._touched[position] = instant


def nothing() -> Collection:
    """Return the list of a connection whose platform has no such thing."""
    records: list[Record] = []
    moments: list[int] = []
    rows = Rows(Ids("nothing"), 0, records.__getitem__, moments.__getitem__)
    return Collection(rows, Ids("nothing", "written"))
