"""The command ``rutterframe report NAME --as-of DATE``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd
import typer

from rutterframe.cli.terminal import Verbose, as_options, choice_of, open_client, plain_errors
from rutterframe.client import Client, Connection
from rutterframe.connect import open_active, open_connections, read_businesses
from rutterframe.currency import parse_currency
from rutterframe.errors import RutterframeError
from rutterframe.frames.write import check_target
from rutterframe.loaders import LoadJob, NotOfferedWarning, Options, load_connections
from rutterframe.reports.businesses import Businesses, check_known, owners
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.month_end import NEEDED, MonthEnd, MonthEndReport, month_end, resources_for
from rutterframe.reports.rates import read_rates
from rutterframe.views.text import Style, show
from rutterframe.views.workbook import write_workbook

# The number of reasons for refused rows that a note lists.
_MAX_REASONS = 3


class _Data(NamedTuple):
    """The frames of a report, from the API or a dataset.

    Attributes
    ----------
    frames : dict of str to DataFrame
        By resource.
    notes : list of str
        Sentences that name what is left out, and why.
    failed : bool
        Whether something failed or was left out.
    """

    frames: dict[str, pd.DataFrame]
    notes: list[str]
    failed: bool


def report(  # noqa: PLR0913 - a parameter for each option
    which: Annotated[
        MonthEndReport,
        typer.Argument(parser=choice_of(MonthEndReport), metavar="REPORT", help="The report."),
    ],
    *,
    as_of: Annotated[str, typer.Option(help="The date of the report, such as 2026-06-30.")],
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
        Style | None,
        typer.Option(
            "--format",
            parser=choice_of(Style),
            help="A table in a terminal, Markdown elsewhere when left out.",
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Read a dataset of `rutterframe refresh` instead of the API.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Set unreadable rows aside, and name them.")
    ] = False,
    use_demo: Annotated[bool, typer.Option("--demo", help="Read from the demo, whatever is set.")] = False,
    verbose: Verbose = False,
) -> None:
    """Print a report, whether it agrees with the books, and what the data does not include.

    RUTTER_BUSINESSES names the connections of each business. The exit code is 1 if something failed or was
    left out, else 3 if a total differs, else 0.
    """
    _check_options(which, style, dataset, quarantine=quarantine, use_demo=use_demo)
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
            _load(wanted, connection, businesses, use_demo=use_demo, quarantine=quarantine)
            if dataset is None
            else _read(dataset, wanted, connection, businesses)
        )
        result = month_end(wanted, data.frames, day, notes=data.notes, businesses=businesses)
        counts = result.counts
        if worth is not None:
            result = _convert(result, worth, to, day)
        _print(result, style, names=data.frames.get("customers"))
        if excel is not None:
            write_workbook(excel, result.reports, result.ties, names=data.frames.get("customers"), as_of=day)
            sys.stderr.write(f"Written to {excel}.\n")
    if data.failed or counts.differ:
        raise typer.Exit(1 if data.failed else 3)


def _check_options(
    which: MonthEndReport, style: Style | None, dataset: str | None, *, quarantine: bool, use_demo: bool
) -> None:
    """Refuse options that do not go together."""
    if style is Style.CSV and which is MonthEndReport.ALL:
        raise typer.BadParameter("CSV holds one report, not all: name one report, or add --excel FILE")
    if dataset is not None and (quarantine or use_demo):
        raise typer.BadParameter(
            f"{'--quarantine' if quarantine else '--demo'} is for loading, and --dataset reads what "
            f"`rutterframe refresh` has loaded: give it to that command"
        )


def _print(result: MonthEnd, style: Style | None, *, names: pd.DataFrame | None) -> None:
    """Print the reports and their tie-outs, with the verdict as the first note of these."""
    tie_outs = result.tie_outs()
    for table in tie_outs:
        table.attrs["notes"].insert(0, f"Tie-out: {result.verdict}")
    show([*result.reports.values(), *tie_outs], style=style, names=names)


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


def _load(
    wanted: Sequence[MonthEndReport],
    ids: Sequence[str] | None,
    businesses: Businesses | None,
    *,
    use_demo: bool,
    quarantine: bool,
) -> _Data:
    """Load the lists of the reports, and customers' names; a connection with a failed list is left out."""
    options = Options("quarantine" if quarantine else "raise", "skip")
    with open_client(use_demo=use_demo) as client:
        if ids:
            connections, notes, without_token = open_connections(client, ids)
            notes = [*notes, *_unknown(client, businesses, ids)]
        else:
            listed = load_connections(client, progress=False)
            check_known(businesses, listed["id"].dropna().tolist())
            connections, notes, without_token = open_active(client, listed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotOfferedWarning)  # the reports' notes name them
            frames, broken = _load_lists(wanted, connections, options)
    notes = [*notes, *_left_out(broken), *_without_names(frames, broken), *_refused(frames)]
    # A part of a connection's books would look like all of them.
    frames_left = {name: _without(frame, broken) for name, frame in frames.items()}
    failed = bool(without_token) or any(not frame.attrs["receipt"]["complete"] for frame in frames.values())
    return _Data(frames_left, notes, failed)


