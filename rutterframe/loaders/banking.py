"""Loaders for banks."""

from __future__ import annotations

import pandas as pd

from rutterframe.frames import OnInvalid
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


def load_bank_accounts(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the bank accounts of one connection or many: every page, or an error.

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
        One row for each bank account, with a RangeIndex.

        ================  =======  ===========================================================================
        name              dtype    meaning
        ================  =======  ===========================================================================
        connection_id     str      the connection it was loaded from; never null
        id                str      identifies the bank account
        name              str      the account's name
        type              str      the kind of account (checking, savings)
        balance           float64  Today's balance; negative when overdrawn
        currency          str      the currency of the balance
        institution_name  str      the bank
        ================  =======  ===========================================================================

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
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("bank_accounts", connections, Options(on_invalid, on_error, progress, not_offered))
