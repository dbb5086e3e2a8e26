"""Rows of several pages and connections become one frame, with the newest row of each id."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.frames import frame_schema, rows_of, to_frame
from rutterframe.frames.assemble import all_different
from rutterframe.models import Connection, Customer, Order


def orders(*rows: tuple[str | None, float, str | None]) -> pa.Table:
    """Return orders with id, total price and updated_at."""
    return pa.Table.from_pylist(
        [
            {
                "id": name,
                "total_price": price,
                "updated_at": None if at is None else pd.Timestamp(at, tz="UTC"),
            }
            for name, price, at in rows
        ],
        schema=frame_schema(Order),
    )


def remaining(*tables: pa.Table) -> list[tuple[str | None, float]]:
    """Return id and price of the rows that remain."""
    table = rows_of(Order, tables, "c1").table
    return list(zip(table["id"].to_pylist(), table["total_price"].to_pylist(), strict=True))


def test_no_duplicates() -> None:
    """Rows with different ids all remain, in the order in which they were sent."""
    rows = rows_of(Order, [orders(("b", 1, None), ("a", 2, None)), orders(("c", 3, None))], "c1")
    assert rows.table["id"].to_pylist() == ["b", "a", "c"]
    assert rows.table["connection_id"].to_pylist() == ["c1", "c1", "c1"]
    assert rows.duplicates == 0


def test_newest_by_updated_at() -> None:
    """Of two rows with the same id the one with the later updated_at remains, in either order."""
    first = orders(("a", 1, "2026-01-02"), ("b", 2, "2026-01-01"))
    again = orders(("a", 9, "2026-01-01"), ("b", 8, "2026-01-03"))
    assert remaining(first, again) == [("a", 1.0), ("b", 8.0)]


def test_duplicates_leave_the_order_unchanged() -> None:
    """After duplicates were dropped, the rows are in the order in which they were sent."""
    sent = orders(
        ("d", 1, "2026-01-09"), ("c", 2, "2026-01-01"), ("b", 3, "2026-01-08"), ("c", 4, "2026-01-05"),
        ("a", 5, "2026-01-02"), (None, 6, None), ("d", 7, "2026-01-03"),
    )  # fmt: skip
    assert remaining(sent) == [("d", 1.0), ("b", 3.0), ("c", 4.0), ("a", 5.0), (None, 6.0)]


def test_last_sent_of_equal_updated_at() -> None:
    """Between equal or missing updated_at the row that was sent last remains."""
    assert remaining(orders(("a", 1, None), ("a", 2, None))) == [("a", 2.0)]
    assert remaining(orders(("a", 1, "2026-01-01"), ("a", 2, "2026-01-01"))) == [("a", 2.0)]
    assert remaining(orders(("a", 1, "2026-01-01"), ("a", 2, None))) == [("a", 1.0)]


def test_rows_without_id_are_not_duplicates() -> None:
    """Rows without an id all remain, also beside duplicates."""
    assert remaining(orders((None, 1, None), (None, 2, None), ("a", 3, None), ("a", 4, None))) == [
        (None, 1.0),
        (None, 2.0),
        ("a", 4.0),
    ]


def test_a_resource_without_updated_at() -> None:
    """Of a customer that is sent twice, the last row remains."""
    table = pa.Table.from_pylist(
        [{"id": "a", "name": "old"}, {"id": "a", "name": "new"}], frame_schema(Customer)
    )
    rows = rows_of(Customer, [table], "c1")
    assert rows.table["name"].to_pylist() == ["new"]
    assert rows.duplicates == 1


def test_the_same_id_in_two_connections() -> None:
    """An id is unique only within its connection: the same id in two connections is two records."""
    parts = [rows_of(Order, [orders(("a", 1, None))], name) for name in ("c1", "c2")]
    frame = to_frame(Order, parts)
    assert frame[["connection_id", "id"]].to_numpy().tolist() == [["c1", "a"], ["c2", "a"]]


def test_connections_are_their_own_connection() -> None:
    """In a frame of connections connection_id is the id."""
    table = pa.Table.from_pylist([{"id": "x"}], frame_schema(Connection))
    frame = to_frame(Connection, [rows_of(Connection, [table], None)])
    assert frame[["connection_id", "id"]].to_numpy().tolist() == [["x", "x"]]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=12), st.integers(0, 12))
def test_newest_against_a_dictionary(rows: list[tuple[str, int]], cut: int) -> None:
    """For any rows and any split into pages, the rows that remain are those of a dictionary by id."""
    numbered = [(name, float(place), f"2026-01-{day + 1:02d}") for place, (name, day) in enumerate(rows)]
    newest: dict[str, tuple[str, float]] = {}
    for name, price, at in numbered:
        if name not in newest or at >= newest[name][0]:
            newest[name] = (at, price)
    # The price is the position at which the row was sent.
    assert remaining(orders(*numbered[:cut]), orders(*numbered[cut:])) == sorted(
        ((name, price) for name, (_, price) in newest.items()), key=lambda row: row[1]
    )


def chunked(*chunks: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(chunk, pa.large_string()) for chunk in chunks], pa.large_string())


@pytest.mark.parametrize(
    ("ids", "different"),
    [
        (chunked(), True),
        (chunked([]), True),
        (chunked(["aa"]), True),
        (chunked(["aa", "ab"], ["ba", "bb"]), True),
        (chunked(["aa", "ab"], ["ba", "aa"]), False),
        (chunked(["aa", "aa"]), False),
        (chunked(["a", "aa"], ["aaa"]), True),
        (chunked(["a", "aa"], ["a"]), False),
        (chunked(["", ""]), False),
        (chunked(["a", "a\0", "b"]), True),
        (chunked(["aa", None], [None, "ab"]), True),
        (chunked(["aa", None], [None, "aa"]), False),
        (chunked(["123456789", "123456780"]), True),
        (chunked(["123456789", "123456789"]), False),
        (chunked(["12345678" * 2, "12345678" * 2]), False),
    ],
)
def test_all_different(ids: pa.ChunkedArray, different: bool) -> None:
    """Equal ids are found in one chunk and over several, of one length and of many; nulls equal nothing."""
    assert all_different(ids) is different


@pytest.mark.parametrize(
    ("start", "length", "different"), [(0, 2, True), (1, 2, False), (2, 2, True), (0, 4, False), (3, 1, True)]
)
def test_all_different_of_a_slice(start: int, length: int, different: bool) -> None:
    """A slice counts by its own ids, not by those before it in the same memory."""
    ids = pa.array(["aa", "bb", "bb", "cc"], pa.large_string()).slice(start, length)
    assert all_different(pa.chunked_array([ids])) is different


@given(
    st.lists(st.sampled_from(["aa", "ab", "ba", "bb", "ca"]), max_size=8),
    st.integers(0, 8),
    st.integers(0, 8),
)
def test_all_different_equals_a_set(names: list[str], start: int, cut: int) -> None:
    """For any ids, sliced and cut in two anywhere, the answer is that of a set."""
    sliced = pa.array(names, pa.large_string())[start:]
    chunks = pa.chunked_array([sliced[:cut], sliced[cut:]], pa.large_string())
    rest = names[start:]
    assert all_different(chunks) is (len(set(rest)) == len(rest))
