"""HTML cards: a title, text and facts in a frame, with every value escaped."""

from __future__ import annotations

from collections.abc import Iterable

from rutterframe.notebook.escape import escape_html

#: Inherits the colours of the page, light or dark.
_FRAME = (
    "display:inline-block;max-width:100%;box-sizing:border-box;padding:8px 14px;line-height:1.45;"
    "border:1px solid rgba(128,128,128,.45);border-radius:4px;text-align:left"
)
_NAME = "text-align:left;vertical-align:top;padding:1px 18px 1px 0;opacity:.75;white-space:nowrap"
_VALUE = "text-align:left;vertical-align:top;padding:1px 0;white-space:pre-wrap;overflow-wrap:anywhere"


def card(title: str, facts: Iterable[tuple[str, str]] = (), *, text: str = "") -> str:
    """Return a card: a title, a paragraph, and facts by name.

    Parameters
    ----------
    title : str
        The title.
    facts : iterable of (str, str)
        Names and values, a line each.
    text : str
        A paragraph above the facts, with its line breaks.

    Returns
    -------
    str
        HTML, without scripts and external resources.

    Examples
    --------
    >>> print(card("A <b>", [("rows", "3")]))
    <div style="..."><strong>A &lt;b&gt;</strong><table ...>rows</td><td style="...">3</td></tr></table></div>
    """
    paragraph = f'<div style="white-space:pre-wrap">{escape_html(text)}</div>' if text else ""
    return f'<div style="{_FRAME}"><strong>{escape_html(title)}</strong>{paragraph}{_table(facts)}</div>'


def _table(facts: Iterable[tuple[str, str]]) -> str:
    # The styles on table and rows undo those of notebooks: centred, striped, in a smaller font.
    rows = "".join(
        f'<tr style="background:none"><td style="{_NAME}">{escape_html(name)}</td>'
        f'<td style="{_VALUE}">{escape_html(value)}</td></tr>'
        for name, value in facts
    )
    style = "margin:4px 0 0;border:none;border-collapse:collapse;font-size:inherit"
    return f'<table style="{style}">{rows}</table>' if rows else ""
