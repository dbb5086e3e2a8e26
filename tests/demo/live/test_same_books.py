"""Both dialects show the same books: what the contract shows is what its live source shows, to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.live.conftest import LiveApi

LEDGERS = ["roaster-quickbooks", "gear-xero"]
SHOPS = ["roaster-shopify", "gear-shopify", "gear-amazon"]
BANKS = ["roaster-bank", "gear-bank"]


def exact(value: Any) -> Any:
    """Return a record of the contract with money as Decimal, as a client reads it."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def contract(api: LiveApi, connection: str, resource: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in exact(api.server.books.rows(connection, resource))}


def day(text: str | None) -> str | None:
    return None if text is None else text[:10]


def moment(text: str | None) -> str | None:
    return None if text is None else text[:19] + "Z"


@pytest.mark.parametrize("connection", LEDGERS)
def test_accounts(live: LiveApi, connection: str) -> None:
    """An account has the same name, side, currency, balance and number; income is the contract's revenue."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "name": row["name"],
            "type": row["category"].replace("income", "revenue"),
            "currency": row["currency_code"],
            "balance": row["balance"],
            "platform_id": row["platform_id"],
        }
        for row in live.list("/accounting/accounts", connection)
    }
    assert live_rows == contract(live, connection, "accounts")


@pytest.mark.parametrize("connection", LEDGERS)
@pytest.mark.parametrize(("resource", "counterparty"), [("invoices", "customer_id"), ("bills", "vendor_id")])
def test_documents(live: LiveApi, connection: str, resource: str, counterparty: str) -> None:
    """A document has the same counterparty, status, amount due, due date and lines."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            counterparty: row[counterparty],
            "status": row["status"].replace("void", "voided"),
            "amount_due": row["amount_due"],
            "currency": row["currency_code"],
            "due_date": day(row["due_date"]),
            "line_items": [
                {
                    "description": line["description"],
                    "quantity": line["item"]["quantity"],
                    "unit_price": line["item"]["unit_amount"],
                    "total_amount": line["total_amount"],
                }
                for line in row["line_items"]
            ],
        }
        for row in live.list(f"/accounting/{resource}", connection)
    }
    documents = contract(live, connection, resource)
    credit_notes = {
        key for key, row in documents.items() if row["status"] == "open" and row["amount_due"] < 0
    }
    assert live_rows == {key: row for key, row in documents.items() if key not in credit_notes}
    assert len(credit_notes) == (1 if resource == "invoices" else 0)


@pytest.mark.parametrize("connection", LEDGERS)
def test_credit_notes_are_credit_memos(live: LiveApi, connection: str) -> None:
    """What the contract shows as an open invoice of less than zero is a credit memo of the same id."""
    (note,) = [row for row in contract(live, connection, "invoices").values() if row["amount_due"] < 0]
    memos = {row["id"]: row for row in live.list("/accounting/invoice_credit_memos", connection)}
    memo = memos[note["id"]]
    assert Decimal(memo["remaining_amount"]) == Decimal(memo["total_amount"]) == -note["amount_due"]
    assert (memo["status"], memo["currency_code"], memo["customer_id"], memo["linked_invoices"]) == (
        "OPEN",
        note["currency"],
        note["customer_id"],
        [],
    )


@pytest.mark.parametrize("connection", LEDGERS)
def test_expenses(live: LiveApi, connection: str) -> None:
    """The amount is that of the line, negative for a refund; the category is the name of its account."""
    names = {row["id"]: row["name"] for row in live.list("/accounting/accounts", connection)}
    rows = live.list("/accounting/expenses", connection) + live.list(
        "/accounting/expenses", connection, expense_type="refund"
    )
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "amount": row["line_items"][0]["total_amount"] * (-1 if row["expense_type"] == "refund" else 1),
            "currency": row["currency_code"],
            "date": day(row["transaction_date"]),
            "description": row["memo"] or row["line_items"][0]["description"],
            "category": names[row["line_items"][0]["account_id"]],
            "account_id": row["account_id"],
        }
        for row in rows
    }
    assert live_rows == contract(live, connection, "expenses")
    assert len(rows) == len(live_rows)


@pytest.mark.parametrize("connection", LEDGERS)
def test_customers_of_a_ledger(live: LiveApi, connection: str) -> None:
    """A customer of a ledger has one name, here or there."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "name": row["customer_name"] or row["contact_name"],
            "email": row["email"],
            "phone": row["phone"],
            "created_at": moment(row["created_at"]),
        }
        for row in live.list("/accounting/customers", connection)
    }
    assert live_rows == contract(live, connection, "customers")


@pytest.mark.parametrize("connection", SHOPS)
def test_customers_of_a_shop(live: LiveApi, connection: str) -> None:
    """A customer of a shop has a first and a last name."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "name": " ".join(name for name in (row["first_name"], row["last_name"]) if name),
            "email": row["email"],
            "phone": row["phone"],
            "created_at": moment(row["created_at"]),
        }
        for row in live.list("/customers", connection)
    }
    assert live_rows == contract(live, connection, "customers")


