"""The largest overdue documents of each currency, with the names of their customers or vendors."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.frame import (
    Native,
    collect,
    finish,
    normalize_key,
    read_frame,
    to_backend,
    with_connection_id,
)
from rutterframe.reports.engine.ticks import choose_scale, format_amounts, ticks
from rutterframe.reports.names import NAMES, with_names
from rutterframe.reports.open_items import open_items
from rutterframe.reports.shares import with_shares

# Columns of live documents, which are listed where the documents have them.
_OPTIONAL = ("document_number", "issue_date")


def top_overdue(
    documents: Native,
    as_of: date | datetime | str,
    *,
    customers: Native | None = None,
    vendors: Native | None = None,
    max_rows: int | None = 10,
    days: int = 0,
    credit_memos: Native | None = None,
    payment_terms: Native | None = None,
) -> Native:
    """List the largest overdue documents of each currency: what to chase, or to pay, first.

    Parameters
    ----------
    documents : DataFrame
        Invoices or bills, of any engine, as for `open_items`. What is overdue of a lazy one is collected,
        since a rank needs all of it.
    as_of : date, datetime or str
        The day to count from; what is due that day is not overdue.
    customers, vendors : DataFrame, optional
        Frames with the names, as for `ar_aging` and `ap_aging`; null without.
    max_rows : int, optional
        How many to list for each currency; None for all.
    days : int
        List only what is more days past due than this.
    credit_memos, payment_terms : DataFrame, optional
        As for `open_items`. Credits are not listed, and counted in a note.

    Returns
    -------
    DataFrame
        By currency, the largest amount first, then the longest overdue, connection and id.

        =============  ========  ==================================================================
        name           dtype     meaning
        =============  ========  ==================================================================
        connection_id  str       where the document was loaded from; null for frames without it
        id             str       the document
        customer_id    str       or ``vendor_id`` of bills; absent for documents with neither
        customer_name  str       or ``vendor_name``; null without a name
        currency       str       amounts of different currencies are never added
        due_date       datetime  as in the documents
        days_past_due  Int64     as_of minus due date in days
        bucket         str       days_1_30, …
        amount_due     float64   what is left to pay, above zero; major units
        share          float64   of all overdue documents of the currency above zero (and over ``days``)
        =============  ========  ==================================================================

        Live documents have their ``document_number`` and ``issue_date`` as well. On pandas ``attrs`` has the
        number of all such documents, of which these are the largest: a view writes "Total of 10 of 34".
        ``attrs["notes"]`` has those of `open_items`, credits, and documents without a due date.

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If columns are missing, ``max_rows`` is below 1 or ``days`` below 0, names are passed that the
        documents have no ids for, or as for `open_items`.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     invoices, customers = (
    ...         load(ledger, progress=False) for load in (rf.load_invoices, rf.load_customers))
    >>> largest = rf.reports.top_overdue(invoices, "2026-06-30", customers=customers, max_rows=1)
    >>> largest["currency"].tolist()
    ['EUR', 'GBP', 'JPY', 'USD']
    """
    if max_rows is not None and (not _is_whole(max_rows) or max_rows < 1):
        raise ValueError(f"max_rows={max_rows!r} is not a valid number of rows (expected 1 or more, or None)")
    if not _is_whole(days) or days < 0:
        raise ValueError(f"days={days!r} is not a valid number of days past due (expected 0 or more)")
    items = open_items(documents, as_of, credit_memos=credit_memos, payment_terms=payment_terms)
    source = read_frame(items, (), kind="documents")
    columns, party = _columns(source, customers, vendors)
    about = dict(getattr(items, "attrs", {}))
    overdue = with_connection_id(
        collect(
            source.filter((nw.col("days_past_due") > days).fill_null(value=False)).select(
                *(name for name in columns if name in source.collect_schema().names())
            )
        )
    )
    scale = choose_scale((overdue, "amount_due"))
    counted = overdue.with_columns(ticks(overdue, "amount_due", scale).alias("_ticks"))
    debts = counted.filter(nw.col("_ticks") > 0)
    sort = {"currency": False, "_ticks": True, "days_past_due": True, "connection_id": False, "id": False}
    ranked = with_shares(debts, ["currency"], "_ticks", scale).sort(
        *sort, descending=[*sort.values()], nulls_last=True
    )
    currencies = [normalize_key(currency) for currency in ranked["currency"].to_list()]
    result = ranked[_first_of_each(currencies, max_rows)]
    if party is not None:
        result = with_names(result, party, customers if party == "customer_id" else vendors)
    return finish(
        to_backend(result.select(*columns), source),
        name="top_overdue",
        sources=[documents, *(native for native in (credit_memos, payment_terms) if native is not None)],
        notes=[*about.get("notes", []), *_notes(source, counted, scale)],
        counts=("days_past_due",),
        **{
            name: value for name, value in about.items() if name in ("as_of", "reconstructed", "credit_memos")
        },
        by="id",
        rows=len(currencies),
        rows_by_currency={currency or "": number for currency, number in Counter(currencies).items()},
    )


def _is_whole(number: Any) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _columns(source: Any, customers: Native | None, vendors: Native | None) -> tuple[list[str], str | None]:
    """Return the columns of the result, and that with the ids of customers or vendors."""
    names = source.collect_schema().names()
    party = next((name for name in NAMES if name in names), None)
    for column, people in (("customer_id", customers), ("vendor_id", vendors)):
        if people is not None and column != party:
            raise ValueError(
                f"{NAMES[column][1]} are passed, and the documents have no column {column!r}"
                + (f" but {party!r}: pass {NAMES[party][1]}=" if party else "")
            )
    number, issued = ([name] if name in names else [] for name in _OPTIONAL)
    people_columns = [party, NAMES[party][0]] if party else []
    return [
        "connection_id", "id", *number, *people_columns, "currency", *issued, "due_date", "days_past_due",
        "bucket", "amount_due", "share",
    ], party  # fmt: skip


def _first_of_each(currencies: list[str | None], max_rows: int | None) -> np.ndarray:
    """Return the places of the first rows of each currency."""
    places, passed = [], Counter[str | None]()
    for place, currency in enumerate(currencies):
        passed[currency] += 1
        if max_rows is None or passed[currency] <= max_rows:
            places.append(place)
    return np.array(places, dtype=np.int64)


def _notes(source: Any, overdue: nw.DataFrame[Any], scale: int) -> list[str]:
    """Return notes on credits and on documents without a due date; only a pandas report has notes."""
    if not overdue.implementation.is_pandas():
        return []
    credits_: Counter[str | None] = Counter()
    number = 0
    for currency, size in overdue.select("currency", "_ticks").iter_rows():
        if size < 0:
            number += 1
            credits_[normalize_key(currency)] += int(size)
    notes = (
        [f"Credits past due, not listed: {number:,}, {format_amounts(credits_, scale)}."] if number else []
    )
    undated = int(source["days_past_due"].is_null().sum())
    if undated:
        notes.append(f"Open documents without a due date, not among the overdue: {undated:,}.")
    return notes
