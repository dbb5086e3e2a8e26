"""Periods: the day, week, month, quarter or year that a moment belongs to."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

_PERIODS = {"day": "1d", "week": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


def check_period(period: str | None) -> None:
    """Check that a period is one of the choices, or None.

    Raises
    ------
    ValueError
        If it is not; the message lists the choices.
    """
    if period is not None and period not in _PERIODS:
        choices = ", ".join(map(repr, _PERIODS))
        raise ValueError(f"period={period!r} is not a valid period (expected {choices} or None)")


def check_time_zone(tz: str) -> None:
    """Check that a time zone exists.

    Raises
    ------
    ValueError
        If it is not a name of the IANA database.
    """
    try:
        ZoneInfo(tz)
    except (TypeError, ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(
            f"tz={tz!r} is not a valid time zone (expected a name such as 'America/Los_Angeles' or 'UTC')"
        ) from None


def day_ordinal(moment: nw.Expr) -> nw.Expr:
    """Return the ordinal of each moment's day, as `datetime.date.toordinal` does."""
    years = moment.dt.year() - 1
    return years * 365 + years // 4 - years // 100 + years // 400 + moment.dt.ordinal_day()


def truncate_to_period(moment: nw.Expr, period: str) -> nw.Expr:
    """Return the first day of the period of each moment, at midnight; weeks begin on Monday."""
    first = day = moment.dt.truncate(_PERIODS[period])
    # narwhals cannot truncate to weeks, and on PySpark its weekday of a Sunday is 0.
    since_monday = day_ordinal(moment) - 1 - (day_ordinal(moment) - 1) // 7 * 7
    for days in range(1, 7) if period == "week" else ():
        first = nw.when(since_monday == days).then(day.dt.offset_by(f"-{days}d")).otherwise(first)
    return first.cast(nw.Datetime("us"))
