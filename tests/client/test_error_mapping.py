"""The error of each status: class, message and hint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.client.error_mapping import api_error, retry_after

NOT_FOUND = "check the id; the platform may also not have this resource."
FORBIDDEN = "check that this connection is active and may read this resource."
LIMITED = "wait, load fewer connections side by side, or lower rate_limit= of rf.Client()."
PLATFORM = "the platform behind the connection refused; its message is above."
PLATFORM_LIMITED = "wait some minutes: the limit is the platform's, not the API's."
BROKEN = "try again later; quote the request id to the API's support if it stays."

STATUSES = [
    (201, rf.APIError, ""),
    (204, rf.APIError, ""),
    (301, rf.APIError, ""),
    (302, rf.APIError, ""),
    (304, rf.APIError, ""),
    (308, rf.APIError, ""),
    (400, rf.BadRequest, ""),
    (401, rf.AuthenticationError, ""),
    (402, rf.APIError, ""),
    (403, rf.PermissionDenied, FORBIDDEN),
    (404, rf.NotFound, NOT_FOUND),
    (405, rf.BadRequest, ""),
    (409, rf.BadRequest, ""),
    (410, rf.NotFound, NOT_FOUND),
    (413, rf.BadRequest, ""),
    (418, rf.APIError, ""),
    (422, rf.BadRequest, ""),
    (429, rf.RateLimitExceeded, LIMITED),
    (449, rf.APIError, ""),
    (450, rf.PlatformError, PLATFORM),
    (451, rf.PlatformError, PLATFORM),
    (452, rf.PlatformRateLimitExceeded, PLATFORM_LIMITED),
    (459, rf.PlatformError, PLATFORM),
    (460, rf.APIError, ""),
    (500, rf.ServerError, BROKEN),
    (503, rf.ServerError, BROKEN),
    (599, rf.ServerError, BROKEN),
]


@pytest.mark.parametrize(("status", "kind", "hint"), STATUSES)
def test_every_status_has_its_class_and_advice(status: int, kind: type[rf.APIError], hint: str) -> None:
    """The status decides the class and, where there is something to do, the advice."""
    error = api_error(httpx.Response(status))
    assert (type(error), error.status, error.hint) == (kind, status, hint)
    assert error.message == f"The API answered HTTP {status}"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("CURSOR_EXPIRED", "load again from the start: the API does not keep cursors for ever."),
        ("INVALID_CURSOR", "load again from the start, with the same filters on every page."),
        ("NEEDS_UPDATE", "ask the business to sign in to the platform again, or leave this connection out."),
        ("CONNECTION_DISABLED", "ask the API's support why the connection was disabled, or leave it out."),
        (
            "PRODUCT_NOT_READY",
            (
                "the first synchronisation is not finished: wait for it, minutes to hours, and load again. "
                "In the live dialect client.connections.status(id) shows it."
            ),
        ),
        ("PRODUCT_NOT_ALLOWED", "ask the API's support to enable this resource for your account."),
        ("SOMETHING_NEW", FORBIDDEN),
    ],
)
def test_the_advice_of_an_error_code(code: str, hint: str) -> None:
    """A known error_code has advice of its own, whatever the status; an unknown one leaves the status's."""
    body = {"error_type": "CONNECTION_ERROR", "error_code": code, "error_message": "In words."}
    error = api_error(httpx.Response(403, json=body))
    assert (error.error_type, error.error_code, error.hint) == ("CONNECTION_ERROR", code, hint)
    assert error.message == f"The API answered HTTP 403: {code}: In words."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The API answered HTTP 502"),
        (b"  \n ", "The API answered HTTP 502"),
        (
            b"<html>\n  <h1>Bad   gateway</h1>\n</html>",
            "The API answered HTTP 502: <html> <h1>Bad gateway</h1> </html>",
        ),
        (b"x" * 200, "The API answered HTTP 502: " + "x" * 200),
        (b"x" * 201, "The API answered HTTP 502: " + "x" * 200 + "…"),
        (b"\xff\xfe", "The API answered HTTP 502: \ufffd\ufffd"),
        (b"[1, 2]", "The API answered HTTP 502: [1, 2]"),
        (b'"down"', 'The API answered HTTP 502: "down"'),
        (b"{}", "The API answered HTTP 502: {}"),
        (b"[" * 100_000, "The API answered HTTP 502: " + "[" * 200 + "…"),
        (b'{"error_code": "C"}', "The API answered HTTP 502: C"),
        (b'{"error_message": "In words."}', "The API answered HTTP 502: In words."),
        (b'{"error_code": 17, "error_message": ["x"]}', "The API answered HTTP 502"),
        (b'{"message": "another shape"}', "The API answered HTTP 502"),
    ],
)
def test_any_body_of_an_error(body: bytes, message: str) -> None:
    """A proxy's page, half a body and JSON of another form each give an error that quotes what it can."""
    error = api_error(httpx.Response(502, content=body))
    assert (type(error), error.message) == (rf.ServerError, message)


