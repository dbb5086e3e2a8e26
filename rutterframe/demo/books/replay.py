"""What was open on an earlier day, from the events of the books up to that day and from nothing else.

It is what a report that reconstructs an earlier day is compared with.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rutterframe.demo.books.settlements import Histories, History
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING, digits, moment

_LEDGERS = frozenset({"quickbooks", "xero"})


class OpenOn(NamedTuple):
    """What was open on a day.

    Attributes
    ----------
    amounts : dict of str to Decimal
        The open amount of each document by id; of credit memos it is negative. What was settled in full is
        left out, and so are drafts.
    voided, deleted : list of str
        The ids of the documents that are void, or were deleted: whether they were open on that day is
        not known.
    """

    amounts: dict[str, Decimal]
    voided: list[str]
    deleted: list[str]


class Deletion(NamedTuple):
    """A record that was deleted: its list, its id, the moment, and the connection."""

    resource: str
    id: str
    instant: int
    connection: str


def earlier_deletions(seed: int, connection: str, platform: str) -> list[Deletion]:
    """Return what was deleted from a ledger before its books were closed: an invoice and a bill."""
    if platform not in _LEDGERS:
        return []
    return [
        Deletion(
            resource,
            Ids(seed, connection, resource, "deleted").of(0),
            moment(CLOSING - age, 36_000),
            connection,
        )
        for resource, age in (("invoices", 61), ("bills", 25))
    ]


def replay(histories: Histories, resource: str, day: date, deleted: list[str]) -> OpenOn:
    """Return what was open of one kind of document at the end of a day.

    Parameters
    ----------
    histories : Histories
        The invoices or bills of a ledger.
    resource : str
        The kind: the documents themselves, or their credit memos.
    day : date
        The day.
    deleted : list of str
        The ids of the deleted ones.
    """
    last = day.toordinal()
    amounts: dict[str, Decimal] = {}
    voided: list[str] = []
    wants_credits = resource.endswith("_credit_memos")
    for position in histories.collection.positions():
        history = histories.of(position)
        is_credit_note = histories.is_credit_note(position)
        if wants_credits and not is_credit_note:
            amounts |= _credits_on(history, last)
        elif wants_credits == is_credit_note:
            if history.record["status"] == "voided":
                voided.append(history.record["id"])
            amounts |= _document_on(history, last)
    return OpenOn(amounts, voided, deleted)


def _document_on(history: History, last: int) -> dict[str, Decimal]:
    if not history.is_posted or history.issued > last:
        return {}
    settled = sum(allocation.amount for allocation in history.allocations if allocation.day <= last)
    return _amount(history, history.record["id"], history.total - settled)


def _credits_on(history: History, last: int) -> dict[str, Decimal]:
    for allocation in history.allocations:
        if allocation.kind == "credit_memo" and history.credit_issued <= last < allocation.day:
            return _amount(history, allocation.id, -allocation.amount)
    return {}


def _amount(history: History, record_id: str, amount: int) -> dict[str, Decimal]:
    return {record_id: Decimal(amount).scaleb(-digits(history.record["currency"]))} if amount else {}
