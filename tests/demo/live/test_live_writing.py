"""Writes of the live dialect: both dialects show them, keys are replayed, and jobs have late answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.live.conftest import LiveApi

LEDGER, SHOP = "gear-xero", "gear-shopify"
PATH = "/accounting/invoices"
LINE = {"description": "Tent", "item": {"quantity": 2, "unit_amount": 50.25}, "total_amount": 100.5}


@pytest.fixture
def api(serve_live: Callable[..., LiveApi]) -> LiveApi:
    return serve_live()


def draft(api: LiveApi, **fields: Any) -> dict[str, Any]:
    customer = api.server.books.rows(LEDGER, "customers")[0]["id"]
    return {
        "customer_id": customer,
        "issue_date": "2026-06-15",
        "due_date": "2026-07-15T00:00:00.000Z",
        "currency_code": "EUR",
        "line_items": [LINE],
        **fields,
    }


def receivable(api: LiveApi) -> float:
    (account,) = [
        row for row in api.server.books.rows(LEDGER, "accounts") if row["name"] == "Accounts Receivable"
    ]
    return float(account["balance"])


def test_an_invoice_is_shown_by_both_dialects(api: LiveApi) -> None:
    """A new invoice has the live fields of the draft, the contract's row, and raises the ledger's balance."""
    before = receivable(api)
    body = {"invoice": draft(api, document_number="X-1", memo="Hello")}
    invoice = api.send("POST", PATH, LEDGER, body=body).json()["invoice"]
    assert (invoice["issue_date"], invoice["due_date"], invoice["document_number"], invoice["memo"]) == (
        "2026-06-15",
        "2026-07-15",
        "X-1",
        "Hello",
    )
    assert (invoice["total_amount"], invoice["amount_due"], invoice["linked_payments"]) == (100.5, 100.5, [])
    row = api.server.books.rows(LEDGER, "invoices")[-1]
    assert (row["id"], row["amount_due"], row["currency"], row["due_date"]) == (
        invoice["id"],
        100.5,
        "EUR",
        "2026-07-15",
    )
    assert round(receivable(api) - before, 2) == 100.5
    assert api.get(f"{PATH}/{invoice['id']}", LEDGER).json()["invoice"] == invoice


def test_a_draft_is_not_posted_until_it_is_opened(api: LiveApi) -> None:
    """A draft raises no balance; opening it does, a change of its lines follows, voiding takes it back."""
    before = receivable(api)
    invoice = api.send("POST", PATH, LEDGER, body={"invoice": draft(api, status="draft")}).json()["invoice"]
    path = f"{PATH}/{invoice['id']}"
    assert (invoice["status"], receivable(api)) == ("draft", before)
    opened = api.send("PATCH", path, LEDGER, body={"invoice": {"status": "open"}}).json()["invoice"]
    assert (opened["status"], round(receivable(api) - before, 2)) == ("open", 100.5)
    lines = {"invoice": {"line_items": [LINE, LINE]}}
    assert api.send("PATCH", path, LEDGER, body=lines).json()["invoice"]["amount_due"] == 201
    assert round(receivable(api) - before, 2) == 201
    void = api.send("PATCH", path, LEDGER, body={"invoice": {"status": "void"}}).json()["invoice"]
    assert (void["status"], void["amount_due"], receivable(api)) == ("void", 0, before)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "invoice: is missing"),
        ({"invoice": {"currency_code": "EUR"}}, "invoice.customer_id: is missing"),
        ({"invoice": {}, "mode": 1}, "mode: unknown field; known are invoice, response_mode"),
        (
            {"response_mode": "later", "invoice": {}},
            "response_mode: must be one of async, prefer_sync, not 'later'",
        ),
    ],
)
def test_invalid_bodies(api: LiveApi, body: dict[str, Any], message: str) -> None:
    """A body is checked before anything is written, and the error names the field."""
    answer = api.send("POST", PATH, LEDGER, body=body)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_REQUEST_ERROR")
    assert answer.json()["error_message"] == message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"customer_id": "x"}, "customer_id: no 'x' on this connection"),
        ({"currency_code": "CHF"}, "currency: the ledger keeps no accounts in 'CHF'"),
        ({"issue_date": "soon"}, "invoice.issue_date: must be an ISO 8601 date, not 'soon'"),
        ({"line_items": [{"description": "x"}]}, "invoice.line_items[0].total_amount: is missing"),
        ({"line_items": [LINE | {"total_amount": -3}]}, "line_items: must not add up to less than zero"),
    ],
)
def test_invalid_invoices(api: LiveApi, fields: dict[str, Any], message: str) -> None:
    """An invoice that the books cannot take is refused with the field and the reason, and not written."""
    before = len(api.server.books.rows(LEDGER, "invoices"))
    answer = api.send("POST", PATH, LEDGER, body={"invoice": draft(api, **fields)})
    assert (answer.status_code, "x-rutter-job-id" in answer.headers) == (400, False)
    assert answer.json()["error_message"].startswith(message)
    assert len(api.server.books.rows(LEDGER, "invoices")) == before


def test_a_key_is_replayed(api: LiveApi) -> None:
    """The same key gives the first answer and writes once; with another body it is a conflict."""
    headers = {"X-Rutter-Version": "2024-08-31", "Idempotency-Key": "k"}
    body = {"invoice": draft(api)}
    first = api.send("POST", PATH, LEDGER, body=body, headers=headers)
    again = api.send("POST", PATH, LEDGER, body=body, headers=headers)
    assert first.json() == again.json()
    assert "x-rutter-job-id" in first.headers
    assert [row["id"] for row in api.server.books.rows(LEDGER, "invoices")].count(
        first.json()["invoice"]["id"]
    ) == 1
    other = api.send("POST", PATH, LEDGER, body={"invoice": draft(api, memo="x")}, headers=headers)
    assert (other.status_code, other.json()["error_code"]) == (409, "IDEMPOTENCY_CONFLICT")
    path = f"{PATH}/{first.json()['invoice']['id']}"
    patched = api.send("PATCH", path, LEDGER, body={"invoice": {"memo": "y"}}, headers=headers)
    assert patched.status_code == 409


def test_a_job_has_the_answer_later(api: LiveApi) -> None:
    """With response_mode async the answer is a job: pending once, then with the answer or the refusal."""
    body = {"invoice": draft(api), "response_mode": "async"}
    job = api.send("POST", PATH, LEDGER, body=body).json()["async_response"]
    assert job["status"] == "pending"
    assert api.get(f"/jobs/{job['id']}").json()["status"] == "pending"
    done = api.get(f"/jobs/{job['id']}").json()
    assert (done["status"], done["response"]["http_status"]) == ("success", 200)
    assert done["response"]["body"]["invoice"]["total_amount"] == 100.5
    assert done["request"]["method"] == "POST"

    body = {"invoice": draft(api, customer_id="x"), "response_mode": "async"}
    job = api.send("POST", PATH, LEDGER, body=body).json()["async_response"]
    api.get(f"/jobs/{job['id']}")
    done = api.get(f"/jobs/{job['id']}").json()
    assert (done["status"], done["response"]["http_status"]) == ("failure", 400)
    assert done["response"]["body"]["error_code"] == "INVALID_BODY"


def test_faults_defer_writes_and_statements(api: LiveApi) -> None:
    """The fault async_response puts a job in place of a write and of a statement, and leaves lists alone."""
    api.server.configure(
        faults=[
            Fault("async_response", operation="write"),
            Fault("async_response", "balance_sheets"),
            Fault("async_response", "invoices"),
        ]
    )
    assert "async_response" in api.send("POST", PATH, LEDGER, body={"invoice": draft(api)}).json()
    job = api.get("/accounting/balance_sheets", LEDGER).json()["async_response"]["id"]
    assert api.get(f"/jobs/{job}").json()["status"] == "pending"
    body = api.get(f"/jobs/{job}").json()["response"]["body"]
    assert body == api.get("/accounting/balance_sheets", LEDGER).json()
    assert "invoices" in api.get(PATH, LEDGER).json()


def test_a_bill_can_be_changed(api: LiveApi) -> None:
    """A bill is created with its vendor; its due date and terms can be changed, its currency cannot."""
    vendor = api.server.books.rows(LEDGER, "bills")[0]["vendor_id"]
    fields = {name: value for name, value in draft(api).items() if name != "customer_id"}
    body = {"bill": {**fields, "vendor_id": vendor}}
    bill = api.send("POST", "/accounting/bills", LEDGER, body=body).json()["bill"]
    path = f"/accounting/bills/{bill['id']}"
    changed = api.send("PATCH", path, LEDGER, body={"bill": {"due_date": "2026-08-01"}}).json()["bill"]
    assert (changed["due_date"], changed["vendor_id"]) == ("2026-08-01", vendor)
    refused = api.send("PATCH", path, LEDGER, body={"bill": {"currency_code": "USD"}})
    assert refused.json()["error_message"] == "currency_code: cannot be changed"
    unknown = api.send("PATCH", "/accounting/bills/7", LEDGER, body={"bill": {}})
    assert unknown.status_code == 410


ADDRESS = dict.fromkeys(
    ("address1", "address2", "city", "country_code", "first_name", "last_name", "postal_code", "region"), "x"
) | {"email": None, "phone": None}


def order_of(variant_id: str, email: str = "ada@example.com") -> dict[str, Any]:
    return {
        "order": {
            "currency_code": "EUR",
            "customer": {"email": email, "first_name": "Ada", "last_name": "Byron"},
            "billing_address": ADDRESS,
            "line_items": [{"variant_id": variant_id, "quantity": 2}],
        }
    }


def test_an_order_from_creation_to_fulfilment(api: LiveApi) -> None:
    """An order has the customer of its e-mail address and the variant's price, and is then fulfilled."""
    product = api.server.books.rows(SHOP, "products")[0]
    variant = product["variants"][0]
    order = api.send("POST", "/orders", SHOP, body=order_of(variant["id"])).json()["order"]
    assert order["total_price"] == 2 * variant["price"]
    assert (order["customer"]["first_name"], order["customer"]["last_name"]) == ("Ada", "Byron")
    assert order["line_items"][0]["product_id"] == product["id"]
    again = api.send("POST", "/orders", SHOP, body=order_of(variant["id"])).json()["order"]
    assert again["customer"]["id"] == order["customer"]["id"]

    body = {
        "fulfillment": {
            "carrier": "DHL",
            "tracking_number": "7",
            "line_items": [{"line_item_id": order["line_items"][0]["id"], "quantity": 2}],
        }
    }
    path = f"/orders/{order['id']}"
    fulfilment = api.send("POST", f"{path}/fulfillments", SHOP, body=body).json()["fulfillment"]
    assert (fulfilment["carrier"], fulfilment["line_items"][0]["quantity"]) == ("DHL", 2)
    shipped = api.get(path, SHOP).json()["order"]
    assert (shipped["fulfillment_status"], shipped["fulfillments"][0]["tracking_number"]) == (
        "fulfilled",
        "7",
    )
    body["fulfillment"]["line_items"] = [{"line_item_id": "x"}]
    refused = api.send("POST", f"{path}/fulfillments", SHOP, body=body)
    assert refused.json()["error_message"] == "line_items[0].line_item_id: no such line in this order"

    for status in ("archived", "cancelled"):
        answer = api.send("PATCH", path, SHOP, body={"order": {"status": status}}).json()["order"]
        assert answer["status"] == status


