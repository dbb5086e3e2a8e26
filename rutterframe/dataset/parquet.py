"""Write and read the Parquet files of a Delta table a batch at a time, in bounded memory."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction
from pyarrow.fs import FileSystem, PyFileSystem

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.log import table_files
from rutterframe.dataset.merge import DELETED, POSITION, with_columns
from rutterframe.dataset.stored_rows import StoredFile, StoredRows

#: Rows of a row group: what a writer and a reader hold in memory.
_GROUP_ROWS = 25_000
#: Bytes of a file that is read at once: at an address each part takes a request.
_SMALL_BYTES = 4_000_000
#: The most files that are read at once.
_AT_ONCE = 8
#: The features of a table that do not change what its files hold.
_KNOWN_FEATURES = frozenset({"timestampNtz"})


def write_rows(
    files: FileSystem, connection_id: str, schema: pa.Schema, tables: Iterable[pa.Table]
) -> AddAction:
    """Write rows of one connection to a new file, and return the action that adds it to the table.

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
    rows = live = 0
    ends: list[int] = []
    try:
        with files.open_output_stream(path) as sink:
            with pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True) as writer:
                for table in tables:
                    writer.write_table(table, row_group_size=_GROUP_ROWS)
                    rows += len(table)
                    live += table[DELETED].null_count
                    ends += [table[POSITION][0].as_py(), table[POSITION][-1].as_py()]
            size = sink.tell()
    except BaseException:
        with suppress(OSError):
            files.delete_file(path)
        raise
    stats = {
        "numRecords": rows, "minValues": {POSITION: ends[0]}, "maxValues": {POSITION: ends[-1]},
        "nullCount": {POSITION: 0, DELETED: live},
    }  # fmt: skip
    now = int(time.time() * 1000)
    return AddAction(path, size, {"connection_id": connection_id}, now, True, json.dumps(stats))


def stored_files(table: DeltaTable, files: FileSystem, connection_id: str) -> tuple[StoredFile, ...]:
    """Return the files of a connection, by the statistics in the log, else by those in the files.

    Parameters
    ----------
    table : deltalake.DeltaTable
        The version of the table that is open.
    files : pyarrow.fs.FileSystem
        The folder of the table.
    connection_id : str
        The connection.
    """
    actions = pa.table(table.get_add_actions(flatten=True))
    actions = actions.filter(pc.equal(actions["partition.connection_id"], connection_id))
    names = ("num_records", f"null_count.{DELETED}", f"min.{POSITION}", f"max.{POSITION}")
    numbers = [
        actions[name].to_pylist() if name in actions.column_names else [None] * len(actions) for name in names
    ]
    paths = map(unquote, actions["path"].to_pylist())
    return tuple(
        _describe(files, path) if None in row else StoredFile(path, *row)
        for path, row in zip(paths, zip(*numbers, strict=True), strict=True)
    )


def _describe(files: FileSystem, path: str) -> StoredFile:
    """Return the numbers of a file by its own statistics."""
    with files.open_input_file(path) as source:
        metadata = pq.read_metadata(source)
    names = [metadata.schema.column(number).path for number in range(metadata.num_columns)]
    if POSITION not in names:
        raise DamagedError(f"the file {path} was not written by a refresh: it has no {POSITION}")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    positions = [group.column(names.index(POSITION)).statistics for group in groups if group.num_rows]
    deleted = [group.column(names.index(DELETED)).statistics for group in groups] if DELETED in names else []
    return StoredFile(
        path,
        metadata.num_rows,
        sum(one.null_count for one in deleted) if deleted else metadata.num_rows,
        min((one.min for one in positions), default=0),
        max((one.max for one in positions), default=0),
    )


def read_rows(files: FileSystem, stored: Sequence[StoredFile], schema: pa.Schema) -> StoredRows:
    """Return the rows of some files, deleted ones included, to be read a batch at a time.

    Parameters
    ----------
    files : pyarrow.fs.FileSystem
        The folder of the table.
    stored : sequence of StoredFile
        The files.
    schema : pyarrow.Schema
        The columns to return; those that a file does not have are null.
    """

    def read(path: str, names: Sequence[str] | None) -> Iterator[pa.Table]:
        wanted = schema if names is None else pa.schema([schema.field(name) for name in names])
        return _read_batches(files, path, wanted)

    return StoredRows(schema, stored, read)


