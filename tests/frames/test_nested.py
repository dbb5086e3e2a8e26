"""Child frames of nested lists: a row per line, with the id of its document or product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames import frame_schema, rows_of, to_frame
from rutterframe.models import Bill, Invoice, Order, Product, Record
from rutterframe.models.live import LiveBill, LiveInvoice, LiveOrder, LiveProduct


def frame(model: type[Record], *rows: dict[str, Any]) -> pd.DataFrame:
    """Return a frame with the dtypes of a loader."""
    return to_frame(model, [rows_of(model, [pa.Table.from_pylist(list(rows), frame_schema(model))], "c1")])


def order(name: str, *quantities: int) -> dict[str, Any]:
    """Return an order with a line for each quantity."""
    return {
        "id": name,
        "line_items": [{"product_id": f"p{n}", "quantity": n, "unit_price": 1.5} for n in quantities],
    }


def test_lines_of_orders() -> None:
    """Each line has its order's id and its number in the order; an order without lines has no row."""
    lines = rf.line_items(frame(Order, order("a", 1, 2), order("b"), {"id": "c"}, order("d", 3)))
    assert lines.drop(columns="variant_id").to_dict("list") == {
        "connection_id": ["c1", "c1", "c1"],
        "order_id": ["a", "a", "d"],
        "line_number": [1, 2, 1],
        "product_id": ["p1", "p2", "p3"],
        "quantity": [1, 2, 3],
        "unit_price": [1.5, 1.5, 1.5],
    }
    assert lines["variant_id"].isna().all()
    assert [str(dtype) for dtype in lines.dtypes] == ["str", "str", "Int64", "str", "str", "Int64", "float64"]
    assert isinstance(lines.index, pd.RangeIndex)


def test_lines_of_some_orders() -> None:
    """A filtered, reordered frame has the lines of its rows, in its order."""
    orders = frame(Order, order("a", 1, 2), order("b", 3), order("c", 4))
    some = orders[orders["id"] != "b"].sort_values("id", ascending=False)
    lines = rf.line_items(some)
    assert lines["order_id"].tolist() == ["c", "a", "a"]
    assert lines["line_number"].tolist() == [1, 1, 2]
    assert lines["quantity"].tolist() == [4, 1, 2]


@pytest.mark.parametrize(("model", "parent"), [(Invoice, "invoice_id"), (Bill, "bill_id")])
def test_lines_of_documents(model: type[Record], parent: str) -> None:
    """Lines of invoices and bills name their document, and quantities may be fractions."""
    row = {
        "id": "x",
        "line_items": [{"description": "beans", "quantity": 2.5, "unit_price": 4.0, "total_amount": 10.0}],
    }
    lines = rf.line_items(frame(model, row))
    assert list(lines.columns) == [
        "connection_id", parent, "line_number", "description", "quantity", "unit_price", "total_amount",
    ]  # fmt: skip
    assert lines.iloc[0].tolist() == ["c1", "x", 1, "beans", 2.5, 4.0, 10.0]


def test_variants_of_products() -> None:
    """Each variant has its product's id."""
    row = {
        "id": "x",
        "variants": [{"id": "v", "title": "250 g", "price": 9.5, "sku": "S", "inventory_quantity": -1}],
    }
    children = rf.variants(frame(Product, row))
    assert children.to_dict("records") == [
        {
            "connection_id": "c1", "product_id": "x", "line_number": 1, "id": "v", "title": "250 g",
            "price": 9.5, "sku": "S", "inventory_quantity": -1,
        }
    ]  # fmt: skip


def test_lines_of_no_orders() -> None:
    """Without orders there are no lines, but the same columns and dtypes."""
    some, none = rf.line_items(frame(Order, order("a", 1))), rf.line_items(frame(Order))
    assert len(none) == 0
    assert none.dtypes.equals(some.dtypes)


def test_the_frame_is_not_changed() -> None:
    """The caller's frame stays as it was."""
    orders = frame(Order, order("a", 1, 2))
    before = orders.copy(deep=True)
    rf.line_items(orders)
    pd.testing.assert_frame_equal(orders, before)


def test_lines_of_a_frame_from_a_file(tmp_path: Path) -> None:
    """A frame from a Parquet file, with lists as Python objects, has the same lines."""
    orders = frame(Order, order("a", 1, 2))
    rf.write_frame(orders, tmp_path / "orders.parquet")
    again = pd.read_parquet(tmp_path / "orders.parquet")
    pd.testing.assert_frame_equal(rf.line_items(again), rf.line_items(orders))


def test_a_frame_without_lines() -> None:
    """A frame of another kind is refused, with its missing and its present columns."""
    with pytest.raises(
        ValueError, match=r"The frame has no 'connection_id' and no 'line_items'; its columns are id, x"
    ):
        rf.line_items(pd.DataFrame({"id": ["a"], "x": [1]}))
    with pytest.raises(ValueError, match=r"The frame has no 'variants'"):
        rf.variants(frame(Order))


# The live dialect


def live_lines(model: type[Record], row: dict[str, Any], name: str = "line_items") -> pd.DataFrame:
    """Return the child frame of a live record, after a check that Python lists give the same."""
    whole = frame(model, row)
    from_lists = whole.astype({name: object})
    children = (rf.variants if name == "variants" else rf.line_items)(whole)
    again = (rf.variants if name == "variants" else rf.line_items)(from_lists)
    pd.testing.assert_frame_equal(children, again)
    return children


def test_live_lines_of_orders() -> None:
    """Live lines have fractions of pieces, and their own columns after those of the contract."""
    lines = live_lines(
        LiveOrder,
        {
            "id": "x",
            "line_items": [{"product_id": "p", "quantity": 1.5, "unit_price": 4.0, "sku": "S"}],
            "payment_status": "paid",
        },
    )
    assert {name: str(dtype) for name, dtype in lines.dtypes.items()} == {
        "connection_id": "str", "order_id": "str", "line_number": "Int64", "product_id": "str",
        "variant_id": "str", "quantity": "float64", "unit_price": "float64", "line_id": "str", "sku": "str",
        "title": "str", "line_amount": "float64", "currency": "str",
    }  # fmt: skip
    assert lines[["quantity", "sku"]].to_numpy().tolist() == [[1.5, "S"]]


@pytest.mark.parametrize(("model", "parent"), [(LiveInvoice, "invoice_id"), (LiveBill, "bill_id")])
def test_live_lines_of_documents(model: type[Record], parent: str) -> None:
    """Live lines have tax and discount."""
    row = {"id": "x", "line_items": [{"quantity": 1.0, "tax_amount": 0.2, "type": "shipping"}]}
    lines = live_lines(model, row)
    assert list(lines) == [
        "connection_id", parent, "line_number", "description", "quantity", "unit_price", "total_amount",
        "item_id", "account_id", "sub_total", "tax_amount", "discount_amount", "type",
    ]  # fmt: skip
    assert lines[["tax_amount", "type"]].to_numpy().tolist() == [[0.2, "shipping"]]


def test_live_variants() -> None:
    """Live variants have a currency and a cost."""
    row = {"id": "x", "variants": [{"id": "v", "inventory_quantity": 2.5, "unit_cost": 3.0}]}
    children = live_lines(LiveProduct, row, "variants")
    assert list(children)[3:] == [
        "id", "title", "price", "sku", "inventory_quantity", "currency", "barcode", "unit_cost",
    ]  # fmt: skip
    assert children[["inventory_quantity", "unit_cost"]].to_numpy().tolist() == [[2.5, 3.0]]
