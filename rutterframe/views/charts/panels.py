"""Set up the figure of a chart: one template, a panel for each currency, title above and notes below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

import pandas as pd
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO, Caption
from rutterframe.views.layout import NO_ROWS

#: Okabe and Ito's palette without black, and the grey of what is left.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
GREY, INK, ALARM = "#999999", "#222222", "#B34700"

# Negative amounts stand in parentheses, as an accountant writes them.
_AMOUNTS = "(,"
_AXIS = {"gridcolor": "#E5E5E5", "zerolinecolor": "#555555", "automargin": True, "ticklabelstandoff": 6}
_AXIS["title"] = {"font": {"size": 13}, "standoff": 8}
_TITLE = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top"}
_FONT = {"family": "Arial, Helvetica, sans-serif", "size": 13, "color": INK}
_PAPER = {"colorway": PALETTE, "paper_bgcolor": "white", "plot_bgcolor": "white", "bargap": 0.3}
_PARTS = {"font": _FONT, "xaxis": _AXIS, "yaxis": _AXIS, "title": {**_TITLE, "pad": {"t": 18, "l": 14}}}

#: The one template of all charts; each figure has it, and plotly's own default stays as it is.
TEMPLATE = go.layout.Template(layout={**_PAPER, **_PARTS})

#: In pixels: a panel, a bar's row, and the edge that title, legend and notes begin at.
PANEL, BAR, EDGE = 300, 34, 14
_EMPTY = 60
_HEAD, _GAP, _AXES, _ENTRY, _LINE, _WIDTH, _RIGHT = 74, 92, 62, 20, 15, 900, 34


def figure(
    report: pd.DataFrame,
    titles: Sequence[str],
    *,
    heights: Sequence[int],
    left: float,
    legend: Sequence[str] = (),
    beside: bool = False,
) -> go.Figure:
    """Return a figure with a panel for each title, below the report's title and above its notes.

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
        Put the legend beside the panels, in the order in which columns are stacked, not above them.
    """
    several = len(titles) > 1
    heights = heights if titles else [_EMPTY]
    inner = sum(heights) + _GAP * (len(heights) - 1)
    spacing = _GAP / inner if several else 0.0
    canvas = make_subplots(rows=len(heights), row_heights=list(heights), vertical_spacing=spacing)
    caption = Caption.of(report)
    notes = [line for note in [*caption.notes, *_without_period(report)] for line in wrap(note, 140) or [""]]
    notes.append(caption.fetched)
    widest = max(map(width_of, legend), default=0.0) + 62
    # Its lines are as wide as the panels.
    lines = 0 if beside else ceil(len(legend) / max((_WIDTH - left - _RIGHT) // widest, 1))
    top = _HEAD + lines * _ENTRY + (40 if several else 12)
    bottom = _AXES + len(notes) * _LINE + 14
    height = top + inner + bottom
    margin = {"l": left, "r": widest if beside else _RIGHT, "t": top, "b": bottom}
    canvas.update_layout(template=TEMPLATE, height=height, margin=margin, title=_title(caption))
    at_top = {"orientation": "h", "xref": "container", "x": EDGE / _WIDTH, "yref": "container"}
    aside = {"orientation": "v", "x": 1.015, "y": 1, "traceorder": "reversed"}
    canvas.update_layout(legend={**(aside if beside else {**at_top, "y": 1 - 70 / height}), "yanchor": "top"})
    text = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": EDGE - left, "align": "left"}
    below = {"yref": "paper", "y": 0, "yanchor": "top", "yshift": -_AXES, "font": {"size": 11}}
    canvas.add_annotation(text="<br>".join(safe(notes)), showarrow=False, **text, **below)
    for place, title in enumerate(titles if several else ()):
        (upper,) = (axis.domain[1] for axis in canvas.select_yaxes(row=place + 1))
        above = {"yref": "paper", "y": upper, "yanchor": "bottom", "yshift": 5}
        canvas.add_annotation(text=f"<b>{safe([title])[0]}</b>", showarrow=False, **text, **above)
    return canvas if titles else _without_rows(canvas)


def money_axis(canvas: go.Figure, row: int, currency: str, *, across: bool = False) -> None:
    """Write the currency on the axis of a panel's amounts."""
    update = canvas.update_xaxes if across else canvas.update_yaxes
    update(title_text=safe([currency])[0], tickformat=_AMOUNTS, row=row, col=1)


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


def _title(caption: Caption) -> dict[str, Any]:
    """Return the title and below it the question; demo data is marked there."""
    mark = f'  <b style="color:{ALARM}">{DEMO}</b>' if caption.is_demo else ""
    return {"text": safe([caption.title])[0], "subtitle": {"text": f"{safe([caption.question])[0]}{mark}"}}


def _without_period(report: pd.DataFrame) -> list[str]:
    """Return a note on the rows that have no place on a time axis."""
    undated = int(report["period"].isna().sum()) if "period" in report else 0
    return [f"Rows without a period, which a chart over time cannot draw: {undated:,}."] if undated else []


def _without_rows(canvas: go.Figure) -> go.Figure:
    """Write in the middle that the report has no rows."""
    middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "font": {"size": 14}}
    canvas.add_annotation(text=NO_ROWS, showarrow=False, **middle)
    return canvas.update_xaxes(visible=False).update_yaxes(visible=False)
