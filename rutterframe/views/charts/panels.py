"""Set up a chart: a panel for each currency, one below the other, the title above and the notes below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO, Caption
from rutterframe.views.charts import theme
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.layout import NO_ROWS

# Negative amounts stand in parentheses, as an accountant writes them.
_AMOUNTS = "(,"

#: In pixels: a panel, a bar's row, and the edge that title, legend and notes begin at.
PANEL, BAR, EDGE = 300, 34, 14
_EMPTY = 60
_HEAD, _GAP, _AXES, _ENTRY, _LINE, _WIDTH, _RIGHT = 74, 92, 62, 20, 15, 900, 34


class Canvas:
    """The traces and the layout of a chart, as plain dicts: plotly checks them once, in `figure`.

    Parameters
    ----------
    report : DataFrame
        The report; its title, question and notes are written.
    titles : sequence of str
        The titles of the panels, from the top; a single panel shows none.
    heights : sequence of int
        The height of each panel, in pixels.
    left : float
        The width of the labels of the vertical axes, in pixels.
    legend : sequence of str
        The words of the legend.
    beside : bool
        Give each panel a legend of its own beside it, in the order in which columns are stacked.

    Attributes
    ----------
    data : list of dict
        The traces.
    layout : dict
        The layout.
    """

    def __init__(
        self,
        report: pd.DataFrame,
        titles: Sequence[str],
        *,
        heights: Sequence[int],
        left: float,
        legend: Sequence[str] = (),
        beside: bool = False,
    ) -> None:
        self.data: list[dict[str, Any]] = []
        several = len(titles) > 1
        heights = heights if titles else [_EMPTY]
        inner = sum(heights) + _GAP * (len(heights) - 1)
        caption = Caption.of(report)
        notes = [
            line for note in [*caption.notes, *_without_period(report)] for line in wrap(note, 140) or [""]
        ]
        notes.append(caption.fetched)
        widest = max(map(width_of, legend), default=0.0) + 62
        # Its lines are as wide as the panels.
        lines = 0 if beside else ceil(len(legend) / max((_WIDTH - left - _RIGHT) // widest, 1))
        top = _HEAD + lines * _ENTRY + (40 if several else 12)
        bottom = _AXES + len(notes) * _LINE + 14
        height = top + inner + bottom
        self.layout: dict[str, Any] = {
            "template": {"layout": theme.LAYOUT},
            "height": height,
            "margin": {"l": left, "r": widest if beside else _RIGHT, "t": top, "b": bottom},
            "title": _title(caption),
            "annotations": [],
        }
        self._text = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": EDGE - left, "align": "left"}
        below = {"yref": "paper", "y": 0, "yanchor": "top", "yshift": -_AXES, "font": {"size": 11}}
        self.write("<br>".join(safe(notes)), **self._text, **below)
        if not beside:
            at_top = {"orientation": "h", "xref": "container", "x": EDGE / _WIDTH, "yref": "container"}
            self.layout["legend"] = {**at_top, "y": 1 - 70 / height, "yanchor": "top", "traceorder": "normal"}
        self._add_panels(titles, heights, inner, beside=beside)
        if not titles:
            self._without_rows()

    def _add_panels(
        self, titles: Sequence[str], heights: Sequence[int], inner: float, *, beside: bool
    ) -> None:
        """Add the axes of each panel, its title and its legend, from the top."""
        below = float(inner)
        for place, height in enumerate(heights):
            upper, lower = below / inner, (below - height) / inner
            below -= height + _GAP
            # Sums of floats may end a hair beyond 0 or 1, which plotly refuses.
            domain = [max(lower, 0.0), min(upper, 1.0)]
            self.layout[f"xaxis{_number(place)}"] = {"anchor": f"y{_number(place)}", "domain": [0.0, 1.0]}
            self.layout[f"yaxis{_number(place)}"] = {"anchor": f"x{_number(place)}", "domain": domain}
            if beside:
                aside = {"orientation": "v", "x": 1.015, "y": domain[1], "yanchor": "top"}
                self.layout[f"legend{_number(place)}"] = {**aside, "traceorder": "reversed"}
            if len(titles) > 1:
                above = {"yref": "paper", "y": domain[1], "yanchor": "bottom", "yshift": 5}
                self.write(f"<b>{safe([titles[place]])[0]}</b>", **self._text, **above)

    def _without_rows(self) -> None:
        """Write in the middle that the report has no rows."""
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "font": {"size": 14}}
        self.write(NO_ROWS, **middle)
        self.xaxis(0)["visible"] = self.yaxis(0)["visible"] = False

    def add(self, place: int, **trace: Any) -> None:
        """Add a trace to a panel."""
        self.data.append({**trace, "xaxis": f"x{_number(place)}", "yaxis": f"y{_number(place)}"})

    def write(self, text: str, **position: Any) -> None:
        """Add a text that stands by itself."""
        self.layout["annotations"].append({"text": text, "showarrow": False, **position})

    def xaxis(self, place: int) -> dict[str, Any]:
        """Return the horizontal axis of a panel, to be added to."""
        axis: dict[str, Any] = self.layout[f"xaxis{_number(place)}"]
        return axis

    def yaxis(self, place: int) -> dict[str, Any]:
        """Return the vertical axis of a panel, to be added to."""
        axis: dict[str, Any] = self.layout[f"yaxis{_number(place)}"]
        return axis

    def figure(self) -> ReportFigure:
        """Return the figure."""
        return ReportFigure(data=self.data, layout=self.layout)


def legend_of(place: int) -> str:
    """Return the name of the legend beside a panel."""
    return f"legend{_number(place)}"


def money_axis(axis: dict[str, Any], currency: str, amount: str = "") -> None:
    """Write on the axis of a panel's amounts what they are, and their currency."""
    title = f"{amount}, {currency}" if amount else currency
    axis |= {"title": {"text": safe([title])[0]}, "tickformat": _AMOUNTS}


