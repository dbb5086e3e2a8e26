"""The dialect of the live service, API version 2024-08-31: its routes, parameters and keys.

Lists of ledgers, banks and advertising are sorted by the moment of the last synchronisation, so that a row
that changes while pages are read moves to the end of the list. Lists of shops cannot be sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rutterframe.dialects.dialect import Dialect, Filter, Route
from rutterframe.models.platforms import PlatformKind

_LIMIT = {"limit": "500"}
_UPDATED = (Filter("updated_at_min"), Filter("updated_at_max"))
_CREATED = (Filter("created_at_min"), Filter("created_at_max"))
_SYNCED = (*_UPDATED, Filter("last_synced_at_min"))
_PERIOD = (Filter("start_date", is_date=True), Filter("end_date", is_date=True))


def _sorted_list(
    kind: PlatformKind,
    path: str,
    list_key: str,
    *,
    name: str = "",
    filters: tuple[Filter, ...] = (),
    params: Mapping[str, str] | None = None,
    repeatable: bool = False,
) -> Route:
    """Return the route of a list of a ledger, a bank or an advertising platform."""
    return Route(
        path,
        list_key,
        filters=(*_SYNCED, *filters),
        repeatable=repeatable,
        name=name,
        kinds=frozenset({kind}),
        params={**_LIMIT, "sort": "last_synced_at ASC", **(params or {})},
        single_key=list_key.removesuffix("s"),
        changed_since="last_synced_at_min",
    )


def _shop_list(
    path: str,
    list_key: str,
    filters: tuple[Filter, ...],
    *,
    name: str = "",
    repeatable: bool = False,
    single_key: str | None = None,
) -> Route:
    """Return the route of a list of a shop, where rows may move while pages are read."""
    return Route(
        path,
        list_key,
        filters=filters,
        repeatable=repeatable,
        name=name,
        kinds=frozenset({"shop"}),
        params=_LIMIT,
        single_key=single_key,
        changed_since="updated_at_min" if _UPDATED[0] in filters else None,
        is_sorted=False,
    )


def _statement(path: str, list_key: str) -> Route:
    """Return the route of a ledger's statements, which are a single page."""
    return Route(path, list_key, filters=_PERIOD, kinds=frozenset({"ledger"}))


_CONNECTION_STATUS = Filter("status", ("active", "unhealthy", "not_ready", "needs_reauth", "disabled", "any"))
_ORDER_FILTERS = (
    *_UPDATED,
    *_CREATED,
    Filter("fulfillment_status", ("fulfilled", "unfulfilled", "partial", "unknown")),
    Filter("payment_status", ("pending", "paid", "refunded", "failed", "unknown")),
)
_PRODUCT_FILTERS = (*_UPDATED, *_CREATED, Filter("status", ("active", "archived", "inactive", "draft")))
_EXPENSE_DATES = (Filter("transaction_date_min"), Filter("transaction_date_max"))
_PAYOUT_FILTERS = (*_CREATED, Filter("arrival_at_min"), Filter("arrival_at_max"))

_SHOP_PAYMENTS = _shop_list(
    "/transactions", "transactions", (*_UPDATED, *_CREATED), name="shop", single_key="transaction"
)
_BANK_TRANSACTIONS = _sorted_list("bank", "/banking/bank_transactions", "bank_transactions", name="bank")

# Without a status the list of connections leaves out those that are disabled or need to be reauthorised.
_ROUTES: dict[str, tuple[Route, ...]] = {
    "connections": (
        Route("/connections", "connections", filters=(_CONNECTION_STATUS,), params={"status": "any"}),
    ),
    "accounts": (_sorted_list("ledger", "/accounting/accounts", "accounts"),),
    "transactions": (_BANK_TRANSACTIONS, _SHOP_PAYMENTS),
    "invoices": (_sorted_list("ledger", "/accounting/invoices", "invoices", repeatable=True),),
    "bills": (_sorted_list("ledger", "/accounting/bills", "bills", repeatable=True),),
    # Refunds are left out of the list of expenses unless they are asked for.
    "expenses": tuple(
        _sorted_list(
            "ledger",
            "/accounting/expenses",
            "expenses",
            name=f"{word}s",
            filters=_EXPENSE_DATES,
            params={"expense_type": word},
        )
        for word in ("expense", "refund")
    ),
    "orders": (_shop_list("/orders", "orders", _ORDER_FILTERS, repeatable=True, single_key="order"),),
    "products": (
        _shop_list("/products", "products", _PRODUCT_FILTERS, repeatable=True, single_key="product"),
    ),
    "customers": (
        _sorted_list("ledger", "/accounting/customers", "customers", name="ledger"),
        _shop_list("/customers", "customers", _UPDATED, name="shop", single_key="customer"),
    ),
    "bank_accounts": (_sorted_list("bank", "/banking/bank_accounts", "bank_accounts"),),
    "ad_accounts": (_sorted_list("ads", "/ads/accounts", "accounts"),),
    "vendors": (_sorted_list("ledger", "/accounting/vendors", "vendors"),),
    "invoice_payments": (_sorted_list("ledger", "/accounting/invoice_payments", "invoice_payments"),),
    "bill_payments": (_sorted_list("ledger", "/accounting/bill_payments", "bill_payments"),),
    "invoice_credit_memos": (
        _sorted_list("ledger", "/accounting/invoice_credit_memos", "invoice_credit_memos"),
    ),
    "bill_credit_memos": (_sorted_list("ledger", "/accounting/bill_credit_memos", "bill_credit_memos"),),
    "payment_terms": (_sorted_list("ledger", "/accounting/payment_terms", "payment_terms"),),
    "bank_transactions": (replace(_BANK_TRANSACTIONS, name=""),),
    "shop_payments": (replace(_SHOP_PAYMENTS, name=""),),
    "payouts": (_shop_list("/payouts", "payouts", _PAYOUT_FILTERS),),
    "stores": (Route("/store", "store", kinds=frozenset({"shop"}), is_single=True),),
    "company_info": (
        Route("/accounting/company_info", "company_info", kinds=frozenset({"ledger"}), is_single=True),
    ),
    "balance_sheets": (_statement("/accounting/balance_sheets", "balance_sheets"),),
    "income_statements": (_statement("/accounting/income_statements", "income_statements"),),
    "cash_flow_statements": (_statement("/accounting/cash_flow_statements", "cash_flows"),),
    "events": (
        Route(
            "/events",
            "events",
            filters=(Filter("last_synced_at_min"),),
            kinds=frozenset({"ledger"}),
            params={**_LIMIT, "type": "object_deleted"},
            changed_since="last_synced_at_min",
            is_sorted=False,
        ),
    ),
}

LIVE = Dialect(
    name="live",
    base_urls={
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com/versioned",
    },
    version="2024-08-31",
    versions=frozenset({"2024-08-31"}),
    resources=_ROUTES,
    moment_format="milliseconds",
    webhooks=Route("/configs/webhooks", "webhooks", is_array=True),
    token_exchange="/item/public_token/exchange",  # noqa: S106 - a path
)
