"""Invalid bodies are refused, and the error names the field and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Api


QB, SHOP = "roaster-quickbooks", "roaster-shopify"


def first(api: Api, connection: str, resource: str, position: int = 0) -> dict[str, Any]:
    return api.server.books.rows(connection, resource)[position]


def assert_refused(answer: Any, field: str, reason: str) -> None:
    assert answer.status_code == 422, answer.text
    message = answer.json()["error_message"]
    assert message.startswith(f"{field}: "), message
    assert reason in message


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"title": NaN}', b"\xff", b'{"title": 1e9999999999999999999}', b"[" * 100_000],
)
def test_a_body_that_is_not_json_is_422(api: Api, body: bytes) -> None:
    """The reason is that it is not JSON, whatever else it is."""
    assert_refused(api.send("POST", "/products", SHOP, body=body), "body", "not JSON")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ([], "body", "must be an object, not a list"),
        ("x", "body", "must be an object, not 'x'"),
        (None, "body", "not JSON"),
        ({}, "customer_id", "is missing"),
        ({"customer_id": "c"}, "line_items", "is missing"),
        ({"customer_id": 7, "line_items": []}, "customer_id", "must be text, not 7"),
        ({"customer_id": None, "line_items": []}, "customer_id", "must be text, not null"),
        ({"customer_id": True, "line_items": []}, "customer_id", "must be text, not true"),
        ({"customer_id": "\ud800", "line_items": []}, "customer_id", "surrogate"),
        ({"customer_id": "c", "line_items": {}}, "line_items", "must be a list, not an object"),
        ({"customer_id": "c", "line_items": [3]}, "line_items[0]", "must be an object, not 3"),
        (
            {"customer_id": "c", "line_items": [{}, {"quantity": "2"}]},
            "line_items[1].quantity",
            "must be a number, not '2'",
        ),
        (
            {"customer_id": "c", "line_items": [{"quantity": True}]},
            "line_items[0].quantity",
            "must be a number, not true",
        ),
        (
            {"customer_id": "c", "line_items": [{"quantity": 1e12}]},
            "line_items[0].quantity",
            "must be below 1,000,000,000,000",
        ),
        (
            {"customer_id": "c", "line_items": [{"price": 2}]},
            "line_items[0].price",
            "known are description, quantity, unit_price",
        ),
        (
            {"customer_id": "c", "line_items": [], "status": "paid"},
            "status",
            "unknown field; known are customer_id, currency",
        ),
        (
            {"customer_id": "c", "line_items": [], "due_date": "soon"},
            "due_date",
            "must be a date YYYY-MM-DD, not 'soon'",
        ),
        ({"customer_id": "c", "line_items": [], "due_date": "20260701"}, "due_date", "must be a date"),
        (
            {"customer_id": "c", "line_items": [], "currency": "CHF"},
            "currency",
            "keeps no accounts in 'CHF'; known are USD, JPY, KWD",
        ),
        ({"customer_id": "c", "line_items": []}, "customer_id", "no 'c' on this connection"),
    ],
)
def test_malformed_invoices_are_422(api: Api, body: Any, field: str, reason: str) -> None:
    """The error names the field and the reason."""
    assert_refused(api.send("POST", "/invoices", QB, body=body), field, reason)


def test_malformed_bodies_of_other_operations_are_422(api: Api) -> None:
    """Vendors, products, variants, currencies, statuses, events and addresses are checked as well."""
    vendor = {"vendor_id": "v", "line_items": []}
    customer = first(api, SHOP, "customers")["id"]
    product = first(api, SHOP, "products")["id"]
    order = first(api, SHOP, "orders")["id"]
    hook: dict[str, Any] = {"url": "https://example.com", "events": []}

    assert_refused(api.send("POST", "/bills", QB, body=vendor), "vendor_id", "no 'v' on this connection")
    cases: list[tuple[str, str, dict[str, Any], str, str]] = [
        ("POST", "/orders", {"customer_id": "c", "line_items": []}, "customer_id", "no 'c'"),
        (
            "POST",
            "/orders",
            {"customer_id": customer, "line_items": [{"product_id": "p"}]},
            "line_items[0].product_id",
            "no 'p'",
        ),
        (
            "POST",
            "/orders",
            {"customer_id": customer, "line_items": [{"product_id": product, "variant_id": "v"}]},
            "line_items[0].variant_id",
            "no 'v' of this product",
        ),
        (
            "POST",
            "/orders",
            {"customer_id": customer, "line_items": [{"quantity": 1.5}]},
            "line_items[0].quantity",
            "whole number",
        ),
        (
            "POST",
            "/orders",
            {"customer_id": customer, "line_items": [], "currency": "EUR"},
            "currency",
            "known are USD",
        ),
        ("POST", "/products", {"price": 3}, "title", "is missing"),
        (
            "PUT",
            f"/products/{product}",
            {"status": "gone"},
            "status",
            "must be one of active, draft, archived, not 'gone'",
        ),
        ("PUT", f"/products/{product}", {"currency": "USD"}, "currency", "unknown field"),
        (
            "POST",
            f"/orders/{order}/fulfillments",
            {"line_items": [{"quantity": "1"}]},
            "line_items[0].quantity",
            "must be a number",
        ),
    ]
    for method, path, body, field, reason in cases:
        assert_refused(api.send(method, path, SHOP, body=body), field, reason)
    for change, field, reason in (
        ({"url": "nope"}, "url", "must be an http or https URI"),
        ({"url": "https://[x"}, "url", "must be a URI"),
        ({"events": ["order.deleted"]}, "events[0]", "must be one of connection.created"),
        ({"events": "order.created"}, "events", "must be a list"),
    ):
        assert_refused(api.send("POST", "/config-webhooks", body=hook | change), field, reason)


@pytest.mark.parametrize(
    ("path", "connection", "body"),
    [
        ("/invoices", SHOP, {"customer_id": "c", "line_items": []}),
        ("/bills", "roaster-bank", {"vendor_id": "c", "line_items": []}),
        ("/orders", QB, {"customer_id": "c", "line_items": []}),
        ("/products", "roaster-google-ads", {"title": "c"}),
    ],
)
def test_a_platform_without_the_resource_refuses_it(
    api: Api, path: str, connection: str, body: dict[str, Any]
) -> None:
    """An invoice for a shop, or an order for a ledger, is 400."""
    answer = api.send("POST", path, connection, body=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "UNSUPPORTED_BY_PLATFORM")
