"""The rows of the sources that a row of a report sums, for each kind of report."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames import line_items
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.notebook.escape import printable_names
from rutterframe.reports import statuses
from rutterframe.reports.account_types import filter_cash, normalize_type, side_of, type_is_in, types_of
from rutterframe.reports.businesses import with_business
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import describe
from rutterframe.reports.engine.buckets import BOUNDS
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.empty_keys import with_nulls_for_empty
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    finish,
    is_id,
    key_columns,
    read_frame,
    value_to_text,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.periods import truncate_to_period
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks, with_product_ticks
from rutterframe.reports.open_documents import with_credits
from rutterframe.reports.open_items import list_open
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
from rutterframe.reports.postings import PENDING
from rutterframe.reports.revenue import order_columns, order_periods
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.reports.titles import (
    NOT_ALLOCATED,
    Grouping,
    parse_grouping,
    read_products,
    title_kind,
    with_titles,
)

_ALL_ACCOUNTS = (
    "Of every account, cards and those in other currencies too: the cell holds less where there are such; "
    "pass {'transactions': transactions, 'bank_accounts': bank_accounts} to list what is in it."
)
# Columns that lines may have themselves and that are looked up for them.
_LOOKED_UP = ("title", "sku")
#: The columns that documents must have.
DOCUMENT_COLUMNS = ("id", "status", "amount_due", "currency", "due_date")


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of a report.

    Attributes
    ----------
    report : str
        The report's name.
    row : mapping
        The row's values by column.
    about : mapping
        The ``attrs`` of the report, with its arguments.
    """

    report: str
    row: Mapping[str, Any]
    about: Mapping[Any, Any]

    def check(self, *names: str) -> None:
        """Check that the row has its keys.

        Raises
        ------
        ValueError
            If it lacks one; the message lists its columns.
        """
        missing = [name for name in names if name not in self.row]
        if missing:
            columns = printable_names(self.row)
            raise ValueError(f"report_row has no {', '.join(map(repr, missing))}; its columns are {columns}")

    def currency(self) -> Any:
        """Return the currency of the row before a conversion."""
        return self.row[ORIGINAL] if ORIGINAL in self.row else self.row["currency"]

    def own_keys(self) -> list[str]:
        """Return the columns that the row's rows in the source have in common: keys, without names of ids."""
        identity = SPECS[self.report].identity
        if identity and set(identity) <= set(self.row):
            keys = ["connection_id", *identity]
        elif self.about.get("by"):
            keys = [*key_columns(self.about["by"]), "currency"]
        else:
            columns = describe(self.report, self.row)
            other = {ORIGINAL, "title", "period"}
            keys = [column.name for column in columns if column.kind is Kind.KEY and column.name not in other]
        return [name for name in dict.fromkeys(keys) if name in self.row]

    def period(self) -> str | None:
        """Return the kind of the row's period, None for a report without periods.

        Raises
        ------
        ValueError
            If the row has a period, and its kind is not known.
        """
        if "period" not in self.row:
            return None
        if "period" not in self.about:
            raise ValueError("the kind of the period is not known: only rows of a pandas report carry it")
        return str(self.about["period"])


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a report: the frame that it sums, and related ones by the names of their arguments."""

    main: Native
    related: Mapping[str, Native]


def equals(name: str, value: Any) -> nw.Expr:
    """Compare a column with a value; missing equals missing."""
    return nw.col(name).is_null() if pd.isna(value) else nw.col(name) == value


def is_missing(frame: Frame, name: str) -> nw.Expr:
    """Return which values are missing or empty text, which counts as missing in reports."""
    text = cast_to_text(frame, name).str.strip_chars()
    return text.is_null() | (text == "").fill_null(value=False)


def equals_key(frame: Frame, name: str, value: Any) -> nw.Expr:
    """Compare an id as text, whatever dtype the frame and the row have; missing equals missing."""
    key = value_to_text(value)
    return (
        is_missing(frame, name) if key is None else (cast_to_text(frame, name) == key).fill_null(value=False)
    )


def matches(frame: Frame, cell: Cell, name: str) -> nw.Expr:
    """Compare a column with the row's value; missing equals missing or empty text."""
    value = cell.currency() if name == "currency" else cell.row[name]
    # The types of a trial balance stand for several words each, and its difference for all of them.
    if (name,) == SPECS[cell.report].zero_row[:1]:
        types = (kind for kind in types_of(frame) if kind is not None)
        if value == SPECS[cell.report].zero_row[1]:
            return type_is_in(kind for kind in types if side_of(kind))
        if pd.isna(value):
            return is_missing(frame, name)
        return type_is_in(kind for kind in types if normalize_type(kind) == value)
    if is_id(name) or name == "connection_id":
        return equals_key(frame, name, value)
    if pd.isna(value) and frame.collect_schema()[name] in (nw.String, nw.Categorical, nw.Enum):
        return is_missing(frame, name)
    return equals(name, value)


