"""Which lines were sold, and in which orders: nested in the orders, or beside them."""

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
from rutterframe.reports.engine.ticks import float_or_null, ticks, with_product_ticks

#: What identifies an order.
ORDER = ("connection_id", "order_id")
_INSTEAD = {"line_items": "lines=rf.line_items(orders)", "variants": "rf.variants(products) as products"}
_MEASURES = ("quantity", "unit_price")


def text_columns(frame: Frame, *names: str) -> list[nw.Expr]:
    """Make the keys of a frame alike: Arrow does not match text with large text, or with integers."""
    return [cast_to_text(frame, name) for name in names]


def check_same_engine(found: Frame, orders: Frame, kind: str) -> Frame:
    """Make sure that two frames are of one engine.

    Raises
    ------
    ValueError
        If they are not.
    """
    if found.implementation is not orders.implementation or type(found) is not type(orders):
        names = [f"{one.implementation.value} ({type(one).__name__})" for one in (orders, found)]
        raise ValueError(f"{kind} must be of the orders' engine, {names[0]}, not {names[1]}")
    return found


def read_related(native: Native, orders: Frame, needed: Sequence[str], kind: str) -> Frame:
    """Read a frame that goes with the orders: of their engine, and with connections where they have them.

    Raises
    ------
    ValueError
        If columns are missing, the engine is another, or only one of both has connections.
    """
    connected = "connection_id" in orders.collect_schema().names()
    found = read_frame(native, (*(["connection_id"] if connected else []), *needed), kind=kind)
    if not connected and "connection_id" in found.collect_schema().names():
        raise ValueError(
            f"orders has no column 'connection_id', and {kind} has one: an id means something only with its "
            f"connection, so add it to the orders, or drop it from {kind}"
        )
    return with_connection_id(check_same_engine(found, orders, kind))


def to_pandas(frame: Frame, names: Sequence[str]) -> Frame:
    """Take some columns of a frame in memory to pandas; what is lazy stays where it is."""
    picked = frame.select(*names)
    if not isinstance(picked, nw.DataFrame) or picked.implementation.is_pandas():
        return picked
    table = picked.to_arrow().replace_schema_metadata(None)
    return nw.from_native(table.to_pandas(types_mapper=_nested_as_arrow, split_blocks=True))


def from_pandas(report: Frame, given: Frame) -> Frame:
    """Give what was worked out on pandas as the kind of frame that was given."""
    if not isinstance(report, nw.DataFrame) or given.implementation.is_pandas():
        return report
    table = pa.Table.from_pandas(report.to_native(), preserve_index=False).replace_schema_metadata(None)
    return nw.DataFrame.from_arrow(table, backend=given.implementation)


def check_nested(frame: Frame, name: str) -> None:
    """Make sure that a nested column is there, in memory, and holds lists.

    Raises
    ------
    ValueError
        If it is not; the message says what to pass instead.
    """
    there = frame.collect_schema().names()
    if not isinstance(frame, nw.DataFrame) or name not in there:
        kind = f"this {frame.implementation.value} {type(frame).__name__} of {', '.join(there)}"
        raise ValueError(f"{name!r} cannot be split from {kind}: pass {_INSTEAD[name]}")
    _nested(frame, name)


def _nested(frame: nw.DataFrame[Any], name: str) -> pa.Array:
    """Give a column of nested rows as Arrow holds it, whatever it is held in."""
    found: pa.Array | None = None
    with suppress(pa.ArrowException):
        column = to_arrow(frame[name])
        found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = pa.null() if found is None else found.type
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if found is not None and (
        found.null_count == len(found)
        or (lists and (pa.types.is_struct(kind.value_type) or pa.types.is_null(kind.value_type)))
    ):
        return found
    first = next(value for value in frame[name].to_list() if value is not None)
    shown = repr(first) if len(repr(first)) <= 60 else f"{repr(first)[:60]}…"
    raise ValueError(
        f"{name!r} must hold lists of rows; its first value is {shown}: a CSV file keeps nested rows as text "
        f"only. Read a Parquet file instead, or pass {_INSTEAD[name]}, made before the file was written"
    )


def split_variants(products: Frame) -> Frame:
    """Split the nested variants from their products."""
    check_nested(products, "variants")
    there = with_connection_id(products)
    return nw.from_native(variants(to_pandas(there, ("connection_id", "id", "variants")).to_native()))


def read_lines(orders: Frame, lines: Native | None, names: Sequence[str]) -> Frame:
    """Give the lines of orders with some of their columns, quantity and unit price.

    Nested ones come as a PyArrow table with ``_order``, the row of their order.
    """
    if lines is not None:
        found = read_related(lines, orders, ("order_id", *names, *_MEASURES), "lines")
        return found.select(*ORDER, *names, *_MEASURES)
    check_nested(orders, "line_items")
    lists = _nested(orders, "line_items")
    fields: dict[str, pa.Array] = {}
    parents = pa.array([], pa.int64())
    if lists.null_count < len(lists) and pa.types.is_struct(lists.type.value_type):
        structs, parents = lists.flatten(), pc.list_parent_indices(lists).cast(pa.int64())
        fields = {field.name: column for field, column in zip(structs.type, structs.flatten(), strict=True)}
    kinds = {**dict.fromkeys(names, pa.large_string()), "quantity": pa.int64(), "unit_price": pa.float64()}
    columns = {name: fields.get(name, pa.nulls(len(parents), kind)) for name, kind in kinds.items()}
    return nw.from_native(pa.table({"_order": parents, **columns}))


