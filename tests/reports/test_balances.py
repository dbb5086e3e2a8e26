"""Cash at banks and the trial balance: literals, and the books of the demo companies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf

MONEY = ["balance", "overdrawn", "debt"]
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def bank(*accounts: tuple[str, float | None, str]) -> pd.DataFrame:
    """Make bank accounts of an institution, a balance and a currency."""
    return pd.DataFrame(accounts, columns=["institution_name", "balance", "currency"])


def ledger(*accounts: tuple[str | None, float | None, str | None]) -> pd.DataFrame:
    """Make accounts of a type, a balance and a currency."""
    return pd.DataFrame(accounts, columns=["type", "balance", "currency"])


def test_cash_by_currency() -> None:
    """Cash is added up for each currency, and overdrafts once more alone."""
    accounts = bank(("B", 0.1, "USD"), ("A", 0.2, "USD"), ("A", -5.05, "USD"), ("A", 1200.0, "JPY"))
    report = rf.reports.cash_position(accounts)
    assert report.columns.tolist() == ["currency", "accounts", "balance", "overdrawn", "debt"]
    assert report.to_numpy().tolist() == [["JPY", 1, 1200.0, 0.0, 0.0], ["USD", 3, -4.75, -5.05, 0.0]]
    assert report.dtypes.astype(str).tolist() == ["str", "Int64", "float64", "float64", "float64"]


@pytest.mark.parametrize("by", ["institution_name", ["institution_name"], ("institution_name", "currency")])
def test_cash_by_institution(by: Any) -> None:
    """A row for each value of the columns named, by currency first, with what is missing last."""
    accounts = bank(("B", 1.0, "USD"), ("A", 2.0, "USD"), (None, 3.0, "USD"), ("B", 4.0, "EUR"))  # type: ignore[arg-type]
    report = rf.reports.cash_position(accounts, by=by)
    assert report.columns.tolist() == ["institution_name", "currency", "accounts", *MONEY]
    assert report["balance"].tolist() == [4.0, 2.0, 1.0, 3.0]
    assert report["institution_name"].isna().tolist() == [False, False, False, True]


def test_an_account_without_a_balance() -> None:
    """An account without a balance is counted and adds nothing."""
    report = rf.reports.cash_position(bank(("A", None, "USD"), ("A", 2.0, "USD")))
    assert report.to_numpy().tolist() == [["USD", 2, 2.0, 0.0, 0.0]]


@pytest.mark.parametrize("card", [-4_000.0, 4_000.0])
def test_debts_are_no_cash(engine: Engine, rows: Rows, card: float) -> None:
    """10,000 on a checking account beside 4,000 on a card and a loan of 50,000 are 10,000 of cash."""
    accounts = bank(("A", 10_000.0, "USD"), ("A", card, "USD"), ("A", 50_000.0, "USD"))
    accounts = accounts.assign(type=["checking", "credit_card", "loan"])
    assert rows(rf.reports.cash_position(engine(accounts))) == [
        {"currency": "USD", "accounts": 3, "balance": 10_000.0, "overdrawn": 0.0, "debt": 54_000.0}
    ]


@pytest.mark.parametrize(
    "word",
    [
        "credit card",
        "Credit Card",
        "CREDIT_CARD",
        "card",
        "credit_line",
        "Line of Credit",
        "loan",
        "MORTGAGE",
    ],
)
def test_every_spelling_of_a_debt(engine: Engine, rows: Rows, word: str) -> None:
    """Cards, credit lines and loans are debts in any case and spelling, and an overdraft stays cash."""
    accounts = bank(("A", -10.0, "USD"), ("A", -4.5, "USD")).assign(type=["Checking", word])
    assert rows(rf.reports.cash_position(engine(accounts))) == [
        {"currency": "USD", "accounts": 2, "balance": -10.0, "overdrawn": -10.0, "debt": 4.5}
    ]


def test_a_type_that_is_not_known_is_cash() -> None:
    """An account of an unknown type, or of none, is cash, and a note names the word."""
    fetched = "Balances are those of the day the data was fetched."
    accounts = bank(("A", 1.0, "USD"), ("A", 2.0, "USD"), ("A", 4.0, "USD"), ("A", 8.0, "USD"))
    report = rf.reports.cash_position(
        accounts.assign(type=pd.Series(["brokerage", None, "savings", "loan"], dtype="str"))
    )
    assert report[MONEY].to_numpy().tolist() == [[7.0, 0.0, 8.0]]
    assert report.attrs["notes"] == [
        fetched, "Bank accounts of an unknown type or none, taken as cash: 1 'brokerage', 1 without a type."
    ]  # fmt: skip
    known = rf.reports.cash_position(accounts.assign(type="checking"))
    assert known.attrs["notes"] == [fetched]
    assert rf.reports.cash_position(accounts).attrs["notes"] == [
        fetched, "bank_accounts has no column 'type': every account is taken as cash, cards and loans too."
    ]  # fmt: skip


def test_empty_text_is_missing(engine: Engine, rows: Rows) -> None:
    """A currency or a type that is empty text is a missing one, in one row with those, and noted."""
    accounts = bank(("A", 1.0, ""), ("A", 2.0, None), ("A", 4.0, " ")).assign(type="checking")  # type: ignore[arg-type]
    report = rf.reports.cash_position(engine(accounts))
    assert [(row["currency"], row["accounts"], row["balance"]) for row in rows(report)] == [(None, 3, 7.0)]
    nameless = ledger(("", 1.0, "USD"), (None, 2.0, "USD"), ("asset", 4.0, "USD"))
    balance = rf.reports.trial_balance(engine(nameless))
    assert [tuple(row.values())[1:] for row in rows(balance)] == [
        ("asset", "USD", 1, 4.0),
        ("difference", "USD", 1, 4.0),
        (None, "USD", 2, 3.0),
    ]
    if isinstance(report, pd.DataFrame):
        assert report.attrs["notes"][1:] == ["Accounts with empty text as currency, taken as missing: 2."]
        assert balance.attrs["notes"] == [
            "Accounts that belong to no side, shown outside of the difference: 2 without a type.",
            "Accounts with empty text as type, taken as missing: 1.",
        ]


def test_an_id_is_one_of_its_connection(engine: Engine, rows: Rows) -> None:
    """Account "1" of one connection and "1" of another are two rows, each with its connection first."""
    accounts = bank(("A", 1.0, "USD"), ("B", 2.0, "USD"), ("B", 4.0, "USD"))
    accounts = accounts.assign(id=["1", "1", "2"], connection_id=["x", "y", "y"], type="checking")
    got = rows(rf.reports.cash_position(engine(accounts), by="id"))
    assert list(got[0]) == ["connection_id", "id", "currency", "accounts", *MONEY]
    assert [(row["connection_id"], row["id"], row["balance"]) for row in got] == [
        ("x", "1", 1.0),
        ("y", "1", 2.0),
        ("y", "2", 4.0),
    ]
    alone = rows(rf.reports.cash_position(engine(accounts.drop(columns="connection_id")), by="id"))
    assert [(row["connection_id"], row["id"], row["balance"]) for row in alone] == [
        (None, "1", 3.0),
        (None, "2", 4.0),
    ]
    assert "connection_id" not in rows(rf.reports.cash_position(engine(accounts)))[0]
    with pytest.raises(ValueError, match="bank_accounts has no column 'connection_id'"):
        rf.reports.cash_position(accounts.drop(columns="connection_id"), by=["connection_id"])


def test_no_accounts() -> None:
    """Reports of no accounts have the same columns and dtypes as any other."""
    nothing = rf.reports.cash_position(bank(("A", 1.0, "USD")).head(0))
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == rf.reports.cash_position(bank(("A", 1.0, "USD"))).dtypes.to_dict()
    nothing = rf.reports.trial_balance(ledger(("asset", 1.0, "USD")).head(0))
    assert len(nothing) == 0
    something = rf.reports.trial_balance(ledger(("asset", 1.0, "USD")))
    assert nothing.dtypes.to_dict() == something.dtypes.to_dict()


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
    """A currency whose accounts belong to no side has a difference too, of no accounts."""
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


def test_the_demo_cash_is_in_the_books(books: Any) -> None:
    """The cash at the demo companies' banks is what their ledgers say of the accounts of the same name."""
    cash = books.accounts[books.accounts["name"].isin(books.bank_accounts["name"])]
    assert len(cash) == len(books.bank_accounts)
    sums: dict[str, Decimal] = {}
    for balance, currency in zip(cash["balance"], cash["currency"], strict=True):
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(balance))
    report = rf.reports.cash_position(books.bank_accounts)
    got = dict(zip(report["currency"], report["balance"], strict=True))
    assert got == {currency: float(balance) for currency, balance in sums.items()}
    assert rf.reports.tie_out(report, cash)["ok"].all()


