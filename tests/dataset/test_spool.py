"""A spool returns its rows in order, and holds a bounded number of bytes in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from rutterframe.dataset.bucket_merge import merge_rows
from rutterframe.dataset.merge import META_FIELDS
from rutterframe.dataset.spool import MAX_BYTES, Spool
from rutterframe.dataset.stored_rows import StoredFile, StoredRows
from tests.dataset.test_merge import NOW

ROW = pa.schema([("id", pa.large_string()), ("amount", pa.float64())])
STORED = pa.schema([*ROW, *META_FIELDS])


def rows(start: int, count: int) -> pa.Table:
    ids = [f"{number:036d}" for number in range(start, start + count)]
    return pa.table([ids, [float(number) for number in range(count)]], schema=ROW)


@pytest.mark.parametrize("max_bytes", [MAX_BYTES, 100, 0])
def test_rows_of_a_bucket_in_order(max_bytes: int) -> None:
    """The rows of a bucket are read in the order in which they were appended, and can be read again."""
    with closing(Spool(max_bytes)) as spool:
        for start, bucket in ((0, 0), (3, 1), (6, 0)):
            spool.append(rows(start, 3), bucket)
        spool.append(rows(0, 0))
        assert (spool.rows, spool.nbytes > 0) == (9, True)
        for _ in range(2):
            assert pa.concat_tables(spool.read()).equals(pa.concat_tables([rows(0, 3), rows(6, 3)]))
            assert pa.concat_tables(spool.read(1)).equals(rows(3, 3))
        assert list(spool.read(2)) == []


def test_an_error_of_the_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the temporary file cannot be written, the error names the folder, and how to use another."""

    def full() -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    message = r"folder /.* cannot be written: No space left on device\nNext: free space there, or set TMPDIR"
    with closing(Spool(0)) as spool, pytest.raises(OSError, match=message):
        spool.append(rows(0, 1))
    loaded = Spool()
    loaded.append(rows(0, 3))
    with closing(loaded), pytest.raises(OSError, match=message):
        merge_rows(StoredRows(STORED, [], lambda *_: iter(())), loaded, full=True, now=NOW, max_bytes=1)


@pytest.mark.parametrize("batches", [20, 200])
def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """A merge of any number of rows holds the same few megabytes of them in memory."""
    max_bytes, before, sizes = 200_000, pa.total_allocated_bytes(), [0]

    def watched(self: Spool, table: pa.Table, bucket: int = 0) -> None:
        sizes.append(pa.total_allocated_bytes() - before)
        append(self, table, bucket)

    append: Any = Spool.append
    monkeypatch.setattr(Spool, "append", watched)

    def read(path: str, names: Sequence[str] | None) -> Iterator[pa.Table]:
        start = int(path) * 500
        deleted, position = pa.nulls(500, META_FIELDS[0].type), pa.array(range(start, start + 500))
        table = rows(start, 500).append_column(META_FIELDS[0], deleted)
        table = table.append_column(META_FIELDS[1], position)
        yield table if names is None else table.select(names)

    files = [StoredFile(f"{number}", 500, 500, number * 500, number * 500 + 499) for number in range(batches)]
    with closing(Spool(max_bytes)) as loaded:
        for number in range(batches):
            loaded.append(rows(number * 500 + 250, 500))
        result = merge_rows(StoredRows(STORED, files, read), loaded, full=True, now=NOW, max_bytes=max_bytes)
        with closing(result.edits):
            assert (result.added, result.removed, result.live) == (250, 250, batches * 500)
            assert sum(len(table) for table in result.edits.rows()) == batches * 500
    assert max(sizes) < 2_500_000
