"""The frames of the live dialect: names, order and dtypes."""

from __future__ import annotations

import pandas as pd
import pytest

from rutterframe.frames import rows_of, to_frame
from rutterframe.models import RECORDS
from rutterframe.models.live import LIVE_RECORDS

UTC = "datetime64[us, UTC]"
DAY = "datetime64[us]"
APPLIED = "list<item: struct<id: {t}, date: timestamp[us], amount: double>>"
PAYMENTS = "list<item: struct<id: {t}, date: timestamp[us], amount: double, kind: {t}>>"
LINES = (
    "list<item: struct<description: {t}, quantity: double, unit_price: double, total_amount: double, "
    "item_id: {t}, account_id: {t}, sub_total: double, tax_amount: double, discount_amount: double, "
    "type: {t}>>"
)
ORDER_LINES = (
    "list<item: struct<product_id: {t}, variant_id: {t}, quantity: double, unit_price: double, line_id: {t}, "
    "sku: {t}, title: {t}, line_amount: double, currency: {t}>>"
)
REFUNDS = "list<item: struct<line_item_id: {t}, quantity: double, status: {t}, amount: double>>"
ITEMS = "list<item: struct<path: {t}, name: {t}, account_id: {t}, value: double>>"
DOCUMENT = {
    "issue_date": DAY, "document_number": "str", "total_amount": "float64", "sub_total": "float64",
    "tax_amount": "float64", "discount_amount": "float64", "payments": PAYMENTS, "payment_terms_id": "str",
    "account_id": "str", "memo": "str", "updated_at": UTC, "last_synced_at": UTC,
}  # fmt: skip
EXPECTED = {
    "invoices": {
        "id": "str", "customer_id": "str", "status": "str", "amount_due": "float64", "currency": "str",
        "due_date": DAY, "line_items": LINES, **DOCUMENT,
    },
    "bills": {
        "id": "str", "vendor_id": "str", "status": "str", "amount_due": "float64", "currency": "str",
        "due_date": DAY, "line_items": LINES, **DOCUMENT, "currency_rate": "float64",
    },
    "orders": {
        "id": "str", "customer_id": "str", "status": "str", "currency": "str", "total_price": "float64",
        "line_items": ORDER_LINES, "created_at": UTC, "updated_at": UTC, "payment_status": "str",
        "fulfillment_status": "str", "order_number": "str", "total_discount": "float64",
        "total_tax": "float64", "total_shipping": "float64", "total_shipping_discount": "float64",
        "cancelled_at": UTC, "refunds": REFUNDS,
    },
    "invoice_payments": {
        "id": "str", "customer_id": "str", "date": DAY, "amount": "float64", "currency": "str",
        "currency_rate": "float64", "account_id": "str", "documents": APPLIED, "updated_at": UTC,
        "last_synced_at": UTC,
    },
    "payment_terms": {
        "id": "str", "name": "str", "due_days": "Int64", "discount_days": "Int64",
        "discount_percent": "float64", "created_at": UTC, "updated_at": UTC, "last_synced_at": UTC,
    },
    "balance_sheets": {
        "id": "str", "start_date": DAY, "end_date": DAY, "currency": "str", "total_assets": "float64",
        "total_liabilities": "float64", "total_equity": "float64", "items": ITEMS, "created_at": UTC,
        "updated_at": UTC,
    },
}  # fmt: skip


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype).removesuffix("[pyarrow]") for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize("resource", EXPECTED)
def test_dtypes_of_an_empty_live_frame(resource: str) -> None:
    """First connection_id, then the contract's columns, then the live ones, each with its dtype."""
    frame = to_frame(LIVE_RECORDS[resource], [])
    expected = {"connection_id": "str", **EXPECTED[resource]}
    assert dtypes(frame) == {name: dtype.format(t="large_string") for name, dtype in expected.items()}
    assert list(frame) == list(expected)


@pytest.mark.parametrize("resource", RECORDS)
def test_the_columns_of_the_contract_keep_their_dtypes(resource: str) -> None:
    """A column of the contract has the same dtype in both dialects, but nested rows have more fields."""
    contract = dtypes(to_frame(RECORDS[resource], []))
    live = dtypes(to_frame(LIVE_RECORDS[resource], []))
    nested = {"line_items", "variants"}
    assert {name: live[name] for name in contract if name not in nested} == {
        name: dtype for name, dtype in contract.items() if name not in nested
    }


@pytest.mark.parametrize("resource", LIVE_RECORDS)
def test_no_live_column_is_object(resource: str) -> None:
    """No column of any frame has dtype object."""
    model = LIVE_RECORDS[resource]
    assert "object" not in dtypes(to_frame(model, [rows_of(model, [], "c1")])).values()
