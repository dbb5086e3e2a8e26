"""Money in ticks: integers that every engine sums exactly, divided into major units once at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from numbers import Number
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.currency import FINE_TICKS, TICKS, minor_units
from rutterframe.reports.engine.frame import Frame, collect, nulls_last
from rutterframe.reports.engine.tick_arrays import (
    FINER_THAN_FOUR,
    FOUR_DECIMALS,
    MAX_EXACT,
    from_ticks,
    measure_amounts,
    measure_products,
    multiply_to_ticks,
    to_floats,
    to_ticks,
)

# The largest sum of ticks: the difference of two fits 64 bits.
_LARGEST = 2**62
# From here to 2**53 the distance of two floats is 1.
_NO_FRACTIONS = 1.5 * 2**52
_CONVERT = {
    nw.Implementation.PANDAS: "pd.to_numeric(frame[{0!r}])",
    nw.Implementation.POLARS: "frame.with_columns(pl.col({0!r}).cast(pl.Float64))",
    nw.Implementation.PYARROW: "pc.cast(table[{0!r}], pa.float64())",
    nw.Implementation.DUCKDB: "cast({0} as double), in SQL",
    nw.Implementation.PYSPARK: "frame.withColumn({0!r}, frame[{0!r}].cast('double'))",
}


class _Magnitude(NamedTuple):
    """The sum of a column's absolute values, the largest, and whether it has more than four decimals."""

    name: str
    size: float
    largest: float = 0.0
    fine: bool = False
    integer: bool = False


class _Scale(int):
    """The number of ticks of one major unit, for amounts of a lazy frame that are all small.

    `ticks` is one multiplication then, without the steps for amounts that floats hold with fewer decimals.
    """


def choose_scale(*columns: tuple[Frame, str] | tuple[Frame, str, str]) -> int:
    """Choose the number of ticks of one major unit for the amounts of a report.

    Parameters
    ----------
    *columns : tuple of a frame and one or two names
        What is summed: a column of amounts, or the products of a quantity and a unit price. A lazy frame
        is queried once for each.

    Returns
    -------
    int
        10,000, or 100,000,000 where an amount has more than four decimals or a quantity is a fraction.

    Raises
    ------
    ValueError
        If a column does not hold numbers, or one of them is infinite; the message has the column, the
        first such value, and the call that converts it. NaN counts as missing.
    OverflowError
        If the absolute amounts of a column sum to more than 64-bit ticks can hold: 461,168,601,842,739,
        or 46,116,860,184 where the ticks are the finer ones; the same on every engine.
    """
    magnitudes = [magnitude for frame, *names in columns for magnitude in _measure(frame, *names)]
    scale = FINE_TICKS if any(magnitude.fine for magnitude in magnitudes) else TICKS
    for name, size, _, _, is_integer in magnitudes:
        limit = _LARGEST if is_integer else _LARGEST / scale
        if size >= limit:
            fine = "" if scale == TICKS else ", the most where amounts have more than four decimals"
            raise OverflowError(f"{name}: absolute amounts of {size:,.0f} are more than {limit:,.0f}{fine}")
    is_lazy = not all(isinstance(frame, nw.DataFrame) for frame, *_ in columns)
    is_small = scale == TICKS and all(magnitude.largest < FOUR_DECIMALS / 2 for magnitude in magnitudes)
    return _Scale(scale) if is_lazy and is_small else scale


def float_or_null(column: str) -> nw.Expr:
    """Return a column as 64-bit floats with null for NaN, on every engine."""
    values = nw.col(column).cast(nw.Float64)
    return nw.when(~values.is_nan()).then(values)


def ticks(frame: Frame, column: str, scale: int) -> nw.Expr:
    """Convert amounts to whole ticks of 1/scale; a missing amount is 0.

    A float stands for the shortest decimal that reads as it, rounded half to even where that has more
    decimals than a tick. In memory the expression takes a whole column: it can be selected and named,
    and a computation with it takes a step of its own.
    """
    if isinstance(frame, nw.DataFrame):
        convert = partial(_map_column, to_ticks, scale)
        return nw.col(column).map_batches(convert, return_dtype=nw.Int64())
    return _ticks(float_or_null(column).fill_null(0.0), scale)


def mark_missing(frame: Frame, column: str) -> Any:
    """Return 1 where an amount is missing, else 0, as the column ``_missing``."""
    if isinstance(frame, nw.DataFrame):
        marks = np.isnan(to_floats(frame[column].to_native())).astype(np.int64)
        return nw.new_series("_missing", marks, nw.Int64(), backend=frame.implementation)
    is_null = float_or_null(column).is_null()
    return nw.when(is_null).then(1).otherwise(0).cast(nw.Int64).alias("_missing")


