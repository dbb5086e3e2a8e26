"""Pages of a list: each once, with the same filters, and never without end; and the cursor of a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.client import Paginator, pagination
from rutterframe.client.pagination import CursorReader
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.dialects import CONTRACT
from rutterframe.errors import ErrorContext, InvalidResponse
from rutterframe.frames.exact import page_rows, parse_object

BOOKS = "roaster-quickbooks"


def row_ids(body: bytes, key: str) -> list[Any]:
    return [row["id"] for row in page_rows(parse_object(body), key)]


@pytest.mark.parametrize("page_size", [1, 7, 25, 1000])
def test_every_page_once(server: DemoServer, client: rf.Client, page_size: int) -> None:
    """Whatever the size of a page, every record arrives once and in the server's order."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=page_size)
    pages = Paginator(client.connection(BOOKS).listing("accounts"))
    assert [identity for body in pages for identity in row_ids(body, "accounts")] == expected
    assert pages.pages == len(server.requests) == -(-len(expected) // page_size)
    assert pages.done
    assert [request.page for request in server.requests] == list(range(1, pages.pages + 1))


def test_a_list_without_rows_has_one_page(server: DemoServer, client: rf.Client) -> None:
    """A resource that a connection does not have is one empty page, not an error."""
    pages = Paginator(client.connection("roaster-bank").listing("orders"))
    assert [row_ids(body, "orders") for body in pages] == [[]]
    assert (pages.pages, len(server.requests)) == (1, 1)


def test_reading_can_be_stopped_and_continued(server: DemoServer, client: rf.Client) -> None:
    """Reading that was stopped continues after the last page, and no page is requested twice."""
    server.configure(page_size=10)
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    pages = Paginator(client.connection(BOOKS).listing("accounts"))
    first = row_ids(next(iter(pages)), "accounts")
    assert (pages.pages, pages.done, len(server.requests)) == (1, False, 1)
    rest = [identity for body in pages for identity in row_ids(body, "accounts")]
    assert first + rest == expected
    assert list(pages) == []
    assert len(server.requests) == pages.pages


def test_reading_continues_after_an_error(server: DemoServer, client: rf.Client) -> None:
    """After an error in the middle the reading continues with the page that failed."""
    server.configure(page_size=10, faults=[Fault("500", resource="accounts", page=2, times=3)])
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    pages = Paginator(client.connection(BOOKS).listing("accounts"))
    bodies: list[bytes] = []
    with pytest.raises(rf.ServerError) as error:
        bodies.extend(pages)
    assert error.value.context.pages == pages.pages == 1
    # The first page was given before the error: extend() took it.
    bodies.extend(pages)
    assert [identity for body in bodies for identity in row_ids(body, "accounts")] == expected


def test_the_same_filters_go_with_every_page(answering: Callable[..., rf.Client]) -> None:
    """Every page is asked for with the filters of the first, and with the cursor of the page before."""
    sent = []
    responses = iter(["c1", "c2", None])

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(sorted(parse_qsl(request.url.query.decode())))
        return httpx.Response(200, json={"orders": [], "next_cursor": next(responses)})

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


def test_a_filtered_list_has_the_changed_records(server: DemoServer, client: rf.Client) -> None:
    """A filter is obeyed on every page: what arrives is what changed since, and it is not everything."""
    server.configure(page_size=5)
    orders = server.books.rows("roaster-shopify", "orders")
    since = sorted(row["updated_at"] for row in orders)[-20]
    ids = [order.id for order in client.connection("roaster-shopify").orders.list(updated_at_min=since)]
    assert ids == [row["id"] for row in orders if row["updated_at"] >= since]
    assert 20 <= len(ids) < len(orders)
    assert len(server.requests) > 1


def test_a_repeated_cursor_is_an_error(server: DemoServer, client: rf.Client) -> None:
    """A server that serves the same page for ever is reported at the second page."""
    server.configure(page_size=10, faults=[Fault("repeat_cursor", resource="accounts", page=2, times=0)])
    with pytest.raises(rf.PaginationError) as error:
        list(client.connection(BOOKS).accounts.list())
    assert str(error.value) == (
        "Page 2 gives a cursor that was followed before\n"
        "Where: connection 'roaster-quickbooks', resource 'accounts', after 1 page and 10 rows.\n"
        "Next: nothing is wrong on your side: quote the connection and resource to the API's support."
    )


def test_a_circle_of_cursors_is_an_error(answering: Callable[..., rf.Client]) -> None:
    """Cursors that lead in a circle are reported as well, however long the circle is."""
    responses = iter(["a", "b", "c", "a", "b", "c"])
    client = answering(lambda _: httpx.Response(200, json={"bills": [], "next_cursor": next(responses)}))
    with pytest.raises(rf.PaginationError, match=r"^Page 4 gives a cursor that was followed before"):
        list(client.connection("books").bills.list())


def test_an_empty_page_with_a_cursor_goes_on(server: DemoServer, client: rf.Client) -> None:
    """An empty page is not the last one: only a missing cursor is the end."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=10, faults=[Fault("empty_page", resource="accounts", page=0)])
    assert [account.id for account in client.connection(BOOKS).accounts.list()] == expected


@pytest.mark.parametrize("end", [{"next_cursor": None}, {"next_cursor": ""}, {}])
def test_the_last_page(answering: Callable[..., rf.Client], end: dict[str, Any]) -> None:
    """A null, an empty and an absent cursor each end the list."""
    pages = iter([{"bills": [{"id": "1"}], "next_cursor": "c"}, {"bills": [{"id": "2"}], **end}])
    client = answering(lambda _: httpx.Response(200, json=next(pages)))
    assert [bill.id for bill in client.connection("books").bills.list()] == ["1", "2"]


def test_an_empty_response_is_not_a_page(answering: Callable[..., rf.Client]) -> None:
    """Status 200 without a body is not a page without rows."""
    with pytest.raises(rf.InvalidResponse) as error:
        list(answering(lambda _: httpx.Response(200)).connection("books").bills.list())
    assert error.value.message == "The response is empty (tried 3 times)"


def test_an_error_in_the_middle_has_its_progress(server: DemoServer, client: rf.Client) -> None:
    """An error has connection, resource, pages and rows that had arrived, and the request's id."""
    server.configure(page_size=10, faults=[Fault("503", resource="accounts", page=3, times=0)])
    with pytest.raises(rf.ServerError) as error:
        list(client.connection(BOOKS).accounts.list())
    context = error.value.context
    assert context == ErrorContext(BOOKS, "accounts", 2, 20, context.request_id)
    assert (context.request_id or "").startswith("demo-request-")


def test_pages_are_requested_when_they_are_needed(server: DemoServer, client: rf.Client) -> None:
    """Listing sends nothing; a page is requested when its first record is needed, and not before."""
    server.configure(page_size=10)
    accounts = client.connection(BOOKS).accounts.list()
    assert len(server.requests) == 0
    records = [next(accounts) for _ in range(10)]
    assert len(server.requests) == 1
    records.append(next(accounts))
    assert len(server.requests) == 2
    assert [account.id for account in records] == [
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
        ValueError, match=r"^There is no resource 'ledgers'; there are accounts, transactions, "
    ):
        connection.listing("ledgers")
    with pytest.raises(ValueError, match=r"^There is no resource 'connections'"):
        connection.listing("connections")


def test_a_listing_knows_the_key_of_its_list(answering: Callable[..., rf.Client]) -> None:
    """A listing names its connection and resource, and the key of its list."""
    listing = answering(lambda _: httpx.Response(200)).connection("books").listing("bank_accounts")
    assert (listing.connection_id, listing.resource) == ("books", "bank_accounts")
    assert listing.list_key == "bank_accounts"


Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_a_cursor_that_cannot_be_encoded_is_an_invalid_response(answering: Answering) -> None:
    """Half a surrogate pair in a cursor is an InvalidResponse: it cannot be sent back."""
    client = answering(lambda _: httpx.Response(200, content=b'{"invoices":[],"next_cursor":"\\ud800"}'))
    with pytest.raises(rf.InvalidResponse, match=r"^The page's cursor cannot be sent back \(1 characters\)"):
        invoices(client)


def test_a_cursor_that_is_too_long_is_an_invalid_response(answering: Answering) -> None:
    """A cursor that makes no valid address is an InvalidResponse of the page that has it, asked for once."""
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(200, json={"invoices": [], "next_cursor": "x" * 70_000})

    with pytest.raises(rf.InvalidResponse) as error:
        invoices(answering(handler))
    assert error.value.message == "The page's cursor cannot be sent back (70,000 characters)"
    assert (error.value.context.resource, error.value.context.pages, sent) == (
        "invoices",
        0,
        ["/base/invoices"],
    )


@pytest.mark.parametrize("length", [8000, 8001])
def test_the_longest_cursor_that_can_be_sent_back(answering: Answering, length: int) -> None:
    """A cursor of 8,000 characters is sent back; one more is refused."""
    sent: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(len(request.url.params.get("cursor", "")))
        return httpx.Response(200, json={"invoices": [], "next_cursor": None if sent[-1] else "x" * length})

    client = answering(handler)
    if length > 8000:
        with pytest.raises(rf.InvalidResponse, match=r"cannot be sent back \(8,001 characters\)"):
            invoices(client)
    else:
        assert invoices(client) == []
    assert sent == [0, 8000][: 1 + (length == 8000)]


read = CursorReader(CONTRACT)


@pytest.mark.parametrize(
    ("body", "cursor"),
    [
        (b'{"bills":[],"next_cursor":"abc"}', "abc"),
        (b'{"bills": [], "next_cursor": "abc"} \n', "abc"),
        (b'{"bills":[],"next_cursor":null}', None),
        (b'{"bills":[],"next_cursor":""}', None),
        (b'{"bills":[]}', None),
        (b'{"next_cursor":"abc"}', "abc"),
        (b'{"bills":[],"next\\u005fcursor":"abc"}', "abc"),
        (b'{"bills":[{"id":"1"}],"connection":{"id":"c"}}', None),
        # anywhere but at the end, and with any character in it
        (b'{"next_cursor":"abc","bills":[]}', "abc"),
        (b'{"next_cursor":null,"bills":[]}', None),
        (b'{"bills":[],"next_cursor":"a b"}', "a b"),
        (b'{"bills":[],"next_cursor":"a\\u0062"}', "ab"),
        ('{"bills":[],"next_cursor":"é"}'.encode(), "é"),
        (b'{"bills":[],"next_cursor":"x\\"}"}', 'x"}'),
        (b'\xef\xbb\xbf{"next_cursor":"abc","bills":[]}', "abc"),
        # not the page's own
        (b'{"bills":[{"next_cursor":"inner"}]}', None),
        (b'{"bills":[{"id":"1","next_cursor":"inner"}],"next_cursor":null}', None),
        (b'{"bills":[{"memo":"\\"next_cursor\\":\\"x\\"}"}]}', None),
        (b'{"bills":[],"memo":",\\"next_cursor\\":\\"x\\"}"}', None),
        (b'{"a":{"b":[],"next_cursor":"inner","c":{}}}', None),
        (b'{"a":{"next_cursor":"inner","c":{}},"bills":[]}', None),
        (b'{"bills":[{"next_cursor":"inner"}],"connection":{"next_cursor":"other"}}', None),
        (b'{"bills":[],"x\\"next_cursor":"inner"}', None),
        (b'{"x\\"next_cursor":"inner","bills":[]}', None),
        # before or after other keys
        (b'{"bills":[],"next_cursor":"a%7C","connection":{"id":"c"}}', "a%7C"),
        (b'{"bills":[],"next_cursor":null,"connection":{"id":"c"}}', None),
        (b'{"next_cursor":"abc","bills":[{"next_cursor":"inner"}]}', "abc"),
        (b'{"connection":{"id":"c"},"next_cursor":null,"bills":[]}', None),
        (b'{"connection":{"id":"c"},"next_cursor":"a%7C","bills":[]}', "a%7C"),
        # longer than what is looked at first
        (b'{"bills":[],"next_cursor":"' + b"x" * 5000 + b'"}', "x" * 5000),
        (b'{"bills":[],"next_cursor":"abc"}' + b" " * 5000, "abc"),
    ],
)
def test_the_cursor_of_a_page(body: bytes, cursor: str | None) -> None:
    """The cursor is the page's own, wherever it stands; null, empty and absent mean the last page."""
    assert read(body) == cursor


LONG = [{"id": str(number), "memo": "x" * 500} for number in range(500)]
CONNECTION = {"id": "c", "name": "Ann's Books", "platform": "quickbooks"}


@pytest.mark.parametrize("cursor", ["abc", None, "a b|é", "x" * 700])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "page",
    [
        {"bills": LONG, "connection": CONNECTION, "next_cursor": ...},
        {"bills": LONG, "next_cursor": ..., "connection": CONNECTION},
        {"bills": LONG, "next_cursor": ..., "has_more": True, "connection": CONNECTION},
        {"connection": CONNECTION, "next_cursor": ..., "bills": LONG},
        {"next_cursor": ..., "bills": LONG, "connection": CONNECTION},
    ],
)
def test_the_cursor_is_found_without_parsing_the_records(
    monkeypatch: pytest.MonkeyPatch, page: dict[str, Any], indent: int | None, cursor: str | None
) -> None:
    """Wherever the cursor stands before or after the records, at most its own end of the page is parsed."""
    parsed: list[int] = []

    def count(body: bytes) -> dict[str, Any]:
        parsed.append(len(body))
        return parse_object(body)

    monkeypatch.setattr(pagination, "parse_object", count)
    body = json.dumps({**page, "next_cursor": cursor}, indent=indent).encode()
    assert len(body) > 259_000
    assert read(body) == cursor
    assert sum(parsed) < 2000


