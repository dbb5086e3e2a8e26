"""Which fields the checks look at, derived from the models: a field that is added there is checked here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM, TICKS, minor_units
from rutterframe.models import RECORDS
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind
from rutterframe.reports.account_types import is_cash, is_debt, side_of
from rutterframe.reports.statuses import CLOSED, KNOWN_OPEN, KNOWN_REVENUE, NO_REVENUE, PAID


def _fields(wanted: Callable[[Column], bool]) -> dict[str, tuple[str, ...]]:
    found = {
        resource: tuple(column.name for column in columns(model) if wanted(column))
        for resource, model in RECORDS.items()
    }
    return {resource: names for resource, names in found.items() if names}


CURRENCY = _fields(lambda column: column.name == "currency")
DAYS = _fields(lambda column: column.kind in {Kind.DATE, Kind.TIMESTAMP})
CHANGES = _fields(lambda column: column.name == "updated_at")
WORDS = _fields(lambda column: bool(column.known))
LINES = _fields(lambda column: column.name == "line_items")

#: The amounts that reports add up. A product's price is none, and may have more decimals than its currency.
AMOUNTS = {
    resource: names
    for resource, names in _fields(lambda column: column.kind is Kind.NUMBER).items()
    if resource != "products"
}

#: Invoices and bills, with the field that names the other party.
PARTIES = {"invoices": ("customer_id",), "bills": ("vendor_id",)}

#: Documents that are not booked yet, or were taken back.
NOT_BOOKED = tuple(status for status in CLOSED if status != PAID)

#: What reports know beside the contract.
_ALSO_KNOWN = {
    **{(resource, "status"): (*CLOSED, *KNOWN_OPEN) for resource in PARTIES},
    ("orders", "status"): (*KNOWN_REVENUE, *NO_REVENUE),
}


def known_words(resource: str, field: str) -> tuple[str, ...]:
    """Give the values of an enumeration that the contract or a report knows."""
    column = next(column for column in columns(RECORDS[resource]) if column.name == field)
    return tuple(dict.fromkeys((*column.known, *_ALSO_KNOWN.get((resource, field), ()))))


def is_known_type(resource: str, word: str) -> bool:
    """Return whether reports know a type of accounts beside those of the contract."""
    if resource == "accounts":
        return side_of(word) != 0
    return resource == "bank_accounts" and (is_cash(word) or is_debt(word))


def ticks(amounts: pd.Series) -> np.ndarray:
    """Count amounts in whole ticks, rounding half to even; what is missing or too large is nothing."""
    values = amounts.to_numpy(dtype="float64", na_value=np.nan)
    whole: np.ndarray = np.rint(np.where(np.abs(values) < LARGEST_SUM, values, 0.0) * TICKS).astype(np.int64)
    return whole


def countable(amounts: pd.Series) -> np.ndarray:
    """Tell which amounts are there, and small enough to be counted in ticks."""
    found: np.ndarray = np.abs(amounts.to_numpy(dtype="float64", na_value=np.nan)) < LARGEST_SUM
    return found


def is_one_of(words: pd.Series, known: Sequence[str]) -> pd.Series:
    """Return which statuses or types are one of some words, in any spelling."""
    plain = words.astype("str").str.strip().str.lower().str.replace(r"[\s-]+", "_", regex=True)
    return plain.isin(known)


def settled(amounts: pd.Series, currency: pd.Series) -> np.ndarray:
    """Return which amounts are zero to half of their currency's smallest unit."""
    zero: np.ndarray = countable(amounts) & (2 * np.abs(ticks(amounts)) < smallest(currency))
    return zero


def smallest(currency: pd.Series) -> np.ndarray:
    """Give the ticks of each currency's smallest unit: of a cent, a yen, a fils."""
    numbers, codes = pd.factorize(currency)
    units = [TICKS // 10 ** minor_units(str(code)) for code in codes]
    return np.array([*units, TICKS // 10 ** minor_units("")])[numbers]
