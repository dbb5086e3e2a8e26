"""Bank accounts are compared one by one with the accounts of a ledger."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rutterframe.reports.month_end import month_end
from tests.reports.ledgers import DAY, accounts, banks, notes, ties


def test_bank_accounts_are_compared_to_eight_decimals() -> None:
    """A balance that was added up of floats agrees with the one that was written."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 100.1 + 200.2)),
        "accounts": accounts(("ledger", "Main", "asset", "USD", 300.3)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Main", "USD", 300.3, 300.3, True)
    ]


@pytest.mark.parametrize("balance", ["100", "n/a", float("inf")])
def test_balances_of_the_ledger_that_are_not_amounts(balance: Any) -> None:
    """Text and infinite numbers are refused as balances, in words."""
    ledger = accounts(("ledger", "Main", "asset", "USD", 1.0)).astype({"balance": "object"})
    ledger["balance"] = pd.Series([balance], dtype=object if isinstance(balance, str) else "float64")
    frames = {"bank_accounts": banks(("bank", "Main", "checking", "USD", 100.0)), "accounts": ledger}
    with pytest.raises(ValueError, match=r"'balance' holds .*(is not a number|an infinite number)"):
        month_end(["cash"], frames, DAY)


def test_blank_names_do_not_match() -> None:
    """A bank account and a ledger's account that are both named by blanks are not the same."""
    frames = {
        "bank_accounts": banks(("bank", "", "checking", "USD", 1.0), ("bank", "Main", "checking", " ", 2.0)),
        "accounts": accounts(("ledger", "", "asset", "USD", 1.0), ("ledger", "Main", "asset", " ", 2.0)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "no name", "USD", 1.0, None, None), ("bank", "Main", None, 2.0, None, None),
    ]  # fmt: skip


def test_bank_accounts_are_compared_one_by_one() -> None:
    """Two accounts of which one is 10 above the ledger and one 10 below both differ."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 110.0), ("bank", "Savings", "savings", "USD", 40.0),
            ("bank", "Checking", "checking", "EUR", 7.0), ("bank", None, "checking", "USD", 1.0),
            ("bank", "Payroll", "checking", "USD", -3.25),
        ),
        "accounts": accounts(
            ("ledger", "Checking", "asset", "USD", 100.0), ("ledger", "Savings", "asset", "USD", 50.0),
            ("ledger", "Checking", "asset", "GBP", 7.0), ("ledger", None, "asset", "USD", 1.0),
            ("ledger", "Payroll", "Asset", "USD", -3.25),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY, notes=["Seen."])
    assert ties(result) == {
        "Cash to bank accounts": [("bank", "EUR", 7.0, 7.0, True), ("bank", "USD", 147.75, 147.75, True)],
        "Cash to ledger": [
            ("bank", "Checking", "EUR", 7.0, None, None),
            ("bank", "Checking", "USD", 110.0, 100.0, False),
            ("bank", "Payroll", "USD", -3.25, -3.25, True),
            ("bank", "Savings", "USD", 40.0, 50.0, False),
            ("bank", "no name", "USD", 1.0, None, None),
        ],
    }
    why = "the ledger has no asset with the name and currency of the bank account"
    assert notes(result, "Cash to ledger") == [
        "Cash to ledger: DIFFERS in bank Checking USD, bank Savings USD (Checking, Payroll, Savings).",
        f"Cash to ledger: not compared, {why}: bank Checking EUR.",
        "Cash to ledger: not compared, the bank account has no name or no currency: bank no name USD.",
    ]
    assert result.verdict == "2 of 5 totals DIFFER, 3 agree, 2 not compared."
    assert result.reports["Cash"].attrs["notes"][-1] == "Seen."


@pytest.mark.parametrize(
    "ledger",
    [
        accounts(("ledger", "Main", "asset", "USD", 30.0)),
        accounts(("ledger", "Main", "asset", "USD", 10.0), ("other", "Main", "asset", "USD", 20.0)),
    ],
    ids=["two banks", "two ledgers"],
)
def test_bank_accounts_that_could_be_several(ledger: pd.DataFrame) -> None:
    """Accounts of one name and currency in two banks or two ledgers are not compared without businesses."""
    frames = {
        "bank_accounts": banks(
            ("one", "Main", "checking", "USD", 10.0), ("two", "Main", "checking", "USD", 20.0)
        ),
        "accounts": ledger,
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [
        ("one", "Main", "USD", 10.0, None, None), ("two", "Main", "USD", 20.0, None, None),
    ]  # fmt: skip
    why = "several accounts have its name and currency"
    assert notes(result, "Cash to ledger") == [
        f"Cash to ledger: not compared, {why}: one Main USD, two Main USD."
    ]
    assert result.counts == (2, 0, 2)


def test_one_bank_account_and_two_ledgers() -> None:
    """A bank account is not compared if two ledgers have its name, or one ledger has it twice."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Main", "checking", "USD", 10.0), ("qb", "Own", "checking", "USD", 1.0)
        ),
        "accounts": accounts(
            ("qb", "Main", "asset", "USD", 10.0), ("xero", "Main", "asset", "USD", 10.0),
            ("qb", "Own", "asset", "USD", 1.0), ("qb", "Own", "asset", "USD", 1.0),
        ),
    }  # fmt: skip
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Main", "USD", 10.0, None, None), ("qb", "Own", "USD", 1.0, None, None),
    ]  # fmt: skip


