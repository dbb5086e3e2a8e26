"""Revenue of live orders: gross, discounts, refunds and net by product, and tax and shipping apart."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.describe import describe
from rutterframe.views import tables

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]
NOT_ALLOCATED = "Not allocated to a product"

_LINES = pd.ArrowDtype(
    pa.list_(
        pa.struct(
            [
                pa.field("product_id", pa.large_string()),
                pa.field("variant_id", pa.large_string()),
                pa.field("quantity", pa.float64()),
                pa.field("unit_price", pa.float64()),
                pa.field("line_id", pa.large_string()),
            ]
        )
    )
)
_REFUNDS = pd.ArrowDtype(
    pa.list_(
        pa.struct(
            [
                pa.field("line_item_id", pa.large_string()),
                pa.field("quantity", pa.float64()),
                pa.field("status", pa.large_string()),
                pa.field("amount", pa.float64()),
            ]
        )
    )
)
_REFUND = ("line_item_id", "quantity", "status", "amount")
Line = tuple[str | None, float | None, float | None]
Refund = tuple[str | None, float | None, str | None, float | None]


def live_orders(*orders: dict[str, Any]) -> pd.DataFrame:
    """Build live orders; a line is a product, quantity and unit price; a refund as in ``Refund``."""
    usual = {
        "connection_id": "shop",
        "status": "fulfilled",
        "currency": "USD",
        "total_price": 0.0,
        "payment_status": "paid",
        "total_discount": 0.0,
        "total_tax": 0.0,
        "total_shipping": 0.0,
        "total_shipping_discount": 0.0,
        "created_at": "2026-06-10T12:00:00Z",
        "line_items": [],
        "refunds": [],
    }
    frame = pd.DataFrame([{"id": f"o{place}", **usual, **order} for place, order in enumerate(orders)])
    lines = [
        [
            {"product_id": product, "variant_id": None, "quantity": quantity, "unit_price": price}
            | {"line_id": f"l{place}"}
            for place, (product, quantity, price) in enumerate(each)
        ]
        for each in frame["line_items"]
    ]
    refunds = [
        None
        if each is None
        else [dict(zip(("line_item_id", "quantity", "status", "amount"), row, strict=True)) for row in each]
        for each in frame["refunds"]
    ]
    money = [name for name in frame if str(name).startswith("total_")]
    texts = ["id", "connection_id", "status", "currency", "payment_status"]
    return frame.assign(
        line_items=pd.Series(lines, dtype=_LINES),
        refunds=pd.Series(refunds, dtype=_REFUNDS),
        created_at=pd.to_datetime(frame["created_at"], utc=True).astype("datetime64[us, UTC]"),
    ).astype(dict.fromkeys(money, "float64") | dict.fromkeys(texts, "str"))


def amounts(report: list[dict[str, Any]]) -> dict[str | None, tuple[Any, ...]]:
    """Return gross, discounts, refunds, net, tax and shipping by product; of no product by the title."""
    names = ("gross", "discounts", "refunds", "net", "tax", "shipping")
    keys = [row["title"] if pd.isna(row["product_id"]) else row["product_id"] for row in report]
    return {key: tuple(row[name] for name in names) for key, row in zip(keys, report, strict=True)}


def orders() -> pd.DataFrame:
    """Build orders with discounts, refunds of both kinds, tax, shipping and one that does not count."""
    return live_orders(
        # 28 + 12.34 + 2 - 5: the example of Rutter's documentation.
        {
            "total_price": 37.34,
            "total_discount": 5.0,
            "total_tax": 2.0,
            "total_shipping": 12.34,
            "line_items": [("tea", 2.0, 10.0), ("cup", 1.0, 8.0)],
            "payment_status": "refunded",
            "refunds": [("l0", 1.0, "completed", 9.5), ("l1", 1.0, "canceled", 8.0)],
        },
        {
            "total_price": 30.0,
            "total_shipping": 5.0,
            "total_shipping_discount": 5.0,
            "line_items": [("tea", 3.0, 10.0)],
            "refunds": [("l0", 2.0, None, None), ("gone", None, None, 1.25)],
        },
        {"status": "cancelled", "total_price": 9.0, "line_items": [("tea", 1.0, 9.0)], "total_discount": 3.0},
        {"total_price": 4.0, "total_tax": None, "line_items": [("pen", 1.0, 5.0)], "refunds": None},
    )


WANTED = {
    "cup": (8.0, 1.4286, 0.0, 6.5714, 0.0, 0.0),
    "pen": (5.0, 0.0, 0.0, 5.0, 0.0, 0.0),
    "tea": (50.0, 3.5714, 29.5, 16.9286, 0.0, 0.0),
    NOT_ALLOCATED: (-1.0, 0.0, 1.25, -2.25, 2.0, 12.34),
}


def test_the_columns(engine: Engine, rows: Rows) -> None:
    """Discounts are spread in proportion, refunds are of their lines, tax and shipping of no product."""
    frame = orders()
    lines = engine(rf.line_items(frame))
    report = rf.reports.revenue_by_product(engine(frame), lines=lines)
    listed = rows(report)
    assert amounts(listed) == WANTED
    assert list(listed[0])[4:] == [
        "orders", "quantity", "revenue", "share", "gross", "discounts", "refunds", "net", "tax", "shipping",
    ]  # fmt: skip
    assert type(report) is type(engine(frame))
    exact = [{name: Decimal(str(row[name])) for name in list(row)[8:]} for row in listed]
    total = sum(row["gross"] - row["discounts"] + row["tax"] + row["shipping"] for row in exact)
    assert total == Decimal("37.34") + 30 + 4
    assert sum(Decimal(str(row["revenue"])) for row in listed) == total


def test_nested_lines(rows: Rows) -> None:
    """Lines that are nested give the same report, also on a lazy engine, which collects live orders."""
    frame = orders()
    for native in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
        assert amounts(rows(rf.reports.revenue_by_product(native))) == WANTED


def test_contract_orders_have_no_more_columns() -> None:
    """Without the live columns the report is what it was."""
    contract = orders().drop(columns=["total_discount", "total_tax", "total_shipping", "refunds"])
    report = rf.reports.revenue_by_product(contract)
    assert report.columns.tolist()[4:] == ["orders", "quantity", "revenue", "share"]
    live = rf.reports.revenue_by_product(orders())
    pd.testing.assert_frame_equal(report, live[report.columns])


def test_largest_remainders() -> None:
    """The ticks that are left over go to the lines with the largest remainders, then by line id."""
    lines = [("a", 1.0, 1.0), ("b", 1.0, 1.0), ("c", 1.0, 1.0)]
    report = rf.reports.revenue_by_product(
        live_orders({"total_price": 2.0, "total_discount": 1.0, "line_items": lines})
    )
    assert report["discounts"].tolist() == [0.3334, 0.3333, 0.3333, 0.0]
    assert report["net"].tolist() == [0.6666, 0.6667, 0.6667, 0.0]


def test_discounts_beyond_the_lines() -> None:
    """A discount goes to the lines up to what they come to, and what is left of it to no product."""
    report = rf.reports.revenue_by_product(
        live_orders(
            {
                "total_price": 0.0,
                "total_shipping": 10.0,
                "total_discount": 30.0,
                "line_items": [("a", 1.0, 20.0), ("b", -1.0, 3.0), ("b", 1.0, 0.0)],
            },
            {"total_price": -2.0, "total_discount": 2.0},
        )
    )
    assert amounts(report.to_dict("records")) == {
        "a": (20.0, 20.0, 0.0, 0.0, 0.0, 0.0),
        "b": (-3.0, 0.0, 0.0, -3.0, 0.0, 0.0),
        NOT_ALLOCATED: (3.0, 12.0, 0.0, -9.0, 0.0, 10.0),
    }


def test_prices_that_are_reduced_already() -> None:
    """Where lines, tax and shipping come to the total, as on WooCommerce, the discount is added to gross."""
    order = {"total_discount": 3.0, "total_tax": 1.0, "total_shipping": 4.0}
    report = rf.reports.revenue_by_product(
        live_orders({**order, "total_price": 14.0, "line_items": [("a", 1.0, 6.0), ("b", 1.0, 3.0)]})
    )
    assert amounts(report.to_dict("records")) == {
        "a": (8.0, 2.0, 0.0, 6.0, 0.0, 0.0),
        "b": (4.0, 1.0, 0.0, 3.0, 0.0, 0.0),
        NOT_ALLOCATED: (0.0, 0.0, 0.0, 0.0, 1.0, 4.0),
    }


def test_refunds_that_are_not_known(engine: Engine, rows: Rows) -> None:
    """A refund that is not known makes refunds and net null where it belongs, and is noted."""
    frame = live_orders(
        {"total_price": 5.0, "line_items": [("a", 1.0, 5.0)], "refunds": [("l0", None, None, None)]},
        {"total_price": 5.0, "line_items": [("b", None, 5.0)], "refunds": [("l0", 1.0, None, 5.0)]},
        {"total_price": 5.0, "line_items": [("c", 1.0, 5.0)], "payment_status": "refunded"},
        {"total_price": 5.0, "line_items": [("d", 1.0, 5.0)], "refunds": [("l0", 0.0, None, None)]},
        {"total_price": 5.0, "line_items": [("e", 1.0, 5.0)], "refunds": [("l0", 1.0, None, None)]},
    )
    report = rf.reports.revenue_by_product(engine(frame), lines=engine(rf.line_items(frame)))
    assert {key: values[2:4] for key, values in amounts(rows(report)).items()} == {
        "a": (None, None),
        "b": (5.0, -5.0),
        "c": (0.0, 5.0),
        "d": (0.0, 5.0),
        "e": (5.0, 0.0),
        NOT_ALLOCATED: (None, None),
    }
    if isinstance(report, pd.DataFrame):
        assert report.attrs["notes"] == [
            "1 line without a quantity or unit price: no revenue.",
            "Refunded lines without an amount, taken as quantity times unit price: 2.",
            "Refunded lines of which no amount is known, so that their refunds are null: 1.",
            "Orders refunded by their payment status, without refunded lines: their refunds are null: 1.",
        ]


def test_amounts_that_are_missing() -> None:
    """Orders without a discount, tax or shipping count as zero, with a note of each."""
    missing = dict.fromkeys(("total_discount", "total_tax", "total_shipping"))
    frame = live_orders({"total_price": 5.0, **missing})
    report = rf.reports.revenue_by_product(frame.drop(columns=["payment_status", "total_shipping_discount"]))
    assert amounts(report.to_dict("records")) == {NOT_ALLOCATED: (5.0, 0.0, 0.0, 5.0, 0.0, 0.0)}
    assert report.attrs["notes"] == [
        "Orders without an amount of discount, taken as zero: 1.",
        "Orders without an amount of tax, taken as zero: 1.",
        "Orders without an amount of shipping, taken as zero: 1.",
    ]


def test_a_refund_of_one_of_two_lines_with_an_id() -> None:
    """Ids of lines are not unique: a refund of an id that two lines have belongs to neither product."""
    orders = live_orders({"total_price": 30.0, "line_items": [("A", 1.0, 10.0), ("B", 1.0, 20.0)]})
    lines = [{**line, "line_id": "same"} for line in orders["line_items"].iloc[0]]
    refund = dict(zip(_REFUND, ("same", 1.0, "completed", 20.0), strict=True))
    orders["line_items"] = pd.Series([lines], dtype=_LINES)
    orders["refunds"] = pd.Series([[refund]], dtype=_REFUNDS)
    report = rf.reports.revenue_by_product(orders).set_index("title")
    assert report["refunds"].tolist() == [0.0, 0.0, 20.0]
    assert sorted(report["net"]) == [-20.0, 10.0, 20.0]


def test_a_variant_id_of_two_products() -> None:
    """Ids of variants are not unique: one that two products have has neither's title nor article number."""
    orders = live_orders({"total_price": 30.0, "line_items": [("A", 1.0, 10.0), ("B", 1.0, 20.0)]})
    lines = [{**line, "variant_id": "v"} for line in orders["line_items"].iloc[0]]
    orders["line_items"] = pd.Series([lines], dtype=_LINES)
    variant = pa.struct([(name, pa.large_string()) for name in ("id", "title", "sku")])
    products = pd.DataFrame({"connection_id": "shop", "id": ["A", "B"], "title": ["Mug", "Cup"]}).assign(
        variants=pd.Series(
            [[{"id": "v", "title": None, "sku": "MUG"}], [{"id": "v", "title": None, "sku": "CUP"}]],
            dtype=pd.ArrowDtype(pa.list_(variant)),
        )
    )
    by_sku = rf.reports.revenue_by_product(orders, products, by="sku")
    assert by_sku[by_sku["revenue"] != 0][["sku", "title"]].isna().to_numpy().tolist() == [[True, True]]
    both = rf.reports.revenue_by_product(orders, products, by=["product_id", "variant_id"])
    assert both.loc[both["product_id"].notna(), "title"].isna().all()


