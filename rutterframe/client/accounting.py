"""Invoices and bills of a ledger, as attributes of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rutterframe.client.resources import RetrievableResource, refuse_contract
from rutterframe.client.writing import ResourceWithLines, write_method
from rutterframe.models import Bill, Invoice, LineItem

Line = LineItem | Mapping[str, Any]


class Invoices(RetrievableResource[Invoice], ResourceWithLines[Invoice]):
    """The invoices of a connection."""

    @write_method
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
            The lines of the invoice: ``description``, ``quantity``, ``unit_price``, ``total_amount``.
        currency : str, optional
            The ISO 4217 code; the ledger's own when left out.
        due_date : date or str, optional
            The date payment is due, as a date or YYYY-MM-DD.
        idempotency_key : str, optional
            With the same key and the same fields the invoice is written once at most. When left out, a new
            one is created, used for every retry, and named in the error if all responses are lost.

        Raises
        ------
        {raises}

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


class Bills(RetrievableResource[Bill], ResourceWithLines[Bill]):
    """The bills of a connection."""

    def retrieve(self, record_id: str) -> Bill:
        """Return one bill; in the live dialect only.

        Parameters
        ----------
        record_id : str
            The bill's id.

        Raises
        ------
        NotFound
            If this connection has no such bill.
        ConfigurationError
            In the contract.
        """
        refuse_contract(self._request, "bills.retrieve")
        return super().retrieve(record_id)

    @write_method
    def create(
        self,
        *,
        vendor_id: str,
        line_items: Sequence[Line],
        currency: str | None = None,
        due_date: date | str | None = None,
    ) -> Bill:
        """Write a bill to the ledger; the request is sent once, and never repeated by itself.

        Parameters
        ----------
        vendor_id : str
            The vendor who will be owed.
        line_items : sequence of LineItem or mapping
            The lines of the bill: ``description``, ``quantity``, ``unit_price``, ``total_amount``.
        currency : str, optional
            The ISO 4217 code; the ledger's own when left out.
        due_date : date or str, optional
            The date payment is due, as a date or YYYY-MM-DD.

        Raises
        ------
        {raises}

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
