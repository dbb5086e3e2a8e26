"""Child frames of nested lists of PyArrow tables."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.child_columns import ChildColumn
from rutterframe.frames.schema import TEXT


def fields_of(frame: pa.Table, name: str) -> dict[str, bool] | None:
    """Return the fields of a column of lists of rows, and whether each holds only whole numbers."""
    kind = frame.schema.field(name).type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    element = kind.value_type if is_list else kind
    if is_list and pa.types.is_struct(element):
        return {
            field.name: pa.types.is_integer(field.type) or pa.types.is_null(field.type) for field in element
        }
    return {} if pa.types.is_null(element) else None


def type_name(frame: pa.Table, name: str) -> str:
    """Return the type of a column, for an error."""
    return str(frame.schema.field(name).type)


def engine_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column: the same."""
    return kind


def child_rows(frame: pa.Table, name: str, parent: str, columns: list[ChildColumn]) -> pa.Table:
    """Return one row for each nested row, with the connection and id of its record."""
    column = frame[name].combine_chunks()
    if not fields_of(frame, name):
        column = column.cast(pa.list_(pa.struct([])))
    parents, rows = pc.list_parent_indices(column), column.flatten()
    values = dict(zip([field.name for field in rows.type], rows.flatten(), strict=True))
    return pa.table(
        {
            "connection_id": frame["connection_id"].cast(TEXT).take(parents),
            parent: frame["id"].cast(TEXT).take(parents),
            "line_number": pa.array(line_numbers(np.asarray(parents)), pa.int64()),
            **{column.name: _values(values, column, len(rows)) for column in columns},
        }
    )


def _values(values: dict[str, pa.Array], column: ChildColumn, rows: int) -> pa.Array:
    if column.is_missing:
        return pa.nulls(rows, column.type)
    field = values[column.name]
    return field if column.type is None else field.cast(column.type)


def line_numbers(parents: np.ndarray) -> np.ndarray:
    """Return line numbers: from 1 within each run of the same parent."""
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    lengths = np.diff(starts, append=len(parents))
    return np.arange(1, len(parents) + 1) - np.repeat(starts, lengths)
