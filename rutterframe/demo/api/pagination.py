"""Pages of a list: filters, cursors, and the faults that alter a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from rutterframe.demo.api.alterations import ORDER, alter, newer
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Collection
from rutterframe.demo.books.shop_rows import platform_data
from rutterframe.demo.books.units import parse_moment
from rutterframe.demo.faults import Fault

_SIGNATURE_BYTES = 10


class Cursor(NamedTuple):
    """The beginning of a page.

    Rows keep their positions, since written rows come last, so a cursor is a position in the list.
    """

    position: int = 0
    page: int = 1
    last: int = 0  # the position of the last row of the page before, from page 2 on
    after_empty: bool = False  # whether the extra empty page at this position was served


_C = TypeVar("_C", bound=tuple[Any, ...])


class CursorCodec(ABC, Generic[_C]):
    """Encode and decode the cursors of one list of one connection with certain filters.

    A cursor is opaque to the client, and signed: another list refuses it.

    Parameters
    ----------
    *scope : object
        What the cursors are valid for.
    """

    layout: ClassVar[Struct]

    def __init__(self, *scope: object) -> None:
        self._key = blake2b(repr(scope).encode(), digest_size=32).digest()

    def encode(self, cursor: _C) -> str:
        """Return the text of a cursor."""
        body = self.layout.pack(*cursor)
        return urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")

    def decode(self, text: str) -> _C:
        """Return the cursor of a text.

        Raises
        ------
        ApiError
            400, if the text is not a cursor of this scope.
        """
        try:
            content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            body, signature = content[: self.layout.size], content[self.layout.size :]
            if compare_digest(signature, self._sign(body)):
                cursor = self.unpack(self.layout.unpack(body))
                if self.encode(cursor) == text:
                    return cursor
        except ValueError:
            pass
        raise ApiError(
            400,
            "INVALID_CURSOR",
            "cursor: not valid here; it is made up, or of another list, connection or set of filters",
        )

    @staticmethod
    @abstractmethod
    def unpack(values: tuple[Any, ...]) -> _C:
        """Return the cursor of the values that its text holds."""

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SIGNATURE_BYTES).digest()


class PositionCodec(CursorCodec[Cursor]):
    """Encode and decode the contract's cursors."""

    layout = Struct(">IIIB")

    @staticmethod
    def unpack(values: tuple[Any, ...]) -> Cursor:
        """Return the cursor of its parts."""
        position, page, last, after_empty = values
        return Cursor(position, page, last, bool(after_empty))


class Page(NamedTuple):
    """One page of a list."""

    rows: list[Any]
    next_cursor: str | None

    def body(self, call: Call) -> dict[str, Any]:
        """Return the body of the response, with the connection as the live service names it."""
        connection = call.service.books.connections.get(call.connection)
        owner = {"connection": {"id": connection.id, "platform": connection.platform}} if connection else {}
        return {call.resource: self.rows, **owner, "next_cursor": self.next_cursor}


class CursorPage(Protocol):
    """What a page needs to know of a cursor: the number of its page."""

    @property
    def page(self) -> int:
        """The number of the page, from 1."""
        ...


class ServedPage(Protocol):
    """A page that can be sent."""

    def body(self, call: Call) -> dict[str, Any]:
        """Return the body of the response."""
        ...


class PagedRequest(Protocol):
    """The request of one page, in either dialect."""

    is_first: bool

    @property
    def cursor(self) -> CursorPage:
        """The beginning of the page."""
        ...

    def page(self, faults: Sequence[Fault] = ()) -> ServedPage:
        """Return the page, altered by its faults."""
        ...


class PageRequest:
    """The request of one page: its cursor and its filters.

    Parameters
    ----------
    call : Call
        A request of a list.

    Attributes
    ----------
    cursor : Cursor
        The beginning of the page.
    is_first : bool
        Whether the request has no cursor.

    Raises
    ------
    ApiError
        400, if the cursor or a filter is invalid.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._since = _updated_at_min(call.query.get("updated_at_min"))
        self._expand = _expand(call.query.get("expand"))
        seed = call.service.books.seed
        self._codec = PositionCodec(seed, call.resource, call.connection, self._since, self._expand)
        text = call.query.get("cursor")
        self.cursor = Cursor() if text is None else self._codec.decode(text)
        self.is_first = text is None

    def page(self, faults: Sequence[Fault] = ()) -> Page:
        """Return the page, altered by its faults."""
        kinds = {fault.kind for fault in faults}
        if "empty_page" in kinds and not self.cursor.after_empty:
            return Page([], self._codec.encode(self.cursor._replace(after_empty=True)))
        positions, following = self._positions()
        rows = [self._record(position) for position in positions]
        if "moved_row" in kinds and self.cursor.page > 1:
            rows.insert(0, newer(self._record(self.cursor.last)))
        for kind in ORDER:
            if kind in kinds:
                rows = alter(kind, self._call.resource, rows)
        if "repeat_cursor" in kinds:
            return Page(rows, self._call.query.get("cursor") or self._codec.encode(self.cursor))
        if following is None:
            return Page(rows, None)
        return Page(rows, self._codec.encode(Cursor(following, self.cursor.page + 1, positions[-1])))

    @property
    def _collection(self) -> Collection:
        return self._call.service.books.collection(self._call.connection, self._call.resource)

    def _positions(self) -> tuple[list[int], int | None]:
        """Return the positions of the page's rows, and of the next page's first row if there is one."""
        size = self._call.service.page_size
        positions: list[int] = []
        for position in self._matching_positions():
            if len(positions) == size:
                return positions, position
            positions.append(position)
        return positions, None

    def _matching_positions(self) -> Iterator[int]:
        collection, since = self._collection, self._since
        positions = collection.positions(self.cursor.position)
        if since is None:
            return positions
        return (position for position in positions if collection.changed_at(position) >= since)

    def _record(self, position: int) -> dict[str, Any]:
        record = self._collection.record(position)
        if self._expand is None:
            return record
        connection = self._call.connection
        orders = self._call.service.books.business(connection).shop(connection)
        # An order written through this API has no other record on the platform.
        raw = platform_data(orders, position) if position < len(orders) else {"source_name": "api"}
        return {**record, "platform_data": raw}


def _updated_at_min(text: str | None) -> float | None:
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
