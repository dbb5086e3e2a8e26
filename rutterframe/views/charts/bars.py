"""How are amounts drawn as bars? A bar for each, the largest first, or columns stacked over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import pandas as pd
from plotly import graph_objects as go

from rutterframe.currency import TICKS, minor_units
from rutterframe.reports.columns import Column
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views import marks, rows
from rutterframe.views.charts import panels
from rutterframe.views.rows import Names

_LABEL = "_label"
# Where more are stacked, the palette begins anew, with these patterns.
_PATTERNS = ("", "/", "x", ".")
_WHITE = {"line": {"color": "white", "width": 1}}
# What has no date or belongs to nothing: told by its pattern.
_HATCHED = {
    **_WHITE,
    "color": panels.GREY,
    "pattern": {"shape": "/", "size": 6, "fgcolor": "#777777", "bgcolor": "#E5E5E5"},
}


def across(
    report: pd.DataFrame, columns: Mapping[str, str | None], size: str, top: int, names: Names = None
) -> go.Figure:
    """Draw a bar for each row, the largest first, with its amount at its end.

    Parameters
    ----------
    report : DataFrame
        What is drawn.
    columns : mapping of str to str
        The columns that a bar is made of, with their colours; without one, the rest is told by its grey.
    size : str
        The column that is their sum.
    top : int
        How many bars for each currency; the rest is one.
    names : mapping or DataFrame, optional
        Names by id.
    """
    known = {column.name: column for column in marks.columns_of(report)}
    parts = _ranked(report, size, top, names)
    labels = [panels.short(name) for part in parts.values() for name in part[_LABEL]]
    drawn = panels.figure(
        report,
        list(parts),
        heights=[(len(part) + 1) * panels.BAR for part in parts.values()] or [panels.PANEL],
        left=max(map(panels.width_of, labels), default=60.0) + 30,
        legend=[known[name].label for name in columns] if len(columns) > 1 else (),
    )
    for place, (currency, part) in enumerate(parts.items()):
        shown = {"showlegend": not place and len(columns) > 1}
        for name, colour in columns.items():
            marker = _HATCHED if name == "no_due_date" else {**_WHITE, "color": colour or _greys(part)}
            drawn.add_trace(_bar(part, known[name], currency).update(marker=marker, **shown), place + 1, 1)
        drawn.add_trace(_ends(part, list(columns), size, currency), place + 1, 1)
        panels.money_axis(drawn, place + 1, currency, across=True)
        row = place + 1
        drawn.update_xaxes(range=_room(part, list(columns)), row=row, col=1)
        drawn.update_yaxes(autorange="reversed", type="category", row=row, col=1)
        names_shown = [*map(panels.short, part[_LABEL])]
        drawn.update_yaxes(tickvals=panels.safe(part[_LABEL]), ticktext=names_shown, row=row, col=1)
    return drawn.update_layout(barmode="relative", legend_traceorder="normal")


def stacked(report: pd.DataFrame, column: Column, top: int) -> go.Figure:
    """Draw columns over time, stacked by the largest of all periods; a colour is the same in every panel."""
    frame = marks.counted(report)
    keys = rows.keys_of(report)
    frame = rows.named(frame, keys, short=True).assign(**{_LABEL: rows.called(frame, keys, short=True)})
    parts = marks.by_currency(frame)
    drawn_names, unnamed = _chosen(list(parts.values()), column.name, top)
    legend = [panels.short(name, 24) for name in drawn_names]
    widest = max(
        (f"({marks.units(amount):,.0f})" for amount in frame[column.name].dropna()), key=len, default=""
    )
    drawn = panels.figure(
        report,
        list(parts),
        heights=[max(panels.PANEL, (len(legend) + 2) * 24)] * max(len(parts), 1),
        left=panels.width_of(widest) + 62,
        legend=legend,
        beside=True,
    )
    for place, (currency, part) in enumerate(parts.items()):
        label = part[_LABEL].where(part[_LABEL].isin(drawn_names), rows.OTHERS)
        for turn, name in enumerate(drawn_names):
            line = part[label == name].groupby("period")[[column.name]].sum().reset_index()
            trace = _column(line, column, currency).update(name=legend[turn], legendgroup=legend[turn])
            # Nothing of it in the first currency still needs its entry in the legend.
            drawn.add_trace(
                trace.update(marker=_coloured(name, turn, unnamed), showlegend=not place), place + 1, 1
            )
        panels.money_axis(drawn, place + 1, currency)
    return drawn.update_layout(barmode="relative")


def _ranked(report: pd.DataFrame, size: str, top: int, names: Names) -> dict[str, pd.DataFrame]:
    """Give the largest rows of each currency, named; what was converted says from what."""
    keys, added = rows.keys_of(report), marks.adds_up(report)
    counted = marks.counted(report)
    # What is made by currency alone has one bar in each panel.
    frame = rows.named(counted, keys, names, short=True)
    frame[_LABEL] = rows.called(counted, keys, names, short=True)
    if ORIGINAL in frame:
        original = frame[ORIGINAL].fillna("no currency")
        frame[_LABEL] = [f"{label} ({one})" for label, one in zip(frame[_LABEL], original, strict=True)]
    parts = marks.by_currency(frame)
    return {each: rows.largest(part, size, top, key=_LABEL, added=added) for each, part in parts.items()}


def _bar(part: pd.DataFrame, column: Column, currency: str) -> go.Bar:
    """Make the bars of one column, with its amounts under the pointer."""
    form = f"(,.{minor_units(currency)}f"
    hover = f"%{{y}}<br>%{{x:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    shown = {"name": column.label, "orientation": "h", "hovertemplate": hover}
    return go.Bar(x=units(part[column.name]), y=panels.safe(part[_LABEL]), **shown)


def _ends(part: pd.DataFrame, columns: Sequence[str], size: str, currency: str) -> go.Scatter:
    """Write the amount of each row at the end of its bar."""
    ends = part[columns].astype("Float64").fillna(0).clip(lower=0).sum(axis=1)
    texts = [f"\N{NO-BREAK SPACE}{marks.money(amount, currency)}" for amount in part[size]]
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


def _room(part: pd.DataFrame, columns: Sequence[str]) -> list[float]:
    """Leave room for the amount at the end of the longest bar."""
    amounts = part[columns].astype("Float64").fillna(0) / TICKS
    low = float(amounts.clip(upper=0).sum(axis=1).min())
    high = float(amounts.clip(lower=0).sum(axis=1).max())
    size = high - low or 1
    return [low * 1.03, high + size * 0.16]


def _greys(part: pd.DataFrame) -> list[str]:
    """Colour the bars: what is no single product or category is grey."""
    rest = part["_missing"] | part[_LABEL].str.startswith(rows.OTHERS)
    return [panels.GREY if grey else panels.PALETTE[0] for grey in rest]


def _chosen(parts: Sequence[pd.DataFrame], size: str, top: int) -> tuple[list[str], set[str]]:
    """Choose what is stacked, the first of each currency, then the second; and what has no name, the last."""
    ranks: list[list[str]] = []
    missing: dict[str, None] = {}
    for part in parts:
        sums = part.groupby([_LABEL, "_missing"])[[size]].sum().reset_index()
        sums = sums.sort_values([size, _LABEL], ascending=[False, True], kind="stable")
        ranks.append(sums.loc[~sums["_missing"], _LABEL].tolist())
        missing |= dict.fromkeys(sums.loc[sums["_missing"], _LABEL].tolist())
    if top < 1:
        raise ValueError(f"cannot show the largest {top}: it must be 1 or more")
    found = dict.fromkeys(name for place in zip_longest(*ranks) for name in place if name is not None)
    named = list(found)
    # One that would be the only rest keeps its name.
    shown = named if len(named) <= top + 1 else [*named[:top], rows.OTHERS]
    return [*shown, *missing], set(missing)


def _column(line: pd.DataFrame, column: Column, currency: str) -> go.Bar:
    """Make the columns of one name over time."""
    form = f"(,.{minor_units(currency)}f"
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    # plotly.js gives a trace without a single point no entry in the legend.
    days, amounts = line["period"].tolist() or [None], units(line[column.name]) or [None]
    return go.Bar(x=days, y=amounts, hovertemplate=hover)


def _coloured(name: str, turn: int, unnamed: set[str]) -> dict[str, Any]:
    """Give a name its colour, and a pattern where the colours begin anew."""
    if name in unnamed:
        return _HATCHED
    size = len(panels.PALETTE)
    colour = panels.GREY if name == rows.OTHERS else panels.PALETTE[turn % size]
    return {**_WHITE, "color": colour, "pattern": {"shape": _PATTERNS[turn // size % len(_PATTERNS)]}}


def units(ticks: pd.Series[Any]) -> list[float | None]:
    """Turn ticks into major units."""
    return [None if pd.isna(each) else marks.units(each) for each in ticks]
