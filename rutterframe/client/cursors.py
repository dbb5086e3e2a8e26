"""Where the next page begins: read before the page itself is decoded, so that it can be asked for at once."""

from __future__ import annotations

import re
from typing import Any

from rutterframe.dialects import Dialect
from rutterframe.errors import InvalidResponse
from rutterframe.frames.exact import parse_object
from rutterframe.models.fields import excerpt

#: Servers refuse longer addresses.
_LONGEST = 8000
#: White space between two keys; a page with more is read with the parser.
_WIDEST = 100


class CursorReader:
    r"""Finds the next cursor in a page.

    Nearly every server writes it as the very last key. Then the end of the body is enough, and it is exact,
    not a guess: in well-formed JSON the last ``}`` closes the page itself, and an unescaped
    ``"next_cursor":`` before it can only be a key of the page, since inside a text its quotes would be
    escaped. (A body that is not well-formed, or has the key twice, is refused when it is decoded.) Any other
    page is read with a real parser.

    Parameters
    ----------
    dialect : Dialect
        Names the cursor's key.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._key = dialect.cursor_key
        self._quoted = f'"{dialect.cursor_key}"'.encode()
        key = re.escape(self._quoted)
        self._to_end = re.compile(rb"[,{]\s*" + key + rb'\s*:\s*(?:null|"([A-Za-z0-9+/=_.:~-]*)")\s*\}\s*\Z')

    def __call__(self, body: bytes) -> str | None:
        """Give the next cursor; None where there is no further page.

        Raises
        ------
        InvalidResponse
            If the body is no JSON object or its cursor is no text.
        """
        # The last place with the key, and what is before it: to search the end with a pattern takes longer
        # than to read the page from the socket.
        place = body.rfind(self._quoted, max(0, len(body) - _LONGEST))
        found = place > 0 and self._to_end.match(body, _before(body, place))
        if found:
            return (found[1] or b"").decode() or None
        return _cursor(parse_object(body).get(self._key))


def _before(body: bytes, place: int) -> int:
    """Give the last place before this one that is not white space."""
    place -= 1
    furthest = max(0, place - _WIDEST)
    while place > furthest and body[place] in b" \t\n\r":
        place -= 1
    return place


def _cursor(value: Any) -> str | None:
    """Take a cursor that can be sent back."""
    if value is not None and not isinstance(value, str):
        raise InvalidResponse(f"The page's cursor is no text but {excerpt(value)}", transient=False)
    if value and (len(value) > _LONGEST or not _is_unicode(value)):
        raise InvalidResponse(
            f"The page's cursor cannot be sent back ({len(value):,} characters)", transient=False
        )
    return value or None


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be written at all: half of a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode() == text