def units(ticks: pd.Series[Any]) -> list[float | None]:
    """Return ticks in major units."""
    return [None if pd.isna(count) else float(count / TICKS) for count in ticks.array.tolist()]


def safe(names: Iterable[Any]) -> list[str]:
    """Escape markup in texts, and their dollars, which MathJax would read as a formula."""
    return [escape(printable(str(name)), quote=False).replace("$", "&#36;") for name in names]


def short(name: str, width: int = 36) -> str:
    """Break a long name into two lines, and cut what is beyond them.

    Examples
    --------
    >>> short("A name that is so long that it must be cut", width=12)
    'A name that<br>is so long…'
    """
    lines = wrap(name, width) or [""]
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1][: width - 1]}…"]
    return "<br>".join(safe(lines))


def width_of(text: str) -> float:
    """Estimate how wide a text is, in pixels: that of the widest of its lines."""
    return max(sum(map(_width, line)) for line in text.split("<br>"))


def _width(letter: str) -> float:
    if east_asian_width(letter) in "WF" or letter in "MW@%":
        return 13.5
    return 9.5 if letter.isupper() else 7.6


def _number(place: int) -> str:
    """Return what plotly.js adds to the names of the axes and legends of a panel."""
    return "" if place == 0 else str(place + 1)


def _title(caption: Caption) -> dict[str, Any]:
    """Return the title and below it the question; demo data is marked there."""
    mark = f"  {theme.emphasis(DEMO)}" if caption.is_demo else ""
    return {"text": safe([caption.title])[0], "subtitle": {"text": f"{safe([caption.question])[0]}{mark}"}}


def _without_period(report: pd.DataFrame) -> list[str]:
    """Return a note on the rows that have no place on a time axis."""
    undated = int(report["period"].isna().sum()) if "period" in report else 0
    return [f"Rows without a period, which a chart over time cannot draw: {undated:,}."] if undated else []
