"""Invoices and bills of a ledger, as attributes of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rutterframe.client.resources import RetrievableResource, refuse_contract
from rutterframe.client.writing import ResourceWithLines, only_live, write_method
from rutterframe.models import Bill, Invoice, LineItem

Line = LineItem | Mapping[str, Any]


class Invoices(RetrievableResource[Invoice], ResourceWithLines[Invoice]):
    """The invoices of a connection."""

    @write_method
    @only_live("issue_date", "document_number", "memo", "payment_terms_id", "account_id")
    def create(  # noqa: PLR0913 - the fields of an invoice
        self,
        *,
        customer_id: str,
        line_items: Sequence[Line],
        currency: str | None = None,
        due_date: date | str | None = None,
        idempotency_key: str | None = None,
        issue_date: date | str | None = None,
        document_number: str | None = None,
        memo: str | None = None,
        payment_terms_id: str | None = None,
        account_id: str | None = None,
    ) -> Invoice:
        """Write an invoice to the ledger.

        The live service needs ``issue_date``, ``currency`` and each line's ``total_amount``. A line may also
        have ``item_id``, ``account_id``, ``discount_amount`` and ``tax_rate_id`` there.

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
        issue_date : date or str, optional
            The day on the invoice; only in the live dialect, as are the following.
        document_number, memo : str, optional
            The number on the invoice, and a note.
        payment_terms_id, account_id : str, optional
            The terms of payment, and the account receivable.

        Returns
        -------
        Invoice
            The invoice as the ledger has it, with its id.

        Raises
        ------
        {raises}
        {live}

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
        live = {
            "issue_date": issue_date,
            "document_number": document_number,
            "memo": memo,
            "payment_terms_id": payment_terms_id,
            "account_id": account_id,
        }
        return self._create(fields, live, idempotency_key)

    @write_method
    def update(  # noqa: PLR0913 - the fields of an invoice
        self,
        invoice_id: str,
        *,
        customer_id: str | None = None,
        issue_date: date | str | None = None,
        due_date: date | str | None = None,
        currency: str | None = None,
        document_number: str | None = None,
        memo: str | None = None,
        status: str | None = None,
        line_items: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Invoice:
        """Change an invoice of a live ledger; fields that are left out stay. The contract has no such call.

        Parameters
        ----------
        invoice_id : str
            The invoice.
        customer_id : str, optional
            The new customer.
        issue_date, due_date : date or str, optional
            The new days.
        currency, document_number, memo : str, optional
            Their new values.
        status : str, optional
            The new status: draft, submitted, open or voided.
        line_items : sequence of LineItem or mapping, optional
            All lines, which replace the former ones.
        idempotency_key : str, optional
            With the same key and the same fields the invoice is changed once at most.

        Returns
        -------
        Invoice
            The invoice as the ledger has it now.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     invoices = client.connection("roaster-quickbooks").invoices
        ...     invoices.update(next(invoices.list()).id, memo="paid by cheque").memo
        'paid by cheque'
        """
        fields = {
            "customer_id": customer_id,
            "issue_date": issue_date,
            "due_date": due_date,
            "currency": currency,
            "document_number": document_number,
            "memo": memo,
            "status": status,
            "line_items": line_items,
        }
        return self._update(invoice_id, fields, idempotency_key)


class Bills(RetrievableResource[Bill], ResourceWithLines[Bill]):
    """The bills of a connection."""

    def retrieve(self, record_id: str) -> Bill:
        """Return one bill; in the live dialect only.

        Parameters
        ----------
        record_id : str
            The bill's id.

        Returns
        -------
        Bill
            The bill.

        Raises
        ------
        NotFound
            If this connection has no such bill.
        ConfigurationError
            In the contract.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     bills = client.connection("roaster-quickbooks").bills
        ...     first = next(bills.list())
        ...     bills.retrieve(first.id).id == first.id
        True
        """
        refuse_contract(self._request, "bills.retrieve")
        return super().retrieve(record_id)

    @write_method
    @only_live("idempotency_key", "issue_date", "document_number", "memo", "payment_terms_id", "account_id")
    def create(  # noqa: PLR0913 - the fields of a bill
        self,
        *,
        vendor_id: str,
        line_items: Sequence[Line],
        currency: str | None = None,
        due_date: date | str | None = None,
        idempotency_key: str | None = None,
        issue_date: date | str | None = None,
        document_number: str | None = None,
        memo: str | None = None,
        payment_terms_id: str | None = None,
        account_id: str | None = None,
    ) -> Bill:
        """Write a bill to the ledger; in the contract the request is sent once, and never repeated by itself.

        The live service needs ``issue_date``, ``currency`` and each line's ``total_amount``. A line may also
        have ``item_id``, ``account_id``, ``discount_amount`` and ``tax_rate_id`` there.

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
        idempotency_key : str, optional
            With the same key and the same fields the bill is written once at most; only in the live dialect,
            as are the following. When left out, a new one is created.
        issue_date : date or str, optional
            The day on the bill.
        document_number, memo : str, optional
            The number on the bill, and a note.
        payment_terms_id, account_id : str, optional
            The terms of payment, and the account payable.

        Returns
        -------
        Bill
            The bill as the ledger has it, with its id.

        Raises
        ------
        {raises}
        {live}

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
        live = {
            "issue_date": issue_date,
            "document_number": document_number,
            "memo": memo,
            "payment_terms_id": payment_terms_id,
            "account_id": account_id,
        }
        return self._create(fields, live, idempotency_key)

    @write_method
    def update(  # noqa: PLR0913 - the fields of a bill
        self,
        bill_id: str,
        *,
        vendor_id: str | None = None,
        issue_date: date | str | None = None,
        due_date: date | str | None = None,
        document_number: str | None = None,
        memo: str | None = None,
        status: str | None = None,
        line_items: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Bill:
        """Change a bill of a live ledger; fields that are left out stay. The contract has no such request.

        Parameters
        ----------
        bill_id : str
            The bill.
        vendor_id : str, optional
            The new vendor.
        issue_date, due_date : date or str, optional
            The new days.
        document_number, memo : str, optional
            Their new values.
        status : str, optional
            The new status: submitted or open.
        line_items : sequence of LineItem or mapping, optional
            All lines, which replace the former ones.
        idempotency_key : str, optional
            With the same key and the same fields the bill is changed once at most.

        Returns
        -------
        Bill
            The bill as the ledger has it now.

        Raises
        ------
        {raises}
        {live}

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo(dialect="live") as client:
        ...     bills = client.connection("roaster-quickbooks").bills
        ...     bills.update(next(bills.list()).id, memo="approved").memo
        'approved'
        """
        fields = {
            "vendor_id": vendor_id,
            "issue_date": issue_date,
            "due_date": due_date,
            "document_number": document_number,
            "memo": memo,
            "status": status,
            "line_items": line_items,
        }
        return self._update(bill_id, fields, idempotency_key)
