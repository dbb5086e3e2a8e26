"""The rows of a connection to drop, to mark as deleted and to write, as a merge finds them."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.merge import DELETED, META_FIELDS, POSITION, ROW
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.stored_rows import StoredRows

#: The keys of rows before the first stored row, and behind the last.
FRONT, END = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)
_MARKED = pa.field("marked", pa.bool_())
_KEY, _PLACED = pa.field("key", pa.int64()), pa.field("placed", pa.bool_())


class Edits:
    """What to change in the files of a connection.

    The rows to write have keys, in ascending order: the position that a row has, or that of the stored row
    which it follows. By its key each belongs to a slot: 0 before the first unit of files, then one for each
    unit, and one behind the last.

    Parameters
    ----------
    stored : StoredRows
        The stored rows.
    now : datetime
        The time of deletion.
    max_bytes : int
        Bytes to hold in memory.

    Attributes
    ----------
    rows : callable
        Yields the rows to write in their order, without `META_FIELDS`.
    """

    def __init__(self, stored: StoredRows, now: datetime, max_bytes: int) -> None:
        self.stored, self.now = stored, now
        self.units = stored.units()
        self.rows: Callable[[], Iterator[pa.Table]] = lambda: iter(())
        slots = len(self.units) + 2
        self.drops, self.marks, self.inserts = (np.zeros(slots, np.int64) for _ in range(3))
        self._actions, self._keys = Spool(max_bytes), Spool(max_bytes)
        self._firsts = np.array([unit.first for unit in self.units], np.int64)
        self._slot_of_file = np.zeros(len(stored.files), np.int64)
        for number, unit in enumerate(self.units):
            self._slot_of_file[list(unit.files)] = number + 1
        self._spools = [self._actions, self._keys]

    def spool(self, max_bytes: int) -> Spool:
        """Return a spool that is closed with the edits."""
        self._spools.append(Spool(max_bytes))
        return self._spools[-1]

    def close(self) -> None:
        """Free the memory, and delete the temporary files."""
        for spool in self._spools:
            spool.close()

    def drop(self, rows: np.ndarray) -> None:
        """Drop stored rows by number: they are written anew, or not stored any more."""
        self._act(rows, self.drops, marked=False)

    def mark(self, rows: np.ndarray) -> None:
        """Mark stored rows by number as deleted."""
        self._act(rows, self.marks, marked=True)

    def _act(self, rows: np.ndarray, counts: np.ndarray, *, marked: bool) -> None:
        if not len(rows):
            return
        slots = self._slot_of_file[np.searchsorted(self.stored.offsets, rows, "right") - 1]
        counts += np.bincount(slots, minlength=len(counts))
        table = pa.table([pa.array(rows), pa.repeat(marked, len(rows))], schema=pa.schema([ROW, _MARKED]))
        partition(table, slots, self._actions)

    def actions(self, slot: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the rows to drop and to mark in the files of a slot."""
        table = pa.concat_tables([pa.schema([ROW, _MARKED]).empty_table(), *self._actions.read(slot)])
        rows, marked = np.asarray(table[ROW.name]), np.asarray(table[_MARKED.name]).astype(bool)
        return rows[~marked], rows[marked]

    def add_keys(self, keys: np.ndarray, placed: np.ndarray) -> None:
        """Append the keys of rows to write, and whether a key is the position of its row."""
        slots = np.searchsorted(self._firsts, keys, "right")
        slots[keys == END] = len(self.units) + 1
        self.inserts += np.bincount(slots, minlength=len(self.inserts))
        table = pa.table([pa.array(keys), pa.array(placed)], schema=pa.schema([_KEY, _PLACED]))
        partition(table, slots, self._keys)

    def keys(self, slot: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the keys of a slot, and whether each is a position."""
        table = pa.concat_tables([pa.schema([_KEY, _PLACED]).empty_table(), *self._keys.read(slot)])
        return np.asarray(table[_KEY.name]), np.asarray(table[_PLACED.name]).astype(bool)

    def apply(self, table: pa.Table, dropped: np.ndarray, marked: np.ndarray) -> pa.Table:
        """Return numbered stored rows of a batch without the dropped ones, and with the marks."""
        rows = np.asarray(table[ROW.name])
        if len(marked) and DELETED in table.column_names:
            at = table.schema.get_field_index(DELETED)
            is_marked = pa.array(np.isin(rows, marked))
            deleted = pc.if_else(is_marked, pa.scalar(self.now, META_FIELDS[0].type), table[DELETED])
            table = table.set_column(at, META_FIELDS[0], deleted)
        return table.filter(pa.array(~np.isin(rows, dropped))) if len(dropped) else table

    def with_meta(self, table: pa.Table, positions: np.ndarray) -> pa.Table:
        """Return rows to write with `META_FIELDS`."""
        deleted = pa.nulls(len(table), META_FIELDS[0].type)
        table = table.append_column(META_FIELDS[0], deleted)
        return table.append_column(POSITION, pa.array(positions)).select(self.stored.schema.names)


def partition(table: pa.Table, buckets: np.ndarray, spool: Spool) -> None:
    """Append rows to the buckets that they are in, in their order."""
    if not len(table):
        return
    first = int(buckets[0])
    if (buckets == first).all():
        spool.append(table, first)
        return
    order = np.argsort(buckets, kind="stable")
    rows, numbers = table.take(order), buckets[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        spool.append(rows.slice(start, end - start), int(numbers[start]))