def status_of(order: dict[str, Any]) -> str:
    if order["status"] == "cancelled":
        return "cancelled"
    if order["fulfillment_status"] in {"fulfilled", "partial"}:
        return {"fulfilled": "fulfilled", "partial": "processing"}[order["fulfillment_status"]]
    return "pending" if order["payment_status"] == "pending" else "processing"


@pytest.mark.parametrize("connection", SHOPS)
def test_orders(live: LiveApi, connection: str) -> None:
    """An order has the same customer, status, total, moments and lines."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "customer_id": (row["customer"] or {}).get("id"),
            "status": status_of(row),
            "currency": row["iso_currency_code"],
            "total_price": row["total_price"],
            "line_items": [
                {
                    "product_id": line["product_id"],
                    "variant_id": line["variant_id"],
                    "quantity": line["quantity"],
                    "unit_price": line["price"] / line["quantity"]
                    if line["unit_cost"] is None
                    else line["unit_cost"],
                }
                for line in row["line_items"]
            ],
            "created_at": moment(row["created_at"]),
            "updated_at": moment(row["updated_at"]),
        }
        for row in live.list("/orders", connection)
    }
    assert live_rows == contract(live, connection, "orders")


@pytest.mark.parametrize("connection", SHOPS)
def test_products(live: LiveApi, connection: str) -> None:
    """A product has the same title, status and variants; a price of its own it has not."""
    live_rows = {
        row["id"]: {
            "id": row["id"],
            "title": row["name"],
            "description": row["description"],
            "status": row["status"],
            "variants": [
                {
                    "id": variant["id"],
                    "title": variant["title"],
                    "price": variant["price"],
                    "sku": variant["sku"],
                    "inventory_quantity": variant["inventory"]["total_count"],
                }
                for variant in row["variants"]
            ],
            "created_at": moment(row["created_at"]),
            "updated_at": moment(row["updated_at"]),
        }
        for row in live.list("/products", connection)
    }
    without = {"price", "currency"}
    assert live_rows == {
        key: {name: value for name, value in row.items() if name not in without}
        for key, row in contract(live, connection, "products").items()
    }


@pytest.mark.parametrize("connection", BANKS)
def test_bank(live: LiveApi, connection: str) -> None:
    """Accounts and feed of a bank have the same amounts; without institution and type of a posting."""
    accounts = {
        row["id"]: {
            "id": row["id"],
            "name": row["name"],
            "type": row["subtype"],
            "balance": row["balance"]["available"]
            if row["balance"]["current"] is None
            else row["balance"]["current"],
            "currency": row["balance"]["currency_code"],
        }
        for row in live.list("/banking/bank_accounts", connection)
    }
    postings = {
        row["id"]: {
            "id": row["id"],
            "amount": row["amount"],
            "currency": row["currency_code"],
            "date": day(row["date"]),
            "description": row["merchant_name"],
            "account_id": row["account_id"],
        }
        for row in live.list("/banking/bank_transactions", connection)
    }
    for live_rows, resource, without in (
        (accounts, "bank_accounts", "institution_name"),
        (postings, "transactions", "type"),
    ):
        rows = contract(live, connection, resource)
        for row in rows.values():
            del row[without]
        assert live_rows == rows


def test_advertising_accounts(live: LiveApi) -> None:
    """Advertising accounts have their name; currency and status are those of campaigns."""
    live_rows = {row["id"]: row["name"] for row in live.list("/ads/accounts", "roaster-google-ads")}
    rows = contract(live, "roaster-google-ads", "ad_accounts").values()
    assert live_rows == {row["id"]: row["name"] for row in rows}


def test_connections(live: LiveApi) -> None:
    """All ten connections have the same id and moments, upper-case platforms and the live words of status."""
    rows = live.get("/connections", status="any").json()["connections"]
    live_rows = {
        row["id"]: (row["platform"], row["status"], moment(row["created_at"]), moment(row["updated_at"]))
        for row in rows
    }
    statuses = {"active": "active", "error": "needs_reauth", "inactive": "disabled"}
    assert live_rows == {
        row["id"]: (
            row["platform"].upper().replace("GOOGLE_ADS", "GOOGLE"),
            statuses[row["status"]],
            row["created_at"],
            row["updated_at"],
        )
        for row in live.server.books.rows("", "connections")
    }
    assert {row["id"]: row["access_token"] for row in rows} == live.server.access_tokens