def test_a_page_without_a_cursor_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only page of a live list may have no cursor at all: that is seen without a parser."""
    monkeypatch.setattr(pagination, "parse_object", None)

    assert read(json.dumps({"bills": LONG, "connection": CONNECTION}).encode()) is None


@pytest.mark.parametrize("end", [b"", b"]", b",", b'}], "memo": "'])
def test_half_a_page_with_its_cursor_before_the_records_is_refused(end: bytes) -> None:
    """A page that was cut short is refused, so that it is requested again, wherever its cursor stands."""
    with pytest.raises(InvalidResponse):
        read(b'{"next_cursor":"abc","bills":[{"id":"1"}' + end)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"bills":[],"next_cursor":17}', "The page's cursor is not a text but 17"),
        (b'{"bills":[],"next_cursor":0}', "The page's cursor is not a text but 0"),
        (b'{"bills":[],"next_cursor":false}', "The page's cursor is not a text but False"),
        (b'{"bills":[],"next_cursor":{"id":1}}', "The page's cursor is not a text but {'id': 1}"),
        (b'{"bills":[],"next_cursor":[]}', "The page's cursor is not a text but []"),
    ],
)
def test_a_cursor_that_is_not_a_text_is_refused(body: bytes, message: str) -> None:
    """A number or anything else for a cursor is neither followed nor counts as the end."""
    with pytest.raises(InvalidResponse) as error:
        read(body)
    assert error.value.message == message


@pytest.mark.parametrize(
    "body", [b"<html></html>", b'{"bills":[{"id":"1"},{"i', b"[]", b'{"bills":[],"next_cursor":"abc', b"null"]
)
def test_a_page_that_is_not_an_object_is_refused(body: bytes) -> None:
    """HTML and half a page are refused, instead of counting as the last page."""
    with pytest.raises(InvalidResponse):
        read(body)


TRAPS = [
    '"next_cursor":"x"}',
    ',"next_cursor":"x"}',
    '{"next_cursor":null}',
    '\\","next_cursor":"x"}',
    "\\",
    '"',
    "next_cursor",
]
texts = st.text(max_size=8) | st.sampled_from(TRAPS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.fixed_dictionaries({"next_cursor": inner})
    ),
    max_leaves=8,
)
cursors = st.none() | texts | st.text(alphabet="abcXYZ019+/=_.:~-", max_size=12)
pages = st.builds(
    lambda before, after, cursor: {**before, **cursor, **after},
    st.dictionaries(texts, values, max_size=3),
    st.dictionaries(texts, values, max_size=2),
    st.just({}) | st.fixed_dictionaries({"next_cursor": cursors}),
)


@given(pages, st.sampled_from([None, 1]), st.booleans(), st.sampled_from([(",", ":"), (" , ", " : ")]))
@example({"bills": [{"memo": ',"next_cursor":"x"}'}]}, None, True, (",", ":"))
@example({"bills": [], "memo": '","next_cursor":"x"}'}, None, True, (",", ":"))
def test_the_end_of_a_page_has_the_cursor_that_a_parser_reads(
    page: dict[str, Any], indent: int | None, ascii_only: bool, separators: tuple[str, str]
) -> None:
    """For any page, in any layout and with any trap in its texts, the cursor is the parser's."""
    body = json.dumps(page, indent=indent, ensure_ascii=ascii_only, separators=separators)
    expected = page.get("next_cursor")
    if expected is not None and not isinstance(expected, str):
        with pytest.raises(InvalidResponse):
            read(body.encode())
    else:
        assert read(body.encode()) == (expected or None)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    """Whatever a body is, its cursor is a text, the end, or an InvalidResponse."""
    refused = False
    cursor = None
    try:
        cursor = read(body)
    except InvalidResponse:
        refused = True
    assert refused or cursor is None or cursor != ""
