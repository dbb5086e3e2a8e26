"""Draw amounts as bars, the largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.columns import Column, Order
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import IS_MISSING, Names, label_keys, label_rows
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.charts import panels, theme
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.format import amount, plotly_format
from rutterframe.views.layout import OTHERS, arrange, choose_columns, in_ticks

_LABEL = "_label"
#: Around every bar, so that it can be seen on a light and on a dark page, and beside its neighbour.
EDGE = {"line": {"color": theme.MARK, "width": 1}}
#: What has no date, or no product or category.
HATCHED = {**EDGE, "color": theme.GREY, "pattern": {"shape": "/", "size": 6, "fillmode": "overlay"}}


def across(
    report: pd.DataFrame, columns: Mapping[str, str | None], size: str, max_rows: int, names: Names = None
) -> ReportFigure:
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
    several = len(columns) > 1
    canvas = panels.Canvas(
        report,
        list(parts),
        heights=[(len(part) + 1) * panels.BAR for part in parts.values()] or [panels.PANEL],
        left=max(map(panels.width_of, labels), default=60.0) + 30,
        legend=[known[name].label for name in columns] if several else (),
    )
    for place, (currency, part) in enumerate(parts.items()):
        parties = panels.safe(part[_LABEL])
        for turn, (name, colour) in enumerate(columns.items()):
            marker = {**EDGE, "color": colour or _greys(part)}
            marker["pattern"] = pattern(turn) if several else {**pattern(0), "shape": _hatches(part)}
            canvas.add(
                place,
                **_bar(part, known[name], currency),
                y=parties,
                marker=HATCHED if name == "no_due_date" else marker,
                showlegend=several and not place,
                legendgroup=name,
            )
        canvas.add(place, **_ends(part, list(columns), size, currency), y=parties)
        panels.money_axis(canvas.xaxis(place), currency, known[size].label if size in columns else "")
        canvas.xaxis(place)["range"] = _range(part, list(columns))
        ticks = {"tickvals": parties, "ticktext": [*map(panels.short, part[_LABEL])]}
        canvas.yaxis(place).update(autorange="reversed", type="category", **ticks)
    canvas.layout["barmode"] = "relative"
    return canvas.figure()


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


def pattern(turn: int) -> dict[str, Any]:
    """Return the pattern of a part of a bar: no two neighbours have the same."""
    return {"shape": theme.PATTERNS[turn % len(theme.PATTERNS)], "size": 7, "fillmode": "overlay"}


def _bar(part: pd.DataFrame, column: Column, currency: str) -> dict[str, Any]:
    """Return the bars of one column, with its amounts under the pointer."""
    form = plotly_format(currency)
    hover = f"%{{y}}<br>%{{x:{form}}} {panels.safe([currency])[0]}<extra>%{{fullData.name}}</extra>"
    options = {"name": column.label, "orientation": "h", "hovertemplate": hover}
    return {"type": "bar", "x": panels.units(part[column.name]), **options}


def _ends(part: pd.DataFrame, columns: Sequence[str], size: str, currency: str) -> dict[str, Any]:
    """Return the amount of each row as text at the end of its bar."""
    ends = _sum(part, columns, above=True)
    texts = [f"\N{NO-BREAK SPACE}{amount(value, currency)}" for value in panels.units(part[size])]
    options = {"name": "Total", "hoverinfo": "skip", "showlegend": False, "cliponaxis": False}
    place = {"mode": "text", "textposition": "middle right"}
    return {"type": "scatter", "x": ends, "text": texts, **place, **options}


def _range(part: pd.DataFrame, columns: Sequence[str]) -> list[float]:
    """Return the range of an axis with space for the amount at the end of the longest bar."""
    low, high = min(_sum(part, columns, above=False)), max(_sum(part, columns, above=True))
    size = high - low or 1
    return [low * 1.03, high + size * 0.16]


def _sum(part: pd.DataFrame, columns: Sequence[str], *, above: bool) -> list[float]:
    """Return where the bars end above zero, or below it, in major units."""
    rows = zip(*(part[name].fillna(0).array.tolist() for name in columns), strict=True)
    return [float(sum(ticks for ticks in row if (ticks > 0) is above) / TICKS) for row in rows]


def _greys(part: pd.DataFrame) -> list[str]:
    """Return the colours of bars: grey where they are not of a single product or category."""
    rest = part[IS_MISSING] | part[_LABEL].str.startswith(OTHERS)
    return [theme.GREY if grey else theme.PALETTE[0] for grey in rest]


def _hatches(part: pd.DataFrame) -> list[str]:
    """Return the patterns of bars: hatched where they are of no product or category."""
    return ["/" if is_missing else "" for is_missing in part[IS_MISSING]]
