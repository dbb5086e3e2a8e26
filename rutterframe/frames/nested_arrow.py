"""Child frames of nested lists of PyArrow tables."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.schema import TEXT


def row_fields(frame: pa.Table, name: str) -> list[str]:
    """Return the names of the fields of a column of lists of rows.

    Raises
    ------
    ValueError
        If it holds anything else; the message has its type.
    """
    kind = frame.schema.field(name).type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    element = kind.value_type if is_list else kind
    if is_list and pa.types.is_struct(element):
        return [field.name for field in element]
    if pa.types.is_null(element):
        return []
    raise ValueError(
        f"{name!r} must hold lists of rows; in this PyArrow table it is {kind}: read the Parquet files of a "
        f"dataset, such as those of rf.Dataset(path).files('orders')"
    )


def child_rows_of(frame: pa.Table, name: str, parent: str, schema: pa.Schema) -> pa.Table:
    """Return one row for each nested row, with the connection and id of its record.

    Parameters
    ----------
    frame : pyarrow.Table
        With ``connection_id``, ``id`` and the nested column.
    name : str
        The nested column.
    parent : str
        The name of the record's id in the result.
    schema : pyarrow.Schema
        The fields of a nested row; those that the frame does not have are null.
    """
    has = row_fields(frame, name)
    column = frame[name].combine_chunks()
    if not has:
        column = column.cast(pa.list_(pa.struct([])))
    parents, rows = pc.list_parent_indices(column), column.flatten()
    values = dict(zip(has, rows.flatten(), strict=True)) if has else {}
    return pa.table(
        {
            "connection_id": frame["connection_id"].cast(TEXT).take(parents),
            parent: frame["id"].cast(TEXT).take(parents),
            "line_number": pa.array(line_numbers(np.asarray(parents)), pa.int64()),
            **{field.name: _field(values.get(field.name), field, len(rows)) for field in schema},
        }
    )


def _field(value: pa.Array | None, field: pa.Field, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, field.type)
    # Quantities may be fractions where the contract has integers: they stay as they are.
    if pa.types.is_integer(field.type) and not pa.types.is_integer(value.type):
        return value
    return value.cast(field.type)


def line_numbers(parents: np.ndarray) -> np.ndarray:
    """Return line numbers: from 1 within each run of the same parent."""
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    lengths = np.diff(starts, append=len(parents))
    return np.arange(1, len(parents) + 1) - np.repeat(starts, lengths)
