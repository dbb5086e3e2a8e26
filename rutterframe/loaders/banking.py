"""Loaders for banks."""

from __future__ import annotations

import pandas as pd

from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
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
    {parameters}

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

        Amounts are in major units of ``currency`` (dollars, not cents).

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("bank_accounts", connections, Options(on_invalid, on_error, progress, not_offered))
