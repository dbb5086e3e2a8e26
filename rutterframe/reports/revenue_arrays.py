"""Revenue in memory: the fast path for pandas, Polars and PyArrow, with sums at codes instead of joins.

`rutterframe.reports.revenue` has the path for lazy engines, with the same result, and chooses between them.
"""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.reports.engine.empty_keys import nulls_for_empty
from rutterframe.reports.engine.factorize import (
    BLOCK,
    combine_codes,
    count_distinct,
    dense_ranks,
    factorize_columns,
    first_rows,
    pair_codes,
    to_arrow,
)
from rutterframe.reports.engine.frame import with_connection_id
from rutterframe.reports.engine.tick_arrays import (
    from_ticks,
    multiply_to_ticks,
    to_floats,
    to_integers,
    to_ticks,
)
from rutterframe.reports.engine.ticks import choose_scale
from rutterframe.reports.order_amounts import (
    AMOUNTS,
    OrderAmounts,
    Refunds,
    has_amounts,
    order_amounts,
    read_refunds,
    scale_columns,
)
from rutterframe.reports.order_lines import has_fractional_quantity, order_rows
from rutterframe.reports.shares import divide_by_totals, half_minor_unit
from rutterframe.reports.titles import NOT_ALLOCATED, Grouping, lookup_titles

_TEXT = pa.large_string()


class RevenueSums(NamedTuple):
    """The report, and the numbers that its notes state."""

    report: pa.Table
    incomplete_lines: int
    lines_without_order: int
    empty_keys: dict[str, int]
    without_shares: list[str | None]
    notes: list[str]


class Labels(NamedTuple):
    """What lines are summed by: the code of each line, the columns of each code, and the number of codes."""

    codes: np.ndarray
    columns: dict[str, pa.Array]
    size: int
    empty_keys: dict[str, int]


class _Groups(NamedTuple):
    """What orders are summed by: the code of each order, and the columns of each code."""

    codes: np.ndarray
    columns: dict[str, pa.Array]
    empty: dict[str, np.ndarray]


def sum_revenue(
    orders: nw.DataFrame[Any],
    is_revenue: np.ndarray,
    period: nw.Series[Any] | None,
    lines: nw.DataFrame[Any],
    products: nw.DataFrame[Any] | None,
    group: Grouping,
) -> RevenueSums:
    """Sum the lines and the totals of the orders that are revenue.

    Parameters
    ----------
    orders : narwhals DataFrame
        With ``id``, ``currency``, ``total_price`` and the columns that orders are summed by.
    is_revenue : array of bool
        Which of them count.
    period : narwhals Series, optional
        The first day of each order's period.
    lines : narwhals DataFrame
        The lines.
    products : narwhals DataFrame, optional
        The products with the titles.
    group : Grouping
        The columns to sum by.
    """
    rows = order_rows(lines, orders)
    refunds = read_refunds(orders, lines, rows) if has_amounts(orders) else None
    scale = _choose_scale(orders, lines, refunds)
    keys = _order_keys(orders, period, group)
    groups = _group_orders(keys, len(orders))
    labels = label_lines(lines, orders, rows, products, group)
    size = len(groups.columns["currency"])
    cells, used = _cell_codes(np.append(np.where(is_revenue, groups.codes, -1), -1)[rows], labels, size)
    sums = _sum_lines(lines, cells, len(used), scale)
    present = np.flatnonzero(sums["lines"] > 0)
    sums["orders"] = count_distinct(cells, len(used), rows)
    group_of, label_of = np.divmod(used[present], labels.size)
    # Below its products each group has a row without a label: the totals of its orders minus their lines.
    order_counts = np.bincount(groups.codes[is_revenue], minlength=size)
    with_orders = np.flatnonzero(order_counts)
    totals = to_ticks(to_floats(orders["total_price"].to_native()), scale)
    rest = _sum_groups(totals, groups.codes, is_revenue, size)
    np.subtract.at(rest, group_of, sums["revenue"][present])
    measures = _with_rest(sums, present, order_counts[with_orders], rest[with_orders])
    amounts = None if refunds is None else order_amounts(orders, is_revenue, lines, rows, refunds, scale)
    live: dict[str, pa.Array] = {}
    if amounts is not None:
        by_line = _sum_by_line(amounts, cells, len(used), present)
        by_order = _sum_by_order(amounts, groups.codes, is_revenue, size, with_orders)
        live = _live_columns(by_line, by_order, measures["revenue"], scale)
    group_of = np.concatenate([group_of, with_orders])
    columns = {name: column.take(pa.array(group_of)) for name, column in groups.columns.items()}
    columns |= _label_columns(labels, label_of, len(with_orders), [n for n in group.labels if n not in keys])
    shares = divide_by_totals(measures["revenue"], *_share_totals(columns, scale))
    if has_fractional_quantity(lines):
        measures["quantity"] = from_ticks(measures["quantity"], scale)
    columns |= {
        "orders": pa.array(measures["orders"]),
        "quantity": pa.array(measures["quantity"]),
        "revenue": pa.array(from_ticks(measures["revenue"], scale)),
        "share": pa.array(shares, mask=np.isnan(shares)),
        **live,
    }
    return RevenueSums(
        _sort(pa.table(columns), ["currency", *([] if period is None else ["period"]), *group.labels]),
        int(sums["incomplete"].sum()),
        int((rows < 0).sum()),
        _empty_orders(groups, is_revenue) | labels.empty_keys,
        [name.as_py() for name in columns["currency"].filter(pa.array(np.isnan(shares)))],
        [] if amounts is None else amounts.notes,
    )


