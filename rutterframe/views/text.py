"""Write reports as text: tables for a terminal, Markdown, CSV or JSON."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
from rich.console import Console

from rutterframe.frames import csv_format
from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO_SENTENCE, Caption
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.reports.specs import SPECS
from rutterframe.views.json_text import reports_json
from rutterframe.views.layout import NO_ROWS, lay_out
from rutterframe.views.terminal import FLAGS, customers_only, hang, lines, terminal_report, title


class Style(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"


def show(
    reports: Sequence[pd.DataFrame],
    *,
    style: Style | None = None,
    names: Names = None,
    max_rows: int | None = None,
    width: int | None = None,
    escape_formulas: bool = True,
    as_of: str | None = None,
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
    width : int, optional
        How many columns a table may have; those of the terminal, or 80 elsewhere, if not given.
    escape_formulas : bool
        Whether text in CSV that a spreadsheet would take for a formula gets an apostrophe at its start.
    as_of : str, optional
        The day of the reports, which JSON states.
    """
    console = Console(width=width)
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
    elif style is Style.JSON:
        sys.stdout.write(reports_json(reports, as_of=as_of))
    elif style is Style.MARKDOWN:
        sys.stdout.writelines(f"{markdown(report, names, max_rows=max_rows)}\n" for report in reports)
        sys.stdout.writelines(f"- {_escape(note)}\n" for note in notes)
    else:
        for part in chain.from_iterable(map(comparisons, reports)):
            console.print(terminal_report(part, names, max_rows=max_rows, width=console.width))
            console.print()
        for note in notes:
            console.print(hang(printable(note), console.width, first="- ", rest="  "))


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
    report = read_report(report)
    layout = lay_out(report, customers_only(report, names), max_rows=max_rows, flags=FLAGS)
    rules = ["---:" if column.is_number else ":---" for column in layout.columns]
    rows = [
        [f"**{_escape(cell)}**" if is_total and cell else _escape(cell) for cell in cells]
        for cells, is_total, _ in lines(layout)
    ]
    labels = [_escape(column.label) for column in layout.columns]
    table = [f"| {' | '.join(row)} |" for row in (labels, rules, *rows)]
    return "\n".join([f"## {title(layout)}", "", *table, *(() if rows else ("", NO_ROWS)), ""])


def _escape(text: str) -> str:
    """Escape the signs of Markdown, among them those of formulas; underscores within a word are none."""
    text = re.sub(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)", r"\\\g<0>", printable(text))
    # An ampersand by itself needs no escape, and is easier to read.
    return re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
