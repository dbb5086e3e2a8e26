"""No secret in the client: errors, logs, representations and pickles, with and without faults."""

from __future__ import annotations

import base64
import pickle
import warnings
from collections.abc import Callable
from urllib.parse import quote_plus

import httpx
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from tests.canary.canaries import (
    BOOKS,
    ID,
    PAIR,
    SECRET,
    TOKEN,
    Recorder,
    client_of,
    log_texts,
    secrets_in,
    texts_of,
)


def test_the_hunt_can_find() -> None:
    """The recorder finds each secret in each encoding, also in a frame's variables and in a framed text."""
    for secret in (ID, SECRET, TOKEN):
        assert secrets_in(f"x{secret}y")
        assert secrets_in(f"?access_token={quote_plus(secret)}")
        assert secrets_in(base64.b64encode(secret.encode()).decode())
        assert secrets_in(f"{secret[:7]} │\n│ {secret[7:]}")
        assert secrets_in("".join(texts_of({"a": [(secret,)]})))
    assert secrets_in(f"Basic {PAIR}")
    recorder = Recorder()

    def careless() -> None:
        local = TOKEN
        raise ValueError(len(local))

    recorder.run(careless)
    assert secrets_in("".join(recorder.texts))
    assert not secrets_in("nothing here, 0123456789 canary")


def test_no_secret_with_and_without_faults(canary_api: DemoServer, logs: pytest.LogCaptureFixture) -> None:
    """Listing, retrieving, every fault and every refusal over a real socket show no secret anywhere."""
    recorder = Recorder()
    with warnings.catch_warnings(record=True) as heard, client_of(canary_api.url) as client:
        warnings.simplefilter("always")
        books = client.connection(BOOKS)
        canary_api.configure(page_size=20, faults=[])
        first = canary_api.books.rows(BOOKS, "invoices")[0]["id"]
        recorder.run(lambda: list(books.invoices.list())[:3])
        recorder.run(lambda: books.invoices.retrieve(first))
        recorder.run(lambda: list(client.connections.list()))
        recorder.run(lambda: next(books.transactions.list(updated_at_min="2026-06-01")))
        recorder.run(lambda: books.listing("invoices"))
        assert recorder.kinds == []
        recorder.run(lambda: books.invoices.retrieve("no such id"))
        recorder.run(lambda: client.connection(BOOKS, TOKEN[::-1]).accounts.list().__next__())
        recorder.run(lambda: client.connection("unknown"))
        recorder.run(lambda: books.listing("invoices", expand="platform_data"))
        for kind in ("429", "452", "500", "503", "drop", "truncate", "html", "null_row", "repeat_cursor"):
            canary_api.configure(faults=[Fault(kind, resource="accounts", page=0, times=0)])
            recorder.run(lambda: list(books.accounts.list()))
        canary_api.configure(faults=[Fault("expired_cursor", resource="accounts", page=2, times=0)])
        recorder.run(lambda: list(books.accounts.list()))
        for thing in (client, client.connections, books, books.invoices, books.listing("invoices")):
            recorder.inspect(thing)
    assert recorder.kinds == [
        "NotFound",
        "AuthenticationError",
        "MissingToken",
        "InvalidFilter",
        "RateLimitExceeded",
        "PlatformRateLimitExceeded",
        "ServerError",
        "ServerError",
        "TransportError",
        "InvalidResponse",
        "InvalidResponse",
        "InvalidRows",
        "PaginationError",
        "BadRequest",
    ]
    assert [warning.category for warning in heard] == [rf.NaiveDatetimeWarning]
    recorder.texts += [str(warning.message) for warning in heard]
    recorder.texts += log_texts(logs)
    assert any("httpcore" in record.name for record in logs.records)
    assert [secrets_in(text) for text in recorder.texts if secrets_in(text)] == []


def test_no_secret_without_a_response(logs: pytest.LogCaptureFixture) -> None:
    """A refused connection shows no secret anywhere."""
    recorder = Recorder()
    with client_of("http://127.0.0.1:9") as client:
        recorder.run(lambda: list(client.connection(BOOKS).accounts.list()))
        recorder.inspect(client)
    assert recorder.kinds == ["TransportError"]
    assert [secrets_in(text) for text in [*recorder.texts, *log_texts(logs)] if secrets_in(text)] == []


def _echo(request: httpx.Request) -> str:
    return f"You asked {request.method} {request.url} with the token {TOKEN}"


ANSWERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "url in an error": lambda r: httpx.Response(400, json={"error_message": _echo(r)}),
    "url in a page of HTML": lambda r: httpx.Response(502, html=f"<p>{_echo(r)}</p>"),
    "secrets in an error": lambda _: httpx.Response(403, json={"error_message": f"{ID} {SECRET} {TOKEN}"}),
    "url in a body that is not JSON": lambda r: httpx.Response(200, text=str(r.url)),
}


@pytest.mark.parametrize(
    "answer",
    [pytest.param(answer, id=name) for name, answer in ANSWERS.items()],
)
def test_no_secret_when_the_server_repeats_it(
    answer: Callable[[httpx.Request], httpx.Response], logs: pytest.LogCaptureFixture
) -> None:
    """A server or proxy that repeats what it was sent does not bring a secret into an error."""
    recorder = Recorder()
    transport = httpx.MockTransport(answer)
    with client_of("https://api.example.com", transport=transport) as client:
        recorder.run(lambda: list(client.connection(BOOKS).accounts.list()))
    assert len(recorder.errors) == 1
    assert [secrets_in(text) for text in [*recorder.texts, *log_texts(logs)] if secrets_in(text)] == []


def test_no_secret_when_the_transport_repeats_it(logs: pytest.LogCaptureFixture) -> None:
    """An exception of the transport that quotes the request does not bring a secret into an error."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(_echo(request), request=request)

    recorder = Recorder()
    with client_of("https://api.example.com", transport=httpx.MockTransport(refuse)) as client:
        recorder.run(lambda: list(client.connection(BOOKS).accounts.list()))
        recorder.run(lambda: client.connection(BOOKS).invoices.retrieve("i1"))
    assert recorder.kinds == ["TransportError", "TransportError"]
    assert [secrets_in(text) for text in [*recorder.texts, *log_texts(logs)] if secrets_in(text)] == []


@pytest.mark.parametrize(
    "variables",
    [
        {"RUTTER_CLIENT_ID": ID},
        {"RUTTER_CLIENT_SECRET": SECRET},
        {"RUTTER_CLIENT_ID": ID, "RUTTER_CLIENT_SECRET": SECRET, "RUTTER_ACCESS_TOKENS": f'{{"a": "{TOKEN}"'},
        {"RUTTER_CLIENT_ID": ID, "RUTTER_CLIENT_SECRET": SECRET, "RUTTER_ACCES_TOKEN": TOKEN},
        {"RUTTER_CLIENT_ID": ID, "RUTTER_CLIENT_SECRET": SECRET, "RUTTER_ENVIRONMENT": "http://example.com"},
    ],
)
def test_no_secret_when_the_settings_are_wrong(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """An error about the settings shows none of their values."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client()
    texts = [str(error.value), repr(vars(error.value)), pickle.dumps(error.value).decode("latin-1")]
    assert [secrets_in(text) for text in texts if secrets_in(text)] == []
