"""Rows put aside: the same rows again, and no more memory for many than for few."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NoReturn

import pyarrow as pa
import pytest

from rutterframe.dataset.bucket_merge import Kept, refreshed
from rutterframe.dataset.merge import MARKS
from rutterframe.dataset.spool import HELD, Spool
from tests.dataset.test_merge import NOW

ROW = pa.schema([("id", pa.large_string()), ("amount", pa.float64())])
KEPT = pa.schema([*ROW, *MARKS])


def rows(start: int, count: int) -> pa.Table:
    ids = [f"{number:036d}" for number in range(start, start + count)]
    return pa.table([ids, [float(number) for number in range(count)]], schema=ROW)


@pytest.mark.parametrize("held", [HELD, 100, 0])
def test_the_same_rows_again(held: int) -> None:
    """Rows come back in the order in which they were put aside, by bucket, as often as they are asked for."""
    with closing(Spool(held)) as spool:
        for start, bucket in ((0, 0), (3, 1), (6, 0)):
            spool.put(rows(start, 3), bucket)
        spool.put(rows(0, 0))
        assert (spool.rows, spool.nbytes > 0) == (9, True)
        for _ in range(2):
            assert pa.concat_tables(spool.tables()).equals(pa.concat_tables([rows(0, 3), rows(6, 3)]))
            assert pa.concat_tables(spool.tables(1)).equals(rows(3, 3))
        assert list(spool.tables(2)) == []


def test_no_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room to put rows aside, the error says where, and how to use another place."""

    def full() -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    told = r"aside in /.*: No space left on device\nNext: make room there, or name"
    with closing(Spool(0)) as spool, pytest.raises(OSError, match=told):
        spool.put(rows(0, 1))
    come = Spool()
    come.put(rows(0, 3))
    with closing(come), pytest.raises(OSError, match=told):
        refreshed(Kept(KEPT, 0, ()), come, whole=True, now=NOW, at_once=1)


@pytest.mark.parametrize("pieces", [20, 200])
def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    """However many rows come to however many that were kept, the same few megabytes are held at a time."""
    room, before, seen = 200_000, pa.total_allocated_bytes(), [0]

    def watched(self: Spool, table: pa.Table, bucket: int = 0) -> None:
        seen.append(pa.total_allocated_bytes() - before)
        put(self, table, bucket)

    put: Any = Spool.put
    monkeypatch.setattr(Spool, "put", watched)

    def kept() -> Iterator[pa.Table]:
        for number in range(pieces):
            part = rows(number * 500, 500)
            gone = pa.nulls(500, MARKS[0].type)
            where = pa.array(range(number * 500, number * 500 + 500))
            yield part.append_column(MARKS[0], gone).append_column(MARKS[1], where)

    with closing(Spool(room)) as come:
        for number in range(pieces):
            come.put(rows(number * 500 + 250, 500))
        done = refreshed(Kept(KEPT, pieces * 500, kept()), come, whole=True, now=NOW, at_once=room)
    with closing(done.spool):
        assert (done.added, done.removed, done.live) == (250, 250, pieces * 500)
        assert sum(len(table) for table in done.spool.tables()) == pieces * 500 + 250
    assert max(seen) < 2_500_000
