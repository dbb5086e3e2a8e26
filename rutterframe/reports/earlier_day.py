"""Amounts that were open on an earlier day: totals less the payments dated until then."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.reports.engine.dates import date_array, parse_dates
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import Frame, collect, with_connection_id
from rutterframe.reports.engine.groupby import with_arrays
from rutterframe.reports.engine.tick_arrays import from_ticks, to_floats, to_ticks
from rutterframe.reports.engine.ticks import choose_scale, float_or_null, format_amounts, major_units, ticks
from rutterframe.reports.engine.units import half_unit_expr, half_units
from rutterframe.reports.order_lines import join_null_safe, text_columns
from rutterframe.reports.payments import (
    DOCUMENT,
    check_unique_documents,
    explode_payments,
    read_payments,
    sum_payments,
)
from rutterframe.reports.statuses import CLOSED, PAID, is_one_of, normalize_status

#: The columns that an earlier day is reconstructed from, beside those of every document.
COLUMNS = ("issue_date", "total_amount", "payments")

# A note lists the ids of up to so many documents.
_MOST_IDS = 5
# Documents of these statuses were never posted, so that no day had them.
_NEVER_POSTED = ("draft", "pending_approval")
_WITHDRAWN = tuple(word for word in CLOSED if word != PAID)


class Restated(NamedTuple):
    """Documents as of an earlier day.

    Attributes
    ----------
    documents : narwhals frame
        Those that were open, with the amounts of that day; null where it is not known.
    notes : list of str
        What is not known, with counts and amounts; on pandas.
    """

    documents: Frame
    notes: list[str]


class _Arrays(NamedTuple):
    """Documents in memory: amounts are in ticks, and ``sound`` is whether payments explain what is due."""

    amount: np.ndarray
    is_known: np.ndarray
    later: np.ndarray
    reasons: dict[str, np.ndarray]


def can_restate(documents: Frame) -> bool:
    """Return whether documents have the columns that an earlier day is reconstructed from."""
    return set(COLUMNS) <= set(documents.collect_schema().names())


def is_earlier(documents: Frame, day: datetime, *, kind: str) -> bool:
    """Return whether documents can be reconstructed, and their newest information is later than a day.

    An amount due stands for the day of ``last_synced_at``; where no document has that, it is not known which
    day it stands for, and every day is reconstructed. Without documents no day is earlier.
    """
    if not can_restate(documents):
        return False
    if "last_synced_at" not in documents.collect_schema().names():
        return len(collect(documents.select("currency").head(1))) > 0
    synced = documents.select(parse_dates(documents, "last_synced_at", kind=kind).alias("_synced"))
    of_all = collect(synced.select(nw.col("_synced").max(), nw.len().alias("_rows")))
    newest, rows = of_all["_synced"].to_list()[0], of_all["_rows"].to_list()[0]
    if not rows:
        return False  # a ledger without credit memos is of no earlier day than its invoices
    return bool(pd.isna(newest)) or newest.date() > day.date()


def restate(documents: Frame, day: datetime, *, kind: str) -> Restated:
    """Return the documents that were open on a day, with what was open of each.

    What was open is ``total_amount`` less the payments dated until then, of a document issued until then.
    That is known only if its payments are dated and explain the amount that is due today. If they do not, the
    amount is null, unless the document was not synchronised after that day: then it is what is due today.

    Parameters
    ----------
    documents : narwhals frame
        With `COLUMNS`, and what every document has.
    day : datetime
        The day, at its end.
    kind : str
        The name of the frame in an error.
    """
    if isinstance(documents, nw.DataFrame):
        return _restate_in_memory(documents, day, kind)
    return _restate_in_engine(documents, day, kind)


def _restate_in_memory(documents: nw.DataFrame[Any], day: datetime, kind: str) -> Restated:
    cutoff = np.datetime64(day) + np.timedelta64(1, "D")
    settled, withdrawn = (_has_status(documents, words) for words in ((PAID,), _WITHDRAWN))
    issued = ~(date_array(documents, "issue_date", kind=kind) >= cutoff)
    arrays, scale = _amounts_in_memory(documents, settled, cutoff, kind)
    half = half_units(documents, np.abs(arrays.amount), scale)
    is_zero = arrays.is_known & (np.abs(arrays.amount) < half)
    is_open = issued & ~withdrawn & ~is_zero
    amount = np.where(arrays.is_known, from_ticks(arrays.amount, scale), np.nan)
    rows = np.flatnonzero(is_open)
    notes = []
    if documents.implementation.is_pandas():
        void = issued & withdrawn & arrays.later & ~_has_status(documents, _NEVER_POSTED)
        notes = _notes(documents, day, arrays, is_open, void)
    restated = with_arrays(documents, {"amount_due": amount})
    return Restated(_take(restated, documents, rows), notes)


def _take(restated: nw.DataFrame[Any], documents: nw.DataFrame[Any], rows: np.ndarray) -> nw.DataFrame[Any]:
    """Return some rows in the documents' columns, and pandas' attrs with them."""
    result: nw.DataFrame[Any] = restated.select(*documents.columns)[rows]
    if documents.implementation.is_pandas():
        result.to_native().attrs = documents.to_native().attrs
    return result


def _amounts_in_memory(
    documents: nw.DataFrame[Any], settled: np.ndarray, cutoff: np.datetime64, kind: str
) -> tuple[_Arrays, int]:
    """Return what was open of each document, in ticks, whether that is known, and if not the reason."""
    payments = read_payments(documents, kind=kind)
    scale = choose_scale((documents, "total_amount"), (documents, "amount_due"), (payments.table, "amount"))
    total, due = (to_floats(documents[name].to_native()) for name in ("total_amount", "amount_due"))
    # What a paid document still shows as due is not owed.
    due = np.where(settled, 0.0, due)
    sums = sum_payments(payments, len(total), scale, cutoff)
    due_ticks = to_ticks(due, scale)
    left = to_ticks(total, scale) - sums.paid - due_ticks
    reasons = {
        "no issue date": np.isnat(date_array(documents, "issue_date", kind=kind)),
        "no total": np.isnan(total),
        "no amount due": np.isnan(due),
        "a payment without a date or amount": sums.undated > 0,
    }
    # Each document counts for the first reason only.
    known = ~np.logical_or.reduce([*reasons.values()])
    unexplained = known & (np.abs(left) >= half_units(documents, np.abs(left), scale))
    reasons["payments do not explain the amount due"] = unexplained
    known &= ~unexplained
    synced_later = _synced_later(documents, cutoff, kind)
    stands = ~known & ~synced_later & ~np.isnan(due) & (sums.undated == 0)
    # From what is due today back to the day, which needs neither total nor issue date.
    return _Arrays(due_ticks + sums.later, known | stands, synced_later, reasons), scale


def _synced_later(documents: nw.DataFrame[Any], cutoff: np.datetime64, kind: str) -> np.ndarray:
    """Return which documents were, or may have been, synchronised after a day."""
    if "last_synced_at" not in documents.columns:
        return np.ones(len(documents), bool)
    synced = date_array(documents, "last_synced_at", kind=kind)
    later: np.ndarray = ~(synced < cutoff)
    return later


def _has_status(documents: nw.DataFrame[Any], words: tuple[str, ...]) -> np.ndarray:
    """Return which documents have one of some statuses."""
    codes, size = factorize(documents, ["status"])
    first = first_rows(codes, size)
    has = np.zeros(size, bool)
    present = np.flatnonzero(first >= 0)
    if len(present):
        values = documents["status"][first[present]].to_list()
        has[present] = [normalize_status(value) in words for value in values]
    flags: np.ndarray = has[codes]
    return flags


def _notes(
    documents: nw.DataFrame[Any], day: datetime, arrays: _Arrays, is_open: np.ndarray, void: np.ndarray
) -> list[str]:
    """Write what an earlier day is reconstructed from, and what is not known, with counts and amounts."""
    text = (
        f"Amounts are what was open on {day:%Y-%m-%d}: totals less the payments dated until then, of "
        f"documents issued until then. Statuses are those of today, and documents that were voided, deleted "
        f"or edited since are as they are today."
    )
    notes = [text]
    unknown = is_open & ~arrays.is_known
    if unknown.any():
        counts, left = [], unknown.copy()
        for reason, rows in arrays.reasons.items():
            number = int((left & rows).sum())
            left &= ~rows
            counts += [f"{reason}: {number:,}"] if number else []
        notes.append(
            f"Documents of which it is not known what was open on {day:%Y-%m-%d}, counted as zero: "
            f"{_count(documents, unknown)} ({', '.join(counts)})."
        )
    if void.any():
        notes.append(
            f"Documents that are void, rejected or cancelled today, left out: the service does not date "
            f"that, so they may have been open on {day:%Y-%m-%d}: {_count(documents, void)}."
        )
    return notes


def _count(documents: nw.DataFrame[Any], rows: np.ndarray) -> str:
    """Count documents, with their totals, and their ids if they are few."""
    places = np.flatnonzero(rows)
    text = f"{len(places):,}"
    if len(places) <= _MOST_IDS and "id" in documents.columns:
        text += f" ({', '.join(sorted(map(str, documents['id'][places].to_list())))})"
    totals = to_floats(documents["total_amount"].to_native())[places]
    scale = choose_scale((documents, "total_amount"))
    sums: dict[str | None, int] = {}
    for currency, amount in zip(
        documents["currency"][places].to_list(), to_ticks(totals, scale).tolist(), strict=True
    ):
        code = currency if isinstance(currency, str) else None
        sums[code] = sums.get(code, 0) + amount
    return f"{text}, with totals of {format_amounts(sums, scale)}"


def _restate_in_engine(documents: Frame, day: datetime, kind: str) -> Restated:
    """Reconstruct in a lazy engine; the payments are summed by document and joined to it."""
    check_unique_documents(documents, kind=kind)
    names = documents.collect_schema().names()
    payments = explode_payments(documents, kind=kind)
    scale = choose_scale((documents, "total_amount"), (documents, "amount_due"), (payments, "amount"))
    frame = with_connection_id(documents)
    own = {"connection_id": "_connection", "id": "_id"}
    steps = _with_ticks(frame, day, scale, kind)
    steps = steps.with_columns(
        column.alias(own[name]) for name, column in zip(DOCUMENT, text_columns(frame, *DOCUMENT), strict=True)
    )
    sums = _sum_payments(payments, day, scale).rename(own)
    joined = join_null_safe(steps, sums, ["_connection", "_id"], how="left")
    filled = joined.with_columns(nw.col("_paid", "_paid_later", "_undated").fill_null(0))
    left = filled.with_columns(
        (nw.col("_total") - nw.col("_paid") - nw.col("_due")).alias("_left"),
        (nw.col("_due") + nw.col("_paid_later")).alias("_amount"),
        (half_unit_expr() * scale).round(6).alias("_half"),
    )
    sound = ~nw.col("_lacks") & (nw.col("_undated") == 0) & (nw.col("_left").abs() < nw.col("_half"))
    stands = nw.col("_stands") & (nw.col("_undated") == 0)
    known = left.with_columns((sound | stands).alias("_known"))
    is_zero = nw.col("_known") & (nw.col("_amount").abs() < nw.col("_half"))
    rows = known.filter(nw.col("_issued") & ~nw.col("_withdrawn") & ~is_zero)
    amounts = rows.with_columns(*major_units(rows, "_amount", scale=scale))
    restated = amounts.with_columns(nw.when(nw.col("_known")).then(nw.col("_amount")).alias("amount_due"))
    return Restated(restated.select(*names), [])


def _with_ticks(frame: Frame, day: datetime, scale: int, kind: str) -> Frame:
    """Add the ticks of totals and amounts due, and what is known of each document, to a lazy frame."""
    cutoff = nw.lit(day).cast(nw.Datetime("us"))
    columns = frame.collect_schema().names()
    settled = is_one_of((PAID,))
    has_sync = "last_synced_at" in columns
    synced = parse_dates(frame, "last_synced_at", kind=kind) if has_sync else nw.col("issue_date")
    no_due = float_or_null("amount_due").is_null() & ~settled
    flags = frame.with_columns(
        settled.alias("_settled"),
        is_one_of(_WITHDRAWN).alias("_withdrawn"),
        no_due.alias("_no_due"),
        float_or_null("total_amount").is_null().alias("_no_total"),
        parse_dates(frame, "issue_date", kind=kind).alias("_issue"),
        synced.alias("_synced"),
        ticks(frame, "total_amount", scale).alias("_total"),
        ticks(frame, "amount_due", scale).alias("_due"),
    )
    ends = (nw.col("_synced").dt.truncate("1d") <= cutoff) if has_sync else nw.lit(value=False)
    return flags.with_columns(
        (nw.col("_no_due") | nw.col("_no_total") | nw.col("_issue").is_null()).alias("_lacks"),
        (nw.col("_issue").dt.truncate("1d") <= cutoff).fill_null(value=True).alias("_issued"),
        nw.when(nw.col("_settled")).then(0).otherwise(nw.col("_due")).cast(nw.Int64).alias("_due"),
        (ends.fill_null(value=False) & ~nw.col("_no_due")).alias("_stands"),
    )


def _sum_payments(payments: Frame, day: datetime, scale: int) -> Frame:
    """Sum the payments of each document of a lazy frame: all, the later ones, and how many are not dated."""
    cutoff = nw.lit(day).cast(nw.Datetime("us"))
    later = (nw.col("date").dt.truncate("1d") > cutoff).fill_null(value=False)
    lacks = nw.col("date").is_null() | float_or_null("amount").is_null()
    each = payments.with_columns(
        ticks(payments, "amount", scale).alias("_paid"),
        later.alias("_later"),
        lacks.alias("_lacks"),
    )
    summed = each.with_columns(
        nw.when(nw.col("_later")).then(nw.col("_paid")).otherwise(0).alias("_paid_later"),
        nw.when(nw.col("_lacks")).then(1).otherwise(0).alias("_undated"),
    )
    names = ("_paid", "_paid_later", "_undated")
    sums = summed.group_by(*DOCUMENT).agg(*(nw.col(name).sum() for name in names))
    return sums.select(*DOCUMENT, *(nw.col(name).cast(nw.Int64) for name in names))
