"""The dialect of the live service, API version 2024-08-31: its routes, parameters and keys.

Lists of ledgers, banks and advertising are sorted by the moment of the last synchronisation, so that a row
that changes while pages are read moves to the end of the list. Lists of shops cannot be sorted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rutterframe.dialects import live_accounting as accounting
from rutterframe.dialects import live_banking as banking
from rutterframe.dialects import live_commerce as commerce
from rutterframe.dialects import live_settlements as settlements
from rutterframe.dialects.dialect import Dialect, Filter, Route
from rutterframe.dialects.mapping import Mapping
from rutterframe.models.live import LIVE_RECORDS

_LIMIT = {"limit": "500"}
_UPDATED = (Filter("updated_at_min"), Filter("updated_at_max"))
_CREATED = (Filter("created_at_min"), Filter("created_at_max"))
_SYNCED = (*_UPDATED, Filter("last_synced_at_min"))
_PERIOD = (Filter("start_date", is_date=True), Filter("end_date", is_date=True))

_LEDGER, _SHOP = frozenset({"ledger"}), frozenset({"shop"})

# What the routes of lists have in common that can be sorted.
_SORTED = Route(
    "",
    "",
    filters=_SYNCED,
    params={**_LIMIT, "sort": "last_synced_at ASC"},
    changed_since="last_synced_at_min",
)


def _ledger(list_key: str, mapping: Mapping, **fields: Any) -> Route:
    """Return the route of a list of a ledger; fields are more fields of the route."""
    return replace(
        _SORTED,
        path=f"/accounting/{list_key}",
        list_key=list_key,
        kinds=_LEDGER,
        single_key=list_key.removesuffix("s"),
        mapping=mapping,
        **fields,
    )


def _expenses(word: str, mapping: Mapping) -> Route:
    """Return the route of expenses or of refunds: each is left out of the other's list."""
    dates = (Filter("transaction_date_min"), Filter("transaction_date_max"))
    return _ledger(
        "expenses",
        mapping,
        name=f"{word}s",
        filters=(*_SYNCED, *dates),
        params={**_SORTED.params, "expense_type": word},
    )


def _shop(path: str, list_key: str, mapping: Mapping, **fields: Any) -> Route:
    """Return the route of a list of a shop, where rows may move while pages are read."""
    return Route(
        path,
        list_key,
        kinds=_SHOP,
        params=_LIMIT,
        is_sorted=False,
        mapping=mapping,
        **{"filters": (*_UPDATED, *_CREATED), "changed_since": "updated_at_min", **fields},
    )


def _statement(name: str, list_key: str, mapping: Mapping) -> Route:
    """Return the route of a ledger's statements, which are a single page."""
    return Route(f"/accounting/{name}", list_key, filters=_PERIOD, kinds=_LEDGER, mapping=mapping)


def _single(path: str, key: str, kinds: frozenset[str], mapping: Mapping) -> Route:
    """Return the route of what a connection has one of."""
    return Route(path, key, kinds=kinds, is_single=True, mapping=mapping)


_CONNECTION_WORDS = ("active", "unhealthy", "not_ready", "needs_reauth", "disabled", "any")
_ORDER_WORDS = (
    Filter("fulfillment_status", ("fulfilled", "unfulfilled", "partial", "unknown")),
    Filter("payment_status", ("pending", "paid", "refunded", "failed", "unknown")),
)
_PRODUCT_WORDS = (Filter("status", ("active", "archived", "inactive", "draft")),)
_ARRIVAL = (Filter("arrival_at_min"), Filter("arrival_at_max"))

_BANK_FEED = replace(
    _SORTED,
    path="/banking/bank_transactions",
    list_key="bank_transactions",
    kinds=frozenset({"bank"}),
    single_key="bank_transaction",
    mapping=banking.BANK_TRANSACTIONS,
)
_SHOP_PAYMENTS = _shop("/transactions", "transactions", commerce.SHOP_PAYMENTS, single_key="transaction")

