"""Reports as charts: plotly, one short function for each report.

Each currency has its own panel: no axis holds two. Every chart says its day, when the data was fetched and
what it cannot say, and "Demo data" where it is made up. Any kind of colour vision tells the colours apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import pandas as pd
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from rutterframe.money import TICKS, minor_units
from rutterframe.reports.specs import Column, Kind
from rutterframe.views import marks
from rutterframe.views.marks import Names

#: Okabe and Ito's palette without black, and the grey of what is left.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
GREY = "#999999"
_AXIS = {"gridcolor": "#E5E5E5", "zerolinecolor": "#555555", "automargin": True, "ticklabelstandoff": 6}
_AXIS["title"] = {"font": {"size": 13}, "standoff": 8}
_TITLE = {"x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 18}}

_FONT = {"family": "Arial, Helvetica, sans-serif", "size": 13, "color": "#222222"}
_PAPER = {"colorway": PALETTE, "paper_bgcolor": "white", "plot_bgcolor": "white", "bargap": 0.3}
_LEGEND = {"orientation": "h", "x": 0, "yanchor": "top"}
_PARTS = {"title": _TITLE, "legend": _LEGEND, "font": _FONT, "xaxis": _AXIS, "yaxis": _AXIS}

#: The one look of all charts; it is given to each figure, and plotly's own default stays as it is.
TEMPLATE = go.layout.Template(layout={**_PAPER, **_PARTS})

_TOP, _GAP, _BAR, _PANEL, _ENTRY = 165, 85, 34, 320, 24
_AGES = ("#56B4E9", "#0072B2", "#F0E442", "#E69F00", "#D55E00", "#CC79A7", "#009E73")
_RECEIVED, _PAID, _LINE, _DEMO = "#009E73", "#E69F00", "#0072B2", "#B34700"


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
        If it is another report, or has more than four currencies.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> figure = aging(rf.reports.ar_aging(invoices, "2026-06-30"), top=5)
    >>> [axis.title.text for axis in figure.select_xaxes()]
    ['KWD', 'USD']
    """
    marks.check(report, "ar_aging", "ap_aging")
    columns = marks.columns_of(report)
    buckets = [column for column in columns if column.kind is Kind.MONEY and column.name != "total"]
    colours: dict[str, str] = dict(zip((each.name for each in buckets), _AGES * len(buckets), strict=False))
    colours["no_due_date"] = GREY
    parts = _ranked(report, "total", top, names)
    figure = _figure(report, list(parts), bars=[len(part) for part in parts.values()])
    for place, (currency, part) in enumerate(parts.items()):
        for bucket in buckets:
            trace = _bar(part, bucket, currency, across=True)
            figure.add_trace(
                trace.update(marker_color=colours[bucket.name], showlegend=not place), place + 1, 1
            )
    return figure.update_layout(barmode="relative", legend_traceorder="normal")


def revenue(report: pd.DataFrame, *, top: int = 10) -> go.Figure:
    """Draw what was sold: a bar for each product, or columns by period where the report has periods.

    Parameters
    ----------
    report, top
        As in `aging`, of `revenue_by_product`.

    Raises
    ------
    ValueError
        If it is another report, or has more than four currencies.
    """
    marks.check(report, "revenue_by_product")
    return _sizes(report, "revenue", top)


def expenses(report: pd.DataFrame, *, top: int = 10) -> go.Figure:
    """Draw what was spent: a bar for each category, or columns by period where the report has periods.

    Parameters
    ----------
    report, top
        As in `aging`, of `expenses_by_category`.

    Raises
    ------
    ValueError
        If it is another report, or has more than four currencies.
    """
    marks.check(report, "expenses_by_category")
    return _sizes(report, "amount", top)


def cash_history(report: pd.DataFrame) -> go.Figure:
    """Draw how the cash developed: what came in, what went out, and the balance of each day.

    Raises
    ------
    ValueError
        If it is another report, is made by account, or has more than four currencies.
    """
    marks.check(report, "cash_history")
    if marks.key_of(report):
        raise ValueError("a chart of cash_history has one balance a day: make it without by_account")
    return _flows(report, "date", ("inflow", "outflow"), ("balance",))


def cash_forecast(report: pd.DataFrame) -> go.Figure:
    """Draw whether the cash lasts: opening, receipts, payments and closing of each week.

    Raises
    ------
    ValueError
        If it is another report than `cash_forecast`, or has more than four currencies.
    """
    marks.check(report, "cash_forecast")
    return _flows(report, "week_start", ("receipts", "payments"), ("opening", "closing"))


