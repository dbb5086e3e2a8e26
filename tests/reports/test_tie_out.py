"""Tie-outs: a report agrees with its source to the cent, or the difference is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf

AS_OF = "2026-06-30"


def money(column: str, *amounts: tuple[str | None, float | None]) -> pd.DataFrame:
    """Make a frame of currencies and amounts."""
    return pd.DataFrame(amounts, columns=["currency", column])


def test_sides_that_agree_and_sides_that_do_not() -> None:
    """Each currency is compared alone; one that only one side has is compared with zero."""
    report = money("total", ("USD", 0.1), ("USD", 0.2), ("EUR", 5.0), ("GBP", 1.0))
    source = money("balance", ("USD", 0.3), ("EUR", 5.0001), ("JPY", 0.0), ("CHF", 2.0))
    result = rf.reports.tie_out(report, source)
    assert result.columns.tolist() == ["currency", "report", "source", "difference", "ok"]
    assert result.dtypes.astype(str).tolist() == ["str", "float64", "float64", "float64", "bool"]
    assert result.to_numpy().tolist() == [
        ["CHF", 0.0, 2.0, -2.0, False],
        ["EUR", 5.0, 5.0001, -0.0001, False],
        ["GBP", 1.0, 0.0, 1.0, False],
        ["JPY", 0.0, 0.0, 0.0, True],
        ["USD", 0.3, 0.3, 0.0, True],
    ]


@pytest.mark.parametrize("column", ["total", "revenue", "amount_due", "total_price", "balance", "amount"])
def test_the_amount_is_found(column: str) -> None:
    """The amount is the first column that holds one."""
    assert rf.reports.tie_out(money(column, ("USD", 2.5)), money("amount", ("USD", 2.5)))["ok"].tolist() == [
        True
    ]
    both = money("amount", ("USD", 2.5)).assign(total=7.0)
    assert rf.reports.tie_out(both, money("amount", ("USD", 7.0)))["ok"].tolist() == [True]


def test_what_is_missing_counts_as_nothing() -> None:
    """An amount that is missing is nothing, and a missing currency is one of its own, last."""
    report = money("total", (None, 3.0), ("USD", None))
    result = rf.reports.tie_out(report, money("balance", (None, 3.0), ("USD", 1.0)))
    assert result["currency"].isna().tolist() == [False, True]
    assert result["difference"].tolist() == [-1.0, 0.0]


def test_two_empty_sides() -> None:
    """Nothing ties out with nothing, in the same columns and dtypes as ever."""
    something = rf.reports.tie_out(money("total", ("USD", 1.0)), money("total", ("USD", 1.0)))
    empty = money("total", ("USD", 1.0)).head(0)
    nothing = rf.reports.tie_out(empty, empty)
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == something.dtypes.to_dict()


def test_sides_without_an_amount() -> None:
    """A side without an amount or a currency is an error that lists what was there."""
    good = money("total", ("USD", 1.0))
    with pytest.raises(ValueError, match="has no amount") as caught:
        rf.reports.tie_out(good, money("price", ("USD", 1.0)))
    assert str(caught.value) == (
        "source has no amount to compare: none of total, revenue, amount_due, total_price, balance, amount; "
        "its columns are currency, price"
    )
    with pytest.raises(ValueError, match="report has no column 'currency'; its columns are total"):
        rf.reports.tie_out(good[["total"]], good)
    with pytest.raises(TypeError, match=r"source must be a DataFrame .* not list"):
        rf.reports.tie_out(good, [])


def test_more_than_can_be_counted() -> None:
    """Amounts that 64-bit ticks cannot hold are an error that names the column."""
    huge = money("total", ("USD", 1e15))
    with pytest.raises(OverflowError, match="total: absolute amounts of 1,000,000,000,000,000 are more than"):
        rf.reports.tie_out(huge, money("balance", ("USD", 1.0)))


@pytest.mark.parametrize(
    ("documents", "aging", "control"),
    [
        ("invoices", rf.reports.ar_aging, "Accounts Receivable"),
        ("bills", rf.reports.ap_aging, "Accounts Payable"),
    ],
)
@pytest.mark.parametrize("as_of", ["2025-12-31", AS_OF])
def test_the_aging_of_the_demo_is_its_ledger(
    books: Any, documents: str, aging: Any, control: str, as_of: str
) -> None:
    """The aging of the demo companies is what their ledgers say is owed, in every currency, on any day."""
    report = aging(getattr(books, documents), as_of)
    accounts = books.accounts[books.accounts["name"].str.startswith(control)]
    result = rf.reports.tie_out(report, accounts)
    assert result["currency"].tolist() == sorted(accounts["currency"])
    assert result["ok"].all()
    sums = dict.fromkeys(accounts["currency"], Decimal(0))
    buckets = report.columns[4:-2]
    for row in report.to_dict("records"):
        total = sum(Decimal(str(row[name])) for name in buckets)
        assert total == Decimal(str(row["total"]))
        sums[row["currency"]] += total
    assert sums == {
        currency: Decimal(str(balance))
        for currency, balance in zip(accounts["currency"], accounts["balance"], strict=True)
    }
    items = rf.reports.open_items(getattr(books, documents), as_of)
    assert rf.reports.tie_out(report, items)["ok"].all()
    assert report["documents"].sum() == len(items)


def test_receipts_go_along(books: Any) -> None:
    """A report carries the receipts of what it was made of, and a tie-out those of both sides."""
    aging = rf.reports.ar_aging(books.invoices, AS_OF)
    assert aging.attrs["sources"] == [books.invoices.attrs["receipt"]]
    result = rf.reports.tie_out(books.invoices, books.accounts)
    assert result.attrs["report"] == "tie_out"
    assert result.attrs["sources"] == [books.invoices.attrs["receipt"], books.accounts.attrs["receipt"]]
