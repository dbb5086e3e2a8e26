"""Dates, times and amounts of money as whole numbers.

A day is a proleptic ordinal, a moment is whole seconds since 1970 (UTC), an amount is minor units of its
currency: cents, yen, fils. The books are two years of history that end on a fixed closing date.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

OPENING = date(2024, 7, 1).toordinal()
CLOSING = date(2026, 6, 30).toordinal()
_EPOCH = date(1970, 1, 1).toordinal()
DAY = 86_400


def moment(day: int, second: int = 0) -> int:
    """Return the moment of a second of a day."""
    return (day - _EPOCH) * DAY + second


def day_of(instant: int) -> int:
    """Return the day in which a moment lies."""
    return instant // DAY + _EPOCH


# No record of the books is later than noon of the closing date; written records are.
CLOSING_MOMENT = moment(CLOSING, DAY // 2)


@cache
def day_text(day: int) -> str:
    """Return a day as YYYY-MM-DD."""
    return date.fromordinal(day).isoformat()


def moment_text(instant: int) -> str:
    """Return a moment as YYYY-MM-DDTHH:MM:SSZ."""
    minutes, seconds = divmod(instant % DAY, 60)
    return f"{day_text(day_of(instant))}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}Z"


def parse_day(text: str) -> int:
    """Return the day of a text YYYY-MM-DD.

    Raises
    ------
    ValueError
        The text is not such a date.
    """
    if len(text) != len("YYYY-MM-DD"):
        raise ValueError(text)
    return date.fromisoformat(text).toordinal()


def parse_moment(text: str) -> float:
    """Return the moment of an ISO 8601 date-time, in UTC if it names no zone.

    Raises
    ------
    ValueError
        The text is not a date-time.
    """
    if "T" not in text.upper():
        raise ValueError(text)
    instant = datetime.fromisoformat(text.upper())
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def workday(day: int) -> int:
    """Return the day, or the Monday after a weekend."""
    return day + max(0, 7 - (day - 1) % 7) if (day - 1) % 7 > 4 else day


@cache
def month_of(day: int) -> int:
    """Return the month of a day, 1 to 12."""
    return date.fromordinal(day).month


@cache
def month_ends() -> tuple[int, ...]:
    """Return the last day of every month of the books."""
    ends = []
    day = OPENING
    while day <= CLOSING:
        first = date.fromordinal(day)
        day += monthrange(first.year, first.month)[1]
        ends.append(day - 1)
    return tuple(ends)


# ISO 4217 minor units that are not two.
_DIGITS = {"JPY": 0, "KWD": 3}


def digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return _DIGITS.get(currency, 2)


def number(amount: int, currency: str) -> int | float:
    """Return minor units as the JSON number that prints with the currency's decimals at most."""
    places = digits(currency)
    # A division of two integers is correctly rounded, so the float's shortest text is the exact amount.
    return amount / 10**places if places else amount


def minor(amount: float | Decimal, currency: str) -> int:
    """Return an amount in minor units, rounded half to even."""
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    return int(exact.scaleb(digits(currency)).to_integral_value(ROUND_HALF_EVEN))


def divide(dividend: int, divisor: int) -> int:
    """Return the quotient of two integers, rounded half to even; the divisor is positive."""
    quotient, rest = divmod(dividend, divisor)
    if 2 * rest > divisor or (2 * rest == divisor and quotient % 2):
        return quotient + 1
    return quotient
