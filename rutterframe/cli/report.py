"""The command ``rutterframe report NAME --as-of DATE``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from rutterframe.cli.report_data import load_data, read_data
from rutterframe.cli.terminal import DialectName, EscapeFormulas, Verbose, choice_of, plain_errors
from rutterframe.connect import read_businesses
from rutterframe.currency import parse_currency
from rutterframe.frames.replace import check_target
from rutterframe.notebook.escape import printable
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.month_end import NEEDED, MonthEnd, MonthEndReport, month_end
from rutterframe.reports.rates import read_rates
from rutterframe.views.text import Style, show
from rutterframe.views.workbook import write_workbook

ReportName = Annotated[
    MonthEndReport,
    typer.Argument(parser=choice_of(MonthEndReport), metavar="REPORT", help="The report."),
]
Currency = Annotated[
    str | None, typer.Option(help="Convert every amount into this currency, such as USD; needs --rates.")
]
Rates = Annotated[
    Path | None, typer.Option(help="A CSV file with currency, rate (its worth in --currency) and date.")
]
Format = Annotated[
    Style | None,
    typer.Option(
        "--format", parser=choice_of(Style), help="A table in a terminal, Markdown elsewhere when left out."
    ),
]


def report(  # noqa: PLR0913 - a parameter for each option
    which: ReportName,
    *,
    as_of: Annotated[str, typer.Option(help="The date of the report, such as 2026-06-30.")],
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A connection's id; several may be given. All active ones if none."),
    ] = None,
    excel: Annotated[Path | None, typer.Option(help="Also write a workbook: a file ending in .xlsx.")] = None,
    currency: Currency = None,
    rates: Rates = None,
    style: Format = None,
    dataset: Annotated[
        str | None, typer.Option(help="Read a dataset of `rutterframe refresh` instead of the API.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Set unreadable rows aside, and name them.")
    ] = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    dialect: DialectName = None,
    escape_formulas: EscapeFormulas = True,
    verbose: Verbose = False,
) -> None:
    """Print a report, whether it agrees with the books, and what the data does not cover.

    RUTTER_BUSINESSES names the connections of each business. The exit code is 1 if something failed or was
    left out, else 3 if a total differs, else 0.
    """
    _check_options(
        which, style, dataset, {"--quarantine": quarantine, "--demo": use_demo, "--dialect": dialect}
    )
    to = _currency(currency, rates)
    with plain_errors(verbose=verbose):
        day = f"{parse_as_of(as_of):%Y-%m-%d}"
        # Read before anything is loaded, so that a mistake in the file is reported at once.
        worth = None if rates is None else read_rates(rates, to)
        if excel is not None:
            check_target(excel, (".xlsx",))
        businesses = read_businesses()
        wanted = list(NEEDED) if which is MonthEndReport.ALL else [which]
        data = (
            load_data(
                wanted, connection, businesses, use_demo=use_demo, dialect=dialect, quarantine=quarantine
            )
            if dataset is None
            else read_data(dataset, wanted, connection, businesses)
        )
        result = month_end(wanted, data.frames, day, notes=data.notes, businesses=businesses)
        counts = result.counts
        if worth is not None:
            result = _convert(result, worth, to, day)
        _print(result, style, names=data.frames.get("customers"), escape_formulas=escape_formulas)
        if excel is not None:
            write_workbook(excel, result.reports, result.ties, names=data.frames.get("customers"), as_of=day)
            sys.stderr.write(f"Written to {printable(str(excel))}.\n")
    if data.failed or counts.differ:
        raise typer.Exit(1 if data.failed else 3)


def _check_options(
    which: MonthEndReport, style: Style | None, dataset: str | None, of_loading: Mapping[str, object]
) -> None:
    """Refuse options that do not go together."""
    if style is Style.CSV and which is MonthEndReport.ALL:
        raise typer.BadParameter("CSV holds one report, not all: name one report, or add --excel FILE")
    option = next((option for option, value in of_loading.items() if value), None)
    if dataset is not None and option is not None:
        raise typer.BadParameter(
            f"{option} is for loading, and --dataset reads what "
            f"`rutterframe refresh` has loaded: give it to that command"
        )


def _print(
    result: MonthEnd, style: Style | None, *, names: pd.DataFrame | None, escape_formulas: bool
) -> None:
    """Print the reports and their tie-outs, with the verdict as the first note of these."""
    tie_outs = result.tie_outs()
    for table in tie_outs:
        table.attrs["notes"].insert(0, f"Tie-out: {result.verdict}")
    tables = [*result.reports.values(), *tie_outs]
    show(tables, style=style, names=names, escape_formulas=escape_formulas)


def _currency(currency: str | None, rates: Path | None) -> str:
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
