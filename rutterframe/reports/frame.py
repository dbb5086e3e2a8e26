"""What every report does with a frame: check it first, count money exactly, give the same kind back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.money import LARGEST_SUM, TICKS

#: A frame of any engine: pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark.
Native = Any
# narwhals has no type for "either", and both have the methods that a report uses.
Frame = Any

# Their own rounding is half to even; that of the others is half away from zero.
_ROUNDS_TO_EVEN = (nw.Implementation.PANDAS, nw.Implementation.POLARS)
# What only one kind of document has, and the report that takes it.
_TELLTALES = {
    "vendor_id": "bills (ap_aging takes those)",
    "total_price": "orders (revenue_by_product takes those)",
    "customer_id": "invoices (ar_aging takes those)",
    "institution_name": "bank accounts (cash_position takes those)",
    "platform_id": "accounts (trial_balance takes those)",
}


def read_frame(native: Native, needed: Iterable[str], *, kind: str) -> Frame:
    """Take a frame of any engine and make sure that it is of the right kind.

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If columns are missing; the message lists them, what was there, and what the frame looks like.
    """
    try:
        frame: Frame = nw.from_native(native)
    except TypeError:
        raise TypeError(
            f"{kind} must be a DataFrame (pandas, Polars, PyArrow, DuckDB or PySpark), "
            f"not {type(native).__name__}"
        ) from None
    there = frame.collect_schema().names()
    missing = [name for name in needed if name not in there]
    if missing:
        looks = next((f" It looks like {what}." for name, what in _TELLTALES.items() if name in there), "")
        raise ValueError(
            f"{kind} has no column {', '.join(map(repr, missing))}; "
            f"its columns are {', '.join(map(str, there))}.{looks}"
        )
    return frame


def read_as_of(as_of: date | datetime | str) -> datetime:
    """Read the day of a report, as midnight.

    Raises
    ------
    ValueError
        If it is no day.
    """
    try:
        day = datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a calendar day has no zone
    except (ValueError, AttributeError, TypeError):
        raise ValueError(f"as_of={as_of!r} is no day: pass a date, a datetime or 'YYYY-MM-DD'") from None


def day_of(frame: Frame, column: str) -> nw.Expr:
    """Give a column of days without a zone; one with a zone is read in UTC."""
    dtype = frame.collect_schema()[column]
    found = nw.col(column)
    if dtype == nw.Unknown:
        # How narwhals sees pandas days in zones such as America/New_York, with more than letters in the name.
        found = found.cast(nw.Datetime("us", "UTC")).dt.replace_time_zone(None)
    elif isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        found = found.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return found.cast(nw.Datetime("us"))


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


def units(*columns: str) -> list[nw.Expr]:
    """Turn sums of ticks into major units: the one division of a report, at its end."""
    # Polars multiplies by 1 / TICKS where it divides by a constant, which is not the nearest float. By a
    # column it divides.
    counts = [(name, nw.col(name).cast(nw.Float64)) for name in columns]
    return [(count / (count * 0 + TICKS)).alias(name) for name, count in counts]


def check_size(frame: Frame, column: str) -> None:
    """Make sure that ticks cannot overflow; what is lazy is left to its own engine.

    Raises
    ------
    OverflowError
        If the absolute amounts add up to more than 64-bit ticks can hold.
    """
    if isinstance(frame, nw.DataFrame):
        size = frame.select(nw.col(column).cast(nw.Float64).abs().sum()).item()
        if size is not None and size >= LARGEST_SUM:
            raise OverflowError(f"{column}: absolute amounts of {size:,.0f} are more than {LARGEST_SUM:,.0f}")


def finish(
    report: Frame,
    *,
    name: str,
    sources: Sequence[Native],
    notes: Sequence[str] = (),
    counts: Sequence[str] = (),
    **about: str,
) -> Native:
    """Give a report as the caller's kind of frame; pandas' also carries where it comes from.

    Parameters
    ----------
    report : narwhals frame
        What was worked out.
    name : str
        The report's name.
    sources : sequence of DataFrame
        What it was made of; their receipts go along.
    notes : sequence of str
        What the data cannot say.
    counts : sequence of str
        Columns of whole numbers, which pandas would give as floats where one is missing.
    **about : str
        What else a reader must know, such as ``as_of``.
    """
    native = report.to_native()
    if isinstance(native, pd.DataFrame):
        native = native.reset_index(drop=True).astype(dict.fromkeys(counts, "Int64"))
        receipts = [receipt for frame in sources for receipt in _receipts(frame)]
        carried: dict[Hashable, Any] = {"report": name, "notes": list(notes), "sources": receipts}
        native.attrs = carried | dict(about)
    return native


def _receipts(source: Native) -> list[Any]:
    """Give the receipts of a loaded frame, or of what a report was made of."""
    attrs = getattr(source, "attrs", {})
    return [attrs["receipt"]] if "receipt" in attrs else list(attrs.get("sources", []))