def read_connections(
    table: DeltaTable, schema: pa.Schema, connections: Collection[str] | None = None
) -> dict[str, pa.Table]:
    """Return the rows of connections, deleted ones included, and verify their checksums.

    Parameters
    ----------
    table : deltalake.DeltaTable
        The version of the table that is open.
    schema : pyarrow.Schema
        The columns to return, ``connection_id`` first; those that a file does not have are null.
    connections : collection of str, optional
        The connections, of which files are read; all that have any when left out.

    Returns
    -------
    dict of str to pyarrow.Table
        The rows of each connection, file by file by position.

    Raises
    ------
    OSError
        If a file is missing, or a page is not as it was written.
    DeltaError
        If the table needs a feature of Delta Lake that deltalake does not read.
    """
    if not _KNOWN_FEATURES.issuperset(table.protocol().reader_features or ()):
        table.to_pyarrow_dataset()  # raises where rows cannot be read from the files alone
    actions = pa.table(table.get_add_actions(flatten=True))
    names, paths = (actions[name].to_pylist() for name in ("partition.connection_id", "path"))
    key = f"min.{POSITION}"
    firsts = actions[key].to_pylist() if key in actions.column_names else [None] * len(names)
    # Rows that are read in their order need not be sorted, which takes the memory twice.
    listed = sorted(zip(names, (first or 0 for first in firsts), map(unquote, paths), strict=True))
    wanted = {*names} if connections is None else {*connections}
    listed = [file for file in listed if file[0] in wanted]
    files = table_files(table, table._table.get_add_file_sizes())  # noqa: SLF001
    own, is_local = schema.remove(0), not isinstance(files, PyFileSystem)
    # More threads than processors would only share these; at an address they wait for answers.
    at_once = min(os.cpu_count() or 1, _AT_ONCE) if is_local else _AT_ONCE

    def read(path: str) -> pa.Table:
        with files.open_input_file(path) as source:
            # At an address each part takes a request; here a column is read as fast without a copy of it.
            file = _open_file(source, path, pre_buffer=not is_local)
            return with_columns(file.read(use_threads=len(listed) < at_once), own)

    rows: dict[str, list[pa.Table]] = {name: [own.empty_table()] for name in wanted}
    with ThreadPoolExecutor(at_once, thread_name_prefix="rutterframe-read") as threads:
        paths = [path for _, _, path in listed]
        for (name, _, _), part in zip(listed, threads.map(read, paths), strict=True):
            rows[name].append(part)
    return {name: _with_connection(pa.concat_tables(parts), name, schema) for name, parts in rows.items()}


def _with_connection(rows: pa.Table, connection_id: str, schema: pa.Schema) -> pa.Table:
    field = schema.field(0)
    return rows.add_column(0, field, pa.repeat(pa.scalar(connection_id, field.type), len(rows)))


def _read_batches(files: FileSystem, path: str, schema: pa.Schema) -> Iterator[pa.Table]:
    with files.open_input_file(path) as source:
        file = _open_file(source, path, pre_buffer=source.size() <= _SMALL_BYTES, buffer_size=1 << 16)
        names = [name for name in file.schema_arrow.names if name in schema.names]
        for batch in file.iter_batches(_GROUP_ROWS, columns=names, use_threads=False):
            yield with_columns(pa.Table.from_batches([batch]), schema)


def _open_file(source: pa.NativeFile, path: str, **options: Any) -> pq.ParquetFile:
    """Open a file of a refresh, of which the checksums of pages are verified."""
    file = pq.ParquetFile(source, memory_map=False, page_checksum_verification=True, **options)
    if POSITION not in file.schema_arrow.names:
        raise DamagedError(f"the file {path} was not written by a refresh: it has no {POSITION}")
    return file
