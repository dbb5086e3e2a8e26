"""Colours for light and dark pages, and a figure as a notebook of either theme gets it.

plotly draws SVG text in one colour, and knows nothing of the page around it. But it hands the style of a
``<span>`` in a text on to the browser, where a CSS variable follows the theme, also when it changes. `themed`
writes such a span around every text of a figure when it is shown; the figure itself stays dark on white.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plotly import graph_objects as go

#: Okabe and Ito's palette without black, and the grey of what is left.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
GREY, INK, ALARM = "#999999", "#222222", "#D55E00"
#: Lines and marks, three times as light or dark as a white or a black page.
MARK = "#808080"
GRID = "rgba(128,128,128,0.3)"
#: Where more than the palette's colours are drawn, colour and pattern together still are of one series only.
PATTERNS = ("", "/", ".", "x", "-", "\\", "|", "+")

# Without a theme, as in a picture: of all greys the one that is legible on white and on black.
_NEUTRAL = "#767676"
# Visual Studio Code first: beside its own variables it defines those of JupyterLab, as in a light theme. The
# last one is marimo's.
_TEXT = f"var(--vscode-editor-foreground, var(--jp-content-font-color1, var(--foreground, {_NEUTRAL})))"
_LOUD = "#B34700"
_LOUD_ON_ANY = f"color-mix(in srgb, {_LOUD} 60%, {_TEXT})"
_CLEAR = "rgba(0,0,0,0)"
_AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "zerolinecolor": MARK,
    "automargin": True,
    "ticklabelstandoff": 6,
    "title": {"font": {"size": 13}, "standoff": 8},
}
_TITLE = {
    "x": 0,
    "xref": "container",
    "y": 1,
    "yref": "container",
    "yanchor": "top",
    "pad": {"t": 18, "l": 14},
}
_FONT: dict[str, Any] = {"family": "Arial, Helvetica, sans-serif", "size": 13, "color": INK}

#: The template's layout of all charts; each figure has it, and plotly's own default stays as it is.
LAYOUT: dict[str, Any] = {
    "colorway": list(PALETTE),
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "bargap": 0.3,
    "font": _FONT,
    "xaxis": _AXIS,
    "yaxis": _AXIS,
    "title": _TITLE,
    "hoverlabel": {"bgcolor": "#333333", "bordercolor": MARK, "font": {"color": "#FFFFFF"}},
    "modebar": {"bgcolor": _CLEAR, "color": MARK, "activecolor": ALARM},
}
#: The template of all charts, also for figures of one's own.
TEMPLATE = go.layout.Template(layout=LAYOUT)

# What a caller sets to choose other colours; a figure with one of them is shown as it is.
_OWN_COLOURS = ("paper_bgcolor", "plot_bgcolor")

_AXES = re.compile(r"[xy]axis\d*")
_NAME = "%{fullData.name}"


def emphasis(text: str) -> str:
    """Return a text in bold and in a colour of its own."""
    return f'<b style="color:{_LOUD}">{text}</b>'


def has_own_colours(layout: Mapping[str, Any]) -> bool:
    """Return whether the caller of a chart has chosen colours or another template for it."""
    template = layout.get("template", {}).get("layout", {})
    is_ours = template.get("colorway") == LAYOUT["colorway"] and template.get("font") == _FONT
    return not is_ours or "color" in layout.get("font", {}) or any(name in layout for name in _OWN_COLOURS)


def themed(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure with a transparent background and with texts in the colour of the page's text.

    Parameters
    ----------
    figure : mapping
        A figure of `rutterframe.views.charts`, as its ``to_dict()`` returns it.

    Returns
    -------
    dict
        For plotly.js; a figure with colours or a template of the caller's choice is returned as it is.

    Examples
    --------
    >>> from plotly import graph_objects as go
    >>> figure = go.Figure(layout={"template": {"layout": LAYOUT}, "title": {"text": "Cash"}})
    >>> themed(figure.to_dict())["layout"]["title"]["text"][:46]
    '<span style="color:var(--vscode-editor-foregro'
    """
    layout = figure["layout"]
    if has_own_colours(layout):
        return dict(figure)
    clear = {"paper_bgcolor": _CLEAR, "plot_bgcolor": _CLEAR, "font": {**_FONT, "color": _NEUTRAL}}
    layout = {**layout, "template": {"layout": {**LAYOUT, **clear}}}
    for name, value in layout.items():
        if _AXES.fullmatch(name):
            layout[name] = _axis(value)
    if "title" in layout:
        layout["title"] = _title(layout["title"])
    if "annotations" in layout:
        layout["annotations"] = [{**note, "text": _span(note["text"])} for note in layout["annotations"]]
    return {**figure, "data": [*map(_trace, figure["data"])], "layout": layout}


def _span(text: Any) -> str:
    """Write a text in the colour of the page's text."""
    return (
        f'<span style="color:{_TEXT}">{str(text).replace(f"color:{_LOUD}", f"color:{_LOUD_ON_ANY}")}</span>'
    )


def _title(title: Mapping[str, Any]) -> dict[str, Any]:
    """Write a title and its subtitle in the colour of the page's text."""
    written = {**title, "text": _span(title.get("text", ""))}
    if "subtitle" in title:
        written["subtitle"] = {**title["subtitle"], "text": _span(title["subtitle"].get("text", ""))}
    return written


def _axis(axis: Mapping[str, Any]) -> dict[str, Any]:
    """Write the title and the ticks of an axis in the colour of the page's text."""
    written = dict(axis)
    if "title" in axis:
        written["title"] = _title(axis["title"])
    if "ticktext" in axis:
        return {**written, "ticktext": [*map(_span, axis["ticktext"])]}
    before, _, after = _span("\0").partition("\0")
    ends = {
        "tickprefix": before + axis.get("tickprefix", ""),
        "ticksuffix": axis.get("ticksuffix", "") + after,
    }
    return {**written, **ends}


def _trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Write the texts of a trace, and its name in the legend, in the colour of the page's text."""
    written = dict(trace)
    if "text" in trace:
        texts = trace["text"]
        written["text"] = _span(texts) if isinstance(texts, str) else [*map(_span, texts)]
    if "name" in trace:
        written |= {"name": _span(trace["name"]), "meta": [trace["name"]]}
    if "hovertemplate" in trace:
        written |= _pointed(trace)
    return written


def _pointed(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Write the label at the pointer, which has a background of its own, with plain texts and one colour."""
    label = trace["hovertemplate"].replace(f"<extra>{_NAME}</extra>", "<br>%{meta[0]}<extra></extra>")
    if "customdata" in trace:
        return {"hovertemplate": label}
    plain = [name for name in ("x", "y", "text") if f"%{{{name}}}" in label]
    for place, name in enumerate(plain):
        label = label.replace(f"%{{{name}}}", f"%{{customdata[{place}]}}")
    rows = zip(*(trace[name] for name in plain), strict=True)
    return {"hovertemplate": label, "customdata": [*map(list, rows)]}
