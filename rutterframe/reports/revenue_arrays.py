"""Revenue of orders in memory, added up on whole columns: numbers stand for keys until the report is made."""

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

from rutterframe.reports.engine.factorize import BLOCK, dense_ranks, factorize_columns, first_rows, to_arrow
from rutterframe.reports.engine.frame import with_connection_id
from rutterframe.reports.engine.tick_arrays import (
    from_ticks,
    multiply_to_ticks,
    to_floats,
    to_integers,
    to_ticks,
)
from rutterframe.reports.engine.ticks import choose_scale
from rutterframe.reports.order_lines import has_fractional_quantity, order_rows
from rutterframe.reports.shares import divide_by_totals, half_minor_unit
from rutterframe.reports.titles import NOT_ALLOCATED, Grouping, lookup_titles

_TEXT = pa.large_string()
_Whole = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]


class Sums(NamedTuple):
    """Revenue in memory: the report, and how many lines lack something, have no order or an empty key."""

    report: pa.Table
    unknown: int
    of_no_order: int
    blank: dict[str, int]
    without_shares: list[str | None]


class _Rows(NamedTuple):
    """What the rows of products are of: groups of orders, and labels of lines."""

    groups: np.ndarray
    labels: np.ndarray


class Labels(NamedTuple):
    """Which label each line has, the columns of each label, how many there are, and of empty keys."""

    numbers: np.ndarray
    columns: dict[str, pa.Array]
    size: int
    blank: dict[str, int]


def label_lines(
    pieces: nw.DataFrame[Any],
    orders: nw.DataFrame[Any],
    rows: np.ndarray,
    listed: nw.DataFrame[Any] | None,
    group: Grouping,
) -> Labels:
    """Give lines a number by what they are added up by, and the columns of each number.

    Parameters
    ----------
    pieces, orders : narwhals DataFrame
        The lines and their orders.
    rows : array of int
        The row of each line's order, -1 where it has none.
    listed : narwhals DataFrame, optional
        What titles are looked up in.
    group : Grouping
        What lines are added up by.
    """
    if not group.of_lines or not len(orders):
        none = {name: pa.nulls(1, _TEXT) for name in ("product_id", "variant_id", "title", "sku")}
        return Labels(np.zeros(len(pieces), np.int32), none, 1, {})
    numbers, size = factorize_columns([pieces[name] for name in group.needed], len(pieces))
    connections = with_connection_id(orders)["connection_id"]
    if listed is not None:
        # An id means something only with its connection.
        own, width = factorize_columns([connections], len(orders))
        numbers, size = _combine_codes(numbers, own[rows], size, width)
    first = first_rows(numbers, size)
    there = np.flatnonzero(first >= 0)
    lines = first[there]
    columns, empty = _without_blanks(
        {name: _take_text(to_arrow(pieces[name]), lines) for name in group.needed}
    )
    blank = {
        f"Lines with empty text as {name}, taken as missing": int(np.isin(numbers, there[rows_of]).sum())
        for name, rows_of in empty.items()
    }
    of_orders = _take_text(to_arrow(connections), np.maximum(rows[lines], 0))
    found, kinds = lookup_titles(listed, of_orders, columns[group.looked_up], group)
    columns |= found
    shown = dict(columns)
    if listed is not None and "connection_id" in group.of_orders:
        # One id has a title in each connection.
        shown["connection_id"] = of_orders
    by = [shown[name] for name in ("connection_id", *group.of_lines) if name in shown]
    labels, many = factorize_columns([*by, pa.array(kinds)], len(there))
    label_of = np.zeros(size, np.int32)
    label_of[there] = labels
    # Of the titles that stand under one label the last in order is shown; one is better than none.
    best = np.full(many, -1)
    title = columns["title"]
    order = np.argsort(
        np.where(title.is_null().to_numpy(zero_copy_only=False), -1, dense_ranks(title)), kind="stable"
    )
    best[labels[order]] = order
    kept = best[best >= 0]
    renumbered = np.cumsum(best >= 0) - 1
    shown = {name: column.take(pa.array(kept)) for name, column in columns.items()}
    return Labels(renumbered.astype(np.int32)[label_of][numbers], shown, max(len(kept), 1), blank)


