"""The fields that the checks read, derived from the models, and vectorised helpers for their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM, TICKS, minor_units
from rutterframe.models import LIVE_RESOURCES, RECORDS, Record
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind
from rutterframe.reports import statuses
from rutterframe.reports.account_types import is_cash, is_debt, side_of
from rutterframe.reports.engine.tick_arrays import to_floats, to_ticks
from rutterframe.reports.statuses import CLOSED, KNOWN_OPEN, KNOWN_REVENUE, NO_REVENUE, PAID


def _fields(condition: Callable[[Column], bool]) -> dict[str, tuple[str, ...]]:
    fields = {
        resource: tuple(column.name for column in columns(model) if condition(column))
        for resource, model in RECORDS.items()
    }
    return {resource: names for resource, names in fields.items() if names}


# What is checked of the resources that only the live dialect has.
_LIVE_AMOUNTS = {
    "invoice_payments": ("amount",),
    "bill_payments": ("amount",),
    "invoice_credit_memos": ("amount", "remaining_amount"),
    "bill_credit_memos": ("amount", "remaining_amount"),
    "bank_transactions": ("amount",),
    "shop_payments": ("amount",),
    "payouts": ("amount",),
}
_LIVE_DAYS = {
    "invoice_payments": ("date",),
    "bill_payments": ("date",),
    "invoice_credit_memos": ("issue_date",),
    "bill_credit_memos": ("issue_date",),
    "bank_transactions": ("date",),
    "shop_payments": ("created_at", "updated_at"),
    "payouts": ("arrival_at", "created_at", "updated_at"),
}

#: Every resource of either dialect has an id.
IDS = dict.fromkeys((*RECORDS, *LIVE_RESOURCES), ("id",))
CURRENCY = {
    **_fields(lambda column: column.name == "currency"),
    **dict.fromkeys(_LIVE_AMOUNTS, ("currency",)),
}
DAYS = {**_fields(lambda column: column.kind in {Kind.DATE, Kind.TIMESTAMP}), **_LIVE_DAYS}
CHANGES = _fields(lambda column: column.name == "updated_at")
WORDS = _fields(lambda column: bool(column.known))
LINES = _fields(lambda column: column.name == "line_items")

#: The amounts that reports add up; not a product's price, which may have more decimals than its currency.
AMOUNTS = {
    **{
        resource: names
        for resource, names in _fields(lambda column: column.kind is Kind.NUMBER).items()
        if resource != "products"
    },
    **_LIVE_AMOUNTS,
}

#: Invoices and bills, with the field of the customer or vendor.
COUNTERPARTIES = {"invoices": ("customer_id",), "bills": ("vendor_id",)}

#: Statuses of documents that are not booked yet, or were cancelled.
NOT_BOOKED = tuple(status for status in CLOSED if status != PAID)

#: The values that reports know beside those of the contract.
_ALSO_KNOWN = {
    **{(resource, "status"): (*CLOSED, *KNOWN_OPEN) for resource in COUNTERPARTIES},
    ("orders", "status"): (*KNOWN_REVENUE, *NO_REVENUE),
}


def known_words(model: type[Record], resource: str, field: str) -> tuple[str, ...]:
    """Return the values of an enumeration that the dialect of a frame or a report knows."""
    column = next(column for column in columns(model) if column.name == field)
    return tuple(dict.fromkeys((*column.known, *_ALSO_KNOWN.get((resource, field), ()))))


def is_known_type(resource: str, word: str) -> bool:
    """Return whether reports know a type of account beside those of the contract."""
    if resource == "accounts":
        return side_of(word) != 0
    return resource == "bank_accounts" and (is_cash(word) or is_debt(word))


def ticks(amounts: pd.Series) -> np.ndarray:
    """Convert amounts to whole ticks, as reports do; missing and too large amounts count as zero."""
    values = to_floats(amounts)
    return to_ticks(np.where(np.abs(values) < LARGEST_SUM, values, 0.0), TICKS)


def countable(amounts: pd.Series) -> np.ndarray:
    """Return which amounts are present, and small enough for ticks."""
    result: np.ndarray = np.abs(to_floats(amounts)) < LARGEST_SUM
    return result


def is_one_of(words: pd.Series, known: Sequence[str]) -> pd.Series:
    """Return which statuses or types are among known words, in any spelling, as reports compare them."""
    frame = nw.from_native(words.to_frame("word"), eager_only=True)
    return frame.select(statuses.is_one_of(tuple(known), "word").alias("result")).to_native()["result"]


def settled(amounts: pd.Series, currency: pd.Series) -> np.ndarray:
    """Return which amounts are less than half of their currency's smallest unit."""
    zero: np.ndarray = countable(amounts) & (2 * np.abs(ticks(amounts)) < smallest(currency))
    return zero


def smallest(currency: pd.Series) -> np.ndarray:
    """Return the smallest unit of each currency in ticks: of a cent, a yen, a fils."""
    numbers, codes = pd.factorize(currency)
    units = [TICKS // 10 ** minor_units(str(code)) for code in codes]
    return np.array([*units, TICKS // 10 ** minor_units("")])[numbers]
