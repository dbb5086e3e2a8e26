"""How Excel shows the values of a report: number formats, and about how wide they are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.currency import minor_units
from rutterframe.reports.columns import Kind

# The third section of a number format: how zero is shown.
_EXCEL_ZERO = ';"\N{EN DASH}"_)'


def excel_format(kind: Kind, value: float, currency: Any, *, is_summed: bool = True) -> str:
    """Return the number format of a value in a workbook: money has its currency's decimals, zero is a dash.

    Parameters
    ----------
    kind : Kind
        The kind of the column.
    value : float
        The value: one that is not zero, but has no digit to show, has no sign either.
    currency : str
        The currency of the row; null for none.
    is_summed : bool
        Whether a count says how many there are, so that zero is none; zero days past due are a value.

    Returns
    -------
    str
        The format, in Excel's own notation.

    Examples
    --------
    >>> excel_format(Kind.SHARE, 0.25, None)
    '0.0%_);[Red](0.0%);"–"_)'
    """
    if kind is Kind.MONEY:
        decimals = minor_units("" if pd.isna(currency) else currency)
        digits = f"#,##0.{'0' * decimals}".rstrip(".")
        return _excel_signed(digits, nothing=0 < abs(value) < 0.5 * 10**-decimals)
    if kind is Kind.SHARE:
        return _excel_signed("0.0%", nothing=0 < abs(value) < 0.0005)
    if kind is Kind.DURATION:
        return _excel_signed("#,##0.0", nothing=0 < abs(value) < 0.05)
    if kind is Kind.COUNT:
        digits = "#,##0" if value == int(value) else "#,##0.0###"
        return f"{digits}_);-{digits}_){_EXCEL_ZERO if is_summed else ''}"
    return "General"


def _excel_signed(digits: str, *, nothing: bool) -> str:
    """Return a format with negative values in red and in parentheses, unless they round to zero."""
    return f"{digits}_);{digits}_)" if nothing else f"{digits}_);[Red]({digits}){_EXCEL_ZERO}"


def excel_text(kind: Kind, value: float, currency: Any) -> str:
    """Return a text that is about as wide as Excel shows a number.

    Parameters
    ----------
    kind : Kind
        The kind of the column.
    value : float
        The value.
    currency : str
        The currency of the row; null for none.

    Returns
    -------
    str
        The text, for the width of a column.

    Examples
    --------
    >>> excel_text(Kind.MONEY, 1234.5, "USD")
    '(1,234.50)'
    """
    if kind is Kind.MONEY:
        return f"({abs(value):,.{minor_units('' if pd.isna(currency) else currency)}f})"
    return f"{value:,}" if kind is Kind.COUNT else f"{value:.4g}"
