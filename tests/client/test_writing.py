"""Writing one record: what is checked before, what is never sent twice, and what an unknown outcome says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.accounting import Bills, Invoices
from rutterframe.client.commerce import Orders, Products
from rutterframe.client.webhooks import Webhooks
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.errors import Refusal
from rutterframe.models import LineItem

BOOKS = "roaster-quickbooks"
SHOP = "roaster-shopify"
LINES = [{"total_amount": 12.34}]
Answering = Callable[..., rf.Client]


@pytest.fixture
def server(written_to: DemoServer) -> Iterator[DemoServer]:
    written_to.configure(page_size=50, faults=[])
    yield written_to
    written_to.configure(page_size=50, faults=[])


def posts(server: DemoServer) -> list[tuple[str, str, int]]:
    return [(one.method, one.path, one.status) for one in server.requests]


def party(server: DemoServer) -> tuple[str, str]:
    """Return a customer and a vendor of the ledger."""
    rows = server.books.rows
    return rows(BOOKS, "customers")[0]["id"], rows(BOOKS, "bills")[0]["vendor_id"]


def create(client: rf.Client, resource: str, server: DemoServer, **more: Any) -> Any:
    """Create a record of a resource, with what it needs."""
    customer, vendor = party(server)
    shopper = server.books.rows(SHOP, "customers")[0]["id"]
    needed: dict[str, dict[str, Any]] = {
        "invoices": {"customer_id": customer, "line_items": LINES},
        "bills": {"vendor_id": vendor, "line_items": LINES},
        "orders": {"customer_id": shopper, "line_items": [{"quantity": 1, "unit_price": 12.34}]},
        "products": {"title": "Tarp"},
    }
    connection = client.connection(SHOP if resource in {"orders", "products"} else BOOKS)
    return getattr(connection, resource).create(**{**needed[resource], **more})


CREATABLE = ["invoices", "bills", "orders", "products"]


@pytest.mark.parametrize("resource", CREATABLE)
def test_what_is_created_is_in_the_books(server: DemoServer, client: rf.Client, resource: str) -> None:
    """A record that is created is given back as it stands in the books, after one request."""
    created = create(client, resource, server)
    connection = SHOP if resource in {"orders", "products"} else BOOKS
    assert [type(created).model_validate(row) for row in server.books.rows(connection, resource)][
        -1
    ] == created
    assert posts(server) == [("POST", f"/{resource}", 200)]


def test_fields_are_taken_as_they_come(server: DemoServer, client: rf.Client) -> None:
    """Dates, Decimals, records of lines and whole numbers are taken, and arrive as they read."""
    customer, _ = party(server)
    invoice = client.connection(BOOKS).invoices.create(
        customer_id=customer,
        due_date=date(2026, 7, 31),
        line_items=[
            LineItem(description="Beans", quantity=3, unit_price=4.1),
            {"total_amount": Decimal("0.3")},
        ],
    )
    assert (invoice.due_date, invoice.amount_due) == (date(2026, 7, 31), 12.6)


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"customer_id": None}, "customer_id", "customer_id is missing"),
    ({"customer_id": " "}, "customer_id", "customer_id is required, but empty, got ' '"),
    (
        {"due_date": "31.07.2026"},
        "due_date",
        "due_date cannot be sent: not ISO 8601 text (YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ), got '31.07.2026'",
    ),
    (
        {"line_items": [{"unit_prise": 1}]},
        "line_items[0].unit_prise",
        (
            "line_items[0].unit_prise is not a valid field (did you mean 'unit_price'? expected one of "
            "description, quantity, unit_price, total_amount)"
        ),
    ),
    (
        {"line_items": [{}, {"quantity": "two"}]},
        "line_items[1].quantity",
        "line_items[1].quantity cannot be sent: not a number, got 'two'",
    ),
    (
        {"line_items": [{"unit_price": float("nan")}]},
        "line_items[0].unit_price",
        "line_items[0].unit_price cannot be sent: Input should be a finite number, got nan",
    ),
    (
        {"line_items": {"total_amount": 1}},
        "line_items",
        "line_items cannot be sent: Input should be a valid list, got {'total_amount': 1}",
    ),
]


@pytest.mark.parametrize(("fields", "field", "problem"), MISTAKES)
def test_a_mistake_is_reported_before_anything_is_sent(
    server: DemoServer, client: rf.Client, fields: dict[str, Any], field: str, problem: str
) -> None:
    """What cannot be sent is an InvalidDraft that names the field, and no request leaves."""
    with pytest.raises(rf.InvalidDraft) as error:
        create(client, "invoices", server, **fields)
    assert error.value.message == f"Nothing was sent: {problem}"
    assert [refused.field for refused in error.value.refused] == [field]
    assert posts(server) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda c: c.connection(BOOKS).invoices.create(custmer_id="c", line_items=[]),
            (
                "Nothing was sent: custmer_id is not a valid field (did you mean 'customer_id'? expected one "
                "of customer_id, line_items, currency, due_date, idempotency_key)"
            ),
        ),
        (
            lambda c: c.connection(SHOP).products.update("p", prize=1),
            (
                "Nothing was sent: prize is not a valid field (did you mean 'price'? expected one of "
                "product_id, title, description, price, status)"
            ),
        ),
        (
            lambda c: c.connection(SHOP).orders.fulfill("o", zzz=1),
            (
                "Nothing was sent: zzz is not a valid field (expected one of order_id, tracking_number, "
                "tracking_url, carrier, line_items)"
            ),
        ),
        (
            lambda c: c.webhooks.create(url="https://example.com", event=["order.created"]),
            (
                "Nothing was sent: event is not a valid field (did you mean 'events'? expected one of "
                "url, events)"
            ),
        ),
    ],
)
def test_a_misspelt_keyword_names_the_nearest(
    server: DemoServer, client: rf.Client, call: Callable[[rf.Client], object], message: str
) -> None:
    """A keyword that does not exist says which was probably meant, and which there are."""
    with pytest.raises(rf.InvalidDraft) as error:
        call(client)
    assert error.value.message == message
    assert posts(server) == []


def test_all_mistakes_are_reported_at_once(client: rf.Client) -> None:
    """All fields that cannot be sent are named, as data too."""
    with pytest.raises(rf.InvalidDraft) as error:
        client.connection(BOOKS).bills.create(vendor_id="", line_items=[{"total_amount": True}])
    assert error.value.refused == (
        Refusal(None, "vendor_id", "''", "is required, but empty"),
        Refusal(None, "line_items[0].total_amount", "True", "cannot be sent: not a number"),
    )


@pytest.mark.parametrize("key", ["", " k", "a\nb", "ö", "x" * 256, 12])
def test_a_key_that_no_header_can_hold_is_refused(server: DemoServer, client: rf.Client, key: Any) -> None:
    """An idempotency key is plain text of at most 255 characters."""
    with pytest.raises(rf.InvalidDraft, match="idempotency_key cannot be"):
        create(client, "invoices", server, idempotency_key=key)
    assert posts(server) == []


def test_an_update_and_a_fulfilment(server: DemoServer, client: rf.Client) -> None:
    """An update gives the changed product, a fulfilment changes the order's status."""
    shop = client.connection(SHOP)
    product = next(shop.products.list())
    changed = shop.products.update(str(product.id), price=12.34, status="draft")
    assert (changed.id, changed.price, changed.status, changed.title) == (
        product.id,
        12.34,
        "draft",
        product.title,
    )
    order = create(client, "orders", server)
    shop.orders.fulfill(order.id, carrier="DHL")
    assert shop.orders.retrieve(order.id).status == "fulfilled"


