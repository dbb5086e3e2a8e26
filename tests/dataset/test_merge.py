"""What a refresh makes of the rows that were kept and those that came."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.dataset.bucket_merge import Kept, Refreshed, refreshed
from rutterframe.dataset.merge import DELETED, MARKS, POSITION, with_columns
from rutterframe.dataset.spool import HELD, Spool

NOW = datetime(2026, 6, 30, tzinfo=UTC)
LINES = pa.list_(pa.struct([("quantity", pa.float64())]))
COME = pa.schema([("id", pa.large_string()), ("amount", pa.float64()), ("lines", LINES)])
KEPT = pa.schema([*COME, *MARKS])

Row = tuple[str | None, float | None]
#: Bytes that are held at a time: all rows, some, and few.
ROOMS = st.sampled_from([HELD, 150, 40])


@dataclass(frozen=True)
class After:
    """What a refresh made of the rows, and the rows."""

    told: Refreshed
    table: pa.Table


def merged(
    kept: pa.Table,
    come: pa.Table,
    *,
    whole: bool,
    now: datetime,
    room: int = HELD,
    unreadable: Collection[str] | None = (),
) -> After:
    """Merge rows that are held, or put aside in pieces where there is little room."""
    with closing(Spool(room)) as spool:
        for at in range(len(come)):
            spool.put(come.slice(at, 1))
        pieces = [kept.slice(at, 1) for at in range(len(kept))]
        before = Kept(KEPT, len(kept), pieces)
        told = refreshed(before, spool, whole=whole, now=now, at_once=room, unreadable=unreadable)
    with closing(told.spool):
        return After(told, pa.concat_tables([KEPT.empty_table(), *told.spool.tables()]))


def come(*rows: Row) -> pa.Table:
    """Give rows as they are loaded; the amount is also that of a line."""
    return pa.table(
        [[row[0] for row in rows], [row[1] for row in rows], [[{"quantity": row[1]}] for row in rows]],
        schema=COME,
    )


NOTHING = KEPT.empty_table()


def shown(table: pa.Table) -> list[tuple[Any, ...]]:
    """Give id, amount and whether it vanished, in the order in which they are kept."""
    rows = zip(*(table[name].to_pylist() for name in ("id", "amount", DELETED)), strict=True)
    return [(name, amount, gone is not None) for name, amount, gone in rows]


def counts(kept: pa.Table, rows: pa.Table, *, whole: bool) -> tuple[int, int, int]:
    result = merged(kept, rows, whole=whole, now=NOW).told
    return result.added, result.changed, result.removed


FIRST = merged(NOTHING, come(("a", 1.0), ("b", None), ("c", 3.0)), whole=True, now=NOW).table


def test_the_first_rows_are_added() -> None:
    """What comes to nothing is added, in its order."""
    assert shown(FIRST) == [("a", 1.0, False), ("b", None, False), ("c", 3.0, False)]
    assert FIRST[POSITION].to_pylist() == [0, 1, 2]
    assert FIRST.schema.names == ["id", "amount", "lines", DELETED, POSITION]


def test_the_same_rows_change_nothing() -> None:
    """The same rows again, missing values and lines included, are nothing to write."""
    for whole in (True, False):
        again = merged(FIRST, come(("a", 1.0), ("b", None), ("c", 3.0)), whole=whole, now=NOW)
        assert not again.told.is_new
        assert again.table.equals(FIRST)


def test_whole_lists_show_what_vanished() -> None:
    """Of a whole list what did not come has vanished: it is kept, marked with the day."""
    result = merged(FIRST, come(("c", 3.5), ("d", 4.0), ("a", 1.0)), whole=True, now=NOW)
    told = result.told
    assert (told.added, told.changed, told.removed, told.live) == (1, 1, 1, 3)
    assert sorted(shown(result.table)) == [
        ("a", 1.0, False), ("b", None, True), ("c", 3.5, False), ("d", 4.0, False),
    ]  # fmt: skip
    alive = [row[0] for row in shown(result.table) if not row[2]]
    assert alive == ["c", "d", "a"]


def test_what_vanished_can_come_back() -> None:
    """A record that comes again is added, and its mark is taken off; the day it vanished is not moved."""
    gone = merged(FIRST, come(("a", 1.0)), whole=True, now=NOW).table
    later = datetime(2026, 7, 31, tzinfo=UTC)
    still = merged(gone, come(("a", 1.0)), whole=True, now=later)
    assert not still.told.is_new
    assert set(still.table[DELETED].to_pylist()) == {None, NOW}
    back = merged(gone, come(("a", 1.0), ("b", None)), whole=True, now=later)
    assert (back.told.added, back.told.changed, back.told.removed) == (1, 0, 0)
    assert ("b", None, False) in shown(back.table)


def test_changes_are_put_in_their_place() -> None:
    """Of a list of changes what did not come stays; changed rows keep their place, new ones come last."""
    result = merged(FIRST, come(("d", 4.0), ("b", 2.0)), whole=False, now=NOW)
    assert (result.told.added, result.told.changed, result.told.removed) == (1, 1, 0)
    assert shown(result.table) == [
        ("a", 1.0, False), ("b", 2.0, False), ("c", 3.0, False), ("d", 4.0, False),
    ]  # fmt: skip


def test_another_order_is_written() -> None:
    """The same rows in another order are no change, but the order is kept."""
    result = merged(FIRST, come(("b", None), ("a", 1.0), ("c", 3.0)), whole=True, now=NOW)
    told = result.told
    assert (told.added, told.changed, told.removed, told.moved) == (0, 0, 0, True)
    assert [row[0] for row in shown(result.table)] == ["b", "a", "c"]


def test_rows_without_an_id_are_nobodys_successors() -> None:
    """Rows without an id are replaced by those of a whole list, and stay beside a list of changes."""
    nameless = merged(NOTHING, come((None, 1.0), (None, 1.0), ("a", 2.0)), whole=True, now=NOW).table
    assert counts(nameless, come((None, 1.0), ("a", 2.0)), whole=True) == (1, 0, 2)
    kept = merged(nameless, come((None, 5.0)), whole=False, now=NOW).table
    assert [row[1] for row in shown(kept)] == [1.0, 1.0, 2.0, 5.0]


def test_rows_without_an_id_that_vanished_do_not_come_back() -> None:
    """Such a row is kept nowhere once it vanished: no list brings it back."""
    nameless = merged(NOTHING, come((None, 1.0), ("a", 2.0)), whole=True, now=NOW).table
    marked = nameless.set_column(
        nameless.schema.get_field_index(DELETED), MARKS[0], pa.array([NOW, None], MARKS[0].type)
    )
    for whole in (True, False):
        after = merged(marked, come(("a", 2.0)), whole=whole, now=NOW)
        assert (after.told.added, after.told.changed, after.told.removed, after.told.live) == (0, 0, 0, 1)
        assert shown(after.table) == [("a", 2.0, False)]


def test_rows_that_could_not_be_read_have_not_vanished() -> None:
    """Of a whole list a row that came unreadable stays; where its id is not known all rows with an id do."""
    after = merged(FIRST, come(("a", 1.0)), whole=True, now=NOW, unreadable={"b"})
    assert (after.told.removed, after.told.live) == (1, 2)
    assert sorted(shown(after.table)) == [("a", 1.0, False), ("b", None, False), ("c", 3.0, True)]
    after = merged(FIRST, come(("a", 1.0)), whole=True, now=NOW, unreadable=None)
    assert (after.told.removed, after.told.live, after.told.is_new) == (0, 3, False)
    gone = merged(FIRST, come(("a", 1.0)), whole=True, now=NOW).table
    for unreadable in ({"b", "c"}, None):
        after = merged(gone, come(("a", 1.0)), whole=True, now=NOW, unreadable=unreadable)
        assert (after.told.removed, after.told.live, after.told.is_new) == (0, 1, False)


def test_columns_that_are_new_are_missing_in_what_was_kept() -> None:
    """When the API gains a field, the rows that were kept miss it, and their types are the new ones."""
    old = pa.table({"id": pa.array(["a"], pa.string()), "gone": [1]})
    found = with_columns(old, COME)
    assert found.schema == COME
    assert found.to_pylist() == [{"id": "a", "amount": None, "lines": None}]


ROWS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, 1.0, 2.0])).map(
    lambda found: list(found.items())
)


@given(loads=st.lists(ROWS, min_size=1, max_size=5), room=ROOMS)
def test_after_any_whole_loads_it_is_the_last_one(loads: list[list[Row]], room: int) -> None:
    """Whatever came before, what is there is the last whole list in its order, and no id is lost."""
    table = NOTHING
    for rows in loads:
        before = {row[0] for row in shown(table)}
        then = [row[0] for row in shown(table) if not row[2]]
        result = merged(table, come(*rows), whole=True, now=NOW, room=room)
        table = result.table
        assert [row[:2] for row in shown(table) if not row[2]] == rows
        both = [row[0] for row in rows if row[0] in then]
        assert result.told.moved == (both != [name for name in then if name in both])
        ids = [row[0] for row in shown(table)]
        assert len(ids) == len(set(ids))
        assert set(ids) == before | {row[0] for row in rows}


@given(first=ROWS, changes=st.lists(ROWS, max_size=4), room=ROOMS)
def test_after_any_changes_the_newest_of_each_id_is_there(
    first: list[Row], changes: list[list[Row]], room: int
) -> None:
    """Changes on changes give, of each id, the row that came last."""
    table = merged(NOTHING, come(*first), whole=True, now=NOW).table
    expected = dict(first)
    for rows in changes:
        table = merged(table, come(*rows), whole=False, now=NOW, room=room).table
        expected |= dict(rows)
    assert [row[:2] for row in shown(table)] == list(expected.items())
