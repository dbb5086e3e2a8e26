"""Aging of receivables and payables: open amounts by how long they are past due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.buckets import (
    BOUNDS,
    bucket_code_array,
    bucket_codes,
    bucket_names,
    parse_bounds,
)
from rutterframe.reports.engine.dates import date_array, parse_as_of, parse_dates
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    check_keys,
    collect,
    finish,
    key_columns,
    read_frame,
    to_backend,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import (
    groupby_sum,
    pivot_sum,
    pivot_sum_arrays,
    sort_report,
    take_rows,
    to_arrays,
    with_arrays,
)
from rutterframe.reports.engine.tick_arrays import from_ticks, to_floats, to_ticks
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks
from rutterframe.reports.names import NAMES, with_names
from rutterframe.reports.open_documents import open_documents

# The report of each party's documents, and their resource.
_REPORTS = {"customer_id": ("ar_aging", "invoices"), "vendor_id": ("ap_aging", "bills")}


def ar_aging(
    invoices: Native,
    as_of: date | datetime | str,
    *,
    customers: Native | None = None,
    by: str | Sequence[str] = "customer_id",
    bounds: Iterable[int] = BOUNDS,
    age_by: str = "due_date",
    credit_memos: Native | None = None,
    payment_terms: Native | None = None,
) -> Native:
    """Age the receivables: what customers owe, by how long it is past due.

    Parameters
    ----------
    invoices : DataFrame
        Invoices of any engine, with ``status``, ``amount_due``, ``currency``, ``due_date`` and ``by``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    customers : DataFrame, optional
        Customers of any engine, with ``connection_id``, ``id`` and ``name``: the names in the report.
    by : str or sequence of str
        The columns with a row for each value, in every currency. An id means something only within its
        connection, so ``connection_id`` is a key as well wherever an id is one. To merge over connections
        name a column that means the same everywhere: ``customer_name``, which needs ``customers``, or one of
        the frame's own, such as ``business``.
    bounds : iterable of int
        The last day of each bucket: (15, 45) gives days_1_15, days_16_45 and days_46_plus.
    age_by : str
        The column of dates to count from: ``due_date``, ``issue_date`` (live), or another that the frame has.
        A moment with a zone counts by the calendar date of that zone; DuckDB and PySpark keep none with a
        column, and read moments in the zone of their connection, which must be the one that they were
        written in.
    credit_memos : DataFrame, optional
        Live credit memos of the same engine, with ``remaining_amount``: what remains of each is a negative
        document in the bucket of the day it was issued, never netted against an invoice.
    payment_terms : DataFrame, optional
        Live payment terms, with ``id`` and ``due_days``: an invoice without a due date is due so many days
        after its issue date; one without terms stays in ``no_due_date``.

    Returns
    -------
    DataFrame
        One row for each connection, value of ``by`` and currency: by currency, the largest total first,
        then by keys, missing values last.

        =============  =======  ==============================================================
        name           dtype    meaning
        =============  =======  ==============================================================
        connection_id  str      null for frames without one; absent where no id is a key
        customer_id    str      the column named by ``by``; null for invoices without one
        customer_name  str      with ``customer_id``; null where ``customers`` has no name
        currency       str      amounts of different currencies are never added
        current        float64  not past due, due today included; major units
        days_1_30      float64  1 to 30 days past due; then days_31_60, days_61_90
        days_91_plus   float64  91 days past due and more
        no_due_date    float64  open, but without a due date
        total          float64  the sum of all buckets
        documents      Int64    how many invoices
        =============  =======  ==============================================================

        Credit notes are negative and age like invoices. Which documents are open is as in `open_items`. Sums
        are exact: integers are added up and divided once. On pandas ``attrs["notes"]`` says what was
        counted how, such as documents without an amount.

        Frames of the live dialect (with ``issue_date``, ``total_amount`` and ``payments``) are reconstructed
        where ``as_of`` is earlier than their newest ``last_synced_at``: of each invoice issued until then,
        paid since or not, the total less the payments and credits dated until then. Where these are not
        dated, or do not explain what is due today, the amount of that day is not known: it counts as zero,
        and a note has their number and their totals. Invoices that were voided, deleted or edited since are
        as they are today, since the service does not date that. Contract frames have today's amounts due.

    Raises
    ------
    TypeError
        If ``invoices`` or ``customers`` is not a DataFrame.
    ValueError
        If columns are missing, ``by`` is named like a column of the result or needs ``customers``, ``as_of``
        is not a date, a column of dates holds anything else, or the bounds do not rise.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> float(aging.loc[aging["currency"] == "USD", "total"].sum().round(2))
    32395.95
    """
    related = {"credit_memos": credit_memos, "payment_terms": payment_terms}
    return _aging(
        invoices, as_of, related, party="customer_id", people=customers, by=by, bounds=bounds, age_by=age_by
    )


def ap_aging(
    bills: Native,
    as_of: date | datetime | str,
    *,
    vendors: Native | None = None,
    by: str | Sequence[str] = "vendor_id",
    bounds: Iterable[int] = BOUNDS,
    age_by: str = "due_date",
    credit_memos: Native | None = None,
    payment_terms: Native | None = None,
) -> Native:
    """Age the payables: what is owed to vendors, by how long it is past due.

    Parameters
    ----------
    bills : DataFrame
        Bills of any engine, with ``status``, ``amount_due``, ``currency``, ``due_date`` and ``by``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    vendors : DataFrame, optional
        Vendors of any engine, with ``connection_id``, ``id`` and ``name``: the names in the report.
    by : str or sequence of str
        The columns with a row for each value, in every currency, as for `ar_aging`.
    bounds : iterable of int
        The last day of each bucket: (15, 45) gives days_1_15, days_16_45 and days_46_plus.
    age_by : str
        The column of dates to count from, as for `ar_aging`.
    credit_memos : DataFrame, optional
        Live credit memos of the vendors, as for `ar_aging`.
    payment_terms : DataFrame, optional
        Live payment terms, as for `ar_aging`.

    Returns
    -------
    DataFrame
        As `ar_aging`, with ``vendor_id`` and ``vendor_name``.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for `ar_aging`.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> list(rf.reports.ap_aging(bills, "2026-06-30", bounds=(15, 45)).columns)[4:8]
    ['current', 'days_1_15', 'days_16_45', 'days_46_plus']
    """
    related = {"credit_memos": credit_memos, "payment_terms": payment_terms}
    return _aging(
        bills, as_of, related, party="vendor_id", people=vendors, by=by, bounds=bounds, age_by=age_by
    )


def _aging(
    documents: Native,
    as_of: date | datetime | str,
    related: Mapping[str, Native | None],
    *,
    party: str,
    people: Native | None,
    by: str | Sequence[str],
    bounds: Iterable[int],
    age_by: str,
) -> Native:
    edges, day = parse_bounds(bounds), parse_as_of(as_of)
    names = bucket_names(edges)
    sums = [*names.values(), "total", "documents"]
    groups = _read_by(by, sums)
    report_name, kind = _REPORTS[party]
    keys, labels = _columns(documents, groups, party, with_people=people is not None)
    frame = read_frame(documents, ("status", "amount_due", "currency", age_by, *keys), kind=kind)
    scale = choose_scale((frame, "amount_due"))
    columns = [*dict.fromkeys((*keys, "currency", "amount_due", age_by))]
    opened = open_documents(frame, day, kind=kind, age_by=age_by, columns=columns, **related)
    if opened.frame is not frame:
        frame, scale = opened.frame, choose_scale((opened.frame, "amount_due"))
    dates = (date_array if isinstance(frame, nw.DataFrame) else parse_dates)(frame, age_by, kind=kind)
    report = _pivot(frame, keys, opened.is_open, dates, day, edges, scale)
    if people is not None and NAMES[party][0] in labels:
        report = with_names(with_connection_id(collect(report)), party, people)
        if party not in labels:
            report = groupby_sum(report, labels, sums)
    columns = report.collect_schema().names()
    present = [name for name in labels if name in columns]
    report, blanks = merge_empty_keys(report, present, sums, count="documents")
    report = _sort(report, labels, sums, scale)
    return finish(
        to_backend(report, frame),
        name=report_name,
        sources=[native for native in (documents, people, *related.values()) if native is not None],
        notes=[*opened.notes, *blanks],
        counts=("documents",),
        as_of=f"{day:%Y-%m-%d}",
        by=groups[0] if len(groups) == 1 else groups,
        age_by=age_by,
        **opened.about(),
    )


def _pivot(
    frame: Frame,
    keys: Sequence[str],
    is_open: Any,
    dates: Any,
    day: datetime,
    edges: Sequence[int],
    scale: int,
) -> Frame:
    """Add up the ticks of open documents by keys and bucket; in memory the dates are an array."""
    names = bucket_names(edges)
    if isinstance(frame, nw.DataFrame):
        amounts = to_floats(frame["amount_due"].to_native())

        def ticks_and_buckets(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            return to_ticks(amounts[rows], scale), bucket_code_array(dates[rows], day, edges)

        rows, sums = pivot_sum_arrays(
            frame, keys, "total", ticks_and_buckets, names, where=is_open.to_numpy()
        )
        return with_arrays(take_rows(frame, keys, rows), sums)
    columns = [*keys, *(["amount_due"] if "amount_due" not in keys else [])]
    selected = frame.select(*columns, is_open, dates.alias("_due"))
    amount, bucket = ticks(selected, "amount_due", scale), bucket_codes(nw.col("_due"), day, edges)
    report = pivot_sum(selected, keys, {"total": amount}, bucket, names, where=nw.col("_open"))
    # Empty text is looked for in the rows of the report: to trim the keys of all documents takes longer.
    summed = [*names.values(), "total", "documents"]
    return groupby_sum(report.select(*select_keys(report, keys), *summed), keys, summed)


def _sort(report: Frame, labels: Sequence[str], sums: Sequence[str], scale: int) -> Frame:
    """Convert ticks to major units, and order columns and rows; a label that is missing is null."""
    if isinstance(report, nw.DataFrame):
        arrays = to_arrays(report, sums)
        money = {name: from_ticks(arrays[name], scale) for name in sums[:-1]}
        return sort_report(report, labels, {**money, "documents": arrays["documents"]}, down="total")
    columns = report.collect_schema().names()
    keys = [name if name in columns else nw.lit(None, nw.String).alias(name) for name in labels]
    report = report.select(*keys, *major_units(report, *sums[:-1], scale=scale), nw.col("documents"))
    down = [name == "total" for name in ("currency", "total", *labels)]
    return report.sort("currency", "total", *labels, descending=down, nulls_last=True)


def _read_by(by: str | Sequence[str], sums: Sequence[str]) -> list[str]:
    """Read the columns that the caller groups by."""
    key_columns(by)
    groups = [by] if isinstance(by, str) else list(by)
    for name in groups:
        if name in sums:
            raise ValueError(f"by={name!r} is the name of a column of the aging: rename it first")
    return groups


def _columns(
    documents: Native, groups: Sequence[str], party: str, *, with_people: bool
) -> tuple[list[str], list[str]]:
    """List the documents' columns to group by, and the columns before the sums in the report."""
    frame = read_frame(documents, (), kind=_REPORTS[party][1])
    check_keys(frame, groups)
    columns = frame.collect_schema().names()
    name, people = NAMES[party]
    if name in groups and not with_people and name not in columns:
        raise ValueError(
            f"by={name!r} needs {people}=, a frame with connection_id, id and name, as "
            f"rf.load_{people} returns it: the documents have no column {name!r}"
        )
    # A name is looked up by its id, on the report's few rows.
    keys = key_columns(list(dict.fromkeys(party if with_people and key == name else key for key in groups)))
    labels = key_columns(groups)
    if party in labels and name not in labels:
        labels.insert(labels.index(party) + 1, name)
    if "connection_id" not in columns and "connection_id" not in groups:
        keys = [key for key in keys if key != "connection_id"]
    return list(dict.fromkeys((*keys, "currency"))), list(dict.fromkeys((*labels, "currency")))
