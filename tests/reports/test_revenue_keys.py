"""Revenue by connection, title, article number and business, on every engine."""

from __future__ import annotations

import io
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.revenue import revenue_by_product
from tests.reports.test_revenue import ENGINES, REST, frame_of, orders_of, rows_of

explain = rf.reports.explain
LINE = "connection_id order_id product_id variant_id quantity unit_price"


def lines(*rows: tuple[Any, ...], quantity: str = "float64") -> pd.DataFrame:
    """Build lines: connection_id, order_id, product_id, variant_id, quantity, unit_price."""
    frame = pd.DataFrame(rows, columns=LINE.split(), dtype=object)
    texts = dict.fromkeys(LINE.split()[:4], "str")
    return frame.astype({**texts, "quantity": quantity, "unit_price": "float64"})


def on(engine: str, **frames: pd.DataFrame) -> dict[str, Any]:
    """Convert frames to one engine."""
    return {name: ENGINES[engine](frame) for name, frame in frames.items()}


def dicts(report: Any) -> list[dict[str, Any]]:
    """Return the rows of a report of any engine."""
    names = nw.from_native(report).collect_schema().names()
    return [dict(zip(names, row, strict=True)) for row in rows_of(report)]


#: Quantity, unit price and total: in ticks of eight decimals, and of four.
FINE_LINES = [
    (200_000.0, 0.000165, 33.0),
    (1_000_000.0, 0.00004, 40.0),
    (1_000.0, 0.02925, 29.25),
    (1.5, 10.0, 15.0),
    (0.375, 0.00000004, 0.00000002),
]
COARSE_LINES = [(-3.0, 8.5, -25.5)]


@pytest.mark.parametrize("priced", [FINE_LINES, COARSE_LINES], ids=["fine", "coarse"])
@pytest.mark.parametrize("engine", ENGINES)
def test_prices_are_multiplied_before_they_are_rounded(
    engine: str, priced: list[tuple[float, float, float]]
) -> None:
    """A line is worth quantity times unit price, whatever the decimals; nothing is left, all is explained."""
    orders = orders_of(*((f"o{place}", "pending", "USD", line[2]) for place, line in enumerate(priced)))
    pieces = lines(*(("s", f"o{place}", f"p{place}", None, *line[:2]) for place, line in enumerate(priced)))
    frames = on(engine, orders=orders, lines=pieces)
    report = revenue_by_product(**frames)
    products = [(None, quantity, total) for quantity, _, total in priced]
    assert rows_of(report, "title", "quantity", "revenue") == [*products, (REST, 0.0, 0.0)]
    last = dicts(report)[len(priced) - 1]
    assert rows_of(explain(last, frames), "quantity", "revenue") == [products[-1][1:]]
    # No order has a rest: each line is explained exactly.
    assert rows_of(explain(dicts(report)[-1], frames)) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("dtype", "kind"), [("Int64", nw.Int64), ("float64", nw.Float64)])
def test_pieces_have_the_dtype_of_the_lines(engine: str, dtype: str, kind: Any) -> None:
    """Whole quantities are counted as integers, those that may be fractions as floats, whatever they are."""
    number = 2 if dtype == "Int64" else 2.5
    pieces = lines(("s", "a", "p", None, number, 1.0), quantity=dtype)
    report = revenue_by_product(**on(engine, orders=orders_of(("a", "pending", "USD", 2.0)), lines=pieces))
    schema = nw.from_native(report).collect_schema()
    assert (schema["quantity"], schema["orders"], schema["revenue"]) == (kind, nw.Int64, nw.Float64)


def test_nested_quantities_may_be_fractions() -> None:
    """Lines nested in orders may have fractions of pieces, also as plain lists of dicts."""
    orders = orders_of(("a", "pending", "USD", 15.0))
    nested = [[{"product_id": "p", "variant_id": None, "quantity": 1.5, "unit_price": 10.0}]]
    report = revenue_by_product(orders.assign(line_items=pd.Series(nested, dtype=object)))
    assert rows_of(report, "quantity", "revenue") == [(1.5, 15.0), (0.0, 0.0)]


