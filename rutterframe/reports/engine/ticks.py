"""How reports count money: in whole ticks, the same on every engine, divided once at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from numbers import Number
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

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
    """What is added up: the sum of its absolute values, the largest, and whether finer ticks are needed."""

    name: str
    size: float
    largest: float = 0.0
    fine: bool = False
    whole: bool = False


def choose_scale(*columns: tuple[Frame, str] | tuple[Frame, str, str]) -> int:
    """Survey the amounts of a report, and choose how many ticks one major unit has.

    Parameters
    ----------
    *columns : tuple of a frame and one or two names
        What is added up: a column of amounts, or the product of a quantity and a unit price. A lazy frame
        is asked once for each.

    Returns
    -------
    int
        10,000, or 100,000,000 where an amount has more than four decimals or a quantity is a fraction.

    Raises
    ------
    ValueError
        If a column does not hold numbers, or one of them is infinite; the message names the column, the
        first such value, and what to call. NaN counts as missing.
    OverflowError
        If the absolute amounts of a column add up to more than 64-bit ticks can hold: 461,168,601,842,739,
        or 46,116,860,184 where the ticks are the finer ones; the same on every engine.
    """
    surveys = [found for frame, *names in columns for found in _measure(frame, *names)]
    scale = FINE_TICKS if any(found.fine for found in surveys) else TICKS
    for found in surveys:
        limit = _LARGEST if found.whole else _LARGEST / scale
        if found.size >= limit:
            fine = "" if scale == TICKS else ", the most where amounts have more than four decimals"
            raise OverflowError(
                f"{found.name}: absolute amounts of {found.size:,.0f} are more than {limit:,.0f}{fine}"
            )
    return scale


def float_or_null(column: str) -> nw.Expr:
    """Give amounts as 64-bit floats in which NaN is missing, on every engine."""
    found = nw.col(column).cast(nw.Float64)
    return nw.when(~found.is_nan()).then(found)


def ticks(frame: Frame, column: str, scale: int) -> nw.Expr:
    """Count money in whole ticks of 1/scale; what is missing counts as nothing.

    A float stands for the shortest decimal that reads as it, rounded half to even where that has more
    decimals than are counted. In memory the expression takes a whole column: it can be selected and named,
    and what is computed with it takes a step of its own.
    """
    if isinstance(frame, nw.DataFrame):
        count = partial(_numbers, to_ticks, scale)
        return nw.col(column).map_batches(count, return_dtype=nw.Int64())
    return _ticks(float_or_null(column).fill_null(0.0), scale)


def with_product_ticks(frame: Frame, quantity: str, price: str, scale: int, name: str) -> Frame:
    """Multiply the decimals of two columns exactly, and add the products in ticks, rounded half to even.

    Parameters
    ----------
    frame : narwhals frame
        With both columns.
    quantity, price : str
        The columns that are multiplied; what is missing counts as nothing.
    scale : int
        Ticks of one major unit, from `choose_scale`.
    name : str
        The new column.
    """
    if isinstance(frame, nw.DataFrame):
        pieces, prices = (to_floats(frame[one].to_native()) for one in (quantity, price))
        counts = multiply_to_ticks(pieces, prices, scale)
        product = nw.new_series(name, counts, nw.Int64(), backend=frame.implementation)
        return frame.with_columns(product)
    # Each step is a column of its own: engines write out an expression as often as it is used.
    names = frame.collect_schema().names()
    each, part, whole = nw.col("_each"), nw.col("_part"), nw.col("_whole")
    integers = frame.collect_schema()[quantity].is_integer()
    if integers or scale == TICKS:
        given = nw.col(quantity).fill_null(0) if integers else float_or_null(quantity).fill_null(0.0)
        counted = frame.with_columns(
            ticks(frame, price, scale).alias("_each"), given.cast(nw.Int64).alias("_whole")
        )
        return counted.with_columns((whole * each).alias(name)).select(*dict.fromkeys((*names, name)))
    counted = frame.with_columns(
        float_or_null(price).fill_null(0.0).alias("_each"),
        float_or_null(quantity).fill_null(0.0).alias("_part"),
    )
    counted = counted.with_columns(
        _ticks(each, scale).alias("_each"),
        part.floor().cast(nw.Int64).alias("_whole"),
        _ticks(part, scale).alias("_part"),
    )
    counted = counted.with_columns(
        (part - whole * scale).alias("_part"),
        (each.cast(nw.Float64) / scale).floor().cast(nw.Int64).alias("_majors"),
    )
    # All of these are whole, and what they add up to is exact whichever way a float is rounded.
    counted = counted.with_columns((part * (each - nw.col("_majors") * scale)).alias("_tiny"))
    more, rest = nw.col("_more"), nw.col("_tiny") - nw.col("_more") * scale
    counted = counted.with_columns(
        (nw.col("_tiny").cast(nw.Float64) / scale).floor().cast(nw.Int64).alias("_more")
    )
    counted = counted.with_columns(
        (whole * each + part * nw.col("_majors") + more).alias("_sum"), rest.alias("_tiny")
    )
    over = (nw.col("_tiny") > scale // 2) | ((nw.col("_tiny") == scale // 2) & _is_odd(nw.col("_sum")))
    counted = counted.with_columns((nw.col("_sum") + nw.when(over).then(1).otherwise(0)).alias(name))
    return counted.select(*dict.fromkeys((*names, name)))


def _is_odd(whole: nw.Expr) -> nw.Expr:
    """Tell odd integers: a remainder of negative ones has a sign on some engines, and none on others."""
    return (whole % 2) != 0


def major_units(frame: Frame, *columns: str, scale: int) -> list[nw.Expr]:
    """Turn sums of ticks into major units, each the float nearest to it: the one division of a report."""
    if isinstance(frame, nw.DataFrame):
        divide = partial(_numbers, from_ticks, scale)
        return [nw.col(*columns).map_batches(divide, return_dtype=nw.Float64())]
    # Text is read as the nearest float by every engine, also where the integer itself is beyond all floats.
    exponent = nw.lit(f"e-{len(str(scale)) - 1}")
    return [
        nw.concat_str(nw.col(name).cast(nw.String), exponent).cast(nw.Float64).alias(name) for name in columns
    ]


def _numbers(count: Callable[[Any, int], Any], scale: int, column: Any) -> Any:
    """Count a whole column of an eager frame, as narwhals gives it to a function."""
    native = getattr(column, "native", column)
    return count(native.to_numpy() if count is from_ticks else to_floats(native), scale)


def _measure(frame: Frame, *names: str) -> list[_Magnitude]:
    """Survey a column of amounts; or a quantity, a unit price and their product."""
    for name in names:
        _check_numbers(frame, name)
    measure = _measure_in_memory if isinstance(frame, nw.DataFrame) else _measure_in_engine
    found = measure(frame, *names)
    for each in found:
        if math.isinf(each.largest):
            raise ValueError(
                f"{each.name!r} holds an infinite number, where amounts are expected: correct it at its "
                f"source, or leave its rows out"
            )
    if len(names) == 1:
        return found
    quantity, price, product = found
    schema = frame.collect_schema()
    return [
        quantity._replace(fine=product.fine, whole=schema[quantity.name].is_integer()),
        # Of prices the largest alone has to be counted: it is their products that are added up.
        price._replace(size=price.largest),
        product._replace(fine=False),
    ]


def _measure_in_memory(frame: nw.DataFrame[Any], *names: str) -> list[_Magnitude]:
    columns = [to_floats(frame[name].to_native()) for name in names]
    found = [_Magnitude(name, *measure_amounts(column)) for name, column in zip(names, columns, strict=True)]
    if len(columns) > 1:
        size, parts = measure_products(*columns)
        found.append(_Magnitude(" x ".join(names), size, fine=parts))
    return found


def _measure_in_engine(frame: Frame, *names: str) -> list[_Magnitude]:
    columns = {name: float_or_null(name) for name in names}
    made = frame.select(**{f"_{place}": column for place, column in enumerate(columns.values())})
    asked: dict[str, nw.Expr] = {}
    for place in range(len(names)):
        number = nw.col(f"_{place}")
        rounded = (number * TICKS).round(0) / _constant(number, TICKS)
        fine = ((rounded - number).abs() > FINER_THAN_FOUR) & (number.abs() < FOUR_DECIMALS)
        asked |= {f"size{place}": number.abs(), f"fine{place}": fine.cast(nw.Int64)}
    if len(names) > 1:
        pieces = nw.col("_0")
        asked["size2"] = (pieces * nw.col("_1")).abs()
        asked["fine2"] = (pieces.floor() != pieces).cast(nw.Int64)
    sums = [
        part
        for name in asked
        for part in (nw.col(name).sum().alias(f"{name}_sum"), nw.col(name).max().alias(f"{name}_max"))
    ]
    row = made.select(**asked).select(*sums).collect().rows(named=True)[0]
    found = {name: float(value or 0) for name, value in row.items()}
    measured: list[str] = [*names, *([" x ".join(names)] if len(names) > 1 else [])]
    return [
        _Magnitude(name, found[f"size{place}_sum"], found[f"size{place}_max"], found[f"fine{place}_max"] > 0)
        for place, name in enumerate(measured)
    ]


def _check_numbers(frame: Frame, name: str) -> None:
    """Make sure that a column holds numbers.

    Raises
    ------
    ValueError
        If it does not; the message has its first value that is none, and what to call.
    """
    dtype = frame[name].dtype if isinstance(frame, nw.DataFrame) else frame.collect_schema()[name]
    if dtype.is_numeric():
        return
    there = frame.select(name).filter(~nw.col(name).is_null())
    values = there[name].to_list() if dtype == nw.Object else collect(there.head(1))[name].to_list()
    wrong = [value for value in values if isinstance(value, bool) or not isinstance(value, Number)]
    if wrong:
        call = _CONVERT.get(frame.implementation, "").format(name)
        raise ValueError(f"{name!r} must hold numbers; its first other value is {wrong[0]!r}: use {call}")


def _constant(number: nw.Expr, constant: int) -> nw.Expr:
    """Give a constant as a column: by a column Polars divides, of a constant it multiplies by the inverse."""
    return number * 0 + constant


def _half_even(number: nw.Expr) -> nw.Expr:
    """Round numbers below 2**51 half to even: up there floats have no fractions, so that adding rounds."""
    return number + _NO_FRACTIONS - _NO_FRACTIONS


def _ticks(number: nw.Expr, scale: int) -> nw.Expr:
    """Count floats, none missing, as the shortest decimals that read as them.

    An engine writes an expression out as often as it is used, so this uses ``number`` as seldom as it can.
    """
    decimals = len(str(scale)) - 1
    majors = nw.when(number < 0).then(-((-number).floor())).otherwise(number.floor())
    counted = majors.cast(nw.Int64) * scale + _half_even((number - majors) * scale).cast(nw.Int64)
    # One decimal more than are counted may be exactly a half.
    more = (number * (10 * scale)).round(0)
    half = (more / _constant(number, 10 * scale) == number) & (more.abs() < MAX_EXACT)
    counted = nw.when(half).then(_half_even(more / _constant(number, 10)).cast(nw.Int64)).otherwise(counted)
    # As many decimals as a float of this size can hold; but one less is what was written, where that reads
    # as the same float.
    for fewer in (0, 1):
        power = nw.lit(10.0**-fewer)
        for places in range(max(decimals - 4, 0), decimals + 1):
            holds = number.abs() < MAX_EXACT / 10**places
            power = nw.when(holds).then(10.0 ** (places - fewer)).otherwise(power)
        found = (number * power).round(0)
        exact = found.cast(nw.Int64) * (scale / power).round(0).cast(nw.Int64)
        counted = nw.when(found / power == number).then(exact).otherwise(counted)
    if scale > TICKS:
        return counted
    small = number.abs() < FOUR_DECIMALS / 2
    return nw.when(small).then(_half_even(number * TICKS).cast(nw.Int64)).otherwise(counted)


def format_amounts(sums: Mapping[str | None, int], scale: int) -> str:
    """Write amounts as a note does, with the decimals of their currency, or more where they have more."""
    written = []
    for currency in sorted(sums, key=nulls_last):
        amount = Decimal(sums[currency]) / scale
        decimals = minor_units(currency or "")
        while amount != round(amount, decimals):
            decimals = 4 if decimals < 4 else 8
        written.append(f"{amount:,.{decimals}f} {currency or 'without a currency'}")
    return ", ".join(written)