def with_product_ticks(frame: Frame, quantity: str, price: str, scale: int, name: str) -> Frame:
    """Add the exact products of two columns of decimals, in ticks and rounded half to even.

    Parameters
    ----------
    frame : narwhals frame
        With both columns.
    quantity, price : str
        The columns that are multiplied; a missing value is 0.
    scale : int
        Ticks of one major unit, from `choose_scale`.
    name : str
        The new column.
    """
    if isinstance(frame, nw.DataFrame):
        pieces, prices = (to_floats(frame[column].to_native()) for column in (quantity, price))
        products = multiply_to_ticks(pieces, prices, scale)
        return frame.with_columns(nw.new_series(name, products, nw.Int64(), backend=frame.implementation))
    schema = frame.collect_schema()
    names = dict.fromkeys((*schema.names(), name))
    integers = schema[quantity].is_integer()
    if not integers and scale != TICKS:
        return _with_fraction_products(frame, quantity, price, scale, name).select(*names)
    whole = nw.col(quantity).fill_null(0) if integers else float_or_null(quantity).fill_null(0.0)
    factors = frame.with_columns(
        ticks(frame, price, scale).alias("_each"), whole.cast(nw.Int64).alias("_whole")
    )
    return factors.with_columns((nw.col("_whole") * nw.col("_each")).alias(name)).select(*names)


def _with_fraction_products(frame: Frame, quantity: str, price: str, scale: int, name: str) -> Frame:
    """Add the products where quantities are fractions, in a lazy frame.

    Each step is a column of its own: engines repeat an expression as often as it is used.
    """
    each, part, whole = nw.col("_each"), nw.col("_part"), nw.col("_whole")
    majors, carry, rest, total = (nw.col(column) for column in ("_majors", "_carry", "_rest", "_total"))
    steps: list[dict[str, nw.Expr]] = [
        {"_each": float_or_null(price).fill_null(0.0), "_part": float_or_null(quantity).fill_null(0.0)},
        {
            "_each": _ticks(each, scale),
            "_whole": part.floor().cast(nw.Int64),
            "_part": _ticks(part, scale),
        },
        {
            "_part": part - whole * scale,
            "_majors": (each.cast(nw.Float64) / scale).floor().cast(nw.Int64),
        },
        # All of these are integers, and their sum is exact whichever way a float is rounded.
        {"_rest": part * (each - majors * scale)},
        {"_carry": (rest.cast(nw.Float64) / scale).floor().cast(nw.Int64)},
        {"_total": whole * each + part * majors + carry, "_rest": rest - carry * scale},
    ]
    for columns in steps:
        frame = frame.with_columns(**columns)
    half = scale // 2
    up = (rest > half) | ((rest == half) & _is_odd(total))
    return frame.with_columns((total + nw.when(up).then(1).otherwise(0)).alias(name))


def _is_odd(whole: nw.Expr) -> nw.Expr:
    """Return which integers are odd: the remainder of negative ones has a sign on some engines only."""
    return (whole % 2) != 0


def major_units(frame: Frame, *columns: str, scale: int) -> list[nw.Expr]:
    """Convert sums of ticks to major units, each the float nearest to it: the one division of a report."""
    if isinstance(frame, nw.DataFrame):
        divide = partial(_map_column, from_ticks, scale)
        return [nw.col(*columns).map_batches(divide, return_dtype=nw.Float64())]
    # Every engine casts text to the nearest float, also where the integer itself is beyond the exact floats.
    exponent = nw.lit(f"e-{len(str(scale)) - 1}")
    return [
        nw.concat_str(nw.col(name).cast(nw.String), exponent).cast(nw.Float64).alias(name) for name in columns
    ]


def _map_column(convert: Callable[[Any, int], Any], scale: int, column: Any) -> Any:
    """Convert a whole column of an eager frame, as narwhals passes it to a function."""
    native = getattr(column, "native", column)
    return convert(native.to_numpy() if convert is from_ticks else to_floats(native), scale)


def _measure(frame: Frame, *names: str) -> list[_Magnitude]:
    """Return the magnitude of a column of amounts; or of a quantity, a unit price and their products."""
    for name in names:
        _check_numbers(frame, name)
    measure = _measure_in_memory if isinstance(frame, nw.DataFrame) else _measure_in_engine
    magnitudes = measure(frame, *names)
    for magnitude in magnitudes:
        if math.isinf(magnitude.largest):
            raise ValueError(
                f"{magnitude.name!r} holds an infinite number, which is not a valid amount: correct it at "
                f"its source, or leave its rows out"
            )
    if len(names) == 1:
        return magnitudes
    quantity, price, product = magnitudes
    schema = frame.collect_schema()
    return [
        quantity._replace(fine=product.fine, integer=schema[quantity.name].is_integer()),
        # Of prices only the largest has to fit: it is their products that are summed.
        price._replace(size=price.largest),
        product._replace(fine=False),
    ]


def _measure_in_memory(frame: nw.DataFrame[Any], *names: str) -> list[_Magnitude]:
    columns = [to_floats(frame[name].to_native()) for name in names]
    named = zip(names, columns, strict=True)
    magnitudes = [_Magnitude(name, *measure_amounts(column)) for name, column in named]
    if len(columns) > 1:
        size, fractions = measure_products(*columns)
        magnitudes.append(_Magnitude(" x ".join(names), size, fine=fractions))
    return magnitudes


