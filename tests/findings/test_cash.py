"""Findings on cash: overdrafts, how it changed, and how low it gets."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

import rutterframe as rf
from rutterframe.findings.cash import changes, lows, overdrawn

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


def test_lows() -> None:
    """The lowest balance is stated with its week, and with the usual flows where they are known."""
    runway = pd.DataFrame(
        {
            "currency": ["EUR", None],
            "opening": [10.0, 0.0],
            "lowest": [10.0, -2.5],
            "lowest_week": pd.array([0, 2], dtype="Int64"),
            "weeks": pd.array([None, 2], dtype="Int64"),
        }
    )
    assert lows(runway).sentences == [
        "10.00 EUR today; of what is invoiced, the lowest of 13 weeks is 10.00 EUR, today.",
        (
            "0.00 without a currency today; of what is invoiced, the lowest of 13 weeks is -2.50 without a "
            "currency, at the end of week 2."
        ),
    ]
    usual = runway.assign(lowest_with_usual=[1.25, -9.0])
    assert lows(usual)[0].sentence.endswith("10.00 EUR, today; if the usual flows go on, 1.25 EUR.")
