"""Read a JSON text piece by piece: what a record does not have is skipped, and never becomes an object.

An object of Python takes up to 24 times the memory of its text. So rows are read a few thousand characters
at a time, and of a row that is longer only the fields of its record are read.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from rutterframe.errors import InvalidResponse
from rutterframe.frames.exact import (
    RepeatedKey,
    json_object,
    opening,
    page_rows,
    parse_object,
    single_row,
)
from rutterframe.models import Record
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import excerpt

#: Characters that are parsed at once (the objects take up to 2 MB), and rows that are returned at once.
_WINDOW, _ROWS = 8_192, 1_000
#: Keys of a page that an error lists, and characters of a long value that it shows.
_MAX_KEYS = _EXCERPT = 100
#: Up to this size a body that is not JSON is parsed by Python too, which says where the fault is.
_SMALL = 100_000
#: `int` takes a time that grows with the square of the digits, and refuses more.
_MAX_DIGITS = 4_300

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(_STRING + r'|[^\s,:{}\[\]"]+', re.DOTALL)
#: What has no brackets, and objects and lists that have none within, at once.
_PLAIN = rf'[^"{{}}\[\]]++|{_STRING}'
_FLAT = rf"(?:{_PLAIN}|\{{(?:{_PLAIN})*+\}}|\[(?:{_PLAIN})*+\])++"
_MARKS = _FLAT + r"|([\[{])|([\]}])"
_OPENS = 1

#: Arrow refuses two values that are JSON: half of a surrogate pair, and a number beyond float64.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_EXPONENT = re.compile(rb"([eE][+-]?)[0-9]{3,}")
_ARROW = re.compile(r"^JSON parse error: |\.? in row \d+$")
_SEVERAL = "more than one object"
#: Each field is unexpected, and ignored.
_NOTHING = pj.ParseOptions(explicit_schema=pa.schema([]), unexpected_field_behavior="ignore")


def _number(digits: str) -> int | float:
    # A whole number that is minus zero keeps its sign as a float.
    return float(digits) if digits == "-0" or len(digits) > _MAX_DIGITS else int(digits)


#: JSON, and NaN and infinity as numbers: a field refuses them, and what is not read is not judged.
_scan = json.JSONDecoder(object_pairs_hook=json_object, parse_int=_number).scan_once  # type: ignore[attr-defined]


class LongValue:
    """A list or an object that no field can hold, and that is too long to be read.

    Parameters
    ----------
    text : str
        How it begins.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@dataclass(frozen=True, slots=True)
class LongList:
    """The rows of a long nested list, which are read one by one.

    Attributes
    ----------
    text : str
        The text of the page.
    begin : int
        Where the list begins.
    model : type of record
        The record of the rows.
    """

    text: str
    begin: int
    model: type[Record]

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        return itertools.chain.from_iterable(rows_in(self.text, self.begin, self.model))


class LongRow(dict[str, Any]):
    """A row with a `LongList`."""


def read_page(
    body: bytes, list_key: str, model: type[Record], keys: Collection[str], *, is_single: bool
) -> tuple[dict[str, Any], Iterator[list[Any]]]:
    """Read a page.

    Parameters
    ----------
    body : bytes
        The page.
    list_key : str
        The key of the list of records.
    model : type of record
        The record of the rows.
    keys : collection of str
        The other keys that are read.
    is_single : bool
        Whether the key holds a record instead of a list.

    Returns
    -------
    envelope : dict
        The members of the page, without its records; long ones are not read.
    rows : iterator of list
        The records, some at a time.

    Raises
    ------
    InvalidResponse
        If the body is not JSON, or not such a page.
    """
    text = _checked(body)
    places: list[int] = []
    opens = "{" if is_single else "["

    def value(key: str, at: int, end: int) -> Any:
        if key != list_key or text[at] != opens:
            return _member(text, keys, key, at, end)
        places.append(at)
        return {} if is_single else []

    envelope = _envelope(text, [list_key, *keys], value)
    if not places:
        (single_row if is_single else page_rows)(envelope, list_key)
        return envelope, iter(())
    if is_single:
        return envelope, iter([[_row(text, places[0], model)[0]]])
    return envelope, rows_in(text, places[0], model)


