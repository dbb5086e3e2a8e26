"""The words that documents and orders are in, compared without case: which count, and which are not known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

#: A document that is settled.
PAID = "paid"

#: Documents that are not owed: not issued yet, settled, or taken back. Every other status is.
CLOSED = (
    "draft",
    PAID,
    "void",
    "voided",
    "pending_approval",
    "rejected",
    "cancelled",
    "canceled",
)

#: Documents that are owed, in the words of the contract and of live systems.
KNOWN_OPEN = ("open", "partially_paid", "submitted")

#: Orders that are no revenue. Every other status is.
NOT_SOLD = ("cancelled", "canceled", "void", "voided", "draft")

#: Orders that are revenue, in the words of the contract and of live systems.
KNOWN_SOLD = ("pending", "processing", "fulfilled", "active", "archived")

# A note lists so many different words.
_LISTED = 5


def word(column: str = "status") -> nw.Expr:
    """Return a status as a word to compare: in lower case, with underscores for spaces within it."""
    text = nw.col(column).cast(nw.String).str.strip_chars().str.to_lowercase()
    return text.str.replace_all(r"[\s-]+", "_")


def plain(value: Any) -> str | None:
    """Return one status as `word` does; None for a missing one."""
    return None if pd.isna(value) else re.sub(r"[\s-]+", "_", str(value).strip().lower())


def is_one_of(words: tuple[str, ...], column: str = "status") -> nw.Expr:
    """Tell which statuses are one of some words, in any spelling; a missing one is none."""
    return word(column).is_in(words).fill_null(value=False)


def counted(words: Mapping[str | None, int]) -> str:
    """List words with how many rows have each, most first.

    Examples
    --------
    >>> counted({"refunded": 2, "on hold": 7, None: 1})
    'on hold: 7, refunded: 2, none: 1'
    """
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    listed = [f"{'none' if name is None else name}: {number:,}" for name, number in ranked[:_LISTED]]
    rest = len(ranked) - _LISTED
    return ", ".join(listed + ([f"and {rest:,} other words"] if rest > 0 else []))


def words_of(statuses: nw.Series[Any]) -> dict[str | None, int]:
    """Count the words of a column in memory, as they are written."""
    words: Counter[str | None] = Counter()
    for value in statuses.to_list():
        words[None if pd.isna(value) else str(value)] += 1
    return dict(words)
