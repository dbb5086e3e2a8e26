"""The canary in the client: errors, logs, representations and pickles, in fair weather and foul."""

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
from tests.canary.hunting import BOOKS, ID, PAIR, SECRET, TOKEN, Hunt, client_of, found, of_logs, shown


def test_the_hunt_can_find() -> None:
    """The hunt finds each secret in each spelling, also in a frame's variables and in a framed text."""
    for secret in (ID, SECRET, TOKEN):
        assert found(f"x{secret}y")
        assert found(f"?access_token={quote_plus(secret)}")
        assert found(base64.b64encode(secret.encode()).decode())
        assert found(f"{secret[:7]} │\n│ {secret[7:]}")
        assert found("".join(shown({"a": [(secret,)]})))
    assert found(f"Basic {PAIR}")
    hunt = Hunt()

    def careless() -> None:
        kept = TOKEN
        raise ValueError(len(kept))

    hunt.run(careless)
    assert found("".join(hunt.texts))
    assert not found("nothing here, 0123456789 canary")


def test_no_secret_in_fair_weather_or_foul(planted: DemoServer, logs: pytest.LogCaptureFixture) -> None:
    """Listing, retrieving, every fault and every refusal over a real socket show no secret anywhere."""
    hunt = Hunt()
    with warnings.catch_warnings(record=True) as heard, client_of(planted.url) as client:
        warnings.simplefilter("always")
        books = client.connection(BOOKS)
        planted.configure(page_size=20, faults=[])
        first = planted.books.rows(BOOKS, "invoices")[0]["id"]
        hunt.run(lambda: list(books.invoices.list())[:3])
        hunt.run(lambda: books.invoices.retrieve(first))
        hunt.run(lambda: list(client.connections.list()))
        hunt.run(lambda: next(books.transactions.list(updated_at_min="2026-06-01")))
        hunt.run(lambda: books.listing("invoices"))
        assert hunt.kinds == []
        hunt.run(lambda: books.invoices.retrieve("no such id"))
        hunt.run(lambda: client.connection(BOOKS, TOKEN[::-1]).accounts.list().__next__())
        hunt.run(lambda: client.connection("unknown"))
        hunt.run(lambda: books.listing("invoices", expand="platform_data"))
        for kind in ("429", "452", "500", "503", "drop", "truncate", "html", "null_row", "repeat_cursor"):
            planted.configure(faults=[Fault(kind, resource="accounts", page=0, times=0)])
            hunt.run(lambda: list(books.accounts.list()))
        planted.configure(faults=[Fault("expired_cursor", resource="accounts", page=2, times=0)])
        hunt.run(lambda: list(books.accounts.list()))
        for thing in (client, client.connections, books, books.invoices, books.listing("invoices")):
            hunt.look_at(thing)
    assert hunt.kinds == [
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
    hunt.texts += [str(warning.message) for warning in heard]
    hunt.texts += of_logs(logs)
    assert any("httpcore" in record.name for record in logs.records)
    assert [found(text) for text in hunt.texts if found(text)] == []


def test_no_secret_when_nobody_answers(logs: pytest.LogCaptureFixture) -> None:
    """A refused connection shows no secret anywhere."""
    hunt = Hunt()
    with client_of("http://127.0.0.1:9") as client:
        hunt.run(lambda: list(client.connection(BOOKS).accounts.list()))
        hunt.look_at(client)
    assert hunt.kinds == ["TransportError"]
    assert [found(text) for text in [*hunt.texts, *of_logs(logs)] if found(text)] == []


def _echo(request: httpx.Request) -> str:
    return f"You asked {request.method} {request.url} with the token {TOKEN}"


ANSWERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "url in an error": lambda r: httpx.Response(400, json={"error_message": _echo(r)}),
    "url in a page of HTML": lambda r: httpx.Response(502, html=f"<p>{_echo(r)}</p>"),
    "secrets in an error": lambda _: httpx.Response(403, json={"error_message": f"{ID} {SECRET} {TOKEN}"}),
    "url in a body that is no JSON": lambda r: httpx.Response(200, text=str(r.url)),
}


@pytest.mark.parametrize(
    "answer",
    [pytest.param(answer, id=name) for name, answer in ANSWERS.items()],
)
def test_no_secret_when_the_server_repeats_it(
    answer: Callable[[httpx.Request], httpx.Response], logs: pytest.LogCaptureFixture
) -> None:
    """A server or proxy that repeats what it was sent does not bring a secret into an error."""
    hunt = Hunt()
    transport = httpx.MockTransport(answer)
    with client_of("https://api.example.com", transport=transport) as client:
        hunt.run(lambda: list(client.connection(BOOKS).accounts.list()))
    assert len(hunt.errors) == 1
    assert [found(text) for text in [*hunt.texts, *of_logs(logs)] if found(text)] == []


def test_no_secret_when_the_transport_repeats_it(logs: pytest.LogCaptureFixture) -> None:
    """An exception of the transport that quotes the request does not bring a secret into an error."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(_echo(request), request=request)

    hunt = Hunt()
    with client_of("https://api.example.com", transport=httpx.MockTransport(refuse)) as client:
        hunt.run(lambda: list(client.connection(BOOKS).accounts.list()))
        hunt.run(lambda: client.connection(BOOKS).invoices.retrieve("i1"))
    assert hunt.kinds == ["TransportError", "TransportError"]
    assert [found(text) for text in [*hunt.texts, *of_logs(logs)] if found(text)] == []


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
    assert [found(text) for text in texts if found(text)] == []
