"""Read the stored rows of files and the rows to write between them, each with its new position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from rutterframe.dataset.edits import Edits, partition
from rutterframe.dataset.merge import POSITION, ROW
from rutterframe.dataset.spool import MAX_BYTES
from rutterframe.dataset.table_stream import TableStream

#: The distance of the positions of rows that are stored for the first time: others may come between them.
SPACING = 1 << 20
#: Rows of a file that are read once, and the rows to write among them at a time.
_MAX_ROWS = 25_000


class PositionedRows:
    """The rows of the slots to write, to be read slot by slot in ascending order.

    Parameters
    ----------
    edits : Edits
        What to change.
    renumber : bool
        Whether all rows get new positions.
    """

    def __init__(self, edits: Edits, *, renumber: bool) -> None:
        self._edits, self._renumber = edits, renumber
        self._schema = edits.stored.schema
        self._loaded = TableStream(edits.rows(), self._schema)
        units, front = edits.units, int(edits.inserts[0])
        self._next = units[0].first - SPACING * front if units else 0
        self._last = units[-1].last if units else -SPACING

    def read(self, slot: int) -> Iterator[pa.Table]:
        """Yield the rows of a slot by position."""
        if 0 < slot <= len(self._edits.units):
            yield from self._of_files(slot)
            return
        if slot and not self._renumber:
            self._next = self._last + SPACING
        for table in self._loaded.take(int(self._edits.inserts[slot])):
            yield self._edits.with_meta(table, self._following(len(table)))

    def _following(self, rows: int) -> np.ndarray:
        """Return positions behind all others."""
        start, self._next = self._next, self._next + SPACING * rows
        return np.arange(start, self._next, SPACING)

    def _of_files(self, slot: int) -> Iterator[pa.Table]:
        edits, unit = self._edits, self._edits.units[slot - 1]
        dropped, marked = edits.actions(slot)

        def stored(names: list[str] | None = None) -> Iterator[pa.Table]:
            for number in unit.files:
                for table in edits.stored.numbered(number, names):
                    yield edits.apply(table, dropped, marked).drop_columns([ROW.name])

        whole = list(stored()) if unit.rows <= _MAX_ROWS else None
        columns = [np.asarray(table[POSITION]) for table in whole or stored([POSITION])]
        positions = np.concatenate([np.zeros(0, np.int64), *columns])
        tables: Iterable[pa.Table] = stored() if whole is None else whole
        if (positions[1:] < positions[:-1]).any():
            positions = np.sort(positions)
            tables = self._sorted(tables, positions)
        keys, placed = edits.keys(slot)
        end = edits.units[slot].first if slot < len(edits.units) else None
        if self._renumber:
            new = self._following(len(positions) + len(keys))
        else:
            new = place(positions, keys, placed, unit.first, end)
        self._last = max(self._last, int(new.max(initial=self._last)))
        yield from self._merged(tables, positions, keys, new)

    def _sorted(self, tables: Iterable[pa.Table], positions: np.ndarray) -> Iterator[pa.Table]:
        """Yield rows of any order by position."""
        bounds, spool = positions[::_MAX_ROWS], self._edits.spool(MAX_BYTES)
        for table in tables:
            partition(table, np.searchsorted(bounds, np.asarray(table[POSITION]), "right"), spool)
        for number in range(len(bounds) + 1):
            parts = list(spool.read(number))
            if parts:
                yield pa.concat_tables(parts).sort_by([(POSITION, "ascending")])

    def _merged(
        self, tables: Iterable[pa.Table], positions: np.ndarray, keys: np.ndarray, new: np.ndarray
    ) -> Iterator[pa.Table]:
        """Yield stored rows and the rows to write among them by key, with their new positions."""
        at = written = 0
        for table in tables:
            rest = table
            while len(rest):
                upto = at + len(rest)
                following = keys[written:]
                if upto < len(positions):
                    following = following[: np.searchsorted(following, positions[upto])]
                if len(following) > _MAX_ROWS:
                    following = following[:_MAX_ROWS]
                    upto = at + int(np.searchsorted(positions[at:upto], following[-1], "right"))
                yield self._part(rest.slice(0, upto - at), following, new[at + written :])
                written, rest, at = written + len(following), rest.slice(upto - at), upto
        while written < len(keys):
            following = keys[written : written + _MAX_ROWS]
            yield self._part(self._schema.empty_table(), following, new[at + written :])
            written += len(following)

    def _part(self, stored: pa.Table, keys: np.ndarray, new: np.ndarray) -> pa.Table:
        loaded = [
            self._edits.with_meta(table, np.zeros(len(table), np.int64))
            for table in self._loaded.take(len(keys))
        ]
        rows = pa.concat_tables([stored, *loaded])
        if loaded:
            order = np.argsort(np.concatenate([np.asarray(stored[POSITION]), keys]), kind="stable")
            rows = rows.take(order)
        at = rows.schema.get_field_index(POSITION)
        return rows.set_column(at, self._schema.field(at), pa.array(new[: len(rows)]))


def place(
    stored: np.ndarray, keys: np.ndarray, placed: np.ndarray, first: int, end: int | None
) -> np.ndarray:
    """Return the positions of stored rows and of those to write between them, in ascending order.

    Parameters
    ----------
    stored : numpy.ndarray
        The positions of the stored rows.
    keys : numpy.ndarray
        The keys of the rows to write.
    placed : numpy.ndarray
        Whether a key is the position of its row; else the row follows the one at that position.
    first : int
        The lowest position that may be used.
    end : int, optional
        The one above the highest; any may be used when left out.
    """
    values = np.concatenate([stored, keys])
    order = np.argsort(values, kind="stable")
    values, is_known = values[order], np.concatenate([np.ones(len(stored), bool), placed])[order]
    if not is_known.all():
        known = np.flatnonzero(is_known)
        run = np.cumsum(is_known) - 1
        between = np.diff(known, append=len(values)) - 1
        upper = values[known][-1] + SPACING * (between[-1] + 1) if end is None else end
        step = np.diff(values[known], append=upper) // (between + 1)
        values = values[known][run] + step[run] * (np.arange(len(values)) - known[run])
    if (values[1:] > values[:-1]).all() and (end is None or not len(values) or values[-1] < end):
        return values
    step = SPACING if end is None else (end - first) // len(values)
    return first + step * np.arange(len(values))
