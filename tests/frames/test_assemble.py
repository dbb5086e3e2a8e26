"""Each record once, the newest of each id, in one frame."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rutterframe.frames import frame_schema, rows_of, to_frame
from rutterframe.models import Connection, Customer, Order


def orders(*rows: tuple[str | None, float, str | None]) -> pa.Table:
    """Make orders of id, total price and updated_at."""
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


def kept(*tables: pa.Table) -> list[tuple[str | None, float]]:
    """Give id and price of the rows that were kept."""
    table = rows_of(Order, tables, "c1").table
    return list(zip(table["id"].to_pylist(), table["total_price"].to_pylist(), strict=True))


def test_no_duplicates() -> None:
    """Rows with ids of their own are all kept, in the order in which they were served."""
    rows = rows_of(Order, [orders(("b", 1, None), ("a", 2, None)), orders(("c", 3, None))], "c1")
    assert rows.table["id"].to_pylist() == ["b", "a", "c"]
    assert rows.table["connection_id"].to_pylist() == ["c1", "c1", "c1"]
    assert rows.duplicates == 0


def test_newest_by_updated_at() -> None:
    """Of two rows with the same id the later updated_at stays, wherever it was served."""
    first = orders(("a", 1, "2026-01-02"), ("b", 2, "2026-01-01"))
    again = orders(("a", 9, "2026-01-01"), ("b", 8, "2026-01-03"))
    assert kept(first, again) == [("a", 1.0), ("b", 8.0)]


def test_the_order_is_that_of_the_rows_that_stay() -> None:
    """After duplicates were dropped the rows stand in the order in which they were served."""
    served = orders(
        ("d", 1, "2026-01-09"), ("c", 2, "2026-01-01"), ("b", 3, "2026-01-08"), ("c", 4, "2026-01-05"),
        ("a", 5, "2026-01-02"), (None, 6, None), ("d", 7, "2026-01-03"),
    )  # fmt: skip
    assert kept(served) == [("d", 1.0), ("b", 3.0), ("c", 4.0), ("a", 5.0), (None, 6.0)]


def test_last_served_where_nothing_tells() -> None:
    """Between equal or missing updated_at the row that was served last stays."""
    assert kept(orders(("a", 1, None), ("a", 2, None))) == [("a", 2.0)]
    assert kept(orders(("a", 1, "2026-01-01"), ("a", 2, "2026-01-01"))) == [("a", 2.0)]
    assert kept(orders(("a", 1, "2026-01-01"), ("a", 2, None))) == [("a", 1.0)]


def test_rows_without_id_are_no_duplicates() -> None:
    """Rows without an id are all kept, also beside duplicates."""
    assert kept(orders((None, 1, None), (None, 2, None), ("a", 3, None), ("a", 4, None))) == [
        (None, 1.0),
        (None, 2.0),
        ("a", 4.0),
    ]


def test_a_resource_without_updated_at() -> None:
    """A customer that is served twice is kept as it was served last."""
    table = pa.Table.from_pylist(
        [{"id": "a", "name": "old"}, {"id": "a", "name": "new"}], frame_schema(Customer)
    )
    rows = rows_of(Customer, [table], "c1")
    assert rows.table["name"].to_pylist() == ["new"]
    assert rows.duplicates == 1


def test_the_same_id_in_two_connections() -> None:
    """Ids are a connection's own: the same id in two connections is two records."""
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
    """For any rows and any split into pages, what is kept is what a dictionary by id would keep."""
    numbered = [(name, float(place), f"2026-01-{day + 1:02d}") for place, (name, day) in enumerate(rows)]
    newest: dict[str, tuple[str, float]] = {}
    for name, price, at in numbered:
        if name not in newest or at >= newest[name][0]:
            newest[name] = (at, price)
    # The price is the place at which the row was served.
    assert kept(orders(*numbered[:cut]), orders(*numbered[cut:])) == sorted(
        ((name, price) for name, (_, price) in newest.items()), key=lambda row: row[1]
    )
