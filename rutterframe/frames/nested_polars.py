"""Child frames of nested lists on Polars: in memory, or a query of which nothing is collected."""

from __future__ import annotations

from typing import Any

import polars as pl

from rutterframe.frames.child_columns import ChildColumn, EngineTypes


def fields_of(frame: Any, name: str) -> dict[str, bool] | None:
    """Return the fields of a column of lists of rows, and whether each holds only whole numbers."""
    kind = frame.collect_schema()[name]
    element = kind.inner if isinstance(kind, pl.List) else kind
    if isinstance(kind, pl.List) and isinstance(element, pl.Struct):
        return {field.name: field.dtype.is_integer() or field.dtype == pl.Null for field in element.fields}
    return {} if isinstance(element, pl.Null) else None


def type_name(frame: Any, name: str) -> str:
    """Return the type of a column, for an error."""
    return str(frame.collect_schema()[name])


def child_rows(frame: Any, name: str, parent: str, columns: list[ChildColumn]) -> Any:
    """Return one row for each nested row, with the connection and id of its record, in memory or lazily."""
    lists = pl.col(name)
    # A frame without a single line has no type of a row.
    rows = frame if fields_of(frame, name) else frame.with_columns(lists.cast(pl.List(pl.Null)))
    # An empty list would become a row of nulls.
    rows = rows.filter(lists.list.len() > 0).select(
        pl.col("connection_id").cast(pl.String),
        pl.col("id").cast(pl.String).alias(parent),
        pl.int_ranges(1, lists.list.len() + 1, dtype=pl.Int64).alias("line_number"),
        lists.alias("_row"),
    )
    exploded = rows.explode("line_number", "_row")
    return exploded.select("connection_id", parent, "line_number", *map(_value, columns))


def _value(column: ChildColumn) -> pl.Expr:
    if column.is_missing:
        return pl.lit(None, column.type).alias(column.name)
    value = pl.col("_row").struct.field(column.name)
    return value if column.type is None else value.cast(column.type)


engine_type = EngineTypes(
    text=pl.String,
    integer=pl.Int64,
    number=pl.Float64,
    boolean=pl.Boolean,
    date=pl.Date,
    naive_moment=pl.Datetime("us"),
    moment=pl.Datetime("us", "UTC"),
    list_of=pl.List,
    struct_of=pl.Struct,
).of
