"""Changes over time: they move updated_at and last_synced_at, and deletions appear in the events."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from rutterframe.demo.books.store import Books

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.live.conftest import LiveApi

LEDGER = "roaster-quickbooks"
CLOSING = date(2026, 6, 30)


def test_a_payment_moves_the_invoice(serve_live: Callable[..., LiveApi]) -> None:
    """A paid invoice is among the changed ones with a payment of that day, and so is the payment."""
    api = serve_live()
    books = api.server.books
    before = api.list("/accounting/invoices", LEDGER)
    invoice = next(row for row in before if row["status"] == "open" and row["amount_due"] > 0)
    watermark = max(row["last_synced_at"] for row in before)
    assert watermark <= "2026-06-30T12:00:00.000Z"

    books.change(LEDGER, "invoices", invoice["id"], status="paid", amount_due=0)
    since = 1782820800000 + 1  # the moment after noon of the closing date
    (changed,) = api.list("/accounting/invoices", LEDGER, last_synced_at_min=since)
    assert (changed["id"], changed["status"], changed["amount_due"]) == (invoice["id"], "paid", 0)
    assert changed["last_synced_at"] == changed["updated_at"] == "2026-06-30T12:00:01.000Z"
    paid = sum((one["allocated_amount"] for one in changed["linked_payments"]), Decimal(0))
    assert paid == changed["total_amount"]
    assert changed["linked_payments"][-1]["allocated_date"] == "2026-06-30T00:00:00.000Z"
    payments = api.list("/accounting/invoice_payments", LEDGER, last_synced_at_min=since)
    assert changed["linked_payments"][-1]["id"] in {row["id"] for row in payments}
    assert invoice["id"] not in books.open_on(LEDGER, "invoices", CLOSING).amounts
    assert invoice["id"] in books.open_on(LEDGER, "invoices", date(2026, 6, 29)).amounts


def test_a_changed_order_moves(serve_live: Callable[..., LiveApi]) -> None:
    """An order that is cancelled has a new updated_at in both dialects."""
    api = serve_live()
    order = api.list("/orders", "gear-shopify")[-1]
    api.server.books.change("gear-shopify", "orders", order["id"], status="cancelled")
    first = api.get("/orders", "gear-shopify").json()["orders"][0]
    assert (first["id"], first["updated_at"]) == (order["id"], "2026-06-30T12:00:01.000Z")
    row = next(row for row in api.server.books.rows("gear-shopify", "orders") if row["id"] == order["id"])
    assert row["updated_at"] == "2026-06-30T12:00:01Z"


def test_deletions_are_events(serve_live: Callable[..., LiveApi]) -> None:
    """A deleted bill leaves its list and is an event, beside the two that every ledger begins with."""
    api = serve_live()
    bill = api.server.books.rows(LEDGER, "bills")[0]["id"]
    api.server.books.delete(LEDGER, "bills", bill)
    assert bill not in {row["id"] for row in api.list("/accounting/bills", LEDGER)}
    assert api.code(f"/accounting/bills/{bill}", LEDGER) == (410, "OBJECT_NOT_FOUND")
    events = api.list("/events", LEDGER, type="object_deleted")
    assert [(event["resource"], event["type"]) for event in events] == [
        ("BILL", "object_deleted"),
        ("BILL", "object_deleted"),
        ("INVOICE", "object_deleted"),
    ]
    assert events[0]["data"] == {"id": bill}
    assert len(api.list("/events", LEDGER, type="object_deleted", resources="INVOICE")) == 1
    recent = api.list("/events", LEDGER, type="object_deleted", last_synced_at_min=1782820800000)
    assert [event["data"]["id"] for event in recent] == [bill]
    assert api.list("/events", "gear-shopify", type="object_deleted") == []
    assert bill in api.server.books.open_on(LEDGER, "bills", CLOSING).deleted
    assert bill not in {row["id"] for row in api.server.books.rows(LEDGER, "bills")}


def test_what_there_is_not_cannot_be_changed() -> None:
    """An unknown record and an unknown field are refused."""
    books = Books()
    invoice = books.rows(LEDGER, "invoices")[0]["id"]
    with pytest.raises(KeyError, match=r"^'total'$"):
        books.change(LEDGER, "invoices", invoice, total=3)
    with pytest.raises(KeyError, match=r"^'x'$"):
        books.change(LEDGER, "invoices", "x", status="paid")
    with pytest.raises(KeyError, match=r"^'x'$"):
        books.delete(LEDGER, "invoices", "x")


def test_the_buyer_of_an_order_can_be_deleted(serve_live: Callable[..., LiveApi]) -> None:
    """An order of a deleted customer has no customer in the live dialect."""
    api = serve_live()
    order = api.list("/orders", "gear-amazon")[0]
    api.server.books.delete("gear-amazon", "customers", order["customer"]["id"])
    single = api.get(f"/orders/{order['id']}", "gear-amazon").json()["order"]
    assert (order["customer"] is None, single["customer"]) == (False, None)


def test_an_undone_payment_is_negative(serve_live: Callable[..., LiveApi]) -> None:
    """A paid invoice that is open again has its payment, and what takes it back on the day of the change."""
    api = serve_live()
    books = api.server.books
    paid = next(row for row in books.rows(LEDGER, "invoices") if row["status"] == "paid")
    total = sum(line["total_amount"] for line in paid["line_items"])
    books.change(LEDGER, "invoices", paid["id"], status="open", amount_due=total)
    invoice = api.get(f"/accounting/invoices/{paid['id']}", LEDGER).json()["invoice"]
    amounts = [one["allocated_amount"] for one in invoice["linked_payments"]]
    assert invoice["amount_due"] == invoice["total_amount"]
    assert amounts[0] > 0 > amounts[-1]
    assert round(sum(amounts), 2) == 0
