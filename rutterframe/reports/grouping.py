"""How reports add up by keys: to the same integers on every engine, and fast in memory."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.money import LARGEST_SUM, TICKS
from rutterframe.reports.frame import Frame

# From how many rows on it pays to start threads.
_MANY = 50_000

_TOO_MUCH = f"absolute amounts of more than {LARGEST_SUM:,.0f} cannot be counted exactly"


def sum_by(
    frame: Frame,
    keys: Sequence[str],
    sums: Sequence[str],
    *,
    count: str | None = None,
    distinct: tuple[str, str] | None = None,
    where: nw.Expr | None = None,
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

    Returns
    -------
    narwhals frame
        ``keys``, ``sums`` and the counts, in no particular order.
    """
    if isinstance(frame, nw.DataFrame):
        return _sum_in_memory(frame, keys, sums, count, distinct, where)
    # In an engine the sums could wrap. Casting this text is the one way to make each of them refuse.
    sizes = {name: f"_size_of_{name}" for name in sums}
    kept = frame if where is None else frame.filter(where)
    number = {count: nw.len()} if count else {}
    if distinct:
        number[distinct[1]] = nw.col(distinct[0]).n_unique()
    summed = kept.group_by(*keys).agg(
        *(nw.col(name).sum() for name in sums),
        *(nw.col(name).cast(nw.Float64).abs().sum().alias(size) for name, size in sizes.items()),
        **number,
    )
    checked = (
        nw.col(name) + nw.when(nw.col(size) >= LARGEST_SUM * TICKS).then(nw.lit(f"{name}: {_TOO_MUCH}"))
        .otherwise(nw.lit("0")).cast(nw.Int64)
        for name, size in sizes.items()
    )  # fmt: skip
    return summed.with_columns(*checked).select(*keys, *sums, *number)


def _sum_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    sums: Sequence[str],
    count: str | None,
    distinct: tuple[str, str] | None,
    where: nw.Expr | None,
) -> Frame:
    """Add up at the number of each combination: several times as fast as to group by text."""
    numbers, size = codes(frame, keys)
    kept: Any = slice(None)
    if where is not None:
        kept = _rows_where(frame, where)
        numbers = numbers[kept]
    first = first_rows(numbers, size)
    found = np.flatnonzero(first >= 0)
    added: dict[str, np.ndarray] = {}
    for name in sums:
        added[name] = np.zeros(size, np.int64)
        np.add.at(added[name], numbers, frame[name].to_numpy()[kept])
    if count:
        added[count] = np.bincount(numbers, minlength=size)
    if distinct:
        added[distinct[1]] = _distinct(numbers, size, frame[distinct[0]].to_numpy()[kept])
    rows = first[found] if where is None else kept[first[found]]
    return _named(frame.select(*keys)[rows], {name: one[found] for name, one in added.items()})


def spread_by(
    frame: Frame, keys: Sequence[str], amount: str, over: str, names: Mapping[int, str], *, where: nw.Expr
) -> Frame:
    """Add up integers for each combination of keys, in a column for each value of another.

    Parameters
    ----------
    frame : narwhals frame
        With the columns.
    keys, amount : sequence of str, str
        What gets a row each, and what is added up.
    over : str
        A column of small integers, none missing.
    names : mapping of int to str
        Its values and the names of their columns, without gaps between the values.
    where : narwhals expression
        Which rows count; without nulls.

    Returns
    -------
    narwhals frame
        ``keys``, the named columns, ``amount`` and ``documents``, the number of rows, in no particular order.
    """
    if isinstance(frame, nw.DataFrame):
        return _spread_in_memory(frame, keys, amount, over, names, where)
    # The columns are made before they are added up: a condition inside a sum is ignored by some engines.
    summed = sum_by(frame, [*keys, over], [amount], count="documents", where=where)
    spread = summed.with_columns(
        nw.when(nw.col(over) == place).then(nw.col(amount)).otherwise(0).alias(name)
        for place, name in names.items()
    )
    return sum_by(spread, keys, [*names.values(), amount, "documents"])


def _spread_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    amount: str,
    over: str,
    names: Mapping[int, str],
    where: nw.Expr,
) -> Frame:
    numbers, size = codes(frame, keys)
    kept = _rows_where(frame, where)
    numbers, values = numbers[kept], frame[amount].to_numpy()[kept]
    first = first_rows(numbers, size)
    found = np.flatnonzero(first >= 0)
    low = min(names)
    added = np.zeros((size, len(names)), np.int64)
    np.add.at(added.reshape(-1), numbers * len(names) + (frame[over].to_numpy()[kept] - low), values)
    columns = {name: added[found, place - low] for place, name in names.items()}
    columns |= {amount: added[found].sum(axis=1), "documents": np.bincount(numbers, minlength=size)[found]}
    return _named(frame.select(*keys)[kept[first[found]]], columns)


