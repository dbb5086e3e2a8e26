"""Concentration: ranks, shares, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.concentration import concentration
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.specs import describe

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
    """Give rows of any eager engine as plain values, missing ones as None."""
    frame = nw.from_native(report, eager_only=True)
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
def test_a_concentration_is_literally_this(engine: str) -> None:
    """The largest of each currency comes first, and shares are of the currency's total, on every engine."""
    result = concentration(EAGER[engine](MIXED), by="customer_id")
    names = ["customer_id", "currency", "rank", "amount", "share", "cumulative_share"]
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
    found = [(row[0], row[2]) for row in rows_of(concentration(tied, by="customer_id"))]
    assert found == [("z", 1), ("a", 2), ("b", 3), (None, 4)]


def test_rows_that_share_a_name_are_added_up_first() -> None:
    """Periods of one customer are one row."""
    periods = report_of(("a", "USD", 0.1), ("b", "USD", 0.25), ("a", "USD", 0.2), ("a", "EUR", 1.0))
    assert rows_of(concentration(periods, by="customer_id")) == [
        ("a", "EUR", 1, 1.0, 1.0, 1.0),
        ("a", "USD", 1, 0.3, 3_000 / 5_500, 3_000 / 5_500),
        ("b", "USD", 2, 0.25, 2_500 / 5_500, 1.0),
    ]


def test_a_total_of_zero_has_no_shares() -> None:
    """Nothing can be divided by nothing; the amounts stay."""
    zero = report_of(("a", "USD", 5.0), ("b", "USD", -5.0), ("c", "EUR", 0.0), ("d", "GBP", None))
    assert rows_of(concentration(zero, by="customer_id")) == [
        ("c", "EUR", 1, 0.0, None, None),
        ("d", "GBP", 1, 0.0, None, None),
        ("a", "USD", 1, 5.0, None, None),
        ("b", "USD", 2, -5.0, None, None),
    ]


def test_credits_come_last_and_bring_the_sum_back_to_one() -> None:
    """Negative amounts let the cumulative share exceed 1 before them."""
    credit = report_of(("a", "USD", 12.0), ("b", "USD", -2.0))
    assert rows_of(concentration(credit, by="customer_id")) == [
        ("a", "USD", 1, 12.0, 1.2, 1.2),
        ("b", "USD", 2, -2.0, -0.2, 1.0),
    ]


@pytest.mark.parametrize("name", ["total", "revenue", "amount", "balance"])
def test_the_amount_is_the_first_there_is(name: str) -> None:
    """Total, revenue, amount and balance are looked for, in that order; any other is named."""
    frame = report_of(("a", "USD", 3.0), amount=name).assign(balance=3.0, other=4.0)
    assert concentration(frame, by="customer_id")["amount"].tolist() == [3.0]
    named = concentration(frame, by="customer_id", amount="other")
    assert named["amount"].tolist() == [4.0]
    assert named.attrs["amount"] == "other"


def test_the_currency_is_no_name_for_another_column() -> None:
    """A column that the result has already cannot be ranked by."""
    for name in ("currency", "rank", "amount", "share", "cumulative_share"):
        with pytest.raises(ValueError, match=f"by='{name}' is the name of another column"):
            concentration(MIXED.assign(rank="x", amount=1.0, share="x", cumulative_share="x"), by=name)


def test_columns_of_the_report_with_the_same_names_do_no_harm() -> None:
    """Shares and ranks that a report has already are left out, not mixed up."""
    report = MIXED.assign(share=9.0, rank=9, cumulative_share=9.0, _place=9, _total=9.0)
    assert rows_of(concentration(report, by="customer_id")) == rows_of(concentration(MIXED, by="customer_id"))


def test_missing_columns_are_named() -> None:
    """The error lists what is missing and what was there."""
    with pytest.raises(ValueError, match="report has no column 'vendor_id'; its columns are customer_id"):
        concentration(MIXED, by="vendor_id")
    with pytest.raises(ValueError, match="report has no column 'paid'; its columns are customer_id"):
        concentration(MIXED, by="customer_id", amount="paid")
    bare = MIXED.drop(columns="total")
    with pytest.raises(ValueError, match="no amount to rank: none of total, revenue, amount, balance; its"):
        concentration(bare, by="customer_id")


def test_what_is_no_frame_is_refused() -> None:
    """A list is no report."""
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
    assert labels == ["Customer id", "Currency", "Rank", "Amount", "Share", "Cumulative share"]


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
        cumulated = list(accumulate(ticks for _, ticks in ranked))
        assert cumulated[-1] == total
        wanted += [
            (name, currency, rank, ticks, ticks / total if total else None, so_far / total if total else None)
            for rank, ((name, ticks), so_far) in enumerate(zip(ranked, cumulated, strict=True), start=1)
        ]
    assert [(*row[:3], round(row[3] * 10_000), *row[4:]) for row in result] == wanted
