"""Invoices to customers and bills from vendors, and their payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rutterframe.demo.books.anomalies import PlantedDocument
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


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document before it is written.

    Attributes
    ----------
    day : int
        The issue date.
    counterparty : int
        The row of the customer or vendor.
    currency : str
        The ISO code.
    lines : sequence of Line
        Its lines.
    account : int
        The row of the revenue or expense account.
    due : int or None
        The due date.
    payment_day : int or None
        The day of the payment; one after the closing date is not posted.
    share : int
        Percent of the total that is paid.
    status : int
        The status before the payment.
    stays_open : bool
        Whether it stays open even if it is paid in full.
    """

    day: int
    counterparty: int
    currency: str
    lines: Sequence[Line]
    account: int
    due: int | None
    payment_day: int | None = None
    share: int = 100
    status: int = OPEN
    stays_open: bool = False


class Document(NamedTuple):
    """A row of the table of documents; the amount is in minor units."""

    counterparty: int
    status: int
    currency: int
    amount_due: int
    due: int  # 0 for no due date
    first_line: int
    day: int
    paid_on: int  # the day of the payment; 0 for none by the closing date


class DocumentKind(NamedTuple):
    """What is different between invoices and bills: entries, control account, sign of the debit."""

    document: str
    payment: str
    control_account: str
    sign: int


RECEIVABLES = DocumentKind("invoice", "payment", "Accounts Receivable", 1)
PAYABLES = DocumentKind("bill", "bill_payment", "Accounts Payable", -1)


class DocumentTable:
    """The invoices or the bills of a company, as columns; each is posted to the journal.

    Parameters
    ----------
    kind : DocumentKind
        `RECEIVABLES` or `PAYABLES`.
    company : Company
        The company that issues or receives them.
    journal : Journal
        Where they are posted.
    counterparties : list of str
        The names of the customers or vendors.
    """

    def __init__(
        self, kind: DocumentKind, company: Company, journal: Journal, counterparties: list[str]
    ) -> None:
        self.kind = kind
        self.company = company
        self.journal = journal
        self.counterparties = counterparties
        self.texts = Texts()
        self.heads = Table("iBBqiIii")
        self.lines = Table("Iiqq")
        self._currencies = company.currencies

    def __len__(self) -> int:
        return len(self.heads)

    def issue(self, document: NewDocument) -> None:
        """Write a document, post it, and post its payment if that is not after the closing date."""
        total = sum(line.total for line in document.lines)
        amount_due = 0 if document.status == VOIDED else total
        status, paid_on = document.status, 0
        if document.status == OPEN:
            self._post(document, total)
            if document.payment_day is not None and document.payment_day <= CLOSING:
                paid = divide(total * document.share, 100)
                self._pay(document, document.payment_day, paid)
                amount_due -= paid
                paid_on = document.payment_day
                status = OPEN if amount_due or document.stays_open else PAID
        currency = self._currencies.index(document.currency)
        self.heads.add(
            document.counterparty,
            status,
            currency,
            amount_due,
            document.due or 0,
            len(self.lines),
            document.day,
            paid_on,
        )
        for line in document.lines:
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

    def _post(self, document: NewDocument, total: int) -> None:
        control = self.journal.chart.find(self.kind.control_account, document.currency)
        amount = self.kind.sign * total
        entry = Entry(
            document.day, self.kind.document, len(self) + 1, self.counterparties[document.counterparty]
        )
        self.journal.post(entry, (control, amount), (document.account, -amount))

    def _pay(self, document: NewDocument, day: int, paid: int) -> None:
        chart, currency = self.journal.chart, document.currency
        control = chart.find(self.kind.control_account, currency)
        amount = self.kind.sign * paid
        entry = Entry(day, self.kind.payment, len(self) + 1, self.counterparties[document.counterparty])
        if chart.has("Cash", currency):
            self.journal.post(entry, (chart.find("Cash", currency), amount), (control, -amount))
            return
        # Without an account in that currency the bank changes it, through the exchange accounts.
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


class PlantedDocuments:
    """Issues planted documents among the random ones, in the order of their days.

    Parameters
    ----------
    table : DocumentTable
        Where they are written.
    documents : sequence of PlantedDocument
        The oldest first.
    account : str
        The role of their revenue or expense account.
    """

    def __init__(self, table: DocumentTable, documents: Sequence[PlantedDocument], account: str) -> None:
        self._table = table
        self._account = account
        self._remaining = list(reversed(documents))
        for document in documents:
            if document.counterparty not in table.counterparties:
                table.counterparties.append(document.counterparty)

    def issue_until(self, day: int) -> None:
        """Write the documents up to a day."""
        while self._remaining and CLOSING - self._remaining[-1].age <= day:
            self._table.issue(self._document(self._remaining.pop()))

    def _document(self, document: PlantedDocument) -> NewDocument:
        day = CLOSING - document.age
        return NewDocument(
            day=day,
            counterparty=self._table.counterparties.index(document.counterparty),
            currency=document.currency,
            lines=[Line(document.text, document.quantity, document.unit)],
            account=self._table.journal.chart.find(self._account, document.currency),
            due=None if document.terms is None else day + document.terms,
            payment_day=None if document.paid is None else day + 20,
            share=document.paid or 0,
            status=STATUSES.index(document.status),
            stays_open=True,
        )
