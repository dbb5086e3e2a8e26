"""A buffer of tables that goes to a temporary file when it is large, so that memory stays bounded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

import pyarrow as pa

#: Bytes of rows in memory before they go to the file: most lists never need one.
MAX_BYTES = 4_000_000
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


class _Block(NamedTuple):
    """Where a table is in a file."""

    file: IO[bytes]
    at: int
    size: int

    def read(self) -> pa.Table:
        self.file.seek(self.at)
        return pa.ipc.open_stream(self.file.read(self.size)).read_all()


class Spool:
    """Tables of one schema in numbered buckets, each in the order in which they were appended.

    The file has no name: the operating system deletes it with the process, however that ends.

    Parameters
    ----------
    max_bytes : int
        Bytes of rows in memory before all of them go to the file.
    concat : bool
        Whether tables of a bucket that go to the file at the same time become one: fewer blocks to write.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, *, concat: bool = False) -> None:
        self.rows = 0
        self.nbytes = 0
        self._max_bytes = max_bytes
        self._concat = concat
        self._in_memory = 0
        self._buckets: dict[int, list[pa.Table | _Block]] = {}
        self._file: IO[bytes] | None = None

    def append(self, table: pa.Table, bucket: int = 0) -> None:
        """Append a table to a bucket.

        Raises
        ------
        OSError
            If the temporary file cannot be written.
        """
        if not len(table):
            return
        self.rows += len(table)
        self.nbytes += table.nbytes
        self._in_memory += table.nbytes
        self._buckets.setdefault(bucket, []).append(table)
        if self._in_memory > self._max_bytes:
            for items in self._buckets.values():
                blocks = [item for item in items if isinstance(item, _Block)]
                tables = [item for item in items if isinstance(item, pa.Table)]
                if self._concat and tables:
                    tables = [pa.concat_tables(tables)]
                items[:] = [*blocks, *map(self._write, tables)]
            self._in_memory = 0

    def read(self, bucket: int = 0) -> Iterator[pa.Table]:
        """Yield the tables of a bucket; they can be read again."""
        for item in self._buckets.get(bucket, ()):
            yield item if isinstance(item, pa.Table) else item.read()

    def close(self) -> None:
        """Free the memory, and delete the file."""
        self._buckets.clear()
        if self._file is not None:
            self._file.close()

    def _write(self, table: pa.Table) -> _Block:
        """Write a table to the end of the file."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=_OPTIONS) as stream:
            stream.write_table(table)
        block = sink.getvalue()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
            at = self._file.seek(0, 2)
            self._file.write(block)
        except OSError as error:
            raise OSError(
                f"The temporary folder {tempfile.gettempdir()} cannot be written: {error.strerror}\n"
                f"Next: free space there, or set TMPDIR to another folder, and refresh again."
            ) from None
        return _Block(self._file, at, block.size)
