"""Loaders for a whole portfolio: its connections, and all ten resources of them."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Client
from rutterframe.frames import OnInvalid
from rutterframe.loaders.job import LoadJob
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options, as_connections
from rutterframe.models import RESOURCES


def load_connections(
    client: Client, *, on_invalid: OnInvalid = "raise", progress: bool | None = None
) -> pd.DataFrame:
    """Load the connections that a client's credentials can see.

    Parameters
    ----------
    client : Client
        Whose.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read without guessing: raise `InvalidRows`, or load the others
        and count and explain the refused ones in the receipt.
    progress : bool
        Whether to show a progress bar with pages and rows.

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
    InvalidRows
        If rows cannot be read, unless they are to be quarantined.
    APIError, TransportError, InvalidResponse
        If a page cannot be had.

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


def load_all(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> dict[str, pd.DataFrame]:
    """Load all ten resources of one connection or many, side by side.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        Whose.
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read without guessing: raise `InvalidRows`, or load the others
        and count and explain the refused ones in the receipt.
    on_error : {"raise", "skip"}
        What to do when a connection fails: raise after the others have finished, or leave what failed out
        and say so in the receipts.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that the platforms do not have, or those that each does not have by connection id: they are
        not asked for.
    progress : bool
        Whether to show a progress bar with pages and rows.

    Returns
    -------
    dict of str to pandas.DataFrame
        The frames by resource, each as its own loader gives it: accounts, transactions, invoices, bills,
        expenses, orders, products, customers, bank_accounts, ad_accounts.

    Raises
    ------
    LoadError
        If something could not be loaded, naming each connection and resource.
    LoadInterrupted
        On Ctrl-C; `resume` goes on from there.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frames = rf.load_all(client.connection("roaster-bank"), progress=False)
    >>> len(frames)
    10
    """
    opened = as_connections(connections)
    requests = [connection.listing(resource) for resource in RESOURCES for connection in opened]
    return LoadJob(requests, Options(on_invalid, on_error, progress, not_offered)).run()
