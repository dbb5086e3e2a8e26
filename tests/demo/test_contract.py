"""Every operation and every payload agrees with openapi.yaml.

One difference is known: the contract calls no field nullable, while real services, and so the
demo, send null for a value that is missing. Payloads are therefore validated without their nulls.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from rutterframe.demo.api.operations import OPERATIONS

if TYPE_CHECKING:
    import httpx

    from tests.demo.conftest import Api

CONTRACT = yaml.safe_load(
    (Path(__file__).parents[1] / "contract" / "openapi.yaml").read_text(encoding="utf-8")
)
SPEC = OpenAPI.from_dict(CONTRACT)
BASE = "https://production.rutterapi.com/versioned"
LISTS = [
    ("connections", None),
    ("accounts", "gear-xero"),
    ("transactions", "gear-xero"),
    ("transactions", "roaster-bank"),
    ("invoices", "roaster-quickbooks"),
    ("bills", "gear-xero"),
    ("expenses", "gear-xero"),
    ("orders", "roaster-shopify"),
    ("orders", "gear-amazon"),
    ("products", "roaster-shopify"),
    ("customers", "gear-shopify"),
    ("customers", "gear-xero"),
    ("bank_accounts", "gear-bank"),
    ("ad_accounts", "roaster-google-ads"),
]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(element) for key, element in value.items() if element is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


def validate(answer: httpx.Response) -> None:
    """Check the request that was sent and the answer that came against the contract."""
    sent = answer.request
    path = sent.url.path
    request = MockRequest(
        "https://production.rutterapi.com",
        sent.method.lower(),
        "/versioned" + path,
        args=dict(sent.url.params),
        headers=dict(sent.headers),
        data=sent.content or None,
    )
    data = json.dumps(without_nulls(answer.json())).encode() if answer.content else b""
    assert answer.status_code in {200, 204}, answer.text
    SPEC.validate_request(request)
    SPEC.validate_response(request, MockResponse(data, answer.status_code))


def test_the_demo_has_the_contracts_operations() -> None:
    """Method, path and query parameters of all 26 operations are those of the contract."""
    contract = {
        (
            operation["operationId"],
            method.upper(),
            path.replace("{" + path.partition("{")[2].partition("}")[0] + "}", "{id}"),
            tuple(sorted(query_of(operation))),
        )
        for path, operations in CONTRACT["paths"].items()
        for method, operation in operations.items()
    }
    assert {(op.name, op.method, op.path, tuple(sorted(op.query))) for op in OPERATIONS} == contract
    assert len(contract) == len(OPERATIONS) == 26


def query_of(operation: dict[str, Any]) -> list[str]:
    shared = CONTRACT["components"]["parameters"]
    parameters = [
        shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        for parameter in operation.get("parameters", [])
    ]
    return [parameter["name"] for parameter in parameters if parameter["in"] == "query"]


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_lists_agree_with_the_contract(api: Api, resource: str, connection: str | None) -> None:
    """All pages of the lists validate, which covers every row, anomalies included."""
    api.server.configure(page_size=200)
    path, cursor = "/" + resource.replace("_", "-"), None
    while True:
        answer = api.get(path, connection, **({} if cursor is None else {"cursor": cursor}))
        validate(answer)
        cursor = answer.json()["next_cursor"]
        if cursor is None or resource in {"transactions", "customers"}:  # thousands of rows of one kind
            return


@pytest.mark.parametrize(("resource", "connection"), LISTS)
def test_records_have_the_contracts_fields(api: Api, resource: str, connection: str | None) -> None:
    """Every record has all fields of its schema and no other, in the contract's order."""
    name = {"bank_accounts": "BankAccount", "ad_accounts": "AdAccount"}.get(
        resource, resource[:-1].capitalize()
    )
    fields = list(CONTRACT["components"]["schemas"][name]["properties"])
    for row in api.server.books.rows(connection or "", resource):
        assert list(row) == fields


def test_filters_and_expansion_agree_with_the_contract(api: Api) -> None:
    """The filtered and the expanded lists validate as well."""
    since = "2026-06-01T00:00:00Z"
    validate(api.get("/orders", "gear-shopify", updated_at_min=since, expand="platform_data"))
    validate(api.get("/transactions", "gear-bank", updated_at_min=since))


def test_single_records_agree_with_the_contract(api: Api) -> None:
    """The five operations that return one record validate."""
    validate(api.get("/connections/gear-xero"))
    for resource, connection in (
        ("invoices", "gear-xero"),
        ("orders", "gear-amazon"),
        ("products", "gear-amazon"),
        ("customers", "gear-amazon"),
    ):
        row = api.server.books.rows(connection, resource)[0]
        validate(api.get(f"/{resource}/{row['id']}", connection))


def test_writes_agree_with_the_contract(fresh: Api) -> None:
    """Bodies and answers of the nine operations that write validate, and so does the list of webhooks."""
    ledger, shop = "gear-xero", "gear-shopify"
    books = fresh.server.books
    line = {"description": "Tent", "quantity": 1.5, "unit_price": 10.1, "total_amount": 15.15}
    invoice = {
        "customer_id": books.rows(ledger, "customers")[0]["id"],
        "currency": "GBP",
        "due_date": "2026-07-31",
        "line_items": [line],
    }
    bill = {"vendor_id": books.rows(ledger, "bills")[0]["vendor_id"], "line_items": [line]}
    product = books.rows(shop, "products")[0]
    order_line = {
        "product_id": product["id"],
        "variant_id": product["variants"][0]["id"],
        "quantity": 2,
        "unit_price": 5.5,
    }
    order = {
        "customer_id": books.rows(shop, "customers")[0]["id"],
        "currency": "USD",
        "line_items": [order_line],
    }
    hook = {"url": "https://example.com/hook", "events": ["order.created"]}

    validate(fresh.send("POST", "/invoices", ledger, body=invoice))
    validate(fresh.send("POST", "/bills", ledger, body=bill))
    answer = fresh.send("POST", "/orders", shop, body=order)
    validate(answer)
    fulfilment = {"carrier": "DHL", "line_items": [{"line_item_id": "1", "quantity": 1}]}
    validate(fresh.send("POST", f"/orders/{answer.json()['id']}/fulfillments", shop, body=fulfilment))
    validate(fresh.send("POST", "/products", shop, body={"title": "Tarp", "price": 4.5, "currency": "EUR"}))
    validate(fresh.send("PUT", f"/products/{product['id']}", shop, body={"status": "draft"}))
    validate(fresh.send("POST", "/connections/token_exchange", body={"public_token": "public-gear-bank"}))
    created = fresh.send("POST", "/config-webhooks", body=hook)
    validate(created)
    validate(fresh.get("/config-webhooks"))
    validate(fresh.send("DELETE", f"/config-webhooks/{created.json()['id']}"))