def test_an_update_of_nothing_is_refused(server: DemoServer, client: rf.Client) -> None:
    """A change without a field is a mistake."""
    with pytest.raises(rf.InvalidDraft, match="there is nothing to change"):
        client.connection(SHOP).products.update("p")
    assert posts(server) == []


def test_webhooks(client: rf.Client) -> None:
    """A webhook is created, listed and deleted; one that is not there is NotFound."""
    hook = client.webhooks.create(url="https://example.com/hook", events=["order.created"])
    assert [webhook.id for webhook in client.webhooks.list()] == [hook.id]
    client.webhooks.delete(str(hook.id))
    assert list(client.webhooks.list()) == []
    with pytest.raises(rf.NotFound):
        client.webhooks.delete(str(hook.id))
    with pytest.raises(rf.InvalidDraft, match=r"events\[0\] cannot be sent"):
        client.webhooks.create(url="https://example.com/hook", events=["order.lost"])  # type: ignore[list-item]
    with pytest.raises(rf.InvalidDraft, match="url cannot be sent"):
        client.webhooks.create(url="no address", events=["order.created"])


@pytest.mark.parametrize("public", ["public-roaster-bank", SecretStr("public-roaster-bank")])
def test_a_public_token_is_exchanged(server: DemoServer, client: rf.Client, public: str | SecretStr) -> None:
    """The access token comes as a SecretStr, and opens the connection."""
    token = client.connections.exchange(public)
    assert isinstance(token, SecretStr)
    assert token.get_secret_value() == server.access_tokens["roaster-bank"]
    assert next(client.connection("roaster-bank", token).bank_accounts.list()).currency


