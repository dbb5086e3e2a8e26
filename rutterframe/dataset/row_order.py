"""Bring the rows that a merge writes into the order of their positions, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from rutterframe.dataset.edits import END, FRONT, Edits, partition
from rutterframe.dataset.merge import POSITION, ROW, Matches
from rutterframe.dataset.spool import Spool

#: Loaded rows of a range, which is sorted in memory.
_WIDTH = 8192
_NUMBER = pa.field("number", pa.int64())
_STORED = pa.schema([_NUMBER, pa.field(POSITION, pa.int64()), ROW, pa.field("kind", pa.int8())])
_EQUAL, _CHANGED, _NEW = 0, 1, 2


class ListOrder:
    """The order of a full list: of each loaded row its number in the list, and the position it has so far.

    A row that is equal to the stored one keeps its position, and so does a changed row where that is between
    those of the rows around it. Only if equal rows are in another order, all rows are written anew.

    Parameters
    ----------
    edits : Edits
        Where to add the rows to write.
    loaded : Spool
        The loaded rows in their order.
    max_bytes : int
        Bytes to hold in memory.
    """

    def __init__(self, edits: Edits, loaded: Spool, max_bytes: int) -> None:
        self._edits, self._loaded = edits, loaded
        self._stored, self._rows = edits.spool(max_bytes), edits.spool(max_bytes)
        self._ranges = -(-loaded.rows // _WIDTH)
        self._least = np.full(self._ranges + 1, END)
        self._last, self._is_reordered, self.moved = FRONT, False, False

    def add(self, loaded: pa.Table, matches: Matches, stored: pa.Table) -> None:
        """Add loaded rows with their numbers, and the stored rows that they match."""
        number, is_known = np.asarray(loaded[POSITION]), matches.stored >= 0
        position, row = np.zeros(len(loaded), np.int64), np.zeros(len(loaded), np.int64)
        position[is_known] = np.asarray(stored[POSITION])[matches.stored[is_known]]
        row[is_known] = np.asarray(stored[ROW.name])[matches.stored[is_known]]
        kind = np.where(matches.equal, _EQUAL, np.where(is_known, _CHANGED, _NEW)).astype(np.int8)
        ranges = number // _WIDTH
        np.minimum.at(self._least, ranges[matches.equal], position[matches.equal])
        columns = [pa.array(values) for values in (number, position, row, kind)]
        partition(pa.table(columns, schema=_STORED), ranges, self._stored)
        is_new = ~matches.equal
        partition(loaded.filter(pa.array(is_new)), ranges[is_new], self._rows)

    def finish(self) -> None:
        """Add the rows to the edits by key."""
        for _ in self._keys():
            pass
        if self._is_reordered:
            self._list_all()
            return
        end = self._last
        for keys, placed in self._keys():
            self._edits.add_keys(np.where(~placed & (keys == end), END, keys), placed)
        self._edits.rows = self._written

    def _written(self) -> Iterator[pa.Table]:
        for number in range(self._ranges):
            yield from _sorted(self._rows, number)

    def _numbers(self, number: int) -> tuple[np.ndarray, ...]:
        """Return number, position, stored row and kind of the rows of a range, in the order of the list."""
        table = pa.concat_tables([_STORED.empty_table(), *self._stored.read(number)])
        table = table.sort_by([(_NUMBER.name, "ascending")])
        return tuple(np.asarray(column) for column in table.columns)

    def _keys(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the keys of the new and the changed rows; note whether rows are in another order."""
        following = np.minimum.accumulate(self._least[::-1])[::-1]
        last = last_equal = last_known = FRONT
        for number in range(self._ranges):
            _, position, _, kind = self._numbers(number)
            equal = position[kind == _EQUAL]
            known = position[kind != _NEW]
            self._is_reordered |= _descends(equal, last_equal)
            self.moved |= _descends(known, last_known)
            last_equal, last_known = int(equal.max(initial=last_equal)), int(known.max(initial=last_known))
            upcoming = np.where(kind == _EQUAL, position, END)
            upcoming = np.minimum(np.minimum.accumulate(upcoming[::-1])[::-1], following[number + 1])
            fits = (kind == _EQUAL) | ((kind == _CHANGED) & (position < upcoming))
            highest = np.maximum.accumulate(np.concatenate([[last], np.where(fits, position, FRONT)]))
            placed = fits & (position > highest[:-1])
            last = int(highest[-1])
            is_written = kind != _EQUAL
            yield highest[1:][is_written], placed[is_written]
        self._last = last

    def _list_all(self) -> None:
        """Write all loaded rows behind those that are stored and not in the list."""
        survives = np.zeros(self._loaded.rows, bool)
        for number in range(self._ranges):
            numbers, _, rows, kind = self._numbers(number)
            survives[numbers] = True
            self._edits.drop(rows[kind == _EQUAL])
            self._edits.add_keys(np.full(len(numbers), END), np.zeros(len(numbers), bool))

        def listed() -> Iterator[pa.Table]:
            start = 0
            for table in self._loaded.read():
                yield table.filter(pa.array(survives[start : start + len(table)]))
                start += len(table)

        self._edits.rows = listed


