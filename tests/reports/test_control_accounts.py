"""Agings are compared with the control accounts of their ledger, connection by connection."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rutterframe.reports.month_end import month_end
from tests.reports.ledgers import DAY, accounts, documents, notes, ties
from tests.reports.live_frames import live_credit_memos, live_documents


@pytest.mark.parametrize(
    ("which", "resource", "party", "control", "kind", "name"),
    [
        ("aging", "invoices", "customer_id", "Accounts Receivable", "asset", "Receivables to ledger"),
        ("payables", "bills", "vendor_id", "Accounts Payable", "liability", "Payables to ledger"),
    ],
)
def test_differences_of_two_connections_do_not_cancel_out(
    which: str, resource: str, party: str, control: str, kind: str, name: str
) -> None:
    """A ledger that is 100 above its documents and one that is 100 below them both differ."""
    frames = {
        resource: documents(("roaster", "a", "USD", 1000.0), ("gear", "a", "USD", 900.0), party=party),
        "accounts": accounts(
            ("roaster", control, kind, "USD", 1100.0), ("gear", control, kind, "USD", 800.0)
        ),
    }
    result = month_end([which], frames, DAY)
    assert ties(result) == {
        name: [("gear", "USD", 900.0, 800.0, False), ("roaster", "USD", 1000.0, 1100.0, False)]
    }
    assert not result.agree
    assert result.counts == (0, 2, 0)
    assert result.verdict == "2 of 2 totals DIFFER, 0 agree."
    assert notes(result, name) == [f"{name}: DIFFERS in gear USD, roaster USD ({control})."]


def test_several_control_accounts_of_a_currency_are_added_up() -> None:
    """A ledger with two control accounts in a currency is compared with their sum, and both are named."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 60.0), ("qb", "b", "USD", 40.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 70.0),
            ("qb", "Accounts Receivable - old", "asset", "USD", 30.0),
            ("qb", "Accounts Receivable (EUR)", "asset", "EUR", 0.0),
            ("qb", "Sales", "revenue", "USD", 5.0),
        ),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"] == [
        ("qb", "EUR", 0.0, 0.0, True), ("qb", "USD", 100.0, 100.0, True),
    ]  # fmt: skip
    named = "Accounts Receivable, Accounts Receivable (EUR), Accounts Receivable - old"
    assert notes(result, "Receivables to ledger") == [f"Receivables to ledger: agrees ({named})."]


def test_a_connection_without_a_control_account_is_not_compared() -> None:
    """Invoices of a connection without a control account neither agree nor differ, and are counted apart."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 10.0), ("shop", "a", "USD", 7.0)),
        "accounts": accounts(("qb", "Accounts Receivable", "asset", "USD", 10.0)),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"] == [
        ("qb", "USD", 10.0, 10.0, True), ("shop", "USD", 7.0, None, None),
    ]  # fmt: skip
    assert result.agree
    assert (result.counts, result.verdict) == ((1, 0, 1), "All 1 totals agree, 1 not compared.")
    missing = (
        "Receivables to ledger: not compared for shop, since there are no accounts there named "
        "Accounts Receivable."
    )
    assert result.outcome == [result.verdict, missing]


def test_a_business_is_compared_as_one() -> None:
    """With businesses= the invoices of a shop are compared with the ledger of its business."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 10.0), ("shop", "a", "USD", 7.0), ("xero", "a", "USD", 1.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 17.0),
            ("xero", "Accounts Receivable", "asset", "USD", 2.0),
        ),
    }
    result = month_end(["aging"], frames, DAY, businesses={"Roaster": ["qb", "shop"]})
    assert ties(result)["Receivables to ledger"] == [
        ("Roaster", "USD", 17.0, 17.0, True), ("xero", "USD", 1.0, 2.0, False),
    ]  # fmt: skip
    assert result.verdict == "1 of 2 totals DIFFER, 1 agrees."
    with pytest.raises(ValueError, match="'qb' in 'A' and in 'B'"):
        month_end(["aging"], frames, DAY, businesses={"A": ["qb"], "B": ["qb"]})


