"""Rows as parallel typed arrays, and ids that lead back to their row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from hashlib import blake2b


class Table:
    """A growing table of integers: a million rows take tens of megabytes, not a gigabyte of objects.

    Parameters
    ----------
    codes : str
        The type codes of the `array` module, one for each column.
    """

    __slots__ = ("_appends", "columns")

    def __init__(self, codes: str) -> None:
        self.columns: tuple[array[int], ...] = tuple(array(code) for code in codes)
        self._appends: tuple[Callable[[int], None], ...] = tuple(column.append for column in self.columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    def add(self, *values: int) -> None:
        """Append one row."""
        for append, value in zip(self._appends, values, strict=True):
            append(value)

    def row(self, index: int) -> tuple[int, ...]:
        """Return one row."""
        return tuple([column[index] for column in self.columns])

    def arrange(self, order: Sequence[int]) -> None:
        """Sort the rows into an order of row numbers."""
        self.columns = tuple(
            array(column.typecode, map(column.__getitem__, order)) for column in self.columns
        )
        self._appends = tuple(column.append for column in self.columns)


class Texts:
    """Texts of rows, each stored once."""

    __slots__ = ("_numbers", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, and store it."""
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number


_MASK = 0xFFFF_FFFF


class Ids:
    """The ids of the rows of one list of one connection.

    They look random, are the same in every run, and need no index in memory: the first eight hex digits are
    the row's number, scrambled; the others are a keyed digest of these, so that an id of another list, or a
    made-up one, is recognised.

    Parameters
    ----------
    *scope : object
        What the ids are unique within: seed, connection and resource.
    """

    __slots__ = ("_factor", "_inverse", "_key", "_shift")

    def __init__(self, *scope: object) -> None:
        digest = blake2b("/".join(map(str, scope)).encode(), digest_size=24).digest()
        self._key = digest[:16]
        self._factor = int.from_bytes(digest[16:20]) | 1
        self._inverse = pow(self._factor, -1, _MASK + 1)
        self._shift = int.from_bytes(digest[20:])

    def of(self, index: int) -> str:
        """Return the id of a row."""
        head = (index * self._factor + self._shift) & _MASK
        tail = blake2b(head.to_bytes(4), key=self._key, digest_size=12).hexdigest()
        return f"{head:08x}-{tail[:4]}-4{tail[5:8]}-a{tail[9:12]}-{tail[12:]}"

    def index(self, text: str) -> int | None:
        """Return the row of an id, or None for an id of another list."""
        try:
            head = int(text[:8], 16)
        except ValueError:
            return None
        index = ((head - self._shift) * self._inverse) & _MASK
        return index if self.of(index) == text else None


def secret(*scope: object) -> str:
    """Return a made-up secret of 40 hex digits that is the same in every run."""
    return blake2b("/".join(map(str, scope)).encode(), digest_size=20).hexdigest()
