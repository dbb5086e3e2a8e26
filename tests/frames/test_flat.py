"""Frames without nested columns and time zones, and the calls of pandas that they are for."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import great_tables
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames import rows_of, to_frame
from rutterframe.frames.schema import frame_schema
from rutterframe.models import Order
from rutterframe.models.live import LiveInvoice

MOMENT = pd.Timestamp("2026-01-31T23:59:59.123456Z")
LINES = [{"quantity": 2}, {"quantity": 1}]
ROWS: list[dict[str, Any]] = [
    {"id": "o1", "currency": "USD", "total_price": 12.5, "line_items": LINES, "created_at": MOMENT},
    {"id": "o2", "currency": "EUR", "total_price": None, "line_items": []},
    {"id": "o3"},
]


@pytest.fixture
def orders() -> pd.DataFrame:
    frame = to_frame(Order, [rows_of(Order, [pa.Table.from_pylist(ROWS, frame_schema(Order))], "c1")])
    frame.attrs["receipt"] = {"resource": "orders", "rows": 3, "complete": True}
    return frame


def test_the_columns(orders: pd.DataFrame) -> None:
    """Lists become their number, moments lose their zone, and everything else is as it was."""
    flat = rf.flat(orders)
    assert {name: str(dtype) for name, dtype in flat.dtypes.items()} == {
        "connection_id": "str",
        "id": "str",
        "customer_id": "str",
        "status": "str",
        "currency": "str",
        "total_price": "float64",
        "line_items_count": "Int64",
        "created_at": "datetime64[us]",
        "updated_at": "datetime64[us]",
    }
    assert flat["line_items_count"].tolist() == [2, 0, pd.NA]
    assert flat["created_at"].tolist() == [pd.Timestamp("2026-01-31 23:59:59.123456"), pd.NaT, pd.NaT]
    same = ["connection_id", "id", "customer_id", "status", "currency", "total_price"]
    pd.testing.assert_frame_equal(flat[same], orders[same])


def test_lists_as_json(orders: pd.DataFrame) -> None:
    """With nested="json" a column of lists keeps its name and holds JSON text."""
    flat = rf.flat(orders, nested="json")
    assert flat["line_items"].dtype == "str"
    first, second, third = flat["line_items"]
    assert first == (
        '[{"product_id": null, "variant_id": null, "quantity": 2, "unit_price": null}, '
        '{"product_id": null, "variant_id": null, "quantity": 1, "unit_price": null}]'
    )
    assert second == "[]"
    assert pd.isna(third)


def test_the_frame_stays_and_so_does_its_receipt(orders: pd.DataFrame) -> None:
    """The frame is not changed; rows, index, column order and receipt are those of the frame."""
    part = orders.iloc[[2, 0]]
    before = part.copy(deep=True)
    flat = rf.flat(part)
    pd.testing.assert_frame_equal(part, before)
    assert flat.index.tolist() == [2, 0]
    assert flat["id"].tolist() == ["o3", "o1"]
    assert rf.receipt(rf.flat(orders)) == orders.attrs["receipt"]
    flat["total_price"] = 0.0
    pd.testing.assert_frame_equal(part, before)


def test_a_frame_from_a_file(orders: pd.DataFrame, tmp_path: Path) -> None:
    """Lists of Python, as they are in a frame from a Parquet file, become the same numbers and text."""
    rf.write_frame(orders, tmp_path / "orders.parquet")
    again = pd.read_parquet(tmp_path / "orders.parquet")
    pd.testing.assert_frame_equal(rf.flat(again), rf.flat(orders))
    texts, expected = (rf.flat(frame, nested="json")["line_items"] for frame in (again, orders))
    # PyArrow 22 sorts the keys of records that it reads from Python.
    assert [json.loads(text) for text in texts.dropna()] == [json.loads(text) for text in expected.dropna()]


def test_every_nested_column_of_live_frames() -> None:
    """A live invoice has two nested columns, and a payment's day is text in their JSON."""
    rows = [{"id": "i1", "payments": [{"date": pd.Timestamp("2026-05-01"), "amount": 5.0}]}]
    table = pa.Table.from_pylist(rows, frame_schema(LiveInvoice))
    invoices = to_frame(LiveInvoice, [rows_of(LiveInvoice, [table], "c1")])
    flat = rf.flat(invoices)
    assert flat["line_items_count"].tolist() == [pd.NA]
    assert flat["payments_count"].tolist() == [1]
    assert '"2026-05-01"' in rf.flat(invoices, nested="json")["payments"][0]
    assert not any(isinstance(dtype, pd.ArrowDtype) for dtype in flat.dtypes)


