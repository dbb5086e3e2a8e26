"""Conversion of amounts to ticks and back on numpy arrays: the path of frames in memory."""

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

#: Floats hold every whole number up to here; beyond they have gaps.
MAX_EXACT = 2**53
#: Below, the product of a float and TICKS is well within half a tick of the decimal that was written.
FOUR_DECIMALS = MAX_EXACT / TICKS / 2
#: The least difference of an amount from one of four decimals that shows in its eighth decimal.
FINER_THAN_FOUR = 4.9e-9

_Integers = np.ndarray[Any, np.dtype[np.int64]]


def to_floats(native: Any) -> np.ndarray:
    """Return a native column of numbers as 64-bit floats, NaN where a value is missing."""
    if isinstance(native, pd.Series):
        if isinstance(native.dtype, np.dtype) and native.dtype.kind in "fiu":
            return native.to_numpy().astype(np.float64, copy=False)
        return native.to_numpy(np.float64, na_value=np.nan)
    if isinstance(native, pa.ChunkedArray | pa.Array):
        values: np.ndarray = pc.cast(native, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values
    floats: np.ndarray = native.cast(float).to_numpy()  # Polars, which is not always installed
    return floats


def _blocks(values: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Split values into blocks, with 0 for NaN, so that intermediate arrays stay small."""
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        block = values[rows]
        missing = np.isnan(block)
        yield rows, np.where(missing, 0.0, block) if missing.any() else block


def measure_amounts(values: np.ndarray) -> tuple[float, float, bool]:
    """Return the sum and the largest of the absolute amounts, and whether one has more than four decimals."""
    size, largest, fine = 0.0, 0.0, False
    with np.errstate(over="ignore", invalid="ignore"):
        for _, block in _blocks(values):
            absolute = np.abs(block)
            size += float(absolute.sum())
            largest = max(largest, float(absolute.max(initial=0.0)))
            fine = fine or _is_fine(block, absolute)
    return size, largest, fine


def measure_products(quantity: np.ndarray, price: np.ndarray) -> tuple[float, bool]:
    """Return the sum of the absolute products, and whether a quantity is a fraction."""
    size, fractions = 0.0, False
    with np.errstate(over="ignore", invalid="ignore"):
        for (_, pieces), (_, prices) in zip(_blocks(quantity), _blocks(price), strict=True):
            size += float(np.abs(pieces * prices).sum())
            fractions = fractions or bool((np.floor(pieces) != pieces).any())
    return size, fractions


def _is_fine(block: np.ndarray, absolute: np.ndarray) -> bool:
    """Return whether an amount has more than four of eight decimals; large ones cannot hold as many."""
    rounded = np.rint(block * TICKS)
    rounded /= TICKS
    rounded -= block
    np.abs(rounded, out=rounded)
    return bool(((rounded > FINER_THAN_FOUR) & (absolute < FOUR_DECIMALS)).any())


def to_ticks(values: np.ndarray, scale: int) -> _Integers:
    """Convert amounts to ticks of 1/scale, rounded half to even; NaN is 0."""
    ticks = np.empty(len(values), np.int64)
    for rows, block in _blocks(values):
        ticks[rows] = _block_to_ticks(block, scale)
    return ticks


def _block_to_ticks(block: np.ndarray, scale: int) -> _Integers:
    """Convert a block of amounts, none missing, to ticks of 1/scale."""
    if scale == TICKS and len(block) and max(block.max(), -block.min()) < FOUR_DECIMALS:
        ticks: _Integers = np.rint(block * TICKS).astype(np.int64)
        return ticks
    return _shortest_decimals(block, scale)


def _shortest_decimals(block: np.ndarray, scale: int) -> _Integers:
    """Convert each float to the ticks of the shortest decimal that reads as it."""
    decimals = len(str(scale)) - 1
    ticks = np.zeros(len(block), np.int64)
    rows, values = np.arange(len(block)), block
    large = bool((np.abs(block) >= FOUR_DECIMALS).any())
    for places in range(0 if large else 4, decimals + 1):
        digits = np.rint(values * 10.0**places)
        exact = (digits / 10.0**places == values) & (np.abs(digits) < MAX_EXACT)
        ticks[rows[exact]] = digits[exact].astype(np.int64) * 10 ** (decimals - places)
        rows, values = rows[~exact], values[~exact]
    if len(rows):
        # The first decimal below a tick may be exactly a half.
        digits = np.rint(values * (10.0 * scale))
        half = (digits / (10.0 * scale) == values) & (np.abs(digits) < MAX_EXACT)
        majors = np.trunc(values)
        fraction = np.rint((values - majors) * scale).astype(np.int64)
        ticks[rows] = majors.astype(np.int64) * scale + fraction
        ticks[rows[half]] = np.rint(digits[half] / 10)
    return ticks


def multiply_to_ticks(quantity: np.ndarray, price: np.ndarray, scale: int) -> _Integers:
    """Multiply decimals exactly, and return the products in ticks of 1/scale, rounded half to even."""
    ticks = np.empty(len(price), np.int64)
    for (rows, pieces), (_, prices) in zip(_blocks(quantity), _blocks(price), strict=True):
        majors, each = np.floor(pieces), _block_to_ticks(prices, scale)
        ticks[rows] = majors.astype(np.int64) * each
        if (majors != pieces).any():
            fractions = _block_to_ticks(pieces, scale) - majors.astype(np.int64) * scale
            ticks[rows] += _multiply_fractions(fractions, each, ticks[rows])
    return ticks


def _multiply_fractions(fractions: _Integers, prices: _Integers, whole: _Integers) -> _Integers:
    """Multiply fractions of a piece by prices, all in ticks; a half is rounded so that the sum is even.

    Parameters
    ----------
    fractions, prices : array of int
        Ticks.
    whole : array of int
        The products of the whole pieces, in ticks, which the result is added to.
    """
    majors, minors = np.divmod(prices, FINE_TICKS)
    carry, rest = np.divmod(fractions * minors, FINE_TICKS)
    ticks: _Integers = fractions * majors + carry
    half = FINE_TICKS // 2
    ticks += (rest > half) | ((rest == half) & ((whole + ticks) % 2 == 1))
    return ticks


def to_integers(values: np.ndarray) -> _Integers:
    """Convert whole numbers to integers; NaN is 0."""
    integers: _Integers = np.where(np.isnan(values), 0.0, values).astype(np.int64)
    return integers


def from_ticks(ticks: _Integers, scale: int) -> np.ndarray:
    """Convert ticks to major units, each the float nearest to it."""
    units = ticks / scale
    large = np.flatnonzero(np.abs(ticks) > MAX_EXACT)
    # Python divides integers of any size to the nearest float.
    units[large] = [int(tick) / scale for tick in ticks[large]]
    return units
