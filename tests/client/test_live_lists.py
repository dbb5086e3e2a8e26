"""Lists and single records of the live service, read as the dialect's records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.models.live import LiveInvoice
from tests.client.live_api import ENVELOPE, LEDGER, SHOP, LiveAPI, page

Answering = Callable[..., rf.Client]

INVOICE: dict[str, Any] = {
    "id": "i1",
    "customer_id": "c1",
    "status": "void",
    "amount_due": "12.50",
    "currency_code": "EUR",
    "due_date": "2026-07-31T00:00:00.000Z",
    "line_items": [
        {
            "description": "Beans",
            "total_amount": 12.5,
            "item": {"id": "p1", "quantity": 2, "unit_amount": 6.25},
        },
        {"description": "Fee", "total_amount": 0, "item": None},
    ],
}


def test_a_list_is_read_as_records_of_the_dialect(live: rf.Client, live_api: LiveAPI) -> None:
    """Rows are mapped: names, words, the written day, and money as text."""
    pages = {None: page("invoices", [INVOICE], "next"), "next": page("invoices", [{**INVOICE, "id": "i2"}])}
    live_api.answers["GET", "/accounting/invoices"] = lambda request: httpx.Response(
        200, json=pages[request.url.params.get("cursor")]
    )
    first, second = live.connection(LEDGER).invoices.list(last_synced_at_min="2026-01-31T00:00:00Z")
    assert type(first) is LiveInvoice
    assert (first.id, first.status, first.amount_due, first.currency, first.due_date, second.id) == (
        "i1", "voided", 12.5, "EUR", date(2026, 7, 31), "i2",
    )  # fmt: skip
    assert [(line.quantity, line.unit_price) for line in first.line_items or ()] == [
        (2.0, 6.25),
        (None, None),
    ]
    query = "limit=500&sort=last_synced_at+ASC&last_synced_at_min=1769817600000"
    assert live_api.sent[1:] == [
        f"GET /accounting/invoices?{query}",
        f"GET /accounting/invoices?{query}&cursor=next",
    ]


def test_a_list_with_two_routes_is_one_list(live: rf.Client, live_api: LiveAPI) -> None:
    """Expenses and refunds are two requests, and one list."""
    live_api.answers["GET", "/accounting/expenses"] = lambda request: httpx.Response(
        200, json=page("expenses", [{"id": request.url.params["expense_type"]}])
    )
    assert [one.id for one in live.connection(LEDGER).expenses.list()] == ["expense", "refund"]


def test_a_single_record_is_unwrapped(live: rf.Client, live_api: LiveAPI) -> None:
    """A single record stands in an object of its own, and is requested without the list's parameters."""
    live_api.answers["GET", "/accounting/invoices/i1"] = {"invoice": INVOICE, "connection": ENVELOPE}
    invoice = live.connection(LEDGER).invoices.retrieve("i1")
    assert (invoice.id, invoice.currency, invoice.due_date) == ("i1", "EUR", date(2026, 7, 31))
    assert live_api.sent[1:] == ["GET /accounting/invoices/i1"]


@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_id_is_not_found(live: rf.Client, live_api: LiveAPI, status: int) -> None:
    """The service answers 404 or 410 for an id that it does not know: both are NotFound."""
    live_api.answers["GET", "/accounting/bills/b1"] = lambda _: httpx.Response(
        status, json={"error_code": "X"}
    )
    with pytest.raises(rf.NotFound) as error:
        live.connection(LEDGER).bills.retrieve("b1")
    assert error.value.status == status


def test_null_is_not_found(live: rf.Client, live_api: LiveAPI) -> None:
    """An order that the service does not know may be null: that is said in words, and not retried."""
    live_api.answers["GET", "/orders/o1"] = {"order": None, "connection": ENVELOPE}
    with pytest.raises(rf.NotFound) as error:
        live.connection(SHOP).orders.retrieve("o1")
    assert error.value.message == "There is no order 'o1': the API answered with null"
    assert len(live_api.sent) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "There is no transaction 'p1': the API answered with an empty list"),
        ([{"id": "p2"}], "1 of 1 rows of a page cannot be read"),
        ([{"id": "p1"}, {"id": "p1"}], "1 of 1 rows of a page cannot be read"),
    ],
)
def test_a_payment_is_one_of_a_list(
    live: rf.Client, live_api: LiveAPI, rows: list[dict[str, Any]], message: str
) -> None:
    """A payment of a shop stands in a list; none, another or two of that id are refused."""
    payments = live.connection(SHOP).shop_payments
    live_api.answers["GET", "/transactions/p1"] = {"transaction": [{"id": "p0"}, {"id": "p1"}]}
    assert payments.retrieve("p1").id == "p1"
    live_api.answers["GET", "/transactions/p1"] = {"transaction": rows}
    with pytest.raises(rf.RutterframeError, match=message):
        payments.retrieve("p1")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (INVOICE, r"^The response has no 'invoice' \(keys: \["),
        (
            {"invoice": {**INVOICE, "id": "other"}},
            r"^Requested 'i1', but the response is LiveInvoice\(id='other'",
        ),
        ({"invoice": 3}, "."),
    ],
)
def test_a_single_record_of_another_form_is_refused(
    live: rf.Client, live_api: LiveAPI, answer: Any, message: str
) -> None:
    """A bare record, or one with another id, is refused at once."""
    live_api.answers["GET", "/accounting/invoices/i1"] = answer
    with pytest.raises(rf.InvalidResponse, match=message):
        live.connection(LEDGER).invoices.retrieve("i1")
    assert len(live_api.sent) == 2


