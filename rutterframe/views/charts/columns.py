"""Draw amounts as columns over time, stacked by the largest of each currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rutterframe.reports.columns import Column
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import IS_MISSING, label_keys, label_rows
from rutterframe.views.charts import bars, panels, theme
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.format import plotly_format
from rutterframe.views.layout import OTHERS, choose_columns, in_ticks

_LABEL, _SERIES = "_label", "_series"


@dataclass(frozen=True, slots=True)
class _Series:
    """What is stacked in the panel of a currency: the largest, what is beyond them, and what has no name."""

    named: list[str]
    rest: str | None
    missing: list[str]

    def __iter__(self) -> Iterator[str]:
        """Go through the labels from the bottom of a stack to its top."""
        yield from self.named
        yield from () if self.rest is None else (self.rest,)
        yield from self.missing


def stacked(report: pd.DataFrame, size: str, max_rows: int) -> ReportFigure:
    """Draw columns over time, stacked by the largest of all periods; a look is that of one name in any panel.

    Parameters
    ----------
    report : DataFrame
        A report with periods.
    size : str
        The column that is drawn.
    max_rows : int
        How many names for each currency; the rest is one.
    """
    if max_rows < 1:
        raise ValueError(f"max_rows={max_rows} is not a valid number of rows (expected 1 or more)")
    (column,) = (each for each in columns_of(report) if each.name == size)
    parts = _labelled(report)
    series = {currency: _series(part, size, max_rows) for currency, part in parts.items()}
    # A name that two currencies have looks the same in both.
    turns = {
        name: turn
        for turn, name in enumerate(dict.fromkeys(n for each in series.values() for n in each.named))
    }
    legend = [panels.short(name, 24) for each in series.values() for name in each]
    amounts = (amount for part in parts.values() for amount in panels.units(part[size].dropna()))
    widest = max((f"({amount:,.0f})" for amount in amounts), key=len, default="")
    canvas = panels.Canvas(
        report,
        list(parts),
        heights=[max(panels.PANEL, (len(list(each)) + 2) * 24) for each in series.values()],
        left=panels.width_of(widest) + 62,
        legend=legend,
        beside=True,
    )
    for place, (currency, part) in enumerate(parts.items()):
        stack = series[currency]
        known = part[_LABEL].isin(set(stack))
        labels = part[_LABEL].where(known, stack.rest)
        for name in stack:
            line = part[labels == name].groupby("period")[[size]].sum().reset_index()
            canvas.add(
                place,
                **_column(line, column, currency),
                name=panels.short(name, 24),
                marker=_look(name, stack, turns),
                legend=panels.legend_of(place),
                legendgroup=name,
            )
        panels.money_axis(canvas.yaxis(place), currency, column.label)
    canvas.layout["barmode"] = "relative"
    return canvas.figure()


def _labelled(report: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each currency, in ticks and with labels."""
    ticks = in_ticks(report)
    _, keys = choose_columns(report)
    label = label_rows(ticks, keys, short=True)
    frame = label_keys(ticks, keys, short=True).assign(**{_LABEL: label})
    return {str(currency): part for currency, part in frame.groupby("currency", sort=False)}


def _series(part: pd.DataFrame, size: str, max_rows: int) -> _Series:
    """Return what to stack of one currency, the largest of all periods first."""
    sums = part.groupby([_LABEL, IS_MISSING])[[size]].sum().reset_index()
    sums = sums.sort_values([size, _LABEL], ascending=[False, True], kind="stable")
    named = sums.loc[~sums[IS_MISSING], _LABEL].tolist()
    missing = sums.loc[sums[IS_MISSING], _LABEL].tolist()
    # A single name beyond the limit is shown, not put together as others.
    if len(named) <= max_rows + 1:
        return _Series(named, None, missing)
    return _Series(named[:max_rows], f"{OTHERS} ({len(named) - max_rows:,})", missing)


def _column(line: pd.DataFrame, column: Column, currency: str) -> dict[str, Any]:
    """Return the columns of one name over time."""
    form = plotly_format(currency)
    hover = f"%{{x|%Y-%m-%d}}<br>%{{y:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    days, amounts = line["period"].tolist(), panels.units(line[column.name])
    return {"type": "bar", "x": days, "y": amounts, "hovertemplate": hover, "showlegend": True}


def _look(name: str, stack: _Series, turns: Mapping[str, int]) -> dict[str, Any]:
    """Return the colour and the pattern of a name: together they are of no other."""
    if name in stack.missing:
        return bars.HATCHED
    if name == stack.rest:
        return {**bars.EDGE, "color": theme.GREY}
    turn = turns[name]
    colour = theme.PALETTE[turn % len(theme.PALETTE)]
    return {**bars.EDGE, "color": colour, "pattern": bars.pattern(turn)}
