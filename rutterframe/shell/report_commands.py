"""How do I get a report from a shell? ``rutterframe report aging --as-of 2026-06-30``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from rutterframe.loaders import Options, load
from rutterframe.money import parse_currency
from rutterframe.reports.dates import read_as_of
from rutterframe.reports.month_end import NEEDED, MonthEnd, Which, converted, month_end, resources_for
from rutterframe.reports.rates import read_rates
from rutterframe.sessions import open_chosen
from rutterframe.shell.report_text import Style, show
from rutterframe.shell.terminal import Verbose, open_client, plain_errors
from rutterframe.views.workbook import write_workbook


def report(  # noqa: PLR0913 - a parameter for each option
    which: Annotated[Which, typer.Argument(help="The report.")],
    *,
    as_of: Annotated[str, typer.Option(help="The day to count from, such as 2026-06-30.")],
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A connection's id; several may be given. All active ones if none."),
    ] = None,
    excel: Annotated[Path | None, typer.Option(help="Also write a workbook: a file ending in .xlsx.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="Convert every amount into this currency, such as USD; needs --rates.")
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(help="A CSV file with currency, rate (its worth in --currency) and date."),
    ] = None,
    style: Annotated[
        Style | None, typer.Option("--format", help="A table in a terminal, Markdown elsewhere if not given.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="Read what `rutterframe refresh` keeps there; nothing is asked.")
    ] = None,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    verbose: Verbose = False,
) -> None:
    """Print a report, whether it agrees with the books, and what the data cannot say."""
    if style is Style.CSV and which is Which.ALL:
        raise typer.BadParameter("CSV holds one report, not all: ask for one, or for --excel FILE")
    to = _currency(currency, rates)
    with plain_errors(verbose=verbose):
        day = f"{read_as_of(as_of):%Y-%m-%d}"
        # Before anything is loaded, so that a mistake in it is not found after minutes.
        worth = None if rates is None else read_rates(rates, to)
        wanted = list(NEEDED) if which is Which.ALL else [which]
        frames, left_out = (
            _load(wanted, connection, use_demo=use_demo, named=style is not Style.CSV)
            if dataset is None
            else _read(dataset, wanted, connection)
        )
        made = month_end(wanted, frames, day, notes=left_out)
        if worth is not None:
            made = _converted(made, worth, to, day)
        shown = [*made.reports.values(), *made.tie_outs()]
        show(shown, style=style, names=frames.get("customers"))
        if excel is not None:
            write_workbook(excel, made.reports, made.ties, names=frames.get("customers"), as_of=day)
            sys.stderr.write(f"Written to {excel}.\n")


def _currency(currency: str | None, rates: Path | None) -> str:
    """Read the currency to convert into: it and the rates are of no use without each other."""
    if (currency is None) != (rates is None):
        given, missing = ("--rates", "--currency") if currency is None else ("--currency", "--rates")
        raise typer.BadParameter(
            f"{given} without {missing}: a conversion needs both, such as --currency USD --rates FILE.csv"
        )
    try:
        return "" if currency is None else parse_currency(currency, name="--currency")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _converted(made: MonthEnd, rates: pd.DataFrame, to: str, day: str) -> MonthEnd:
    try:
        return converted(made, rates, to, day)
    except ValueError as error:
        raise ValueError(
            f"{error}. Add a line for each of them to the file of --rates: the currency, its worth in {to}, "
            f"and a date not after {day}"
        ) from None


def _load(
    wanted: Sequence[Which], ids: Sequence[str] | None, *, use_demo: bool, named: bool
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Load what the reports need, and the customers' names; say which connections are left out."""
    options = Options(progress=sys.stderr.isatty())
    with open_client(use_demo=use_demo) as client:
        chosen, left_out, _ = open_chosen(client, ids)
        frames = {name: load(name, chosen, options) for name in resources_for(wanted)}
        if named and Which.AGING in wanted:
            # Only those of the ledgers: a shop has many more, and none of them has an invoice. A name that
            # cannot be had is no reason to go without the report.
            ledgers = set(frames["invoices"]["connection_id"])
            owing = [one for one in chosen if one.id in ledgers]
            if owing:
                frames["customers"] = load(
                    "customers", owing, Options(on_error="report", progress=options.progress)
                )
    return frames, left_out


def _read(
    path: Path, wanted: Sequence[Which], ids: Sequence[str] | None
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read what the reports need from a dataset, and the customers' names if they are there."""
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

    data = Dataset(path)
    names = [*resources_for(wanted), *({"customers"} & {*data.resources})]
    try:
        return {name: data.load(name, connections=ids or None) for name in dict.fromkeys(names)}, []
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]}. Next: rutterframe refresh {path} loads it") from None
