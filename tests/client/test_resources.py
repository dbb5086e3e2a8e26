"""Resources as attributes: lists, records by id, and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.errors import Refusal
from rutterframe.models import RECORDS, RESOURCES, ExpandedOrder, Invoice, Order

BOOKS = "roaster-quickbooks"
SHOP = "roaster-shopify"

#: A connection that has rows of each resource.
WITH_ROWS = {
    "accounts": BOOKS,
    "transactions": BOOKS,
    "invoices": BOOKS,
    "bills": BOOKS,
    "expenses": BOOKS,
    "orders": SHOP,
    "products": SHOP,
    "customers": SHOP,
    "bank_accounts": "roaster-bank",
    "ad_accounts": "roaster-google-ads",
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_list_is_what_the_books_hold(server: DemoServer, client: rf.Client, resource: str) -> None:
    """Listing a resource gives, in order, the pydantic model of every record in the books."""
    server.configure(page_size=500)
    rows = server.books.rows(WITH_ROWS[resource], resource)
    records = list(getattr(client.connection(WITH_ROWS[resource]), resource).list())
    model = RECORDS[resource]
    assert records == [model.model_validate(row) for row in rows]
    assert rows
    assert {type(record) for record in records} == {model}


@pytest.mark.parametrize("resource", ["invoices", "orders", "products", "customers"])
def test_a_record_is_retrieved_by_its_id(server: DemoServer, client: rf.Client, resource: str) -> None:
    """A record that is requested by id is the one in the list."""
    row = server.books.rows(WITH_ROWS[resource], resource)[-1]
    record = getattr(client.connection(WITH_ROWS[resource]), resource).retrieve(row["id"])
    assert record == RECORDS[resource].model_validate(row)


@pytest.mark.parametrize("resource", ["invoices", "orders", "products", "customers"])
def test_a_record_that_is_not_there(server: DemoServer, client: rf.Client, resource: str) -> None:
    """An id that does not exist is NotFound, after one request, with its context in the error."""
    with pytest.raises(rf.NotFound) as error:
        getattr(client.connection(SHOP), resource).retrieve("no such/id?x=1#2 %")
    assert (error.value.context.connection_id, error.value.context.resource) == (SHOP, resource)
    assert (error.value.context.request_id or "").startswith("demo-request-")
    assert len(server.requests) == 1


def test_an_id_is_needed_to_retrieve(server: DemoServer, client: rf.Client) -> None:
    """An empty id would be the list, so nothing is sent."""
    with pytest.raises(
        ValueError, match=r"^'' is not a valid id of invoices \(expected a text of 1 to 1,000 characters\)$"
    ):
        client.connection(BOOKS).invoices.retrieve("")
    assert len(server.requests) == 0


@pytest.mark.parametrize(
    ("record_id", "path"),
    [
        ("a/b", b"/base/invoices/a%2Fb?access_token=a-token"),
        ("a?b#c", b"/base/invoices/a%3Fb%23c?access_token=a-token"),
        ("a b%2F", b"/base/invoices/a%20b%252F?access_token=a-token"),
        ("é", b"/base/invoices/%C3%A9?access_token=a-token"),
    ],
)
def test_an_id_stays_one_piece_of_the_path(
    answering: Callable[..., rf.Client], record_id: str, path: bytes
) -> None:
    """Whatever characters an id has, it cannot leave its place in the address."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.raw_path)
        return httpx.Response(200, json={"id": record_id})

    assert answering(handler).connection("books").invoices.retrieve(record_id) == Invoice(id=record_id)
    assert sent == [path]


def test_a_retrieved_record_that_cannot_be_read(answering: Callable[..., rf.Client]) -> None:
    """A retrieved record is read as strictly as a listed one."""
    client = answering(lambda _: httpx.Response(200, json={"id": "i1", "amount_due": True}))
    with pytest.raises(rf.InvalidRows) as error:
        client.connection("books").invoices.retrieve("i1")
    assert error.value.refused == (Refusal("i1", "amount_due", "True", "not a number"),)
    assert (error.value.context.connection_id, error.value.context.resource) == ("books", "invoices")


def test_orders_can_be_expanded(server: DemoServer, client: rf.Client) -> None:
    """expand="platform_data" adds the platform's own record to each order, and changes nothing else."""
    server.configure(page_size=500)
    orders = client.connection(SHOP).orders
    expanded = list(orders.list(expand="platform_data"))
    assert {type(order) for order in expanded} == {ExpandedOrder}
    assert all(isinstance(order, ExpandedOrder) and order.platform_data for order in expanded)
    plain = [Order.model_validate(order.model_dump(exclude={"platform_data"})) for order in expanded]
    assert plain == list(orders.list())