@pytest.mark.parametrize(
    ("values", "kind", "dtype", "expected"),
    [
        ([1, None], pa.int32(), "Int64", [1, pd.NA]),
        ([1.5], pa.float64(), "float64", [1.5]),
        (["a"], pa.string(), "str", ["a"]),
        ([MOMENT], pa.timestamp("us", "America/Los_Angeles"), "datetime64[us]", [MOMENT.tz_localize(None)]),
        ([pd.Timestamp("2026-06-30").date()], pa.date32(), "datetime64[us]", [pd.Timestamp("2026-06-30")]),
    ],
)
def test_columns_of_pyarrow(values: list[Any], kind: pa.DataType, dtype: str, expected: list[Any]) -> None:
    """A column with a dtype of PyArrow gets the dtype that a loader gives such values."""
    column = pd.Series(values, dtype=pd.ArrowDtype(kind), name="x", index=range(7, 7 + len(values)))
    flat = rf.flat(column.to_frame())
    assert str(flat["x"].dtype) == dtype
    assert flat["x"].tolist() == expected
    assert flat.index.tolist() == column.index.tolist()


def test_a_time_of_another_zone() -> None:
    """A moment of another zone becomes the same moment in UTC."""
    moments = pd.to_datetime(["2026-07-01 00:30"]).tz_localize("Europe/Paris")
    assert rf.flat(pd.DataFrame({"at": moments}))["at"].tolist() == [pd.Timestamp("2026-06-30 22:30")]


def test_records_and_columns_of_one_name() -> None:
    """A record is JSON text either way, and columns are read by their place, not by their name."""
    frame = pd.DataFrame([[{"city": "Ayr"}, (1, 2)], [None, np.array([3])]], columns=["x", "x"])
    flat = rf.flat(frame)
    assert flat.columns.tolist() == ["x", "x_count"]
    assert flat.iloc[0].tolist() == ['{"city": "Ayr"}', 2]
    assert flat["x_count"].tolist() == [2, 1]
    records = pd.Series([{"city": "Ayr"}], dtype=pd.ArrowDtype(pa.struct([("city", pa.string())])))
    assert rf.flat(records.to_frame("x"))["x"].tolist() == ['{"city": "Ayr"}']


def test_what_is_refused(orders: pd.DataFrame) -> None:
    """Another type, another word, and a name that is taken are errors that say what to pass."""
    with pytest.raises(TypeError, match="flat takes a pandas DataFrame; this is a list"):
        rf.flat([])  # type: ignore[arg-type] # the mistake is the point
    with pytest.raises(ValueError, match="nested='drop' is not known; use 'count' or 'json'"):
        rf.flat(orders, nested="drop")  # type: ignore[arg-type] # the mistake is the point
    with pytest.raises(ValueError, match=r"has a column 'line_items_count' already.* pass nested='json'"):
        rf.flat(orders.assign(line_items_count=0))
    with pytest.raises(ValueError, match="The frame has no 'line_items'"):
        rf.line_items(rf.flat(orders))


@pytest.mark.parametrize("nested", ["count", "json"])
def test_calls_that_pandas_refuses_on_nested_columns(
    orders: pd.DataFrame, nested: Any, tmp_path: Path
) -> None:
    """Duplicates, unique values, description, dtypes, sorting, tables, Excel, SQL and files all work."""
    flat = rf.flat(orders, nested=nested)
    assert len(flat.drop_duplicates()) == 3
    assert flat.duplicated().tolist() == [False] * 3
    assert flat.nunique()["id"] == 3
    assert flat.describe(include="all").loc["count", "id"] == 3
    assert len(flat.convert_dtypes()) == 3
    assert flat.sort_values(list(flat.columns))["id"].tolist() == ["o1", "o2", "o3"]
    assert "o1" in great_tables.GT(flat).as_raw_html()
    flat.to_excel(tmp_path / "orders.xlsx", index=False)
    with closing(openpyxl.load_workbook(tmp_path / "orders.xlsx")) as book:
        assert book.active is not None
        assert str(book.active["H2"].value).startswith("2026-01-31 23:59:59.123")
    with closing(sqlite3.connect(tmp_path / "books.db")) as database:
        flat.to_sql("orders", database, index=False)
        stored = database.execute(f"select id, {flat.columns[6]}, created_at from orders").fetchone()  # noqa: S608
    assert stored == ("o1", flat.iloc[0, 6], "2026-01-31 23:59:59.123456")
    for ending in ("parquet", "feather"):
        getattr(flat, f"to_{ending}")(tmp_path / f"orders.{ending}")
        again = getattr(pd, f"read_{ending}")(tmp_path / f"orders.{ending}")
        pd.testing.assert_frame_equal(again, flat)
    assert pd.read_parquet(tmp_path / "orders.parquet").attrs == flat.attrs
