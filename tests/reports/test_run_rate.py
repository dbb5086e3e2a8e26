"""The usual flows in a forecast: what was paid and earned lately, as far as no document announces it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.forecast import cash_forecast

AS_OF = "2026-06-30"
LAST = date(2026, 6, 30)
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]

BANKS = pd.DataFrame(
    {
        "connection_id": "x",
        "id": ["1", "2", "3"],
        "type": ["checking", "savings", "credit card"],
        "balance": [1000.0, 0.0, -500.0],
        "currency": "USD",
    }
)


def posted(*lines: tuple[str, float, int]) -> pd.DataFrame:
    """Build transactions of dollars: account, amount, and how many days before the last one."""
    frame = pd.DataFrame(lines, columns=["account_id", "amount", "days"])
    days = [f"{LAST - timedelta(days=ago)}" for ago in frame.pop("days")]
    frame["account_id"] = frame["account_id"].astype("str")
    return frame.astype({"amount": "float64"}).assign(connection_id="x", currency="USD", date=days)


def owed(party: str, *lines: tuple[float, str]) -> pd.DataFrame:
    """Build open documents in dollars: amount due and due date."""
    frame = pd.DataFrame(lines, columns=["amount_due", "due_date"]).astype({"amount_due": "float64"})
    frame["due_date"] = frame["due_date"].astype("datetime64[us]")
    return frame.assign(
        **{"id": [str(place) for place in range(len(frame))], party: "p", "status": "open", "currency": "USD"}
    )


INVOICES = owed("customer_id")
BILLS = owed("vendor_id")
#: Wages of 700 every week, for a year.
WAGES = posted(*(("1", -700.0, ago) for ago in range(0, 364, 7)))


def test_wages_that_no_document_announces(engine: Engine, rows: Rows) -> None:
    """A weekly outflow of the past goes on in the usual flows, beside the closing without them."""
    frames = engine(BANKS), engine(INVOICES), engine(BILLS)
    report = cash_forecast(*frames, AS_OF, weeks=3, run_rate=True, transactions=engine(WAGES))
    assert type(report) is type(engine(BANKS))
    got = rows(report)
    assert list(got[0])[-3:] == ["closing", "usual", "closing_with_usual"]
    assert [tuple(row.values())[-3:] for row in got] == [
        (1000.0, -700.0, 300.0),
        (1000.0, -700.0, -400.0),
        (1000.0, -700.0, -1100.0),
    ]


def test_the_transactions_may_be_the_run_rate() -> None:
    """The transactions themselves mean the same as run_rate=True with transactions."""
    two = [
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, run_rate=WAGES),
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, run_rate=True, transactions=WAGES),
    ]
    pd.testing.assert_frame_equal(*two)
    assert two[0].attrs["notes"] == two[1].attrs["notes"]


def test_without_a_run_rate_there_are_no_usual_flows() -> None:
    """The columns exist only with run_rate, which needs transactions."""
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, transactions=WAGES)
    assert report.columns.tolist()[-1] == "closing"
    assert not [note for note in report.attrs["notes"] if "sual" in note]
    with pytest.raises(ValueError, match="run_rate=True needs transactions=, the transactions of the bank"):
        cash_forecast(BANKS, INVOICES, BILLS, AS_OF, run_rate=True)


def test_what_documents_announce_is_not_counted_twice() -> None:
    """Of 700 a week a bill of 2,100 in three weeks announces all, one of 700 a third; the rest is usual."""
    for due, usual in ((2100.0, [0.0, 0.0, 0.0]), (700.0, [-466.67, -466.67, -466.66]), (9000.0, [0.0] * 3)):
        bills = owed("vendor_id", (due, "2026-07-15"))
        report = cash_forecast(BANKS, INVOICES, bills, AS_OF, weeks=3, run_rate=WAGES)
        assert report["usual"].tolist() == usual
        assert report["payments"].tolist() == [0.0, 0.0, -due]


def test_inflows_are_apart_from_outflows() -> None:
    """Invoices announce receipts and no payments: 10 a week come in beside wages, 6 of them announced."""
    both = pd.concat([WAGES, posted(*(("1", 10.0, ago) for ago in range(0, 91, 7)))], ignore_index=True)
    invoices = owed("customer_id", (12.0, "2026-06-30"))
    report = cash_forecast(BANKS, invoices, BILLS, AS_OF, weeks=2, run_rate=both)
    assert report["usual"].tolist() == [-696.0, -696.0]
    assert report["closing_with_usual"].tolist() == [316.0, -380.0]
    assert report.attrs["notes"][-1] == (
        "Usual flows are those of the last 13 weeks without transfers between own accounts, a week "
        "10.00 USD in, of which open documents announce 6.00 USD; -700.00 USD out, of which open documents "
        "announce 0.00 USD; the rest is added to every week."
    )


@pytest.mark.parametrize(("ago", "usual"), [(0, -1.0), (90, -1.0), (91, 0.0), (-1, 0.0)])
def test_thirteen_weeks_count(ago: int, usual: float) -> None:
    """The last 91 days count, as_of among them; what is older, or dated ahead, does not."""
    old = posted(("1", 0.01, 400), ("1", -13.0, ago))
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=1, run_rate=old)
    assert report["usual"].tolist() == [usual]


def test_transactions_finer_than_the_documents() -> None:
    """Amounts of eight decimals are averaged exactly, and what is usual is in whole cents."""
    fine = posted(("1", 0.00000001, 400), ("1", -6.49999999, 3), ("1", -6.50000001, 2), ("1", 0.12999999, 1))
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=2, run_rate=fine)
    assert report["usual"].tolist() == [-0.99, -0.99]


@pytest.mark.parametrize(("ago", "weeks"), [(0, 1), (6, 1), (7, 2), (83, 12), (84, 13), (90, 13), (91, 13)])
def test_a_young_account_is_averaged_over_its_weeks(ago: int, weeks: int) -> None:
    """Where transactions do not go back thirteen weeks, they are those of as many weeks as they do."""
    young = posted(("1", -60.0, 0), ("1", -0.0001, ago))
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, weeks=1, run_rate=young)
    assert report["usual"].tolist() == [round(-60.0 / weeks, 2)]
    assert f"those of the last {weeks} weeks" in report.attrs["notes"][-1].replace("1 week ", "1 weeks ")


def test_transfers_and_cards_are_not_usual() -> None:
    """A transfer between own accounts and a purchase by card are not flows; paying the card is one."""
    moved = posted(
        *(("1", -500.0, ago) for ago in range(0, 91, 7)),
        *(("2", 500.0, ago) for ago in range(0, 91, 7)),
        *(("3", -80.0, ago) for ago in range(0, 91, 7)),
        ("1", -130.0, 3),
        ("3", 130.0, 3),
    )
    invoices = owed("customer_id", (100.0, "2026-07-01"))
    report = cash_forecast(BANKS, invoices, BILLS, AS_OF, weeks=2, run_rate=moved)
    assert report["usual"].tolist() == [-10.0, -10.0]
    assert "a week 0.00 USD in, of which" in report.attrs["notes"][-1]


def test_a_currency_without_transactions_has_nothing_usual() -> None:
    """Where a currency has no transactions nothing is added, and a note says so; others are not touched."""
    banks = pd.concat([BANKS, BANKS.head(1).assign(id="9", currency="EUR")], ignore_index=True)
    report = cash_forecast(banks, INVOICES, BILLS, AS_OF, weeks=1, run_rate=WAGES)
    assert report[["currency", "usual"]].to_numpy().tolist() == [["EUR", 0.0], ["USD", -700.0]]
    assert "Usual flows of EUR: no transactions, so none are added." in report.attrs["notes"]


def test_the_runway_with_usual_flows() -> None:
    """By its documents the cash lasts, with the usual wages it is below zero after week 2."""
    report = cash_forecast(BANKS, INVOICES, BILLS, AS_OF, run_rate=WAGES)
    row = rf.reports.runway(report).iloc[0]
    assert row[["lowest", "lowest_week", "weeks_with_usual"]].tolist() == [1000.0, 0, 2]
    assert row[["lowest_with_usual", "lowest_week_with_usual"]].tolist() == [-8100.0, 13]
    assert pd.isna(row["weeks"])


def test_usual_flows_of_the_demo_are_whole_cents(client: rf.Client) -> None:
    """With the demo's transactions each week has the same usual flow but for a cent, and sums foot."""
    bank = client.connection("roaster-bank")
    ledger = client.connection("roaster-quickbooks")
    banks, moves = (load(bank, progress=False) for load in (rf.load_bank_accounts, rf.load_transactions))
    invoices, bills = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_bills))
    report = cash_forecast(banks, invoices, bills, AS_OF, run_rate=moves)
    plain = cash_forecast(banks, invoices, bills, AS_OF)
    pd.testing.assert_frame_equal(report[plain.columns], plain)
    for _, weeks in report.groupby("currency"):
        cents = [round(usual * 100) for usual in weeks["usual"]]
        assert max(cents) - min(cents) <= 2
        assert [cent / 100 for cent in cents] == weeks["usual"].tolist()
        total = (weeks["closing"] + weeks["usual"].cumsum()).round(4)
        assert total.tolist() == weeks["closing_with_usual"].tolist()
