"""Write reports as one Excel workbook: a sheet each, live totals, tie-outs, definitions and receipts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from rutterframe.frames.replace import check_target, replace_file
from rutterframe.reports.caption import DEMO_SENTENCE, NO_CURRENCY, Caption, environments
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.describe import columns_of, read_report
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.labels import Names, add_name_columns
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import Verdict
from rutterframe.views.format import excel_format, excel_text
from rutterframe.views.layout import NO_ROWS, Layout
from rutterframe.views.sheets import Sheet
from rutterframe.views.workbook_layout import lay_out_values

__all__ = ["write_workbook"]

#: A report, several, or several by the names of their sheets.
Reports = pd.DataFrame | Mapping[str, pd.DataFrame] | Iterable[pd.DataFrame]

_OWN_SHEETS = ("Tie-out", "Definitions", "Receipts")
_MOST_ROWS = 1_048_000  # of the 1,048,576 of a sheet: heading, totals and notes need some
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LIVE = "Totals are live: they add up the rows that the filter shows, each currency for itself."


def write_workbook(
    path: str | Path,
    *reports: Reports,
    names: Names = None,
    as_of: date | datetime | str | None = None,
) -> None:
    """Write reports as an Excel workbook; an existing file is replaced only by a complete one.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.xlsx``, in an existing folder.
    *reports : DataFrame, mapping of str to DataFrame, or iterable of DataFrame
        Reports on pandas, by the name of their sheet; without names, the reports' titles are taken. Results
        of `tie_out` go on the sheet "Tie-out" together, each named as in the mapping.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers: they get a column of their own beside the ids.
    as_of : date, datetime or str, optional
        The day that every report that has one must have; it also stands in the file's properties.

    Raises
    ------
    TypeError
        If something is not a pandas DataFrame.
    ValueError
        For another ending, a missing folder, no reports, a frame that is not a report, a report of another
        day, a name that Excel refuses for a sheet, or more rows than a sheet can hold.
    OSError
        If the file cannot be written, such as on a full disk; an existing one stays as it was.

    Notes
    -----
    Money has the decimals of its row's currency, negative amounts are red and in parentheses. Below each
    table, one row for each currency adds up what the filter shows. Nested lists are left out, with a note.

    Examples
    --------
    >>> import openpyxl, rutterframe as rf
    >>> from rutterframe.views.workbook import write_workbook
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> write_workbook("reports.xlsx", {"Receivables": rf.reports.ar_aging(invoices, "2026-06-30")})
    >>> openpyxl.load_workbook("reports.xlsx").sheetnames
    ['Receivables', 'Tie-out', 'Definitions', 'Receipts']
    """
    target = check_target(path, (".xlsx",))
    named = {name: add_name_columns(report, names) for name, report in _named(reports).items()}
    day = None if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"
    _check(named, day)
    try:
        with replace_file(target) as temporary:
            _write(temporary, named, day)
    except FileCreateError as error:
        # XlsxWriter's own error, which is not an OSError, holds one.
        raise error.args[0] from None


def _named(reports: Sequence[Reports]) -> dict[str, pd.DataFrame]:
    """Name every report: by its title, with a number where the title is in use, unless the caller does."""
    named: dict[str, pd.DataFrame] = {}
    for argument in reports:
        if isinstance(argument, Mapping):
            for name, frame in argument.items():
                if str(name) in named:
                    raise ValueError(f"two reports are named {str(name)!r}")
                named[str(name)] = read_report(frame, *SPECS)
            continue
        for frame in [argument] if isinstance(argument, pd.DataFrame) else argument:
            report = read_report(frame, *SPECS)
            title = SPECS[report.attrs["report"]].title
            again = sum(re.sub(r" \(\d+\)$", "", name) == title for name in named)
            named[f"{title} ({again + 1})" if again else title] = report
    if not named:
        raise ValueError("there are no reports to write")
    return named


def _check(named: dict[str, pd.DataFrame], day: str | None) -> None:
    """Refuse before anything is written what Excel would refuse, and reports of another day."""
    sheets = [name for name, report in named.items() if not SPECS[report.attrs["report"]].compares]
    used = {name.lower() for name in (*_OWN_SHEETS, "history")}
    for name in sheets:
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name) or name.lower() in used:
            raise ValueError(
                f"a sheet cannot be named {name!r}: use 1 to 31 characters without []:*?/\\, each name once, "
                f"and not {', '.join(_OWN_SHEETS)} or History"
            )
        used.add(name.lower())
    for name, report in named.items():
        if len(report) > _MOST_ROWS:
            raise ValueError(f"{name}: more than {_MOST_ROWS:,} rows, too many for Excel; use .parquet")
        if day is not None and report.attrs.get("as_of", day) != day:
            raise ValueError(f"{name} is a report as of {report.attrs['as_of']}, not as of {day}")


def _write(path: Path, named: dict[str, pd.DataFrame], day: str | None) -> None:
    ties = {name: report for name, report in named.items() if SPECS[report.attrs["report"]].compares}
    reports = {name: lay_out_values(report) for name, report in named.items() if name not in ties}
    captions = {name: Caption.of(tie) for name, tie in ties.items()}
    with Workbook(path, _OPTIONS) as book:
        title = "Reports" if day is None else f"Reports as of {day}"
        any_tie_is_demo = any(caption.is_demo for caption in captions.values())
        is_demo = any_tie_is_demo or any(layout.caption.is_demo for layout in reports.values())
        book.set_properties({"title": title, "comments": DEMO_SENTENCE if is_demo else ""})
        for name, layout in reports.items():
            _draw(Sheet(book, name, is_demo=layout.caption.is_demo), layout)
        notes = [note for caption in captions.values() for note in caption.notes]
        _draw_ties(Sheet(book, "Tie-out", is_demo=any_tie_is_demo), ties, notes)
        _draw_definitions(Sheet(book, "Definitions", is_demo=False), named)
        _draw_receipts(Sheet(book, "Receipts", is_demo=is_demo), named)


def _draw(sheet: Sheet, layout: Layout) -> None:
    """Draw a report: title, table, totals, notes."""
    caption, (group,) = layout.caption, layout.groups
    sheet.head(caption.title, caption.question)
    rows = zip(*(group.cells[column.name] for column in layout.columns), strict=True)
    numbers = sheet.table(layout.columns, rows, group.currencies)
    has_totals = any(total.cells for total in layout.totals.values())
    if numbers and has_totals:
        _draw_totals(sheet, layout, numbers)
    notes = [NO_ROWS] if not numbers else [_LIVE] if has_totals else []
    notes += [f"{name} is left out: a cell cannot hold a list." for name in layout.omitted]
    sheet.close([*caption.notes, *notes, caption.fetched])


def _draw_totals(sheet: Sheet, layout: Layout, numbers: range) -> None:
    """Add up each currency with formulas that follow the filter, and with their exact sums as values."""
    names = [column.name for column in layout.columns]
    summed = next(iter(layout.totals.values())).cells
    label = next((place for place, name in enumerate(names) if name not in summed), None)
    place_of_currency = names.index("currency")
    codes = xl_range_abs(numbers[0], place_of_currency, numbers[-1], place_of_currency)
    sheet.row += 1
    for number, (currency, total) in enumerate(layout.totals.items()):
        line: dict[str, Any] = {"bold": True, "top": 1 if number == 0 else 0}
        for place in range(len(names)):
            sheet.sheet.write_blank(sheet.row, place, None, sheet.style(**line))
        if label is not None:
            sheet.text(label, total.label, sheet.style(indent=1, **line))
        code = "" if currency == NO_CURRENCY else currency
        condition = "" if len(layout.totals) == 1 else f"EXACT({codes},{_quoted(code)})"
        for name, exact in total.cells.items():
            place, amount = names.index(name), float(exact)
            formula = _formula(numbers, place, condition, decimals=8 if name in layout.fine else 4)
            kind = layout.columns[place].kind
            style = sheet.style(num_format=excel_format(kind, amount, currency), **line)
            sheet.sheet.write_formula(sheet.row, place, formula, style, amount)
            sheet.fit(place, excel_text(kind, amount, currency))
        sheet.row += 1


def _formula(lines: range, place: int, condition: str, *, decimals: int) -> str:
    """Add up the rows in sight: SUBTOTAL leaves out hidden rows, ROUND what floats add to the exact sum."""
    cells = xl_range_abs(lines[0], place, lines[-1], place)
    if not condition:
        return f"=ROUND(SUBTOTAL(109,{cells}),{decimals})"
    first = xl_rowcol_to_cell(lines[0], place, row_abs=True, col_abs=True)
    # OFFSET gives SUBTOTAL each row alone, so that a condition can be put beside it.
    each = f"SUBTOTAL(109,OFFSET({first},ROW({cells})-ROW({first}),0))"
    return f"=ROUND(SUMPRODUCT({each}*{condition}),{decimals})"


def _draw_ties(sheet: Sheet, ties: dict[str, pd.DataFrame], notes: Sequence[str]) -> None:
    """Draw every comparison with a source on one sheet, with a verdict."""
    spec = SPECS["tie_out"]
    sheet.head(spec.title, spec.question)
    described = {column.name: column for tie in ties.values() for column in columns_of(tie)}
    # Accounts are compared by some only, and stand before the amounts of all.
    fixed = [column.name for column in spec.columns if column.name in described]
    keys = [name for name in described if name not in fixed and not all(map(pd.isna, _all(ties, name)))]
    columns = [described[name] for name in (*keys, *fixed)]
    rows = [
        (name, *row)
        for name, tie in ties.items()
        for row in zip(*(_column(tie, column.name) for column in columns), strict=True)
    ]
    comparison = Column("name", Kind.TEXT, "Comparison", "What is compared")
    sheet.table((comparison, *(columns or spec.columns)), rows, _all(ties, "currency"))
    sheet.close([Verdict.of(ties.values()).sentence, *dict.fromkeys(notes)])


def _column(tie: pd.DataFrame, name: str) -> list[Any]:
    """Return a column of a comparison; another one may have columns that it lacks."""
    return tie[name].array.tolist() if name in tie else [None] * len(tie)


def _all(ties: dict[str, pd.DataFrame], name: str) -> list[Any]:
    return [value for tie in ties.values() for value in _column(tie, name)]


def _draw_definitions(sheet: Sheet, named: dict[str, pd.DataFrame]) -> None:
    """Draw what every column of the reports means."""
    sheet.head("Definitions", "What does each column mean?")
    labels = ("Report", "Column", "Label", "Meaning", "Unit", "A negative value means")
    rows = dict.fromkeys(
        (SPECS[report.attrs["report"]].title, each.name, each.label, each.meaning, each.unit, each.sign)
        for report in named.values()
        for each in columns_of(report)
    )
    sheet.table([Column(label, Kind.TEXT, label, "") for label in labels], rows)
    sheet.close()


def _draw_receipts(sheet: Sheet, named: dict[str, pd.DataFrame]) -> None:
    """Draw where all data is from, each load once."""
    sheet.head("Receipts", "Where is the data from, and is it all there?")
    kinds = {
        "resource": Kind.TEXT, "environment": Kind.TEXT, "connections": Kind.TEXT, "rows": Kind.COUNT,
        "pages": Kind.COUNT, "rows_refused": Kind.COUNT, "complete": Kind.TEXT, "finished": Kind.TEXT,
    }  # fmt: skip
    labels = {"rows_refused": "Rows refused", "finished": "Fetched (UTC)"}
    columns = [Column(name, kind, labels.get(name, name.capitalize()), "") for name, kind in kinds.items()]
    receipts: list[Any] = []
    for report in named.values():
        for receipt in report.attrs.get("sources", []):
            receipts += [] if receipt in receipts else [receipt]
    words = {True: "yes", False: "NO", None: "not recorded"}
    rows = [
        [
            receipt.get("resource"),
            ", ".join(environments(receipt)),
            ", ".join(receipt.get("connections", [])),
            *(receipt.get(name) for name in ("rows", "pages", "rows_refused")),
            words[receipt.get("complete")],
            receipt.get("finished"),
        ]
        for receipt in receipts
    ]
    sheet.table(columns, rows)
    sheet.close([] if rows else ["No receipt came with the data: where it is from is not recorded."])


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