class ChangeOrder:
    """The order of changes: changed rows keep their positions, new ones follow behind the last stored row.

    Parameters
    ----------
    edits : Edits
        Where to add the rows to write.
    max_bytes : int
        Bytes to hold in memory.
    """

    moved = False

    def __init__(self, edits: Edits, max_bytes: int) -> None:
        self._edits = edits
        self._changed, self._new = edits.spool(max_bytes), edits.spool(max_bytes)
        bounds = [np.linspace(unit.first, unit.last, unit.rows // _WIDTH + 1) for unit in edits.units]
        self._bounds = np.concatenate([[], *bounds]).astype(np.int64)
        self._ranges = 0

    def add(self, loaded: pa.Table, matches: Matches, stored: pa.Table) -> None:
        """Add loaded rows with their numbers, and the stored rows that they match."""
        changed, new = (matches.stored >= 0) & ~matches.equal, matches.stored < 0
        position = np.asarray(stored[POSITION])[matches.stored[changed]]
        rows = loaded.filter(pa.array(changed)).drop_columns([POSITION])
        rows = rows.append_column(POSITION, pa.array(position))
        partition(rows, np.searchsorted(self._bounds, position, "right"), self._changed)
        ranges = np.asarray(loaded[POSITION])[new] // _WIDTH
        partition(loaded.filter(pa.array(new)), ranges, self._new)
        self._ranges = max(self._ranges, int(ranges.max(initial=-1)) + 1)

    def finish(self) -> None:
        """Add the rows to the edits by key."""
        for number in range(len(self._bounds) + 1):
            positions = [np.asarray(table[POSITION]) for table in self._changed.read(number)]
            keys = np.sort(np.concatenate([np.zeros(0, np.int64), *positions]))
            self._edits.add_keys(keys, np.ones(len(keys), bool))
        for number in range(self._ranges):
            rows = sum(len(table) for table in self._new.read(number))
            self._edits.add_keys(np.full(rows, END), np.zeros(rows, bool))
        self._edits.rows = self._written

    def _written(self) -> Iterator[pa.Table]:
        for number in range(len(self._bounds) + 1):
            yield from _sorted(self._changed, number)
        for number in range(self._ranges):
            yield from _sorted(self._new, number)


def _descends(positions: np.ndarray, last: int) -> bool:
    """Return whether positions are not in ascending order, behind a last one."""
    return bool((positions[1:] <= positions[:-1]).any() or (positions[:1] <= last).any())


def _sorted(spool: Spool, number: int) -> Iterator[pa.Table]:
    """Yield the rows of a range by number or position, without that column."""
    tables = list(spool.read(number))
    if tables:
        rows = pa.concat_tables(tables).sort_by([(POSITION, "ascending")])
        yield rows.drop_columns([POSITION])
