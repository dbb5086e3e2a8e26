"""The stored rows of one connection: their files, and the ranges of positions that these hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rutterframe.dataset.merge import ROW

#: Bytes of rows that are read twice and held in memory meanwhile.
_CACHE_BYTES = 24_000_000


class StoredFile(NamedTuple):
    """A file of a connection.

    Attributes
    ----------
    path : str
        Its path, relative to the folder of the table.
    rows, live : int
        The number of its rows, and of those that are not deleted.
    first, last : int
        Its lowest and its highest position.
    """

    path: str
    rows: int
    live: int
    first: int
    last: int


class Unit(NamedTuple):
    """Files of which the ranges of positions overlap: one, unless another program has written them.

    Attributes
    ----------
    files : tuple of int
        The numbers of the files.
    rows : int
        The number of their rows.
    first, last : int
        Their lowest and their highest position.
    """

    files: tuple[int, ...]
    rows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The stored rows of one connection, deleted ones included.

    Attributes
    ----------
    schema : pyarrow.Schema
        Their columns, with `META_FIELDS`.
    files : sequence of StoredFile
        Their files.
    read : callable
        Yields the rows of a path in batches, all columns or those that are named.
    """

    schema: pa.Schema
    files: Sequence[StoredFile]
    read: Callable[[str, Sequence[str] | None], Iterator[pa.Table]]
    _cache: dict[int, list[pa.Table]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(file.rows for file in self.files)

    @property
    def live(self) -> int:
        """The number of rows that are not deleted."""
        return sum(file.live for file in self.files)

    @property
    def tables(self) -> Iterator[pa.Table]:
        """The rows, file by file."""
        for file in self.files:
            yield from self.read(file.path, None)

    @property
    def offsets(self) -> np.ndarray:
        """The number of the first row of each file, and of the one after the last."""
        return np.concatenate([[0], np.cumsum([file.rows for file in self.files], dtype=np.int64)])

    def numbered(
        self, file: int, names: Sequence[str] | None = None, *, cache: bool = False
    ) -> Iterator[pa.Table]:
        """Yield the rows of a file with their numbers in the column `ROW`.

        Parameters
        ----------
        file : int
            The number of the file.
        names : sequence of str, optional
            The columns; all when left out.
        cache : bool
            Whether all columns are read again soon: they are kept, as long as there are not too many.
        """
        start = int(self.offsets[file])
        tables: Iterable[pa.Table] = self._cache.get(file, ()) if names is None else ()
        if not tables:
            tables = self.read(self.files[file].path, names)
        if cache and sum(table.nbytes for part in self._cache.values() for table in part) < _CACHE_BYTES:
            tables = self._cache[file] = list(tables)
        for table in tables:
            yield table.append_column(ROW, pa.array(np.arange(start, start + len(table))))
            start += len(table)

    def units(self) -> list[Unit]:
        """Return the files by position, those together that overlap."""
        units: list[Unit] = []
        for number in sorted(range(len(self.files)), key=lambda number: self.files[number][3:]):
            file = self.files[number]
            unit = Unit((number,), file.rows, file.first, file.last)
            if units and unit.first <= units[-1].last:
                before = units.pop()
                unit = Unit(
                    (*before.files, number),
                    before.rows + file.rows,
                    before.first,
                    max(before.last, file.last),
                )
            units.append(unit)
        return units
