"""Invoices to customers and bills from vendors, and their payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rutterframe.demo.books.anomalies import Planted
from rutterframe.demo.books.company import Company
from rutterframe.demo.books.journal import Entry, Journal
from rutterframe.demo.books.tables import Table, Texts
from rutterframe.demo.books.units import CLOSING, digits, divide

STATUSES = ("draft", "open", "paid", "voided")
DRAFT, OPEN, PAID, VOIDED = range(4)


class Line(NamedTuple):
    """A line of a document; quantities are hundredths, so that 12.5 kg can be sold."""

    text: str
    quantity: int
    unit: int

    @property
    def total(self) -> int:
        """Return the line's amount in minor units."""
        return divide(self.quantity * self.unit, 100)


class Deal(NamedTuple):
    """A document before it is written: who, what, until when, and what becomes of it."""

    day: int
    party: int
    currency: str
    lines: Sequence[Line]
    account: int  # the revenue or expense account
    due: int | None
    settled: int | None = None  # the day of the payment; a day after the closing is no payment yet
    share: int = 100  # percent of the total that is paid
    status: int = OPEN  # what it is as long as it is not paid
    stays_open: bool = False  # fully paid, and nobody closed it


class Document(NamedTuple):
    """The head of a document as the table keeps it."""

    party: int
    status: int
    currency: int
    amount_due: int
    due: int  # 0 for no due date
    first_line: int
    day: int


class Side(NamedTuple):
    """What tells receivables from payables."""

    document: str
    payment: str
    control: str
    sign: int


RECEIVABLES = Side("invoice", "payment", "Accounts Receivable", 1)
PAYABLES = Side("bill", "bill_payment", "Accounts Payable", -1)


class Trade:
    """The documents of one side, as columns, and their entries in the journal."""

    def __init__(self, side: Side, company: Company, journal: Journal, parties: list[str]) -> None:
        self.side = side
        self.company = company
        self.journal = journal
        self.parties = parties
        self.texts = Texts()
        self.heads = Table("iBBqiIi")
        self.lines = Table("Iiqq")
        self._currencies = company.currencies

    def __len__(self) -> int:
        return len(self.heads)

    def issue(self, deal: Deal) -> None:
        """Write a document, post it, and post its payment if that has come."""
        total = sum(line.total for line in deal.lines)
        amount_due = 0 if deal.status == VOIDED else total
        status = deal.status
        if deal.status == OPEN:
            self._post(deal, total)
            if deal.settled is not None and deal.settled <= CLOSING:
                paid = divide(total * deal.share, 100)
                self._pay(deal, deal.settled, paid)
                amount_due -= paid
                status = OPEN if amount_due or deal.stays_open else PAID
        currency = self._currencies.index(deal.currency)
        self.heads.add(deal.party, status, currency, amount_due, deal.due or 0, len(self.lines), deal.day)
        for line in deal.lines:
            self.lines.add(self.texts.number(line.text), line.quantity, line.unit, line.total)

    def document(self, row: int) -> Document:
        """Return the head of a document."""
        return Document(*self.heads.row(row))

    def currency(self, document: Document) -> str:
        """Return the currency of a document."""
        return self._currencies[document.currency]

    def lines_of(self, row: int) -> range:
        """Return the line numbers of a document."""
        firsts = self.heads.columns[5]
        return range(firsts[row], firsts[row + 1] if row + 1 < len(firsts) else len(self.lines))

    def _post(self, deal: Deal, total: int) -> None:
        control = self.journal.chart.find(self.side.control, deal.currency)
        amount = self.side.sign * total
        entry = Entry(deal.day, self.side.document, len(self) + 1, self.parties[deal.party])
        self.journal.post(entry, (control, amount), (deal.account, -amount))

    def _pay(self, deal: Deal, day: int, paid: int) -> None:
        chart, currency = self.journal.chart, deal.currency
        control = chart.find(self.side.control, currency)
        amount = self.side.sign * paid
        entry = Entry(day, self.side.payment, len(self) + 1, self.parties[deal.party])
        if chart.has("Cash", currency):
            self.journal.post(entry, (chart.find("Cash", currency), amount), (control, -amount))
            return
        # No account in that currency: the bank changes it, and the two halves meet in the exchange accounts.
        base = self.company.base
        changed = to_base(self.company, amount, currency)
        self.journal.post(entry, (chart.find("Currency exchange", currency), amount), (control, -amount))
        self.journal.post(
            entry, (chart.find("Cash", base), changed), (chart.find("Currency exchange", base), -changed)
        )


def to_base(company: Company, amount: int, currency: str) -> int:
    """Return an amount of a foreign currency in minor units of the base currency, at the company's rate."""
    shift = 10 ** (2 + digits(company.base) - digits(currency))
    return divide(amount * shift * 100, company.rate(currency))


class Plants:
    """The documents still to be planted in one side of the trade."""

    def __init__(self, trade: Trade, documents: Sequence[Planted], account: str) -> None:
        self._trade = trade
        self._account = account
        self._waiting = list(reversed(documents))
        for document in documents:
            if document.party not in trade.parties:
                trade.parties.append(document.party)

    def issue_until(self, day: int) -> None:
        """Write the documents whose day has come."""
        while self._waiting and CLOSING - self._waiting[-1].age <= day:
            self._trade.issue(self._deal(self._waiting.pop()))

    def _deal(self, document: Planted) -> Deal:
        day = CLOSING - document.age
        return Deal(
            day=day,
            party=self._trade.parties.index(document.party),
            currency=document.currency,
            lines=[Line(document.text, document.quantity, document.unit)],
            account=self._trade.journal.chart.find(self._account, document.currency),
            due=None if document.terms is None else day + document.terms,
            settled=None if document.paid is None else day + 20,
            share=document.paid or 0,
            status=STATUSES.index(document.status),
            stays_open=True,
        )
