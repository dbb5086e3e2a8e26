"""Open items: the documents that are still to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw

from rutterframe.reports.buckets import BOUNDS, bucket_names, days_past, position
from rutterframe.reports.dates import day_of, read_as_of
from rutterframe.reports.frame import Frame, Native, finish, read_frame
from rutterframe.reports.grouping import for_each_value
from rutterframe.reports.statuses import CLOSED, KNOWN_OPEN, PAID, counted, is_one_of, words_of

_STRANGE = "Documents of an unknown status or none, taken as open"
# A note names the documents that it counts, up to so many.
_NAMED = 5
_TODAY = (
    "Amounts due are those of the day the data was fetched: payments made since as_of are taken off already, "
    "so this does not reconstruct an earlier day."
)


def open_items(documents: Native, as_of: date | datetime | str, *, bounds: Sequence[int] = BOUNDS) -> Native:
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
    known = with_status(frame)
    day = read_as_of(as_of)
    items = known.filter(still_open())
    due = day_of(items, "due_date", kind="documents")
    days = days_past(due, day)
    bucket: nw.Expr = nw.lit(None, nw.String)
    for place, name in bucket_names(bounds).items():
        bucket = nw.when(nw.col("bucket") == place).then(nw.lit(name)).otherwise(bucket)
    placed = items.with_columns(position(due, day, bounds).alias("bucket"), days.alias("days_past_due"))
    listed = placed.with_columns(bucket.alias("bucket"))
    columns = dict.fromkeys((*frame.collect_schema().names(), "days_past_due", "bucket"))
    listed = listed.select(*columns).sort("currency", "due_date", "id", nulls_last=True)
    return finish(
        listed,
        name="open_items",
        sources=[documents],
        notes=notes_on(known),
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
    )


def with_status(documents: Frame) -> Frame:
    """Mark the documents by their status: whether they may be owed, are paid, or are of an unknown status."""
    marks = {
        "_owed": ~is_one_of(CLOSED),
        "_paid": is_one_of((PAID,)),
        "_strange": ~is_one_of((*CLOSED, *KNOWN_OPEN)),
    }
    return for_each_value(documents, "status", marks)


def still_open() -> nw.Expr:
    """Tell what is owed, of documents with marks: amounts of zero and closed documents are not."""
    return nw.col("_owed") & ~((nw.col("amount_due") == 0).fill_null(value=False))


def notes_on(frame: Frame) -> list[str]:
    """Say what the documents cannot; only pandas can carry that, so the others are not looked through."""
    if not frame.implementation.is_pandas():
        return [_TODAY]
    amount = nw.col("amount_due")
    balance = (amount != 0).fill_null(value=False)
    questions = {
        "Open documents without an amount, counted at nothing": nw.col("_owed") & amount.is_null(),
        "Paid documents with an amount due, not aged": nw.col("_paid") & balance,
        _STRANGE: nw.col("_strange"),
    }
    found = frame.select(**{what: asked.sum() for what, asked in questions.items()}).row(0)
    notes = [_TODAY]
    for (what, asked), number in zip(questions.items(), found, strict=True):
        if number and what is _STRANGE:
            notes.append(f"{what}: {number:,} ({counted(words_of(frame, asked))}).")
        elif number:
            notes.append(f"{what}: {number:,}{_named(frame, asked) if number <= _NAMED else ''}.")
    return notes


def _named(frame: nw.DataFrame[Any], asked: nw.Expr) -> str:
    """Name the few documents that a note counts."""
    if "id" not in frame.columns:
        return ""
    ids = frame.select("id", asked.alias("_asked")).filter(nw.col("_asked"))["id"].sort().to_list()
    return f" ({', '.join(map(str, ids))})"
