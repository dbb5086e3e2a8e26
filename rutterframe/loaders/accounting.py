"""Loaders for accounting: the chart of accounts, transactions, expenses, invoices and bills."""

from __future__ import annotations

import pandas as pd

from rutterframe.client import Moment
from rutterframe.frames import OnInvalid
from rutterframe.loaders.docstrings import complete_docstring
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


@complete_docstring
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
    {parameters}

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

        Amounts are in major units of ``currency`` (dollars, not cents).

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_accounts(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("accounts", connections, Options(on_invalid, on_error, progress, not_offered))


@complete_docstring
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
    {parameters}

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

        Amounts are in major units of ``currency`` (dollars, not cents).

        {frame}

    Raises
    ------
    {raises}

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


@complete_docstring
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
    {parameters}

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

        Amounts are in major units of ``currency`` (dollars, not cents).

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_expenses(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("expenses", connections, Options(on_invalid, on_error, progress, not_offered))


@complete_docstring
def load_invoices(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the sales invoices of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each invoice, with a RangeIndex.

        =============  ==============  =======================================================================
        name           dtype           meaning
        =============  ==============  =======================================================================
        connection_id  str             the connection it was loaded from; never null
        id             str             identifies the invoice
        customer_id    str             the customer who owes
        status         str             where the invoice stands; live systems also send partially_paid and
                                       others (draft, open, paid, voided)
        amount_due     float64         what remains to be paid today; negative for a credit note
        currency       str             the currency of every amount of the invoice
        due_date       datetime64[us]  the day payment is due; null where no terms were agreed
        line_items     list<struct>    what was invoiced, line by line
        =============  ==============  =======================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). ``rf.line_items(frame)`` gives
        ``line_items`` as a frame of its own.

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("invoices", connections, Options(on_invalid, on_error, progress, not_offered))


@complete_docstring
def load_bills(
    connections: Connections,
    *,
    on_invalid: OnInvalid = "raise",
    on_error: OnError = "raise",
    not_offered: NotOffered = (),
    progress: bool | None = None,
) -> pd.DataFrame:
    """Load the vendors' bills of one connection or many: every page, or an error.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    pandas.DataFrame
        One row for each bill, with a RangeIndex.

        =============  ==============  =======================================================================
        name           dtype           meaning
        =============  ==============  =======================================================================
        connection_id  str             the connection it was loaded from; never null
        id             str             identifies the bill
        vendor_id      str             the vendor who is owed
        status         str             where the bill stands; live systems also send partially_paid and others
                                       (draft, open, paid, voided)
        amount_due     float64         what remains to be paid today; negative for a vendor credit
        currency       str             the currency of every amount of the bill
        due_date       datetime64[us]  the day payment is due; null where no terms were agreed
        line_items     list<struct>    what was billed, line by line
        =============  ==============  =======================================================================

        Amounts are in major units of ``currency`` (dollars, not cents). ``rf.line_items(frame)`` gives
        ``line_items`` as a frame of its own.

        {frame}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     frame = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("bills", connections, Options(on_invalid, on_error, progress, not_offered))
