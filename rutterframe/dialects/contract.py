"""The route of the contract, openapi.yaml (API version 2024-08-31)."""

from __future__ import annotations

from rutterframe.dialects.dialect import Dialect, Filter, Route

_UPDATED_AT_MIN = Filter("updated_at_min")

CONTRACT = Dialect(
    name="contract",
    base_urls={
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com",
    },
    version="2024-08-31",
    resources={
        "connections": Route("/connections", "connections", retrievable=True),
        "accounts": Route("/accounts", "accounts"),
        "transactions": Route("/transactions", "transactions", filters=(_UPDATED_AT_MIN,)),
        "invoices": Route("/invoices", "invoices", retrievable=True, creatable=True, repeatable=True),
        "bills": Route("/bills", "bills", creatable=True),
        "expenses": Route("/expenses", "expenses"),
        "orders": Route(
            "/orders",
            "orders",
            filters=(_UPDATED_AT_MIN, Filter("expand", values=("platform_data",))),
            retrievable=True,
            creatable=True,
        ),
        "products": Route("/products", "products", retrievable=True, creatable=True, updatable=True),
        "customers": Route("/customers", "customers", retrievable=True),
        "bank_accounts": Route("/bank-accounts", "bank_accounts"),
        "ad_accounts": Route("/ad-accounts", "ad_accounts"),
    },
)
