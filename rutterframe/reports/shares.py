"""Shares of a total: null where the parts have both signs, or the total is near zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.currency import UNUSUAL_UNITS, minor_units
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import Frame, normalize_key, nulls_last


def half_minor_unit(currency: Any, scale: int) -> float:
    """Return half of a currency's smallest unit, in ticks."""
    return float(scale / 10 ** minor_units(normalize_key(currency) or "") / 2)


def divide_by_totals(ticks: np.ndarray, groups: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """Divide ticks by the total of their group; NaN where the group has both signs or next to no total.

    Parameters
    ----------
    ticks : array of int
        The parts.
    groups : array of int
        The group of each.
    halves : array of float
        Half of the smallest unit of each group's currency, in ticks.
    """
    total = np.zeros(len(halves), np.int64)
    np.add.at(total, groups, ticks)
    signs = np.zeros((2, len(halves)), bool)
    signs[0, groups[ticks > 0]] = True
    signs[1, groups[ticks < 0]] = True
    has_shares = ~signs.all(axis=0) & (total != 0) & (np.abs(total) >= halves)
    shares = np.full(len(ticks), np.nan)
    rows = has_shares[groups]
    # Plus zero: a share of zero of a negative total is not -0.0.
    shares[rows] = ticks[rows] / total[groups[rows]] + 0.0
    return shares


def with_shares(report: Frame, keys: Sequence[str], column: str, scale: int) -> Frame:
    """Add ``share``: ticks divided by their sum over the keys, currency among them.

    It is null where the parts of a sum have both signs, or where the sum is below half of the currency's
    smallest unit: such shares would be negative, above one, or those of a rounding error.
    """
    if isinstance(report, nw.DataFrame):
        groups, size = factorize(report, keys)
        first = first_rows(groups, size)
        currencies = report["currency"][np.maximum(first, 0)].to_list() if len(report) else [None] * size
        halves = np.array([half_minor_unit(currency, scale) for currency in currencies])
        shares = divide_by_totals(report[column].to_numpy(), groups, halves)
        series = nw.new_series("share", shares, nw.Float64(), backend=report.implementation)
        return report.with_columns(series).with_columns(
            nw.when(~nw.col("share").is_nan()).then(nw.col("share"))
        )
    part = nw.col(column)
    signs = {"_plus": part > 0, "_minus": part < 0}
    signed = report.with_columns(**{name: sign.cast(nw.Int64) for name, sign in signs.items()})
    totals = signed.group_by(*keys).agg(
        nw.col(column).sum().cast(nw.Int64).alias("_whole"), nw.col("_plus").max(), nw.col("_minus").max()
    )
    fills: dict[str, nw.Expr] = {"period": nw.lit(datetime(1, 1, 1), nw.Datetime("us"))}  # noqa: DTZ001 - a day has no zone
    join_keys = [
        column
        for key in keys
        for column in (
            nw.col(key).is_null().alias(f"_no_{key}"),
            nw.when(nw.col(key).is_null())
            .then(fills.get(key, nw.lit("")))
            .otherwise(nw.col(key))
            .alias(f"_{key}"),
        )
    ]
    # A second key states whether the key is null: engines differ in whether null matches null in a join.
    on = [f"_{prefix}{key}" for key in keys for prefix in ("", "no_")]
    sums = totals.with_columns(*join_keys).select(*on, "_whole", "_plus", "_minus")
    joined = report.with_columns(*join_keys).join(sums, on=on)
    half: nw.Expr = nw.lit(half_minor_unit(None, scale))
    for decimals, currencies in UNUSUAL_UNITS.items():
        unit = nw.lit(scale / 10**decimals / 2)
        half = nw.when(nw.col("currency").str.to_uppercase().is_in(currencies)).then(unit).otherwise(half)
    whole = nw.col("_whole").cast(nw.Float64)
    has_share = (nw.col("_plus") + nw.col("_minus") == 1) & (whole.abs() >= half)
    # A share of zero of a negative total is not -0.0.
    share = nw.when(part == 0).then(nw.lit(0.0)).otherwise(part.cast(nw.Float64) / whole)
    return joined.with_columns(nw.when(has_share).then(share).alias("share"))


def notes_of_report(report: Frame) -> list[str]:
    """Return the note on currencies of a pandas report that have no shares."""
    if not isinstance(report, nw.DataFrame) or not report.implementation.is_pandas():
        return []
    without = report.filter(nw.col("share").is_null())["currency"].to_list()
    return notes_on_missing_shares([normalize_key(currency) for currency in without])


def notes_on_missing_shares(currencies: Sequence[str | None]) -> list[str]:
    """Return the note on currencies without shares."""
    if not currencies:
        return []
    named = ", ".join(key or "no currency" for key in sorted(set(currencies), key=nulls_last))
    return [f"No shares of {named}: amounts of both signs, or a total near zero."]
