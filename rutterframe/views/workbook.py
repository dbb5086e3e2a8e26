"""Write reports as an Excel workbook for a reviewer: cover, a sheet each, tie-outs, definitions, receipts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from rutterframe.reports.caption import DEMO_SENTENCE, Caption, environments, fetched
from rutterframe.reports.columns import Column, Order
from rutterframe.reports.describe import read_report
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.labels import Names, add_name_columns
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import Verdict
from rutterframe.storage import StorageOptions, check_target, mask_address, replace_file, wrap_options
from rutterframe.views.layout import Layout
from rutterframe.views.sheets import Sheet, cell
from rutterframe.views.workbook_accounts import draw_accounts, lay_out_accounts
from rutterframe.views.workbook_appendix import draw_definitions, draw_receipts, draw_ties, list_receipts
from rutterframe.views.workbook_cover import COVER, Cover, Entry, draw_cover, is_complete
from rutterframe.views.workbook_history import draw_history
from rutterframe.views.workbook_items import Items, link_items
from rutterframe.views.workbook_layout import lay_out_values
from rutterframe.views.workbook_report import draw_report

__all__ = ["write_workbook"]

#: A report, several, or several by the names of their sheets.
Reports = pd.DataFrame | Mapping[str, pd.DataFrame] | Iterable[pd.DataFrame]

_TRIAL_BALANCE = "Trial balance"
_APPENDIX = {
    "Tie-out": SPECS["tie_out"].question,
    "Definitions": "What does each column mean?",
    "Receipts": "Where is the data from, and is it all there?",
}
_OWN_SHEETS = (COVER, *_APPENDIX)
_MOST_ROWS = 1_048_000  # of the 1,048,576 of a sheet: heading, totals and notes need some
_ORDER = (
    "In the order of {!r}: the largest total first, and of each its largest item; both lead to each other."
)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_workbook(
    path: str | Path,
    *reports: Reports,
    names: Names = None,
    as_of: date | datetime | str | None = None,
    business: str | Iterable[str] | None = None,
    open_items: Mapping[str, pd.DataFrame] | None = None,
    accounts: pd.DataFrame | None = None,
    storage_options: Mapping[str, str] | StorageOptions | None = None,
) -> None:
    """Write reports as an Excel workbook; an existing file is replaced only by a complete one.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.xlsx``, in an existing folder; or an address, such as
        ``s3://bucket/reports.xlsx``.
    *reports : DataFrame, mapping of str to DataFrame, or iterable of DataFrame
        Reports on pandas, by the name of their sheet; without names, the reports' titles are taken. Results
        of `tie_out` go on the sheet "Tie-out" together, each named as in the mapping.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers: they get a column of their own beside the ids.
    as_of : date, datetime or str, optional
        The day that every report that has one must have; it also stands on the cover.
    business : str or iterable of str, optional
        The business, or several, for the cover.
    open_items : mapping of str to DataFrame, optional
        The `open_items` of agings, by the names of the agings' sheets, such as
        ``{"Aging": rf.reports.open_items(invoices, as_of)}``: on a sheet of their own, and linked both ways.
    accounts : DataFrame, optional
        The accounts of the ledgers, as loaded: a trial balance by account, with debits and credits.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, as `refresh` takes it; else the environment (``AWS_*``) has it.

    Raises
    ------
    TypeError
        If something is not a pandas DataFrame.
    ValueError
        For another ending, a missing folder, no reports, a frame that is not a report, a report of another
        day, open items of a sheet that is not an aging, accounts that lack a column, a name that Excel
        refuses for a sheet, or more rows than a sheet can hold.
    OSError
        If the file cannot be written, such as on a full disk, or an address cannot be reached; an existing
        one stays as it was.

    Notes
    -----
    Each currency has a table of its own, the largest amount first, and below it a row that adds up what the
    filter shows. Totals of rows, balances and differences are formulas, with the values of the report. Money
    has the decimals of its currency, negative amounts are red and in parentheses, zero is a dash. A cash
    history has a row for each month, with its days folded. Nested lists are left out, with a note.

    Examples
    --------
    >>> import openpyxl, rutterframe as rf
    >>> from rutterframe.views.workbook import write_workbook
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> write_workbook("reports.xlsx", {"Receivables": rf.reports.ar_aging(invoices, "2026-06-30")})
    >>> openpyxl.load_workbook("reports.xlsx").sheetnames
    ['Cover', 'Receivables', 'Tie-out', 'Definitions', 'Receipts']
    """
    path, options = mask_address(path), wrap_options(storage_options)
    del storage_options
    check_target(path, (".xlsx",), options)
    named = {name: add_name_columns(report, names) for name, report in _named(reports).items()}
    day = None if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"
    items = {
        str(name): add_name_columns(read_report(frame, "open_items"), names)
        for name, frame in (open_items or {}).items()
    }
    _check(named, items, day, has_accounts=accounts is not None)
    book = _Book(
        {name: report for name, report in named.items() if not SPECS[report.attrs["report"]].compares},
        {name: report for name, report in named.items() if SPECS[report.attrs["report"]].compares},
        items,
        accounts,
        None if accounts is None else lay_out_accounts(accounts),
        day or _common_day(named.values()),
        (business,) if isinstance(business, str) else tuple(map(str, business or ())),
    )
    try:
        with replace_file(path, options) as temporary:
            _write(temporary, book)
    except FileCreateError as error:
        # XlsxWriter's own error, which is not an OSError, holds one.
        raise error.args[0] from None


class _Book(NamedTuple):
    """What a workbook is made of: reports and comparisons by their names, open items by their agings."""

    reports: dict[str, pd.DataFrame]
    ties: dict[str, pd.DataFrame]
    items: dict[str, pd.DataFrame]
    accounts: pd.DataFrame | None
    ledger: Layout | None
    day: str
    business: tuple[str, ...]

    @property
    def frames(self) -> list[pd.DataFrame]:
        """All frames, in the order of their sheets."""
        accounts = [] if self.accounts is None else [self.accounts]
        return [*self.reports.values(), *accounts, *self.items.values(), *self.ties.values()]


def _named(reports: Sequence[Reports]) -> dict[str, pd.DataFrame]:
    """Name every report: by its title, with a number where the title is in use, unless the caller does."""
    named: dict[str, pd.DataFrame] = {}
    for argument in reports:
        if isinstance(argument, Mapping):
            for name, frame in argument.items():
                if str(name) in named:
                    raise ValueError(f"two reports are named {str(name)!r}")
                named[str(name)] = read_report(frame)
            continue
        for frame in [argument] if isinstance(argument, pd.DataFrame) else argument:
            report = read_report(frame)
            title = SPECS[report.attrs["report"]].title
            again = sum(re.sub(r" \(\d+\)$", "", name) == title for name in named)
            named[f"{title} ({again + 1})" if again else title] = report
    if not named:
        raise ValueError("there are no reports to write")
    return named


def _check(
    named: Mapping[str, pd.DataFrame],
    items: Mapping[str, pd.DataFrame],
    day: str | None,
    *,
    has_accounts: bool,
) -> None:
    """Refuse before anything is written what Excel would refuse, and reports of another day."""
    sheets = [name for name, report in named.items() if not SPECS[report.attrs["report"]].compares]
    agings = [name for name in sheets if SPECS[named[name].attrs["report"]].party]
    for name in items:
        if name not in agings:
            raise ValueError(
                f"open_items names the sheet {name!r}, which is not an aging (there are: "
                f"{', '.join(agings) or 'none'})"
            )
    own = [*_OWN_SHEETS, *([_TRIAL_BALANCE] if has_accounts else []), *map(_sheet_of_items, items)]
    used = {name.lower() for name in (*own, "history")}
    for name in sheets:
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name) or name.lower() in used:
            raise ValueError(
                f"a sheet cannot be named {name!r}: use 1 to 31 characters without []:*?/\\, each name once, "
                f"and not {', '.join(own)} or History"
            )
        used.add(name.lower())
    for name, report in (*named.items(), *((_sheet_of_items(name), frame) for name, frame in items.items())):
        if len(report) > _MOST_ROWS:
            raise ValueError(f"{name}: more than {_MOST_ROWS:,} rows, too many for Excel; use .parquet")
        if day is not None and report.attrs.get("as_of", day) != day:
            raise ValueError(f"{name} is a report as of {report.attrs['as_of']}, not as of {day}")


def _sheet_of_items(aging: str) -> str:
    """Name the sheet of an aging's open items."""
    return f"{aging[:20]} open items"


