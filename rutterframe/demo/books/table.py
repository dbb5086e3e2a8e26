"""Rows as parallel typed arrays: a million rows take tens of megabytes, not a gigabyte of objects."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Table:
    """A growing table of integers; the codes are those of the `array` module, one a column."""

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
        """Put the rows into the order of the given row numbers."""
        self.columns = tuple(
            array(column.typecode, map(column.__getitem__, order)) for column in self.columns
        )
        self._appends = tuple(column.append for column in self.columns)


class Texts:
    """Texts that rows point to, each kept once."""

    __slots__ = ("_numbers", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, which is kept from now on."""
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number
