"""Revenue by product or variant, which sums to the totals of the orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports import statuses
from rutterframe.reports.engine.dates import parse_dates
from rutterframe.reports.engine.empty_keys import with_nulls_for_empty
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    finish,
    read_frame,
    to_backend,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.periods import check_period, check_time_zone, truncate_to_period
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks
from rutterframe.reports.order_amounts import AMOUNTS, ORDER_COLUMNS, has_amounts
from rutterframe.reports.order_lines import (
    ORDER,
    check_unique_orders,
    from_arrow,
    has_fractional_quantity,
    join_null_safe,
    line_ticks,
    read_lines,
    text_columns,
)
from rutterframe.reports.revenue_arrays import sum_revenue
from rutterframe.reports.shares import notes_on_missing_shares, with_shares
from rutterframe.reports.titles import NOT_ALLOCATED, Grouping, parse_grouping, read_products, with_titles

_SUMS = ("orders", "quantity", "revenue")


def revenue_by_product(
    orders: Native,
    products: Native | None = None,
    *,
    lines: Native | None = None,
    by: str | Sequence[str] = "product_id",
    period: str | None = None,
    tz: str = "UTC",
) -> Native:
    """Sum the revenue of orders by product or variant.

    Parameters
    ----------
    orders : DataFrame
        Orders of any engine, with ``id``, ``status``, ``currency``, ``total_price``, ``created_at`` for
        periods, and ``connection_id``, without which they count as one connection. Cancelled, void and draft
        orders do not count as revenue, in any spelling; all others do, refunded and unknown ones too.
    products : DataFrame, optional
        Products of the same engine, for the titles. By variant, `variants` of them will also do.
    lines : DataFrame, optional
        The orders' lines of the same engine, as `line_items` returns them; lazy engines need them. By default
        they are split from the nested ``line_items`` of pandas, Polars (eager) and PyArrow.
    by : str or sequence of str
        The columns to sum by, for every currency: ``product_id`` or ``variant_id``, with their connection;
        ``title`` or ``sku``, the same in all connections; ``connection_id``, ``business``, or several.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also a row for each period of ``created_at``; weeks begin on Monday.
    tz : str
        The zone of the calendar of the periods, such as "America/Los_Angeles". DuckDB and PySpark read
        moments in the zone of their connection, which must be this one.

    Returns
    -------
    DataFrame
        One row for each product and currency (and period), by currency, period, connection, product and
        title, missing values last.

        =============  ==============  ==============================================================
        name           dtype           meaning
        =============  ==============  ==============================================================
        connection_id  str             where ids are among the keys: an id is unique only within it
        product_id     str             or the columns named by ``by``; null for lines without one
        title          str             a variant's is its product's and its own; "Not in products" if
                                       they do not list it (deleted); "Line without a product" (or
                                       variant); null without ``products``
        sku            str             by variant only: the article number; null without ``products``
        currency       str             amounts of different currencies are never added
        period         datetime64[us]  with ``period`` only: its first day; null without a date
        orders         Int64           how many orders it is in
        quantity       Int64           pieces sold; float64 if the lines' quantities are not integers
        revenue        float64         quantity times unit price; major units
        share          float64         of the revenue of the currency (and period); null where that is
                                       near zero or of both signs
        =============  ==============  ==============================================================

        Each connection (or business), currency and period has a row "Not allocated to a product", also if
        it is zero: the orders' totals minus their lines (shipping and tax, less discounts); its ``orders``
        are all that count. So revenue sums to ``total_price``, exactly, for prices, quantities and
        totals of up to eight decimals: each product is rounded half to even to eight decimals and then
        summed. A line without a quantity or price adds nothing. On pandas ``attrs["notes"]`` lists what the
        data does not cover.

        Live orders (with ``total_discount``, ``total_tax``, ``total_shipping`` and ``refunds``) have more
        columns; lazy engines collect them. Per currency they sum to ``total_price``: gross - discounts + tax
        + shipping.

        =============  =======  =====================================================================
        gross          float64  quantity times unit price before the discount; not allocated: what
                                totals have beside lines, discounts, tax and shipping, zero where
                                orders add up
        discounts      float64  the orders' discounts, spread over their lines in proportion to
                                gross, exactly; not allocated: what exceeds the lines
        refunds        float64  the amounts of refunded lines, or else refunded quantity times unit
                                price; not allocated: those of no line; null where one is not known
        net            float64  gross - discounts - refunds, without tax and shipping
        tax            float64  of the orders; zero for products
        shipping       float64  of the orders, less the discount on it; zero for products
        =============  =======  =====================================================================

    Raises
    ------
    ValueError
        If columns are missing or do not hold what they must, engines differ, an argument is not one of its
        choices, or nested lines cannot be split; or if ``lines`` are passed and an order (its connection and
        id) is there twice.
    OverflowError
        If the amounts are too large to be counted exactly: 461,168,601,842,739 in total, 46,116,860,184 where
        some have more than four decimals or quantities are fractions.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> revenue = rf.reports.revenue_by_product(orders, products).sort_values("revenue", ascending=False)
    >>> revenue["title"].head(2).tolist()
    ['Harbour Light Espresso', 'Fog Bell Filter Blend']
    """
    group = parse_grouping(by, has_products=products is not None)
    check_period(period)
    check_time_zone(tz)
    frame = read_frame(orders, order_columns(group, period), kind="orders")
    like, is_live = frame, has_amounts(frame)
    if is_live and not isinstance(frame, nw.DataFrame):
        frame, lines, products = _collect_live(frame, lines, products, order_columns(group, period))
    line_frame = read_lines(frame, lines, [*group.line_columns, *(["line_id"] if is_live else [])])
    product_frame = read_products(products, frame, group)
    compute = _in_memory if isinstance(frame, nw.DataFrame) else _in_engine
    report, notes = compute(frame, line_frame, product_frame, group, period, tz)
    return finish(
        to_backend(report, like),
        name="revenue_by_product",
        sources=[orders] if products is None else [orders, products],
        notes=notes,
        counts=("orders",) if has_fractional_quantity(line_frame) else ("orders", "quantity"),
        by=by if isinstance(by, str) else list(by),
        **({} if period is None else {"period": period, "tz": tz}),
    )


def _collect_live(
    orders: Frame, lines: Native | None, products: Native | None, needed: Sequence[str]
) -> tuple[Frame, Native | None, Native | None]:
    """Collect live frames of a lazy engine as Arrow tables: discounts are spread line by line, in memory."""
    names = [*needed, *ORDER_COLUMNS, "connection_id", "payment_status", "total_shipping_discount"]
    names += [] if lines is not None else ["line_items"]
    columns = orders.collect_schema().names()
    selected = orders.select(*(name for name in dict.fromkeys(names) if name in columns))
    return collect(selected, "pyarrow"), _to_memory(lines), _to_memory(products)


def _to_memory(native: Native | None) -> Native | None:
    frame = None if native is None else nw.from_native(native)
    return collect(frame, "pyarrow").to_native() if isinstance(frame, nw.LazyFrame) else native


def order_columns(group: Grouping, period: str | None) -> list[str]:
    """Return the columns that orders must have; a frame without ``connection_id`` is one connection."""
    keys = [name for name in group.order_keys if name != "connection_id"]
    return ["id", "status", "currency", "total_price", *keys, *([] if period is None else ["created_at"])]


def order_periods(orders: Frame, period: str, tz: str) -> nw.Expr:
    """Return the first day of each order's period, by the calendar of a zone."""
    return truncate_to_period(parse_dates(orders, "created_at", kind="orders", tz=tz), period)


