"""Access tokens of connections: look them up, and store them in the user's keyring."""

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
# Keyring back ends that store secrets in a plain file, or not at all.
_UNSAFE = ("plaintext", "null", "fail")


class Tokens:
    """Looks up access tokens: those passed, ``RUTTER_ACCESS_TOKENS``, ``RUTTER_ACCESS_TOKEN``, the keyring.

    Parameters
    ----------
    settings : Settings
        The settings of the environment.
    tokens : mapping of str to str, optional
        Tokens by connection id; they come first.
    """

    def __init__(self, settings: Settings, tokens: Mapping[str, str | SecretStr] | None = None) -> None:
        if tokens is not None and not isinstance(tokens, Mapping):
            raise TypeError(
                f"access_tokens is a mapping from connection id to token, but this is {type(tokens).__name__}"
            )
        self._by_id = {**_from_environment(settings.access_tokens), **_secret(tokens or {})}
        self._only = settings.access_token
        _refuse_shared(self._by_id)

    def find(self, connection_id: str) -> SecretStr:
        """Return the token of a connection.

        Raises
        ------
        MissingToken
            If no source has one.
        """
        token = self._by_id.get(connection_id) or self._only or _from_keyring(connection_id)
        if token is not None:
            return token
        known = f" (known are {', '.join(sorted(self._by_id))})" if self._by_id else ""
        raise MissingToken(
            f"No access token is known for connection {connection_id!r}{known}",
            hint=(
                "set RUTTER_ACCESS_TOKENS to a JSON object from connection id to token, or "
                "RUTTER_ACCESS_TOKEN to the only token, or pass access_token= to client.connection()."
            ),
        )


def save(connection_id: str, token: str | SecretStr) -> None:
    """Store a connection's access token in the user's keyring, where `Client.connection` finds it.

    It needs the extra: ``pip install 'rutterframe[keyring]'``. A keyring that is a plain file is refused.

    Parameters
    ----------
    connection_id : str
        The connection.
    token : str
        Its access token, as `Connections.exchange` returns it.

    Raises
    ------
    ConfigurationError
        If there is no keyring that stores secrets, or it does not store this one.
    """
    token = token if isinstance(token, SecretStr) else SecretStr(token)
    if not connection_id or not token.get_secret_value():
        raise ValueError("Both are needed: a connection's id and its access token")
    backend, failed = _safe_keyring(), ""
    try:
        backend.set_password(_KEYRING_SERVICE, connection_id, token.get_secret_value())
        stored = backend.get_password(_KEYRING_SERVICE, connection_id) == token.get_secret_value()
    except Exception as error:  # noqa: BLE001 - whatever a keyring's back end raises
        stored, failed = False, f" ({type(error).__name__})"
    if not stored:
        raise ConfigurationError(
            f"The keyring did not store the token of connection {connection_id!r}{failed}",
            hint="unlock the keyring, or set RUTTER_ACCESS_TOKENS instead.",
        )


def delete(connection_id: str) -> None:
    """Delete a connection's access token from the user's keyring.

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
    """Return the keyring's first back end that stores secrets."""
    backends: list[Any] = []
    hint = "set up your system's keyring, or set RUTTER_ACCESS_TOKENS instead."
    try:
        keyring = importlib.import_module("keyring").get_keyring()
        backends = list(getattr(keyring, "backends", None) or [keyring])
    except ImportError:
        hint = "pip install 'rutterframe[keyring]', or set RUTTER_ACCESS_TOKENS instead."
    except Exception:  # noqa: BLE001, S110 - a keyring that fails counts as missing
        pass
    names = [f"{type(backend).__module__}.{type(backend).__name__}" for backend in backends]
    for backend, name in zip(backends, names, strict=True):
        if not any(word in name.lower() for word in _UNSAFE):
            return backend
    only = f"; there is only {', '.join(names)}" if names else ""
    raise ConfigurationError(f"There is no keyring that stores secrets{only}", hint=hint)


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
        "RUTTER_ACCESS_TOKENS is not a JSON object from connection id to token",
        hint='write it as {"first-connection-id": "its token", "second-connection-id": "its token"}.',
    )


def _refuse_shared(tokens: Mapping[str, SecretStr]) -> None:
    """Raise for one token of two connections: one of them would load the books of the other."""
    ids: dict[str, str] = {}
    for connection_id, token in tokens.items():
        other = ids.setdefault(token.get_secret_value(), connection_id)
        if other != connection_id:
            raise ConfigurationError(
                f"Connections {other!r} and {connection_id!r} have the same access token",
                hint="a token opens one connection only: correct the one that was copied.",
            )


def _from_keyring(connection_id: str) -> SecretStr | None:
    """Return the token in the user's keyring, if the extra is installed and there is a keyring."""
    try:
        keyring = importlib.import_module("keyring")
        token = keyring.get_password(_KEYRING_SERVICE, connection_id)
    except Exception:  # noqa: BLE001 - whatever a keyring's back end raises, it has no token
        return None
    return SecretStr(token) if token else None
