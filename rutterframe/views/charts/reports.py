"""Reports as charts: plotly, one short function for each report.

Each currency has its own panel: no axis holds two. Every chart says its day, when the data was fetched and
what it cannot say, and "Demo data" where it is made up. Any kind of colour vision tells the colours apart.
Every function refuses, with a ValueError, a frame that is another report or none.
"""

from __future__ import annotations

from math import ceil

import pandas as pd
from plotly import graph_objects as go
from plotly.colors import sample_colorscale

from rutterframe.currency import TICKS
from rutterframe.reports.columns import Kind
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views import marks, rows
from rutterframe.views.charts import bars, flows, panels
from rutterframe.views.charts.panels import PALETTE, TEMPLATE
from rutterframe.views.rows import Names

__all__ = [
    "PALETTE", "TEMPLATE", "aging", "cash_forecast", "cash_history", "concentration", "expenses", "revenue",
]  # fmt: skip

# The later, the darker: also without colours.
_LATE = [[0, "#FEE391"], [0.5, "#EC7014"], [1, "#662506"]]

_FLOWS_OF_WEEKS = ("week_start", "opening", "receipts", "payments", "closing")


def aging(report: pd.DataFrame, names: Names = None, *, top: int = 10) -> go.Figure:
    """Draw who owes, or whom we owe: a bar for each, stacked by how long it is past due.

    Parameters
    ----------
    report : DataFrame
        What `ar_aging` or `ap_aging` gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; the beginnings of ids are shown without.
    top : int
        How many of the largest to draw for each currency; the rest is the bar "All others".

    Raises
    ------
    ValueError
        If it is another report.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> figure = aging(rf.reports.ar_aging(invoices, "2026-06-30"), top=5)
    >>> [axis.title.text for axis in figure.select_xaxes()]
    ['KWD', 'USD']
    """
    report = marks.check(report, "ar_aging", "ap_aging")
    money = [column.name for column in marks.columns_of(report) if column.kind is Kind.MONEY]
    late = [name for name in money if name.startswith("days_")]
    places = [place / max(len(late) - 1, 1) for place in range(len(late))]
    ramp = dict(zip(late, sample_colorscale(_LATE, places), strict=True))
    known = {"current": "#56B4E9", **ramp, "no_due_date": panels.GREY}
    colours = {name: known[name] for name in money if name in known}
    return bars.across(report, colours, "total", top, names)


def revenue(report: pd.DataFrame, *, top: int | None = None) -> go.Figure:
    """Draw what was sold: a bar for each product, or columns by period where the report has periods.

    Parameters
    ----------
    report : DataFrame
        What `revenue_by_product` gave, in pandas.
    top : int, optional
        How many of the largest to draw; the rest is together. By default 10, and 6 where they are stacked.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> figure = revenue(rf.reports.revenue_by_product(orders, products), top=3)
    >>> figure.data[0].y[:2]
    ('Harbour Light Espresso', 'Fog Bell Filter Blend')
    """
    report = marks.check(report, "revenue_by_product")
    return _sizes(report, "revenue", top)


def expenses(report: pd.DataFrame, *, top: int | None = None) -> go.Figure:
    """Draw what was spent: a bar for each category, or columns by period where the report has periods.

    Parameters
    ----------
    report : DataFrame
        What `expenses_by_category` gave, in pandas.
    top : int, optional
        As in `revenue`.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> expenses(rf.reports.expenses_by_category(spent)).data[0].y
    ('Rent', 'No category')
    """
    report = marks.check(report, "expenses_by_category")
    return _sizes(report, "amount", top)


def cash_history(report: pd.DataFrame) -> go.Figure:
    """Draw how the cash developed: opening, what came in, what went out, the balance of each day, closing.

    Parameters
    ----------
    report : DataFrame
        What `cash_history` gave, in pandas and not by account. Beyond three months the flows are added up
        by month; what was converted has a panel for all together, and one for each original currency.

    Raises
    ------
    ValueError
        If it is another report, or is made by account.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
    >>> days = pd.to_datetime(["2026-06-29", "2026-06-30"])
    >>> moves = pd.DataFrame({"account_id": "a", "currency": "EUR", "amount": [9.0, -3.0], "date": days})
    >>> figure = cash_history(rf.reports.cash_history(banks, moves))
    >>> [trace.y for trace in figure.data if trace.name == "Balance"]
    [(1.0, 10.0, 7.0)]
    """
    report = marks.check(report, "cash_history", needs=("inflow", "outflow"))
    if rows.keys_of(report):
        raise ValueError("a chart of cash_history has one balance a day: make it without by_account")
    return flows.history(report)


