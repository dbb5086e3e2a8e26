"""Pages of the live dialect: limit, sort and filters, and cursors that name the next record.

A cursor holds the moment and the place of the next record, not a position: where a record changes between two
pages it moves, as on the real service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from struct import Struct
from typing import Any, NamedTuple

from rutterframe.demo.api.alterations import ORDER, alter, newer
from rutterframe.demo.api.pagination import CursorCodec
from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.faults import Fault
from rutterframe.demo.live.altered import LIVE_FIELDS
from rutterframe.demo.live.expansions import expansion
from rutterframe.demo.live.lists import CREATED_AT, SYNCED_AT, UPDATED_AT, Entry, LiveList

DEFAULT_LIMIT, MOST = 50, 500
_SORTED = (UPDATED_AT, SYNCED_AT, CREATED_AT)
_BEGINNING = Entry(-(2**62), 0)


class LiveCursor(NamedTuple):
    """The beginning of a page: the record that comes next, and what `Cursor` has of the contract."""

    moment: int = _BEGINNING.moment
    key: int = 0
    page: int = 1
    last: int = 0
    after_empty: bool = False


class LiveCursorCodec(CursorCodec[LiveCursor]):
    """Encode and decode the cursors of the live dialect."""

    layout = Struct(">qQIQB")

    @staticmethod
    def unpack(values: tuple[Any, ...]) -> LiveCursor:
        """Return the cursor of its parts."""
        moment, key, page, last, after_empty = values
        return LiveCursor(moment, key, page, last, bool(after_empty))


class LivePage(NamedTuple):
    """One page: its records, the next cursor, and what surrounds them."""

    rows: list[Any]
    next_cursor: str | None
    list_key: str
    connection: Record | None
    cursor_comes_first: bool

    def body(self, call: Call) -> Record:  # noqa: ARG002 - the contract needs it
        """Return the body of the response; some lists have their cursor before the connection."""
        owner = {} if self.connection is None else {"connection": self.connection}
        cursor = {"next_cursor": self.next_cursor}
        tail = cursor | owner if self.cursor_comes_first else owner | cursor
        return {self.list_key: self.rows, **tail}


class Query(NamedTuple):
    """What a request asks of a list."""

    limit: int
    field: str
    descending: bool
    ranges: tuple[tuple[str, int, int], ...]  # field, from, until: milliseconds
    matches: tuple[tuple[str, str, str], ...]  # field, "=" or "~", text


class LivePageRequest:
    """The request of one page of a live list.

    Parameters
    ----------
    call : Call
        The request.
    listed : LiveList
        The list.
    list_key : str
        The key of the records in the answer.
    connection : dict or None
        The connection, as the answer shows it.
    defaults : mapping of str to str
        Parameters that a request has unless it says otherwise.

    Attributes
    ----------
    cursor : LiveCursor
        The beginning of the page.
    is_first : bool
        Whether the request has no cursor.

    Raises
    ------
    ApiError
        400, if the cursor or a parameter is invalid.
    """

    def __init__(
        self,
        call: Call,
        listed: LiveList,
        list_key: str,
        connection: Record | None,
        defaults: Mapping[str, str],
    ) -> None:
        self._call = call
        self._list = listed
        self._list_key = list_key
        self._connection = connection
        self._expand = expansion(call)
        self._query = read_query({**defaults, **call.query}, call.service.page_limit)
        scope = (call.service.books.seed, list_key, call.connection, self._query[1:])
        self._codec = LiveCursorCodec(*scope)
        text = call.query.get("cursor")
        self.cursor = LiveCursor() if text is None else self._codec.decode(text)
        self.is_first = text is None

    def page(self, faults: Sequence[Fault] = ()) -> LivePage:
        """Return the page, altered by its faults."""
        kinds = {fault.kind for fault in faults}
        if "empty_page" in kinds and not self.cursor.after_empty:
            return self._page([], self._codec.encode(self.cursor._replace(after_empty=True)))
        keys, following = self._keys()
        rows: list[Any] = [self._expand(key, self._list.record(key)) for key in keys]
        if "moved_row" in kinds and self.cursor.page > 1:
            rows.insert(0, newer(self._list.record(self.cursor.last)))
        for kind in ORDER:
            if kind in kinds:
                rows = alter(kind, self._call.resource, rows, LIVE_FIELDS)
        if "repeat_cursor" in kinds:
            return self._page(rows, self._call.query.get("cursor") or self._codec.encode(self.cursor))
        if following is None:
            return self._page(rows, None)
        cursor = LiveCursor(following.moment, following.key, self.cursor.page + 1, keys[-1])
        return self._page(rows, self._codec.encode(cursor))

    def _page(self, rows: list[Any], next_cursor: str | None) -> LivePage:
        # The order of these keys is not documented, so the demo sends both.
        comes_first = self._list_key in {"bills", "orders", "vendors", "bank_transactions"}
        return LivePage(rows, next_cursor, self._list_key, self._connection, comes_first)

    def _keys(self) -> tuple[list[int], Entry | None]:
        """Return the keys of the page's records, and the entry of the next page if there is one."""
        keys: list[int] = []
        for entry in self._matching():
            if len(keys) == self._query.limit:
                return keys, entry
            keys.append(entry.key)
        return keys, None

    def _matching(self) -> Iterator[Entry]:
        query, listed = self._query, self._list
        entries = listed.entries(query.field, descending=query.descending)
        first = Entry(self.cursor.moment, self.cursor.key)
        start = listed.position(query.field, first, descending=query.descending)
        for entry in entries[start:] if start else entries:
            if self._fits(entry.key):
                yield entry

    def _fits(self, key: int) -> bool:
        query = self._query
        for field, least, most in query.ranges:
            if not least <= 1000 * self._moment(field, key) <= most:
                return False
        if not query.matches:
            return True
        record = self._list.record(key)
        return all(_matches(record.get(field), operator, text) for field, operator, text in query.matches)

    def _moment(self, field: str, key: int) -> int:
        moment: Callable[[int], int] | None = self._list.moments.get(field)
        return self._list.moments[CREATED_AT](key) if moment is None else moment(key)


