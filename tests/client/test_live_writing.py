"""Writes to the live service: wrapper, names, required fields, keys, and what it cannot take."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.models import LineItem
from tests.client.live_api import ENVELOPE, LEDGER, SHOP, LiveAPI, refusal

Answering = Callable[..., rf.Client]
LINE = {"description": "Beans", "quantity": 2, "unit_price": 6.17, "total_amount": 12.34}
ADDRESS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 Main Street",
    "address2": "",
    "city": "Leeds",
    "region": "Yorkshire",
    "postal_code": "LS1",
    "country_code": "GB",
}
INVOICE = {"customer_id": "c1", "issue_date": "2026-07-01", "currency": "EUR", "line_items": [LINE]}
WRITTEN = {"invoice": {"id": "i1", "amount_due": 12.34, "currency_code": "EUR"}}


def headers(live_api: LiveAPI) -> list[str | None]:
    return [
        request.headers.get("Idempotency-Key") for request in live_api.requests if request.method != "GET"
    ]


def test_an_invoice_in_the_service_s_spelling(live: rf.Client, live_api: LiveAPI) -> None:
    """The draft is wrapped, dates are midnights, names are the service's, and what is sold is an object."""
    live_api.answers["POST", "/accounting/invoices"] = WRITTEN
    invoice = live.connection(LEDGER).invoices.create(
        customer_id="c1",
        issue_date=date(2026, 7, 1),
        due_date="2026-07-31",
        currency="EUR",
        document_number="A-1",
        memo="Thanks",
        payment_terms_id="t1",
        account_id="a1",
        line_items=[
            {**LINE, "item_id": "p1", "account_id": "a2", "discount_amount": 0.5, "tax_rate_id": "x1"},
            LineItem(description="Fee", total_amount=3 * 4.1),
        ],
    )
    assert (invoice.id, invoice.amount_due, invoice.currency) == ("i1", 12.34, "EUR")
    assert live_api.bodies == [
        {
            "response_mode": "prefer_sync",
            "invoice": {
                "customer_id": "c1",
                "issue_date": "2026-07-01T00:00:00.000Z",
                "due_date": "2026-07-31T00:00:00.000Z",
                "currency_code": "EUR",
                "document_number": "A-1",
                "memo": "Thanks",
                "payment_terms_id": "t1",
                "account_id": "a1",
                "line_items": [
                    {
                        "description": "Beans",
                        "total_amount": 12.34,
                        "account_id": "a2",
                        "discount_amount": 0.5,
                        "tax_rate_id": "x1",
                        "item": {"id": "p1", "quantity": 2.0, "unit_amount": 6.17},
                    },
                    {"description": "Fee", "total_amount": 12.3},
                ],
            },
        }
    ]
    assert live_api.sent[1:] == ["POST /accounting/invoices"]
    assert live_api.tokens[1] == f"token-of-{LEDGER}"


def test_a_bill_in_the_service_s_spelling(live: rf.Client, live_api: LiveAPI) -> None:
    """A bill has a vendor, and a key of its own, as every write."""
    live_api.answers["POST", "/accounting/bills"] = {"bill": {"id": "b1", "vendor_id": "v1"}}
    bills = live.connection(LEDGER).bills
    bill = bills.create(
        vendor_id="v1", issue_date="2026-07-01", currency="EUR", line_items=[{"total_amount": 1}]
    )
    assert (bill.id, bill.vendor_id) == ("b1", "v1")
    assert live_api.bodies[0]["bill"]["line_items"] == [{"total_amount": 1.0}]
    bills.create(
        vendor_id="v1", issue_date="2026-07-01", currency="EUR", line_items=[LINE], idempotency_key="own"
    )
    first, second = headers(live_api)
    assert str(uuid.UUID(first)) == first
    assert second == "own"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"issue_date": None}, "issue_date is missing"),
        ({"currency": None}, "currency is missing"),
        (
            {"line_items": [{"quantity": 2, "unit_price": 6.17}], "issue_date": None},
            "issue_date is missing; line_items[0].total_amount is missing",
        ),
        (
            {"line_items": [{"total_amuont": 1}]},
            "line_items[0].total_amuont is not a valid field (did you mean 'total_amount'?",
        ),
        ({"due_date": "31.07.2026"}, "due_date cannot be sent: "),
    ],
)
def test_required_fields_are_checked_before_anything_is_sent(
    live: rf.Client, live_api: LiveAPI, changes: dict[str, Any], message: str
) -> None:
    """What the service requires is named, each mistake, and nothing is sent: no total is worked out here."""
    with pytest.raises(rf.InvalidDraft) as error:
        live.connection(LEDGER).invoices.create(**{**INVOICE, **changes})
    assert error.value.message.startswith(f"Nothing was sent: {message}")
    assert len(live_api.sent) == 1


