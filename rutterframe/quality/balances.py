"""Checks of balances against statuses, and of documents against their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from rutterframe.currency import LARGEST_SUM, TICKS
from rutterframe.quality.fields import (
    COUNTERPARTIES,
    NOT_BOOKED,
    countable,
    is_one_of,
    settled,
    smallest,
    ticks,
)
from rutterframe.quality.findings import Matches
from rutterframe.quality.frames import FrameSet
from rutterframe.reports.statuses import CLOSED

_NAMES = ["connection_id", "id"]
_NEEDED = ("status", "amount_due", "currency")
#: The credit notes of the live dialect, which has them apart from invoices and bills.
_CREDIT_MEMOS = ("invoice_credit_memos", "bill_credit_memos")
#: A draft has a balance, but is not booked yet; other closed documents should have none.
_UNBOOKED = ("draft", "pending_approval")
_SETTLED = tuple(status for status in CLOSED if status not in _UNBOOKED)


def closed_with_balance(frames: FrameSet) -> Iterator[Matches]:
    """Find paid, voided and rejected documents on which something is due."""
    text = "The document is {status}, and {amount_due} {currency} of it are still due."
    yield from _documents(
        frames,
        lambda frame: is_one_of(frame["status"], _SETTLED) & _has_due(frame),
        text,
    )


def open_without_balance(frames: FrameSet) -> Iterator[Matches]:
    """Find open documents on which nothing is due."""
    text = "Nothing is due any more, and the document is still {status}."
    yield from _documents(frames, lambda frame: _is_open(frame) & _due(frame).eq(0).fillna(value=False), text)


def unapplied_credit(frames: FrameSet) -> Iterator[Matches]:
    """Find open credits: open documents with a negative amount due, and credit memos that are not used up."""
    text = "A credit of {%s} {currency} is open: it has not been set off against a document."
    yield from _documents(
        frames, lambda frame: _is_open(frame) & _due(frame).lt(0).fillna(value=False), text % "amount_due"
    )
    for resource in _CREDIT_MEMOS:
        frame = frames.frame(resource, "status", "remaining_amount", "currency")
        if frame is not None:
            rest = frame["remaining_amount"]
            left = countable(rest) & (rest != 0) & ~settled(rest, frame["currency"])
            rows = frame[left & ~is_one_of(frame["status"], NOT_BOOKED)]
            yield Matches(resource, rows, "remaining_amount", text % "remaining_amount", "remaining_amount")


def draft_with_balance(frames: FrameSet) -> Iterator[Matches]:
    """Find drafts on which something is due."""
    text = "The document is {status}, so its {amount_due} {currency} are in no aging and no ledger."
    yield from _documents(
        frames,
        lambda frame: is_one_of(frame["status"], _UNBOOKED) & _has_due(frame),
        text,
    )


def lines_do_not_sum(frames: FrameSet) -> Iterator[Matches]:
    """Find documents with more due than the sum of their lines, or than their total if they have one."""
    for resource, frame, total in _with_sums(frames):
        due, unit = _due_ticks(frame), smallest(frame["currency"])
        more = (np.abs(due) >= np.abs(total) + unit) | (np.sign(due) * np.sign(total) < 0)
        rows = frame.assign(total=total / TICKS)[(due != 0) & more]
        text = "{amount_due} {currency} are due, but the lines add up to {total}."
        yield Matches(resource, rows, "amount_due", text, "amount_due")


def part_paid(frames: FrameSet) -> Iterator[Matches]:
    """Find open documents with less due than the sum of their lines."""
    for resource, frame, total in _with_sums(frames):
        due, unit = _due_ticks(frame), smallest(frame["currency"])
        less = (np.abs(due) <= np.abs(total) - unit) & (np.sign(due) * np.sign(total) > 0)
        rows = frame.assign(total=total / TICKS)[less & _is_open(frame).to_numpy()]
        text = "{amount_due} {currency} are due of {total}: it is paid in part, or its lines are not right."
        yield Matches(resource, rows, "amount_due", text, "amount_due")


def line_is_not_its_product(frames: FrameSet) -> Iterator[Matches]:
    """Find lines with a total that is not quantity times unit price."""
    for resource in COUNTERPARTIES:
        frame, lines = frames.frame(resource, "currency"), frames.lines(resource)
        if frame is None or lines is None:
            continue
        product = lines["quantity"] * lines["unit_price"]
        comparable = countable(product) & countable(lines["total_amount"])
        unit = smallest(frame["currency"])[lines["row"]]
        wrong = comparable
        for total in _line_totals(lines):
            wrong = wrong & ~(countable(total) & (np.abs(ticks(product) - ticks(total)) < unit))
        rows = of_documents(frame, lines.assign(product=ticks(product) / TICKS)[wrong])
        text = "Line {number}: {quantity} times {unit_price} is {product}, but its total is {total_amount}."
        yield Matches(resource, rows, "line_items[{line}].total_amount", text, "total_amount")


def payments_do_not_sum(frames: FrameSet) -> Iterator[Matches]:
    """Find documents of the live dialect with another amount due than their total less their payments."""
    for resource in COUNTERPARTIES:
        if not frames.is_live(resource):
            continue
        frame = frames.frame(resource, *_NEEDED, "total_amount", "payments")
        payments = frames.lines(resource, "payments")
        if frame is None or payments is None:
            continue
        rows, size = payments["row"].to_numpy(), len(frame)
        paid = _sum_of(
            payments["amount"].to_numpy(np.float64, na_value=0.0), ticks(payments["amount"]), rows, size
        )
        unknown = np.bincount(rows[~countable(payments["amount"])], minlength=size) > 0
        comparable = frame["payments"].notna().to_numpy() & ~unknown & countable(frame["total_amount"])
        comparable &= countable(frame["amount_due"]) & ~is_one_of(frame["status"], NOT_BOOKED).to_numpy()
        rest = ticks(frame["total_amount"]) - paid
        wrong = comparable & (np.abs(rest - ticks(frame["amount_due"])) >= smallest(frame["currency"]))
        text = "{amount_due} {currency} are due, but the total less the payments is {rest}."
        yield Matches(resource, frame.assign(rest=rest / TICKS)[wrong], "amount_due", text, "amount_due")


def line_sums(frames: FrameSet, resource: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the sum of the lines of each document in ticks, and which sums are known.

    A line without a total counts as quantity times unit price, as order lines always do. The sum is unknown
    if a document has no lines, an amount of a line is missing, or the sum is too large for ticks.
    """
    frame, lines = frames.frame(resource), frames.lines(resource)
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
    """Sum lines by document in ticks; parts finer than a tick are summed before they are rounded."""
    total = np.zeros(size, np.int64)
    np.add.at(total, rows, whole)
    rest = values - whole / TICKS
    fine = (np.abs(rest) > 8 * np.finfo(float).eps * np.abs(values)) & (np.abs(rest) < 1 / TICKS)
    if fine.any():
        parts = np.bincount(rows[fine], weights=np.rint(rest[fine] * 1e8), minlength=size)
        total += np.rint(parts * TICKS / 1e8).astype(np.int64)
    return total


