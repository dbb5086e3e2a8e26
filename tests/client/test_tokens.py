"""Access tokens: where they are looked up, in which order, and what is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.config import read_settings
from rutterframe.client.tokens import Tokens

HINT = (
    "Next: set RUTTER_ACCESS_TOKENS to a JSON object from connection id to token, or RUTTER_ACCESS_TOKEN to "
    "the only token, or pass the token to client.connection()."
)


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Replace the developer's own keyring by an empty one."""
    stored: dict[tuple[str, str], str] = {}
    backend = SimpleNamespace(get_password=lambda service, name: stored.get((service, name)))
    fake = SimpleNamespace(get_keyring=lambda: backend)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return stored


def token_of(connection_id: str, tokens: dict[str, str | SecretStr] | None = None) -> str:
    return Tokens(read_settings(), tokens).find(connection_id).get_secret_value()


def test_the_order_of_the_sources(
    monkeypatch: pytest.MonkeyPatch, keyring: dict[tuple[str, str], str]
) -> None:
    """Tokens of the code come first, then RUTTER_ACCESS_TOKENS, RUTTER_ACCESS_TOKEN and the keyring."""
    for connection in ("given", "listed", "only", "stored"):
        keyring["rutterframe", connection] = f"{connection} from the keyring"
    assert token_of("stored", {"given": "1"}) == "stored from the keyring"
    monkeypatch.setenv("RUTTER_ACCESS_TOKEN", "the only one")
    assert token_of("only", {"given": "1"}) == "the only one"
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", '{"listed": "listed token", "given": "another"}')
    assert token_of("listed", {"given": "1"}) == "listed token"
    assert token_of("given", {"given": "given token"}) == "given token"


def test_a_secret_str_is_taken() -> None:
    """A token may be a SecretStr."""
    assert token_of("books", {"books": SecretStr("a token")}) == "a token"


def test_the_argument_beats_every_other_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The token passed for one connection is the one that is used, as text or as SecretStr."""
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", '{"books": "from the environment"}')
    with rf.Client(client_id="an-id", client_secret="a-secret") as client:
        for argument in ("from the code", SecretStr("from the code")):
            token = client.connection("books", argument).listing("invoices").access_token
            assert token is not None
            assert token.get_secret_value() == "from the code"


def test_a_missing_token_names_the_settings() -> None:
    """Without any token the error names the connection and every setting for one."""
    with pytest.raises(rf.MissingToken) as error:
        token_of("books")
    assert str(error.value) == f"No access token is known for connection 'books'\n{HINT}"


def test_a_missing_token_lists_the_known_ids_and_no_token() -> None:
    """Where other tokens are known their connection ids are listed, sorted: so that a typo can be found."""
    with pytest.raises(rf.MissingToken) as error:
        token_of("book", {"shop": "canary-1", "books": "canary-2"})
    assert str(error.value) == (
        f"No access token is known for connection 'book' (known are books, shop)\n{HINT}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "canary-token",
        '{"books": "canary-token"',
        '["canary-token"]',
        '{"books": 12, "shop": "canary-token"}',
        '{"books": null, "shop": "canary-token"}',
        '{"books": {"token": "canary-token"}}',
        '"canary-token"',
    ],
)
def test_malformed_tokens_are_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Anything but a JSON object from id to token is refused, without its content."""
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", text)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert str(error.value) == (
        "RUTTER_ACCESS_TOKENS is not a JSON object from connection id to token\n"
        'Next: write it as {"first-connection-id": "its token", "second-connection-id": "its token"}.'
    )
    assert (error.value.__cause__, error.value.__context__) == (None, None)


