"""The spelling of the contract, openapi.yaml (API version 2024-08-31)."""

from __future__ import annotations

from rutterframe.dialects.dialect import Dialect, Filter, Spelling

_UPDATED_AT_MIN = Filter("updated_at_min")

CONTRACT = Dialect(
    name="contract",
    base_urls={
        "production": "https://production.rutterapi.com/versioned",
        "sandbox": "https://sandbox.rutterapi.com",
    },
    version="2024-08-31",
    resources={
        "connections": Spelling("/connections", "connections", retrievable=True),
        "accounts": Spelling("/accounts", "accounts"),
        "transactions": Spelling("/transactions", "transactions", filters=(_UPDATED_AT_MIN,)),
        "invoices": Spelling("/invoices", "invoices", retrievable=True, creatable=True, repeatable=True),
        "bills": Spelling("/bills", "bills", creatable=True),
        "expenses": Spelling("/expenses", "expenses"),
        "orders": Spelling(
            "/orders",
            "orders",
            filters=(_UPDATED_AT_MIN, Filter("expand", values=("platform_data",))),
            retrievable=True,
            creatable=True,
        ),
        "products": Spelling("/products", "products", retrievable=True, creatable=True, updatable=True),
        "customers": Spelling("/customers", "customers", retrievable=True),
        "bank_accounts": Spelling("/bank-accounts", "bank_accounts"),
        "ad_accounts": Spelling("/ad-accounts", "ad_accounts"),
    },
)