def attributes(thing: object) -> list[str]:
    """Return the names that Tab completion shows."""
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def test_tab_completion_shows_the_resources(client: rf.Client) -> None:
    """A connection shows its id and the ten resources, each resource what it can do, as designed."""
    connection = client.connection(BOOKS)
    assert attributes(connection) == sorted(["id", "listing", "listings", "status", *RESOURCES])
    writes = {
        "invoices": ["create", "create_many", "list", "listing", "listings", "retrieve", "update"],
        "bills": ["create", "create_many", "list", "listing", "listings", "retrieve", "update"],
        "orders": ["create", "create_many", "fulfill", "list", "listing", "listings", "retrieve", "update"],
        "products": ["create", "create_many", "list", "listing", "listings", "retrieve", "update"],
        "customers": ["list", "listing", "listings", "retrieve"],
    }
    assert {name: attributes(getattr(connection, name)) for name in RESOURCES} == {
        name: writes.get(name, ["list", "listing", "listings"]) for name in RESOURCES
    }
    assert attributes(client.connections) == [
        "exchange", "list", "listing", "listings", "retrieve", "status",
    ]  # fmt: skip
    assert attributes(client.webhooks) == ["create", "delete", "list"]
    assert attributes(client) == [
        "close",
        "connection",
        "connections",
        "dialect",
        "is_live",
        "job",
        "known_ids",
        "resources",
        "webhooks",
    ]


def test_the_connections_of_the_client(server: DemoServer, client: rf.Client) -> None:
    """The client's connections are listed page by page, and each can be retrieved, without a token."""
    server.configure(page_size=3)
    rows = server.books.rows("", "connections")
    connections = list(client.connections.list())
    assert connections == [RECORDS["connections"].model_validate(row) for row in rows]
    assert len(server.requests) == 4
    assert client.connections.retrieve(BOOKS) == connections[0]
    with pytest.raises(rf.NotFound) as error:
        client.connections.retrieve("no-such-connection")
    assert (error.value.context.connection_id, error.value.context.resource) == (None, "connections")


def test_a_connection_in_error_is_refused_with_what_to_do(client: rf.Client) -> None:
    """A connection without authorisation cannot be read, and the error says who must act."""
    connection = client.connection("roaster-netsuite-old")
    with pytest.raises(rf.PermissionDenied) as error:
        list(connection.invoices.list())
    assert error.value.message == (
        "The API answered HTTP 403: NEEDS_UPDATE: The connection roaster-netsuite-old lost its "
        "authorisation: its owner must connect the platform again."
    )
    assert error.value.hint == (
        "ask the business to sign in to the platform again, or leave this connection out."
    )


def test_a_wrong_token_is_refused(client: rf.Client) -> None:
    """A token that the API does not know is an AuthenticationError, which does not repeat it."""
    with pytest.raises(rf.AuthenticationError) as error:
        list(client.connection(BOOKS, "canary-token").invoices.list())
    assert "canary" not in str(error.value)
    assert error.value.error_code == "INVALID_ACCESS_TOKEN"


def test_wrong_credentials_are_refused(server: DemoServer) -> None:
    """Credentials that the API does not know are an AuthenticationError that names their settings."""
    with (
        rf.Client(client_id="canary-id", client_secret="canary-secret", environment=server.url) as client,
        pytest.raises(rf.AuthenticationError) as error,
    ):
        list(client.connections.list())
    assert "canary" not in str(error.value)
    assert error.value.hint == (
        "check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET, and that they belong to this environment."
    )


def test_rows_that_cannot_be_read_are_named(server: DemoServer, client: rf.Client) -> None:
    """A null among the rows is refused with resource, page and reason; the pages before it were read."""
    server.configure(page_size=10, faults=[Fault("null_row", resource="accounts", page=2)])
    ids: list[str | None] = []
    with pytest.raises(rf.InvalidRows) as error:
        ids.extend(account.id for account in client.connection(BOOKS).accounts.list())
    assert error.value.refused == (Refusal(None, "", "null", "null instead of a record"),)
    assert str(error.value) == (
        "1 of 11 rows of a page cannot be read:\n"
        "  - a record without id, the row itself: null instead of a record, got null\n"
        "Where: connection 'roaster-quickbooks', resource 'accounts', after 2 pages and 10 rows.\n"
        'Next: correct them on the platform, or load the other rows with on_invalid="quarantine".'
    )


def test_a_value_that_needs_a_guess_is_named(answering: Callable[..., rf.Client]) -> None:
    """The error names resource, record id, field, value and reason."""
    row = {"id": "o1", "line_items": [{"quantity": 1}, {"quantity": 1.5}]}
    client = answering(lambda _: httpx.Response(200, json={"orders": [row], "next_cursor": None}))
    with pytest.raises(rf.InvalidRows) as error:
        list(client.connection("books").orders.list())
    reason = "Input should be a valid integer, got a number with a fractional part"
    assert error.value.refused == (Refusal("o1", "line_items[1].quantity", "1.5", reason),)
    assert str(error.value) == (
        "1 of 1 rows of a page cannot be read:\n"
        f"  - record 'o1', line_items[1].quantity: {reason}, got 1.5\n"
        "Where: connection 'books', resource 'orders', after 1 page and 0 rows.\n"
        'Next: correct them on the platform, or load the other rows with on_invalid="quarantine".'
    )


