"""Draw amounts as bars, the largest first, or as columns stacked over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import pandas as pd
from plotly import graph_objects as go

from rutterframe.currency import TICKS
from rutterframe.reports.columns import Column, Order
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import IS_MISSING, Names, label_keys, label_rows
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.charts import panels
from rutterframe.views.format import amount, plotly_format
from rutterframe.views.layout import OTHERS, arrange, choose_columns, in_ticks

_LABEL = "_label"
# Where more are stacked, the palette begins anew, with these patterns.
_PATTERNS = ("", "/", "x", ".")
_WHITE = {"line": {"color": "white", "width": 1}}
# The pattern of what has no date, or no product or category.
_HATCHED = {
    **_WHITE,
    "color": panels.GREY,
    "pattern": {"shape": "/", "size": 6, "fgcolor": "#777777", "bgcolor": "#E5E5E5"},
}


def across(
    report: pd.DataFrame, columns: Mapping[str, str | None], size: str, max_rows: int, names: Names = None
) -> go.Figure:
    """Draw a bar for each row, the largest first, with its amount at its end.

    Parameters
    ----------
    report : DataFrame
        The report.
    columns : mapping of str to str
        The columns that a bar is made of, with their colours; without one, the rest is grey.
    size : str
        The column that is their sum.
    max_rows : int
        How many bars for each currency; the rest is one.
    names : mapping or DataFrame, optional
        Names by id.
    """
    known = {column.name: column for column in columns_of(report)}
    parts = _ranked(report, size, max_rows, names)
    labels = [panels.short(name) for part in parts.values() for name in part[_LABEL]]
    figure = panels.figure(
        report,
        list(parts),
        heights=[(len(part) + 1) * panels.BAR for part in parts.values()] or [panels.PANEL],
        left=max(map(panels.width_of, labels), default=60.0) + 30,
        legend=[known[name].label for name in columns] if len(columns) > 1 else (),
    )
    for place, (currency, part) in enumerate(parts.items()):
        options = {"showlegend": not place and len(columns) > 1}
        for name, colour in columns.items():
            marker = _HATCHED if name == "no_due_date" else {**_WHITE, "color": colour or _greys(part)}
            figure.add_trace(_bar(part, known[name], currency).update(marker=marker, **options), place + 1, 1)
        figure.add_trace(_ends(part, list(columns), size, currency), place + 1, 1)
        panels.money_axis(figure, place + 1, currency, across=True)
        row = place + 1
        figure.update_xaxes(range=_range(part, list(columns)), row=row, col=1)
        figure.update_yaxes(autorange="reversed", type="category", row=row, col=1)
        names_shown = [*map(panels.short, part[_LABEL])]
        figure.update_yaxes(tickvals=panels.safe(part[_LABEL]), ticktext=names_shown, row=row, col=1)
    return figure.update_layout(barmode="relative", legend_traceorder="normal")


def stacked(report: pd.DataFrame, column: Column, max_rows: int) -> go.Figure:
    """Draw columns over time, stacked by the largest of all periods; a colour is the same in every panel."""
    frame = in_ticks(report)
    _, keys = choose_columns(report)
    label = label_rows(frame, keys, short=True)
    frame = label_keys(frame, keys, short=True).assign(**{_LABEL: label})
    parts = {str(currency): part for currency, part in frame.groupby("currency", sort=False)}
    series, unnamed = _series(list(parts.values()), column.name, max_rows)
    legend = [panels.short(name, 24) for name in series]
    widest = max((f"({size:,.0f})" for size in units(frame[column.name].dropna())), key=len, default="")
    figure = panels.figure(
        report,
        list(parts),
        heights=[max(panels.PANEL, (len(legend) + 2) * 24)] * max(len(parts), 1),
        left=panels.width_of(widest) + 62,
        legend=legend,
        beside=True,
    )
    for place, (currency, part) in enumerate(parts.items()):
        label = part[_LABEL].where(part[_LABEL].isin(series), OTHERS)
        for turn, name in enumerate(series):
            line = part[label == name].groupby("period")[[column.name]].sum().reset_index()
            trace = _column(line, column, currency).update(name=legend[turn], legendgroup=legend[turn])
            # Nothing of it in the first currency still needs its entry in the legend.
            figure.add_trace(
                trace.update(marker=_coloured(name, turn, unnamed), showlegend=not place), place + 1, 1
            )
        panels.money_axis(figure, place + 1, currency)
    return figure.update_layout(barmode="relative")


def _ranked(report: pd.DataFrame, size: str, max_rows: int, names: Names) -> dict[str, pd.DataFrame]:
    """Return the largest rows of each currency, with labels; those of converted rows name their currency."""
    _, keys = choose_columns(report)
    ticks = in_ticks(report)
    # A report by currency alone has one bar in each panel.
    frame = label_keys(ticks, keys, names, short=True)
    frame[_LABEL] = label_rows(ticks, keys, names, short=True)
    if ORIGINAL in frame:
        original = frame[ORIGINAL].fillna("no currency")
        frame[_LABEL] = [f"{label} ({code})" for label, code in zip(frame[_LABEL], original, strict=True)]
    spec = replace(SPECS[report.attrs["report"]], order=Order.LARGEST, size=size, within=())
    return {
        str(currency): arrange(part, spec, max_rows, key=_LABEL, columns=columns_of(report))
        for currency, part in frame.groupby("currency", sort=False)
    }


def _bar(part: pd.DataFrame, column: Column, currency: str) -> go.Bar:
    """Return the bars of one column, with its amounts under the pointer."""
    form = plotly_format(currency)
    hover = f"%{{y}}<br>%{{x:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    options = {"name": column.label, "orientation": "h", "hovertemplate": hover}
    return go.Bar(x=units(part[column.name]), y=panels.safe(part[_LABEL]), **options)


def _ends(part: pd.DataFrame, columns: Sequence[str], size: str, currency: str) -> go.Scatter:
    """Return the amount of each row as text at the end of its bar."""
    ends = part[columns].astype("Float64").fillna(0).clip(lower=0).sum(axis=1)
    texts = [f"\N{NO-BREAK SPACE}{amount(value, currency)}" for value in units(part[size])]
    return go.Scatter(
        x=units(ends),
        y=panels.safe(part[_LABEL]),
        text=texts,
        mode="text",
        name="Total",
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )


def _range(part: pd.DataFrame, columns: Sequence[str]) -> list[float]:
    """Return the range of an axis with space for the amount at the end of the longest bar."""
    amounts = part[columns].astype("Float64").fillna(0) / TICKS
    low = float(amounts.clip(upper=0).sum(axis=1).min())
    high = float(amounts.clip(lower=0).sum(axis=1).max())
    size = high - low or 1
    return [low * 1.03, high + size * 0.16]


def _greys(part: pd.DataFrame) -> list[str]:
    """Return the colours of bars: grey where they are not of a single product or category."""
    rest = part[IS_MISSING] | part[_LABEL].str.startswith(OTHERS)
    return [panels.GREY if grey else panels.PALETTE[0] for grey in rest]


def _series(parts: Sequence[pd.DataFrame], size: str, max_rows: int) -> tuple[list[str], set[str]]:
    """Return the names to stack, those of the first rank before the second, and which of them are missing."""
    ranks: list[list[str]] = []
    missing: dict[str, None] = {}
    for part in parts:
        sums = part.groupby([_LABEL, IS_MISSING])[[size]].sum().reset_index()
        sums = sums.sort_values([size, _LABEL], ascending=[False, True], kind="stable")
        ranks.append(sums.loc[~sums[IS_MISSING], _LABEL].tolist())
        missing |= dict.fromkeys(sums.loc[sums[IS_MISSING], _LABEL].tolist())
    if max_rows < 1:
        raise ValueError(f"max_rows={max_rows} is not a valid number of rows (expected 1 or more)")
    named = list(dict.fromkeys(name for rank in zip_longest(*ranks) for name in rank if name is not None))
    # A single name beyond the limit is shown, not put together as others.
    stacked_names = named if len(named) <= max_rows + 1 else [*named[:max_rows], OTHERS]
    return [*stacked_names, *missing], set(missing)


def _column(line: pd.DataFrame, column: Column, currency: str) -> go.Bar:
    """Return the columns of one name over time."""
    form = plotly_format(currency)
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    # plotly.js gives a trace without a single point no entry in the legend.
    days, amounts = line["period"].tolist() or [None], units(line[column.name]) or [None]
    return go.Bar(x=days, y=amounts, hovertemplate=hover)


def _coloured(name: str, turn: int, unnamed: set[str]) -> dict[str, Any]:
    """Return the colour of a name, and a pattern where the colours begin anew."""
    if name in unnamed:
        return _HATCHED
    size = len(panels.PALETTE)
    colour = panels.GREY if name == OTHERS else panels.PALETTE[turn % size]
    return {**_WHITE, "color": colour, "pattern": {"shape": _PATTERNS[turn // size % len(_PATTERNS)]}}


def units(ticks: pd.Series[Any]) -> list[float | None]:
    """Return ticks in major units."""
    return [None if pd.isna(count) else float(count / TICKS) for count in ticks.array.tolist()]
