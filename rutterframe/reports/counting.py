"""How reports count money: in whole ticks, the same on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import narwhals.stable.v2 as nw

from rutterframe.money import LARGEST_SUM, TICKS, minor_units
from rutterframe.reports.frame import Frame, nulls_last
from rutterframe.reports.grouping import sum_by
from rutterframe.reports.numbering import parts

# Their own rounding is half to even; that of the others is half away from zero.
_ROUNDS_TO_EVEN = (nw.Implementation.PANDAS, nw.Implementation.POLARS)


def ticks(frame: Frame, column: str) -> nw.Expr:
    """Count money in whole ticks, rounding half to even on every engine; null counts as nothing."""
    scaled = nw.col(column).cast(nw.Float64) * TICKS
    if frame.implementation in _ROUNDS_TO_EVEN:
        whole = scaled.round(0)
    else:
        low = scaled.floor()
        rest = scaled - low
        odd = low - (low / 2).floor() * 2
        whole = nw.when((rest > 0.5) | ((rest == 0.5) & (odd == 1))).then(low + 1).otherwise(low)
    return whole.fill_null(0).cast(nw.Int64)


def units(*columns: str) -> nw.Expr:
    """Turn sums of ticks into major units: the one division of a report, at its end."""
    # Polars multiplies by 1 / TICKS where it divides by a constant, which is not the nearest float. By a
    # column it divides. Sums of ticks are never missing, so any of them makes that column.
    constant = nw.col(columns[0]).cast(nw.Float64) * 0 + TICKS
    return nw.col(*columns).cast(nw.Float64) / constant


def check_size(frame: Frame, column: str) -> None:
    """Make sure that ticks cannot overflow; what is lazy is checked by its engine, in `sum_by`.

    Raises
    ------
    OverflowError
        If the absolute amounts add up to more than 64-bit ticks can hold.
    """
    if isinstance(frame, nw.DataFrame):
        absolute = nw.col(column).cast(nw.Float64).abs().sum()
        size = sum(part.select(absolute).item() or 0.0 for part in parts(frame))
        if size >= LARGEST_SUM:
            raise OverflowError(f"{column}: absolute amounts of {size:,.0f} are more than {LARGEST_SUM:,.0f}")


def with_shares(report: Frame, keys: Sequence[str], column: str) -> Frame:
    """Divide ticks by their sum over the keys; the share of a sum of zero is null.

    Null keys are matched by a second key, whether null: engines differ in whether null matches null.
    """
    totals = sum_by(report, keys, [column]).rename({column: "_whole"})
    fills: dict[str, nw.Expr] = {"period": nw.lit(datetime(1, 1, 1))}  # noqa: DTZ001 - a day has no zone
    marks = [
        mark
        for key in keys
        for mark in (
            nw.col(key).is_null().alias(f"_no_{key}"),
            nw.when(nw.col(key).is_null())
            .then(fills.get(key, nw.lit("")))
            .otherwise(nw.col(key))
            .alias(f"_{key}"),
        )
    ]
    on = [f"_{mark}{key}" for key in keys for mark in ("", "no_")]
    joined = report.with_columns(*marks).join(totals.with_columns(*marks).select(*on, "_whole"), on=on)
    whole = nw.when(nw.col("_whole") != 0).then(nw.col("_whole").cast(nw.Float64))
    return joined.with_columns((nw.col(column).cast(nw.Float64) / whole).alias("share"))


def amounts_in_words(sums: Mapping[str | None, int]) -> str:
    """Write amounts as a note does, with the decimals of their currency, or more where they have more."""
    written = []
    for currency in sorted(sums, key=nulls_last):
        amount = Decimal(sums[currency]) / TICKS
        decimals = minor_units(currency or "")
        if amount != round(amount, decimals):
            decimals = 4
        written.append(f"{amount:,.{decimals}f} {currency or 'without a currency'}")
    return ", ".join(written)
