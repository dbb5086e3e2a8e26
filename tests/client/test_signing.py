"""Signing: secrets are added to the request that is sent, and to no other."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.signing import QUERY, TOKEN, SigningTransport

EMPTY: dict[str, object] = {"invoices": [], "next_cursor": None}


class RecordingTransport(httpx.BaseTransport):
    """Records the requests that are sent."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json=EMPTY)

    def close(self) -> None:
        self.closed += 1


def signing(
    transport: httpx.BaseTransport, client_id: str = "an-id", client_secret: str = ""
) -> SigningTransport:
    return SigningTransport(
        transport,
        base_url="https://api.example.com/base",
        client_id=SecretStr(client_id),
        client_secret=SecretStr(client_secret),
        token_parameter="access_token",
    )


def test_secrets_are_in_the_request_that_is_sent() -> None:
    """The request that is sent has Basic auth, the filters and the access token."""
    transport = RecordingTransport()
    with rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com/base",
        transport=transport,
    ) as client:
        list(client.connection("books", "a token").invoices.list())
    (sent,) = transport.sent
    assert sent.method == "GET"
    assert str(sent.url) == "https://api.example.com/base/invoices?access_token=a+token"
    assert sent.headers["Authorization"] == "Basic YW4taWQ6YS1zZWNyZXQ="
    assert sent.headers["X-Rutter-Version"] == "2024-08-31"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["Host"] == "api.example.com"


def test_the_request_itself_stays_without_secrets() -> None:
    """What was handed over for signing is unchanged afterwards: only its copy is signed."""
    transport = RecordingTransport()
    request = httpx.Request(
        "GET",
        "https://api.example.com/base/bills",
        extensions={QUERY: {"cursor": "c"}, TOKEN: SecretStr("canary-token")},
    )
    signing(transport, client_secret="canary-secret").handle_request(request)
    assert str(request.url) == "https://api.example.com/base/bills"
    assert "Authorization" not in request.headers
    assert "canary" not in f"{request!r} {request.headers!r} {request.extensions!r}"
    assert (
        str(transport.sent[0].url) == "https://api.example.com/base/bills?cursor=c&access_token=canary-token"
    )


def test_a_request_without_token_and_query_keeps_its_address() -> None:
    """What belongs to the client itself is sent without an access token."""
    transport = RecordingTransport()
    signing(transport).handle_request(httpx.Request("GET", "https://api.example.com/base/connections"))
    assert str(transport.sent[0].url) == "https://api.example.com/base/connections"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/base/bills",
        "http://api.example.com/base/bills",
        "https://api.example.com:8443/base/bills",
        "https://api.example.com.evil.com/bills",
    ],
)
def test_another_origin_is_refused(url: str) -> None:
    """Credentials go to one scheme, host and port; a request to any other does not leave."""
    transport = RecordingTransport()
    with pytest.raises(httpx.UnsupportedProtocol, match="Credentials are only sent to"):
        signing(transport).handle_request(httpx.Request("GET", url, extensions={TOKEN: SecretStr("t")}))
    assert transport.sent == []


@pytest.mark.parametrize(
    ("token", "target"),
    [
        ("plain-._~", b"access_token=plain-._~"),
        ("a+b/c=d", b"access_token=a%2Bb%2Fc%3Dd"),
        ("a b&c#d?e%f", b"access_token=a+b%26c%23d%3Fe%25f"),
        ("é\n", b"access_token=%C3%A9%0A"),
        ("%2B", b"access_token=%252B"),
    ],
)
def test_strange_tokens_are_encoded(token: str, target: bytes) -> None:
    """Whatever characters a token has, none of them changes the query."""
    transport = RecordingTransport()
    request = httpx.Request("GET", "https://api.example.com/base/bills", extensions={TOKEN: SecretStr(token)})
    signing(transport).handle_request(request)
    assert transport.sent[0].url.query == target


@given(
    st.text(min_size=1),
    st.dictionaries(st.sampled_from(["cursor", "expand", "updated_at_min"]), st.text(min_size=1)),
)
def test_any_token_and_any_filter_arrive_as_they_are(token: str, query: dict[str, str]) -> None:
    """A server that decodes the query gets exactly the filters and the token, each once."""
    transport = RecordingTransport()
    signing(transport).handle_request(
        httpx.Request(
            "GET",
            "https://api.example.com/base/bills",
            extensions={QUERY: query, TOKEN: SecretStr(token)},
        )
    )
    arrived = parse_qs(transport.sent[0].url.query.decode(), keep_blank_values=True)
    assert arrived == {**{name: [value] for name, value in query.items()}, "access_token": [token]}


@given(st.text().filter(lambda text: ":" not in text), st.text())
def test_any_credentials_arrive_as_they_are(client_id: str, client_secret: str) -> None:
    """A server that decodes Basic auth gets exactly the id and the secret, in UTF-8."""
    transport = RecordingTransport()
    signing(transport, client_id=client_id, client_secret=client_secret).handle_request(
        httpx.Request("GET", "https://api.example.com/base/bills")
    )
    scheme, _, encoded = transport.sent[0].headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode().partition(":") == (client_id, ":", client_secret)


def test_the_log_line_has_no_token(
    answering: Callable[..., rf.Client], caplog: pytest.LogCaptureFixture
) -> None:
    """The log line of a request has the address without its query: no token, no cursor, no filter."""
    caplog.set_level(logging.DEBUG)
    client = answering(lambda _: httpx.Response(200, content=b'{"orders": []}'))
    list(client.connection("books", "canary-token").orders.list(expand="platform_data"))
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("rutterframe", "GET https://api.example.com/base/orders: 200, 14 bytes")
    ]


def test_the_transport_of_the_user_is_closed_with_the_client() -> None:
    """A transport that was passed sends every request, and ends with the client."""
    transport = RecordingTransport()
    with rf.Client(
        client_id="an-id", client_secret="a-secret", transport=transport, access_tokens={"books": "t"}
    ) as client:
        list(client.connection("books").invoices.list())
        assert transport.closed == 0
    assert (len(transport.sent), transport.closed) == (1, 1)