def _measure_in_engine(frame: Frame, *names: str) -> list[_Magnitude]:
    numbers = frame.select(**{f"_{place}": float_or_null(name) for place, name in enumerate(names)})
    measures: dict[str, nw.Expr] = {}
    for place in range(len(names)):
        number = nw.col(f"_{place}")
        rounded = (number * TICKS).round(0) / _constant(number, TICKS)
        fine = ((rounded - number).abs() > FINER_THAN_FOUR) & (number.abs() < FOUR_DECIMALS)
        measures |= {f"size{place}": number.abs(), f"fine{place}": fine.cast(nw.Int64)}
    if len(names) > 1:
        pieces = nw.col("_0")
        measures["size2"] = (pieces * nw.col("_1")).abs()
        measures["fine2"] = (pieces.floor() != pieces).cast(nw.Int64)
    sums = [
        aggregate
        for name in measures
        for aggregate in (nw.col(name).sum().alias(f"{name}_sum"), nw.col(name).max().alias(f"{name}_max"))
    ]
    row = collect(numbers.select(**measures).select(*sums)).rows(named=True)[0]
    value = {name: float(number or 0) for name, number in row.items()}
    labels: list[str] = [*names, *([" x ".join(names)] if len(names) > 1 else [])]
    return [
        _Magnitude(name, value[f"size{place}_sum"], value[f"size{place}_max"], value[f"fine{place}_max"] > 0)
        for place, name in enumerate(labels)
    ]


def _check_numbers(frame: Frame, name: str) -> None:
    """Check that a column holds numbers.

    Raises
    ------
    ValueError
        If it does not; the message has the first other value, and the call that converts the column.
    """
    dtype = frame[name].dtype if isinstance(frame, nw.DataFrame) else frame.collect_schema()[name]
    if dtype.is_numeric():
        return
    present = frame.select(name).filter(~nw.col(name).is_null())
    values = present[name].to_list() if dtype == nw.Object else collect(present.head(1))[name].to_list()
    invalid = [value for value in values if isinstance(value, bool) or not isinstance(value, Number)]
    if invalid:
        call = _CONVERT.get(frame.implementation, "").format(name)
        raise ValueError(f"{name!r} holds {invalid[0]!r}, which is not a number: use {call}")


def _constant(number: nw.Expr, constant: int) -> nw.Expr:
    """Return a constant as a column: Polars multiplies by the inverse of a constant instead of dividing."""
    return number * 0 + constant


def _half_even(number: nw.Expr) -> nw.Expr:
    """Round numbers below 2**51 half to even: the sum with a float beyond all fractions is rounded so."""
    return number + _NO_FRACTIONS - _NO_FRACTIONS


def _ticks(number: nw.Expr, scale: int) -> nw.Expr:
    """Convert floats, none missing, to the ticks of the shortest decimals that read as them.

    An engine repeats an expression as often as it is used, so ``number`` occurs as few times as possible.
    """
    in_ticks = _half_even(number * TICKS).cast(nw.Int64)
    if isinstance(scale, _Scale):
        return in_ticks
    decimals = len(str(scale)) - 1
    majors = nw.when(number < 0).then(-((-number).floor())).otherwise(number.floor())
    result = majors.cast(nw.Int64) * scale + _half_even((number - majors) * scale).cast(nw.Int64)
    # The first decimal below a tick may be exactly a half.
    more = (number * (10 * scale)).round(0)
    half = (more / _constant(number, 10 * scale) == number) & (more.abs() < MAX_EXACT)
    result = nw.when(half).then(_half_even(more / _constant(number, 10)).cast(nw.Int64)).otherwise(result)
    # As many decimals as a float of this size can hold; but one less if that reads as the same float.
    for fewer in (0, 1):
        power = nw.lit(10.0**-fewer)
        for places in range(max(decimals - 4, 0), decimals + 1):
            holds = number.abs() < MAX_EXACT / 10**places
            power = nw.when(holds).then(10.0 ** (places - fewer)).otherwise(power)
        digits = (number * power).round(0)
        exact = digits.cast(nw.Int64) * (scale / power).round(0).cast(nw.Int64)
        result = nw.when(digits / power == number).then(exact).otherwise(result)
    if scale > TICKS:
        return result
    small = number.abs() < FOUR_DECIMALS / 2
    return nw.when(small).then(in_ticks).otherwise(result)


def format_amounts(sums: Mapping[str | None, int], scale: int) -> str:
    """Format sums of ticks for a note, with the decimals of their currency, or more where they have more."""
    texts = []
    for currency in sorted(sums, key=nulls_last):
        amount = Decimal(sums[currency]) / scale
        decimals = minor_units(currency or "")
        while amount != round(amount, decimals):
            decimals = 4 if decimals < 4 else 8
        texts.append(f"{amount:,.{decimals}f} {currency or 'without a currency'}")
    return ", ".join(texts)
