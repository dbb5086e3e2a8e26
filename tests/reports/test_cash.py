"""The forecast by week and the history by day: literals, invariants, and the demo companies' banks."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from rutterframe.reports.cash import cash_forecast
from rutterframe.reports.history import cash_history

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def banks(*lines: tuple[str, float | None, str | None]) -> pd.DataFrame:
    """Make bank accounts: id, balance and currency."""
    frame = pd.DataFrame(lines, columns=["id", "balance", "currency"])
    return frame.astype({"id": "str", "balance": "float64", "currency": "str"})


def owed(party: str, *lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Make open documents: amount due, currency and due date."""
    frame = pd.DataFrame(lines, columns=["amount_due", "currency", "due_date"])
    frame = frame.assign(id=[f"d{place}" for place in range(len(frame))], status="open", **{party: "p"})
    text = dict.fromkeys(("id", "status", "currency", party), "str")
    return frame.astype({**text, "amount_due": "float64", "due_date": "datetime64[us]"})


def invoices(*lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Make open invoices."""
    return owed("customer_id", *lines)


def bills(*lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Make open bills."""
    return owed("vendor_id", *lines)


def flows(report: pd.DataFrame) -> list[list[Any]]:
    """Give the amounts of each week."""
    amounts: list[list[Any]] = report[["opening", "receipts", "payments", "closing"]].to_numpy().tolist()
    return amounts


BANKS = banks(("a", 100.1, "USD"), ("b", -0.2, "USD"), ("c", 5.0, None))
INVOICES = invoices(
    (10.0, "USD", "2026-06-29"),
    (0.1, "USD", "2026-06-30"),
    (0.2, "USD", "2026-07-06"),
    (4.0, "USD", "2026-07-07"),
    (7.0, "EUR", "2026-07-14"),
    (99.0, "USD", "2026-07-21"),
)
BILLS = bills((30.0, "USD", "2026-07-13"), (-1.0, "USD", "2026-07-14"), (8.0, "GBP", None))


def test_the_whole_forecast(engine: Engine, rows: Rows) -> None:
    """Every currency of any frame has all weeks, and each opens as the one before closed."""
    forecast = cash_forecast(engine(BANKS), engine(INVOICES), engine(BILLS), AS_OF, weeks=3)
    assert type(forecast) is type(engine(BANKS))
    got = rows(forecast)
    assert list(got[0]) == ["currency", "week", "week_start", "opening", "receipts", "payments", "closing"]
    starts = ["2026-06-30", "2026-07-07", "2026-07-14"]
    assert [f"{row.pop('week_start'):%Y-%m-%d}" for row in got] == starts * 4
    assert [tuple(row.values()) for row in got] == [
        ("EUR", 1, 0.0, 0.0, 0.0, 0.0),
        ("EUR", 2, 0.0, 0.0, 0.0, 0.0),
        ("EUR", 3, 0.0, 7.0, 0.0, 7.0),
        ("GBP", 1, 0.0, 0.0, -8.0, -8.0),
        ("GBP", 2, -8.0, 0.0, 0.0, -8.0),
        ("GBP", 3, -8.0, 0.0, 0.0, -8.0),
        ("USD", 1, 99.9, 10.3, 0.0, 110.2),
        ("USD", 2, 110.2, 4.0, -30.0, 84.2),
        ("USD", 3, 84.2, 0.0, 1.0, 85.2),
        (None, 1, 5.0, 0.0, 0.0, 5.0),
        (None, 2, 5.0, 0.0, 0.0, 5.0),
        (None, 3, 5.0, 0.0, 0.0, 5.0),
    ]


def test_the_same_kind_of_frame_comes_back() -> None:
    """Polars gives Polars, and pandas its usual dtypes."""
    polars = cash_forecast(pl.from_pandas(BANKS), pl.from_pandas(INVOICES), pl.from_pandas(BILLS), AS_OF)
    assert isinstance(polars, pl.DataFrame)
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF)
    assert len(report) == 4 * 13
    assert report.dtypes.astype(str).tolist() == ["str", "Int64", "datetime64[us]", *["float64"] * 4]
    empty = cash_forecast(BANKS.head(0), INVOICES.head(0), BILLS.head(0), AS_OF)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == report.dtypes.to_dict()