def _common_day(reports: Iterable[pd.DataFrame]) -> str:
    """Return the day of all reports; empty if they have several or none."""
    days = {str(report.attrs["as_of"]) for report in reports if "as_of" in report.attrs}
    return days.pop() if len(days) == 1 else ""


def _write(path: Path, book: _Book) -> None:
    """Write a workbook: cover, reports, accounts, open items, then what stands behind them."""
    layouts = {name: lay_out_values(report) for name, report in book.reports.items()}
    linked = {
        name: link_items(name, book.reports[name], layouts[name], _sheet_of_items(name), items)
        for name, items in book.items.items()
    }
    receipts = list_receipts(book.frames)
    is_demo = any("demo" in environments(receipt) for receipt in receipts)
    cover = _cover(book, receipts)
    with Workbook(path, _OPTIONS) as file:
        file.set_properties({"title": cover.title, "comments": DEMO_SENTENCE if is_demo else ""})

        def add(name: str, **options: Any) -> Sheet:
            return Sheet(file, name, contents=cell(COVER, 0), top=cover.top, **options)

        front = Sheet(file, COVER, is_demo=is_demo, top=cover.top)
        entries = []
        for name, layout in layouts.items():
            _draw(add(name, is_demo=layout.caption.is_demo), book.reports[name], layout, linked.get(name))
            entries.append(
                Entry(name, SPECS[book.reports[name].attrs["report"]].question, len(book.reports[name]))
            )
        if book.ledger is not None:
            draw_accounts(add(_TRIAL_BALANCE, is_demo=book.ledger.caption.is_demo), book.ledger)
            rows = sum(len(group.positions) for group in book.ledger.groups)
            entries.append(Entry(_TRIAL_BALANCE, book.ledger.caption.question, rows))
        for name, items in linked.items():
            sheet = add(_sheet_of_items(name), is_demo=items.layout.caption.is_demo)
            notes = [_ORDER.format(name), items.note] if items.to_aging else []
            draw_report(
                sheet, items.layout, SPECS["open_items"], links=items.to_aging, notes=[*filter(None, notes)]
            )
            entries.append(Entry(_sheet_of_items(name), items.layout.caption.question, len(book.items[name])))
        _draw_appendix(add, book, receipts)
        draw_cover(front, cover, [*entries, *(Entry(*each) for each in _APPENDIX.items())])
        front.sheet.activate()