def test_a_public_token_that_is_refused(client: rf.Client) -> None:
    """A token that is not known is a BadRequest; an empty one is not sent."""
    with pytest.raises(rf.BadRequest, match="INVALID_PUBLIC_TOKEN"):
        client.connections.exchange("public-unknown")
    with pytest.raises(ValueError, match="The public token is empty"):
        client.connections.exchange("")


# Lost responses

LOST_RESPONSES = ["drop", "truncate", "html", "500", "503"]


def faults(kind: str, resource: str, times: int = 0) -> list[Fault]:
    return [Fault(kind, resource=resource, operation="write", times=times)]


@pytest.mark.parametrize("kind", LOST_RESPONSES)
@pytest.mark.parametrize("resource", ["bills", "orders", "products"])
def test_without_a_key_a_write_is_never_sent_twice(
    server: DemoServer, client: rf.Client, resource: str, kind: str
) -> None:
    """When the response is lost the outcome is unknown after one request, and the error says how to see."""
    server.configure(faults=faults(kind, resource))
    with pytest.raises(rf.OutcomeUnknown) as error:
        create(client, resource, server)
    assert len(server.requests) == 1
    connection = BOOKS if resource == "bills" else SHOP
    assert error.value.hint == (
        f"look for it in client.connection({connection!r}).{resource}.list() before you send it again: "
        "it could be written twice."
    )
    assert error.value.message.startswith("It is not known whether this was written: ")
    assert (error.value.context.connection_id, error.value.context.resource) == (connection, resource)
    assert error.value.idempotency_key is None


@pytest.mark.parametrize("kind", [*LOST_RESPONSES, "429", "452"])
def test_with_a_key_an_invoice_is_sent_again_and_written_once(
    server: DemoServer, client: rf.Client, kind: str
) -> None:
    """One lost response costs one more request with the same key, and no second invoice."""
    before = len(server.books.rows(BOOKS, "invoices"))
    server.configure(faults=faults(kind, "invoices", times=1))
    invoice = create(client, "invoices", server)
    assert len(server.requests) == 2
    rows = server.books.rows(BOOKS, "invoices")
    assert (len(rows), rows[-1]["id"]) == (before + 1, invoice.id)


