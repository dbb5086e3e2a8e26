"""Write and read the Parquet files of a Delta table a batch at a time, in bounded memory."""

# pyarrow.compute creates its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction
from pyarrow.fs import FileSystem

from rutterframe.dataset.failures import DamagedError
from rutterframe.dataset.merge import DELETED, POSITION, with_columns
from rutterframe.dataset.stored_rows import StoredFile, StoredRows

#: Rows of a row group: what a writer and a reader hold in memory.
_GROUP_ROWS = 25_000
#: Bytes of a file that is read at once: at an address each part takes a request.
_SMALL_BYTES = 4_000_000


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


def read_table(table: DeltaTable) -> pa.Table:
    """Return all rows of a table, those of a connection file by file by position, and verify their checksums.

    Raises
    ------
    OSError
        If a page is not as it was written.
    """
    options = ds.ParquetFragmentScanOptions(pre_buffer=True, page_checksum_verification=True)
    dataset = table.to_pyarrow_dataset()
    fragments = list(dataset.get_fragments())
    if len(fragments) > 1:
        # Rows that are read in their order need not be sorted, which takes the memory twice.
        actions = pa.table(table.get_add_actions(flatten=True))
        name = f"min.{POSITION}"
        firsts = actions[name].to_pylist() if name in actions.column_names else []
        first = dict(zip(map(unquote, actions["path"].to_pylist()), firsts, strict=False))
        fragments.sort(key=lambda fragment: first.get("/".join(fragment.path.split("/")[-2:])) or 0)
        dataset = ds.FileSystemDataset(fragments, dataset.schema, dataset.format, dataset.filesystem)
    return dataset.scanner(fragment_scan_options=options).to_table()


def _read_batches(files: FileSystem, path: str, schema: pa.Schema) -> Iterator[pa.Table]:
    with files.open_input_file(path) as source:
        file = pq.ParquetFile(
            source, memory_map=False, buffer_size=1 << 16, pre_buffer=source.size() <= _SMALL_BYTES,
            page_checksum_verification=True,
        )  # fmt: skip
        names = file.schema_arrow.names
        if POSITION not in names:
            raise DamagedError(f"the file {path} was not written by a refresh: it has no {POSITION}")
        names = [name for name in names if name in schema.names]
        for batch in file.iter_batches(_GROUP_ROWS, columns=names, use_threads=False):
            yield with_columns(pa.Table.from_batches([batch]), schema)
