"""The records of the live service: the contract's with more columns, and those that the contract lacks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rutterframe.models.live.accounting import (
        CompanyInfo,
        DocumentPayment,
        ExpenseLineItem,
        LiveAccount,
        LiveBill,
        LiveExpense,
        LiveInvoice,
        LiveLineItem,
        PaymentTerm,
        Vendor,
    )
    from rutterframe.models.live.banking import (
        BankTransaction,
        LiveAdAccount,
        LiveBankAccount,
        LiveTransaction,
    )
    from rutterframe.models.live.commerce import (
        LiveCustomer,
        LiveOrder,
        LiveOrderLineItem,
        LiveProduct,
        LiveProductVariant,
        OrderRefund,
        Payout,
        ShopPayment,
        Store,
    )
    from rutterframe.models.live.connections import Event, LiveConnection
    from rutterframe.models.live.records import LIVE_RECORDS
    from rutterframe.models.live.settlements import (
        AppliedAmount,
        BillCreditMemo,
        BillPayment,
        InvoiceCreditMemo,
        InvoicePayment,
    )
    from rutterframe.models.live.statements import (
        BalanceSheet,
        CashFlowStatement,
        IncomeStatement,
        StatementItem,
    )

__all__ = [
    "LIVE_RECORDS",
    "AppliedAmount",
    "BalanceSheet",
    "BankTransaction",
    "BillCreditMemo",
    "BillPayment",
    "CashFlowStatement",
    "CompanyInfo",
    "DocumentPayment",
    "Event",
    "ExpenseLineItem",
    "IncomeStatement",
    "InvoiceCreditMemo",
    "InvoicePayment",
    "LiveAccount",
    "LiveAdAccount",
    "LiveBankAccount",
    "LiveBill",
    "LiveConnection",
    "LiveCustomer",
    "LiveExpense",
    "LiveInvoice",
    "LiveLineItem",
    "LiveOrder",
    "LiveOrderLineItem",
    "LiveProduct",
    "LiveProductVariant",
    "LiveTransaction",
    "OrderRefund",
    "PaymentTerm",
    "Payout",
    "ShopPayment",
    "StatementItem",
    "Store",
    "Vendor",
]

# Read on first use, since most programs need one dialect.
_MODULES = ("records", "accounting", "banking", "commerce", "connections", "settlements", "statements")


def __getattr__(name: str) -> Any:
    """Return a record, or the records by the names of their resources.

    Raises
    ------
    AttributeError
        If there is no such record.
    """
    if name in __all__:
        modules = (import_module(f"{__name__}.{module}") for module in _MODULES)
        return next(getattr(module, name) for module in modules if hasattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