_ROUTES: dict[str, tuple[Route, ...]] = {
    # Without a status the list leaves out the connections that are disabled or have to sign in again.
    "connections": (
        Route(
            "/connections",
            "connections",
            filters=(Filter("status", _CONNECTION_WORDS),),
            params={"status": "any"},
            mapping=banking.CONNECTIONS,
        ),
    ),
    "accounts": (_ledger("accounts", accounting.ACCOUNTS),),
    "transactions": (
        replace(_BANK_FEED, name="bank", mapping=banking.BANK_FEED),
        replace(_SHOP_PAYMENTS, name="shop", mapping=banking.SHOP_MOVEMENTS),
    ),
    "invoices": (_ledger("invoices", accounting.INVOICES, repeatable=True),),
    "bills": (_ledger("bills", accounting.BILLS, repeatable=True),),
    "expenses": (_expenses("expense", accounting.EXPENSES), _expenses("refund", accounting.REFUNDS)),
    "orders": (
        _shop(
            "/orders",
            "orders",
            commerce.ORDERS,
            filters=(*_UPDATED, *_CREATED, *_ORDER_WORDS),
            repeatable=True,
            single_key="order",
        ),
    ),
    "products": (
        _shop(
            "/products",
            "products",
            commerce.PRODUCTS,
            filters=(*_UPDATED, *_CREATED, *_PRODUCT_WORDS),
            repeatable=True,
            single_key="product",
        ),
    ),
    "customers": (
        _ledger("customers", accounting.LEDGER_CUSTOMERS, name="ledger"),
        _shop(
            "/customers",
            "customers",
            commerce.SHOP_CUSTOMERS,
            filters=_UPDATED,
            name="shop",
            single_key="customer",
        ),
    ),
    "bank_accounts": (
        replace(
            _BANK_FEED,
            path="/banking/bank_accounts",
            list_key="bank_accounts",
            single_key="bank_account",
            mapping=banking.BANK_ACCOUNTS,
        ),
    ),
    "ad_accounts": (
        replace(
            _SORTED,
            path="/ads/accounts",
            list_key="accounts",
            kinds=frozenset({"ads"}),
            single_key="account",
            mapping=banking.AD_ACCOUNTS,
        ),
    ),
    "vendors": (_ledger("vendors", accounting.VENDORS),),
    "invoice_payments": (_ledger("invoice_payments", settlements.INVOICE_PAYMENTS),),
    "bill_payments": (_ledger("bill_payments", settlements.BILL_PAYMENTS),),
    "invoice_credit_memos": (_ledger("invoice_credit_memos", settlements.INVOICE_CREDIT_MEMOS),),
    "bill_credit_memos": (_ledger("bill_credit_memos", settlements.BILL_CREDIT_MEMOS),),
    "payment_terms": (_ledger("payment_terms", accounting.PAYMENT_TERMS),),
    "bank_transactions": (_BANK_FEED,),
    "shop_payments": (_SHOP_PAYMENTS,),
    "payouts": (
        _shop("/payouts", "payouts", commerce.PAYOUTS, filters=(*_CREATED, *_ARRIVAL), changed_since=None),
    ),
    "stores": (_single("/store", "store", _SHOP, commerce.STORES),),
    "company_info": (_single("/accounting/company_info", "company_info", _LEDGER, accounting.COMPANY_INFO),),
    "balance_sheets": (_statement("balance_sheets", "balance_sheets", settlements.BALANCE_SHEETS),),
    "income_statements": (
        _statement("income_statements", "income_statements", settlements.INCOME_STATEMENTS),
    ),
    "cash_flow_statements": (
        _statement("cash_flow_statements", "cash_flows", settlements.CASH_FLOW_STATEMENTS),
    ),
    "events": (
        Route(
            "/events",
            "events",
            filters=(Filter("last_synced_at_min"),),
            kinds=_LEDGER,
            params={**_LIMIT, "type": "object_deleted"},
            changed_since="last_synced_at_min",
            is_sorted=False,
            mapping=settlements.EVENTS,
        ),
    ),
}

#: The resources of a ledger with deletions that are listed as events.
_DELETED = frozenset(
    {
        "accounts",
        "bill_credit_memos",
        "bill_payments",
        "bills",
        "customers",
        "expenses",
        "invoice_credit_memos",
        "invoice_payments",
        "invoices",
        "vendors",
    }
)

LIVE = Dialect(
    name="live",
    base="live",
    base_urls={
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com/versioned",
    },
    version="2024-08-31",
    versions=frozenset({"2024-08-31"}),
    resources=_ROUTES,
    records=LIVE_RECORDS,
    joins={"expenses": "accounts"},
    by_changes=_DELETED | {"transactions", "orders", "products", "shop_payments", "bank_transactions"},
    with_deletions=_DELETED,
    has_status=True,
    moment_format="milliseconds",
    webhooks=Route("/configs/webhooks", "webhooks", is_array=True),
    token_exchange="/item/public_token/exchange",  # noqa: S106 - a path
)
