"""The day, week, month, quarter or year that a moment belongs to."""

from __future__ import annotations

import narwhals.stable.v2 as nw

_PERIODS = {"day": "1d", "week": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


def check_period(period: str | None) -> None:
    """Make sure that a period is one, or none.

    Raises
    ------
    ValueError
        If it is none of the choices; the message lists them.
    """
    if period is not None and period not in _PERIODS:
        raise ValueError(f"period={period!r} is none of {', '.join(map(repr, _PERIODS))}")


def first_day(moment: nw.Expr, period: str) -> nw.Expr:
    """Give the first day of the period of each moment, at midnight; weeks begin on Monday."""
    first = day = moment.dt.truncate(_PERIODS[period])
    # narwhals cannot truncate to weeks.
    for after in range(1, 7) if period == "week" else ():
        first = nw.when(day.dt.weekday() == after + 1).then(day.dt.offset_by(f"-{after}d")).otherwise(first)
    return first.cast(nw.Datetime("us"))