@pytest.mark.parametrize(
    ("overdue", "receipts", "payments"),
    [
        ("first_week", [0.01, 0.0, 0.0], [-10.0, 0.0, 0.0]),
        ("spread", [0.0034, 0.0033, 0.0033], [-3.3334, -3.3333, -3.3333]),
        ("exclude", [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
)
def test_what_is_overdue(overdue: str, receipts: list[float], payments: list[float]) -> None:
    """What is overdue comes in week 1, evenly with the rest in week 1, or not at all."""
    late = (invoices((0.01, "USD", "2026-06-29")), bills((7.0, "USD", "2020-01-01"), (3.0, "USD", None)))
    report = cash_forecast(banks(), *late, AS_OF, weeks=3, overdue=overdue)
    assert report["receipts"].tolist() == receipts
    assert report["payments"].tolist() == payments
    assert report.attrs["overdue"] == overdue


def test_what_is_left_out_is_noted() -> None:
    """Notes say how much of each currency is left out, and what has no due date."""
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=3, overdue="exclude")
    assert report.attrs["notes"] == [
        "Amounts due and balances are those of the day the data was fetched.",
        "Receivables due after the last week, left out: 99.00 USD.",
        "Receivables overdue or without a due date, left out: 10.00 USD.",
        "Payables without a due date, taken as overdue and left out: 8.00 GBP.",
        "Payables overdue or without a due date, left out: 8.00 GBP.",
    ]
    strange = bills((1.0005, None, "2030-01-01"), (2000.0, "JPY", "2030-01-01")).assign(status="odd")
    notes = cash_forecast(BANKS, invoices(), strange, AS_OF).attrs["notes"][1:]
    assert notes == [
        "Payables due after the last week, left out: 2,000 JPY, 1.0005 without a currency.",
        f"Payables: {rf.reports.open_items(strange, AS_OF).attrs['notes'][1]}",
    ]


def test_closed_documents_bring_no_cash() -> None:
    """What is paid or not issued is not forecast, but its currency is there."""
    report = cash_forecast(banks(), invoices((5.0, "USD", AS_OF)).assign(status="paid"), bills(), AS_OF)
    assert flows(report) == [[0.0] * 4] * 13


@pytest.mark.parametrize("overdue", ["first_week", "spread"])
@pytest.mark.parametrize("seed", range(5))
def test_random_books_foot(overdue: str, seed: int) -> None:
    """Each week foots, opens as the last closed, and all that is due in time is in some week."""
    dice = random.Random(seed)  # noqa: S311 - books, no secrets

    def lines() -> list[tuple[float, str, str]]:
        return [
            (round(dice.uniform(-9, 99), 4), dice.choice(["USD", "JPY"]), f"2026-0{dice.randint(5, 7)}-11")
            for _ in range(40)
        ]

    due, payable = lines(), lines()
    cash = banks(("a", 1234.5678, "USD"), ("b", 1e11, "JPY"))
    report = cash_forecast(cash, invoices(*due), bills(*payable), AS_OF, overdue=overdue)
    for currency, opened in (("USD", Decimal("1234.5678")), ("JPY", Decimal(10) ** 11)):
        balance, half = opened, 0.005 if currency == "USD" else 0.5
        for week in report[report["currency"] == currency].to_dict("records"):
            exact = {
                name: Decimal(str(week[name])) for name in ("opening", "receipts", "payments", "closing")
            }
            assert exact["opening"] == balance
            balance = exact["opening"] + exact["receipts"] + exact["payments"]
            assert exact["closing"] == balance
        owed = [
            [Decimal(str(amount)) for amount, money, _ in side if money == currency and abs(amount) >= half]
            for side in (due, payable)
        ]
        flows_in, flows_out = owed
        assert balance == opened + sum(flows_in) - sum(flows_out)


def test_the_demo_forecast_begins_with_its_cash(books: Any) -> None:
    """Week 1 of the demo opens with the cash position, and far enough on all that is owed has moved."""
    report = cash_forecast(books.bank_accounts, books.invoices, books.bills, AS_OF, weeks=52)
    first = report[report["week"] == 1][["currency", "opening"]].rename(columns={"opening": "balance"})
    cash = rf.reports.cash_position(books.bank_accounts)
    both = rf.reports.tie_out(first, cash)
    assert both["ok"].all()
    last = report[report["week"] == 52].set_index("currency")["closing"]
    sides = ((books.bank_accounts, "balance", 1), (books.invoices, "", 1), (books.bills, "", -1))
    for currency in last.index:
        total = Decimal(0)
        for frame, column, sign in sides:
            part = frame if column else rf.reports.open_items(frame, AS_OF)
            part = part.loc[part["currency"] == currency, column or "amount_due"]
            total += sign * sum((Decimal(str(amount)) for amount in part), Decimal(0))
        assert total == Decimal(str(last[currency]))


def test_forecasts_that_make_no_sense() -> None:
    """Wrong choices, swapped frames and huge amounts are errors that say what is right."""
    with pytest.raises(ValueError, match="overdue='never' is none of 'first_week', 'spread', 'exclude'"):
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, overdue="never")
    with pytest.raises(ValueError, match="weeks=0 must be 1 or more"):
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=0)
    with pytest.raises(ValueError, match=r"invoices has no column 'customer_id'.*It looks like bills"):
        cash_forecast(BANKS, BILLS, INVOICES, AS_OF)
    with pytest.raises(OverflowError, match="amount_due: absolute amounts of"):
        cash_forecast(BANKS, invoices((1e15, "USD", None)), BILLS, AS_OF)


def transactions(*lines: tuple[str | None, float | None, str | None, str | None]) -> pd.DataFrame:
    """Make transactions: account, amount, currency and date."""
    frame = pd.DataFrame(lines, columns=["account_id", "amount", "currency", "date"])
    return frame.astype(
        {"account_id": "str", "amount": "float64", "currency": "str", "date": "datetime64[us]"}
    )


