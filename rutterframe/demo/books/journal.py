"""The journal: entries that balance in one currency, and the balances of the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rutterframe.demo.books.chart import Chart
from rutterframe.demo.books.tables import Table, Texts
from rutterframe.demo.books.units import CLOSING, CLOSING_MOMENT, DAY, OPENING, moment

# The kinds of entries: the transaction type in the API, and the beginning of the description.
KINDS = (
    ("invoice", "Invoice INV-{:05d}, "),
    ("payment", "Payment of INV-{:05d}, "),
    ("bill", "Bill {:05d}, "),
    ("bill_payment", "Payment of bill {:05d}, "),
    ("expense", ""),
    ("sale", "Sales of period {}, "),
    ("payout", "Payout of period {}, "),
    ("transfer", ""),
    ("exchange", ""),
    ("journal", ""),
    ("opening_balance", ""),
)
KIND = {word: number for number, (word, _) in enumerate(KINDS)}


class Posting(NamedTuple):
    """One line of an entry, in minor units: positive where it raises the balance."""

    day: int
    account: int
    amount: int
    kind: int
    number: int
    text: int


class Entry(NamedTuple):
    """The head of an entry: its day, kind, document number and text."""

    day: int
    kind: str
    number: int
    text: str


class Journal:
    """All postings of a company.

    Parameters
    ----------
    chart : Chart
        The accounts of the company.
    """

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.postings = Table("iHqBiI")
        self.texts = Texts()
        self.balances = [0] * len(chart.accounts)
        self._sides = [account.side for account in chart.accounts]

    def post(self, entry: Entry, *legs: tuple[int, int]) -> None:
        """Post one entry; each leg is an account and an amount, debits positive.

        Raises
        ------
        ValueError
            The legs do not add up to zero, or the day is after the closing date.
        """
        if sum(amount for _, amount in legs):
            raise ValueError(f"unbalanced entry: {entry}: {legs}")
        if entry.day > CLOSING:
            raise ValueError(f"the books are closed: {entry}")
        kind, text = KIND[entry.kind], self.texts.number(entry.text)
        for account, debit in legs:
            if not debit:
                continue  # such as a period without shipping income
            amount = debit * self._sides[account]
            self.balances[account] += amount
            self.postings.add(entry.day, account, amount, kind, entry.number, text)

    def close(self) -> None:
        """Sort the postings by day."""
        days = self.postings.columns[0]
        self.postings.arrange(sorted(range(len(days)), key=days.__getitem__))

    def posting(self, row: int) -> Posting:
        """Return one posting."""
        return Posting(*self.postings.row(row))

    def rows_of(self, accounts: Sequence[int]) -> list[int]:
        """Return the rows of the postings to some accounts."""
        wanted = frozenset(accounts)
        return [row for row, account in enumerate(self.postings.columns[1]) if account in wanted]

    def describe(self, posting: Posting) -> str:
        """Return a posting's description."""
        return KINDS[posting.kind][1].format(posting.number) + self.texts.texts[posting.text]


def posting_changed_at(day: int, row: int) -> int:
    """Return the moment of a posting's last change: on its day, or weeks later for one in fifty."""
    late = row % 50 == 49 and day > OPENING
    instant = moment(day + 3 + row % 37 if late else day, (row * 7_919 + 28_800) % DAY)
    return min(instant, CLOSING_MOMENT)
