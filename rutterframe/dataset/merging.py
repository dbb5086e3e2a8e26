"""What a refresh changes: the rows that were kept, and those that came, as the rows to keep now."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

DELETED, POSITION = "_deleted_at", "_position"
MARKS = (pa.field(DELETED, pa.timestamp("us", "UTC")), pa.field(POSITION, pa.int64()))


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows of one connection after a refresh.

    Attributes
    ----------
    table : pyarrow.Table
        All of them, also those that vanished, with both marks.
    added, changed, removed : int
        How many came, are different now, and vanished.
    moved : bool
        Whether the same rows stand in another order.
    """

    table: pa.Table
    added: int
    changed: int
    removed: int
    moved: bool

    @property
    def live(self) -> int:
        """How many rows have not vanished."""
        return int(self.table[DELETED].null_count)

    @property
    def is_new(self) -> bool:
        """Whether there is anything to write."""
        return self.moved or bool(self.added or self.changed or self.removed)


def merged(kept: pa.Table, come: pa.Table, *, whole: bool, now: datetime) -> Merged:
    """Put what came to what was kept.

    Parameters
    ----------
    kept : pyarrow.Table
        The rows of one connection with both marks; each id once, but any number without one.
    come : pyarrow.Table
        Its rows as they were loaded now, without marks.
    whole : bool
        Whether they are all that there are: then what did not come has vanished. Otherwise they are what
        changed.
    now : datetime
        When they vanished.
    """
    named = kept.filter(pc.is_valid(kept["id"]))
    nameless = kept.filter(pc.and_(pc.is_null(kept["id"]), pc.is_null(kept[DELETED])))
    place = _places(named["id"], come["id"])
    known = place >= 0
    alive = np.asarray(named[DELETED].is_null())
    was_alive = known.copy()
    was_alive[known] = alive[place[known]]
    same = _equal(named.select(come.column_names).take(place[was_alive]), come.filter(pa.array(was_alive)))
    touched = np.zeros(len(named), bool)
    touched[place[known]] = True
    rest = named.filter(pa.array(~touched))
    position = np.arange(len(come))
    if whole:
        gone = np.asarray(rest[DELETED].is_null())
        rest = _marked(rest.select(come.column_names), rest[DELETED].fill_null(now), rest[POSITION])
        removed = int(gone.sum()) + len(nameless)
        old = np.asarray(named[POSITION])[place[was_alive]]
        moved = bool((np.diff(old) < 0).any())
    else:
        after = (pc.max(kept[POSITION]).as_py() or 0) + 1 if len(kept) else 0
        position = position + after
        position[was_alive] = np.asarray(named[POSITION])[place[was_alive]]
        rest, removed, moved = pa.concat_tables([rest, nameless]), 0, False
    live = _marked(come, pa.nulls(len(come), MARKS[0].type), pa.array(position))
    table = pa.concat_tables([live, rest])
    if not whole or len(rest):
        table = table.sort_by([(POSITION, "ascending")])
    return Merged(table, int((~was_alive).sum()), int((~same).sum()), removed, moved)


def with_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give a table the columns and types of a schema: what it has not is missing."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _marked(table: pa.Table, deleted: pa.Array, position: pa.Array) -> pa.Table:
    return table.append_column(MARKS[0], deleted.cast(MARKS[0].type)).append_column(MARKS[1], position)


def _places(kept: pa.ChunkedArray, come: pa.ChunkedArray) -> np.ndarray:
    """Find the row of each id; -1 where there is none. A row without an id is nobody's successor."""
    found = pd.Index(kept.to_pandas()).get_indexer(pd.Index(come.to_pandas()))
    return np.where(np.asarray(come.is_null()), -1, found)


def _equal(one: pa.Table, other: pa.Table) -> np.ndarray:
    """Tell row by row whether all values are the same."""
    same = np.ones(len(one), bool)
    for name in other.column_names:
        same &= differences(one[name], other[name]) == 0
    return same


def differences(one: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    """Give 1 where two columns differ, else 0; missing is equal to missing."""
    if pa.types.is_nested(one.type):
        pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
        return np.array([left != right for left, right in pairs], dtype=np.int8)
    equal = pc.fill_null(pc.equal(one, other), fill_value=False)
    both_missing = pc.and_(pc.is_null(one), pc.is_null(other))
    return 1 - np.asarray(pc.or_(equal, both_missing)).astype(np.int8)
