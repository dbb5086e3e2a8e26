"""Conversion of money on Spark: exact products of integers, of which no row is collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import narwhals.stable.v2 as nw

from rutterframe.currency import minor_units
from rutterframe.reports.engine.frame import Frame
from rutterframe.reports.engine.ticks import float_or_null, ticks

# Ticks have up to 19 digits, and a product up to 38.
_MOST_DIGITS = 18


def convert_on_spark(frame: Frame, scales: Mapping[str, int], rates: Mapping[str, Decimal], to: str) -> Frame:
    """Multiply columns of money by the rate of each row's currency, and round half to even to minor units.

    Parameters
    ----------
    frame : narwhals LazyFrame
        On PySpark, with ``currency``.
    scales : mapping of str to int
        The columns of money, and the ticks of one major unit of each.
    rates : mapping of str to Decimal
        The rate of each currency, as it is written in the frame.
    to : str
        The currency to convert into.

    Raises
    ------
    OverflowError
        If a rate has more than 18 digits.
    """
    columns = frame.collect_schema().names()
    number = nw.lit(None, nw.Int64)
    for place, currency in enumerate(rates):
        number = nw.when(nw.col("currency") == currency).then(nw.lit(place).cast(nw.Int64)).otherwise(number)
    counted = frame.with_columns(
        number.alias("_rate"),
        *(
            nw.when(~float_or_null(name).is_null()).then(ticks(frame, name, scale)).alias(f"_ticks_{place}")
            for place, (name, scale) in enumerate(scales.items())
        ),
    )
    money = {
        name: _product(f"_ticks_{place}", scale, list(rates.values()), to)
        for place, (name, scale) in enumerate(scales.items())
    }
    quoted = {name: f"`{name.replace('`', '``')}`" for name in columns}
    return nw.from_native(
        counted.to_native().selectExpr(
            *(f"{money[name]} AS {quoted[name]}" if name in money else quoted[name] for name in columns)
        )
    )


def _product(column: str, scale: int, rates: Sequence[Decimal], to: str) -> str:
    """Return the SQL of ticks times the rate of their row; of integers only, so that it is exact."""
    cases = []
    for place, rate in enumerate(rates):
        _, digits, exponent = rate.normalize().as_tuple()
        coefficient = int("".join(map(str, digits)))
        if len(digits) > _MOST_DIGITS or not isinstance(exponent, int):
            raise OverflowError(
                f"rates: {rate} has more than {_MOST_DIGITS} digits, the most on Spark: round it"
            )
        # The product counts units of 10 ** -decimals of the currency.
        decimals = len(str(scale)) - 1 - exponent
        product = f"CAST({column} AS DECIMAL(19, 0)) * CAST({coefficient} AS DECIMAL(18, 0))"
        shift = decimals - minor_units(to)
        rounded = f"bround({product}, {-shift})" if shift > 0 else product
        cases.append(f"WHEN {place} THEN CAST(concat(CAST({rounded} AS STRING), 'e{-decimals}') AS DOUBLE)")
    return f"CASE _rate {' '.join(cases)} END" if cases else "CAST(NULL AS DOUBLE)"
