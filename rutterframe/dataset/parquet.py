"""The Parquet files of a table, written and read a little at a time: deltalake's writer holds all rows."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction
from pyarrow.fs import FileSystem

from rutterframe.dataset.bucket_merge import Kept
from rutterframe.dataset.merge import with_columns

#: Rows of a row group: what a writer and a reader hold.
_GROUP_ROWS = 25_000


def written(
    files: FileSystem, connection_id: str, schema: pa.Schema, tables: Iterable[pa.Table]
) -> AddAction:
    """Write the rows of one connection into a file of their own, and say what a commit has to say of it.

    Parameters
    ----------
    files : pyarrow.fs.FileSystem
        The folder of the table.
    connection_id : str
        Whose rows: the name of the folder in it, as Hive spells it.
    schema : pyarrow.Schema
        Their columns.
    tables : iterable of pyarrow.Table
        The rows, in the order in which they stand.
    """
    path = f"connection_id={quote(connection_id, safe='')}/part-{uuid.uuid4()}.zstd.parquet"
    rows = 0
    try:
        with (
            files.open_output_stream(path) as sink,
            pq.ParquetWriter(sink, schema, compression="zstd") as writer,
        ):
            for table in tables:
                writer.write_table(table, row_group_size=_GROUP_ROWS)
                rows += len(table)
        size = files.get_file_info(path).size
    except BaseException:
        with suppress(OSError):
            files.delete_file(path)
        raise
    told = json.dumps({"numRecords": rows})
    return AddAction(path, size, {"connection_id": connection_id}, int(time.time() * 1000), True, told)


def paths_of(table: DeltaTable, connection_id: str) -> tuple[str, ...]:
    """Return the paths of a connection's files in the folder of the table.

    A file is in the folder of its connection, and that in the folder of the table.
    """
    only = [("connection_id", "=", connection_id)]
    uris = table.file_uris(file_pruning_predicate=only)
    return tuple("/".join(uri.split("/")[-2:]) for uri in uris)


def kept(files: FileSystem, paths: Sequence[str], schema: pa.Schema) -> Kept:
    """Read all rows of some files, also those that vanished, some at a time.

    Parameters
    ----------
    files : pyarrow.fs.FileSystem
        The folder of the table.
    paths : sequence of str
        Which files, in it.
    schema : pyarrow.Schema
        The columns that are wanted: those that a file has not are missing.
    """
    rows = 0
    for path in paths:
        with files.open_input_file(path) as source:
            rows += pq.read_metadata(source).num_rows
    return Kept(schema, rows, _tables(files, paths, schema))


def _tables(files: FileSystem, paths: Iterable[str], schema: pa.Schema) -> Iterator[pa.Table]:
    for path in paths:
        with files.open_input_file(path) as source:
            file = pq.ParquetFile(source, memory_map=False, buffer_size=1 << 16, pre_buffer=False)
            there = [name for name in file.schema_arrow.names if name in schema.names]
            for batch in file.iter_batches(_GROUP_ROWS, columns=there, use_threads=False):
                yield with_columns(pa.Table.from_batches([batch]), schema)
