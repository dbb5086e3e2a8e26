"""Child frames of nested lists on other engines: the columns, types, values and nulls of those on pandas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames.nested import NESTED, child_rows

LINE = pa.struct(
    {"product_id": pa.string(), "variant_id": pa.string(), "quantity": pa.int64(), "unit_price": pa.float64()}
)
#: Narwhals' name of each dtype of a child frame.
TYPES = {"str": nw.String, "Int64": nw.Int64, "float64": nw.Float64, "datetime64[us]": nw.Datetime("us")}
ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "polars": pl.from_arrow,
    "polars-lazy": lambda table: pl.DataFrame(table).lazy(),
    "pyarrow": lambda table: table,
    "duckdb": lambda table: duckdb.default_connection().from_arrow(table),
}


@pytest.fixture(params=list(ENGINES))
def convert(request: pytest.FixtureRequest) -> Callable[[pa.Table], Any]:
    """Convert an Arrow table to a frame of one engine after the other."""
    return ENGINES[request.param]


def orders(lines: list[Any], kind: pa.DataType = LINE) -> pa.Table:
    """Return orders 1, 2, … of 7.50 each with these lines."""
    count = len(lines)
    return pa.table(
        {
            "connection_id": ["s"] * count,
            "id": [str(number) for number in range(1, count + 1)],
            "status": ["fulfilled"] * count,
            "currency": ["USD"] * count,
            "total_price": [7.5] * count,
            "created_at": pa.array([datetime(2026, 6, 30, tzinfo=UTC)] * count, pa.timestamp("us", "UTC")),
            "line_items": pa.array(lines, pa.list_(kind)),
        }
    )


def line(product: str | None, quantity: float | None, price: float | None) -> dict[str, Any]:
    """Return a line of an order."""
    return {"product_id": product, "variant_id": None, "quantity": quantity, "unit_price": price}


def values(native: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a frame of any engine, with None for what is missing."""
    return sorted((tuple(row.values()) for row in collected(native).to_arrow().to_pylist()), key=repr)


def collected(native: Any) -> Any:
    """Return a frame of any engine in memory."""
    frame: Any = nw.from_native(native)
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def schema(native: Any) -> dict[str, Any]:
    """Return the columns of a frame of any engine."""
    return dict(nw.from_native(native).collect_schema())


def test_lines_of_orders(convert: Callable[[pa.Table], Any]) -> None:
    """One row for each line, numbered; a null line has a row, an order without lines has none."""
    lines = [[line("p", 2, 3.5), None, line("q", None, 0.5)], [], None, [line(None, -1, None)]]
    frame = convert(orders(lines))
    children = rf.line_items(frame)
    assert type(children) is type(frame)
    assert schema(children) == {
        "connection_id": nw.String, "order_id": nw.String, "line_number": nw.Int64, "product_id": nw.String,
        "variant_id": nw.String, "quantity": nw.Int64, "unit_price": nw.Float64,
    }  # fmt: skip
    assert values(children) == [
        ("s", "1", 1, "p", None, 2, 3.5),
        ("s", "1", 2, None, None, None, None),
        ("s", "1", 3, "q", None, None, 0.5),
        ("s", "4", 1, None, None, -1, None),
    ]


def test_variants_of_products(convert: Callable[[pa.Table], Any]) -> None:
    """Each variant has its product's id."""
    kind = pa.list_(pa.struct({"id": pa.string(), "title": pa.string(), "price": pa.float64()}))
    rows = pa.array([[{"id": "v", "title": "250 g", "price": 9.5}]], kind)
    products = convert(pa.table({"connection_id": ["s"], "id": ["x"], "variants": rows}))
    assert values(rf.variants(products)) == [("s", "x", 1, "v", "250 g", 9.5, None, None)]


