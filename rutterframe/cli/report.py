"""The command ``rutterframe report NAME``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import pandas as pd
import typer

from rutterframe.books import Books
from rutterframe.books.files import write_html
from rutterframe.cli.report_data import ReportData, Scope, load_data, read_data
from rutterframe.cli.report_names import ReportName, complete_report, compute, parse_report
from rutterframe.cli.terminal import (
    ConnectionIds,
    DialectName,
    Force,
    KeepFormulas,
    Quarantine,
    Verbose,
    Width,
    check_output,
    choice_of,
    completions_of,
    plain_errors,
)
from rutterframe.connect import read_businesses
from rutterframe.currency import parse_currency
from rutterframe.notebook.escape import printable
from rutterframe.reports import read_names
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.month_end import MonthEnd
from rutterframe.reports.rates import read_rates
from rutterframe.views.text import Style, show
from rutterframe.views.workbook import write_workbook

# Text in its type, since help would list an enum's values again, broken within words.
Which = Annotated[
    str,
    typer.Argument(
        parser=parse_report,
        metavar="REPORT",
        help=f"One of {', '.join(ReportName)}; all are the five of a month end. Or one of another package, "
        "which `rutterframe doctor` lists.",
        autocompletion=complete_report,
    ),
]
Excel = Annotated[
    str | None, typer.Option(metavar="FILE", help="Also write a workbook: a file ending in .xlsx.")
]
Page = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help="Also write a page: a file ending in .html.")
]
BusinessName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Read only the active connections of one business.")
]
Vendors = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="A CSV file with the vendors' id and name, maybe connection_id."),
]
DatasetPath = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Read a dataset of `rutterframe refresh` instead of the API."),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="The date of the report, such as 2026-06-30; RUTTER_AS_OF, else that of the newest refresh of a "
        "dataset, of the demo its closing date, else today in UTC, when left out.",
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="Convert every amount into this currency, such as USD; needs --rates."),
]
Rates = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="A CSV file with currency, rate (its worth in --currency) and date."),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        parser=choice_of(Style),
        metavar="FORMAT",
        help="table, markdown, csv or json; a table in a terminal, Markdown elsewhere when left out.",
        autocompletion=completions_of(Style),
    ),
]


def report(  # noqa: PLR0913 - a parameter for each option
    which: Which,
    *,
    as_of: AsOf = None,
    connection: ConnectionIds = None,
    excel: Excel = None,
    page: Page = None,
    force: Force = False,
    business: BusinessName = None,
    vendors: Vendors = None,
    currency: Currency = None,
    rates: Rates = None,
    style: Format = None,
    width: Width = None,
    dataset: DatasetPath = None,
    quarantine: Quarantine = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    dialect: DialectName = None,
    keep_formulas: KeepFormulas = False,
    verbose: Verbose = False,
) -> None:
    """Print a report, whether it agrees with the books, and what the data does not cover.

    RUTTER_BUSINESSES names the connections of each business. The exit code is 1 if something failed or was
    left out, else 3 if a total differs, else 0.
    """
    name, form = which, None if style is None else Style(style)
    _check_options(
        name, form, dataset, {"--quarantine": quarantine, "--demo": use_demo, "--dialect": dialect}
    )
    if connection and business:
        raise typer.BadParameter("--business reads all of its active connections: leave --connection out")
    to = _currency(currency, rates)
    with plain_errors(verbose=verbose):
        day = None if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"
        # Read before anything is loaded, so that a mistake in a file is reported at once.
        worth = None if rates is None else read_rates(rates, to)
        if vendors is not None:
            read_names(vendors)
        check_output(excel, "--excel", (".xlsx",), force=force)
        check_output(page, "--html", (".html",), force=force)
        scope = Scope(name, day, connection, business, read_businesses(), vendors)
        data = _read(dataset, scope, use_demo=use_demo, dialect=dialect, quarantine=quarantine)
        day = data.books.as_of
        if data.day_reason:
            sys.stderr.write(f"As of {day}, {data.day_reason}.\n")
        result = compute(data.books, name)
        counts = result.counts
        if worth is not None:
            result = _convert(result, worth, to, day)
        names = data.books.frames.get("customers")
        formulas = not keep_formulas
        show(_tables(result), style=form, names=names, width=width, escape_formulas=formulas, as_of=day)
        if excel is not None:
            _write_workbook(excel, result, data.books, business, with_accounts=name == ReportName.ALL)
        if page is not None:
            write_html(page, result, {}, as_of=day, findings={})
        sys.stderr.writelines(f"Written to {printable(path)}.\n" for path in (excel, page) if path)
    if data.failed or counts.differ:
        raise typer.Exit(1 if data.failed else 3)


def _read(
    dataset: str | None, scope: Scope, *, use_demo: bool, dialect: str | None, quarantine: bool
) -> ReportData:
    """Return the data of a report: from the API, or from a dataset."""
    if dataset is not None:
        return read_data(dataset, scope)
    return load_data(scope, use_demo=use_demo, dialect=dialect, quarantine=quarantine)


def _write_workbook(
    path: str, result: MonthEnd, books: Books, business: str | None, *, with_accounts: bool
) -> None:
    """Write the reports as a workbook for a reviewer, with the open items behind their agings."""
    documents = {"Aging": "invoices", "Payables": "bills"}
    write_workbook(
        path,
        result.reports,
        result.ties,
        names=books.frames.get("customers"),
        as_of=books.as_of,
        business=business,
        open_items={
            sheet: books.open_items(resource)
            for sheet, resource in documents.items()
            if sheet in result.reports
        },
        accounts=books.frames.get("accounts") if with_accounts else None,
    )


def _check_options(
    which: str, style: Style | None, dataset: str | None, of_loading: Mapping[str, object]
) -> None:
    """Refuse options that do not go together."""
    if style is Style.CSV and which == ReportName.ALL:
        raise typer.BadParameter("CSV holds one report, not all: name one report, or add --excel FILE")
    option = next((option for option, value in of_loading.items() if value), None)
    if dataset is not None and option is not None:
        raise typer.BadParameter(
            f"{option} is for loading, and --dataset reads what "
            f"`rutterframe refresh` has loaded: give it to that command"
        )


def _tables(result: MonthEnd) -> list[pd.DataFrame]:
    """Return the reports and their tie-outs, with the verdict as the first note of these."""
    tie_outs = result.tie_outs()
    for table in tie_outs:
        table.attrs["notes"].insert(0, f"Tie-out: {result.verdict}")
    return [*result.reports.values(), *tie_outs]


def _currency(currency: str | None, rates: str | None) -> str:
    """Read the currency to convert into, which needs rates, as these need a currency."""
    if (currency is None) != (rates is None):
        option, missing = ("--rates", "--currency") if currency is None else ("--currency", "--rates")
        raise typer.BadParameter(
            f"{option} without {missing}: a conversion needs both, such as --currency USD --rates FILE.csv"
        )
    try:
        return "" if currency is None else parse_currency(currency, name="--currency")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _convert(result: MonthEnd, rates: pd.DataFrame, to: str, day: str) -> MonthEnd:
    """Convert the reports; where a rate is missing the error names the option."""
    try:
        return result.convert(rates, to, day)
    except ValueError as error:
        raise ValueError(
            f"{error}. Add a line for each of them to the file of --rates: the currency, its worth in {to}, "
            f"and a date not after {day}"
        ) from None