def _with_rest(
    sums: dict[str, np.ndarray], present: np.ndarray, orders: np.ndarray, rest: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the measures of the products with lines, then those of the rows without a label."""
    return {
        "orders": np.concatenate([sums["orders"][present], orders]),
        "quantity": np.concatenate([sums["quantity"][present], np.zeros(len(orders), np.int64)]),
        "revenue": np.concatenate([sums["revenue"][present], rest]),
    }


def _order_keys(
    orders: nw.DataFrame[Any], period: nw.Series[Any] | None, group: Grouping
) -> dict[str, nw.Series[Any]]:
    """Return the columns that orders are summed by."""
    keys = {name: with_connection_id(orders)[name] for name in (*group.order_keys, "currency")}
    return keys | ({} if period is None else {"period": period})


def _choose_scale(orders: nw.DataFrame[Any], lines: nw.DataFrame[Any], refunds: Refunds | None) -> int:
    """Choose the scale of the ticks by all amounts of the report."""
    more = [] if refunds is None else scale_columns(orders, refunds)
    return choose_scale((orders, "total_price"), (lines, "quantity", "unit_price"), *more)


def _empty_orders(groups: _Groups, is_revenue: np.ndarray) -> dict[str, int]:
    """Count the orders that count and have empty text as a key."""
    return {
        f"Orders with empty text as {name}, taken as missing": int(is_empty[is_revenue].sum())
        for name, is_empty in groups.empty.items()
    }


def label_lines(
    lines: nw.DataFrame[Any],
    orders: nw.DataFrame[Any],
    rows: np.ndarray,
    products: nw.DataFrame[Any] | None,
    group: Grouping,
) -> Labels:
    """Return a code for each line by the columns that lines are summed by, and the columns of each code.

    Parameters
    ----------
    lines, orders : narwhals DataFrame
        The lines and their orders.
    rows : array of int
        The row of each line's order, -1 where it has none.
    products : narwhals DataFrame, optional
        The products with the titles.
    group : Grouping
        The columns to sum by.
    """
    if not group.line_keys or not len(orders):
        nulls = {name: pa.nulls(1, _TEXT) for name in ("product_id", "variant_id", "title", "sku")}
        return Labels(np.zeros(len(lines), np.int32), nulls, 1, {})
    codes, size = factorize_columns([lines[name] for name in group.line_columns], len(lines))
    connections = with_connection_id(orders)["connection_id"]
    if products is not None:
        # An id is unique only within its connection.
        own, width = factorize_columns([connections], len(orders))
        codes, size = combine_codes(codes, own[rows], size, width)
    first = first_rows(codes, size)
    present = np.flatnonzero(first >= 0)
    examples = first[present]
    texts = {name: _take_text(to_arrow(lines[name]), examples) for name in group.line_columns}
    columns, empty = nulls_for_empty(texts)
    empty_keys = {
        f"Lines with empty text as {name}, taken as missing": int(np.isin(codes, present[which]).sum())
        for name, which in empty.items()
    }
    connection = _take_text(to_arrow(connections), np.maximum(rows[examples], 0))
    titles, kinds = lookup_titles(products, connection, columns[group.id_column], group)
    columns |= titles
    keys = dict(columns)
    if products is not None and "connection_id" in group.order_keys:
        # An id has a title in each connection.
        keys["connection_id"] = connection
    by = [keys[name] for name in ("connection_id", *group.line_keys) if name in keys]
    label_codes, many = factorize_columns([*by, pa.array(kinds)], len(present))
    label_of = np.zeros(size, np.int32)
    label_of[present] = label_codes
    # Of several titles of one label the last in order is shown; any title is better than none.
    title = columns["title"]
    is_null = title.is_null().to_numpy(zero_copy_only=False)
    order = np.argsort(np.where(is_null, -1, dense_ranks(title)), kind="stable")
    example_of = np.full(many, -1)
    example_of[label_codes[order]] = order
    occurs = example_of >= 0
    dense = (np.cumsum(occurs) - 1).astype(np.int32)
    columns = {name: column.take(pa.array(example_of[occurs])) for name, column in columns.items()}
    return Labels(dense[label_of][codes], columns, max(int(occurs.sum()), 1), empty_keys)


def _label_columns(
    labels: Labels, label_of: np.ndarray, unlabelled: int, names: list[str]
) -> dict[str, pa.Array]:
    """Return the columns of the rows' labels; the last rows have none, and the title `NOT_ALLOCATED`."""
    label = pa.array(np.concatenate([label_of, np.full(unlabelled, -1)]))
    label = pc.if_else(pc.less(label, 0), pa.scalar(None, pa.int64()), label)
    columns = {name: labels.columns[name].take(label).cast(_TEXT) for name in names}
    columns["title"] = pc.if_else(pc.is_null(label), pa.scalar(NOT_ALLOCATED, _TEXT), columns["title"])
    return columns


def _group_orders(keys: Mapping[str, Any], length: int) -> _Groups:
    """Return a code for each order by its keys, the keys of each code, and the orders with empty text."""
    codes, size = factorize_columns(list(keys.values()), length)
    first = first_rows(codes, size)
    present = np.flatnonzero(first >= 0)
    dense = (np.cumsum(first >= 0) - 1)[codes]
    rows = first[present]
    values = {
        name: _combine_chunks(to_arrow(column)).take(pa.array(rows))
        if name == "period"
        else _take_text(to_arrow(column), rows)
        for name, column in keys.items()
    }
    columns, empty = nulls_for_empty(values)
    if not empty:
        return _Groups(dense, columns, {})
    # Orders with empty text as a key belong to the group of those without it.
    merged = _group_orders(columns, len(present))
    is_empty = {name: np.isin(dense, which) for name, which in empty.items()}
    return _Groups(merged.codes[dense], merged.columns, is_empty)


def _cell_codes(groups: np.ndarray, labels: Labels, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a code for each line by its group and label, and the pair of each code.

    Parameters
    ----------
    groups : array of int
        The group of each line's order, -1 where it does not count.
    labels : Labels
        The labels of the lines.
    size : int
        The number of groups.

    Returns
    -------
    tuple of two arrays of int
        The codes, -1 where a line does not count, and for each code its group times ``labels.size`` plus its
        label.
    """
    many = size * labels.size
    codes = pair_codes(groups, np.where(groups < 0, 0, labels.codes), labels.size, many)
    np.maximum(codes, -1, out=codes)
    if many <= 2 * len(groups) + 1000:
        return codes, np.arange(many)
    counts = codes >= 0
    dense, used = pd.factorize(codes[counts])
    codes[counts] = dense
    return codes, used


def _sum_lines(lines: nw.DataFrame[Any], cells: np.ndarray, size: int, scale: int) -> dict[str, np.ndarray]:
    """Sum the lines of each cell, block by block."""
    sums = {name: np.zeros(size, np.int64) for name in ("lines", "quantity", "revenue", "incomplete")}
    quantity, price = (to_floats(lines[name].to_native()) for name in ("quantity", "unit_price"))
    fractions = has_fractional_quantity(lines)
    for start in range(0, len(cells), BLOCK):
        rows = slice(start, start + BLOCK)
        codes, pieces, prices = cells[rows], quantity[rows], price[rows]
        if codes.min(initial=0) < 0:
            counts = codes >= 0
            codes, pieces, prices = codes[counts], pieces[counts], prices[counts]
        missing = np.isnan(pieces) | np.isnan(prices)
        np.add.at(sums["lines"], codes, 1)
        np.add.at(sums["quantity"], codes, to_ticks(pieces, scale) if fractions else to_integers(pieces))
        np.add.at(sums["revenue"], codes, multiply_to_ticks(pieces, prices, scale))
        if missing.any():
            np.add.at(sums["incomplete"], codes[missing], 1)
    return sums


def _sum_groups(values: np.ndarray, groups: np.ndarray, where: np.ndarray, size: int) -> np.ndarray:
    """Sum values of orders by group, of the orders that count."""
    sums = np.zeros(size, np.int64)
    np.add.at(sums, groups[where], values[where])
    return sums


def _sum_by_line(
    amounts: OrderAmounts, cells: np.ndarray, size: int, present: np.ndarray
) -> dict[str, np.ndarray]:
    """Sum the discounts and refunds of the lines of each cell that is present."""
    counts = np.flatnonzero(cells >= 0)
    sums = {name: np.zeros(size, np.int64) for name in ("discounts", "refunds", "beside", "unknown")}
    values = (amounts.line_discounts, amounts.line_refunds, amounts.line_included)
    for total, each in zip(sums.values(), (*values, amounts.line_unknown.astype(np.int64)), strict=True):
        np.add.at(total, cells[counts], each[counts])
    return {name: total[present] for name, total in sums.items()}


def _sum_by_order(
    amounts: OrderAmounts, groups: np.ndarray, is_revenue: np.ndarray, size: int, with_orders: np.ndarray
) -> dict[str, np.ndarray]:
    """Sum what belongs to no line, by the groups of the orders that count."""
    values = {
        "discounts": amounts.discounts,
        "refunds": amounts.refunds,
        "unknown": amounts.unknown.astype(np.int64),
        "tax": amounts.tax,
        "shipping": amounts.shipping,
        "beside": amounts.not_included - amounts.tax - amounts.shipping,
    }
    sums = {name: _sum_groups(each, groups, is_revenue, size) for name, each in values.items()}
    return {name: total[with_orders] for name, total in sums.items()}


def _live_columns(
    lines: Mapping[str, np.ndarray],
    orders: Mapping[str, np.ndarray],
    revenue: np.ndarray,
    scale: int,
) -> dict[str, pa.Array]:
    """Return the columns of live orders: of the rows of products, then of those of no product.

    What no product has in gross is the total less lines, tax and shipping, and the discount added back.
    """
    zeros = np.zeros(len(lines["unknown"]), np.int64)
    ticks = {
        name: np.concatenate([lines.get(name, zeros), orders[name]])
        for name in ("discounts", "refunds", "unknown", "tax", "shipping", "beside")
    }
    gross = revenue + ticks["beside"]
    net = gross - ticks["discounts"] - ticks["refunds"]
    unknown = ticks["unknown"] > 0
    columns = {**ticks, "gross": gross, "net": net}
    return {
        name: pa.array(from_ticks(columns[name], scale), mask=unknown if name in ("refunds", "net") else None)
        for name in AMOUNTS
    }


def _share_totals(columns: Mapping[str, pa.Array], scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the code of the total that each row is a share of, and half a minor unit of each code."""
    keys = [columns[name] for name in ("currency", "period") if name in columns]
    codes, size = factorize_columns(keys, len(keys[0]))
    first = np.maximum(first_rows(codes, size), 0)
    currencies = columns["currency"].take(pa.array(first)).to_pylist() if len(keys[0]) else [None] * size
    return codes, np.array([half_minor_unit(currency, scale) for currency in currencies])


def _sort(table: pa.Table, by: list[str]) -> pa.Table:
    """Sort a table by columns, missing values last."""
    return table.take(pa.array(np.lexsort([dense_ranks(table[name]) for name in reversed(by)])))


def _combine_chunks(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _take_text(column: pa.Array | pa.ChunkedArray, rows: np.ndarray) -> pa.Array:
    """Return some rows of a column as text."""
    return _combine_chunks(_combine_chunks(column).take(pa.array(rows)).cast(_TEXT))
