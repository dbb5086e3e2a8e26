"""Loaders for bank feeds, and for payments, payouts and stores of shops: only the live dialect has them."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
def load_bank_transactions(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the bank feed of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each movement on a bank account, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_bank_transactions(client.connection("roaster-bank"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "bank_transactions",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_shop_payments(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the payments of a shop of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each payment, refund or fee, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_shop_payments(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("shop_payments", connections, options, updated_at_min=updated_at_min)


@complete_docstring
def load_payouts(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the payouts of a shop of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each payout to the bank, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_payouts(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("payouts", connections, options)


@complete_docstring
def load_stores(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the stores of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each shop, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_stores(client.connection("roaster-shopify"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("stores", connections, options)