def test_one_token_for_two_connections_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that was copied to a second connection would load the wrong books, so it is refused."""
    monkeypatch.setenv("RUTTER_ACCESS_TOKENS", '{"books": "canary-token"}')
    with pytest.raises(rf.ConfigurationError) as error:
        Tokens(read_settings(), {"shop": "canary-token"})
    assert str(error.value) == (
        "Connections 'books' and 'shop' have the same access token\n"
        "Next: a token opens one connection only: correct the one that was copied."
    )


def test_an_empty_token_counts_as_missing() -> None:
    """An empty token in a list of tokens counts as missing."""
    with pytest.raises(rf.MissingToken):
        token_of("books", {"books": ""})


def _locked(*_: str) -> str:
    raise RuntimeError("the keyring is locked")


@pytest.mark.parametrize(
    "module",
    [
        None,
        SimpleNamespace(),
        SimpleNamespace(get_keyring=_locked),
        SimpleNamespace(get_keyring=lambda: SimpleNamespace(get_password=_locked)),
    ],
    ids=["absent", "odd", "no back end", "locked"],
)
def test_a_keyring_that_fails_has_no_token(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Without the extra, or with a keyring that is locked, the token is simply missing."""
    monkeypatch.setitem(sys.modules, "keyring", module)
    with pytest.raises(rf.MissingToken):
        token_of("books")


def test_an_empty_password_in_the_keyring_counts_as_missing(keyring: dict[tuple[str, str], str]) -> None:
    """An entry without content counts as missing."""
    keyring["rutterframe", "books"] = ""
    with pytest.raises(rf.MissingToken):
        token_of("books")


@pytest.mark.parametrize("connection_id", ["", None, 12, b"books", ["books"]])
def test_a_connection_id_is_a_text(connection_id: Any) -> None:
    """A connection without an id, or with something else for one, is a mistake in the code."""
    with (
        rf.Client(client_id="an-id", client_secret="a-secret") as client,
        pytest.raises(TypeError, match="A connection id must be a text that is not empty, got "),
    ):
        client.connection(connection_id, "a token")


Answering = Callable[..., rf.Client]


def test_an_empty_token_argument_is_not_set(answering: Answering) -> None:
    """An empty access token is a missing one."""
    with pytest.raises(rf.MissingToken):
        answering(lambda _: httpx.Response(200)).connection("shop", "")


BOOKS_TOKEN = "The access token of connection 'books' must be a text or a SecretStr, got"


@pytest.mark.parametrize(
    ("tokens", "problem"),
    [
        ({"books": None}, f"{BOOKS_TOKEN} None"),
        ({"books": b"canary"}, f"{BOOKS_TOKEN} bytes"),
        ({"shop": "canary", "books": ["canary"]}, f"{BOOKS_TOKEN} list"),
        ({12: "canary"}, "A connection id in access_tokens must be a text, got int"),
        (["canary"], "access_tokens is a mapping from connection id to token, but this is list"),
        ("canary", "access_tokens is a mapping from connection id to token, but this is str"),
        ({"books": SecretStr(b"canary")}, f"{BOOKS_TOKEN} bytes"),  # type: ignore[arg-type]
    ],
)
def test_tokens_of_a_wrong_type_are_named_by_type(tokens: Any, problem: str) -> None:
    """A mapping with anything but texts is refused; the error names id and type, and no value."""
    with pytest.raises(TypeError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret", access_tokens=tokens)
    assert str(error.value) == problem


def test_a_keyring_token_is_not_sent_to_an_address_of_dotenv(keyring: dict[tuple[str, str], str]) -> None:
    """The keyring's tokens do not go to an address that a .env file names."""
    keyring["rutterframe", "books"] = "canary-token"
    Path(".env").write_text(
        "RUTTER_CLIENT_ID=i\nRUTTER_CLIENT_SECRET=s\nRUTTER_ENVIRONMENT=https://other.example.com\n"
    )
    with rf.Client() as client, pytest.raises(rf.ConfigurationError, match="is in the keyring") as error:
        client.connection("books")
    assert "canary" not in str(error.value)
    with rf.Client() as client:  # what the code passes is the user's own decision
        client.connection("books", "another-token")