def _key_columns(group: Grouping, period: str | None) -> list[str]:
    """Return the columns that identify a row."""
    return [*group.labels, "currency", *([] if period is None else ["period"])]


def _in_memory(
    orders: nw.DataFrame[Any],
    lines: nw.DataFrame[Any],
    products: nw.DataFrame[Any] | None,
    group: Grouping,
    period: str | None,
    tz: str,
) -> tuple[Frame, list[str]]:
    """Compute the report on arrays, with notes."""
    is_revenue, notes = _check_statuses(orders)
    first_day = None
    if period is not None:
        first_day = orders.select(order_periods(orders, period, tz).alias("period"))["period"]
        undated = int(np.count_nonzero(is_revenue & first_day.is_null().to_numpy()))
        notes += _count_note(undated, "order", "without a date: in the period that is missing")
    sums = sum_revenue(orders, is_revenue, first_day, lines, products, group)
    no_total = np.isnan(to_floats(orders["total_price"].to_native()))
    notes += _count_note(
        int(np.count_nonzero(is_revenue & no_total)),
        "order",
        "without a total: its lines count, and are taken off the rest",
    )
    notes += _count_note(sums.incomplete_lines, "line", "without a quantity or unit price: no revenue")
    notes += _count_note(sums.lines_without_order, "line", "of none of these orders: left out")
    notes += [f"{what}: {number:,}." for what, number in sums.empty_keys.items()]
    notes += sums.notes
    live = AMOUNTS if has_amounts(orders) else ()
    report = from_arrow(sums.report.select([*_key_columns(group, period), *_SUMS, "share", *live]), orders)
    return report, [*notes, *notes_on_missing_shares(sums.without_shares)]