@pytest.mark.parametrize(
    ("resource", "receipt", "why"),
    [
        (
            "invoices",
            {"connections": ["qb"], "errors": {"qb": "HTTP 403"}, "not_offered": []},
            "not all of its invoices could be read",
        ),
        (
            "invoices",
            {"connections": ["qb"], "errors": {}, "not_offered": ["qb"]},
            "its platform has no invoices",
        ),
        (
            "accounts",
            {"connections": ["qb"], "errors": {"qb": "HTTP 500"}, "not_offered": []},
            "not all of its accounts could be read",
        ),
    ],
)
def test_a_list_that_failed_is_not_compared(resource: str, receipt: dict[str, Any], why: str) -> None:
    """A ledger with invoices or accounts that could not be read is not compared."""
    frames = {
        "invoices": documents(("xero", "a", "USD", 5.0)),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", 10.0),
            ("xero", "Accounts Receivable", "asset", "USD", 5.0),
        ),
    }
    frames[resource].attrs["receipt"] = receipt
    result = month_end(["aging"], frames, DAY)
    assert ties(result)["Receivables to ledger"][0][-1] is None
    assert ties(result)["Receivables to ledger"][1] == ("xero", "USD", 5.0, 5.0, True)
    assert notes(result, "Receivables to ledger")[1:] == [
        f"Receivables to ledger: not compared for qb, since {why}."
    ]
    assert result.counts == (1, 0, 1)


def test_a_business_with_a_shop_without_invoices_is_compared() -> None:
    """A business is compared where one of its connections has documents and another has none to offer."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 5.0)),
        "accounts": accounts(("qb", "Accounts Receivable", "asset", "USD", 5.0)),
    }
    frames["invoices"].attrs["receipt"] = {"connections": ["qb", "shop"], "not_offered": ["shop"]}
    result = month_end(["aging"], frames, DAY, businesses={"Roaster": ["qb", "shop"]})
    assert ties(result) == {"Receivables to ledger": [("Roaster", "USD", 5.0, 5.0, True)]}


def test_documents_without_a_connection_beside_one() -> None:
    """Documents without a connection do not make up for those of the only connection."""
    frames = {
        "invoices": documents(("x", "a", "USD", 100.0), (None, "a", "USD", -100.0)),
        "accounts": accounts((None, "Accounts Receivable", "asset", "USD", 0.0)).drop(
            columns="connection_id"
        ),
    }
    result = month_end(["aging"], frames, DAY)
    assert ties(result) == {"Receivables to ledger": [(None, "USD", 0.0, 0.0, None)]}
    assert result.outcome[1].startswith("Receivables to ledger: not compared: report has 1 value of conn")


@pytest.mark.parametrize(
    ("which", "control", "side"),
    [("aging", "Accounts Receivable", "asset"), ("payables", "Accounts Payable", "liability")],
)
def test_control_accounts_have_a_type(which: str, control: str, side: str) -> None:
    """Receivables are compared with assets and payables with liabilities, and an unknown type is named."""
    other = "asset" if side == "liability" else "liability"
    resource, party = ("invoices", "customer_id") if which == "aging" else ("bills", "vendor_id")
    ties_by_type = {}
    for kind in (side.upper(), other, "expense", "memo", None):
        frames = {
            resource: documents(("qb", "a", "USD", 5.0), party=party),
            "accounts": accounts(("qb", control, kind or "", "USD", 5.0)),
        }
        (ties_by_type[kind],) = month_end([which], frames, DAY).ties.values()
    assert {kind: tie["ok"].fillna(value=False).tolist() for kind, tie in ties_by_type.items()} == {
        side.upper(): [True], other: [False], "expense": [False], "memo": [True], None: [True],
    }  # fmt: skip
    assert ties_by_type[other]["ok"].isna().tolist() == [True]
    name = "Receivables to ledger" if which == "aging" else "Payables to ledger"
    what = "assets" if side == "asset" else "liabilities"
    notes_by_type = {kind: tie.attrs["notes"][-1] for kind, tie in ties_by_type.items()}
    assert notes_by_type == {
        side.upper(): f"{name}: agrees ({control}).",
        other: f"{name}: accounts that are not {what}, left out: {control} ({other}).",
        "expense": f"{name}: accounts that are not {what}, left out: {control} (expense).",
        "memo": f"{name}: accounts that are of an unknown type or none, taken as {what}: {control} (memo).",
        None: f"{name}: accounts that are of an unknown type or none, taken as {what}: {control} (no type).",
    }


def test_nothing_to_compare() -> None:
    """Where nothing could be compared, the verdict does not say that it agrees."""
    invoices = documents(("qb", "a", "USD", 1.0))
    frames = {"invoices": invoices, "accounts": accounts(("qb", None, "asset", "USD", 1.0))}
    result = month_end(["aging"], frames, DAY)
    assert not result.agree
    assert result.verdict == "Nothing was compared with its source: 1 total not compared."
    none = month_end(["aging"], {**frames, "invoices": invoices.head(0)}, DAY)
    assert (none.tie_outs(), none.agree) == ([], False)
    assert none.verdict == "Nothing was compared with its source."
    assert none.reports["Aging"].attrs["notes"][-1] == (
        "Receivables to ledger: not compared, since there are no accounts there named Accounts Receivable."
    )


def live_accounts(*rows: tuple[str, str, str | None, str, float]) -> Any:
    """Build a live ledger of connection, name, account type, category and balance, in USD."""
    frame = accounts(*((who, name, kind, "USD", balance) for who, name, _, kind, balance in rows))
    return frame.assign(account_type=pd.Series([word for _, _, word, _, _ in rows], dtype="str"))


def test_the_type_decides_where_accounts_have_one() -> None:
    """Control accounts of live ledgers are those of their type, whatever their names."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 100.0)),
        "bills": documents(("qb", "v", "USD", 40.0), party="vendor_id"),
        "accounts": live_accounts(
            ("qb", "Debitoren", "ACCOUNTS_RECEIVABLE", "asset", 100.0),
            ("qb", "Accounts Receivable - staff", "other_current_asset", "asset", 7.0),
            ("qb", "Trade creditors", "accounts_payable", "liability", 30.0),
            ("qb", "Accounts Payable", "unknown", "liability", 8.0),
            ("qb", "Accounts Payable (old)", None, "liability", 2.0),
        ),
    }
    result = month_end(["aging", "payables"], frames, DAY)
    assert ties(result) == {
        "Receivables to ledger": [("qb", "USD", 100.0, 100.0, True)],
        "Payables to ledger": [("qb", "USD", 40.0, 40.0, True)],
    }
    assert notes(result, "Receivables to ledger") == ["Receivables to ledger: agrees (Debitoren)."]


