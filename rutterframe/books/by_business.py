"""The figures of several businesses side by side, added up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from rutterframe import reports
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.reports.businesses import Businesses, with_business
from rutterframe.reports.engine.frame import normalize_key, nulls_last
from rutterframe.reports.month_end import orders_until


def figures_of(
    frames: Mapping[str, pd.DataFrame], as_of: str, businesses: Businesses
) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return cash, receivables, payables and a year's sales by business, each with its column of amounts.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Loaded frames by resource.
    as_of : str
        The day to count from.
    businesses : mapping of str to sequence of str
        The connections of each business.
    """

    def by_business(name: str) -> pd.DataFrame:
        rows: pd.DataFrame = with_business(frames[name], businesses)
        return rows

    def memos(name: str) -> pd.DataFrame | None:
        return by_business(name) if name in frames else None

    orders = orders_until(by_business("orders"), as_of)
    end = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1)
    orders = orders[orders["created_at"] >= end - pd.DateOffset(years=1)]
    owed = reports.ar_aging(
        by_business("invoices"), as_of, by="business", credit_memos=memos("invoice_credit_memos")
    )
    owing = reports.ap_aging(
        by_business("bills"), as_of, by="business", credit_memos=memos("bill_credit_memos")
    )
    return {
        "Cash": (reports.cash_position(by_business("bank_accounts"), by="business"), "balance"),
        "Receivables": (owed, "total"),
        "Payables": (owing, "total"),
        "Sales, 12 months": (reports.revenue_by_product(orders, by="business"), "revenue"),
    }


def side_by_side(figures: Mapping[str, tuple[pd.DataFrame, str]], as_of: str) -> pd.DataFrame:
    """Put the amounts of reports by business beside each other: a row for each figure and currency.

    Parameters
    ----------
    figures : mapping of str to (DataFrame, str)
        By the name of the figure: a report with ``business`` and ``currency``, and its column of amounts.
        Rows of one business and currency, as after a conversion, are added up.
    as_of : str
        The day.

    Returns
    -------
    DataFrame
        ``figure`` and ``currency`` (str), a float64 column for each business by name, and ``total``; the
        figures in their order within each currency. A business without an amount has 0.

    Examples
    --------
    >>> import pandas as pd
    >>> cash = pd.DataFrame({"business": ["A", "B", "B"], "currency": "EUR", "balance": [0.1, 0.2, 0.1]})
    >>> side_by_side({"Cash": (cash, "balance")}, "2026-06-30").values.tolist()
    [['Cash', 'EUR', 0.1, 0.3, 0.4]]
    """
    sums: dict[tuple[str | None, str, str], Decimal] = {}
    sources: list[Any] = []
    notes: dict[str, None] = {}
    for figure, (report, amount) in figures.items():
        rows = report[["currency", "business", amount]].astype(object).to_numpy().tolist()
        for currency, business, value in rows:
            key = (normalize_key(currency), figure, _text(business))
            sums[key] = sums.get(key, Decimal(0)) + (Decimal(0) if pd.isna(value) else Decimal(str(value)))
        sources += [each for each in report.attrs.get("sources", []) if each not in sources]
        notes |= dict.fromkeys(report.attrs.get("notes", []))
    names = sorted({business for *_, business in sums})
    column = next((name for name in names if name in ("figure", "currency", "total")), None)
    if column is not None:
        raise ValueError(f"a business cannot be called {column!r} here: the table has a column of that name")
    lines = []
    for currency in sorted({currency for currency, *_ in sums}, key=nulls_last):
        for figure in figures:
            values = [sums.get((currency, figure, name), Decimal(0)) for name in names]
            if any((currency, figure, name) in sums for name in names):
                lines.append([figure, currency, *map(float, values), float(sum(values))])
    table = pd.DataFrame(lines, columns=["figure", "currency", *names, "total"])
    texts = dict.fromkeys(["figure", "currency"], TEXT_DTYPE)
    table = table.astype({**texts, **dict.fromkeys([*names, "total"], "float64")})
    table.attrs = {"as_of": as_of, "notes": [*notes], "sources": sources}
    return table


def _text(value: Any) -> str:
    return "none" if pd.isna(value) else str(value)
