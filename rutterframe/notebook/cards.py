"""How a small thing looks in a notebook: a framed card. Everything that goes in is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable

#: Inherits the page's colours, so that it can be read on a light page and on a dark one.
_FRAME = (
    "display:inline-block;max-width:100%;box-sizing:border-box;padding:8px 14px;line-height:1.45;"
    "border:1px solid rgba(128,128,128,.45);border-radius:4px;text-align:left"
)
_NAME = "text-align:left;vertical-align:top;padding:1px 18px 1px 0;opacity:.75;white-space:nowrap"
_VALUE = "text-align:left;vertical-align:top;padding:1px 0;white-space:pre-wrap;overflow-wrap:anywhere"


def card(title: str, facts: Iterable[tuple[str, str]] = (), *, text: str = "") -> str:
    """Draw a card: a title, a paragraph, and facts by name.

    Parameters
    ----------
    title : str
        What it is, in a few words.
    facts : iterable of (str, str)
        Name and value, a line for each.
    text : str
        What to say above the facts; its line breaks are kept.

    Returns
    -------
    str
        HTML, without scripts and without anything to be fetched.

    Examples
    --------
    >>> print(card("A <b>", [("rows", "3")]))
    <div style="..."><strong>A &lt;b&gt;</strong><table ...>rows</td><td style="...">3</td></tr></table></div>
    """
    said = f'<div style="white-space:pre-wrap">{html.escape(text)}</div>' if text else ""
    return f'<div style="{_FRAME}"><strong>{html.escape(title)}</strong>{said}{_table(facts)}</div>'


def _table(facts: Iterable[tuple[str, str]]) -> str:
    # The styles on table and rows undo a notebook's own: centred, striped, in a smaller letter.
    rows = "".join(
        f'<tr style="background:none"><td style="{_NAME}">{html.escape(name)}</td>'
        f'<td style="{_VALUE}">{html.escape(value)}</td></tr>'
        for name, value in facts
    )
    style = "margin:4px 0 0;border:none;border-collapse:collapse;font-size:inherit"
    return f'<table style="{style}">{rows}</table>' if rows else ""
