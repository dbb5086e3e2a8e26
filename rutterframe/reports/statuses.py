"""Statuses of documents and orders, compared without case: closed, open, no revenue, unknown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

#: The status of a paid document.
PAID = "paid"

#: Statuses of documents that are not owed: drafts, paid, or withdrawn. Every other one is owed.
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

#: Known statuses of documents that are owed, in the contract and in live systems.
KNOWN_OPEN = ("open", "partially_paid", "submitted")

#: Statuses of orders that do not count as revenue. Every other one does.
NO_REVENUE = ("cancelled", "canceled", "void", "voided", "draft")

#: Known statuses of orders that are revenue, in the contract and in live systems.
KNOWN_REVENUE = ("pending", "processing", "fulfilled", "active", "archived")

# A note lists so many different words.
_MOST_WORDS = 5


def status_expr(column: str = "status") -> nw.Expr:
    """Return a column of statuses in lower case, with underscores for spaces, to be compared."""
    text = nw.col(column).cast(nw.String).str.strip_chars().str.to_lowercase()
    return text.str.replace_all(r"[\s-]+", "_")


def normalize_status(value: Any) -> str | None:
    """Return one status as `status_expr` does; None for a missing one."""
    return None if pd.isna(value) else re.sub(r"[\s-]+", "_", str(value).strip().lower())


def is_one_of(words: tuple[str, ...], column: str = "status", *, usual: tuple[str, ...] = ()) -> nw.Expr:
    """Return whether a status is one of some words, in any spelling; a missing one is not.

    Parameters
    ----------
    words : tuple of str
        The words, as `normalize_status` returns them.
    column : str
        The column.
    usual : tuple of str
        Other words that are usual there. A lazy engine then compares each value with all of these first, and
        has other spellings to look for only in the rest.
    """
    in_any_spelling = status_expr(column).is_in(words)
    if usual:
        text = nw.col(column).cast(nw.String)
        is_usual = text.is_in((*words, *usual))
        in_any_spelling = nw.when(is_usual).then(text.is_in(words)).otherwise(in_any_spelling)
    return in_any_spelling.fill_null(value=False)


def format_counts(words: Mapping[str | None, int]) -> str:
    """Return words with how many rows have each, most first, as text.

    Examples
    --------
    >>> format_counts({"refunded": 2, "on hold": 7, None: 1})
    'on hold: 7, refunded: 2, none: 1'
    """
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    listed = [f"{'none' if name is None else name}: {number:,}" for name, number in ranked[:_MOST_WORDS]]
    rest = len(ranked) - _MOST_WORDS
    return ", ".join(listed + ([f"and {rest:,} other words"] if rest > 0 else []))


def count_statuses(statuses: nw.Series[Any]) -> dict[str | None, int]:
    """Count the statuses of a column in memory, as they are written."""
    words: Counter[str | None] = Counter()
    for value in statuses.to_list():
        words[None if pd.isna(value) else str(value)] += 1
    return dict(words)
