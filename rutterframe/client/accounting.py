"""The documents of a ledger: invoices and bills, to be read and to be written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from rutterframe.client.resources import R, RetrievableResource
from rutterframe.client.writing import CreatableResource, names_checked
from rutterframe.models import Bill, Invoice, LineItem

Line = LineItem | Mapping[str, Any]


class ResourceWithLines(CreatableResource[R]):
    """A resource whose records have lines."""

    def create_many(
        self,
        frame: pd.DataFrame,
        lines: pd.DataFrame | None = None,
        *,
        key: str | None = None,
        dry_run: bool = True,
        resume: pd.DataFrame | BaseException | None = None,
        send_again: Collection[object] = (),
    ) -> pd.DataFrame:
        """Create a record for each row of a frame; by default only check them, and send nothing.

        First look at the result of the dry run; then pass ``dry_run=False``, and that result as ``resume=``.
        The records are sent one by one. If that stops in the middle, the exception carries the result so far
        as its ``partial``: with ``resume=`` only what has no id yet is sent.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row for each record. The columns are the fields of ``create``, and the key; an empty cell is a
            field that is left out. Money is sent as it reads: 12.34 as 12.34.
        lines : pandas.DataFrame, optional
            One row for each line: its fields, and the key of its record. Without it the frame has a column
            ``line_items``.
        key : str, optional
            The column of both frames that says which record it is, such as an invoice number. It is not sent,
            unless it is a field. The frame's index when left out.
        dry_run : bool
            Whether only to check.
        resume : pandas.DataFrame or exception, optional
            An earlier result, or the exception that carries it.
        send_again : collection
            The records of unknown outcome that are to be sent again. For invoices that is not needed: with
            their idempotency key they are sent again safely. Others could be created twice, so look first
            whether they are there; if so, put their id into the result.

        Returns
        -------
        pandas.DataFrame
            One row for each record, with the frame's index; all columns are text. To keep it in a file, use
            Parquet, or read a CSV with ``dtype="str"``.

            ===============  ============================================================================
            name             meaning
            ===============  ============================================================================
            connection_id    the connection
            record           the record's key, or its index
            status           valid: not sent yet; invalid: refused, see error; created; skipped: it was
                             created before; unknown: sent, but the answer was lost
            id               of the record that was created
            error            why it was not, or not for sure
            idempotency_key  for invoices: with it, sending again creates nothing twice
            fingerprint      stands for the record's fields
            ===============  ============================================================================

        Raises
        ------
        InvalidDraft
            If the frames do not fit: a column is no field, a key stands twice, a line belongs to no record.
        RutterframeError
            If nothing more can be sent: the credentials were refused, a limit was reached, nobody answers, or
            three answers in a row were lost. Its ``partial`` is the result.
        WriteInterrupted
            On Ctrl-C; its ``partial`` is the result.

        Examples
        --------
        >>> import pandas as pd
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     books = client.connection("roaster-quickbooks")
        ...     customer = next(books.customers.list()).id
        ...     new = pd.DataFrame({"number": ["A-1", "A-2"], "customer_id": [customer, None]})
        ...     lines = pd.DataFrame({"number": ["A-1", "A-2"], "total_amount": [12.34, 5.0]})
        ...     checked = books.invoices.create_many(new, lines, key="number")
        ...     done = books.invoices.create_many(new, lines, key="number", dry_run=False, resume=checked)
        >>> checked["status"].tolist(), checked["error"].tolist()[1]
        (['valid', 'invalid'], 'customer_id is missing')
        >>> done["status"].tolist()
        ['created', 'invalid']
        """
        return self._create_many(frame, lines, key, dry_run=dry_run, resume=resume, send_again=send_again)


class Invoices(RetrievableResource[Invoice], ResourceWithLines[Invoice]):
    """The invoices of a connection."""

    @names_checked
    def create(
        self,
        *,
        customer_id: str,
        line_items: Sequence[Line],
        currency: str | None = None,
        due_date: date | str | None = None,
        idempotency_key: str | None = None,
    ) -> Invoice:
        """Write an invoice to the ledger.

        Parameters
        ----------
        customer_id : str
            The customer who will owe.
        line_items : sequence of LineItem or mapping
            What is invoiced: ``description``, ``quantity``, ``unit_price``, ``total_amount``.
        currency : str, optional
            The ISO 4217 code; the ledger's own when left out.
        due_date : date or str, optional
            The day payment is due, as a date or YYYY-MM-DD.
        idempotency_key : str, optional
            With the same key and the same fields the invoice is written once at most. One is made when left
            out, kept for every retry, and named in the error if all answers are lost.

        Raises
        ------
        InvalidDraft
            If a field does not exist, is missing, or holds something else; nothing is sent.
        OutcomeUnknown
            If it may or may not have been written.
        APIError, TransportError
            If it was not written.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     books = client.connection("roaster-quickbooks")
        ...     customer = next(books.customers.list()).id
        ...     line = {"description": "Beans", "quantity": 2, "unit_price": 6.17}
        ...     invoice = books.invoices.create(customer_id=customer, line_items=[line])
        >>> invoice.status, invoice.amount_due
        ('open', 12.34)
        """
        fields = {
            "customer_id": customer_id,
            "line_items": line_items,
            "currency": currency,
            "due_date": due_date,
        }
        return self._create(fields, idempotency_key)


class Bills(ResourceWithLines[Bill]):
    """The bills of a connection."""

    @names_checked
    def create(
        self,
        *,
        vendor_id: str,
        line_items: Sequence[Line],
        currency: str | None = None,
        due_date: date | str | None = None,
    ) -> Bill:
        """Write a bill to the ledger; it is sent once, and never again by itself.

        Parameters
        ----------
        vendor_id : str
            The vendor who will be owed.
        line_items : sequence of LineItem or mapping
            What is billed: ``description``, ``quantity``, ``unit_price``, ``total_amount``.
        currency : str, optional
            The ISO 4217 code; the ledger's own when left out.
        due_date : date or str, optional
            The day payment is due, as a date or YYYY-MM-DD.

        Raises
        ------
        InvalidDraft
            If a field does not exist, is missing, or holds something else; nothing is sent.
        OutcomeUnknown
            If it may or may not have been written; look for it before you send it again.
        APIError, TransportError
            If it was not written.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     books = client.connection("roaster-quickbooks")
        ...     vendor = next(books.bills.list()).vendor_id
        ...     bill = books.bills.create(
        ...         vendor_id=vendor, due_date="2026-07-31", line_items=[{"total_amount": 99.5}]
        ...     )
        >>> bill.amount_due, bill.due_date
        (99.5, datetime.date(2026, 7, 31))
        """
        fields = {
            "vendor_id": vendor_id,
            "line_items": line_items,
            "currency": currency,
            "due_date": due_date,
        }
        return self._create(fields)
