"""The pages of a list, each once and in order."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rutterframe.client.request import RequestSpec
from rutterframe.dialects import Dialect
from rutterframe.errors import InvalidResponse, PaginationError
from rutterframe.frames.exact import parse_object
from rutterframe.frames.json_walk import read_envelope
from rutterframe.models.fields import excerpt

if TYPE_CHECKING:
    import httpx

# The longest cursor, in characters: servers refuse longer addresses.
_MAX_CURSOR = 8000
# The most white space before the cursor's key, in bytes; a page with more is read with the parser.
_MAX_SPACE = 100
# The end of a page with its records as the last member.
_LAST_BRACKETS = re.compile(rb"[\]}]\s*\}\s*\Z")


@dataclass(slots=True)
class Paginator:
    """Reads the pages of a list; can be stopped and continued later.

    Attributes
    ----------
    request : RequestSpec
        The request of the first page.
    stop : threading.Event
        Ends the reading (and every wait in it) once it is set.
    pages : int
        How many pages were read.
    cursor : str or None
        Where the next page begins.
    done : bool
        Whether the last page was read.
    served : datetime or None
        When the first page was served, by the server's clock: its ``Date`` header.
    """

    request: RequestSpec
    stop: threading.Event = field(default_factory=threading.Event)
    pages: int = 0
    cursor: str | None = None
    done: bool = False
    served: datetime | None = None
    _followed: set[str] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body of every page.

        Raises
        ------
        PaginationError
            If a cursor is served that was followed before.
        """
        session = self.request.session
        next_cursor = CursorReader(session.dialect)

        def read(body: bytes) -> tuple[bytes, str | None]:
            if not body:
                raise InvalidResponse("The response is empty")
            return body, next_cursor(body)

        while not self.done:
            body, following = session.get(
                self._page_request(),
                read=read,
                stop=self.stop,
                on_headers=self._note_date if self.pages == 0 else None,
            )
            self._follow(following)
            yield body

    def _page_request(self) -> RequestSpec:
        return replace(self.request, cursor=self.cursor, pages=self.pages)

    def _note_date(self, headers: httpx.Headers) -> None:
        from rutterframe.client.error_mapping import http_date  # noqa: PLC0415 - it imports httpx

        self.served = http_date(headers.get("Date"))

    def _follow(self, following: str | None) -> None:
        """Count a page as read, and continue with the next."""
        if following is not None and following in self._followed:
            raise PaginationError(
                f"Page {self.pages + 1} gives a cursor that was followed before",
                hint="nothing is wrong on your side: quote the connection and resource to the API's support.",
                context=self._page_request().context,
            )
        self.pages += 1
        self.done = following is None
        self.cursor = following
        if following is not None:
            self._followed.add(following)


class CursorReader:
    r"""Finds the next cursor in a page before the page is decoded, so that the next can be requested at once.

    Servers write it after the records, or before them: then the last or the first kilobytes are enough, and
    they are exact, not a guess. In well-formed JSON an unescaped ``"next_cursor":`` after a comma or brace is
    a key, since inside a text its quotes would be escaped. It is a key of the page itself if all that follows
    is one object with a brace before it, or all up to its value is one with a brace after it. (A body that is
    not well-formed, or has the key twice, is refused when it is decoded.) A page in which those bytes are
    nowhere, nor an escape that could stand for them, has no cursor. Of any other page all members are looked
    at, which takes as long as to decode the page a few times, and little memory.

    Parameters
    ----------
    dialect : Dialect
        Names the cursor's key.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._key = dialect.cursor_key
        self._quoted = f'"{dialect.cursor_key}"'.encode()
        key = re.escape(self._quoted)
        start = rb"[,{]\s*" + key + rb"\s*:\s*"
        self._last_member = re.compile(start + rb'(?:null|"([A-Za-z0-9+/=_.:~-]*)")\s*\}\s*\Z')
        self._first_member = re.compile(start + rb'(?:null|"(?:[^"\\]|\\.)*+")(?=\s*,)')

    def __call__(self, body: bytes) -> str | None:
        """Return the next cursor; None where there is no further page.

        Raises
        ------
        InvalidResponse
            If the body is not a JSON object or its cursor is not a text.
        """
        # rfind, and match from there: a search with the pattern takes longer than to read the page from the
        # socket.
        position = body.rfind(self._quoted, max(0, len(body) - _MAX_CURSOR))
        match = position > 0 and self._last_member.match(body, _before(body, position))
        if match:
            return (match[1] or b"").decode() or None
        envelope = self._end(body, position) or self._beginning(body)
        if envelope is None:
            envelope = {} if self._is_without(body) else read_envelope(body, [self._key])
        return _cursor(envelope.get(self._key))

    def _end(self, body: bytes, position: int) -> dict[str, Any] | None:
        """Return the last members of the page, from the cursor on, if it is a member of the page."""
        if position <= 0 or body[_before(body, position)] not in b",{":
            return None
        return _parsed(b"{" + body[position:])

    def _beginning(self, body: bytes) -> dict[str, Any] | None:
        """Return the first members of the page, up to the cursor, if it is a member of the page."""
        position = body.find(self._quoted, 0, _MAX_CURSOR)
        match = self._first_member.match(body, _before(body, position)) if position > 0 else None
        return _parsed(body[: match.end()] + b"}") if match and _is_whole(body) else None

    def _is_without(self, body: bytes) -> bool:
        """Return whether a whole page has the cursor's key nowhere, in any spelling."""
        return body[:1] == b"{" and _is_whole(body) and self._quoted not in body and b"\\u" not in body


def _is_whole(body: bytes) -> bool:
    """Return whether a page ends like one; half a page is refused, so that it is requested again."""
    return _LAST_BRACKETS.search(body, max(0, len(body) - _MAX_SPACE)) is not None


def _parsed(part: bytes) -> dict[str, Any] | None:
    """Return the object that a part of a page makes up; None if it is not an object."""
    try:
        return parse_object(part)
    except InvalidResponse:
        return None


def _before(body: bytes, position: int) -> int:
    """Return the last position before this one that is not white space."""
    position -= 1
    first = max(0, position - _MAX_SPACE)
    while position > first and body[position] in b" \t\n\r":
        position -= 1
    return position


def _cursor(value: Any) -> str | None:
    """Return a cursor that can be sent back, or None."""
    if value is not None and not isinstance(value, str):
        raise InvalidResponse(f"The page's cursor is not a text but {excerpt(value)}", transient=False)
    if value and (len(value) > _MAX_CURSOR or not _is_unicode(value)):
        raise InvalidResponse(
            f"The page's cursor cannot be sent back ({len(value):,} characters)", transient=False
        )
    return value or None


def _is_unicode(text: str) -> bool:
    """Return whether a text can be encoded: half of a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode() == text
