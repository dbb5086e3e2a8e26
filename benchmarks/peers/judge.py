"""What a tool made of a dirty page, in a word or two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.peers.lies import Lie

RIGHT, REFUSED, QUARANTINED, ENDLESS = "right", "refused", "quarantined", "NEVER ENDS"
HONEST = (RIGHT, REFUSED, QUARANTINED)
#: What no two records share, even where an id is what is wrong.
_KEYS = {"transactions": "account_id", "orders": "id"}
_LINES_KEY = "product_id"
_SENT = {"amount", "currency", "date", "account_id", "customer_id", "total_price", "quantity", "product_id"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a load."""

    rows: Sequence[Mapping[str, Any]] = ()
    """The rows of the frame that has the column in question."""
    told: int = 0
    """How many rows the tool says that it left out."""
    refused: bool = False
    """Whether it raised an error."""
    endless: bool = False
    """Whether it asked for pages without end."""


def judged(lie: Lie, answer: Answer) -> str:
    """Say what a tool made of a page."""
    if answer.endless or answer.refused:
        return ENDLESS if answer.endless else REFUSED
    count = len(answer.rows)
    if answer.told and count + answer.told == lie.rows:
        return QUARANTINED
    if count > lie.rows:
        return "KEPT TWICE"
    if count < lie.rows:
        return f"LOST {lie.rows - count} of {lie.rows} rows"
    if any(_is_empty(row) for row in answer.rows):
        return "WRONG: a row of nulls"
    return _value(lie, answer.rows)


def _is_empty(row: Mapping[str, Any]) -> bool:
    """Tell whether a row has nothing but what the tool itself put there."""
    return all(spelled(value) is None for name, value in row.items() if name in _SENT)


def _value(lie: Lie, rows: Sequence[Mapping[str, Any]]) -> str:
    key = _LINES_KEY if lie.column == "quantity" else _KEYS[lie.resource]
    second = next(row for row in rows if str(row.get(key))[1:] == "2")
    value = spelled(second.get(lie.column))
    if value in lie.right:
        return RIGHT
    if value is not None:
        return f"WRONG: {value}"
    moved = [
        name for name, found in second.items() if name.startswith(f"{lie.column}__") and not pd.isna(found)
    ]
    return f"MOVED to {moved[0]}" if moved else "LOST: null"


def spelled(value: Any) -> Any:
    """Spell a value of any library: missing is None, days and moments are ISO 8601 text."""
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN and NaT
        return None
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            return value.astimezone(dt.UTC).isoformat()
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def honesty(cells: Sequence[str]) -> tuple[int, int]:
    """Count the honest cells, and those of them in which the page was read."""
    honest = [cell for cell in cells if cell in HONEST]
    return len(honest), honest.count(RIGHT)
