"""The balances of a ledger's accounts at the end of each month, in the base currency."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from rutterframe.demo.books.collection import Collection
from rutterframe.demo.books.documents import to_base
from rutterframe.demo.books.store import Books
from rutterframe.demo.books.units import CLOSING, OPENING, minor, month_ends


class MonthlyBalances:
    """The balances by month and account; a month is a number from 0, an account a row of the chart.

    Parameters
    ----------
    books : Books
        The books.
    connection : str
        The id of the ledger.
    """

    def __init__(self, books: Books, connection: str) -> None:
        self.business = books.business(connection)
        self.company = self.business.company
        self.chart = self.business.ledger.chart
        self._accounts: Collection = books.collection(connection, "accounts")

    def at(self, month: int, account: int) -> int:
        """Return a balance at the end of a month, in minor units of the base currency.

        Month -1 is before the books. What was written while the server runs is in the last month.
        """
        currency = self.chart.accounts[account].currency
        balance = self.in_currency(month, account)
        return balance if currency == self.company.base else to_base(self.company, balance, currency)

    def in_currency(self, month: int, account: int) -> int:
        """Return a balance at the end of a month, in minor units of the account's currency."""
        if month < 0:
            return 0
        if month_ends()[month] == CLOSING:
            return minor(self._accounts.record(account)["balance"], self.chart.accounts[account].currency)
        return self._in_journal[month][account]

    def change(self, month: int, account: int) -> int:
        """Return by how much a balance rose in a month, in the base currency."""
        return self.at(month, account) - self.at(month - 1, account)

    @cached_property
    def _in_journal(self) -> list[dict[int, int]]:
        """The balances at the end of each month, from the postings of the journal."""
        ends = month_ends()
        months = {}
        number = 0
        for day in range(OPENING, CLOSING + 1):
            number += day > ends[number]
            months[day] = number
        flows: list[defaultdict[int, int]] = [defaultdict(int) for _ in ends]
        days, accounts, amounts = self.business.ledger.journal.postings.columns[:3]
        for day, account, amount in zip(days, accounts, amounts, strict=True):
            flows[months[day]][account] += amount
        balances: list[dict[int, int]] = []
        sums: defaultdict[int, int] = defaultdict(int)
        for flow in flows:
            for account, amount in flow.items():
                sums[account] += amount
            balances.append(defaultdict(int, sums))
        return balances
