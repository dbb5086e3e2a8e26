"""Typed frames out of columns or Arrow tables, shared by the tools without that step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT, NUMBER, COUNT, DAY = pa.string(), pa.float64(), pa.int64(), pa.timestamp("us")
MOMENT = pa.timestamp("us", "UTC")

TRANSACTION = {
    "id": TEXT,
    "amount": NUMBER,
    "currency": TEXT,
    "date": DAY,
    "description": TEXT,
    "type": TEXT,
    "account_id": TEXT,
}
ORDER = {
    "id": TEXT,
    "customer_id": TEXT,
    "status": TEXT,
    "currency": TEXT,
    "total_price": NUMBER,
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
LINE = {"product_id": TEXT, "variant_id": TEXT, "quantity": COUNT, "unit_price": NUMBER}
TYPES = {"transactions": TRANSACTION, "orders": ORDER}
_COUNTS = {COUNT: pd.Int64Dtype()}


def table_of(columns: Mapping[str, Sequence[Any]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Build a typed table of columns of Python objects."""
    arrays = []
    for name, kind in types.items():
        values = pa.array(columns[name], pa.date32() if kind == DAY else kind)
        arrays.append(values.cast(DAY) if kind == DAY else values)
    return pa.table(arrays, names=list(types))


def frame_of(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Join typed tables into a frame; counts may be missing and stay counts."""
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas(types_mapper=_COUNTS.get)
    return frame


def struct_of(
    types: Mapping[str, pa.DataType], lines: Mapping[str, pa.DataType] | None = None
) -> pa.DataType:
    """Return the type of a row as it is sent, with dates and date-times as text."""
    fields = [(name, TEXT if pa.types.is_timestamp(kind) else kind) for name, kind in types.items()]
    if lines is not None:
        fields.append(("line_items", pa.list_(struct_of(lines))))
    return pa.struct(fields)


ROW = {"transactions": struct_of(TRANSACTION), "orders": struct_of(ORDER, LINE)}


def frames_of(pages: Sequence[pa.Table], resource: str) -> tuple[pd.DataFrame, ...]:
    """Return the frames of rows as sent, with dates and date-times cast and lines in a frame of their own."""
    rows = pa.concat_tables(pages)
    types = TYPES[resource]
    cast = [_cast(rows[name], kind) for name, kind in types.items()]
    parents = frame_of([pa.table(cast, names=list(types))])
    if resource == "transactions":
        return (parents,)
    nested = rows["line_items"].combine_chunks()
    lines = pa.Table.from_struct_array(nested.flatten())
    ids = rows["id"].combine_chunks().take(pc.list_parent_indices(nested))
    return parents, frame_of([lines.append_column("id", ids)])


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cast text to its type; a date is read as one, so that a time in it is refused."""
    if kind == DAY:
        column = column.cast(pa.date32())
    return column.cast(kind)
