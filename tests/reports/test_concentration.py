"""Concentration: ranks, shares and their sums."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.concentration import concentration
from rutterframe.reports.describe import describe
from rutterframe.reports.revenue import revenue_by_product

EAGER: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "pandas-arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "polars": pl.from_pandas,
}


def report_of(*rows: tuple[str | None, str | None, float | None], amount: str = "total") -> pd.DataFrame:
    """A report by customer: customer_id, currency, total."""
    frame = pd.DataFrame(rows, columns=["customer_id", "currency", amount], dtype=object)
    return frame.astype({"customer_id": "str", "currency": "str", amount: "float64"})


def rows_of(report: Any) -> list[tuple[Any, ...]]:
    """Return rows of any eager engine as plain values, missing ones as None, without their connection."""
    frame = nw.from_native(report, eager_only=True).drop("connection_id", strict=False)
    return [
        tuple(None if value is None or pd.isna(value) else value for value in row) for row in frame.rows()
    ]


MIXED = report_of(
    ("b", "USD", 30.0),
    ("a", "USD", 10.0),
    ("c", "USD", 60.0),
    ("a", "EUR", 1.5),
    ("b", "EUR", 0.5),
    ("a", None, 7.0),
)


@pytest.mark.parametrize("engine", EAGER)
def test_all_columns_of_a_concentration(engine: str) -> None:
    """The largest of each currency comes first, and shares are of the currency's total, on every engine."""
    result = concentration(EAGER[engine](MIXED), by="customer_id")
    names = ["connection_id", "customer_id", "currency", "rank", "amount", "share", "cumulative_share"]
    assert nw.from_native(result).columns == names
    assert rows_of(result) == [
        ("a", "EUR", 1, 1.5, 0.75, 0.75),
        ("b", "EUR", 2, 0.5, 0.25, 1.0),
        ("c", "USD", 1, 60.0, 0.6, 0.6),
        ("b", "USD", 2, 30.0, 0.3, 0.9),
        ("a", "USD", 3, 10.0, 0.1, 1.0),
        ("a", None, 1, 7.0, 1.0, 1.0),
    ]


@pytest.mark.parametrize("rows", [(), (("a", "USD", 1.0), (None, None, None))])
def test_dtypes_are_those_of_reports(rows: tuple[Any, ...]) -> None:
    """Text is str, ranks are Int64, money and shares float64, also for no rows."""
    assert concentration(report_of(*rows), by="customer_id").dtypes.astype(str).to_dict() == {
        "connection_id": "str",
        "customer_id": "str",
        "currency": "str",
        "rank": "Int64",
        "amount": "float64",
        "share": "float64",
        "cumulative_share": "float64",
    }


def test_equal_amounts_are_ranked_by_name() -> None:
    """Ties have an order, a missing name last."""
    tied = report_of((None, "USD", 5.0), ("b", "USD", 5.0), ("a", "USD", 5.0), ("z", "USD", 9.0))
    ranked = [(row[0], row[2]) for row in rows_of(concentration(tied, by="customer_id"))]
    assert ranked == [("z", 1), ("a", 2), ("b", 3), (None, 4)]


def test_rows_with_the_same_name_are_summed_first() -> None:
    """Periods of one customer are one row."""
    periods = report_of(("a", "USD", 0.1), ("b", "USD", 0.25), ("a", "USD", 0.2), ("a", "EUR", 1.0))
    assert rows_of(concentration(periods, by="customer_id")) == [
        ("a", "EUR", 1, 1.0, 1.0, 1.0),
        ("a", "USD", 1, 0.3, 3_000 / 5_500, 3_000 / 5_500),
        ("b", "USD", 2, 0.25, 2_500 / 5_500, 1.0),
    ]


@pytest.mark.parametrize(
    ("amounts", "shares"),
    [
        ([5.0, -5.0], None),
        ([100.0, -300.0], None),
        ([12.0, -2.0], None),
        ([0.0], None),
        ([float("nan")], None),
        ([0.004], None),
        ([0.005], [1.0]),
        ([100.0, -99.99], None),
        ([0.0, -1.0], [0.0, 1.0]),
        ([-1.0, -3.0], [0.25, 0.75]),
        ([3.0, 1.0, 0.0], [0.75, 0.25, 0.0]),
    ],
)
def test_shares_of_one_sign_and_above_half_a_unit(amounts: list[float], shares: list[float] | None) -> None:
    """Amounts of both signs, and a total near zero, have no shares, which is noted; the amounts stay."""
    report = report_of(*((f"c{place}", "USD", amount) for place, amount in enumerate(amounts)))
    result = concentration(report, by="customer_id")
    counted = pd.Series(amounts).fillna(0.0).tolist()
    assert [row[3] for row in rows_of(result)] == counted
    none: list[Any] = [None] * len(amounts)
    assert [row[4] for row in rows_of(result)] == (shares or none)
    assert [row[5] for row in rows_of(result)][-1] == (1.0 if shares else None)
    note = "No shares of USD: amounts of both signs, or a total near zero."
    assert result.attrs["notes"] == ([] if shares else [note])


