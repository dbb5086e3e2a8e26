"""`load_books` from the API, and `open_books` from a dataset."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe.books.books import Books
from rutterframe.books.lists import first_errors, load_lists, refusal_notes
from rutterframe.books.part import part_of
from rutterframe.client import Client, Connection
from rutterframe.client.connection import offered
from rutterframe.client.demo_defaults import demo_defaults
from rutterframe.connect import open_active, read_as_of, read_businesses, report_basis
from rutterframe.frames import OnInvalid
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.loaders import Options, load_connections
from rutterframe.loaders.options import Connections, OnError, as_connections, read_resources
from rutterframe.models import RESOURCES
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.businesses import Businesses, check_known
from rutterframe.storage import mask_address, wrap_options

if TYPE_CHECKING:
    from rutterframe.dataset.commits import Version

#: What reports take besides, where the API has it: only the live dialect does.
_LIVE = ("vendors", "invoice_credit_memos", "bill_credit_memos", "payment_terms", "balance_sheets")


def load_books(  # noqa: PLR0913 - what reports need besides the frames
    connections: Client | Connections,
    *,
    resources: Iterable[str] | None = None,
    as_of: date | datetime | str | None = None,
    businesses: Businesses | None = None,
    vendors: pd.DataFrame | str | Path | None = None,
    currency: str | None = None,
    rates: pd.DataFrame | str | Path | None = None,
    on_error: OnError = "raise",
    on_invalid: OnInvalid = "raise",
    progress: bool | None = None,
) -> Books:
    """Load everything that reports need, and return it as one object with every report as a method.

    Parameters
    ----------
    connections : Connection, iterable of Connection, or Client
        What to load. Of a client: all its active connections; those that are left out are named in the notes.
    resources : iterable of str, optional
        The lists to load. When left out: all ten, and what else reports take where the API has it (credit
        memos, payment terms, vendors and balance sheets of the live dialect).
    as_of : date, datetime or str, optional
        The day to report on; when left out that of `report_basis`: ``RUTTER_AS_OF``, in the demo the closing
        date of its books, else today in UTC.
    businesses : mapping of str to sequence of str, optional
        The connections of each business; ``RUTTER_BUSINESSES``, or the demo's two, when left out.
    vendors : DataFrame, str or Path, optional
        As `Books` takes them; the demo has the names of its vendors, as a ledger's own export would.
    currency : str, optional
        The currency to convert into; it and the rates are those of `report_basis` when both are left out.
    rates : DataFrame, str or Path, optional
        As `Books` takes them.
    on_error : {"raise", "skip"}
        With "skip", a connection with a list that could not be read is left out, and named in every report.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read.
    progress : bool, optional
        Whether to show a progress bar; in a terminal or notebook only when left out.

    Returns
    -------
    Books
        The frames, and the reports.

    Raises
    ------
    ValueError
        If no connection was passed, or no connection could be read; if a business lists an unknown one.
    ConfigurationError
        If a client has no active connection, or a setting is not valid.
    LoadError, InvalidRows
        If a list could not be read.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     books = rf.load_books(client, progress=False)
    >>> books.month_end().verdict
    'All 30 totals agree.'
    >>> books.filter("Gear").ar_aging(by="currency")[["currency", "total"]].values.tolist()
    [['EUR', 34720.0], ['GBP', 17673.0], ['JPY', 208600.0], ['USD', 14296.44]]
    """
    opened, inactive, without_token = _open(connections)
    offered = _offered(opened)
    wanted = read_resources(
        (*RESOURCES, *(name for name in _LIVE if name in offered)) if resources is None else resources
    )
    defaults = _defaults(opened, wanted, businesses)
    if as_of is not None:
        defaults["as_of"] = as_of
    if vendors is not None:
        defaults["vendors"] = vendors
    if currency is not None or rates is not None:
        defaults |= {"currency": currency, "rates": rates}
    lists = load_lists(wanted, opened, Options(on_invalid, on_error, progress))
    return Books(lists.frames, **defaults, notes=inactive, missing=[*without_token, *lists.notes()])


def books_of(
    frames: Mapping[str, pd.DataFrame],
    connections: Sequence[Connection],
    *,
    businesses: Businesses | None = None,
) -> Books:
    """Return loaded frames as books, with the defaults of `load_books`; nothing is requested.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The frames by resource, with their receipts; the books have these, not copies of them.
    connections : sequence of Connection
        What was loaded. One with a list that could not be read is named in the notes of every report.
    businesses : mapping of str to sequence of str, optional
        As `load_books` takes it.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     frames = rf.load_all(ledger, resources=["invoices"], progress=False)
    >>> books_of(frames, [ledger]).as_of
    '2026-06-30'
    """
    missing = [
        f"Not all lists of {connection_id} could be read. {error}"
        for connection_id, error in first_errors(frames).items()
    ]
    defaults = _defaults(connections, frames, businesses)
    return Books(frames, **defaults, missing=[*missing, *refusal_notes(frames)])


def open_books(  # noqa: PLR0913 - what reports need besides the frames
    path: str | Path,
    *,
    version: Version | None = None,
    as_of: date | datetime | str | None = None,
    connections: Iterable[str] | None = None,
    businesses: Businesses | None = None,
    vendors: pd.DataFrame | str | Path | None = None,
    currency: str | None = None,
    rates: pd.DataFrame | str | Path | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> Books:
    """Read a dataset of `refresh` into one object with every report as a method; nothing is requested.

    Parameters
    ----------
    path : str or Path
        The folder or address that was passed to `refresh`.
    version : int, date, datetime or str, optional
        A moment, or a version of every table, as `Dataset.load` takes it; the newest when left out.
    as_of : date, datetime or str, optional
        The day to report on; when left out ``RUTTER_AS_OF``, else the day (UTC) of the newest refresh.
    connections : iterable of str, optional
        The ids of the connections; all when left out.
    businesses : mapping of str to sequence of str, optional
        The connections of each business; ``RUTTER_BUSINESSES`` when left out.
    vendors : DataFrame, str or Path, optional
        The names of vendors, as `Books` takes them.
    currency : str, optional
        The currency to convert into.
    rates : DataFrame, str or Path, optional
        The rates into it, as `Books` takes them.
    storage_options : mapping of str to str, optional
        What an address needs, such as keys, as `refresh` takes it; else the environment (``AWS_*``) has it.

    Returns
    -------
    Books
        The frames of all resources, and the reports. What the last refresh could not read is in the notes.

    Raises
    ------
    FileNotFoundError
        If there is no dataset.
    ValueError
        If a connection or a version does not exist, or a business lists an unknown connection.
    OSError
        If a file is missing or damaged.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     done = rf.refresh(client.connection("gear-xero"), "dataset", resources=["invoices", "accounts"])
    >>> rf.open_books("dataset", as_of="2026-06-30").month_end("aging").verdict
    'All 4 totals agree.'
    """
    path, options = mask_address(path), wrap_options(storage_options)
    del storage_options
    from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

    data = Dataset(path, storage_options=options)
    known = read_businesses() if businesses is None else businesses
    available = data.connections
    wanted = None if connections is None else [*connections]
    unknown = [name for name in wanted or () if name not in available]
    if unknown:
        raise ValueError(f"the dataset has no connection {unknown[0]!r}; it has {printable_names(available)}")
    if businesses is not None:
        check_known(known, available)
    elif known is not None:
        known = _of_these(known, available)
    frames = {name: data.load(name, version=version) for name in data.resources}
    if wanted is not None:
        frames = {name: part_of(frame, wanted) for name, frame in frames.items()}
    notes = [
        f"Not up to date: {name} of {connection_id}: {error.partition(chr(10))[0]}"
        for name, frame in frames.items()
        for connection_id, error in frame.attrs["receipt"]["errors"].items()
    ]
    return Books(
        frames,
        dataset_day(frames)[0] if as_of is None else as_of,
        businesses=known,
        vendors=vendors,
        currency=currency,
        rates=rates,
        missing=[*notes, *refusal_notes(frames)],
    )


def dataset_day(frames: Mapping[str, pd.DataFrame]) -> tuple[str, str]:
    """Return the day to report on of frames of a dataset, and why it is this one.

    Raises
    ------
    ConfigurationError
        If ``RUTTER_AS_OF`` is not a valid date.
    """
    day = read_as_of()
    if day is not None:
        return f"{day}", "set by RUTTER_AS_OF"
    newest = max(str(frame.attrs["receipt"]["finished"]) for frame in frames.values())
    return newest[:10], "the day of the newest refresh (UTC)"


def _open(connections: Client | Connections) -> tuple[list[Connection], list[str], list[str]]:
    """Return the connections to load, and sentences on those that are inactive or without a token."""
    if not isinstance(connections, Client):
        return as_connections(connections), [], []
    listed = load_connections(connections, progress=False)
    opened, left_out, without_token, _ = open_active(connections, listed)
    split = len(left_out) - bool(without_token)
    return opened, left_out[:split], left_out[split:]


def _defaults(
    connections: Sequence[Connection], resources: Collection[str], businesses: Businesses | None
) -> dict[str, Any]:
    """Return the arguments of `Books` that are not passed: from the environment, or of the demo."""
    basis = report_basis(connections[0])
    ids = [connection.id for connection in connections]
    if businesses is not None:
        check_known(businesses, ids)
    elif basis.businesses is not None:
        businesses = _of_these(basis.businesses, ids)
    vendors = None
    of_demo = demo_defaults(connections[0])
    if of_demo is not None and "vendors" not in resources:
        rows = [row for row in of_demo.vendors() if row[0] in ids]
        vendors = pd.DataFrame(rows, columns=["connection_id", "id", "name"], dtype=TEXT_DTYPE)
    return {
        "as_of": basis.as_of,
        "businesses": businesses,
        "vendors": vendors,
        "currency": basis.currency,
        "rates": basis.rates,
    }


def _offered(connections: Sequence[Connection]) -> set[str]:
    """Return the resources that any of the connections' dialects has."""
    return {name for connection in connections for name in offered(connection)}


def _of_these(businesses: Businesses, connections: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the businesses of a setting, without the connections that are not among these."""
    grouped = {name: [each for each in ids if each in connections] for name, ids in businesses.items()}
    return {name: ids for name, ids in grouped.items() if ids} or None
