"""The dialect of the contract, openapi.yaml (API version 2024-08-31)."""

from __future__ import annotations

from rutterframe.dialects.dialect import Dialect, Filter, Route

_UPDATED_AT_MIN = Filter("updated_at_min")

_ROUTES = {
    "connections": Route("/connections", "connections"),
    "accounts": Route("/accounts", "accounts"),
    "transactions": Route(
        "/transactions", "transactions", filters=(_UPDATED_AT_MIN,), changed_since="updated_at_min"
    ),
    "invoices": Route("/invoices", "invoices", repeatable=True),
    "bills": Route("/bills", "bills"),
    "expenses": Route("/expenses", "expenses"),
    "orders": Route(
        "/orders",
        "orders",
        filters=(_UPDATED_AT_MIN, Filter("expand", values=("platform_data",))),
        changed_since="updated_at_min",
    ),
    "products": Route("/products", "products"),
    "customers": Route("/customers", "customers"),
    "bank_accounts": Route("/bank-accounts", "bank_accounts"),
    "ad_accounts": Route("/ad-accounts", "ad_accounts"),
}

CONTRACT = Dialect(
    name="contract",
    base_urls={
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com",
    },
    version="2024-08-31",
    by_changes=frozenset({"transactions", "orders"}),
    resources={name: (route,) for name, route in _ROUTES.items()},
)
