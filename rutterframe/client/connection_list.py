"""The connections as the live service lists them: access tokens, platforms and status words.

That list hands out the access token of every connection. The tokens are taken out of the response here,
before anything else sees it, and stay in memory: no frame, receipt, file, log or exception has them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from rutterframe.client.redaction import MASK
from rutterframe.client.secret_arguments import wrap
from rutterframe.errors import InvalidResponse

#: The keys of the token, and of the page on which the business signs in again.
TOKEN, LINK = "access_token", "link_url"


@dataclass(slots=True)
class ConnectionList:
    """What was listed, for all threads of a client.

    Attributes
    ----------
    platforms : dict of str to str
        The platforms of connections, by their ids.
    rows : dict of str to dict
        What was listed of each connection, by its id, without its secrets.
    """

    platforms: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tokens: dict[str, SecretStr] = field(default_factory=dict, repr=False)
    _absent: set[str] = field(default_factory=set)
    # One for whoever reads the list, and one for its content, which others may read and write meanwhile.
    _reading: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _content: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def tokens(self) -> list[SecretStr]:
        """The tokens that were listed, to be masked in errors."""
        return list(self._tokens.values())

    def add(self, connection_id: str, token: SecretStr, platform: str | None) -> None:
        """Add a connection that was just created."""
        with self._content:
            self._tokens[connection_id] = token
            self._absent.discard(connection_id)
            if platform:
                self.platforms[connection_id] = platform

    def look_up(self, connection_id: str, read: Callable[[], object]) -> SecretStr | None:
        """Return the token of a connection; None if the list does not have it.

        Parameters
        ----------
        connection_id : str
            The connection.
        read : callable
            Reads the list, with the response for `take`: at first, and once more for an id that it did not
            have, since a connection may have been created meanwhile.
        """
        with self._reading:
            if connection_id not in self._tokens and connection_id not in self._absent:
                read()
                if connection_id not in self._tokens:
                    self._absent.add(connection_id)
            return self._tokens.get(connection_id)

    def take(self, body: bytes) -> tuple[bytes, bool | None]:
        """Take the tokens out of a response.

        Returns
        -------
        tuple of bytes and bool or None
            The response without tokens and links, and whether its connections have the field of a token,
            which may be null; None if it lists no connection.

        Raises
        ------
        InvalidResponse
            If it is not a list of connections; the error quotes nothing of it.
        """
        parts = _split(body)
        del body
        if isinstance(parts, str):
            raise InvalidResponse(
                f"The list of connections {parts} (it is not quoted, since it may hold access tokens)",
                transient=parts == _NOT_JSON,
            )
        rest, rows, tokens, has_field = parts
        with self._content:
            self._tokens.update(tokens)
            self._absent.clear()
            self.rows.update(rows)
            self.platforms.update(
                {name: row["platform"] for name, row in rows.items() if isinstance(row.get("platform"), str)}
            )
        return rest, has_field if rows else None


_NOT_JSON = "is not JSON"
_Parts = tuple[bytes, dict[str, dict[str, Any]], dict[str, SecretStr], bool]


def _split(body: bytes) -> _Parts | str:
    """Return a response without secrets, its rows, the tokens, and if it has such a field; or the problem.

    Nothing is raised here: this frame holds the tokens unwrapped.
    """
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        return _NOT_JSON
    listed = page.get("connections") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        return "has no list 'connections'"
    rows: dict[str, dict[str, Any]] = {}
    tokens: dict[str, SecretStr] = {}
    parts: list[str] = []
    has_field = False
    for row in listed:
        if not isinstance(row, dict):
            return "has an entry that is not an object"
        has_field = has_field or TOKEN in row
        sent = wrap(row.pop(TOKEN, None))
        token = sent if isinstance(sent, SecretStr) and sent else None
        row.pop(LINK, None)
        try:
            if token is not None:
                row.update(_without(row, token))
            parts.append(json.dumps(row))
        except RecursionError:
            return "is nested too deep"
        if isinstance(row.get("id"), str):
            rows[row["id"]] = row
            if token is not None:
                tokens[row["id"]] = token
    return b'{"connections": [' + ", ".join(parts).encode() + b"]}", rows, tokens, has_field


def _without(value: Any, token: SecretStr) -> Any:
    """Return a value of a row without the token, should the service repeat it in another field."""
    if isinstance(value, str):
        return value.replace(token.get_secret_value(), MASK)
    if isinstance(value, dict):
        return {key: _without(inner, token) for key, inner in value.items()}
    return [_without(inner, token) for inner in value] if isinstance(value, list) else value
