"""Who owes, and for how long: open items, and the aging of receivables and payables."""

from __future__ import annotations

import functools
import operator
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
    days = _days_between(day_of(items, "due_date"), day)
    bucket: nw.Expr = nw.lit(None, nw.String)
    for place, name in _buckets(bounds).items():
        bucket = nw.when(nw.col("bucket") == place).then(nw.lit(name)).otherwise(bucket)
    placed = items.with_columns(_position(items, day, bounds).alias("bucket"), days.alias("days_past_due"))
    listed = placed.with_columns(bucket.alias("bucket"))
    columns = dict.fromkeys((*frame.collect_schema().names(), "days_past_due", "bucket"))
    listed = listed.select(*columns).sort("currency", "due_date", "id", nulls_last=True)
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
    keys = list(dict.fromkeys((by, "currency")))
    items = _open(frame.select(*dict.fromkeys(("status", "amount_due", "due_date", *keys))))
    check_size(items, "amount_due")
    names = _buckets(bounds)
    # Added up per bucket first, so that only the short result is spread into columns. The columns are made
    # before they are added up: a condition inside a sum is ignored by some engines.
    counted = items.select(
        *keys,
        ticks(items, "amount_due").alias("total"),
        _position(items, day, bounds).alias("_bucket"),
    )
    summed = counted.group_by(*keys, "_bucket").agg(nw.col("total").sum(), nw.len().alias("documents"))
    spread = summed.with_columns(
        *(
            nw.when(nw.col("_bucket") == place).then(nw.col("total")).otherwise(0).alias(name)
            for place, name in names.items()
        )
    )
    sums = [*names.values(), "total"]
    report = (
        spread.group_by(*keys)
        .agg(*(nw.col(name).sum() for name in (*sums, "documents")))
        .with_columns(*units(*sums), nw.col("documents").cast(nw.Int64))
        .select(*keys, *sums, "documents")
        .sort(*dict.fromkeys(("currency", by)), nulls_last=True)
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


def _buckets(bounds: Sequence[int]) -> dict[int, str]:
    """Name the buckets by their position, in order; what has no due date is at -1."""
    edges = [0, *bounds]
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"bounds={tuple(bounds)!r} must be days that rise, such as (30, 60, 90)")
    inner = [f"days_{low + 1}_{high}" for low, high in pairwise(edges)]
    names = ["current", *inner, f"days_{edges[-1] + 1}_plus"]
    return {**dict(enumerate(names)), -1: "no_due_date"}


def _position(items: Frame, day: datetime, bounds: Sequence[int]) -> nw.Expr:
    """Find each document's bucket: how many of the cut-off days its due date lies before."""
    due = day_of(items, "due_date")
    passed = ((due < nw.lit(day - timedelta(days=edge))).cast(nw.Int64) for edge in (0, *bounds))
    return nw.when(due.is_null()).then(nw.lit(-1)).otherwise(functools.reduce(operator.add, passed))


def _days_between(due: nw.Expr, day: datetime) -> nw.Expr:
    """Count the days from due to day by their ordinals: differences of dates do not work on every engine."""
    years = due.dt.year() - 1
    ordinal = years * 365 + years // 4 - years // 100 + years // 400 + due.dt.ordinal_day()
    return nw.lit(day.toordinal()) - ordinal


def _notes(frame: Frame) -> list[str]:
    """Say what the documents cannot; what is lazy is not looked through for that."""
    notes = [_TODAY]
    if not isinstance(frame, nw.DataFrame):
        return notes
    amount, status = nw.col("amount_due"), nw.col("status")
    statuses = set(frame["status"].drop_nulls().unique().to_list())
    strange = not statuses.issubset((*CLOSED, *_KNOWN_OPEN)) or frame["status"].is_null().any()
    is_open = ~status.is_in(CLOSED) | status.is_null()
    questions = []
    if frame["amount_due"].null_count():
        questions.append((is_open & amount.is_null(), "Open documents without an amount, counted at nothing"))
    if "paid" in statuses:
        balance = (amount != 0).fill_null(value=False)
        questions.append(((status == "paid") & balance, "Paid documents with an amount due, not aged"))
    if strange:
        known = status.is_in((*CLOSED, *_KNOWN_OPEN))
        questions.append((~known | status.is_null(), "Documents of an unknown status or none, taken as open"))
    for condition, what in questions:
        number = int(frame.select(condition.fill_null(value=False).sum()).item() or 0)
        if number:
            notes.append(f"{what}: {number:,}.")
    return notes