def test_a_business_does_not_look_into_the_ledgers_of_others() -> None:
    """A bank account of a business is not compared with a ledger that no business lists."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 10.0)),
        "accounts": accounts(("free", "Main", "asset", "USD", 10.0)),
    }
    result = month_end(["cash"], frames, DAY, businesses={"A": ["bank", "qb"]})
    assert ties(result)["Cash to ledger"] == [("A", "Main", "USD", 10.0, None, None)]
    assert month_end(["cash"], frames, DAY).verdict == "All 2 totals agree."


def test_accounts_of_one_name_in_two_businesses() -> None:
    """With businesses= each bank account is compared with the ledger of its own business."""
    frames = {
        "bank_accounts": banks(
            ("one", "Main", "checking", "USD", 10.0), ("two", "Main", "checking", "USD", 20.0),
            ("three", "Main", "checking", "USD", 30.0), ("two", "Other", "checking", "USD", 4.0),
        ),
        "accounts": accounts(
            ("qb", "Main", "asset", "USD", 10.0), ("xero", "Main", "asset", "USD", 21.0),
            ("sage", "Main", "asset", "USD", 30.0), ("qb", "Other", "asset", "USD", 4.0),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY, businesses={"A": ["one", "qb"], "B": ["two", "xero"]})
    assert ties(result)["Cash to ledger"] == [
        ("A", "Main", "USD", 10.0, 10.0, True),
        ("B", "Main", "USD", 20.0, 21.0, False),
        ("B", "Other", "USD", 4.0, None, None),
        ("three", "Main", "USD", 30.0, 30.0, True),
    ]


def test_a_ledger_that_has_bank_accounts_of_its_own() -> None:
    """A bank account is compared with the ledger of its own connection before that of any other."""
    frames = {
        "bank_accounts": banks(("a", "Main", "checking", "USD", 1.0), ("b", "Main", "checking", "USD", 2.0)),
        "accounts": accounts(("a", "Main", "asset", "USD", 1.0), ("b", "Main", "asset", "USD", 2.5)),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("a", "Main", "USD", 1.0, 1.0, True), ("b", "Main", "USD", 2.0, 2.5, False),
    ]  # fmt: skip


@pytest.mark.parametrize("balance", [-4000.0, 4000.0])
def test_debt_is_compared_with_liabilities(balance: float) -> None:
    """What is owed on a card is compared with the liability of its name, whatever its sign at the bank."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 10_000.0), ("bank", "Card", "credit_card", "USD", balance)
        ),
        "accounts": accounts(
            ("ledger", "Checking", "asset", "USD", 10_000.0), ("ledger", "Card", "liability", "USD", 4000.0),
            ("ledger", "Card", "asset", "USD", 1.0),
        ),
    }  # fmt: skip
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [
        ("bank", "Card", "USD", 4000.0, 4000.0, True), ("bank", "Checking", "USD", 10_000.0, 10_000.0, True),
    ]  # fmt: skip


