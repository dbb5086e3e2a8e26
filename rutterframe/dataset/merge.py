"""Match loaded rows of one connection with its stored rows, in memory."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.failures import DamagedError
from rutterframe.frames import deleted_rows

#: The columns of a stored row beside the frame's: when it was deleted, and its position in the API's list.
DELETED, POSITION = deleted_rows.DELETED, deleted_rows.POSITION
META_FIELDS = (pa.field(DELETED, pa.timestamp("us", "UTC")), pa.field(POSITION, pa.int64()))
#: The number of a stored row in all files of its connection, during a merge; it is not stored.
ROW = pa.field("_row", pa.int64())


@dataclass(frozen=True, slots=True)
class Matches:
    """How loaded rows relate to the stored rows of the same connection, or of a part of it.

    Attributes
    ----------
    stored : numpy.ndarray
        The index of the stored row of each loaded one; -1 for a new row.
    equal : numpy.ndarray
        Whether each loaded row equals its stored row.
    dropped, marked : numpy.ndarray
        Which stored rows are not stored any more, and which are marked as deleted.
    removed : int
        The number of stored rows that are not current any more.
    """

    stored: np.ndarray
    equal: np.ndarray
    dropped: np.ndarray
    marked: np.ndarray
    removed: int


def match_rows(
    stored: pa.Table,
    loaded: pa.Table,
    *,
    full: bool,
    unreadable: Collection[str] | None = (),
    deleted: Collection[str] = (),
) -> Matches:
    """Match loaded rows with stored rows by id.

    Parameters
    ----------
    stored : pyarrow.Table
        The stored rows with `META_FIELDS`; each id once, but any number of rows without one.
    loaded : pyarrow.Table
        The loaded rows, each id once.
    full : bool
        Whether the loaded rows are the full list: then stored rows that are not in it are marked as deleted,
        and rows without an id are replaced. Otherwise they are changes.
    unreadable : collection of str, or None
        The ids of loaded rows that could not be read: their stored rows stay as they are. None if not all of
        these ids are known: then no stored row with an id is marked as deleted.
    deleted : collection of str
        The ids of records to mark as deleted, if the loaded rows are changes.

    Raises
    ------
    DamagedError
        If an id is stored twice.
    """
    current = np.asarray(stored[DELETED].is_null())
    refuse_repeated(stored["id"])
    match = match_ids(stored["id"], loaded["id"])
    matched = match >= 0
    in_loaded = np.zeros(len(stored), bool)
    in_loaded[match[matched]] = True
    # A deleted row that is loaded again is new.
    match[matched] = np.where(current[match[matched]], match[matched], -1)
    both = match >= 0
    equal = both.copy()
    names = [name for name in loaded.column_names if name != POSITION]
    equal[both] = _equal(stored.select(names).take(match[both]), loaded.select(names).filter(pa.array(both)))
    dropped = in_loaded.copy()
    dropped[match[equal]] = False
    without_id = np.asarray(stored["id"].is_null())
    dropped |= without_id & ~current
    rest = current & ~in_loaded & ~without_id
    if full:
        marked = rest & ~_is_unreadable(stored, unreadable)
        dropped |= without_id
    else:
        marked = rest & np.asarray(pc.is_in(stored["id"], pa.array(list(deleted), stored["id"].type)))
    removed = int(marked.sum()) + (int((without_id & current).sum()) if full else 0)
    return Matches(match, equal, dropped, marked, removed)


def match_pairs(stored: pa.Table, loaded: pa.Table) -> Matches:
    """Return how loaded rows relate to current stored rows with the same ids, row by row."""
    names = [name for name in loaded.column_names if name != POSITION]
    equal = _equal(stored.select(names), loaded.select(names))
    return Matches(np.arange(len(loaded)), equal, ~equal, np.zeros(len(loaded), bool), 0)


def match_ids(stored: pa.ChunkedArray, loaded: pa.ChunkedArray) -> np.ndarray:
    """Return the stored row of each loaded id, -1 where there is none."""
    match = pc.index_in(loaded, value_set=_one_array(stored), skip_nulls=True)
    return np.asarray(match.fill_null(-1)).astype(np.int64)


def refuse_repeated(ids: pa.ChunkedArray) -> None:
    """Refuse stored ids that are repeated.

    Raises
    ------
    DamagedError
        If an id is stored twice.
    """
    valid = ids.drop_null()
    if pc.count_distinct(valid).as_py() == len(valid):
        return
    counts = pc.value_counts(valid)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")[0]
    raise DamagedError(
        f"record {str(twice)!r} is stored twice: a part of the log is lost, or another program has written "
        f"rows"
    )


def _is_unreadable(rows: pa.Table, unreadable: Collection[str] | None) -> np.ndarray:
    """Return which rows have an id of a row that could not be read; all of them if the ids are not known."""
    if unreadable is None:
        return np.ones(len(rows), bool)
    return np.asarray(pc.is_in(rows["id"], pa.array(list(unreadable), rows["id"].type)))


def with_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns and types of a schema; columns that it does not have are null."""
    if table.schema.equals(schema):
        return table
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _equal(left: pa.Table, right: pa.Table) -> np.ndarray:
    """Return row by row whether all values are equal."""
    equal = np.ones(len(left), bool)
    for name in left.column_names:
        equal &= ~differs(left[name], right[name])
    return equal


def differs(left: pa.ChunkedArray, right: pa.ChunkedArray) -> np.ndarray:
    """Return row by row whether two columns differ; null equals null."""
    if left.equals(right):
        return np.zeros(len(left), bool)
    return _differs(_one_array(left), _one_array(right))


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array


def _differs(left: pa.Array, right: pa.Array) -> np.ndarray:
    valid = np.asarray(left.is_valid())
    different: np.ndarray = valid != np.asarray(right.is_valid())
    if pa.types.is_struct(left.type):
        for one, other in zip(left.flatten(), right.flatten(), strict=True):
            different |= _differs(one, other)
    elif pa.types.is_nested(left.type):
        lengths = (np.asarray(pc.list_value_length(items).fill_null(0)) for items in (left, right))
        length, other_length = lengths
        different |= length != other_length
        rows = np.flatnonzero(~different)
        items = (values.take(pa.array(rows)).flatten() for values in (left, right))
        parents = np.repeat(rows, length[rows])
        different[parents[_differs(*items)]] = True
    else:
        equal = np.asarray(pc.fill_null(pc.equal(left, right), fill_value=True))
        different |= valid & ~equal.astype(bool)
    return different