def of_documents(frame: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Add the connection and the id of its document to each line."""
    documents = frame[_NAMES].iloc[lines["row"].to_numpy()]
    return lines.assign(**{name: documents[name].array for name in _NAMES})


def _documents(
    frames: FrameSet, condition: Callable[[pd.DataFrame], pd.Series], text: str
) -> Iterator[Matches]:
    for resource in COUNTERPARTIES:
        frame = frames.frame(resource, *_NEEDED)
        if frame is not None:
            yield Matches(resource, frame[condition(frame)], "amount_due", text, "amount_due")


def _with_sums(frames: FrameSet) -> Iterator[tuple[str, pd.DataFrame, np.ndarray]]:
    """Yield the invoices and bills with a known sum of their lines, and that sum."""
    for resource in COUNTERPARTIES:
        frame, sums = frames.frame(resource, *_NEEDED), line_sums(frames, resource)
        if frame is not None and sums is not None:
            total, known = sums
            if "total_amount" in frame.columns:  # in the live dialect, with shipping and discounts
                has_total = countable(frame["total_amount"])
                total = np.where(has_total, ticks(frame["total_amount"]), total)
                known = known | has_total
            comparable = known & countable(frame["amount_due"])
            yield resource, frame[comparable], total[comparable]


def _line_totals(lines: pd.DataFrame) -> Iterator[pd.Series]:
    """Yield what quantity times unit price may be: the total; live, also without tax or before discount."""
    yield lines["total_amount"]
    if "sub_total" in lines.columns:
        yield lines["sub_total"]
        discount = lines["discount_amount"].fillna(0.0)
        yield lines["total_amount"] - lines["tax_amount"].fillna(0.0)
        yield lines["sub_total"] + discount
        yield lines["total_amount"] - lines["tax_amount"].fillna(0.0) + discount


def _is_open(frame: pd.DataFrame) -> pd.Series:
    """Return which documents are open as in reports: any status that is not closed, or no status."""
    return ~is_one_of(frame["status"], CLOSED)


def _has_due(frame: pd.DataFrame) -> pd.Series:
    """Return which documents have an amount due."""
    due: pd.Series = _due(frame).ne(0).fillna(value=False)
    return due


def _due(frame: pd.DataFrame) -> pd.Series:
    """Return the amounts due in ticks; missing if unknown."""
    due = pd.Series(_due_ticks(frame), index=frame.index, dtype="Int64")
    return due.where(countable(frame["amount_due"]))


def _due_ticks(frame: pd.DataFrame) -> np.ndarray:
    """Return the amounts due in ticks; zero below half of the currency's smallest unit."""
    return np.where(settled(frame["amount_due"], frame["currency"]), 0, ticks(frame["amount_due"]))