TWO_SHOPS = "connection_id id status currency total_price business"
ORDERS = frame_of(
    TWO_SHOPS,
    [
        ("acme", "1", "pending", "USD", 10.0, "One"),
        ("beta", "1", "pending", "USD", 20.0, "Two"),
        ("beta", "2", "pending", "USD", 5.0, "Two"),
        (None, "1", "pending", "USD", 1.0, "Two"),
    ],
)
LINES = lines(
    ("acme", "1", "7", "v", 1.0, 9.0),
    ("beta", "1", "7", "v", 2.0, 10.0),
    ("beta", "2", "8", "w", 1.0, 4.0),
    ("beta", "2", "8", "w", 1.0, 1.0),
    (None, "1", "7", "v", 1.0, 1.0),
)
PRODUCTS = frame_of(
    "connection_id id title",
    [("acme", "7", "Hammer"), ("beta", "7", "Cake"), ("beta", "8", "Hammer"), (None, "7", "Pen")],
)
VARIANTS = frame_of(
    "connection_id product_id id title sku",
    [
        ("acme", "7", "v", "Hammer, L", "H-1"),
        ("beta", "7", "v", "Cake, S", None),
        ("beta", "8", "w", "Hammer", "H-1"),
    ],
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_product_is_one_of_its_connection(engine: str) -> None:
    """Product 7 of two shops, and of none, are three products with titles of their own, and own rests."""
    report = revenue_by_product(**on(engine, orders=ORDERS, products=PRODUCTS, lines=LINES))
    columns = ("connection_id", "product_id", "title", "orders", "quantity", "revenue", "share")
    assert rows_of(report, *columns) == [
        ("acme", "7", "Hammer", 1, 1.0, 9.0, 0.25),
        ("acme", None, REST, 1, 0.0, 1.0, 1 / 36),
        ("beta", "7", "Cake", 1, 2.0, 20.0, 20 / 36),
        ("beta", "8", "Hammer", 1, 2.0, 5.0, 5 / 36),
        ("beta", None, REST, 2, 0.0, 0.0, 0.0),
        (None, "7", "Pen", 1, 1.0, 1.0, 1 / 36),
        (None, None, REST, 1, 0.0, 0.0, 0.0),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (
            "title",
            [
                ("Cake", "USD", 1, 2.0, 20.0),
                ("Hammer", "USD", 2, 3.0, 14.0),
                (REST, "USD", 4, 0.0, 1.0),
                ("Pen", "USD", 1, 1.0, 1.0),
            ],
        ),
        (
            "business",
            [
                ("One", REST, "USD", 1, 0.0, 1.0),
                ("One", None, "USD", 1, 1.0, 9.0),
                ("Two", REST, "USD", 3, 0.0, 0.0),
                ("Two", None, "USD", 3, 5.0, 26.0),
            ],
        ),
        (
            ["business", "title"],
            [
                ("One", "Hammer", "USD", 1, 1.0, 9.0),
                ("One", REST, "USD", 1, 0.0, 1.0),
                ("Two", "Cake", "USD", 1, 2.0, 20.0),
                ("Two", "Hammer", "USD", 1, 2.0, 5.0),
                ("Two", REST, "USD", 3, 0.0, 0.0),
                ("Two", "Pen", "USD", 1, 1.0, 1.0),
            ],
        ),
        (
            "connection_id",
            [
                ("acme", REST, "USD", 1, 0.0, 1.0),
                ("acme", None, "USD", 1, 1.0, 9.0),
                ("beta", REST, "USD", 2, 0.0, 0.0),
                ("beta", None, "USD", 2, 4.0, 25.0),
                (None, REST, "USD", 1, 0.0, 0.0),
                (None, None, "USD", 1, 1.0, 1.0),
            ],
        ),
    ],
)
def test_what_means_the_same_everywhere_merges_connections(engine: str, by: Any, wanted: Any) -> None:
    """Titles and businesses are one over all connections, an order counts once, and each row is explained."""
    frames = on(engine, orders=ORDERS, products=PRODUCTS, lines=LINES)
    report = revenue_by_product(**frames, by=by)
    assert [row[:-1] for row in rows_of(report)] == wanted
    assert ("connection_id" in dicts(report)[0]) == (by == "connection_id")
    on_pandas = isinstance(report, pd.DataFrame)
    for place, row in enumerate(dicts(report)):
        if not on_pandas and place > 1:
            break  # The first rows have a product and a rest, or two titles: each takes queries of its own.
        one = report.iloc[[place]] if on_pandas else row
        behind = [Decimal(str(amount)) for (amount,) in rows_of(explain(one, frames), "revenue")]
        assert sum(behind, Decimal(0)) == Decimal(str(row["revenue"]))