@given(st.binary(max_size=300), st.integers(201, 599))
def test_any_bytes_and_any_status_give_an_error(body: bytes, status: int) -> None:
    """Whatever the body of an error is, it becomes an APIError of at most one line."""
    error = api_error(httpx.Response(status, content=body))
    assert isinstance(error, rf.APIError)
    assert error.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(answering: Callable[..., rf.Client], status: int) -> None:
    """Credentials do not follow a redirect: it is an error, after one request."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(str(request.url.copy_with(query=None)))
        return httpx.Response(status, headers={"Location": "https://elsewhere.example.com/"})

    with pytest.raises(rf.APIError) as error:
        list(answering(handler).connection("books").invoices.list())
    assert (type(error.value), error.value.status) == (rf.APIError, status)
    assert sent == ["https://api.example.com/base/invoices"]


def test_the_request_id_is_quoted(answering: Callable[..., rf.Client]) -> None:
    """The API's id of the request is in the error, for its support."""
    client = answering(
        lambda _: httpx.Response(404, json={"error_code": "GONE"}, headers={"X-Rutter-Request-ID": "req-123"})
    )
    with pytest.raises(rf.NotFound) as error:
        client.connection("books").invoices.retrieve("i1")
    assert str(error.value) == (
        "The API answered HTTP 404: GONE\n"
        "Where: connection 'books', resource 'invoices', request id req-123.\n"
        f"Next: {NOT_FOUND}"
    )


@pytest.mark.parametrize(
    ("read", "hint"),
    [
        (
            lambda client: client.connections.retrieve("books"),
            "check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET, and that they belong to this environment.",
        ),
        (
            lambda client: client.connection("books").invoices.retrieve("i1"),
            (
                "check the access token of connection 'books', then RUTTER_CLIENT_ID and "
                "RUTTER_CLIENT_SECRET, and that all belong to this environment."
            ),
        ),
    ],
)
def test_the_hint_of_a_401(
    answering: Callable[..., rf.Client], read: Callable[[rf.Client], object], hint: str
) -> None:
    """After a 401 the error names the credentials that were sent."""
    with pytest.raises(rf.AuthenticationError) as error:
        read(answering(lambda _: httpx.Response(401)))
    assert error.value.hint == hint


NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        ("0", 0.0),
        ("Tue, 30 Jun 2026 12:01:00 GMT", 60.0),
        ("Tue, 30 Jun 2026 12:01:00 -0000", 60.0),
        ("Mon, 29 Jun 2026 12:00:00 GMT", 0.0),
        ("tomorrow", None),
        ("1e3", None),
        ("9" * 400, float("inf")),
        ("2.0", 2.0),
        (" 7 ", 7.0),
        ("-1", None),
        ("1e400", None),
        ("nan", None),
        ("\u0663", None),
        ("Tue, 30 Jun 99999 12:00:00 GMT", None),
        ("Tue, 30 Jun 0001 00:00:00 +2359", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Tue, 30 Jun 2026 12:00:00 +99999999", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """Retry-After is seconds or an HTTP date; a date that is past means now, and other text means none."""
    assert retry_after(header, now=NOON) == seconds


def test_a_header_that_is_not_ascii(answering: Callable[..., rf.Client]) -> None:
    """A proxy's header with an accent does not hide the error of the status."""
    headers = [(b"X-Via", "café".encode()), (b"Retry-After", b"0"), (b"X-Rutter-Request-ID", b"r-1")]
    client = answering(lambda _: httpx.Response(503, headers=headers))
    with pytest.raises(rf.ServerError) as caught:
        list(client.connection("books").invoices.list())
    assert (caught.value.status, caught.value.context.request_id) == (503, "r-1")


CAFE = [(b"X-Via", "café".encode()), ("Café".encode(), b"x")]


def test_a_header_that_is_not_ascii_loses_no_row_of_others(answering: Callable[..., rf.Client]) -> None:
    """The rows of the connections that were read stay, whatever header another one's error has."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params["access_token"] == "bad":
            return httpx.Response(503, headers=CAFE)
        return httpx.Response(200, json={"accounts": [{"id": "a"}], "connection": {"id": "good"}})

    client = answering(handler, access_tokens={"good": "good-token", "bad": "bad"})
    connections = [client.connection("good"), client.connection("bad")]
    with pytest.raises(rf.LoadError) as caught:
        rf.load_accounts(connections, progress=False)
    assert [type(error) for error in caught.value.errors] == [rf.ServerError]
    assert caught.value.partial.frames["accounts"]["id"].tolist() == ["a"]


def test_a_header_that_is_not_ascii_loses_no_record_that_was_created(
    answering: Callable[..., rf.Client],
) -> None:
    """After such a 503 in the middle of create_many each record is created, or unknown."""
    statuses = iter([201, 503, 201])

    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(next(statuses), headers=CAFE, json={"id": "i-1"})

    bills = pd.DataFrame({"vendor_id": ["v"] * 3, "line_items": [[{"total_amount": 1.0}]] * 3})
    result = answering(handler).connection("books").bills.create_many(bills, dry_run=False)
    assert result["status"].tolist() == ["created", "unknown", "created"]
    assert result["id"].fillna("").tolist() == ["i-1", "", "i-1"]


class _CutShort(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b'{"error_message":"too ma'
        raise httpx.RemoteProtocolError("peer closed connection")


@pytest.mark.parametrize("stream", [httpx.ByteStream(b"garbage"), _CutShort()])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gz\xefp"])
def test_an_error_with_a_body_that_cannot_be_read_has_its_status(
    answering: Callable[..., rf.Client], clock: Any, stream: httpx.SyncByteStream, encoding: str
) -> None:
    """A 429 with a garbled or a cut body is a RateLimitExceeded, and its Retry-After is obeyed."""
    headers = [(b"Retry-After", b"2.0"), (b"Content-Encoding", encoding.encode("latin-1"))]
    client = answering(
        lambda _: httpx.Response(429, headers=headers, stream=stream), retry=rf.RetryPolicy(attempts=2)
    )
    with pytest.raises(rf.RateLimitExceeded) as caught:
        list(client.connection("books").invoices.list())
    assert caught.value.message == "The API answered HTTP 429 (tried 2 times)"
    assert caught.value.retry_after == 2.0
    assert sum(clock.pauses) >= 2.0


@given(
    st.text(max_size=60)
    | st.text(alphabet="MonTueJunGT 0123456789:,+-", max_size=40)
    | st.from_regex(
        r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d{1,3}:\d\d:\d\d ([+-]\d{4,9}|GMT|)",
        fullmatch=True,
    )
)
def test_any_retry_after(header: str) -> None:
    """Whatever a server writes into Retry-After is seconds from zero, or nothing to obey."""
    seconds = retry_after(header, now=NOON)
    assert seconds is None or seconds >= 0.0


Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_an_error_message_can_be_printed(answering: Answering) -> None:
    """Half a surrogate pair in the API's message does not make an error that cannot be printed."""
    client = answering(lambda _: httpx.Response(400, content=b'{"error_message":"x \\ud800"}'))
    with pytest.raises(rf.BadRequest) as error:
        invoices(client)
    assert str(error.value).encode().startswith(b"The API answered HTTP 400: x ")


@pytest.mark.parametrize("charset", ["utf-16", "idna", "base64", "rot13", "punycode", "undefined"])
def test_an_error_page_in_a_strange_charset(answering: Answering, charset: str) -> None:
    """Whatever charset an error page claims, the error has its status."""
    client = answering(
        lambda _: httpx.Response(
            404, content=b"<h1>Gone \xff</h1>", headers={"Content-Type": f"text/html; charset={charset}"}
        )
    )
    with pytest.raises(rf.NotFound):
        invoices(client)
