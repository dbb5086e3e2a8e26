"""The walk through a list: every page, each once, with the same filters, and no page for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

import rutterframe as rf
from rutterframe.client import Paginator
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.errors import ErrorContext
from rutterframe.frames.exact import page_rows, parse_object

BOOKS = "roaster-quickbooks"


def row_ids(body: bytes, key: str) -> list[Any]:
    return [row["id"] for row in page_rows(parse_object(body), key)]


@pytest.mark.parametrize("page_size", [1, 7, 25, 1000])
def test_every_page_once(server: DemoServer, client: rf.Client, page_size: int) -> None:
    """Whatever the size of a page, every record arrives once and in the server's order."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=page_size)
    walk = Paginator(client.connection(BOOKS).listing("accounts"))
    assert [identity for body in walk for identity in row_ids(body, "accounts")] == expected
    assert walk.pages == len(server.requests) == -(-len(expected) // page_size)
    assert walk.done
    assert [request.page for request in server.requests] == list(range(1, walk.pages + 1))


def test_a_list_without_rows_has_one_page(server: DemoServer, client: rf.Client) -> None:
    """A resource that a connection does not have is one empty page, not an error."""
    walk = Paginator(client.connection("roaster-bank").listing("orders"))
    assert [row_ids(body, "orders") for body in walk] == [[]]
    assert (walk.pages, len(server.requests)) == (1, 1)


def test_a_walk_can_be_left_and_walked_on(server: DemoServer, client: rf.Client) -> None:
    """A walk that was left goes on behind the last page that it gave, and nothing is asked for twice."""
    server.configure(page_size=10)
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    walk = Paginator(client.connection(BOOKS).listing("accounts"))
    first = row_ids(next(iter(walk)), "accounts")
    assert (walk.pages, walk.done, len(server.requests)) == (1, False, 1)
    rest = [identity for body in walk for identity in row_ids(body, "accounts")]
    assert first + rest == expected
    assert list(walk) == []
    assert len(server.requests) == walk.pages


def test_a_walk_goes_on_after_an_error(server: DemoServer, client: rf.Client) -> None:
    """After an error in the middle the walk goes on with the page that failed."""
    server.configure(page_size=10, faults=[Fault("500", resource="accounts", page=2, times=3)])
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    walk = Paginator(client.connection(BOOKS).listing("accounts"))
    bodies: list[bytes] = []
    with pytest.raises(rf.ServerError) as error:
        bodies.extend(walk)
    assert error.value.context.pages == walk.pages == 1
    # The first page was given before the error: extend() took it.
    bodies.extend(walk)
    assert [identity for body in bodies for identity in row_ids(body, "accounts")] == expected


def test_the_same_filters_go_with_every_page(answering: Callable[..., rf.Client]) -> None:
    """Every page is asked for with the filters of the first, and with the cursor of the page before."""
    sent = []
    answers = iter(["c1", "c2", None])

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(sorted(parse_qsl(request.url.query.decode())))
        return httpx.Response(200, json={"orders": [], "next_cursor": next(answers)})

    orders = answering(handler).connection("books").orders
    assert list(orders.list(updated_at_min="2026-01-31T00:00:00Z", expand="platform_data")) == []
    every = [
        ("access_token", "a-token"),
        ("expand", "platform_data"),
        ("updated_at_min", "2026-01-31T00:00:00Z"),
    ]
    assert sent == [
        every,
        sorted([*every, ("cursor", "c1")]),
        sorted([*every, ("cursor", "c2")]),
    ]


def test_a_filtered_walk_gives_what_changed(server: DemoServer, client: rf.Client) -> None:
    """A filter is obeyed on every page: what arrives is what changed since, and it is not everything."""
    server.configure(page_size=5)
    orders = server.books.rows("roaster-shopify", "orders")
    since = sorted(row["updated_at"] for row in orders)[-20]
    found = [order.id for order in client.connection("roaster-shopify").orders.list(updated_at_min=since)]
    assert found == [row["id"] for row in orders if row["updated_at"] >= since]
    assert 20 <= len(found) < len(orders)
    assert len(server.requests) > 1


def test_a_repeated_cursor_is_an_error(server: DemoServer, client: rf.Client) -> None:
    """A server that serves the same page for ever is found out at the second time."""
    server.configure(page_size=10, faults=[Fault("repeat_cursor", resource="accounts", page=2, times=0)])
    with pytest.raises(rf.PaginationError) as error:
        list(client.connection(BOOKS).accounts.list())
    assert str(error.value) == (
        "Page 2 gives a cursor that was followed before\n"
        "Where: connection 'roaster-quickbooks', resource 'accounts', after 1 page and 10 rows.\n"
        "Next: nothing is wrong on your side: quote the connection and resource to the API's support."
    )


def test_a_circle_of_cursors_is_an_error(answering: Callable[..., rf.Client]) -> None:
    """Cursors that lead in a circle are found out as well, however long the circle is."""
    answers = iter(["a", "b", "c", "a", "b", "c"])
    client = answering(lambda _: httpx.Response(200, json={"bills": [], "next_cursor": next(answers)}))
    with pytest.raises(rf.PaginationError, match=r"^Page 4 gives a cursor that was followed before"):
        list(client.connection("books").bills.list())


def test_an_empty_page_with_a_cursor_goes_on(server: DemoServer, client: rf.Client) -> None:
    """An empty page is not the last one: only a missing cursor is the end."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=10, faults=[Fault("empty_page", resource="accounts", page=0)])
    assert [account.id for account in client.connection(BOOKS).accounts.list()] == expected


@pytest.mark.parametrize("end", [{"next_cursor": None}, {"next_cursor": ""}, {}])
def test_the_last_page(answering: Callable[..., rf.Client], end: dict[str, Any]) -> None:
    """A null, an empty and an absent cursor each end the walk."""
    pages = iter([{"bills": [{"id": "1"}], "next_cursor": "c"}, {"bills": [{"id": "2"}], **end}])
    client = answering(lambda _: httpx.Response(200, json=next(pages)))
    assert [bill.id for bill in client.connection("books").bills.list()] == ["1", "2"]


def test_an_empty_answer_is_no_page(answering: Callable[..., rf.Client]) -> None:
    """Status 200 without a body is not a page without rows."""
    with pytest.raises(rf.InvalidResponse) as error:
        list(answering(lambda _: httpx.Response(200)).connection("books").bills.list())
    assert error.value.message == "The answer is empty (tried 3 times)"


def test_an_error_in_the_middle_says_how_far_it_came(server: DemoServer, client: rf.Client) -> None:
    """An error tells connection, resource, pages and rows that had arrived, and the request's id."""
    server.configure(page_size=10, faults=[Fault("503", resource="accounts", page=3, times=0)])
    with pytest.raises(rf.ServerError) as error:
        list(client.connection(BOOKS).accounts.list())
    context = error.value.context
    assert context == ErrorContext(BOOKS, "accounts", 2, 20, context.request_id)
    assert (context.request_id or "").startswith("demo-request-")


def test_pages_are_asked_for_when_they_are_needed(server: DemoServer, client: rf.Client) -> None:
    """Listing sends nothing; a page is fetched when its first record is taken, and not before."""
    server.configure(page_size=10)
    accounts = client.connection(BOOKS).accounts.list()
    assert len(server.requests) == 0
    taken = [next(accounts) for _ in range(10)]
    assert len(server.requests) == 1
    taken.append(next(accounts))
    assert len(server.requests) == 2
    assert [account.id for account in taken] == [
        row["id"] for row in server.books.rows(BOOKS, "accounts")[:11]
    ]


def test_a_listing_shows_no_secret(answering: Callable[..., rf.Client]) -> None:
    """What would be listed can be printed: the token shows as asterisks."""
    client = answering(lambda _: httpx.Response(200))
    assert repr(client.connection("books", "canary").listing("orders", expand="platform_data")) == (
        "RequestSpec(resource='orders', path='/orders', connection_id='books', "
        "access_token=SecretStr('**********'), method='GET', filters={'expand': 'platform_data'})"
    )


def test_a_listing_by_name(answering: Callable[..., rf.Client]) -> None:
    """A resource that does not exist is refused with those that do."""
    connection = answering(lambda _: httpx.Response(200)).connection("books")
    with pytest.raises(
        ValueError, match=r"^There is no resource 'vendors'; there are accounts, transactions, "
    ):
        connection.listing("vendors")
    with pytest.raises(ValueError, match=r"^There is no resource 'connections'"):
        connection.listing("connections")


def test_a_listing_knows_the_key_of_its_list(answering: Callable[..., rf.Client]) -> None:
    """A listing names its connection and resource, and the key of its list."""
    listing = answering(lambda _: httpx.Response(200)).connection("books").listing("bank_accounts")
    assert (listing.connection_id, listing.resource) == ("books", "bank_accounts")
    assert listing.list_key == "bank_accounts"