def concentration(report: pd.DataFrame, names: Names = None) -> go.Figure:
    """Draw how much depends on the few largest: their shares, and the curve of what they make up together.

    Parameters
    ----------
    report, names
        As in `aging`, of `concentration`; the names are what the pointer shows.

    Raises
    ------
    ValueError
        If it is another report, or has more than four currencies.
    """
    marks.check(report, "concentration")
    columns = {column.name: column for column in marks.columns_of(report)}
    frame = marks.named(marks.counted(report), marks.key_of(report), names)
    parts = marks.by_currency(frame)
    figure = _figure(report, list(parts))
    for place, (currency, part) in enumerate(parts.items()):
        rank = (part["rank"] // TICKS).tolist()
        hover = "%{customdata}<br>%{y:.1%}<extra>%{fullData.name}</extra>"
        who = marks.safe(part[marks.key_of(report)[0].name])
        shared = {"x": rank, "customdata": who, "hovertemplate": hover}
        shown = {"showlegend": not place, "row": place + 1, "col": 1}
        share, curve = (part[name].astype(float).tolist() for name in ("share", "cumulative_share"))
        figure.add_bar(y=share, name=columns["share"].label, marker_color="#56B4E9", **shared, **shown)
        line = {"mode": "lines+markers", "line": {"color": _LINE}, "marker": {"size": 5}}
        figure.add_scatter(y=curve, name=columns["cumulative_share"].label, **line, **shared, **shown)
        figure.update_yaxes(title_text=f"Share of {currency}", tickformat=".0%", row=place + 1, col=1)
        figure.update_xaxes(title_text="Rank", tickformat="d", row=place + 1, col=1)
    return figure


def _ranked(report: pd.DataFrame, size: str, top: int, names: Names = None) -> dict[str, pd.DataFrame]:
    """Give the largest rows of each currency, named."""
    keys, added = marks.key_of(report), marks.adds_up(marks.columns_of(report))
    frame = marks.named(marks.counted(report), keys, names, short=True)
    parts = marks.by_currency(frame.rename(columns={keys[0].name: "_label"}))
    return {each: marks.largest(part, size, top, key="_label", added=added) for each, part in parts.items()}


def _sizes(report: pd.DataFrame, size: str, top: int) -> go.Figure:
    """Draw one amount for each key, largest first; with periods, as columns stacked over time."""
    (column,) = (each for each in marks.columns_of(report) if each.name == size)
    if "period" in report:
        return _stacked(report, column, top)
    parts = _ranked(report, size, top)
    figure = _figure(report, list(parts), bars=[len(part) for part in parts.values()])
    for place, (currency, part) in enumerate(parts.items()):
        trace = _bar(part, column, currency, across=True)
        texts = [marks.money(value, currency) for value in part[size]]
        trace.update(marker_color=PALETTE[0], showlegend=False, text=texts, textposition="outside")
        figure.add_trace(trace.update(cliponaxis=False), place + 1, 1)
        drawn = [amount for amount in trace.x or () if amount is not None]
        low, high = min(0, *drawn, 0), max(0, *drawn, 0)
        room = (high - low or 1) * 0.15
        figure.update_xaxes(range=[low - room * (low < 0), high + room], row=place + 1, col=1)
    return figure


def _stacked(report: pd.DataFrame, column: Column, top: int) -> go.Figure:
    """Draw columns over time; who is largest is decided over all periods."""
    size, key = column.name, marks.key_of(report)
    frame = marks.named(marks.counted(report), key, short=True).rename(columns={key[0].name: "_label"})
    parts = marks.by_currency(frame)
    figure = _figure(report, list(parts), tall=max(_PANEL, (top + 5) * _ENTRY))
    legends = ("legend", "legend2", "legend3", "legend4")
    for place, (currency, part) in enumerate(parts.items()):
        sums = part.groupby(["_label", "_missing"])[[size]].sum().reset_index()
        drawn = marks.largest(sums, size, top, key="_label", added=[size])["_label"].tolist()
        rest = next((name for name in drawn if name not in set(part["_label"])), "")
        label = part["_label"].where(part["_label"].isin(drawn), rest)
        for turn, name in enumerate(drawn):
            line = part[label == name].groupby("period")[[size]].sum().reset_index()
            trace = _bar(line, column, currency, x="period")
            colour = GREY if name == rest else PALETTE[turn % len(PALETTE)]
            shape = ("", "/", "x", ".")[turn // len(PALETTE) % 4]
            marker = {"color": colour, "pattern": {"shape": shape}}
            trace.update(name=marks.safe([name], 26)[0], marker=marker, legend=legends[place])
            figure.add_trace(trace, place + 1, 1)
        upper = (next(figure.select_yaxes(row=place + 1)).domain or (0, 1))[1]
        beside = {"orientation": "v", "x": 1.02, "y": upper, "yanchor": "top", "traceorder": "normal"}
        figure.update_layout({legends[place]: beside})
    return figure.update_layout(barmode="relative")


def _flows(report: pd.DataFrame, x: str, bars: Sequence[str], lines: Sequence[str]) -> go.Figure:
    """Draw flows as columns and levels as lines, over days or weeks."""
    known = {column.name: column for column in marks.columns_of(report)}
    colours = dict(zip((*bars, *lines[::-1]), (_RECEIVED, _PAID, _LINE, "#000000"), strict=False))
    parts = marks.by_currency(marks.counted(report))
    figure = _figure(report, list(parts))
    for place, (currency, part) in enumerate(parts.items()):
        for name in (*bars, *lines):
            trace = _bar(part, known[name], currency, x=x).update(marker_color=colours[name])
            if name in lines:
                symbol = "circle-open" if name == "opening" else "circle"
                mode = "markers" if name == "opening" else "lines" if x == "date" else "lines+markers"
                marker = {"color": colours[name], "size": 9, "symbol": symbol}
                trace = go.Scatter(
                    {**trace.to_plotly_json(), "type": "scatter", "mode": mode, "marker": marker}
                )
            figure.add_trace(trace.update(showlegend=not place), place + 1, 1)
        if x == "week_start" and len(part) <= 13:
            figure.update_xaxes(tickvals=part[x].tolist(), tickformat="%d %b", row=place + 1, col=1)
    return figure.update_layout(barmode="relative")


def _bar(part: pd.DataFrame, column: Column, currency: str, *, x: str = "", across: bool = False) -> go.Bar:
    """Make the bars of one column, in major units, with its amounts under the pointer."""
    amounts = [None if pd.isna(each) else int(each) / TICKS for each in part[column.name]]
    form = f",.{minor_units(currency)}f"
    if not across:
        hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{form}}} {currency}<extra>%{{fullData.name}}</extra>"
        return go.Bar(x=part[x].tolist(), y=amounts, name=column.label, hovertemplate=hover)
    hover = f"%{{y}}<br>%{{x:{form}}} {currency}<extra>%{{fullData.name}}</extra>"
    shown = marks.safe(part["_label"], 34)
    return go.Bar(x=amounts, y=shown, name=column.label, orientation="h", hovertemplate=hover)


