"""The forecast by week: literals, invariants, and the demo companies' banks."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

import rutterframe as rf
from rutterframe.reports.forecast import cash_forecast
from tests.reports.live_frames import live_credit_memos, live_documents

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def banks(*lines: tuple[str, float | None, str | None]) -> pd.DataFrame:
    """Build bank accounts: id, balance and currency."""
    frame = pd.DataFrame(lines, columns=["id", "balance", "currency"])
    return frame.astype({"id": "str", "balance": "float64", "currency": "str"})


def owed(party: str, *lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Build open documents: amount due, currency and due date."""
    frame = pd.DataFrame(lines, columns=["amount_due", "currency", "due_date"])
    frame = frame.assign(id=[f"d{place}" for place in range(len(frame))], status="open", **{party: "p"})
    text = dict.fromkeys(("id", "status", "currency", party), "str")
    return frame.astype({**text, "amount_due": "float64", "due_date": "datetime64[us]"})


def invoices(*lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Build open invoices."""
    return owed("customer_id", *lines)


def bills(*lines: tuple[float | None, str | None, str | None]) -> pd.DataFrame:
    """Build open bills."""
    return owed("vendor_id", *lines)


def flows(report: pd.DataFrame) -> list[list[Any]]:
    """Return the amounts of each week."""
    amounts: list[list[Any]] = report[["opening", "receipts", "payments", "closing"]].to_numpy().tolist()
    return amounts


NO_TYPES = "bank_accounts has no column 'type': every account is taken as cash, cards and loans too."
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
        ("spread", [0.01, 0.0, 0.0], [-3.34, -3.33, -3.33]),
        ("exclude", [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
)
def test_overdue_documents(overdue: str, receipts: list[float], payments: list[float]) -> None:
    """What is overdue comes in week 1, evenly with the rest in week 1, or not at all."""
    late = (invoices((0.01, "USD", "2026-06-29")), bills((7.0, "USD", "2020-01-01"), (3.0, "USD", None)))
    report = cash_forecast(banks(), *late, AS_OF, weeks=3, overdue=overdue)
    assert report["receipts"].tolist() == receipts
    assert report["payments"].tolist() == payments
    assert report.attrs["overdue"] == overdue


def test_left_out_amounts_are_noted() -> None:
    """Notes say how much of each currency is left out, and what has no due date."""
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=3, overdue="exclude")
    assert report.attrs["notes"] == [
        "Amounts due and balances are those of the day the data was fetched.",
        NO_TYPES,
        "Receivables overdue or without a due date, left out: 10.00 USD.",
        "Receivables due after the last week, left out: 99.00 USD.",
        "Payables without a due date, taken as overdue and left out: 8.00 GBP.",
        "Payables overdue or without a due date, left out: 8.00 GBP.",
    ]
    strange = bills((1.0005, None, "2030-01-01"), (2000.0, "JPY", "2030-01-01")).assign(status="odd")
    notes = cash_forecast(BANKS, invoices(), strange, AS_OF).attrs["notes"][2:]
    assert notes == [
        "Payables due after the last week, left out: 2,000 JPY, 1.0005 without a currency.",
        f"Payables: {rf.reports.open_items(strange, AS_OF).attrs['notes'][1]}",
    ]


def test_live_documents_are_without_credit_memos() -> None:
    """In the live dialect credit memos are lists of their own: a note says that they are not taken off."""
    note = "Live credit memos are not among the documents: what remains of them is not taken off."
    live = live_documents({})
    assert note in cash_forecast(BANKS, live, BILLS, AS_OF).attrs["notes"]
    assert note not in cash_forecast(BANKS, INVOICES, BILLS, AS_OF).attrs["notes"]


def test_credit_memos_are_taken_off() -> None:
    """What remains of live credit memos is taken off in week 1, in its own currency."""
    documents = live_documents({"amount_due": 100.0, "due_date": "2026-07-20"})
    memos = live_credit_memos(
        {"remaining_amount": 30.0, "status": "partially_applied"},
        {"remaining_amount": 5.0, "currency": "EUR"},
        {"remaining_amount": 7.0, "status": "voided"},
        {"remaining_amount": 0.0, "status": "applied"},
    )
    report = cash_forecast(BANKS, documents, BILLS.head(0), AS_OF, invoice_credit_memos=memos, weeks=4)
    receipts = report.pivot_table(index="currency", columns="week", values="receipts")
    assert receipts.loc["USD"].tolist() == [-30.0, 0.0, 100.0, 0.0]
    assert receipts.loc["EUR"].tolist() == [-5.0, 0.0, 0.0, 0.0]
    own = cash_forecast(
        BANKS, INVOICES.head(0), live_documents({}, party="vendor_id"), AS_OF, weeks=1,
        bill_credit_memos=live_credit_memos({"remaining_amount": 30.0}, party="vendor_id"),
    )  # fmt: skip
    assert own["payments"].sum() == -70.0


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


def test_forecasts_that_are_refused() -> None:
    """Wrong choices, swapped frames and huge amounts are errors that say what is expected."""
    message = r"overdue='never' is not valid \(expected one of 'first_week', 'spread', 'exclude'\)"
    with pytest.raises(ValueError, match=message):
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, overdue="never")
    with pytest.raises(ValueError, match="weeks=0 is not a valid number of weeks"):
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=0)
    wrong: Any
    for wrong in (2.5, "3", None, True, 10**6):
        with pytest.raises(
            ValueError,
            match=r"weeks=.* is not a valid number of weeks \(expected a whole number from 1 to 522",
        ):
            cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=wrong)
    for wrong in (["spread"], None):
        with pytest.raises(ValueError, match=r"overdue=.* is not valid \(expected one of 'first_week'"):
            cash_forecast(BANKS, INVOICES, BILLS, AS_OF, overdue=wrong)
    for wrong in (1, None, "yes"):
        with pytest.raises(TypeError, match=r"run_rate=.* must be True, False, or the transactions"):
            cash_forecast(BANKS, INVOICES, BILLS, AS_OF, run_rate=wrong)
    with pytest.raises(ValueError, match=r"invoices has no column 'customer_id'.*It looks like bills"):
        cash_forecast(BANKS, BILLS, INVOICES, AS_OF)
    with pytest.raises(OverflowError, match="amount_due: absolute amounts of"):
        cash_forecast(BANKS, invoices((1e15, "USD", None)), BILLS, AS_OF)


@pytest.mark.parametrize(
    ("amount", "currency", "parts"),
    [
        (100.0, "USD", [33.34, 33.33, 33.33]),
        (-100.0, "USD", [-33.34, -33.33, -33.33]),
        (0.05, "USD", [0.02, 0.02, 0.01]),
        (100.0, "JPY", [34.0, 33.0, 33.0]),
        (1.0, "KWD", [0.334, 0.333, 0.333]),
        (100.004, "USD", [33.344, 33.33, 33.33]),
        (1.0, None, [0.34, 0.33, 0.33]),
    ],
)
def test_overdue_amounts_are_spread_in_minor_units(
    amount: float, currency: str | None, parts: list[float]
) -> None:
    """Spread amounts are in whole cents, yen or fils, the remaining ones in the first weeks."""
    late = invoices((amount, currency, "2026-06-01"))
    report = cash_forecast(banks(), late, bills(), AS_OF, weeks=3, overdue="spread")
    assert report["receipts"].tolist() == parts
    report = cash_forecast(
        banks(), invoices(), bills((amount, currency, None)), AS_OF, weeks=3, overdue="spread"
    )
    assert report["payments"].tolist() == [-part for part in parts]


LATE = "7.00 EUR, 12.00 USD, the oldest for 546 days, for more than 90 days 7.00 EUR, 5.00 USD"
STRESS = "overdue='exclude' is the stress case"


@pytest.mark.parametrize(
    ("overdue", "receivables", "payables"),
    [
        (
            "first_week",
            f"Receivables overdue, put into week 1: {LATE}; {STRESS}.",
            f"Payables overdue, put into week 1: 3.00 USD, the oldest for 1 day; {STRESS}.",
        ),
        (
            "spread",
            f"Receivables overdue, spread over the weeks: {LATE}; {STRESS}.",
            f"Payables overdue, spread over the weeks: 3.00 USD, the oldest for 1 day; {STRESS}.",
        ),
        (
            "exclude",
            "Receivables overdue or without a due date, left out: 7.00 EUR, 12.00 USD.",
            "Payables overdue or without a due date, left out: 3.00 USD.",
        ),
    ],
)
def test_the_assumption_about_overdue_is_noted(overdue: str, receivables: str, payables: str) -> None:
    """A note has the overdue amounts, their age and the weeks that they are in; none is on left out ones."""
    due = invoices(
        (5.0, "USD", "2024-12-31"),
        (7.0, "USD", "2026-04-01"),
        (7.0, "EUR", "2026-03-31"),
        (1.0, "USD", AS_OF),
    )
    owing = bills((3.0, "USD", "2026-06-29"))
    report = cash_forecast(BANKS, due, owing, AS_OF, overdue=overdue)
    assert report.attrs["notes"][2:] == [receivables, payables]


def test_documents_that_are_not_overdue_have_no_note() -> None:
    """Where every document is due later, no note speaks of overdue or left out ones."""
    report = cash_forecast(BANKS, invoices((1.0, "USD", AS_OF)), bills((1.0, "USD", "2026-07-01")), AS_OF)
    assert report.attrs["notes"][2:] == []


def test_debts_are_not_in_the_opening(engine: Engine, rows: Rows) -> None:
    """The forecast begins with the cash: what is on cards, credit lines and loans is a debt."""
    accounts = banks(
        ("a", 10_000.0, "USD"), ("b", -4_000.0, "USD"), ("c", 50_000.0, "USD"), ("d", 300.0, "EUR")
    ).assign(type=["checking", "credit_card", "Loan", "LINE OF CREDIT"])
    report = cash_forecast(engine(accounts), engine(invoices()), engine(bills()), AS_OF, weeks=1)
    assert [(row["currency"], row["opening"]) for row in rows(report)] == [("EUR", 0.0), ("USD", 10_000.0)]
    notes = cash_forecast(accounts, invoices(), bills(), AS_OF).attrs["notes"]
    assert notes[1:] == [
        "Cards, credit lines and loans are debts, and not in the opening: 300.00 EUR, 54,000.00 USD."
    ]


def test_a_currency_of_empty_text_is_none(engine: Engine, rows: Rows) -> None:
    """Cash and documents with empty text as currency are together with those without a currency."""
    accounts = banks(("a", 1.0, ""), ("b", 2.0, None))
    report = cash_forecast(
        engine(accounts), engine(invoices((4.0, " ", AS_OF))), engine(bills()), AS_OF, weeks=1
    )
    assert [list(row.values())[3:] for row in rows(report)] == [[3.0, 4.0, 0.0, 7.0]]
    assert rows(report)[0]["currency"] is None
