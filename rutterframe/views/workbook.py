"""Reports as one Excel workbook: a sheet each, live totals, tie-outs, definitions and receipts."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import Verdict
from rutterframe.views import marks, rows
from rutterframe.views.rows import Names
from rutterframe.views.sheets import DEMO, Page, shape, shown

#: A report, several, or several by the names of their sheets.
Reports = pd.DataFrame | Mapping[str, pd.DataFrame] | Iterable[pd.DataFrame]

_OWN_SHEETS = ("Tie-out", "Definitions", "Receipts")
_MOST_ROWS = 1_048_000  # of the 1,048,576 of a sheet: heading, totals and notes need some
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LIVE = "Totals are live: they add up the rows that the filter shows, each currency for itself."
# Adding these up says nothing, besides what no view adds up.
_NO_TOTALS = ("trial_balance", "tie_out", "runway")


def write_workbook(
    path: str | Path,
    *reports: Reports,
    names: Names = None,
    as_of: date | datetime | str | None = None,
) -> None:
    """Write reports as an Excel workbook; an existing file is replaced only by a whole new one.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.xlsx``, in a folder that is there.
    *reports : DataFrame, mapping of str to DataFrame, or iterable of DataFrame
        Reports on pandas, by the name of their sheet; without names, the reports' titles are taken. Those
        that `tie_out` made go on the sheet "Tie-out" together, each named as in the mapping.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers: they get a column of their own beside the ids.
    as_of : date, datetime or str, optional
        The day that every report that has one must have; it also stands in the file's properties.

    Raises
    ------
    TypeError
        If something is no pandas DataFrame.
    ValueError
        For another ending, a folder that is not there, no reports, a frame that is no report, a report of
        another day, a name that Excel refuses for a sheet, or more rows than a sheet can hold.
    OSError
        If the file cannot be written, such as on a full disk; an existing one stays as it was.

    Notes
    -----
    Money has the decimals of its row's currency, negative amounts are red and in parentheses. Below each
    table, one row for each currency adds up what the filter shows. Nested lists are left out, and said so.

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
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"Cannot write {target.name!r}: the ending must be .xlsx")
    if not target.parent.is_dir():
        raise ValueError(f"Cannot write {target.name!r}: there is no folder {str(target.parent)!r}")
    named = {name: rows.with_names(report, names) for name, report in _named(reports).items()}
    day = None if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"
    _check(named, day)
    descriptor, unfinished_name = tempfile.mkstemp(dir=target.parent, prefix=".rutterframe-", suffix=".xlsx")
    os.close(descriptor)
    unfinished = Path(unfinished_name)
    try:
        _write(unfinished, named, day)
        unfinished.replace(target)
    except FileCreateError as error:
        # XlsxWriter's own, which is no OSError, holds one.
        raise error.args[0] from None
    finally:
        unfinished.unlink(missing_ok=True)


def _named(reports: Sequence[Reports]) -> dict[str, pd.DataFrame]:
    """Give every report its name; what has none is named by its title, and numbered where that is taken."""
    named: dict[str, pd.DataFrame] = {}
    for given in reports:
        if isinstance(given, Mapping):
            for name, report in given.items():
                if str(name) in named:
                    raise ValueError(f"two reports are named {str(name)!r}")
                named[str(name)] = marks.check(report, *SPECS)
            continue
        for one in [given] if isinstance(given, pd.DataFrame) else given:
            report = marks.check(one, *SPECS)
            title = SPECS[report.attrs["report"]].title
            again = sum(re.sub(r" \(\d+\)$", "", name) == title for name in named)
            named[f"{title} ({again + 1})" if again else title] = report
    if not named:
        raise ValueError("there are no reports to write")
    return named


def _check(named: dict[str, pd.DataFrame], day: str | None) -> None:
    """Refuse before anything is written what Excel would refuse, and reports of another day."""
    sheets = [name for name, report in named.items() if report.attrs["report"] != "tie_out"]
    taken = {name.lower() for name in (*_OWN_SHEETS, "history")}
    for name in sheets:
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name) or name.lower() in taken:
            raise ValueError(
                f"a sheet cannot be named {name!r}: use 1 to 31 characters without []:*?/\\, each name once, "
                f"and not {', '.join(_OWN_SHEETS)} or History"
            )
        taken.add(name.lower())
    for name, report in named.items():
        if len(report) > _MOST_ROWS:
            raise ValueError(f"{name}: more than {_MOST_ROWS:,} rows, too many for Excel; use .parquet")
        if day is not None and report.attrs.get("as_of", day) != day:
            raise ValueError(f"{name} is a report as of {report.attrs['as_of']}, not as of {day}")


