"""Sums by keys, of integers: exact and the same on every engine; in memory on arrays of codes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.reports.engine.factorize import (
    BLOCK,
    count_distinct,
    dense_ranks,
    factorize,
    factorize_in_chunks,
    to_arrow,
    update_first_rows,
)
from rutterframe.reports.engine.frame import Frame


def groupby_sum(
    frame: Frame,
    keys: Sequence[str],
    sums: Sequence[str],
    *,
    count: str | None = None,
    distinct: tuple[str, str] | None = None,
    where: nw.Expr | None = None,
    largest: Sequence[str] = (),
) -> Frame:
    """Sum columns of integers for each combination of keys, where missing is a value like any other.

    Parameters
    ----------
    frame : narwhals frame
        With the columns; those of ``sums`` hold 64-bit integers, none missing.
    keys, sums : sequence of str
        The columns to group by, and those to sum.
    count : str, optional
        Also the number of rows, under this name.
    distinct : tuple of two str, optional
        Also the number of distinct values of a column: the column and the name of its count. In memory
        it has to hold integers from 0.
    where : narwhals expression, optional
        Which rows count; without nulls.
    largest : sequence of str
        In a lazy frame only: also the largest value of these columns.

    Returns
    -------
    narwhals frame
        ``keys``, ``sums``, the counts and ``largest``, in no particular order.
    """
    if isinstance(frame, nw.DataFrame):
        return _sum_in_memory(frame, keys, sums, count, distinct, where)
    rows = frame if where is None else frame.filter(where)
    aggregates = {count: nw.len()} if count else {}
    if distinct:
        aggregates[distinct[1]] = nw.col(distinct[0]).n_unique()
    aggregates |= {name: nw.col(name).max() for name in largest}
    result = rows.group_by(*keys).agg(*(nw.col(name).sum() for name in sums), **aggregates)
    # Some engines sum in wider integers, and others count in unsigned ones.
    integers = (nw.col(name).cast(nw.Int64) for name in (*sums, *aggregates) if name not in largest)
    return result.select(*keys, *integers, *largest)


def _sum_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    sums: Sequence[str],
    count: str | None,
    distinct: tuple[str, str] | None,
    where: nw.Expr | None,
) -> Frame:
    """Sum at the code of each combination: several times as fast as to group by text."""
    codes, size = factorize(frame, keys)
    first = np.full(size, -1)
    totals = {name: np.zeros(size, np.int64) for name in (*sums, *([count] if count else []))}
    values = {name: frame[name].to_numpy() for name in sums}
    for rows in _row_blocks(np.ones(len(frame), bool) if where is None else _mask(frame, where)):
        block = codes[rows]
        update_first_rows(first, block, rows)
        for name in sums:
            np.add.at(totals[name], block, values[name][rows])
        if count:
            np.add.at(totals[count], block, 1)
    groups = np.flatnonzero(first >= 0)
    if distinct:
        mask: Any = slice(None) if where is None else _mask(frame, where)
        totals[distinct[1]] = count_distinct(codes[mask], size, frame[distinct[0]].to_numpy()[mask])
    return with_arrays(
        frame.select(*keys)[first[groups]], {name: total[groups] for name, total in totals.items()}
    )


def pivot_sum(
    frame: Frame,
    keys: Sequence[str],
    sums: Mapping[str, nw.Expr],
    over: nw.Expr,
    names: Mapping[int, str],
    *,
    where: nw.Expr,
) -> Frame:
    """Sum integers for each combination of keys, in one column for each value of ``over``.

    Parameters
    ----------
    frame : narwhals frame
        With the columns.
    keys : sequence of str
        The columns to group by.
    sums : mapping of str to narwhals expression
        The name of the sum, and the integers to sum.
    over : narwhals expression
        Small integers, none missing.
    names : mapping of int to str
        Their values and the names of their columns, without gaps between the values.
    where : narwhals expression
        Which rows count; without nulls.

    Returns
    -------
    narwhals frame
        ``keys``, the columns of ``names``, the sum and ``documents``, the number of rows, in no particular
        order.
    """
    ((total, amount),) = sums.items()
    columns = {total: amount, "_over": over, "_where": where}
    if isinstance(frame, nw.DataFrame):
        return _pivot_in_memory(frame, keys, total, columns, names)
    # Columns first, then sums: some engines ignore a condition inside a sum. One group for each
    # combination of keys, and none for each bucket as well, which would take several times the memory.
    rows = frame.select(*keys, **columns).filter(nw.col("_where"))
    parts = {
        name: nw.when(nw.col("_over") == value).then(nw.col(total)).otherwise(0)
        for value, name in names.items()
    }
    summed = groupby_sum(rows.select(*keys, **parts), keys, [*names.values()], count="documents")
    whole = functools.reduce(operator.add, (nw.col(name) for name in names.values()))
    return summed.select(*keys, *names.values(), whole.alias(total), "documents")


def _pivot_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    total: str,
    columns: Mapping[str, nw.Expr],
    names: Mapping[int, str],
) -> Frame:
    computed = frame.select(**columns)
    amounts, over, mask = (computed[name].to_numpy() for name in (total, "_over", "_where"))
    first, sums = pivot_sum_arrays(
        frame, keys, total, lambda rows: (amounts[rows], over[rows]), names, where=mask
    )
    return with_arrays(take_rows(frame, keys, first), sums)


def pivot_sum_arrays(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    total: str,
    read_block: Callable[[slice], tuple[np.ndarray, np.ndarray]],
    names: Mapping[int, str],
    *,
    where: np.ndarray,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Sum as `pivot_sum` does, in memory, from arrays that are computed block by block.

    Parameters
    ----------
    frame : narwhals DataFrame
        With the keys.
    keys : sequence of str
        The columns to group by.
    total : str
        The name of the sum.
    read_block : function
        Returns the integers and the values of ``over`` of some rows: neither is held as a whole column.
    names : mapping of int to str
        The values of ``over`` and the names of their columns, without gaps.
    where : array of bool
        Which rows count.

    Returns
    -------
    tuple of array of int and dict of str to array
        The first row of each combination of keys, and its sums.
    """
    chunks, size = factorize_in_chunks(frame, keys)
    first, documents = np.full(size, -1), np.zeros(size, np.int64)
    cells = np.zeros((size, len(names)), np.int64)
    lowest = min(names)
    start = 0
    for chunk in chunks:
        for begin in range(0, len(chunk), BLOCK):
            rows = slice(start + begin, start + min(begin + BLOCK, len(chunk)))
            counted = np.flatnonzero(where[rows])
            amounts, over = read_block(rows)
            codes = chunk[begin : begin + BLOCK][counted]
            update_first_rows(first, codes, counted + rows.start)
            places = np.multiply(codes, len(names), dtype=np.int64)
            np.add.at(cells.reshape(-1), places + (over[counted] - lowest), amounts[counted])
            np.add.at(documents, codes, 1)
        start += len(chunk)
    groups = np.flatnonzero(first >= 0)
    sums = {name: cells[groups, value - lowest] for value, name in names.items()}
    sums |= {total: cells[groups].sum(axis=1), "documents": documents[groups]}
    return first[groups], sums


