"""Write values as text: amounts in major units of their currency, counts, shares, days and periods.

`amount` and `amounts` write an amount as it stands in a table, `money` as it stands in a sentence. Where
Excel or plotly writes the values, `excel_format` and `plotly_format` return how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial
from typing import Any

import pandas as pd

from rutterframe.currency import minor_units
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.describe import describe
from rutterframe.views.excel_format import excel_format, excel_text

__all__ = [
    "amount", "amounts", "bucket", "count", "counted", "day", "duration", "excel_format", "excel_text",
    "format_values", "listed", "money", "number", "percent", "plotly_format", "share", "text",
]  # fmt: skip

#: Stands where a report has no value.
BLANK = "n/a"

#: Stands for exactly zero, which is easier to tell from amounts than a zero with decimals.
ZERO = "\N{EN DASH}"

_PERIODS = {"month": "%Y-%m", "year": "%Y"}


def format_values(
    values: Sequence[Any], column: Column, currencies: Sequence[str], *, flags: Sequence[str], period: str
) -> list[str]:
    """Write the values of a column; text stays as it is.

    Parameters
    ----------
    values : sequence
        Money and counts as decimals in major units.
    column : Column
        What they are.
    currencies : sequence of str
        The currency of each value.
    flags : sequence of str
        The words for true, false and null.
    period : str
        The length of the report's periods.

    Returns
    -------
    list of str
        The texts, in the same order.

    Examples
    --------
    >>> from rutterframe.reports.columns import CURRENCY
    >>> format_values(["USD", None], CURRENCY, ["USD", "USD"], flags=("yes", "no", "?"), period="")
    ['USD', 'n/a']
    """
    if column.kind is Kind.MONEY:
        return amounts(values, currencies)
    length = period if column.name == "period" else ""
    yes, no, unknown = flags
    write: Callable[[Any], str]
    if column.kind is Kind.FLAG:
        return [unknown if pd.isna(value) else yes if value else no for value in values]
    if column.kind is Kind.DAY:
        write = partial(day, length=length)
    elif column.name == "bucket":
        write = bucket
    elif column.kind is Kind.COUNT:
        # Zero days past due or week zero are values; zero documents are none.
        write = counted if column.is_summed else number
    else:
        write = {Kind.SHARE: percent, Kind.DURATION: duration}.get(column.kind, text)
    blank = BLANK if column.blank is None else column.blank
    return [
        blank if pd.isna(value) else value if isinstance(value, str) and write is not bucket else write(value)
        for value in values
    ]


def amounts(values: Iterable[Any], currencies: Iterable[str]) -> list[str]:
    """Write amounts in the decimals of their currencies, negative ones in parentheses, zero as a dash.

    Text stays as it is, such as the blank of a row that stands for others.

    Parameters
    ----------
    values : iterable of decimal.Decimal, float or str
        Amounts in major units.
    currencies : iterable of str
        The currency of each.

    Returns
    -------
    list of str
        The texts, in the same order.

    Examples
    --------
    >>> amounts([-5, 7.5, None], ["EUR", "JPY", "USD"])
    ['(5.00)', '8', 'n/a']
    """
    decimals: dict[str, Decimal] = {}
    written = []
    for value, currency in zip(values, currencies, strict=True):
        if isinstance(value, str) or pd.isna(value) or value == 0:
            written.append(value if isinstance(value, str) else BLANK if pd.isna(value) else ZERO)
            continue
        if currency not in decimals:
            decimals[currency] = Decimal(1).scaleb(-minor_units(currency))
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        rounded = exact.quantize(decimals[currency], rounding=ROUND_HALF_EVEN)
        written.append(f"({-rounded:,})" if rounded < 0 else f"{abs(rounded):,}")
    return written


def amount(value: Any, currency: str) -> str:
    """Write an amount in the decimals of its currency, a negative one in parentheses, zero as a dash.

    Parameters
    ----------
    value : decimal.Decimal or float
        The amount in major units; null for none.
    currency : str
        The currency, as ISO 4217 has it.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> amount(-1234.56, "USD"), amount(1234, "JPY"), amount(1.2345, "KWD"), amount(0, "USD")
    ('(1,234.56)', '1,234', '1.234', '–')
    """
    return amounts([value], [currency])[0]


def money(value: float, currency: str) -> str:
    """Write an amount with its currency, as in a sentence.

    Parameters
    ----------
    value : float
        The amount in major units; null for none.
    currency : str
        The currency, as ISO 4217 has it.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> money(1234.5, "USD"), money(-208600.0, "JPY"), money(float("nan"), "KWD")
    ('1,234.50 USD', '-208,600 JPY', 'an unknown amount of KWD')
    """
    if pd.isna(value):
        return f"an unknown amount of {currency}"
    places = Decimal(1).scaleb(-minor_units(currency))
    rounded = Decimal(str(float(value))).quantize(places, rounding=ROUND_HALF_EVEN)
    return f"{rounded or abs(rounded):,} {currency}"


def number(value: Any) -> str:
    """Write a number without needless zeros.

    Parameters
    ----------
    value : decimal.Decimal or float
        The number; null for none.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> number(Decimal("1200.0")), number(Decimal("0.25")), number(None)
    ('1,200', '0.25', 'n/a')
    """
    return BLANK if pd.isna(value) else f"{Decimal(str(value)).normalize():,f}"


def counted(value: Any) -> str:
    """Write how many there are, none as a dash.

    Parameters
    ----------
    value : decimal.Decimal or int
        How many; null where that is not known.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> counted(Decimal(1200)), counted(Decimal(0)), counted(None)
    ('1,200', '–', 'n/a')
    """
    return ZERO if not pd.isna(value) and value == 0 else number(value)


def count(total: int, singular: str, plural: str = "") -> str:
    """Write how many there are, with the right form of the noun.

    Parameters
    ----------
    total : int
        How many.
    singular : str
        The noun for one.
    plural : str, optional
        The noun for several, where it is not the singular with an s.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> count(1, "bill"), count(1200, "bill"), count(0, "currency", "currencies")
    ('1 bill', '1,200 bills', 'no currencies')
    """
    plural = plural or f"{singular}s"
    if total == 1:
        return f"1 {singular}"
    return f"{total:,} {plural}" if total else f"no {plural}"


def percent(share: Any) -> str:
    """Write a fraction of 1 in percent, a negative one in parentheses, zero as a dash.

    Parameters
    ----------
    share : float
        The fraction; null for none.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> percent(0.314), percent(-0.05), percent(0.0004), percent(0.0), percent(None)
    ('31.4%', '(5.0%)', '0.0%', '–', 'n/a')
    """
    if pd.isna(share):
        return BLANK
    if share == 0:
        return ZERO
    text = f"{abs(share):.1%}"
    return f"({text})" if share < 0 and text != "0.0%" else text


def duration(days: Any) -> str:
    """Write a number of days with one decimal, a negative one in parentheses.

    Parameters
    ----------
    days : float
        How many days; null where that is not known.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> duration(28.04), duration(-3.5), duration(None)
    ('28.0', '(3.5)', 'n/a')
    """
    if pd.isna(days):
        return BLANK
    text = f"{abs(days):,.1f}"
    return f"({text})" if days < 0 and text != "0.0" else text


def share(part: float) -> str:
    """Write a share of a whole in percent, as in a sentence: 0% means nothing, and 100% everything.

    Parameters
    ----------
    part : float
        The fraction of 1; null for none.

    Returns
    -------
    str
        The text.

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


