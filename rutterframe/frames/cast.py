"""Cast the columns that Arrow read from JSON to their types, and find the rows for the exact path."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.dates import convert_dates


def typed_rows(rows: pa.StructArray, schema: pa.Schema) -> tuple[pa.Table, np.ndarray | None]:
    """Convert the columns of rows to the types of a schema.

    Parameters
    ----------
    rows : pyarrow.StructArray
        The rows as Arrow read them, with dates and times as text.
    schema : pyarrow.Schema
        The schema of the frame.

    Returns
    -------
    table : pyarrow.Table
        The rows; those that are in doubt have values that do not count.
    unclear : numpy.ndarray or None
        Which rows are in doubt; None if none is.
    """
    in_doubt = [_to_numpy(rows.is_null())] if rows.null_count else []
    columns = []
    for column, kind in zip(rows.flatten(), schema.types, strict=True):
        converted, unclear = _typed(column, kind)
        columns.append(converted)
        if unclear is not None:
            in_doubt.append(unclear)
    return pa.table(columns, schema=schema), np.logical_or.reduce(in_doubt) if in_doubt else None


def _typed(column: pa.Array, kind: pa.DataType) -> tuple[pa.Array, np.ndarray | None]:
    """Convert a column to its type; return also which of its values are in doubt, None if none is."""
    if column.type == kind:
        return column, _forbidden(column)
    if pa.types.is_temporal(kind):
        return convert_dates(column, kind)
    # Objects or lists with dates within
    is_null = column.is_null() if column.null_count else None
    if pa.types.is_struct(kind):
        typed = [_typed(part, field.type) for part, field in zip(column.flatten(), kind, strict=True)]
        inner = [unclear for _, unclear in typed if unclear is not None]
        converted = pa.StructArray.from_arrays([part for part, _ in typed], fields=list(kind), mask=is_null)
        return converted, np.logical_or.reduce(inner) if inner else None
    rows = column.flatten()
    typed_rows, unclear = _typed(rows, kind.value_type)
    in_doubt = [_to_numpy(rows.is_null())] if rows.null_count else []
    in_doubt += [] if unclear is None else [unclear]
    converted = pa.ListArray.from_arrays(_offsets(column), typed_rows, type=kind, mask=is_null)
    return converted, _in_parents(column, in_doubt)


def _offsets(column: pa.ListArray) -> pa.Array:
    """Return where each list begins among the flattened rows."""
    lengths = column.value_lengths()
    lengths = lengths.fill_null(0) if lengths.null_count else lengths
    return pa.array(np.concatenate([[0], np.cumsum(lengths.to_numpy(), dtype=np.int64)]), pa.int32())


def _in_parents(column: pa.ListArray, in_doubt: list[np.ndarray]) -> np.ndarray | None:
    """Return which lists have rows in doubt; None if none has."""
    if not in_doubt:
        return None
    parents = pc.list_parent_indices(column).to_numpy()
    unclear = np.zeros(len(column), np.bool_)
    unclear[parents[np.logical_or.reduce(in_doubt)]] = True
    return unclear


def _forbidden(column: pa.Array) -> np.ndarray | None:
    """Return where a column has values that Arrow accepts and the contract does not; None if nowhere.

    These are NaN, infinity, and null instead of a nested record.
    """
    if pa.types.is_list(column.type):
        rows = column.flatten()
        inner = [_to_numpy(rows.is_null())] if rows.null_count else []
        if not pa.types.is_struct(rows.type):
            return _in_parents(column, inner)
        inner += [unclear for field in rows.flatten() if (unclear := _forbidden(field)) is not None]
        return _in_parents(column, inner)
    if pa.types.is_struct(column.type):
        inner = [unclear for field in column.flatten() if (unclear := _forbidden(field)) is not None]
        return np.logical_or.reduce(inner) if inner else None
    if not pa.types.is_floating(column.type) or math.isfinite(pc.sum(column, min_count=0).as_py()):
        return None
    infinite = ~_to_numpy(pc.is_finite(column).fill_null(True))
    return infinite if infinite.any() else None  # a sum of finite numbers may be infinite


def _to_numpy(column: pa.BooleanArray) -> np.ndarray:
    values: np.ndarray = column.to_numpy(zero_copy_only=False)
    return values