def read_envelope(body: bytes, keys: Collection[str]) -> dict[str, Any]:
    """Read the members of a page, without the long ones that are not among the keys.

    Parameters
    ----------
    body : bytes
        The page.
    keys : collection of str
        The keys that are read.

    Raises
    ------
    InvalidResponse
        If the body is not JSON, or has one of the keys twice.
    """
    text = _checked(body)
    return _envelope(text, keys, functools.partial(_member, text, keys))


def _member(text: str, keys: Collection[str], key: str, at: int, end: int) -> Any:
    return _around(text, at, end) if key in keys else _value(text, at, end)


def _envelope(text: str, keys: Collection[str], value: Callable[[str, int, int], Any]) -> dict[str, Any]:
    envelope: dict[str, Any] = {}
    for key, at, end in _members(text, skip_space(text, 0)):
        if key in keys and key in envelope:
            raise InvalidResponse(f"The response has the key {excerpt(key)} twice", transient=False)
        if key in keys or len(envelope) < _MAX_KEYS:
            envelope[key] = value(key, at, end)
    return envelope


def _around(text: str, begin: int, end: int, depth: int = 2) -> Any:
    """Return a member of a page; of a long object the members, to a depth."""
    value = _value(text, begin, end)
    if not isinstance(value, LongValue) or text[begin] != "{" or not depth:
        return value
    return {key: _around(text, at, last, depth - 1) for key, at, last in _members(text, begin)}


def read_cut_rows(sources: Sequence[bytes], model: type[Record]) -> list[Any]:
    """Read rows that were cut out of a page.

    Parameters
    ----------
    sources : sequence of bytes
        The text of each.
    model : type of record
        The record of the rows.

    Raises
    ------
    InvalidResponse
        If they are not JSON.
    """
    rows: list[Any] = []
    for source in sources:
        text = source.decode()
        value, end = _scanned(text, 0) if len(text) <= _WINDOW else (None, 0)
        if value is not None and end == len(text):
            rows.append(value)
        else:
            check_json(b'{"rows":[%s]}' % source)
            rows += itertools.chain.from_iterable(rows_in(f"[{text}]", 0, model))
    return rows


def check_json(body: bytes) -> None:
    """Check that a body is one JSON object in UTF-8, in little memory.

    NaN and infinity are accepted, which belong to no JSON: only a field that holds them is refused.

    Raises
    ------
    InvalidResponse
        If it is not.
    """
    try:
        body.decode("utf-8-sig")
        for text in (body, _plainer(body)):
            reason = _refusal(text)
            if reason is None:
                return
    except UnicodeDecodeError as error:
        reason = str(error)
    if len(body) <= _SMALL:
        parse_object(body)
    raise InvalidResponse(f"The response is not JSON ({reason}): {opening(body)}")


def _checked(body: bytes) -> str:
    """Return a body as text, if it is one JSON object."""
    check_json(body)
    return body.decode("utf-8-sig")


def _plainer(body: bytes) -> bytes:
    """Return a body without what Arrow refuses and JSON does not."""
    return _EXPONENT.sub(rb"\g<1>0", _SURROGATE.sub(rb"\\u00", body))