def test_a_product_and_its_variants(api: LiveApi) -> None:
    """A product is created with variants; the price is changed by the variant, the name by the product."""
    variant = {
        "price": 4.5,
        "sku": "TARP",
        "option_values": [{"name": "Size", "value": "Large"}],
        "inventory": {"total_count": 3},
    }
    body = {"product": {"name": "Tarp", "description": "", "variants": [variant]}}
    product = api.send("POST", "/products", SHOP, body=body).json()["product"]
    (created,) = product["variants"]
    assert (created["title"], created["price"], created["inventory"]["total_count"]) == ("Large", 4.5, 3)
    path = f"/products/{product['id']}"
    assert (
        api.send("PATCH", path, SHOP, body={"product": {"name": "Sail"}}).json()["product"]["name"] == "Sail"
    )
    change = {
        "id": created["id"],
        "price": 5.25,
        "sku": "SAIL",
        "option_values": [],
        "inventory": {"total_count": 2},
    }
    changed = api.send("PATCH", f"{path}/variants/{created['id']}", SHOP, body={"variant": change}).json()
    assert (changed["variant"]["price"], changed["variant"]["sku"], changed["variant"]["title"]) == (
        5.25,
        "SAIL",
        "Default",
    )
    row = api.server.books.rows(SHOP, "products")[-1]
    assert (row["price"], row["variants"][0]["inventory_quantity"]) == (5.25, 2)
    wrong = api.send("PATCH", f"{path}/variants/7", SHOP, body={"variant": change})
    assert wrong.status_code == 410
    empty = api.send("POST", "/products", SHOP, body={"product": body["product"] | {"variants": []}})
    assert empty.json()["error_message"] == "variants: must not be empty"


def test_refused_orders_and_other_platforms(api: LiveApi) -> None:
    """An unknown variant, an unknown order and the wrong platform are refused."""
    unknown = api.send("POST", "/orders", SHOP, body=order_of("x"))
    assert unknown.json()["error_message"] == "line_items[0].variant_id: no 'x' in this shop"
    assert api.send("PATCH", "/orders/7", SHOP, body={"order": {"status": "active"}}).status_code == 410
    for path, connection in (("/orders", LEDGER), (PATH, SHOP)):
        assert api.send("POST", path, connection, body={}).status_code == 404