@pytest.mark.parametrize("kind", LOST_RESPONSES)
def test_an_invoice_without_any_response(server: DemoServer, client: rf.Client, kind: str) -> None:
    """After the last try the error carries the key, and with it the invoice is had, written once."""
    before = len(server.books.rows(BOOKS, "invoices"))
    server.configure(faults=faults(kind, "invoices"))
    with pytest.raises(rf.OutcomeUnknown, match=r"\(tried 3 times\)") as error:
        create(client, "invoices", server)
    key = str(error.value.idempotency_key)
    assert str(uuid.UUID(key)) == key
    assert error.value.hint == (
        f"send it again with idempotency_key={key!r} and the same fields: it is written once at most, "
        "and the response is the record."
    )
    server.configure(faults=[])
    invoice = create(client, "invoices", server, idempotency_key=key)
    assert server.books.rows(BOOKS, "invoices")[before]["id"] == invoice.id
    assert len(server.books.rows(BOOKS, "invoices")) == before + 1


@pytest.mark.parametrize("kind", ["429", "452"])
def test_a_limit_is_a_refusal(server: DemoServer, client: rf.Client, kind: str) -> None:
    """A bill that a limit refused was not written; it is not sent again by itself either."""
    before = len(server.books.rows(BOOKS, "bills"))
    server.configure(faults=faults(kind, "bills"))
    with pytest.raises((rf.RateLimitExceeded, rf.PlatformRateLimitExceeded)):
        create(client, "bills", server)
    assert (len(server.requests), len(server.books.rows(BOOKS, "bills"))) == (1, before)


def test_a_key_that_was_used_for_something_else(server: DemoServer, client: rf.Client) -> None:
    """The same key with other fields is a BadRequest that says what to do."""
    create(client, "invoices", server, idempotency_key="again")
    with pytest.raises(rf.BadRequest) as error:
        create(client, "invoices", server, idempotency_key="again", currency="JPY")
    assert error.value.hint == (
        "this idempotency_key was used for other fields: leave it out to get a new one."
    )


@pytest.mark.parametrize("status", [408, 425, 429, 452, 500, 503])
def test_the_key_is_the_same_in_every_try(answering: Answering, status: int) -> None:
    """A key that was made is kept for the retries; the next invoice has another."""
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(status if len(keys) < 3 else 200, json={"id": "i"})

    invoices = answering(handler).connection("books").invoices
    for _ in range(2):
        invoices.create(customer_id="c", line_items=[])
    assert keys == [keys[0]] * 3 + [keys[3]]
    assert keys[0] != keys[3]


def refusing(*responses: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    waiting = iter(responses)

    def handler(_: httpx.Request) -> httpx.Response:
        response = next(waiting)
        if isinstance(response, Exception):
            raise response
        return response

    return handler


CREATED = httpx.Response(200, json={"id": "b-1"})


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no route"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
def test_a_write_that_was_not_sent_is_retried(answering: Answering, error: Exception) -> None:
    """Where not even a connection was made nothing was sent, so a bill is retried."""
    client = answering(refusing(error, error, CREATED))
    assert client.connection("books").bills.create(vendor_id="v", line_items=[]).id == "b-1"
    with pytest.raises(rf.TransportError) as caught:
        answering(refusing(error, error, error)).connection("books").bills.create(
            vendor_id="v", line_items=[]
        )
    assert (caught.value.sent, caught.value.hint) == (
        False,
        "nothing was written: check the network and the environment's address; then send it again.",
    )


@pytest.mark.parametrize(
    ("response", "unknown"),
    [
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteError("broken"), True),
        (httpx.RemoteProtocolError("gone"), True),
        (httpx.Response(200, json={"async_response": {"id": "j"}}), True),
        (httpx.Response(200, json={"id": "b", "amount_due": "much"}), True),
        (httpx.Response(202, json={}), True),
        (httpx.Response(204), True),
        (httpx.Response(303), True),
        (httpx.Response(408), True),
        (httpx.Response(425), False),
        (httpx.Response(500), True),
        (httpx.Response(504), True),
        (httpx.Response(201, json={"id": "b"}), False),
        (httpx.Response(302), False),
        (httpx.Response(400), False),
        (httpx.Response(401), False),
        (httpx.Response(409), False),
        (httpx.Response(450), False),
    ],
)
def test_errors_after_which_the_outcome_is_unknown(
    answering: Answering, response: httpx.Response | Exception, unknown: bool
) -> None:
    """After a lost or unreadable response, or a 5xx, the outcome is unknown; after a refusal not."""
    client = answering(refusing(response))
    caught: Exception | None = None
    try:
        client.connection("books").bills.create(vendor_id="v", line_items=[])
    except rf.RutterframeError as error:
        caught = error
    assert isinstance(caught, rf.OutcomeUnknown) is unknown
    assert unknown or caught is None or isinstance(caught, rf.APIError)


