"""What is sold: revenue by product or variant, which adds up to what the customers paid."""

from __future__ import annotations

from datetime import datetime

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames import line_items, variants
from rutterframe.reports.frame import Frame, Native, check_size, day_of, finish, read_frame, ticks, units

#: Orders that are no revenue, in both spellings. Every other status is.
CANCELLED = ("cancelled", "canceled")

_NO_PRODUCT = {"product_id": "Line without a product", "variant_id": "Line without a variant"}
_NOT_LISTED = "Not in products"
_REST = "Not allocated to a product"
_PERIODS = {"day": "1d", "week": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}
_LINE = ("connection_id", "order_id")
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
    >>> from rutterframe.reports.revenue import revenue_by_product
    >>> sold = revenue_by_product(orders, products).sort_values("revenue", ascending=False)
    >>> sold["title"].head(2).tolist()
    ['Harbour Light Espresso', 'Fog Bell Filter Blend']
    """
    for name, value, choices in (("by", by, (*_NO_PRODUCT,)), ("period", period, (None, *_PERIODS))):
        if value not in choices:
            raise ValueError(f"{name}={value!r} is none of {', '.join(map(repr, choices))}")
    needed = ("connection_id", "id", "status", "currency", "total_price")
    frame = read_frame(orders, needed if period is None else (*needed, "created_at"), kind="orders")
    pieces = _lines(frame, lines, by)
    keys = ["currency"] if period is None else ["currency", "period"]
    placed = _orders(frame, period)
    kept = placed.filter(nw.col("_counts") == 1)
    named = [by, "title"] if by == "product_id" else [by, "title", "sku"]
    matched = _by_order(pieces, by).join(_present(placed.drop("revenue"), *_LINE), on=list(_LINE))
    sold = matched.filter(nw.col("_counts") == 1)
    sums = [nw.col(name).sum() for name in _SUMS]
    # By connection first, whose own products give the titles.
    per_shop = sold.group_by("connection_id", by, *keys).agg(nw.len().alias("orders"), *sums[1:])
    titled = _titled(per_shop, _titles(products, frame, by), by)
    summed = titled.group_by(*named, *keys).agg(*sums)
    columns = [*named, *keys, *_SUMS]
    whole = nw.concat([_alike(summed, columns), _alike(_rest(kept, per_shop, keys, named), columns)])
    report = _with_shares(whole, keys).with_columns(*units("revenue"))
    report = _plain(report.select(*columns, "share").sort(*keys, *named, nulls_last=True))
    return finish(
        report,
        name="revenue_by_product",
        sources=[orders] if products is None else [orders, products],
        notes=_notes(kept, sold, pieces, matched),
        counts=("orders", "quantity"),
        by=by,
        **({} if period is None else {"period": period}),
    )


def _text(*names: str) -> list[nw.Expr]:
    """Make keys alike: Arrow does not match text with large text."""
    return [nw.col(name).cast(nw.String) for name in names]


def _orders(frame: Frame, period: str | None) -> Frame:
    """Count the orders' totals; cancelled ones stay, marked, so that their lines are known to have one."""
    status = nw.col("status")
    counts = nw.when(status.is_in(CANCELLED).fill_null(value=False)).then(nw.lit(0)).otherwise(nw.lit(1))
    columns = [
        *_text("connection_id", "currency"),
        nw.col("id").cast(nw.String).alias("order_id"),
        counts.cast(nw.Int64).alias("_counts"),
        nw.col("total_price").is_null().cast(nw.Int64).alias("_no_total"),
        ticks(frame, "total_price").alias("revenue"),
    ]
    if period is not None:
        day = _first_day(day_of(frame, "created_at"), period)
        columns.append(day.cast(nw.Datetime("us")).alias("period"))
    check_size(frame, "total_price")
    return frame.select(*columns)


def _first_day(moment: nw.Expr, period: str) -> nw.Expr:
    """Give the first day of each period; narwhals cannot truncate to weeks."""
    first = day = moment.dt.truncate(_PERIODS[period])
    for after in range(1, 7) if period == "week" else ():
        first = nw.when(day.dt.weekday() == after + 1).then(day.dt.offset_by(f"-{after}d")).otherwise(first)
    return first


