"""The fields of the live dialect that faults alter."""

from __future__ import annotations

from rutterframe.demo.api.alterations import AlteredFields

LIVE_FIELDS = AlteredFields(
    numbers={
        "accounts": "balance",
        "transactions": "amount",
        "invoices": "amount_due",
        "bills": "amount_due",
        "orders": "total_price",
    },
    enums={
        "connections": "status",
        "accounts": "category",
        "transactions": "status",
        "invoices": "status",
        "bills": "status",
        "orders": "status",
        "products": "status",
        "bank_accounts": "subtype",
        "invoice_credit_memos": "status",
        "bill_credit_memos": "status",
    },
    missing={
        "connections": ("updated_at",),
        "accounts": ("platform_id", "nominal_code"),
        "transactions": ("description", "merchant_name"),
        "invoices": ("due_date", "linked_payments"),
        "bills": ("due_date", "line_items"),
        "expenses": ("memo",),
        "orders": ("customer", "refunds"),
        "products": ("description", "variants"),
        "customers": ("email", "phone"),
        "bank_accounts": ("mask",),
        "ad_accounts": ("name",),
    },
    counts={"orders": ("line_items", "quantity")},
)
