"""Merge loaded rows of one connection with its stored rows, in memory."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.failures import DamagedError

#: The columns of a stored row beside the frame's: when it was deleted, and its position in the API's list.
DELETED, POSITION = "_deleted_at", "_position"
META_FIELDS = (pa.field(DELETED, pa.timestamp("us", "UTC")), pa.field(POSITION, pa.int64()))
#: The position of a row before the merge, null for a new one; it is not stored.
PREVIOUS = pa.field("_previous_position", pa.int64())


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The merged rows of one connection, or of a part of its rows.

    Attributes
    ----------
    table : pyarrow.Table
        All rows, deleted ones included, by position, with `META_FIELDS` and `PREVIOUS`.
    added, changed, removed : int
        The number of rows that are new, differ, and were deleted.
    """

    table: pa.Table
    added: int
    changed: int
    removed: int

    @property
    def live(self) -> int:
        """The number of rows that are not deleted."""
        return int(self.table[DELETED].null_count)


def merge_tables(
    stored: pa.Table,
    loaded: pa.Table,
    *,
    full: bool,
    now: datetime,
    first_position: int = 0,
    unreadable: Collection[str] | None = (),
) -> MergeResult:
    """Merge loaded rows with stored rows by id.

    Parameters
    ----------
    stored : pyarrow.Table
        The stored rows with `META_FIELDS`; each id once, but any number of rows without one.
    loaded : pyarrow.Table
        The loaded rows, each id once, with their positions.
    full : bool
        Whether the loaded rows are the full list: then stored rows that are not in it are marked as deleted.
        Otherwise they are changes, and rows that were stored before keep their position.
    now : datetime
        The time of deletion.
    first_position : int
        The position of the first new row, if the loaded rows are changes.
    unreadable : collection of str, or None
        The ids of loaded rows that could not be read: their stored rows stay as they are. None if not all of
        these ids are known: then no stored row with an id is marked as deleted.
    """
    names = [name for name in loaded.column_names if name != POSITION]
    identified = stored.filter(pc.is_valid(stored["id"]))
    without_id = stored.filter(pc.and_(pc.is_null(stored["id"]), pc.is_null(stored[DELETED])))
    match = _match(identified["id"], loaded["id"])
    matched = match >= 0
    current = np.asarray(identified[DELETED].is_null())
    was_current = matched.copy()
    was_current[matched] = current[match[matched]]
    equal = _equal(identified.select(names).take(match[was_current]), loaded.filter(pa.array(was_current)))
    in_loaded = np.zeros(len(identified), bool)
    in_loaded[match[matched]] = True
    rest = identified.filter(pa.array(~in_loaded))
    previous = np.asarray(identified[POSITION])[match[was_current]]
    position = np.asarray(loaded[POSITION])
    removed = 0
    if full:
        deleted = pc.if_else(_is_unreadable(rest, unreadable), rest[DELETED], rest[DELETED].fill_null(now))
        removed = rest[DELETED].null_count - deleted.null_count + len(without_id)
        rest = _with_meta(rest.select(names), deleted, rest[POSITION])
    else:
        position = position + first_position
        position[was_current] = previous
        rest = pa.concat_tables([rest, without_id])
    live = _with_meta(loaded.select(names), pa.nulls(len(loaded), META_FIELDS[0].type), pa.array(position))
    all_previous = np.zeros(len(loaded), np.int64)
    all_previous[was_current] = previous
    table = pa.concat_tables(
        [
            live.append_column(PREVIOUS, pa.array(all_previous, mask=~was_current)),
            rest.append_column(PREVIOUS, pa.nulls(len(rest), PREVIOUS.type)),
        ]
    )
    added, changed = int((~was_current).sum()), int((~equal).sum())
    return MergeResult(table.sort_by([(POSITION, "ascending")]), added, changed, removed)


def _is_unreadable(rows: pa.Table, unreadable: Collection[str] | None) -> pa.ChunkedArray:
    """Return which rows have an id of a row that could not be read; all of them if the ids are not known."""
    if unreadable is None:
        return pa.chunked_array([np.ones(len(rows), bool)])
    return pc.is_in(rows["id"], pa.array(list(unreadable), rows["id"].type))


def with_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns and types of a schema; columns that it does not have are null."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _with_meta(table: pa.Table, deleted: pa.Array, position: pa.Array) -> pa.Table:
    at, number = META_FIELDS
    return table.append_column(at, deleted.cast(at.type)).append_column(number, position)


def _match(stored: pa.ChunkedArray, loaded: pa.ChunkedArray) -> np.ndarray:
    """Return the stored row of each loaded id, -1 where there is none; no stored id is null.

    Raises
    ------
    DamagedError
        If an id is stored twice.
    """
    ids = pd.Index(stored.to_pandas())
    if not ids.is_unique:
        raise DamagedError(
            f"record {str(ids[ids.duplicated()][0])!r} is stored twice: a part of the log is lost, or "
            f"another program has written rows"
        )
    match: np.ndarray = ids.get_indexer(pd.Index(loaded.to_pandas()))
    return match


def _equal(left: pa.Table, right: pa.Table) -> np.ndarray:
    """Return row by row whether all values are equal."""
    equal = np.ones(len(left), bool)
    for name in left.column_names:
        equal &= ~differs(left[name], right[name])
    return equal


def differs(left: pa.ChunkedArray, right: pa.ChunkedArray) -> np.ndarray:
    """Return row by row whether two columns differ; null equals null."""
    if pa.types.is_nested(left.type):
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        return np.array([value != other for value, other in pairs], dtype=bool)
    equal = pc.fill_null(pc.equal(left, right), fill_value=False)
    both_null = pc.and_(pc.is_null(left), pc.is_null(right))
    return ~np.asarray(pc.or_(equal, both_null)).astype(bool)
