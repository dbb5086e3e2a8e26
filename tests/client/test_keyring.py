"""Storing access tokens: in a keyring that stores secrets, and nowhere else."""

from __future__ import annotations

import sys
from typing import ClassVar

import keyring.backend
import keyring.errors
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from tests.conftest import client_of


class InMemory(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority: ClassVar[float] = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.stored: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.stored[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.stored.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not found")


class PlaintextKeyring(InMemory):
    """As keyrings.alt has one: a file that anyone can open."""


class Locked(InMemory):
    """A keyring that the user did not unlock; its message quotes the password."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked(f"{service} {username} {password}")


class Forgetful(InMemory):
    """A keyring that reports success and stores nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store nothing."""


def chain(*backends: keyring.backend.KeyringBackend) -> ChainerBackend:
    chainer = ChainerBackend()  # type: ignore[no-untyped-call]
    chainer.__class__ = type("Chainer", (ChainerBackend,), {"backends": list(backends)})
    return chainer


def use(monkeypatch: pytest.MonkeyPatch, backend: keyring.backend.KeyringBackend) -> None:
    monkeypatch.setattr("keyring.get_keyring", lambda: backend)


@pytest.mark.parametrize("token", ["a token", SecretStr("a token")])
def test_a_stored_token_is_found(monkeypatch: pytest.MonkeyPatch, token: str | SecretStr) -> None:
    """A token that was saved opens its connection, until it is deleted."""
    backend = InMemory()
    use(monkeypatch, backend)
    rf.tokens.save("books", token)
    assert backend.stored == {("rutterframe", "books"): "a token"}
    with rf.Client(client_id="an-id", client_secret="a-secret") as client:
        stored = client.connection("books").listing("invoices").access_token
        assert stored is not None
        assert stored.get_secret_value() == "a token"
        rf.tokens.delete("books")
        with pytest.raises(rf.MissingToken):
            client.connection("books")


def test_from_the_exchange_into_the_keyring(monkeypatch: pytest.MonkeyPatch, server: DemoServer) -> None:
    """The token of an exchange can be saved, and then lists the connection's records."""
    use(monkeypatch, InMemory())
    with client_of(server, access_tokens=None) as client:
        rf.tokens.save("roaster-bank", client.connections.exchange("public-roaster-bank"))
        assert next(client.connection("roaster-bank").bank_accounts.list()).currency


def test_the_first_safe_one_of_a_chain_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several keyrings the first that stores secrets is used, whatever comes before it."""
    plain, safe = PlaintextKeyring(), InMemory()
    failing = FailKeyring()  # type: ignore[no-untyped-call]
    use(monkeypatch, chain(plain, failing, safe))
    rf.tokens.save("books", "a token")
    assert (plain.stored, len(safe.stored)) == ({}, 1)


@pytest.mark.parametrize(
    "backend",
    [
        PlaintextKeyring(),
        NullKeyring(),  # type: ignore[no-untyped-call]
        FailKeyring(),  # type: ignore[no-untyped-call]
        chain(PlaintextKeyring()),
    ],
)
def test_a_plain_file_is_not_a_keyring(
    monkeypatch: pytest.MonkeyPatch, backend: keyring.backend.KeyringBackend
) -> None:
    """A keyring that is a plain file, or none, is refused by name; nothing is stored."""
    use(monkeypatch, backend)
    with pytest.raises(rf.ConfigurationError, match="There is no keyring that stores secrets; there is only"):
        rf.tokens.save("books", "canary-token")
    assert getattr(backend, "stored", {}) == {}


@pytest.mark.parametrize(("backend", "reason"), [(Locked(), " (KeyringLocked)"), (Forgetful(), "")])
def test_a_keyring_that_does_not_store_is_an_error(
    monkeypatch: pytest.MonkeyPatch, backend: InMemory, reason: str
) -> None:
    """A locked keyring, and one that forgets, are distinguished from success, without the token."""
    use(monkeypatch, backend)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.tokens.save("books", "canary-token")
    assert str(error.value) == (
        f"The keyring did not store the token of connection 'books'{reason}\n"
        "Next: unlock the keyring, or set RUTTER_ACCESS_TOKENS instead."
    )
    assert (error.value.__cause__, error.value.__context__) == (None, None)
    assert "canary" not in repr(error.value)


def test_the_error_without_the_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where keyring is not installed the error says how to get it, and what else there is."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.tokens.save("books", "a token")
    assert str(error.value) == (
        "There is no keyring that stores secrets\n"
        'Next: pip install "rutterframe[keyring]", or set RUTTER_ACCESS_TOKENS instead.'
    )


def test_a_keyring_that_fails_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that raises counts as missing."""

    def broken() -> None:
        raise RuntimeError("no D-Bus")

    monkeypatch.setattr("keyring.get_keyring", broken)
    with pytest.raises(rf.ConfigurationError, match="There is no keyring that stores secrets"):
        rf.tokens.save("books", "a token")


def test_a_token_that_is_not_there_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleting a token that is not there is an error."""
    use(monkeypatch, InMemory())
    with pytest.raises(rf.ConfigurationError, match=r"did not delete a token of connection 'books'"):
        rf.tokens.delete("books")


@pytest.mark.parametrize(
    ("connection_id", "token"), [("", "a token"), ("books", ""), ("books", SecretStr(""))]
)
def test_both_are_needed(connection_id: str, token: str | SecretStr) -> None:
    """An empty id or token is a mistake."""
    with pytest.raises(ValueError, match="Both are needed"):
        rf.tokens.save(connection_id, token)


class BasedOnPlaintext(PlaintextKeyring):
    """A plain file under another name."""


BasedOnPlaintext.__name__ = "CompanyKeyring"


class Wrapper(InMemory):
    """As keyrings.alt has one: long secrets in parts, in the keyring that it wraps."""

    def __init__(self, wrapped: InMemory) -> None:
        super().__init__()
        self._keyring = wrapped


@pytest.mark.parametrize("backend", [BasedOnPlaintext(), Wrapper(PlaintextKeyring())])
def test_a_plain_file_under_another_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, backend: InMemory
) -> None:
    """What extends or wraps a keyring of plain text stores plain text; the error says what to install."""
    use(monkeypatch, backend)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.tokens.save("books", "canary-token")
    assert str(error.value) == (
        "There is no keyring that stores secrets; there is only tests.client.test_keyring."
        f"{type(backend).__name__}, which stores plain text\n"
        "Next: install a keyring that encrypts (on Linux GNOME Keyring or KWallet; macOS and Windows have "
        "one), or set RUTTER_ACCESS_TOKENS instead."
    )
    assert backend.stored == {}


@pytest.mark.parametrize("plain", [PlaintextKeyring(), BasedOnPlaintext(), Wrapper(PlaintextKeyring())])
def test_a_token_in_a_plain_file_is_not_used(monkeypatch: pytest.MonkeyPatch, plain: InMemory) -> None:
    """A token that another program stored as plain text does not open a connection; one beside it does."""
    plain.stored["rutterframe", "books"] = "canary-token"
    use(monkeypatch, plain)
    with rf.Client(client_id="an-id", client_secret="a-secret") as client:
        with pytest.raises(rf.MissingToken, match="is not used, since that stores plain text") as error:
            client.connection("books")
        assert "canary" not in str(error.value)
        safe = InMemory()
        safe.stored["rutterframe", "books"] = "a token"
        use(monkeypatch, chain(plain, safe))
        token = client.connection("books").listing("invoices").access_token
        assert token is not None
        assert token.get_secret_value() == "a token"


class Unreadable(InMemory):
    """A keyring that cannot be read; its message quotes what is in it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002 - of the base class
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        keyring.errors.KeyringLocked("canary"),
        keyring.errors.InitError("canary"),
        RuntimeError("canary"),
        OSError(5, "canary"),
    ],
)
def test_a_locked_keyring_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A keyring that cannot be read is named with its error's class; its text is not repeated."""
    use(monkeypatch, Unreadable(error))
    with (
        rf.Client(client_id="an-id", client_secret="a-secret") as client,
        pytest.raises(rf.MissingToken) as missing,
    ):
        client.connection("books")
    assert str(missing.value).startswith(
        "No access token is known for connection 'books'; the keyring tests.client.test_keyring.Unreadable "
        f"cannot be read ({type(error).__name__})\nNext: unlock the keyring, or set RUTTER_ACCESS_TOKENS to a"
    )
    assert "canary" not in repr(missing.value)
    assert (missing.value.__cause__, missing.value.__context__) == (None, None)
