"""What is sold: revenue by product or variant, which adds up to what the customers paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports import statuses
from rutterframe.reports.engine.dates import parse_dates
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    finish,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.periods import check_period, check_time_zone, truncate_to_period
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks
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
    """Add up what was sold, by product or variant.

    Parameters
    ----------
    orders : DataFrame
        Orders of any engine, with ``id``, ``status``, ``currency``, ``total_price``, ``created_at`` for
        periods, and ``connection_id``, without which they count as one connection. Cancelled, void and draft
        ones are no revenue, in any spelling; all others are, refunded and unknown ones too.
    products : DataFrame, optional
        Products of the same engine, for the titles. By variant, `variants` of them will also do.
    lines : DataFrame, optional
        The orders' lines of the same engine, as `line_items` gives them; lazy engines need them. By default
        they are split from the nested ``line_items`` of pandas, Polars (eager) and PyArrow.
    by : str or sequence of str
        What gets a row each, for every currency: ``product_id`` or ``variant_id``, with their connection;
        ``title`` or ``sku``, the same in all connections; ``connection_id``, ``business``, or several.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also a row for each period of ``created_at``; weeks begin on Monday.
    tz : str
        The zone whose calendar the periods follow, such as "America/Los_Angeles". DuckDB and PySpark read
        moments in the zone of their connection, which must be this one.

    Returns
    -------
    DataFrame
        One row for each product and currency (and period), by currency, period, connection, product and
        title, missing values last.

        =============  ==============  ==============================================================
        name           dtype           meaning
        =============  ==============  ==============================================================
        connection_id  str             where ids are among the keys: an id means something only with it
        product_id     str             or the columns named by ``by``; null for what belongs to none
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
        are all that count. So revenue adds up to ``total_price``, exactly, for prices, quantities and
        totals of up to eight decimals: each product is rounded half to even to eight decimals and then
        added. A line without a quantity or price is no revenue. On pandas ``attrs["notes"]`` says what the
        data cannot.

    Raises
    ------
    ValueError
        If columns are missing or do not hold what they must, engines differ, a choice is none, or nested
        lines cannot be split; or if ``lines`` are passed and an order (its connection and id) is there twice.
    OverflowError
        If the amounts are too large to be counted exactly: 461,168,601,842,739 in total, 46,116,860,184 where
        some have more than four decimals or quantities are fractions.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     shop = client.connection("roaster-shopify")
    ...     orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
    >>> sold = rf.reports.revenue_by_product(orders, products).sort_values("revenue", ascending=False)
    >>> sold["title"].head(2).tolist()
    ['Harbour Light Espresso', 'Fog Bell Filter Blend']
    """
    group = parse_grouping(by, titled=products is not None)
    check_period(period)
    check_time_zone(tz)
    needed = [
        "id",
        "status",
        "currency",
        "total_price",
        *(n for n in group.of_orders if n != "connection_id"),
    ]
    needed += [] if period is None else ["created_at"]
    given = read_frame(orders, needed, kind="orders")
    pieces = read_lines(given, lines, group.needed)
    listed = read_products(products, given, group)
    make = _in_memory if isinstance(given, nw.DataFrame) else _in_engine
    report, notes = make(given, pieces, listed, group, period, tz)
    return finish(
        report,
        name="revenue_by_product",
        sources=[orders] if products is None else [orders, products],
        notes=notes,
        counts=("orders",) if has_fractional_quantity(pieces) else ("orders", "quantity"),
        by=by if isinstance(by, str) else list(by),
        **({} if period is None else {"period": period, "tz": tz}),
    )


def _columns(group: Grouping, period: str | None) -> list[str]:
    """List the columns that say what a row is of."""
    return [*group.labels, "currency", *([] if period is None else ["period"])]


def order_periods(orders: Frame, period: str, tz: str) -> nw.Expr:
    """Return the first day of each order's period, by the calendar of a zone."""
    return truncate_to_period(parse_dates(orders, "created_at", kind="orders", tz=tz), period)


def _in_memory(
    orders: nw.DataFrame[Any],
    pieces: nw.DataFrame[Any],
    listed: nw.DataFrame[Any] | None,
    group: Grouping,
    period: str | None,
    tz: str,
) -> tuple[Frame, list[str]]:
    sold, notes = _recognised(orders)
    day = None
    if period is not None:
        day = orders.select(order_periods(orders, period, tz).alias("period"))["period"]
        undated = int(np.count_nonzero(sold & day.is_null().to_numpy()))
        notes += _count_note(undated, "order", "without a date: in the period that is missing")
    found = sum_revenue(orders, sold, day, pieces, listed, group)
    without = orders["total_price"].to_native()
    notes += _count_note(
        int(np.count_nonzero(sold & np.isnan(to_floats(without)))),
        "order",
        "without a total: its lines count, and are taken off the rest",
    )
    notes += _count_note(found.unknown, "line", "without a quantity or unit price: no revenue")
    notes += _count_note(found.of_no_order, "line", "of none of these orders: left out")
    notes += [f"{what}: {number:,}." for what, number in found.blank.items()]
    report = from_arrow(found.report.select([*_columns(group, period), *_SUMS, "share"]), orders)
    return report, [*notes, *notes_on_missing_shares(found.without_shares)]


def _count_note(number: int, what: str, why: str) -> list[str]:
    return [f"{number:,} {what}{'s' if number > 1 else ''} {why}."] if number else []