def read_query(query: Mapping[str, str], page_limit: int | None) -> Query:
    """Return what the parameters of a list ask for.

    Raises
    ------
    ApiError
        400, with the parameter and what it must be.
    """
    limit = _whole(query.get("limit", str(DEFAULT_LIMIT)), "limit")
    if not 1 <= limit <= MOST:
        raise _invalid("limit", f"must be 1-{MOST}, not {limit}")
    field, descending = _sort(query.get("sort"))
    ranges: dict[str, tuple[int, int]] = {}
    matches: list[tuple[str, str, str]] = []
    for name, text in query.items():
        base, _, end = name.rpartition("_")
        if end in {"min", "max"}:
            least, most = ranges.get(base, (-(2**62), 2**62))
            moment = _whole(text, name)
            ranges[base] = (moment, most) if end == "min" else (least, moment)
        elif name == "filter":
            matches += _filter(text)
        elif name not in _OTHERS:
            matches.append((name, "=", text))
    return Query(
        limit if page_limit is None else min(limit, page_limit),
        field,
        descending,
        tuple((name, *bounds) for name, bounds in ranges.items()),
        tuple(matches),
    )


_OTHERS = frozenset(
    {
        "access_token",
        "cursor",
        "limit",
        "sort",
        "expand",
        "force_fetch",
        "type",
        "resources",
        "phone",
        "properties",
    }
)
_CONDITION = re.compile(r'(\w+)\s*([=~])\s*"([^"]*)"')


def _filter(text: str) -> list[tuple[str, str, str]]:
    """Return the conditions of a filter: comparisons of fields with texts, joined by AND."""
    conditions = []
    for part in text.split(" AND "):
        condition = _CONDITION.fullmatch(part.strip())
        if condition is None:
            raise _invalid("filter", f'must be conditions such as status = "open", not {part[:40]!r}')
        conditions.append((condition[1], condition[2], condition[3]))
    return conditions


def _matches(value: object, operator: str, text: str) -> bool:
    return text in str(value) if operator == "~" else str(value) == text


def _sort(text: str | None) -> tuple[str, bool]:
    """Return the field and whether the order is descending."""
    if text is None:
        return UPDATED_AT, True
    field, _, direction = text.partition(" ")
    if field in {"asc", "desc"} and not direction:  # of payments of a shop
        return CREATED_AT, field == "desc"
    if field not in _SORTED or direction.upper() not in {"", "ASC", "DESC"}:
        raise _invalid("sort", f"must be one of {', '.join(_SORTED)} with ASC or DESC, not {text[:40]!r}")
    return field, direction.upper() == "DESC"


def _whole(text: str, name: str) -> int:
    # The service's times are milliseconds since 1970, and no ISO text.
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise _invalid(name, f"must be a whole number, not {text[:40]!r}")
    return int(text)


def _invalid(name: str, reason: str) -> ApiError:
    return ApiError(400, "INVALID_PARAMETER", f"{name}: {reason}")
