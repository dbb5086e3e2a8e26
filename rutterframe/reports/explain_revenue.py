"""The order lines behind a row of revenue, and the orders behind what is allocated to no product."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames import line_items
from rutterframe.reports import statuses
from rutterframe.reports.engine.empty_keys import with_nulls_for_empty
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    finish,
    key_columns,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks, with_product_ticks
from rutterframe.reports.explain_rows import Cell, Sources, equals, equals_day
from rutterframe.reports.order_lines import (
    ORDER,
    check_nested,
    check_unique_orders,
    from_pandas,
    join_null_safe,
    read_related,
    text_columns,
    to_pandas,
)
from rutterframe.reports.revenue import order_periods
from rutterframe.reports.titles import (
    NOT_ALLOCATED,
    Grouping,
    parse_grouping,
    read_products,
    title_kind,
    with_titles,
)

# What lines may have beside what is looked up for them.
_LOOKED_UP = ("title", "sku")


def revenue_lines(cell: Cell, sources: Sources) -> Native:
    """Give the lines that were sold, or the orders that cost more or less than theirs."""
    period = cell.period()
    products = sources.others.get("products")
    by = _by(cell)
    if products is None and {"title", "sku"} & set(by):
        raise ValueError(f"by={cell.about.get('by', by)!r} is looked up: pass products in source, too")
    group = parse_grouping(by, has_products=products is not None)
    cell.check(
        *(name for name in group.labels if name in by and name != "connection_id"), "title", "currency"
    )
    needed = [
        "id",
        "status",
        "currency",
        "total_price",
        *(n for n in group.order_keys if n != "connection_id"),
    ]
    given = read_frame(sources.main, [*needed, *([] if period is None else ["created_at"])], kind="source")
    orders = _on_pandas(given, [*needed, "connection_id", "created_at"])
    ids = None if "lines" in sources.others else orders.select(cast_to_text(orders, "id"))
    if ids is None:
        check_unique_orders(given)
    else:
        orders = _numbered(orders)
    lines, listed = _lines(given, sources, group), read_products(products, given, group)
    listed = listed if listed is None else to_pandas(listed, listed.collect_schema().names())
    scale = choose_scale((orders, "total_price"), (lines, "quantity", "unit_price"))
    columns = [*lines.collect_schema().names(), *([] if "revenue" in lines.collect_schema() else ["revenue"])]
    lines = with_product_ticks(lines, "quantity", "unit_price", scale, "revenue")
    lines = lines.with_columns(*text_columns(lines, *ORDER, *group.line_columns))
    kept = _orders(with_connection_id(orders), cell, group, period, scale)
    if cell.row["title"] == NOT_ALLOCATED and all(
        pd.isna(cell.row[name]) for name in group.line_keys if name != "title"
    ):
        found = _unallocated(kept, lines)
    else:
        found = _labelled(join_null_safe(lines, kept.drop("_total"), ORDER), cell, group, listed)
    numbered = "line_number" if "line_number" in columns else "revenue"
    found = found.select(*columns).with_columns(*major_units(found, "revenue", scale=scale))
    found = found if ids is None else _with_ids(found, ids)
    found = found.sort(*ORDER, numbered, nulls_last=True)
    return finish(
        from_pandas(found, given), name="lines", sources=[sources.main], by=cell.about.get("by", by)
    )


def _by(cell: Cell) -> list[str]:
    """Tell what the report was added up by: its rows carry it, or their columns show it."""
    if "by" in cell.about:
        return key_columns(cell.about["by"])
    known = [name for name in ("business", "connection_id", "product_id", "variant_id") if name in cell.row]
    if not {"product_id", "variant_id"} & set(known):
        # Without products in its keys a row has no title.
        titled = ["sku"] if "sku" in cell.row else [] if pd.isna(cell.row.get("title")) else ["title"]
        known += titled
    return known


def _on_pandas(frame: Frame, names: list[str]) -> Frame:
    there = frame.collect_schema().names()
    return to_pandas(frame, [name for name in names if name in there])


def _lines(orders: Frame, sources: Sources, group: Grouping) -> Frame:
    """Give the lines, with all that they have."""
    lines = sources.others.get("lines")
    if lines is not None:
        given = read_related(
            lines, orders, ("order_id", *group.line_columns, "quantity", "unit_price"), "lines"
        )
        # Without an order's id a line belongs to none.
        own = given.filter(~nw.col("order_id").is_null())
        return to_pandas(own, own.collect_schema().names())
    check_nested(orders, "line_items")
    there = with_connection_id(orders)
    nested = to_pandas(there, ("connection_id", "id", "line_items", "total_price"))
    return nw.from_native(line_items(_numbered(nested).to_native()))


def _numbered(orders: Frame) -> Frame:
    """Take the rows' numbers as ids: orders of one id have lines of their own."""
    native = orders.to_native()
    return nw.from_native(native.assign(id=pd.Series(range(len(native)), native.index).astype("str")))