def _refusal(body: bytes) -> str | None:
    """Return why a body is not one JSON object; None if it is one."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip(b" \t\n\r")
    if not text.startswith(b"{"):
        return "not an object"
    if not text.endswith(b"}"):
        return "no closing brace"
    try:
        documents = pj.read_json(
            pa.BufferReader(text),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=_NOTHING,
        )
    except pa.ArrowInvalid as error:
        reason = _ARROW.sub("", str(error))
        return _SEVERAL if reason.startswith("The document is empty") else reason
    return None if len(documents) == 1 else _SEVERAL


def rows_in(text: str, begin: int, model: type[Record]) -> Iterator[list[Any]]:
    """Yield the elements of a list, some at a time.

    Parameters
    ----------
    text : str
        A text that `check_json` accepts.
    begin : int
        Where the list begins.
    model : type of record
        The record of the elements.
    """
    at = first = start = skip_space(text, begin + 1)
    window = ""
    rows: list[Any] = []
    while text[at] != "]":
        if at - start >= len(window):
            start, window = at, text[at : at + _WINDOW]
            several, end = _several(window)
            window = "" if several else window
        else:
            several, end = None, 0
        is_long = False
        if several is None:
            value, end = _scanned(window, at - start)
            if end >= len(window):
                # It goes on behind the window.
                if start < at:
                    window = ""
                    continue
                value, end = _row(text, at, model)
                end -= start
            is_long = isinstance(value, LongRow)
            several = [value]
        if is_long and rows:
            yield rows
            rows = []
        rows += several
        at = _next(text, start + end)
        if is_long or len(rows) >= _ROWS or at - first >= _WINDOW:
            yield rows
            rows, first = [], at
    if rows:
        yield rows


def _several(window: str) -> tuple[list[Any] | None, int]:
    """Return the first elements of a list at once, and where they end; None if they cannot be separated.

    What makes up a whole list with brackets around it consists of whole elements.
    """
    end = window.rfind("},") + 1 or max(0, window.rfind(","))
    elements, read = _scanned(f"[{window[:end]}]", 0) if end else (None, 0)
    return (elements, end) if elements and read == end + 2 else (None, 0)


def _scanned(window: str, at: int) -> tuple[Any, int]:
    """Return the value at a position and where it ends; the end of the window if it goes on behind it."""
    try:
        return _scan(window, at)  # type: ignore[no-any-return]
    except (StopIteration, ValueError, RecursionError):
        return None, len(window)


def _row(text: str, begin: int, model: type[Record]) -> tuple[Any, int]:
    """Return a row, of a long one only the fields of its record, and where it ends."""
    if text[begin] != "{":
        end = _skip(text, begin)
        return _value(text, begin, end), end
    value, end = _scanned(text[begin : begin + _WINDOW], 0)
    if value is not None:
        return value, begin + end
    fields, end = _fields(text, begin, model)
    if isinstance(fields, RepeatedKey) or not any(isinstance(value, LongList) for value in fields.values()):
        return fields, end
    return LongRow(fields), end


def _fields(
    text: str, begin: int, model: type[Record], *, is_nested: bool = False
) -> tuple[dict[str, Any], int]:
    """Return the fields that a record has of an object, and where the object ends."""
    known = _by_name(model)
    fields, end = [], begin + 1
    for key, at, end in _members(text, begin):
        if key in known:
            fields.append((key, _value(text, at, end, known[key], is_nested=is_nested)))
    return json_object(fields), skip_space(text, end) + 1


@functools.cache
def _by_name(model: type[Record]) -> dict[str, Column]:
    return {column.name: column for column in columns(model)}


def _value(text: str, begin: int, end: int, column: Column | None = None, *, is_nested: bool = False) -> Any:
    """Return a value, in a form that is cut short if it is long and its column cannot hold it."""
    is_object, is_list = text[begin] == "{", text[begin] == "["
    nested = column and (column.fields if is_object else column.rows if is_list else None)
    has_schema = column is None or column.kind or column.rows or column.fields
    if end - begin <= _WINDOW or not (is_object or is_list) or not has_schema:
        value, read = _scanned(text[begin:end], 0)
        if read == end - begin and (value is not None or text[begin] == "n"):
            return value
    if nested and is_object:
        return _fields(text, begin, nested, is_nested=True)[0]
    if nested and is_list:
        rows = LongList(text, begin, nested)
        return list(rows) if is_nested else rows
    if is_object or is_list:
        return LongValue(text[begin : begin + _EXCERPT])
    return float(text[begin:end])  # Arrow accepts -NaN and Inf as well


def _members(text: str, begin: int) -> Iterator[tuple[str, int, int]]:
    """Yield the key of each member of an object, and where its value begins and ends."""
    at = skip_space(text, begin + 1)
    while text[at] != "}":
        key, at = scanstring(text, at + 1)
        at = skip_space(text, skip_space(text, at) + 1)
        end = _skip(text, at)
        yield key, at, end
        at = _next(text, end)


def _skip(text: str, at: int) -> int:
    """Return where the value at a position ends."""
    if text[at] not in "[{":
        return _SCALAR.match(text, at).end()  # type: ignore[union-attr]
    depth = 1
    for mark in _marks().finditer(text, at + 1):
        if mark.lastindex is not None:
            depth += 1 if mark.lastindex == _OPENS else -1
            if depth == 0:
                return mark.end()
    return len(text)


@functools.cache
def _marks() -> re.Pattern[str]:
    """Compile the pattern on first use: that takes as long as the other imports of this module."""
    return re.compile(_MARKS, re.DOTALL)


def _next(text: str, end: int) -> int:
    """Return where the value after a value begins, or the bracket that closes what it is in."""
    at = skip_space(text, end)
    return skip_space(text, at + 1) if text[at] == "," else at


def skip_space(text: str, at: int) -> int:
    """Return the next position that is not white space."""
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]
