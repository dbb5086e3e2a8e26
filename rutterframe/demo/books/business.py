"""The whole history of one company, built when somebody first asks for it."""

from __future__ import annotations

from functools import cached_property

from rutterframe.demo.books.bills import purchase
from rutterframe.demo.books.chart import Chart
from rutterframe.demo.books.company import Company
from rutterframe.demo.books.documents import Trade
from rutterframe.demo.books.expenses import Spending, spend
from rutterframe.demo.books.invoices import sell
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.orders import Retail, settle
from rutterframe.demo.books.treasury import Treasury, open_books


class Ledger:
    """The ledger of a company: journal, invoices, bills and expenses."""

    def __init__(self, company: Company, seed: int, scale: int, shops: dict[str, Retail]) -> None:
        self.company = company
        self.chart = Chart(company)
        self.journal = Journal(self.chart)
        open_books(company, scale, self.journal)
        self.invoices: Trade = sell(company, seed, scale, self.journal)
        self.bills: Trade = purchase(company, seed, scale, self.journal)
        self.expenses: Spending = spend(company, seed, scale, self.journal)
        for retail in shops.values():
            settle(retail, self.journal)
        Treasury(company, scale, self.journal).run()
        self.journal.close()


class Business:
    """A company with its shops and its ledger, each built once and only if needed."""

    def __init__(self, company: Company, seed: int, scale: int) -> None:
        self.company = company
        self.seed = seed
        self.scale = scale
        self._shops: dict[str, Retail] = {}

    def shop(self, connection: str) -> Retail:
        """Return the orders of one shop."""
        if connection not in self._shops:
            shop = next(shop for shop in self.company.shops if shop.connection == connection)
            self._shops[connection] = Retail(self.company, shop, self.seed, self.scale)
        return self._shops[connection]

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, into which the shops' sales flow."""
        shops = {shop.connection: self.shop(shop.connection) for shop in self.company.shops}
        return Ledger(self.company, self.seed, self.scale, shops)
