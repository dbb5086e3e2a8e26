"""Cash at banks: literals, and the bank accounts of the demo companies."""

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
    """Create bank accounts of an institution, a balance and a currency."""
    return pd.DataFrame(accounts, columns=["institution_name", "balance", "currency"])


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


def test_a_balance_that_is_missing_is_noted() -> None:
    """An account without a balance counts as zero, and a note has how many there are."""
    report = rf.reports.cash_position(bank(("A", None, "USD"), ("A", 2.0, "USD")).assign(type="checking"))
    assert report["balance"].tolist() == [2.0]
    assert "Bank accounts without a balance, counted as zero: 1." in report.attrs["notes"]


@pytest.mark.parametrize("kind", ["loan", "Credit"])
@pytest.mark.parametrize("word", ["commercial", "paypal", "business", "other", None])
def test_the_kind_makes_an_account_a_debt(engine: Engine, rows: Rows, kind: str, word: str | None) -> None:
    """A live loan or credit is a debt, whatever its type names: what the loan is for, or nothing."""
    accounts = pd.DataFrame(
        {
            "balance": [50.0, 5000.0],
            "currency": "USD",
            "type": ["checking", word],
            "kind": ["depository", kind],
        }
    )
    report = rf.reports.cash_position(engine(accounts))
    assert [tuple(row[name] for name in MONEY) for row in rows(report)] == [(50.0, 0.0, 5000.0)]


def test_a_kind_is_a_type_that_is_known() -> None:
    """A live account that takes deposits holds cash without a note, whatever its type is."""
    accounts = pd.DataFrame({"balance": [50.0], "currency": "USD", "type": ["ebt"], "kind": ["depository"]})
    for each in (accounts, accounts.drop(columns="type")):
        notes = rf.reports.cash_position(each).attrs["notes"]
        assert notes == ["Balances are those of the day the data was fetched."]


@pytest.mark.parametrize("card", [-4_000.0, 4_000.0])
def test_debts_are_not_cash(engine: Engine, rows: Rows, card: float) -> None:
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
    """A currency that is empty text is a missing one, in one row with those, and noted."""
    accounts = bank(("A", 1.0, ""), ("A", 2.0, None), ("A", 4.0, " ")).assign(type="checking")  # type: ignore[arg-type]
    report = rf.reports.cash_position(engine(accounts))
    assert [(row["currency"], row["accounts"], row["balance"]) for row in rows(report)] == [(None, 3, 7.0)]
    if isinstance(report, pd.DataFrame):
        assert report.attrs["notes"][1:] == ["Accounts with empty text as currency, taken as missing: 2."]


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
    """The cash of no accounts has the same columns and dtypes as any other."""
    nothing = rf.reports.cash_position(bank(("A", 1.0, "USD")).head(0))
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == rf.reports.cash_position(bank(("A", 1.0, "USD"))).dtypes.to_dict()


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


def test_missing_columns_are_listed() -> None:
    """Columns that are missing are listed with those that were there, and what the frame looks like."""
    with pytest.raises(ValueError, match="bank_accounts has no column") as caught:
        rf.reports.cash_position(pd.DataFrame({"platform_id": ["1"], "currency": ["USD"]}), by="city")
    assert str(caught.value) == (
        "bank_accounts has no column 'balance', 'city'; its columns are platform_id, currency. "
        "It looks like accounts (trial_balance takes those)."
    )


def test_more_than_can_be_counted() -> None:
    """Balances that 64-bit ticks cannot hold are an error."""
    with pytest.raises(OverflowError, match="balance: absolute amounts of 2,000,000,000,000,000 are more"):
        rf.reports.cash_position(bank(("A", 1e15, "USD"), ("A", -1e15, "USD")).assign(type="checking"))


def test_a_dict_is_refused() -> None:
    """A dict instead of a frame is an error that says what can be passed."""
    with pytest.raises(TypeError, match=r"accounts must be a DataFrame \(.*\), not dict"):
        rf.reports.cash_position({"balance": [1.0]})


def test_live_accounts_are_debts_by_their_kind(engine: Any, rows: Any) -> None:
    """A live bank account of kind credit or loan is a debt, whatever its type is, or without one."""
    banks = pd.DataFrame(
        {
            "currency": "USD",
            "balance": [100.0, 40.0, 7.0, 5.0],
            "type": ["checking", "paypal", None, "credit card"],
            "kind": ["depository", "CREDIT", "loan", None],
        }
    )
    report = rf.reports.cash_position(engine(banks))
    (row,) = rows(report)
    assert (row["accounts"], row["balance"], row["debt"]) == (4, 100.0, 52.0)
    without_types = engine(banks.drop(columns="type"))
    (row,) = rows(rf.reports.cash_position(without_types))
    assert (row["balance"], row["debt"]) == (105.0, 47.0)
    if isinstance(report, pd.DataFrame):
        assert not any("unknown type" in note for note in report.attrs["notes"])
