"""No secret in a traceback with local variables, whatever is wrong with arguments, settings, responses.

The frames of the tests hold no secret either: what is passed comes from functions that have returned.
"""

from __future__ import annotations

import copy
import json
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pandas as pd
import pytest
from pydantic import SecretStr

import rutterframe as rf
from tests.canary.canaries import (
    AT_ONCE,
    BOOKS,
    ID,
    SECRET,
    TOKEN,
    Recorder,
    client_of,
    draw_traceback,
    secrets_in,
    texts_of,
)

URL = "https://api.example.com"
Action = Callable[[], object]


class Holder:
    """An object of the user that shows its secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __repr__(self) -> str:
        return f"Holder({self.secret!r})"


def wrong_types(secret: str) -> dict[str, Any]:
    """Return a secret in everything that is not a text."""
    return {
        "bytes": secret.encode(),
        "bytearray": bytearray(secret.encode()),
        "list": [secret],
        "tuple": (secret,),
        "dict": {secret: secret},
        "object": Holder(secret),
        "SecretStr of bytes": SecretStr(secret.encode()),  # type: ignore[arg-type]
        "half of a surrogate pair": f"{secret}\ud800",
    }


def leaks_of(action: Action) -> list[list[str]]:
    """Return the secrets that an action of a user shows, which fails."""
    recorder = Recorder()
    recorder.run(action)
    assert recorder.errors
    return [secrets_in(text) for text in recorder.texts if secrets_in(text)]


def arguments_of(**changed: Any) -> dict[str, Any]:
    """Return the arguments of a client; some of them changed."""
    defaults = {"client_id": ID, "client_secret": SECRET, "environment": URL, "access_tokens": {BOOKS: TOKEN}}
    return {**defaults, **changed}


ARGUMENTS = ["client_id", "client_secret", "environment", "version", "access_tokens"]
# A mapping from text to text is right: its keys are ids of connections, which errors name.
WRONG = [
    (name, kind)
    for name in ARGUMENTS
    for kind in wrong_types("")
    if (name, kind) != ("access_tokens", "dict")
]


@pytest.mark.parametrize(("name", "kind"), WRONG)
def test_an_argument_of_the_client_of_a_wrong_type(name: str, kind: str) -> None:
    """No argument of the client is shown because it, or another one, has a wrong type."""
    assert leaks_of(lambda: rf.Client(**arguments_of(**{name: wrong_types(SECRET)[kind]}))) == []


def tokens_of(kind: str) -> dict[str, Any]:
    return {BOOKS: TOKEN, "shop": wrong_types(TOKEN)[kind]}


@pytest.mark.parametrize("kind", wrong_types(""))
def test_a_token_of_a_wrong_type(kind: str) -> None:
    """No token is shown because it, or another one, has a wrong type."""
    assert leaks_of(lambda: rf.Client(**arguments_of(access_tokens=tokens_of(kind)))) == []
    with rf.Client(**arguments_of()) as client:
        assert leaks_of(lambda: client.connection(BOOKS, wrong_types(TOKEN)[kind])) == []
        if kind != "half of a surrogate pair":  # a text, as an id is
            assert leaks_of(lambda: client.connection(wrong_types(TOKEN)[kind], TOKEN)) == []
        assert leaks_of(lambda: client.connections.exchange(wrong_types(TOKEN)[kind])) == []
        assert leaks_of(lambda: rf.tokens.save(BOOKS, wrong_types(TOKEN)[kind])) == []


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "an unknown environment": {"environment": "prod"},
    "plain http": {"environment": "http://example.com"},
    "a password in the address": {"environment": f"https://user:{SECRET}@example.com"},
    "a key in the address": {"environment": f"https://example.com/?key={SECRET}"},
    "the secret as the version": {"version": SECRET},
    "one token for two connections": {"access_tokens": {BOOKS: TOKEN, "shop": TOKEN}},
    "no token": {"access_tokens": {BOOKS: None}},
    "an id that is a number": {"access_tokens": {12: TOKEN}},
    "a list of tokens": {"access_tokens": [TOKEN]},
    "no client id": {"client_id": None},
    "a retry policy that is a text": {"retry": "often"},
    "a rate limit that is a number": {"rate_limit": 5},
    "a transport that is a text": {"transport": "proxy"},
}


@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_a_client_that_cannot_be_opened(case: str) -> None:
    """Beside whatever is wrong with a client, neither credentials nor tokens are shown."""
    assert leaks_of(lambda: rf.Client(**arguments_of(**CONFIGURATIONS[case]))) == []


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "a typo": {"RUTTER_CLIENT_SECRETT": SECRET},
    "a bad environment": {"RUTTER_ENVIRONMENT": "prod"},
    "a password in the address": {"RUTTER_ENVIRONMENT": f"https://user:{SECRET}@example.com"},
    "a day that is a secret": {"RUTTER_AS_OF": SECRET},
    "a version that is a secret": {"RUTTER_VERSION": SECRET},
    "tokens that are not JSON": {"RUTTER_ACCESS_TOKENS": f'{{"{BOOKS}": "{TOKEN}"'},
    "tokens that are nested": {"RUTTER_ACCESS_TOKENS": "[" * 100_000 + TOKEN},
    "a token that is null": {"RUTTER_ACCESS_TOKENS": json.dumps({BOOKS: TOKEN, "shop": None})},
    "one token twice": {"RUTTER_ACCESS_TOKENS": json.dumps({BOOKS: TOKEN, "shop": TOKEN})},
    "bytes that are not UTF-8": {"RUTTER_CLIENT_SECRET": f"{SECRET}\udcff"},
    "a proxy with a password and a bad port": {"HTTPS_PROXY": f"http://user:{SECRET}@proxy:999999"},
    "a proxy of another kind": {"HTTPS_PROXY": f"ftp://user:{SECRET}@proxy"},
    "a proxy without a host": {"HTTPS_PROXY": f"http://user:{SECRET}@"},
    "a key in the address": {"RUTTER_ENVIRONMENT": f"https://example.com/?key={SECRET}"},
    "a key after the address": {"RUTTER_ENVIRONMENT": f"https://example.com/#{SECRET}"},
    "a key in the address of a proxy": {"HTTPS_PROXY": f"http://proxy:0/?key={SECRET}"},
    "a socks proxy": {"HTTPS_PROXY": f"socks5://user:{SECRET}@proxy:1"},
}


@pytest.mark.parametrize("source", ["environment", ".env"])
@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_an_environment_that_is_wrong(monkeypatch: pytest.MonkeyPatch, case: str, source: str) -> None:
    """Whatever is wrong with the variables or the .env file, no value of theirs is shown."""
    settings = {"RUTTER_CLIENT_ID": ID, "RUTTER_CLIENT_SECRET": SECRET, "RUTTER_ENVIRONMENT": URL}
    settings |= ENVIRONMENTS[case]
    for name, value in settings.items():
        if source == "environment" or name == "HTTPS_PROXY" or "\udcff" in value:
            monkeypatch.setenv(name, value)
    if source == ".env":
        quoted = [f"{name}={json.dumps(value)}" for name, value in settings.items() if "\udcff" not in value]
        Path(".env").write_text("\n".join(quoted), encoding="utf-8")
    assert leaks_of(rf.Client) == []
    assert leaks_of(rf.connect) == []


def test_a_file_that_is_not_utf_8() -> None:
    """A .env file that cannot be decoded is not shown."""
    Path(".env").write_bytes(f"RUTTER_CLIENT_SECRET={SECRET}\n".encode() + b"\xff\n")
    assert leaks_of(rf.Client) == []
    assert leaks_of(rf.connect) == []


def webhooks_of(kind: str) -> list[tuple[Any, ...]]:
    """Return arguments of `verify_webhook` that it refuses."""
    body = json.dumps({"type": "A", "access_token": TOKEN})
    return [
        (body.encode(), "sha256=x", wrong_types(SECRET)[kind]),
        (body, "sha256=x", SECRET),
        (wrong_types(body)[kind], "sha256=x", SECRET),
        (body.encode(), 12, SECRET),
        (body.encode(), None, SECRET),
        (body.encode(), "sha256=x", None),
        (body.encode(), "sha256=x", ""),
    ]


@pytest.mark.parametrize("kind", wrong_types(""))
def test_a_webhook_of_wrong_types(kind: str) -> None:
    """Neither secret nor body of a webhook is shown because one of the arguments has a wrong type."""
    for index in range(len(webhooks_of(kind))):
        assert leaks_of(lambda index=index: rf.verify_webhook(*webhooks_of(kind)[index])) == []  # type: ignore[misc]


class Backend:
    """A keyring's back end that fails, and quotes what it was passed."""

    def set_password(self, *arguments: str) -> None:
        raise RuntimeError(f"locked: {arguments}")

    def get_password(self, *_: str) -> Any:
        return {"other": TOKEN}

    delete_password = set_password