@pytest.mark.parametrize("body", [{"next_cursor": None}, {"orders": {}}, {"invoices": None}])
def test_a_page_without_its_list_is_an_error(
    answering: Callable[..., rf.Client], body: dict[str, Any]
) -> None:
    """A response that has no list of the resource is an error, and never an empty list."""
    client = answering(lambda _: httpx.Response(200, json=body))
    with pytest.raises(rf.InvalidResponse, match=r"^The page has no list 'invoices'") as error:
        list(client.connection("books").invoices.list())
    assert (error.value.context.resource, error.value.context.pages) == ("invoices", 1)


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("number_as_text", "invoices"),
        ("float_count", "orders"),
        ("unknown_fields", "customers"),
        ("no_zone", "orders"),
    ],
)
def test_safe_differences_change_nothing(
    server: DemoServer, client: rf.Client, kind: str, resource: str
) -> None:
    """Numbers as text, 3.0 for a count, unknown fields and missing zones give the very same records."""
    server.configure(page_size=500, faults=[Fault(kind, resource=resource, page=0, times=0)])
    connection = WITH_ROWS[resource]
    expected = [RECORDS[resource].model_validate(row) for row in server.books.rows(connection, resource)]
    assert list(getattr(client.connection(connection), resource).list()) == expected
    assert server.plan.triggers > 0


def test_reprs(answering: Callable[..., rf.Client]) -> None:
    """Client, connection and resources have a repr without a secret."""
    client = answering(lambda _: httpx.Response(200), client_id="canary", client_secret="canary")
    connection = client.connection("books", "canary")
    assert [repr(thing) for thing in (client, connection, connection.bills, connection.orders)] == [
        "<rutterframe.Client of https://api.example.com/base, version 2024-08-31, dialect 'contract'>",
        "<Connection 'books' of https://api.example.com/base>",
        "<Bills 'bills' of 'books'>",
        "<Orders 'orders' of 'books'>",
    ]
    assert repr(client.connections) == "<Connections 'connections'>"
    assert repr(client.webhooks) == "<Webhooks>"


Answering = Callable[..., rf.Client]


def test_an_id_that_is_too_long_is_a_value_error(answering: Answering) -> None:
    """An id that makes no valid address is a ValueError, and nothing is sent."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    invoices_of = answering(handler).connection("books").invoices
    with pytest.raises(
        ValueError, match=r"^'x+… is not a valid id of invoices \(expected a text of 1 to 1,000 characters\)$"
    ):
        invoices_of.retrieve("x" * 70_000)
    with pytest.raises(
        ValueError, match=r"^'x+… is not a valid id of invoices \(expected a text of 1 to 1,000 characters\)$"
    ):
        invoices_of.retrieve("x" * 1001)
    assert sent == []
    with pytest.raises(rf.NotFound):
        invoices_of.retrieve("x" * 1000)
    assert len(sent) == 1


@pytest.mark.parametrize("record", [{}, {"id": "i2"}, {"invoice": {"id": "i1"}}])
def test_a_retrieved_record_is_the_one_requested(answering: Answering, record: dict[str, object]) -> None:
    """A response that is not the record that was requested is an InvalidResponse, not an empty record."""
    client = answering(lambda _: httpx.Response(200, content=json.dumps(record).encode()))
    with pytest.raises(rf.InvalidResponse):
        client.connection("books").invoices.retrieve("i1")


@pytest.mark.parametrize("record_id", [".", ".."])
def test_an_id_of_dots_is_refused(answering: Answering, record_id: str) -> None:
    """An id of dots would be a step in the path: it is a ValueError, and nothing is sent."""
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(404)

    with pytest.raises(
        ValueError,
        match=rf"^'{re.escape(record_id)}' is not a valid id of invoices \(expected a text of ",
    ):
        answering(handler).connection("books").invoices.retrieve(record_id)
    assert sent == []


@pytest.mark.parametrize(
    ("record_id", "path"),
    [
        ("...", "/base/invoices/..."),
        ("a/../b", "/base/invoices/a%2F..%2Fb"),
        ("a?b#c", "/base/invoices/a%3Fb%23c"),
    ],
)
def test_any_id_is_one_step_of_the_path(answering: Answering, record_id: str, path: str) -> None:
    """Whatever an id holds, it is one step below the resource's path."""
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.raw_path.decode().partition("?")[0])
        return httpx.Response(404)

    with pytest.raises(rf.NotFound):
        answering(handler).connection("books").invoices.retrieve(record_id)
    assert sent == [path]