def _with_ids(found: Frame, ids: Frame) -> Frame:
    """Give the orders their ids again."""
    native = found.to_native()
    own = ids["id"].to_native().to_numpy()[native["order_id"].to_numpy().astype("int64")]
    return nw.from_native(native.assign(order_id=pd.Series(own, native.index, dtype="str")))


def _orders(orders: Frame, cell: Cell, group: Grouping, period: str | None, scale: int) -> Frame:
    """Give the orders that count, of the row's keys."""
    marks = {"_sold": ~statuses.is_one_of(statuses.NO_REVENUE), "order_id": cast_to_text(orders, "id")}
    if period is not None:
        marks["_period"] = order_periods(orders, period, str(cell.about.get("tz", "UTC")))
    keys = list(dict.fromkeys(("connection_id", *group.order_keys, "currency")))
    found = orders.with_columns(
        *text_columns(orders, *keys), ticks(orders, "total_price", scale).alias("_total"), **marks
    )
    found = with_nulls_for_empty(found, [*group.order_keys, "currency"])
    asked = [name for name in (*group.order_keys, "currency") if name in cell.row]
    values = {name: cell.currency() if name == "currency" else cell.row[name] for name in asked}
    conditions = [nw.col("_sold"), *(equals(name, value) for name, value in values.items())]
    conditions += [] if period is None else [equals_day(nw.col("_period"), cell.row["period"])]
    return found.filter(*conditions).select(*ORDER, "_total")


def _labelled(lines: Frame, cell: Cell, group: Grouping, listed: Frame | None) -> Frame:
    """Keep the lines of the row's product, variant, title or article number."""
    if not group.line_keys:
        return lines
    own = [name for name in _LOOKED_UP if name in lines.collect_schema().names()]
    found = with_nulls_for_empty(lines.rename({name: f"_own_{name}" for name in own}), group.line_columns)
    found = with_titles(found, listed, group)
    kept = found.filter(*(equals(name, cell.row[name]) for name in group.line_keys))
    kind = title_kind(cell.row["title"])
    if listed is not None or kind != 1:
        kept = kept.filter(nw.col("_kind") == kind)
    there = [name for name in kept.collect_schema().names() if name not in _LOOKED_UP]
    return kept.select(*there).rename({f"_own_{name}": name for name in own})


def _unallocated(kept: Frame, lines: Frame) -> Frame:
    """Take the lines from each order's total, and give the orders where something is left."""
    totals = kept.select(*ORDER, nw.col("_total").alias("revenue"))
    known = join_null_safe(lines.select(*ORDER, "revenue"), kept.select(*ORDER), ORDER)
    sold = known.select(*ORDER, (nw.col("revenue") * -1).alias("revenue"))
    left = groupby_sum(nw.concat([totals, sold]), list(ORDER), ["revenue"]).filter(nw.col("revenue") != 0)
    # In the columns of lines, none of which an order as a whole can fill.
    empty = lines.filter(nw.col("order_id") != nw.col("order_id"))
    return nw.concat([empty, left], how="diagonal")
