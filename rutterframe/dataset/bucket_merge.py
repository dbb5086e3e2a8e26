"""Merge loaded rows of one connection with its stored rows in bounded memory, whatever their number.

A full list that is equal to the stored rows is only compared with them. Of few changes the stored ids are
read, and then only the files that have one of them. Any other rows go by the hash of their id into buckets,
each of which is matched in memory.
"""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.aligned_rows import match_aligned
from rutterframe.dataset.edits import END, FRONT, Edits, partition
from rutterframe.dataset.merge import (
    DELETED,
    META_FIELDS,
    POSITION,
    ROW,
    Matches,
    match_rows,
    refuse_repeated,
)
from rutterframe.dataset.row_order import ChangeOrder, ListOrder
from rutterframe.dataset.spool import Spool
from rutterframe.dataset.stored_rows import StoredRows
from rutterframe.dataset.table_stream import TableStream
from rutterframe.frames import newest

#: Bytes of rows of a bucket.
BUCKET_BYTES = 8_000_000
#: Bytes of a stored row, where no row is loaded.
_ROW_BYTES = 1000
#: With more buckets their blocks in the file would be too small. Rows without an id share a bucket, since no
#: list has many of them.
_MAX_BUCKETS = 256
_KEYS = ("id", DELETED, POSITION)


@dataclass(slots=True)
class MergedRows:
    """The rows of one connection after a merge.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with `META_FIELDS`.
    edits : Edits
        What to change in the files.
    live : int
        The number of rows that are not deleted.
    added, changed, removed : int
        The number of rows that are new, differ, and were deleted.
    moved : bool
        Whether rows that were stored before are in another order.
    duplicates : int
        The number of loaded rows that were dropped, since a newer row of the same id was loaded as well.
    """

    schema: pa.Schema
    edits: Edits
    live: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: bool = False
    duplicates: int = 0

    @property
    def is_new(self) -> bool:
        """Whether anything differs from the stored rows."""
        return bool(self.moved or self.added or self.changed or self.removed)

    def count(self, matches: Matches) -> None:
        """Add the counts of a part of the rows."""
        added = int((matches.stored < 0).sum())
        self.added += added
        self.changed += int((~matches.equal).sum()) - added
        self.removed += matches.removed


def merge_rows(
    stored: StoredRows,
    loaded: Spool,
    *,
    full: bool,
    now: datetime,
    max_bytes: int = BUCKET_BYTES,
    unreadable: Collection[str] | None = (),
    deleted: Collection[str] = (),
) -> MergedRows:
    """Merge loaded rows with stored rows by id.

    Parameters
    ----------
    stored : StoredRows
        The stored rows; each id once, but any number without one.
    loaded : Spool
        The loaded rows, in the order in which the API sent them.
    full : bool
        Whether the loaded rows are the full list.
    now : datetime
        The time of deletion.
    max_bytes : int
        Bytes of rows of a bucket, the most to hold in memory; of changes too.
    unreadable : collection of str, or None
        The ids of loaded rows that could not be read; None if not all of them are known.
    deleted : collection of str
        The ids of deleted records, where the loaded rows are changes: a record that is loaded is not deleted.

    Raises
    ------
    DamagedError
        If an id is stored twice.
    """
    result = MergedRows(stored.schema, Edits(stored, now, max_bytes))
    try:
        if full:
            if not stored.files and _has_unique_ids(loaded, max_bytes):
                _add_all(loaded, result)
            elif not _is_stored_list(stored, loaded):
                order = ListOrder(result.edits, loaded, max_bytes)
                _merge_buckets(loaded, order, result, max_bytes, full=True, unreadable=unreadable)
        elif loaded.nbytes > max_bytes:
            changes = ChangeOrder(result.edits, max_bytes)
            _merge_buckets(loaded, changes, result, max_bytes, full=False, deleted=deleted)
        elif loaded.rows or deleted:
            _merge_changes(loaded, result, max_bytes, deleted)
    except BaseException:
        result.edits.close()
        raise
    result.live = stored.live + result.added - result.removed
    return result


def _add_all(loaded: Spool, result: MergedRows) -> None:
    """Write loaded rows as they are: nothing is stored that they could match."""
    for table in loaded.read():
        result.edits.add_keys(np.full(len(table), END), np.zeros(len(table), bool))
    result.edits.rows = loaded.read
    result.added = loaded.rows


