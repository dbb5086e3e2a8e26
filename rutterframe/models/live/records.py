"""The record of each resource of the live service."""

from rutterframe.models.base import Record
from rutterframe.models.live.accounting import (
    CompanyInfo,
    LiveAccount,
    LiveBill,
    LiveExpense,
    LiveInvoice,
    PaymentTerm,
    Vendor,
)
from rutterframe.models.live.banking import BankTransaction, LiveAdAccount, LiveBankAccount, LiveTransaction
from rutterframe.models.live.commerce import (
    LiveCustomer,
    LiveOrder,
    LiveProduct,
    Payout,
    ShopPayment,
    Store,
)
from rutterframe.models.live.connections import Event, LiveConnection
from rutterframe.models.live.settlements import (
    BillCreditMemo,
    BillPayment,
    InvoiceCreditMemo,
    InvoicePayment,
)
from rutterframe.models.live.statements import (
    BalanceSheet,
    CashFlowStatement,
    IncomeStatement,
)

#: The record of each resource of the live service, by the resource's name.
LIVE_RECORDS: dict[str, type[Record]] = {
    "connections": LiveConnection,
    "accounts": LiveAccount,
    "transactions": LiveTransaction,
    "invoices": LiveInvoice,
    "bills": LiveBill,
    "expenses": LiveExpense,
    "orders": LiveOrder,
    "products": LiveProduct,
    "customers": LiveCustomer,
    "bank_accounts": LiveBankAccount,
    "ad_accounts": LiveAdAccount,
    "vendors": Vendor,
    "invoice_payments": InvoicePayment,
    "bill_payments": BillPayment,
    "invoice_credit_memos": InvoiceCreditMemo,
    "bill_credit_memos": BillCreditMemo,
    "payment_terms": PaymentTerm,
    "bank_transactions": BankTransaction,
    "shop_payments": ShopPayment,
    "payouts": Payout,
    "stores": Store,
    "company_info": CompanyInfo,
    "balance_sheets": BalanceSheet,
    "income_statements": IncomeStatement,
    "cash_flow_statements": CashFlowStatement,
    "events": Event,
}