@pytest.mark.parametrize("engine", ENGINES)
def test_article_numbers_merge_connections(engine: str) -> None:
    """One article number is one row over two shops; variants without one, unlisted or none are apart."""
    more = lines(("beta", "2", "8", None, 1.0, 0.5), ("beta", "2", "8", "x", 1.0, 0.25))
    frames = on(engine, orders=ORDERS, products=VARIANTS, lines=pd.concat([LINES, more]))
    report = revenue_by_product(**frames, by="sku")
    assert rows_of(report, "sku", "title", "orders", "revenue") == [
        ("H-1", "Hammer, L", 2, 14.0),
        (None, "Cake, S", 1, 20.0),
        (None, "Line without a variant", 1, 0.5),
        (None, REST, 4, 0.25),
        (None, "Not in products", 2, 1.25),
    ]
    for row in dicts(report):
        behind = [Decimal(str(amount)) for (amount,) in rows_of(explain(row, frames), "revenue")]
        assert sum(behind, Decimal(0)) == Decimal(str(row["revenue"]))


@pytest.mark.parametrize("engine", ENGINES)
def test_frames_without_connections_are_one_connection(engine: str) -> None:
    """Without a column of connections everything belongs to one, which is null."""
    frames = {
        "orders": ORDERS.iloc[:1].drop(columns="connection_id"),
        "lines": LINES.iloc[:1].drop(columns="connection_id"),
        "products": PRODUCTS.iloc[:1].drop(columns="connection_id"),
    }
    report = revenue_by_product(**on(engine, **frames))
    assert rows_of(report, "connection_id", "title", "revenue") == [(None, "Hammer", 9.0), (None, REST, 1.0)]


def test_connections_on_one_side_only_are_refused() -> None:
    """Lines of several connections cannot be matched with orders without connections."""
    with pytest.raises(ValueError, match="orders has no column 'connection_id', and lines has one"):
        revenue_by_product(ORDERS.drop(columns="connection_id"), lines=LINES)
    with pytest.raises(ValueError, match="products has no column 'connection_id'"):
        revenue_by_product(ORDERS, PRODUCTS.drop(columns="connection_id"), lines=LINES)


@pytest.mark.parametrize("engine", ENGINES)
def test_statuses_in_any_spelling(engine: str) -> None:
    """Cancelled, void and draft orders do not count in any spelling; refunded and unknown ones do."""
    excluded = ["Cancelled", "CANCELED", " voided ", "Void", "draft", "Draft"]
    included = ["refunded", "Partially Refunded", "FULFILLED", None]
    listed = [*excluded, *included]
    orders = orders_of(*((str(place), status, "USD", 1.0) for place, status in enumerate(listed)))
    pieces = lines(*(("s", str(place), "p", None, 1.0, 1.0) for place in range(len(listed))))
    report = revenue_by_product(**on(engine, orders=orders, lines=pieces))
    assert rows_of(report, "title", "orders", "revenue") == [(None, 4, 4.0), (REST, 4, 0.0)]
    if isinstance(report, pd.DataFrame):
        words = " voided : 1, CANCELED: 1, Cancelled: 1, Draft: 1, Void: 1, and 1 other words"
        strange = "Partially Refunded: 1, refunded: 1, none: 1"
        assert report.attrs["notes"] == [
            f"Orders cancelled, void or draft, no revenue: 6 ({words}).",
            f"Orders of an unknown status or none, taken as sold: 3 ({strange}).",
        ]


def test_orders_without_a_date_are_noted() -> None:
    """Orders without a date have a period of their own, which a note counts; else there is no note."""
    orders = orders_of(("a", "pending", "USD", 1.0), ("b", "pending", "USD", 1.0, "2026-01-01T10:00Z"))
    report = revenue_by_product(orders, lines=lines(), period="month")
    assert report.attrs["notes"] == ["1 order without a date: in the period that is missing."]
    assert revenue_by_product(orders, lines=lines()).attrs["notes"] == []


