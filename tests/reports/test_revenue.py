"""Revenue by product: its rows and titles, and their sum, which is that of the orders' totals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.describe import describe
from rutterframe.reports.revenue import revenue_by_product

TEXT = (
    "connection_id",
    "id",
    "order_id",
    "product_id",
    "variant_id",
    "status",
    "currency",
    "title",
    "sku",
    "business",
)
REST = "Not allocated to a product"
TEN = "10:00+00:00"
SOLD_ONCE = {
    "product_id": "p", "title": None, "currency": "USD",
    "orders": 1, "quantity": 2, "revenue": 20.0, "share": 1.0,
}  # fmt: skip


def frame_of(columns: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Build a frame with the dtypes that loaders give, also of no rows."""
    frame = pd.DataFrame(rows, columns=columns.split(), dtype=object)
    for name in frame.columns:
        if name in TEXT:
            frame[name] = frame[name].astype("str")
        elif name == "quantity":
            frame[name] = frame[name].astype("Int64")
        elif name == "created_at":
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
        else:
            frame[name] = frame[name].astype("float64")
    return frame


def orders_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Orders of the shop "s": id, status, currency, total_price, created_at."""
    columns = "connection_id id status currency total_price created_at"
    return frame_of(columns, [("s", *row, *(None,) * (5 - len(row))) for row in rows])


def lines_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Lines of the shop "s": order_id, product_id, quantity, unit_price, variant_id."""
    columns = "connection_id order_id product_id quantity unit_price variant_id"
    return frame_of(columns, [("s", *row, *(None,) * (5 - len(row))) for row in rows])


def products_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Products: connection_id, id, title."""
    return frame_of("connection_id id title", list(rows))


def rows_of(report: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return rows of any engine as plain values, missing ones as None."""
    frame = nw.from_native(report)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    picked = frame.select(*columns) if columns else frame
    return [tuple(_plain(value) for value in row) for row in picked.rows()]


def _plain(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _duckdb(frame: pd.DataFrame) -> Any:
    duckdb.sql("SET TimeZone = 'UTC'")
    return duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


ENGINES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "pandas-arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "polars": pl.from_pandas,
    "polars-lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "duckdb": _duckdb,
}

MIXED = orders_of(
    ("a", "fulfilled", "USD", 12.5, f"2026-01-31 {TEN}"),
    ("b", "cancelled", "USD", 9.0, f"2026-01-01 {TEN}"),
    ("c", None, "USD", None, f"2026-02-01 {TEN}"),
    ("d", "odd", "EUR", 0.0),
    ("e", "canceled", "EUR", 1.0),
    ("f", "pending", None, 3.0, f"2026-12-31 {TEN}"),
)
MIXED_LINES = lines_of(
    ("a", "p", 2, 5.0),
    ("a", "q", None, 1.0),
    ("b", "p", 1, 9.0),
    ("c", "p", 3, 0.1),
    ("f", None, 1, 3.0),
    ("z", "p", 1, 1.0),
    (None, "p", 1, 1.0),
)
PEA = products_of(("s", "p", "Pea"))


def test_all_columns_of_a_report() -> None:
    """Lines are summed per product and currency; the rest of the totals has its own row."""
    report = revenue_by_product(MIXED, PEA, lines=MIXED_LINES)
    columns = "connection_id product_id title currency orders quantity revenue share"
    assert list(report) == columns.split()
    assert rows_of(report) == [
        ("s", None, REST, "EUR", 1, 0, 0.0, None),
        ("s", "p", "Pea", "USD", 2, 5, 10.3, 0.824),
        ("s", "q", "Not in products", "USD", 1, 0, 0.0, 0.0),
        ("s", None, REST, "USD", 2, 0, 2.2, 0.176),
        ("s", None, "Line without a product", None, 1, 1, 3.0, 1.0),
        ("s", None, REST, None, 1, 0, 0.0, 0.0),
    ]


def test_dtypes_are_those_of_a_loader() -> None:
    """Text is str, counts are Int64, money and shares float64, also for no orders at all."""
    dtypes = "connection_id:str product_id:str title:str currency:str period:datetime64[us] orders:Int64"
    wanted = dict(
        pair.split(":") for pair in f"{dtypes} quantity:Int64 revenue:float64 share:float64".split()
    )
    full = revenue_by_product(MIXED, PEA, lines=MIXED_LINES, period="month")
    empty = revenue_by_product(orders_of(), PEA, lines=lines_of(), period="month")
    assert full.dtypes.astype(str).to_dict() == wanted
    assert len(empty) == 0
    assert empty.dtypes.astype(str).to_dict() == wanted