def _draw(sheet: Sheet, report: pd.DataFrame, layout: Layout, items: Items | None) -> None:
    """Draw a report: one of days by month."""
    spec = SPECS[report.attrs["report"]]
    if spec.order is Order.DAYS:
        draw_history(sheet, layout)
    else:
        draw_report(sheet, layout, spec, links=items.from_aging if items else ())


def _draw_appendix(add: Callable[..., Sheet], book: _Book, receipts: list[dict[str, Any]]) -> None:
    """Draw comparisons, definitions and receipts."""
    captions = [Caption.of(tie) for tie in book.ties.values()]
    notes = [note for caption in captions for note in caption.notes]
    is_demo = any(caption.is_demo for caption in captions)
    tie_out, definitions, receipt = _APPENDIX
    draw_ties(add(tie_out, is_demo=is_demo), book.ties, notes)
    reports = [*book.reports.values(), *book.items.values(), *book.ties.values()]
    ledger: dict[str, Sequence[Column]] = {}
    if book.ledger is not None:
        ledger[book.ledger.caption.title] = book.ledger.columns
    draw_definitions(add(definitions, is_demo=False, widest=30), reports, ledger)
    is_demo = any("demo" in environments(each) for each in receipts)
    draw_receipts(add(receipt, is_demo=is_demo), receipts)


def _cover(book: _Book, receipts: list[dict[str, Any]]) -> Cover:
    """Return what the cover states."""
    connections = dict.fromkeys(str(each) for one in receipts for each in one.get("connections", []))
    return Cover(
        f"Reports as of {book.day}" if book.day else "Reports",
        book.business,
        [*connections],
        book.day,
        fetched(receipts),
        is_complete(receipts),
        Verdict.of(book.ties.values()).sentence,
    )
