"""What is behind a cell of a report? The documents, lines or accounts, with their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.describe import recognise
from rutterframe.reports.engine.buckets import bounds_from_columns, bucket_names, parse_bounds
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.engine.frame import Frame, Native, finish, key_columns, read_frame
from rutterframe.reports.explain_revenue import revenue_lines
from rutterframe.reports.explain_rows import (
    DOCUMENT_COLUMNS,
    Cell,
    Sources,
    documents_due_in_week,
    matches,
    source_rows,
    transactions_of_day,
    transactions_of_transfer,
)
from rutterframe.reports.names import NAMES, has_name
from rutterframe.reports.open_items import list_open

_AGINGS = ("ar_aging", "ap_aging")
# The argument that a report adds up.
_MAIN = {
    "ar_aging": ("invoices",),
    "ap_aging": ("bills",),
    "open_items": ("documents", "invoices", "bills"),
    "revenue_by_product": ("orders",),
    "cash_position": ("bank_accounts",),
    "cash_history": ("transactions",),
    "cash_forecast": ("invoices", "bills"),
    "runway": ("forecast",),
    "transfers": ("transactions",),
    "trial_balance": ("accounts",),
    "expenses_by_category": ("expenses",),
    "concentration": ("report",),
    "tie_out": ("source",),
}


def explain(
    report_row: Native | Mapping[str, Any],
    source: Native | Mapping[str, Native],
    *,
    bucket: str | None = None,
    as_of: date | datetime | str | None = None,
    by: str | Sequence[str] | None = None,
    bounds: Iterable[int] | None = None,
) -> Native:
    """List what is behind a row of a report, or behind one cell of an aging.

    Parameters
    ----------
    report_row : Series, dict or DataFrame of one row
        A row of any report. A row from pandas carries how its report was made; of other engines those of
        agings and of reports without periods can be told by their columns.
    source : DataFrame or mapping of str to DataFrame
        What the report was made of, of any engine: the documents, or several frames by the names of the
        report's arguments, such as ``{"orders": orders, "lines": lines, "products": products}`` or, for an
        aging by name, ``{"invoices": invoices, "customers": customers}``, and for a tie-out by business
        ``{"source": source, "businesses": businesses}``. Of a forecast the invoices (behind its receipts) or
        the bills (behind its payments).
    bucket : str, optional
        The cell's column in an aging, such as ``days_31_60``; by default, and for ``total``, all of them.
    as_of, by : optional
        As an aging was made, where its row does not carry it; what is passed counts before what it carries.
    bounds : iterable of int, optional
        As an aging was made; by default read from the names of the row's buckets, and (30, 60, 90) where it
        has none.

    Returns
    -------
    DataFrame
        What is behind the row, by id, where missing is a value like any other. Of a converted row it is in
        the currency of the books, ``original_currency``.

        ======================  ====================================================================
        row of                  rows
        ======================  ====================================================================
        an aging                the documents, as `open_items` lists them; amounts due add up to the
                                cell, exactly
        `revenue_by_product`    order lines: ``connection_id``, ``order_id``, the lines' columns, and
                                ``revenue``, which adds up to the row; of the row "Not allocated to a
                                product" the orders that cost more or less than their lines
        `cash_forecast`         the open documents due in the week; overdue ones where they were put
        `cash_history`          the day's transactions
        `transfers`             the two transactions
        any other               the rows of the source with the row's keys and currency
        ======================  ====================================================================

    Raises
    ------
    TypeError
        If the source is neither a frame nor a mapping of frames.
    ValueError
        If the row is not one, or of no known report, or lacks its keys; ``as_of``, ``by`` or the period is
        not known; the bucket is none of the aging's; or columns or frames are missing.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> bool(len(rf.reports.explain(aging.head(1), invoices)) == aging["documents"].iloc[0])
    True
    """
    row, attrs = _row(report_row)
    name = str(attrs.get("report") or _named(row, as_of))
    if bucket is not None and name not in _AGINGS:
        raise ValueError(f"bucket={bucket!r} is for rows of an aging, and this is a row of {name}")
    cell = Cell(name, row, attrs)
    sources = _sources(name, source)
    if name in _AGINGS:
        about = {**attrs, **({} if as_of is None else {"as_of": as_of}), **({} if by is None else {"by": by})}
        if "as_of" not in about or "by" not in about:
            raise ValueError(
                "pass as_of= and by=, as the aging was made: only rows of a pandas report carry them"
            )
        edges = bounds_from_columns(row) if bounds is None else parse_bounds(bounds)
        return _aged(Cell(name, row, about), sources, bucket, edges)
    if name == "revenue_by_product":
        return revenue_lines(cell, sources)
    if name == "cash_forecast":
        return documents_due_in_week(cell, sources)
    if name == "cash_history":
        return transactions_of_day(cell, sources)
    if name == "transfers":
        return transactions_of_transfer(cell, sources)
    return source_rows(cell, sources)


def _sources(name: str, source: Native | Mapping[str, Native]) -> Sources:
    """Give the frames by the names of the report's arguments, the one that is added up as main."""
    if not isinstance(source, Mapping):
        return Sources(source, {})
    arguments = _MAIN.get(name, ())
    given = dict(source)
    found = [argument for argument in arguments if argument in given]
    if len(found) > 1:
        raise ValueError(f"source must hold {' or '.join(map(repr, found))}, not both: one side at a time")
    main = given.pop(found[0]) if found else given.popitem()[1] if len(given) == 1 else None
    if main is None:
        needed = " or ".join(map(repr, arguments)) or "the frame that it adds up"
        raise ValueError(
            f"source must hold {needed}, or one frame only, to explain a row of {name}; "
            f"it holds {', '.join(map(repr, source))}"
        )
    return Sources(main, given)


