"""Find records and values in the bytes of JSON pages, without an object per value.

numpy compares all bytes of a text at once. The functions trust neither the text nor each other: where a text
is not as expected they return None or an invalid form, and what they find is checked when it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

_QUOTE, _COLON, _COMMA, _BACKSLASH = b'":,\\'
_OPEN_LIST = ord("[")
#: This bit distinguishes closing brackets from opening ones.
_CLOSES = 4
_NULLS = re.compile(rb"\s*,?\s*(null\s*,\s*)*(null)?\s*", re.ASCII)
_SPACE = np.array([byte in b" \t\n\r" for byte in range(256)])
#: The most white space before a value.
_MAX_SPACE = 8
_WORD = 8
_LARGE, _BYTES_PER_BRACKET = 60_000, 8


class ManyBracketsError(Exception):
    """A text consists of brackets for the most part."""


@dataclass(frozen=True, slots=True)
class Brackets:
    """The brackets of a text, without those inside of texts.

    Attributes
    ----------
    positions : numpy.ndarray
        Where they are, in order.
    closes : numpy.ndarray
        Whether each closes an object or a list.
    depth : numpy.ndarray
        How many are open after each.
    """

    positions: np.ndarray
    closes: np.ndarray
    depth: np.ndarray

    @classmethod
    def of(cls, text: bytes) -> Brackets:
        """Find the brackets of a text.

        Raises
        ------
        ManyBracketsError
            If a large text has so many that this takes more memory than to read it piece by piece.
        """
        codes = np.frombuffer(text, np.uint8)
        # Without the bit 0x20 braces are square brackets, and these are 2 apart.
        marks = codes & 0xDF
        marks -= _OPEN_LIST
        marks &= 0xFD
        is_bracket = marks == 0
        # Each takes more than thirty bytes.
        if len(text) > _LARGE and np.count_nonzero(is_bracket) * _BYTES_PER_BRACKET > len(text):
            raise ManyBracketsError
        positions = np.flatnonzero(is_bracket)
        kinds = codes[positions]
        if len(positions):
            quotes = (codes == _QUOTE).view(np.uint8)
            if _BACKSLASH in text:
                quotes[_escaped(codes)] = 0
            # After an odd number of quotes a bracket is inside of a text; overflow of uint8 keeps that.
            counts = np.add.reduceat(quotes, positions, dtype=np.uint8)
            before = np.cumsum(counts, dtype=np.uint8) - counts + np.uint8(quotes[: positions[0]].sum() & 1)
            is_inside = before & 1 != 0
            if is_inside.any():
                positions, kinds = positions[~is_inside], kinds[~is_inside]
        closes = kinds & _CLOSES != 0
        return cls(positions, closes, np.cumsum(1 - 2 * closes.view(np.int8), dtype=np.int32))

    def objects_at(self, positions: np.ndarray, depth: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of the object of a depth that each position is in, and which are right in one."""
        last = np.searchsorted(self.positions, positions) - 1
        opened = self.positions[~self.closes & (self.depth == depth)]
        return np.searchsorted(opened, positions), self.depth[last] == depth