def order_rows(pieces: nw.DataFrame[Any], orders: nw.DataFrame[Any]) -> np.ndarray:
    """Find the row of each line's order, -1 where there is none: a line without an order's id has none."""
    if "_order" in pieces.columns:
        return pieces["_order"].to_numpy()
    sides = [[with_connection_id(orders)["connection_id"], orders["id"]], [pieces[name] for name in ORDER]]
    columns = [concat_text([to_arrow(side[place]) for side in sides]) for place in range(2)]
    numbers, size = factorize_columns(columns, len(orders) + len(pieces))
    own = numbers[: len(orders)]
    first = first_rows(own, size)
    again = first[own] != np.arange(len(own))
    if again.any():
        again &= ~orders["id"].is_null().to_numpy()
        if again.any():
            row = int(first[own[again.argmax()]])
            raise _duplicate_order(
                orders, *(side[row : row + 1].cast(pa.large_string())[0].as_py() for side in columns)
            )
    # Lines without an order's id belong to none, as do orders without one.
    found: np.ndarray = first[numbers[len(orders) :]]
    if pieces["order_id"].null_count():
        found = np.where(pieces["order_id"].is_null().to_numpy(), -1, found)
    return found


def check_unique_orders(orders: Frame) -> None:
    """Make sure that no order of a lazy frame is there twice, with one query.

    Raises
    ------
    ValueError
        If one is; the message names the first such id.
    """
    there = with_connection_id(orders)
    keys = there.select(*text_columns(there, "connection_id", "id")).filter(~nw.col("id").is_null())
    twice = keys.group_by("connection_id", "id").agg(nw.len().alias("_times")).filter(nw.col("_times") > 1)
    for connection, order, _ in collect(twice.sort("connection_id", "id").head(1)).iter_rows():
        raise _duplicate_order(orders, connection, order)


def _duplicate_order(orders: Frame, connection: str | None, order: str) -> ValueError:
    where = "" if normalize_key(connection) is None else f" of connection {connection!r}"
    keys, before = "['connection_id', 'id']", ""
    if "connection_id" not in orders.collect_schema().names():
        keys, before = "'id'", "pass orders and lines with connection_id, where they are of several, or "
    return ValueError(
        f"orders has the order {order!r}{where} twice, and lines cannot tell to which of them they belong: "
        f"{before}keep one row of each, such as with orders.drop_duplicates({keys})"
    )


def has_fractional_quantity(pieces: Frame) -> bool:
    """Tell whether quantities may be fractions, by their dtype: then they are counted in ticks."""
    fractions: bool = not pieces.collect_schema()["quantity"].is_integer()
    return fractions


def line_ticks(pieces: Frame, names: Sequence[str], scale: int) -> Frame:
    """Count the lines of a lazy engine: pieces, revenue, and whether one of both is missing."""
    missing = float_or_null("unit_price").is_null() | float_or_null("quantity").is_null()
    quantity = nw.col("quantity").fill_null(0).cast(nw.Int64)
    if has_fractional_quantity(pieces):
        quantity = ticks(pieces, "quantity", scale)
    priced = with_product_ticks(pieces, "quantity", "unit_price", scale, "_revenue")
    return priced.select(
        *text_columns(pieces, *ORDER, *names),
        quantity.alias("quantity"),
        nw.col("_revenue").alias("revenue"),
        missing.cast(nw.Int64).alias("_unknown"),
    )


def join_null_safe(left: Frame, right: Frame, on: Sequence[str], *, how: str = "inner") -> Frame:
    """Join lazy frames by text, where missing matches missing: by itself it does so on some engines only."""
    sides = [
        side.with_columns(
            nw.when(nw.col(name).is_null()).then(nw.lit("")).otherwise(nw.col(name)).alias(f"_key_{name}")
            for name in on
        ).with_columns(nw.col(name).is_null().alias(f"_none_{name}") for name in on)
        for side in (left, right)
    ]
    keys = [f"_{mark}_{name}" for name in on for mark in ("key", "none")]
    there: Frame = sides[0].join(sides[1].drop(*on), on=keys, how=how)
    return there.drop(*keys)


def _nested_as_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None


def from_arrow(table: pa.Table, given: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Give a table as the kind of frame that was given."""
    if given.implementation.is_pandas():
        found: nw.DataFrame[Any] = nw.from_native(table.to_pandas(types_mapper=dtype_of))
        return found
    return nw.DataFrame.from_arrow(table, backend=given.implementation)
