"""The reports of a month end, and their comparisons with the books."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.month_end import NEEDED, MonthEndReport, month_end, resources_for
from tests.reports.ledgers import DAY, accounts, banks, documents, notes, ties


def test_resources_are_listed_once() -> None:
    """A resource that several reports need is listed once."""
    assert resources_for([MonthEndReport.CASH, MonthEndReport.FORECAST]) == [
        "bank_accounts",
        "accounts",
        "invoices",
        "bills",
    ]
    assert set(NEEDED) == set(MonthEndReport) - {MonthEndReport.ALL}


def test_unknown_reports_and_missing_frames() -> None:
    """An unknown report and a missing frame are named, with those that are expected or present."""
    with pytest.raises(
        ValueError, match=r"'ageing' is not a report \(expected one of aging, payables, revenue, cash, for"
    ):
        month_end(["ageing"], {}, DAY)
    with pytest.raises(ValueError, match="frames lacks accounts, which aging needs; it has invoices"):
        month_end("aging", {"invoices": documents()}, DAY)
    frames = {"bank_accounts": banks(), "accounts": accounts(), "invoices": documents(), "bills": documents()}
    with pytest.raises(
        ValueError, match="frames lacks orders, products, which aging, payables, revenue, cash"
    ):
        month_end("all", frames, DAY)


def test_a_month_end_of_connections_that_are_numbers() -> None:
    """Ledgers with numbers as ids are kept apart: one 100 above and one 100 below both differ."""
    invoices = documents(("1", "a", "USD", 100.0), ("2", "a", "USD", -100.0))
    ledger = accounts(
        ("1", "Accounts Receivable", "asset", "USD", 0.0), ("2", "Accounts Receivable", "asset", "USD", 0.0)
    )
    frames = {
        "invoices": invoices.astype({"connection_id": "int64"}),
        "accounts": ledger.astype({"connection_id": "float64"}),
    }
    assert ties(month_end(["aging"], frames, DAY))["Receivables to ledger"] == [
        ("1", "USD", 100.0, 0.0, False), ("2", "USD", -100.0, 0.0, False),
    ]  # fmt: skip


def test_amounts_that_are_missing_are_not_compared() -> None:
    """A ledger's, a bank's, an order's or a document's missing amount does not agree with zero."""
    invoices = documents(("qb", "a", "USD", 0.0), ("xero", "a", "USD", 5.0), ("xero", "a", "EUR", 1.0))
    invoices.loc[1, "amount_due"] = None
    orders = pd.DataFrame(
        {
            "connection_id": ["s"], "id": ["o"], "status": ["paid"], "currency": ["USD"],
            "total_price": [None], "created_at": pd.to_datetime([DAY]), "line_items": [[]],
        }
    ).astype({"total_price": "float64"})  # fmt: skip
    frames = {
        "invoices": invoices,
        "bills": documents(("qb", "v", "USD", 0.0), party="vendor_id").head(0),
        "accounts": accounts(
            ("qb", "Accounts Receivable", "asset", "USD", float("nan")),
            ("xero", "Accounts Receivable", "asset", "USD", 0.0),
            ("xero", "Accounts Receivable", "asset", "EUR", 1.0),
            ("qb", "Accounts Payable", "liability", "USD", float("nan")),
            ("qb", "Main", "asset", "USD", float("nan")),
        ),
        "bank_accounts": banks(
            ("bank", "Main", "checking", "USD", 0.0), ("bank", "New", "checking", "EUR", None)
        ),
        "orders": orders,
        "products": pd.DataFrame({"connection_id": ["s"], "id": ["p"], "title": ["Pea"]}),
    }
    result = month_end(["aging", "payables", "cash", "revenue"], frames, DAY)
    assert ties(result) == {
        "Receivables to ledger": [
            ("qb", "USD", None, None, None), ("xero", "EUR", 1.0, 1.0, True),
            ("xero", "USD", None, 0.0, None),
        ],
        "Payables to ledger": [("qb", "USD", None, None, None)],
        "Cash to bank accounts": [("bank", "EUR", 0.0, None, None), ("bank", "USD", 0.0, 0.0, True)],
        "Cash to ledger": [
            ("bank", "New", "EUR", None, None, None), ("bank", "Main", "USD", 0.0, None, None),
        ],
        "Revenue to orders": [("s", "USD", 0.0, None, None)],
    }  # fmt: skip
    assert notes(result, "Receivables to ledger")[1:] == [
        "Receivables to ledger: not compared, an amount is missing in the source: qb USD.",
        "Receivables to ledger: not compared, an amount is missing in the invoices: xero USD.",
    ]


def test_frames_without_connections() -> None:
    """Frames without connections are those of one business."""
    frames = {
        "bank_accounts": banks((None, "Checking", "checking", "USD", 5.0)).drop(columns="connection_id"),
        "accounts": accounts(
            (None, "Checking", "asset", "USD", 5.0), (None, "Accounts Receivable", "asset", "USD", 7.0)
        ).drop(columns="connection_id"),
        "invoices": documents((None, "a", "USD", 7.0)).drop(columns="connection_id"),
    }
    result = month_end(["aging", "cash"], frames, DAY)
    assert ties(result) == {
        "Receivables to ledger": [(None, "USD", 7.0, 7.0, True)],
        "Cash to bank accounts": [(None, "USD", 5.0, 5.0, True)],
        "Cash to ledger": [(None, "Checking", "USD", 5.0, 5.0, True)],
    }


def test_revenue_is_compared_by_shop() -> None:
    """Each shop's revenue is compared with its orders; cancelled ones in any spelling are in neither."""
    orders = pd.DataFrame(
        {
            "connection_id": ["a", "a", "b"], "id": ["1", "2", "1"],
            "status": ["fulfilled", "Canceled", "pending"],
            "currency": "USD", "total_price": [1.0, 8.0, 4.0], "line_items": [[], [], []],
            "created_at": pd.to_datetime(["2026-06-01"] * 3, utc=True),
        }
    )  # fmt: skip
    products = pd.DataFrame({"connection_id": ["a"], "id": ["p"], "title": ["Pea"]})
    result = month_end([MonthEndReport.REVENUE], {"orders": orders, "products": products}, DAY)
    assert ties(result) == {"Revenue to orders": [("a", "USD", 1.0, 1.0, True), ("b", "USD", 4.0, 4.0, True)]}