def test_what_is_missing_is_listed() -> None:
    """Columns that are missing are listed with those that were there, and what the frame looks like."""
    with pytest.raises(ValueError, match="bank_accounts has no column") as caught:
        rf.reports.cash_position(pd.DataFrame({"platform_id": ["1"], "currency": ["USD"]}), by="city")
    assert str(caught.value) == (
        "bank_accounts has no column 'balance', 'city'; its columns are platform_id, currency. "
        "It looks like accounts (trial_balance takes those)."
    )
    with pytest.raises(ValueError, match=r"accounts has no column 'type'; .*cash_position takes those"):
        rf.reports.trial_balance(bank(("A", 1.0, "USD")))


@pytest.mark.parametrize("report", [rf.reports.cash_position, rf.reports.trial_balance])
def test_more_than_can_be_counted(report: Any) -> None:
    """Balances that 64-bit ticks cannot hold are an error."""
    with pytest.raises(OverflowError, match="balance: absolute amounts of 2,000,000,000,000,000 are more"):
        report(bank(("A", 1e15, "USD"), ("A", -1e15, "USD")).assign(type="asset"))


@pytest.mark.parametrize("report", [rf.reports.cash_position, rf.reports.trial_balance])
def test_a_dict_is_no_frame(report: Any) -> None:
    """A dict instead of a frame is an error that says what can be passed."""
    with pytest.raises(TypeError, match=r"accounts must be a DataFrame \(.*\), not dict"):
        report({"balance": [1.0]})
