"""What the client once got wrong, each with the literal that showed it."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

import rutterframe as rf
from rutterframe.client.redaction import mask
from rutterframe.client.retry import Limiter, RateLimit
from rutterframe.client.transport import open_transport
from rutterframe.demo.server import DemoServer

Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_the_authorization_header_is_masked(answering: Answering) -> None:
    """A server that repeats the Authorization header does not bring the secret into the error."""
    client = answering(
        lambda request: httpx.Response(400, json={"error_message": request.headers["Authorization"]}),
        client_id="canary-id-x",
        client_secret="canary-secret",
    )
    with pytest.raises(rf.BadRequest) as error:
        invoices(client)
    assert error.value.message == "The API answered HTTP 400: Basic **********"


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    """An id that begins the secret does not leave the end of the secret in the text."""
    assert mask("acme-s3cret", [SecretStr("acme"), SecretStr("acme-s3cret")]) == "**********"


def test_ctrl_c_shows_no_secret(answering: Answering) -> None:
    """The traceback of Ctrl-C, drawn with local variables, has neither token nor credentials."""

    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    # Backwards, since a traceback also shows the lines and the locals of this test.
    hidden = "nekot-yranac"
    client = answering(interrupted, access_tokens={"books": SecretStr(hidden[::-1])})
    out = io.StringIO()
    try:
        invoices(client)
    except KeyboardInterrupt as error:
        told = Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, width=2000, max_frames=0
        )
        Console(file=out, width=2000).print(told)
    assert hidden[::-1] not in out.getvalue()


def test_a_cursor_that_is_no_text_is_an_invalid_response(answering: Answering) -> None:
    """Half a surrogate pair in a cursor is an InvalidResponse: it cannot be sent back."""
    client = answering(lambda _: httpx.Response(200, content=b'{"invoices":[],"next_cursor":"\\ud800"}'))
    with pytest.raises(rf.InvalidResponse, match=r"^The page's cursor cannot be sent back \(1 characters\)"):
        invoices(client)


def test_a_cursor_that_is_too_long_is_our_error(answering: Answering) -> None:
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


def test_an_id_that_is_too_long_is_our_error(answering: Answering) -> None:
    """An id that makes no valid address is a ValueError, and nothing is sent."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    invoices_of = answering(handler).connection("books").invoices
    with pytest.raises(ValueError, match=r"^That is no id of invoices: 'x+…$"):
        invoices_of.retrieve("x" * 70_000)
    with pytest.raises(ValueError, match=r"^That is no id of invoices: 'x+…$"):
        invoices_of.retrieve("x" * 1001)
    assert sent == []
    with pytest.raises(rf.NotFound):
        invoices_of.retrieve("x" * 1000)
    assert len(sent) == 1


def test_an_error_message_can_be_printed(answering: Answering) -> None:
    """Half a surrogate pair in the API's message does not make an error that cannot be printed."""
    client = answering(lambda _: httpx.Response(400, content=b'{"error_message":"x \\ud800"}'))
    with pytest.raises(rf.BadRequest) as error:
        invoices(client)
    assert str(error.value).encode().startswith(b"The API answered HTTP 400: x ")


@pytest.mark.parametrize("charset", ["utf-16", "idna", "base64", "rot13", "punycode", "undefined"])
def test_an_error_page_in_a_strange_charset(answering: Answering, charset: str) -> None:
    """Whatever charset an error page claims, the error of its status comes out."""
    client = answering(
        lambda _: httpx.Response(
            404, content=b"<h1>Gone \xff</h1>", headers={"Content-Type": f"text/html; charset={charset}"}
        )
    )
    with pytest.raises(rf.NotFound):
        invoices(client)


@pytest.mark.parametrize("depth", [400, 900])
def test_a_deep_row_is_our_error_or_none(answering: Answering, depth: int) -> None:
    """A row that is nested deeply, but not too deeply for JSON, is read or refused."""
    body = b'{"invoices":[{"id":"a","x":' + b"[" * depth + b"]" * depth + b"}]}"
    with contextlib.suppress(rf.InvalidResponse):
        assert len(invoices(answering(lambda _: httpx.Response(200, content=body)))) == 1


@pytest.mark.parametrize(
    "environment", ["https://[::1", "https://host:abc", "https://☃.example.com", "https://host/\n"]
)
def test_an_address_that_is_none_is_a_configuration_error(environment: str) -> None:
    """An address that cannot be one is a ConfigurationError."""
    with pytest.raises(rf.ConfigurationError):
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment).close()


@pytest.mark.parametrize("environment", ["https://host/path?x=1", "https://host/path#top"])
def test_an_address_with_a_query_is_a_configuration_error(environment: str) -> None:
    """A base URL has neither query nor fragment."""
    with pytest.raises(rf.ConfigurationError):
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment).close()


@pytest.mark.parametrize("environment", ["ftp://user:canary-pw@host", "user:canary-pw@host"])
def test_a_password_in_an_unknown_environment_is_not_shown(environment: str) -> None:
    """An address that is refused is not repeated with its password."""
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment)
    assert "canary-pw" not in str(error.value)


def test_an_empty_keyword_is_not_set() -> None:
    """An empty client id is a missing one, as it is in the environment."""
    with pytest.raises(rf.MissingCredentials):
        rf.Client(client_id="", client_secret="a-secret").close()


def test_an_empty_token_argument_is_not_set(answering: Answering) -> None:
    """An empty access token is a missing one."""
    with pytest.raises(rf.MissingToken):
        answering(lambda _: httpx.Response(200)).connection("shop", "")


