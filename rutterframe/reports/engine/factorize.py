"""How rows are numbered by their keys: text becomes integers, which are added up many times as fast."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# From how many rows on it pays to start threads.
_MANY = 50_000
#: So many rows are added up at once that what is made of them stays in the processor's cache.
BLOCK = 2**16
# So many rows are looked at at once where that takes a step of its own.
_PART = 2**20
# From how many rows on text is numbered in parts.
_LONG = 2**22


def chunks(frame: nw.DataFrame[Any]) -> Iterator[nw.DataFrame[Any]]:
    """Give a frame in parts: what is made of one stays in the cache, and memory is not asked for anew."""
    for start in range(0, max(len(frame), 1), _PART):
        yield frame[start : start + _PART]


def factorize(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[np.ndarray, int]:
    """Give each row the number of its combination of keys, and how many numbers there may be."""
    return factorize_columns([frame[key] for key in keys], len(frame))


def factorize_columns(columns: Sequence[Any], length: int) -> tuple[np.ndarray, int]:
    """Give each row the number of its combination of values of some columns, all rows one without columns.

    A column is a series of a frame in memory, or as Arrow holds it.
    """
    if not columns:
        return np.zeros(length, np.int32), 1
    numbers, size = _codes_in_parts(columns, length)
    return _joined(numbers, length), size


def factorize_in_chunks(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[Iterable[np.ndarray], int]:
    """Give the numbers of `factorize` for each of the `chunks`, made when they are asked for."""
    return _codes_in_parts([frame[key] for key in keys], len(frame))


def _codes_in_parts(columns: Sequence[Any], length: int) -> tuple[Iterable[np.ndarray], int]:
    if len(columns) > 1 and length > _MANY:
        # Arrow releases Python's lock while it numbers text.
        with ThreadPoolExecutor(max_workers=len(columns)) as threads:
            encoded = list(threads.map(_encoded, columns))
    else:
        encoded = [_encoded(column) for column in columns]
    numbers: Iterable[np.ndarray]
    numbers, size = encoded[0]
    for found, width in encoded[1:]:
        size *= width
        numbers = _pairs(numbers, found, width, size)
        if size > 2 * length + 1000:
            # Most combinations do not occur: number those that do.
            whole, there = pd.factorize(_joined(numbers, length))
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


def _joined(numbers: Iterable[np.ndarray], length: int) -> np.ndarray:
    """Put parts together, each as it is made: no more than one is held beside the whole."""
    whole, start = np.zeros(0, np.int64), 0
    for part in numbers:
        if len(part) == length:
            return part
        if not start:
            whole = np.empty(length, part.dtype)
        whole[start : start + len(part)] = part
        start += len(part)
    return whole


def _encoded(column: Any) -> tuple[list[np.ndarray], int]:
    """Give each row the number of its value, the last for those that miss it, and how many there may be."""
    if isinstance(column, nw.Series) and column.dtype.is_integer() and not column.null_count():
        whole = column.to_numpy()
        low, high = int(whole.min(initial=0)), int(whole.max(initial=0))
        if high - low <= 2 * len(whole) + 1000:
            # They are numbers already.
            wide = np.int32 if whole.itemsize <= 4 else np.int64
            return _cut(np.subtract(whole, low, dtype=wide, casting="unsafe")), high - low + 1
    encoded = _numbered(to_arrow(column))
    width = len(encoded.chunk(0).dictionary)
    missing = encoded.null_count > 0
    numbers = [
        (pc.fill_null(_signed(chunk.indices), width) if missing else chunk.indices).to_numpy()
        for chunk in encoded.chunks
    ]
    if any(len(own) != _PART for own in numbers[:-1]) or len(numbers[-1]) > _PART:
        numbers = _cut(np.concatenate(numbers))
    return numbers, width + 1 if missing else max(width, 1)


def to_arrow(column: Any) -> pa.Array | pa.ChunkedArray:
    """Give a column of a frame in memory as Arrow holds it; pandas' text is Arrow's already."""
    if not isinstance(column, nw.Series):
        return column
    native = column.to_native()
    return pa.array(native, from_pandas=True) if isinstance(native, pd.Series) else column.to_arrow()


def concat_text(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.ChunkedArray:
    """Put columns of text below each other."""
    chunks = [
        chunk
        for column in columns
        for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    return pa.chunked_array([chunk.cast(pa.large_string()) for chunk in chunks], pa.large_string())


def dense_ranks(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Give the place of each value in their order, the same for the same value, missing ones last."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode()
    place = np.empty(len(encoded.dictionary) + 1, np.int64)
    place[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(encoded.dictionary))
    place[-1] = len(encoded.dictionary)
    found: np.ndarray = place[pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy()]
    return found


def _signed(indices: pa.Array) -> pa.Array:
    """Give numbers that can hold one more: those of categories may fill a byte."""
    return indices if indices.type == pa.int32() else indices.cast(pa.int64())


def _numbered(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Give each value a number; of long text in parts, side by side: Arrow releases Python's lock."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    # To number the parts anew as one whole takes memory: it has to be worth it.
    step = _PART if len(values) > _LONG else max(len(values), 1)
    pieces = [
        chunk.slice(start, step)
        for chunk in chunks or [pa.nulls(0, values.type)]
        for start in range(0, max(len(chunk), 1), step)
    ]
    if len(pieces) == 1:
        encoded = [_as_words(pieces[0]).dictionary_encode()]
    elif len(values) <= _MANY:
        encoded = [pc.dictionary_encode(piece) for piece in pieces]
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


def first_rows(numbers: np.ndarray, size: int) -> np.ndarray:
    """Give the first row of each number, -1 for those that do not occur."""
    first = np.full(size, -1)
    for start in range(0, len(numbers), BLOCK):
        own = numbers[start : start + BLOCK]
        update_first_rows(first, own, np.arange(start, start + len(own)))
        if size < BLOCK and (first >= 0).all():
            break
    return first


def update_first_rows(first: np.ndarray, numbers: np.ndarray, rows: np.ndarray) -> None:
    """Note the row of each number that was not seen before."""
    unseen = first[numbers] < 0
    if unseen.any():
        first[numbers[unseen][::-1]] = rows[unseen][::-1]
