"""Draw reports as charts with plotly: one short function for each report."""

from __future__ import annotations

from math import ceil

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import columns_of, read_report
from rutterframe.reports.labels import Names, label_rows
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views.charts import bars, columns, flows, panels, theme
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.format import percent
from rutterframe.views.layout import choose_columns, in_ticks

# The later, the darker: also without colours.
_LATE = ((249, 207, 135), (229, 138, 31), (178, 58, 14))

_FLOWS_OF_WEEKS = ("week_start", "opening", "receipts", "payments", "closing")


def aging(report: pd.DataFrame, names: Names = None, *, max_rows: int = 10) -> ReportFigure:
    """Draw who owes, or whom we owe: a bar for each, stacked by how long it is past due.

    Parameters
    ----------
    report : DataFrame
        The result of `ar_aging` or `ap_aging`, on pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; the beginnings of ids are shown without.
    max_rows : int
        How many of the largest to draw for each currency; the rest is the bar "All others".

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Raises
    ------
    ValueError
        If it is another report.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> figure = aging(rf.reports.ar_aging(invoices, "2026-06-30"), max_rows=5)
    >>> [axis.title.text for axis in figure.select_xaxes()]
    ['KWD', 'USD']
    """
    report = read_report(report, "ar_aging", "ap_aging")
    money = [column.name for column in columns_of(report) if column.kind is Kind.MONEY]
    late = [name for name in money if name.startswith("days_")]
    ramp = {name: _late(place / max(len(late) - 1, 1)) for place, name in enumerate(late)}
    known = {"current": "#56B4E9", **ramp, "no_due_date": theme.GREY}
    colours = {name: known[name] for name in money if name in known}
    return bars.across(report, colours, "total", max_rows, names)


def top_overdue(report: pd.DataFrame, names: Names = None, *, max_rows: int = 10) -> ReportFigure:
    """Draw the largest overdue documents: a bar for each, with its customer or vendor.

    Parameters
    ----------
    report : DataFrame
        The result of `top_overdue`, on pandas.
    names : mapping or DataFrame, optional
        As in `aging`.
    max_rows : int
        As in `aging`.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> figure = top_overdue(rf.reports.top_overdue(invoices, "2026-06-30", max_rows=3))
    >>> len(figure.data[-2].x)
    3
    """
    report = read_report(report, "top_overdue")
    return bars.across(report, {"amount_due": None}, "amount_due", max_rows, names)


def revenue(report: pd.DataFrame, *, max_rows: int | None = None) -> ReportFigure:
    """Draw revenue: a bar for each product, or columns by period where the report has periods.

    Parameters
    ----------
    report : DataFrame
        The result of `revenue_by_product`, on pandas.
    max_rows : int, optional
        How many of the largest to draw; the rest is together. By default 10, and 6 where they are stacked.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> figure = revenue(rf.reports.revenue_by_product(orders, products), max_rows=3)
    >>> figure.data[0].y[:2]
    ('Harbour Light Espresso', 'Fog Bell Filter Blend')
    """
    report = read_report(report, "revenue_by_product")
    return sizes(report, "revenue", max_rows)


def expenses(report: pd.DataFrame, *, max_rows: int | None = None) -> ReportFigure:
    """Draw spending: a bar for each category, or columns by period where the report has periods.

    Parameters
    ----------
    report : DataFrame
        The result of `expenses_by_category`, on pandas.
    max_rows : int, optional
        As in `revenue`.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", None], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> expenses(rf.reports.expenses_by_category(spent)).data[0].y
    ('Rent', 'No category')
    """
    report = read_report(report, "expenses_by_category")
    return sizes(report, "amount", max_rows)


def cash_history(report: pd.DataFrame) -> ReportFigure:
    """Draw how the cash developed: opening, what came in, what went out, the balance of each day, closing.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_history`, on pandas and not by account. Beyond three months the flows are added up
        by month; what was converted has a panel for all together, and one for each original currency.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Raises
    ------
    ValueError
        If it is another report, or is by account.

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
    report = read_report(report, "cash_history", needs=("inflow", "outflow"))
    if choose_columns(report)[1]:
        raise ValueError("a chart of cash_history has one balance a day: make it without by_account")
    return flows.history(report)


def cash_forecast(report: pd.DataFrame) -> ReportFigure:
    """Draw whether the cash lasts: opening, receipts, payments and closing of each week.

    Parameters
    ----------
    report : DataFrame
        The result of `cash_forecast`, on pandas; what was converted has a panel for all together, and one for
        each original currency. A closing below zero is a cross.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

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
    report = read_report(report, "cash_forecast", needs=_FLOWS_OF_WEEKS)
    return flows.forecast(report)


