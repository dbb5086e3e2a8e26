"""Checks of single values: currencies, words, days, amounts and quantities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rutterframe.currency import CURRENCIES, LARGEST_SUM, TICKS
from rutterframe.quality.balances import line_sums, of_documents
from rutterframe.quality.fields import (
    AMOUNTS,
    CHANGES,
    CURRENCY,
    DAYS,
    LINES,
    PARTIES,
    WORDS,
    countable,
    is_known_type,
    is_one_of,
    known_words,
    settled,
    smallest,
)
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded
from rutterframe.reports.account_types import is_debt
from rutterframe.reports.statuses import CLOSED, NO_REVENUE

#: Days before this one are typing errors, or a system's way to say that it has none.
EARLIEST = pd.Timestamp("1990-01-01")
#: A document can be due so many years after the data was fetched …
DUE_YEARS_AHEAD = 5
#: … and what has happened can be dated so many years after it: postings are entered ahead, but not for long.
PAST_YEARS_AHEAD = 1

#: A document that is open for so many years after it was due will hardly be paid any more.
OVERDUE_YEARS = 2

#: The date that places a record in a week, a month or a year.
_DATES = {"transactions": ("date",), "expenses": ("date",), "orders": ("created_at",)}
#: The account that a record is posted to, or paid from.
_ACCOUNTS = {"transactions": ("account_id",), "expenses": ("account_id",)}
# More records than this without an account, and none with one: the platform gives none.
_MANY = 100
# What is settled or was never booked need not say an amount or a day.
_OFF = {"orders": NO_REVENUE, "invoices": CLOSED, "bills": CLOSED}


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
        rows = frame[~is_one_of(frame[field], words)]
        rows = rows[np.array([not is_known_type(resource, word) for word in rows[field].fillna("")], bool)]
        said = f"{{{field}}} is no {field} that is known here; known are {', '.join(words)}."
        yield Found(resource, rows, field, said, field)


def missing_due_date(loaded: Loaded) -> Iterator[Found]:
    """Find open documents without a due date."""
    for resource in PARTIES:
        frame = loaded.frame(resource, "due_date", "status")
        if frame is not None:
            rows = frame[frame["due_date"].isna() & ~is_one_of(frame["status"], CLOSED)]
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
        loaded.note(
            "No receipt says when the data was fetched: pass as_of= to find days too far ahead, and "
            "documents that are overdue for years."
        )


def long_overdue(loaded: Loaded) -> Iterator[Found]:
    """Find open documents that were due years ago."""
    for resource in PARTIES:
        frame = loaded.frame(resource, "due_date", "status", "amount_due", "currency")
        if frame is None or loaded.as_of is None:
            continue
        days = frame["due_date"]
        overdue = (days >= EARLIEST) & (days < loaded.as_of - pd.DateOffset(years=OVERDUE_YEARS))
        owed = ~is_one_of(frame["status"], CLOSED) & ~settled(frame["amount_due"], frame["currency"])
        text = "The document was due on {due_date}, and is still {status}."
        yield Found(resource, frame[overdue & owed], "due_date", text, "due_date")


def missing_date(loaded: Loaded) -> Iterator[Found]:
    """Find transactions, expenses and orders without a date."""
    for resource, field, frame in loaded.each(_DATES):
        text = "The record has no date, so it is in no period."
        yield Found(resource, frame[frame[field].isna()], field, text)


def missing_account(loaded: Loaded) -> Iterator[Found]:
    """Find transactions and expenses without an account."""
    for resource, field, frame in loaded.each(_ACCOUNTS):
        none = frame[field].isna()
        # A platform that gives no accounts at all is one finding.
        counts = none.groupby(frame["connection_id"], dropna=False).agg(["size", "all"]).reset_index()
        never = counts[counts["all"] & (counts["size"] > _MANY)]
        whole = never.assign(id=pd.Series(None, index=never.index, dtype="str"))
        yield Found(resource, whole, field, "None of {size} records has an account.")
        single = none & ~frame["connection_id"].isin(never["connection_id"])
        yield Found(resource, frame[single], field, "The record has no account.")


def updated_before_created(loaded: Loaded) -> Iterator[Found]:
    """Find records that were changed before they were created."""
    for resource, _, frame in loaded.each(CHANGES):
        if "created_at" in frame.columns:
            rows = frame[frame["updated_at"] < frame["created_at"]]
            text = "It was updated on {updated_at}, and created only later, on {created_at}."
            yield Found(resource, rows, "updated_at", text, "updated_at")


def negative_expense(loaded: Loaded) -> Iterator[Found]:
    """Find expenses below zero."""
    frame = loaded.frame("expenses", "amount", "currency")
    if frame is not None:
        text = "The expense is {amount} {currency}: a refund entered as an expense, or a wrong sign."
        yield Found("expenses", frame[frame["amount"] < 0], "amount", text, "amount")


def price_not_positive(loaded: Loaded) -> Iterator[Found]:
    """Find products and variants with a price of nothing or less."""
    frame = loaded.frame("products", "price")
    if frame is None:
        return
    text = "The price is {price}: it is sold for nothing, or the price was not entered."
    products = frame["price"] <= 0
    yield Found("products", frame[products], "price", text, "price")
    variants = loaded.lines("products", "variants")
    if variants is not None:
        # Where the product's own price is wrong, those of its variants are the same mistake.
        wrong = (variants["price"] <= 0) & ~products.to_numpy()[variants["row"]]
        text = "Variant {number} has the price {price}: it is sold for nothing, or the price was not entered."
        rows = of_documents(frame, variants[wrong])
        yield Found("products", rows, "variants[{line}].price", text, "price")


def missing_amount(loaded: Loaded) -> Iterator[Found]:
    """Find records that count in reports, but have no amount."""
    for resource, field, frame in loaded.each(AMOUNTS):
        none = frame[field].isna()
        if resource in _OFF and "status" in frame.columns:
            none &= ~is_one_of(frame["status"], _OFF[resource])
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
        rows = frame[_too_fine(frame[field], frame["currency"])]
        said = f"{{{field}}} is finer than the smallest unit of {{currency}}."
        yield Found(resource, rows, field, said, field)


def negative_quantity(loaded: Loaded) -> Iterator[Found]:
    """Find lines with a negative quantity, but for those of credits."""
    for resource in LINES:
        frame, lines, sums = loaded.frame(resource), loaded.lines(resource), line_sums(loaded, resource)
        if frame is not None and lines is not None and sums is not None:
            total, known = sums
            of_credit = (known & (total < 0))[lines["row"]]
            rows = of_documents(frame, lines[_below_zero(lines["quantity"]) & ~of_credit])
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
        below = (frame["balance"] < 0) & ~settled(frame["balance"], frame["currency"])
        if "type" in frame.columns:
            # What a card, a credit line or a loan owes is no overdraft.
            below &= np.array([not is_debt(word) for word in frame["type"].fillna("")], bool)
        yield Found("bank_accounts", frame[below], "balance", said, "balance")


def _too_fine(amounts: pd.Series, currency: pd.Series) -> np.ndarray:
    """Return which amounts have more decimals than their currency; floats cannot tell more than eight."""
    values, unit = amounts.to_numpy(dtype="float64", na_value=0.0), smallest(currency) / TICKS
    values = np.where(countable(amounts), values, 0.0)
    rest = np.abs(values - np.rint(values / unit) * unit)
    fine: np.ndarray = (rest > 0.5e-8) & (rest > 8 * np.finfo(float).eps * np.abs(values))
    return fine


def _below_zero(quantities: pd.Series) -> np.ndarray:
    found: np.ndarray = quantities.to_numpy(dtype="float64", na_value=np.nan) < 0
    return found
