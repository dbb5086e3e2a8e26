"""Write and read the Parquet files of a Delta table a batch at a time, in bounded memory."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import quote

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction
from pyarrow.fs import FileSystem

from rutterframe.dataset.bucket_merge import StoredRows
from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.merge import POSITION, with_columns

#: Rows of a row group: what a writer and a reader hold in memory.
_GROUP_ROWS = 25_000


def write_rows(
    files: FileSystem, connection_id: str, schema: pa.Schema, tables: Iterable[pa.Table]
) -> AddAction:
    """Write the rows of one connection to a new file, and return the action that adds it to the table.

    Parameters
    ----------
    files : pyarrow.fs.FileSystem
        The folder of the table.
    connection_id : str
        The connection, which names the folder of the file, as in Hive.
    schema : pyarrow.Schema
        Their columns.
    tables : iterable of pyarrow.Table
        The rows, by position.
    """
    # deltalake reads "~" in a path as "%7E", and compacts no file of which the name differs from that.
    folder = quote(connection_id, safe="").replace("~", "%7E")
    path = f"connection_id={folder}/part-{uuid.uuid4()}.zstd.parquet"
    rows = 0
    try:
        with (
            files.open_output_stream(path) as sink,
            pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True) as writer,
        ):
            for table in tables:
                writer.write_table(table, row_group_size=_GROUP_ROWS)
                rows += len(table)
        size = files.get_file_info(path).size
    except BaseException:
        with suppress(OSError):
            files.delete_file(path)
        raise
    stats = json.dumps({"numRecords": rows})
    return AddAction(path, size, {"connection_id": connection_id}, int(time.time() * 1000), True, stats)


def file_paths(table: DeltaTable, connection_id: str) -> tuple[str, ...]:
    """Return the paths of a connection's files, relative to the folder of the table."""
    only = [("connection_id", "=", connection_id)]
    uris = table.file_uris(file_pruning_predicate=only)
    return tuple("/".join(uri.split("/")[-2:]) for uri in uris)


def read_rows(files: FileSystem, paths: Sequence[str], schema: pa.Schema) -> StoredRows:
    """Return the rows of some files, deleted ones included, to be read a batch at a time.

    Parameters
    ----------
    files : pyarrow.fs.FileSystem
        The folder of the table.
    paths : sequence of str
        The files, relative to it.
    schema : pyarrow.Schema
        The columns to return; those that a file does not have are null.
    """
    rows = 0
    for path in paths:
        with files.open_input_file(path) as source:
            rows += pq.read_metadata(source).num_rows
    return StoredRows(schema, rows, _read_batches(files, paths, schema))


def read_table(table: DeltaTable) -> pa.Table:
    """Return all rows of a table, and verify the checksums of their pages.

    Raises
    ------
    OSError
        If a page is not as it was written.
    """
    options = ds.ParquetFragmentScanOptions(pre_buffer=True, page_checksum_verification=True)
    return table.to_pyarrow_dataset().scanner(fragment_scan_options=options).to_table()


def _read_batches(files: FileSystem, paths: Iterable[str], schema: pa.Schema) -> Iterator[pa.Table]:
    for path in paths:
        with files.open_input_file(path) as source:
            file = pq.ParquetFile(
                source, memory_map=False, buffer_size=1 << 16, pre_buffer=False,
                page_checksum_verification=True,
            )  # fmt: skip
            names = [name for name in file.schema_arrow.names if name in schema.names]
            if POSITION not in names:
                raise DamagedError(f"the file {path} was not written by a refresh: it has no {POSITION}")
            for batch in file.iter_batches(_GROUP_ROWS, columns=names, use_threads=False):
                yield with_columns(pa.Table.from_batches([batch]), schema)
