"""Which documents are open today, by status and amount due, with notes on those that are unclear."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.factorize import BLOCK, factorize, first_rows
from rutterframe.reports.engine.frame import Frame
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.engine.ticks import float_or_null
from rutterframe.reports.engine.units import LARGEST_HALF, below_half_unit, half_unit_expr
from rutterframe.reports.statuses import (
    CLOSED,
    KNOWN_OPEN,
    PAID,
    count_statuses,
    format_counts,
    is_one_of,
    normalize_status,
)

_NO_AMOUNT = "Open documents without an amount, counted as zero"
_SETTLED = "Open documents of less than half their currency's smallest unit, taken as settled"
_PAID_DUE = "Paid documents with an amount due, not aged"
_UNKNOWN_STATUS = "Documents of an unknown status or none, taken as open"
# A note lists the ids of up to so many documents.
_MOST_IDS = 5
_TODAY = (
    "Amounts due are those of the day the data was fetched: payments made since as_of are taken off already, "
    "so this does not reconstruct an earlier day."
)


def flag_open(documents: Frame) -> tuple[Any, list[str]]:
    """Return whether each document is open, as a column ``_open`` for its frame, and notes on the documents.

    Open are documents with a status that is not closed and an amount that is missing or at least half of its
    currency's smallest unit. Only frames in memory are counted for notes, since only pandas carries them.
    """
    if not isinstance(documents, nw.DataFrame):
        settled = float_or_null("amount_due").abs() < half_unit_expr()
        is_open = ~is_one_of(CLOSED, usual=KNOWN_OPEN) & ~settled.fill_null(value=False)
        return is_open.alias("_open"), [_TODAY]
    flags, rows_by_note = _classify(documents)
    series = nw.new_series("_open", flags, backend=documents.implementation)
    if not documents.implementation.is_pandas():
        return series, [_TODAY]
    return series, [
        _TODAY,
        *(_note(documents, what, rows) for what, rows in rows_by_note.items() if len(rows)),
    ]


def _classify(documents: nw.DataFrame[Any]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return whether each document in memory is open, and the rows that each note is about."""
    amounts = to_floats(documents["amount_due"].to_native())
    numbers, size = factorize(documents, ["status"])
    first = first_rows(numbers, size)
    values = documents["status"][first[first >= 0]].to_list() if len(numbers) else []
    words = [normalize_status(value) for value in values]
    of_word = np.zeros((3, size), bool)
    of_word[:, first >= 0] = [
        [word not in CLOSED for word in words],
        [word == PAID for word in words],
        [word not in (*CLOSED, *KNOWN_OPEN) for word in words],
    ]
    is_open = np.empty(len(amounts), bool)
    rows: dict[str, list[np.ndarray]] = {
        what: [] for what in (_NO_AMOUNT, _SETTLED, _PAID_DUE, _UNKNOWN_STATUS)
    }
    # Block by block, so that the arrays in between stay small.
    for start in range(0, len(amounts), BLOCK):
        due, own = amounts[start : start + BLOCK], numbers[start : start + BLOCK]
        owed, paid, unknown = (flags[own] for flags in of_word)
        missing, zero = np.isnan(due), due == 0
        tiny = np.flatnonzero(~zero & (np.abs(due) < LARGEST_HALF))
        tiny = tiny[below_half_unit(documents, start + tiny, due[tiny])]
        is_open[start : start + BLOCK] = owed & ~zero
        is_open[start + tiny] = False
        rows[_NO_AMOUNT].append(start + np.flatnonzero(owed & missing))
        rows[_SETTLED].append(start + tiny[owed[tiny]])
        rows[_PAID_DUE].append(start + np.flatnonzero(paid & ~missing & ~zero))
        rows[_UNKNOWN_STATUS].append(start + np.flatnonzero(unknown))
    return is_open, {what: np.concatenate(blocks) for what, blocks in rows.items() if blocks}


def _note(documents: nw.DataFrame[Any], what: str, rows: np.ndarray) -> str:
    """Count the documents that a note is about, and list their ids if they are few."""
    if what is _UNKNOWN_STATUS:
        return f"{what}: {len(rows):,} ({format_counts(count_statuses(documents['status'][rows]))})."
    ids = ""
    if len(rows) <= _MOST_IDS and "id" in documents.columns:
        ids = f" ({', '.join(sorted(map(str, documents['id'][rows].to_list())))})"
    return f"{what}: {len(rows):,}{ids}."