@pytest.mark.parametrize(
    "moments",
    [
        pd.Series(
            ["2026-06-30T23:59:59.999999", "2026-07-01T00:00:00", None, "2024-02-29T12:00:00"],
            dtype="datetime64[us]",
        ).dt.tz_localize("UTC"),
        pd.Series(["2026-06-30", "2026-07-01T00:00:00", None, "2024-02-29"], dtype="str"),
    ],
    ids=["moments", "text"],
)
def test_revenue_ends_with_the_day(moments: Any) -> None:
    """Orders of a later day are not in the revenue as of a day; those without a date are."""
    orders = pd.DataFrame(
        {
            "connection_id": "s", "id": ["1", "2", "3", "4"], "status": ["fulfilled"] * 3 + ["cancelled"],
            "currency": "USD", "total_price": [1.0, 2.0, 4.0, 8.0],
            "created_at": moments, "line_items": [[], [], [], []],
        }
    )  # fmt: skip
    products = pd.DataFrame({"connection_id": ["s"], "id": ["p"], "title": ["Pea"]})
    result = month_end([MonthEndReport.REVENUE], {"orders": orders, "products": products}, DAY)
    assert result.reports["Revenue"]["revenue"].tolist() == [5.0]
    assert ties(result) == {"Revenue to orders": [("s", "USD", 5.0, 5.0, True)]}


def test_every_currency_is_in_the_summary() -> None:
    """A currency with only receivables, or only payables, stands beside those with bank accounts."""
    frames = {
        "invoices": documents(
            ("qb", "a", "JPY", 208_600.0), ("qb", "a", "USD", 0.1), ("qb", "b", "USD", 0.2)
        ),
        "bills": documents(("qb", "v", "KWD", 312.755), party="vendor_id"),
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 5.5)),
        "accounts": accounts(),
    }
    result = month_end(["aging", "payables", "cash"], frames, DAY)
    assert result.summary.to_numpy().tolist() == [
        ["JPY", 0.0, 208_600.0, 0.0], ["KWD", 0.0, 0.0, 312.755], ["USD", 5.5, 0.3, 0.0],
    ]  # fmt: skip
    assert {name: str(dtype) for name, dtype in result.summary.dtypes.items()} == {
        "currency": "str", "cash": "float64", "receivables": "float64", "payables": "float64",
    }  # fmt: skip
    only = month_end(["aging"], frames, DAY).summary
    assert only[["cash", "payables"]].isna().all(axis=None)
    assert len(month_end([], frames, DAY).summary) == 0


def test_all_comparisons_in_one_table() -> None:
    """The comparisons stand in one table, of which only bank accounts have an account."""
    frames = {
        "bank_accounts": banks(("bank", "Main", "checking", "USD", 5.5)),
        "accounts": accounts(("ledger", "Main", "asset", "USD", 5.5)),
    }
    (table,) = month_end(["cash"], frames, DAY).tie_outs()
    assert table.columns.tolist() == [
        "comparison", "connection_id", "account", "currency", "report", "source", "difference", "ok",
    ]  # fmt: skip
    assert table["account"].fillna("-").tolist() == ["-", "Main"]
    assert str(table["ok"].dtype) == "boolean"
    assert table.attrs["report"] == "tie_out"


def test_the_demo_agrees_by_business(all_books: Any) -> None:
    """The demo's books agree to the cent for each of the two businesses."""
    frames = {
        name: pd.concat([getattr(books, name) for books in all_books.values()], ignore_index=True)
        for name in ("invoices", "bills", "accounts", "bank_accounts")
    }
    businesses = {"Gear": ["gear-xero", "gear-bank"], "Roaster": ["roaster-quickbooks", "roaster-bank"]}
    result = month_end(["aging", "payables", "cash"], frames, DAY, businesses=businesses)
    assert result.agree
    assert result.counts.not_compared == 0
    assert {owner for tie in result.ties.values() for owner in tie["business"]} == {"Gear", "Roaster"}
    assert len(result.ties["Cash to ledger"]) == len(frames["bank_accounts"])
    assert isinstance(result, rf.reports.MonthEnd)
