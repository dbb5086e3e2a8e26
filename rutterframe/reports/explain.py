"""Explain a row of a report: the documents, lines or accounts that it sums, with their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.columns import Kind, Rows
from rutterframe.reports.describe import recognise
from rutterframe.reports.engine.buckets import (
    bounds_from_columns,
    bucket_names,
    column_of_bucket,
    parse_bounds,
)
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.frame import Frame, Native, collect, finish, key_columns, read_frame
from rutterframe.reports.explain_rows import (
    DOCUMENT_COLUMNS,
    Cell,
    Sources,
    comparable_keys,
    documents_due_in_week,
    equals_day,
    finish_rows,
    matches,
    revenue_lines,
    source_rows,
    transactions_of_day,
    transactions_of_transfer,
)
from rutterframe.reports.names import NAMES, has_name
from rutterframe.reports.open_documents import open_documents
from rutterframe.reports.open_items import sort_items
from rutterframe.reports.own import Report
from rutterframe.reports.own_frames import rows_of_report
from rutterframe.reports.specs import SPECS
from rutterframe.reports.statuses import PAID, is_one_of

_ROWS: Mapping[Rows, Callable[[Cell, Sources], Native]] = {
    Rows.SOURCE: source_rows,
    Rows.LINES: revenue_lines,
    Rows.WEEK: documents_due_in_week,
    Rows.DAY: transactions_of_day,
    Rows.TRANSFER: transactions_of_transfer,
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
    """Return the rows of the sources that a row of a report, or one cell of an aging, sums.

    Parameters
    ----------
    report_row : Series, dict or DataFrame of one row
        A row of any report. A row from pandas carries the arguments of its report; rows of other engines are
        recognised by their columns, where they are of agings or of reports without periods.
    source : DataFrame or mapping of str to DataFrame
        The sources of the report, of any engine: the documents, or several frames by the names of the
        report's arguments, such as ``{"orders": orders, "lines": lines, "products": products}`` or, for an
        aging by name or with credit memos, ``{"invoices": invoices, "customers": customers, "credit_memos":
        memos}`` (with ``payment_terms``, if it was made with them), and for a tie-out by business
        ``{"source": source, "businesses": businesses}``. Of a forecast the invoices (for its receipts) or
        the bills (for its payments).
    bucket : str, optional
        The cell's column in an aging by its name or label, such as ``days_31_60`` or "31–60 days"; by
        default, and for ``total``, all of them.
    as_of, by : optional
        The arguments of an aging, where its row does not carry them; they override those that it carries.
        What an aging is by is taken from its columns before the currency, if it is not known otherwise.
    bounds : iterable of int, optional
        The bounds of an aging; by default read from the names of the row's buckets, and (30, 60, 90) where it
        has none.

    Returns
    -------
    DataFrame
        The rows, by id, where missing is a value like any other. Those of a converted row are in the currency
        of the books, ``original_currency``.

        ======================  ====================================================================
        row of                  rows
        ======================  ====================================================================
        an aging                the documents, as `open_items` lists them; amounts due add up to the
                                cell, exactly
        `revenue_by_product`    order lines: ``connection_id``, ``order_id``, the lines' columns, and
                                ``revenue``, which adds up to the row; of the row "Not allocated to a
                                product" the orders that cost more or less than their lines
        `cash_forecast`         the open documents due in the week, and overdue ones as in the forecast
        `cash_history`          the day's transactions
        `transfers`             the two transactions
        `dso`, `dpo`            the documents that were open, which add up to the balance
        `days_to_pay`           the paid documents
        `top_overdue`           the document
        `change`                those of the report that it compares, in the row's own period
        any other               the rows of the source with the row's keys and currency
        ======================  ====================================================================

    Raises
    ------
    TypeError
        If the source is not a frame or a mapping of frames.
    ValueError
        If the row is not one row of a known report with its keys; ``as_of`` or the period is not known;
        the aging does not have the bucket; or columns or frames are missing.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> bool(len(rf.reports.explain(aging.head(1), invoices)) == aging["documents"].iloc[0])
    True
    """
    row, attrs = _read_row(report_row)
    name = str(attrs.get("report") or _recognise(row, as_of))
    if name not in SPECS:
        raise ValueError(f"report_row is of {name!r}, which is not a known report: {', '.join(SPECS)}")
    if name == "change":
        name, row, attrs = _of_changed_report(row, attrs)
    own = SPECS.own(name)
    if own is not None:
        return _rows_of_own(own, Cell(name, row, attrs), source, as_of, bucket)
    kind = SPECS[name].rows
    if kind is not Rows.DOCUMENTS:
        _refuse_bucket(bucket, name)
    sources = _sources(name, source)
    if kind is Rows.PAID:
        return _paid_documents(Cell(name, row, attrs), sources)
    if kind is not Rows.DOCUMENTS:
        return _ROWS[kind](Cell(name, row, attrs), sources)
    about = dict(attrs) | ({} if as_of is None else {"as_of": as_of}) | ({} if by is None else {"by": by})
    if "as_of" not in about:
        raise ValueError("pass as_of= of the aging: only rows of a pandas report carry it")
    about.setdefault("by", _keys_of(row))
    edges = bounds_from_columns(row) if bounds is None else parse_bounds(bounds)
    return _aged_documents(Cell(name, row, about), sources, bucket, edges)


def _refuse_bucket(bucket: str | None, name: str) -> None:
    if bucket is not None:
        raise ValueError(f"bucket={bucket!r} is for rows of an aging, and this is a row of {name}")


def _rows_of_own(
    report: Report,
    cell: Cell,
    source: Native | Mapping[str, Native],
    as_of: date | datetime | str | None,
    bucket: str | None,
) -> Native:
    """Return the rows that a row of a report of another package sums: those with all of its keys."""
    _refuse_bucket(bucket, cell.report)
    cell.check(*report.keys)
    day = cell.about.get("as_of") if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"
    frames = source if isinstance(source, Mapping) else {report.spec.sources[0]: source}
    rows = rows_of_report(report, frames, day, cell.about)
    frame = read_frame(rows, (), kind="source")
    keys = comparable_keys(frame, [*(["connection_id"] if "connection_id" in cell.row else []), *report.keys])
    frame = read_frame(rows, keys, kind="source")
    days = {column.name for column in report.spec.columns if column.kind is Kind.DAY}
    conditions = [
        equals_day(parse_dates(frame, name, kind="source"), cell.row[name])
        if name in days
        else matches(frame, cell, name)
        for name in keys
    ]
    return finish_rows(frame.filter(*conditions), cell, Sources(rows, {}), [])


def _of_changed_report(
    row: dict[str, Any], attrs: Mapping[Any, Any]
) -> tuple[str, dict[str, Any], Mapping[Any, Any]]:
    """Return the row of a change as a row of the report that it compares, in the row's own period."""
    name = attrs.get("of")
    if name not in SPECS:
        raise ValueError(
            "report_row is of a change, and which report it compares is not known: pass a row of a pandas "
            "report as `change` returned it, or a row of the report itself"
        )
    return str(name), row, {**attrs, "report": name}


