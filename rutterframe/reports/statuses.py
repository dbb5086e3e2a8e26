"""The words that documents and orders are in, compared without case: which count, and which are not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.frame import Frame

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


def words_of(frame: Frame, where: nw.Expr, column: str = "status") -> dict[str | None, int]:
    """Count the words, as written, of some rows of a frame in memory.

    Parameters
    ----------
    frame : narwhals DataFrame
        With the column.
    where : narwhals expression
        The rows; without nulls.
    column : str
        The column of words.
    """
    kept = frame.filter(where)[column].to_list()
    words: dict[str | None, int] = {}
    for value in kept:
        name = _text(value)
        words[name] = words.get(name, 0) + 1
    return words


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
