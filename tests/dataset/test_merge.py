"""Loaded rows are merged with stored rows by id, in memory and in buckets alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.dataset.bucket_merge import MergedRows, merge_rows
from rutterframe.dataset.connection_files import replace_files
from rutterframe.dataset.merge import DELETED, META_FIELDS, POSITION, with_columns
from rutterframe.dataset.positioned_rows import SPACING
from rutterframe.dataset.spool import MAX_BYTES, Spool
from rutterframe.dataset.stored_rows import StoredFile, StoredRows

NOW = datetime(2026, 6, 30, tzinfo=UTC)
LINES = pa.list_(pa.struct([("quantity", pa.float64())]))
LOADED = pa.schema([("id", pa.large_string()), ("amount", pa.float64()), ("lines", LINES)])
STORED = pa.schema([*LOADED, *META_FIELDS])

Row = tuple[str | None, float | None]
#: Bytes of rows in memory: enough for all, for some, and for few.
SIZES = st.sampled_from([MAX_BYTES, 150, 40, 10])


@dataclass(frozen=True)
class Result:
    """The counts of a merge, the files after it, and the rows of those that were written."""

    counts: MergedRows
    files: list[pa.Table]
    written: list[pa.Table]

    @property
    def table(self) -> pa.Table:
        """All rows, by position."""
        return pa.concat_tables([STORED.empty_table(), *self.files]).sort_by([(POSITION, "ascending")])


def file_of(number: int, table: pa.Table) -> StoredFile:
    positions = table[POSITION].to_pylist()
    live = table[DELETED].null_count
    return StoredFile(str(number), len(table), live, min(positions), max(positions))


def merge(
    stored: pa.Table | list[pa.Table],
    loaded: pa.Table,
    *,
    full: bool,
    now: datetime = NOW,
    max_bytes: int = MAX_BYTES,
    unreadable: Collection[str] | None = (),
    deleted: Collection[str] = (),
) -> Result:
    """Merge rows that arrive one by one with files in memory."""
    tables: list[pa.Table] = stored if isinstance(stored, list) else [stored]
    before = [table for table in tables if len(table)]

    def read(path: str, names: Sequence[str] | None) -> Iterator[pa.Table]:
        table = before[int(path)]
        for at in range(0, len(table), 3):
            rows = table.slice(at, 3)
            yield rows if names is None else rows.select(list(names))

    rows = StoredRows(STORED, [file_of(number, table) for number, table in enumerate(before)], read)
    with closing(Spool(max_bytes)) as spool:
        for at in range(len(loaded)):
            spool.append(loaded.slice(at, 1))
        counts = merge_rows(
            rows, spool, full=full, now=now, max_bytes=max_bytes, unreadable=unreadable, deleted=deleted
        )
        written: list[pa.Table] = []
        with closing(counts.edits):
            if not counts.is_new:
                return Result(counts, before, [])

            def write(tables: Iterator[pa.Table]) -> None:
                written.append(pa.concat_tables(tables))

            removed, left = replace_files(counts.edits, write)
    paths = {file.path for file in removed}
    files = [table for number, table in enumerate(before) if str(number) not in paths] + written
    assert sum(map(len, files)) == left
    return Result(counts, files, written)


def load(*rows: Row) -> pa.Table:
    """Return rows as they are loaded; the amount is also that of a line."""
    return pa.table(
        [[row[0] for row in rows], [row[1] for row in rows], [[{"quantity": row[1]}] for row in rows]],
        schema=LOADED,
    )


NOTHING = STORED.empty_table()


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return id, amount and whether a row is deleted, in the stored order."""
    rows = zip(*(table[name].to_pylist() for name in ("id", "amount", DELETED)), strict=True)
    return [(name, amount, deleted is not None) for name, amount, deleted in rows]


def counts(stored: pa.Table, rows: pa.Table, *, full: bool) -> tuple[int, int, int]:
    result = merge(stored, rows, full=full, now=NOW).counts
    return result.added, result.changed, result.removed