def _sources(name: str, source: Native | Mapping[str, Native]) -> Sources:
    """Return the sources by the names of the report's arguments, with the one that it sums as main."""
    if not isinstance(source, Mapping):
        return Sources(source, {})
    arguments = SPECS[name].sources
    related = dict(source)
    passed = [argument for argument in arguments if argument in related]
    if len(passed) > 1:
        raise ValueError(f"source must hold {' or '.join(map(repr, passed))}, not both: one side at a time")
    main = related.pop(passed[0]) if passed else related.popitem()[1] if len(related) == 1 else None
    if main is None:
        needed = " or ".join(map(repr, arguments)) or "the frame that it sums"
        raise ValueError(
            f"source must hold {needed}, or one frame only, to explain a row of {name}; "
            f"it holds {', '.join(map(repr, source))}"
        )
    return Sources(main, related)


def _aged_documents(cell: Cell, sources: Sources, bucket: str | None, edges: tuple[int, ...]) -> Native:
    by, day = cell.about["by"], parse_as_of(cell.about["as_of"])
    age_by = str(cell.about.get("age_by", "due_date"))
    payable = SPECS[cell.report].party == "vendor" or {"vendor_id", "vendor_name"} & set(key_columns(by))
    party = "vendor_id" if payable else "customer_id"
    # A row may have no connection if its documents have none.
    keys = [key for key in key_columns(by) if key != "connection_id" or key in cell.row]
    cell.check(*keys, "currency")
    names = [*bucket_names(edges).values(), "total"]
    bucket = None if bucket is None else column_of_bucket(bucket)
    if bucket is not None and bucket not in names:
        raise ValueError(
            f"bucket={bucket!r} is not a bucket of the aging (expected {', '.join(map(repr, names))})"
        )
    frame = read_frame(sources.main, (*DOCUMENT_COLUMNS, age_by), kind="source")
    memos = sources.related.get("credit_memos")
    if memos is None and cell.about.get("credit_memos"):
        raise ValueError(
            "source must hold 'credit_memos' as well, as they were passed to the aging: "
            "{…, 'credit_memos': credit_memos}"
        )
    opened = open_documents(
        frame,
        day,
        kind="source",
        age_by=age_by,
        credit_memos=memos,
        payment_terms=sources.related.get("payment_terms"),
        where=lambda part: [
            _of_row(part, cell, sources, party, key) for key in dict.fromkeys((*keys, "currency"))
        ],
    )
    only = None if bucket in (None, "total") else bucket
    items = sort_items(opened.frame.filter(opened.is_open), day, edges, age_by=age_by, only=only)
    return finish(
        items,
        name="open_items",
        sources=[sources.main, *([] if memos is None else [memos])],
        notes=opened.notes,
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
        by=by,
        **opened.about(),
    )