def test_a_customer_is_looked_for_by_platform(live: rf.Client, live_api: LiveAPI) -> None:
    """A customer is one of the ledger or of the shop; of an unknown platform both are asked."""
    live_api.answers["GET", "/customers/c1"] = {
        "customer": {"id": "c1", "first_name": "Ann", "last_name": "Lee"}
    }
    assert live.connection(SHOP).customers.retrieve("c1").name == "Ann Lee"
    assert live.connection("other", "a-token").customers.retrieve("c1").name == "Ann Lee"
    assert [text for text in live_api.sent if "customers" in text] == [
        "GET /customers/c1",
        "GET /accounting/customers/c1",
        "GET /customers/c1",
    ]


def test_what_there_is_one_of_is_a_list_of_one(live: rf.Client, live_api: LiveAPI) -> None:
    """The store and the company's facts are single objects on the wire; null is an empty list."""
    live_api.answers["GET", "/store"] = {"store": {"id": "s1"}, "connection": ENVELOPE}
    live_api.answers["GET", "/accounting/company_info"] = {"company_info": None, "connection": ENVELOPE}
    assert [one.id for one in live.connection(SHOP).stores.list()] == ["s1"]
    assert list(live.connection(LEDGER).company_info.list()) == []


def test_every_resource_is_an_attribute(live: rf.Client, live_api: LiveAPI) -> None:
    """A live connection has all 25 resources, by name and as attributes, and the card names them."""
    connection = live.connection(LEDGER)
    for name in (*RESOURCES, *LIVE_RESOURCES):
        assert connection.listing(name).resource == name
        assert f"{name!r} of 'ledger-1'" in repr(getattr(connection, name))
    assert "cash_flow_statements, events" in connection._repr_html_()
    assert len(live_api.sent) == 1


@pytest.mark.parametrize("name", LIVE_RESOURCES)
def test_what_only_live_has_is_refused_by_the_contract(answering: Answering, name: str) -> None:
    """In the contract the attribute raises an error with the next step; hasattr is False."""
    connection = answering(lambda _: httpx.Response(500)).connection("books")
    for use in (lambda: getattr(connection, name), lambda: connection.listings(name)):
        with pytest.raises(rf.ConfigurationError) as error:
            use()
        assert str(error.value) == (
            f"{name!r} is only in the live dialect\nNext: the contract has no such resource; of the real "
            "service open rf.Client(dialect='live')."
        )
    assert not hasattr(connection, name)
    with pytest.raises(AttributeError, match="'Connection' object has no attribute 'vendor'"):
        getattr(connection, "vend" + "or")


def test_what_is_only_listed_cannot_be_retrieved(live: rf.Client) -> None:
    """A resource without single records has no retrieve."""
    assert not hasattr(live.connection(LEDGER).payouts, "retrieve")


def test_an_expansion_of_the_contract_is_refused(live: rf.Client) -> None:
    """The contract's expand is not a filter of live."""
    with pytest.raises(rf.InvalidFilter, match="cannot be filtered by 'expand'"):
        live.connection(SHOP).orders.list(expand="platform_data")


def test_webhooks_are_a_bare_list(live: rf.Client, live_api: LiveAPI) -> None:
    """Webhooks are listed without an object around them; they are created in the dashboard only."""
    live_api.answers["GET", "/configs/webhooks"] = [
        {
            "id": "w1",
            "url": "https://example.com/hook",
            "api_version": "2024-08-31",
            "disabled": True,
            "allow_list": {"allowedTypes": ["ORDER_CREATED"]},
            "created_at": "2026-01-01T00:00:00.000Z",
        },
        {"id": "w2", "url": "https://example.com/all", "allow_list": None},
    ]
    first, second = live.webhooks.list()
    assert (first.id, first.events, first.status) == ("w1", ["order.created"], "inactive")
    assert (second.events, second.status) == (None, "active")
    for write in (
        lambda: live.webhooks.create(url="https://example.com", events=["order.created"]),
        lambda: live.webhooks.delete("w1"),
    ):
        with pytest.raises(rf.ConfigurationError) as error:
            write()
        assert str(error.value) == (
            "Webhooks cannot be created or deleted in the live dialect\n"
            "Next: do it in the service's dashboard; client.webhooks.list() shows them."
        )
    live_api.answers["GET", "/configs/webhooks"] = {"webhooks": []}
    with pytest.raises(rf.InvalidResponse, match="instead of a list"):
        list(live.webhooks.list())
