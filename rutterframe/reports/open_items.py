"""Open items: the documents that are not paid yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import narwhals.stable.v2 as nw

from rutterframe.reports.engine.buckets import BOUNDS, bucket_codes, bucket_names, days_past_due, parse_bounds
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.frame import Frame, Native, finish, read_frame
from rutterframe.reports.engine.ticks import choose_scale
from rutterframe.reports.open_documents import open_documents
from rutterframe.reports.open_status import flag_open

# The due date as a datetime; a document may have columns of any other name.
_DUE = "_rutterframe_due"


def open_items(
    documents: Native,
    as_of: date | datetime | str,
    *,
    bounds: Iterable[int] = BOUNDS,
    age_by: str = "due_date",
    credit_memos: Native | None = None,
    payment_terms: Native | None = None,
) -> Native:
    """List the open documents: invoices or bills with an amount left to pay.

    Parameters
    ----------
    documents : DataFrame
        Invoices or bills, of any engine, with ``id``, ``status``, ``amount_due``, ``currency``, ``due_date``.
        An earlier day than that of the data is reconstructed where they have ``issue_date``,
        ``total_amount`` and ``payments``, as in `ar_aging`.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    bounds : iterable of int
        The last day of each bucket.
    age_by : str
        The column of dates to count from: ``due_date``, ``issue_date`` or another that the frame has.
    credit_memos, payment_terms : DataFrame, optional
        As for `ar_aging`: credit memos are rows of their own, with negative amounts.

    Returns
    -------
    DataFrame
        The documents with an open status (all but draft, paid, voided, cancelled, pending approval and
        rejected; unknown and missing statuses are open) and an amount due of half of its currency's smallest
        unit or more, by currency, due date, connection and id. Every column of the documents, then

        =============  ========  =============================================================
        name           dtype     meaning
        =============  ========  =============================================================
        days_past_due  Int64     as_of minus due date in days: 0 is due today, negative is not
                                 due yet; null without a due date
        bucket         str       current, days_1_30, …, no_due_date
        =============  ========  =============================================================

    Raises
    ------
    ValueError
        If columns are missing, ``as_of`` is not a date, a column of dates or amounts holds anything else, or
        the bounds do not rise.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["a"], "status": ["open"], "amount_due": [10.0], "currency": ["USD"],
    ...                          "due_date": pd.to_datetime(["2026-05-31"])})
    >>> rf.reports.open_items(invoices, "2026-06-30")[["id", "days_past_due", "bucket"]].values.tolist()
    [['a', 30, 'days_1_30']]
    """
    needed = ("id", "status", "amount_due", "currency", age_by)
    frame = read_frame(documents, needed, kind="documents")
    day = parse_as_of(as_of)
    choose_scale((frame, "amount_due"))
    opened = open_documents(
        frame,
        day,
        kind="documents",
        age_by=age_by,
        credit_memos=credit_memos,
        payment_terms=payment_terms,
    )
    return finish(
        sort_items(opened.frame.filter(opened.is_open), day, parse_bounds(bounds), age_by=age_by),
        name="open_items",
        sources=[documents, *(native for native in (credit_memos, payment_terms) if native is not None)],
        notes=opened.notes,
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
        **opened.about(),
    )


def list_open(
    documents: Frame, day: datetime, bounds: Sequence[int], *, only: str | None = None
) -> tuple[Frame, list[str]]:
    """Return the documents that are open today, in their order, and notes on the documents."""
    is_open, notes = flag_open(documents)
    return sort_items(documents.filter(is_open), day, bounds, only=only), notes


def sort_items(
    items: Frame,
    day: datetime,
    bounds: Sequence[int],
    *,
    age_by: str = "due_date",
    only: str | None = None,
) -> Frame:
    """Add days past due and bucket to open documents, all or those of one bucket, and put them in order."""
    names = items.collect_schema().names()
    items = items.with_columns(parse_dates(items, age_by, kind="documents").alias(_DUE))
    items = items.with_columns(
        bucket_codes(nw.col(_DUE), day, bounds).alias("bucket"),
        days_past_due(nw.col(_DUE), day).alias("days_past_due"),
    )
    bucket: nw.Expr = nw.lit(None, nw.String)
    for code, name in bucket_names(bounds).items():
        bucket = nw.when(nw.col("bucket") == code).then(nw.lit(name)).otherwise(bucket)
    items = items.with_columns(bucket.alias("bucket"))
    items = items if only is None else items.filter(nw.col("bucket") == only)
    order = ["currency", _DUE, *(["connection_id"] if "connection_id" in names else []), "id"]
    items = items.sort(*order, nulls_last=True)
    return items.select(*dict.fromkeys((*names, "days_past_due", "bucket")))


def filter_open(documents: Native) -> Native:
    """Return the open documents, those that `open_items` lists, with their columns and in their order.

    Parameters
    ----------
    documents : DataFrame
        Invoices or bills, of any engine, with ``status``, ``amount_due`` and ``currency``.
    """
    frame = read_frame(documents, ("status", "amount_due", "currency"), kind="documents")
    choose_scale((frame, "amount_due"))
    return frame.filter(flag_open(frame)[0]).to_native()