def _figure(
    report: pd.DataFrame, currencies: list[str], *, bars: Sequence[int] = (), tall: int = _PANEL
) -> go.Figure:
    """Make a panel for each currency, under the title and over the notes."""
    marks.check_room(currencies)
    panels = [each * _BAR + _BAR for each in bars] or [tall] * max(len(currencies), 1)
    notes = [line for note in [*marks.notes(report), marks.fetched(report)] for line in wrap(note, 130)]
    bottom = _GAP + 15 * len(notes)
    inner = sum(panels) + _GAP * (len(panels) - 1)
    titles, space = (currencies, _GAP / inner) if len(panels) > 1 else (None, 0)
    figure = make_subplots(len(panels), 1, row_heights=panels, vertical_spacing=space, subplot_titles=titles)
    figure.update_annotations(x=0, xanchor="left", font_size=14)
    figure.update_layout(
        template=TEMPLATE,
        title={"text": marks.heading(report), "subtitle": {"text": marks.question(report)}},
        height=inner + _TOP + bottom,
        margin={"t": _TOP, "b": bottom, "l": 20, "r": 30},
        legend_y=1 + (_TOP - 82) / inner,
    )
    _annotate(figure, "<br>".join(marks.safe(notes)), x=0, y=-(_GAP - 20) / inner, yanchor="top", size=11)
    if marks.is_demo(report):
        _annotate(figure, f"<b>{marks.DEMO}</b>", x=1, y=1 + (_TOP - 22) / inner, yanchor="top", color=_DEMO)
    if not currencies:
        _annotate(figure, marks.NOTHING, x=0.5, y=0.5, yanchor="middle", size=14)
        figure.update_xaxes(visible=False).update_yaxes(visible=False)
    for place, currency in enumerate(currencies):
        money = figure.update_xaxes if bars else figure.update_yaxes
        money(title_text=currency, tickformat=",", row=place + 1, col=1)
        if bars:
            figure.update_yaxes(autorange="reversed", type="category", row=place + 1, col=1)
    return figure


def _annotate(figure: go.Figure, text: str, *, x: float, y: float, yanchor: str, **font: Any) -> None:
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y, "yanchor": yanchor}
    anchor = "left" if x == 0 else "right" if x == 1 else "center"
    figure.add_annotation(text=text, showarrow=False, font=font, align="left", xanchor=anchor, **place)
