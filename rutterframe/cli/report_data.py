"""The data of ``rutterframe report``: the lists that its reports need, from the API or a dataset."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from rutterframe.cli.terminal import as_options, open_client
from rutterframe.client import Client, Connection
from rutterframe.connect import open_active, open_connections
from rutterframe.errors import RutterframeError
from rutterframe.loaders import LoadJob, NotOfferedWarning, Options, load_connections
from rutterframe.loaders.requests import requests_of
from rutterframe.reports.businesses import Businesses, check_known, owners
from rutterframe.reports.month_end import NAMES, MonthEndReport, resources_for

# The reports with names: their documents, and the list of names. The contract has no list of vendors.
_NAMES = (
    (MonthEndReport.AGING, "invoices", NAMES[MonthEndReport.AGING]),
    (MonthEndReport.PAYABLES, "bills", NAMES[MonthEndReport.PAYABLES]),
)
# The number of reasons for refused rows that a note lists.
_MAX_REASONS = 3


class ReportData(NamedTuple):
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


def load_data(
    wanted: Sequence[MonthEndReport],
    ids: Sequence[str] | None,
    businesses: Businesses | None,
    *,
    use_demo: bool,
    dialect: str | None,
    quarantine: bool,
) -> ReportData:
    """Load the lists of the reports, and names; a connection with a failed list is left out."""
    options = Options("quarantine" if quarantine else "raise", "skip")
    with open_client(use_demo=use_demo, dialect=dialect) as client:
        if ids:
            connections, notes, without_token = open_connections(client, ids)
            notes = [*notes, *_unknown(client, businesses, ids)]
        else:
            listed = load_connections(client, progress=False)
            check_known(businesses, listed["id"].dropna().tolist())
            connections, notes, without_token = open_active(client, listed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotOfferedWarning)  # the reports' notes name them
            frames, errors = _load_lists(wanted, connections, options, client.resources)
    notes = [*notes, *_left_out(errors), *_without_names(frames, errors), *_refused(frames)]
    # A part of a connection's books would look like all of them.
    complete = {name: _without(frame, errors) for name, frame in frames.items()}
    failed = bool(without_token) or any(not frame.attrs["receipt"]["complete"] for frame in frames.values())
    return ReportData(complete, notes, failed)


def _load_lists(
    wanted: Sequence[MonthEndReport],
    connections: Sequence[Connection],
    options: Options,
    offered: Sequence[str],
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Load the lists together, since rows of one prove that a connection works; then names.

    Returns
    -------
    frames : dict of str to DataFrame
        By resource.
    errors : dict of str to str
        Why a list of a connection could not be read, the names aside, by connection.

    Raises
    ------
    ValueError
        If every connection has a list that could not be read.
    """
    resources = tuple(resources_for(wanted, offered))
    job = LoadJob(requests_of(resources, connections), options, resources)
    frames = job.run()
    errors = _first_errors(frames)
    if set(errors) == {connection.id for connection in connections}:
        raise ValueError("\n".join(dict.fromkeys(errors.values())))
    for report, documents, names in _NAMES:
        # Only names of ledgers: shops have many more customers, and these have no invoices.
        ids = set(frames[documents]["connection_id"]) - set(errors) if report in wanted else set()
        ledgers = [connection for connection in connections if connection.id in ids]
        if ledgers and names in offered:
            evidence = [state for state in job.lists if state.request.connection_id in ids]
            frames |= LoadJob(requests_of([names], ledgers), options, (names,), evidence=evidence).run()
    return frames, errors


def _without_names(frames: Mapping[str, pd.DataFrame], errors: Mapping[str, str]) -> list[str]:
    """Return a note for each connection without names of customers or vendors, with the reason."""
    return [
        f"Without the {names}' names, since they could not be read: {connection_id}. {as_options(error)}"
        for _, _, names in _NAMES
        if names in frames
        for connection_id, error in frames[names].attrs["receipt"]["errors"].items()
        if connection_id not in errors
    ]


def _unknown(client: Client, businesses: Businesses | None, ids: Sequence[str]) -> list[str]:
    """Refuse businesses with a connection that the client does not have; return a note if unknown."""
    unknown = [connection_id for connection_id in owners(businesses) if connection_id not in ids]
    if not unknown:
        return []
    quiet = Options(progress=False)
    try:
        # Without platforms: the requests to the connections stay the same as without businesses.
        listed = LoadJob([client.connections.listing()], quiet, "connections").run()["connections"]
    except RutterframeError as error:
        note = (
            f"RUTTER_BUSINESSES lists {', '.join(unknown)}, not requested here. Whether there are such "
            f"connections is not known, since the list of them could not be read: {error.message}"
        )
        return [note]
    check_known(businesses, list({*listed["id"].dropna(), *ids}))
    return []


def read_data(
    path: str, wanted: Sequence[MonthEndReport], ids: Sequence[str] | None, businesses: Businesses | None
) -> ReportData:
    """Read the lists of the reports from a dataset, and names if it has them."""
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

    data = Dataset(path)
    if businesses is not None:
        check_known(businesses, data.connections)
    names = resources_for(wanted, data.resources, names=True)
    try:
        frames = {name: data.load(name, connections=ids or None) for name in names}
    except KeyError as missing:
        raise ValueError(
            f"{missing.args[0]}. Next: rutterframe refresh {path} loads it; where a row cannot be read, add "
            f"--quarantine"
        ) from None
    notes = [
        f"Not up to date: {name} of {connection_id}: {_first_line(error)}"
        for name, frame in frames.items()
        for connection_id, error in frame.attrs["receipt"]["errors"].items()
    ]
    failed = any(not frame.attrs["receipt"]["complete"] for frame in frames.values())
    return ReportData(frames, [*notes, *_refused(frames)], failed)


def _first_errors(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the error of the first list that could not be read, by connection."""
    errors: dict[str, str] = {}
    for frame in frames.values():
        for connection_id, error in frame.attrs["receipt"]["errors"].items():
            errors.setdefault(connection_id, error)
    return errors


def _left_out(errors: Mapping[str, str]) -> list[str]:
    return [
        f"Left out, since not all of its lists could be read: {connection_id}. {as_options(error)}"
        for connection_id, error in errors.items()
    ]


def _refused(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return notes with the number of rows that were set aside, and the first reasons."""
    notes = []
    for name, frame in frames.items():
        receipt = frame.attrs["receipt"]
        if receipt["rows_refused"]:
            first = receipt["refused"][:_MAX_REASONS]
            reasons = "; ".join(
                f"{row['connection_id']}: {row['record_id'] or 'a row without an id'}, "
                f"{row['field'] or 'the row'}: {row['reason']}"
                for row in first
            )
            notes.append(f"Rows of {name} that were set aside: {receipt['rows_refused']:,} ({reasons}).")
    return notes


def _without(frame: pd.DataFrame, errors: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of the connections without an error."""
    return frame[~frame["connection_id"].isin(list(errors))] if errors else frame


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
