"""Lay out figures of several reports: of businesses side by side, and of a month end by currency."""

from __future__ import annotations

import pandas as pd

from rutterframe.reports.caption import NO_CURRENCY, Caption, environments, fetched
from rutterframe.reports.columns import Column, Kind
from rutterframe.views.format import amounts
from rutterframe.views.html_table import Table
from rutterframe.views.layout import Group, Layout


def businesses(report: pd.DataFrame) -> Table:
    """Draw the result of `Books.by_business` as a table, each currency for itself.

    Parameters
    ----------
    report : DataFrame
        With ``figure``, ``currency``, a column for each business, and ``total``.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Raises
    ------
    ValueError
        If it lacks one of the three columns.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"figure": ["Cash"], "currency": ["EUR"], "Gear": [3.5], "total": [3.5]})
    >>> "3.50" in businesses(report).as_raw_html()
    True
    """
    missing = [name for name in ("figure", "currency", "total") if name not in report]
    if missing:
        raise ValueError(f"the report has no column {missing[0]!r}: pass the result of Books.by_business")
    names = [str(name) for name in report.columns if name not in ("figure", "currency")]
    money = [Column(name, Kind.MONEY, "Total" if name == "total" else name, "") for name in names]
    columns = [Column("figure", Kind.KEY, "Figure", ""), Column("currency", Kind.KEY, "Currency", ""), *money]
    groups = []
    for currency, part in report.groupby("currency", sort=False):
        codes = [str(currency)] * len(part)
        cells = {name: amounts(part[name].tolist(), codes) for name in names}
        cells |= {"figure": part["figure"].tolist(), "currency": codes}
        groups.append(Group(codes, cells, [], part.index.tolist()))
    caption = _caption(report, "Businesses side by side", "How does each business stand?")
    return Table(Layout(caption, columns, groups, {}, is_grouped=True))


def summary(report: pd.DataFrame) -> Table:
    """Draw the result of `MonthEnd.summary` as a table: a row for each currency, in its own decimals.

    Parameters
    ----------
    report : DataFrame
        With ``currency``, ``cash``, ``receivables`` and ``payables``.

    Returns
    -------
    Table
        The table, which a notebook shows.

    Raises
    ------
    ValueError
        If it lacks one of the four columns.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"currency": ["KWD"], "cash": [0.0], "receivables": 260.312, "payables": 1.5})
    >>> "260.312" in summary(report).as_raw_html()
    True
    """
    names = ("cash", "receivables", "payables")
    missing = [name for name in ("currency", *names) if name not in report]
    if missing:
        raise ValueError(f"the report has no column {missing[0]!r}: pass the result of MonthEnd.summary")
    codes = [NO_CURRENCY if pd.isna(code) else str(code) for code in report["currency"].tolist()]
    columns = [Column("currency", Kind.KEY, "Currency", "")]
    columns += [Column(name, Kind.MONEY, name.capitalize(), "") for name in names]
    cells = {name: amounts(report[name].tolist(), codes) for name in names} | {"currency": codes}
    group = Group(codes, cells, [], [*range(len(report))])
    caption = _caption(report, "Month end", "What is at the banks, owed to us, and owed by us?")
    return Table(Layout(caption, columns, [group], {}, is_grouped=False))


def _caption(report: pd.DataFrame, title: str, question: str) -> Caption:
    """Return the caption of figures from several reports: day, demo mark, notes, age of the data."""
    sources = list(report.attrs.get("sources", []))
    day = f" as of {report.attrs['as_of']}" if "as_of" in report.attrs else ""
    is_demo = any("demo" in environments(receipt) for receipt in sources)
    notes = tuple(report.attrs.get("notes", []))
    return Caption(f"{title}{day}", question, is_demo, notes, fetched(sources))