def test_orders_without_a_list_of_refunds() -> None:
    """An order of which no list of refunds is known counts as not refunded, which is noted."""
    orders = live_orders({"total_price": 10.0, "line_items": [("A", 1.0, 10.0)]})
    orders["refunds"] = pd.Series([None], dtype=_REFUNDS)
    report = rf.reports.revenue_by_product(orders)
    assert "Orders without a list of refunds, taken as none: 1." in report.attrs["notes"]


def test_orders_with_a_failed_payment() -> None:
    """An order of which the payment failed counts as revenue, and a note has their number."""
    line = [("tent", 1.0, 10.0)]
    orders = live_orders(
        {"total_price": 10.0, "line_items": line, "payment_status": "FAILED"},
        {"total_price": 10.0, "line_items": line, "payment_status": None},
        {"total_price": 10.0, "line_items": line, "payment_status": "failed", "status": "cancelled"},
    )
    report = rf.reports.revenue_by_product(orders)
    assert report["revenue"].sum() == 20.0
    assert "Orders with a failed payment, taken as sold: 1." in report.attrs["notes"]


def test_fractions_and_large_amounts() -> None:
    """Fractions of a piece are refunded exactly, and a discount of large orders is spread exactly."""
    frame = live_orders(
        {"total_price": 3.0, "line_items": [("kg", 1.5, 2.0)], "refunds": [("l0", 0.125, None, None)]},
    )
    report = rf.reports.revenue_by_product(frame)
    assert amounts(report.to_dict("records"))["kg"] == (3.0, 0.0, 0.25, 2.75, 0.0, 0.0)
    big = live_orders(
        {
            "currency": "JPY",
            "total_price": 2_000_000_001.0,
            "total_discount": 999_999_999.0,
            "line_items": [("a", 1.0, 1_000_000_000.0), ("b", 1.0, 2_000_000_000.0)],
        }
    )
    report = rf.reports.revenue_by_product(big)
    assert report["discounts"].tolist() == [333_333_333.0, 666_666_666.0, 0.0]


