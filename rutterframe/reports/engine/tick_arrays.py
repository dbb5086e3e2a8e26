"""Whole columns of amounts as ticks and back, with numpy: what an eager frame is counted with."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.currency import FINE_TICKS, TICKS
from rutterframe.reports.engine.factorize import BLOCK

#: Floats hold every whole number up to here; above they have gaps.
MAX_EXACT = 2**53
#: Below, the product of a float and TICKS is well within half a tick of the decimal that was written.
FOUR_DECIMALS = MAX_EXACT / TICKS / 2
#: What an amount differs by from one of four decimals, where that shows in its eighth decimal.
FINER_THAN_FOUR = 4.9e-9

_Whole = np.ndarray[Any, np.dtype[np.int64]]


def to_floats(native: Any) -> np.ndarray:
    """Give a native column of numbers as 64-bit floats, NaN where a value is missing."""
    if isinstance(native, pd.Series):
        if isinstance(native.dtype, np.dtype) and native.dtype.kind in "fiu":
            return native.to_numpy().astype(np.float64, copy=False)
        return native.to_numpy(np.float64, na_value=np.nan)
    if isinstance(native, pa.ChunkedArray | pa.Array):
        found: np.ndarray = pc.cast(native, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return found
    numbers: np.ndarray = native.cast(float).to_numpy()  # Polars, which is not always installed
    return numbers


def blocks(values: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Give numbers some at a time, so that what is made of them stays small; NaN is nothing."""
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        block = values[rows]
        missing = np.isnan(block)
        yield rows, np.where(missing, 0.0, block) if missing.any() else block


def measure_amounts(values: np.ndarray) -> tuple[float, float, bool]:
    """Give the sum and the largest of the absolute amounts, and whether one has more than four decimals."""
    size, largest, fine = 0.0, 0.0, False
    with np.errstate(over="ignore", invalid="ignore"):
        for _, block in blocks(values):
            absolute = np.abs(block)
            size += float(absolute.sum())
            largest = max(largest, float(absolute.max(initial=0.0)))
            fine = fine or _is_fine(block, absolute)
    return size, largest, fine


def measure_products(quantity: np.ndarray, price: np.ndarray) -> tuple[float, bool]:
    """Give the sum of the absolute products, and whether a quantity is a fraction."""
    size, parts = 0.0, False
    with np.errstate(over="ignore", invalid="ignore"):
        for (_, pieces), (_, prices) in zip(blocks(quantity), blocks(price), strict=True):
            size += float(np.abs(pieces * prices).sum())
            parts = parts or bool((np.floor(pieces) != pieces).any())
    return size, parts


def _is_fine(block: np.ndarray, absolute: np.ndarray) -> bool:
    """Tell whether an amount has more than four of eight decimals; large ones cannot hold as many."""
    rounded = np.rint(block * TICKS)
    rounded /= TICKS
    rounded -= block
    np.abs(rounded, out=rounded)
    return bool(((rounded > FINER_THAN_FOUR) & (absolute < FOUR_DECIMALS)).any())


def to_ticks(values: np.ndarray, scale: int) -> _Whole:
    """Count amounts in ticks of 1/scale, rounded half to even."""
    whole = np.empty(len(values), np.int64)
    for rows, block in blocks(values):
        whole[rows] = block_to_ticks(block, scale)
    return whole


def block_to_ticks(block: np.ndarray, scale: int) -> _Whole:
    """Count amounts, none missing, in ticks of 1/scale."""
    if scale == TICKS and len(block) and max(block.max(), -block.min()) < FOUR_DECIMALS:
        whole: _Whole = np.rint(block * TICKS).astype(np.int64)
        return whole
    return _shortest(block, scale)


def _shortest(block: np.ndarray, scale: int) -> _Whole:
    """Count each float as the shortest decimal that reads as it."""
    decimals = len(str(scale)) - 1
    whole = np.zeros(len(block), np.int64)
    left, values = np.arange(len(block)), block
    large = bool((np.abs(block) >= FOUR_DECIMALS).any())
    for places in range(0 if large else 4, decimals + 1):
        found = np.rint(values * 10.0**places)
        same = (found / 10.0**places == values) & (np.abs(found) < MAX_EXACT)
        whole[left[same]] = found[same].astype(np.int64) * 10 ** (decimals - places)
        left, values = left[~same], values[~same]
    if len(left):
        # One decimal more than are counted may be exactly a half.
        found = np.rint(values * (10.0 * scale))
        half = (found / (10.0 * scale) == values) & (np.abs(found) < MAX_EXACT)
        majors = np.trunc(values)
        rest = np.rint((values - majors) * scale).astype(np.int64)
        whole[left] = majors.astype(np.int64) * scale + rest
        whole[left[half]] = np.rint(found[half] / 10)
    return whole


def multiply_to_ticks(quantity: np.ndarray, price: np.ndarray, scale: int) -> _Whole:
    """Multiply decimals exactly, and count the products in ticks of 1/scale, rounded half to even."""
    whole = np.empty(len(price), np.int64)
    for (rows, pieces), (_, prices) in zip(blocks(quantity), blocks(price), strict=True):
        majors, each = np.floor(pieces), block_to_ticks(prices, scale)
        whole[rows] = majors.astype(np.int64) * each
        if (majors != pieces).any():
            whole[rows] += _parts(
                block_to_ticks(pieces, scale) - majors.astype(np.int64) * scale, each, whole[rows]
            )
    return whole


def _parts(part: _Whole, each: _Whole, whole: _Whole) -> _Whole:
    """Multiply the part of a piece, in ticks, by the ticks that a piece costs; the whole decides a half."""
    majors, minors = np.divmod(each, FINE_TICKS)
    more, rest = np.divmod(part * minors, FINE_TICKS)
    found: _Whole = part * majors + more
    half = FINE_TICKS // 2
    found += (rest > half) | ((rest == half) & ((whole + found) % 2 == 1))
    return found


def to_integers(values: np.ndarray) -> _Whole:
    """Count whole numbers, and what is missing as none."""
    whole: _Whole = np.where(np.isnan(values), 0.0, values).astype(np.int64)
    return whole


def from_ticks(whole: _Whole, scale: int) -> np.ndarray:
    """Divide ticks into major units, each the float nearest to it."""
    found = whole / scale
    beyond = np.flatnonzero(np.abs(whole) > MAX_EXACT)
    # Python divides integers of any size to the nearest float.
    found[beyond] = [int(each) / scale for each in whole[beyond]]
    return found