def test_a_total_near_zero_is_one_of_its_currency() -> None:
    """Half of the smallest unit is another amount in each currency."""
    report = report_of(("a", "JPY", 0.4), ("a", "USD", 0.4), ("a", "KWD", 0.0005), ("a", None, 0.004))
    result = concentration(report, by="customer_id")
    assert [(row[1], row[4]) for row in rows_of(result)] == [
        ("JPY", None),
        ("KWD", 1.0),
        ("USD", 1.0),
        (None, None),
    ]
    assert result.attrs["notes"] == [
        "No shares of JPY, no currency: amounts of both signs, or a total near zero."
    ]


@pytest.mark.parametrize("engine", EAGER)
def test_an_id_of_two_connections_is_two(engine: str) -> None:
    """One id in two connections is two customers, each with its name; by name they may be one."""
    report = report_of(("1", "USD", 60.0), ("1", "USD", 40.0)).assign(
        connection_id=["acme", "beta"], customer_name=["Zed Hardware", "Anna's Cafe"]
    )
    result = nw.from_native(concentration(EAGER[engine](report), by="customer_id"), eager_only=True)
    assert result.select("connection_id", "customer_id", "customer_name", "amount", "share").rows() == [
        ("acme", "1", "Zed Hardware", 60.0, 0.6),
        ("beta", "1", "Anna's Cafe", 40.0, 0.4),
    ]
    same = concentration(EAGER[engine](report.assign(customer_name="Zed")), by="customer_name")
    assert rows_of(same) == [("Zed", "USD", 1, 100.0, 1.0, 1.0)]


def test_several_columns_can_be_ranked() -> None:
    """Each combination of several columns has a rank, and they stand in the requested order."""
    report = MIXED.assign(region=["n", "n", "s", "n", "n", "n"])
    result = concentration(report, by=["region", "customer_id"])
    assert result.columns.tolist()[:4] == ["connection_id", "region", "customer_id", "currency"]
    assert rows_of(result)[2] == ("s", "c", "USD", 1, 60.0, 0.6, 0.6)
    assert result.attrs["by"] == ["region", "customer_id"]


def test_empty_names_are_missing_ones() -> None:
    """A name that is empty text and a missing one are one row, which is noted."""
    report = report_of(("", "USD", 3.0), (None, "USD", 5.0), ("a", "USD", 1.0))
    result = concentration(report, by="customer_id")
    assert rows_of(result)[0] == (None, "USD", 1, 8.0, 8 / 9, 8 / 9)
    assert result.attrs["notes"] == ["Rows with empty text as customer_id, taken as missing: 1."]


def test_a_part_of_a_report_is_noted() -> None:
    """A ranking of the first rows of a report says that it is one of a part."""
    aging = concentration(MIXED, by="customer_id")
    part = concentration(aging.head(2), by="customer_id", amount="share")
    assert part.attrs["notes"] == ["concentration: 2 of the 6 rows of the report."]


@pytest.mark.parametrize("name", ["total", "revenue", "amount", "balance"])
def test_the_amount_is_the_first_there_is(name: str) -> None:
    """Total, revenue, amount and balance are looked for, in that order; any other is named."""
    frame = report_of(("a", "USD", 3.0), amount=name).assign(balance=3.0, other=4.0)
    assert concentration(frame, by="customer_id")["amount"].tolist() == [3.0]
    named = concentration(frame, by="customer_id", amount="other")
    assert named["amount"].tolist() == [4.0]
    assert named.attrs["amount"] == "other"


def test_output_columns_cannot_be_ranked_by() -> None:
    """A column that the result has already cannot be ranked by."""
    for name in ("currency", "rank", "amount", "share", "cumulative_share"):
        with pytest.raises(ValueError, match=f"by='{name}' is the name of another column"):
            concentration(MIXED.assign(rank="x", amount=1.0, share="x", cumulative_share="x"), by=name)


