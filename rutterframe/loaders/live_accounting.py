"""Loaders for what only the live dialect has of a ledger, such as vendors, payments and credit memos."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
def load_vendors(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the vendors of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each vendor, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_vendors(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "vendors", connections, options, updated_at_min=updated_at_min, last_synced_at_min=last_synced_at_min
    )


@complete_docstring
def load_invoice_payments(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the customers' payments of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each payment of a customer, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_invoice_payments(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "invoice_payments",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_bill_payments(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the payments to vendors of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each payment to a vendor, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_bill_payments(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "bill_payments",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_invoice_credit_memos(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the credit memos to customers of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each credit memo to a customer, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_invoice_credit_memos(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "invoice_credit_memos",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_bill_credit_memos(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the vendors' credit memos of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each credit memo of a vendor, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_bill_credit_memos(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "bill_credit_memos",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_payment_terms(
    connections: Connections,
    *,
    updated_at_min: Moment | None = None,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the payment terms of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each payment term, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_payment_terms(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load(
        "payment_terms",
        connections,
        options,
        updated_at_min=updated_at_min,
        last_synced_at_min=last_synced_at_min,
    )


@complete_docstring
def load_company_info(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load what a ledger states about its company of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each ledger, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_company_info(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("company_info", connections, options)


@complete_docstring
def load_events(
    connections: Connections,
    *,
    last_synced_at_min: Moment | None = None,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the deletions that the service recorded of one connection or many: only in the live dialect.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each record that was deleted, with a RangeIndex.

        {columns}

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo(dialect="live") as client:
    ...     frame = rf.load_events(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    options = Options(on_invalid, on_error, progress, not_offered)
    return load("events", connections, options, last_synced_at_min=last_synced_at_min)
