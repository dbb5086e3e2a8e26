"""Assemble decoded rows into a typed DataFrame: each record once, the same schema for any number of rows."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames import list_dtype as list_dtype  # noqa: PLC0414 - registers the dtype of nested lists
from rutterframe.frames.schema import TEXT, frame_schema
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.models import Record

# Odd 64-bit multipliers (from Knuth's and Steele's generators), so that similar ids get different hashes.
_STEP, _MIX = np.uint64(6364136223846793005), np.uint64(0xBF58476D1CE4E5B9)

# Ids of several lengths are padded to the longest, up to this many bytes.
_MAX_PADDED = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one connection without duplicates.

    Attributes
    ----------
    table : pyarrow.Table
        The rows, ``connection_id`` first.
    duplicates : int
        How many rows were dropped because a newer row has the same id.
    """

    table: pa.Table
    duplicates: int


def rows_of(model: type[Record], tables: Sequence[pa.Table], connection_id: str | None) -> Rows:
    """Concatenate the rows of one connection, and keep the newest of each id.

    Parameters
    ----------
    model : type of record
        The record of the rows.
    tables : sequence of pyarrow.Table
        The decoded rows.
    connection_id : str or None
        The connection; None if the rows are connections themselves.
    """
    table = pa.concat_tables([frame_schema(model).empty_table(), *tables])
    positions = newest(table)
    unique = table if positions is None else table.take(positions)
    identity = unique.column("id") if connection_id is None else _repeated(connection_id, len(unique))
    identified = unique.add_column(0, pa.field("connection_id", TEXT), identity)
    return Rows(identified, len(table) - len(unique))


def without_repeated(rows: Rows, before: Sequence[pa.Table]) -> Rows:
    """Drop the rows with an id that an earlier list of the same connection and resource has.

    Parameters
    ----------
    rows : Rows
        The rows of a list.
    before : sequence of pyarrow.Table
        The rows of the lists before it.
    """
    known = pa.chunked_array([chunk for table in before for chunk in table.column("id").chunks], TEXT)
    repeated = pc.and_(pc.is_in(rows.table.column("id"), value_set=known), rows.table.column("id").is_valid())
    count = pc.sum(repeated).as_py() or 0
    if not count:
        return rows
    return Rows(rows.table.filter(pc.invert(repeated)), rows.duplicates + count)


def to_frame(model: type[Record], parts: Sequence[Rows]) -> pd.DataFrame:
    """Return the rows of all connections as a DataFrame; columns and dtypes do not depend on the rows."""
    schema = frame_schema(model).insert(0, pa.field("connection_id", TEXT))
    table = pa.concat_tables([schema.empty_table(), *(part.table for part in parts)])
    frame: pd.DataFrame = table.to_pandas(types_mapper=dtype_of, split_blocks=True, self_destruct=True)
    return frame


def dtype_of(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    """Return the pandas dtype for an Arrow type, or None for the default of pandas."""
    if pa.types.is_large_string(kind) or pa.types.is_string(kind):
        return TEXT_DTYPE
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    if pa.types.is_list(kind):
        return pd.ArrowDtype(kind)
    return pd.DatetimeTZDtype("us", "UTC") if pa.types.is_timestamp(kind) and kind.tz else None


def _repeated(text: str, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, TEXT), times)


def newest(table: pa.Table) -> np.ndarray | None:
    """Return the positions of the newest row of each id, ascending; None if no id is repeated.

    Newest is the latest ``updated_at``; without one, or between equals, the row that was sent last. A row
    without an id is not a duplicate.
    """
    ids = table.column("id")
    if all_different(ids):
        return None
    keys = pd.DataFrame({"id": ids.to_pandas(), "position": np.arange(len(table))})
    keys["changed"] = table.column("updated_at").to_pandas() if "updated_at" in table.column_names else pd.NaT
    keys = keys.sort_values(["changed", "position"], na_position="first", kind="stable")
    latest = keys["id"].isna() | ~keys["id"].duplicated(keep="last")
    return np.sort(keys.loc[latest, "position"].to_numpy())


def all_different(ids: pa.ChunkedArray) -> bool:
    """Return whether all ids are different, without a hash table of all texts; nulls equal nothing.

    Different 64-bit fingerprints prove that ids are different, in a seventh of the time and a fraction of the
    memory; shorter ids are padded. Equal fingerprints prove nothing: then, and for very long ids of several
    lengths, the texts themselves are counted.
    """
    return surely_different(ids) or bool(pc.count_distinct(ids).as_py() + ids.null_count == len(ids))


def surely_different(ids: pa.ChunkedArray) -> bool:
    """Return whether all ids are different by their fingerprints alone; False if that is not certain."""
    hashes = _fingerprints(ids)
    if hashes is None:
        return False
    hashes.sort()
    return bool((hashes[1:] != hashes[:-1]).all())


def _fingerprints(ids: pa.ChunkedArray) -> np.ndarray | None:
    """Return a hash of each id that is not null; None without ids, and for long ids of several lengths."""
    if ids.null_count:
        ids = ids.drop_null()
    lengths = pc.min_max(pc.binary_length(ids)).as_py()
    longest = lengths["max"]
    if not longest:
        return None
    if lengths["min"] != longest:
        if longest > _MAX_PADDED:
            return None
        ids = pc.ascii_rpad(ids, width=longest, padding="\0")
    return np.concatenate([_of_chunk(chunk, longest) for chunk in ids.chunks if len(chunk)])


def _of_chunk(chunk: pa.LargeStringArray, length: int) -> np.ndarray:
    _, offsets, text = chunk.buffers()
    first = np.frombuffer(offsets, np.int64)[chunk.offset]
    texts = np.frombuffer(text, np.uint8, len(chunk) * length, first).reshape(len(chunk), length)
    padded = np.zeros((len(chunk), -(-length // 8) * 8), np.uint8)
    padded[:, :length] = texts
    hashes = np.zeros(len(chunk), np.uint64)
    for words in padded.view(np.uint64).T:
        hashes = (hashes ^ words) * _STEP
        hashes ^= hashes >> np.uint64(32)
    return hashes * _MIX