def test_one_lost_response_is_enough(answering: Answering) -> None:
    """A refusal after a lost response does not mean that the first try was not written."""
    client = answering(refusing(httpx.ReadTimeout("slow"), httpx.Response(401)))
    with pytest.raises(rf.OutcomeUnknown, match="401"):
        client.connection("books").invoices.create(customer_id="c", line_items=[])


def test_ctrl_c_in_a_write_notes_the_key(answering: Answering) -> None:
    """Ctrl-C while the response is awaited comes out as itself, with a note that has the key."""

    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as error:
        answering(interrupted).connection("books").invoices.create(
            customer_id="c", line_items=[], idempotency_key="k-1"
        )
    assert error.value.__notes__ == [
        (
            "It is not known whether this was written: interrupted\n"
            "Where: connection 'books', resource 'invoices'.\n"
            "Next: send it again with idempotency_key='k-1' and the same fields: it is written once at most, "
            "and the response is the record."
        )
    ]


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (
            lambda c: c.connection("books").products.update("p-1", price=1.0),
            "check with products.retrieve('p-1') whether it was changed.",
        ),
        (
            lambda c: c.connection("books").orders.fulfill("o-1"),
            "check whether orders.retrieve('o-1').status is 'fulfilled' before you retry.",
        ),
        (
            lambda c: c.webhooks.create(url="https://example.com", events=[]),
            "look for it in client.webhooks.list() before you send it again.",
        ),
        (
            lambda c: c.webhooks.delete("w-1"),
            "look whether it is still in client.webhooks.list().",
        ),
        (
            lambda c: c.connections.exchange("public"),
            "exchange it again; if it is refused, let the business connect the platform again.",
        ),
    ],
)
@pytest.mark.parametrize("response", [httpx.Response(502), httpx.Response(200, html="<p>Sign in</p>")])
def test_every_other_write_has_a_hint_how_to_find_out(
    answering: Answering, call: Callable[[rf.Client], object], hint: str, response: httpx.Response
) -> None:
    """A lost response of any write is unknown after one request, and says where to look."""
    with pytest.raises(rf.OutcomeUnknown) as error:
        call(answering(refusing(response)))
    assert error.value.hint == hint


def test_a_closed_client_writes_nothing(server: DemoServer, client: rf.Client) -> None:
    """A client that was closed refuses to write."""
    client.close()
    with pytest.raises(RuntimeError, match="This client was closed"):
        create(client, "bills", server)
    assert posts(server) == []


@pytest.mark.parametrize("record_id", ["", ".", "..", None, 3, "x" * 2000])
def test_an_id_that_is_not_valid(client: rf.Client, server: DemoServer, record_id: Any) -> None:
    """What cannot be an id would be another path, so nothing is sent."""
    shop = client.connection(SHOP)
    for call in (
        lambda: shop.orders.fulfill(record_id),
        lambda: shop.products.update(record_id, price=1.0),
        lambda: client.webhooks.delete(record_id),
        lambda: shop.orders.retrieve(record_id),
    ):
        with pytest.raises(ValueError, match="is not a valid id of"):
            call()
    assert posts(server) == []


@pytest.mark.parametrize(
    "method",
    [
        Invoices.create,
        Bills.create,
        Orders.create,
        Products.create,
        Webhooks.create,
        Products.update,
        Orders.fulfill,
    ],
)
def test_the_docstring_of_a_write_names_its_errors(method: Callable[..., object]) -> None:
    """The shared section of errors is filled in."""
    doc = method.__doc__ or ""
    assert "OutcomeUnknown\n    If it may or may not have been written" in doc
    assert "{raises}" not in doc
