"""What is sold: revenue by product or variant, which adds up to what the customers paid."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from rutterframe.reports.counting import amount, scale_of, ticks, units, with_shares
from rutterframe.reports.dates import day_of
from rutterframe.reports.frame import Frame, Native, finish, read_frame
from rutterframe.reports.grouping import sum_by
from rutterframe.reports.periods import check_period, first_day
from rutterframe.reports.sold import (
    are_fractions,
    counted_lines,
    from_pandas,
    lines_of,
    on_pandas,
    sold_by_shop,
    text,
)
from rutterframe.reports.titles import CHOICES, titles_of, with_titles

#: Orders that are no revenue, in both spellings. Every other status is.
CANCELLED = ("cancelled", "canceled")

#: The title of what the orders cost beside their lines.
REST = "Not allocated to a product"
_SUMS = ("orders", "quantity", "revenue")


def revenue_by_product(
    orders: Native,
    products: Native | None = None,
    *,
    lines: Native | None = None,
    by: str = "product_id",
    period: str | None = None,
) -> Native:
    """Add up what was sold, by product or variant.

    Parameters
    ----------
    orders : DataFrame
        Orders of any engine, with ``connection_id``, ``id``, ``status``, ``currency``, ``total_price``, and
        ``created_at`` for periods. Cancelled ones are no revenue; unknown and missing statuses are.
    products : DataFrame, optional
        Products of the same engine, for the titles. By variant, `variants` of them will also do.
    lines : DataFrame, optional
        The orders' lines of the same engine, as `line_items` gives them; lazy engines need them. By default
        they are split from the nested ``line_items`` of pandas, Polars (eager) and PyArrow.
    by : {"product_id", "variant_id"}
        What gets a row each, for every currency.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also a row for each period of ``created_at``, in UTC; weeks begin on Monday. DuckDB reads moments in
        its connection's time zone, which must be UTC for that: ``SET TimeZone = 'UTC'``.

    Returns
    -------
    DataFrame
        One row for each product and currency (and period), by currency, period, product and title, missing
        values last.

        ==========  ==============  =================================================================
        name        dtype           meaning
        ==========  ==============  =================================================================
        product_id  str             or ``variant_id``; null for what belongs to none
        title       str             a variant's is its product's and its own; "Not in products" if they
                                    do not list it (deleted); "Line without a product" (or variant);
                                    null without ``products``
        sku         str             by variant only: the article number; null without ``products``
        currency    str             amounts of different currencies are never added
        period      datetime64[us]  with ``period`` only: its first day; null for orders without a date
        orders      Int64           how many orders it is in
        quantity    Int64           pieces sold
        revenue     float64         quantity times unit price; major units
        share       float64         of the revenue of the currency (and period); null if that is zero
        ==========  ==============  =================================================================

        Each currency (and period) has a row "Not allocated to a product", also if it is zero: the orders'
        totals minus their lines (shipping and tax, less discounts); its ``orders`` are all that count. So
        revenue adds up to ``total_price``, exactly. A line without a quantity or price is no revenue. One id
        and title in two connections is one row. On pandas ``attrs["notes"]`` says what the data cannot.

    Raises
    ------
    ValueError
        If columns are missing, engines differ, a choice is none, or this engine cannot split nested columns.
    OverflowError
        If the amounts are too large to be counted exactly.

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
    if by not in CHOICES:
        raise ValueError(f"by={by!r} is none of {', '.join(map(repr, CHOICES))}")
    check_period(period)
    needed = ["connection_id", "id", "status", "currency", "total_price"]
    needed += [] if period is None else ["created_at"]
    given = read_frame(orders, needed, kind="orders")
    keys = ["currency"] if period is None else ["currency", "period"]
    named = [by, "title"] if by == "product_id" else [by, "title", "sku"]
    asked, sold = on_pandas(given, needed), lines_of(given, lines, by)
    scale = scale_of((asked, "total_price"), (sold, "quantity", "unit_price"))
    placed = _placed(asked, period, scale)
    pieces = counted_lines(sold, placed, by, scale)
    kept = placed.filter(nw.col("_counts") == 1)
    # By connection first, whose own products give the titles.
    per_shop = sold_by_shop(pieces, placed, by, keys)
    titled = with_titles(per_shop, titles_of(products, given, by), by)
    summed = sum_by(_alike(titled, [*named, *keys, *_SUMS]), [*named, *keys], _SUMS)
    columns = [*named, *keys, *_SUMS]
    whole = nw.concat([_alike(one, columns) for one in (summed, _rest(kept, per_shop, keys, named))])
    parts = are_fractions(sold)
    money = ["revenue", *(["quantity"] if parts else [])]
    report = with_shares(whole, keys, "revenue").with_columns(*units(asked, *money, scale=scale))
    report = report.select(*columns, "share").sort(*keys, *named, nulls_last=True)
    return finish(
        from_pandas(report, given),
        name="revenue_by_product",
        sources=[orders] if products is None else [orders, products],
        notes=_notes(kept, per_shop, pieces),
        counts=("orders",) if parts else ("orders", "quantity"),
        by=by,
        **({} if period is None else {"period": period}),
    )