def test_shares_and_ranks_of_the_report_are_replaced() -> None:
    """Shares and ranks that a report has already are left out, not mixed up."""
    report = MIXED.assign(share=9.0, rank=9, cumulative_share=9.0, _place=9, _total=9.0)
    assert rows_of(concentration(report, by="customer_id")) == rows_of(concentration(MIXED, by="customer_id"))


def test_missing_columns_are_named() -> None:
    """The error lists the missing column and those that are there."""
    with pytest.raises(ValueError, match="report has no column 'vendor_id'; its columns are customer_id"):
        concentration(MIXED, by="vendor_id")
    with pytest.raises(ValueError, match="report has no column 'paid'; its columns are customer_id"):
        concentration(MIXED, by="customer_id", amount="paid")
    bare = MIXED.drop(columns="total")
    with pytest.raises(ValueError, match="no amount to rank: none of total, revenue, amount, balance; its"):
        concentration(bare, by="customer_id")


def test_a_list_is_refused() -> None:
    """A list is not a frame."""
    with pytest.raises(TypeError, match="report must be a DataFrame"):
        concentration([1], by="customer_id")


def test_amounts_too_large_to_count_are_an_error() -> None:
    """A sum does not overflow in silence, also not over several currencies."""
    with pytest.raises(OverflowError, match="total"):
        concentration(report_of(("a", "USD", 6e14), ("a", "EUR", 6e14)), by="customer_id")


def test_the_report_stays_as_it_is() -> None:
    """The caller's frame is not changed, and its notes go along."""
    report = MIXED.copy()
    report.attrs = {"notes": ["Said before."]}
    before = report.copy(deep=True)
    result = concentration(report, by="customer_id")
    pd.testing.assert_frame_equal(report, before)
    assert result.attrs == {
        "report": "concentration",
        "notes": ["Said before."],
        "sources": [],
        "rows": 6,
        "rows_by_currency": {"EUR": 2, "USD": 3, "": 1},
        "by": "customer_id",
        "amount": "total",
    }


def test_every_column_is_described() -> None:
    """The specs know the report's columns."""
    result = concentration(MIXED, by="customer_id")
    labels = [column.label for column in describe("concentration", result)]
    assert labels == [
        "Connection id",
        "Customer id",
        "Currency",
        "Rank",
        "Amount",
        "Share",
        "Cumulative share",
    ]


def test_the_demo_ranks_products_over_all_months(client: rf.Client) -> None:
    """A report by month ranks as the report of the whole time."""
    orders = rf.load_orders(client.connection("gear-shopify"), progress=False)
    whole = concentration(revenue_by_product(orders), by="product_id")
    months = concentration(revenue_by_product(orders, period="month"), by="product_id")
    assert rows_of(whole) == rows_of(months)
    assert whole.groupby("currency")["cumulative_share"].last().to_dict() == {
        "EUR": 1.0,
        "GBP": 1.0,
        "USD": 1.0,
    }


TICKS = st.integers(-10_000_000, 10_000_000)
ROW = st.tuples(st.sampled_from(["a", "b", "c", "d", None]), st.sampled_from(["USD", "EUR", None]), TICKS)


@settings(max_examples=50)
@given(st.lists(ROW, max_size=15), st.sampled_from(sorted(EAGER)))
def test_shares_add_up_in_order(rows: list[tuple[str | None, str | None, int]], engine: str) -> None:
    """Amounts fall, ranks count, and shares are the integer sums divided once."""
    report = report_of(*((name, currency, ticks / 10_000) for name, currency, ticks in rows))
    result = rows_of(concentration(EAGER[engine](report), by="customer_id"))
    currencies = [currency for currency in ("EUR", "USD", None) if any(row[1] == currency for row in rows)]
    wanted: list[tuple[Any, ...]] = []
    for currency in currencies:
        sums: dict[str | None, int] = {}
        for name, _, ticks in (row for row in rows if row[1] == currency):
            sums[name] = sums.get(name, 0) + ticks
        ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
        total = sum(sums.values())
        mixed = min(sums.values()) < 0 < max(sums.values())
        total = 0 if mixed or abs(total) < 50 else total
        cumulated = list(accumulate(ticks for _, ticks in ranked))
        assert cumulated[-1] == sum(sums.values())
        wanted += [
            (name, currency, rank, ticks, ticks / total if total else None, so_far / total if total else None)
            for rank, ((name, ticks), so_far) in enumerate(zip(ranked, cumulated, strict=True), start=1)
        ]
    assert [(*row[:3], round(row[3] * 10_000), *row[4:]) for row in result] == wanted