def day(value: Any, length: str = "") -> str:
    """Write a day, or a period by its first day.

    Parameters
    ----------
    value : datetime
        The day; null for none.
    length : {"", "day", "week", "month", "quarter", "year"}
        The length of the period that begins on it; empty for the day itself.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> first = pd.Timestamp("2026-04-01")
    >>> day(first), day(first, "quarter"), day(first, "month"), day(first, "week"), day(None)
    ('2026-04-01', '2026 Q2', '2026-04', '2026-04-01', 'n/a')
    """
    if pd.isna(value):
        return BLANK
    moment = pd.Timestamp(value)
    if length == "quarter":
        return f"{moment.year} Q{moment.quarter}"
    return moment.strftime(_PERIODS.get(length, "%Y-%m-%d"))


def text(value: Any) -> str:
    """Write a value as it is.

    Parameters
    ----------
    value : object
        The value; null for none.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> text(7), text(None)
    ('7', 'n/a')
    """
    return BLANK if pd.isna(value) else str(value)


def bucket(value: Any) -> str:
    """Write the name of an aging bucket as its label.

    Parameters
    ----------
    value : str
        The name of its column; null for none.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> bucket("days_31_60"), bucket("no_due_date")
    ('31–60 days', 'No due date')
    """
    if pd.isna(value):
        return BLANK
    (column,) = describe("ar_aging", [str(value)])
    return column.label


def listed(names: Iterable[object]) -> str:
    """Write names as a list in a sentence.

    Parameters
    ----------
    names : iterable of object
        The names.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> listed(["USD", "EUR", "GBP"]), listed(["USD"]), listed([])
    ('USD, EUR and GBP', 'USD', 'none')
    """
    *first, last = [str(name) for name in names] or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def plotly_format(currency: str) -> str:
    """Return the format of amounts in a chart: the decimals of the currency, negative ones in parentheses.

    Parameters
    ----------
    currency : str
        The currency, as ISO 4217 has it.

    Returns
    -------
    str
        As d3-format takes it.

    Examples
    --------
    >>> plotly_format("USD"), plotly_format("JPY")
    ('(,.2f', '(,.0f')
    """
    return f"(,.{minor_units(currency)}f"
