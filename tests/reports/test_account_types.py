"""Which types of bank accounts are debts, and on which side of the ledger a type is, in any spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rutterframe.reports.account_types import filter_cash, is_cash, is_debt, normalize_type, side_of


@pytest.mark.parametrize(
    "word",
    [
        "credit_card", "credit card", "Credit Card", "CREDIT-CARD", "creditCard", "CREDITCARD",
        "Credit Cards", "card", "Corporate card", "charge", "credit", "credit_line", "line_of_credit",
        "Line of Credit",
        "LINEOFCREDIT", "commercial_line_of_credit", "home_line_of_credit", "heloc", "home_equity", "loan",
        "Loans", "Loan account", "bank loan", "TermLoan", "businessloan", "mortgage", "MORTGAGE", "overdraft",
        "revolving", "student", "prepaid credit card",
    ],
)  # fmt: skip
def test_debts(word: str) -> None:
    """Cards, credit lines and loans are debts in any case and spelling."""
    assert is_debt(word)
    assert not is_cash(word)


@pytest.mark.parametrize(
    "word",
    [
        "checking", "Checking", "savings", "SAVINGS", "money_market", "Money Market", "cash_management",
        "bank", "checking_or_savings", "certificate_of_deposit", "debit_card", "Debit Card", "prepaid card",
        "paypal",
        "PayPal", "depository", "current account", "Credit union savings",
    ],
)  # fmt: skip
def test_cash(word: str) -> None:
    """Accounts that hold money are cash, also those with a card or a bank named after credit."""
    assert is_cash(word)
    assert not is_debt(word)


@pytest.mark.parametrize(
    "word", ["brokerage", "business", "other", "limited_liability_account", "401_k", "?", ""]
)
def test_neither(word: str) -> None:
    """What is not known is neither."""
    assert not is_cash(word)
    assert not is_debt(word)


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (
            1,
            "asset Asset ASSETS bank accounts_receivable fixed_asset other_asset other_current_asset expense",
        ),
        (1, "other_expense cost_of_goods_sold CostOfGoodsSold COGS cost_of_sales"),
        (
            -1,
            "liability Liabilities accounts_payable credit_card other_current_liability long_term_liability",
        ),
        (-1, "equity EQUITY revenue Revenue income INCOME other_income sales"),
        (0, "memo non_posting unknown statistical odd ?"),
    ],
)
def test_sides(side: int, words: str) -> None:
    """Every word of the API for a type of account has the side of the ledger that an accountant expects."""
    assert {word: side_of(word) for word in words.split()} == dict.fromkeys(words.split(), side)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("Cost of Goods Sold", "cost_of_goods_sold"),
        ("costOfGoodsSold", "cost_of_goods_sold"),
        ("ASSET", "asset"),
        ("other-income", "other_income"),
        ("401_k", "401_k"),
        ("Über", "über"),
        ("?", "?"),
        ("", ""),
    ],
)
def test_one_spelling(word: str, written: str) -> None:
    """A type has one spelling: lower case, words joined by underscores."""
    assert normalize_type(word) == written


def test_the_accounts_that_hold_cash() -> None:
    """Cards and loans are left out; any other account and one without a type stay, and so do attrs."""
    banks = pd.DataFrame({"id": list("abcd"), "type": ["checking", "Credit card", None, "odd"]})
    banks.attrs["receipt"] = {"complete": True}
    cash: Any = filter_cash(banks)
    assert cash["id"].tolist() == ["a", "c", "d"]
    assert cash.attrs == banks.attrs
    assert filter_cash(banks.drop(columns="type"))["id"].tolist() == list("abcd")


def test_no_debts_on_any_engine(engine: Callable[[pd.DataFrame], Any], rows: Callable[[Any], Any]) -> None:
    """Where no account is a debt all are kept, on every engine; where all are, none."""
    banks = pd.DataFrame({"id": ["a", "b"], "type": ["checking", None]})
    assert [row["id"] for row in rows(filter_cash(engine(banks)))] == ["a", "b"]
    assert rows(filter_cash(engine(banks.assign(type="loan")))) == []
