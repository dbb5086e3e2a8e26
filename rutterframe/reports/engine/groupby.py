"""How reports add up by keys: to the same integers on every engine, and fast in memory."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.reports.engine.factorize import (
    BLOCK,
    dense_ranks,
    factorize,
    factorize_in_chunks,
    first_rows,
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
    """Add up integers for each combination of keys, where missing is a value like any other.

    Parameters
    ----------
    frame : narwhals frame
        With the columns; those of ``sums`` hold 64-bit integers, none missing.
    keys, sums : sequence of str
        What gets a row each, and what is added up.
    count : str, optional
        Also the number of rows, under this name.
    distinct : tuple of two str, optional
        Also how many values a column has, without repeats: the column and the name of its count. In memory
        it has to hold integers from 0.
    where : narwhals expression, optional
        Which rows count; without nulls.
    largest : sequence of str
        In an engine only: also the largest value of these columns.

    Returns
    -------
    narwhals frame
        ``keys``, ``sums``, the counts and ``largest``, in no particular order.
    """
    if isinstance(frame, nw.DataFrame):
        return _sum_in_memory(frame, keys, sums, count, distinct, where)
    kept = frame if where is None else frame.filter(where)
    number = {count: nw.len()} if count else {}
    if distinct:
        number[distinct[1]] = nw.col(distinct[0]).n_unique()
    number |= {name: nw.col(name).max() for name in largest}
    summed = kept.group_by(*keys).agg(*(nw.col(name).sum() for name in sums), **number)
    # Some engines add up in wider integers, and others count in unsigned ones.
    whole = (nw.col(name).cast(nw.Int64) for name in (*sums, *number) if name not in largest)
    return summed.select(*keys, *whole, *largest)


def _sum_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    sums: Sequence[str],
    count: str | None,
    distinct: tuple[str, str] | None,
    where: nw.Expr | None,
) -> Frame:
    """Add up at the number of each combination: several times as fast as to group by text."""
    numbers, size = factorize(frame, keys)
    first = np.full(size, -1)
    added = {name: np.zeros(size, np.int64) for name in (*sums, *([count] if count else []))}
    values = {name: frame[name].to_numpy() for name in sums}
    for rows in _in_blocks(np.ones(len(frame), bool) if where is None else _marked(frame, where)):
        own = numbers[rows]
        update_first_rows(first, own, rows)
        for name in sums:
            np.add.at(added[name], own, values[name][rows])
        if count:
            np.add.at(added[count], own, 1)
    found = np.flatnonzero(first >= 0)
    if distinct:
        kept: Any = slice(None) if where is None else _marked(frame, where)
        added[distinct[1]] = _nunique(numbers[kept], size, frame[distinct[0]].to_numpy()[kept])
    return with_arrays(frame.select(*keys)[first[found]], {name: one[found] for name, one in added.items()})


def pivot_sum(
    frame: Frame,
    keys: Sequence[str],
    sums: Mapping[str, nw.Expr],
    over: nw.Expr,
    names: Mapping[int, str],
    *,
    where: nw.Expr,
) -> Frame:
    """Add up integers for each combination of keys, in a column for each value of another.

    Parameters
    ----------
    frame : narwhals frame
        With the columns.
    keys : sequence of str
        What gets a row each.
    sums : mapping of str to narwhals expression
        The name of the sum, and what is added up.
    over : narwhals expression
        Small integers, none missing.
    names : mapping of int to str
        Their values and the names of their columns, without gaps between the values.
    where : narwhals expression
        Which rows count; without nulls.

    Returns
    -------
    narwhals frame
        ``keys``, the named columns, the sum and ``documents``, the number of rows, in no particular order.
    """
    ((total, amount),) = sums.items()
    columns = {total: amount, "_over": over, "_where": where}
    if isinstance(frame, nw.DataFrame):
        return _pivot_in_memory(frame, keys, total, columns, names)
    # The columns are made before they are added up: a condition inside a sum is ignored by some engines.
    made = frame.select(*keys, **columns)
    summed = groupby_sum(made, [*keys, "_over"], [total], count="documents", where=nw.col("_where"))
    spread = summed.with_columns(
        nw.when(nw.col("_over") == place).then(nw.col(total)).otherwise(0).alias(name)
        for place, name in names.items()
    )
    return groupby_sum(spread, keys, [*names.values(), total, "documents"])


def _pivot_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    total: str,
    columns: Mapping[str, nw.Expr],
    names: Mapping[int, str],
) -> Frame:
    made = frame.select(**columns)
    amounts, places, marked = (made[name].to_numpy() for name in (total, "_over", "_where"))
    first, spread = pivot_sum_arrays(
        frame, keys, total, lambda rows: (amounts[rows], places[rows]), names, where=marked
    )
    return with_arrays(take_rows(frame, keys, first), spread)


def take_rows(frame: nw.DataFrame[Any], names: Sequence[str], rows: np.ndarray) -> nw.DataFrame[Any]:
    """Give some rows of some columns of a frame in memory."""
    if frame.implementation.is_pandas():
        native = frame.to_native()
        return nw.from_native(
            pd.DataFrame({name: native[name].array.take(rows) for name in names}, copy=False)
        )
    return frame.select(*names)[rows]


def pivot_sum_arrays(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    total: str,
    made: Callable[[slice], tuple[np.ndarray, np.ndarray]],
    names: Mapping[int, str],
    *,
    where: np.ndarray,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Add up as `pivot_sum` does, in memory, what is made of some rows at a time.

    Parameters
    ----------
    frame : narwhals DataFrame
        With the keys.
    keys : sequence of str
        What gets a row each.
    total : str
        The name of the sum.
    made : function
        Gives the integers that are added up, and their places, of some rows: neither stands there as a whole.
    names : mapping of int to str
        The places and the names of their columns, without gaps.
    where : array of bool
        Which rows count.

    Returns
    -------
    tuple of array of int and dict of str to array
        The first row of each combination of keys, and its sums.
    """
    numbers, size = factorize_in_chunks(frame, keys)
    first, documents = np.full(size, -1), np.zeros(size, np.int64)
    added = np.zeros((size, len(names)), np.int64)
    start = 0
    for part in numbers:
        for begin in range(0, len(part), BLOCK):
            rows = slice(start + begin, start + min(begin + BLOCK, len(part)))
            counts = np.flatnonzero(where[rows])
            amounts, places = made(rows)
            own = part[begin : begin + BLOCK][counts]
            update_first_rows(first, own, counts + rows.start)
            cells = np.multiply(own, len(names), dtype=np.int64)
            np.add.at(added.reshape(-1), cells + (places[counts] - min(names)), amounts[counts])
            np.add.at(documents, own, 1)
        start += len(part)
    found = np.flatnonzero(first >= 0)
    spread = {name: added[found, place - min(names)] for place, name in names.items()}
    spread |= {total: added[found].sum(axis=1), "documents": documents[found]}
    return first[found], spread


