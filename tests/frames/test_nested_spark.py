"""Child frames of nested lists on Spark: the columns, types, values and nulls of those on pandas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import rutterframe as rf
from rutterframe.frames.nested import NESTED, child_rows

pytestmark = [
    pytest.mark.spark,
    # Py4J and PySpark close their sockets late and use what Python is about to drop: their own affair.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
#: Spark's name of each dtype of a child frame.
TYPES = {
    "str": "string",
    "Int64": "bigint",
    "float64": "double",
    "datetime64[us]": "timestamp_ntz",
}
ORDERS = (
    "connection_id string, id string, total_price double, status string, currency string, "
    "line_items array<struct<product_id: string, variant_id: string, quantity: bigint, unit_price: double>>"
)


def values(frame: Any) -> list[list[Any]]:
    """Return the rows of a frame of pandas or Spark, in their order, with None for what is missing."""
    on_pandas = isinstance(frame, pd.DataFrame)
    table = pa.Table.from_pandas(frame, preserve_index=False) if on_pandas else frame.toArrow()
    return [list(row.values()) for row in table.to_pylist()]


@pytest.fixture(scope="module")
def all_text(spark: Any) -> Iterator[None]:
    """Read the names of folders as text: Spark takes "0123" for a number."""
    name = "spark.sql.sources.partitionColumnTypeInference.enabled"
    spark.conf.set(name, "false")
    yield
    spark.conf.unset(name)


@pytest.mark.timeout(300)
def test_lines_of_orders(spark: Any) -> None:
    """One row for each line, numbered; a null line has one, an order without lines or deleted has none."""
    lines = [("p", "v", 2, 3.5), None, ("q", None, None, 0.5)]
    orders = spark.createDataFrame(
        [
            ("s", "1", 7.5, "fulfilled", "USD", lines, None),
            ("s", "2", 1.0, "fulfilled", "USD", [], None),
            (None, "3", 1.0, "fulfilled", "USD", None, None),
            ("s", None, 1.0, "fulfilled", "USD", [(None, None, -1, None)], None),
            ("s", "4", 7.5, "fulfilled", "USD", lines, "2026-06-01"),
        ],
        f"{ORDERS}, _deleted_at string",
    )
    children: Any = rf.line_items(orders)
    assert type(children) is type(orders)
    assert children.dtypes == [
        ("connection_id", "string"), ("order_id", "string"), ("line_number", "bigint"),
        ("product_id", "string"), ("variant_id", "string"), ("quantity", "bigint"), ("unit_price", "double"),
    ]  # fmt: skip
    assert values(children) == [
        ["s", "1", 1, "p", "v", 2, 3.5],
        ["s", "1", 2, None, None, None, None],
        ["s", "1", 3, "q", None, None, 0.5],
        ["s", None, 1, None, None, -1, None],
    ]
    with pytest.raises(
        ValueError, match="must hold lists of rows; on this Spark frame it is string: read the"
    ):
        rf.line_items(orders.withColumn("line_items", orders["id"]))
    with pytest.raises(ValueError, match="The frame has no 'line_items'; its columns are connection_id, id"):
        rf.line_items(orders.drop("line_items"))


@pytest.mark.timeout(300)
def test_quantities_may_be_fractions(spark: Any) -> None:
    """A quantity of 1.5 stays one: Spark would cut it to 1."""
    orders = spark.createDataFrame(
        [("s", "1", 7.5, "fulfilled", "USD", [("p", "v", 1.5, 5.0)])], ORDERS.replace("bigint", "double")
    )
    assert values(rf.line_items(orders)) == [["s", "1", 1, "p", "v", 1.5, 5.0]]


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("all_text")
@pytest.mark.parametrize("dialect", ["contract", "live"])
def test_all_nested_columns_of_a_dataset(spark: Any, tmp_path: Any, dialect: Any) -> None:
    """All nested columns of a dataset, read from its files, have the child frames of those on pandas."""
    names = ["orders", "products", "bills", *(["invoice_payments"] if dialect == "live" else [])]
    ids = ["gear-shopify", "gear-xero"]
    with rf.demo(dialect=dialect) as client:
        rf.refresh([client.connection(one) for one in ids], tmp_path / "books", resources=names)
    data = rf.Dataset(tmp_path / "books")
    for name in names:
        files = data.files(name)
        on_spark = spark.read.option("basePath", files[0].split("connection_id=")[0]).parquet(*files)
        on_pandas = data.load(name)
        for column in (column for column in NESTED if column in on_pandas):
            expected, result = child_rows(on_pandas, column), child_rows(on_spark, column)
            assert [(one, TYPES[str(dtype)]) for one, dtype in expected.dtypes.items()] == result.dtypes
            assert sorted(map(repr, values(result))) == sorted(map(repr, values(expected)))
