"""The trial balance: literals, and the books of the demo companies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def ledger(*accounts: tuple[str | None, float | None, str | None]) -> pd.DataFrame:
    """Create accounts of a type, a balance and a currency."""
    return pd.DataFrame(accounts, columns=["type", "balance", "currency"])


def test_books_that_balance() -> None:
    """Assets and expenses stand against liabilities, equity and revenue; nothing is left."""
    accounts = ledger(
        ("asset", 100.1, "USD"),
        ("asset", 0.2, "USD"),
        ("expense", 30.0, "USD"),
        ("liability", 40.3, "USD"),
        ("equity", 50.0, "USD"),
        ("revenue", 40.0, "USD"),
    )
    report = rf.reports.trial_balance(accounts)
    assert report.columns.tolist() == ["connection_id", "type", "currency", "accounts", "balance"]
    assert report.dtypes.astype(str).tolist() == ["str", "str", "str", "Int64", "float64"]
    assert report["connection_id"].isna().all()
    assert report.drop(columns="connection_id").to_numpy().tolist() == [
        ["asset", "USD", 2, 100.3],
        ["difference", "USD", 6, 0.0],
        ["equity", "USD", 1, 50.0],
        ["expense", "USD", 1, 30.0],
        ["liability", "USD", 1, 40.3],
        ["revenue", "USD", 1, 40.0],
    ]


def test_books_that_do_not_balance() -> None:
    """What is left is the difference, for each currency, to the last tick."""
    accounts = ledger(
        ("asset", 10.0001, "USD"),
        ("liability", 10.0, "USD"),
        ("asset", 5.0, "EUR"),
        ("equity", 7.0, "EUR"),
        ("revenue", None, "EUR"),
    )
    report = rf.reports.trial_balance(accounts)
    assert report.loc[report["type"] == "difference", "type":].to_numpy().tolist() == [
        ["difference", "EUR", 3, -2.0],
        ["difference", "USD", 2, 0.0001],
    ]


def test_types_of_live_systems(engine: Engine, rows: Rows) -> None:
    """Income stands with revenue, cost of goods sold with expense, whatever the case; memo is outside."""
    accounts = ledger(
        ("Asset", 60.0, "USD"),
        ("asset", 40.0, "USD"),
        ("liability", 30.0, "USD"),
        ("income", 100.0, "USD"),
        ("Cost of Goods Sold", 25.0, "USD"),
        ("cost_of_goods_sold", 5.0, "USD"),
        ("memo", 7.0, "USD"),
    )
    assert [tuple(row.values())[1:] for row in rows(rf.reports.trial_balance(engine(accounts)))] == [
        ("asset", "USD", 2, 100.0),
        ("cost_of_goods_sold", "USD", 2, 30.0),
        ("difference", "USD", 6, 0.0),
        ("income", "USD", 1, 100.0),
        ("liability", "USD", 1, 30.0),
        ("memo", "USD", 1, 7.0),
    ]


def test_each_ledger_balances_by_itself(engine: Engine, rows: Rows) -> None:
    """A ledger with 1 too much and one with 1 too little both differ, in rows of their own."""
    accounts = ledger(
        ("asset", 6.0, "USD"), ("equity", 5.0, "USD"), ("asset", 5.0, "USD"), ("equity", 6.0, "USD")
    )
    accounts = accounts.assign(connection_id=["x", "x", "y", "y"])
    assert [tuple(row.values()) for row in rows(rf.reports.trial_balance(engine(accounts)))] == [
        ("x", "asset", "USD", 1, 6.0),
        ("x", "difference", "USD", 2, 1.0),
        ("x", "equity", "USD", 1, 5.0),
        ("y", "asset", "USD", 1, 5.0),
        ("y", "difference", "USD", 2, -1.0),
        ("y", "equity", "USD", 1, 6.0),
    ]


def test_there_is_always_a_difference(engine: Engine, rows: Rows) -> None:
    """A currency with accounts that belong to no side has a difference too, of no accounts."""
    accounts = ledger(("memo", 7.0, "EUR"), ("asset", 1.0, "USD"))
    assert [tuple(row.values())[1:] for row in rows(rf.reports.trial_balance(engine(accounts)))] == [
        ("difference", "EUR", 0, 0.0),
        ("memo", "EUR", 1, 7.0),
        ("asset", "USD", 1, 1.0),
        ("difference", "USD", 1, 1.0),
    ]


def test_types_that_belong_to_no_side_are_noted() -> None:
    """A note counts the accounts outside of the difference by their types; without such there is none."""
    accounts = ledger(("Memo", 7.0, "USD"), ("memo", 1.0, "USD"), (None, 9.0, "USD"), ("asset", 1.0, "USD"))
    assert rf.reports.trial_balance(accounts).attrs["notes"] == [
        "Accounts that belong to no side, shown outside of the difference: 2 memo, 1 without a type."
    ]
    assert rf.reports.trial_balance(accounts.tail(1)).attrs["notes"] == []


def test_accounts_without_a_balance_are_noted() -> None:
    """A balance that is missing counts as zero, and a note has how many are."""
    report = rf.reports.trial_balance(ledger(("asset", None, "USD"), ("liability", 0.0, "USD")))
    assert report.attrs["notes"] == ["Accounts without a balance, counted as zero: 1."]


def test_accounts_of_an_unknown_type() -> None:
    """Accounts of another type, or of none, have a row of their own, outside of the difference."""
    accounts = ledger(("asset", 5.0, "USD"), ("memo", 7.0, "USD"), (None, 9.0, "USD"), ("asset", 1.0, None))
    report = rf.reports.trial_balance(accounts)
    assert report.loc[:, "type":].fillna({"type": "none", "currency": "none"}).to_numpy().tolist() == [
        ["asset", "USD", 1, 5.0],
        ["difference", "USD", 1, 5.0],
        ["memo", "USD", 1, 7.0],
        ["none", "USD", 1, 9.0],
        ["asset", "none", 1, 1.0],
        ["difference", "none", 1, 1.0],
    ]


def test_empty_text_is_missing(engine: Engine, rows: Rows) -> None:
    """A type that is empty text is a missing one, in one row with those, and noted."""
    accounts = ledger(("", 1.0, "USD"), (None, 2.0, "USD"), ("asset", 4.0, "USD"))
    balance = rf.reports.trial_balance(engine(accounts))
    assert [tuple(row.values())[1:] for row in rows(balance)] == [
        ("asset", "USD", 1, 4.0),
        ("difference", "USD", 1, 4.0),
        (None, "USD", 2, 3.0),
    ]
    if isinstance(balance, pd.DataFrame):
        assert balance.attrs["notes"] == [
            "Accounts that belong to no side, shown outside of the difference: 2 without a type.",
            "Accounts with empty text as type, taken as missing: 1.",
        ]


def test_no_accounts() -> None:
    """The trial balance of no accounts has the same columns and dtypes as any other."""
    nothing = rf.reports.trial_balance(ledger(("asset", 1.0, "USD")).head(0))
    assert len(nothing) == 0
    something = rf.reports.trial_balance(ledger(("asset", 1.0, "USD")))
    assert nothing.dtypes.to_dict() == something.dtypes.to_dict()


def test_the_demo_books_balance(books: Any) -> None:
    """The books of the demo companies balance in every currency, and each type is the sum of its accounts."""
    report = rf.reports.trial_balance(books.accounts)
    differences = report[report["type"] == "difference"]
    assert differences["currency"].tolist() == sorted(books.accounts["currency"].unique())
    assert differences["balance"].tolist() == [0.0] * len(differences)
    sums = books.accounts.assign(balance=[Decimal(str(balance)) for balance in books.accounts["balance"]])
    wanted = sums.groupby(["type", "currency"])["balance"].sum().to_dict()
    got = report[report["type"] != "difference"].set_index(["type", "currency"])["balance"].to_dict()
    assert got == {key: float(balance) for key, balance in wanted.items()}


def test_missing_columns_are_listed() -> None:
    """A column that is missing is named, and bank accounts are recognised as such."""
    banks = pd.DataFrame({"institution_name": ["A"], "balance": [1.0], "currency": ["USD"]})
    with pytest.raises(ValueError, match=r"accounts has no column 'type'; .*cash_position takes those"):
        rf.reports.trial_balance(banks)


def test_more_than_can_be_counted() -> None:
    """Balances that 64-bit ticks cannot hold are an error."""
    with pytest.raises(OverflowError, match="balance: absolute amounts of 2,000,000,000,000,000 are more"):
        rf.reports.trial_balance(ledger(("asset", 1e15, "USD"), ("asset", -1e15, "USD")))


def test_a_dict_is_refused() -> None:
    """A dict instead of a frame is an error that says what can be passed."""
    with pytest.raises(TypeError, match=r"accounts must be a DataFrame \(.*\), not dict"):
        rf.reports.trial_balance({"balance": [1.0]})