def _in_blocks(marked: np.ndarray) -> Iterator[np.ndarray]:
    """Give the places of the rows that count, some at a time: what is made of each stays small.

    Rows are chosen by their place: to filter the frame would copy its text.
    """
    for start in range(0, len(marked), BLOCK):
        yield np.flatnonzero(marked[start : start + BLOCK]) + start


def _marked(frame: nw.DataFrame[Any], where: nw.Expr) -> np.ndarray:
    return frame.select(where.alias("_where"))["_where"].to_numpy()


def with_arrays(frame: nw.DataFrame[Any], columns: Mapping[str, Any]) -> nw.DataFrame[Any]:
    """Add columns of numbers to a frame in memory: on pandas all at once, one by one would take longer."""
    if frame.implementation.is_pandas():
        native = frame.to_native()
        there = {name: native[name].array for name in native.columns}
        return nw.from_native(pd.DataFrame(there | dict(columns), copy=False))
    backend = frame.implementation
    return frame.with_columns(
        nw.new_series(name, values, backend=backend) for name, values in columns.items()
    )


def to_arrays(frame: nw.DataFrame[Any], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Give columns of numbers of a frame in memory as arrays."""
    native = frame.to_native()
    if isinstance(native, pd.DataFrame):
        return {name: native[name].to_numpy() for name in names}
    return {name: frame[name].to_numpy() for name in names}


def sort_report(
    frame: nw.DataFrame[Any], labels: Sequence[str], sums: Mapping[str, np.ndarray], *, down: str
) -> nw.DataFrame[Any]:
    """Give a report in memory its columns and order: by currency, the largest first, and by what it is of.

    Parameters
    ----------
    frame : narwhals DataFrame
        With the labels; one that it lacks is missing everywhere.
    labels : sequence of str
        The columns that say what a row is of.
    sums : mapping of str to array
        The columns beside them.
    down : str
        The sum whose largest values stand first.
    """
    there = [name for name in labels if name in frame.columns]
    keys = [dense_ranks(to_arrow(frame[name])) for name in ("currency", *there)]
    order = np.lexsort([*keys[:0:-1], -sums[down], keys[0]])
    kept = take_rows(frame, there, order)
    taken = {name: values[order] for name, values in sums.items()}
    if kept.implementation.is_pandas():
        native = kept.to_native()
        none = pd.array([None] * len(native), dtype="str") if len(there) < len(labels) else None
        columns = {name: native[name].array if name in there else none for name in labels}
        return nw.from_native(pd.DataFrame({**columns, **taken}, copy=False))
    missing = [nw.lit(None, nw.String).alias(name) for name in labels if name not in there]
    whole = kept.with_columns(*missing) if missing else kept
    return with_arrays(whole.select(*labels), taken)


def _nunique(numbers: np.ndarray, size: int, values: np.ndarray) -> np.ndarray:
    """Count the values of each number once."""
    width = int(values.max(initial=0)) + 1
    pairs = np.multiply(numbers, width, dtype=np.int64)
    pairs += values
    # Sorting takes a tenth of the time of numpy's unique, which hashes.
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    pairs //= width
    counts = np.zeros(size, np.int64)
    for start in range(0, len(pairs), BLOCK):
        block = slice(start, start + BLOCK)
        np.add.at(counts, pairs[block][new[block]], 1)
    return counts


def for_each_value(frame: Frame, column: str, marks: Mapping[str, nw.Expr]) -> Frame:
    """Add columns that depend on one column alone; in memory they are worked out once for each value."""
    if not isinstance(frame, nw.DataFrame):
        return frame.with_columns(**marks)
    numbers, size = factorize(frame, [column])
    first = first_rows(numbers, size)
    values = frame.select(column)[np.maximum(first, 0)] if len(frame) else frame.select(column)
    backend = frame.implementation
    found = values.select(**marks)
    return frame.with_columns(
        nw.new_series(name, found[name].to_numpy()[numbers], backend=backend) for name in marks
    )