def _rows_where(frame: nw.DataFrame[Any], where: nw.Expr) -> np.ndarray:
    """Find the rows that count. They are chosen by number: to filter the frame would copy its text."""
    return np.flatnonzero(frame.select(where.alias("_where"))["_where"].to_numpy())


def _named(keys: nw.DataFrame[Any], columns: Mapping[str, np.ndarray]) -> Frame:
    backend = keys.implementation
    return keys.with_columns(
        nw.new_series(name, values, nw.Int64(), backend=backend) for name, values in columns.items()
    )


def _distinct(numbers: np.ndarray, size: int, values: np.ndarray) -> np.ndarray:
    """Count the values of each number once; the numbers are used up, so that nothing is copied."""
    width = int(values.max(initial=0)) + 1
    pairs = numbers
    pairs *= width
    pairs += values
    # Sorting takes a tenth of the time of numpy's unique, which hashes.
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    return np.bincount(pairs[new] // width, minlength=size)


def codes(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[np.ndarray, int]:
    """Give each row the number of its combination of keys, and how many numbers there may be."""
    numbers, size = np.zeros(len(frame), np.int64), 1
    columns = [frame[key] for key in keys]
    if len(keys) > 1 and len(frame) > _MANY:
        # Arrow releases Python's lock while it numbers text.
        with ThreadPoolExecutor(max_workers=len(keys)) as threads:
            encoded = list(threads.map(_encoded, columns))
    else:
        encoded = [_encoded(column) for column in columns]
    for found, width in encoded:
        numbers *= width
        numbers += found
        size *= width
        if size > 2 * len(frame) + 1000:
            # Most combinations do not occur: number those that do.
            numbers, there = pd.factorize(numbers)
            size = len(there)
    return numbers, size


def _encoded(column: nw.Series[Any]) -> tuple[np.ndarray, int]:
    """Give each row the number of its value, the last for those that miss it, and how many there may be."""
    if column.dtype.is_integer() and not column.null_count():
        whole = column.to_numpy()
        low, high = int(whole.min(initial=0)), int(whole.max(initial=0))
        if high - low <= 2 * len(whole) + 1000:
            # They are numbers already.
            wide = np.int32 if whole.itemsize <= 4 else np.int64
            return np.subtract(whole, low, dtype=wide, casting="unsafe"), high - low + 1
    arrow = column.to_arrow()
    encoded = pc.dictionary_encode(_as_words(arrow) if isinstance(arrow, pa.LargeStringArray) else arrow)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    indices, width = encoded.indices, len(encoded.dictionary)
    if not indices.null_count:
        return indices.to_numpy(), max(width, 1)
    return indices.cast(pa.int64()).fill_null(width).to_numpy(), width + 1


def _as_words(text: pa.LargeStringArray) -> pa.Array:
    """Give short text of one length, such as currencies, as integers: half the work to number."""
    _, places, letters = text.buffers()
    starts = np.frombuffer(places, np.int64)[text.offset : text.offset + len(text) + 1]
    width = int(starts[1] - starts[0]) if len(text) else 0
    if text.null_count or not 0 < width <= 4 or (np.diff(starts) != width).any():
        return text
    words = np.zeros((len(text), 4), np.uint8)
    words[:, :width] = np.frombuffer(letters, np.uint8)[starts[0] : starts[-1]].reshape(-1, width)
    return pa.array(words.view(np.int32).reshape(-1))


def for_each_value(frame: Frame, column: str, marks: Mapping[str, nw.Expr]) -> Frame:
    """Add columns that depend on one column alone; in memory they are worked out once for each value."""
    if not isinstance(frame, nw.DataFrame):
        return frame.with_columns(**marks)
    numbers, size = codes(frame, [column])
    first = first_rows(numbers, size)
    values = frame.select(column)[np.maximum(first, 0)] if len(frame) else frame.select(column)
    backend = frame.implementation
    found = values.select(**marks)
    return frame.with_columns(
        nw.new_series(name, found[name].to_numpy()[numbers], backend=backend) for name in marks
    )


def first_rows(numbers: np.ndarray, size: int) -> np.ndarray:
    """Give the first row of each number, -1 for those that do not occur."""
    first = np.full(size, -1)
    small = np.int32 if len(numbers) < 2**31 else np.int64
    first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1, dtype=small)
    return first