def comparable_keys(frame: Frame, keys: Iterable[str]) -> list[str]:
    """Return the keys to compare: the connection only if the source has it, since reports add it to ids."""
    columns = frame.collect_schema().names()
    return [name for name in keys if name != "connection_id" or name in columns]


def equals_day(moment: nw.Expr, value: Any) -> nw.Expr:
    """Compare a moment with a day; missing equals missing."""
    return moment.is_null() if pd.isna(value) else moment == nw.lit(pd.Timestamp(value).to_pydatetime())


def source_rows(cell: Cell, sources: Sources) -> Native:
    """Return the rows of the source with the row's keys; those of a period by their date."""
    cell.check("currency")
    period = cell.period()
    needed = [*cell.own_keys(), *(["date"] if period else [])]
    source = sources.main
    columns = read_frame(source, (), kind="source").collect_schema().names()
    if SPECS[cell.report].compares and "business" in cell.row and "business" not in columns:
        if "businesses" not in sources.related:
            raise ValueError(
                "source must hold the businesses as well, as they were passed to the tie-out: "
                "{'source': frame, 'businesses': businesses}"
            )
        source = with_business(source, sources.related["businesses"])
    frame = read_frame(source, (), kind="source")
    frame = read_frame(source, comparable_keys(frame, needed), kind="source")
    memos = sources.related.get("credit_memos")
    if SPECS[cell.report].lists_documents and memos is not None:
        frame = with_credits(frame, memos)
    conditions = [matches(frame, cell, name) for name in comparable_keys(frame, cell.own_keys())]
    if period is not None:
        conditions.append(
            equals_day(
                truncate_to_period(parse_dates(frame, "date", kind="source"), period), cell.row["period"]
            )
        )
    is_earlier = SPECS[cell.report].lists_documents and cell.about.get("reconstructed")
    notes = [f"As loaded: the item has what was open on {cell.about.get('as_of')}."] if is_earlier else []
    return finish_rows(frame.filter(*conditions), cell, sources, notes)


def transactions_of_day(cell: Cell, sources: Sources) -> Native:
    """Return the transactions of a day; one without a currency is in that of its account."""
    cell.check("date", "currency")
    frame = read_frame(sources.main, ("account_id", "currency", "date"), kind="source")
    keys = comparable_keys(frame, [name for name in ("connection_id", "account_id") if name in cell.row])
    currency = matches(frame, cell, "currency") | is_missing(frame, "currency")
    banks = sources.related.get("bank_accounts")
    has_status = "status" in frame.collect_schema().names()
    transactions = frame.filter(
        *(matches(frame, cell, name) for name in keys),
        *([~statuses.is_one_of((PENDING,))] if has_status else []),
        currency if banks is None else currency & _of_accounts(frame, banks, cell),
        equals_day(parse_dates(frame, "date", kind="source").dt.truncate("1d"), cell.row["date"]),
    )
    notes = [_ALL_ACCOUNTS] if banks is None else []
    return finish_rows(transactions, cell, sources, notes)


def _of_accounts(frame: Frame, banks: Native, cell: Cell) -> nw.Expr:
    """Return which transactions are of accounts that hold cash in the row's currency."""
    accounts = read_frame(filter_cash(banks), ("id", "currency"), kind="bank_accounts")
    by_connection = all("connection_id" in side.collect_schema().names() for side in (accounts, frame))
    cash = collect(accounts.filter(matches(accounts, cell, "currency")))
    connections = cash["connection_id"].to_list() if by_connection else [None] * len(cash)
    ids: dict[str | None, list[str]] = {}
    for connection, account_id in zip(connections, cash["id"].to_list(), strict=True):
        account = value_to_text(account_id)
        if account is not None:
            ids.setdefault(value_to_text(connection), []).append(account)
    condition: nw.Expr = nw.col("account_id").is_null() & ~nw.col("account_id").is_null()
    for connection, accounts_of in ids.items():
        is_account = cast_to_text(frame, "account_id").is_in(accounts_of)
        if by_connection:
            is_account = is_account & equals_key(frame, "connection_id", connection)
        condition = condition | is_account
    return condition.fill_null(value=False)


def transactions_of_transfer(cell: Cell, sources: Sources) -> Native:
    """Return the two transactions of a transfer."""
    cell.check(*(f"{side}_{name}" for side in ("from", "to") for name in ("account_id", "date")))
    frame = read_frame(sources.main, ("account_id", "date"), kind="source")
    columns = frame.collect_schema().names()
    day = parse_dates(frame, "date", kind="source").dt.truncate("1d")
    sides = []
    for side in ("from", "to"):
        keys = [name for name in ("connection_id", "account_id", "id") if name in columns]
        own = [
            equals_key(frame, name, cell.row[f"{side}_{name}"])
            for name in keys
            if f"{side}_{name}" in cell.row
        ]
        own.append(equals_day(day, cell.row[f"{side}_date"]))
        sides.append(functools.reduce(operator.and_, (same.fill_null(value=False) for same in own)))
    return finish_rows(frame.filter(sides[0] | sides[1]), cell, sources)