def cash_forecast(report: pd.DataFrame) -> go.Figure:
    """Draw whether the cash lasts: opening, receipts, payments and closing of each week.

    Parameters
    ----------
    report : DataFrame
        What `cash_forecast` gave, in pandas; what was converted has a panel for all together, and one for
        each original currency. A closing below zero is a cross.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger, bank = client.connection("roaster-quickbooks"), client.connection("roaster-bank")
    ...     cash = rf.load_bank_accounts(bank, progress=False)
    ...     invoices, bills = (load(ledger, progress=False) for load in (rf.load_invoices, rf.load_bills))
    >>> figure = cash_forecast(rf.reports.cash_forecast(cash, invoices, bills, "2026-06-30", weeks=4))
    >>> len(next(trace for trace in figure.data if trace.name == "Receipts").y)
    4
    """
    report = marks.check(report, "cash_forecast", needs=_FLOWS_OF_WEEKS)
    return flows.forecast(report)


def concentration(report: pd.DataFrame, names: Names = None) -> go.Figure:
    """Draw how much depends on the few largest: their shares, and the curve of what they make up together.

    Parameters
    ----------
    report : DataFrame
        What `concentration` gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id; the three largest are named, and the pointer shows all.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(rf.reports.expenses_by_category(spent), by="category")
    >>> concentration(ranked).data[1].y
    (0.75, 1.0)
    """
    report = marks.check(report, "concentration", needs=("rank", "share", "cumulative_share"))
    columns = {column.name: column for column in marks.columns_of(report)}
    keys, counted = rows.keys_of(report), marks.counted(report)
    frame = counted.assign(_label=rows.called(counted, keys, names))
    # Shares are those of the original currency, also after a conversion.
    own = ORIGINAL if ORIGINAL in frame else "currency"
    parts = {str(each): part for each, part in frame.groupby(frame[own].fillna("No currency"), sort=False)}
    labels = [columns[name].label for name in ("share", "cumulative_share")]
    heights = [panels.PANEL] * max(len(parts), 1)
    figure = panels.figure(report, list(parts), heights=heights, left=92, legend=labels)
    for place, (currency, part) in enumerate(parts.items()):
        _curve(figure, part, place, labels=labels)
        row, title = place + 1, f"Share of {panels.safe([currency])[0]}"
        figure.update_yaxes(title_text=title, tickformat="(.0%", row=row, col=1)
        step, last = ceil(len(part) / 15), max(len(part), 8) + 0.6
        figure.update_xaxes(title_text="Rank", tick0=1, dtick=step, range=[0.4, last], row=row, col=1)
    return figure


def _curve(figure: go.Figure, part: pd.DataFrame, place: int, *, labels: list[str]) -> None:
    """Draw the shares of one currency and their curve, and name the largest."""
    rank = [int(one // TICKS) for one in part["rank"]]
    hover = "%{customdata}<br>%{y:(.1%}<extra>%{fullData.name}</extra>"
    shared = {"x": rank, "customdata": panels.safe(part["_label"]), "hovertemplate": hover}
    shown = {"showlegend": not place, "row": place + 1, "col": 1}
    share, curve = (part[name].astype(float).tolist() for name in ("share", "cumulative_share"))
    figure.add_bar(y=share, name=labels[0], marker_color="#56B4E9", **shared, **shown)
    many = len(part) > 60
    style = {
        "mode": "lines" if many else "lines+markers",
        "line": {"color": PALETTE[0]},
        "marker": {"size": 5},
    }
    figure.add_scatter(y=curve, name=labels[1], **style, **shared, **shown)
    largest = zip(rank[:3], part["_label"].head(3), share[:3], strict=True)
    lines = [f"{number}. {panels.short(name, 44)}: {marks.percent(size)}" for number, name, size in largest]
    box = {"x": 1, "xref": "x domain", "xanchor": "right", "y": 0.5, "yref": "y domain", "yanchor": "middle"}
    look = {"align": "left", "showarrow": False, "bgcolor": "rgba(255,255,255,0.85)"}
    figure.add_annotation(text="<br>".join(lines), **box, **look, row=place + 1, col=1)


def _sizes(report: pd.DataFrame, size: str, top: int | None) -> go.Figure:
    """Draw one amount for each key, largest first; with periods, as columns stacked over time."""
    if "period" not in report:
        return bars.across(report, {size: None}, size, 10 if top is None else top)
    (column,) = (each for each in marks.columns_of(report) if each.name == size)
    return bars.stacked(report, column, 6 if top is None else top)
