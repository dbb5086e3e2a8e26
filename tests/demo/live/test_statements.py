"""Balance sheets, income statements and cash-flow statements add up, and agree with the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.live.conftest import LiveApi

LEDGERS = ["roaster-quickbooks", "gear-xero"]
ALL = {"start_date": "2024-07-01T00:00:00.000Z"}


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["account_id"] is not None:
        yield node
    for item in node["items"]:
        yield from leaves(item)


def add_up(node: dict[str, Any]) -> None:
    """Check that every node with parts is their sum."""
    if node["items"]:
        assert Decimal(node["value"]) == sum(Decimal(item["value"]) for item in node["items"])
    for item in node["items"]:
        add_up(item)


def statements(live: LiveApi, connection: str, name: str, **query: str) -> list[dict[str, Any]]:
    body = live.get(f"/accounting/{name}", connection, **query).json()
    return list(body["cash_flows" if name == "cash_flow_statements" else name])


@pytest.mark.parametrize("connection", LEDGERS)
def test_balance_sheets_balance(live: LiveApi, connection: str) -> None:
    """Assets are liabilities and equity, and every tree adds up to its total, in all 24 months."""
    sheets = statements(live, connection, "balance_sheets", **ALL)
    assert len(sheets) == 24
    for sheet in sheets:
        total = {name: Decimal(sheet[f"total_{name}"]) for name in ("assets", "liabilities", "equity")}
        assert total["assets"] == total["liabilities"] + total["equity"]
        for name, amount in total.items():
            add_up(sheet[name])
            assert Decimal(sheet[name]["value"]) == amount


@pytest.mark.parametrize("connection", LEDGERS)
def test_the_last_balance_sheet_has_the_balances_of_the_accounts(live: LiveApi, connection: str) -> None:
    """Accounts in the base currency have on the last sheet the balance of the list of accounts."""
    base = live.get("/accounting/company_info", connection).json()["company_info"]["currency_code"]
    accounts = {
        row["id"]: row["balance"]
        for row in live.list("/accounting/accounts", connection)
        if row["currency_code"] == base and row["balance"]
    }
    sheet = statements(live, connection, "balance_sheets")[0]
    values = {
        node["account_id"]: Decimal(node["value"])
        for name in ("assets", "liabilities", "equity")
        for node in leaves(sheet[name])
        if node["account_id"] in accounts
    }
    assert len(values) > 8
    assert values == {key: accounts[key] for key in values}


@pytest.mark.parametrize("connection", LEDGERS)
def test_receivables_on_the_sheet_are_the_open_documents(live: LiveApi, connection: str) -> None:
    """At a month's end receivables in the base currency are what was open, less open credits."""
    base = live.get("/accounting/company_info", connection).json()["company_info"]["currency_code"]
    control = {
        row["id"]
        for row in live.list("/accounting/accounts", connection)
        if row["account_type"] == "accounts_receivable" and row["currency_code"] == base
    }
    currencies = {
        row["id"]: row["currency_code"]
        for name in ("invoices", "invoice_credit_memos")
        for row in live.list(f"/accounting/{name}", connection)
    }
    (sheet,) = [
        sheet
        for sheet in statements(live, connection, "balance_sheets", **ALL)
        if sheet["end_date"][:10] == "2025-10-31"
    ]
    on_sheet = sum(
        Decimal(node["value"]) for node in leaves(sheet["assets"]) if node["account_id"] in control
    )
    assert on_sheet == sum(
        amount
        for name in ("invoices", "invoice_credit_memos")
        for key, amount in live.server.books.open_on(connection, name, date(2025, 10, 31)).amounts.items()
        if currencies[key] == base
    )


@pytest.mark.parametrize("connection", LEDGERS)
def test_income_statements_add_up(live: LiveApi, connection: str) -> None:
    """Income less costs is the result; over all months it is the change of equity by results."""
    rows = statements(live, connection, "income_statements", **ALL)
    for row in rows:
        total = {key: Decimal(value) for key, value in row.items() if key.startswith(("total_", "net_"))}
        assert Decimal(row["gross_profit"]) == total["total_income"] - total["total_cost_of_sales"]
        assert total["net_income"] == Decimal(row["gross_profit"]) - total["total_expenses"]
        for name in ("income", "cost_of_sales", "expenses"):
            add_up(row[name])
    sheet = statements(live, connection, "balance_sheets")[0]
    (result,) = [item for item in sheet["equity"]["items"] if item["name"] == "Net income"]
    assert sum(Decimal(row["net_income"]) for row in rows) == Decimal(result["value"])


@pytest.mark.parametrize("connection", LEDGERS)
def test_cash_flows_lead_from_one_balance_to_the_next(live: LiveApi, connection: str) -> None:
    """Start, three kinds of flows and end add up, and a month begins where the one before ended."""
    rows = statements(live, connection, "cash_flow_statements", **ALL)
    end = Decimal(0)
    for row in reversed(rows):
        flows = [Decimal(row[f"total_{name}"]) for name in ("operating", "investing", "financing")]
        assert Decimal(row["starting_balance"]) == end
        end = Decimal(row["ending_balance"])
        assert Decimal(row["starting_balance"]) + sum(flows) == end
        for name in ("operating", "investing", "financing"):
            add_up(row[f"{name}_activities"])
    bank = [
        Decimal(node["value"])
        for node in statements(live, connection, "balance_sheets")[0]["assets"]["items"]
        if node["name"] == "Bank"
    ]
    assert bank == [end]


@pytest.mark.parametrize(
    ("query", "months"),
    [
        ({}, 13),
        ({"end_date": "2026-05-31"}, 12),
        ({"start_date": "2026-04-15"}, 3),
        ({"start_date": "2025-06-01", "end_date": "2026-06-30"}, 13),
        ({"start_date": "2030-01-01"}, 0),
    ],
)
def test_months_of_a_request(live: LiveApi, query: dict[str, str], months: int) -> None:
    """Both ends are included: a year back gives thirteen months, and so does nothing."""
    assert len(statements(live, "gear-xero", "income_statements", **query)) == months
