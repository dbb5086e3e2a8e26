"""Loaders for the ledger: the chart of accounts, transactions and expenses."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


def load_accounts(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the chart of accounts of one connection or many: every page, or an error.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        Whose, at least one; many are loaded side by side.
    on_invalid : {"raise", "quarantine"}
        Whether rows that cannot be read raise `InvalidRows`, or are left out and told in the receipt.
    on_error : {"raise", "skip"}
        Whether a connection that fails raises, after the others, or is left out and told in the receipt.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that the platforms do not have, or those that each does not have by connection id: they are
        not asked for.
    progress : bool
        Whether to show a progress bar with pages and rows.

    Returns
    -------
    pandas.DataFrame
        One row for each account, with a RangeIndex.

        =============  =======  ==============================================================================
        name           dtype    meaning
        =============  =======  ==============================================================================
        connection_id  str      the connection it was loaded from; never null
        id             str      identifies the account
        name           str      the account's name in the ledger
        type           str      the side of the accounting equation the account stands on (asset, liability,
                                equity, revenue, expense)
        currency       str      the currency of the balance
        balance        float64  Today's balance, positive on the account's natural side
        platform_id    str      the account's id on the platform itself
        =============  =======  ==============================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). What was not sent is null; unknown
        enum values are kept. The schema is the same for no rows, one connection or many.
        ``frame.attrs["receipt"]`` proves that every page was read.

    Raises
    ------
    InvalidRows
        If rows cannot be read, unless they are to be quarantined.
    APIError, TransportError, InvalidResponse
        If a page cannot be had; `LoadError` where several connections were loaded.
    LoadInterrupted
        On Ctrl-C; `resume` goes on from there.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_accounts(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("accounts", connections, Options(on_invalid, on_error, progress, not_offered))


def load_transactions(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the movements of money of one connection or many: every page, or an error.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        Whose, at least one; many are loaded side by side.
    updated_at_min : datetime, date or str, optional
        Only what changed since. Without a time zone it is read as UTC, with a `NaiveDatetimeWarning`.
    on_invalid : {"raise", "quarantine"}
        Whether rows that cannot be read raise `InvalidRows`, or are left out and told in the receipt.
    on_error : {"raise", "skip"}
        Whether a connection that fails raises, after the others, or is left out and told in the receipt.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that the platforms do not have, or those that each does not have by connection id: they are
        not asked for.
    progress : bool
        Whether to show a progress bar with pages and rows.

    Returns
    -------
    pandas.DataFrame
        One row for each transaction, with a RangeIndex.

        =============  ==============  =======================================================================
        name           dtype           meaning
        =============  ==============  =======================================================================
        connection_id  str             the connection it was loaded from; never null
        id             str             identifies the transaction
        amount         float64         Signed: positive raises the account's balance, negative lowers it
        currency       str             the currency of the amount
        date           datetime64[us]  the day the transaction was posted
        description    str             what the platform says it was for
        type           str             the platform's word for the kind of movement
        account_id     str             the account it was posted to
        =============  ==============  =======================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). What was not sent is null; unknown
        enum values are kept. The schema is the same for no rows, one connection or many.
        ``frame.attrs["receipt"]`` proves that every page was read.

    Raises
    ------
    InvalidFilter
        If a filter does not take the value.
    InvalidRows
        If rows cannot be read, unless they are to be quarantined.
    APIError, TransportError, InvalidResponse
        If a page cannot be had; `LoadError` where several connections were loaded.
    LoadInterrupted
        On Ctrl-C; `resume` goes on from there.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_transactions(client.connection("roaster-bank"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load(
        "transactions",
        connections,
        Options(on_invalid, on_error, progress, not_offered),
        updated_at_min=updated_at_min,
    )


def load_expenses(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the expenses of one connection or many: every page, or an error.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        Whose, at least one; many are loaded side by side.
    on_invalid : {"raise", "quarantine"}
        Whether rows that cannot be read raise `InvalidRows`, or are left out and told in the receipt.
    on_error : {"raise", "skip"}
        Whether a connection that fails raises, after the others, or is left out and told in the receipt.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that the platforms do not have, or those that each does not have by connection id: they are
        not asked for.
    progress : bool
        Whether to show a progress bar with pages and rows.

    Returns
    -------
    pandas.DataFrame
        One row for each expense, with a RangeIndex.

        =============  ==============  =======================================================================
        name           dtype           meaning
        =============  ==============  =======================================================================
        connection_id  str             the connection it was loaded from; never null
        id             str             identifies the expense
        amount         float64         what was spent; positive is spending, negative a refund
        currency       str             the currency of the amount
        date           datetime64[us]  the day it was spent
        description    str             what it was for
        category       str             the ledger's category of spending
        account_id     str             the account it was posted to
        =============  ==============  =======================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). What was not sent is null; unknown
        enum values are kept. The schema is the same for no rows, one connection or many.
        ``frame.attrs["receipt"]`` proves that every page was read.

    Raises
    ------
    InvalidRows
        If rows cannot be read, unless they are to be quarantined.
    APIError, TransportError, InvalidResponse
        If a page cannot be had; `LoadError` where several connections were loaded.
    LoadInterrupted
        On Ctrl-C; `resume` goes on from there.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_expenses(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("expenses", connections, Options(on_invalid, on_error, progress, not_offered))
