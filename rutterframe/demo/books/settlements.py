"""The dated events of each invoice and bill: issue, payments and credits. Only the live dialect shows them.

Amounts are minor units, days are ordinals. A document's total less its payments and credits is what it has
due, to the minor unit, and the ledger agrees at the end of every month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from rutterframe.demo.books.business import Business
from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.books.documents import OPEN, PAID, Document, DocumentTable
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING_MOMENT, day_of, divide, minor

#: One paid document in so many is settled in part by a credit memo.
_CREDITED = 23
_CREDIT_SHARE = 12  # percent of the document
_NOTICE = 9  # days from the issue of a credit memo to its use, within one month


class Allocation(NamedTuple):
    """An amount that settles a part of a document."""

    id: str
    day: int
    amount: int
    kind: str  # "payment" or "credit_memo"


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a document.

    Attributes
    ----------
    position : int
        Its position in the contract's list.
    record : dict
        The document as the contract shows it.
    issued : int
        The day of its issue.
    total, due : int
        What it asked for, and what is due of it.
    allocations : tuple of Allocation
        Its payments and credits; none of a draft or voided document.
    credit_issued : int
        The day on which its credit memo was issued; 0 without one.
    """

    position: int
    record: Record
    issued: int
    total: int
    due: int
    allocations: tuple[Allocation, ...] = ()
    credit_issued: int = 0

    @property
    def is_posted(self) -> bool:
        """Whether the document counts: it is neither a draft nor void."""
        return self.record["status"] in {"open", "paid"}


class Histories:
    """The histories of the invoices or bills of one ledger.

    Parameters
    ----------
    business : Business
        The company.
    resource : str
        "invoices" or "bills".
    collection : Collection
        The list that the contract shows.
    issue_days : dict of str to int
        The issue dates of written documents that name one, by id.
    """

    def __init__(
        self, business: Business, resource: str, collection: Collection, issue_days: dict[str, int]
    ) -> None:
        ledger, connection = business.ledger, business.company.ledger
        self.resource = resource
        self.collection = collection
        self.table: DocumentTable = ledger.invoices if resource == "invoices" else ledger.bills
        self._issue_days = issue_days
        singular = resource[:-1]
        self._payments = Ids(business.seed, connection, f"{singular}_payments")
        self._late_payments = Ids(business.seed, connection, f"{singular}_payments", "written")
        self._memos = Ids(business.seed, connection, f"{singular}_credit_memos")

    def of(self, position: int) -> History:
        """Return the history of the document at a position."""
        record = self.collection.record(position)
        currency = record["currency"]
        total = sum(minor(line["total_amount"] or 0, currency) for line in record["line_items"])
        due = minor(record["amount_due"], currency)
        issued = self.issued(position)
        history = History(position, record, issued, total, due)
        if not history.is_posted:
            return history
        return self._settled(history)

    def is_credit_note(self, position: int) -> bool:
        """Return whether the contract shows an open credit note here, as a document of less than zero."""
        if self._is_of_the_books(position):
            columns = self.table.heads.columns
            return columns[1][position] == OPEN and columns[3][position] < 0
        record = self.collection.record(position)
        return bool(record["status"] == "open" and record["amount_due"] < 0)

    def payments(self, position: int) -> tuple[Allocation, ...]:
        """Return the payments of a document: one at most, and what a later change paid."""
        return tuple(each for each in self.of(position).allocations if each.kind == "payment")

    def payment_count(self, position: int) -> int:
        """Return how many payments a document has, without rendering one of the books."""
        if self._is_of_the_books(position):
            document = self.table.document(position)
            return int(document.paid_on > 0 and self._paid(position, document) != 0)
        return len(self.payments(position))

    def find_payment(self, payment_id: str) -> tuple[int, int] | None:
        """Return the position of the document of a payment, and which of its payments it is."""
        position = self._payments.index(payment_id)
        if position is None or position >= len(self.collection):
            position = self._late_payments.index(payment_id)
        if position is None or position >= len(self.collection):
            return None
        ids = [payment.id for payment in self.payments(position)]
        return (position, ids.index(payment_id)) if payment_id in ids else None

    def has_credit(self, position: int) -> bool:
        """Return whether a document of the books is settled in part by a credit memo.

        Its bank shows the whole amount on the day of the payment: what was returned was replaced by goods of
        the same price, paid for with the same transfer, so that cash, sales and receivables stay as they are.
        """
        if position >= len(self.table) or position % _CREDITED != _CREDITED // 2:
            return False
        document = self.table.document(position)
        return document.status == PAID and document.paid_on > 0 and self._paid(position, document) > 0

    def _is_of_the_books(self, position: int) -> bool:
        return position < len(self.table) and self.collection.touched_at(position) is None

    def issued(self, position: int) -> int:
        """Return the issue date of a document."""
        touched = self.collection.touched_at(position)
        if touched is not None:
            record_id = self.collection.record(position)["id"]
            if record_id in self._issue_days:
                return self._issue_days[record_id]
        return self.table.document(position).day if position < len(self.table) else day_of(touched or 0)

    def _paid(self, position: int, document: Document) -> int:
        """Return what was settled of a document on the day of its payment."""
        return sum(self.table.lines.columns[3][line] for line in self.table.lines_of(position)) - (
            document.amount_due
        )

    def _settled(self, history: History) -> History:
        """Return the history with its payment, its credit, and what was paid by a later change."""
        position, settled = history.position, history.total - history.due
        touched = self.collection.touched_at(position)
        allocations: list[Allocation] = []
        credit_issued = 0
        document = self.table.document(position) if position < len(self.table) else None
        if document and document.paid_on:
            # A bill that is shown with the lines of another one is shown as paid like that one.
            paid = settled if touched is None else self._paid(position, document)
            credit = divide(paid * _CREDIT_SHARE, 100) if self.has_credit(position) else 0
            if credit:
                credit_issued = _credit_day(history.issued, document.paid_on)
                memo = self._memos.of(position)
                allocations.append(Allocation(memo, document.paid_on, credit, "credit_memo"))
            payment = self._payments.of(position)
            allocations.append(Allocation(payment, document.paid_on, paid - credit, "payment"))
        if rest := settled - sum(allocation.amount for allocation in allocations):
            day = max(day_of(touched or CLOSING_MOMENT), history.issued)
            allocations.append(Allocation(self._late_payments.of(position), day, rest, "payment"))
        return replace(
            history,
            allocations=tuple(allocation for allocation in allocations if allocation.amount),
            credit_issued=credit_issued,
        )


def _credit_day(issued: int, used: int) -> int:
    """Return the issue date of a credit memo: before its use, and in the same month."""
    first = used - date.fromordinal(used).day + 1
    return max(issued, first, used - _NOTICE)
