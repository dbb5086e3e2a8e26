"""Order lines: read from nested columns or a frame of their own, and matched with their orders."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames import variants
from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.deleted_rows import POSITION
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.engine.factorize import concat_text, factorize_columns, first_rows, to_arrow
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    normalize_key,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.ticks import ticks, with_product_ticks

#: The columns that identify an order in the lines.
ORDER = ("connection_id", "order_id")
_INSTEAD = {"line_items": "lines=rf.line_items(orders)", "variants": "rf.variants(products) as products"}
# An exported table has no nested column: its rows are in a table of their own.
_TABLES = {
    "line_items": "the table orders_line_items_current as lines=",
    "variants": "the table products_variants_current as products",
}
_MEASURES = ("quantity", "unit_price")


def text_columns(frame: Frame, *names: str) -> list[nw.Expr]:
    """Cast keys to text, so that frames match: Arrow does not join text with large text, or with integers."""
    return [cast_to_text(frame, name) for name in names]


def check_same_engine(frame: Frame, orders: Frame, kind: str) -> Frame:
    """Check that a frame is of the same engine as the orders, and return it.

    Raises
    ------
    ValueError
        If it is not.
    """
    if frame.implementation is not orders.implementation or type(frame) is not type(orders):
        names = [f"{side.implementation.value} ({type(side).__name__})" for side in (orders, frame)]
        raise ValueError(f"{kind} must be of the orders' engine, {names[0]}, not {names[1]}")
    return frame


def read_related(native: Native, orders: Frame, needed: Sequence[str], kind: str) -> Frame:
    """Read a frame that is joined with the orders: of the same engine, and with connections as they are.

    Raises
    ------
    ValueError
        If columns are missing, the engine is another, or only one of both has connections.
    """
    has_connections = "connection_id" in orders.collect_schema().names()
    frame = read_frame(native, (*(["connection_id"] if has_connections else []), *needed), kind=kind)
    if not has_connections and "connection_id" in frame.collect_schema().names():
        raise ValueError(
            f"orders has no column 'connection_id', and {kind} has one: an id is unique only within its "
            f"connection, so add it to the orders, or drop it from {kind}"
        )
    return with_connection_id(check_same_engine(frame, orders, kind))


def to_pandas(frame: Frame, names: Sequence[str]) -> Frame:
    """Convert some columns of a frame in memory to pandas; a lazy frame stays on its engine."""
    selected = frame.select(*names)
    if not isinstance(selected, nw.DataFrame) or selected.implementation.is_pandas():
        return selected
    table = selected.to_arrow().replace_schema_metadata(None)
    return nw.from_native(table.to_pandas(types_mapper=_nested_as_arrow, split_blocks=True))


def from_pandas(report: Frame, like: Frame) -> Frame:
    """Convert a report on pandas to the same kind of frame as another; a lazy one stays as it is."""
    if not isinstance(report, nw.DataFrame) or like.implementation.is_pandas():
        return report
    table = pa.Table.from_pandas(report.to_native(), preserve_index=False).replace_schema_metadata(None)
    return nw.DataFrame.from_arrow(table, backend=like.implementation)


def check_nested(frame: Frame, name: str) -> None:
    """Check that a nested column is there, in memory, and holds lists of rows.

    Raises
    ------
    ValueError
        If it is not; the message has the frame to pass instead.
    """
    columns = frame.collect_schema().names()
    if not isinstance(frame, nw.DataFrame) or name not in columns:
        kind = f"this {frame.implementation.value} frame of {printable_names(columns)}"
        instead = (_TABLES if name not in columns and POSITION in columns else _INSTEAD)[name]
        raise ValueError(f"{name!r} cannot be split from {kind}: pass {instead}")
    nested_array(frame, name)


def nested_array(frame: nw.DataFrame[Any], name: str) -> pa.Array:
    """Return a column of nested rows as an Arrow array, whatever the frame holds it as.

    Raises
    ------
    ValueError
        If it does not hold lists of rows.
    """
    array: pa.Array | None = None
    with suppress(pa.ArrowException):
        column = to_arrow(frame[name])
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = pa.null() if array is None else array.type
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if array is not None and (
        array.null_count == len(array)
        or (lists and (pa.types.is_struct(kind.value_type) or pa.types.is_null(kind.value_type)))
    ):
        return array
    first = next(value for value in frame[name].to_list() if value is not None)
    text = repr(first) if len(repr(first)) <= 60 else f"{repr(first)[:60]}…"
    instead = f", or pass {_INSTEAD[name]}, made before the file was written" if name in _INSTEAD else ""
    raise ValueError(
        f"{name!r} must hold lists of rows; its first value is {text}: a CSV file keeps nested rows as text "
        f"only. Read a Parquet file instead{instead}"
    )


def split_variants(products: Frame) -> Frame:
    """Split the nested variants from their products."""
    check_nested(products, "variants")
    nested = to_pandas(with_connection_id(products), ("connection_id", "id", "variants"))
    return nw.from_native(variants(nested.to_native()))


def read_lines(orders: Frame, lines: Native | None, names: Sequence[str]) -> Frame:
    """Return the lines of orders with some of their columns, quantity and unit price.

    Nested lines become a PyArrow table with ``_order``, the row of their order.
    """
    if lines is not None:
        frame = read_related(lines, orders, ("order_id", *names, *_MEASURES), "lines")
        return frame.select(*ORDER, *names, *_MEASURES)
    check_nested(orders, "line_items")
    lists = nested_array(orders, "line_items")
    fields: dict[str, pa.Array] = {}
    parents = pa.array([], pa.int64())
    if lists.null_count < len(lists) and pa.types.is_struct(lists.type.value_type):
        structs, parents = lists.flatten(), pc.list_parent_indices(lists).cast(pa.int64())
        fields = {field.name: column for field, column in zip(structs.type, structs.flatten(), strict=True)}
    kinds = {**dict.fromkeys(names, pa.large_string()), "quantity": pa.int64(), "unit_price": pa.float64()}
    columns = {name: fields.get(name, pa.nulls(len(parents), kind)) for name, kind in kinds.items()}
    return nw.from_native(pa.table({"_order": parents, **columns}))


def order_rows(lines: nw.DataFrame[Any], orders: nw.DataFrame[Any]) -> np.ndarray:
    """Return the row of each line's order, -1 where there is none: a line without an order's id has none."""
    if "_order" in lines.columns:
        return lines["_order"].to_numpy()
    keys = ((with_connection_id(orders)["connection_id"], lines[ORDER[0]]), (orders["id"], lines[ORDER[1]]))
    columns = [concat_text([to_arrow(column) for column in key]) for key in keys]
    codes, size = factorize_columns(columns, len(orders) + len(lines))
    order_codes = codes[: len(orders)]
    first = first_rows(order_codes, size)
    repeated = first[order_codes] != np.arange(len(order_codes))
    if repeated.any():
        repeated &= ~orders["id"].is_null().to_numpy()
        if repeated.any():
            row = int(first[order_codes[repeated.argmax()]])
            raise _duplicate_order(
                orders, *(column[row : row + 1].cast(pa.large_string())[0].as_py() for column in columns)
            )
    # Lines without an order's id belong to no order, also not to one without an id.
    rows: np.ndarray = first[codes[len(orders) :]]
    if lines["order_id"].null_count():
        rows = np.where(lines["order_id"].is_null().to_numpy(), -1, rows)
    return rows


def check_unique_orders(orders: Frame) -> None:
    """Check that no order is in a lazy frame twice, with one query.

    Raises
    ------
    ValueError
        If one is; the message names the first such id.
    """
    frame = with_connection_id(orders)
    keys = frame.select(*text_columns(frame, "connection_id", "id")).filter(~nw.col("id").is_null())
    twice = keys.group_by("connection_id", "id").agg(nw.len().alias("_times")).filter(nw.col("_times") > 1)
    for connection, order, _ in collect(twice.sort("connection_id", "id").head(1)).iter_rows():
        raise _duplicate_order(orders, connection, order)


def _duplicate_order(orders: Frame, connection: str | None, order: str) -> ValueError:
    of_connection = "" if normalize_key(connection) is None else f" of connection {connection!r}"
    keys, advice = "['connection_id', 'id']", ""
    if "connection_id" not in orders.collect_schema().names():
        keys, advice = "'id'", "pass orders and lines with connection_id, where they are of several, or "
    return ValueError(
        f"orders has the order {order!r}{of_connection} twice, and its lines could belong to either: "
        f"{advice}keep one row of each, such as with orders.drop_duplicates({keys})"
    )


def has_fractional_quantity(lines: Frame) -> bool:
    """Return whether quantities may be fractions, by their dtype: then they are summed in ticks."""
    is_integer: bool = lines.collect_schema()["quantity"].is_integer()
    return not is_integer


def line_ticks(lines: Frame, names: Sequence[str], scale: int) -> Frame:
    """Return the keys, quantities and revenue of lazy lines; revenue and fractional quantities in ticks."""
    quantity = nw.col("quantity").fill_null(0).cast(nw.Int64)
    if has_fractional_quantity(lines):
        quantity = ticks(lines, "quantity", scale)
    return with_product_ticks(lines, "quantity", "unit_price", scale, "_revenue").select(
        *text_columns(lines, *ORDER, *names),
        quantity.alias("quantity"),
        nw.col("_revenue").alias("revenue"),
    )


def join_null_safe(left: Frame, right: Frame, on: Sequence[str], *, how: str = "inner") -> Frame:
    """Join lazy frames by text, where null matches null: engines differ in that."""
    sides = [
        side.with_columns(
            nw.when(nw.col(name).is_null()).then(nw.lit("")).otherwise(nw.col(name)).alias(f"_key_{name}")
            for name in on
        ).with_columns(nw.col(name).is_null().alias(f"_none_{name}") for name in on)
        for side in (left, right)
    ]
    keys = [f"_{mark}_{name}" for name in on for mark in ("key", "none")]
    result: Frame = sides[0].join(sides[1].drop(*on), on=keys, how=how)
    return result.drop(*keys)


def _nested_as_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None


def from_arrow(table: pa.Table, like: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Convert an Arrow table to the same kind of frame as another in memory."""
    if like.implementation.is_pandas():
        frame: nw.DataFrame[Any] = nw.from_native(table.to_pandas(types_mapper=dtype_of))
        return frame
    return nw.DataFrame.from_arrow(table, backend=like.implementation)
