"""Discounts, refunds, tax and shipping of live orders, by line: discounts are spread, refunds matched."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.reports.engine.factorize import (
    concat_text,
    dense_ranks,
    factorize_columns,
    first_rows,
    to_arrow,
)
from rutterframe.reports.engine.frame import Frame
from rutterframe.reports.engine.tick_arrays import MAX_EXACT, multiply_to_ticks, to_floats, to_ticks
from rutterframe.reports.order_lines import nested_array
from rutterframe.reports.statuses import is_one_of

#: The columns of orders that the live dialect has, by which live orders are recognised.
ORDER_COLUMNS = ("total_discount", "total_tax", "total_shipping", "refunds")
#: The columns of a report on live orders, in their order.
AMOUNTS = ("gross", "discounts", "refunds", "net", "tax", "shipping")

_FIELDS = {
    "line_item_id": pa.large_string(),
    "quantity": pa.float64(),
    "status": pa.large_string(),
    "amount": pa.float64(),
}
_CANCELLED = ("canceled", "cancelled")


class Refunds(NamedTuple):
    """The refunded lines of orders in memory.

    Attributes
    ----------
    table : narwhals DataFrame
        ``quantity``, ``unit_price`` (that of the line) and ``amount``.
    orders : array of int
        The row of each one's order.
    lines : array of int
        The number of each one's line; -1 where the order has no such line.
    """

    table: nw.DataFrame[Any]
    orders: np.ndarray
    lines: np.ndarray


class OrderAmounts(NamedTuple):
    """Amounts of orders and their lines, in ticks.

    Attributes
    ----------
    line_discounts, line_refunds : array of int
        Those of each line.
    line_included : array of int
        What the prices of each line have been reduced by already.
    line_unknown : array of bool
        Whether a refund of the line is not known.
    discounts, refunds : array of int
        Those of each order that belong to no line.
    unknown : array of bool
        Whether a refund of the order that belongs to no line is not known.
    not_included, tax, shipping : array of int
        The discount of each order that prices are not reduced by already, its tax, and its shipping less the
        discount on that.
    notes : list of str
        What is not known.
    """

    line_discounts: np.ndarray
    line_refunds: np.ndarray
    line_included: np.ndarray
    line_unknown: np.ndarray
    discounts: np.ndarray
    refunds: np.ndarray
    unknown: np.ndarray
    not_included: np.ndarray
    tax: np.ndarray
    shipping: np.ndarray
    notes: list[str]


def has_amounts(orders: Frame) -> bool:
    """Return whether orders have the columns of the live dialect."""
    return set(ORDER_COLUMNS) <= set(orders.collect_schema().names())


def read_refunds(orders: nw.DataFrame[Any], lines: nw.DataFrame[Any], rows: np.ndarray) -> Refunds:
    """Return the refunded lines of orders, each with its line; those that were cancelled are left out.

    Parameters
    ----------
    orders, lines : narwhals DataFrame
        The orders, and their lines with ``line_id`` and ``unit_price``.
    rows : array of int
        The row of each line's order, -1 where it has none.
    """
    lists = nested_array(orders, "refunds")
    fields: dict[str, pa.Array] = {}
    parents = np.zeros(0, np.int64)
    if lists.null_count < len(lists) and pa.types.is_struct(lists.type.value_type):
        structs = lists.flatten()
        parents = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
        fields = {field.name: column for field, column in zip(structs.type, structs.flatten(), strict=True)}
    table = pa.table(
        {name: fields.get(name, pa.nulls(len(parents), kind)).cast(kind) for name, kind in _FIELDS.items()}
    )
    frame: nw.DataFrame[Any] = nw.from_native(table)
    valid = np.flatnonzero(~frame.select(is_one_of(_CANCELLED).alias("_no"))["_no"].to_numpy())
    table, parents = table.take(pa.array(valid)), parents[valid]
    matches = _match_lines(lines, rows, table["line_item_id"], parents)
    prices = to_floats(lines["unit_price"].to_native())
    own = np.full(len(parents), np.nan)
    own[matches >= 0] = prices[matches[matches >= 0]]
    columns = {"quantity": table["quantity"], "unit_price": pa.array(own), "amount": table["amount"]}
    return Refunds(nw.from_native(pa.table(columns)), parents, matches)


def _match_lines(
    lines: nw.DataFrame[Any], rows: np.ndarray, refunded: pa.ChunkedArray, parents: np.ndarray
) -> np.ndarray:
    """Return the number of the line with each refund's order and line id, -1 where there is none.

    The ids of lines are not unique: which of several lines with an id was refunded is not known.
    """
    ids = concat_text([to_arrow(lines["line_id"]), refunded])
    orders = pa.array(np.concatenate([rows, parents]))
    codes, size = factorize_columns([orders, ids], len(ids))
    first = first_rows(codes[: len(rows)], size)
    own, refunded_codes = codes[: len(rows)], codes[len(rows) :]
    several = np.bincount(own, minlength=size) > 1
    matches: np.ndarray = np.where(several[refunded_codes], -1, first[refunded_codes])
    # A refund without a line id is of no line, also not of one without an id.
    matches[refunded.is_null().to_numpy()] = -1
    return matches


def scale_columns(orders: nw.DataFrame[Any], refunds: Refunds) -> list[Any]:
    """Return the columns that the scale of the ticks depends on, for `choose_scale`."""
    names = [*ORDER_COLUMNS[:3], "total_shipping_discount"]
    return [
        *((orders, name) for name in names if name in orders.columns),
        (refunds.table, "amount"),
        (refunds.table, "quantity", "unit_price"),
    ]


def order_amounts(
    orders: nw.DataFrame[Any],
    is_revenue: np.ndarray,
    lines: nw.DataFrame[Any],
    rows: np.ndarray,
    refunds: Refunds,
    scale: int,
) -> OrderAmounts:
    """Return the discounts, refunds, tax and shipping of orders, spread over their lines.

    An order's discount is spread over its lines in proportion to quantity times unit price, in whole ticks:
    each line gets the part rounded down, and the ticks that are left go to the lines with the largest
    remainders. So the parts sum to the discount, up to what the lines come to. Where lines, tax and shipping
    come to the total, prices are reduced by the discount already (as on WooCommerce): it is added to gross.

    Parameters
    ----------
    orders : narwhals DataFrame
        With `ORDER_COLUMNS`.
    is_revenue : array of bool
        Which of them count, for the notes.
    lines : narwhals DataFrame
        With ``line_id``, ``quantity`` and ``unit_price``.
    rows : array of int
        The row of each line's order, -1 where it has none.
    refunds : Refunds
        The refunded lines.
    scale : int
        Ticks of one major unit.
    """
    quantity, price = (to_floats(lines[name].to_native()) for name in ("quantity", "unit_price"))
    revenue = multiply_to_ticks(quantity, price, scale)
    ticks = {name: _order_ticks(orders, name, scale) for name in ORDER_COLUMNS[:3]}
    discount = ticks["total_discount"]
    parts = _spread(discount, revenue, rows, dense_ranks(to_arrow(lines["line_id"])))
    rest = discount.copy()
    np.subtract.at(rest, rows[rows >= 0], parts[rows >= 0])
    amount, unknown = _refund_ticks(refunds, scale)
    line_refunds, line_unknown = np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
    order_refunds, order_unknown = np.zeros(len(orders), np.int64), np.zeros(len(orders), bool)
    of_line = refunds.lines >= 0
    np.add.at(line_refunds, refunds.lines[of_line], amount[of_line])
    line_unknown[refunds.lines[of_line & unknown]] = True
    np.add.at(order_refunds, refunds.orders[~of_line], amount[~of_line])
    order_unknown[refunds.orders[~of_line & unknown]] = True
    silent = _refunded_without_rows(orders, refunds)
    notes = _notes(orders, is_revenue, refunds, unknown, silent)
    shipping = ticks["total_shipping"] - _order_ticks(orders, "total_shipping_discount", scale)
    included = _order_ticks(orders, "total_price", scale) - ticks["total_tax"] - shipping
    np.subtract.at(included, rows[rows >= 0], revenue[rows >= 0])
    is_included = (included == 0) & (rest == 0)
    line_included = np.where((rows >= 0) & is_included[rows], parts, 0)
    not_included = np.where(is_included, 0, discount)
    return OrderAmounts(
        parts, line_refunds, line_included, line_unknown, rest, order_refunds, order_unknown | silent,
        not_included, ticks["total_tax"], shipping, notes,
    )  # fmt: skip


def _order_ticks(orders: nw.DataFrame[Any], name: str, scale: int) -> np.ndarray:
    """Return a column of orders in ticks; zero where it is missing."""
    if name not in orders.columns:
        return np.zeros(len(orders), np.int64)
    return to_ticks(to_floats(orders[name].to_native()), scale)


def _spread(discounts: np.ndarray, revenue: np.ndarray, rows: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Spread the discounts of orders over their lines by largest remainders; lines below zero get nothing."""
    parts = np.zeros(len(rows), np.int64)
    taking = np.flatnonzero((rows >= 0) & (revenue > 0))
    taking = taking[discounts[rows[taking]] != 0]
    own, weights = rows[taking], revenue[taking]
    totals = np.zeros(len(discounts), np.int64)
    np.add.at(totals, own, weights)
    amounts = np.minimum(discounts, totals)
    exact = len(weights) == 0 or float(weights.max()) * float(np.abs(amounts).max()) < MAX_EXACT * 2**9
    kind = np.int64 if exact else object
    products = weights.astype(kind) * amounts[own].astype(kind)
    shares = products // totals[own].astype(kind)
    remainders = (products - shares * totals[own].astype(kind)).astype(np.int64)
    shares = shares.astype(np.int64)
    left = amounts.copy()
    np.subtract.at(left, own, shares)
    # By order, the largest remainder first; line ids decide between equal ones.
    order = np.lexsort([ids[taking], -remainders, own])
    sorted_own = own[order]
    starts = np.flatnonzero(np.diff(sorted_own, prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    extra = np.zeros(len(order), np.int64)
    extra[order] = place < left[sorted_own]
    parts[taking] = shares + extra
    return parts


def _refund_ticks(refunds: Refunds, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what was refunded: the amount, or else quantity times unit price; and where it is not known."""
    amount, quantity, price = (
        to_floats(refunds.table[name].to_native()) for name in ("amount", "quantity", "unit_price")
    )
    products = multiply_to_ticks(quantity, price, scale)
    no_amount = np.isnan(amount)
    unknown = no_amount & (np.isnan(quantity) | np.isnan(price)) & ~(quantity == 0)
    return np.where(no_amount, np.where(unknown, 0, products), to_ticks(amount, scale)), unknown


def _refunded_without_rows(orders: nw.DataFrame[Any], refunds: Refunds) -> np.ndarray:
    """Return which orders are refunded by their payment status, and have no refunded lines."""
    if "payment_status" not in orders.columns:
        return np.zeros(len(orders), bool)
    is_refunded = orders.select(is_one_of(("refunded",), "payment_status").alias("_is"))["_is"]
    silent = is_refunded.to_numpy().copy()
    silent[refunds.orders] = False
    return silent


def _notes(
    orders: nw.DataFrame[Any],
    is_revenue: np.ndarray,
    refunds: Refunds,
    unknown: np.ndarray,
    silent: np.ndarray,
) -> list[str]:
    """Count what is not known of the orders that count."""
    counts = is_revenue[refunds.orders]
    no_amount = np.isnan(to_floats(refunds.table["amount"].to_native()))
    numbers = {
        "Refunded lines without an amount, taken as quantity times unit price": counts & no_amount & ~unknown,
        "Refunded lines of which no amount is known, so that their refunds are null": counts & unknown,
        "Orders refunded by their payment status, without refunded lines: their refunds are null": is_revenue
        & silent,
    }
    no_list = nested_array(orders, "refunds").is_null().to_numpy(zero_copy_only=False)
    numbers["Orders without a list of refunds, taken as none"] = is_revenue & no_list & ~silent
    for name in ORDER_COLUMNS[:3]:
        missing = np.isnan(to_floats(orders[name].to_native()))
        what = name.removeprefix("total_")
        numbers[f"Orders without an amount of {what}, taken as zero"] = is_revenue & missing
    return [f"{what}: {int(rows.sum()):,}." for what, rows in numbers.items() if rows.any()]
