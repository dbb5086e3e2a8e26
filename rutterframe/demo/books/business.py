"""The whole history of one company, built when it is first read."""

from __future__ import annotations

from functools import cached_property

from rutterframe.demo.books.bills import write_bills
from rutterframe.demo.books.chart import Chart
from rutterframe.demo.books.company import Company
from rutterframe.demo.books.documents import DocumentTable
from rutterframe.demo.books.expenses import ExpenseTable, write_expenses
from rutterframe.demo.books.invoices import write_invoices
from rutterframe.demo.books.journal import Journal
from rutterframe.demo.books.orders import Orders, post_payouts
from rutterframe.demo.books.treasury import Treasury, post_opening_balances


class Ledger:
    """The ledger of a company: journal, invoices, bills and expenses.

    Parameters
    ----------
    company : Company
        The company.
    seed, scale : int
        As for `Books`.
    shops : dict of str to Orders
        The orders of its shops, by connection.
    """

    def __init__(self, company: Company, seed: int, scale: int, shops: dict[str, Orders]) -> None:
        self.company = company
        self.chart = Chart(company)
        self.journal = Journal(self.chart)
        post_opening_balances(company, scale, self.journal)
        self.invoices: DocumentTable = write_invoices(company, seed, scale, self.journal)
        self.bills: DocumentTable = write_bills(company, seed, scale, self.journal)
        self.expenses: ExpenseTable = write_expenses(company, seed, scale, self.journal)
        for orders in shops.values():
            post_payouts(orders, self.journal)
        Treasury(company, scale, self.journal).run()
        self.journal.close()


class Business:
    """A company with its shops and its ledger, each built when it is first read.

    Parameters
    ----------
    company : Company
        The company.
    seed, scale : int
        As for `Books`.
    """

    def __init__(self, company: Company, seed: int, scale: int) -> None:
        self.company = company
        self.seed = seed
        self.scale = scale
        self._shops: dict[str, Orders] = {}

    def shop(self, connection: str) -> Orders:
        """Return the orders of one shop."""
        if connection not in self._shops:
            shop = next(shop for shop in self.company.shops if shop.connection == connection)
            self._shops[connection] = Orders(self.company, shop, self.seed, self.scale)
        return self._shops[connection]

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, with the sales of the shops."""
        shops = {shop.connection: self.shop(shop.connection) for shop in self.company.shops}
        return Ledger(self.company, self.seed, self.scale, shops)
