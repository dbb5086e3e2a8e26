"""The columns of ledgers by the fields of the live service: documents, accounts, and who buys and sells."""

from __future__ import annotations

from rutterframe.dialects.live_words import currency_code, known_words
from rutterframe.dialects.mapping import (
    Absolute,
    Case,
    Concat,
    Constant,
    Expression,
    Field,
    First,
    Mapping,
    Negative,
    Null,
    Only,
    Rows,
    Total,
    Words,
    WrittenDay,
)
from rutterframe.models.live import (
    CompanyInfo,
    LiveAccount,
    LiveBill,
    LiveCustomer,
    LiveExpense,
    LiveInvoice,
    LiveLineItem,
    PaymentTerm,
    Vendor,
)

CHANGES: dict[str, Expression] = {
    "updated_at": Field("updated_at"),
    "last_synced_at": Field("last_synced_at"),
}

ACCOUNTS = Mapping(
    LiveAccount,
    {
        "id": Field("id"),
        "name": Field("name"),
        "type": known_words(LiveAccount, "type", Field("category"), income="revenue"),
        "currency": currency_code("currency_code"),
        "balance": Field("balance"),
        "platform_id": Field("platform_id"),
        "account_type": known_words(LiveAccount, "account_type"),
        "nominal_code": Field("nominal_code"),
        "status": known_words(LiveAccount, "status"),
        "parent_id": Field("parent_id"),
        **CHANGES,
    },
)

_LINE: dict[str, Expression] = {
    "description": Field("description"),
    "quantity": Field("item", "quantity"),
    "unit_price": Field("item", "unit_amount"),
    "total_amount": Field("total_amount"),
    "item_id": Field("item", "id"),
    "account_id": Field("account_id"),
    "sub_total": Field("sub_total"),
    "tax_amount": Field("tax_amount"),
    "discount_amount": Field("discount_amount"),
}

#: What settled an invoice: the words of linked payments.
_PAYMENT_KINDS = {
    "INVOICE_PAYMENT": "payment",
    "INVOICE_CREDIT_MEMO": "credit_memo",
    "JOURNAL_ENTRY": "journal_entry",
    "UNKNOWN": "unknown",
}


def _payments(list_key: str, kind: Expression) -> Rows:
    """Return the rows of what settled a document."""
    return Rows(
        list_key,
        {
            "id": Field("id"),
            "date": WrittenDay(Field("allocated_date")),
            "amount": Field("allocated_amount"),
            "kind": kind,
        },
    )


# The columns that an invoice and a bill have in common.
_DOCUMENT: dict[str, Expression] = {
    "id": Field("id"),
    "amount_due": Field("amount_due"),
    "currency": currency_code("currency_code"),
    "due_date": WrittenDay(Field("due_date")),
    "issue_date": WrittenDay(Field("issue_date")),
    "document_number": Field("document_number"),
    "total_amount": Field("total_amount"),
    "sub_total": Field("sub_total"),
    "tax_amount": Field("tax_amount"),
    "payment_terms_id": Field("payment_terms_id"),
    "account_id": Field("account_id"),
    "memo": Field("memo"),
    **CHANGES,
}

INVOICES = Mapping(
    LiveInvoice,
    {
        **_DOCUMENT,
        "customer_id": Field("customer_id"),
        "status": known_words(LiveInvoice, "status", void="voided"),
        "line_items": Rows("line_items", {**_LINE, "type": known_words(LiveLineItem, "type")}),
        "discount_amount": Field("discount_amount"),
        "payments": _payments("linked_payments", Words(Field("type"), _PAYMENT_KINDS)),
    },
)

BILLS = Mapping(
    LiveBill,
    {
        **_DOCUMENT,
        "vendor_id": Field("vendor_id"),
        "status": known_words(LiveBill, "status", void="voided"),
        "line_items": Rows("line_items", {**_LINE, "type": Null("only lines of invoices have a type")}),
        "discount_amount": Field("total_discount"),
        "payments": Concat(
            _payments("linked_payments", Constant("payment")),
            _payments("linked_credit_memos", Constant("credit_memo")),
        ),
        "currency_rate": Field("currency_rate"),
    },
)

_SPENT = Total("line_items", "total_amount")
# A platform may or may not sign what it refunds.
_REFUNDED = Negative(Absolute(_SPENT))
_EXPENSE: dict[str, Expression] = {
    "id": Field("id"),
    "currency": currency_code("currency_code"),
    "date": WrittenDay(Field("transaction_date")),
    "description": First(Field("memo"), Only("line_items", "description")),
    "category": Null(
        "the line's account has only an id here; load_expenses fills in the account's name, or 'Split'"
    ),
    "account_id": Field("account_id"),
    "vendor_id": Field("vendor_id"),
    "line_items": Rows(
        "line_items",
        {
            "account_id": Field("account_id"),
            "description": Field("description"),
            "total_amount": Field("total_amount"),
        },
    ),
    "currency_rate": Field("currency_rate"),
    **CHANGES,
}

EXPENSES = Mapping(
    LiveExpense,
    {
        **_EXPENSE,
        "amount": Case([(Field("expense_type"), "refund", _REFUNDED)], otherwise=_SPENT),
        "expense_type": First(known_words(LiveExpense, "expense_type"), Constant("expense")),
    },
)

REFUNDS = Mapping(
    LiveExpense,
    {
        **_EXPENSE,
        "amount": Case([(Field("expense_type"), "expense", _SPENT)], otherwise=_REFUNDED),
        "expense_type": First(known_words(LiveExpense, "expense_type"), Constant("refund")),
    },
)

LEDGER_CUSTOMERS = Mapping(
    LiveCustomer,
    {
        "id": Field("id"),
        "name": First(Field("customer_name"), Field("contact_name")),
        "email": Field("email"),
        "phone": Field("phone"),
        "created_at": Field("created_at"),
        "kind": Constant("ledger"),
        "status": known_words(LiveCustomer, "status"),
        "currency": currency_code("currency_code"),
        "payment_terms_id": Field("payment_terms_id"),
        **CHANGES,
    },
)

VENDORS = Mapping(
    Vendor,
    {
        "id": Field("id"),
        "name": First(Field("vendor_name"), Field("display_name"), Field("contact_name")),
        "email": Field("email"),
        "phone": Field("phone"),
        "created_at": Field("created_at"),
        "status": known_words(Vendor, "status"),
        "currency": Only("currency_codes"),
        "payment_terms_id": Field("payment_terms_id"),
        **CHANGES,
    },
)

PAYMENT_TERMS = Mapping(
    PaymentTerm,
    {
        "id": Field("id"),
        "name": Field("term_name"),
        "due_days": Field("due_days"),
        "discount_days": Field("discount_days"),
        "discount_percent": Field("discount_percent"),
        "created_at": Field("created_at"),
        **CHANGES,
    },
)

COMPANY_INFO = Mapping(
    CompanyInfo,
    {
        "id": Field("id"),
        "name": Field("name"),
        "legal_name": Field("legal_name"),
        "currency": currency_code("currency_code"),
        "closing_date": WrittenDay(Field("additional_fields", "closing_date")),
        "created_at": Field("created_at"),
        **CHANGES,
    },
)
