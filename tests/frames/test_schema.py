"""The frame contract: names, order and dtypes."""

from __future__ import annotations

import pandas as pd
import pytest

from rutterframe.frames import rows_of, to_frame
from rutterframe.models import RECORDS

LINES = "list<item: struct<description: {t}, quantity: double, unit_price: double, total_amount: double>>"
ORDER_LINES = "list<item: struct<product_id: {t}, variant_id: {t}, quantity: int64, unit_price: double>>"
VARIANTS = "list<item: struct<id: {t}, title: {t}, price: double, sku: {t}, inventory_quantity: int64>>"
UTC = "datetime64[us, UTC]"
DAY = "datetime64[us]"

# fmt: off
EXPECTED = {
    "connections": {"id": "str", "platform": "str", "status": "str", "created_at": UTC, "updated_at": UTC},
    "accounts": {
        "id": "str", "name": "str", "type": "str", "currency": "str", "balance": "float64",
        "platform_id": "str",
    },
    "transactions": {
        "id": "str", "amount": "float64", "currency": "str", "date": DAY, "description": "str", "type": "str",
        "account_id": "str",
    },
    "invoices": {
        "id": "str", "customer_id": "str", "status": "str", "amount_due": "float64", "currency": "str",
        "due_date": DAY, "line_items": LINES,
    },
    "bills": {
        "id": "str", "vendor_id": "str", "status": "str", "amount_due": "float64", "currency": "str",
        "due_date": DAY, "line_items": LINES,
    },
    "expenses": {
        "id": "str", "amount": "float64", "currency": "str", "date": DAY, "description": "str",
        "category": "str",
        "account_id": "str",
    },
    "orders": {
        "id": "str", "customer_id": "str", "status": "str", "currency": "str", "total_price": "float64",
        "line_items": ORDER_LINES, "created_at": UTC, "updated_at": UTC,
    },
    "products": {
        "id": "str", "title": "str", "description": "str", "status": "str", "price": "float64",
        "currency": "str",
        "variants": VARIANTS, "created_at": UTC, "updated_at": UTC,
    },
    "customers": {"id": "str", "name": "str", "email": "str", "phone": "str", "created_at": UTC},
    "bank_accounts": {
        "id": "str", "name": "str", "type": "str", "balance": "float64", "currency": "str",
        "institution_name": "str",
    },
    "ad_accounts": {"id": "str", "name": "str", "platform": "str", "currency": "str", "status": "str"},
}  # fmt: skip


@pytest.mark.parametrize("resource", EXPECTED)
def test_dtypes_of_an_empty_frame(resource: str) -> None:
    """A frame without rows has connection_id, then the contract's fields in order, each with its dtype."""
    frame = to_frame(RECORDS[resource], [])
    expected = {"connection_id": "str", **EXPECTED[resource]}
    assert {name: str(dtype).removesuffix("[pyarrow]") for name, dtype in frame.dtypes.items()} == {
        name: dtype.format(t="large_string") for name, dtype in expected.items()
    }
    assert list(frame.columns) == list(expected)
    assert isinstance(frame.index, pd.RangeIndex)
    assert len(frame) == 0


def test_every_resource_has_a_case() -> None:
    """The table above has every resource."""
    assert list(EXPECTED) == list(RECORDS)


@pytest.mark.parametrize("resource", EXPECTED)
def test_no_column_is_object(resource: str) -> None:
    """No column of any frame has dtype object, and text is pandas' own str."""
    frame = to_frame(RECORDS[resource], [rows_of(RECORDS[resource], [], "c1")])
    assert "object" not in [str(dtype) for dtype in frame.dtypes]
    assert frame["id"].dtype == pd.Series(["text"]).dtype