def concentration(report: pd.DataFrame, names: Names = None) -> ReportFigure:
    """Draw how much depends on the few largest: their shares, and the curve of what they make up together.

    Parameters
    ----------
    report : DataFrame
        The result of `concentration`, on pandas.
    names : mapping or DataFrame, optional
        Names by id; the three largest are named, and the pointer shows all.

    Returns
    -------
    ReportFigure
        The figure, which a notebook shows.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [75.0, 25.0]})
    >>> ranked = rf.reports.concentration(rf.reports.expenses_by_category(spent), by="category")
    >>> concentration(ranked).data[1].y
    (0.75, 1.0)
    """
    report = read_report(report, "concentration", needs=("rank", "share", "cumulative_share"))
    described = {column.name: column for column in columns_of(report)}
    ticks = in_ticks(report)
    frame = ticks.assign(_label=label_rows(ticks, choose_columns(report)[1], names, short=True))
    # Shares are those of the original currency, also after a conversion.
    own = ORIGINAL if ORIGINAL in frame else "currency"
    parts = {str(each): part for each, part in frame.groupby(frame[own].fillna("No currency"), sort=False)}
    labels = [described[name].label for name in ("share", "cumulative_share")]
    heights = [panels.PANEL] * max(len(parts), 1)
    canvas = panels.Canvas(report, list(parts), heights=heights, left=92, legend=labels)
    for place, (currency, part) in enumerate(parts.items()):
        _curve(canvas, place, part, labels=labels)
        title = {"text": f"Share of {panels.safe([currency])[0]}"}
        canvas.yaxis(place).update(title=title, tickformat="(.0%")
        if part["share"].isna().all():
            canvas.yaxis(place)["range"] = [0, 1]
        step, last = ceil(len(part) / 15), max(len(part), 8) + 0.6
        canvas.xaxis(place).update(title={"text": "Rank"}, tick0=1, dtick=step, range=[0.4, last])
    return canvas.figure()


def _curve(canvas: panels.Canvas, place: int, part: pd.DataFrame, *, labels: list[str]) -> None:
    """Draw the shares of one currency and their curve, and name the largest."""
    rank = [int(count // TICKS) for count in part["rank"]]
    hover = "%{customdata}<br>%{y:(.1%}<extra>%{fullData.name}</extra>"
    shared = {"x": rank, "customdata": panels.safe(part["_label"]), "hovertemplate": hover}
    shared |= {"showlegend": not place}
    share, curve = (part[name].astype(float).tolist() for name in ("share", "cumulative_share"))
    marker = {**bars.EDGE, "color": "#56B4E9"}
    canvas.add(place, type="bar", y=share, name=labels[0], legendgroup=labels[0], marker=marker, **shared)
    mode = "lines" if len(part) > 60 else "lines+markers"
    style = {"mode": mode, "line": {"color": theme.PALETTE[0]}, "marker": {"size": 5}}
    canvas.add(place, type="scatter", y=curve, name=labels[1], legendgroup=labels[1], **style, **shared)
    largest = zip(rank[:3], part["_label"].head(3), share[:3], strict=True)
    lines = [f"{number}. {panels.short(name, 44)}: {percent(size)}" for number, name, size in largest]
    axes = {axis: f"{canvas.data[-1][f'{axis}axis']} domain" for axis in "xy"}
    box = {"x": 1, "xref": axes["x"], "xanchor": "right", "y": 0.5, "yref": axes["y"], "yanchor": "middle"}
    canvas.write("<br>".join(lines), **box, align="left")


def _late(place: float) -> str:
    """Return the colour of a place between 0, just past due, and 1, the longest past due."""
    lower = 0 if place < 0.5 else 1
    ends = zip(_LATE[lower], _LATE[lower + 1], strict=True)
    parts = [round(first + (last - first) * (place * 2 - lower)) for first, last in ends]
    return f"rgb({parts[0]}, {parts[1]}, {parts[2]})"


def sizes(report: pd.DataFrame, size: str, max_rows: int | None, names: Names = None) -> ReportFigure:
    """Draw one amount for each key, largest first; with periods, as columns stacked over time."""
    if "period" in report:
        return columns.stacked(report, size, 6 if max_rows is None else max_rows)
    return bars.across(report, {size: None}, size, 10 if max_rows is None else max_rows, names)
