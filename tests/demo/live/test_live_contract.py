"""Requests and answers of the demo's live routes agree with the published description of the service.

Two facts are added to the description: ids of connections are words here, and dates come in both spellings.
Two records, planted on purpose, lack a date that it calls required.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from rutterframe.demo.faults import Fault
from rutterframe.demo.live.operations import LIVE_OPERATIONS
from tests.live_contract import check_query, lenient_document, live_document

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.demo.live.conftest import LiveApi

# The description takes seconds to read.
pytestmark = pytest.mark.slow

LEDGER, XERO, SHOP, AMAZON = "roaster-quickbooks", "gear-xero", "roaster-shopify", "gear-amazon"
HOST = "https://production.rutterapi.com"
LISTS = [
    *(
        (f"/accounting/{name}", connection)
        for connection in (LEDGER, XERO)
        for name in (
            "accounts",
            "invoices",
            "bills",
            "expenses",
            "customers",
            "vendors",
            "invoice_payments",
            "bill_payments",
            "invoice_credit_memos",
            "bill_credit_memos",
            "payment_terms",
        )
    ),
    *((f"/{name}", shop) for shop in (SHOP, AMAZON) for name in ("orders", "products", "customers")),
    *((f"/{name}", shop) for shop in (SHOP, AMAZON) for name in ("transactions", "payouts")),
    ("/banking/bank_accounts", "gear-bank"),
    ("/banking/bank_transactions", "roaster-bank"),
    ("/ads/accounts", "roaster-google-ads"),
]
OBJECTS = [
    ("/connections", None, {"status": "any"}),
    ("/connections/status", LEDGER, {}),
    ("/connections/status", "roaster-netsuite-old", {}),
    ("/connections/access_token", XERO, {}),
    ("/connections/access_token", "roaster-bank", {}),
    ("/store", SHOP, {}),
    ("/store", AMAZON, {}),
    ("/accounting/company_info", LEDGER, {}),
    ("/accounting/company_info", XERO, {}),
    ("/accounting/balance_sheets", LEDGER, {}),
    ("/accounting/balance_sheets", XERO, {}),
    ("/accounting/income_statements", LEDGER, {"start_date": "2024-07-01T00:00:00.000Z"}),
    ("/accounting/cash_flow_statements", XERO, {"end_date": "2026-06-30T00:00:00.000Z"}),
    ("/events", LEDGER, {"type": "object_deleted", "resources": "INVOICE,BILL"}),
    ("/configs/webhooks", None, {}),
]


@functools.cache
def description() -> OpenAPI:
    document = lenient_document()
    schemas = document["components"]["schemas"]
    schemas["Expense"]["properties"]["transaction_date"]["type"] = ["string", "null"]
    schemas["Order"]["properties"]["created_at"]["type"] = ["string", "null"]
    spell(document)
    return OpenAPI.from_dict(document)


def spell(value: Any) -> None:
    """Write the formats that the demo means as patterns: dates of both spellings, and decimals."""
    patterns = {
        "date-time": r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z)?$",
        "decimal": r"^-?\d+(\.\d+)?$",
    }
    if isinstance(value, dict):
        value.pop("deprecated", None)  # openapi-core warns of it
        if value.get("format") in patterns:
            value["pattern"] = patterns[value.pop("format")]
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        spell(inner)


def validate(answer: httpx.Response) -> Any:
    """Check the request that was sent and the answer that came; return the answer."""
    sent = answer.request
    check_query(sent, "/versioned")
    request = MockRequest(
        HOST,
        sent.method.lower(),
        sent.url.path,
        args=dict(sent.url.params),
        headers=dict(sent.headers),
        data=sent.content or None,
    )
    assert answer.status_code == 200, answer.text
    description().validate_request(request)
    description().validate_response(request, MockResponse(answer.content, 200))
    return answer.json()


@pytest.mark.parametrize(("path", "connection"), LISTS)
def test_lists_and_single_records(live: LiveApi, path: str, connection: str) -> None:
    """The newest and the oldest hundred records of every list are valid, and so is one on its own."""
    newest = validate(live.get(path, connection, limit=100))
    key = path.rpartition("/")[2]
    if path.startswith(("/accounting", "/banking", "/ads")):
        validate(live.get(path, connection, limit=100, sort="last_synced_at ASC"))
    if newest[key] and path != "/payouts":
        single = live.get(f"{path}/{newest[key][0]['id']}", connection)
        first = newest[key][0]
        # A single payment of a shop comes in a list.
        assert ([first] if path == "/transactions" else first) in validate(single).values()


@pytest.mark.parametrize(("path", "connection"), [("/accounting/expenses", XERO), ("/orders", AMAZON)])
def test_planted_records(live: LiveApi, path: str, connection: str) -> None:
    """Every record of the lists with the most anomalies is valid."""
    cursor: dict[str, str] = {}
    while True:
        body = validate(live.get(path, connection, limit=500, **cursor))
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
    if path == "/accounting/expenses":
        assert validate(live.get(path, connection, expense_type="refund"))["expenses"]


def test_a_webhook(live: LiveApi) -> None:
    """The webhooks are a bare array, and one of them is the same on its own."""
    (webhook,) = validate(live.get("/configs/webhooks"))
    assert validate(live.get(f"/configs/webhooks/{webhook['id']}")) == webhook


@pytest.mark.parametrize(("path", "connection", "query"), OBJECTS)
def test_objects(live: LiveApi, path: str, connection: str | None, query: dict[str, str]) -> None:
    """Objects and lists without pages are valid."""
    validate(live.get(path, connection, **query))


def test_every_operation_is_in_the_description() -> None:
    """Every path, method and query parameter of the demo is one of the service."""
    paths = live_document()["paths"]
    for operation in LIVE_OPERATIONS:
        template = operation.path
        assert template in paths, template
        assert operation.method.lower() in paths[template], template
        parameters = paths[template][operation.method.lower()].get("parameters", ())
        names = {parameter.get("name", "access_token") for parameter in parameters}
        assert set(operation.query) <= names, (template, set(operation.query) - names)


def test_writes(serve_live: Callable[..., LiveApi]) -> None:
    """Bodies and answers of the operations that write are valid, and so are their jobs."""
    api = serve_live()
    books = api.server.books
    line = {"description": "Tent", "item": {"quantity": 1.5, "unit_amount": 10.1}, "total_amount": 15.15}
    document = {"issue_date": "2026-06-30T00:00:00.000Z", "currency_code": "GBP", "line_items": [line]}
    customer, vendor = (
        books.rows(XERO, "customers")[0]["id"],
        next(bill["vendor_id"] for bill in books.rows(XERO, "bills")),
    )
    address = dict.fromkeys(
        ("address1", "address2", "city", "country_code", "first_name", "last_name", "postal_code", "region"),
        "x",
    ) | {"email": None, "phone": None}
    product = books.rows("gear-shopify", "products")[0]

    def send(method: str, path: str, connection: str, body: Any) -> Any:
        return validate(api.send(method, path, connection, body=body))

    invoice = send("POST", "/accounting/invoices", XERO, {"invoice": {"customer_id": customer, **document}})[
        "invoice"
    ]
    path = f"/accounting/invoices/{invoice['id']}"
    assert send("PATCH", path, XERO, {"invoice": {"status": "void"}})["invoice"]["status"] == "void"
    bill = send("POST", "/accounting/bills", XERO, {"bill": {"vendor_id": vendor, **document}})["bill"]
    send("PATCH", f"/accounting/bills/{bill['id']}", XERO, {"bill": {"memo": "paid twice"}})
    order = send(
        "POST",
        "/orders",
        "gear-shopify",
        {
            "order": {
                "currency_code": "EUR",
                "customer": {"email": "ada@example.com"},
                "billing_address": address,
                "line_items": [{"variant_id": product["variants"][0]["id"], "quantity": 2}],
            }
        },
    )["order"]
    fulfilment = {
        "carrier": "DHL",
        "tracking_number": "1",
        "line_items": [{"line_item_id": order["line_items"][0]["id"]}],
    }
    send("POST", f"/orders/{order['id']}/fulfillments", "gear-shopify", {"fulfillment": fulfilment})
    send("PATCH", f"/orders/{order['id']}", "gear-shopify", {"order": {"status": "cancelled"}})
    variant = {"price": 4.5, "sku": "TARP", "option_values": []}
    created = send(
        "POST",
        "/products",
        "gear-shopify",
        {"product": {"name": "Tarp", "description": "", "variants": [variant]}},
    )["product"]
    path = f"/products/{created['id']}"
    send("PATCH", path, "gear-shopify", {"product": {"name": "Big tarp"}})
    variant_id = created["variants"][0]["id"]
    change = {"variant": {"id": variant_id, "price": 5.5}}
    assert send("PATCH", f"{path}/variants/{variant_id}", "gear-shopify", change)["variant"]["price"] == 5.5
    credentials = {"client_id": api.server.client_id, "secret": api.server.client_secret}
    validate(
        api.send(
            "POST", "/item/public_token/exchange", body={**credentials, "public_token": "public-gear-bank"}
        )
    )
    api.server.configure(faults=[Fault("async_response", operation="write", times=0)])
    body = {"invoice": {"customer_id": customer, **document}, "response_mode": "prefer_sync"}
    job = send("POST", "/accounting/invoices", XERO, body)["async_response"]["id"]
    states = [validate(api.get(f"/jobs/{job}")) for _ in range(2)]
    assert [state["status"] for state in states] == ["pending", "success"]
    assert json.dumps(document["currency_code"]) in json.dumps(states[1]["response"]["body"])