def _load_lists(
    wanted: Sequence[MonthEndReport], connections: Sequence[Connection], options: Options
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Load the lists together, since rows of one prove that a connection works; then customers' names.

    Returns
    -------
    frames : dict of str to DataFrame
        By resource.
    broken : dict of str to str
        Why a list of a connection could not be read, the names aside, by connection.

    Raises
    ------
    ValueError
        If every connection has a list that could not be read.
    """
    names = tuple(resources_for(wanted))
    job = LoadJob([one.listing(name) for name in names for one in connections], options, names)
    frames = job.run()
    broken = _broken(frames)
    if set(broken) == {one.id for one in connections}:
        raise ValueError("\n".join(dict.fromkeys(broken.values())))
    if MonthEndReport.AGING in wanted:
        # Only customers of ledgers: shops have many more, and these have no invoices.
        ledgers = set(frames["invoices"]["connection_id"]) - set(broken)
        owing = [one.listing("customers") for one in connections if one.id in ledgers]
        if owing:
            evidence = [one for one in job.lists if one.request.connection_id in ledgers]
            frames |= LoadJob(owing, options, ("customers",), evidence=evidence).run()
    return frames, broken


def _without_names(frames: Mapping[str, pd.DataFrame], broken: Mapping[str, str]) -> list[str]:
    """Return a note for each connection without customers' names, with the reason."""
    if "customers" not in frames:
        return []
    errors = frames["customers"].attrs["receipt"]["errors"]
    return [
        f"Without the customers' names, since they could not be read: {one}. {as_options(error)}"
        for one, error in errors.items()
        if one not in broken
    ]


def _unknown(client: Client, businesses: Businesses | None, ids: Sequence[str]) -> list[str]:
    """Refuse businesses with a connection that the client does not have; return a note if unknown."""
    others = [one for one in owners(businesses) if one not in ids]
    if not others:
        return []
    quiet = Options(progress=False)
    try:
        # Without platforms: the requests to the connections stay the same as without businesses.
        listed = LoadJob([client.connections.listing()], quiet, "connections").run()["connections"]
    except RutterframeError as error:
        note = (
            f"RUTTER_BUSINESSES lists {', '.join(others)}, not requested here. Whether there are such "
            f"connections is not known, since the list of them could not be read: {error.message}"
        )
        return [note]
    check_known(businesses, list({*listed["id"].dropna(), *ids}))
    return []


def _read(
    path: str, wanted: Sequence[MonthEndReport], ids: Sequence[str] | None, businesses: Businesses | None
) -> _Data:
    """Read the lists of the reports from a dataset, and customers' names if it has them."""
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

    data = Dataset(path)
    if businesses is not None:
        check_known(businesses, data.connections)
    names = [*resources_for(wanted), *({"customers"} & {*data.resources})]
    try:
        frames = {name: data.load(name, connections=ids or None) for name in dict.fromkeys(names)}
    except KeyError as missing:
        raise ValueError(
            f"{missing.args[0]}. Next: rutterframe refresh {path} loads it; where a row cannot be read, add "
            f"--quarantine"
        ) from None
    notes = [
        f"Not up to date: {name} of {one}: {_first_line(error)}"
        for name, frame in frames.items()
        for one, error in frame.attrs["receipt"]["errors"].items()
    ]
    failed = any(not frame.attrs["receipt"]["complete"] for frame in frames.values())
    return _Data(frames, [*notes, *_refused(frames)], failed)


def _broken(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the error of the first list that could not be read, by connection."""
    broken: dict[str, str] = {}
    for frame in frames.values():
        for one, error in frame.attrs["receipt"]["errors"].items():
            broken.setdefault(one, error)
    return broken


def _left_out(broken: Mapping[str, str]) -> list[str]:
    return [
        f"Left out, since not all of its lists could be read: {one}. {as_options(error)}"
        for one, error in broken.items()
    ]


def _refused(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return notes with the number of rows that were set aside, and the first reasons."""
    notes = []
    for name, frame in frames.items():
        receipt = frame.attrs["receipt"]
        if receipt["rows_refused"]:
            first = receipt["refused"][:_MAX_REASONS]
            reasons = "; ".join(
                f"{one['connection_id']}: {one['record_id'] or 'a row without an id'}, "
                f"{one['field'] or 'the row'}: {one['reason']}"
                for one in first
            )
            notes.append(f"Rows of {name} that were set aside: {receipt['rows_refused']:,} ({reasons}).")
    return notes


def _without(frame: pd.DataFrame, broken: Mapping[str, str]) -> pd.DataFrame:
    return frame[~frame["connection_id"].isin(list(broken))] if broken else frame


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
