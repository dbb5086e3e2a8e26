"""Open items: the documents that are not paid yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.currency import UNUSUAL_UNITS, minor_units
from rutterframe.reports.engine.buckets import BOUNDS, bucket_codes, bucket_names, days_past_due, parse_bounds
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.factorize import BLOCK, factorize, first_rows
from rutterframe.reports.engine.frame import Frame, Native, finish, read_frame
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.engine.ticks import choose_scale, float_or_null
from rutterframe.reports.statuses import (
    CLOSED,
    KNOWN_OPEN,
    PAID,
    count_statuses,
    format_counts,
    is_one_of,
    normalize_status,
)

_NO_AMOUNT = "Open documents without an amount, counted as zero"
_SETTLED = "Open documents of less than half their currency's smallest unit, taken as settled"
_PAID_DUE = "Paid documents with an amount due, not aged"
_UNKNOWN_STATUS = "Documents of an unknown status or none, taken as open"
# A note lists the ids of up to so many documents.
_MOST_IDS = 5
# Half of the smallest unit of currencies without decimals, which is the largest of all.
_LARGEST_HALF = 0.5
# The due date as a datetime; a document may have columns of any other name.
_DUE = "_rutterframe_due"
_TODAY = (
    "Amounts due are those of the day the data was fetched: payments made since as_of are taken off already, "
    "so this does not reconstruct an earlier day."
)


def open_items(documents: Native, as_of: date | datetime | str, *, bounds: Iterable[int] = BOUNDS) -> Native:
    """List the open documents: invoices or bills with an amount left to pay.

    Parameters
    ----------
    documents : DataFrame
        Invoices or bills, of any engine, with ``id``, ``status``, ``amount_due``, ``currency``, ``due_date``.
    as_of : date, datetime or str
        The day to count from; what is due that day is current.
    bounds : iterable of int
        The last day of each bucket.

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
    needed = ("id", "status", "amount_due", "currency", "due_date")
    frame = read_frame(documents, needed, kind="documents")
    day = parse_as_of(as_of)
    choose_scale((frame, "amount_due"))
    items, notes = list_open(frame, day, parse_bounds(bounds))
    return finish(
        items,
        name="open_items",
        sources=[documents],
        notes=notes,
        counts=("days_past_due",),
        as_of=f"{day:%Y-%m-%d}",
    )


def list_open(
    documents: Frame,
    day: datetime,
    bounds: Sequence[int],
    *,
    age_by: str = "due_date",
    only: str | None = None,
) -> tuple[Frame, list[str]]:
    """Return the open documents, all or those of one bucket, in their order, and notes on the documents."""
    names = documents.collect_schema().names()
    is_open, notes = flag_open(documents)
    items = documents.filter(is_open)
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
    return items.select(*dict.fromkeys((*names, "days_past_due", "bucket"))), notes


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


def flag_open(documents: Frame) -> tuple[Any, list[str]]:
    """Return whether each document is open, as a column ``_open`` for its frame, and notes on the documents.

    Open are documents with a status that is not closed and an amount that is missing or at least half of its
    currency's smallest unit. Only frames in memory are counted for notes, since only pandas carries them.
    """
    if not isinstance(documents, nw.DataFrame):
        settled = float_or_null("amount_due").abs() < _half_of_unit()
        is_open = ~is_one_of(CLOSED) & ~settled.fill_null(value=False)
        return is_open.alias("_open"), [_TODAY]
    flags, rows_by_note = _classify(documents)
    series = nw.new_series("_open", flags, backend=documents.implementation)
    if not documents.implementation.is_pandas():
        return series, [_TODAY]
    return series, [
        _TODAY,
        *(_note(documents, what, rows) for what, rows in rows_by_note.items() if len(rows)),
    ]


def _classify(documents: nw.DataFrame[Any]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return whether each document in memory is open, and the rows that each note is about."""
    amounts = to_floats(documents["amount_due"].to_native())
    numbers, size = factorize(documents, ["status"])
    first = first_rows(numbers, size)
    values = documents["status"][first[first >= 0]].to_list() if len(numbers) else []
    words = [normalize_status(value) for value in values]
    of_word = np.zeros((3, size), bool)
    of_word[:, first >= 0] = [
        [word not in CLOSED for word in words],
        [word == PAID for word in words],
        [word not in (*CLOSED, *KNOWN_OPEN) for word in words],
    ]
    is_open = np.empty(len(amounts), bool)
    rows: dict[str, list[np.ndarray]] = {
        what: [] for what in (_NO_AMOUNT, _SETTLED, _PAID_DUE, _UNKNOWN_STATUS)
    }
    # Block by block, so that the arrays in between stay small.
    for start in range(0, len(amounts), BLOCK):
        due, own = amounts[start : start + BLOCK], numbers[start : start + BLOCK]
        owed, paid, unknown = (flags[own] for flags in of_word)
        missing, zero = np.isnan(due), due == 0
        tiny = np.flatnonzero(~zero & (np.abs(due) < _LARGEST_HALF))
        tiny = tiny[_below_half(documents, start + tiny, due[tiny])]
        is_open[start : start + BLOCK] = owed & ~zero
        is_open[start + tiny] = False
        rows[_NO_AMOUNT].append(start + np.flatnonzero(owed & missing))
        rows[_SETTLED].append(start + tiny[owed[tiny]])
        rows[_PAID_DUE].append(start + np.flatnonzero(paid & ~missing & ~zero))
        rows[_UNKNOWN_STATUS].append(start + np.flatnonzero(unknown))
    return is_open, {what: np.concatenate(blocks) for what, blocks in rows.items() if blocks}


def _below_half(documents: nw.DataFrame[Any], rows: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Return which of some small amounts are below half of their currency's smallest unit."""
    currencies = documents["currency"][rows].to_list() if len(rows) else []
    below: np.ndarray = np.abs(amounts) < np.array([_half(currency) for currency in currencies])
    return below


def _half(currency: object) -> float:
    return float(0.5 / 10 ** minor_units(currency if isinstance(currency, str) else ""))


def _half_of_unit() -> nw.Expr:
    """Return half of the smallest unit of each row's currency."""
    half: nw.Expr = nw.lit(_half(""))
    for decimals, codes_of in UNUSUAL_UNITS.items():
        half = nw.when(nw.col("currency").cast(nw.String).str.to_uppercase().is_in(codes_of)).then(
            nw.lit(0.5 / 10**decimals)
        ).otherwise(half)  # fmt: skip
    return half


def _note(documents: nw.DataFrame[Any], what: str, rows: np.ndarray) -> str:
    """Count the documents that a note is about, and list their ids if they are few."""
    if what is _UNKNOWN_STATUS:
        return f"{what}: {len(rows):,} ({format_counts(count_statuses(documents['status'][rows]))})."
    ids = ""
    if len(rows) <= _MOST_IDS and "id" in documents.columns:
        ids = f" ({', '.join(sorted(map(str, documents['id'][rows].to_list())))})"
    return f"{what}: {len(rows):,}{ids}."
