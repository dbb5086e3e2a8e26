"""How reports add up by keys: to the same integers on every engine, and fast in memory."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.frame import Frame
from rutterframe.reports.numbering import BLOCK, codes, codes_in_parts, first_rows, note_first, parts


def sum_by(
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
    numbers, size = codes(frame, keys)
    first = np.full(size, -1)
    added = {name: np.zeros(size, np.int64) for name in (*sums, *([count] if count else []))}
    values = {name: frame[name].to_numpy() for name in sums}
    for rows in _in_blocks(np.ones(len(frame), bool) if where is None else _marked(frame, where)):
        own = numbers[rows]
        note_first(first, own, rows)
        for name in sums:
            np.add.at(added[name], own, values[name][rows])
        if count:
            np.add.at(added[count], own, 1)
    found = np.flatnonzero(first >= 0)
    if distinct:
        kept: Any = slice(None) if where is None else _marked(frame, where)
        added[distinct[1]] = _distinct(numbers[kept], size, frame[distinct[0]].to_numpy()[kept])
    return _named(frame.select(*keys)[first[found]], {name: one[found] for name, one in added.items()})


def spread_by(
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
        return _spread_in_memory(frame, keys, total, columns, names)
    # The columns are made before they are added up: a condition inside a sum is ignored by some engines.
    made = frame.select(*keys, **columns)
    summed = sum_by(made, [*keys, "_over"], [total], count="documents", where=nw.col("_where"))
    spread = summed.with_columns(
        nw.when(nw.col("_over") == place).then(nw.col(total)).otherwise(0).alias(name)
        for place, name in names.items()
    )
    return sum_by(spread, keys, [*names.values(), total, "documents"])


def _spread_in_memory(
    frame: nw.DataFrame[Any],
    keys: Sequence[str],
    total: str,
    columns: Mapping[str, nw.Expr],
    names: Mapping[int, str],
) -> Frame:
    numbers, size = codes_in_parts(frame, keys)
    first, documents = np.full(size, -1), np.zeros(size, np.int64)
    added = np.zeros((size, len(names)), np.int64)
    start = 0
    for part, own_numbers in zip(parts(frame), numbers, strict=True):
        # What is made of the columns is made of some rows at a time, and never stands there as a whole.
        made = part.select(**columns)
        amounts, places, marked = (made[name].to_numpy() for name in (total, "_over", "_where"))
        for rows in _in_blocks(marked):
            own = own_numbers[rows]
            note_first(first, own, rows + start)
            cells = np.multiply(own, len(names), dtype=np.int64)
            np.add.at(added.reshape(-1), cells + (places[rows] - min(names)), amounts[rows])
            np.add.at(documents, own, 1)
        start += len(part)
    found = np.flatnonzero(first >= 0)
    spread = {name: added[found, place - min(names)] for place, name in names.items()}
    spread |= {total: added[found].sum(axis=1), "documents": documents[found]}
    return _named(frame.select(*keys)[first[found]], spread)


def _in_blocks(marked: np.ndarray) -> Iterator[np.ndarray]:
    """Give the places of the rows that count, some at a time: what is made of each stays small.

    Rows are chosen by their place: to filter the frame would copy its text.
    """
    for start in range(0, len(marked), BLOCK):
        yield np.flatnonzero(marked[start : start + BLOCK]) + start


def _marked(frame: nw.DataFrame[Any], where: nw.Expr) -> np.ndarray:
    return frame.select(where.alias("_where"))["_where"].to_numpy()


def _named(keys: nw.DataFrame[Any], columns: Mapping[str, np.ndarray]) -> Frame:
    backend = keys.implementation
    return keys.with_columns(
        nw.new_series(name, values, nw.Int64(), backend=backend) for name, values in columns.items()
    )


def _distinct(numbers: np.ndarray, size: int, values: np.ndarray) -> np.ndarray:
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
    numbers, size = codes(frame, [column])
    first = first_rows(numbers, size)
    values = frame.select(column)[np.maximum(first, 0)] if len(frame) else frame.select(column)
    backend = frame.implementation
    found = values.select(**marks)
    return frame.with_columns(
        nw.new_series(name, found[name].to_numpy()[numbers], backend=backend) for name in marks
    )
