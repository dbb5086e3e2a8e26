"""What reports are compared with, where the books are not whole."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.reports.month_end import NEEDED, MonthEnd, Which, month_end, resources_for

BANKS = pd.DataFrame(
    {
        "name": ["Checking", "Savings", "Checking", None],
        "currency": ["USD", "USD", "EUR", "USD"],
        "balance": [100.0, 20.5, 7.0, 1.0],
        "institution_name": ["First", "First", "Second", "Third"],
    }
)


def accounts(*rows: tuple[str | None, str, str, float]) -> pd.DataFrame:
    """Make a ledger of name, type, currency and balance."""
    frame = pd.DataFrame(rows, columns=["name", "type", "currency", "balance"])
    return frame.astype({"name": "str"}).assign(platform_id="1")


def ties(made: MonthEnd) -> dict[str, list[list[object]]]:
    """Give each comparison as rows of currency, report, source and whether they agree."""
    return {
        name: tie[["currency", "report", "source", "ok"]].to_numpy().tolist()
        for name, tie in made.ties.items()
    }


def test_resources_are_listed_once() -> None:
    """What several reports need is loaded once."""
    assert resources_for([Which.CASH, Which.FORECAST]) == ["bank_accounts", "accounts", "invoices", "bills"]
    assert set(NEEDED) == set(Which) - {Which.ALL}


def test_cash_that_the_ledger_knows_in_part() -> None:
    """Only bank accounts that the ledger has by name and currency are compared; the others are named."""
    ledger = accounts(
        ("Checking", "asset", "USD", 90.0),
        ("Savings", "liability", "USD", 20.5),
        ("Checking", "asset", "GBP", 7.0),
        (None, "asset", "USD", 1.0),
    )
    frames = {"bank_accounts": BANKS, "accounts": ledger}
    made = month_end([Which.CASH], frames, "2026-06-30", notes=["Seen."])
    assert ties(made) == {
        "Cash to bank accounts": [["EUR", 7.0, 7.0, True], ["USD", 121.5, 121.5, True]],
        "Cash to ledger": [["USD", 100.0, 90.0, False]],
    }
    how, without = made.ties["Cash to ledger"].attrs["notes"]
    assert how == "Cash to ledger: DIFFERS in USD (Checking)."
    assert without == (
        "Cash to ledger: without Checking (EUR), Savings (USD), none (USD): "
        "there are no assets there with the name and currency of a bank account."
    )
    assert not made.agree
    assert made.verdict == "1 of 3 totals DIFFER."
    assert made.reports["Cash"].attrs["notes"][-1] == "Seen."


def test_cash_that_the_ledger_does_not_know() -> None:
    """Where the ledger has none of the bank accounts, nothing is compared with it, and nothing differs."""
    frames = {"bank_accounts": BANKS, "accounts": accounts(("Petty cash", "asset", "USD", 5.0))}
    made = month_end([Which.CASH], frames, "2026-06-30")
    assert list(made.ties) == ["Cash to bank accounts"]
    assert made.agree
    assert made.verdict == "All 2 totals agree."


def test_nothing_to_compare() -> None:
    """Where nothing could be compared, the verdict does not say that it agrees."""
    invoices = pd.DataFrame(
        {
            "id": ["1"], "customer_id": ["c"], "status": ["open"], "amount_due": [1.0], "currency": ["USD"],
            "due_date": pd.to_datetime(["2026-06-01"]),
        }
    )  # fmt: skip
    frames = {"invoices": invoices, "accounts": accounts((None, "asset", "USD", 1.0))}
    made = month_end([Which.AGING], frames, "2026-06-30")
    assert made.tie_outs() == []
    assert made.verdict == "Nothing was compared with its source."
    assert made.reports["Aging"].attrs["notes"][-1] == (
        "Receivables to ledger: not compared, since there are no accounts there named Accounts Receivable."
    )


def test_revenue_ends_with_the_day() -> None:
    """Orders of a later day are not in the revenue as of a day; those without a date are."""
    moments: list[Any] = ["2026-06-30T23:59:59.999999Z", "2026-07-01T00:00:00Z", None, "2024-02-29T12:00:00Z"]
    orders = pd.DataFrame(
        {
            "connection_id": "s", "id": ["1", "2", "3", "4"], "status": ["fulfilled"] * 3 + ["cancelled"],
            "currency": "USD", "total_price": [1.0, 2.0, 4.0, 8.0],
            "created_at": pd.to_datetime(moments, utc=True, format="ISO8601"), "line_items": [[], [], [], []],
        }
    )  # fmt: skip
    products = pd.DataFrame({"connection_id": ["s"], "id": ["p"], "title": ["Pea"]})
    made = month_end([Which.REVENUE], {"orders": orders, "products": products}, "2026-06-30")
    assert made.reports["Revenue"]["revenue"].tolist() == [5.0]
    assert ties(made) == {"Revenue to orders": [["USD", 5.0, 5.0, True]]}
