"""The records of the API as pydantic models, one file per tag of the contract.

They are the one source of names, types, units, enumerations and meanings: Arrow schemas, DataFrame dtypes and
documentation are derived from them, and a test compares them with the contract itself.
"""

from collections.abc import Collection, Mapping
from typing import Any

from rutterframe.models.accounting import (
    Account,
    Bill,
    BillCreate,
    Expense,
    Invoice,
    InvoiceCreate,
    LineItem,
    Transaction,
)
from rutterframe.models.ads import AdAccount
from rutterframe.models.banking import BankAccount
from rutterframe.models.base import Draft, Record
from rutterframe.models.commerce import (
    Customer,
    ExpandedOrder,
    FulfillmentCreate,
    FulfillmentLineItem,
    Order,
    OrderCreate,
    OrderLineItem,
    Product,
    ProductCreate,
    ProductUpdate,
    ProductVariant,
)
from rutterframe.models.connections import Connection
from rutterframe.models.webhooks import Webhook, WebhookCreate, WebhookEvent, WebhookMessage

__all__ = [
    "CREATES",
    "LIVE_RESOURCES",
    "RECORDS",
    "RESOURCES",
    "Account",
    "AdAccount",
    "BankAccount",
    "Bill",
    "BillCreate",
    "Connection",
    "Customer",
    "Draft",
    "ExpandedOrder",
    "Expense",
    "FulfillmentCreate",
    "FulfillmentLineItem",
    "Invoice",
    "InvoiceCreate",
    "LineItem",
    "Order",
    "OrderCreate",
    "OrderLineItem",
    "Product",
    "ProductCreate",
    "ProductUpdate",
    "ProductVariant",
    "Record",
    "Transaction",
    "Webhook",
    "WebhookCreate",
    "WebhookEvent",
    "WebhookMessage",
    "record_model",
    "record_of",
]

#: The record of each resource that can be listed, by the resource's name.
RECORDS: dict[str, type[Record]] = {
    "connections": Connection,
    "accounts": Account,
    "transactions": Transaction,
    "invoices": Invoice,
    "bills": Bill,
    "expenses": Expense,
    "orders": Order,
    "products": Product,
    "customers": Customer,
    "bank_accounts": BankAccount,
    "ad_accounts": AdAccount,
}

#: The ten resources of a connection, in the order of loads and displays.
RESOURCES: tuple[str, ...] = tuple(name for name in RECORDS if name != "connections")

#: The names of the resources that only the live dialect has.
LIVE_RESOURCES: tuple[str, ...] = (
    "vendors",
    "invoice_payments",
    "bill_payments",
    "invoice_credit_memos",
    "bill_credit_memos",
    "payment_terms",
    "bank_transactions",
    "shop_payments",
    "payouts",
    "stores",
    "company_info",
    "balance_sheets",
    "income_statements",
    "cash_flow_statements",
    "events",
)

#: The draft that creates a record, for each resource that can be created.
CREATES: dict[str, type[Draft]] = {
    "invoices": InvoiceCreate,
    "bills": BillCreate,
    "orders": OrderCreate,
    "products": ProductCreate,
}


def record_model(resource: str, filters: Mapping[str, str]) -> type[Record]:
    """Return the record of a resource as it is sent with these filters: an expansion adds a field."""
    return ExpandedOrder if resource == "orders" and "expand" in filters else RECORDS[resource]


def record_of(resource: str, names: Collection[Any]) -> type[Record]:
    """Return the record of a frame with these columns: the live dialect's if it has most of its own columns.

    Parameters
    ----------
    resource : str
        The name of the resource.
    names : collection
        The columns of the frame.

    Raises
    ------
    KeyError
        If neither dialect has the resource.
    """
    contract = RECORDS.get(resource)
    fields = set() if contract is None else set(contract.model_fields)
    if contract is not None and fields >= set(names) - {"connection_id"}:
        return contract
    # Imported on first use: most programs need one dialect.
    from rutterframe.models.live import LIVE_RECORDS  # noqa: PLC0415

    live = LIVE_RECORDS[resource]
    own = set(live.model_fields) - fields
    return live if contract is None or 2 * len(own.intersection(names)) > len(own) else contract
