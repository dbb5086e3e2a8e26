"""Write requests: created records are listed, and the books stay balanced."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.conftest import Api

QB, SHOP = "roaster-quickbooks", "roaster-shopify"


def first(api: Api, connection: str, resource: str, position: int = 0) -> dict[str, Any]:
    return api.server.books.rows(connection, resource)[position]


def balances(api: Api) -> dict[tuple[str, str], Decimal]:
    return {(row["name"], row["currency"]): row["balance"] for row in api.rows("accounts", QB)}


def test_an_invoice_is_written_and_posted(fresh: Api) -> None:
    """The amount due is the sum of the lines, and receivables and sales rise by it."""
    before = balances(fresh)
    count = len(fresh.server.books.rows(QB, "transactions"))
    customer = first(fresh, QB, "customers")["id"]
    body = {
        "customer_id": customer,
        "due_date": "2026-07-30",
        "line_items": [
            {"description": "Beans", "quantity": 2.5, "unit_price": 19.99},
            {"description": "Delivery", "total_amount": 7.5},
            {"quantity": 3},
            {},
        ],
    }
    answer = fresh.send("POST", "/invoices", QB, body=body)
    invoice = answer.json()

    assert answer.status_code == 200
    assert invoice | {"id": ""} == {
        "id": "",
        "customer_id": customer,
        "status": "open",
        "amount_due": 57.48,  # 2.5 x 19.99 is 49.975, which is rounded half to even
        "currency": "USD",
        "due_date": "2026-07-30",
        "line_items": [
            {"description": "Beans", "quantity": 2.5, "unit_price": 19.99, "total_amount": 49.98},
            {"description": "Delivery", "quantity": None, "unit_price": None, "total_amount": 7.5},
            {"description": None, "quantity": 3, "unit_price": None, "total_amount": 0.0},
            {"description": None, "quantity": None, "unit_price": None, "total_amount": 0.0},
        ],
    }
    assert fresh.get(f"/invoices/{invoice['id']}", QB).json() == invoice
    assert fresh.rows("invoices", QB)[-1]["id"] == invoice["id"]
    after = balances(fresh)
    changed = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert changed == {
        ("Accounts Receivable", "USD"): Decimal("57.48"),
        ("Wholesale sales", "USD"): Decimal("57.48"),
    }
    posted = fresh.server.books.rows(QB, "transactions")[count:]
    assert [(row["amount"], row["type"], row["date"]) for row in posted] == [
        (57.48, "invoice", "2026-06-30")
    ] * 2


@pytest.mark.parametrize(
    ("currency", "price", "due"), [("KWD", 1.2345, 1.234), ("JPY", 100.5, 100), ("USD", 0.125, 0.12)]
)
def test_amounts_round_to_the_minor_unit(fresh: Api, currency: str, price: float, due: float) -> None:
    """Dinars keep three decimals, yen none, and halves go to the even neighbour."""
    body = {
        "customer_id": first(fresh, QB, "customers")["id"],
        "currency": currency,
        "line_items": [{"quantity": 1, "unit_price": price}],
    }
    invoice = fresh.send("POST", "/invoices", QB, body=body).json()
    assert (invoice["currency"], invoice["amount_due"]) == (currency, due)


def test_a_bill_is_written_and_posted(fresh: Api) -> None:
    """Payables and purchases rise by the sum of the lines; without a due date it is null."""
    before = balances(fresh)
    body = {
        "vendor_id": first(fresh, QB, "bills")["vendor_id"],
        "currency": "JPY",
        "line_items": [{"quantity": 4, "unit_price": 1180}, {"total_amount": -720}],
    }
    bill = fresh.send("POST", "/bills", QB, body=body).json()

    assert (bill["amount_due"], bill["currency"], bill["due_date"], bill["status"]) == (
        4000,
        "JPY",
        None,
        "open",
    )
    assert fresh.rows("bills", QB)[-1]["id"] == bill["id"]
    after = balances(fresh)
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        ("Accounts Payable (JPY)", "JPY"): Decimal(4000),
        ("Other purchases (JPY)", "JPY"): Decimal(4000),
    }


def test_the_books_balance_after_many_writes(fresh: Api) -> None:
    """Postings and balances agree after invoices, bills and an empty document."""
    customer, vendor = first(fresh, QB, "customers")["id"], first(fresh, QB, "bills")["vendor_id"]
    for cents in (1, 10, 12_345, 999_999_999):
        lines = [{"quantity": 1, "unit_price": cents / 100}, {"quantity": 7, "unit_price": 0.07}]
        fresh.send("POST", "/invoices", QB, body={"customer_id": customer, "line_items": lines})
        fresh.send("POST", "/bills", QB, body={"vendor_id": vendor, "line_items": lines})
    empty = fresh.send("POST", "/invoices", QB, body={"customer_id": customer, "line_items": []})

    assert empty.json()["amount_due"] == 0
    fresh.server.configure(page_size=500)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in fresh.rows("transactions", QB):
        sums[row["account_id"]] += row["amount"]
    accounts = fresh.rows("accounts", QB)
    assert {row["id"]: row["balance"] for row in accounts if row["balance"]} == {
        k: v for k, v in sums.items() if v
    }
    receivable = sum(
        row["amount_due"]
        for row in fresh.rows("invoices", QB)
        if (row["status"], row["currency"]) == ("open", "USD")
    )
    assert receivable == next(row["balance"] for row in accounts if row["name"] == "Accounts Receivable")


def test_an_idempotency_key_makes_one_invoice(fresh: Api) -> None:
    """The same key and body give the same invoice, another body is 409; each connection has its keys."""
    body = {"customer_id": first(fresh, QB, "customers")["id"], "line_items": [{"total_amount": 5}]}
    headers = {"X-Rutter-Version": "2024-08-31", "Idempotency-Key": "k1"}
    count = len(fresh.server.books.rows(QB, "invoices"))

    one, two = (fresh.send("POST", "/invoices", QB, body=body, headers=headers) for _ in range(2))
    other = fresh.send("POST", "/invoices", QB, body={**body, "currency": "JPY"}, headers=headers)
    new = fresh.send("POST", "/invoices", QB, body=body, headers=headers | {"Idempotency-Key": "k2"})

    assert one.json() == two.json()
    assert (other.status_code, other.json()["error_code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert new.json()["id"] != one.json()["id"]
    assert len(fresh.server.books.rows(QB, "invoices")) == count + 2
    gear = {"customer_id": first(fresh, "gear-xero", "customers")["id"], "line_items": []}
    assert fresh.send("POST", "/invoices", "gear-xero", body=gear, headers=headers).status_code == 200


def test_a_refused_request_does_not_use_up_its_key(fresh: Api) -> None:
    """After a mistake in the body the same key may be used again."""
    headers = {"X-Rutter-Version": "2024-08-31", "Idempotency-Key": "k"}
    body = {"customer_id": "unknown", "line_items": []}
    assert fresh.send("POST", "/invoices", QB, body=body, headers=headers).status_code == 422
    body["customer_id"] = first(fresh, QB, "customers")["id"]
    assert fresh.send("POST", "/invoices", QB, body=body, headers=headers).status_code == 200


def test_an_order_is_written_and_fulfilled(fresh: Api) -> None:
    """Its total is the sum of the lines; it is pending until fulfilled, and then its updated_at moves."""
    product = first(fresh, SHOP, "products")
    variant = product["variants"][2]
    body = {
        "customer_id": first(fresh, SHOP, "customers")["id"],
        "line_items": [
            {"product_id": product["id"], "variant_id": variant["id"], "quantity": 2},
            {"product_id": product["id"], "quantity": 1, "unit_price": 9.995},
            {"unit_price": 1},
            {},
        ],
    }
    order = fresh.send("POST", "/orders", SHOP, body=body).json()

    assert order["total_price"] == round(2 * variant["price"] + 10 + 1, 2)
    assert (order["status"], order["created_at"], order["updated_at"]) == (
        "pending",
        "2026-06-30T12:00:01Z",
        "2026-06-30T12:00:01Z",
    )
    assert [line["quantity"] for line in order["line_items"]] == [2, 1, 1, 1]
    assert fresh.get(f"/orders/{order['id']}", SHOP).json() == order

    path = f"/orders/{order['id']}/fulfillments"
    answer = fresh.send("POST", path, SHOP, body={"carrier": "DHL", "tracking_number": "T1"})
    fulfilment = answer.json()
    assert answer.status_code == 200
    assert (
        fulfilment["order_id"],
        fulfilment["carrier"],
        fulfilment["tracking_number"],
        fulfilment["tracking_url"],
    ) == (
        order["id"],
        "DHL",
        "T1",
        None,
    )
    assert [line["quantity"] for line in fulfilment["line_items"]] == [2, 1, 1, 1]
    after = fresh.get(f"/orders/{order['id']}", SHOP).json()
    assert after == order | {"status": "fulfilled", "updated_at": "2026-06-30T12:00:02Z"}


def test_an_order_of_the_books_is_fulfilled(fresh: Api) -> None:
    """The list, the single record and the filter by change include it; a cancelled order is 409."""
    rows = fresh.server.books.rows(SHOP, "orders")
    pending = next(row for row in rows if row["status"] in {"pending", "processing"})
    cancelled = next(row for row in rows if row["status"] == "cancelled")
    lines = [{"line_item_id": "1", "quantity": 1}]

    answer = fresh.send("POST", f"/orders/{pending['id']}/fulfillments", SHOP, body={"line_items": lines})
    refusal = fresh.send("POST", f"/orders/{cancelled['id']}/fulfillments", SHOP, body={})

    assert answer.json()["line_items"] == lines
    assert (refusal.status_code, refusal.json()["error_code"]) == (409, "ORDER_CANCELLED")
    changed = fresh.rows("orders", SHOP, updated_at_min="2026-06-30T12:00:01Z", expand="platform_data")
    assert [(row["id"], row["status"]) for row in changed] == [(pending["id"], "fulfilled")]
    assert fresh.send("POST", "/orders/nope/fulfillments", SHOP, body={}).status_code == 404


def test_written_orders_have_platform_data_too(fresh: Api) -> None:
    """What came in through the API has no other record on the platform."""
    body = {"customer_id": first(fresh, SHOP, "customers")["id"], "line_items": []}
    fresh.send("POST", "/orders", SHOP, body=body)
    (order,) = fresh.rows("orders", SHOP, updated_at_min="2026-06-30T12:00:01Z", expand="platform_data")
    assert order["platform_data"] == {"source_name": "api"}


def test_a_product_is_written_and_changed(fresh: Api) -> None:
    """A new product is active and has one variant; a change touches what it names, and updated_at."""
    answer = fresh.send("POST", "/products", "gear-shopify", body={"title": "Tarp", "price": 49.999})
    product = answer.json()
    assert answer.status_code == 200
    assert product | {"id": "", "variants": []} == {
        "id": "",
        "title": "Tarp",
        "description": None,
        "status": "active",
        "price": 50.0,
        "currency": "EUR",
        "variants": [],
        "created_at": "2026-06-30T12:00:01Z",
        "updated_at": "2026-06-30T12:00:01Z",
    }
    assert [(v["title"], v["price"], v["inventory_quantity"]) for v in product["variants"]] == [
        ("Default", 50.0, 0)
    ]

    for change in ({"price": 45.5, "status": "archived"}, {"title": "Tarp 3x3", "description": "Big."}, {}):
        product |= change
        answer = fresh.send("PUT", f"/products/{product['id']}", "gear-shopify", body=change)
        assert answer.status_code == 200
        assert answer.json() | {"updated_at": ""} == product | {"updated_at": ""}
    assert answer.json()["updated_at"] == "2026-06-30T12:00:04Z"
    assert fresh.rows("products", "gear-shopify")[-1]["title"] == "Tarp 3x3"


def test_a_product_of_the_books_is_changed(fresh: Api) -> None:
    """The change is in the list, at its old position, and in the shop's next order."""
    product = first(fresh, "gear-amazon", "products", 1)
    fresh.send("PUT", f"/products/{product['id']}", "gear-amazon", body={"price": 1.25})

    assert first(fresh, "gear-amazon", "products", 1)["price"] == 1.25
    body = {
        "customer_id": first(fresh, "gear-amazon", "customers")["id"],
        "currency": "GBP",
        "line_items": [{"product_id": product["id"], "quantity": 4}],
    }
    assert fresh.send("POST", "/orders", "gear-amazon", body=body).json()["total_price"] == 5.0
    assert fresh.send("PUT", "/products/nope", "gear-amazon", body={}).status_code == 404


