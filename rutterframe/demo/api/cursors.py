"""Cursors: opaque to the client, and valid only for the walk in which they were handed out."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from typing import NamedTuple

from rutterframe.demo.api.errors import ApiError

_LAYOUT = Struct(">IIIB")
_SEAL = 10


class Cursor(NamedTuple):
    """Where a page begins.

    Rows keep their places, since written ones come last, so a place is a position in the list.
    """

    position: int = 0
    page: int = 1
    last: int = 0  # the position of the last row of the page before, from page 2 on
    after_empty: bool = False  # the walk has just been served the extra empty page of this place


class Seal:
    """Writes and reads cursors of one walk, which is a list of one connection with certain filters.

    Parameters
    ----------
    walk
        What the cursors are bound to.
    """

    def __init__(self, *walk: object) -> None:
        self._key = blake2b(repr(walk).encode(), digest_size=32).digest()

    def write(self, cursor: Cursor) -> str:
        """Return the text of a cursor."""
        body = _LAYOUT.pack(*cursor)
        return urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")

    def read(self, text: str) -> Cursor:
        """Return the cursor of a text; ApiError if the text does not belong to this walk."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            body, seal = sealed[: _LAYOUT.size], sealed[_LAYOUT.size :]
            if compare_digest(seal, self._sign(body)) and self.write(cursor := _read(body)) == text:
                return cursor
        except ValueError:
            pass
        raise ApiError(
            400,
            "INVALID_CURSOR",
            "cursor: not one of this walk; it is made up, or of another list, connection or set of filters",
        )

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SEAL).digest()


def _read(body: bytes) -> Cursor:
    position, page, last, after_empty = _LAYOUT.unpack(body)
    return Cursor(position, page, last, bool(after_empty))
