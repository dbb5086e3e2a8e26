"""Frames without nested columns and time zones, for what reads neither: Excel, SQL, many calls of pandas."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
from collections.abc import Sequence, Sized
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.text_dtype import TEXT_DTYPE

_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def flat(frame: pd.DataFrame, *, nested: Literal["count", "json"] = "count") -> pd.DataFrame:
    """Return a frame without nested columns and time zones: for Excel, SQL, great_tables and any pandas call.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame from a loader, a report or a file.
    nested : {"count", "json"}
        What becomes of a column of lists, which stays at its place. ``"count"`` writes how many there are:
        ``line_items`` becomes ``line_items_count`` (Int64; null where no list was sent). ``"json"`` keeps
        the name, and writes the lists as JSON text, as `write_frame` does in CSV. The lists themselves are
        frames of their own: `line_items`, `variants`.

    Returns
    -------
    pandas.DataFrame
        A new frame with the same rows, index, order of columns and ``attrs``, so that `receipt` takes it.
        Moments (``datetime64[us, UTC]``) are ``datetime64[us]`` without a zone and show the time in UTC;
        those of another zone are converted to UTC first. Columns of PyArrow dtypes get the dtypes of loaders.
        All others stay as they are: text ``str``, money ``float64``, counts ``Int64``, dates
        ``datetime64[us]``.

    Raises
    ------
    TypeError
        If it is not a pandas DataFrame.
    ValueError
        For another word than those, or if there is a column with the name of a count already.

    Notes
    -----
    A single record instead of a list is JSON text in either case. The how-to page on pandas has what works on
    loaded frames as they are, and what to write where pandas refuses, such as the comparison of a date column
    with a `datetime.date`.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     orders = rf.load_orders(client.connection("roaster-shopify"), progress=False)
    >>> flat = rf.flat(orders)
    >>> flat[["line_items_count", "created_at"]].dtypes
    line_items_count             Int64
    created_at          datetime64[us]
    dtype: object
    >>> int(flat.duplicated().sum())
    0
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"flat takes a pandas DataFrame; this is a {type(frame).__name__}")
    if nested not in ("count", "json"):
        raise ValueError(f"nested={nested!r} is not known; use 'count' or 'json'")
    result = frame.copy(deep=False)
    names = list(frame.columns)
    for place, name in enumerate(names):
        column = frame.iloc[:, place]
        if nested == "count" and _has_lists(column):
            names[place] = _count_name(name, frame)
            result.isetitem(place, pd.array(_counts(column), dtype="Int64"))
        elif _has_lists(column) or _has_records(column):
            result.isetitem(place, pd.array(as_json(column), dtype=TEXT_DTYPE))
        else:
            result.isetitem(place, _without_zone(_without_arrow(column)).array)
    if names != list(frame.columns):
        result.columns = pd.Index(names)
    return result


def as_json(column: pd.Series[Any]) -> list[str | None]:
    """Return the values of a nested column as JSON text; None where there is none.

    Examples
    --------
    >>> as_json(pd.Series([[{"quantity": 1}], None]))
    ['[{"quantity": 1}]', None]
    """
    values = pa.array(column, from_pandas=True).to_pylist()
    return [
        None if value is None else json.dumps(value, ensure_ascii=False, default=_day) for value in values
    ]


def _day(value: date) -> str:
    """Return a day of a nested row as text: moments do not occur there."""
    return value.isoformat()[:10]


def _has_lists(column: pd.Series[Any]) -> bool:
    """Return whether the values of a column are lists, of Arrow or of Python as in a frame from a file."""
    if isinstance(column.dtype, pd.ArrowDtype):
        return any(is_list(column.dtype.pyarrow_dtype) for is_list in _LIST_TYPES)
    return column.dtype == object and any(isinstance(value, (list, tuple, np.ndarray)) for value in column)


def _has_records(column: pd.Series[Any]) -> bool:
    """Return whether the values of a column are records, or of another nested type of Arrow."""
    if isinstance(column.dtype, pd.ArrowDtype):
        return bool(pa.types.is_nested(column.dtype.pyarrow_dtype))
    return column.dtype == object and any(isinstance(value, dict) for value in column)


def _counts(column: pd.Series[Any]) -> Sequence[int | None]:
    """Count the values of each list; None where there is no list."""
    if isinstance(column.dtype, pd.ArrowDtype):
        lengths: list[int | None] = pc.list_value_length(pa.array(column, from_pandas=True)).to_pylist()
        return lengths
    return [len(value) if isinstance(value, Sized) else None for value in column]


def _count_name(name: object, frame: pd.DataFrame) -> str:
    """Return the name of the column that counts the values of lists."""
    count = f"{name}_count"
    if count in frame.columns:
        raise ValueError(
            f"The frame has a column {count!r} already, the name for the number of values in {name!r}: "
            f"rename it, or pass nested='json'"
        )
    return count


def _without_arrow(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of a PyArrow dtype in the dtype that loaders give it."""
    if not isinstance(column.dtype, pd.ArrowDtype):
        return column
    table = pa.table({"values": pa.array(column, from_pandas=True)})
    if pa.types.is_date(table.schema.field(0).type):
        table = table.cast(pa.schema([("values", pa.timestamp("us"))]))
    values: pd.Series[Any] = table.to_pandas(types_mapper=dtype_of)["values"]
    return values


def _without_zone(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return moments as they are in UTC, without a zone."""
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return column
    times: pd.Series[Any] = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return times