def test_an_order_in_the_service_s_spelling(live: rf.Client, live_api: LiveAPI) -> None:
    """An order has a customer and addresses, in which email and phone are sent also where they are null."""
    live_api.answers["POST", "/orders"] = {"order": {"id": "o1", "total_price": 19.0}}
    order = live.connection(SHOP).orders.create(
        customer={"email": "ann@example.com", "first_name": "Ann"},
        billing_address={**ADDRESS, "phone": "123"},
        shipping_address=ADDRESS,
        currency="GBP",
        line_items=[{"variant_id": "v1", "quantity": 2}],
        idempotency_key="own",
    )
    assert (order.id, order.total_price) == ("o1", 19.0)
    assert live_api.bodies == [
        {
            "order": {
                "customer": {"email": "ann@example.com", "first_name": "Ann"},
                "billing_address": {**ADDRESS, "email": None, "phone": "123"},
                "shipping_address": {**ADDRESS, "email": None, "phone": None},
                "currency_code": "GBP",
                "line_items": [{"variant_id": "v1", "quantity": 2}],
            }
        }
    ]
    assert headers(live_api) == ["own"]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda shop: shop.orders.create(
                customer_id="c1",
                line_items=[{"variant_id": "v", "quantity": 1, "unit_price": 2, "product_id": "p"}],
            ),
            (
                "customer_id is not taken in the live dialect: pass customer={'email': …} instead; "
                "line_items.unit_price is not taken in the live dialect: the variant has the price; "
                "line_items.product_id is not taken in the live dialect: variant_id names the product too"
            ),
        ),
        (
            lambda shop: shop.orders.create(line_items=[{"variant_id": "v"}], customer={"emial": "x"}),
            (
                "customer.emial is not a valid field (did you mean 'email'? expected one of email, "
                "first_name, last_name)"
            ),
        ),
        (
            lambda shop: shop.products.create(
                title="Tarp", description="d", price=1, sku="s", currency="USD"
            ),
            "currency is not taken in the live dialect: prices are in the shop's own currency",
        ),
        (
            lambda shop: shop.products.create(title="Tarp", description="d", price=1),
            "the whole cannot be sent: price and sku are required, or variants, each with price and sku",
        ),
        (
            lambda shop: shop.products.create(title="Tarp", price=1, sku="s"),
            "description is missing",
        ),
        (
            lambda shop: shop.products.create(
                title="T", description="d", price=1, variants=[{"price": 1, "sku": "s"}]
            ),
            "the whole cannot be sent: price and sku are those of the variants, if variants are passed",
        ),
        (lambda shop: shop.orders.fulfill("o1", carrier="DHL"), "tracking_number is missing"),
        (lambda shop: shop.orders.fulfill("o1", carrier="D", tracking_number="1"), "line_items is missing"),
        (
            lambda shop: shop.orders.fulfill(
                "o1", carrier="D", tracking_number="1", line_items=[{"quantity": 1}]
            ),
            "line_items[0].line_item_id is missing",
        ),
        (lambda shop: shop.products.update("p1"), "there is nothing to change"),
        (lambda shop: shop.products.update("p1", title="x", variant_id="v"), "variant_id is for the price"),
    ],
)
def test_what_live_cannot_take_is_refused(
    live: rf.Client, live_api: LiveAPI, write: Callable[[rf.Connection], object], message: str
) -> None:
    """What has no place in the service's spelling, or lacks a part, is refused in words; nothing is sent."""
    with pytest.raises(rf.InvalidDraft) as error:
        write(live.connection(SHOP))
    assert error.value.message.startswith(f"Nothing was sent: {message}")
    assert [text for text in live_api.sent if not text.startswith("GET")] == []


