"""Integer codes for the keys of rows: `pandas.factorize` for several columns, text and missing values."""

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

#: Rows that are processed at once, so that their intermediate arrays stay in the processor's cache.
BLOCK = 2**16
# Rows of one chunk of codes: memory for a whole column is requested only once.
_CHUNK = 2**20
# Threads are started from this number of rows on.
_THREADS_FROM = 50_000
# Text is factorized in chunks from this number of rows on.
_CHUNKS_FROM = 2**22

_Codes = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]


def factorize(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[np.ndarray, int]:
    """Return a code for each row's combination of keys, and an upper limit of the codes.

    Missing is a value like any other. Not every code below the limit occurs: see `first_rows`.
    """
    return factorize_columns([frame[key] for key in keys], len(frame))


def factorize_columns(columns: Sequence[Any], length: int) -> tuple[np.ndarray, int]:
    """Return a code for each row's combination of values, and an upper limit of the codes.

    Parameters
    ----------
    columns : sequence of Series or Arrow arrays
        Columns in memory; without columns all rows have code 0.
    length : int
        The number of rows.
    """
    if not columns:
        return np.zeros(length, np.int32), 1
    codes, size = _factorize_in_chunks(columns, length)
    return _concatenate(codes, length), size


def factorize_in_chunks(frame: nw.DataFrame[Any], keys: Sequence[str]) -> tuple[Iterable[np.ndarray], int]:
    """Return the codes of `factorize` chunk by chunk, each computed when it is requested, and their limit."""
    return _factorize_in_chunks([frame[key] for key in keys], len(frame))


def _factorize_in_chunks(columns: Sequence[Any], length: int) -> tuple[Iterable[np.ndarray], int]:
    if len(columns) > 1 and length > _THREADS_FROM:
        # Arrow releases Python's lock while it encodes text.
        with ThreadPoolExecutor(max_workers=len(columns)) as threads:
            encoded = list(threads.map(_factorize_column, columns))
    else:
        encoded = [_factorize_column(column) for column in columns]
    codes: Iterable[np.ndarray]
    codes, size = encoded[0]
    for column, width in encoded[1:]:
        size *= width
        codes = _pair_chunks(codes, column, width, size)
        if _is_sparse(size, length):
            dense, uniques = pd.factorize(_concatenate(codes, length))
            codes, size = _split(dense), len(uniques)
    return codes, size


def combine_codes(left: np.ndarray, right: np.ndarray, size: int, width: int) -> tuple[np.ndarray, int]:
    """Return one code for each pair of codes, and the limit of the pairs' codes.

    Parameters
    ----------
    left, right : array of int
        Codes of the same rows.
    size, width : int
        Their limits.
    """
    codes = pair_codes(left, right, width, size * width)
    if not _is_sparse(size * width, len(codes)):
        return codes, size * width
    dense, uniques = pd.factorize(codes)
    return dense, len(uniques)


def pair_codes(left: np.ndarray, right: np.ndarray, width: int, size: int) -> _Codes:
    """Return ``left * width + right`` in 32 bits where ``size`` codes fit into them, else in 64."""
    codes: _Codes = left.astype(np.int32 if size < 2**31 else np.int64)
    codes *= width
    codes += right
    return codes


def _pair_chunks(
    left: Iterable[np.ndarray], right: Sequence[np.ndarray], width: int, size: int
) -> Iterator[np.ndarray]:
    for own, other in zip(left, right, strict=True):
        yield pair_codes(own, other, width, size)


def _is_sparse(size: int, length: int) -> bool:
    """Return whether most codes do not occur, so that it pays to factorize them again."""
    return size > 2 * length + 1000


def _split(codes: np.ndarray) -> list[np.ndarray]:
    return [codes[start : start + _CHUNK] for start in range(0, max(len(codes), 1), _CHUNK)]


def _concatenate(chunks: Iterable[np.ndarray], length: int) -> np.ndarray:
    """Concatenate chunks into one array: no more than one chunk is held beside it."""
    codes, start = np.zeros(0, np.int64), 0
    for chunk in chunks:
        if len(chunk) == length:
            return chunk
        if not start:
            codes = np.empty(length, chunk.dtype)
        codes[start : start + len(chunk)] = chunk
        start += len(chunk)
    return codes


def _factorize_column(column: Any) -> tuple[list[np.ndarray], int]:
    """Return the codes of a column in chunks, the last one for missing values, and their limit."""
    if isinstance(column, nw.Series) and column.dtype.is_integer() and not column.null_count():
        integers = column.to_numpy()
        low, high = int(integers.min(initial=0)), int(integers.max(initial=0))
        if not _is_sparse(high - low, len(integers)):
            # Small integers are codes already.
            dtype = np.int32 if integers.itemsize <= 4 else np.int64
            return _split(np.subtract(integers, low, dtype=dtype, casting="unsafe")), high - low + 1
    encoded = _dictionary_encode(to_arrow(column))
    width = len(encoded.chunk(0).dictionary)
    missing = encoded.null_count > 0
    chunks = [
        (pc.fill_null(_widen(chunk.indices), width) if missing else chunk.indices).to_numpy()
        for chunk in encoded.chunks
    ]
    if any(len(chunk) != _CHUNK for chunk in chunks[:-1]) or len(chunks[-1]) > _CHUNK:
        chunks = _split(np.concatenate(chunks))
    return chunks, width + 1 if missing else max(width, 1)


def _widen(indices: pa.Array) -> pa.Array:
    """Return indices that can hold one more code: those of categories may fill a byte."""
    return indices if indices.type == pa.int32() else indices.cast(pa.int64())


def _dictionary_encode(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary-encode a column; a long one in chunks and threads, since Arrow releases Python's lock."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    # To unify the dictionaries of chunks takes memory: only long columns are worth it.
    step = _CHUNK if len(values) > _CHUNKS_FROM else max(len(values), 1)
    pieces = [
        chunk.slice(start, step)
        for chunk in chunks or [pa.nulls(0, values.type)]
        for start in range(0, max(len(chunk), 1), step)
    ]
    if len(pieces) == 1:
        encoded = [_text_as_integers(pieces[0]).dictionary_encode()]
    elif len(values) <= _THREADS_FROM:
        encoded = [pc.dictionary_encode(piece) for piece in pieces]
    else:
        with ThreadPoolExecutor() as threads:
            integers = list(threads.map(_text_as_integers, pieces))
            alike = integers if len({piece.type for piece in integers}) == 1 else pieces
            encoded = list(threads.map(pc.dictionary_encode, alike))
    return pa.chunked_array(encoded).unify_dictionaries()


def _text_as_integers(text: pa.Array) -> pa.Array:
    """Return short text of one length, such as currencies, as integers, which encode in half the time.

    Any other column is returned as it is.
    """
    if not isinstance(text, pa.LargeStringArray):
        return text
    _, offsets, characters = text.buffers()
    starts = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    width = int(starts[1] - starts[0]) if len(text) else 0
    if text.null_count or not 0 < width <= 4 or (np.diff(starts) != width).any():
        return text
    padded = np.zeros(len(text) * width + 4, np.uint8)
    padded[:-4] = np.frombuffer(characters, np.uint8)[starts[0] : starts[-1]]
    # Four bytes from where each text begins; those of the next one are masked.
    integers = np.ndarray(len(text), "<u4", padded, strides=(width,)) & np.uint32(2 ** (8 * width) - 1)
    return pa.array(integers)


def first_rows(codes: np.ndarray, size: int) -> np.ndarray:
    """Return the first row of each code, -1 for those that do not occur."""
    first = np.full(size, -1)
    for start in range(0, len(codes), BLOCK):
        block = codes[start : start + BLOCK]
        update_first_rows(first, block, np.arange(start, start + len(block)))
        if size < BLOCK and (first >= 0).all():
            break
    return first


def update_first_rows(first: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> None:
    """Write the row of each code that occurs for the first time into ``first``."""
    new = first[codes] < 0
    if new.any():
        first[codes[new][::-1]] = rows[new][::-1]


def count_distinct(codes: np.ndarray, size: int, values: np.ndarray) -> np.ndarray:
    """Count the distinct values of each code.

    Parameters
    ----------
    codes : array of int
        The code of each row; rows with -1 are left out.
    size : int
        The limit of the codes.
    values : array of int
        The value of each row, from 0.
    """
    width = int(values.max(initial=0)) + 1
    pairs = codes.astype(np.int64)
    pairs *= width
    pairs += values
    if codes.min(initial=0) < 0:
        pairs = pairs[codes >= 0]
    # Sorting takes a tenth of the time of numpy's unique, which hashes.
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    counts = np.zeros(size, np.int64)
    for start in range(0, len(pairs), BLOCK):
        block = slice(start, start + BLOCK)
        np.add.at(counts, pairs[block][new[block]] // width, 1)
    return counts


def dense_ranks(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return the rank of each value in ascending order, from 0 and without gaps, missing values last."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode()
    size = len(encoded.dictionary)
    rank = np.empty(size + 1, np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(size)
    rank[-1] = size
    ranks: np.ndarray = rank[pc.fill_null(encoded.indices, size).to_numpy()]
    return ranks


def to_arrow(column: Any) -> pa.Array | pa.ChunkedArray:
    """Return a column in memory as Arrow; the text of pandas is Arrow already, and is not copied."""
    if not isinstance(column, nw.Series):
        return column
    native = column.to_native()
    return pa.array(native, from_pandas=True) if isinstance(native, pd.Series) else column.to_arrow()


def concat_text(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.ChunkedArray:
    """Concatenate columns of text."""
    chunks = [
        chunk
        for column in columns
        for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    return pa.chunked_array([chunk.cast(pa.large_string()) for chunk in chunks], pa.large_string())
