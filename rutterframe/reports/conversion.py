"""Convert the money of a report into one currency, by dated rates that the notes name."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.currency import CURRENCIES, minor_units, parse_currency
from rutterframe.frames.text_dtype import own_memory
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import describe, recognise
from rutterframe.reports.engine.dates import parse_date, parse_dates
from rutterframe.reports.engine.frame import Frame, Native, collect, read_frame, to_backend
from rutterframe.reports.engine.ticks import choose_scale
from rutterframe.reports.spark_conversion import convert_on_spark
from rutterframe.reports.specs import ORIGINAL, SPECS

# Digits enough for the largest amount times any rate, so that a product is exact before it is rounded.
_DIGITS = 100

# The rate of each currency and its day; the target currency has none.
_Rates = Mapping[str, tuple[Decimal, datetime | None]]


def convert(
    report: Native,
    rates: Native,
    to: str,
    *,
    on: date | datetime | str | None = None,
    columns: Sequence[str] | None = None,
) -> Native:
    """Convert the money of a report into one currency.

    Parameters
    ----------
    report : DataFrame
        A report of any engine, with ``currency``.
    rates : DataFrame
        Rates with ``currency``, ``rate`` (units of ``to`` for one unit of the currency) and ``date``.
    to : str
        The currency to convert into; its own rate is 1 and need not be listed.
    on : date, datetime or str, optional
        The day to convert on: each currency takes its latest rate up to that day. Required where the rates
        are of several days.
    columns : sequence of str, optional
        The columns that hold money; by default those of the report, which is recognised by its columns where
        it has no ``attrs``, as on other engines than pandas or after a merge.

    Returns
    -------
    DataFrame
        The report's rows and columns, in its order, with every amount of money in ``to`` and rounded half to
        even to its minor units, and

        =================  ========  ================================================================
        name               dtype     meaning
        =================  ========  ================================================================
        currency           str       ``to``
        original_currency  str       the report's own, as it is written there; rows are not added up
        =================  ========  ================================================================

        Missing amounts stay missing. On pandas ``attrs["notes"]`` lists the rates that were used.

    Raises
    ------
    TypeError
        If ``report`` or ``rates`` is not a DataFrame.
    ValueError
        If a currency of the report has no rate (the message lists them all); if rates are missing, are not
        numbers, are not above zero or contradict each other; if the rate of ``to`` itself is not 1, since
        the rates are then into another currency; if ``to`` is not a currency, columns are missing, or
        ``on`` is needed.
    OverflowError
        If the amounts are too large to be counted exactly.

    Notes
    -----
    Codes of currencies are compared without case and blanks around them.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "USD"], "balance": [10.0, 5.0]})
    >>> rates = pd.DataFrame({"currency": ["EUR"], "rate": [1.0825], "date": pd.to_datetime(["2026-06-30"])})
    >>> rf.reports.convert(rf.reports.cash_position(banks), rates, "USD")["balance"].tolist()
    [10.82, 5.0]
    """
    code = parse_currency(to, name="to")
    if code not in CURRENCIES:
        raise ValueError(f"to={to!r} is not a currency of ISO 4217 (expected a code such as USD)")
    money = _money(report, columns)
    source = read_frame(report, ("currency", *money), kind="report")
    # On Spark the rows stay there; elsewhere a report is short.
    frame = source if source.implementation.is_pyspark() else collect(source)
    if ORIGINAL in frame.collect_schema().names():
        raise ValueError("report has a column 'original_currency': it is converted already")
    scales = {name: choose_scale((frame, name)) for name in money}
    texts = collect(frame.select("currency").unique() if isinstance(frame, nw.LazyFrame) else frame)[
        "currency"
    ].to_list()
    currencies = [_code(currency) for currency in texts]
    table = collect(read_frame(rates, ("currency", "rate", "date"), kind="rates"))
    used = _latest(_read_table(table, code), code, on)
    missing = sorted({currency or "(none)" for currency in currencies if currency not in used})
    if missing:
        until = "" if on is None else f" up to {parse_date(on, 'on'):%Y-%m-%d}"
        raise ValueError(
            f"rates has no rate{until} for {printable_names(missing)}; it has {printable_names(sorted(used))}"
        )
    if not isinstance(frame, nw.DataFrame):
        rates_of = {text: used[currency or ""][0] for text, currency in zip(texts, currencies, strict=True)}
        return _in_target(convert_on_spark(frame, scales, rates_of, code), code).to_native()
    backend = frame.implementation
    converted = [
        nw.new_series(
            name, _converted(frame[name].to_list(), currencies, used, code), nw.Float64(), backend=backend
        )
        for name in money
    ]
    native = own_memory(to_backend(_in_target(frame.with_columns(*converted), code), source).to_native())
    if isinstance(native, pd.DataFrame):
        native.attrs = _attrs(report, len(frame), code, _notes(frame, currencies, used, code))
    return native


def _in_target(frame: Frame, code: str) -> Frame:
    return frame.with_columns(nw.lit(code).alias("currency"), nw.col("currency").alias(ORIGINAL))


def _attrs(report: Native, rows: int, code: str, notes: Sequence[str]) -> dict[Hashable, Any]:
    """Return the report's ``attrs`` with more notes; all of its rows are in one currency now."""
    attrs: dict[Hashable, Any] = dict(getattr(report, "attrs", {}))
    whole = attrs.get("rows", rows)
    if "rows_by_currency" in attrs:
        attrs["rows_by_currency"] = {code: whole}
    part = [f"A part of the report: {rows:,} of {whole:,} rows."] if rows < whole else []
    return {**attrs, "notes": [*attrs.get("notes", []), *part, *notes], "currency": code}


