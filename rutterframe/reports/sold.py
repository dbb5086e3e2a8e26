"""Which lines were sold, and in which orders: nested in the orders, or beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from rutterframe.frames import variants
from rutterframe.frames.children import order_line_fields
from rutterframe.reports.counting import amount, product_ticks, ticks
from rutterframe.reports.frame import Frame, Native, read_frame
from rutterframe.reports.grouping import sum_by
from rutterframe.reports.numbering import codes, first_rows

_LINE = ("connection_id", "order_id")
_INSTEAD = {"line_items": "lines=rf.line_items(orders)", "variants": "rf.variants(products) as products"}


def text(*names: str) -> list[nw.Expr]:
    """Make keys alike: Arrow does not match text with large text."""
    return [nw.col(name).cast(nw.String) for name in names]


def present(frame: Frame, *names: str) -> Frame:
    """Keep what can be matched: some engines match null with null, others do not."""
    return frame.filter(*(~nw.col(name).is_null() for name in names))


def on_one_engine(found: Frame, orders: Frame, kind: str) -> Frame:
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


def on_pandas(frame: Frame, names: Sequence[str]) -> Frame:
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
    """Make sure that a nested column is there, in memory.

    Raises
    ------
    ValueError
        If it is not; the message says what to pass instead.
    """
    there = frame.collect_schema().names()
    if not isinstance(frame, nw.DataFrame) or name not in there:
        kind = f"this {frame.implementation.value} {type(frame).__name__} of {', '.join(there)}"
        raise ValueError(f"{name!r} cannot be split from {kind}: pass {_INSTEAD[name]}")


def variants_of(products: Frame) -> Frame:
    """Split the nested variants from their products."""
    check_nested(products, "variants")
    return nw.from_native(variants(on_pandas(products, ("connection_id", "id", "variants")).to_native()))


def lines_of(orders: Frame, lines: Native | None, by: str) -> Frame:
    """Give the lines of orders, in memory on pandas; nested ones with the row of their order."""
    needed = (*_LINE, by, "quantity", "unit_price")
    if lines is None:
        check_nested(orders, "line_items")
        return _nested_lines(orders, by)
    return on_pandas(on_one_engine(read_frame(lines, needed, kind="lines"), orders, "lines"), needed)


def counted_lines(pieces: Frame, placed: Frame, by: str, scale: int) -> Frame:
    """Count the lines: pieces, revenue, and whether one of both is missing.

    In memory each line has the row of its order, -1 where there is none; in an engine it has the keys.
    """
    if isinstance(pieces, nw.DataFrame) and "_order" not in pieces.columns:
        pieces = pieces.with_columns(_rows_of_orders(pieces, placed))
    missing = amount("unit_price").is_null() | amount("quantity").is_null()
    keys = ["_order"] if isinstance(pieces, nw.DataFrame) else text(*_LINE)
    return pieces.select(
        *keys,
        *text(by),
        quantity_ticks(pieces, scale).alias("quantity"),
        product_ticks(pieces, "quantity", "unit_price", scale).alias("revenue"),
        missing.cast(nw.Int8 if isinstance(pieces, nw.DataFrame) else nw.Int64).alias("_unknown"),
    )


def are_fractions(pieces: Frame) -> bool:
    """Tell whether quantities may be fractions, by their dtype: then they are counted in ticks."""
    fractions: bool = not pieces.collect_schema()["quantity"].is_integer()
    return fractions


def quantity_ticks(pieces: Frame, scale: int) -> nw.Expr:
    """Count pieces: whole ones as they are, others in ticks."""
    if are_fractions(pieces):
        return ticks(pieces, "quantity", scale)
    return nw.col("quantity").fill_null(0).cast(nw.Int64)


def sold_by_shop(pieces: Frame, placed: Frame, by: str, keys: Sequence[str]) -> Frame:
    """Add up the lines of orders that count, by connection, ``by`` and keys, and count their orders."""
    sums = ("quantity", "revenue", "_unknown")
    if not isinstance(pieces, nw.DataFrame):
        orders = present(placed.drop("revenue"), *_LINE)
        joined = present(pieces, *_LINE).join(orders, on=list(_LINE)).filter(nw.col("_counts") == 1)
        return sum_by(joined, ["connection_id", by, *keys], sums, distinct=("order_id", "orders"))
    # The keys of an order are numbered once, so that a line needs no more than that number.
    places, size = codes(placed, ["connection_id", *keys])
    rows = pieces["_order"].to_numpy()
    of_order = np.where(placed["_counts"].to_numpy() == 1, places, size)
    small, dtype = (np.int32, nw.Int32()) if size < 2**31 else (np.int64, nw.Int64())
    place = np.append(of_order, size).astype(small)[rows]  # the last is for the row -1
    column = nw.new_series("_place", place, dtype, backend=pieces.implementation)
    placed_lines = pieces.with_columns(column)
    if rows.min(initial=0) < 0:
        placed_lines = placed_lines.with_columns(nw.col("_order").clip(0))
    summed = sum_by(placed_lines, ["_place", by], sums, distinct=("_order", "orders"))
    summed = summed.filter(nw.col("_place") < size)
    found = first_rows(places, size)[summed["_place"].to_numpy()]
    named = placed.select("connection_id", *keys)[found]
    return nw.concat([summed.drop("_place"), named], how="horizontal")


def _nested_lines(orders: Frame, by: str) -> Frame:
    column = on_pandas(orders, ("line_items",)).to_native()["line_items"]
    parents, fields = order_line_fields(column)
    names = (by, "quantity", "unit_price")
    table = pa.table({"_order": parents, **{name: fields[name] for name in names}})
    # Blocks apart, so that numbers are not copied into one.
    return nw.from_native(table.to_pandas(split_blocks=True))


def _rows_of_orders(pieces: nw.DataFrame[Any], placed: nw.DataFrame[Any]) -> nw.Series[Any]:
    """Find the row of each line's order: by its connection and id, where missing matches nothing."""
    both = nw.concat([one.select(*text(*_LINE)) for one in (placed, pieces)])
    numbers, size = codes(both, _LINE)
    known = numbers[: len(placed)]
    first = first_rows(known, size)
    for name in _LINE:
        first[known[placed[name].is_null().to_numpy()]] = -1
    return nw.new_series("_order", first[numbers[len(placed) :]], nw.Int64(), backend=pieces.implementation)


def _nested_as_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None