FIRST = merge(NOTHING, load(("a", 1.0), ("b", None), ("c", 3.0)), full=True, now=NOW).table


def test_the_first_rows_are_added() -> None:
    """Rows of the first load are added, in their order."""
    assert rows_of(FIRST) == [("a", 1.0, False), ("b", None, False), ("c", 3.0, False)]
    assert FIRST[POSITION].to_pylist() == [0, SPACING, 2 * SPACING]
    assert FIRST.schema.names == ["id", "amount", "lines", DELETED, POSITION]


def test_an_id_that_the_first_load_repeats_is_stored_once() -> None:
    """Of a repeated id the last row is stored, in any amount of memory; rows without an id all are."""
    rows = load(("a", 1.0), ("b", 2.0), ("a", 3.0), (None, 4.0), (None, 5.0))
    for max_bytes in (MAX_BYTES, 40, 10):
        first = merge(NOTHING, rows, full=True, max_bytes=max_bytes)
        assert [row[:2] for row in rows_of(first.table)] == [("b", 2.0), ("a", 3.0), (None, 4.0), (None, 5.0)]
        assert (first.counts.added, first.counts.live) == (4, 4)


def test_the_same_rows_change_nothing() -> None:
    """A load of equal rows, nulls and lines included, writes nothing."""
    for full in (True, False):
        again = merge(FIRST, load(("a", 1.0), ("b", None), ("c", 3.0)), full=full, now=NOW)
        assert not again.counts.is_new
        assert again.table.equals(FIRST)


def test_rows_that_a_full_list_does_not_have_are_deleted() -> None:
    """A stored row that is not in a full list is stored with the time of deletion."""
    result = merge(FIRST, load(("c", 3.5), ("d", 4.0), ("a", 1.0)), full=True, now=NOW)
    counts = result.counts
    assert (counts.added, counts.changed, counts.removed, counts.live) == (1, 1, 1, 3)
    assert sorted(rows_of(result.table)) == [
        ("a", 1.0, False), ("b", None, True), ("c", 3.5, False), ("d", 4.0, False),
    ]  # fmt: skip
    live = [row[0] for row in rows_of(result.table) if not row[2]]
    assert live == ["c", "d", "a"]


def test_a_deleted_row_can_be_loaded_again() -> None:
    """A deleted row that is loaded again is added; the time of deletion of other rows does not change."""
    first = merge(FIRST, load(("a", 1.0)), full=True, now=NOW).table
    later = datetime(2026, 7, 31, tzinfo=UTC)
    still = merge(first, load(("a", 1.0)), full=True, now=later)
    assert not still.counts.is_new
    assert set(still.table[DELETED].to_pylist()) == {None, NOW}
    back = merge(first, load(("a", 1.0), ("b", None)), full=True, now=later)
    assert (back.counts.added, back.counts.changed, back.counts.removed) == (1, 0, 0)
    assert ("b", None, False) in rows_of(back.table)


def test_changes_keep_the_order() -> None:
    """Changed rows keep their position, new ones follow at the end, and other rows stay."""
    result = merge(FIRST, load(("d", 4.0), ("b", 2.0)), full=False, now=NOW)
    assert (result.counts.added, result.counts.changed, result.counts.removed) == (1, 1, 0)
    assert rows_of(result.table) == [
        ("a", 1.0, False), ("b", 2.0, False), ("c", 3.0, False), ("d", 4.0, False),
    ]  # fmt: skip


def test_another_order_is_written() -> None:
    """Equal rows in another order do not count as changed, but the new order is stored."""
    result = merge(FIRST, load(("b", None), ("a", 1.0), ("c", 3.0)), full=True, now=NOW)
    counts = result.counts
    assert (counts.added, counts.changed, counts.removed, counts.moved) == (0, 0, 0, True)
    assert [row[0] for row in rows_of(result.table)] == ["b", "a", "c"]


