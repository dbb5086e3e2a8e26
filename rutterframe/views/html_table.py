"""Draw a layout as HTML in the colours and the width of the page around it, light or dark.

A layout has its texts already, so a table is a few strings: a library that draws tables would take longer to
import than a table may take. The style is scoped by a class; without it, as on GitHub, alignment and bold
totals are those of attributes and elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import pandas as pd

from rutterframe.notebook.escape import escape_html, printable
from rutterframe.reports.caption import DEMO
from rutterframe.reports.columns import NUMBERS, Column, Kind
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.views.layout import NO_ROWS, Group, Layout, lay_out

#: States that a table shows only the first letters of ids.
IDS_ARE_CUT = "Ids are cut to the letters that tell them apart; the report has them whole."

# Notebooks stripe tables, centre them, and have colours of their own: the class twice outweighs that.
# A warning mixes its colour with that of the text, which is light on a dark page.
_STYLE = """
.rf-table{overflow-x:auto;line-height:1.4;color:inherit}
.rf-table .rf-title{font-size:1.15em}
.rf-table .rf-note{font-size:.85em;max-width:75em;opacity:.8}
.rf-table.rf-table table{width:auto;margin:6px 0;border:none;border-collapse:collapse;table-layout:auto;
color:inherit;background:none;font-size:.93em}
.rf-table.rf-table tr:nth-child(n){background:none;border:none}
.rf-table.rf-table tbody tr:hover:nth-child(n){background:rgba(128,128,128,.15)}
.rf-table.rf-table th,.rf-table.rf-table td{padding:4px 8px;border:none;color:inherit;background:none;
vertical-align:middle;text-align:left;max-width:none}
.rf-table.rf-table td{border-top:1px solid rgba(128,128,128,.3);overflow-wrap:anywhere}
.rf-table.rf-table thead th{vertical-align:bottom;border-bottom:2px solid rgba(128,128,128,.6);
overflow-wrap:normal}
.rf-table.rf-table tbody+tbody th{padding-top:16px}
.rf-table.rf-table .rf-name{min-width:8em}
.rf-table.rf-table .rf-day{white-space:nowrap;font-variant-numeric:tabular-nums}
.rf-table.rf-table .rf-number{text-align:right}
.rf-table.rf-table td.rf-number{white-space:nowrap;font-variant-numeric:tabular-nums}
.rf-table.rf-table td.rf-hanging{padding-right:calc(8px - .34em)}
.rf-table.rf-table .rf-total td{border-top:2px solid rgba(128,128,128,.6)}
.rf-table .rf-alarm{font-weight:bold;color:color-mix(in srgb,#d55e00 60%,currentcolor)}
""".strip()


class Table:
    """A report drawn as a table, which a notebook shows.

    Parameters
    ----------
    layout : Layout
        The report with its texts.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
    >>> table = rf.views.tables.cash_position(rf.reports.cash_position(banks))
    >>> table
    Table: Cash position, 1 row
    >>> table.as_raw_html().startswith('<div class="rf-table">')
    True
    """

    __slots__ = ("_html", "_text")

    def __init__(self, layout: Layout) -> None:
        rows = sum(len(group.currencies) for group in layout.groups)
        title = printable(layout.caption.title)
        self._text = f"Table: {title}, {rows:,} row{'' if rows == 1 else 's'}"
        self._html = "\n".join(_pieces(layout))

    def as_raw_html(self) -> str:
        """Return the table as HTML, with its style, without scripts and external resources.

        Returns
        -------
        str
            A block of HTML.

        Examples
        --------
        >>> import pandas as pd, rutterframe as rf
        >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
        >>> "7.00" in rf.views.tables.cash_position(rf.reports.cash_position(banks)).as_raw_html()
        True
        """
        return self._html

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        """Return the title, and how many rows there are."""
        return self._text


def draw(report: pd.DataFrame, *kinds: str, names: Names = None, max_rows: int | None = None) -> Table:
    """Lay a report of one of these kinds out, and draw it."""
    return Table(lay_out(read_report(report, *kinds), names, max_rows=max_rows, short_ids=True))


def _pieces(layout: Layout) -> Iterator[str]:
    """Yield the lines of HTML: title and question, the table, notes."""
    caption = layout.caption
    mark = f' <strong class="rf-alarm">{DEMO}</strong>' if caption.is_demo else ""
    yield f'<div class="rf-table"><style>{_STYLE}</style>'
    yield f'<div class="rf-title"><strong>{escape_html(caption.title)}</strong></div>'
    yield f"<div>{escape_html(caption.question)}{mark}</div>"
    columns = [column for column in layout.columns if column.name != "currency" or not layout.is_grouped]
    classes = [_class(column, is_first=not place) for place, column in enumerate(columns)]
    heads = (
        _cell("th", column.label, css, scope="col") for column, css in zip(columns, classes, strict=True)
    )
    yield f"<table>\n<thead><tr>{''.join(heads)}</tr></thead>"
    for group in layout.groups:
        if group.currencies:
            yield from _rows(layout, group, columns, classes)
    yield "</table>"
    has_rows = any(group.currencies for group in layout.groups)
    cut = [IDS_ARE_CUT] if any(layout.whole.get(column.name) for column in columns) else []
    omitted = [f"Columns not shown: {', '.join(layout.omitted)}."] if layout.omitted else []
    for note in (*(() if has_rows else (NO_ROWS,)), *caption.notes, *cut, *omitted, caption.fetched):
        yield f'<div class="rf-note">{escape_html(note)}</div>'
    yield "</div>"


def _rows(layout: Layout, group: Group, columns: Sequence[Column], classes: Sequence[str]) -> Iterator[str]:
    """Yield the rows of a group: each currency's code above its rows, its total below."""
    names, alarms = [column.name for column in columns], {*group.alarms}
    by_currency: dict[str, list[str]] = {}
    cells = zip(*(group.cells[name] for name in names), strict=True)
    for place, (currency, texts) in enumerate(zip(group.currencies, cells, strict=True)):
        row = "".join(
            _cell("td", text, css, whole=layout.whole.get(name, {}).get(text, ""), is_bold=place in alarms)
            for name, text, css in zip(names, texts, classes, strict=True)
        )
        attribute = ' class="rf-alarm"' if place in alarms else ""
        # A table that is not grouped has the currency in a column.
        rows = by_currency.setdefault(currency if layout.is_grouped else "", [])
        rows.append(f"<tr{attribute}>{row}</tr>")
    for currency, rows in by_currency.items():
        yield "<tbody>"
        if layout.is_grouped:
            attributes = f'colspan="{len(columns)}" scope="rowgroup" align="left"'
            yield f"<tr><th {attributes}>{escape_html(printable(currency))}</th></tr>"
        yield from rows
        if layout.is_grouped and currency in layout.totals:
            total = layout.totals[currency]
            texts = (total.label, *(total.cells.get(name, "") for name in names[1:]))
            row = "".join(
                _cell("td", text, css, is_bold=True) for text, css in zip(texts, classes, strict=True)
            )
            yield f'<tr class="rf-total">{row}</tr>'
        yield "</tbody>"


def _class(column: Column, *, is_first: bool) -> str:
    """Return the class of a column's cells; text can be long, and must not push amounts out of sight."""
    if column.kind is Kind.DAY:
        return "rf-day"
    if column.kind in NUMBERS:
        return "" if is_first else "rf-number"
    return "rf-name" if is_first else ""


def _cell(
    element: str, text: str, css: str, *, scope: str = "", whole: str = "", is_bold: bool = False
) -> str:
    """Return a cell; its alignment also stands where there is no style, and a parenthesis hangs out."""
    attributes = ' align="right"' if css == "rf-number" else ' align="left"' if element == "th" else ""
    css = f"{css} rf-hanging" if css == "rf-number" and text.endswith(")") and element == "td" else css
    attributes += f' class="{css}"' if css else ""
    attributes += f' scope="{scope}"' if scope else ""
    attributes += f' title="{escape(printable(whole))}"' if whole else ""
    content = f"<strong>{escape_html(text)}</strong>" if is_bold and text else escape_html(text)
    return f"<{element}{attributes}>{content}</{element}>"