def documents_due_in_week(cell: Cell, sources: Sources) -> Native:
    """Return the open documents due in a week, with the overdue ones if the forecast puts them there."""
    cell.check("currency", "week")
    about, week = cell.about, int(cell.row["week"])
    if "as_of" not in about:
        raise ValueError("the as-of date of the forecast is not known: only rows of a pandas report carry it")
    day, overdue = parse_as_of(about["as_of"]), about.get("overdue", "first_week")
    documents = read_frame(sources.main, DOCUMENT_COLUMNS, kind="source")
    side = "bills" if "vendor_id" in documents.collect_schema().names() else "invoices"
    memos = sources.related.get("credit_memos")
    notes = []
    if memos is not None:
        documents = with_credits(documents, memos)
    elif side in about.get("credit_memos", ()):
        notes = [
            f"Without the credit memos that the cell takes off: pass {{'{side}': …, 'credit_memos': …}}."
        ]
    if overdue == "spread":
        notes.append("Of each overdue document the cell holds an equal part for each week of the forecast.")
    items, _ = list_open(documents, day, BOUNDS)
    days = nw.col("days_past_due")
    due = (days <= -7 * (week - 1)) & (days > -7 * week)
    late = days.is_null() | (days > 0)
    if overdue == "spread" or (overdue == "first_week" and week == 1):
        due = due.fill_null(value=False) | late
    rows = items.filter(matches(items, cell, "currency"), due.fill_null(value=False))
    return finish_rows(rows, cell, sources, notes)


def finish_rows(rows: Frame, cell: Cell, sources: Sources, notes: Sequence[str] = ()) -> Native:
    """Return rows as a native frame, sorted by id where there is one: engines have orders of their own."""
    columns = rows.collect_schema().names()
    order = [name for name in ("connection_id", "id") if name in columns]
    ordered = rows.sort(*order, nulls_last=True) if order else rows
    behind = f"Behind a row of {SPECS[cell.report].title.lower()}."
    return finish(ordered, name="rows", sources=[sources.main], notes=[behind, *notes])


def revenue_lines(cell: Cell, sources: Sources) -> Native:
    """Return the lines of a row of revenue, or the orders with a total that differs from their lines."""
    period = cell.period()
    products = sources.related.get("products")
    by = _by(cell)
    if products is None and {"title", "sku"} & set(by):
        raise ValueError(f"by={cell.about.get('by', by)!r} is looked up: pass products in source, too")
    group = parse_grouping(by, has_products=products is not None)
    cell.check(
        *(name for name in group.labels if name in by and name != "connection_id"), "title", "currency"
    )
    frame = read_frame(sources.main, order_columns(group, period), kind="source")
    orders = _select_on_pandas(frame, [*order_columns(group, None), "connection_id", "created_at"])
    ids = None if "lines" in sources.related else orders.select(cast_to_text(orders, "id"))
    if ids is None:
        check_unique_orders(frame)
    else:
        orders = _with_row_numbers(orders)
    lines, titles = _read_lines(frame, sources, group), read_products(products, frame, group)
    titles = titles if titles is None else to_pandas(titles, titles.collect_schema().names())
    scale = choose_scale((orders, "total_price"), (lines, "quantity", "unit_price"))
    columns = list(dict.fromkeys((*lines.collect_schema().names(), "revenue")))
    lines = with_product_ticks(lines, "quantity", "unit_price", scale, "revenue")
    lines = lines.with_columns(*text_columns(lines, *ORDER, *group.line_columns))
    orders = _matching_orders(with_connection_id(orders), cell, group, period, scale)
    keys = [name for name in group.line_keys if name != "title"]
    if cell.row["title"] == NOT_ALLOCATED and all(pd.isna(cell.row[name]) for name in keys):
        rows = _unallocated(orders, lines)
    else:
        rows = _matching_lines(join_null_safe(lines, orders.drop("_total"), ORDER), cell, group, titles)
    rows = rows.select(*columns).with_columns(*major_units(rows, "revenue", scale=scale))
    rows = rows if ids is None else _with_order_ids(rows, ids)
    rows = rows.sort(*ORDER, "line_number" if "line_number" in columns else "revenue", nulls_last=True)
    by = cell.about.get("by", by)
    return finish(from_pandas(rows, frame), name="lines", sources=[sources.main], by=by)