def _present(frame: Frame, *names: str) -> Frame:
    """Keep what can be matched: some engines match null with null, others do not."""
    return frame.filter(*(~nw.col(name).is_null() for name in names))


def _lines(frame: Frame, lines: Native | None, by: str) -> Frame:
    """Count the lines of orders: their pieces and revenue, and whether one of both is missing."""
    found = _split(frame, "line_items", ("total_price",)) if lines is None else lines
    needed = (*_LINE, by, "quantity", "unit_price")
    pieces = _same_engine(read_frame(found, needed, kind="lines"), frame, "lines")
    price, quantity = nw.col("unit_price").cast(nw.Float64), nw.col("quantity").cast(nw.Float64)
    check_size(pieces.select((price * quantity).alias("unit_price")), "unit_price")
    missing = nw.col("unit_price").is_null() | nw.col("quantity").is_null()
    counted = pieces.select(
        *_text(*_LINE, by),
        nw.col("quantity").fill_null(0).cast(nw.Int64).alias("quantity"),
        ticks(pieces, "unit_price").alias("revenue"),
        missing.cast(nw.Int64).alias("_unknown"),
    )
    return counted.with_columns((nw.col("revenue") * nw.col("quantity")).alias("revenue"))


def _split(frame: Frame, nested: str, also: tuple[str, ...] = ()) -> Native:
    """Split a nested column with the splitter for pandas, and give the caller's engine back."""
    instead = {"line_items": "lines=rf.line_items(orders)", "variants": "rf.variants(products) as products"}
    there = frame.collect_schema().names()
    if not isinstance(frame, nw.DataFrame) or nested not in there:
        kind = f"this {frame.implementation.value} {type(frame).__name__} of {', '.join(there)}"
        raise ValueError(f"{nested!r} cannot be split from {kind}: pass {instead[nested]}")
    splitter = line_items if nested == "line_items" else variants
    wanted = frame.select("connection_id", "id", nested, *also)
    if frame.implementation.is_pandas():
        return splitter(wanted.to_native())
    split = splitter(wanted.to_arrow().to_pandas(types_mapper=pd.ArrowDtype))
    arrow = nw.from_native(split, eager_only=True).to_arrow()
    return nw.DataFrame.from_arrow(arrow, backend=frame.implementation).to_native()


def _same_engine(found: Frame, orders: Frame, kind: str) -> Frame:
    if found.implementation is not orders.implementation or type(found) is not type(orders):
        names = [f"{one.implementation.value} ({type(one).__name__})" for one in (orders, found)]
        raise ValueError(f"{kind} must be of the orders' engine, {names[0]}, not {names[1]}")
    return found


def _by_order(pieces: Frame, by: str) -> Frame:
    """Add up within each order first, so that then a row is an order, and can be counted."""
    sums = (nw.col(name).sum() for name in ("quantity", "revenue", "_unknown"))
    return _present(pieces, *_LINE).group_by(*_LINE, by).agg(*sums, nw.len().alias("_lines"))


def _titles(products: Native | None, orders: Frame, by: str) -> Frame | None:
    """Give the title (and sku) of each product or variant, once."""
    if products is None:
        return None
    frame = _same_engine(read_frame(products, ("connection_id", "id"), kind="products"), orders, "products")
    names = ["title"] if by == "product_id" else ["title", "sku"]
    if by == "variant_id" and "sku" not in frame.collect_schema().names():
        frame = _variants(frame)
    read_frame(frame.to_native(), names, kind="products")
    listed = frame.select(*_text("connection_id", "id", *names)).rename({"id": by})
    once = _present(listed, "connection_id", by).group_by("connection_id", by)
    titles: Frame = once.agg(*(nw.col(name).max() for name in names))
    return titles.with_columns(nw.lit(1).alias("_listed"))


def _variants(products: Frame) -> Frame:
    """Give the variants, each by its product's title and its own: "L" alone says nothing."""
    read_frame(products.to_native(), ("title",), kind="products")
    on = ["connection_id", "product_id"]
    own = nw.from_native(_split(products, "variants")).select(*_text(*on, "id", "title", "sku"))
    product = products.select(*_text("connection_id", "id", "title")).rename(
        {"id": on[1], "title": "_product"}
    )
    joined = own.join(_present(product, *on), on=on, how="left")
    both = nw.concat_str("_product", "title", separator=", ", ignore_nulls=True)
    return joined.with_columns(both.alias("title"))