def _write(path: Path, named: dict[str, pd.DataFrame], day: str | None) -> None:
    with Workbook(path, _OPTIONS) as book:
        title = "Reports" if day is None else f"Reports as of {day}"
        demo = any(map(marks.is_demo, named.values()))
        book.set_properties({"title": title, "comments": DEMO if demo else ""})
        ties = {name: report for name, report in named.items() if report.attrs["report"] == "tie_out"}
        for name, report in named.items():
            if name not in ties:
                _report(Page(book, name, demo=marks.is_demo(report)), report)
        _ties(Page(book, "Tie-out", demo=any(map(marks.is_demo, ties.values()))), ties)
        _definitions(Page(book, "Definitions", demo=False), named)
        _receipts(Page(book, "Receipts", demo=demo), named)


def _report(page: Page, report: pd.DataFrame) -> None:
    """Write a report: heading, table, totals, notes."""
    page.head(marks.heading(report), marks.question(report))
    if report.attrs["report"] == "trial_balance":
        report = rows.by_type(report).reset_index(drop=True)
    nested = [name for name in map(str, report.columns) if _is_nested(report[name])]
    columns = [column for column in rows.in_order(report) if column.name not in {*nested, *_empty(report)}]
    written = page.table(columns, _values(report, columns), report["currency"].array.tolist())
    if written:
        _totals(page, report, columns, written)
    notes = [marks.NOTHING] if not written else [_LIVE] if totalled(report, columns) else []
    notes += [f"{name} is left out: a cell cannot hold a list." for name in nested]
    page.close([*marks.notes(report), *notes, marks.fetched(report)])


def _empty(report: pd.DataFrame) -> list[str]:
    """List the columns that are there for names or connections that nobody gave."""
    names = [name for name in ("connection_id", *rows.NAMES.values()) if name in report]
    return [name for name in names if len(report) and report[name].isna().all()]


def _values(report: pd.DataFrame, columns: Sequence[Column]) -> Iterable[tuple[Any, ...]]:
    """Give the rows of a report; buckets as a reader says them."""
    values = {column.name: report[column.name].array.tolist() for column in columns}
    if "bucket" in values:
        values["bucket"] = [marks.bucket(value) for value in values["bucket"]]
    return zip(*values.values(), strict=True)


def _totals(page: Page, report: pd.DataFrame, columns: Sequence[Column], cells: range) -> None:
    """Add up each currency with formulas that follow the filter, and with their exact sums as values."""
    added = totalled(report, columns)
    if not added:
        return
    names = [column.name for column in columns]
    label = next((place for place, name in enumerate(names) if name not in added), None)
    parts = marks.by_currency(marks.counted(report))
    codes = report["currency"].astype(object).where(report["currency"].notna(), "").tolist()
    kept = xl_range_abs(cells[0], names.index("currency"), cells[-1], names.index("currency"))
    page.row += 1
    for number, (currency, part) in enumerate(parts.items()):
        line: dict[str, Any] = {"bold": True, "top": 1 if number == 0 else 0}
        for place in range(len(columns)):
            page.sheet.write_blank(page.row, place, None, page.look(**line))
        if label is not None:
            page.text(label, marks.total_label(report, currency, len(part)), page.look(indent=1, **line))
        code = codes[part.index[0]]
        for name in added:
            place = names.index(name)
            total = marks.units(sum(part[name].dropna().tolist()))
            condition = "" if len(parts) == 1 else f"EXACT({kept},{_quoted(code)})"
            # Whole ticks have four decimals, others up to eight.
            formula = _formula(cells, place, condition, decimals=4 if part[name].dtype == "Int64" else 8)
            style = page.look(num_format=shape(columns[place].kind, total, currency), **line)
            page.sheet.write_formula(page.row, place, formula, style, total)
            page.fit(place, shown(columns[place].kind, total, currency))
        page.row += 1