def test_a_rate_limit_of_nothing_is_refused() -> None:
    """A limit of zero requests is a mistake that is named as such."""
    with pytest.raises(ValueError, match="requests"):
        Limiter(RateLimit(0, 10.0))


def test_a_wait_beyond_an_own_maximum_says_so(answering: Answering) -> None:
    """A Retry-After above the policy's own maximum is given up with a hint that says so."""
    client = answering(
        lambda _: httpx.Response(429, headers={"Retry-After": "45"}),
        retry=rf.RetryPolicy(retry_after_max=10.0, wait_initial=0.0),
    )
    with pytest.raises(rf.RateLimitExceeded) as error:
        invoices(client)
    assert "the API asks to wait 45 seconds" in error.value.hint


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("120.0000001", "the API asks to wait 121 seconds: the quota resets later; try again then."),
        (
            "9" * 400,
            "the API asks to wait more than 1,000,000,000 seconds: the quota resets later; try again then.",
        ),
    ],
)
def test_a_wait_is_said_as_a_number_above_the_maximum(answering: Answering, header: str, said: str) -> None:
    """A wait just above the maximum of 120 is not called 120, nor one without end infinite."""
    client = answering(lambda _: httpx.Response(429, headers={"Retry-After": header}), retry=rf.RetryPolicy())
    with pytest.raises(rf.RateLimitExceeded) as error:
        invoices(client)
    assert error.value.hint == said


@pytest.mark.parametrize("record", [{}, {"id": "i2"}, {"invoice": {"id": "i1"}}])
def test_a_retrieved_record_is_the_one_asked_for(answering: Answering, record: dict[str, object]) -> None:
    """An answer that is not the record that was asked for is an InvalidResponse, not an empty record."""
    client = answering(lambda _: httpx.Response(200, content=json.dumps(record).encode()))
    with pytest.raises(rf.InvalidResponse):
        client.connection("books").invoices.retrieve("i1")


@pytest.mark.parametrize("record_id", [".", ".."])
def test_an_id_of_dots_stays_in_its_place(answering: Answering, record_id: str) -> None:
    """An id of dots would be a step in the path: it is a ValueError, and nothing is sent."""
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(404)

    with pytest.raises(ValueError, match=rf"^That is no id of invoices: '{re.escape(record_id)}'$"):
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
def test_an_id_stays_in_its_place(answering: Answering, record_id: str, path: str) -> None:
    """Whatever an id holds, it is one step below the resource's path."""
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.raw_path.decode().partition("?")[0])
        return httpx.Response(404)

    with pytest.raises(rf.NotFound):
        answering(handler).connection("books").invoices.retrieve(record_id)
    assert sent == [path]


def test_a_closed_client_cannot_be_used(server: DemoServer) -> None:
    """A client that was closed refuses to send, whatever it is asked for, and can be closed again."""
    server.configure(faults=[])
    client = rf.Client(client_id=server.client_id, client_secret=server.client_secret, environment=server.url)
    client.close()
    try:
        for use in (
            lambda: client.connections.retrieve("roaster-bank"),
            lambda: list(client.connections.list()),
            lambda: client.connections.exchange("public-roaster-bank"),
            lambda: rf.load_invoices(client.connection("roaster-bank", "a-token"), progress=False),
        ):
            with pytest.raises(RuntimeError, match=r"^This client was closed; open a new one"):
                use()
        assert len(server.requests) == 0
    finally:
        client.close()


def test_a_proxy_without_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY=host:port means an http proxy, as everywhere else."""
    for name in ("https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.com:3128")
    open_transport("https://api.example.org").close()


def test_the_version_of_the_environment_does_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo works whatever version is set for the real API."""
    monkeypatch.setenv("RUTTER_VERSION", "2023-03-14")
    with rf.demo() as client:
        assert len(list(client.connections.list())) == 10


def test_a_demo_that_cannot_begin_leaves_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the client of the demo cannot be made, its server does not stay."""
    started: list[DemoServer] = []
    start = DemoServer.start

    def noted(self: DemoServer) -> DemoServer:
        started.append(self)
        return start(self)

    monkeypatch.setattr(DemoServer, "start", noted)
    monkeypatch.setenv("RUTTER_CLIENT_IDD", "x")
    try:
        rf.demo().close()
    except rf.ConfigurationError:
        assert [server._running for server in started if server._running] == []
    finally:
        for server in started:
            server.stop()


@pytest.mark.parametrize("policy", [{"attempts": 0}, {"wait_initial": -1.0}, {"timeout": 0.0}])
def test_a_policy_that_makes_no_sense_is_refused(policy: dict[str, float]) -> None:
    """A policy that would never try, or wait for less than nothing, is refused."""
    with pytest.raises(ValueError, match="attempts must be 1 or more, waits 0 or more, timeout above 0"):
        rf.RetryPolicy(**policy)  # type: ignore[arg-type]


def test_a_setting_that_is_no_text_is_a_configuration_error() -> None:
    """A client id that is a number is a ConfigurationError that does not repeat it."""
    with pytest.raises(rf.ConfigurationError, match="client_id: Input should be a valid string") as error:
        rf.Client(client_id=123456, client_secret="a-secret")  # type: ignore[arg-type]
    assert "123456" not in str(error.value)


def test_a_version_that_no_header_can_hold_is_a_configuration_error() -> None:
    """A version outside ASCII is a ConfigurationError, not an error of the first request."""
    with pytest.raises(rf.ConfigurationError, match="version: a header cannot hold these characters"):
        rf.Client(client_id="an-id", client_secret="a-secret", version="2024–08–31")  # noqa: RUF001
