"""Write tables, charts and sentences as one HTML page: a single file that needs no network and no server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from plotly import graph_objects as go

from rutterframe.notebook.escape import printable, printable_lines
from rutterframe.reports.caption import DEMO, DEMO_SENTENCE
from rutterframe.storage import StorageOptions, check_target, mask_address, replace_file, wrap_options
from rutterframe.views.charts.figure import to_html
from rutterframe.views.html_table import Table
from rutterframe.views.sentences import Finding

__all__ = ["write_page"]

#: What a page can hold: a paragraph, a `Finding`, a table of `rutterframe.views.tables`, a figure.
Item: TypeAlias = "str | Table | go.Figure"

# The browser loads nothing from anywhere, whatever the page holds.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
# The variables are those of JupyterLab, which tables and charts follow. Paper is light.
_LIGHT = "--jp-content-font-color1:#222;--jp-layout-color0:#fff;--page-link:#0b5c96;--page-demo:#a03d00"
_DARK = "--jp-content-font-color1:#e6e6e6;--jp-layout-color0:#17191c;--page-link:#7cc0f0;--page-demo:#ffa366"
_STYLE = f"""
:root {{ color-scheme: light dark; {_LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
body {{ margin: 0 auto; padding: 24px; max-width: 1240px; font: 15px/1.5 -apple-system, "Segoe UI", Roboto,
       Arial, sans-serif; color: var(--jp-content-font-color1); background: var(--jp-layout-color0); }}
h1 {{ margin: 0 0 4px; font-size: 26px; }} h2 {{ margin: 36px 0 6px; font-size: 19px; }}
section {{ scroll-margin-top: 48px; }}
nav {{ position: sticky; top: 0; z-index: 1; padding: 8px 0; background: var(--jp-layout-color0);
      border-bottom: 1px solid rgba(128,128,128,.4); }}
nav a {{ display: inline-block; margin-right: 16px; }} a {{ color: var(--page-link); }}
.demo {{ color: var(--page-demo); font-weight: bold; }}
figure {{ margin: 18px 0; overflow-x: auto; }}
@page {{ size: landscape; margin: 12mm; }}
@media print {{
  :root {{ color-scheme: light; {_LIGHT} }}
  body {{ padding: 0; max-width: none; font-size: 12px; }} nav {{ display: none; }}
  h2, .rf-title {{ break-after: avoid; }} tr, figure.chart {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }} figure, .rf-table {{ overflow: visible; }}
}}
"""


def write_page(
    path: str | Path,
    sections: Mapping[str, Sequence[Item]],
    *,
    title: str,
    storage_options: Mapping[str, str] | StorageOptions | None = None,
) -> None:
    """Write a page to mail and to open offline; an existing file is replaced only by a complete one.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.html``, in an existing folder; or an address, such as
        ``s3://bucket/report.html``.
    sections : mapping of str to sequence of str, Table or Figure
        By their headings: paragraphs, which are plain text, findings and notes, tables and charts.
    title : str
        The title of the page.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, as `refresh` takes it; else the environment (``AWS_*``) has it.

    Raises
    ------
    TypeError
        If an item is not one of the three.
    ValueError
        For another ending, a missing folder, or no sections.
    OSError
        If the file cannot be written, or an address cannot be reached.

    Notes
    -----
    A page with a chart has 5 MB, since it includes plotly.js. Where a table or a chart shows demo data,
    the page says so at its top. It is light or dark as the reader's browser is, and light on paper.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.views import charts, tables
    >>> from rutterframe.views.page import write_page
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> sections = {"Receivables": ["Who owes?", tables.aging(aging, max_rows=5), charts.aging(aging)]}
    >>> write_page("report.html", sections, title="June")
    """
    path, options = mask_address(path), wrap_options(storage_options)
    del storage_options
    check_target(path, (".html",), options)
    if not sections:
        raise ValueError("there are no sections to write")
    text = _page(sections, title)
    with replace_file(path, options) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _page(sections: Mapping[str, Sequence[Item]], title: str) -> str:
    """Return the page as HTML."""
    links, pieces, figures, is_demo = [], [], 0, False
    for number, (heading, items) in enumerate(sections.items(), start=1):
        links.append(f'<a href="#s{number}">{escape(printable(heading))}</a>')
        pieces.append(f'<section id="s{number}">\n<h2>{escape(printable(heading))}</h2>')
        for item in items:
            piece = _piece(item, first=not figures)
            figures += isinstance(item, go.Figure)
            is_demo = is_demo or (not isinstance(item, str) and DEMO in piece)
            pieces.append(piece)
        pieces.append("</section>")
    head = "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(printable(title))}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(printable(title))}</h1>",
            f'<p class="demo">{DEMO_SENTENCE}</p>' if is_demo else "",
            f"<nav>{' '.join(links)}</nav>",
        ]
    )
    return "\n".join([head, *pieces, "</body></html>\n"])


def _piece(item: Item, *, first: bool) -> str:
    """Return one item as HTML; the first figure includes plotly.js."""
    if isinstance(item, Finding):
        return item.as_html()
    if isinstance(item, str):
        return f"<p>{escape(printable_lines(item))}</p>"
    if isinstance(item, Table):
        return f"<figure>{item.as_raw_html()}</figure>"
    if isinstance(item, go.Figure):
        return f'<figure class="chart">{to_html(item, with_plotly=first)}</figure>'
    raise TypeError(f"a page holds text, tables (Table) and charts (Figure), not {type(item).__name__}")
