"""What a refresh changes: the rows that were kept, and those that came, as the rows to keep now."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

DELETED, POSITION = "_deleted_at", "_position"
MARKS = (pa.field(DELETED, pa.timestamp("us", "UTC")), pa.field(POSITION, pa.int64()))
#: The earlier position of a row that was there before; it is not stored.
WAS = pa.field("_was", pa.int64())


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of some rows of one connection.

    Attributes
    ----------
    table : pyarrow.Table
        All of them, also those that vanished, by position, with both marks and `WAS`.
    added, changed, removed : int
        How many came, are different now, and vanished.
    """

    table: pa.Table
    added: int
    changed: int
    removed: int

    @property
    def live(self) -> int:
        """How many rows have not vanished."""
        return int(self.table[DELETED].null_count)


def merged(
    kept: pa.Table,
    come: pa.Table,
    *,
    whole: bool,
    now: datetime,
    after: int = 0,
    unreadable: Collection[str] | None = (),
) -> Merged:
    """Put what came to what was kept.

    Parameters
    ----------
    kept : pyarrow.Table
        The rows of one connection with both marks; each id once, but any number without one.
    come : pyarrow.Table
        Its rows as they were loaded now, each id once, with their positions.
    whole : bool
        Whether they are all that there are: then what did not come has vanished. Otherwise they are what
        changed, and keep the places that they had.
    now : datetime
        When they vanished.
    after : int
        Where the positions of new rows begin, if they are what changed.
    unreadable : collection of str, or None
        The ids of rows that came and could not be read: they have not vanished, so what was kept of them
        stays. None if not all of these ids are known: then no row with an id vanishes.
    """
    names = [name for name in come.column_names if name != POSITION]
    named = kept.filter(pc.is_valid(kept["id"]))
    nameless = kept.filter(pc.and_(pc.is_null(kept["id"]), pc.is_null(kept[DELETED])))
    place = _places(named["id"], come["id"])
    known = place >= 0
    alive = np.asarray(named[DELETED].is_null())
    was_alive = known.copy()
    was_alive[known] = alive[place[known]]
    same = _equal(named.select(names).take(place[was_alive]), come.filter(pa.array(was_alive)))
    touched = np.zeros(len(named), bool)
    touched[place[known]] = True
    rest = named.filter(pa.array(~touched))
    old = np.asarray(named[POSITION])[place[was_alive]]
    position = np.asarray(come[POSITION])
    removed = 0
    if whole:
        stays = _stays(rest, unreadable)
        vanished = pc.if_else(stays, rest[DELETED], rest[DELETED].fill_null(now))
        removed = rest[DELETED].null_count - vanished.null_count + len(nameless)
        rest = _marked(rest.select(names), vanished, rest[POSITION])
    else:
        position = position + after
        position[was_alive] = old
        rest = pa.concat_tables([rest, nameless])
    live = _marked(come.select(names), pa.nulls(len(come), MARKS[0].type), pa.array(position))
    was = np.zeros(len(come), np.int64)
    was[was_alive] = old
    table = pa.concat_tables(
        [
            live.append_column(WAS, pa.array(was, mask=~was_alive)),
            rest.append_column(WAS, pa.nulls(len(rest), WAS.type)),
        ]
    )
    return Merged(
        table.sort_by([(POSITION, "ascending")]), int((~was_alive).sum()), int((~same).sum()), removed
    )


def _stays(rows: pa.Table, unreadable: Collection[str] | None) -> pa.ChunkedArray:
    """Tell which rows stay as they are although they did not come."""
    if unreadable is None:
        return pa.chunked_array([np.ones(len(rows), bool)])
    return pc.is_in(rows["id"], pa.array(list(unreadable), rows["id"].type))


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
    """Find the row of each id; -1 where there is none. All that were kept have an id."""
    places: np.ndarray = pd.Index(kept.to_pandas()).get_indexer(pd.Index(come.to_pandas()))
    return places


def _equal(one: pa.Table, other: pa.Table) -> np.ndarray:
    """Tell row by row whether all values are the same."""
    same = np.ones(len(one), bool)
    for name in one.column_names:
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