def test_a_keyring_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that a keyring refuses, or returns as something else, is not shown."""
    backend = Backend()
    keyring = SimpleNamespace(get_keyring=lambda: backend, get_password=backend.get_password)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert leaks_of(lambda: rf.tokens.save(BOOKS, TOKEN)) == []
    assert leaks_of(lambda: rf.tokens.save("", TOKEN)) == []
    assert leaks_of(lambda: rf.tokens.save(None, TOKEN)) == []  # type: ignore[arg-type]
    assert leaks_of(lambda: rf.tokens.delete(BOOKS)) == []
    with rf.Client(**arguments_of()) as client:
        assert leaks_of(lambda: client.connection("shop")) == []


LINE = {"description": "x", "quantity": 1, "unit_amount": 1.0, "total_amount": 1.0}


def echoes(request: httpx.Request) -> dict[str, httpx.Response]:
    """Return the responses of a server that repeats the request."""
    address = f"{request.url} {dict(request.headers)} {dict(request.url.params)} {request.content!r}"
    refused = {"id": address, "amount_due": address}
    headers = {"X-Rutter-Request-ID": str(request.url)}
    return {
        "a refused row": httpx.Response(200, json={"invoices": [refused, {"id": "2"}], "next_cursor": None}),
        "no list": httpx.Response(200, json={address: [], "connection": {"id": address}}),
        "a list that is a text": httpx.Response(200, json={"invoices": address}),
        "not JSON": httpx.Response(200, text=address),
        "another connection": httpx.Response(200, json={"connection": {"id": address}, "invoices": []}),
        "a cursor that is a list": httpx.Response(200, json={"invoices": [], "next_cursor": [address]}),
        "an error": httpx.Response(
            400, json={"error_message": address, "error_code": address}, headers=headers
        ),
        "a page of a gateway": httpx.Response(414, html=f"<p>{'x' * 150}{address}</p>", headers=headers),
        "an encoding": httpx.Response(200, headers={"Content-Encoding": str(request.url)}, content=b"x"),
    }


OPERATIONS: dict[str, Callable[[rf.Client, rf.Connection, Path], object]] = {
    "list": lambda _, books, __: list(books.invoices.list()),
    "retrieve": lambda _, books, __: books.invoices.retrieve("1"),
    "create": lambda _, books, __: books.invoices.create(customer_id="c", line_items=[LINE]),
    "load": lambda _, books, __: rf.load_invoices(books, progress=False),
    "load all": lambda _, books, __: rf.load_all([books], progress=False),
    "frames": lambda _, books, __: list(rf.iter_frames(books, "invoices")),
    "quarantine": lambda _, books, __: rf.receipt(
        rf.load_invoices(books, on_invalid="quarantine", progress=False)
    ),
    "refresh": lambda _, books, path: rf.refresh([books], path / "dataset", resources=["invoices"]),
    "connections": lambda client, _, __: rf.load_connections(client, progress=False),
    "exchange": lambda client, _, __: client.connections.exchange(TOKEN),
    "webhooks": lambda client, _, __: list(client.webhooks.list()),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("case", echoes(httpx.Request("GET", URL)))
def test_a_response_that_repeats_the_request(operation: str, case: str, tmp_path: Path) -> None:
    """Neither an error nor a variable of its frames has a secret that a server repeats."""
    transport = httpx.MockTransport(lambda request: echoes(request)[case])
    with client_of(URL, transport=transport, retry=AT_ONCE) as client:
        books, recorder = client.connection(BOOKS), Recorder()
        recorder.run(lambda: OPERATIONS[operation](client, books, tmp_path))
    assert [secrets_in(text) for text in recorder.texts if secrets_in(text)] == []


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "kind", [KeyboardInterrupt, MemoryError, RuntimeError, httpx.ReadError, UnicodeError]
)
def test_a_transport_that_fails(operation: str, kind: type[BaseException], tmp_path: Path) -> None:
    """Whatever a transport raises, Ctrl-C too, no frame below the client is shown, and none of its texts."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("interrupted") if kind is not httpx.ReadError else httpx.ReadError(str(request.url))

    with client_of(URL, transport=httpx.MockTransport(fail), retry=AT_ONCE) as client:
        books = client.connection(BOOKS)
        assert leaks_of(lambda: OPERATIONS[operation](client, books, tmp_path)) == []


