"""Frames with nested lists are read back from pandas' own Parquet and Feather files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames import Decoder, frame_schema, rows_of, to_frame
from rutterframe.frames.list_dtype import ListOfRecords
from rutterframe.models import Order, Product, Record
from rutterframe.models.live import LIVE_RECORDS

ORDERS = b'{"orders":[{"id":"a","line_items":[{"product_id":"p","quantity":2,"unit_price":1.5}]},{"id":"b"}]}'
PRODUCTS = b'{"products":[{"id":"a","variants":[{"id":"v","inventory_quantity":3}]}]}'


def frame(model: type[Record], resource: str, body: bytes) -> pd.DataFrame:
    table = Decoder(model, resource, "next_cursor").decode([body]).table
    return to_frame(model, [rows_of(model, [table], "c1")])


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize(
    ("model", "resource", "body"), [(Order, "orders", ORDERS), (Product, "products", PRODUCTS)]
)
def test_files_of_pandas_are_read_back(
    tmp_path: Path, model: type[Record], resource: str, body: bytes, ending: str
) -> None:
    """What to_parquet and to_feather write is read with the same dtypes and values, whole or in part."""
    original = frame(model, resource, body)
    path = tmp_path / f"frame.{ending}"
    getattr(original, f"to_{ending}")(path)
    read = getattr(pd, f"read_{ending}")
    loaded = read(path)
    assert (loaded.dtypes == original.dtypes).all()
    pd.testing.assert_frame_equal(loaded, original)
    pd.testing.assert_frame_equal(read(path, columns=["id"]), original[["id"]])
    if model is Order:
        pd.testing.assert_frame_equal(rf.line_items(loaded), rf.line_items(original))


@pytest.mark.parametrize("resource", ["invoices", "bills", "orders", "invoice_payments", "balance_sheets"])
@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_files_of_live_frames_are_read_back(tmp_path: Path, resource: str, ending: str) -> None:
    """Nested rows with days in them are read back as well."""
    paid = {"id": "p", "date": pd.Timestamp("2026-01-31"), "amount": 1.5}
    row = {"id": "a", "payments": [paid], "documents": [paid], "items": [{"name": "Cash", "value": 2.0}]}
    model = LIVE_RECORDS[resource]
    known = {name: value for name, value in row.items() if name in model.model_fields}
    table = pa.Table.from_pylist([known, {"id": "b"}], frame_schema(model))
    original = to_frame(model, [rows_of(model, [table], "c1")])
    path = tmp_path / f"frame.{ending}"
    getattr(original, f"to_{ending}")(path)
    pd.testing.assert_frame_equal(getattr(pd, f"read_{ending}")(path), original)


@pytest.mark.parametrize(
    "name", ["list<item: int64>[pyarrow]", "list<item: struct<a: blob>>[pyarrow]", "x", "", 5]
)
def test_other_names_are_left_to_pandas(name: object) -> None:
    """A name that is not of a list of records is refused, so that pandas goes on to its other dtypes."""
    with pytest.raises(TypeError, match="not the dtype of a list of records"):
        ListOfRecords.construct_from_string(name)