def _aged(cell: Cell, sources: Sources, bucket: str | None, edges: tuple[int, ...]) -> Native:
    by, day = cell.about["by"], parse_as_of(cell.about["as_of"])
    age_by = str(cell.about.get("age_by", "due_date"))
    payable = cell.report == "ap_aging" or {"vendor_id", "vendor_name"} & set(key_columns(by))
    party = "vendor_id" if payable else "customer_id"
    # A row that was written by hand may have no connection, where its documents have none.
    keys = [key for key in key_columns(by) if key != "connection_id" or key in cell.row]
    cell.check(*keys, "currency")
    names = [*bucket_names(edges).values(), "total"]
    if bucket is not None and bucket not in names:
        raise ValueError(f"bucket={bucket!r} is none of {', '.join(map(repr, names))}")
    frame = read_frame(sources.main, (*DOCUMENT_COLUMNS, age_by), kind="source")
    conditions = [_of_row(frame, cell, sources, party, key) for key in dict.fromkeys((*keys, "currency"))]
    only = None if bucket in (None, "total") else bucket
    items, notes = list_open(frame.filter(*conditions), day, edges, age_by=age_by, only=only)
    return finish(
        items,
        name="open_items",
        sources=[sources.main],
        notes=notes,
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
        by=by,
    )


def _of_row(frame: Frame, cell: Cell, sources: Sources, party: str, key: str) -> nw.Expr:
    """Tell the documents that share one of the row's keys."""
    there = frame.collect_schema().names()
    name, kind = NAMES[party]
    people = sources.others.get(kind)
    if key == name and people is not None:
        return has_name(frame, party, people, cell.row[key])
    if key == name and key not in there:
        raise ValueError(
            f"source must hold {kind!r} as well, as the aging was made: {{…, {kind!r}: {kind}}}; "
            f"the documents have no column {key!r}"
        )
    if key == "connection_id" and key not in there and pd.isna(cell.row[key]):
        return nw.lit(value=True)
    read_frame(frame.to_native(), (key,), kind="source")
    return matches(frame, cell, key)


def _named(row: Mapping[str, Any], as_of: object) -> str:
    """Tell a report by the columns of its row; where an as-of day is given it is an aging."""
    if as_of is not None or "no_due_date" in row:
        return "ar_aging"
    name = recognise(row)
    if name is not None and name != "open_items":
        return name
    if {"customer_id", "vendor_id"} & set(row):
        return "ar_aging"
    raise ValueError(f"report_row is of no known report; its columns are {', '.join(row)}")


def _row(given: Native | Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[Any, Any]]:
    """Read a row by its columns, and what its report carries."""
    attrs = getattr(given, "attrs", {})
    if isinstance(given, pd.Series):
        return {str(name): value for name, value in given.items()}, attrs
    if isinstance(given, Mapping):
        return dict(given), attrs
    frame = read_frame(given, (), kind="report_row")
    rows = (frame.head(2).collect() if isinstance(frame, nw.LazyFrame) else frame).rows(named=True)
    if len(rows) != 1:
        number = "none" if not rows else "several"
        raise ValueError(f"report_row must be one row, not {number}: report.iloc[[0]] is the first")
    return rows[0], attrs
