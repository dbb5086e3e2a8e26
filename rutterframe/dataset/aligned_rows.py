"""Match the rows of a full list with the stored ones side by side: most are where they were before."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dataset.merge import DELETED, Matches, match_ids, match_pairs
from rutterframe.dataset.table_stream import TableStream

#: Rows to take at a time, and rows that wait for their match on either side.
_WINDOW, _WAITING = 8192, 16_384


def match_aligned(
    stored: Iterable[pa.Table],
    loaded: TableStream,
    schemas: tuple[pa.Schema, pa.Schema],
    apply: Callable[[pa.Table, pa.Table, Matches], None],
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Match the rows of both sides that are near each other; yield the others.

    Parameters
    ----------
    stored : iterable of pyarrow.Table
        The stored rows, each id once.
    loaded : TableStream
        The loaded rows, each id once.
    schemas : tuple of (pyarrow.Schema, pyarrow.Schema)
        The columns of both.
    apply : callable
        Takes stored rows, the loaded rows of the same ids, and how they match.

    Yields
    ------
    tuple of (pyarrow.Table, pyarrow.Table)
        Stored rows and loaded rows that did not match.
    """
    nothing = tuple(schema.empty_table() for schema in schemas)
    old, new = nothing
    for table in stored:
        is_current = table[DELETED].is_null()
        current = table.filter(is_current) if table[DELETED].null_count < len(table) else table
        if len(current) < len(table):
            yield table.filter(pc.invert(is_current)), nothing[1]
        old = pa.concat_tables([old, current])
        new = pa.concat_tables([new, *loaded.take(max(len(old) - len(new), 0))])
        old, new = _match(old, new, apply)
        rest = [max(len(side) - _WAITING, 0) for side in (old, new)]
        if any(rest):
            yield old.slice(0, rest[0]), new.slice(0, rest[1])
            old, new = old.slice(rest[0]), new.slice(rest[1])
    while True:
        tables = list(loaded.take(_WINDOW))
        old, new = _match(old, pa.concat_tables([new, *tables]), apply)
        yield nothing[0], new
        new = nothing[1]
        if not tables:
            break
    yield old, new


def _match(
    old: pa.Table, new: pa.Table, apply: Callable[[pa.Table, pa.Table, Matches], None]
) -> tuple[pa.Table, pa.Table]:
    """Match rows by id, and return those that do not match."""
    if len(old) == len(new) and not old["id"].null_count and old["id"].equals(new["id"]):
        apply(old, new, match_pairs(old, new))
        return old.slice(len(old)), new.slice(len(new))
    match = match_ids(old["id"], new["id"])
    matched = match >= 0
    is_rest = np.ones(len(old), bool)
    is_rest[match[matched]] = False
    pairs = old.take(match[matched]), new.filter(pa.array(matched))
    apply(*pairs, match_pairs(*pairs))
    return old.filter(pa.array(is_rest)), new.filter(pa.array(~matched))
