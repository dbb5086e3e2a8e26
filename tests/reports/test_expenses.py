"""Expenses by category: literals, every engine, and the Decimal sum of the demo's books."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.expenses import expenses_by_category

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def expenses(*lines: tuple[str | None, str | None, float | None, str | None]) -> pd.DataFrame:
    """Build expenses: category, currency, amount and date."""
    frame = pd.DataFrame(lines, columns=["category", "currency", "amount", "date"])
    return frame.astype({"category": "str", "currency": "str", "amount": "float64", "date": "datetime64[us]"})


BOOKS = expenses(
    ("Rent", "USD", 0.1, "2026-01-31"),
    ("Rent", "USD", 0.2, "2026-02-01"),
    ("Travel", "USD", 0.9, "2026-02-28"),
    (None, "USD", 0.8, None),
    ("Rent", "EUR", 5.0, "2026-01-01"),
    ("Rent", "EUR", -5.0, "2026-01-02"),
    ("Travel", None, 7.0, "2026-01-02"),
)


def test_the_whole_report_on_every_engine(engine: Engine, rows: Rows) -> None:
    """One row for each category and currency, by currency and category, with what is missing last."""
    got = rows(expenses_by_category(engine(BOOKS)))
    assert list(got[0]) == ["category", "currency", "expenses", "amount", "share"]
    assert [tuple(row.values()) for row in got] == [
        ("Rent", "EUR", 2, 0.0, None),
        ("Rent", "USD", 2, 0.3, 0.15),
        ("Travel", "USD", 1, 0.9, 0.45),
        (None, "USD", 1, 0.8, 0.4),
        ("Travel", None, 1, 7.0, 1.0),
    ]


def test_months_on_every_engine(engine: Engine, rows: Rows) -> None:
    """With a period, shares are those of the currency and period, and what has no date has no period."""
    got = rows(expenses_by_category(engine(BOOKS), period="month"))
    assert list(got[0]) == ["category", "currency", "period", "expenses", "amount", "share"]
    periods = [None if row["period"] is None else f"{row['period']:%Y-%m-%d}" for row in got]
    assert periods == ["2026-01-01", "2026-01-01", "2026-02-01", "2026-02-01", None, "2026-01-01"]
    assert [(row["category"], row["currency"], row["amount"], row["share"]) for row in got] == [
        ("Rent", "EUR", 0.0, None),
        ("Rent", "USD", 0.1, 1.0),
        ("Rent", "USD", 0.2, 2000 / 11000),
        ("Travel", "USD", 0.9, 9000 / 11000),
        (None, "USD", 0.8, 1.0),
        ("Travel", None, 7.0, 1.0),
    ]


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("day", "2026-08-16"),
        ("week", "2026-08-10"),
        ("month", "2026-08-01"),
        ("quarter", "2026-07-01"),
        ("year", "2026-01-01"),
    ],
)
def test_the_first_day_of_a_period(period: str, first: str) -> None:
    """A period is named by its first day, and a week begins on Monday."""
    report = expenses_by_category(expenses(("a", "USD", 1.0, "2026-08-16 23:59")), period=period)
    assert report["period"].tolist() == [pd.Timestamp(first)]
    assert report.dtypes.astype(str).tolist() == ["str", "str", "datetime64[us]", "Int64", *["float64"] * 2]
    assert report.attrs["period"] == period


def test_the_demo_sums_to_the_cent(client: rf.Client) -> None:
    """The categories of the demo companies add up to the Decimal sum of their expenses."""
    frame = rf.load_expenses(client.connection("gear-xero"), progress=False)
    report = expenses_by_category(frame, period="quarter")
    sums: dict[tuple[str, str], Decimal] = {}
    for category, currency, amount in zip(frame["category"], frame["currency"], frame["amount"], strict=True):
        sums[category, currency] = sums.get((category, currency), Decimal(0)) + Decimal(str(amount))
    got = dict.fromkeys(sums, Decimal(0))
    for row in report.to_dict("records"):
        got[row["category"], row["currency"]] += Decimal(str(row["amount"]))
    assert got == sums
    assert rf.reports.tie_out(report, frame)["ok"].all()
    assert report.attrs["sources"] == [frame.attrs["receipt"]]


def test_an_expense_without_an_amount() -> None:
    """An expense without an amount is counted, with zero, and noted."""
    report = expenses_by_category(expenses(("a", "USD", None, None), ("a", "USD", 2.0, None)))
    assert report[["expenses", "amount"]].to_numpy().tolist() == [[2, 2.0]]
    assert report.attrs["notes"] == ["1 expense has no amount; counted, at nothing."]
    assert expenses_by_category(BOOKS.query("currency == 'USD'")).attrs["notes"] == []


def test_expenses_without_a_date() -> None:
    """Expenses in no period are noted with their amounts; without periods there is no note."""
    books = expenses(
        ("a", "USD", 2.5, None),
        ("b", "USD", 1.0, None),
        ("a", "EUR", 4.0, None),
        ("a", "USD", 7.0, "2026-01-01"),
    )
    report = expenses_by_category(books, period="month")
    assert report.attrs["notes"] == ["Expenses without a date, in no period: 3, 4.00 EUR, 3.50 USD."]
    assert expenses_by_category(books).attrs["notes"] == []
    assert expenses_by_category(books.tail(1), period="month").attrs["notes"] == []


def test_empty_categories(engine: Engine, rows: Rows) -> None:
    """A category that is empty text and a missing one are one row, on every engine."""
    books = expenses(("", "USD", 3.0, None), (None, "USD", 5.0, None), ("  ", "USD", 1.0, None))
    got = rows(expenses_by_category(engine(books)))
    assert [tuple(row.values()) for row in got] == [(None, "USD", 3, 9.0, 1.0)]
    notes = expenses_by_category(books).attrs["notes"]
    assert notes == ["Expenses with empty text as category, taken as missing: 2."]


@pytest.mark.parametrize("date", [20260501, 1782777600000, True, "05/06/2026", 1.5])
def test_invalid_dates(engine: Engine, date: Any) -> None:
    """Numbers, booleans and ambiguous text in dates are refused where a period needs them."""
    books = BOOKS.head(1).assign(date=date)
    with pytest.raises(ValueError, match="expenses: column 'date' holds"):
        expenses_by_category(engine(books), period="month")


def test_no_expenses() -> None:
    """A report of nothing has the columns and dtypes of any other."""
    for period in (None, "week"):
        nothing = expenses_by_category(BOOKS.head(0), period=period)
        assert len(nothing) == 0
        assert nothing.dtypes.to_dict() == expenses_by_category(BOOKS, period=period).dtypes.to_dict()


def test_the_callers_frame_is_not_changed() -> None:
    """The expenses are as they were."""
    before = BOOKS.copy(deep=True)
    expenses_by_category(BOOKS, period="week")
    pd.testing.assert_frame_equal(BOOKS, before)


def test_invalid_arguments() -> None:
    """Unknown periods, missing columns and huge amounts are refused, with the valid choices."""
    with pytest.raises(ValueError, match=r"period='decade' is not a valid period \(expected 'day', 'week', "):
        expenses_by_category(BOOKS, period="decade")
    with pytest.raises(ValueError, match="expenses has no column 'date'; its columns are category, currency"):
        expenses_by_category(BOOKS.drop(columns="date"), period="day")
    assert len(expenses_by_category(BOOKS.drop(columns="date"))) == 5
    with pytest.raises(OverflowError, match="amount: absolute amounts of"):
        expenses_by_category(expenses(("a", "USD", 1e15, None)))


def test_live_expenses_of_the_files_of_a_dataset(engine: Engine, rows: Rows) -> None:
    """Without a category in any row they are refused: only load and export take it from the accounts."""
    files = BOOKS.assign(connection_id="a", line_items="[]", _position=range(len(BOOKS)))
    assert rows(expenses_by_category(engine(files))) == rows(expenses_by_category(engine(BOOKS)))
    unknown = files.assign(category=pd.Series([None] * len(BOOKS), dtype="str"))
    with pytest.raises(ValueError, match=r"(?s)no category in any row: .*Next: pass .*load\('expenses'\)"):
        expenses_by_category(engine(unknown))
    none = unknown.head(0)
    assert rows(expenses_by_category(engine(none))) == []
    assert len(rows(expenses_by_category(engine(unknown.drop(columns="_position"))))) == 3
