"""Money as whole minor units: cents, yen, fils."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

# ISO 4217 minor units that are not two.
_DIGITS = {"JPY": 0, "KWD": 3}


def digits(currency: str) -> int:
    """Return how many decimals `currency` has."""
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
