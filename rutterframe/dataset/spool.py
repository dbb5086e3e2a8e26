"""Rows put aside in a file without a name: a list of any length needs no more memory than a short one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

import pyarrow as pa

#: Bytes of rows that are held before they go to the file: most lists never need one.
HELD = 4_000_000
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class _Place(NamedTuple):
    """Where rows are in a file."""

    file: IO[bytes]
    at: int
    size: int

    def read(self) -> pa.Table:
        self.file.seek(self.at)
        return pa.ipc.open_stream(self.file.read(self.size)).read_all()


class Spool:
    """Tables of one schema, put aside in the order in which they came, each in a bucket.

    The file has no name: it vanishes with the process, however that ends.

    Parameters
    ----------
    held : int
        Bytes that are held in memory.
    """

    def __init__(self, held: int = HELD) -> None:
        self.rows = 0
        self.nbytes = 0
        self._held = held
        self._in_memory = 0
        self._buckets: dict[int, list[pa.Table | _Place]] = {}
        self._file: IO[bytes] | None = None

    def put(self, table: pa.Table, bucket: int = 0) -> None:
        """Put rows aside.

        Raises
        ------
        OSError
            If there is no room for them.
        """
        if not len(table):
            return
        self.rows += len(table)
        self.nbytes += table.nbytes
        self._in_memory += table.nbytes
        self._buckets.setdefault(bucket, []).append(table)
        if self._in_memory > self._held:
            for tables in self._buckets.values():
                tables[:] = [self._written(one) if isinstance(one, pa.Table) else one for one in tables]
            self._in_memory = 0

    def tables(self, bucket: int = 0) -> Iterator[pa.Table]:
        """Give the rows of a bucket again."""
        for one in self._buckets.get(bucket, ()):
            yield one if isinstance(one, pa.Table) else one.read()

    def close(self) -> None:
        """Let go of the rows."""
        self._buckets.clear()
        if self._file is not None:
            self._file.close()

    def _written(self, table: pa.Table) -> _Place:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=_OPTIONS) as stream:
            stream.write_table(table)
        text = sink.getvalue()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
            at = self._file.seek(0, 2)
            self._file.write(text)
        except OSError as error:
            raise OSError(
                f"There is no room to put rows aside in {tempfile.gettempdir()}: {error.strerror}\n"
                f"Next: make room there, or name another folder in TMPDIR, and refresh again."
            ) from None
        return _Place(self._file, at, text.size)
