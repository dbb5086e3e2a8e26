"""Rewrite values that the kinds of the contract accept and Arrow's JSON reader does not.

A number as text loses its quotes, ``1.0`` for a count its zeros, and a numeric id gets quotes: what Arrow
reads then is what pydantic reads from the original. A record with any other value that Arrow would refuse is
emptied, and left to the exact path; its neighbours are not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import numpy as np

from rutterframe.frames.json_index import (
    IN_ROW,
    Brackets,
    Form,
    Keys,
    Numbers,
    RowIndex,
    ending,
    index_rows,
    read_numbers,
)
from rutterframe.models import Record
from rutterframe.models.columns import columns
from rutterframe.models.fields import Kind

_SPACE, _QUOTE, _MINUS, _ZERO = b' "-0'
_OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_LIST, _CLOSE_LIST = b"{}[]"
_NULL = ord("n")
#: Whole numbers of so many digits fit in 64 bits, and so many in a float without loss.
_INT64_DIGITS, _FLOAT_DIGITS = 18, 15
_MANY = 5_000
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Pages as Arrow can read them.

    Attributes
    ----------
    text : bytes
        The pages.
    emptied : numpy.ndarray
        The records without their values, by their number among all elements.
    index : RowIndex or None
        The records in the original text; None if none was emptied.
    """

    text: bytes
    emptied: np.ndarray
    index: RowIndex | None


