"""Periods: the day, week, month, quarter or year that a moment belongs to."""

from __future__ import annotations

from datetime import date
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


def period_number(day: date, period: str) -> int:
    """Return the number of the period of a day: that of the next period is one more.

    Examples
    --------
    >>> period_number(date(2026, 1, 1), "month") - period_number(date(2025, 12, 31), "month")
    1
    """
    if period == "week":  # 0001-01-01, with the ordinal 1, is a Monday
        return (day.toordinal() - 1) // 7
    numbers = {"month": day.year * 12 + day.month - 1, "quarter": day.year * 4 + (day.month - 1) // 3}
    return day.toordinal() if period == "day" else numbers.get(period, day.year)


def period_start(number: int, period: str) -> date:
    """Return the first day of a period by its number.

    Examples
    --------
    >>> period_start(period_number(date(2026, 6, 30), "quarter"), "quarter")
    datetime.date(2026, 4, 1)
    """
    if period in ("day", "week"):
        return date.fromordinal(number if period == "day" else number * 7 + 1)
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    year, month = divmod(number * months, 12)
    return date(year, month + 1, 1)


def year_before(number: int, period: str) -> int | None:
    """Return the number of the period one year before: of a week 52 weeks; None of 29 February as a day.

    Examples
    --------
    >>> year_before(8105, "quarter"), year_before(date(2024, 2, 29).toordinal(), "day")
    (8101, None)
    """
    if period == "day":
        day = date.fromordinal(number)
        return None if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1).toordinal()
    return number - {"week": 52, "month": 12, "quarter": 4, "year": 1}[period]


def period_name(number: int, period: str) -> str:
    """Return how a sentence calls a period.

    Examples
    --------
    >>> period_name(24317, "month"), period_name(8105, "quarter"), period_name(2026, "year")
    ('2026-06', '2026 Q2', '2026')
    """
    first = period_start(number, period)
    if period == "quarter":
        return f"{first.year} Q{(first.month + 2) // 3}"
    return first.isoformat()[: {"month": 7, "year": 4}.get(period, 10)]