def test_rows_without_an_id_match_no_row() -> None:
    """A full list replaces the rows without an id, changes are added to them."""
    without_id = merge(NOTHING, load((None, 1.0), (None, 1.0), ("a", 2.0)), full=True, now=NOW).table
    assert counts(without_id, load((None, 1.0), ("a", 2.0)), full=True) == (1, 0, 2)
    table = merge(without_id, load((None, 5.0), (None, 5.0)), full=False, now=NOW).table
    assert [row[1] for row in rows_of(table)] == [1.0, 1.0, 2.0, 5.0, 5.0]


def test_deleted_rows_without_an_id_are_dropped() -> None:
    """No load brings a deleted row without an id back: it is not written again with its file."""
    without_id = merge(NOTHING, load((None, 1.0), ("a", 2.0)), full=True, now=NOW).table
    marked = without_id.set_column(
        without_id.schema.get_field_index(DELETED), META_FIELDS[0], pa.array([NOW, None], META_FIELDS[0].type)
    )
    for full in (True, False):
        after = merge(marked, load(("a", 2.5)), full=full)
        counts = after.counts
        assert (counts.added, counts.changed, counts.removed, counts.live) == (0, 1, 0, 1)
        assert rows_of(after.table) == [("a", 2.5, False)]


def test_unreadable_rows_are_not_deleted() -> None:
    """A row that could not be read stays as stored; where its id is not known all rows with an id do."""
    after = merge(FIRST, load(("a", 1.0)), full=True, now=NOW, unreadable={"b"})
    assert (after.counts.removed, after.counts.live) == (1, 2)
    assert sorted(rows_of(after.table)) == [("a", 1.0, False), ("b", None, False), ("c", 3.0, True)]
    after = merge(FIRST, load(("a", 1.0)), full=True, now=NOW, unreadable=None)
    assert (after.counts.removed, after.counts.live, after.counts.is_new) == (0, 3, False)
    table = merge(FIRST, load(("a", 1.0)), full=True, now=NOW).table
    for unreadable in ({"b", "c"}, None):
        after = merge(table, load(("a", 1.0)), full=True, now=NOW, unreadable=unreadable)
        assert (after.counts.removed, after.counts.live, after.counts.is_new) == (0, 1, False)


def test_new_columns_are_null_in_stored_rows() -> None:
    """Stored rows get the columns and types of a newer schema, null where they do not have them."""
    old = pa.table({"id": pa.array(["a"], pa.string()), "dropped": [1]})
    table = with_columns(old, LOADED)
    assert table.schema == LOADED
    assert table.to_pylist() == [{"id": "a", "amount": None, "lines": None}]


ROWS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, 1.0, 2.0])).map(
    lambda rows: list(rows.items())
)


@given(loads=st.lists(ROWS, min_size=1, max_size=5), max_bytes=SIZES)
def test_after_full_loads_the_last_one_is_current(loads: list[list[Row]], max_bytes: int) -> None:
    """The current rows are those of the last full list in its order, and no id is lost."""
    table = NOTHING
    for rows in loads:
        before = {row[0] for row in rows_of(table)}
        current = [row[0] for row in rows_of(table) if not row[2]]
        result = merge(table, load(*rows), full=True, now=NOW, max_bytes=max_bytes)
        table = result.table
        assert [row[:2] for row in rows_of(table) if not row[2]] == rows
        both = [row[0] for row in rows if row[0] in current]
        assert result.counts.moved == (both != [name for name in current if name in both])
        ids = [row[0] for row in rows_of(table)]
        assert len(ids) == len(set(ids))
        assert set(ids) == before | {row[0] for row in rows}


@given(first=ROWS, changes=st.lists(ROWS, max_size=4), max_bytes=SIZES)
def test_after_changes_the_newest_row_of_each_id_is_current(
    first: list[Row], changes: list[list[Row]], max_bytes: int
) -> None:
    """After several loads of changes the row of each id is the one that was loaded last."""
    table = merge(NOTHING, load(*first), full=True, now=NOW).table
    expected = dict(first)
    for rows in changes:
        table = merge(table, load(*rows), full=False, now=NOW, max_bytes=max_bytes).table
        expected |= dict(rows)
    assert [row[:2] for row in rows_of(table)] == list(expected.items())
