"""Child frames of nested lists on Polars: in memory, or a query of which nothing is collected."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

_TYPES: dict[str, Any] = {
    "int64": pl.Int64, "double": pl.Float64, "bool": pl.Boolean, "date32[day]": pl.Date,
}  # fmt: skip


def row_fields(frame: Any, name: str) -> list[str]:
    """Return the names of the fields of a column of lists of rows.

    Raises
    ------
    ValueError
        If it holds anything else; the message has its type.
    """
    return list(_fields(frame, name))


def child_rows_of(frame: Any, name: str, parent: str, schema: pa.Schema) -> Any:
    """Return one row for each nested row, with the connection and id of its record, in memory or lazily.

    Parameters
    ----------
    frame : polars DataFrame or LazyFrame
        With ``connection_id``, ``id`` and the nested column.
    name : str
        The nested column.
    parent : str
        The name of the record's id in the result.
    schema : pyarrow.Schema
        The fields of a nested row; those that the frame does not have are null.
    """
    has = _fields(frame, name)
    lists = pl.col(name)
    # A frame without a single line has no type of a row.
    rows = frame.with_columns(lists.cast(pl.List(pl.Null)) if not has else lists)
    # An empty list would become a row of nulls.
    rows = rows.filter(lists.list.len() > 0).select(
        pl.col("connection_id").cast(pl.String),
        pl.col("id").cast(pl.String).alias(parent),
        pl.int_ranges(1, lists.list.len() + 1, dtype=pl.Int64).alias("line_number"),
        lists.alias("_row"),
    )
    exploded = rows.explode("line_number", "_row")
    return exploded.select("connection_id", parent, "line_number", *(_field(has, field) for field in schema))


def _fields(frame: Any, name: str) -> dict[str, Any]:
    """Return the names and types of the fields of nested rows."""
    kind = frame.collect_schema()[name]
    element = kind.inner if isinstance(kind, pl.List) else kind
    if isinstance(kind, pl.List) and isinstance(element, pl.Struct):
        return {field.name: field.dtype for field in element.fields}
    if isinstance(element, pl.Null):
        return {}
    raise ValueError(
        f"{name!r} must hold lists of rows; on this Polars frame it is {kind}: read the Parquet files of a "
        f"dataset, such as those of rf.Dataset(path).files('orders')"
    )


def _field(has: dict[str, Any], field: pa.Field) -> pl.Expr:
    if field.name not in has:
        return pl.lit(None, _type(field.type)).alias(field.name)
    value = pl.col("_row").struct.field(field.name)
    # Polars cuts fractions to integers, where pandas would refuse them: they stay as they are.
    if pa.types.is_integer(field.type) and not has[field.name].is_integer():
        return value
    return value.cast(_type(field.type))


def _type(kind: pa.DataType) -> Any:
    """Return the Polars type of an Arrow type."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pl.List(_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pl.Struct({field.name: _type(field.type) for field in kind})
    if pa.types.is_timestamp(kind):
        return pl.Datetime("us", kind.tz)
    return _TYPES.get(str(kind), pl.String)