def _placed(frame: Frame, period: str | None, scale: int) -> Frame:
    """Count the orders' totals; cancelled ones stay, marked, so that their lines are known to have one."""
    status = nw.col("status")
    counts = nw.when(status.is_in(CANCELLED).fill_null(value=False)).then(nw.lit(0)).otherwise(nw.lit(1))
    columns = [
        *text("connection_id", "currency"),
        nw.col("id").cast(nw.String).alias("order_id"),
        counts.cast(nw.Int8).alias("_counts"),
        amount("total_price").is_null().cast(nw.Int8).alias("_no_total"),
        ticks(frame, "total_price", scale).alias("revenue"),
    ]
    if period is not None:
        columns.append(
            first_day(day_of(frame, "created_at", kind="orders", tz="UTC"), period).alias("period")
        )
    return frame.select(*columns)


def _rest(kept: Frame, per_shop: Frame, keys: list[str], named: list[str]) -> Frame:
    """Take the lines from the orders' totals: one row for each currency (and period)."""
    nothing = nw.lit(0).cast(nw.Int64)
    totals = sum_by(kept, keys, ["revenue"], count="orders")
    sold = per_shop.select(*keys, nothing.alias("orders"), (nw.col("revenue") * -1).alias("revenue"))
    both = nw.concat([_alike(one, [*keys, "orders", "revenue"]) for one in (totals, sold)])
    left = sum_by(both, keys, ["orders", "revenue"])
    labels = dict.fromkeys(named, nw.lit(None, nw.String)) | {"title": nw.lit(REST)}
    return left.with_columns(nothing.alias("quantity"), *(text.alias(name) for name, text in labels.items()))


def _alike(frame: Frame, columns: list[str]) -> Frame:
    """Give the same columns of the same dtypes, so that two frames can be put together."""
    dtypes = {**dict.fromkeys(_SUMS, nw.Int64()), "period": nw.Datetime("us")}
    return frame.select(*(nw.col(name).cast(dtypes.get(name, nw.String())) for name in columns))


def _notes(kept: Frame, per_shop: Frame, pieces: Frame) -> list[str]:
    """Say what the data cannot; what is lazy is not looked through for that."""
    if not isinstance(kept, nw.DataFrame):
        return []
    found = (
        ("order", kept["_no_total"].sum(), "without a total: its lines count, and are taken off the rest"),
        ("line", per_shop["_unknown"].sum(), "without a quantity or unit price: no revenue"),
        ("line", (pieces["_order"] < 0).sum(), "of none of these orders: left out"),
    )
    return [f"{size:,} {what}{'s' if size > 1 else ''} {why}." for what, size, why in found if size > 0]
