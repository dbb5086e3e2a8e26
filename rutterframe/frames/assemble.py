"""From Arrow columns to the typed DataFrame: each record once, one schema always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.frames.distinct import all_different
from rutterframe.frames.schema import TEXT, frame_schema
from rutterframe.models import Record

_TEXT_DTYPE = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one connection, each record once.

    Attributes
    ----------
    table : pyarrow.Table
        The rows, ``connection_id`` first.
    duplicates : int
        How many rows were dropped, since a newer row of the same id was there.
    """

    table: pa.Table
    duplicates: int


def rows_of(model: type[Record], tables: Sequence[pa.Table], connection_id: str | None) -> Rows:
    """Put the rows of one connection together, newest of each id.

    Parameters
    ----------
    model : type of record
        What the rows are.
    tables : sequence of pyarrow.Table
        The rows, as they were decoded.
    connection_id : str or None
        The connection; None where the rows are connections themselves.
    """
    table = pa.concat_tables([frame_schema(model).empty_table(), *tables])
    kept = newest(table)
    unique = table if kept is None else table.take(kept)
    identity = unique.column("id") if connection_id is None else _repeated(connection_id, len(unique))
    named = unique.add_column(0, pa.field("connection_id", TEXT), identity)
    return Rows(named, len(table) - len(unique))


def to_frame(model: type[Record], parts: Sequence[Rows]) -> pd.DataFrame:
    """Make the DataFrame of the rows of all connections: the same columns and dtypes for any number."""
    schema = frame_schema(model).insert(0, pa.field("connection_id", TEXT))
    table = pa.concat_tables([schema.empty_table(), *(part.table for part in parts)])
    frame: pd.DataFrame = table.to_pandas(types_mapper=dtype_of, split_blocks=True, self_destruct=True)
    return frame


def dtype_of(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    """Give the pandas dtype of an Arrow type; None where pandas' own choice is the right one."""
    if pa.types.is_large_string(kind):
        return _TEXT_DTYPE
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    if pa.types.is_list(kind):
        return pd.ArrowDtype(kind)
    return pd.DatetimeTZDtype("us", "UTC") if pa.types.is_timestamp(kind) and kind.tz else None


def _repeated(text: str, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, TEXT), times)


def newest(table: pa.Table) -> np.ndarray | None:
    """Give the places of the newest row of each id, in order; None where every id stands once.

    Newest is the latest ``updated_at``; without one, or between equals, what was served last. A row without
    an id is no duplicate of anything.
    """
    ids = table.column("id")
    if all_different(ids):
        return None
    keys = pd.DataFrame({"id": ids.to_pandas(), "position": np.arange(len(table))})
    keys["changed"] = table.column("updated_at").to_pandas() if "updated_at" in table.column_names else pd.NaT
    keys = keys.sort_values(["changed", "position"], na_position="first", kind="stable")
    kept = keys["id"].isna() | ~keys["id"].duplicated(keep="last")
    return np.sort(keys.loc[kept, "position"].to_numpy())
