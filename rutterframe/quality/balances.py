"""Checks of amounts against each other: balances against statuses, lines against documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM, TICKS
from rutterframe.quality.fields import PARTIES, countable, is_one_of, settled, smallest, ticks
from rutterframe.quality.findings import Found
from rutterframe.quality.loaded import Loaded
from rutterframe.reports.statuses import CLOSED

_NAMES = ["connection_id", "id"]
_NEEDED = ("status", "amount_due", "currency")
#: A draft has a balance, but is not booked yet; the other closed ones should have none.
_UNBOOKED = ("draft", "pending_approval")
_SETTLED = tuple(status for status in CLOSED if status not in _UNBOOKED)


def closed_with_balance(loaded: Loaded) -> Iterator[Found]:
    """Find paid, voided and rejected documents on which something is due."""
    said = "The document is {status}, and {amount_due} {currency} of it are still due."
    yield from _documents(
        loaded,
        lambda frame: is_one_of(frame["status"], _SETTLED) & _has_due(frame),
        said,
    )


def open_without_balance(loaded: Loaded) -> Iterator[Found]:
    """Find open documents on which nothing is due."""
    said = "Nothing is due any more, and the document is still {status}."
    yield from _documents(loaded, lambda frame: _is_open(frame) & _due(frame).eq(0).fillna(value=False), said)


def unapplied_credit(loaded: Loaded) -> Iterator[Found]:
    """Find open documents that are owed the other way round."""
    said = "A credit of {amount_due} {currency} is open: it has not been set off against a document."
    yield from _documents(loaded, lambda frame: _is_open(frame) & _due(frame).lt(0).fillna(value=False), said)


def draft_with_balance(loaded: Loaded) -> Iterator[Found]:
    """Find drafts on which something is due."""
    said = "The document is {status}, so its {amount_due} {currency} are in no aging and no ledger."
    yield from _documents(
        loaded,
        lambda frame: is_one_of(frame["status"], _UNBOOKED) & _has_due(frame),
        said,
    )


def lines_do_not_sum(loaded: Loaded) -> Iterator[Found]:
    """Find documents on which more is due than their lines add up to."""
    for resource, frame, total in _with_sums(loaded):
        due, unit = _due_ticks(frame), smallest(frame["currency"])
        more = (np.abs(due) >= np.abs(total) + unit) | (np.sign(due) * np.sign(total) < 0)
        rows = frame.assign(total=total / TICKS)[(due != 0) & more]
        said = "{amount_due} {currency} are due, but the lines add up to {total}."
        yield Found(resource, rows, "amount_due", said, "amount_due")


def part_paid(loaded: Loaded) -> Iterator[Found]:
    """Find open documents on which less is due than their lines add up to."""
    for resource, frame, total in _with_sums(loaded):
        due, unit = _due_ticks(frame), smallest(frame["currency"])
        less = (np.abs(due) <= np.abs(total) - unit) & (np.sign(due) * np.sign(total) > 0)
        rows = frame.assign(total=total / TICKS)[less & _is_open(frame).to_numpy()]
        said = "{amount_due} {currency} are due of {total}: it is paid in part, or its lines are not right."
        yield Found(resource, rows, "amount_due", said, "amount_due")


def line_is_not_its_product(loaded: Loaded) -> Iterator[Found]:
    """Find lines whose total is not quantity times unit price."""
    for resource in PARTIES:
        frame, lines = loaded.frame(resource, "currency"), loaded.lines(resource)
        if frame is None or lines is None:
            continue
        product = lines["quantity"] * lines["unit_price"]
        asked = countable(product) & countable(lines["total_amount"])
        unit = smallest(frame["currency"])[lines["row"]]
        wrong = asked & (np.abs(ticks(product) - ticks(lines["total_amount"])) >= unit)
        rows = of_documents(frame, lines.assign(product=ticks(product) / TICKS)[wrong])
        said = "Line {number}: {quantity} times {unit_price} is {product}, but its total is {total_amount}."
        yield Found(resource, rows, "line_items[{line}].total_amount", said, "total_amount")


def line_sums(loaded: Loaded, resource: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Add up the lines of each document, in ticks, and tell which sums are known.

    A line without a total counts as quantity times unit price, as the lines of orders always do. A sum is not
    known where a document has no lines, where an amount is missing in one, and beyond what ticks can count.
    """
    frame, lines = loaded.frame(resource), loaded.lines(resource)
    if frame is None or lines is None:
        return None
    amounts = lines["quantity"].astype("float64") * lines["unit_price"]
    if "total_amount" in lines.columns:
        amounts = lines["total_amount"].fillna(amounts)
    rows, size = lines["row"].to_numpy(), len(frame)
    values = amounts.to_numpy(dtype="float64", na_value=0.0)
    total = _sum_of(values, ticks(amounts), rows, size)
    values = np.where(countable(amounts), np.abs(values), np.inf)
    volume = np.bincount(rows, weights=values, minlength=size)
    known = (np.bincount(rows, minlength=size) > 0) & (volume < LARGEST_SUM)
    return total, known


def _sum_of(values: np.ndarray, whole: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Add up lines by document, in ticks: what is finer than a tick is added up before it is rounded."""
    total = np.zeros(size, np.int64)
    np.add.at(total, rows, whole)
    rest = values - whole / TICKS
    fine = (np.abs(rest) > 8 * np.finfo(float).eps * np.abs(values)) & (np.abs(rest) < 1 / TICKS)
    if fine.any():
        parts = np.bincount(rows[fine], weights=np.rint(rest[fine] * 1e8), minlength=size)
        total += np.rint(parts * TICKS / 1e8).astype(np.int64)
    return total


def of_documents(frame: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Give lines the connection and the id of their document."""
    documents = frame[_NAMES].iloc[lines["row"].to_numpy()]
    return lines.assign(**{name: documents[name].array for name in _NAMES})


def _documents(loaded: Loaded, asked: Callable[[pd.DataFrame], pd.Series], said: str) -> Iterator[Found]:
    for resource in PARTIES:
        frame = loaded.frame(resource, *_NEEDED)
        if frame is not None:
            yield Found(resource, frame[asked(frame)], "amount_due", said, "amount_due")


def _with_sums(loaded: Loaded) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Give invoices and bills of which the sum of the lines is known, with that sum."""
    for resource in PARTIES:
        frame, sums = loaded.frame(resource, *_NEEDED), line_sums(loaded, resource)
        if frame is not None and sums is not None:
            total, known = sums
            asked = known & countable(frame["amount_due"])
            yield resource, frame[asked], total[asked]


def _is_open(frame: pd.DataFrame) -> pd.Series:
    """Tell what reports take as open: every status that is not closed, and none."""
    return ~is_one_of(frame["status"], CLOSED)


def _has_due(frame: pd.DataFrame) -> pd.Series:
    """Return where something is due."""
    due: pd.Series = _due(frame).ne(0).fillna(value=False)
    return due


def _due(frame: pd.DataFrame) -> pd.Series:
    """Return what is due in ticks; missing where it is not known."""
    due = pd.Series(_due_ticks(frame), index=frame.index, dtype="Int64")
    return due.where(countable(frame["amount_due"]))


def _due_ticks(frame: pd.DataFrame) -> np.ndarray:
    """Return what is due in ticks: nothing below half of the currency's smallest unit."""
    return np.where(settled(frame["amount_due"], frame["currency"]), 0, ticks(frame["amount_due"]))