def _titled(per_shop: Frame, titles: Frame | None, by: str) -> Frame:
    """Name each row; what is not listed, and what has no product, is named as such."""
    if titles is None:
        unknown = (nw.lit(None, nw.String).alias(name) for name in ("title", "sku"))
        found = per_shop.with_columns(*unknown, nw.lit(1).alias("_listed"))
    else:
        found = per_shop.join(titles, on=["connection_id", by], how="left")
    name = nw.when(nw.col("_listed").is_null()).then(nw.lit(_NOT_LISTED)).otherwise(nw.col("title"))
    name = nw.when(nw.col(by).is_null()).then(nw.lit(_NO_PRODUCT[by])).otherwise(name)
    return found.with_columns(name.cast(nw.String).alias("title"))


def _rest(kept: Frame, per_shop: Frame, keys: list[str], named: list[str]) -> Frame:
    """Take the lines from the orders' totals: one row for each currency (and period)."""
    nothing = nw.lit(0).cast(nw.Int64)
    totals = kept.select(*keys, nw.lit(1).cast(nw.Int64).alias("orders"), "revenue")
    sold = per_shop.select(*keys, nothing.alias("orders"), (nw.col("revenue") * -1).alias("revenue"))
    both = nw.concat([_alike(one, [*keys, "orders", "revenue"]) for one in (totals, sold)])
    left = both.group_by(*keys).agg(nw.col("orders").sum(), nw.col("revenue").sum())
    labels = dict.fromkeys(named, nw.lit(None, nw.String)) | {"title": nw.lit(_REST)}
    return left.with_columns(nothing.alias("quantity"), *(text.alias(name) for name, text in labels.items()))


def _alike(frame: Frame, columns: list[str]) -> Frame:
    """Give the same columns of the same dtypes, so that two frames can be put together."""
    dtypes = {**dict.fromkeys(_SUMS, nw.Int64()), "period": nw.Datetime("us")}
    return frame.select(*(nw.col(name).cast(dtypes.get(name, nw.String())) for name in columns))


def _with_shares(report: Frame, keys: list[str]) -> Frame:
    """Divide by the revenue of the currency (and period). Null keys are matched by a second, whether null."""
    totals = report.group_by(*keys).agg(nw.col("revenue").sum().alias("_whole"))
    fills: dict[str, nw.Expr] = {"currency": nw.lit(""), "period": nw.lit(datetime(1, 1, 1))}  # noqa: DTZ001
    marks = [
        *(nw.col(name).is_null().alias(f"_no_{name}") for name in keys),
        *(nw.when(nw.col(k).is_null()).then(fills[k]).otherwise(nw.col(k)).alias(f"_{k}") for k in keys),
    ]
    on = [f"_{mark}{name}" for name in keys for mark in ("", "no_")]
    joined = report.with_columns(*marks).join(totals.with_columns(*marks).select(*on, "_whole"), on=on)
    whole = nw.when(nw.col("_whole") != 0).then(nw.col("_whole").cast(nw.Float64))
    return joined.with_columns((nw.col("revenue").cast(nw.Float64) / whole).alias("share"))


def _plain(report: Frame) -> Frame:
    """Give money as float64 on pandas too, whose nullable quantities made it Float64."""
    native = report.to_native()
    if isinstance(native, pd.DataFrame):
        nullable = [name for name in ("revenue", "share") if isinstance(native[name].dtype, pd.Float64Dtype)]
        native = native.astype(dict.fromkeys(nullable, "float64"))
    return nw.from_native(native)


def _notes(kept: Frame, sold: Frame, pieces: Frame, matched: Frame) -> list[str]:
    """Say what the data cannot; what is lazy is not looked through for that."""
    if not isinstance(kept, nw.DataFrame):
        return []
    found = (
        ("order", kept["_no_total"].sum(), "without a total: its lines count, and are taken off the rest"),
        ("line", sold["_unknown"].sum(), "without a quantity or unit price: no revenue"),
        ("line", len(pieces) - (matched["_lines"].sum() or 0), "of none of these orders: left out"),
    )
    return [
        f"{size:,} {what}{'s' if size > 1 else ''} {why}." for what, size, why in found if (size or 0) > 0
    ]