def test_debt_is_not_in_the_cash_that_is_compared() -> None:
    """The cash position is compared with the accounts that are cash."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 10_000.0), ("bank", "Card", "credit_card", "USD", -4.0)
        ),
        "accounts": accounts(),
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to bank accounts"] == [("bank", "USD", 10_000.0, 10_000.0, True)]


def test_a_debt_that_the_ledger_does_not_have() -> None:
    """A card is not compared with an asset of its name."""
    frames = {
        "bank_accounts": banks(("bank", "Card", "credit_card", "USD", -4.0)),
        "accounts": accounts(("ledger", "Card", "asset", "USD", 4.0)),
    }
    result = month_end(["cash"], frames, DAY)
    assert ties(result)["Cash to ledger"] == [("bank", "Card", "USD", 4.0, None, None)]
    assert "the ledger has no liability with the name" in notes(result, "Cash to ledger")[0]


def test_cash_that_the_ledger_does_not_have() -> None:
    """Where the ledger has none of the bank accounts each is counted as not compared, and nothing differs."""
    frames = {
        "bank_accounts": banks(("bank", "Checking", "checking", "USD", 5.0)),
        "accounts": accounts(("ledger", "Petty cash", "asset", "USD", 5.0)),
    }
    result = month_end(["cash"], frames, DAY)
    assert result.agree
    assert result.verdict == "All 1 totals agree, 1 not compared."


@pytest.mark.parametrize(
    ("names", "types", "source"),
    [
        (["Main 1234"], ["bank"], 100.0),
        (["Main 1234"], ["BANK"], 100.0),
        (["Main 1234"], ["other_current_asset"], None),
        (["Main 1234"], [None], None),
        (["Main 1234", "Payroll"], ["bank", "bank"], None),
        (["Main 1234", "Stock"], ["bank", "other_current_asset"], 100.0),
        (["Main 1234", "Checking"], ["bank", "other_current_asset"], 7.0),
    ],
)
def test_the_only_account_of_a_banks_type(
    names: list[str], types: list[str | None], source: float | None
) -> None:
    """A live ledger's only bank account of a currency is compared where names differ; a name comes first."""
    balances = [100.0, 7.0][: len(names)]
    ledger = accounts(
        *(("ledger", name, "asset", "USD", amount) for name, amount in zip(names, balances, strict=True))
    ).assign(account_type=pd.Series(types, dtype="str"))
    frames = {
        "bank_accounts": banks(("bank", "Checking", "checking", "USD", 100.0)),
        "accounts": ledger,
    }
    ok = None if source is None else source == 100.0
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Checking", "USD", 100.0, source, ok)
    ]


def test_several_bank_accounts_and_one_of_a_banks_type() -> None:
    """Two bank accounts of a currency are not compared with the ledger's only one; a card is with a card."""
    frames = {
        "bank_accounts": banks(
            ("bank", "Checking", "checking", "USD", 60.0),
            ("bank", "Savings", "savings", "USD", 40.0),
            ("bank", "Visa", "credit card", "USD", -5.0),
        ),
        "accounts": accounts(
            ("ledger", "Cash", "asset", "USD", 100.0), ("ledger", "Card", "liability", "USD", 5.0)
        ).assign(account_type=["bank", "credit_card"]),
    }
    assert ties(month_end(["cash"], frames, DAY))["Cash to ledger"] == [
        ("bank", "Checking", "USD", 60.0, None, None),
        ("bank", "Savings", "USD", 40.0, None, None),
        ("bank", "Visa", "USD", 5.0, 5.0, True),
    ]
