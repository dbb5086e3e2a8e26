"""What a report says in a sentence: amounts with their currency, counts with their noun, and findings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from html import escape
from typing import Self

import pandas as pd

from rutterframe.currency import minor_units


def money(amount: float, currency: str) -> str:
    """Write an amount with its currency and the currency's decimals.

    Examples
    --------
    >>> money(1234.5, "USD"), money(-208600.0, "JPY"), money(float("nan"), "KWD")
    ('1,234.50 USD', '-208,600 JPY', 'an unknown amount of KWD')
    """
    if pd.isna(amount):
        return f"an unknown amount of {currency}"
    places = Decimal(1).scaleb(-minor_units(currency))
    rounded = Decimal(str(float(amount))).quantize(places, rounding=ROUND_HALF_EVEN)
    return f"{rounded or abs(rounded):,} {currency}"


def count(number: int, one: str, many: str = "") -> str:
    """Write how many there are, with the right form of the noun.

    Examples
    --------
    >>> count(1, "bill"), count(1200, "bill"), count(0, "currency", "currencies")
    ('1 bill', '1,200 bills', 'no currencies')
    """
    plural = many or f"{one}s"
    if number == 1:
        return f"1 {one}"
    return f"{number:,} {plural}" if number else f"no {plural}"


def share(part: float) -> str:
    """Write a share of a whole in percent; 0% and 100% are said only of nothing and of everything.

    Examples
    --------
    >>> share(0.314), share(0.002), share(0.998), share(0.9999), share(1.0), share(1.002)
    ('31%', 'less than 1%', 'more than 99%', 'more than 99.9%', '100%', 'more than 100%')
    >>> share(-0.314), share(-0.002), share(-0.9999), share(float("nan"))
    ('-31%', '0%', 'more than -99.9%', 'an unknown share')
    """
    if pd.isna(part):
        return "an unknown share"
    size, sign = abs(part), "-" if part < 0 else ""
    if size < 0.005:
        # Of a negative share that small, the sign would say more than the figure.
        return "less than 1%" if part > 0 else "0%"
    if 0.995 <= size < 1.005 and size != 1:
        limit = "99" if size < 0.9995 else "99.9" if size < 1 else "100"
        return f"more than {sign}{limit}%"
    return f"{part:.0%}"


def listed(names: Iterable[object]) -> str:
    """Write names as a list in a sentence.

    Examples
    --------
    >>> listed(["USD", "EUR", "GBP"]), listed(["USD"]), listed([])
    ('USD, EUR and GBP', 'USD', 'none')
    """
    *first, last = [str(name) for name in names] or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


class Finding(str):
    """Sentences that were worked out from the data; a notebook shows them with a bar at their side.

    Parameters
    ----------
    sentences : iterable of str
        One or a few; if there is none, that is said.

    Examples
    --------
    >>> Finding(["Cash in EUR is lowest in week 3.", "It stays above zero."])
    Finding: Cash in EUR is lowest in week 3. It stays above zero.
    >>> Finding([])
    Finding: The data has nothing to tell here.
    """

    __slots__ = ()
    _called = "Finding"

    def __new__(cls, sentences: Iterable[str]) -> Self:
        """Join the sentences, one a line."""
        return super().__new__(cls, "\n".join(sentences) or "The data has nothing to tell here.")

    def __repr__(self) -> str:
        """Give the text."""
        return f"{self._called}: {' '.join(self.splitlines())}"

    def _repr_html_(self) -> str:
        """Draw the sentences; the page's own colours, and no dollar read as a formula."""
        lines = "<br>".join(escape(line) for line in self.splitlines())
        style = "border-left:4px solid #0072B2;padding:4px 14px;margin:6px 0;line-height:1.5"
        return f'<div class="mathjax_ignore" style="{style}"><strong>{self._called}.</strong> {lines}</div>'


class Notes(Finding):
    """Sentences about the data that a reader must know, such as the notes of reports.

    Examples
    --------
    >>> Notes(["Balances are those of today."])
    Notes: Balances are those of today.
    """

    __slots__ = ()
    _called = "Notes"
