"""Where a connection's access token comes from, and where it can be kept: in the user's keyring."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from rutterframe.errors import ConfigurationError, MissingToken

if TYPE_CHECKING:
    from rutterframe.client.config import Settings

__all__ = ["Tokens", "delete", "save"]

_KEYRING_SERVICE = "rutterframe"
# These keep no secret: in a file that anybody can open, or not at all.
_UNSAFE = ("plaintext", "null", "fail")


class Tokens:
    """Looks up access tokens: those given, ``RUTTER_ACCESS_TOKENS``, ``RUTTER_ACCESS_TOKEN``, the keyring.

    Parameters
    ----------
    settings : Settings
        What the environment says.
    given : mapping of str to str, optional
        Tokens by connection id; they come first.
    """

    def __init__(self, settings: Settings, given: Mapping[str, str | SecretStr] | None = None) -> None:
        if given is not None and not isinstance(given, Mapping):
            raise TypeError(
                f"access_tokens is a mapping from connection id to token, but this is {type(given).__name__}"
            )
        self._by_id = {**_from_environment(settings.access_tokens), **_secret(given or {})}
        self._only = settings.access_token
        _refuse_shared(self._by_id)

    def find(self, connection_id: str) -> SecretStr:
        """Give the token of a connection.

        Raises
        ------
        MissingToken
            If no source knows one.
        """
        found = self._by_id.get(connection_id) or self._only or _from_keyring(connection_id)
        if found is not None:
            return found
        known = f" (known are {', '.join(sorted(self._by_id))})" if self._by_id else ""
        raise MissingToken(
            f"No access token is known for connection {connection_id!r}{known}",
            hint=(
                "set RUTTER_ACCESS_TOKENS to a JSON object from connection id to token, or "
                "RUTTER_ACCESS_TOKEN to the only token, or pass access_token= to client.connection()."
            ),
        )


def save(connection_id: str, token: str | SecretStr) -> None:
    """Keep a connection's access token in the user's keyring; `Client.connection` finds it there.

    It needs the extra: ``pip install 'rutterframe[keyring]'``. A keyring that is but a plain file is refused.

    Parameters
    ----------
    connection_id : str
        The connection.
    token : str
        Its access token, as `Connections.exchange` gives it.

    Raises
    ------
    ConfigurationError
        If there is no keyring that keeps secrets, or it does not keep this one.
    """
    token = token if isinstance(token, SecretStr) else SecretStr(token)
    if not connection_id or not token.get_secret_value():
        raise ValueError("Both are needed: a connection's id and its access token")
    backend, failed = _safe_keyring(), ""
    try:
        backend.set_password(_KEYRING_SERVICE, connection_id, token.get_secret_value())
        kept = backend.get_password(_KEYRING_SERVICE, connection_id) == token.get_secret_value()
    except Exception as error:  # noqa: BLE001 - whatever a keyring's back end raises
        kept, failed = False, f" ({type(error).__name__})"
    if not kept:
        raise ConfigurationError(
            f"The keyring did not keep the token of connection {connection_id!r}{failed}",
            hint="unlock the keyring, or set RUTTER_ACCESS_TOKENS instead.",
        )


def delete(connection_id: str) -> None:
    """Take a connection's access token out of the user's keyring.

    Parameters
    ----------
    connection_id : str
        The connection.

    Raises
    ------
    ConfigurationError
        If there is no keyring, or no such token in it.
    """
    backend, failed = _safe_keyring(), ""
    try:
        backend.delete_password(_KEYRING_SERVICE, connection_id)
    except Exception as error:  # noqa: BLE001 - whatever a keyring's back end raises
        failed = type(error).__name__
    if failed:
        raise ConfigurationError(
            f"The keyring did not delete a token of connection {connection_id!r} ({failed})",
            hint="unlock the keyring; or there was none.",
        )


def _safe_keyring() -> Any:
    """Give the keyring's first back end that keeps secrets."""
    backends: list[Any] = []
    hint = "set up your system's keyring, or set RUTTER_ACCESS_TOKENS instead."
    try:
        chosen = importlib.import_module("keyring").get_keyring()
        backends = list(getattr(chosen, "backends", None) or [chosen])
    except ImportError:
        hint = "pip install 'rutterframe[keyring]', or set RUTTER_ACCESS_TOKENS instead."
    except Exception:  # noqa: BLE001, S110 - a keyring that cannot be had is none
        pass
    names = [f"{type(backend).__module__}.{type(backend).__name__}" for backend in backends]
    for backend, name in zip(backends, names, strict=True):
        if not any(word in name.lower() for word in _UNSAFE):
            return backend
    there = f"; there is only {', '.join(names)}" if names else ""
    raise ConfigurationError(f"There is no keyring that keeps a secret{there}", hint=hint)


def _secret(tokens: Mapping[str, str | SecretStr]) -> dict[str, SecretStr]:
    return {key: token if isinstance(token, SecretStr) else SecretStr(token) for key, token in tokens.items()}


def _from_environment(text: SecretStr | None) -> dict[str, SecretStr]:
    if text is None:
        return {}
    tokens = None
    with contextlib.suppress(ValueError):  # the JSON error would quote the tokens
        tokens = json.loads(text.get_secret_value())
    if isinstance(tokens, dict) and all(isinstance(token, str) for token in tokens.values()):
        return _secret(tokens)
    raise ConfigurationError(
        "RUTTER_ACCESS_TOKENS is no JSON object from connection id to token",
        hint='write it as {"first-connection-id": "its token", "second-connection-id": "its token"}.',
    )


def _refuse_shared(tokens: Mapping[str, SecretStr]) -> None:
    """Refuse one token for two connections: one of them would load books that are not its own."""
    seen: dict[str, str] = {}
    for connection_id, token in tokens.items():
        other = seen.setdefault(token.get_secret_value(), connection_id)
        if other != connection_id:
            raise ConfigurationError(
                f"Connections {other!r} and {connection_id!r} have the same access token",
                hint="a token opens one connection only: correct the one that was copied.",
            )


def _from_keyring(connection_id: str) -> SecretStr | None:
    """Ask the user's keyring, where the extra is installed and a keyring is there."""
    try:
        keyring = importlib.import_module("keyring")
        found = keyring.get_password(_KEYRING_SERVICE, connection_id)
    except Exception:  # noqa: BLE001 - whatever a keyring's back end raises, it knows no token
        return None
    return SecretStr(found) if found else None
