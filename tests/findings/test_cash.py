"""Findings on cash: overdrafts, how it changed, and how low it gets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

import rutterframe as rf
from rutterframe.findings.cash import changes, lows, outflows, overdrawn

BANKS = pd.DataFrame(
    {
        "id": ["1", "2", "3"],
        "name": ["Tills", "Main", None],
        "institution_name": ["Harbour Bank", None, None],
        "currency": ["EUR", "EUR", None],
        "balance": [-5.0, 100.0, -0.5],
    }
)


def test_overdrawn_accounts() -> None:
    """Each overdrawn account is named, with its bank where that is known."""
    result = overdrawn(BANKS)
    assert result.sentences == [
        "Tills at Harbour Bank: 5.00 EUR overdrawn.",
        "3: 0.50 without a currency overdrawn.",
    ]
    assert dict(result[0].values) == {"account": "Tills", "overdrawn": Decimal("5.0")}
    assert overdrawn(BANKS.iloc[[1]]).sentences == ["No account is overdrawn."]


def test_changes_of_90_days() -> None:
    """A currency that is known for 90 days is compared with its balance then; another one is left out."""
    days = pd.to_datetime(["2026-01-05", "2026-06-30", "2026-06-20"])
    moves = pd.DataFrame(
        {
            "account_id": ["1", "1", "2"],
            "currency": ["EUR", "EUR", "USD"],
            "amount": [10.0, -4.0, 3.0],
            "date": days,
        }
    )
    banks = pd.DataFrame({"id": ["1", "2"], "currency": ["EUR", "USD"], "balance": [6.0, 3.0]})
    history = rf.reports.cash_history(banks, moves, as_of="2026-06-30")
    assert changes(history, "2026-06-30").sentences == ["EUR: down 4.00 EUR in 90 days, to 6.00 EUR."]
    assert changes(history, "2026-04-01").sentences == []
    up = rf.reports.cash_history(banks, moves.assign(amount=[1.0, 4.0, 3.0]), as_of="2026-06-30")
    assert changes(up, "2026-06-30").sentences == ["EUR: up 4.00 EUR in 90 days, to 6.00 EUR."]
    same = rf.reports.cash_history(banks, moves.assign(amount=[1.0, 0.0, 3.0]), as_of="2026-06-30")
    assert changes(same, "2026-06-30").sentences == ["EUR: the same in 90 days, with 6.00 EUR."]


def runway_of(**more: Any) -> pd.DataFrame:
    """The runway of two currencies: one never falls below zero."""
    report = pd.DataFrame(
        {
            "currency": ["EUR", None],
            "opening": [10.0, 0.0],
            "lowest": [10.0, -2.5],
            "lowest_week": pd.array([0, 2], dtype="Int64"),
            "weeks": pd.array([None, 2], dtype="Int64"),
        }
    ).assign(**more)
    report.attrs = {"report": "runway", "notes": [], "sources": [], "weeks": {"EUR": 13, "": 13}}
    return report


def test_lows() -> None:
    """The lowest balance is stated with its week, and the week in which the cash falls below zero."""
    result = lows(runway_of())
    assert result.sentences == [
        "10.00 EUR today; of what is invoiced, it is not lower than today in 13 weeks.",
        (
            "0.00 without a currency today; of what is invoiced, it is lowest with -2.50 without a currency "
            "at the end of week 2, and below zero from week 2."
        ),
    ]
    assert dict(result[1].values) == {
        "opening": Decimal("0.0"), "forecast_weeks": 13, "lowest": Decimal("-2.5"), "lowest_week": 2,
        "weeks": 2,
    }  # fmt: skip


def test_lows_with_the_usual_flows() -> None:
    """A forecast with usual flows has both; a runway from a file does not know of how many weeks it is."""
    usual = runway_of(
        lowest_with_usual=[-1.25, -9.0],
        lowest_week_with_usual=pd.array([4, 0], dtype="Int64"),
        weeks_with_usual=pd.array([3, 0], dtype="Int64"),
    )
    first, second = lows(usual).sentences
    assert first == (
        "10.00 EUR today; of what is invoiced, it is not lower than today in 13 weeks; if the usual flows go "
        "on, it is lowest with -1.25 EUR at the end of week 4, and below zero from week 3."
    )
    assert second.endswith(
        "; if the usual flows go on, it is below zero, and not lower than today in 13 weeks."
    )
    same = runway_of(
        lowest_with_usual=[10.0, -2.5], lowest_week_with_usual=[0, 2], weeks_with_usual=[None, 2]
    )
    assert [each.endswith("; if the usual flows go on, the same.") for each in lows(same).sentences] == [
        True, True,
    ]  # fmt: skip
    usual.attrs = {}
    assert lows(usual)[0].sentence.startswith(
        "10.00 EUR today; of what is invoiced, it is not lower than today; if the usual"
    )


def test_a_low_above_zero() -> None:
    """A lowest balance of a week that is not below zero states for how many weeks that is known."""
    report = runway_of(lowest=[4.0, 0.0], lowest_week=[3, 1], weeks=pd.array([None, None], dtype="Int64"))
    assert lows(report)[0].sentence == (
        "10.00 EUR today; of what is invoiced, it is lowest with 4.00 EUR at the end of week 3, and not "
        "below zero in 13 weeks."
    )
    debt = runway_of(opening=[-1.0, 0.0], lowest=[-4.0, 0.0], lowest_week=[3, 1], weeks=[0, None])
    assert lows(debt)[0].sentence.endswith("at the end of week 3, and below zero today.")


def test_usual_outflows() -> None:
    """A third of what went out in 90 days is stated, beside what the forecast knows of as many weeks."""
    days = pd.to_datetime(["2026-01-05", "2026-05-01", "2026-06-30"])
    moves = pd.DataFrame(
        {"account_id": "1", "currency": "EUR", "amount": [100.0, -50.0, -40.0], "date": days}
    )
    banks = pd.DataFrame({"id": ["1"], "currency": ["EUR"], "balance": [10.0]})
    bills = pd.DataFrame(
        {"id": ["1"], "vendor_id": "v", "status": "open", "currency": "EUR", "amount_due": [45.5],
         "due_date": ["2026-07-01"]}
    )  # fmt: skip
    invoices = bills.head(0).rename(columns={"vendor_id": "customer_id"})
    history = rf.reports.cash_history(banks, moves, as_of="2026-06-30")
    forecast = rf.reports.cash_forecast(banks, invoices, bills, "2026-06-30")
    (result,) = outflows(history, forecast, "2026-06-30")
    assert result.sentence == (
        "30.00 EUR a month went out in the last 90 days; the 13 weeks ahead have 45.50 EUR in all, 50% of "
        "that pace."
    )
    assert dict(result.values) == {
        "monthly": Decimal(30), "payments": Decimal("45.5"), "forecast_weeks": 13, "share": 0.5
    }  # fmt: skip
    short = history[history["date"] > "2026-04-30"]
    assert outflows(short, forecast, "2026-06-30").sentences == []
