"""A request, as everything above the wire may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request without its secrets, and the secrets in their wrappers.

    Attributes
    ----------
    path : str
        Below the base URL.
    query : mapping of str to str
        The query, without the access token.
    token : pydantic.SecretStr or None
        The connection's access token.
    method : str
        The HTTP method.
    body : pydantic.SecretStr or None
        The JSON to be written: as private as what is read.
    key : str or None
        The Idempotency-Key: with it the request may be sent again.
    secrets : tuple of pydantic.SecretStr
        What else must not be shown, should the API repeat it.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    token: SecretStr | None = None
    method: str = "GET"
    body: SecretStr | None = None
    key: str | None = None
    secrets: tuple[SecretStr, ...] = ()