def _formula(lines: range, place: int, condition: str, *, decimals: int) -> str:
    """Add up the rows in sight: SUBTOTAL leaves out hidden rows, ROUND what floats add to the exact sum."""
    cells = xl_range_abs(lines[0], place, lines[-1], place)
    if not condition:
        return f"=ROUND(SUBTOTAL(109,{cells}),{decimals})"
    first = xl_rowcol_to_cell(lines[0], place, row_abs=True, col_abs=True)
    # OFFSET asks SUBTOTAL about each row alone, so that a condition can be put beside it.
    each = f"SUBTOTAL(109,OFFSET({first},ROW({cells})-ROW({first}),0))"
    return f"=ROUND(SUMPRODUCT({each}*{condition}),{decimals})"


def _ties(page: Page, ties: dict[str, pd.DataFrame]) -> None:
    """Write every comparison with a source on one sheet, and say in words how they went."""
    page.head(SPECS["tie_out"].title, SPECS["tie_out"].question)
    found = {one.name: one for tie in ties.values() for one in marks.columns_of(tie)}
    # Accounts are compared by some only, and stand before the amounts of all.
    fixed = [one.name for one in SPECS["tie_out"].columns if one.name in found]
    keys = [name for name in found if name not in fixed and not all(map(pd.isna, _all(ties, name)))]
    columns = [found[name] for name in (*keys, *fixed)]
    lines = [
        (name, *row)
        for name, tie in ties.items()
        for row in zip(*(_column(tie, one.name) for one in columns), strict=True)
    ]
    compared = Column("name", Kind.TEXT, "Comparison", "What is compared")
    page.table((compared, *(columns or SPECS["tie_out"].columns)), lines, _all(ties, "currency"))
    verdict = Verdict.of(ties.values())
    page.close([verdict.sentence, *dict.fromkeys(note for tie in ties.values() for note in marks.notes(tie))])


def _column(tie: pd.DataFrame, name: str) -> list[Any]:
    """Give a column of a comparison; another one may have columns that it lacks."""
    return tie[name].array.tolist() if name in tie else [None] * len(tie)


def _all(ties: dict[str, pd.DataFrame], name: str) -> list[Any]:
    return [value for tie in ties.values() for value in _column(tie, name)]


def _definitions(page: Page, named: dict[str, pd.DataFrame]) -> None:
    """Write what every column of the reports means."""
    page.head("Definitions", "What does each column mean?")
    labels = ("Report", "Column", "Label", "Meaning", "Unit", "A negative value means")
    lines = {
        (SPECS[report.attrs["report"]].title, one.name, one.label, one.meaning, one.unit, one.sign): None
        for report in named.values()
        for one in marks.columns_of(report)
    }
    page.table([Column(label, Kind.TEXT, label, "") for label in labels], lines)
    page.close()


def _receipts(page: Page, named: dict[str, pd.DataFrame]) -> None:
    """Write where all data is from, each load once."""
    page.head("Receipts", "Where is the data from, and is it all there?")
    kinds = {
        "resource": Kind.TEXT, "environment": Kind.TEXT, "connections": Kind.TEXT, "rows": Kind.COUNT,
        "pages": Kind.COUNT, "rows_refused": Kind.COUNT, "complete": Kind.TEXT, "finished": Kind.TEXT,
    }  # fmt: skip
    labels = {"rows_refused": "Rows refused", "finished": "Fetched (UTC)"}
    columns = [Column(name, kind, labels.get(name, name.capitalize()), "") for name, kind in kinds.items()]
    found = [receipt for report in named.values() for receipt in marks.receipts(report)]
    once = [receipt for place, receipt in enumerate(found) if receipt not in found[:place]]
    words = {True: "yes", False: "NO", None: "not recorded"}
    lines = [
        [
            receipt.get("resource"),
            ", ".join(marks.environments(receipt)),
            ", ".join(receipt.get("connections", [])),
            *(receipt.get(name) for name in ("rows", "pages", "rows_refused")),
            words[receipt.get("complete")],
            receipt.get("finished"),
        ]
        for receipt in once
    ]
    page.table(columns, lines)
    page.close([] if once else ["No receipt travelled with the data: where it is from is not recorded."])


def totalled(report: pd.DataFrame, columns: Sequence[Column]) -> list[str]:
    """List the columns that have totals: money and counts whose sum means something."""
    if report.attrs["report"] in _NO_TOTALS:
        return []
    added = {column.name for column in columns if column.kind in (Kind.MONEY, Kind.COUNT)}
    return [one for one in marks.adds_up(report) if one in added]


def _is_nested(values: pd.Series[Any]) -> bool:
    return any(pd.api.types.is_list_like(value) for value in values.array.tolist())


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