def test_a_fulfillment_in_the_service_s_spelling(live: rf.Client, live_api: LiveAPI) -> None:
    """A shipment is wrapped, and has a key."""
    live_api.answers["POST", "/orders/o1/fulfillments"] = {
        "fulfillment": {"id": "f1"},
        "connection": ENVELOPE,
    }
    live.connection(SHOP).orders.fulfill(
        "o1", carrier="DHL", tracking_number="T-1", line_items=[{"line_item_id": "l1", "quantity": 1}]
    )
    assert live_api.bodies == [
        {
            "fulfillment": {
                "carrier": "DHL",
                "tracking_number": "T-1",
                "line_items": [{"line_item_id": "l1", "quantity": 1}],
            }
        }
    ]
    assert all(headers(live_api))


@pytest.mark.parametrize(
    ("fields", "variants"),
    [
        ({"price": 4.5, "sku": "F"}, [{"price": 4.5, "sku": "F", "option_values": []}]),
        (
            {"variants": [{"price": 4.5, "sku": "F", "option_values": [{"name": "Size", "value": "L"}]}]},
            [{"price": 4.5, "sku": "F", "option_values": [{"name": "Size", "value": "L"}]}],
        ),
        ({"variants": [{"price": 1, "sku": "F"}]}, [{"price": 1.0, "sku": "F", "option_values": []}]),
    ],
)
def test_a_product_in_the_service_s_spelling(
    live: rf.Client, live_api: LiveAPI, fields: dict[str, Any], variants: list[Any]
) -> None:
    """A product has variants, also where there is only one."""
    live_api.answers["POST", "/products"] = {"product": {"id": "p1", "name": "Filter"}}
    product = live.connection(SHOP).products.create(title="Filter", description="Paper", **fields)
    assert (product.id, product.title) == ("p1", "Filter")
    assert live_api.bodies == [{"product": {"name": "Filter", "description": "Paper", "variants": variants}}]


def a_product(*variants: str, price: float = 1.0) -> dict[str, Any]:
    rows = [{"id": name, "price": price, "sku": name, "iso_currency_code": "USD"} for name in variants]
    return {"product": {"id": "p1", "name": "Filter", "status": "active", "variants": rows}}


def test_the_texts_of_a_product_are_patched(live: rf.Client, live_api: LiveAPI) -> None:
    """Title, description and status are one request."""
    live_api.answers["PATCH", "/products/p1"] = a_product("v1")
    product = live.connection(SHOP).products.update(
        "p1", title="Filter", status="archived", idempotency_key="k"
    )
    assert product.price == 1.0
    assert live_api.bodies == [{"product": {"name": "Filter", "status": "archived"}}]
    assert headers(live_api) == ["k"]


def test_the_price_of_a_product_is_that_of_its_variant(live: rf.Client, live_api: LiveAPI) -> None:
    """The variant is looked up, and changed; the product that is returned has the new price."""
    live_api.answers["GET", "/products/p1"] = a_product("v1")
    changed = {"id": "v1", "product_id": "p1", "price": 21.5, "sku": "v1", "iso_currency_code": "USD"}
    live_api.answers["PATCH", "/products/p1/variants/v1"] = {"variant": changed}
    product = live.connection(SHOP).products.update("p1", price=21.5)
    assert (product.id, product.price, product.currency) == ("p1", 21.5, "USD")
    assert live_api.bodies == [{"variant": {"id": "v1", "price": 21.5}}]
    assert live_api.sent[1:] == ["GET /products/p1", "PATCH /products/p1/variants/v1"]


