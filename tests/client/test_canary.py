"""The canary: three unusual secrets, and a hunt for them through everything that anybody might be shown."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import re
import traceback
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer

ID = "canaryID~7é/+&=%41"
SECRET = "canarySECRET 'x\"<ö>?#;:@"
TOKEN = "canaryTOKEN/+ü&=%20~$"
BOOKS = "roaster-quickbooks"
AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)


def spellings(secret: str) -> set[str]:
    """Give a secret as it is, as Python and JSON write it, URL-encoded, and in base64."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {
        secret,
        repr(secret)[1:-1],
        secret.encode().decode("latin-1"),
        ascii(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        encoded,
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
        secret[:10],  # the plain beginning, which every unencoded spelling has
    }


PAIR = base64.b64encode(f"{ID}:{SECRET}".encode()).decode().rstrip("=")
#: The pair's base64 is also searched by the half that only the client secret goes into.
HUNTED = spellings(ID) | spellings(SECRET) | spellings(TOKEN) | {PAIR, PAIR[-24:]}


def found(text: str) -> list[str]:
    """Hunt in a text, also where a frame or a line break was drawn across a secret."""
    joined = re.sub(r"[\s│╭╮╰╯─]+", "", text)
    return [spelling for spelling in HUNTED if spelling in text or re.sub(r"\s", "", spelling) in joined]


def drawn(error: BaseException) -> str:
    """Draw a traceback with the local variables of every frame, as rich and IPython's verbose mode do."""
    out = io.StringIO()
    told = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=None,  # type: ignore[arg-type]
        locals_max_string=None,  # type: ignore[arg-type]
        locals_hide_dunder=False,
        locals_hide_sunder=False,
        max_frames=0,
        width=4000,
    )
    Console(file=out, width=4000).print(told)
    return out.getvalue()


def shown(thing: object, seen: set[int] | None = None) -> Iterator[str]:
    """Give every text that can be reached from a thing without opening a SecretStr."""
    seen = set() if seen is None else seen
    waiting: deque[object] = deque([thing])
    closed = (SecretStr, type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    while waiting:
        here = waiting.popleft()
        if id(here) in seen or isinstance(here, closed):
            continue
        seen.add(id(here))
        if isinstance(here, str):
            yield here
        elif isinstance(here, bytes | bytearray):
            yield bytes(here).decode("latin-1")
        elif isinstance(here, Mapping):
            waiting.extend([*here.keys(), *here.values()])
        elif isinstance(here, list | tuple | set | frozenset | deque):
            waiting.extend(here)
        else:
            waiting.extend(vars(here).values() if hasattr(here, "__dict__") else ())
            slots = [name for kind in type(here).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting.extend(getattr(here, name) for name in slots if hasattr(here, name))


def everything(error: BaseException) -> Iterator[str]:
    """Give everything that can be shown of an error."""
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    yield "".join(traceback.format_exception(error))
    yield drawn(error)
    yield from shown(error)
    back = pickle.loads(pickle.dumps(error))  # noqa: S301
    yield pickle.dumps(error).decode("latin-1")
    yield f"{back} {back!r} {vars(back)}"


class Hunt:
    """Runs what a user might run, and keeps what comes of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.errors: list[BaseException] = []

    def run(self, action: Callable[[], object]) -> None:
        try:
            self.texts.append(repr(action()))
        except Exception as error:  # noqa: BLE001 - whatever comes out is looked at
            self.errors.append(error)
            self.texts.extend(everything(error))

    def look_at(self, thing: object) -> None:
        self.texts += [str(thing), repr(thing), repr(getattr(thing, "__dict__", {})), *shown(thing)]

    @property
    def kinds(self) -> list[str]:
        return [type(error).__name__ for error in self.errors]


@pytest.fixture(scope="module")
def planted() -> Iterator[DemoServer]:
    """A demo API whose credentials and token are the canaries."""
    with DemoServer() as server:
        service = server._service
        service.client_id, service.client_secret = ID, SECRET
        service.connections[TOKEN] = BOOKS
        yield server


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, down to DEBUG."""
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "rutterframe", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    return caplog


def of_logs(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    yield caplog.text
    for record in caplog.records:
        yield record.getMessage()
        yield repr(record.args)
        yield from shown(record)


def client_of(url: str, **options: Any) -> rf.Client:
    given = {"client_id": ID, "client_secret": SECRET, "access_tokens": {BOOKS: TOKEN}, "environment": url}
    return rf.Client(**{**given, "retry": AT_ONCE, "rate_limit": None, **options})


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
        "RateLimited",
        "PlatformRateLimited",
        "ServerError",
        "ServerError",
        "TransportError",
        "InvalidResponse",
        "InvalidResponse",
        "InvalidRows",
        "PaginationError",
        "BadRequest",
    ]
    assert [warning.category for warning in heard] == [rf.AssumedUTC]
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
