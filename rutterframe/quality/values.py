"""Checks of single values: currencies, words, days, amounts and quantities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rutterframe.currency import CURRENCIES, LARGEST_SUM, TICKS
from rutterframe.frames.text_dtype import TEXT_DTYPE
from rutterframe.quality.balances import line_sums, of_documents
from rutterframe.quality.fields import (
    AMOUNTS,
    CHANGES,
    COUNTERPARTIES,
    CURRENCY,
    DAYS,
    LINES,
    WORDS,
    countable,
    is_known_type,
    is_one_of,
    known_words,
    settled,
    smallest,
)
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet
from rutterframe.reports.account_types import is_debt
from rutterframe.reports.statuses import CLOSED, NO_REVENUE

#: Earlier dates are typing errors, or a system's placeholder for no date.
EARLIEST = pd.Timestamp("1990-01-01")
#: Years after the fetch up to which a document can be due …
DUE_YEARS_AHEAD = 5
#: … and up to which other dates can be: postings are entered ahead, but not for long.
PAST_YEARS_AHEAD = 1

#: Years after the due date from which an open document is unlikely to be paid.
OVERDUE_YEARS = 2

#: The date that places a record in a week, a month or a year.
_DATES = {"transactions": ("date",), "expenses": ("date",), "orders": ("created_at",)}
#: The account that a record is posted to, or paid from.
_ACCOUNTS = {"transactions": ("account_id",), "expenses": ("account_id",)}
# More records than this without an account, and none with one: the platform sends no accounts.
_MANY = 100
# Records that are settled or were never booked need no amount and no date.
_OFF = {"orders": NO_REVENUE, "invoices": CLOSED, "bills": CLOSED}


def unknown_currency(frames: FrameSet) -> Iterator[Matches]:
    """Find records in no currency of ISO 4217."""
    for resource, field, frame in frames.each(CURRENCY):
        none = frame[field].isna()
        # Advertising accounts of the live dialect have no currency: only their campaigns have.
        if resource != "ad_accounts" or not frames.is_live(resource):
            yield Matches(resource, frame[none], field, "The record does not say its currency.")
        rows = frame[~none & ~frame[field].isin(CURRENCIES)]
        yield Matches(resource, rows, field, "{currency} is not a currency code of ISO 4217.", field)


def unknown_word(frames: FrameSet) -> Iterator[Matches]:
    """Find statuses and types that neither the contract nor a report knows."""
    for resource, field, frame in frames.each(WORDS):
        if (resource, field) == ("bank_accounts", "type") and frames.is_live(resource):
            continue  # one of some 190 words, and null for most investments; its kind is one of eight
        words = known_words(frames.model(resource), resource, field)
        rows = frame[~is_one_of(frame[field], words)]
        rows = rows[np.array([not is_known_type(resource, word) for word in rows[field].fillna("")], bool)]
        text = f"{{{field}}} is not a known {field} (known: {', '.join(words)})."
        yield Matches(resource, rows, field, text, field)


def missing_due_date(frames: FrameSet) -> Iterator[Matches]:
    """Find open documents without a due date."""
    for resource in COUNTERPARTIES:
        frame = frames.frame(resource, "due_date", "status")
        if frame is not None:
            rows = frame[frame["due_date"].isna() & ~is_one_of(frame["status"], CLOSED)]
            yield Matches(resource, rows, "due_date", "The document is open and has no due date.")


def date_out_of_range(frames: FrameSet) -> Iterator[Matches]:
    """Find dates long ago or far ahead."""
    for resource, field, frame in frames.each(DAYS):
        days = frame[field]
        text = f"{{{field}}} is before {EARLIEST:%Y}: a typing error, or a system's placeholder for no date."
        yield Matches(resource, frame[days < EARLIEST], field, text, field)
        if frames.as_of is None:
            continue
        years = DUE_YEARS_AHEAD if field == "due_date" else PAST_YEARS_AHEAD
        text = (
            f"{{{field}}} is more than {years} year{'s' if years > 1 else ''} after {frames.as_of:%Y-%m-%d}."
        )
        # A time on the last day is still within the limit.
        latest = frames.as_of + pd.DateOffset(years=years, days=1)
        yield Matches(resource, frame[days >= latest], field, text, field)
    if frames.as_of is None:
        frames.note(
            "No receipt says when the data was fetched: pass as_of= to find days too far ahead, and "
            "documents that are overdue for years."
        )


def long_overdue(frames: FrameSet) -> Iterator[Matches]:
    """Find open documents that were due years ago."""
    for resource in COUNTERPARTIES:
        frame = frames.frame(resource, "due_date", "status", "amount_due", "currency")
        if frame is None or frames.as_of is None:
            continue
        days = frame["due_date"]
        overdue = (days >= EARLIEST) & (days < frames.as_of - pd.DateOffset(years=OVERDUE_YEARS))
        owed = ~is_one_of(frame["status"], CLOSED) & ~settled(frame["amount_due"], frame["currency"])
        text = "The document was due on {due_date}, and is still {status}."
        yield Matches(resource, frame[overdue & owed], "due_date", text, "due_date")


def missing_date(frames: FrameSet) -> Iterator[Matches]:
    """Find transactions, expenses and orders without a date."""
    for resource, field, frame in frames.each(_DATES):
        text = "The record has no date, so it is in no period."
        yield Matches(resource, frame[frame[field].isna()], field, text)


def missing_account(frames: FrameSet) -> Iterator[Matches]:
    """Find transactions and expenses without an account."""
    for resource, field, frame in frames.each(_ACCOUNTS):
        none = frame[field].isna()
        if resource == "transactions" and frames.is_live(resource):
            # Payments of a shop, which have a type, are on no account.
            none &= frame["type"].isna()
        # A platform that sends no accounts at all is one finding.
        counts = none.groupby(frame["connection_id"], dropna=False).agg(["size", "all"]).reset_index()
        never = counts[counts["all"] & (counts["size"] > _MANY)]
        whole = never.assign(id=pd.Series(None, index=never.index, dtype=TEXT_DTYPE))
        yield Matches(resource, whole, field, "None of {size} records has an account.")
        single = none & ~frame["connection_id"].isin(never["connection_id"])
        yield Matches(resource, frame[single], field, "The record has no account.")


def updated_before_created(frames: FrameSet) -> Iterator[Matches]:
    """Find records that were changed before they were created."""
    for resource, _, frame in frames.each(CHANGES):
        if "created_at" in frame.columns:
            rows = frame[frame["updated_at"] < frame["created_at"]]
            text = "It was updated on {updated_at}, and created only later, on {created_at}."
            yield Matches(resource, rows, "updated_at", text, "updated_at")


def negative_expense(frames: FrameSet) -> Iterator[Matches]:
    """Find expenses below zero."""
    frame = frames.frame("expenses", "amount", "currency")
    if frame is not None:
        text = "The expense is {amount} {currency}: a refund entered as an expense, or a wrong sign."
        below = frame["amount"] < 0
        if "expense_type" in frame.columns:
            below &= ~is_one_of(frame["expense_type"], ("refund",))
        yield Matches("expenses", frame[below], "amount", text, "amount")


def price_not_positive(frames: FrameSet) -> Iterator[Matches]:
    """Find products and variants with a price of zero or less."""
    frame = frames.frame("products", "price")
    if frame is None:
        return
    text = "The price is {price}: it is sold for nothing, or the price was not entered."
    products = frame["price"] <= 0
    yield Matches("products", frame[products], "price", text, "price")
    variants = frames.lines("products", "variants")
    if variants is not None:
        # Where the product's own price is wrong, those of its variants are the same mistake.
        wrong = (variants["price"] <= 0) & ~products.to_numpy()[variants["row"]]
        text = "Variant {number} has the price {price}: it is sold for nothing, or the price was not entered."
        rows = of_documents(frame, variants[wrong])
        yield Matches("products", rows, "variants[{line}].price", text, "price")


def missing_amount(frames: FrameSet) -> Iterator[Matches]:
    """Find records that count in reports, but have no amount."""
    for resource, field, frame in frames.each(AMOUNTS):
        none = frame[field].isna()
        if resource in _OFF and "status" in frame.columns:
            none &= ~is_one_of(frame["status"], _OFF[resource])
        yield Matches(resource, frame[none], field, "The record has no amount, so it counts as nothing.")


def amount_too_large(frames: FrameSet) -> Iterator[Matches]:
    """Find amounts that cannot be counted exactly."""
    for resource, field, frame in frames.each(AMOUNTS):
        rows = frame[frame[field].notna() & ~countable(frame[field])]
        text = f"{{{field}}} is more than {LARGEST_SUM:,.0f}, and cannot be counted exactly."
        yield Matches(resource, rows, field, text, field)


def too_many_decimals(frames: FrameSet) -> Iterator[Matches]:
    """Find amounts that are finer than the smallest coin of their currency."""
    for resource, field, frame in frames.each(AMOUNTS):
        if frames.frame(resource, "currency") is None:
            continue
        rows = frame[_too_fine(frame[field], frame["currency"])]
        text = f"{{{field}}} is finer than the smallest unit of {{currency}}."
        yield Matches(resource, rows, field, text, field)


def negative_quantity(frames: FrameSet) -> Iterator[Matches]:
    """Find lines with a negative quantity, but for those of credits."""
    for resource in LINES:
        frame, lines, sums = frames.frame(resource), frames.lines(resource), line_sums(frames, resource)
        if frame is not None and lines is not None and sums is not None:
            total, known = sums
            of_credit = (known & (total < 0))[lines["row"]]
            rows = of_documents(frame, lines[_below_zero(lines["quantity"]) & ~of_credit])
            text = "Line {number} has the quantity {quantity}: a return entered as a sale, or a mistake."
            yield Matches(resource, rows, "line_items[{line}].quantity", text, "quantity")


def negative_stock(frames: FrameSet) -> Iterator[Matches]:
    """Find variants with a negative stock."""
    frame, lines = frames.frame("products"), frames.lines("products", "variants")
    if frame is not None and lines is not None:
        rows = of_documents(frame, lines[_below_zero(lines["inventory_quantity"])])
        text = "Variant {number} has a stock of {inventory_quantity}: more was sold than there was."
        yield Matches("products", rows, "variants[{line}].inventory_quantity", text, "inventory_quantity")


def overdrawn(frames: FrameSet) -> Iterator[Matches]:
    """Find bank accounts below zero."""
    frame = frames.frame("bank_accounts", "balance", "currency", "name")
    if frame is not None:
        text = "{name} is overdrawn: it holds {balance} {currency}."
        below = (frame["balance"] < 0) & ~settled(frame["balance"], frame["currency"])
        if "type" in frame.columns:
            # Cards, credit lines and loans are not overdrafts.
            below &= np.array([not is_debt(word) for word in frame["type"].fillna("")], bool)
        if "kind" in frame.columns:
            below &= ~is_one_of(frame["kind"], ("credit", "loan"))
        yield Matches("bank_accounts", frame[below], "balance", text, "balance")


def _too_fine(amounts: pd.Series, currency: pd.Series) -> np.ndarray:
    """Return which amounts have more decimals than their currency; floats cannot tell more than eight."""
    values, unit = amounts.to_numpy(dtype="float64", na_value=0.0), smallest(currency) / TICKS
    values = np.where(countable(amounts), values, 0.0)
    rest = np.abs(values - np.rint(values / unit) * unit)
    fine: np.ndarray = (rest > 0.5e-8) & (rest > 8 * np.finfo(float).eps * np.abs(values))
    return fine


def _below_zero(quantities: pd.Series) -> np.ndarray:
    negative: np.ndarray = quantities.to_numpy(dtype="float64", na_value=np.nan) < 0
    return negative
