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
        if pa.types.is_timestamp(kind):
            converted, unclear = convert_dates(column, kind)
        else:
            converted, unclear = column, _forbidden(column)
        columns.append(converted)
        if unclear is not None:
            in_doubt.append(unclear)
    return pa.table(columns, schema=schema), np.logical_or.reduce(in_doubt) if in_doubt else None


def _forbidden(column: pa.Array) -> np.ndarray | None:
    """Return where a column has values that Arrow accepts and the contract does not; None if nowhere.

    These are NaN, infinity, and null instead of a nested record.
    """
    if pa.types.is_list(column.type):
        rows = column.flatten()
        inner = [_to_numpy(rows.is_null())] if rows.null_count else []
        inner += [unclear for field in rows.flatten() if (unclear := _forbidden(field)) is not None]
        if not inner:
            return None
        parents = pc.list_parent_indices(column).to_numpy()
        forbidden = np.zeros(len(column), np.bool_)
        forbidden[parents[np.logical_or.reduce(inner)]] = True
        return forbidden
    if not pa.types.is_floating(column.type) or math.isfinite(pc.sum(column, min_count=0).as_py()):
        return None
    infinite = ~_to_numpy(pc.is_finite(column).fill_null(True))
    return infinite if infinite.any() else None  # a sum of finite numbers may be infinite


def _to_numpy(column: pa.BooleanArray) -> np.ndarray:
    values: np.ndarray = column.to_numpy(zero_copy_only=False)
    return values
