"""Who owes, and for how long? The aging of receivables and payables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import narwhals.stable.v2 as nw

from rutterframe.reports.buckets import BOUNDS, bucket_names, position
from rutterframe.reports.counting import scale_of, ticks, units
from rutterframe.reports.dates import day_of, read_as_of
from rutterframe.reports.frame import Native, finish, read_frame
from rutterframe.reports.grouping import spread_by
from rutterframe.reports.items import notes_on, still_open, with_status


def ar_aging(
    invoices: Native,
    as_of: date | datetime | str,
    *,
    by: str = "customer_id",
    bounds: Sequence[int] = BOUNDS,
) -> Native:
    """Age the receivables: what customers owe, by how long it is past due.

    Parameters
    ----------
    invoices : DataFrame
        Invoices of any engine, with ``status``, ``amount_due``, ``currency``, ``due_date`` and ``by``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    by : str
        The column whose values get a row each, for every currency.
    bounds : sequence of int
        The last day of each bucket: (15, 45) gives days_1_15, days_16_45 and days_46_plus.

    Returns
    -------
    DataFrame
        One row for each value of ``by`` and currency, by currency, then by ``by``, missing values last.

        ============  =======  ==============================================================
        name          dtype    meaning
        ============  =======  ==============================================================
        customer_id   str      the column named by ``by``; null for invoices without one
        currency      str      amounts of different currencies are never added
        current       float64  not past due, due today included; major units
        days_1_30     float64  1 to 30 days past due; then days_31_60, days_61_90
        days_91_plus  float64  91 days past due and more
        no_due_date   float64  open, but without a due date
        total         float64  the sum of all buckets
        documents     Int64    how many invoices
        ============  =======  ==============================================================

        Credit notes are negative and age like invoices. Sums are exact: they are made of integers of
        1/10,000 and divided once. On pandas ``attrs["notes"]`` says what the data cannot.

    Raises
    ------
    ValueError
        If columns are missing, ``by`` is named like a column of the result, ``as_of`` is no day, or the
        bounds do not rise.
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
    return _aging(invoices, as_of, by=by, bounds=bounds, kind="invoices")


def ap_aging(
    bills: Native, as_of: date | datetime | str, *, by: str = "vendor_id", bounds: Sequence[int] = BOUNDS
) -> Native:
    """Age the payables: what is owed to vendors, by how long it is past due.

    Parameters
    ----------
    bills : DataFrame
        Bills of any engine, with ``status``, ``amount_due``, ``currency``, ``due_date`` and ``by``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    by : str
        The column whose values get a row each, for every currency.
    bounds : sequence of int
        The last day of each bucket: (15, 45) gives days_1_15, days_16_45 and days_46_plus.

    Returns
    -------
    DataFrame
        As `ar_aging`, with ``vendor_id`` first.

    Raises
    ------
    ValueError
        If columns are missing, ``by`` is named like a column of the result, ``as_of`` is no day, or the
        bounds do not rise.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bills = rf.load_bills(client.connection("roaster-quickbooks"), progress=False)
    >>> list(rf.reports.ap_aging(bills, "2026-06-30", bounds=(15, 45)).columns)[2:6]
    ['current', 'days_1_15', 'days_16_45', 'days_46_plus']
    """
    return _aging(bills, as_of, by=by, bounds=bounds, kind="bills")


def _aging(
    documents: Native, as_of: date | datetime | str, *, by: str, bounds: Sequence[int], kind: str
) -> Native:
    names = bucket_names(bounds)
    sums = [*names.values(), "total"]
    if by in (*sums, "documents"):
        raise ValueError(f"by={by!r} is the name of a column of the aging: rename it first")
    frame = with_status(
        read_frame(documents, ("status", "amount_due", "currency", "due_date", by), kind=kind)
    )
    day = read_as_of(as_of)
    frame = frame.with_columns(day_of(frame, "due_date", kind=kind).alias("_due"))
    keys = list(dict.fromkeys((by, "currency")))
    scale = scale_of((frame, "amount_due"))
    amount, bucket = ticks(frame, "amount_due", scale), position(nw.col("_due"), day, bounds)
    report = (
        spread_by(frame, keys, {"total": amount}, bucket, names, where=still_open())
        .with_columns(*units(frame, *sums, scale=scale), nw.col("documents").cast(nw.Int64))
        .select(*keys, *sums, "documents")
        .sort(*dict.fromkeys(("currency", by)), nulls_last=True)
    )
    return finish(
        report,
        name="ar_aging" if kind == "invoices" else "ap_aging",
        sources=[documents],
        notes=notes_on(frame),
        counts=("documents",),
        as_of=f"{day:%Y-%m-%d}",
        by=by,
    )