def test_a_new_product_has_no_price_by_default(fresh: Api) -> None:
    """A missing price is null and counts as nothing; a new id is never that of a deleted product."""
    product = fresh.send("POST", "/products", SHOP, body={"title": "Soon"}).json()
    ordered = {
        line["product_id"] for row in fresh.server.books.rows(SHOP, "orders") for line in row["line_items"]
    }
    body = {
        "customer_id": first(fresh, SHOP, "customers")["id"],
        "line_items": [{"product_id": product["id"], "variant_id": product["variants"][0]["id"]}],
    }

    assert product["price"] is None
    assert product["id"] not in ordered
    assert fresh.send("POST", "/orders", SHOP, body=body).json()["total_price"] == 0


def test_writes_stay_within_one_server(fresh: Api, api: Api) -> None:
    """A written record is stored in the memory of one server."""
    product = fresh.send("POST", "/products", SHOP, body={"title": "Mine"}).json()
    assert api.get(f"/products/{product['id']}", SHOP).status_code == 404


def test_a_whole_number_may_be_written_with_a_point(fresh: Api) -> None:
    """3.0 is a whole number, as JSON Schema has it."""
    body = {
        "customer_id": first(fresh, SHOP, "customers")["id"],
        "line_items": [{"quantity": 3.0, "unit_price": 2}],
    }
    order = fresh.send("POST", "/orders", SHOP, body=body).json()
    assert (order["line_items"][0]["quantity"], order["total_price"]) == (3, 6.0)
