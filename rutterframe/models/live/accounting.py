"""Accounting, live: the contract's records with more columns, and vendors, terms and the business itself."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.accounting import Account, Bill, Expense, Invoice, LineItem
from rutterframe.models.base import Record, optional
from rutterframe.models.fields import (
    Count,
    CurrencyCode,
    Day,
    Id,
    Money,
    Number,
    Text,
    Timestamp,
    Unit,
    known,
)

#: Units of the ledger's own currency for one unit of the document's, or the other way: it is not documented.
CurrencyRate = Annotated[Number, Unit("rate to the ledger's own currency, direction not documented")]
MasterStatus = Annotated[Text, known("active", "archived", "unknown")]

_DOCUMENT_WORDS = (
    "draft", "open", "partially_paid", "paid", "voided", "submitted", "pending_approval", "rejected",
    "unknown",
)  # fmt: skip
DocumentStatus = Annotated[Text, known(*_DOCUMENT_WORDS)]


class LiveAccount(Account):
    """One account of the chart of accounts, with its type and number."""

    type: (
        Annotated[Text, known("asset", "liability", "equity", "revenue", "expense", "nonposting", "unknown")]
        | None
    ) = optional("The side of the accounting equation the account stands on")
    balance: Money | None = optional("Today's balance; its sign is the platform's, which is not documented")
    account_type: (
        Annotated[
            Text,
            known(
                "accounts_payable",
                "accounts_receivable",
                "bank",
                "fixed_asset",
                "other_asset",
                "other_current_asset",
                "liability",
                "equity",
                "expense",
                "other_expense",
                "income",
                "other_income",
                "credit_card",
                "cost_of_goods_sold",
                "other_current_liability",
                "long_term_liability",
                "non_posting",
                "unknown",
            ),
        ]
        | None
    ) = optional("What the account is for: bank, accounts_receivable and accounts_payable tie out")
    nominal_code: Text | None = optional("The account's number in the ledger")
    status: Annotated[Text, known("active", "inactive", "pending")] | None = optional(
        "Whether the account is in use"
    )
    parent_id: Id | None = optional("The account that this one is a part of")
    updated_at: Timestamp | None = optional("When the account last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the account")


class LiveLineItem(LineItem):
    """One line of an invoice or a bill, with its account, discount and tax."""

    item_id: Id | None = optional("The ledger's item that was sold or bought")
    account_id: Id | None = optional("The account that the line is posted to")
    sub_total: Money | None = optional("The line without tax")
    tax_amount: Money | None = optional("The tax of the line")
    discount_amount: Money | None = optional("The discount of the line")
    type: Annotated[Text, known("shipping")] | None = optional("What the line is if it is not an item")


class DocumentPayment(Record):
    """What settled an invoice or a bill, or a part of it."""

    id: Id | None = optional("The payment, credit memo or journal entry")
    date: Day | None = optional("The day from which it counts")
    amount: Money | None = optional("What it settles of this document, positive")
    kind: Annotated[Text, known("payment", "credit_memo", "journal_entry", "unknown")] | None = optional(
        "What settled it"
    )


class _DatedDocument(Record):
    """The columns that invoices and bills have on the live service only."""

    issue_date: Day | None = optional("The day of the document")
    document_number: Text | None = optional("The number on the document")
    total_amount: Money | None = optional("The whole document with tax, whatever was paid since")
    sub_total: Money | None = optional("The document without tax")
    tax_amount: Money | None = optional("The tax of the document")
    discount_amount: Money | None = optional("The discount of the document")
    payments: list[DocumentPayment] | None = optional(
        "What settled the document so far, each with its day; null if not sent"
    )
    payment_terms_id: Id | None = optional("The terms of payment")
    account_id: Id | None = optional("The control account in the ledger")
    memo: Text | None = optional("The note on the document")
    updated_at: Timestamp | None = optional("When the document last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the document")


# The columns of the class that is named last come first.
class LiveInvoice(_DatedDocument, Invoice):
    """A sales invoice with its day, total and payments. Credit notes are invoice credit memos."""

    status: DocumentStatus | None = optional("Where the invoice stands")
    amount_due: Money | None = optional("What remains to be paid today")
    line_items: list[LiveLineItem] | None = optional(  # type: ignore[assignment] # a line with more columns
        "What was invoiced, line by line"
    )


class LiveBill(_DatedDocument, Bill):
    """A vendor's bill with its day, total and payments. Vendor credits are bill credit memos."""

    status: DocumentStatus | None = optional("Where the bill stands")
    amount_due: Money | None = optional("What remains to be paid today")
    line_items: list[LiveLineItem] | None = optional(  # type: ignore[assignment] # a line with more columns
        "What was billed, line by line"
    )
    currency_rate: CurrencyRate | None = optional("The exchange rate of the bill")


class ExpenseLineItem(Record):
    """One line of an expense."""

    account_id: Id | None = optional("The account of the spending; its name is the category")
    description: Text | None = optional("What it was for")
    total_amount: Money | None = optional("What was spent, as sent: also positive in a refund")


class LiveExpense(Expense):
    """Money spent without a bill, or refunded, with its vendor and lines."""

    account_id: Id | None = optional("The account that paid, such as a card or a bank account")
    expense_type: Annotated[Text, known("expense", "refund")] | None = optional(
        "Whether money was spent or came back"
    )
    vendor_id: Id | None = optional("Who was paid")
    line_items: list[ExpenseLineItem] | None = optional("What the expense consists of")
    currency_rate: CurrencyRate | None = optional("The exchange rate of the expense")
    updated_at: Timestamp | None = optional("When the expense last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the expense")


class Vendor(Record):
    """Who the business buys from."""

    id: Id | None = optional("Identifies the vendor")
    name: Text | None = optional("The vendor's name; else the name it is shown by, or of the contact")
    email: Text | None = optional("The vendor's e-mail address")
    phone: Text | None = optional("The vendor's telephone number")
    created_at: Timestamp | None = optional("When the vendor was created")
    status: MasterStatus | None = optional("Whether the vendor is in use")
    currency: CurrencyCode | None = optional("The currency of the vendor's bills; null if there are several")
    payment_terms_id: Id | None = optional("The usual terms of payment")
    updated_at: Timestamp | None = optional("When the vendor last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the vendor")


class PaymentTerm(Record):
    """When a document is due, and the discount for paying early."""

    id: Id | None = optional("Identifies the terms")
    name: Text | None = optional("The name of the terms, such as Net 30")
    due_days: Annotated[Count, Unit("days")] | None = optional("Days from the issue date to the due date")
    discount_days: Annotated[Count, Unit("days")] | None = optional("Days in which the discount applies")
    discount_percent: Annotated[Number, Unit("percent")] | None = optional("The discount for paying early")
    created_at: Timestamp | None = optional("When the terms were created")
    updated_at: Timestamp | None = optional("When the terms last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the terms")


class CompanyInfo(Record):
    """The business that keeps a ledger."""

    id: Id | None = optional("Identifies the business")
    name: Text | None = optional("The name of the business")
    legal_name: Text | None = optional("The name in the register of companies")
    currency: CurrencyCode | None = optional("The ledger's own currency")
    closing_date: Day | None = optional("The last day of the closed periods; only QuickBooks sends it")
    created_at: Timestamp | None = optional("When the business was created")
    updated_at: Timestamp | None = optional("When the business last changed on the platform")
    last_synced_at: Timestamp | None = optional("When the service last read the business")
