"""How reports add up by keys: to the same integers on every engine, and fast in memory."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# So many rows are added up at once that what is made of them stays in the processor's cache.
_BLOCK = 2**16
# So many rows are looked at at once where that takes a step of its own.
_PART = 2**19

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
    first = np.full(size, -1)
    added = {name: np.zeros(size, np.int64) for name in (*sums, *([count] if count else []))}
    values = {name: frame[name].to_numpy() for name in sums}
    for rows in _in_blocks(np.ones(len(frame), bool) if where is None else _marked(frame, where)):
        own = numbers[rows]
        _note_first(first, own, rows)
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
    numbers, size = _codes_in_parts(frame, keys)
    first, documents = np.full(size, -1), np.zeros(size, np.int64)
    added = np.zeros((size, len(names)), np.int64)
    start = 0
    for part, own_numbers in zip(parts(frame), numbers, strict=True):
        # What is made of the columns is made of some rows at a time, and never stands there as a whole.
        made = part.select(**columns)
        amounts, places, marked = (made[name].to_numpy() for name in (total, "_over", "_where"))
        for rows in _in_blocks(marked):
            own = own_numbers[rows]
            _note_first(first, own, rows + start)
            cells = np.multiply(own, len(names), dtype=np.int64)
            np.add.at(added.reshape(-1), cells + (places[rows] - min(names)), amounts[rows])
            np.add.at(documents, own, 1)
        start += len(part)
    found = np.flatnonzero(first >= 0)
    spread = {name: added[found, place - min(names)] for place, name in names.items()}
    spread |= {total: added[found].sum(axis=1), "documents": documents[found]}
    return _named(frame.select(*keys)[first[found]], spread)


def parts(frame: nw.DataFrame[Any]) -> Iterator[nw.DataFrame[Any]]:
    """Give a frame in parts: what is made of one stays in the cache, and memory is not asked for anew."""
    for start in range(0, max(len(frame), 1), _PART):
        yield frame[start : start + _PART]


def _in_blocks(marked: np.ndarray) -> Iterator[np.ndarray]:
    """Give the places of the rows that count, some at a time: what is made of each stays small.

    Rows are chosen by their place: to filter the frame would copy its text.
    """
    for start in range(0, len(marked), _BLOCK):
        yield np.flatnonzero(marked[start : start + _BLOCK]) + start


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
    for start in range(0, len(pairs), _BLOCK):
        block = slice(start, start + _BLOCK)
        np.add.at(counts, pairs[block][new[block]], 1)
    return counts


def codes(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[np.ndarray, int]:
    """Give each row the number of its combination of keys, and how many numbers there may be."""
    numbers, size = _codes_in_parts(frame, keys)
    return _joined(list(numbers)), size


def _codes_in_parts(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[Iterable[np.ndarray], int]:
    """Give the numbers of `codes` for each of the `parts`, made when they are asked for."""
    columns = [frame[key] for key in keys]
    if len(keys) > 1 and len(frame) > _MANY:
        # Arrow releases Python's lock while it numbers text.
        with ThreadPoolExecutor(max_workers=len(keys)) as threads:
            encoded = list(threads.map(_encoded, columns))
    else:
        encoded = [_encoded(column) for column in columns]
    numbers: Iterable[np.ndarray]
    numbers, size = encoded[0]
    for found, width in encoded[1:]:
        size *= width
        numbers = _pairs(numbers, found, width, size)
        if size > 2 * len(frame) + 1000:
            # Most combinations do not occur: number those that do.
            whole, there = pd.factorize(_joined(list(numbers)))
            numbers, size = _cut(whole), len(there)
    return numbers, size


def _pairs(
    numbers: Iterable[np.ndarray], found: Sequence[np.ndarray], width: int, size: int
) -> Iterator[np.ndarray]:
    """Give each pair of two numbers a number."""
    for one, other in zip(numbers, found, strict=True):
        # Half the memory, where so few numbers are needed.
        pairs: np.ndarray[Any, np.dtype[np.signedinteger]] = one.astype(
            np.int32 if size < 2**31 else np.int64
        )
        pairs *= width
        pairs += other
        yield pairs


def _cut(numbers: np.ndarray) -> list[np.ndarray]:
    return [numbers[start : start + _PART] for start in range(0, max(len(numbers), 1), _PART)]


def _joined(numbers: Sequence[np.ndarray]) -> np.ndarray:
    return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)


def _encoded(column: nw.Series[Any]) -> tuple[list[np.ndarray], int]:
    """Give each row the number of its value, the last for those that miss it, and how many there may be."""
    if column.dtype.is_integer() and not column.null_count():
        whole = column.to_numpy()
        low, high = int(whole.min(initial=0)), int(whole.max(initial=0))
        if high - low <= 2 * len(whole) + 1000:
            # They are numbers already.
            wide = np.int32 if whole.itemsize <= 4 else np.int64
            return _cut(np.subtract(whole, low, dtype=wide, casting="unsafe")), high - low + 1
    encoded = _numbered(column.to_arrow())
    width = len(encoded.chunk(0).dictionary)
    missing = encoded.null_count > 0
    numbers = [
        (chunk.indices.cast(pa.int64()).fill_null(width) if missing else chunk.indices).to_numpy()
        for chunk in encoded.chunks
    ]
    if any(len(own) != _PART for own in numbers[:-1]) or len(numbers[-1]) > _PART:
        numbers = _cut(np.concatenate(numbers))
    return numbers, width + 1 if missing else max(width, 1)


def _numbered(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Give each value a number; of long text in parts, side by side: Arrow releases Python's lock."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    pieces = [
        chunk.slice(start, _PART)
        for chunk in chunks or [pa.nulls(0, values.type)]
        for start in range(0, max(len(chunk), 1), _PART)
    ]
    if len(pieces) == 1:
        encoded = [_as_words(pieces[0]).dictionary_encode()]
    else:
        with ThreadPoolExecutor() as threads:
            words = list(threads.map(_as_words, pieces))
            same = words if len({piece.type for piece in words}) == 1 else pieces
            encoded = list(threads.map(pc.dictionary_encode, same))
    return pa.chunked_array(encoded).unify_dictionaries()


def _as_words(text: pa.Array) -> pa.Array:
    """Give short text of one length, such as currencies, as integers: half the work to number."""
    if not isinstance(text, pa.LargeStringArray):
        return text
    _, places, letters = text.buffers()
    starts = np.frombuffer(places, np.int64)[text.offset : text.offset + len(text) + 1]
    width = int(starts[1] - starts[0]) if len(text) else 0
    if text.null_count or not 0 < width <= 4 or (np.diff(starts) != width).any():
        return text
    whole = np.zeros(len(text) * width + 4, np.uint8)
    whole[:-4] = np.frombuffer(letters, np.uint8)[starts[0] : starts[-1]]
    # Four bytes from where each text begins; those of the next one are masked.
    words = np.ndarray(len(text), "<u4", whole, strides=(width,)) & np.uint32(2 ** (8 * width) - 1)
    return pa.array(words)


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
    for start in range(0, len(numbers), _BLOCK):
        own = numbers[start : start + _BLOCK]
        _note_first(first, own, np.arange(start, start + len(own)))
        if size < _BLOCK and (first >= 0).all():
            break
    return first


def _note_first(first: np.ndarray, numbers: np.ndarray, rows: np.ndarray) -> None:
    """Note the row of each number that was not seen before."""
    unseen = first[numbers] < 0
    if unseen.any():
        first[numbers[unseen][::-1]] = rows[unseen][::-1]