def _money(report: Native, columns: Sequence[str] | None) -> list[str]:
    """Return the columns that hold money: those that the caller names, or those of the report's spec."""
    if columns is not None:
        return [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    names = read_frame(report, ("currency",), kind="report").collect_schema().names()
    name = getattr(report, "attrs", {}).get("report")
    if name not in SPECS:
        # An aging by other columns than customers or vendors may be of either: their money is the same.
        name = recognise(names) or ("ar_aging" if {"current", "no_due_date", "total"} <= {*names} else None)
    if name is not None:
        return [column.name for column in describe(name, names) if column.kind is Kind.MONEY]
    raise ValueError(f"columns= must name the money of this report; its columns are {printable_names(names)}")


def _code(currency: object) -> str | None:
    """Return a currency in capitals without blanks, or None where it is missing."""
    return currency.strip().upper() or None if isinstance(currency, str) else None


def _read_table(rates: Frame, to: str) -> dict[tuple[str, datetime], Decimal]:
    """Read each rate of a table by its currency and day, exactly."""
    by_day: dict[tuple[str, datetime], Decimal] = {}
    days = rates.select(parse_dates(rates, "date", kind="rates").dt.truncate("1d").alias("date"))[
        "date"
    ].to_list()
    narrow = rates.schema["rate"] == nw.Float32
    for currency, value, day in zip(rates["currency"].to_list(), rates["rate"].to_list(), days, strict=True):
        if pd.isna(currency) or pd.isna(value) or pd.isna(day):
            row = ", ".join(
                "missing" if pd.isna(part) else str(part) for part in (currency, value, day and day.date())
            )
            raise ValueError(f"rates has rows without a currency, rate or date; the first has {row}")
        code = parse_currency(currency, name="rates: currency")
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(
                f"rates: column 'rate' holds values that are not numbers (the first is {value!r}): "
                f"convert it with pd.to_numeric(rates['rate'])"
            )
        exact = Decimal(str(np.float32(value) if narrow else value))
        if not exact.is_finite() or exact <= 0:
            raise ValueError(f"rates has a rate for {code} that is not a number above zero: {value}")
        if code == to and exact != 1:
            raise ValueError(
                f"rates: one {to} would be {exact} {to} on {day:%Y-%m-%d}, so these are rates into another "
                f"currency; a rate must say how many {to} one unit of its currency is worth"
            )
        if by_day.setdefault((code, day), exact) != exact:
            raise ValueError(f"rates has two rates for {code} on {day:%Y-%m-%d}")
    return by_day


def _latest(
    by_day: Mapping[tuple[str, datetime], Decimal], to: str, on: date | datetime | str | None
) -> _Rates:
    """Return one rate for each currency: its latest up to the day."""
    until = None if on is None else parse_date(on, "on")
    days = {day for _, day in by_day}
    if until is None and len(days) > 1:
        raise ValueError(
            f"rates are of {len(days)} days, {min(days):%Y-%m-%d} to {max(days):%Y-%m-%d}: pass on="
        )
    used: dict[str, tuple[Decimal, datetime | None]] = {
        currency: (rate, day)
        for (currency, day), rate in sorted(by_day.items(), key=lambda item: item[0][1])
        if until is None or day <= until
    }
    return {**used, to: (Decimal(1), None)}


def _converted(
    amounts: Sequence[Any], currencies: Sequence[str | None], used: _Rates, to: str
) -> list[float | None]:
    """Multiply exactly, and round once; a report is short, so this may go row by row."""
    cent = Decimal(1).scaleb(-minor_units(to))
    converted: list[float | None] = []
    with localcontext() as context:
        context.prec = _DIGITS
        for amount, currency in zip(amounts, currencies, strict=True):
            if pd.isna(amount):
                converted.append(None)
                continue
            product = Decimal(str(amount)) * used[currency or ""][0]
            # Plus zero, so that a small amount does not become a negative zero.
            converted.append(float(product.quantize(cent, ROUND_HALF_EVEN)) + 0.0)
    return converted


def _notes(frame: Frame, currencies: Sequence[str | None], used: _Rates, to: str) -> list[str]:
    """List the rates that were used, and note what they did not change."""
    notes = []
    for currency in sorted({code for code in currencies if code and code != to}):
        rate, day = used[currency]
        notes.append(f"1 {currency} = {rate} {to}, the rate of {day:%Y-%m-%d}.")
    if notes:
        notes.append("Each amount is rounded by itself, so a total can differ from the sum of its parts.")
        if any("share" in name for name in frame.columns):
            notes.append("Shares are those within the original currency.")
    return notes
