"""A merge that is larger than memory: rows go by their ids into buckets, and each is merged by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.dataset.merge import MARKS, POSITION, WAS, Merged, merged
from rutterframe.dataset.spool import HELD, Spool
from rutterframe.frames import newest

# Rows without an id are all in one bucket: no list is full of them.
#: With more buckets their pieces would be too small to be worth a place in a file.
_MOST_BUCKETS = 256


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one connection in a dataset, in any order.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with both marks.
    rows : int
        How many.
    tables : iterable of pyarrow.Table
        The rows, some at a time.
    """

    schema: pa.Schema
    rows: int
    tables: Iterable[pa.Table]


@dataclass(slots=True)
class Refreshed:
    """The rows of one connection after a refresh.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with both marks.
    spool : Spool
        All of them, also those that vanished, by position.
    live : int
        How many have not vanished.
    added, changed, removed : int
        How many came, are different now, and vanished.
    moved : bool
        Whether the same rows stand in another order.
    duplicates : int
        How many of those that came were dropped, since a newer row of the same id came as well.
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
        """Whether there is anything to write."""
        return bool(self.moved or self.added or self.changed or self.removed)

    def count(self, part: Merged, duplicates: int) -> None:
        """Add what became of a part of the rows."""
        self.live += part.live
        self.added += part.added
        self.changed += part.changed
        self.removed += part.removed
        self.duplicates += duplicates


def refreshed(
    kept: Kept,
    come: Spool,
    *,
    whole: bool,
    now: datetime,
    at_once: int = HELD,
    unreadable: Collection[str] | None = (),
) -> Refreshed:
    """Put what came to what was kept: `merged`, for any number of rows.

    Parameters
    ----------
    kept : Kept
        The rows that were kept; each id once, but any number without one.
    come : Spool
        Its rows as they were decoded now, in the order in which they were sent.
    whole : bool
        Whether they are all that there are.
    now : datetime
        When those vanished that did not come.
    at_once : int
        Bytes of rows to hold at a time.
    unreadable : collection of str, or None
        The ids of rows that came and could not be read; None if not all of them are known.
    """
    found = Refreshed(kept.schema, Spool(at_once))
    try:
        with ExitStack() as stack:
            before, after, merges = (stack.enter_context(closing(Spool(at_once))) for _ in range(3))
            buckets, last = _split(kept, come, before, after, at_once)
            end = 0
            for bucket in range(buckets):
                there = pa.concat_tables([kept.schema.empty_table(), *before.tables(bucket)])
                rows = pa.concat_tables([_sent(kept.schema).empty_table(), *after.tables(bucket)])
                places = newest(rows)
                unique = rows if places is None else rows.take(places)
                part = merged(there, unique, whole=whole, now=now, after=last + 1, unreadable=unreadable)
                found.count(part, duplicates=len(rows) - len(unique))
                end = max(end, int(np.asarray(part.table[POSITION]).max(initial=-1)) + 1)
                step = -(-len(part.table) // buckets) or 1
                for at in range(0, len(part.table), step):
                    merges.put(part.table.slice(at, step), bucket)
            _put_in_order(merges, buckets, end, found)
    except BaseException:
        found.spool.close()
        raise
    return found


def _plain(schema: pa.Schema) -> pa.Schema:
    """Give the columns of rows that come, without marks."""
    return pa.schema([field for field in schema if field not in MARKS])


def _sent(schema: pa.Schema) -> pa.Schema:
    """Give their columns once they have a place."""
    return _plain(schema).append(MARKS[1])


def _split(kept: Kept, come: Spool, before: Spool, after: Spool, at_once: int) -> tuple[int, int]:
    """Put all rows into buckets; gives how many there are, and the last position of those that were kept."""
    chunks = _gathered(kept.tables, kept.schema, at_once)
    first = next(chunks)
    size = max(come.nbytes, kept.rows * first.nbytes // max(len(first), 1))
    buckets, last = min(-(-size // at_once) or 1, _MOST_BUCKETS), -1
    for table in chain([first], chunks):
        last = max(last, int(np.asarray(table[POSITION]).max(initial=-1)))
        _into_buckets(table, before, buckets)
    for table in _numbered(_gathered(come.tables(), _plain(kept.schema), at_once)):
        _into_buckets(table, after, buckets)
    return buckets, last


def _gathered(tables: Iterable[pa.Table], schema: pa.Schema, nbytes: int) -> Iterator[pa.Table]:
    """Put small tables together; gives at least one, which is empty if there are no rows."""
    held: list[pa.Table] = [schema.empty_table()]
    for table in tables:
        held.append(table)
        if sum(one.nbytes for one in held) >= nbytes:
            yield pa.concat_tables(held)
            held = [schema.empty_table()]
    yield pa.concat_tables(held)


def _numbered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Say of each row which it is."""
    start = 0
    for table in tables:
        yield table.append_column(MARKS[1], pa.array(np.arange(start, start + len(table))))
        start += len(table)


def _into_buckets(table: pa.Table, spool: Spool, buckets: int) -> None:
    """Put rows with the same id into the same bucket, in their order."""
    if buckets == 1:
        spool.put(table)
        return
    ids = table["id"].fill_null("").to_numpy()
    bucket = (pd.util.hash_array(ids, categorize=False) % np.uint64(buckets)).astype(np.int64)
    sorted_rows = table.take(np.argsort(bucket, kind="stable"))
    ends = np.cumsum(np.bincount(bucket, minlength=buckets))
    for number, (start, end) in enumerate(zip((0, *ends), ends, strict=False)):
        spool.put(sorted_rows.slice(start, end - start), number)


def _put_in_order(merges: Spool, buckets: int, end: int, found: Refreshed) -> None:
    """Take the rows of all buckets by position, some positions at a time, and see whether any moved."""
    queues = [_Queue(merges.tables(bucket)) for bucket in range(buckets)]
    width, was = -(-end // buckets) or 1, -1
    for upto in range(width, end + width, width):
        parts = [part for queue in queues for part in queue.until(upto)]
        if not parts:
            continue
        table = pa.concat_tables(parts).sort_by([(POSITION, "ascending")])
        before = np.asarray(table[WAS.name].drop_null())
        found.moved |= bool((np.diff(before, prepend=was) < 0).any())
        was = int(before.max(initial=was))
        found.spool.put(table.drop_columns([WAS.name]))


class _Queue:
    """The rows of a bucket by position, taken from its start."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._next: pa.Table | None = next(tables, None)

    def until(self, end: int) -> Iterator[pa.Table]:
        """Take the rows before a position."""
        while self._next is not None:
            rows = int(np.searchsorted(np.asarray(self._next[POSITION]), end))
            yield self._next.slice(0, rows)
            if rows < len(self._next):
                self._next = self._next.slice(rows)
                return
            self._next = next(self._tables, None)
