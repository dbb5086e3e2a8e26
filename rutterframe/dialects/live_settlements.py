"""The columns of payments, credit memos and statements of ledgers by the fields of the live service."""

from __future__ import annotations

from rutterframe.dialects.live_accounting import CHANGES
from rutterframe.dialects.live_words import currency_code, known_words
from rutterframe.dialects.mapping import Expression, Field, First, Mapping, Rows, Tree, WrittenDay
from rutterframe.models.live import (
    BalanceSheet,
    BillCreditMemo,
    BillPayment,
    CashFlowStatement,
    Event,
    IncomeStatement,
    InvoiceCreditMemo,
    InvoicePayment,
)


def _documents(list_key: str, date: str, amount: str) -> Rows:
    """Return the rows of the documents that a payment or credit memo was applied to."""
    return Rows(list_key, {"id": Field("id"), "date": WrittenDay(Field(date)), "amount": Field(amount)})


_PAYMENT: dict[str, Expression] = {
    "id": Field("id"),
    "amount": Field("total_amount"),
    "currency": currency_code("currency_code"),
    "currency_rate": Field("currency_rate"),
    "account_id": Field("account_id"),
    **CHANGES,
}

INVOICE_PAYMENTS = Mapping(
    InvoicePayment,
    {
        **_PAYMENT,
        "customer_id": Field("customer_id"),
        "date": WrittenDay(Field("txn_date")),
        "documents": _documents("linked_invoices", "allocated_at", "amount"),
    },
)

BILL_PAYMENTS = Mapping(
    BillPayment,
    {
        **_PAYMENT,
        "vendor_id": Field("vendor_id"),
        "date": WrittenDay(Field("transaction_date")),
        "documents": _documents("linked_bills", "allocated_date", "allocated_amount"),
        "status": known_words(BillPayment, "status", void="voided"),
    },
)

_CREDIT_MEMO: dict[str, Expression] = {
    "id": Field("id"),
    "amount": Field("total_amount"),
    "remaining_amount": Field("remaining_amount"),
    "currency": currency_code("currency_code"),
    "issue_date": WrittenDay(Field("issue_date")),
    "document_number": Field("document_number"),
    **CHANGES,
}

INVOICE_CREDIT_MEMOS = Mapping(
    InvoiceCreditMemo,
    {
        **_CREDIT_MEMO,
        "customer_id": Field("customer_id"),
        "status": known_words(InvoiceCreditMemo, "status", void="voided"),
        "documents": _documents("linked_invoices", "allocated_date", "allocated_amount"),
    },
)

BILL_CREDIT_MEMOS = Mapping(
    BillCreditMemo,
    {
        **_CREDIT_MEMO,
        "vendor_id": Field("vendor_id"),
        "status": known_words(BillCreditMemo, "status", void="voided"),
        "documents": _documents("linked_bills", "allocated_date", "allocated_amount"),
    },
)

_STATEMENT: dict[str, Expression] = {
    "id": Field("id"),
    "start_date": WrittenDay(Field("start_date")),
    "end_date": WrittenDay(Field("end_date")),
    "currency": currency_code("currency_code"),
    "created_at": Field("created_at"),
    "updated_at": Field("updated_at"),
}

BALANCE_SHEETS = Mapping(
    BalanceSheet,
    {
        **_STATEMENT,
        "total_assets": Field("total_assets"),
        "total_liabilities": Field("total_liabilities"),
        "total_equity": Field("total_equity"),
        "items": Tree("assets", "liabilities", "equity"),
    },
)

INCOME_STATEMENTS = Mapping(
    IncomeStatement,
    {
        **_STATEMENT,
        "accounting_standard": known_words(IncomeStatement, "accounting_standard"),
        "total_income": Field("total_income"),
        "total_cost_of_sales": Field("total_cost_of_sales"),
        "gross_profit": Field("gross_profit"),
        "total_expenses": Field("total_expenses"),
        "net_operating_income": Field("net_operating_income"),
        "net_income": Field("net_income"),
        "items": Tree("income", "cost_of_sales", "expenses"),
    },
)

CASH_FLOW_STATEMENTS = Mapping(
    CashFlowStatement,
    {
        **_STATEMENT,
        "starting_balance": Field("starting_balance"),
        "total_operating": Field("total_operating"),
        "total_investing": Field("total_investing"),
        "total_financing": Field("total_financing"),
        "ending_balance": Field("ending_balance"),
        "items": Tree("operating_activities", "investing_activities", "financing_activities"),
    },
)

EVENTS = Mapping(
    Event,
    {
        "id": Field("id"),
        "type": known_words(Event, "type"),
        "resource": Field("resource"),
        # What "data" holds is not documented; an event without it may have the record's id for its own.
        "record_id": First(Field("data", "id"), Field("id")),
        "last_synced_at": Field("last_synced_at"),
    },
)
