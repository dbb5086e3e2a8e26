"""Keys that are empty text are missing ones: a nameless row, and one for null beside it, would be two."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.reports.engine.factorize import to_arrow
from rutterframe.reports.engine.frame import Frame
from rutterframe.reports.engine.groupby import groupby_sum


def select_keys(frame: Frame, keys: Sequence[str]) -> list[str | nw.Expr]:
    """Return the keys to be selected: from a lazy frame without empty text, from one in memory as they are.

    In memory it is far less work to look at the few rows of a report, as `merge_empty_keys` does.
    """
    if isinstance(frame, nw.DataFrame):
        return list(keys)
    schema = frame.collect_schema()
    return [_null_if_empty(key) if schema[key] == nw.String else key for key in keys]


def merge_empty_keys(
    report: Frame, keys: Sequence[str], sums: Sequence[str], *, count: str
) -> tuple[Frame, list[str]]:
    """Add up the rows whose keys are empty text with those whose keys are missing.

    Parameters
    ----------
    report : narwhals frame
        Sums of integers by keys; a lazy one was made `select_keys`.
    keys, sums : sequence of str
        Its columns.
    count : str
        The column of ``sums`` that counts what the rows are made of, such as "documents".

    Returns
    -------
    tuple of narwhals frame and list of str
        The rows, and a note for each key that was empty; of what is lazy without notes.
    """
    if not isinstance(report, nw.DataFrame):
        return report, []
    notes, empty = [], []
    for key in keys:
        column = report[key]
        blank = _empty_rows(column) if column.dtype == nw.String else ()
        if len(blank):
            number = int(report[count][blank].sum())
            notes.append(f"{count.capitalize()} with empty text as {key}, taken as missing: {number:,}.")
            empty.append(key)
    if not empty:
        return report, []
    return groupby_sum(report.with_columns(*map(_null_if_empty, empty)), keys, sums), notes


def _null_if_empty(key: str) -> nw.Expr:
    return nw.when(nw.col(key).str.strip_chars() != "").then(nw.col(key)).alias(key)


def _empty_rows(values: nw.Series[Any]) -> np.ndarray:
    """Give the rows with empty text."""
    text = pc.equal(pc.utf8_trim_whitespace(to_arrow(values).cast(pa.large_string())), "")
    found: np.ndarray = np.flatnonzero(pc.fill_null(text, False).to_numpy(zero_copy_only=False))
    return found
