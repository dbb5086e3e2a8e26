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
        self._deleted: set[int] = set()
        #: How many times the list was changed; what is derived from it is valid for one version.
        self.version = 0

    def __len__(self) -> int:
        """Return how many positions there are, those of deleted records included."""
        return self._rows.size + len(self._written)

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, self.positions())

    def positions(self, first: int = 0) -> Iterator[int]:
        """Iterate over the positions of the records that are not deleted, from a position on."""
        positions = range(first, len(self))
        if not self._deleted:
            return iter(positions)
        return (position for position in positions if position not in self._deleted)

    @property
    def changed(self) -> list[int]:
        """The positions of the records that were written or replaced."""
        return sorted(self._touched)

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

    def touched_at(self, position: int) -> int | None:
        """Return the moment at which a record was written or replaced; None for one of the books."""
        return self._touched.get(position)

    def find(self, record_id: str) -> int | None:
        """Return the position of a record, or None if this list has no such id."""
        position = self._find(record_id)
        return None if position in self._deleted else position

    def _find(self, record_id: str) -> int | None:
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
        self.version += 1

    def replace(self, position: int, record: Record, instant: int) -> None:
        """Replace the record at a position."""
        if position >= self._rows.size:
            self._written[position - self._rows.size] = record
        else:
            self._replaced[position] = record
        self._touched[position] = instant
        self.version += 1

    def delete(self, position: int) -> None:
        """Delete the record at a position; the others keep theirs."""
        self._deleted.add(position)
        self.version += 1


def empty_collection() -> Collection:
    """Return an empty list, for a platform that does not have the resource."""
    records: list[Record] = []
    moments: list[int] = []
    rows = Rows(Ids("nothing"), 0, records.__getitem__, moments.__getitem__)
    return Collection(rows, Ids("nothing", "written"))