@pytest.mark.parametrize(
    ("tz", "first"),
    [("UTC", "2026-07-01"), ("America/Los_Angeles", "2026-06-01"), ("Asia/Tokyo", "2026-07-01")],
)
@pytest.mark.parametrize("engine", ["pandas", "pandas-arrow", "pyarrow", "polars", "polars-lazy"])
def test_periods_follow_the_calendar_of_a_zone(engine: str, tz: str, first: str) -> None:
    """An order at 19:30 on 30 June in Los Angeles is of June there, and of July elsewhere."""
    orders = orders_of(("a", "pending", "USD", 1.0, "2026-06-30T19:30-07:00"))
    pieces = lines(("s", "a", "p", None, 1.0, 1.0))
    report = revenue_by_product(**on(engine, orders=orders, lines=pieces), period="month", tz=tz)
    assert rows_of(report, "period") == [(datetime.fromisoformat(first),)] * 2
    if isinstance(report, pd.DataFrame):
        assert len(explain(report.iloc[[0]], {"orders": orders, "lines": pieces})) == 1


def test_orders_from_a_csv_file_are_refused(client: rf.Client) -> None:
    """A CSV file holds nested lines as text: the error has the argument to pass."""
    orders = rf.load_orders(client.connection("roaster-shopify"), progress=False).head(5)
    file = io.StringIO(
        orders.drop(columns="line_items").assign(line_items=orders["line_items"].map(str)).to_csv(index=False)
    )
    with pytest.raises(
        ValueError, match=r"^'line_items' must hold lists of rows; its first value is .*lines=rf\.line_items"
    ):
        revenue_by_product(pd.read_csv(file))


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_text_is_missing(engine: str) -> None:
    """Empty text as product or currency is in the row of the missing ones, and counted in a note."""
    orders = orders_of(("a", "pending", "", 3.0), ("b", "pending", None, 1.0))
    pieces = lines(("s", "a", "", None, 1.0, 2.0), ("s", "b", None, None, 1.0, 1.0))
    frames = on(engine, orders=orders, lines=pieces)
    report = revenue_by_product(**frames)
    assert rows_of(report, "product_id", "title", "currency", "orders", "revenue") == [
        (None, "Line without a product", None, 2, 3.0),
        (None, REST, None, 2, 1.0),
    ]
    assert rows_of(explain(dicts(report)[0], frames), "revenue") == [(2.0,), (1.0,)]
    if isinstance(report, pd.DataFrame):
        assert report.attrs["notes"] == [
            "Orders with empty text as currency, taken as missing: 1.",
            "Lines with empty text as product_id, taken as missing: 1.",
        ]


@pytest.mark.parametrize("engine", ENGINES)
def test_totals_that_are_text_are_refused(engine: str) -> None:
    """An order total that is text is refused with the same error on every engine."""
    orders = orders_of(("a", "pending", "USD", 1.0)).assign(total_price=["12.50"])
    with pytest.raises(ValueError, match=r"^'total_price' holds '12.50', which is not a number: use "):
        revenue_by_product(**on(engine, orders=orders, lines=lines()))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("totals", "shares"),
    [
        ((-100.0, -300.0), [0.0, 0.25, 0.0, 0.75]),
        ((100.0, -300.0), [None, None, None, None]),
        ((0.002, 0.002), [None, None, None, None]),
        ((0.002, 0.003), [0.0, 0.4, 0.0, 0.6]),
        ((0.0, 0.0), [None, None, None, None]),
    ],
)
def test_shares_of_one_sign_only(
    engine: str, totals: tuple[float, float], shares: list[float | None]
) -> None:
    """Parts of a negative total have shares; those of both signs, or of less than half a cent, have none."""
    orders = orders_of(*((str(place), "pending", "USD", total) for place, total in enumerate(totals)))
    orders = orders.assign(connection_id=["a", "b"])
    pieces = lines(("a", "0", "p", None, 0.0, 1.0), ("b", "1", "p", None, 0.0, 1.0))
    report = revenue_by_product(**on(engine, orders=orders, lines=pieces))
    assert rows_of(report, "share") == [(share,) for share in shares]
    assert "-0.0" not in str(rows_of(report))


@pytest.mark.parametrize("tz", ["Mars/Olympus", "", "../UTC", 5, None])
def test_a_zone_that_does_not_exist(tz: Any) -> None:
    """A zone that the IANA database does not have is refused."""
    orders = pd.DataFrame(columns=["connection_id", "id", "status", "currency", "total_price", "created_at"])
    with pytest.raises(ValueError, match=f"tz={re.escape(repr(tz))} is not a valid time zone"):
        revenue_by_product(orders, period="month", tz=tz)