def test_periods_and_other_keys() -> None:
    """Periods, and sums by connection alone, have the same columns."""
    by_month = rf.reports.revenue_by_product(orders(), period="month")
    assert by_month["net"].sum() == pytest.approx(26.25)
    (row,) = (
        rf.reports.revenue_by_product(orders(), by="connection_id").query("title.isna()").to_dict("records")
    )
    assert (row["gross"], row["discounts"], row["refunds"]) == (63.0, 5.0, 29.5)


def test_described_and_explained() -> None:
    """The columns are described and drawn, and a row is explained to its lines as before."""
    report = rf.reports.revenue_by_product(orders())
    kinds = {column.name: column.kind.value for column in describe("revenue_by_product", report.columns)}
    assert {kinds[name] for name in ("gross", "discounts", "refunds", "net", "tax", "shipping")} == {"money"}
    assert "Net" in tables.revenue(report).as_raw_html()
    tea = report[report["product_id"] == "tea"].iloc[0]
    assert rf.reports.explain(tea, orders())["revenue"].sum() == tea["revenue"]


def test_lines_need_their_ids() -> None:
    """Lines that are passed with live orders need the ids that refunds refer to."""
    lines = rf.line_items(orders()).drop(columns="line_id")
    with pytest.raises(ValueError, match="lines has no column 'line_id'"):
        rf.reports.revenue_by_product(orders(), lines=lines)


