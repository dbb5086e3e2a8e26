"""Accounting: the chart of accounts, postings, invoices, bills and expenses of a ledger."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Draft, Record, optional, required
from rutterframe.models.fields import CurrencyCode, Day, Id, Money, Number, Text, Unit, known

DocumentStatus = Annotated[Text, known("draft", "open", "paid", "voided")]


class Account(Record):
    """One account of the chart of accounts."""

    id: Id | None = optional("Identifies the account")
    name: Text | None = optional("The account's name in the ledger")
    type: Annotated[Text, known("asset", "liability", "equity", "revenue", "expense")] | None = optional(
        "The side of the accounting equation the account stands on"
    )
    currency: CurrencyCode | None = optional("The currency of the balance")
    balance: Money | None = optional("Today's balance, positive on the account's natural side")
    platform_id: Id | None = optional("The account's id on the platform itself")


class Transaction(Record):
    """One movement of money on an account."""

    id: Id | None = optional("Identifies the transaction")
    amount: Money | None = optional("Signed: positive raises the account's balance, negative lowers it")
    currency: CurrencyCode | None = optional("The currency of the amount")
    date: Day | None = optional("The day the transaction was posted")
    description: Text | None = optional("What the platform says it was for")
    type: Text | None = optional("The platform's word for the kind of movement")
    account_id: Id | None = optional("The account it was posted to")


class LineItem(Record):
    """One line of an invoice or a bill."""

    description: Text | None = optional("What was sold or bought")
    quantity: Annotated[Number, Unit("pieces, or whatever the line counts")] | None = optional(
        "How many; may be a fraction"
    )
    unit_price: Money | None = optional("Price of one")
    total_amount: Money | None = optional("What the line adds to the document")


class Invoice(Record):
    """A sales invoice: money a customer owes."""

    id: Id | None = optional("Identifies the invoice")
    customer_id: Id | None = optional("The customer who owes")
    status: DocumentStatus | None = optional(
        "Where the invoice stands; live systems also send partially_paid and others"
    )
    amount_due: Money | None = optional("What remains to be paid today; negative for a credit note")
    currency: CurrencyCode | None = optional("The currency of every amount of the invoice")
    due_date: Day | None = optional("The day payment is due; null where no terms were agreed")
    line_items: list[LineItem] | None = optional("What was invoiced, line by line")


class InvoiceCreate(Draft):
    """An invoice to be written to the ledger."""

    customer_id: Id = required("The customer who will owe")
    currency: CurrencyCode | None = optional("The currency; the ledger's own when left out")
    due_date: Day | None = optional("The day payment is due")
    line_items: list[LineItem] = required("What is invoiced, line by line")


class Bill(Record):
    """A vendor's bill: money the business owes."""

    id: Id | None = optional("Identifies the bill")
    vendor_id: Id | None = optional("The vendor who is owed")
    status: DocumentStatus | None = optional(
        "Where the bill stands; live systems also send partially_paid and others"
    )
    amount_due: Money | None = optional("What remains to be paid today; negative for a vendor credit")
    currency: CurrencyCode | None = optional("The currency of every amount of the bill")
    due_date: Day | None = optional("The day payment is due; null where no terms were agreed")
    line_items: list[LineItem] | None = optional("What was billed, line by line")


class BillCreate(Draft):
    """A bill to be written to the ledger."""

    vendor_id: Id = required("The vendor who will be owed")
    currency: CurrencyCode | None = optional("The currency; the ledger's own when left out")
    due_date: Day | None = optional("The day payment is due")
    line_items: list[LineItem] = required("What is billed, line by line")


class Expense(Record):
    """Money spent without a bill: card payments, fees, subscriptions."""

    id: Id | None = optional("Identifies the expense")
    amount: Money | None = optional("What was spent; positive is spending, negative a refund")
    currency: CurrencyCode | None = optional("The currency of the amount")
    date: Day | None = optional("The day it was spent")
    description: Text | None = optional("What it was for")
    category: Text | None = optional("The ledger's category of spending")
    account_id: Id | None = optional("The account it was posted to")
