"""Arguments that are secrets: wrapped at once, so that no traceback shows them with a frame's variables.

A public function wraps its secrets in its first line and checks them afterwards. Until then nothing may
raise: who logs an exception may log the local variables of every frame with it. An argument of a wrong type
may be a secret too, so only the name of its type is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pydantic import SecretBytes, SecretStr


@dataclass(frozen=True, slots=True)
class InvalidSecret:
    """An argument that cannot be a secret; its value is not stored.

    Attributes
    ----------
    content : str
        The name of its type, or what else is wrong with it.
    """

    content: str


def wrap(value: object) -> SecretStr | InvalidSecret | None:
    """Wrap a text; None stays None.

    Examples
    --------
    >>> wrap("a secret"), wrap(b"a secret"), wrap(None)
    (SecretStr('**********'), InvalidSecret(content='bytes'), None)
    """
    if value is None or isinstance(value, InvalidSecret):
        return value
    text: object = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return InvalidSecret(type(text).__name__)
    if not _is_unicode(text):
        return InvalidSecret("a text with half of a surrogate pair")
    return value if isinstance(value, SecretStr) else SecretStr(text)


def wrap_mapping(values: object) -> dict[object, SecretStr | InvalidSecret | None] | InvalidSecret | None:
    """Wrap every value of a mapping; None stays None.

    Examples
    --------
    >>> wrap_mapping({"shop": "a secret", "books": 12})
    {'shop': SecretStr('**********'), 'books': InvalidSecret(content='int')}
    """
    if values is None or isinstance(values, InvalidSecret):
        return values
    if not isinstance(values, Mapping):
        return InvalidSecret(type(values).__name__)
    return {key: wrap(value) for key, value in values.items()}


def wrap_bytes(value: object) -> SecretBytes | InvalidSecret:
    """Wrap bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return SecretBytes(bytes(value))
    return InvalidSecret(type(value).__name__)


def require_secret(name: str, value: SecretStr | InvalidSecret | None) -> SecretStr:
    """Return a wrapped secret.

    Raises
    ------
    TypeError
        If it is not a text; the error names its type, never its value.
    """
    if isinstance(value, SecretStr):
        return value
    content = "None" if value is None else value.content
    raise TypeError(f"{name} must be a text or a SecretStr, got {content}")


def refuse_copy() -> NoReturn:
    """Refuse to pickle what holds credentials.

    Raises
    ------
    TypeError
        Always.
    """
    raise TypeError(
        "A client, connection or load holds credentials: it cannot be pickled, copied deeply or sent to "
        "another process. Open a client where it is used, such as with client=rf.Client of rf.refresh"
    )


def _is_unicode(text: str) -> bool:
    """Return whether a text can be encoded: half of a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode() == text
