"""Loaders for the financial statements of a ledger, which only the live dialect has."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
def load_balance_sheets(
    connections: Connections,
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the balance sheets of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each balance sheet, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_balance_sheets(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("balance_sheets", connections, options, start_date=start_date, end_date=end_date)


@complete_docstring
def load_income_statements(
    connections: Connections,
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the income statements of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each income statement, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_income_statements(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("income_statements", connections, options, start_date=start_date, end_date=end_date)


@complete_docstring
def load_cash_flow_statements(
    connections: Connections,
    *,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the cash flow statements of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each cash flow statement, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_cash_flow_statements(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("cash_flow_statements", connections, options, start_date=start_date, end_date=end_date)
