"""Write reports as text: tables for a terminal, Markdown, or CSV."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from itertools import chain
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rutterframe.frames import csv_format
from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO, DEMO_SENTENCE, Caption
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import agreement
from rutterframe.views.layout import NO_ROWS, Layout, lay_out


class Style(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"


class Line(NamedTuple):
    """The cells of a row; a total stands below the rows of its currency."""

    cells: list[str]
    is_total: bool


# The words for a total that agrees, differs, or was not compared.
_FLAGS = (agreement(ok=True), agreement(ok=False), agreement(ok=None))
_WIDEST_NAME, _NARROWEST_NAME = 28, 8
_GAP = 2


def show(
    reports: Sequence[pd.DataFrame],
    *,
    style: Style | None = None,
    names: Names = None,
    max_rows: int | None = None,
    escape_formulas: bool = True,
) -> None:
    """Print reports, and below them their notes.

    Parameters
    ----------
    reports : sequence of DataFrame
        In their order; CSV holds only the first.
    style : Style, optional
        A table in a terminal, Markdown elsewhere, if not given.
    names : mapping or DataFrame, optional
        Names to show instead of customers' ids.
    max_rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.
    escape_formulas : bool
        Whether text in CSV that a spreadsheet would take for a formula gets an apostrophe at its start.
    """
    console = Console()
    style = style or (Style.TABLE if console.is_terminal else Style.MARKDOWN)
    captions = [Caption.of(report) for report in reports]
    notes = list(dict.fromkeys(note for caption in captions for note in caption.notes))
    if any(caption.is_demo for caption in captions):
        notes.insert(0, DEMO_SENTENCE)
    if style is Style.CSV:
        # Notes are not rows of the report, and must not end up in a file that it is piped to.
        keep = "" if console.is_terminal else csv_format.LINE_BREAKS + "\t"
        sys.stdout.write(_csv(reports[0], escape_formulas=escape_formulas, keep=keep))
        sys.stderr.writelines(f"{printable(note)}\n" for note in notes)
    elif style is Style.MARKDOWN:
        sys.stdout.writelines(f"{markdown(report, names, max_rows=max_rows)}\n" for report in reports)
        sys.stdout.writelines(f"- {_escape(note)}\n" for note in notes)
    else:
        for part in chain.from_iterable(map(comparisons, reports)):
            for table in terminal_tables(part, names, max_rows=max_rows, width=console.width):
                console.print(table)
                console.print()
        for note in notes:
            console.print(f"- {printable(note)}", highlight=False, markup=False, emoji=False)


def comparisons(report: pd.DataFrame) -> list[pd.DataFrame]:
    """Divide a tie-out into its comparisons, each without the columns that are empty in it.

    Any other report stays as it is. The connection or business of bank accounts is left out where their names
    are distinct.
    """
    if "comparison" not in report or not SPECS[report.attrs["report"]].compares:
        return [report]
    parts = []
    for name, part in report.groupby("comparison", sort=False):
        omitted = ["comparison"]
        if "account" in part:
            accounts = part[["account", "currency"]]
            if accounts["account"].isna().all():
                omitted.append("account")
            elif not accounts.duplicated().any():
                omitted += [column for column in ("connection_id", "business") if column in part]
        comparison = part.drop(columns=omitted).reset_index(drop=True)
        comparison.attrs = {**report.attrs, "comparison": name}
        parts.append(comparison)
    return parts


def _csv(report: pd.DataFrame, *, escape_formulas: bool, keep: str) -> str:
    """Write a report as CSV; a negative zero, which some divisions give, is zero.

    Parameters
    ----------
    keep : str
        Control characters that stay in text: a file may have quoted line breaks, a terminal obeys them.
    """
    amounts = report.select_dtypes("float64")
    rows = report.assign(**{str(name): amounts[name] + 0.0 for name in amounts})
    rows = csv_format.escape_formulas(rows) if escape_formulas else rows
    texts = rows.select_dtypes(["object", "string", "category"]).astype(object)
    safe = {str(name): [_printable(value, keep) for value in texts[name].tolist()] for name in texts}
    text = io.StringIO(newline="")
    csv_format.write_csv(rows.assign(**safe).rename(columns=partial(_printable, keep=keep)), text)
    return text.getvalue()


def _printable(value: Any, keep: str) -> Any:
    return printable(value, keep=keep) if isinstance(value, str) else value


def markdown(report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None) -> str:
    """Write a report as a Markdown table under its title; parameters as in `show`."""
    layout = text_layout(report, names, max_rows=max_rows)
    rules = ["---:" if column.is_number else ":---" for column in layout.columns]
    rows = [
        [f"**{_escape(cell)}**" if is_total and cell else _escape(cell) for cell in cells]
        for cells, is_total in lines(layout)
    ]
    labels = [_escape(column.label) for column in layout.columns]
    table = [f"| {' | '.join(row)} |" for row in (labels, rules, *rows)]
    return "\n".join([f"## {_title(layout)}", "", *table, *(() if rows else ("", NO_ROWS)), ""])


def terminal_tables(
    report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None, width: int = 80
) -> list[Table]:
    """Draw a report for a terminal; where it is too wide, its columns go on in a second table below.

    Names are cut where they do not fit. Amounts never are: one with its last digits cut off is another one.
    """
    layout = text_layout(report, names, max_rows=max_rows, short_ids=True)
    columns, rows = layout.columns, [*lines(layout)]
    texts = [*zip(*(cells for cells, _ in rows), strict=True)] if rows else [()] * len(columns)
    widths = [_width(column, cells) for column, cells in zip(columns, texts, strict=True)]
    first = next(place for place, column in enumerate(columns) if column.kind is Kind.MONEY)
    # The labels of totals, with what is added up and in which currency, are always written in full.
    labels = [cell_len(cells[0]) for cells, is_total in rows if is_total]
    least = [max([_NARROWEST_NAME, *labels]), *[_NARROWEST_NAME] * len(columns)]
    numbers = sum(widths[first:], _GAP * len(widths[first:]))
    widths = [*_narrowed(widths[:first], least, max(width - numbers, width // 2)), *widths[first:]]
    pieces: list[list[int]] = [[]]
    for place in range(first, len(columns)):
        needed = sum(widths[each] + _GAP for each in (*range(first), *pieces[-1], place))
        if pieces[-1] and needed > width:
            pieces.append([])
        pieces[-1].append(place)
    title = _title(layout)
    return [
        _table(f"{title}, continued" if number else title, layout, widths, [*range(first), *piece])
        for number, piece in enumerate(pieces)
    ]


def lines(layout: Layout) -> Iterator[Line]:
    """Yield the rows of a layout, and below those of each currency its total."""
    for group in layout.groups:
        for cells in zip(*(group.cells[column.name] for column in layout.columns), strict=True):
            yield Line([printable(cell) for cell in cells], is_total=False)
        if layout.totals and group.currencies:
            total = layout.totals[group.currencies[0]]
            summed = [column.is_summed and column.kind is not Kind.SHARE for column in layout.columns]
            totals = [
                total.cells[column.name] if has_total else ""
                for column, has_total in zip(layout.columns, summed, strict=True)
            ]
            yield Line([printable(total.label), *totals[1:]], is_total=True)


def text_layout(
    report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None, short_ids: bool = False
) -> Layout:
    """Lay a report out for a terminal or Markdown; parameters as in `lay_out`."""
    report = read_report(report, *SPECS)
    # The names are those of customers: a vendor keeps its id.
    names = names if "customer_id" in report else None
    return lay_out(report, names, max_rows=max_rows, short_ids=short_ids, flags=_FLAGS)


def _width(column: Column, cells: Sequence[str]) -> int:
    """Return how wide a column must be: a label may go over several lines, a number may not."""
    widest = max((cell_len(text) for text in (*column.label.split(), *cells)), default=0)
    return min(widest, _WIDEST_NAME) if column.kind in (Kind.KEY, Kind.TEXT) else widest


def _narrowed(names: list[int], least: list[int], width: int) -> list[int]:
    """Cut the longest names until all of them fit."""
    names = list(names)
    while sum(names) + _GAP * len(names) > width:
        longest = max(range(len(names)), key=lambda place: names[place] - least[place])
        if names[longest] <= least[longest]:
            break
        names[longest] -= 1
    return names


def _table(title: str, layout: Layout, widths: list[int], places: list[int]) -> Table:
    rows = [*lines(layout)]
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, _GAP - 1, 0, 0),
        pad_edge=False,
        caption=None if rows else NO_ROWS,
        caption_justify="left",
    )
    columns = [(layout.columns[place], place) for place in places]
    for column, place in columns:
        table.add_column(
            Text("\n".join(wrap(printable(column.label), widths[place]))),
            justify="right" if column.is_number else "left",
            width=widths[place],
            overflow="fold" if column.is_number else "ellipsis",
            no_wrap=not column.is_number,
        )
    for cells, is_total in rows:
        texts = (_coloured(column, cells[place]) for column, place in columns)
        table.add_row(*texts, style="bold" if is_total else "", end_section=is_total)
    return table


def _coloured(column: Column, text: str) -> Text:
    is_negative = column.kind is Kind.MONEY and text.startswith("(")
    return Text(text, style="red" if is_negative or text == _FLAGS[1] else "")


def _title(layout: Layout) -> str:
    """Return the title of a report; demo data is marked."""
    return f"{layout.caption.title} ({DEMO.lower()})" if layout.caption.is_demo else layout.caption.title


def _escape(text: str) -> str:
    """Escape the signs of Markdown, among them those of formulas; underscores within a word are none."""
    text = re.sub(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)", r"\\\g<0>", printable(text))
    # An ampersand by itself needs no escape, and is easier to read.
    return re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