def _recognised(orders: nw.DataFrame[Any]) -> tuple[np.ndarray, list[str]]:
    """Tell which orders are sold, and say of which statuses the others are, and which words are not known."""
    numbers, size = factorize(orders, ["status"])
    first = first_rows(numbers, size)
    there = np.flatnonzero(first >= 0)
    listed = orders["status"][first[there]].to_list() if len(there) else []
    words = dict(zip(there.tolist(), listed, strict=True))
    counts = np.bincount(numbers, minlength=size)
    is_sold = np.ones(size, bool)
    out: dict[str | None, int] = {}
    strange: dict[str | None, int] = {}
    for number, value in words.items():
        word = statuses.normalize_status(value)
        is_sold[number] = word not in statuses.NO_REVENUE
        if not is_sold[number]:
            out[str(value)] = out.get(str(value), 0) + int(counts[number])
        elif word not in statuses.KNOWN_REVENUE:
            name = None if word is None else str(value)
            strange[name] = strange.get(name, 0) + int(counts[number])
    notes = []
    if out:
        by_status = statuses.format_counts(out)
        notes.append(f"Orders cancelled, void or draft, no revenue: {sum(out.values()):,} ({by_status}).")
    if strange:
        notes.append(
            f"Orders of an unknown status or none, taken as sold: {sum(strange.values()):,} "
            f"({statuses.format_counts(strange)})."
        )
    return is_sold[numbers], notes


def _in_engine(
    orders: Frame, pieces: Frame, listed: Frame | None, group: Grouping, period: str | None, tz: str
) -> tuple[Frame, list[str]]:
    """Add up in the engine; what is lazy is not looked through for notes."""
    scale = choose_scale((orders, "total_price"), (pieces, "quantity", "unit_price"))
    check_unique_orders(orders)
    keys = [*group.of_orders, "currency", *([] if period is None else ["period"])]
    placed = line_orders(orders, group, period, tz, scale)
    counted = null_if_empty(line_ticks(pieces, group.needed, scale), group.needed)
    known = counted.filter(~nw.col("order_id").is_null())
    lines = join_null_safe(known, placed.drop("revenue"), ORDER)
    titled = with_titles(lines, listed, group)
    sums = [*_SUMS[1:], "_unknown"]
    named = [name for name in group.labels if name not in group.of_orders]
    by = [*keys, *group.of_lines, *(["_kind"] if group.of_lines else [])]
    first = [name for name in named if name not in group.of_lines]
    summed = groupby_sum(titled, by, sums, distinct=("_order", "orders"), largest=first)
    nothing = nw.lit(0).cast(nw.Int64)
    totals = groupby_sum(placed, keys, ["revenue"], count="orders")
    taken = summed.select(*keys, nothing.alias("orders"), (nw.col("revenue") * -1).alias("revenue"))
    left = groupby_sum(
        nw.concat([_with_common_dtypes(one, [*keys, "orders", "revenue"]) for one in (totals, taken)]),
        keys,
        ["orders", "revenue"],
    )
    empty = {
        **dict.fromkeys(named, nw.lit(None, nw.String)),
        "title": nw.lit(NOT_ALLOCATED),
        "quantity": nothing,
    }
    rest = left.with_columns(*(value.alias(name) for name, value in empty.items()))
    columns = [*_columns(group, period), *_SUMS]
    whole = nw.concat([_with_common_dtypes(one, columns) for one in (summed, rest)])
    shared = with_shares(whole, keys[len(group.of_orders) :], "revenue", scale)
    money = ["revenue", *(["quantity"] if has_fractional_quantity(pieces) else [])]
    order = ["currency", *([] if period is None else ["period"]), *group.labels]
    report = shared.with_columns(*major_units(whole, *money, scale=scale)).select(*columns, "share")
    return report.sort(*order, nulls_last=True), []


def line_orders(orders: Frame, group: Grouping, period: str | None, tz: str, scale: int) -> Frame:
    """Give the orders of a lazy engine that are sold, with their keys and what they cost."""
    there = with_connection_id(orders)
    columns = [
        *text_columns(there, *dict.fromkeys(("connection_id", *group.of_orders, "currency"))),
        cast_to_text(there, "id").alias("order_id"),
        (~statuses.is_one_of(statuses.NO_REVENUE)).alias("_sold"),
        ticks(there, "total_price", scale).alias("revenue"),
    ]
    if period is not None:
        columns.append(order_periods(there, period, tz).alias("period"))
    found = there.select(*columns).filter(nw.col("_sold")).drop("_sold")
    # An order is one of its connection: the length keeps two pairs of texts apart that read alike together.
    name = nw.when(nw.col("connection_id").is_null()).then(nw.lit("")).otherwise(nw.col("connection_id"))
    length = name.str.len_chars().cast(nw.String)
    one = nw.concat_str(length, name, nw.col("order_id"), separator=" ", ignore_nulls=True)
    return null_if_empty(found.with_columns(one.alias("_order")), [*group.of_orders, "currency"])


def null_if_empty(frame: Frame, names: Sequence[str]) -> Frame:
    """Take empty text as missing."""
    if not names:
        return frame
    return frame.with_columns(
        nw.when(nw.col(name).str.strip_chars() != "").then(nw.col(name)).alias(name) for name in names
    )


def _with_common_dtypes(frame: Frame, columns: list[str]) -> Frame:
    """Give the same columns of the same dtypes, so that two frames can be put together."""
    dtypes = {**dict.fromkeys(_SUMS, nw.Int64()), "period": nw.Datetime("us")}
    return frame.select(*(nw.col(name).cast(dtypes.get(name, nw.String())) for name in columns))
