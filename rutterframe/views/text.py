"""What does a report look like as text? A table for a terminal, Markdown, or CSV."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.specs import SPECS
from rutterframe.views import marks
from rutterframe.views.rows import Names, keys_of, largest, named, shown
from rutterframe.views.workbook import totalled


class Style(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"


class Line(NamedTuple):
    """A row of a report as text; a total stands below the rows of its currency."""

    cells: list[str]
    is_total: bool


_NUMBERS = (Kind.MONEY, Kind.COUNT, Kind.SHARE)
# What the largest rows of a report are the largest by.
_SIZES = ("total", "revenue", "balance")
_WIDEST_NAME, _NARROWEST_NAME = 28, 8
_GAP = 2


def show(
    reports: Sequence[pd.DataFrame],
    *,
    style: Style | None = None,
    names: Names = None,
    rows: int | None = None,
) -> None:
    """Print reports, and below them their notes.

    Parameters
    ----------
    reports : sequence of DataFrame
        In their order; of CSV, which has room for one, the first.
    style : Style, optional
        A table in a terminal, Markdown elsewhere, if not given.
    names : mapping or DataFrame, optional
        Names to show instead of customers' ids.
    rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.
    """
    console = Console()
    style = style or (Style.TABLE if console.is_terminal else Style.MARKDOWN)
    lines = list(dict.fromkeys(note for one in reports for note in marks.notes(one)))
    if any(map(marks.is_demo, reports)):
        lines.insert(0, f"{marks.DEMO}: every figure is made up.")
    if style is Style.CSV:
        # What is no row of the report must not end up in a file that it is piped to.
        sys.stdout.write(_csv(reports[0]))
        sys.stderr.writelines(f"{line}\n" for line in lines)
    elif style is Style.MARKDOWN:
        sys.stdout.writelines(f"{markdown(one, names, rows=rows)}\n" for one in reports)
        sys.stdout.writelines(f"- {_safe(line)}\n" for line in lines)
    else:
        for one in (part for report in reports for part in comparisons(report)):
            for table in tables(one, names, rows=rows, width=console.width):
                console.print(table)
                console.print()
        for line in lines:
            console.print(f"- {_plain(line)}", highlight=False, markup=False)


def comparisons(report: pd.DataFrame) -> list[pd.DataFrame]:
    """Divide a tie-out into its comparisons, each without the columns that say nothing in it.

    Any other report stays as it is. The connection or business of bank accounts is left out where their names
    tell them apart.
    """
    if "comparison" not in report or report.attrs["report"] != "tie_out":
        return [report]
    parts = []
    for name, part in report.groupby("comparison", sort=False):
        left = ["comparison"]
        if "account" in part:
            accounts = part[["account", "currency"]]
            left += ["account"] if accounts["account"].isna().all() else []
            if "account" not in left and not accounts.duplicated().any():
                left += [column for column in ("connection_id", "business") if column in part]
        one = part.drop(columns=left).reset_index(drop=True)
        one.attrs = {**report.attrs, "comparison": name}
        parts.append(one)
    return parts


def _csv(report: pd.DataFrame) -> str:
    """Write a report as CSV; a negative zero, which some divisions give, is zero."""
    amounts = report.select_dtypes("float64")
    return report.assign(**{str(name): amounts[name] + 0.0 for name in amounts}).to_csv(index=False)


def markdown(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> str:
    """Write a report as a Markdown table under its heading."""
    columns, lines = written(report, names, rows=rows)
    rules = ["---:" if column.kind in _NUMBERS else ":---" for column in columns]
    cells = [
        [f"**{_safe(cell)}**" if line.is_total and cell else _safe(cell) for cell in line.cells]
        for line in lines
    ]
    table = [f"| {' | '.join(row)} |" for row in ([column.label for column in columns], rules, *cells)]
    return "\n".join([f"## {_title(report)}", "", *table, *(() if lines else ("", marks.NOTHING)), ""])


def tables(
    report: pd.DataFrame, names: Names = None, *, rows: int | None = None, width: int = 80
) -> list[Table]:
    """Draw a report for a terminal; where it is too wide, its columns go on in a second table below.

    Names give way where there is no room. Amounts never do: one with its last digits cut off is another one.
    """
    columns, lines = written(report, names, rows=rows, short=True)
    widths = [_width(column, [line.cells[place] for line in lines]) for place, column in enumerate(columns)]
    first = next(place for place, column in enumerate(columns) if column.kind is Kind.MONEY)
    # What is added up, and in which currency, is always said in full.
    least = [
        max((cell_len(line.cells[0]) for line in lines if line.is_total), default=0),
        *[0] * len(columns),
    ]
    least = [max(one, _NARROWEST_NAME) for one in least]
    numbers = sum(widths[first:], _GAP * len(widths[first:]))
    widths = [*_narrowed(widths[:first], least, max(width - numbers, width // 2)), *widths[first:]]
    pieces: list[list[int]] = [[]]
    for place in range(first, len(columns)):
        taken = sum(widths[one] + _GAP for one in (*range(first), *pieces[-1], place))
        if pieces[-1] and taken > width:
            pieces.append([])
        pieces[-1].append(place)
    titles = [_title(report), *[f"{_title(report)}, continued"] * (len(pieces) - 1)]
    return [
        _table(title, columns, lines, widths, [*range(first), *piece])
        for title, piece in zip(titles, pieces, strict=True)
    ]


def _width(column: Column, cells: list[str]) -> int:
    """Tell how wide a column must be: a label may go over several lines, a number may not."""
    widest = max((cell_len(text) for text in (*column.label.split(), *cells)), default=0)
    return min(widest, _WIDEST_NAME) if column.kind in (Kind.KEY, Kind.TEXT) else widest


def _narrowed(names: list[int], least: list[int], room: int) -> list[int]:
    """Cut the longest names until all of them have room."""
    names = list(names)
    while sum(names) + _GAP * len(names) > room:
        longest = max(range(len(names)), key=lambda place: names[place] - least[place])
        if names[longest] <= least[longest]:
            break
        names[longest] -= 1
    return names


def _table(
    title: str, columns: Sequence[Column], lines: list[Line], widths: list[int], places: list[int]
) -> Table:
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, _GAP - 1, 0, 0),
        pad_edge=False,
        caption=None if lines else marks.NOTHING,
        caption_justify="left",
    )
    for place in places:
        number = columns[place].kind in _NUMBERS
        table.add_column(
            Text("\n".join(wrap(columns[place].label, widths[place]))),
            justify="right" if number else "left",
            width=widths[place],
            overflow="fold" if number else "ellipsis",
            no_wrap=not number,
        )
    for line in lines:
        cells = (_coloured(columns[place], line.cells[place]) for place in places)
        table.add_row(*cells, style="bold" if line.is_total else "", end_section=line.is_total)
    return table


def _coloured(column: Column, text: str) -> Text:
    negative = column.kind is Kind.MONEY and text.startswith("(")
    return Text(text, style="red" if negative or text == marks.flag(ok=False) else "")


def _title(report: pd.DataFrame) -> str:
    """Give the heading of a report; demo data is marked."""
    title = marks.heading(report)
    title += f": {report.attrs['comparison']}" if "comparison" in report.attrs else ""
    return f"{title} ({marks.DEMO.lower()})" if marks.is_demo(report) else title


def written(
    report: pd.DataFrame, names: Names = None, *, rows: int | None = None, short: bool = False
) -> tuple[list[Column], list[Line]]:
    """Write every value of a report as text, with a total below each currency.

    Parameters
    ----------
    report : DataFrame
        What to write.
    names, rows
        As in `show`.
    short : bool
        Whether to give only the beginning of an id.
    """
    report = marks.check(report, *SPECS)
    # The names are customers': a vendor's id stays one.
    names = names if "customer_id" in report else None
    columns, keys = shown(report, named=names is not None), keys_of(report)
    ids = report.attrs["report"] != "tie_out" and all(key.name.endswith("_id") for key in keys)
    frame = named(marks.counted(report), keys, names, short=short and ids)
    added = totalled(report, columns)
    lines: list[Line] = []
    for currency, part in (marks.by_currency(frame) if added else {"": frame}).items():
        ranked = _ranked(part, keys, rows, added=marks.adds_up(report))
        values = zip(*(ranked[column.name].array.tolist() for column in columns), strict=True)
        for row, unit in zip(values, ranked["currency"].tolist(), strict=True):
            cells = [_cell(column, value, unit) for column, value in zip(columns, row, strict=True)]
            lines.append(Line(cells, is_total=False))
        if added:
            total = marks.total(part, added)
            cells = [_cell(one, total[one.name], currency) if one.name in added else "" for one in columns]
            label = marks.total_label(report, currency, len(part))
            lines.append(Line([label, *cells[1:]], is_total=True))
    return columns, lines


def _ranked(
    part: pd.DataFrame, keys: list[Column], rows: int | None, *, added: Sequence[str]
) -> pd.DataFrame:
    """Put a currency's largest rows first, those beyond the limit together; weeks keep their order."""
    if "week" in part:
        return part if rows is None else _first_weeks(part, rows, added)
    size = next((name for name in _SIZES if name in part), None)
    if not keys or size is None:
        return part
    return largest(part, size, rows, key=keys[0].name, added=added)