def _paid_documents(cell: Cell, sources: Sources) -> Native:
    """Return the paid documents of a row of `days_to_pay`."""
    keys = cell.own_keys()
    cell.check("currency")
    frame = read_frame(sources.main, ("id", "status", "currency"), kind="source")
    party = "vendor_id" if {"vendor_id", "vendor_name"} & set(keys) else "customer_id"
    conditions = [_of_row(frame, cell, sources, party, key) for key in keys]
    return finish_rows(frame.filter(*conditions, is_one_of((PAID,))), cell, sources)


def _of_row(frame: Frame, cell: Cell, sources: Sources, party: str, key: str) -> nw.Expr:
    """Return which documents have one of the row's keys."""
    columns = frame.collect_schema().names()
    name, kind = NAMES[party]
    people = sources.related.get(kind)
    if key == name and people is not None:
        return has_name(frame, party, people, cell.row[key])
    if key == name and key not in columns:
        raise ValueError(
            f"source must hold {kind!r} as well, as they were passed to the aging: {{…, {kind!r}: {kind}}}; "
            f"the documents have no column {key!r}"
        )
    if key == "connection_id" and key not in columns and pd.isna(cell.row[key]):
        return nw.lit(value=True)
    read_frame(frame.to_native(), (key,), kind="source")
    return matches(frame, cell, key)


def _keys_of(row: Mapping[str, Any]) -> list[str]:
    """Return what an aging is by, from the order of its columns: its keys stand before the currency."""
    columns = list(row)
    before = columns[: columns.index("currency")] if "currency" in columns else []
    named = {name for party, (name, _) in NAMES.items() if party in before}
    keys = [name for name in before if name not in named and name != "connection_id"]
    return keys or ["currency"]


def _recognise(row: Mapping[str, Any], as_of: object) -> str:
    """Return the name of a report by its row; with an as-of date it is an aging, or of another package."""
    name = recognise(row)
    is_own = name is not None and SPECS.own(name) is not None
    if not is_own and (as_of is not None or "no_due_date" in row):
        return "ar_aging"
    if name is not None:
        return name
    if {"customer_id", "vendor_id"} & set(row):
        return "ar_aging"
    raise ValueError(f"report_row is not a row of a known report; its columns are {printable_names(row)}")


def _read_row(report_row: Native | Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[Any, Any]]:
    """Return the values of a row by column, and the attrs of its report."""
    attrs = getattr(report_row, "attrs", {})
    if isinstance(report_row, pd.Series):
        return {str(name): value for name, value in report_row.items()}, attrs
    if isinstance(report_row, Mapping):
        return dict(report_row), attrs
    frame = read_frame(report_row, (), kind="report_row")
    rows = collect(frame.head(2) if isinstance(frame, nw.LazyFrame) else frame).rows(named=True)
    if len(rows) != 1:
        number = "none" if not rows else "several"
        raise ValueError(f"report_row must be one row, not {number}: report.iloc[[0]] is the first")
    return rows[0], attrs
