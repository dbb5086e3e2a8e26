"""Loaders for advertising platforms."""

from __future__ import annotations

import pandas as pd

from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
def load_ad_accounts(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the ad accounts of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each ad account, with a RangeIndex.

        =============  =====  ================================================================================
        name           dtype  meaning
        =============  =====  ================================================================================
        connection_id  str    the connection it was loaded from; never null
        id             str    identifies the ad account
        name           str    the account's name
        platform       str    the advertising platform
        currency       str    the currency the account is billed in
        status         str    the platform's word for the account's state
        =============  =====  ================================================================================

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_ad_accounts(client.connection("roaster-google-ads"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("ad_accounts", connections, Options(on_invalid, on_error, progress, not_offered))