def _has_unique_ids(loaded: Spool, max_bytes: int) -> bool:
    """Return whether no loaded id is repeated."""
    with closing(Spool(max_bytes, concat=True)) as ids:
        return _are_unique(loaded, ids, min(-(-loaded.nbytes // max_bytes) or 1, _MAX_BUCKETS))


def _is_stored_list(stored: StoredRows, loaded: Spool) -> bool:
    """Return whether the current stored rows are the loaded ones, in their order."""
    if stored.live != loaded.rows or any(len(unit.files) > 1 for unit in stored.units()):
        return False
    names = [name for name in stored.schema.names if name not in {DELETED, POSITION}]
    current = TableStream(_current(stored), stored.schema)
    last = FRONT
    for table in loaded.read():
        rows = pa.concat_tables([stored.schema.empty_table(), *current.take(len(table))])
        position = np.asarray(rows[POSITION])
        if (
            len(rows) < len(table)
            or rows["id"].null_count
            or not rows.select(names).equals(table.select(names))
            or (position[1:] <= position[:-1]).any()
            or (position[:1] <= last).any()
        ):
            return False
        last = int(position[-1])
    return True


def _current(stored: StoredRows) -> Iterator[pa.Table]:
    """Yield the stored rows that are not deleted, by position."""
    for unit in stored.units():
        for table in stored.read(stored.files[unit.files[0]].path, None):
            yield table if table[DELETED].null_count == len(table) else table.filter(table[DELETED].is_null())


def _merge_changes(loaded: Spool, result: MergedRows, max_bytes: int, deleted: Collection[str]) -> None:
    """Find the changes in the stored ids, then compare them with the rows of the files that have them."""
    stored, edits = result.edits.stored, result.edits
    changes = _newest(_numbered(loaded.read()), result)
    ids = changes["id"].drop_null()
    marks = sorted(set(deleted).difference(ids.to_pylist()))
    wanted = pa.concat_arrays([*ids.chunks, pa.array(marks, ids.type)])
    parts = [stored.schema.append(ROW).empty_table()]
    for number in range(len(stored.files)):
        rows = np.concatenate([_find(keys, wanted, edits) for keys in stored.numbered(number, _KEYS)])
        if len(rows):
            tables = stored.numbered(number, cache=True)
            parts += [table.filter(pa.array(np.isin(np.asarray(table[ROW.name]), rows))) for table in tables]
    matched = pa.concat_tables(parts)
    matches = match_rows(matched, changes, full=False, deleted=marks)
    order = ChangeOrder(edits, max_bytes)
    _apply(matched, changes, matches, order, result)
    order.finish()


def _find(keys: pa.Table, ids: pa.Array, edits: Edits) -> np.ndarray:
    """Return the numbers of the rows with one of some ids; drop deleted rows without an id."""
    rows = np.asarray(keys[ROW.name])
    edits.drop(rows[np.asarray(keys["id"].is_null()) & np.asarray(keys[DELETED].is_valid())])
    matched: np.ndarray = rows[np.asarray(pc.is_in(keys["id"], value_set=ids, skip_nulls=True))]
    return matched


def _apply(
    stored: pa.Table, loaded: pa.Table, matches: Matches, order: ListOrder | ChangeOrder, result: MergedRows
) -> None:
    """Count the matches of a part of the rows, and add them to what to change."""
    rows = np.asarray(stored[ROW.name])
    result.edits.drop(rows[matches.dropped])
    result.edits.mark(rows[matches.marked])
    result.count(matches)
    order.add(loaded, matches, stored)


def _merge_buckets(
    loaded: Spool,
    order: ListOrder | ChangeOrder,
    result: MergedRows,
    max_bytes: int,
    *,
    full: bool,
    unreadable: Collection[str] | None = (),
    deleted: Collection[str] = (),
) -> None:
    """Match bucket by bucket, then bring the rows to write into their order.

    The rows of a full list without repeated ids are matched side by side first: most of them are where they
    were, and need no bucket.
    """
    stored, schema = result.edits.stored, result.schema.append(ROW)
    listed = pa.schema([field for field in result.schema if field.name != DELETED])
    with ExitStack() as stack:
        before, after, ids = (stack.enter_context(closing(Spool(max_bytes, concat=True))) for _ in range(3))
        buckets = _buckets(stored, loaded, max_bytes)
        is_unique = full and buckets > 1 and _are_unique(loaded, ids, buckets)
        old = chain.from_iterable(stored.numbered(number) for number in range(len(stored.files)))
        new = _numbered(_collect(loaded.read(), listed.remove(len(listed) - 1), max_bytes))
        if is_unique:
            apply = partial(_apply, order=order, result=result)
            pairs = match_aligned(old, TableStream(new, listed), (schema, listed), apply)
            for old_rows, new_rows in pairs:
                _into_buckets(old_rows, before, buckets)
                _into_buckets(new_rows, after, buckets)
        else:
            for table in _collect(old, schema, max_bytes):
                _into_buckets(table, before, buckets)
            for table in new:
                _into_buckets(table, after, buckets)
        for bucket in range(buckets):
            rows = pa.concat_tables([schema.empty_table(), *before.read(bucket)])
            changes = _newest(after.read(bucket), result)
            if is_unique and len(rows):
                known = pa.chunked_array(_ids(ids, bucket), rows["id"].type)
                matched = rows["id"].filter(pc.is_in(rows["id"], value_set=known, skip_nulls=True))
                twice = matched.filter(pc.invert(pc.is_in(matched, value_set=changes["id"])))
                refuse_repeated(pa.chunked_array([*twice.chunks, *twice.chunks], rows["id"].type))
            matches = match_rows(rows, changes, full=full, unreadable=unreadable, deleted=deleted)
            _apply(rows, changes, matches, order, result)
    order.finish()
    result.moved = order.moved


def _buckets(stored: StoredRows, loaded: Spool, max_bytes: int) -> int:
    """Return the number of buckets, by the size of a loaded row."""
    size = loaded.nbytes // loaded.rows if loaded.rows else _ROW_BYTES
    return min(-(-max(loaded.nbytes, stored.rows * size) // max_bytes) or 1, _MAX_BUCKETS)


def _are_unique(loaded: Spool, ids: Spool, buckets: int) -> bool:
    """Return whether no loaded id is repeated; append the ids to their buckets."""
    for table in loaded.read():
        _into_buckets(table.select(["id"]), ids, buckets)
    for bucket in range(buckets):
        names = pa.chunked_array(_ids(ids, bucket), pa.large_string()).drop_null()
        if pc.count_distinct(names).as_py() != len(names):
            return False
    return True


def _ids(spool: Spool, bucket: int) -> list[pa.Array]:
    return [chunk for table in spool.read(bucket) for chunk in table["id"].chunks]


def _newest(tables: Iterable[pa.Table], result: MergedRows) -> pa.Table:
    """Return the newest loaded row of each id, and count the others as duplicates."""
    schema = pa.schema([field for field in result.schema if field.name != DELETED])
    rows = pa.concat_tables([schema.empty_table(), *tables])
    positions = newest(rows)
    if positions is None:
        return rows
    result.duplicates += len(rows) - len(positions)
    return rows.take(positions)


def _collect(tables: Iterable[pa.Table], schema: pa.Schema, nbytes: int) -> Iterator[pa.Table]:
    """Concatenate small tables; yield at least one, which is empty if there are no rows."""
    batch, size = [schema.empty_table()], 0
    for table in tables:
        batch.append(table)
        size += table.nbytes
        if size >= nbytes:
            yield pa.concat_tables(batch)
            batch, size = [schema.empty_table()], 0
    yield pa.concat_tables(batch)


def _numbered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables with the number of each row in the list."""
    start = 0
    for table in tables:
        yield table.append_column(META_FIELDS[1], pa.array(np.arange(start, start + len(table))))
        start += len(table)


def _into_buckets(table: pa.Table, spool: Spool, buckets: int) -> None:
    """Append rows to the bucket of their id, in their order."""
    if buckets == 1:
        spool.append(table)
        return
    ids = table["id"].fill_null("").to_numpy()
    partition(table, (pd.util.hash_array(ids, categorize=False) % np.uint64(buckets)).astype(np.int64), spool)