def test_without_products_titles_are_null() -> None:
    """Products have no title without products; lines without a product have one."""
    report = revenue_by_product(MIXED, lines=MIXED_LINES)
    assert rows_of(report, "product_id", "title") == [
        (None, REST),
        ("p", None),
        ("q", None),
        (None, REST),
        (None, "Line without a product"),
        (None, REST),
    ]


def test_an_order_with_two_lines_of_a_product_counts_once() -> None:
    """Orders are counted, not lines."""
    lines = lines_of(("a", "p", 1, 1.0), ("a", "p", 2, 1.5), ("b", "p", 1, 1.0))
    report = revenue_by_product(orders_of(("a", "x", "USD", 4.0), ("b", "x", "USD", 1.0)), lines=lines)
    assert rows_of(report, "orders", "quantity", "revenue") == [(2, 4, 5.0), (2, 0, 0.0)]


def test_lines_without_price_or_quantity_are_no_revenue() -> None:
    """Pieces without a price count as pieces; the note says how many lines lack something."""
    lines = lines_of(
        ("a", "p", 3, None), ("a", "p", None, 2.0), ("a", "p", None, None), ("b", "p", None, 1.0)
    )
    orders = orders_of(("a", "x", "USD", 4.0), ("b", "cancelled", "USD", 4.0))
    report = revenue_by_product(orders, lines=lines)
    assert rows_of(report, "orders", "quantity", "revenue") == [(1, 3, 0.0), (1, 0, 4.0)]
    assert report.attrs["notes"] == [
        "Orders cancelled, void or draft, no revenue: 1 (cancelled: 1).",
        "Orders of an unknown status or none, taken as sold: 1 (x: 1).",
        "3 lines without a quantity or unit price: no revenue.",
    ]


def test_notes_count_missing_data() -> None:
    """Orders without a total, lines without an amount and lines of no order are counted."""
    assert revenue_by_product(MIXED, lines=MIXED_LINES).attrs["notes"] == [
        "Orders cancelled, void or draft, no revenue: 2 (canceled: 1, cancelled: 1).",
        "Orders of an unknown status or none, taken as sold: 2 (odd: 1, none: 1).",
        "1 order without a total: its lines count, and are taken off the rest.",
        "1 line without a quantity or unit price: no revenue.",
        "2 lines of none of these orders: left out.",
        "No shares of EUR: amounts of both signs, or a total near zero.",
    ]


def test_discounts_make_the_rest_negative() -> None:
    """Orders that cost less than their lines have a negative rest, and no shares: they would be above one."""
    report = revenue_by_product(orders_of(("a", "pending", "USD", 8.0)), lines=lines_of(("a", "p", 1, 10.0)))
    assert rows_of(report, "revenue", "share") == [(10.0, None), (-2.0, None)]
    assert report.attrs["notes"] == ["No shares of USD: amounts of both signs, or a total near zero."]


def test_the_same_order_id_in_two_shops_is_two_orders() -> None:
    """Lines belong to the order of their own connection, titles to its products."""
    orders = orders_of(("a", "x", "USD", 1.0), ("a", "x", "EUR", 2.0)).assign(connection_id=["s", "t"])
    lines = lines_of(("a", "p", 1, 1.0), ("a", "p", 1, 2.0)).assign(connection_id=["s", "t"])
    report = revenue_by_product(orders, products_of(("s", "p", "Pea"), ("t", "z", "Zoo")), lines=lines)
    assert rows_of(report, "title", "currency", "revenue") == [
        ("Not in products", "EUR", 2.0),
        (REST, "EUR", 0.0),
        ("Pea", "USD", 1.0),
        (REST, "USD", 0.0),
    ]


def test_a_product_listed_twice_does_not_double() -> None:
    """Duplicates among products leave the revenue as it is."""
    twice = products_of(("s", "p", "Pea"), ("s", "p", "Pea"), ("s", None, "?"), (None, "p", "?"))
    report = revenue_by_product(MIXED, twice, lines=MIXED_LINES)
    assert rows_of(report) == rows_of(revenue_by_product(MIXED, PEA, lines=MIXED_LINES))


