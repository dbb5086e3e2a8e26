"""Pages of a list: filters, cursors, and the faults that change a page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from typing import Any, NamedTuple

from rutterframe.demo.api.alterations import ORDER, alter, newer
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Collection
from rutterframe.demo.books.shop_rows import platform_data
from rutterframe.demo.books.units import parse_moment
from rutterframe.demo.faults import Fault

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


class Page(NamedTuple):
    """The body of a list's answer, before it is written."""

    rows: list[Any]
    next_cursor: str | None

    def body(self, call: Call) -> dict[str, Any]:
        """Return the envelope; like the live service it says whose rows these are."""
        found = call.service.books.connections.get(call.connection)
        owner = {"connection": {"id": found.id, "platform": found.platform}} if found else {}
        return {call.resource: self.rows, **owner, "next_cursor": self.next_cursor}


class Walk:
    """One step of a walk through a list."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._since = _since(call.query.get("updated_at_min"))
        self._expand = _expand(call.query.get("expand"))
        seed = call.service.books.seed
        self._seal = Seal(seed, call.resource, call.connection, self._since, self._expand)
        text = call.query.get("cursor")
        self.cursor = Cursor() if text is None else self._seal.read(text)
        self.begins = text is None

    def page(self, faults: Sequence[Fault] = ()) -> Page:
        """Return the page, altered by the faults that strike it."""
        kinds = {fault.kind for fault in faults}
        if "empty_page" in kinds and not self.cursor.after_empty:
            return Page([], self._seal.write(self.cursor._replace(after_empty=True)))
        positions, following = self._positions()
        collection, resource = self._collection, self._call.resource
        rows = [self._record(collection, position) for position in positions]
        if "moved_row" in kinds and self.cursor.page > 1:
            rows.insert(0, newer(self._record(collection, self.cursor.last)))
        for kind in ORDER:
            if kind in kinds:
                rows = alter(kind, resource, rows)
        if "repeat_cursor" in kinds:
            return Page(rows, self._call.query.get("cursor") or self._seal.write(self.cursor))
        if following is None:
            return Page(rows, None)
        return Page(rows, self._seal.write(Cursor(following, self.cursor.page + 1, positions[-1])))

    @property
    def _collection(self) -> Collection:
        return self._call.service.books.collection(self._call.connection, self._call.resource)

    def _positions(self) -> tuple[list[int], int | None]:
        """Return the positions of the page's rows, and of the next page's first row if there is one."""
        size = self._call.service.page_size
        matching = self._matching()
        positions: list[int] = []
        for position in matching:
            if len(positions) == size:
                return positions, position
            positions.append(position)
        return positions, None

    def _matching(self) -> Iterator[int]:
        collection, since = self._collection, self._since
        positions = range(self.cursor.position, len(collection))
        if since is None:
            return iter(positions)
        return (position for position in positions if collection.touched(position) >= since)

    def _record(self, collection: Collection, position: int) -> dict[str, Any]:
        record = collection.record(position)
        if self._expand is None:
            return record
        connection = self._call.connection
        retail = self._call.service.books.business(connection).shop(connection)
        # What came in through this API has no other record on the platform.
        raw = platform_data(retail, position) if position < len(retail) else {"source_name": "api"}
        return {**record, "platform_data": raw}


def _since(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError as error:
        raise ApiError(
            400,
            "INVALID_PARAMETER",
            "updated_at_min: must be an ISO 8601 date-time such as 2026-06-30T12:00:00Z",
        ) from error


def _expand(text: str | None) -> str | None:
    if text not in {None, "platform_data"}:
        raise ApiError(400, "INVALID_PARAMETER", "expand: must be platform_data")
    return text