@dataclass(frozen=True, slots=True)
class RowIndex:
    """The positions of the records of some pages.

    Attributes
    ----------
    starts, ends : numpy.ndarray
        Where each record that is an object or a list begins and ends, in bytes; in order.
    numbers : numpy.ndarray
        The number of each among the elements of all pages, which may be null as well.
    counts : list of int
        How many elements each page has.
    """

    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    counts: list[int]

    def rows_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the index (in ``starts``) of the records that positions are in; others are dropped."""
        rows = np.searchsorted(self.starts, positions, side="right") - 1
        if not len(self.starts):
            return rows[:0]
        return np.unique(rows[(rows >= 0) & (positions < self.ends[rows])])


#: Brackets open within a page, within its list, and within a record.
_IN_PAGE, _IN_LIST, IN_ROW = 1, 2, 3


def index_rows(text: bytes, brackets: Brackets, list_key: str) -> RowIndex | None:
    """Find the records of each page in a text; None if it is not plain pages with one list each.

    Parameters
    ----------
    text : bytes
        The pages, one after another.
    brackets : Brackets
        The brackets of the text.
    list_key : str
        The key of the list of records.
    """
    positions, closes, depth = brackets.positions, brackets.closes, brackets.depth
    page_starts = np.flatnonzero(~closes & (depth == _IN_PAGE))
    list_ends = np.flatnonzero(closes & (depth == _IN_PAGE))
    if not len(page_starts) or depth[-1] != 0:
        return None
    starts, ends, numbers = [], [], []
    counts: list[int] = []
    for first, last in zip(page_starts, [*page_starts[1:], len(positions)], strict=True):
        lists = first + np.flatnonzero(~closes[first:last] & (depth[first:last] == _IN_LIST))
        named = [at for at in lists if _has_key(text, int(positions[at]), list_key)]
        if len(named) != 1 or text[positions[named[0]]] != _OPEN_LIST:
            return None
        begin, end = named[0], list_ends[np.searchsorted(list_ends, named[0])]
        inside = slice(begin + 1, end)
        opened = positions[inside][~closes[inside] & (depth[inside] == IN_ROW)]
        closed = positions[inside][closes[inside] & (depth[inside] == _IN_LIST)] + 1
        elements = _elements(text, int(positions[begin]) + 1, int(positions[end]), opened, closed)
        if elements is None:
            return None
        starts.append(opened)
        ends.append(closed)
        numbers.append(elements[0] + sum(counts))
        counts.append(elements[1])
    return RowIndex(np.concatenate(starts), np.concatenate(ends), np.concatenate(numbers), counts)


def _escaped(codes: np.ndarray) -> np.ndarray:
    """Return the positions of escaped characters: those after an odd number of backslashes."""
    at = np.flatnonzero(codes == _BACKSLASH)
    is_last = np.append(np.diff(at) != 1, True)
    lasts = np.flatnonzero(is_last)
    lengths = np.diff(lasts, prepend=-1)
    after: np.ndarray = at[lasts[lengths % 2 == 1]] + 1
    return after[after < len(codes)]


def _has_key(text: bytes, position: int, key: str) -> bool:
    """Return whether the value at a position has this key."""
    before = text[max(0, position - len(key) - 4 * _MAX_SPACE) : position].rstrip()
    name = before[:-1].rstrip()
    quoted = f'"{key}"'.encode()
    return (
        before[-1:] == b":" and name.endswith(quoted) and name[: -len(quoted)].rstrip()[-1:] in (b",", b"{")
    )


def _elements(
    text: bytes, begin: int, end: int, opened: np.ndarray, closed: np.ndarray
) -> tuple[np.ndarray, int] | None:
    """Return the number of each object among the elements of a list, and how many elements there are.

    Between two objects there is a comma, and perhaps null; anything else gives None.
    """
    if len(opened) != len(closed):
        return None
    codes = np.frombuffer(text, np.uint8)
    count = len(opened)
    numbers = np.arange(count)
    plain = (opened[1:] - closed[:-1] == 1) & (codes[closed[:-1]] == _COMMA)
    # The first and the last gap have no comma.
    for number in [0, *(np.flatnonzero(~plain) + 1).tolist(), *([len(opened)] if len(opened) else [])]:
        before = closed[number - 1] if number else begin
        gap = text[before : opened[number] if number < len(opened) else end]
        if gap.strip() == (b"," if 0 < number < len(opened) else b""):
            continue
        nulls = gap.count(b"null")
        commas = nulls - 1 + (number > 0 and nulls > 0 and len(opened) > 0) + (number < len(opened))
        if not _NULLS.fullmatch(gap) or gap.count(b",") != commas:
            return None
        numbers[number:] += nulls
        count += nulls
    return numbers, count


class Keys:
    r"""The keys of a text, and their values.

    Parameters
    ----------
    text : bytes
        The text.

    Notes
    -----
    A key is what stands between a quote and ``":``. Inside of a text its quotes would be escaped, so that in
    well-formed JSON only keys are found, at any depth, and perhaps keys that end with ``\"name``.
    """

    def __init__(self, text: bytes) -> None:
        self.codes = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero((self.codes[:-1] == _QUOTE) & (self.codes[1:] == _COLON))
        self._ends = ends[int(np.searchsorted(ends, _WORD)) :]
        # The last eight bytes of each key, as a number; often with the quote before it, and more.
        words = np.ndarray((max(0, len(text) - _WORD + 1),), "<u8", text, strides=(1,))
        self._last = words[self._ends - _WORD]

    def values(self, names: Collection[str]) -> np.ndarray:
        """Return where the values of some keys begin; also of keys that have the same `ending`."""
        matches = np.zeros(len(self._ends), np.bool_)
        for end in {ending(name) for name in names}:
            shift = 8 * (_WORD - len(end))
            words = self._last >> np.uint64(shift) if shift else self._last
            matches |= words == np.uint64(int.from_bytes(end, "little"))
        positions: np.ndarray = np.minimum(self._after_space(self._ends[matches] + 2), len(self.codes) - 1)
        return positions

    def values_of(self, name: str) -> np.ndarray:
        """Return where the values of one key begin, and of no other with the same ending."""
        quoted = np.frombuffer(f'"{name}'.encode(), np.uint8)
        shift = 8 * max(0, _WORD - len(quoted))
        words = self._last >> np.uint64(shift) if shift else self._last
        ends = self._ends[words == np.uint64(int.from_bytes(ending(name), "little"))]
        if len(quoted) > _WORD:
            before = self.codes.take(ends[:, np.newaxis] + np.arange(-len(quoted), 0), mode="clip")
            ends = ends[(before == quoted).all(axis=1)]
        positions: np.ndarray = np.minimum(self._after_space(ends + 2), len(self.codes) - 1)
        return positions

    def first_within(self, positions: np.ndarray) -> np.ndarray:
        """Return the first byte within lists that begin at positions."""
        return self.codes.take(self._after_space(positions + 1), mode="clip")

    def has_text(self, names: Collection[str]) -> bool:
        """Return whether a value of some keys is text."""
        return bool((self.codes[self.values(names)] == _QUOTE).any())

    def _after_space(self, positions: np.ndarray) -> np.ndarray:
        for _ in range(_MAX_SPACE):
            spaces = _SPACE[self.codes.take(positions, mode="clip")]
            if not spaces.any():
                break
            positions = positions + spaces
        return positions


def ending(name: str) -> bytes:
    """Return the bytes by which a key is found: up to eight, with the quote before a short one."""
    return f'"{name}'.encode()[-_WORD:]


class Form(IntEnum):
    """The form of a number."""

    WHOLE = 7
    ZEROS = 8
    """A whole number with zeros after the point, such as 3.0."""
    DECIMAL = 9
    OTHER = 10
    """With an exponent, longer than 30 characters, or no number."""


_MAX_NUMBER = 30
_AFTER_POINT = 4


def _transitions(end: bytes) -> np.ndarray:
    """Return the next state for each state (times 256) plus byte; states are multiplied by 256 as well."""
    table = np.full((11, 256), Form.OTHER, np.uint16)
    digits = dict.fromkeys(b"123456789", 3)
    # 0 begin, 1 after the minus, 2 a single zero, 3 digits, 4 after the point, 5 zeros, 6 other decimals.
    for state, changes in {
        0: {**digits, ord("-"): 1, ord("0"): 2},
        1: {**digits, ord("0"): 2},
        2: {ord("."): _AFTER_POINT, **dict.fromkeys(end, Form.WHOLE)},
        3: {**digits, ord("0"): 3, ord("."): _AFTER_POINT, **dict.fromkeys(end, Form.WHOLE)},
        _AFTER_POINT: {**dict.fromkeys(digits, 6), ord("0"): 5},
        5: {**dict.fromkeys(digits, 6), ord("0"): 5, **dict.fromkeys(end, Form.ZEROS)},
        6: {**dict.fromkeys(digits, 6), ord("0"): 6, **dict.fromkeys(end, Form.DECIMAL)},
    }.items():
        for code, following in changes.items():
            table[state, code] = following
    return table.ravel() * np.uint16(256)


_QUOTED, _BARE = _transitions(b'"'), _transitions(b",}] \t\n\r")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in a text.

    Attributes
    ----------
    forms : numpy.ndarray
        The `Form` of each.
    points, ends : numpy.ndarray
        Where the point and the end of each are; the end where there is no point.
    """

    forms: np.ndarray
    points: np.ndarray
    ends: np.ndarray


