"""Checks of single values: currencies, words, days, amounts and quantities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rutterframe.money import CURRENCIES, LARGEST_SUM
from rutterframe.quality.balances import of_documents
from rutterframe.quality.fields import (
    AMOUNTS,
    CURRENCY,
    DAYS,
    LINES,
    PARTIES,
    WORDS,
    countable,
    known_words,
    smallest,
    ticks,
)
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded
from rutterframe.reports.statuses import CLOSED

#: Days before this one are typing errors, or a system's way to say that it has none.
EARLIEST = pd.Timestamp("1990-01-01")
#: A document can be due so many years after the data was fetched …
DUE_YEARS_AHEAD = 5
#: … and what has happened can be dated so many years after it: postings are entered ahead, but not for long.
PAST_YEARS_AHEAD = 1

# What is settled or was never booked need not say an amount or a day.
_OFF = {"orders": ("cancelled",), "invoices": CLOSED, "bills": CLOSED}


def unknown_currency(loaded: Loaded) -> Iterator[Found]:
    """Find records in no currency of ISO 4217."""
    for resource, field, frame in loaded.each(CURRENCY):
        none = frame[field].isna()
        yield Found(resource, frame[none], field, "The record does not say its currency.")
        rows = frame[~none & ~frame[field].isin(CURRENCIES)]
        yield Found(resource, rows, field, "{currency} is no currency code of ISO 4217.", field)


def unknown_word(loaded: Loaded) -> Iterator[Found]:
    """Find statuses and types that neither the contract nor a report knows."""
    for resource, field, frame in loaded.each(WORDS):
        words = known_words(resource, field)
        rows = frame[~frame[field].isin(words)]
        said = f"{{{field}}} is no {field} that is known here; known are {', '.join(words)}."
        yield Found(resource, rows, field, said, field)


def missing_due_date(loaded: Loaded) -> Iterator[Found]:
    """Find open documents without a due date."""
    for resource in PARTIES:
        frame = loaded.frame(resource, "due_date", "status")
        if frame is not None:
            rows = frame[frame["due_date"].isna() & ~frame["status"].isin(CLOSED)]
            yield Found(resource, rows, "due_date", "The document is open and has no due date.")


def date_out_of_range(loaded: Loaded) -> Iterator[Found]:
    """Find days that cannot be right."""
    for resource, field, frame in loaded.each(DAYS):
        days = frame[field]
        said = f"{{{field}}} is before {EARLIEST:%Y}: a typing error, or a system's word for no day."
        yield Found(resource, frame[days < EARLIEST], field, said, field)
        if loaded.as_of is None:
            continue
        years = DUE_YEARS_AHEAD if field == "due_date" else PAST_YEARS_AHEAD
        said = (
            f"{{{field}}} is more than {years} year{'s' if years > 1 else ''} after {loaded.as_of:%Y-%m-%d}."
        )
        # The whole last day counts: a moment within it is not beyond it.
        latest = loaded.as_of + pd.DateOffset(years=years, days=1)
        yield Found(resource, frame[days >= latest], field, said, field)
    if loaded.as_of is None:
        loaded.note("No receipt says when the data was fetched: pass as_of= to find days too far ahead.")


def missing_amount(loaded: Loaded) -> Iterator[Found]:
    """Find records that count in reports, but have no amount."""
    for resource, field, frame in loaded.each(AMOUNTS):
        none = frame[field].isna()
        if resource in _OFF and "status" in frame.columns:
            none &= ~frame["status"].isin(_OFF[resource])
        yield Found(resource, frame[none], field, "The record has no amount, so it counts as nothing.")


def amount_too_large(loaded: Loaded) -> Iterator[Found]:
    """Find amounts that cannot be counted exactly."""
    for resource, field, frame in loaded.each(AMOUNTS):
        rows = frame[frame[field].notna() & ~countable(frame[field])]
        said = f"{{{field}}} is more than {LARGEST_SUM:,.0f}, and cannot be counted exactly."
        yield Found(resource, rows, field, said, field)


def too_many_decimals(loaded: Loaded) -> Iterator[Found]:
    """Find amounts that are finer than the smallest coin of their currency."""
    for resource, field, frame in loaded.each(AMOUNTS):
        if loaded.frame(resource, "currency") is None:
            continue
        rows = frame[ticks(frame[field]) % smallest(frame["currency"]) != 0]
        said = f"{{{field}}} is finer than the smallest unit of {{currency}}."
        yield Found(resource, rows, field, said, field)


def negative_quantity(loaded: Loaded) -> Iterator[Found]:
    """Find lines with a negative quantity."""
    for resource in LINES:
        frame, lines = loaded.frame(resource), loaded.lines(resource)
        if frame is not None and lines is not None:
            rows = of_documents(frame, lines[_below_zero(lines["quantity"])])
            said = "Line {number} has the quantity {quantity}: a return entered as a sale, or a mistake."
            yield Found(resource, rows, "line_items[{line}].quantity", said, "quantity")


def negative_stock(loaded: Loaded) -> Iterator[Found]:
    """Find variants of which more was sold than there was."""
    frame, lines = loaded.frame("products"), loaded.lines("products", "variants")
    if frame is not None and lines is not None:
        rows = of_documents(frame, lines[_below_zero(lines["inventory_quantity"])])
        said = "Variant {number} has a stock of {inventory_quantity}: more was sold than there was."
        yield Found("products", rows, "variants[{line}].inventory_quantity", said, "inventory_quantity")


def overdrawn(loaded: Loaded) -> Iterator[Found]:
    """Find bank accounts below zero."""
    frame = loaded.frame("bank_accounts", "balance", "currency", "name")
    if frame is not None:
        said = "{name} is overdrawn: it holds {balance} {currency}."
        yield Found("bank_accounts", frame[frame["balance"] < 0], "balance", said, "balance")


def _below_zero(quantities: pd.Series) -> np.ndarray:
    found: np.ndarray = quantities.to_numpy(dtype="float64", na_value=np.nan) < 0
    return found
