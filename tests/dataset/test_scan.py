"""A scan reads as pyarrow's own does, a few row groups ahead of what asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from rutterframe.dataset.scan import bounded


@pytest.fixture
def plain(tmp_path: Path) -> Any:
    """A dataset of two files of 50,000 and one of 1,000 rows, in row groups of 1,000, by connection."""
    names = {"0123": (0, 50_000), "b c": (50_000, 100_000), "d": (100_000, 101_000)}
    for name, (first, last) in names.items():
        numbers = pa.array(range(first, last))
        table = pa.table({"number": numbers, "text": numbers.cast(pa.string()), "more": numbers})
        folder = tmp_path / f"connection_id={name}"
        folder.mkdir()
        pq.write_table(table, folder / "a.parquet", row_group_size=1_000, write_page_checksum=True)
    schema = pa.schema([("connection_id", pa.string())])
    return ds.dataset(tmp_path, format="parquet", partitioning=ds.partitioning(schema, flavor="hive"))


def test_it_has_the_rows_of_the_dataset(plain: Any) -> None:
    """Every method returns the rows of pyarrow's own dataset, with its columns and conditions."""
    scan = bounded(plain)
    assert isinstance(scan, ds.Dataset)
    assert scan.schema == plain.schema
    table = plain.to_table()
    assert scan.to_table() == table
    assert pa.Table.from_batches(scan.to_batches()) == table
    assert scan.scanner().to_reader().read_all() == table
    assert scan.head(3) == plain.head(3)
    assert scan.count_rows() == 101_000
    some = {"columns": ["text"], "filter": (pc.field("number") >= 49_999) & (pc.field("number") < 50_001)}
    assert pa.Table.from_batches(scan.to_batches(**some))["text"].to_pylist() == ["49999", "50000"]
    assert scan.scanner(*some.values()).to_reader().read_all().column_names == ["text"]
    of_connection = scan.filter(pc.field("connection_id") == "0123")
    assert sum(map(len, of_connection.to_batches(columns=["number"]))) == 50_000
    nothing = scan.scanner(filter=pc.field("number") < 0).to_reader().read_all()
    assert (nothing.schema, len(nothing)) == (plain.schema, 0)


def test_a_dataset_without_files(plain: Any) -> None:
    """A table without rows has its columns."""
    empty = bounded(ds.FileSystemDataset([], plain.schema, plain.format, plain.filesystem))
    assert empty.scanner(columns=["number"]).to_reader().read_all().column_names == ["number"]
    assert list(empty.to_batches()) == []


def test_few_pieces_are_read_ahead(plain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the second batch is asked for, no more than four pieces of 10,000 rows are read."""
    read: list[int] = []
    scanner = bounded(plain).scanner(columns=["number"])
    one = type(scanner)._read

    def count(self: Any, piece: Any) -> pa.Table:
        read.append(len(piece.row_groups))
        return one(self, piece)

    monkeypatch.setattr("rutterframe.dataset.scan._PIECE_ROWS", 10_000)
    monkeypatch.setattr(type(scanner), "_read", count)
    batches = scanner.to_batches()
    next(batches)
    assert len(read) <= 4
    assert set(read) == {10}
    batches.close()
    assert len(read) <= 4


def test_engines_filter_in_the_scan(plain: Any) -> None:
    """DuckDB and Polars read the same rows, and a limit does not read on."""
    scan = bounded(plain)
    query = "SELECT sum(number), count(*) FROM scan WHERE connection_id = 'b c' AND number > 50000"
    with duckdb.connect() as duck:
        assert duck.sql(query).fetchall() == [(3_749_925_000, 49_999)]
        assert duck.sql("FROM scan LIMIT 1").fetchall() == [(0, "0", 0, "0123")]
    lazy = pl.scan_pyarrow_dataset(scan).filter(pl.col("number") > 100_998).select("text", "connection_id")
    assert lazy.collect().rows() == [("100999", "d")]


def test_a_damaged_page_is_an_error(plain: Any) -> None:
    """A page that is not as it was written is refused, by every method that reads it."""
    path = Path(plain.files[0])
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(bytes(content))
    scan = bounded(plain)
    for read in (scan.to_table, lambda: list(scan.to_batches()), scan.scanner().to_reader().read_all):
        with pytest.raises(OSError, match="CRC checksum"):
            read()