ACCOUNTS = banks(("a", 100.3, "USD"), ("b", -20.0, "USD"), ("c", 5.0, "EUR"), ("d", 1.0, "JPY"))
MOVES = transactions(
    ("a", 0.1, "USD", "2026-06-29"),
    ("a", 0.2, "USD", "2026-06-30 23:59"),
    ("b", -30.0, "USD", "2026-06-30"),
    ("b", 10.0, None, "2026-06-30"),
    ("c", -1.5, "EUR", "2026-01-01"),
)


def dated(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Write the rows of a history with their days as text."""
    return [(f"{row['date']:%Y-%m-%d}", *list(row.values())[1:]) for row in found]


def test_the_whole_history(engine: Engine, rows: Rows) -> None:
    """Each currency has a row for each day with transactions, and the last balance is that of today."""
    accounts, moves = engine(ACCOUNTS), engine(MOVES)
    history = cash_history(accounts, moves)
    assert type(history) is type(accounts)
    got = rows(history)
    assert list(got[0]) == ["date", "currency", "inflow", "outflow", "balance"]
    assert dated(got) == [
        ("2026-01-01", "EUR", 0.0, -1.5, 5.0),
        ("2026-06-29", "USD", 0.1, 0.0, 100.1),
        ("2026-06-30", "USD", 10.2, -30.0, 80.3),
    ]
    each = rows(cash_history(accounts, moves, by_account=True))
    assert list(each[0]) == ["date", "account_id", "currency", "inflow", "outflow", "balance"]
    assert dated(each) == [
        ("2026-01-01", "c", "EUR", 0.0, -1.5, 5.0),
        ("2026-06-29", "a", "USD", 0.1, 0.0, 100.1),
        ("2026-06-30", "a", "USD", 0.2, 0.0, 100.3),
        ("2026-06-30", "b", "USD", 10.0, -30.0, -20.0),
    ]


def test_transactions_that_do_not_fit_are_noted() -> None:
    """What fits nowhere is left out, what has no date is older, and notes count both."""
    strange = transactions(
        ("a", 7.0, "USD", None),
        ("a", 3.0, "EUR", "2026-06-30"),
        ("x", -2.0, "USD", "2026-06-30"),
        (None, 1000.0, "JPY", "2026-06-30"),
    )
    report = cash_history(ACCOUNTS, pd.concat([MOVES, strange]))
    pd.testing.assert_frame_equal(report, cash_history(ACCOUNTS, MOVES), check_like=False)
    assert report.attrs["notes"] == [
        "Balances are walked back from those of the day the data was fetched.",
        "Transactions in another currency than their account's, left out: 1, 3.00 EUR.",
        "Transactions of accounts that are not in bank_accounts, left out: 2, 1,000 JPY, -2.00 USD.",
        "Transactions without a date, taken as older than the first day: 1, 7.00 USD.",
    ]


@pytest.mark.parametrize("by_account", [False, True])
@pytest.mark.parametrize("bank", ["roaster-bank", "gear-bank"])
def test_the_demo_begins_with_nothing_and_ends_today(client: rf.Client, bank: str, by_account: bool) -> None:
    """Before its opening balance a bank of the demo holds nothing, and after its last day today's balance."""
    connection = client.connection(bank)
    accounts = rf.load_bank_accounts(connection, progress=False)
    moves = rf.load_transactions(connection, progress=False)
    report = cash_history(accounts, moves, by_account=by_account)
    assert len(report.attrs["notes"]) == 1
    assert report.attrs["sources"] == [accounts.attrs["receipt"], moves.attrs["receipt"]]
    columns = ["inflow", "outflow", "balance"]
    keys = ["currency", "account_id"] if by_account else ["currency"]
    for key, days in report.groupby(keys):
        assert days["date"].is_monotonic_increasing
        balance = Decimal(0)
        for row in days[columns].to_dict("records"):
            balance += Decimal(str(row["inflow"])) + Decimal(str(row["outflow"]))
            assert balance == Decimal(str(row["balance"]))
        mine = accounts["id"] == key[1] if by_account else accounts["currency"] == key[0]
        assert balance == sum(Decimal(str(found)) for found in accounts.loc[mine, "balance"])


def test_no_history() -> None:
    """Without transactions there is no row, in the columns and dtypes of any other history."""
    for by_account in (False, True):
        nothing = cash_history(ACCOUNTS, MOVES.head(0), by_account=by_account)
        assert len(nothing) == 0
        something = cash_history(ACCOUNTS, MOVES, by_account=by_account)
        assert nothing.dtypes.to_dict() == something.dtypes.to_dict()


def test_histories_that_make_no_sense() -> None:
    """Missing columns and huge amounts are errors."""
    with pytest.raises(ValueError, match="transactions has no column 'account_id'; its columns are amount"):
        cash_history(ACCOUNTS, MOVES.drop(columns="account_id"))
    with pytest.raises(OverflowError, match="amount: absolute amounts of"):
        cash_history(ACCOUNTS, transactions(("a", 1e15, "USD", None)))