def test_quantities_may_be_fractions(convert: Callable[[pa.Table], Any]) -> None:
    """A quantity of 1.5 stays one: DuckDB would round it to 2, and Polars cut it to 1."""
    kind = pa.struct({"product_id": pa.string(), "quantity": pa.float64(), "unit_price": pa.float64()})
    frame = convert(orders([[{"product_id": "p", "quantity": 1.5, "unit_price": 5.0}]], kind))
    lines = rf.line_items(frame)
    assert values(lines) == [("s", "1", 1, "p", None, 1.5, 5.0)]
    revenue = rf.reports.revenue_by_product(frame, lines=lines)
    assert sorted(collected(revenue)["revenue"].to_list()) == [0.0, 7.5]


def test_fields_without_any_value(convert: Callable[[pa.Table], Any]) -> None:
    """A quantity that no line has is a column of whole numbers, all null."""
    kind = pa.struct({"product_id": pa.string(), "quantity": pa.null(), "unit_price": pa.null()})
    lines = rf.line_items(convert(orders([[{"product_id": "p"}]], kind)))
    assert values(lines) == [("s", "1", 1, "p", None, None, None)]
    assert schema(lines)["quantity"] == nw.Int64
    assert schema(lines)["unit_price"] == nw.Float64


@pytest.mark.parametrize("kind", [LINE, pa.null()])
def test_orders_without_lines(convert: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    """Orders without lines have none here, also where the column has no type of a line."""
    lines = rf.line_items(convert(orders([None, []], kind)))
    assert values(lines) == []
    assert schema(lines)["quantity"] == nw.Int64


def test_other_frames_are_refused(convert: Callable[[pa.Table], Any]) -> None:
    """Lines as text, a frame without lines, and a list of frames are errors that name what is needed."""
    table = orders([[]])
    text = convert(table.set_column(6, "line_items", pa.array(["[]"])))
    with pytest.raises(ValueError, match=r"'line_items' must hold lists of rows; .* read the Parquet"):
        rf.line_items(text)
    with pytest.raises(ValueError, match="The frame has no 'line_items'; its columns are connection_id, id"):
        rf.line_items(convert(table.drop_columns("line_items")))
    engines = "pandas and Polars, PyArrow, DuckDB, PySpark, not from builtins.list"
    with pytest.raises(TypeError, match=f"Nested lists are split from frames of {engines}"):
        rf.line_items([table])


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", ["contract", "live"])
def test_all_nested_columns_of_a_dataset(tmp_path: Path, dialect: Any) -> None:
    """All nested columns of a dataset have the child frames of those on pandas, on every engine."""
    names = ["orders", "products", "bills", *(["invoice_payments"] if dialect == "live" else [])]
    ids = ["gear-shopify", "gear-xero"]
    with rf.demo(dialect=dialect) as client:
        rf.refresh([client.connection(one) for one in ids], tmp_path / "books", resources=names)
    data = rf.Dataset(tmp_path / "books")
    compared = 0
    for name in names:
        on_pandas, table = data.load(name), data.scan(name).to_table()
        for column in (column for column in NESTED if column in on_pandas):
            expected = child_rows(on_pandas, column)
            rows = values(pa.Table.from_pandas(expected, preserve_index=False))
            assert rows
            for engine, convert in ENGINES.items():
                result = child_rows(convert(table), column)
                assert schema(result) == {key: TYPES[str(kind)] for key, kind in expected.dtypes.items()}
                assert values(result) == rows, (name, column, engine)
                compared += 1
    assert compared >= 12
    expected = rf.reports.revenue_by_product(data.load("orders"), data.load("products"))
    for engine, convert in ENGINES.items():
        on_engine, products = (convert(data.scan(name).to_table()) for name in ("orders", "products"))
        report = rf.reports.revenue_by_product(on_engine, products, lines=rf.line_items(on_engine))
        for name in ("title", "currency", "orders", "quantity", "revenue"):
            assert collected(report)[name].to_list() == expected[name].tolist(), (engine, name)
