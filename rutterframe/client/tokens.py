"""Access tokens of connections: look them up, and store them in the user's keyring."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from rutterframe.client.secret_arguments import InvalidSecret, require_secret, wrap, wrap_mapping
from rutterframe.errors import ConfigurationError, MissingToken

if TYPE_CHECKING:
    from rutterframe.client.config import Settings

__all__ = ["Tokens", "delete", "save"]

_KEYRING_SERVICE = "rutterframe"
# Words in the names of keyring back ends, and of the classes they extend, that store secrets as plain text or
# not at all.
_PLAIN, _NOTHING = ("plaintext", "plain_text", "unencrypted"), ("null", "fail")
_INSTALL = (
    "install a keyring that encrypts (on Linux GNOME Keyring or KWallet; macOS and Windows have one), or set "
    "RUTTER_ACCESS_TOKENS instead."
)


class Tokens:
    """Looks up access tokens: those passed, ``RUTTER_ACCESS_TOKENS``, ``RUTTER_ACCESS_TOKEN``, the keyring.

    Parameters
    ----------
    settings : Settings
        The settings of the environment.
    tokens : mapping of str to str, optional
        Tokens by connection id; they come first.

    Raises
    ------
    TypeError
        If it is not a mapping from text to text; the error names types and ids, never a value.
    ConfigurationError
        If two connections have one token, or ``RUTTER_ACCESS_TOKENS`` is not a JSON object.
    """

    def __init__(self, settings: Settings, tokens: object = None) -> None:
        wrapped = wrap_mapping(tokens)
        del tokens
        self._by_id = {**_from_environment(settings.access_tokens), **_checked(wrapped)}
        self._only = settings.access_token
        self._address_from_file = settings.has_address_from_file
        _refuse_shared(self._by_id)

    @property
    def known(self) -> list[SecretStr]:
        """All tokens but those of the keyring."""
        return [*self._by_id.values(), *([] if self._only is None else [self._only])]

    @property
    def ids(self) -> list[str]:
        """The ids of the connections with a token of their own, but those in the keyring."""
        return list(self._by_id)

    def find(self, connection_id: str, listed: Callable[[str], SecretStr | None] | None = None) -> SecretStr:
        """Return the token of a connection.

        Parameters
        ----------
        connection_id : str
            The connection.
        listed : callable, optional
            Returns the token that the live service lists, which is the last to be looked for.

        Returns
        -------
        pydantic.SecretStr
            The token; it shows as asterisks.

        Raises
        ------
        MissingToken
            If no source has one.
        ConfigurationError
            If it is in the keyring, but ``.env`` says to which address it would be sent.

        Examples
        --------
        >>> from rutterframe.client.config import Settings
        >>> Tokens(Settings.of(), {"gear-xero": "a token"}).find("gear-xero")
        SecretStr('**********')
        """
        token = self._by_id.get(connection_id) or self._only
        if token is not None:
            return token
        token, problem = _from_keyring(connection_id)
        if token is not None and self._address_from_file:
            raise ConfigurationError(
                "RUTTER_ENVIRONMENT is an address in .env, but the access token of connection "
                f"{connection_id!r} is in the keyring, not in that file",
                hint="set RUTTER_ENVIRONMENT in the environment, or pass environment= to rf.Client().",
            )
        token = token or (listed(connection_id) if listed is not None else None)
        if token is not None:
            return token
        known = f" (known are {', '.join(sorted(self._by_id))})" if self._by_id else ""
        absent = ", and the list of connections has none" if listed is not None else ""
        raise MissingToken(
            f"No access token is known for connection {connection_id!r}{known}{problem}{absent}",
            hint=(
                f"{'unlock the keyring, or ' if 'cannot be read' in problem else ''}"
                "set RUTTER_ACCESS_TOKENS to a JSON object from connection id to token, or "
                "RUTTER_ACCESS_TOKEN to the only token, or pass the token to client.connection()."
            ),
        )


def save(connection_id: str, token: str | SecretStr) -> None:
    """Store a connection's access token in the user's keyring, where `Client.connection` finds it.

    It needs the extra: ``pip install "rutterframe[keyring]"``. A keyring that is a plain file is refused.

    Parameters
    ----------
    connection_id : str
        The connection.
    token : str
        Its access token, as `Connections.exchange` returns it.

    Raises
    ------
    TypeError, ValueError
        If the token or the id is not a text, or empty; the error does not show the token.
    ConfigurationError
        If there is no keyring that stores secrets, or it does not store this one.
    """
    wrapped = wrap(token)
    del token
    secret = require_secret("The access token", wrapped)
    if not isinstance(connection_id, str):
        raise TypeError(f"A connection id must be a text, got {type(connection_id).__name__}")
    if not connection_id or not secret:
        raise ValueError("Both are needed: a connection's id and its access token")
    backend, failed = _safe_keyring(), ""
    try:
        backend.set_password(_KEYRING_SERVICE, connection_id, secret.get_secret_value())
        stored = backend.get_password(_KEYRING_SERVICE, connection_id) == secret.get_secret_value()
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
    hint = _INSTALL
    try:
        backends = _backends()
    except ImportError:
        hint = 'pip install "rutterframe[keyring]", or set RUTTER_ACCESS_TOKENS instead.'
    except Exception:  # noqa: BLE001, S110 - a keyring that fails counts as missing
        pass
    for backend in backends:
        if not _is_plain(backend) and not _has_word(backend, _NOTHING):
            return backend
    names = [
        f"{_name(backend)}{', which stores plain text' if _is_plain(backend) else ''}" for backend in backends
    ]
    only = f"; there is only {', '.join(names)}" if names else ""
    raise ConfigurationError(f"There is no keyring that stores secrets{only}", hint=hint)


def _backends() -> list[Any]:
    """Return the back ends of the user's keyring."""
    keyring = importlib.import_module("keyring").get_keyring()
    return list(getattr(keyring, "backends", None) or [keyring])


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"