def _row_blocks(mask: np.ndarray) -> Iterator[np.ndarray]:
    """Return the numbers of the rows that count, block by block: to filter the frame would copy its text."""
    for start in range(0, len(mask), BLOCK):
        yield np.flatnonzero(mask[start : start + BLOCK]) + start


def _mask(frame: nw.DataFrame[Any], where: nw.Expr) -> np.ndarray:
    return frame.select(where.alias("_where"))["_where"].to_numpy()


def take_rows(frame: nw.DataFrame[Any], names: Sequence[str], rows: np.ndarray) -> nw.DataFrame[Any]:
    """Return some rows of some columns of a frame in memory, by number."""
    if frame.implementation.is_pandas():
        native = frame.to_native()
        return nw.from_native(
            pd.DataFrame({name: native[name].array.take(rows) for name in names}, copy=False)
        )
    return frame.select(*names)[rows]


def with_arrays(frame: nw.DataFrame[Any], columns: Mapping[str, Any]) -> nw.DataFrame[Any]:
    """Add columns of numbers to a frame in memory, in one step: one by one takes longer on pandas."""
    if frame.implementation.is_pandas():
        native = frame.to_native()
        own = {name: native[name].array for name in native.columns}
        return nw.from_native(pd.DataFrame(own | dict(columns), copy=False))
    backend = frame.implementation
    return frame.with_columns(
        nw.new_series(name, values, backend=backend) for name, values in columns.items()
    )


def to_arrays(frame: nw.DataFrame[Any], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return columns of numbers of a frame in memory as arrays."""
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        return {name: native[name].to_numpy() for name in names}
    return {name: frame[name].to_numpy() for name in names}


def sort_report(
    frame: nw.DataFrame[Any], labels: Sequence[str], sums: Mapping[str, np.ndarray], *, down: str
) -> nw.DataFrame[Any]:
    """Sort a report in memory by currency, one sum descending and its labels, and put its columns in order.

    Parameters
    ----------
    frame : narwhals DataFrame
        With the labels; one that it lacks is null everywhere.
    labels : sequence of str
        The columns that identify a row.
    sums : mapping of str to array
        The columns beside them.
    down : str
        The sum that descends.
    """
    present = [name for name in labels if name in frame.columns]
    keys = [dense_ranks(to_arrow(frame[name])) for name in ("currency", *present)]
    order = np.lexsort([*keys[:0:-1], -sums[down], keys[0]])
    rows = take_rows(frame, present, order)
    numbers = {name: values[order] for name, values in sums.items()}
    if rows.implementation.is_pandas():
        native = rows.to_native()
        nulls = pd.array([None] * len(native), dtype=TEXT_DTYPE) if len(present) < len(labels) else None
        columns = {name: native[name].array if name in present else nulls for name in labels}
        return nw.from_native(pd.DataFrame({**columns, **numbers}, copy=False))
    missing = [nw.lit(None, nw.String).alias(name) for name in labels if name not in present]
    complete = rows.with_columns(*missing) if missing else rows
    return with_arrays(complete.select(*labels), numbers)
