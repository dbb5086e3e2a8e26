"""The books of ``rutterframe report``: the lists that a report needs, from the API or a dataset."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from rutterframe.books import Books
from rutterframe.books.lists import load_lists, refusal_notes
from rutterframe.books.load import dataset_day
from rutterframe.cli.report_names import NAME_LISTS, ReportName, resources_of
from rutterframe.cli.terminal import as_options, open_client
from rutterframe.client import Client
from rutterframe.client.demo_defaults import demo_defaults
from rutterframe.connect import OpenConnections, open_active, open_connections, report_basis
from rutterframe.errors import RutterframeError
from rutterframe.loaders import LoadJob, NotOfferedWarning, Options, load_connections
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.businesses import Businesses, check_known, owners


class Scope(NamedTuple):
    """What a report is of.

    Attributes
    ----------
    report : str
        The name of the report, which needs some lists.
    day : str or None
        The as-of date; that of `load_books` or `open_books` if None.
    connections : sequence of str or None
        The ids of the connections; all active ones if None.
    business : str or None
        The business, of which the active connections are read.
    businesses : mapping of str to sequence of str or None
        The connections of each business; those of the demo if None, where a business is named.
    vendors : str or None
        A CSV file with the names of vendors.
    """

    report: str
    day: str | None = None
    connections: Sequence[str] | None = None
    business: str | None = None
    businesses: Businesses | None = None
    vendors: str | None = None


class ReportData(NamedTuple):
    """The data of a report.

    Attributes
    ----------
    books : Books
        The books.
    failed : bool
        Whether something failed or was left out.
    day_reason : str
        Why the books are as of their day; empty where the caller named it.
    """

    books: Books
    failed: bool
    day_reason: str


def load_data(scope: Scope, *, use_demo: bool, dialect: str | None, quarantine: bool) -> ReportData:
    """Load the lists of a report, and names; a connection with a failed list is left out."""
    options = Options("quarantine" if quarantine else "raise", "skip")
    with open_client(use_demo=use_demo, dialect=dialect) as client:
        day, reason = (scope.day, "") if scope.day else _default_day(client)
        of_demo = demo_defaults(client)
        if scope.business and scope.businesses is None and of_demo is not None:
            scope = scope._replace(businesses=of_demo.businesses)
        connections, notes, without_token, _ = _open(client, scope)
        needed = resources_of(scope.report, client.resources)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotOfferedWarning)  # the reports' notes name them
            # A report of another package may need the customers of shops, which those of the books do not.
            names = [name for name in needed if name in NAME_LISTS and scope.report in [*ReportName]]
            lists = load_lists([name for name in needed if name not in names], connections, options, names)
    missing = [*notes, *map(as_options, lists.notes())]
    failed = bool(without_token) or not lists.is_complete
    return ReportData(_books(scope, lists.frames, day, missing), failed, reason)


def read_data(path: str, scope: Scope) -> ReportData:
    """Read the lists of a report from a dataset, and names if it has them."""
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

    data = Dataset(path)
    if scope.businesses is not None:
        check_known(scope.businesses, data.connections)
    ids = scope.connections or None
    if scope.business:
        ids = [name for name in _ids_of(scope) if name in data.connections]
    names = resources_of(scope.report, data.resources)
    try:
        frames = {name: data.load(name, connections=ids) for name in names}
    except KeyError as missing:
        raise ValueError(
            f"{missing.args[0]}. Next: rutterframe refresh {path} loads it; where a row cannot be read, add "
            f"--quarantine"
        ) from None
    notes = [
        f"Not up to date: {name} of {connection_id}: {error.partition(chr(10))[0]}"
        for name, frame in frames.items()
        for connection_id, error in frame.attrs["receipt"]["errors"].items()
    ]
    failed = any(not frame.attrs["receipt"]["complete"] for frame in frames.values())
    day, reason = (scope.day, "") if scope.day else dataset_day(frames)
    return ReportData(_books(scope, frames, day, [*notes, *refusal_notes(frames)]), failed, reason)


def _default_day(client: Client) -> tuple[str, str]:
    basis = report_basis(client)
    return basis.as_of, basis.reason


def _books(scope: Scope, frames: dict[str, pd.DataFrame], day: str, missing: Sequence[str]) -> Books:
    """Return books of frames, with the businesses that the report is of."""
    businesses = {scope.business: _ids_of(scope)} if scope.business else scope.businesses
    return Books(frames, day, businesses=businesses, vendors=scope.vendors, missing=missing)


def _ids_of(scope: Scope) -> Sequence[str]:
    """Return the ids of the connections of the business that a report is of."""
    known = scope.businesses or {}
    if scope.business is None or scope.business not in known:
        listed = f"there are {printable_names(known)}" if known else "RUTTER_BUSINESSES names none"
        raise ValueError(f"--business: there is no business {scope.business!r}; {listed}")
    return known[scope.business]


def _open(client: Client, scope: Scope) -> OpenConnections:
    """Open the connections that a report is of; businesses must list known ones only."""
    if scope.connections:
        opened = open_connections(client, scope.connections)
        return opened._replace(
            left_out=[*opened.left_out, *_unknown(client, scope.businesses, scope.connections)]
        )
    listed = load_connections(client, progress=False)
    check_known(scope.businesses, listed["id"].dropna().tolist())
    if scope.business:
        listed = listed[listed["id"].isin(list(_ids_of(scope)))]
    return open_active(client, listed)


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
