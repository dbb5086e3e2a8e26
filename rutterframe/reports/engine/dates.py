"""Dates: a column or a value is parsed as the calendar date that is written, and never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.frames.text_dtype import IS_PANDAS_2
from rutterframe.reports.engine.frame import Frame, collect

_INVALID = "is not a valid date (expected YYYY-MM-DD)"

# One pattern for every engine: Arrow, DuckDB and Polars know no look-ahead, and only Python has \d for 0-9.
_YEAR = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_LONG, _SHORT = "(?:0[13578]|1[02])", "(?:0[469]|11)"
_DATE = (
    f"(?:{_YEAR}-(?:{_LONG}-(?:0[1-9]|[12][0-9]|3[01])|{_SHORT}-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
_OFFSET = " ?(?:Z|UTC|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
_NO_OFFSET = " ?(?:Z|UTC|[+-]00:?00)"
_AS_WRITTEN = f"^{_DATE}(?:{_TIME}(?:{_OFFSET})?)?$"
_IN_UTC = f"^{_DATE}(?:{_TIME}(?:{_NO_OFFSET})?)?$"
_WITHOUT_ZONE = f"^{_DATE}(?:{_TIME})?$"

# The unit of moments as whole numbers, by the number of digits that those of our time have.
_EPOCHS = {10: "s", 13: "ms", 16: "us", 19: "ns"}


def parse_dates(frame: Frame, column: str, *, kind: str, tz: str | None = None) -> nw.Expr:
    """Return an expression that parses a column of dates as datetimes without a zone, for this frame only.

    A moment with a zone counts by the calendar date of that zone, or of ``tz``; a value without a zone counts
    as it is written. DuckDB and PySpark keep no zone with a column: there the zone is that of the connection
    (``TimeZone``, ``spark.sql.session.timeZone``), which is to be set to the one that dates were written in.
    Text is checked first, on every engine: in a lazy one with a small query.

    Parameters
    ----------
    frame : narwhals frame
        With the column.
    column : str
        The column of dates.
    kind : str
        The name of the frame in an error, such as "invoices".
    tz : str, optional
        The zone of the calendar date of moments, such as "America/Los_Angeles".

    Raises
    ------
    ValueError
        If the column holds anything but dates, datetimes or ISO text; the message has the first such value
        and the call that converts the column.
    """
    dtype = frame.collect_schema()[column]
    values = nw.col(column)
    if dtype == nw.Date:
        return values.cast(nw.Datetime("us"))
    if isinstance(dtype, nw.Datetime):
        return _without_zone(frame, values, dtype.time_zone, kind, tz).cast(nw.Datetime("us"))
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        text = values.cast(nw.String)
        _check_text(frame, text, column, kind, tz)
        days = text.str.slice(0, 10)
        if not (frame.implementation.is_pandas() and IS_PANDAS_2):  # its nanoseconds end in 2262
            days = days.str.to_datetime(format="%Y-%m-%d")
        return days.cast(nw.Datetime("us"))
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pandas():
        native = frame.to_native()[column]
        if isinstance(native.dtype, pd.DatetimeTZDtype):
            # narwhals does not read zones such as America/New_York in pandas.
            return _as_expression(values, _local_time(native, tz))
        if native.dtype == object:
            return _as_expression(values, _parse_objects(native, column, kind, tz))
    first = _first_value(frame, column, dtype)
    if first is not None:
        raise ValueError(_error_text(kind, column, first))
    # All values are missing, of whatever type.
    return nw.when(values.is_null()).then(nw.lit(None, nw.Datetime("us")))


def date_array(frame: nw.DataFrame[Any], column: str, *, kind: str) -> np.ndarray:
    """Return a column of dates in memory as an array, parsed as `parse_dates` does."""
    native = frame[column].to_native()
    if isinstance(native, pd.Series) and isinstance(native.dtype, np.dtype) and native.dtype.kind == "M":
        return native.to_numpy()
    days = frame.select(parse_dates(frame, column, kind=kind).alias("_day"))["_day"]
    array: np.ndarray = days.to_numpy().astype("datetime64[us]")
    return array


def parse_as_of(as_of: Any) -> datetime:
    """Parse the as-of date of a report, as midnight.

    Raises
    ------
    ValueError
        If it is not a valid date.
    """
    return parse_date(as_of, "as_of")


def parse_date(value: Any, name: str) -> datetime:
    """Parse the date of an argument, as midnight; a moment with a zone counts by the calendar date there.

    Raises
    ------
    ValueError
        If it is anything but a date, a datetime or ISO text; the message shows it.
    """
    day = None if isinstance(value, pd.Period) else _parse_value(value, None)
    if day is None:
        raise ValueError(f"{name}={value!r} {_INVALID}: pass a date, a datetime or ISO text")
    return day


def _without_zone(frame: Frame, values: nw.Expr, zone: str | None, kind: str, tz: str | None) -> nw.Expr:
    """Convert moments to ``tz``, and drop their zone."""
    if zone is None:
        return values
    if tz is not None and (tz, zone) not in {(tz, tz), ("UTC", "Etc/UTC")}:
        if not isinstance(frame, nw.DataFrame) and not frame.implementation.is_polars():
            # A moment has no zone of its own there, and narwhals reads it in the connection's.
            setting = "spark.sql.session.timeZone" if frame.implementation.is_pyspark() else "TimeZone"
            raise ValueError(
                f"{kind}: this engine reads moments in the zone of its connection, {zone}: "
                f"set {setting} to {tz!r} to count by the calendar there"
            )
        values = values.dt.convert_time_zone(tz)
    return values.dt.replace_time_zone(None)


def _check_text(frame: Frame, text: nw.Expr, column: str, kind: str, tz: str | None) -> None:
    """Raise an error for text that is not an ISO date, or that has another date in ``tz``."""
    pattern = _AS_WRITTEN if tz is None else _IN_UTC if tz == "UTC" else _WITHOUT_ZONE
    texts = frame.select(text.alias("_text")).filter(~nw.col("_text").is_null())
    # Python's $ also matches before a line break at the end.
    invalid = texts.filter(~nw.col("_text").str.contains(pattern) | nw.col("_text").str.ends_with("\n"))
    # The least is the same on every run of an engine that keeps no order.
    example = (
        invalid.head(1) if isinstance(frame, nw.DataFrame) else collect(invalid.select(nw.col("_text").min()))
    )
    first = example["_text"].to_list()
    if first and first[0] is not None:
        if tz is not None and re.match(_AS_WRITTEN, first[0]):
            raise ValueError(
                f"{kind}: column {column!r} holds moments as text: {first[0]!r} is not the date in {tz} "
                f"(expected moments with a zone); convert it with pd.to_datetime(frame[{column!r}], utc=True)"
            )
        raise ValueError(_error_text(kind, column, first[0]))


def _as_expression(values: nw.Expr, days: pd.Series) -> nw.Expr:
    """Return a series as an expression for the frame that it was computed from."""
    return nw.when(~values.is_null()).then(nw.from_native(days, series_only=True))


def _local_time(moments: pd.Series, tz: str | None) -> pd.Series:
    """Return moments in the local time of their zone, or of ``tz``, without a zone."""
    local = moments if tz is None else moments.dt.tz_convert(tz)
    naive: pd.Series = local.dt.tz_localize(None).astype("datetime64[us]")
    return naive


def _parse_objects(values: pd.Series, column: str, kind: str, tz: str | None) -> pd.Series:
    """Parse a column of Python objects: dates, datetimes and ISO text, also mixed."""
    days = np.full(len(values), np.datetime64("NaT", "us"), "datetime64[us]")
    for row, value in enumerate(values):
        if _is_missing(value):
            continue
        day = _parse_value(value, tz)
        if day is None:
            raise ValueError(_error_text(kind, column, value))
        days[row] = day
    return pd.Series(days, index=values.index)


def _is_missing(value: Any) -> bool:
    return value is None or (np.ndim(value) == 0 and bool(pd.isna(value)))


def _parse_value(value: Any, tz: str | None) -> datetime | None:
    """Return the calendar date of a value as midnight; None if it is not a date."""
    if _is_missing(value):
        return None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, str) and re.match(_AS_WRITTEN, value) and not value.endswith("\n"):
        value = date.fromisoformat(value[:10])
    if not isinstance(value, date):
        return None
    if tz is not None and isinstance(value, datetime) and value.tzinfo is not None:
        value = pd.Timestamp(value).tz_convert(tz)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a calendar day has no zone


def _first_value(frame: Frame, column: str, dtype: Any) -> Any:
    """Return the first value that is not missing, if there is one."""
    present = ~nw.col(column).is_null()
    if dtype in (nw.Float32, nw.Float64):
        present = present & ~nw.col(column).is_nan()
    first = frame.filter(present).select(column).head(1)
    values = collect(first)[column].to_list()
    return values[0] if values else None


def _error_text(kind: str, column: str, value: Any) -> str:
    """Write the error for a column that does not hold dates, with the call that converts it."""
    content, call = _describe(value, f"frame[{column!r}]")
    return f"{kind}: column {column!r} holds {content}: {value!r} {_INVALID}; {call}"


def _describe(value: Any, column: str) -> tuple[str, str]:
    """Return the name of a kind of values, and the call that converts a column of them to dates."""
    if isinstance(value, str):
        return "text", _call_for_text(value, column)
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return "numbers", _call_for_integers(int(value), column)
    if isinstance(value, float | Decimal | np.floating):
        return "numbers", f'convert it with pd.to_datetime({column}.astype("int64"), unit="ms")'
    if hasattr(value, "total_seconds") or hasattr(value, "nanoseconds"):
        return "durations", f"add them to the day they count from: pd.Timestamp(day) + {column}"
    if isinstance(value, pd.Period):
        return "periods", f"convert it with {column}.dt.to_timestamp()"
    names = {bool: "true or false", np.bool_: "true or false", time: "times of day"}
    return names.get(type(value), "nested values"), "pass the column that holds the dates"


def _call_for_integers(value: int, column: str) -> str:
    digits = len(str(abs(value)))
    if digits == 8:
        return f'convert it with pd.to_datetime({column}.astype(str), format="%Y%m%d")'
    unit = _EPOCHS.get(digits) or _EPOCHS.get(digits + 1, "D" if digits <= 6 else "ms")
    return f'convert it with pd.to_datetime({column}, unit="{unit}")'


def _call_for_text(value: str, column: str) -> str:
    text = value.strip()
    if not text:
        return f'replace empty text by missing dates: {column}.replace("", None)'
    if re.fullmatch(r"[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19}", text):
        return f'convert it with pd.to_datetime({column}.astype("int64"), unit="{_EPOCHS[len(text)]}")'
    formats = ['"%Y%m%d"' if re.fullmatch("[0-9]{8}", text) else '"%Y-%m-%d", or as it is written']
    numeric = re.match(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2[0-9]{4}", text)
    if numeric:
        first, separator, second = numeric.groups()
        day_first = f'"%d{separator}%m{separator}%Y"'
        month_first = f'"%m{separator}%d{separator}%Y"'
        formats = [month_first] if int(second) > 12 else [day_first]
        formats += [month_first] if int(first) <= 12 and int(second) <= 12 else []
    return f"convert it with pd.to_datetime({column}, format={' or '.join(formats)})"