def sum_revenue(
    orders: nw.DataFrame[Any],
    sold: np.ndarray,
    period: nw.Series[Any] | None,
    pieces: nw.DataFrame[Any],
    listed: nw.DataFrame[Any] | None,
    group: Grouping,
) -> Sums:
    """Add up the lines and the totals of the orders that are sold.

    Parameters
    ----------
    orders : narwhals DataFrame
        With ``id``, ``currency``, ``total_price`` and the columns that orders are added up by.
    sold : array of bool
        Which of them count.
    period : narwhals Series, optional
        The first day of each order's period.
    pieces : narwhals DataFrame
        The lines.
    listed : narwhals DataFrame, optional
        What titles are looked up in.
    group : Grouping
        What they are added up by.
    """
    scale = choose_scale((orders, "total_price"), (pieces, "quantity", "unit_price"))
    rows = order_rows(pieces, orders)
    keys = {name: with_connection_id(orders)[name] for name in (*group.of_orders, "currency")}
    keys |= {} if period is None else {"period": period}
    numbers, columns, empty = _factorize_orders(keys, len(orders))
    size = len(columns["currency"])
    blank = {
        f"Orders with empty text as {name}, taken as missing": int(rows_of[sold].sum())
        for name, rows_of in empty.items()
    }
    labels = label_lines(pieces, orders, rows, listed, group)
    places, used = _cell_codes(np.append(np.where(sold, numbers, -1), -1)[rows], labels, size)
    sums = _sum_lines(pieces, places, len(used), scale)
    there = np.flatnonzero(sums["lines"] > 0)
    found = _Rows(used[there] // labels.size, used[there] % labels.size)
    counts = np.bincount(numbers[sold], minlength=size)
    rest = np.flatnonzero(counts)
    left = np.zeros(size, np.int64)
    np.add.at(left, numbers[sold], to_ticks(to_floats(orders["total_price"].to_native()), scale)[sold])
    np.subtract.at(left, found.groups, sums["revenue"][there])
    # The rest of a group stands below its products: it has no label.
    groups = np.concatenate([found.groups, rest])
    label = pa.array(np.concatenate([found.labels, np.full(len(rest), -1)]))
    label = pc.if_else(pc.less(label, 0), pa.scalar(None, pa.int64()), label)
    nothing = np.zeros(len(rest), np.int64)
    revenue = np.concatenate([sums["revenue"][there], left[rest]])
    quantity = np.concatenate([sums["quantity"][there], nothing])
    orders_of = _distinct(places, rows, len(used), len(orders))[there]
    columns = {name: column.take(pa.array(groups)) for name, column in columns.items()}
    for name in group.labels:
        if name not in keys:
            columns[name] = labels.columns[name].take(label).cast(_TEXT)
    columns["title"] = pc.if_else(pc.is_null(label), pa.scalar(NOT_ALLOCATED, _TEXT), columns["title"])
    shared, halves = _share_totals(columns, scale)
    shares = divide_by_totals(revenue, shared, halves)
    columns |= {
        "orders": pa.array(np.concatenate([orders_of, counts[rest]])),
        "quantity": pa.array(from_ticks(quantity, scale) if has_fractional_quantity(pieces) else quantity),
        "revenue": pa.array(from_ticks(revenue, scale)),
        "share": pa.array(shares, mask=np.isnan(shares)),
    }
    table = pa.table(columns)
    order = ["currency", *(["period"] if period is not None else []), *group.labels]
    table = table.take(pa.array(np.lexsort([dense_ranks(table[name]) for name in reversed(order)])))
    without = [name.as_py() for name in columns["currency"].filter(pa.array(np.isnan(shares)))]
    blank |= labels.blank
    return Sums(table, int(sums["unknown"].sum()), int((rows < 0).sum()), blank, without)


def _factorize_orders(
    keys: Mapping[str, Any], length: int
) -> tuple[np.ndarray, dict[str, pa.Array], dict[str, np.ndarray]]:
    """Give orders a number by their keys, the keys of each number, and which orders have empty text."""
    numbers, size = factorize_columns(list(keys.values()), length)
    first = first_rows(numbers, size)
    there = np.flatnonzero(first >= 0)
    renumbered = (np.cumsum(first >= 0) - 1)[numbers]
    taken = {
        name: _combine_chunks(to_arrow(column)).take(pa.array(first[there]))
        if name == "period"
        else _take_text(to_arrow(column), first[there])
        for name, column in keys.items()
    }
    columns, empty = _without_blanks(taken)
    if empty:
        # What had an empty key belongs to the group of those without one.
        again, columns, _ = _factorize_orders(columns, len(there))
        blank = {name: np.isin(renumbered, rows) for name, rows in empty.items()}
        return again[renumbered], columns, blank
    return renumbered, columns, {}


def _without_blanks(columns: Mapping[str, pa.Array]) -> tuple[dict[str, pa.Array], dict[str, np.ndarray]]:
    """Take empty text as missing, and give the rows where it stands."""
    found, empty = dict(columns), {}
    for name, column in columns.items():
        if pa.types.is_large_string(column.type):
            blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), False)
            rows = np.flatnonzero(blank.to_numpy(zero_copy_only=False))
            if len(rows):
                found[name], empty[name] = pc.if_else(blank, pa.scalar(None, _TEXT), column), rows
    return found, empty


