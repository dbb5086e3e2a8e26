"""Every call of a live client against the demo's live API, over a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from tests.conftest import client_of

LEDGER, SHOP, BANK = "roaster-quickbooks", "roaster-shopify", "roaster-bank"
ADDRESS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 Main Street",
    "address2": "Floor 2",
    "city": "Leeds",
    "region": "Yorkshire",
    "postal_code": "LS1",
    "country_code": "GB",
}
LINE = {"description": "Beans", "quantity": 2, "unit_price": 6.17, "total_amount": 12.34}


@pytest.fixture(scope="module")
def live_server() -> Iterator[DemoServer]:
    """A demo API of this module's own, since it is written to."""
    with DemoServer(dialect="live") as server:
        yield server


@pytest.fixture
def client(live_server: DemoServer) -> Iterator[rf.Client]:
    """A client without a token of its own."""
    live_server.configure(faults=[])
    with client_of(live_server, dialect="live", access_tokens=None) as client:
        yield client


@pytest.mark.parametrize("resource", [*RESOURCES, *LIVE_RESOURCES])
def test_every_list_is_read(client: rf.Client, resource: str) -> None:
    """Each list is read from the platform that has it, and its first record has an id."""
    kinds = (LEDGER, SHOP, BANK, "roaster-google-ads")
    for name in kinds:
        try:
            records = list(getattr(client.connection(name), resource).list())
        except rf.NotFound:
            continue
        if records:
            assert type(records[0]) is client._session.dialect.record(resource)
            return
    pytest.fail(f"no connection of {kinds} has {resource}")


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        (LEDGER, "invoices"),
        (LEDGER, "bills"),
        (LEDGER, "customers"),
        (LEDGER, "vendors"),
        (SHOP, "orders"),
        (SHOP, "products"),
        (SHOP, "customers"),
    ],
)
def test_a_single_record_is_that_of_the_list(client: rf.Client, name: str, resource: str) -> None:
    """What is retrieved is equal to what is listed."""
    one: Any = getattr(client.connection(name), resource)
    first = next(one.list())
    assert one.retrieve(first.id) == first
    with pytest.raises(rf.NotFound):
        one.retrieve("no such id")


def test_connections_and_their_states(client: rf.Client) -> None:
    """All connections are listed, those that need to sign in again too; states name the age of the data."""
    words = {one.id: one.status for one in client.connections.list()}
    assert words[LEDGER] == "active"
    assert {"needs_reauth", "disabled"} & set(words.values())
    status = client.connections.status(LEDGER)
    assert (status.is_ready, status.is_disabled) == (True, False)
    assert status.last_sync_completed_at is not None
    assert client.connection(LEDGER).status() is not None
    assert client.connections.retrieve(LEDGER).id == LEDGER
    assert list(client.webhooks.list()) is not None


def test_an_invoice_is_created_changed_and_voided(client: rf.Client) -> None:
    """What is written is read again."""
    invoices = client.connection(LEDGER).invoices
    customer = next(client.connection(LEDGER).customers.list()).id
    fields: dict[str, Any] = {"customer_id": customer, "issue_date": "2026-06-30", "currency": "USD"}
    written = invoices.create(**fields, due_date="2026-07-31", line_items=[LINE], idempotency_key="invoice-1")
    assert (written.amount_due, str(written.due_date), written.status) == (12.34, "2026-07-31", "open")
    again = invoices.create(**fields, due_date="2026-07-31", line_items=[LINE], idempotency_key="invoice-1")
    assert again.id == written.id
    assert str(invoices.update(written.id or "", due_date="2026-08-31").due_date) == "2026-08-31"
    assert invoices.update(written.id or "", status="voided").status == "voided"
    assert invoices.retrieve(written.id or "").status == "voided"


def test_a_bill_is_created(client: rf.Client) -> None:
    """A bill of a vendor."""
    ledger = client.connection(LEDGER)
    vendor = next(ledger.vendors.list()).id or ""
    bill = ledger.bills.create(vendor_id=vendor, issue_date="2026-06-30", currency="USD", line_items=[LINE])
    assert ledger.bills.retrieve(bill.id or "").amount_due == 12.34


def test_an_order_is_created_and_shipped(client: rf.Client) -> None:
    """An order of a variant, then its shipment."""
    shop = client.connection(SHOP)
    product = next(product for product in shop.products.list() if product.variants)
    variant = (product.variants or [])[0].id
    order = shop.orders.create(
        customer={"email": "ann@example.com"},
        billing_address=ADDRESS,
        currency="USD",
        line_items=[{"variant_id": variant, "quantity": 2}],
    )
    lines: Any = order.line_items
    shop.orders.fulfill(
        order.id or "", carrier="DHL", tracking_number="T-1", line_items=[{"line_item_id": lines[0].line_id}]
    )
    assert shop.orders.retrieve(order.id or "").status == "fulfilled"


def test_a_product_is_created_and_changed(client: rf.Client) -> None:
    """A product with one variant, and a new price."""
    products = client.connection(SHOP).products
    product = products.create(title="Filter", description="Paper", price=4.5, sku="FILTER-1")
    assert product.price == 4.5
    changed = products.update(product.id or "", price=5.25, title="Filter, large")
    assert (changed.price, changed.title) == (5.25, "Filter, large")
    assert products.retrieve(product.id or "").price == 5.25


def test_jobs_are_followed(live_server: DemoServer, client: rf.Client) -> None:
    """A write and a statement that the API answers later are followed through their jobs."""
    live_server.configure(faults=[Fault("async_response", resource="bills", operation="write")])
    ledger = client.connection(LEDGER)
    vendor = next(ledger.vendors.list()).id or ""
    bill = ledger.bills.create(vendor_id=vendor, issue_date="2026-06-30", currency="USD", line_items=[LINE])
    assert bill.amount_due == 12.34
    live_server.configure(faults=[Fault("async_response", resource="balance_sheets")])
    assert next(ledger.balance_sheets.list()).total_assets is not None


REFUSED: dict[str, tuple[Callable[[rf.Client], object], type[rf.RutterframeError]]] = {
    "other token": (lambda c: list(c.connection(LEDGER, "wrong").invoices.list()), rf.AuthenticationError),
    "unknown connection": (lambda c: c.connection("nowhere"), rf.MissingToken),
    "sign in": (
        lambda c: list(c.connection("roaster-netsuite-old").invoices.list()),
        rf.NeedsReauthentication,
    ),
    "no such list": (lambda c: list(c.connection(SHOP).invoices.list()), rf.NotFound),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_have_their_errors(client: rf.Client, case: str) -> None:
    """Each refusal of the API has the error that it stands for."""
    call, kind = REFUSED[case]
    with pytest.raises(kind):
        call(client)


def test_a_connection_that_is_not_ready(live_server: DemoServer, client: rf.Client) -> None:
    """Before the first synchronisation the error says to wait."""
    live_server.configure(faults=[Fault("not_ready", resource="invoices", times=0)])
    with pytest.raises(rf.ProductNotReady):
        list(client.connection(LEDGER).invoices.list())