def test_no_account_of_the_type() -> None:
    """A ledger without a control account of the type is not compared, and the note has the type."""
    frames = {
        "invoices": documents(("qb", "a", "USD", 100.0)),
        "accounts": live_accounts(("qb", "Accounts Receivable", "bank", "asset", 100.0)),
    }
    (row,) = ties(month_end(["aging"], frames, DAY))["Receivables to ledger"]
    assert row == ("qb", "USD", 100.0, None, None)
    (note,) = notes(month_end(["aging"], frames, DAY), "Receivables to ledger")
    assert note == (
        "Receivables to ledger: not compared for qb, since there are no accounts there of the type "
        "accounts_receivable."
    )


def test_credit_memos_are_compared_with_the_ledger() -> None:
    """A control account is net of credit memos, and so is the aging that is compared with it."""
    memos = live_credit_memos({"remaining_amount": 30.0})
    ledger = live_accounts(("ledger", "Debtors", "accounts_receivable", "asset", 70.0))
    frames = {"invoices": live_documents({}), "accounts": ledger, "invoice_credit_memos": memos}
    result = month_end(["aging"], frames, DAY)
    assert ties(result) == {"Receivables to ledger": [("ledger", "USD", 70.0, 70.0, True)]}
    frames["invoice_credit_memos"] = memos.assign(remaining_amount=float("nan"))
    (row,) = ties(month_end(["aging"], frames, DAY))["Receivables to ledger"]
    assert row == ("ledger", "USD", None, 70.0, None)


def test_an_earlier_day_is_not_compared() -> None:
    """A reconstructed aging is not compared with the ledger's balances of today, and the outcome says so."""
    frames = {
        "invoices": live_documents({"due_date": None, "payment_terms_id": "t"}),
        "accounts": live_accounts(("ledger", "Debtors", "accounts_receivable", "asset", 100.0)),
        "payment_terms": pd.DataFrame({"connection_id": ["ledger"], "id": ["t"], "due_days": [10]}),
    }
    result = month_end(["aging"], frames, "2026-05-31")
    assert result.reports["Aging"]["days_1_30"].tolist() == [100.0]
    verdict, reason = result.outcome
    assert verdict == "Nothing was compared with its source: 1 total not compared."
    assert reason == (
        "Receivables to ledger: not compared: the report is reconstructed as of 2026-05-31, the source is "
        "not."
    )