def test_a_client_that_is_copied() -> None:
    """Neither a copy nor a pickle of a client begins with its tokens."""
    with rf.Client(**arguments_of()) as client:
        for copies in (copy.deepcopy, pickle.dumps):
            assert leaks_of(lambda copies=copies: copies(client)) == []  # type: ignore[misc]
            assert leaks_of(lambda copies=copies: copies([client.connection(BOOKS)])) == []  # type: ignore[misc]


def options_of() -> dict[str, str]:
    """Return the options of a bucket."""
    return {
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_REGION": "eu",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # refused as well, since http was not allowed
    }


@pytest.mark.parametrize("kind", ["right", *wrong_types("")])
def test_the_keys_of_a_bucket(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key among the storage options is in a local variable of this package, or in an error."""
    pytest.importorskip("deltalake")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "not-an-address")  # refused before any request
    options: Any = options_of if kind == "right" else lambda: wrong_types(SECRET)[kind]
    expected = OSError if kind == "right" else ValueError if kind == "dict" else TypeError
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    actions: list[Action] = [
        lambda: rf.Dataset("s3://bucket/books", storage_options=options()),
        lambda: rf.write_frame(pd.DataFrame(), "s3://bucket/x.csv", storage_options=options()),
    ]
    with rf.Client(**arguments_of(transport=transport)) as client:
        actions.append(
            lambda: rf.refresh(
                client.connection(BOOKS), "s3://bucket/books", storage_options=options(), progress=False
            )
        )
        for action in actions:
            with pytest.raises(expected) as error:
                action()
            texts = [str(error.value), draw_traceback(error.value)]
            for frame, _ in traceback.walk_tb(error.value.__traceback__):
                if str(frame.f_globals.get("__name__")).startswith("rutterframe"):
                    texts += [repr(frame.f_locals), *texts_of(dict(frame.f_locals))]
            assert [secrets_in(text) for text in texts if secrets_in(text)] == []