def _first_weeks(part: pd.DataFrame, rows: int, added: Sequence[str]) -> pd.DataFrame:
    """Put the weeks beyond the limit together: from the first one's opening to the last one's closing."""
    rest = part.iloc[rows:]
    if len(rest) < 2:
        return part
    ends = {name: rest[name].iloc[-1] for name in ("closing", "closing_with_usual") if name in rest}
    line = rest.iloc[:1].assign(**ends, **marks.total(rest, added))
    weeks = (marks.count(rest["week"].iloc[place]) for place in (0, -1))
    return pd.concat([part.iloc[:rows], line.assign(week="-".join(weeks))])


def _cell(column: Column, value: Any, currency: str) -> str:
    """Write one value as its kind is written."""
    if isinstance(value, str):
        return _plain(value)
    if column.kind is Kind.FLAG:
        return marks.flag(value)
    if column.kind is Kind.MONEY:
        return marks.money(value, currency)
    write = {Kind.COUNT: marks.count, Kind.SHARE: marks.percent, Kind.DAY: marks.day}
    return write.get(column.kind, marks.text)(value)


def _plain(text: str) -> str:
    """Keep what an API sends from steering the terminal."""
    return "".join(one if one.isprintable() else " " for one in text)


def _safe(text: str) -> str:
    """Keep text from being read as Markdown's own signs."""
    for sign in "\\`*[]|":
        text = text.replace(sign, f"\\{sign}")
    # An ampersand by itself is one already, and is easier to read.
    return _plain(re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;"))
