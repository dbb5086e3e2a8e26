"""Exact sums of a report's amounts by currency, and their words in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from rutterframe.notebook.escape import printable
from rutterframe.reports.engine.frame import normalize_key
from rutterframe.views.format import money

ZERO = Decimal(0)


def exact(value: Any) -> Decimal:
    """Return an amount of a report as the decimal that it stands for; a missing one is zero.

    Examples
    --------
    >>> exact(0.1) + exact(0.2), exact(None)
    (Decimal('0.3'), Decimal('0'))
    """
    return ZERO if pd.isna(value) else Decimal(str(float(value)))


def total(amounts: Iterable[Any]) -> Decimal:
    """Add up amounts exactly; missing ones are zero."""
    return sum((exact(amount) for amount in amounts), ZERO)


def by_currency(report: pd.DataFrame) -> Iterator[tuple[str | None, pd.DataFrame]]:
    """Return the rows of each currency in the report's order; empty text and null are one, the last.

    Examples
    --------
    >>> report = pd.DataFrame({"currency": [None, "USD", "EUR", ""], "total": [1.0, 2.0, 3.0, 4.0]})
    >>> [(currency, len(rows)) for currency, rows in by_currency(report)]
    [('USD', 1), ('EUR', 1), (None, 2)]
    """
    codes = [normalize_key(code) for code in report["currency"].tolist()]
    for code in sorted(dict.fromkeys(codes), key=lambda each: each is None):
        yield code, report[[each == code for each in codes]]


def amount_of(amount: Any, currency: str | None) -> str:
    """Write an amount with its currency, as in a sentence.

    Examples
    --------
    >>> amount_of(Decimal("1234.5"), "USD"), amount_of(0.0, None)
    ('1,234.50 USD', '0.00 without a currency')
    """
    return money(amount, printable(currency) if currency else "without a currency")


def within(currency: str | None) -> str:
    """Return the words that restrict a sentence to a currency.

    Examples
    --------
    >>> within("USD"), within(None)
    ('in USD', 'without a currency')
    """
    return f"in {printable(currency)}" if currency else "without a currency"


def sentence(text: str) -> str:
    """End a sentence with one full stop, also after a name that ends with one.

    Examples
    --------
    >>> sentence("First of all Al Dana W.L.L."), sentence("Nothing is due")
    ('First of all Al Dana W.L.L.', 'Nothing is due.')
    """
    return text if text.endswith(".") else f"{text}."
