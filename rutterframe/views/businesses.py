"""Lay out the figures of several businesses side by side: a column for each business, and one for all."""

from __future__ import annotations

import pandas as pd

from rutterframe.reports.caption import Caption, fetched
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
    attrs = report.attrs
    sources = list(attrs.get("sources", []))
    day = f" as of {attrs['as_of']}" if "as_of" in attrs else ""
    caption = Caption(
        f"Businesses side by side{day}",
        "How does each business stand?",
        any("demo" in str(receipt.get("environment")) for receipt in sources),
        tuple(attrs.get("notes", [])),
        fetched(sources),
    )
    return Table(Layout(caption, columns, groups, {}, is_grouped=True))