cents = st.integers(0, 10**6)
order_lists = st.lists(
    st.tuples(st.lists(st.tuples(st.sampled_from("abc"), cents), max_size=5), cents, cents, cents), max_size=5
)


def spread(discount: int, weights: list[int]) -> list[int]:
    """Spread a discount by largest remainders, in exact fractions: the definition."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    amount = min(discount, total)
    exact = [Fraction(weight * amount, total) for weight in weights]
    parts = [int(each) for each in exact]
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in [place for place in order if weights[place]][: amount - sum(parts)]:
        parts[place] += 1
    return parts


@given(books=order_lists)
def test_sums_to_the_orders(books: list[tuple[list[tuple[str, int]], int, int, int]]) -> None:
    """For any orders, parts are those of the definition, and the columns sum to the totals of the orders."""
    frames, wanted = [], dict[str, int]()
    for lines, discount, tax, shipping in books:
        total = sum(amount for _, amount in lines) - discount + tax + shipping
        frames.append(
            {
                "total_price": total / 100,
                "total_discount": discount / 100,
                "total_tax": tax / 100,
                "total_shipping": shipping / 100,
                "line_items": [(product, 1.0, amount / 100) for product, amount in lines],
            }
        )
        parts = spread(discount * 100, [amount * 100 for _, amount in lines])
        for (product, _), part in zip(lines, parts, strict=True):
            wanted[product] = wanted.get(product, 0) + part
    if not frames:
        return
    report = rf.reports.revenue_by_product(live_orders(*frames))
    discounts = dict(zip(report["product_id"], report["discounts"], strict=True))
    assert {key: round(discounts[key] * 10_000) for key in wanted} == wanted
    exact = {name: sum(Decimal(str(value)) for value in report[name]) for name in report.columns[8:]}
    totals = sum((Decimal(str(order["total_price"])) for order in frames), Decimal(0))
    assert exact["gross"] - exact["discounts"] + exact["tax"] + exact["shipping"] == totals
    assert exact["net"] == exact["gross"] - exact["discounts"]