def test_orders_without_an_id_go_to_the_rest() -> None:
    """An order that no line can name still counts with its total, and null does not match null."""
    report = revenue_by_product(orders_of((None, "x", "USD", 5.0)), lines=lines_of((None, "p", 1, 1.0)))
    assert rows_of(report, "title", "orders", "revenue") == [(REST, 1, 5.0)]


@pytest.mark.parametrize(
    ("period", "firsts"),
    [
        ("day", {"2026-03-01 23:59:59+00:00": "2026-03-01", "2026-03-01 23:30:00-05:00": "2026-03-02"}),
        (
            "week",
            {
                "2025-01-01 00:00:00+00:00": "2024-12-30",
                "2026-03-01 12:00:00+00:00": "2026-02-23",
                "2026-03-02 00:00:00+00:00": "2026-03-02",
            },
        ),
        ("month", {"2024-02-29 12:00:00+00:00": "2024-02-01"}),
        ("quarter", {"2026-06-30 23:59:59+00:00": "2026-04-01"}),
        ("year", {"2025-12-31 23:59:59-01:00": "2026-01-01"}),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_periods_begin_on_their_first_day_in_utc(engine: str, period: str, firsts: dict[str, str]) -> None:
    """Days, weeks from Monday, months, quarters and years of UTC."""
    orders = orders_of(*((str(place), "x", "USD", 1.0, moment) for place, moment in enumerate(firsts)))
    lines = lines_of(*((str(place), "p", 1, 1.0) for place in range(len(firsts))))
    report = revenue_by_product(ENGINES[engine](orders), lines=ENGINES[engine](lines), period=period)
    wanted = [(datetime.fromisoformat(first),) for first in firsts.values() for _ in range(2)]
    assert rows_of(report, "period") == wanted


def test_each_period_has_its_own_rest_and_shares() -> None:
    """Shares are of the period's revenue; orders without a date have a null period, last."""
    orders = orders_of(
        ("a", "x", "USD", 4.0, f"2026-01-31 {TEN}"),
        ("b", "x", "USD", 5.0, f"2026-02-01 {TEN}"),
        ("c", "x", "USD", 1.0),
    )
    lines = lines_of(("a", "p", 3, 1.0), ("b", "p", 5, 1.0), ("c", "p", 1, 1.0))
    report = revenue_by_product(orders, lines=lines, period="month")
    assert rows_of(report, "product_id", "period", "revenue", "share") == [
        ("p", datetime.fromisoformat("2026-01-01"), 3.0, 0.75),
        (None, datetime.fromisoformat("2026-01-01"), 1.0, 0.25),
        ("p", datetime.fromisoformat("2026-02-01"), 5.0, 1.0),
        (None, datetime.fromisoformat("2026-02-01"), 0.0, 0.0),
        ("p", None, 1.0, 1.0),
        (None, None, 0.0, 0.0),
    ]


def test_by_variant_there_is_a_sku() -> None:
    """Variants have titles; lines of an unlisted variant or of none have titles that say so."""
    orders = orders_of(("a", "x", "USD", 6.0))
    lines = lines_of(("a", "p", 1, 1.0, "v"), ("a", "p", 1, 2.0, "w"), ("a", "p", 1, 3.0, None))
    variants = frame_of("connection_id product_id id title sku", [("s", "p", "v", "Small", "P-S")])
    report = revenue_by_product(orders, variants, lines=lines, by="variant_id")
    assert rows_of(report, "variant_id", "title", "sku", "revenue") == [
        ("v", "Small", "P-S", 1.0),
        ("w", "Not in products", None, 2.0),
        (None, "Line without a variant", None, 3.0),
        (None, REST, None, 0.0),
    ]
    alone = revenue_by_product(orders, lines=lines, by="variant_id")
    assert rows_of(alone, "title", "sku")[:2] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("products", "period"),
    [
        *((PEA, period) for period in (None, "day", "week", "month", "quarter", "year")),
        (None, None),
        (None, "month"),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_rows_are_the_same_on_every_engine(
    engine: str, products: pd.DataFrame | None, period: str | None
) -> None:
    """The same rows, order and ticks, whatever the frames are."""
    kind = ENGINES[engine]
    titles = None if products is None else kind(products)
    report = revenue_by_product(kind(MIXED), titles, lines=kind(MIXED_LINES), period=period)
    wanted = revenue_by_product(MIXED, products, lines=MIXED_LINES, period=period)
    assert rows_of(report) == rows_of(wanted)
    assert nw.from_native(report).implementation is nw.from_native(kind(MIXED)).implementation


@pytest.mark.parametrize("by", ["product_id", "variant_id"])
def test_the_demo_adds_up(shops: tuple[pd.DataFrame, pd.DataFrame], by: str) -> None:
    """Revenue per currency is the sum of the orders' totals, to the last decimal, and by month too."""
    orders, products = shops
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for currency, total, status in orders[["currency", "total_price", "status"]].itertuples(index=False):
        if status != "cancelled":
            wanted[currency] += Decimal(str(total))
    for report in (
        revenue_by_product(orders, products, by=by),
        revenue_by_product(orders, by=by, period="month"),
        revenue_by_product(orders, products, by=by, period="week"),
    ):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for currency, revenue in rows_of(report, "currency", "revenue"):
            sums[currency] += Decimal(str(revenue))
        assert sums == wanted


def test_the_demo_shows_deleted_products(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Products that the shop deleted keep a row, with their revenue; cancelled orders are counted."""
    orders, products = shops
    report = revenue_by_product(orders, products)
    listed = set(zip(products["connection_id"], products["id"], strict=True))
    counted = orders[orders["status"] != "cancelled"]
    keys = zip(counted["connection_id"], counted["id"], strict=True)
    currencies = dict(zip(keys, counted["currency"], strict=True))
    wanted: dict[Any, Decimal] = defaultdict(Decimal)
    for line in rf.line_items(counted).itertuples():
        if (line.connection_id, line.product_id) not in listed:
            key = (line.connection_id, line.product_id, currencies[line.connection_id, line.order_id])
            wanted[key] += Decimal(str(line.quantity)) * Decimal(str(line.unit_price))
    deleted = report[report["title"] == "Not in products"]
    columns = ("connection_id", "product_id", "currency", "revenue")
    assert len(wanted) > 1
    assert {row[:3]: Decimal(str(row[3])) for row in rows_of(deleted, *columns)} == wanted
    number = int((orders["status"] == "cancelled").sum())
    assert report.attrs["notes"] == [
        f"Orders cancelled, void or draft, no revenue: {number:,} (cancelled: {number:,})."
    ]
    assert [receipt["resource"] for receipt in report.attrs["sources"]] == ["orders", "products"]


def test_variants_carry_the_title_of_their_product(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """A size alone identifies nothing."""
    report = revenue_by_product(*shops, by="variant_id")
    assert "Harbour Light Espresso, 250 g ground" in set(report["title"])


def test_periods_sum_up_to_the_whole(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Orders, pieces and revenue of all months are those of the report without periods."""
    whole = revenue_by_product(*shops)
    parts = revenue_by_product(*shops, period="month")
    keys = ["connection_id", "product_id", "title", "currency"]
    for column in ("orders", "quantity", "revenue"):
        summed = parts.groupby(keys, dropna=False)[column].sum().round(4)
        wanted = whole.groupby(keys, dropna=False)[column].sum().round(4)
        assert summed.to_dict() == wanted.to_dict()


@pytest.mark.parametrize("by", ["product_id", "variant_id"])
@pytest.mark.parametrize("engine", ["pyarrow", "polars"])
def test_nested_columns_are_split_on_eager_engines(
    shops: tuple[pd.DataFrame, pd.DataFrame], engine: str, by: str
) -> None:
    """Polars and PyArrow need no lines, and have the rows of pandas."""
    orders, products = (ENGINES[engine](frame) for frame in shops)
    report = revenue_by_product(orders, products, by=by, period="quarter")
    wanted = revenue_by_product(*shops, by=by, period="quarter")
    assert len(wanted) > 100
    assert rows_of(report) == rows_of(wanted)


@pytest.mark.parametrize("engine", ["polars-lazy", "duckdb"])
def test_lazy_engines_need_lines(engine: str) -> None:
    """Nested columns of lazy frames cannot be split: the error has the argument to pass."""
    orders, lines = ENGINES[engine](MIXED), ENGINES[engine](MIXED_LINES)
    with pytest.raises(ValueError, match=r"'line_items' cannot be split .* pass lines=rf\.line_items"):
        revenue_by_product(orders)
    with pytest.raises(ValueError, match=r"'variants' cannot be split .* pass rf\.variants\(products\)"):
        revenue_by_product(orders, ENGINES[engine](PEA), lines=lines, by="variant_id")


@pytest.mark.parametrize("engine", ["pandas", "polars-lazy", "duckdb"])
def test_exported_tables_have_tables_of_lines_and_variants(engine: str) -> None:
    """The error of a table without nested columns names the table that an export writes of them."""
    orders, products = (
        ENGINES[engine](frame.drop(columns=["line_items", "variants"], errors="ignore").assign(_position=0))
        for frame in (MIXED, PEA)
    )
    with pytest.raises(ValueError, match=r"frame of .*: pass the table orders_line_items_current as lines=$"):
        revenue_by_product(orders)
    with pytest.raises(ValueError, match=r"pass the table products_variants_current as products$"):
        revenue_by_product(orders, products, lines=ENGINES[engine](MIXED_LINES), by="variant_id")


def test_orders_without_nested_lines_need_lines() -> None:
    """A frame without the column of lines is refused, with its columns."""
    with pytest.raises(
        ValueError, match=r"'line_items' cannot be split from this pandas frame of connection_id, id"
    ):
        revenue_by_product(MIXED)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (
            {"by": "color"},
            "by='color' is not a valid key (expected 'product_id', 'variant_id', 'title', 'sku', ",
        ),
        ({"by": "title"}, "by='title' needs products=, as rf.load_products gives them"),
        (
            {"period": "decade"},
            "period='decade' is not a valid period (expected 'day', 'week', 'month', 'quarter', 'year' or ",
        ),
    ],
)
def test_unknown_choices(choice: dict[str, str], message: str) -> None:
    """An unknown choice is an error that lists the known ones."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        revenue_by_product(MIXED, lines=MIXED_LINES, **choice)


def test_invoices_are_refused(client: rf.Client) -> None:
    """The error for a frame of the wrong kind has the kind that it looks like."""
    invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    with pytest.raises(ValueError, match=r"orders has no column 'total_price'.* looks like invoices"):
        revenue_by_product(invoices)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("connected", [True, False])
def test_an_order_that_occurs_twice_is_refused_beside_lines(engine: str, connected: bool) -> None:
    """Lines could belong to either of two orders with the same id."""
    orders = orders_of(("0", "paid", "USD", 1.0), ("1", "paid", "USD", 35.0), ("1", "paid", "USD", 35.0))
    lines = lines_of(("1", "p", 2, 10.0), ("1", "q", 1, 15.0))
    message = "the order '1' of connection 's' twice"
    if not connected:
        orders, lines = (one.drop(columns="connection_id") for one in (orders, lines))
        message = "the order '1' twice, .*: pass orders and lines with connection_id"
    order_frame, line_frame = (ENGINES[engine](frame) for frame in (orders, lines))
    with pytest.raises(ValueError, match=message):
        revenue_by_product(order_frame, lines=line_frame)
    with pytest.raises(ValueError, match=message):
        rf.reports.explain(SOLD_ONCE, {"orders": order_frame, "lines": line_frame})


@pytest.mark.parametrize("engine", ENGINES)
def test_orders_without_an_id_match_no_lines(engine: str) -> None:
    """Two orders without an id are not duplicates, and lines without an order's id belong to neither."""
    orders = orders_of((None, "paid", "USD", 35.0), (None, "paid", "USD", 35.0), ("1", "paid", "USD", 5.0))
    lines = lines_of((None, "p", 2, 10.0), ("1", "q", 1, 5.0))
    order_frame, line_frame = (ENGINES[engine](frame) for frame in (orders, lines))
    report = revenue_by_product(order_frame, lines=line_frame)
    columns = ("product_id", "orders", "revenue")
    assert rows_of(report, *columns) == [("q", 1, 5.0), (None, 3, 70.0)]
    assert rows_of(rf.reports.explain(SOLD_ONCE, {"orders": order_frame, "lines": line_frame})) == []


def test_nested_lines_count_with_their_own_order() -> None:
    """An order that occurs twice with its own lines counts twice, and its row is explained by those."""
    orders = orders_of(("1", "paid", "USD", 35.0), ("1", "paid", "USD", 30.0))
    kind = pa.list_(
        pa.struct({"product_id": pa.string(), "quantity": pa.int64(), "unit_price": pa.float64()})
    )
    nested = [[("p", 2, 10.0), ("q", 1, 15.0)], [("p", 3, 10.0)]]
    rows = [
        [dict(zip(("product_id", "quantity", "unit_price"), line, strict=True)) for line in one]
        for one in nested
    ]
    orders["line_items"] = pd.Series(rows, dtype=pd.ArrowDtype(kind))
    report = revenue_by_product(orders)
    columns = ("product_id", "orders", "quantity", "revenue")
    assert rows_of(report, *columns) == [("p", 2, 5, 50.0), ("q", 1, 1, 15.0), (None, 2, 0, 0.0)]
    behind = rf.reports.explain(report.iloc[[0]], orders)
    assert rows_of(behind, "order_id", "quantity", "revenue") == [("1", 2, 20.0), ("1", 3, 30.0)]


@pytest.mark.parametrize("engine", ENGINES)
def test_ids_that_were_read_as_floats_are_those_integers(engine: str) -> None:
    """A column of ids with a gap is of floats after a CSV file: 1.0 is the id "1" on every engine."""
    orders = orders_of(("1", "paid", "USD", 20.0))
    lines = lines_of(("1", "7", 2, 10.0))
    orders["id"], lines["order_id"], lines["product_id"] = [1.0], [1.0], [7.0]
    report = revenue_by_product(ENGINES[engine](orders), lines=ENGINES[engine](lines))
    assert rows_of(report, "product_id", "revenue") == [("7", 20.0), (None, 0.0)]


def test_frames_of_two_engines_are_refused() -> None:
    """Orders, lines and products come from one engine."""
    with pytest.raises(ValueError, match=r"lines must be of the orders' engine, pandas .*, not polars"):
        revenue_by_product(MIXED, lines=pl.from_pandas(MIXED_LINES))
    lazy = pl.from_pandas(PEA).lazy()
    with pytest.raises(ValueError, match=r"products must be of the orders' engine, polars \(DataFrame\)"):
        revenue_by_product(pl.from_pandas(MIXED), lazy, lines=pl.from_pandas(MIXED_LINES))


def test_products_need_titles() -> None:
    """A column that is missing is named, also in products."""
    with pytest.raises(ValueError, match="products has no column 'title'"):
        revenue_by_product(MIXED, PEA.drop(columns="title"), lines=MIXED_LINES)


def test_amounts_too_large_to_count_are_an_error() -> None:
    """Neither a total nor a line overflows in silence."""
    with pytest.raises(OverflowError, match="total_price"):
        revenue_by_product(orders_of(("a", "x", "USD", 1e15)), lines=lines_of())
    with pytest.raises(OverflowError, match="unit_price"):
        revenue_by_product(orders_of(("a", "x", "USD", 1.0)), lines=lines_of(("a", "p", 1_000, 1e12)))


def test_callers_frames_stay_as_they_are(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """A report does not change its sources."""
    before = [frame.copy(deep=True) for frame in shops]
    revenue_by_product(*shops, period="month")
    for frame, copy in zip(shops, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_every_column_is_described() -> None:
    """The specs know the report's columns."""
    report = revenue_by_product(MIXED, PEA, lines=MIXED_LINES, period="year")
    assert [column.name for column in describe("revenue_by_product", report)] == list(report)
    assert {key: report.attrs[key] for key in ("report", "by", "period")} == {
        "report": "revenue_by_product",
        "by": "product_id",
        "period": "year",
    }


def test_rows_are_sorted_whatever_the_input_order() -> None:
    """The order of rows does not depend on that of the orders and lines."""
    shuffled = revenue_by_product(MIXED[::-1], PEA, lines=MIXED_LINES[::-1], period="month")
    assert rows_of(shuffled) == rows_of(revenue_by_product(MIXED, PEA, lines=MIXED_LINES, period="month"))


MONEY = st.none() | st.integers(-1_000_000, 1_000_000).map(lambda ticks: ticks / 10_000)
MOMENT = st.none() | st.datetimes(
    datetime.fromisoformat("2023-12-01"), datetime.fromisoformat("2026-01-31"), timezones=st.just(UTC)
)
ORDER = st.tuples(
    st.sampled_from(["fulfilled", "cancelled", "canceled", "strange", None]),
    st.sampled_from(["USD", "EUR", "JPY", None]),
    MONEY,
    MOMENT,
)
LINE = st.tuples(
    st.sampled_from("abcdez"), st.sampled_from(["p", "q", "r", None]), st.none() | st.integers(0, 9), MONEY
)
FIRST: dict[str, Callable[[datetime], datetime]] = {
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
    "year": lambda day: day.replace(day=1, month=1),
}
TITLES = {"p": "Pea", "q": "Quince"}


def slow_rows(orders: list[Any], lines: list[Any], period: str) -> list[tuple[Any, ...]]:
    """Compute the report row by row, in decimals."""
    counted: dict[str, Any] = {}
    sums: dict[Any, Any] = {}
    rest: dict[Any, Any] = {}
    for name, status, currency, total, moment in orders:
        if status in ("cancelled", "canceled"):
            continue
        day = moment and FIRST[period](moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))
        counted[name] = (currency, day)
        names, pieces, money = rest.get((currency, day), (set(), 0, Decimal()))
        rest[currency, day] = (names | {name}, pieces, money + Decimal(str(total or 0)))
    for name, product, quantity, price in lines:
        if name in counted:
            amount = (quantity or 0) * Decimal(str(price or 0))
            key = (product, counted[name])
            names, pieces, money = sums.get(key, (set(), 0, Decimal()))
            sums[key] = (names | {name}, pieces + (quantity or 0), money + amount)
            names, pieces, money = rest[counted[name]]
            rest[counted[name]] = (names, pieces, money - amount)
    named = [
        ("s", p, TITLES.get(p, "Not in products") if p else "Line without a product", *key) for p, key in sums
    ]
    rows = [(*name, *row) for name, row in zip(named, sums.values(), strict=True)]
    rows += [("s", None, REST, *key, *row) for key, row in rest.items()]
    parts: dict[Any, list[Decimal]] = defaultdict(list)
    for row in rows:
        parts[row[3], row[4]].append(row[7])
    rows.sort(key=lambda row: [(value is None, value or "") for value in (*row[3:5], *row[1:3])])
    return [
        (*row[:5], len(row[5]), row[6], float(row[7]), _share(row[7], parts[row[3], row[4]], row[3]))
        for row in rows
    ]


def _share(part: Decimal, parts: list[Decimal], currency: str | None) -> float | None:
    whole, unit = sum(parts), Decimal(1) if currency == "JPY" else Decimal("0.01")
    if (min(parts) < 0 < max(parts)) or whole == 0 or abs(whole) < unit / 2:
        return None
    return float(int(part * 10**8) / int(whole * 10**8)) + 0.0


def check_against_decimals(orders: list[Any], lines: list[Any], period: str) -> None:
    """Check that the report equals one that is computed row by row in decimals."""
    numbered = [(name, *order) for name, order in zip("abcde", orders, strict=False)]
    products = products_of(("s", "p", "Pea"), ("s", "q", "Quince"))
    report = revenue_by_product(orders_of(*numbered), products, lines=lines_of(*lines), period=period)
    assert rows_of(report) == slow_rows(numbered, lines, period)


RANDOM = (st.lists(ORDER, max_size=5), st.lists(LINE, max_size=12), st.sampled_from(sorted(FIRST)))


@settings(max_examples=30)
@given(*RANDOM)
def test_random_orders_agree_with_decimals(orders: list[Any], lines: list[Any], period: str) -> None:
    """A report of random orders and lines equals one that is computed row by row in decimals."""
    check_against_decimals(orders, lines, period)


@pytest.mark.long
@settings(max_examples=200)
@given(*RANDOM)
def test_many_random_orders_agree_with_decimals(orders: list[Any], lines: list[Any], period: str) -> None:
    """The same holds for many more of them."""
    check_against_decimals(orders, lines, period)