def read_numbers(codes: np.ndarray, starts: np.ndarray, *, quoted: bool, with_points: bool = True) -> Numbers:
    """Return the form of the numbers that begin at some positions, by the grammar of JSON.

    Parameters
    ----------
    codes : numpy.ndarray
        The bytes of the text.
    starts : numpy.ndarray
        Where the numbers begin: after the quote, if they are quoted.
    quoted : bool
        Whether they end with a quote.
    with_points : bool
        Whether to find the points, which takes longer.
    """
    transitions = _QUOTED if quoted else _BARE
    forms = np.full(len(starts), Form.OTHER, np.uint16)
    ends, points = starts.copy(), np.full(len(starts), -1)
    active, states, at = np.arange(len(starts)), np.zeros(len(starts), np.uint16), starts
    for _ in range(_MAX_NUMBER):
        if not len(active):
            break
        states = transitions.take(states + codes.take(at, mode="clip"))
        if with_points:
            is_point = states == _AFTER_POINT * 256
            points[active[is_point]] = at[is_point]
        going = states < Form.WHOLE * 256
        if not going.all():
            forms[active[~going]] = states[~going] // 256
            ends[active[~going]] = at[~going]
            active, states, at = active[going], states[going], at[going]
        at = at + 1
    return Numbers(forms, np.where(points < 0, ends, points), ends)
