"""Costs paid at once: from the bank account, with the company card, and wages from the payroll account."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import NamedTuple

from rutterframe.demo.books.anomalies import PAYROLL_SHORTFALL
from rutterframe.demo.books.company import Company, Cost
from rutterframe.demo.books.conditions import OVERDRAWN_ACCOUNT
from rutterframe.demo.books.journal import Entry, Journal
from rutterframe.demo.books.tables import Table, Texts
from rutterframe.demo.books.units import CLOSING, OPENING, month_ends


class Expense(NamedTuple):
    """A row of the table of expenses; the amount is in minor units, accounts are rows of the chart."""

    day: int
    amount: int
    text: int
    category: int
    paid_from: int


class ExpenseTable:
    """The expenses of a company, as columns; each is posted to the journal."""

    def __init__(self, company: Company, journal: Journal) -> None:
        self.company = company
        self.journal = journal
        self.texts = Texts()
        self.rows = Table("iqIHH")

    def __len__(self) -> int:
        return len(self.rows)

    def expense(self, row: int) -> Expense:
        """Return one expense."""
        return Expense(*self.rows.row(row))

    def write(self, day: int, amount: int, text: str, accounts: tuple[int, int]) -> None:
        """Write an expense, and post it.

        Parameters
        ----------
        day, amount : int
            The date, and minor units of the base currency.
        text : str
            The description.
        accounts : pair of int
            The rows of the expense account and of the account that pays.
        """
        category, paid_from = accounts
        self.rows.add(day, amount, self.texts.number(text), category, paid_from)
        self.journal.post(Entry(day, "expense", 0, text), (category, amount), (paid_from, -amount))


def write_expenses(company: Company, seed: int, scale: int, journal: Journal) -> ExpenseTable:
    """Write all expenses of a company and post them."""
    random = Random(f"{seed}/{company.slug}/spending")
    expenses = ExpenseTable(company, journal)
    for cost in company.costs:
        for site in range(scale):
            # A larger company pays the same for each of its sites.
            text = f"{cost.text}, site {site + 1}" if site else cost.text
            _write_cost(expenses, replace(cost, text=text), random)
    _pay_wages(expenses, scale, random)
    days = expenses.rows.columns[0]
    expenses.rows.arrange(sorted(range(len(days)), key=days.__getitem__))
    return expenses


def _write_cost(expenses: ExpenseTable, cost: Cost, random: Random) -> None:
    company, chart = expenses.company, expenses.journal.chart
    source = chart.find("Company card", company.base) if cost.card else chart.find("Cash", company.base)
    category = chart.find(cost.category, company.base)
    day = OPENING + cost.cadence * random.random()
    while day <= CLOSING:
        variation = 1 + cost.spread / 100 * (2 * random.random() - 1)
        expenses.write(int(day), round(cost.amount * variation), cost.text, (category, source))
        # A fixed cost is charged at fixed intervals, a varying one at random intervals.
        day += cost.cadence * (0.6 + 0.8 * random.random() if cost.spread > 10 else 1)


def _pay_wages(expenses: ExpenseTable, scale: int, random: Random) -> None:
    company, journal = expenses.company, expenses.journal
    payroll = next(cash.name for cash in company.cash if cash.role == "payroll")
    account = journal.chart.find(payroll, company.base)
    cash = journal.chart.find("Cash", company.base)
    wages = journal.chart.find("Wages", company.base)
    for number, day in enumerate(month_ends()):
        increase = 1 + 0.03 * (number // 12) + 0.02 * random.random()
        amounts = [round(company.wages * increase * (1 + 0.01 * team % 0.05)) for team in range(scale)]
        short = payroll == OVERDRAWN_ACCOUNT and day == CLOSING
        funds = sum(amounts) * (100 - PAYROLL_SHORTFALL) // 100 if short else sum(amounts)
        journal.post(
            Entry(day - 2, "transfer", 0, "Transfer to payroll account"), (account, funds), (cash, -funds)
        )
        for team, amount in enumerate(amounts):
            expenses.write(day, amount, f"Wages, team {team + 1}", (wages, account))
