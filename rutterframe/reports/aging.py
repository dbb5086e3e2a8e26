"""Who owes, and for how long: open items, and the aging of receivables and payables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import narwhals.stable.v2 as nw

from rutterframe.reports.frame import (
    Frame,
    Native,
    check_size,
    day_of,
    finish,
    read_as_of,
    read_frame,
    ticks,
    units,
)

#: Documents that are not owed: not issued yet, settled, or taken back. Every other status is.
CLOSED = ("draft", "paid", "void", "voided", "pending_approval", "rejected")

_KNOWN_OPEN = ("open", "partially_paid", "submitted")

_BOUNDS = (30, 60, 90)
_TODAY = (
    "Amounts due are those of the day the data was fetched: payments made since as_of are taken off already, "
    "so this does not reconstruct an earlier day."
)


def open_items(documents: Native, as_of: date | datetime | str, *, bounds: Sequence[int] = _BOUNDS) -> Native:
    """List the open documents: invoices or bills with something left to pay.

    Parameters
    ----------
    documents : DataFrame
        Invoices or bills, of any engine, with ``id``, ``status``, ``amount_due``, ``currency``, ``due_date``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    bounds : sequence of int
        The last day of each bucket.

    Returns
    -------
    DataFrame
        The documents whose status is open (all but draft, paid, voided, pending approval and rejected;
        unknown and missing statuses are open) and whose amount due is not zero, by currency, due date and
        id. Every column of the documents, then

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
        If columns are missing, ``as_of`` is no day, or the bounds do not rise.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> invoices = pd.DataFrame({"id": ["a"], "status": ["open"], "amount_due": [10.0], "currency": ["USD"],
    ...                          "due_date": pd.to_datetime(["2026-05-31"])})
    >>> rf.reports.open_items(invoices, "2026-06-30")[["id", "days_past_due", "bucket"]].values.tolist()
    [['a', 30, 'days_1_30']]
    """
    needed = ("id", "status", "amount_due", "currency", "due_date")
    frame = read_frame(documents, needed, kind="documents")
    day = read_as_of(as_of)
    items = _open(frame)
    due = day_of(items, "due_date")
    bucket: nw.Expr = nw.lit("no_due_date")
    for name, condition in reversed(list(_conditions(due, day, bounds).items())):
        bucket = nw.when(condition).then(nw.lit(name)).otherwise(bucket)
    listed = items.with_columns(bucket.alias("bucket"), _days_between(due, day).alias("days_past_due"))
    columns = [*frame.collect_schema().names(), "days_past_due", "bucket"]
    listed = listed.select(columns).sort("currency", "due_date", "id", nulls_last=True)
    return finish(
        listed,
        name="open_items",
        sources=[documents],
        notes=_notes(frame),
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
    )


def ar_aging(
    invoices: Native,
    as_of: date | datetime | str,
    *,
    by: str = "customer_id",
    bounds: Sequence[int] = _BOUNDS,
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
        If columns are missing, ``as_of`` is no day, or the bounds do not rise.
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
    bills: Native, as_of: date | datetime | str, *, by: str = "vendor_id", bounds: Sequence[int] = _BOUNDS
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
        If columns are missing, ``as_of`` is no day, or the bounds do not rise.
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
    frame = read_frame(documents, ("status", "amount_due", "currency", "due_date", by), kind=kind)
    day = read_as_of(as_of)
    items = _open(frame)
    check_size(items, "amount_due")
    conditions = _conditions(day_of(items, "due_date"), day, bounds)
    conditions["no_due_date"] = nw.col("due_date").is_null()
    # The columns are made first, and added up then: a condition inside the sum is ignored by some engines.
    counted = items.with_columns(ticks(items, "amount_due").alias("total"))
    counted = counted.with_columns(
        *(
            nw.when(condition).then(nw.col("total")).otherwise(0).alias(name)
            for name, condition in conditions.items()
        )
    )
    sums = [*conditions, "total"]
    report = (
        counted.group_by(by, "currency")
        .agg(*(nw.col(name).sum() for name in sums), nw.len().alias("documents"))
        .with_columns(*units(*sums))
        .select(by, "currency", *sums, "documents")
        .sort("currency", by, nulls_last=True)
    )
    return finish(
        report,
        name="ar_aging" if kind == "invoices" else "ap_aging",
        sources=[documents],
        notes=_notes(frame),
        counts=("documents",),
        as_of=f"{day:%Y-%m-%d}",
        by=by,
    )


def _open(frame: Frame) -> Frame:
    """Keep what is owed: amounts of zero and closed documents are not."""
    status = nw.col("status")
    is_open = status.is_null() | ~status.is_in(CLOSED)
    return frame.filter(is_open, ~((nw.col("amount_due") == 0).fill_null(value=False)))


def _conditions(due: nw.Expr, day: datetime, bounds: Sequence[int]) -> dict[str, nw.Expr]:
    """Give the condition of each bucket of days, by its name, in order."""
    edges = [0, *bounds]
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"bounds={tuple(bounds)!r} must be days that rise, such as (30, 60, 90)")
    cuts = [nw.lit(day - timedelta(days=edge)) for edge in edges]
    conditions = {"current": due >= cuts[0]}
    for place, (low, high) in enumerate(pairwise(edges)):
        conditions[f"days_{low + 1}_{high}"] = (due < cuts[place]) & (due >= cuts[place + 1])
    conditions[f"days_{edges[-1] + 1}_plus"] = due < cuts[-1]
    return conditions


def _days_between(due: nw.Expr, day: datetime) -> nw.Expr:
    """Count the days from due to day by their ordinals: differences of dates do not work on every engine."""
    years = due.dt.year() - 1
    ordinal = years * 365 + years // 4 - years // 100 + years // 400 + due.dt.ordinal_day()
    return nw.lit(day.toordinal()) - ordinal


def _notes(frame: Frame) -> list[str]:
    """Say what the documents cannot; what is lazy is not looked through for that."""
    notes = [_TODAY]
    if isinstance(frame, nw.DataFrame):
        amount = nw.col("amount_due")
        settled = frame.filter(nw.col("status") == "paid", (amount != 0).fill_null(value=False))
        unknown = frame.filter(nw.col("status").is_null() | ~nw.col("status").is_in((*CLOSED, *_KNOWN_OPEN)))
        nothing = frame.filter(amount.is_null(), nw.col("status").is_null() | ~nw.col("status").is_in(CLOSED))
        found = (
            (settled, "are paid but have an amount due; they are not aged"),
            (unknown, "have a status that is not known; they count as open"),
            (nothing, "are open without an amount; they are counted, at nothing"),
        )
        notes += [f"{len(rows):,} documents {what}." for rows, what in found if len(rows)]
    return notes