def _by(cell: Cell) -> list[str]:
    """Return the keys of the report: its rows carry them, or have them as columns."""
    if "by" in cell.about:
        return key_columns(cell.about["by"])
    keys = [name for name in ("business", "connection_id", "product_id", "variant_id") if name in cell.row]
    if {"product_id", "variant_id"} & set(keys):
        return keys
    if "sku" in cell.row:
        return [*keys, "sku"]
    # Where neither products nor variants are keys, a title in the row is a key.
    return keys if pd.isna(cell.row.get("title")) else [*keys, "title"]


def _select_on_pandas(frame: Frame, names: list[str]) -> Frame:
    columns = frame.collect_schema().names()
    return to_pandas(frame, [name for name in names if name in columns])


def _read_lines(orders: Frame, sources: Sources, group: Grouping) -> Frame:
    """Read the lines with all of their columns."""
    lines = sources.related.get("lines")
    if lines is not None:
        needed = ("order_id", *group.line_columns, "quantity", "unit_price")
        # A line without an order's id belongs to no order.
        own = read_related(lines, orders, needed, "lines").filter(~nw.col("order_id").is_null())
        return to_pandas(own, own.collect_schema().names())
    check_nested(orders, "line_items")
    nested = to_pandas(with_connection_id(orders), ("connection_id", "id", "line_items", "total_price"))
    return nw.from_native(line_items(_with_row_numbers(nested).to_native()))


def _with_row_numbers(orders: Frame) -> Frame:
    """Replace the ids of orders by row numbers: orders with the same id have lines of their own."""
    native = orders.to_native()
    return nw.from_native(native.assign(id=pd.Series(range(len(native)), native.index).astype(TEXT_DTYPE)))


def _with_order_ids(rows: Frame, ids: Frame) -> Frame:
    """Replace row numbers by the ids of orders."""
    native = rows.to_native()
    own = ids["id"].to_native().to_numpy()[native["order_id"].to_numpy().astype("int64")]
    return nw.from_native(native.assign(order_id=pd.Series(own, native.index, dtype=TEXT_DTYPE)))


def _matching_orders(orders: Frame, cell: Cell, group: Grouping, period: str | None, scale: int) -> Frame:
    """Return the orders that count as revenue and have the row's keys."""
    columns = {"_counts": ~statuses.is_one_of(statuses.NO_REVENUE), "order_id": cast_to_text(orders, "id")}
    if period is not None:
        columns["_period"] = order_periods(orders, period, str(cell.about.get("tz", "UTC")))
    keys = [*group.order_keys, "currency"]
    orders = orders.with_columns(
        *text_columns(orders, *dict.fromkeys(("connection_id", *keys))),
        ticks(orders, "total_price", scale).alias("_total"),
        **columns,
    )
    values = {name: cell.currency() if name == "currency" else cell.row.get(name) for name in keys}
    conditions = [equals(name, value) for name, value in values.items() if name in cell.row]
    if period is not None:
        conditions.append(equals_day(nw.col("_period"), cell.row["period"]))
    return with_nulls_for_empty(orders, keys).filter(nw.col("_counts"), *conditions).select(*ORDER, "_total")


def _matching_lines(lines: Frame, cell: Cell, group: Grouping, products: Frame | None) -> Frame:
    """Return the lines of the row's product, variant, title or article number."""
    if not group.line_keys:
        return lines
    own = [name for name in _LOOKED_UP if name in lines.collect_schema().names()]
    titled = with_nulls_for_empty(lines.rename({name: f"_own_{name}" for name in own}), group.line_columns)
    titled = with_titles(titled, products, group)
    rows = titled.filter(*(equals(name, cell.row[name]) for name in group.line_keys))
    kind = title_kind(cell.row["title"])
    if products is not None or kind != 1:
        rows = rows.filter(nw.col("_kind") == kind)
    columns = [name for name in rows.collect_schema().names() if name not in _LOOKED_UP]
    return rows.select(*columns).rename({f"_own_{name}": name for name in own})


def _unallocated(orders: Frame, lines: Frame) -> Frame:
    """Return the orders with a total that differs from their lines, with the difference as revenue."""
    totals = orders.select(*ORDER, nw.col("_total").alias("revenue"))
    of_orders = join_null_safe(lines.select(*ORDER, "revenue"), orders.select(*ORDER), ORDER)
    minus_lines = of_orders.select(*ORDER, (nw.col("revenue") * -1).alias("revenue"))
    rest = groupby_sum(nw.concat([totals, minus_lines]), list(ORDER), ["revenue"])
    # With the columns of lines, which are null: an order as a whole has none of them.
    no_lines = lines.filter(nw.col("order_id") != nw.col("order_id"))
    return nw.concat([no_lines, rest.filter(nw.col("revenue") != 0)], how="diagonal")