def _count_note(number: int, what: str, why: str) -> list[str]:
    return [f"{number:,} {what}{'s' if number > 1 else ''} {why}."] if number else []


def _check_statuses(orders: nw.DataFrame[Any]) -> tuple[np.ndarray, list[str]]:
    """Return which orders count as revenue, with notes on those that do not and on unknown statuses."""
    codes, size = factorize(orders, ["status"])
    first = first_rows(codes, size)
    present = np.flatnonzero(first >= 0)
    values = orders["status"][first[present]].to_list() if len(present) else []
    counts = np.bincount(codes, minlength=size)
    counts_as_revenue = np.ones(size, bool)
    excluded: dict[str | None, int] = {}
    unknown: dict[str | None, int] = {}
    for code, value in zip(present.tolist(), values, strict=True):
        status = statuses.normalize_status(value)
        counts_as_revenue[code] = status not in statuses.NO_REVENUE
        if not counts_as_revenue[code]:
            excluded[str(value)] = excluded.get(str(value), 0) + int(counts[code])
        elif status not in statuses.KNOWN_REVENUE:
            name = None if status is None else str(value)
            unknown[name] = unknown.get(name, 0) + int(counts[code])
    notes = []
    if excluded:
        total, by_status = sum(excluded.values()), statuses.format_counts(excluded)
        notes.append(f"Orders cancelled, void or draft, no revenue: {total:,} ({by_status}).")
    if unknown:
        total, by_status = sum(unknown.values()), statuses.format_counts(unknown)
        notes.append(f"Orders of an unknown status or none, taken as sold: {total:,} ({by_status}).")
    is_revenue = counts_as_revenue[codes]
    return is_revenue, [*notes, *_note_failed_payments(orders, is_revenue)]


def _note_failed_payments(orders: nw.DataFrame[Any], is_revenue: np.ndarray) -> list[str]:
    """Return a note on live orders with a failed payment: such an order may be paid for later, or never."""
    if "payment_status" not in orders.columns:
        return []
    has_failed = orders.select(statuses.is_one_of(("failed",), "payment_status").alias("_is"))["_is"]
    failed = int((has_failed.to_numpy().astype(bool) & is_revenue).sum())
    return [f"Orders with a failed payment, taken as sold: {failed:,}."] if failed else []


