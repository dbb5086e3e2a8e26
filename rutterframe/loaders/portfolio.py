"""Loaders for a whole portfolio: its connections, and all ten resources of them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from rutterframe.client import Client
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import LoadJob
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options, as_connections, read_resources
from rutterframe.loaders.requests import requests_of
from rutterframe.models import RESOURCES


@complete_docstring
def load_connections(
    client: Client, *, on_invalid: OnInvalid = "raise", progress: bool | None = None
) -> pd.DataFrame:
    """Load the connections that a client's credentials can see.

    Parameters
    ----------
    client : Client
        The client with the credentials.
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each connection, with a RangeIndex.

        =============  ===================  ==================================================================
        name           dtype                meaning
        =============  ===================  ==================================================================
        connection_id  str                  the same as id, so that frames can be joined by it
        id             str                  identifies the connection; every loaded row carries it as
                                            connection_id
        platform       str                  the platform's name, such as quickbooks, shopify or amazon
        status         str                  whether data can be read: only an active connection is fresh
                                            (active, inactive, error)
        created_at     datetime64[us, UTC]  when the connection was created
        updated_at     datetime64[us, UTC]  when the connection last changed
        =============  ===================  ==================================================================

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     connections = rf.load_connections(client, progress=False)
    >>> connections.loc[connections["status"] == "error", "id"].tolist()
    ['roaster-netsuite-old']
    """
    if not isinstance(client, Client):
        raise TypeError(
            f"load_connections takes a Client, but this is {type(client).__name__}: pass rf.Client()"
        )
    options = Options(on_invalid, "raise", progress)
    request = client.connections.listing()
    frame = LoadJob([request], options, "connections").run()["connections"]
    known = frame.dropna(subset=["id", "platform"])
    request.session.platforms.update(zip(known["id"], known["platform"], strict=True))
    return frame


@complete_docstring
def load_all(
    connections: Connections,
    *,
    resources: Iterable[str] = RESOURCES,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> dict[str, pd.DataFrame]:
    """Load all ten resources of one connection or many, side by side.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        The connections to load from, at least one; many are loaded side by side.
    resources : iterable of str
        The resources to load: the ten that both dialects have when left out. Those that only the live
        dialect has, such as "vendors" and "invoice_credit_memos", are loaded where they are named.
    {parameters}

    Returns
    -------
    dict of str to pandas.DataFrame
        The frames by resource, each as its own loader returns it: accounts, transactions, invoices, bills,
        expenses, orders, products, customers, bank_accounts, ad_accounts.

    Raises
    ------
    ValueError
        If there is no such resource, or none is named.
    ConfigurationError
        If the dialect of the connections does not have a resource.
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frames = rf.load_all(client.connection("roaster-bank"), progress=False)
    >>> len(frames)
    10
    """
    names = read_resources(resources)
    requests = requests_of(names, as_connections(connections))
    return LoadJob(requests, Options(on_invalid, on_error, progress, not_offered), names).run()