def test_texts_and_price_are_two_requests(live: rf.Client, live_api: LiveAPI) -> None:
    """Both are changed, each with a key of its own; if the price fails, the error says what was changed."""
    live_api.answers["GET", "/products/p1"] = a_product("v1", "v2")
    live_api.answers["PATCH", "/products/p1"] = a_product("v1", "v2")
    live_api.answers["PATCH", "/products/p1/variants/v2"] = {"variant": {"id": "v2", "price": 2.0}}
    products = live.connection(SHOP).products
    product = products.update("p1", title="Filter", price=2, variant_id="v2", idempotency_key="k")
    assert [variant.price for variant in product.variants or ()] == [1.0, 2.0]
    assert headers(live_api) == ["k", "k-price"]
    live_api.answers["PATCH", "/products/p1/variants/v2"] = refusal(400, "X")
    with pytest.raises(rf.BadRequest) as error:
        products.update("p1", title="Filter", price=2, variant_id="v2")
    assert error.value.hint.startswith("the other fields were changed, the price was not: ")


@pytest.mark.parametrize(
    ("variants", "variant_id", "message", "hint"),
    [
        (
            ("v1", "v2"),
            None,
            "the product has 2 variants, and each has a price",
            "pass variant_id=, one of v1, v2.",
        ),
        (("v1",), "v9", "the product has no variant 'v9'", "pass variant_id=, one of v1."),
        (
            (),
            None,
            "the product has 0 variants, and each has a price",
            "pass variant_id=, one of none: it has no",
        ),
    ],
)
def test_a_price_needs_one_variant(
    live: rf.Client,
    live_api: LiveAPI,
    variants: tuple[str, ...],
    variant_id: str | None,
    message: str,
    hint: str,
) -> None:
    """A price of several variants is not guessed."""
    live_api.answers["GET", "/products/p1"] = a_product(*variants)
    with pytest.raises(rf.InvalidDraft) as error:
        live.connection(SHOP).products.update("p1", price=2, variant_id=variant_id)
    assert error.value.message == f"Nothing was sent: {message}"
    assert error.value.hint.startswith(hint)
    assert live_api.bodies == []


def test_documents_and_orders_are_changed(live: rf.Client, live_api: LiveAPI) -> None:
    """Invoices, bills and orders have updates in live; a voided invoice is 'void' there."""
    live_api.answers["PATCH", "/accounting/invoices/i1"] = {"invoice": {"id": "i1", "status": "void"}}
    live_api.answers["PATCH", "/accounting/bills/b1"] = {"bill": {"id": "b1"}}
    live_api.answers["PATCH", "/orders/o1"] = {
        "order": {"id": "o1", "status": "cancelled"},
        "connection": ENVELOPE,
    }
    ledger, orders = live.connection(LEDGER), live.connection(SHOP).orders
    assert ledger.invoices.update("i1", status="voided", idempotency_key="k").status == "voided"
    assert ledger.bills.update("b1", due_date="2026-08-31", line_items=[LINE]).id == "b1"
    assert orders.update("o1", status="cancelled").status == "cancelled"
    invoice, bill, order = live_api.bodies
    assert invoice == {"response_mode": "prefer_sync", "invoice": {"status": "void"}}
    assert bill["bill"]["due_date"] == "2026-08-31T00:00:00.000Z"
    assert bill["bill"]["line_items"][0]["item"] == {"quantity": 2.0, "unit_amount": 6.17}
    assert order == {"order": {"status": "cancelled"}}
    assert headers(live_api)[0] == "k"
    with pytest.raises(rf.InvalidDraft, match="there is nothing to change"):
        ledger.bills.update("b1")


def test_a_write_that_is_answered_with_null_is_unknown(live: rf.Client, live_api: LiveAPI) -> None:
    """An order that is null after a change may have been changed."""
    live_api.answers["PATCH", "/orders/o1"] = {"order": None, "connection": ENVELOPE}
    with pytest.raises(rf.OutcomeUnknown, match="There is no order 'o1': the API answered with null"):
        live.connection(SHOP).orders.update("o1", status="cancelled")


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (
            lambda c: c.invoices.create(customer_id="c", line_items=[LINE], issue_date="2026-07-01"),
            "issue_date",
        ),
        (lambda c: c.bills.create(vendor_id="v", line_items=[LINE], idempotency_key="k"), "idempotency_key"),
        (lambda c: c.orders.create(customer_id="c", line_items=[], customer={"email": "x"}), "customer"),
        (lambda c: c.orders.fulfill("o1", idempotency_key="k"), "idempotency_key"),
        (lambda c: c.orders.update("o1", status="cancelled"), "orders.update"),
        (lambda c: c.products.create(title="T", sku="s"), "sku"),
        (lambda c: c.products.update("p1", price=1, variant_id="v"), "variant_id"),
        (lambda c: c.invoices.update("i1", memo="x"), "invoices.update"),
        (lambda c: c.bills.update("b1", memo="x"), "bills.update"),
        (lambda c: c.bills.retrieve("b1"), "bills.retrieve"),
    ],
)
def test_what_only_live_takes_is_refused_by_the_contract(
    answering: Answering, write: Callable[[rf.Connection], object], what: str
) -> None:
    """A field or a call of live raises a configuration error in the contract, and nothing is sent."""
    live_api = LiveAPI()
    client = answering(live_api)
    with pytest.raises(rf.ConfigurationError) as error:
        write(client.connection("books"))
    assert error.value.message == f"{what} is only in the live dialect"
    assert live_api.sent == []