def _in_engine(
    orders: Frame, lines: Frame, products: Frame | None, group: Grouping, period: str | None, tz: str
) -> tuple[Frame, list[str]]:
    """Compute the report in a lazy engine, without notes, which would take queries of their own."""
    scale = choose_scale((orders, "total_price"), (lines, "quantity", "unit_price"))
    check_unique_orders(orders)
    keys = [*group.order_keys, "currency", *([] if period is None else ["period"])]
    revenue_orders = _revenue_orders(orders, group, period, tz, scale)
    products_of_lines = _sum_lines(lines, revenue_orders, products, group, keys, scale)
    rest = _unallocated(products_of_lines, revenue_orders, group, keys)
    columns = [*_key_columns(group, period), *_SUMS]
    report = nw.concat([_with_common_dtypes(part, columns) for part in (products_of_lines, rest)])
    shares = with_shares(report, keys[len(group.order_keys) :], "revenue", scale)
    in_ticks = ["revenue", *(["quantity"] if has_fractional_quantity(lines) else [])]
    order = ["currency", *([] if period is None else ["period"]), *group.labels]
    shares = shares.with_columns(*major_units(report, *in_ticks, scale=scale)).select(*columns, "share")
    return shares.sort(*order, nulls_last=True), []


def _revenue_orders(orders: Frame, group: Grouping, period: str | None, tz: str, scale: int) -> Frame:
    """Return the orders of a lazy frame that count as revenue, with their keys and totals."""
    frame = with_connection_id(orders)
    columns = [
        *text_columns(frame, *dict.fromkeys(("connection_id", *group.order_keys, "currency"))),
        cast_to_text(frame, "id").alias("order_id"),
        (~statuses.is_one_of(statuses.NO_REVENUE, usual=statuses.KNOWN_REVENUE)).alias("_counts"),
        ticks(frame, "total_price", scale).alias("revenue"),
    ]
    if period is not None:
        columns.append(order_periods(frame, period, tz).alias("period"))
    counted = frame.select(*columns).filter(nw.col("_counts")).drop("_counts")
    # One text for connection and id: with the length in front, no two pairs have the same.
    name = nw.when(nw.col("connection_id").is_null()).then(nw.lit("")).otherwise(nw.col("connection_id"))
    length = name.str.len_chars().cast(nw.String)
    order = nw.concat_str(length, name, nw.col("order_id"), separator=" ", ignore_nulls=True)
    return with_nulls_for_empty(counted.with_columns(order.alias("_order")), [*group.order_keys, "currency"])


def _sum_lines(
    lines: Frame, orders: Frame, products: Frame | None, group: Grouping, keys: list[str], scale: int
) -> Frame:
    """Sum the lines of orders by the keys of both."""
    in_ticks = with_nulls_for_empty(line_ticks(lines, group.line_columns, scale), group.line_columns)
    with_order = in_ticks.filter(~nw.col("order_id").is_null())
    joined = join_null_safe(with_order, orders.drop("revenue"), ORDER)
    by = [*keys, *group.line_keys, *(["_kind"] if group.line_keys else [])]
    return groupby_sum(
        with_titles(joined, products, group),
        by,
        ["quantity", "revenue"],
        distinct=("_order", "orders"),
        largest=[name for name in group.labels if name not in (*group.order_keys, *group.line_keys)],
    )


def _unallocated(lines: Frame, orders: Frame, group: Grouping, keys: list[str]) -> Frame:
    """Return the totals of orders minus their lines, in rows that are allocated to no product."""
    zero = nw.lit(0).cast(nw.Int64)
    totals = groupby_sum(orders, keys, ["revenue"], count="orders")
    minus_lines = lines.select(*keys, zero.alias("orders"), (nw.col("revenue") * -1).alias("revenue"))
    columns = [*keys, "orders", "revenue"]
    both = nw.concat([_with_common_dtypes(part, columns) for part in (totals, minus_lines)])
    labels = [name for name in group.labels if name not in group.order_keys]
    values = dict.fromkeys(labels, nw.lit(None, nw.String))
    values |= {"title": nw.lit(NOT_ALLOCATED), "quantity": zero}
    return groupby_sum(both, keys, ["orders", "revenue"]).with_columns(
        *(value.alias(name) for name, value in values.items())
    )


def _with_common_dtypes(frame: Frame, columns: list[str]) -> Frame:
    """Select columns with the dtypes that two frames need to be concatenated."""
    dtypes = {**dict.fromkeys(_SUMS, nw.Int64()), "period": nw.Datetime("us")}
    return frame.select(*(nw.col(name).cast(dtypes.get(name, nw.String())) for name in columns))