class Nested(Enum):
    """What a field holds instead of a single value."""

    LIST = "list"
    OBJECT = "object"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for in pages that Arrow refused.

    Attributes
    ----------
    names : frozenset of str
        The fields to rewrite.
    repeated : frozenset of str
        The keys that an object may have twice.
    has_surrogates : bool
        Whether to look for escaped surrogates.
    is_thorough : bool
        Whether to look at the form of numbers too.
    """

    names: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    has_surrogates: bool = False
    is_thorough: bool = False

    @classmethod
    def for_everything(cls, model: type[Record]) -> Search:
        """Return the search for all that Arrow refuses in a record, which takes long."""
        names = frozenset(field_kinds(model) or ())
        return cls(names, names, has_surrogates=True, is_thorough=True)


@functools.cache
def field_kinds(model: type[Record]) -> dict[str, Kind | Nested] | None:
    """Return the kind of each field of a record, of its nested rows and of its objects.

    Fields are found by the end of their name alone: None for all if two of one end have different kinds.
    """
    kinds: dict[str, Kind | Nested] = {}
    endings: dict[bytes, Kind | Nested] = {}
    for column in columns(model):
        nested = column.rows or column.fields
        inner = {} if nested is None else field_kinds(nested)
        if inner is None:
            return None
        # A platform's own record is JSON text by now.
        own: Kind | Nested = column.kind or Kind.TEXT
        if nested is not None:
            own = Nested.OBJECT if column.rows is None else Nested.LIST
        elif column.is_list:
            own = Nested.TEXTS
        for name, kind in {column.name: own, **inner}.items():
            kinds[name] = kind
            if endings.setdefault(ending(name), kind) != kind:
                return None
    return kinds


@functools.cache
def _depths(model: type[Record], depth: int) -> frozenset[int]:
    """Return how many brackets are open within a record that is in so many, and within its nested ones."""
    inner = [
        _depths(column.rows or column.fields, depth + (1 if column.rows is None else 2))
        for column in columns(model)
        if column.rows is not None or column.fields is not None
    ]
    return frozenset({depth}.union(*inner))


@functools.cache
def fields_of(model: type[Record], *kinds: Kind) -> frozenset[str]:
    """Return the names of the fields of some kinds."""
    return frozenset(name for name, kind in (field_kinds(model) or {}).items() if kind in kinds)


def fields_like(model: type[Record], name: str) -> frozenset[str]:
    """Return the names of the fields that are likely to be written as one of them is."""
    kind = (field_kinds(model) or {})[name]
    return fields_of(model, kind) if isinstance(kind, Kind) else frozenset({name})


def is_mostly_unclear(unclear: int, rows: int) -> bool:
    """Return whether so many rows are in doubt that whole pages are read faster, and in less memory."""
    return unclear > _MANY and unclear * 2 > rows


def has_quoted_numbers(text: bytes, model: type[Record]) -> bool:
    """Return whether a field for numbers holds text, in the usual formatting: faster than Arrow finds out."""
    return Keys(text).has_text(fields_of(model, Kind.NUMBER, Kind.COUNT))


def rewrite(text: bytes, model: type[Record], list_key: str, search: Search) -> Rewritten | None:
    """Rewrite the values of some fields; None if the text is not plain pages, or most of it is in doubt.

    Parameters
    ----------
    text : bytes
        The pages, one after another.
    model : type of record
        The record of the rows.
    list_key : str
        The key of the list of records.
    search : Search
        What to look for.
    """
    kinds = field_kinds(model)
    if kinds is None:
        return None
    values = _Values(text, thorough=search.is_thorough)
    for kind in {kinds[name] for name in search.names}:
        values.rewrite([name for name in search.names if kinds[name] == kind], kind)
    unclear = values.unclear
    brackets = None
    if search.repeated:
        brackets = Brackets.of(text)
        depths = _depths(model, IN_ROW)
        unclear += [_repeated(values.keys, brackets, name, depths) for name in search.repeated]
    if search.has_surrogates:
        unclear.append(np.array([match.start() for match in _SURROGATE.finditer(text)], np.int64))
    positions = np.concatenate([np.empty(0, np.int64), *unclear])
    if not len(positions):
        return Rewritten(values.rewritten(), positions, None)
    if len(positions) > _MANY and is_mostly_unclear(len(positions), text.count(b"{")):
        return None
    index = index_rows(text, brackets or Brackets.of(text), list_key)
    if index is None:
        return None
    rows = index.rows_at(positions)
    if is_mostly_unclear(len(rows), sum(index.counts)):
        return None
    for start, end in zip(index.starts[rows].tolist(), index.ends[rows].tolist(), strict=True):
        values.empty(start, end)
    return Rewritten(values.rewritten(), index.numbers[rows], index)


class _Values:
    """The values of a text on their way to Arrow."""

    def __init__(self, text: bytes, *, thorough: bool) -> None:
        self.keys = Keys(text)
        #: Where values are that only the exact path can judge.
        self.unclear: list[np.ndarray] = []
        self._codes = self.keys.codes.copy()
        self._quotes: list[np.ndarray] = []
        self._thorough = thorough

    def rewrite(self, names: Collection[str], kind: Kind | Nested) -> None:
        """Rewrite the values of the fields of a kind."""
        at = self.keys.values(names)
        first = self.keys.codes[at]
        is_text = first == _QUOTE
        is_number = (first - _ZERO < 10) | (first == _MINUS)  # uint8: what comes before 0 is large
        clear = is_text | (first == _NULL)
        if kind is Kind.NUMBER or kind is Kind.COUNT:
            self._unquote(at[is_text], kind)
            clear |= is_number
            if kind is Kind.COUNT:
                self._check_counts(at[is_number])
            elif self._thorough:
                self._check(at[is_number], read_numbers(self.keys.codes, at[is_number], quoted=False))
        elif kind is Kind.TEXT:
            self._quote(at[is_number])
            clear |= is_number
        elif kind is Nested.OBJECT:
            clear = (first == _OPEN_OBJECT) | (first == _NULL) | self._replace_empty(at)
        elif kind is Nested.TEXTS:
            inner = self.keys.first_within(at)
            is_texts = (first == _OPEN_LIST) & ((inner == _QUOTE) | (inner == _CLOSE_LIST))
            clear = is_texts | (first == _NULL)
        elif kind is Nested.LIST:
            inner = self.keys.first_within(at)
            is_rows = (first == _OPEN_LIST) & ((inner == _OPEN_OBJECT) | (inner == _CLOSE_LIST))
            clear = is_rows | (first == _NULL)
        self.unclear.append(at[~clear])

    def empty(self, start: int, end: int) -> None:
        """Replace a record by one without values."""
        self._codes[start:end] = _SPACE
        self._codes[start] = _OPEN_OBJECT
        self._codes[end - 1] = _CLOSE_OBJECT
        self._quotes = [at[(at < start) | (at >= end)] for at in self._quotes]

    def rewritten(self) -> bytes:
        """Return the text with all changes."""
        quotes = np.concatenate([np.empty(0, np.int64), *self._quotes])
        return (np.insert(self._codes, quotes, _QUOTE) if len(quotes) else self._codes).tobytes()

    def _replace_empty(self, at: np.ndarray) -> np.ndarray:
        """Replace empty objects that were sent as a list or text; return which were."""
        following = self.keys.codes.take(at + 1, mode="clip")
        first = self.keys.codes[at]
        is_empty: np.ndarray = (first == _OPEN_LIST) & (following == _CLOSE_LIST)
        is_empty |= (first == _QUOTE) & (following == _QUOTE)
        self._codes[at[is_empty]], self._codes[at[is_empty] + 1] = _OPEN_OBJECT, _CLOSE_OBJECT
        return is_empty

    def _unquote(self, at: np.ndarray, kind: Kind) -> None:
        """Replace the quotes of numbers by spaces."""
        numbers = read_numbers(self.keys.codes, at + 1, quoted=True, with_points=kind is Kind.COUNT)
        clear = numbers.forms != Form.OTHER
        if kind is Kind.COUNT:
            clear &= (numbers.forms != Form.DECIMAL) & (numbers.points - at <= _FLOAT_DIGITS)
            self._cut_zeros(numbers, clear)
        self._codes[at[clear]] = _SPACE
        self._codes[numbers.ends[clear]] = _SPACE
        self.unclear.append(at[~clear])

    def _check_counts(self, at: np.ndarray) -> None:
        """Cut the zeros of counts such as 1.0."""
        numbers = read_numbers(self.keys.codes, at, quoted=False)
        has_zeros = (numbers.forms == Form.ZEROS) & (numbers.points - at <= _FLOAT_DIGITS)
        is_whole = (numbers.forms == Form.WHOLE) & (numbers.ends - at <= _INT64_DIGITS)
        self._cut_zeros(numbers, has_zeros)
        self.unclear.append(at[~has_zeros & ~is_whole])

    def _cut_zeros(self, numbers: Numbers, clear: np.ndarray) -> None:
        clear = clear & (numbers.forms == Form.ZEROS)
        at, ends = numbers.points[clear], numbers.ends[clear]
        while len(at):
            self._codes[at] = _SPACE
            at, ends = at[at + 1 < ends] + 1, ends[at + 1 < ends]

    def _check(self, at: np.ndarray, numbers: Numbers) -> None:
        self.unclear.append(at[numbers.forms == Form.OTHER])

    def _quote(self, at: np.ndarray) -> None:
        """Put whole numbers in quotes; -0 is 0 as a number."""
        numbers = read_numbers(self.keys.codes, at, quoted=False)
        codes = self.keys.codes
        clear = (numbers.forms == Form.WHOLE) & (numbers.ends - at <= _INT64_DIGITS)
        clear &= (codes[at] != _MINUS) | (codes.take(at + 1, mode="clip") != _ZERO)
        self._quotes += [at[clear], numbers.ends[clear]]
        self.unclear.append(at[~clear])


def _repeated(keys: Keys, brackets: Brackets, name: str, depths: Collection[int]) -> np.ndarray:
    """Return where a record, a nested row or an object has a key for the second time."""
    at = keys.values_of(name)
    repeated = []
    for depth in depths:
        objects, is_right_in = brackets.objects_at(at, depth)
        inside = at[is_right_in]
        repeated.append(inside[1:][np.diff(objects[is_right_in]) == 0])
    return np.concatenate(repeated)
