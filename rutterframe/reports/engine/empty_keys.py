"""Empty text in keys counts as missing: a report has one row for both."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.reports.engine.factorize import to_arrow
from rutterframe.reports.engine.frame import Frame
from rutterframe.reports.engine.groupby import groupby_sum


def select_keys(frame: Frame, keys: Sequence[str]) -> list[str | nw.Expr]:
    """Return the keys to select: null for empty text in a lazy frame, as they are in one in memory.

    In memory it is far less work to look at the few rows of a report, as `merge_empty_keys` does.
    """
    if isinstance(frame, nw.DataFrame):
        return list(keys)
    schema = frame.collect_schema()
    return [_null_if_empty(key) if schema[key] == nw.String else key for key in keys]


def with_nulls_for_empty(frame: Frame, names: Sequence[str]) -> Frame:
    """Replace empty text in some columns of text with null."""
    return frame.with_columns(map(_null_if_empty, names)) if names else frame


def merge_empty_keys(
    report: Frame, keys: Sequence[str], sums: Sequence[str], *, count: str
) -> tuple[Frame, list[str]]:
    """Merge the rows of a report that have empty text as a key with those where the key is missing.

    Parameters
    ----------
    report : narwhals frame
        Sums of integers by keys; those of a lazy one were grouped by `select_keys`.
    keys, sums : sequence of str
        Its columns.
    count : str
        The column of ``sums`` that counts what a row is the sum of, such as "documents".

    Returns
    -------
    tuple of narwhals frame and list of str
        The rows, and a note for each key that was empty; a lazy frame is returned as it is, without notes.
    """
    if not isinstance(report, nw.DataFrame):
        return report, []
    notes, empty = [], []
    for key in keys:
        column = report[key]
        rows = np.flatnonzero(_is_empty(to_arrow(column))) if column.dtype == nw.String else ()
        if len(rows):
            number = int(report[count][rows].sum())
            notes.append(f"{count.capitalize()} with empty text as {key}, taken as missing: {number:,}.")
            empty.append(key)
    if not empty:
        return report, []
    return groupby_sum(with_nulls_for_empty(report, empty), keys, sums), notes


def nulls_for_empty(columns: Mapping[str, pa.Array]) -> tuple[dict[str, pa.Array], dict[str, np.ndarray]]:
    """Replace empty text in Arrow columns with null.

    Returns
    -------
    tuple of dict of str to Array and dict of str to array of int
        The columns, and the rows with empty text of each column that has some.
    """
    replaced, empty = dict(columns), {}
    for name, column in columns.items():
        if pa.types.is_large_string(column.type):
            rows = _is_empty(column)
            if rows.any():
                replaced[name] = pc.if_else(pa.array(rows), pa.scalar(None, column.type), column)
                empty[name] = np.flatnonzero(rows)
    return replaced, empty


def _null_if_empty(name: str) -> nw.Expr:
    return nw.when(nw.col(name).str.strip_chars() != "").then(nw.col(name)).alias(name)


def _is_empty(column: pa.Array | pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows hold text that is empty or blank; missing ones do not."""
    empty = pc.equal(pc.utf8_trim_whitespace(column.cast(pa.large_string())), "")
    rows: np.ndarray[Any, np.dtype[np.bool_]] = pc.fill_null(empty, False).to_numpy(zero_copy_only=False)
    return rows
