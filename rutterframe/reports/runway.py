"""Runway: how long the cash lasts and how low it gets, by a forecast."""

from __future__ import annotations

from collections import Counter
from typing import Any

import narwhals.stable.v2 as nw

from rutterframe.reports.engine.frame import (
    Native,
    collect,
    finish,
    from_columns,
    normalize_key,
    nulls_last,
    read_frame,
)
from rutterframe.reports.engine.ticks import choose_scale, ticks

_USUAL = "closing_with_usual"
# The suffix of the columns of each level of the cash, and the beginning of its note.
_SUFFIXES = {"closing": "", _USUAL: "_with_usual"}
_NOTES = {"closing": "Not below zero", _USUAL: "With the usual flows not below zero"}


def runway(forecast: Native) -> Native:
    """Return the week in which the cash of each currency falls below zero, and the lowest balance.

    Parameters
    ----------
    forecast : DataFrame
        The result of `cash_forecast`, of any engine; a converted one is added up by currency and week.

    Returns
    -------
    DataFrame
        One row for each currency, missing last.

        ======================  =======  ==============================================================
        name                    dtype    meaning
        ======================  =======  ==============================================================
        currency                str      amounts of different currencies are never added
        opening                 float64  the cash before week 1; major units
        lowest                  float64  the least of the opening and of all closings
        lowest_week             Int64    the first week that ends with it; 0 is the opening
        weeks                   Int64    the first week that ends below zero, 0 if the opening is below;
                                         null if none does
        lowest_with_usual       float64  the same with the usual flows, for a forecast with ``run_rate``
        lowest_week_with_usual  Int64
        weeks_with_usual        Int64
        ======================  =======  ==============================================================

        On pandas ``attrs["notes"]`` has those of the forecast, and the currencies that do not fall below zero
        with the number of weeks; ``attrs["weeks"]`` has that number for each currency.

    Raises
    ------
    TypeError
        If ``forecast`` is not a DataFrame.
    ValueError
        If columns or weeks of a currency are missing.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [100.0]})
    >>> bills = pd.DataFrame({"id": ["1", "2"], "vendor_id": "v", "status": "open", "currency": "EUR",
    ...                       "amount_due": [80.0, 30.0], "due_date": ["2026-07-01", "2026-07-09"]})
    >>> invoices = bills.head(0).rename(columns={"vendor_id": "customer_id"})
    >>> forecast = rf.reports.cash_forecast(banks, invoices, bills, "2026-06-30")
    >>> rf.reports.runway(forecast).values.tolist()
    [['EUR', 100.0, -10.0, 2, 2]]
    """
    frame = read_frame(forecast, ("currency", "week", "opening", "closing"), kind="forecast")
    levels = ["closing", *([_USUAL] if _USUAL in frame.collect_schema().names() else [])]
    money = ["opening", *levels]
    scale = choose_scale(*((frame, name) for name in money))
    counted = collect(
        frame.with_columns(ticks(frame, name, scale).alias(name) for name in money).select(
            nw.col("currency").cast(nw.String), nw.col("week").cast(nw.Int64), *money
        )
    )
    sums: dict[str, Counter[tuple[str | None, int]]] = {name: Counter() for name in money}
    for currency, week, *amounts in counted.iter_rows():
        for name, amount in zip(money, amounts, strict=True):
            sums[name][normalize_key(currency), int(week)] += int(amount)
    columns: dict[str, list[Any]] = {name: [] for name in _schema(levels)}
    safe: dict[str, list[str]] = {name: [] for name in levels}
    lengths: dict[str, int] = {}
    for currency in sorted({key for key, _ in sums["opening"]}, key=nulls_last):
        weeks = _weeks_of(currency, [week for key, week in sums["opening"] if key == currency])
        lengths[currency or ""] = len(weeks)
        opening = sums["opening"][currency, 1]
        columns["currency"].append(currency)
        columns["opening"].append(opening / scale)
        for name in levels:
            path = [opening, *(sums[name][currency, week] for week in weeks)]
            below = next((week for week, level in enumerate(path) if level < 0), None)
            columns[f"lowest{_SUFFIXES[name]}"].append(min(path) / scale)
            columns[f"lowest_week{_SUFFIXES[name]}"].append(path.index(min(path)))
            columns[f"weeks{_SUFFIXES[name]}"].append(below)
            if below is None:
                safe[name].append(f"{currency or 'no currency'} ({_counted(len(weeks))})")
    notes = list(getattr(forecast, "attrs", {}).get("notes", []))
    for name, named in safe.items():
        if named:
            notes.append(f"{_NOTES[name]} as far as the forecast goes: {', '.join(named)}.")
    schema = _schema(levels)
    if frame.implementation.is_pandas():
        # Its integers cannot be missing; `finish` converts them to Int64.
        schema |= {name: nw.Float64() for name in schema if name.startswith("weeks")}
    return finish(
        from_columns(columns, schema, frame),
        name="runway",
        sources=[forecast],
        notes=notes,
        counts=tuple(name for name, dtype in _schema(levels).items() if dtype == nw.Int64()),
        weeks=lengths,
    )


def _counted(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"


def _schema(levels: list[str]) -> dict[str, Any]:
    """Return the columns of the report, with those of each level of the cash."""
    schema: dict[str, Any] = {"currency": nw.String(), "opening": nw.Float64()}
    for name in levels:
        dtypes = {"lowest": nw.Float64(), "lowest_week": nw.Int64(), "weeks": nw.Int64()}
        schema |= {f"{column}{_SUFFIXES[name]}": dtype for column, dtype in dtypes.items()}
    return schema


def _weeks_of(currency: str | None, weeks: list[int]) -> list[int]:
    """Return the weeks of a currency, and refuse a part of a forecast: it may lack the lowest balance."""
    if sorted(weeks) != list(range(1, len(weeks) + 1)):
        raise ValueError(
            f"forecast must have weeks 1 to {max(weeks)} of {currency or 'no currency'}, "
            f"not {', '.join(map(str, sorted(weeks)))}: pass it as cash_forecast returned it"
        )
    return sorted(weeks)