def _has_word(backend: Any, words: tuple[str, ...]) -> bool:
    """Return whether a back end, the one that it wraps, or a class that they extend has such a word."""
    kinds = [*type(backend).__mro__, *type(getattr(backend, "_keyring", None)).__mro__]
    names = [f"{kind.__module__}.{kind.__name__}".lower() for kind in kinds]
    return any(word in name for word in words for name in names)


def _is_plain(backend: Any) -> bool:
    """Return whether a back end stores secrets as plain text."""
    return _has_word(backend, _PLAIN)


def _checked(
    tokens: Mapping[object, SecretStr | InvalidSecret | None] | InvalidSecret | None,
) -> dict[str, SecretStr]:
    """Return the tokens of a mapping.

    Raises
    ------
    TypeError
        If an id or a token is not a text.
    """
    if isinstance(tokens, InvalidSecret):
        raise TypeError(
            f"access_tokens is a mapping from connection id to token, but this is {tokens.content}"
        )
    secrets: dict[str, SecretStr] = {}
    for connection_id, token in (tokens or {}).items():
        if not isinstance(connection_id, str):
            raise TypeError(
                f"A connection id in access_tokens must be a text, got {type(connection_id).__name__}"
            )
        secrets[connection_id] = require_secret(f"The access token of connection {connection_id!r}", token)
    return secrets


def _from_environment(text: SecretStr | None) -> dict[str, SecretStr]:
    if text is None:
        return {}
    tokens = _parse_tokens(text)
    if tokens is not None:
        return tokens
    raise ConfigurationError(
        "RUTTER_ACCESS_TOKENS is not a JSON object from connection id to token",
        hint='write it as {"first-connection-id": "its token", "second-connection-id": "its token"}.',
    )


def _parse_tokens(text: SecretStr) -> dict[str, SecretStr] | None:
    """Return the tokens of a JSON object; None if it is anything else.

    Nothing is raised here: this frame holds them unwrapped.
    """
    tokens = None
    with contextlib.suppress(ValueError, RecursionError):  # the JSON error would quote the tokens
        tokens = wrap_mapping(json.loads(text.get_secret_value()))
    if not isinstance(tokens, dict):
        return None
    secrets = {str(name): token for name, token in tokens.items() if isinstance(token, SecretStr)}
    return secrets if len(secrets) == len(tokens) else None


def _refuse_shared(tokens: Mapping[str, SecretStr]) -> None:
    """Raise for one token of two connections: one of them would load the books of the other."""
    ids: dict[SecretStr, str] = {}  # a SecretStr is equal to another one of the same text
    for connection_id, token in tokens.items():
        other = ids.setdefault(token, connection_id)
        if other != connection_id:
            raise ConfigurationError(
                f"Connections {other!r} and {connection_id!r} have the same access token",
                hint="a token opens one connection only: correct the one that was copied.",
            )


def _from_keyring(connection_id: str) -> tuple[SecretStr | None, str]:
    """Return the token in the user's keyring; if there is none, the reason as the end of a message, or empty.

    A token that a back end stores as plain text is not read.
    """
    problem = ""
    try:
        backends = _backends()
    except Exception:  # noqa: BLE001 - the extra is not installed, or there is no keyring
        return None, ""
    for backend in backends:
        if _has_word(backend, _NOTHING):
            continue
        try:
            token = wrap(backend.get_password(_KEYRING_SERVICE, connection_id))
        except Exception as error:  # noqa: BLE001 - whatever a keyring's back end raises
            problem = f"; the keyring {_name(backend)} cannot be read ({type(error).__name__})"
            continue
        if isinstance(token, SecretStr) and token:
            if not _is_plain(backend):
                return token, ""
            problem = f"; the one in {_name(backend)} is not used, since that stores plain text"
    return None, problem
