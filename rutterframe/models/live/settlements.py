"""Settlements, live: payments and credit memos of invoices and bills."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import CurrencyCode, Day, Id, Money, Text, Timestamp, known
from rutterframe.models.live.accounting import CurrencyRate


class AppliedAmount(Record):
    """What a payment or a credit memo settles of one document."""

    id: Id | None = optional("The invoice or bill")
    date: Day | None = optional("The day from which it counts")
    amount: Money | None = optional("What it settles of the document, positive")


class _Payment(Record):
    """The columns of payments of invoices and bills."""

    date: Day | None = optional("The day of the payment")
    amount: Money | None = optional("What was paid, positive")
    currency: CurrencyCode | None = optional("The currency of the amounts")
    currency_rate: CurrencyRate | None = optional("The exchange rate of the payment")
    account_id: Id | None = optional("The account that the money came into or left")
    documents: list[AppliedAmount] | None = optional(
        "The documents that were paid; what is left of the amount is not applied yet"
    )
    updated_at: Timestamp | None = optional("When the payment last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the payment")


class _OfCustomer(Record):
    """The first columns of what belongs to a customer."""

    id: Id | None = optional("Identifies the record")
    customer_id: Id | None = optional("The customer in the ledger")


class _OfVendor(Record):
    """The first columns of what belongs to a vendor."""

    id: Id | None = optional("Identifies the record")
    vendor_id: Id | None = optional("The vendor")


# The columns of the class that is named last come first.
class InvoicePayment(_Payment, _OfCustomer):
    """Money that a customer paid."""


class BillPayment(_Payment, _OfVendor):
    """Money that was paid to a vendor."""

    status: Annotated[Text, known("active", "voided")] | None = optional("Whether the payment counts")


class _CreditMemo(Record):
    """The columns of credit memos."""

    amount: Money | None = optional("The whole credit, positive")
    remaining_amount: Money | None = optional("What is not applied to a document yet, positive")
    currency: CurrencyCode | None = optional("The currency of the amounts")
    issue_date: Day | None = optional("The day of the credit memo")
    document_number: Text | None = optional("The number on the credit memo")
    documents: list[AppliedAmount] | None = optional("The documents that the credit was applied to")
    updated_at: Timestamp | None = optional("When the credit memo last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the credit memo")


class _CustomerCredit(_OfCustomer):
    status: (
        Annotated[
            Text,
            known("open", "partially_applied", "applied", "draft", "submitted", "voided", "unknown"),
        ]
        | None
    ) = optional("Where the credit memo stands")


class _VendorCredit(_OfVendor):
    status: (
        Annotated[
            Text,
            known(
                "draft",
                "open",
                "partially_paid",
                "paid",
                "voided",
                "submitted",
                "pending_approval",
                "rejected",
                "unknown",
            ),
        ]
        | None
    ) = optional("Where the credit memo stands; paid if it is applied in full")


class InvoiceCreditMemo(_CreditMemo, _CustomerCredit):
    """A credit for a customer, which lowers what the customer owes."""


class BillCreditMemo(_CreditMemo, _VendorCredit):
    """A credit from a vendor, which lowers what the business owes."""
