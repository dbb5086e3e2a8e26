"""Loaders for the ledger's documents: invoices and bills."""

from __future__ import annotations

import pandas as pd

from rutterframe.frames import OnInvalid
from rutterframe.loaders.job import load
from rutterframe.loaders.not_offered import NotOffered
from rutterframe.loaders.options import Connections, OnError, Options


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
        ``line_items`` as a frame of its own. What was not sent is null; unknown enum values are kept. The
        schema is the same for no rows, one connection or many. ``frame.attrs["receipt"]`` proves that every
        page was read.

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
    ...     frame = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("invoices", connections, Options(on_invalid, on_error, progress, not_offered))


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
        ``line_items`` as a frame of its own. What was not sent is null; unknown enum values are kept. The
        schema is the same for no rows, one connection or many. ``frame.attrs["receipt"]`` proves that every
        page was read.

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
    ...     frame = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> frame.attrs["receipt"]["complete"]
    True
    """
    return load("bills", connections, Options(on_invalid, on_error, progress, not_offered))