def test_an_order_of_the_contract_needs_its_customer(answering: Answering) -> None:
    """The contract's customer_id is checked before anything is sent."""
    client = answering(lambda _: httpx.Response(500))
    with pytest.raises(rf.InvalidDraft, match=r"^Nothing was sent: customer_id is missing"):
        client.connection("books").orders.create(line_items=[{"quantity": 1}])


def test_many_invoices_are_created(live: rf.Client, live_api: LiveAPI) -> None:
    """A frame of invoices has the columns of live; a row that lacks one is invalid, the others are sent."""
    live_api.answers["POST", "/accounting/invoices"] = WRITTEN
    frame = pd.DataFrame(
        {
            "document_number": ["A-1", "A-2"],
            "customer_id": ["c1", "c2"],
            "currency": ["EUR", None],
            "issue_date": [date(2026, 7, 1)] * 2,
        }
    )
    lines = pd.DataFrame({"document_number": ["A-1", "A-2"], "total_amount": [12.34, 5.0]})
    invoices = live.connection(LEDGER).invoices
    checked = invoices.create_many(frame, lines, key="document_number")
    assert checked["status"].tolist() == ["valid", "invalid"]
    assert checked["error"].tolist()[1] == "currency is missing"
    done = invoices.create_many(frame, lines, key="document_number", dry_run=False, resume=checked)
    assert done["status"].tolist() == ["created", "invalid"]
    assert headers(live_api) == [checked["idempotency_key"].tolist()[0]]
    assert live_api.bodies[0]["invoice"]["document_number"] == "A-1"


def test_many_bills_have_keys(live: rf.Client, live_api: LiveAPI) -> None:
    """In live every record has an Idempotency-Key: one of unknown outcome is sent again safely."""
    live_api.answers["POST", "/accounting/bills"] = {"bill": {"id": "b1"}}
    fields = {"vendor_id": "v", "currency": "EUR", "issue_date": "2026-07-01"}
    frame = pd.DataFrame([{**fields, "line_items": [{"total_amount": 1.0}]}])
    done = live.connection(LEDGER).bills.create_many(frame, dry_run=False)
    assert done["status"].tolist() == ["created"]
    assert headers(live_api) == done["idempotency_key"].tolist()


@pytest.mark.parametrize(("failures", "is_known"), [(1, True), (3, False)])
def test_a_lost_response_is_sent_again_with_its_key(
    live: rf.Client, live_api: LiveAPI, failures: int, is_known: bool
) -> None:
    """After a 500 the same is sent again with the same key, and is known once a response comes."""
    answers = [*[httpx.Response(500)] * failures, httpx.Response(200, json={"bill": {"id": "b1"}})]
    live_api.answers["POST", "/accounting/bills"] = lambda _: answers.pop(0)
    fields: dict[str, Any] = {"vendor_id": "v", "issue_date": "2026-07-01", "currency": "EUR"}
    bills = live.connection(LEDGER).bills
    if is_known:
        assert bills.create(**fields, line_items=[LINE]).id == "b1"
    else:
        with pytest.raises(rf.OutcomeUnknown) as error:
            bills.create(**fields, line_items=[LINE])
        assert error.value.idempotency_key == headers(live_api)[0]
    assert len(set(headers(live_api))) == 1
