"""Classification of a tool's result on a faulty page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.peers.faulty_pages import FaultyPages

RIGHT, REFUSED, QUARANTINED, ENDLESS = "right", "refused", "quarantined", "NEVER ENDS"
ACCEPTABLE = (RIGHT, REFUSED, QUARANTINED)
#: A column that is unique even where the id is faulty.
_KEYS = {"transactions": "account_id", "orders": "id"}
_LINES_KEY = "product_id"
_SENT = {"amount", "currency", "date", "account_id", "customer_id", "total_price", "quantity", "product_id"}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a load."""

    rows: Sequence[Mapping[str, Any]] = ()
    """The rows of the frame that has the column in question."""
    left_out: int = 0
    """How many rows the tool reports as left out."""
    refused: bool = False
    """Whether it raised an error."""
    endless: bool = False
    """Whether it requested pages without end."""


def classify(fault: FaultyPages, result: Result) -> str:
    """Return the verdict on the result of a fault."""
    if result.endless or result.refused:
        return ENDLESS if result.endless else REFUSED
    count = len(result.rows)
    if result.left_out and count + result.left_out == fault.rows:
        return QUARANTINED
    if count > fault.rows:
        return "KEPT TWICE"
    if count < fault.rows:
        return f"LOST {fault.rows - count} of {fault.rows} rows"
    if any(_is_empty(row) for row in result.rows):
        return "WRONG: a row of nulls"
    return _value(fault, result.rows)


def _is_empty(row: Mapping[str, Any]) -> bool:
    """Return whether a row has only values that the tool added."""
    return all(normalize(value) is None for name, value in row.items() if name in _SENT)


def _value(fault: FaultyPages, rows: Sequence[Mapping[str, Any]]) -> str:
    key = _LINES_KEY if fault.column == "quantity" else _KEYS[fault.resource]
    second = next(row for row in rows if str(row.get(key))[1:] == "2")
    value = normalize(second.get(fault.column))
    if value in fault.right:
        return RIGHT
    if value is not None:
        return f"WRONG: {value}"
    moved = [
        name
        for name, moved_value in second.items()
        if name.startswith(f"{fault.column}__") and not pd.isna(moved_value)
    ]
    return f"MOVED to {moved[0]}" if moved else "LOST: null"


def normalize(value: Any) -> Any:
    """Return a value of any library in one form: None for missing, ISO 8601 text for dates and date-times."""
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN and NaT
        return None
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            return value.astimezone(dt.UTC).isoformat()
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def count_acceptable(cells: Sequence[str]) -> tuple[int, int]:
    """Return the number of acceptable cells, and of those in which the page was read."""
    acceptable = [cell for cell in cells if cell in ACCEPTABLE]
    return len(acceptable), acceptable.count(RIGHT)