def _cell_codes(own: np.ndarray, labels: Labels, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each line the number of its group and label, -1 where it does not count, and what they mean."""
    many = size * labels.size
    places: _Whole = own.astype(np.int32 if many < 2**31 else np.int64)
    places *= labels.size
    places += np.where(own < 0, 0, labels.numbers).astype(places.dtype)
    np.maximum(places, -1, out=places)
    if many <= 2 * len(own) + 1000:
        return places, np.arange(many)
    counts = places >= 0
    found, used = pd.factorize(places[counts])
    places[counts] = found
    return places, used


def _sum_lines(pieces: nw.DataFrame[Any], places: np.ndarray, size: int, scale: int) -> dict[str, np.ndarray]:
    """Add up the lines at each place, some at a time."""
    sums = {name: np.zeros(size, np.int64) for name in ("lines", "quantity", "revenue", "unknown")}
    quantity, price = (to_floats(pieces[name].to_native()) for name in ("quantity", "unit_price"))
    parts = has_fractional_quantity(pieces)
    for start in range(0, len(places), BLOCK):
        rows = slice(start, start + BLOCK)
        own, of_line = places[rows], (quantity[rows], price[rows])
        if own.min(initial=0) < 0:
            counts = own >= 0
            own, of_line = own[counts], (of_line[0][counts], of_line[1][counts])
        missing = np.isnan(of_line[0]) | np.isnan(of_line[1])
        np.add.at(sums["lines"], own, 1)
        np.add.at(sums["quantity"], own, to_ticks(of_line[0], scale) if parts else to_integers(of_line[0]))
        np.add.at(sums["revenue"], own, multiply_to_ticks(*of_line, scale))
        if missing.any():
            np.add.at(sums["unknown"], own[missing], 1)
    return sums


def _distinct(places: np.ndarray, rows: np.ndarray, size: int, orders: int) -> np.ndarray:
    """Count the orders of each place once."""
    pairs = places.astype(np.int64)
    pairs *= max(orders, 1)
    pairs += rows
    if places.min(initial=0) < 0:
        pairs = pairs[places >= 0]
    # Sorting takes a tenth of the time of numpy's unique, which hashes.
    pairs.sort()
    new = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    counts = np.zeros(size, np.int64)
    for start in range(0, len(pairs), BLOCK):
        part = slice(start, start + BLOCK)
        np.add.at(counts, pairs[part][new[part]] // max(orders, 1), 1)
    return counts


def _share_totals(columns: Mapping[str, pa.Array], scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each row the number of the total that its share is of: of its currency (and period)."""
    of = [columns[name] for name in ("currency", "period") if name in columns]
    numbers, size = factorize_columns(of, len(of[0]))
    first = np.maximum(first_rows(numbers, size), 0)
    currencies = columns["currency"].take(pa.array(first)).to_pylist() if len(of[0]) else [None] * size
    return numbers, np.array([half_minor_unit(currency, scale) for currency in currencies])


def _combine_codes(numbers: np.ndarray, others: np.ndarray, size: int, width: int) -> tuple[np.ndarray, int]:
    """Give each pair of two numbers a number."""
    pairs: _Whole = numbers.astype(np.int32 if size * width < 2**31 else np.int64)
    pairs *= width
    pairs += others
    if size * width <= 2 * len(pairs) + 1000:
        return pairs, size * width
    found, there = pd.factorize(pairs)
    return found, len(there)


def _combine_chunks(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _take_text(column: pa.Array | pa.ChunkedArray, rows: np.ndarray) -> pa.Array:
    """Give some rows of a column as text."""
    return _combine_chunks(_combine_chunks(column).take(pa.array(rows)).cast(_TEXT))
