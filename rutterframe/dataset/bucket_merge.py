"""Merge loaded rows of one connection with its stored rows in bounded memory, whatever their number.

Few changes are merged with the stored rows batch by batch, as these are read. Any other rows go by the hash
of their id into buckets, each of which is merged in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.dataset.merge import DELETED, META_FIELDS, POSITION, PREVIOUS, MergeResult, merge_tables
from rutterframe.dataset.spool import Spool
from rutterframe.frames import newest

#: Bytes of rows of a bucket.
BUCKET_BYTES = 8_000_000
#: With more buckets their blocks in the file would be too small. Rows without an id share a bucket, since no
#: list has many of them.
_MAX_BUCKETS = 256


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The stored rows of one connection, in any order.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with `META_FIELDS`.
    rows : int
        Their number.
    tables : iterable of pyarrow.Table
        The rows in batches, to be read once.
    """

    schema: pa.Schema
    rows: int
    tables: Iterable[pa.Table]


@dataclass(slots=True)
class MergedRows:
    """The rows of one connection after a merge.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with `META_FIELDS`.
    spool : Spool
        All of them, deleted ones included, by position.
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
    spool: Spool
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

    def add(self, part: MergeResult) -> None:
        """Append a part of the rows, and add its counts."""
        self.spool.append(part.table.drop_columns([PREVIOUS.name]))
        self.count(part)

    def count(self, part: MergeResult) -> None:
        """Add the counts of a part of the rows."""
        self.live += part.live
        self.added += part.added
        self.changed += part.changed
        self.removed += part.removed


def merge_rows(
    stored: StoredRows,
    loaded: Spool,
    *,
    full: bool,
    now: datetime,
    max_bytes: int = BUCKET_BYTES,
    unreadable: Collection[str] | None = (),
) -> MergedRows:
    """Merge loaded rows with stored rows by id: `merge_tables`, for any number of rows.

    Parameters
    ----------
    stored : StoredRows
        The stored rows; each id once, but any number without one.
    loaded : Spool
        The loaded rows, in the order in which the API sent them.
    full : bool
        Whether the loaded rows are the full list.
    now : datetime
        The time of deletion of stored rows that are not in a full list.
    max_bytes : int
        Bytes of rows of a bucket, the most to hold in memory; of changes too.
    unreadable : collection of str, or None
        The ids of loaded rows that could not be read; None if not all of them are known.
    """
    result = MergedRows(stored.schema, Spool(max_bytes))
    try:
        if not full and loaded.nbytes <= max_bytes:
            _merge_changes(stored, loaded, now, result)
        else:
            merge = partial(merge_tables, full=full, now=now, unreadable=unreadable)
            _merge_buckets(stored, loaded, merge, result, max_bytes)
    except BaseException:
        result.spool.close()
        raise
    return result


def _merge_changes(stored: StoredRows, loaded: Spool, now: datetime, result: MergedRows) -> None:
    """Merge each batch of stored rows with the changes to it; rows that are new follow at the end."""
    changes = _newest(_numbered(loaded.read()), result)
    identified = np.flatnonzero(changes["id"].is_valid())
    ids = pd.Index(changes["id"].drop_null().to_pandas())
    is_new, last = np.ones(len(changes), bool), -1
    for table in stored.tables:
        last = max(last, _last_position(table))
        match = ids.get_indexer(pd.Index(table["id"].to_pandas()))
        current = np.asarray(table[DELETED].is_null())
        known = identified[match[(match >= 0) & current]]
        is_new[known] = False
        # A deleted row that is loaded again is new: it gets a position at the end.
        rows = table.filter(pa.array((match < 0) | current))
        result.add(merge_tables(rows, changes.take(known), full=False, now=now))
    nothing, added = stored.schema.empty_table(), changes.filter(pa.array(is_new))
    result.add(merge_tables(nothing, added, full=False, now=now, first_position=last + 1))


def _merge_buckets(
    stored: StoredRows,
    loaded: Spool,
    merge: Callable[..., MergeResult],
    result: MergedRows,
    max_bytes: int,
) -> None:
    """Merge bucket by bucket, then bring the rows of all buckets into the order of their positions."""
    with ExitStack() as stack:
        before, after = (stack.enter_context(closing(Spool(max_bytes, concat=True))) for _ in range(2))
        merges = stack.enter_context(closing(Spool(max_bytes)))
        buckets, last = _split(stored, loaded, before, after, max_bytes)
        end = 0
        for bucket in range(buckets):
            rows = pa.concat_tables([stored.schema.empty_table(), *before.read(bucket)])
            changes = _newest(after.read(bucket), result)
            part = merge(rows, changes, first_position=last + 1)
            result.count(part)
            end = max(end, _last_position(part.table) + 1)
            step = -(-len(part.table) // buckets) or 1
            for at in range(0, len(part.table), step):
                merges.append(part.table.slice(at, step), bucket)
        _sort_buckets(merges, buckets, end, result)


def _newest(tables: Iterable[pa.Table], result: MergedRows) -> pa.Table:
    """Return the newest loaded row of each id, and count the others as duplicates."""
    schema = pa.schema([field for field in result.schema if field.name != DELETED])
    rows = pa.concat_tables([schema.empty_table(), *tables])
    positions = newest(rows)
    if positions is None:
        return rows
    result.duplicates += len(rows) - len(positions)
    return rows.take(positions)


def _last_position(table: pa.Table) -> int:
    """Return the last position of some rows, -1 of none."""
    return int(np.asarray(table[POSITION]).max(initial=-1))


def _split(stored: StoredRows, loaded: Spool, before: Spool, after: Spool, max_bytes: int) -> tuple[int, int]:
    """Split all rows into buckets; return the number of buckets, and the last position of the stored rows."""
    batches = _collect(stored.tables, stored.schema, max_bytes)
    first = next(batches)
    size = max(loaded.nbytes, stored.rows * first.nbytes // max(len(first), 1))
    buckets, last = min(-(-size // max_bytes) or 1, _MAX_BUCKETS), -1
    for table in chain([first], batches):
        last = max(last, _last_position(table))
        _into_buckets(table, before, buckets)
    schema = pa.schema([field for field in stored.schema if field not in META_FIELDS])
    for table in _numbered(_collect(loaded.read(), schema, max_bytes)):
        _into_buckets(table, after, buckets)
    return buckets, last


def _collect(tables: Iterable[pa.Table], schema: pa.Schema, nbytes: int) -> Iterator[pa.Table]:
    """Concatenate small tables; yield at least one, which is empty if there are no rows."""
    batch: list[pa.Table] = [schema.empty_table()]
    for table in tables:
        batch.append(table)
        if sum(part.nbytes for part in batch) >= nbytes:
            yield pa.concat_tables(batch)
            batch = [schema.empty_table()]
    yield pa.concat_tables(batch)


def _numbered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables with the position of each row."""
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
    bucket = (pd.util.hash_array(ids, categorize=False) % np.uint64(buckets)).astype(np.int64)
    sorted_rows = table.take(np.argsort(bucket, kind="stable"))
    ends = np.cumsum(np.bincount(bucket, minlength=buckets))
    for number, (start, end) in enumerate(zip((0, *ends), ends, strict=False)):
        spool.append(sorted_rows.slice(start, end - start), number)


def _sort_buckets(merges: Spool, buckets: int, end: int, result: MergedRows) -> None:
    """Append the rows of all buckets to the result by position, a range at a time; note if any row moved."""
    queues = [_Queue(merges.read(bucket)) for bucket in range(buckets)]
    width, last = -(-end // buckets) or 1, -1
    for upto in range(width, end + width, width):
        parts = [part for queue in queues for part in queue.until(upto)]
        if not parts:
            continue
        table = pa.concat_tables(parts).sort_by([(POSITION, "ascending")])
        previous = np.asarray(table[PREVIOUS.name].drop_null())
        result.moved |= bool((np.diff(previous, prepend=last) < 0).any())
        last = int(previous.max(initial=last))
        result.spool.append(table.drop_columns([PREVIOUS.name]))


class _Queue:
    """The rows of a bucket by position, taken from its start."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._next: pa.Table | None = next(tables, None)

    def until(self, end: int) -> Iterator[pa.Table]:
        """Yield the rows before a position, and remove them."""
        while self._next is not None:
            rows = int(np.searchsorted(np.asarray(self._next[POSITION]), end))
            yield self._next.slice(0, rows)
            if rows < len(self._next):
                self._next = self._next.slice(rows)
                return
            self._next = next(self._tables, None)
