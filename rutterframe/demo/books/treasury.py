"""Opening balances and month-end entries: loan, depreciation, taxes, company card and transfers of cash."""

from __future__ import annotations

from collections import defaultdict

from rutterframe.demo.books.company import Company
from rutterframe.demo.books.documents import to_base
from rutterframe.demo.books.journal import Entry, Journal
from rutterframe.demo.books.units import CLOSING, OPENING, divide, month_ends, month_of

_INTEREST = 60  # of the bank loan, a month, in 1/10,000
_SAVINGS_INTEREST = 15  # a month, in 1/10,000
_ROUND = 100_000  # transfers are multiples of this, in minor units


def post_opening_balances(company: Company, scale: int, journal: Journal) -> None:
    """Post the opening balances."""
    chart, base = journal.chart, company.base
    equity = chart.find("Owner's equity", base)
    for cash in company.cash:
        amount = cash.opening * scale
        _opening(journal, chart.find(cash.name, cash.currency), amount, cash.currency)
        if cash.currency == base:
            continue
        # Owners pay in the base currency; the exchange accounts hold the difference.
        changed = to_base(company, amount, cash.currency)
        journal.post(
            Entry(OPENING, "exchange", 0, f"Changed into {cash.currency}"),
            (chart.find("Currency exchange", base), changed),
            (equity, -changed),
        )
    equipment, loan = company.equipment * scale, company.loan * scale
    journal.post(
        Entry(OPENING, "opening_balance", 0, "Opening balance"),
        (chart.find("Equipment", base), equipment),
        (chart.find("Bank loan", base), -loan),
        (equity, loan - equipment),
    )


def _opening(journal: Journal, account: int, amount: int, currency: str) -> None:
    chart = journal.chart
    source = "Owner's equity" if chart.has("Owner's equity", currency) else "Currency exchange"
    entry = Entry(OPENING, "opening_balance", 0, "Opening balance")
    journal.post(entry, (account, amount), (chart.find(source, currency), -amount))


class Treasury:
    """Posts the entries of each month's end from its balances, after everything else is posted.

    Parameters
    ----------
    company : Company
        The company.
    scale : int
        As for `Books`.
    journal : Journal
        Where the entries are posted.
    """

    def __init__(self, company: Company, scale: int, journal: Journal) -> None:
        self._company = company
        self._scale = scale
        self._journal = journal
        self._balances: defaultdict[int, int] = defaultdict(int)

    def run(self) -> None:
        """Post the entries of every month's end."""
        chart, base, scale = self._journal.chart, self._company.base, self._scale
        flows = self._flows()
        for number, day in enumerate(month_ends()):
            for account, amount in flows[number].items():
                self._balances[account] += amount
            depreciation = self._company.equipment * scale // 84
            self._post(day, "Depreciation", base, depreciation, ("Depreciation", "Accumulated depreciation"))
            self._pay_loan(day)
            self._pay_taxes(day, flows[number])
            # The card's postings of this month are on next month's statement.
            card = chart.find("Company card", base)
            statement = self._balances[card] - flows[number][card]
            self._post(day, "Company card, statement", base, statement, ("Company card", "Cash"))
            self._balance_currencies(day)
            self._balance_savings(day)

    def _flows(self) -> list[defaultdict[int, int]]:
        ends = month_ends()
        month_numbers = {}
        number = 0
        for day in range(OPENING, CLOSING + 1):
            number += day > ends[number]
            month_numbers[day] = number
        flows: list[defaultdict[int, int]] = [defaultdict(int) for _ in ends]
        days, accounts, amounts = self._journal.postings.columns[:3]
        for day, account, amount in zip(days, accounts, amounts, strict=True):
            flows[month_numbers[day]][account] += amount
        return flows

    def _post(self, day: int, text: str, currency: str, amount: int, roles: tuple[str, str]) -> None:
        """Post an amount from the second role's account to the first's, and update the balances."""
        if not amount:
            return
        chart = self._journal.chart
        debit, credit = (chart.find(role, currency) for role in roles)
        kind = "transfer" if "transfer" in text else "journal"
        self._journal.post(Entry(day, kind, 0, text), (debit, amount), (credit, -amount))
        self._balances[debit] += amount * chart.accounts[debit].side
        self._balances[credit] -= amount * chart.accounts[credit].side

    def _pay_loan(self, day: int) -> None:
        base, chart = self._company.base, self._journal.chart
        amount_due = self._balances[chart.find("Bank loan", base)]
        self._post(
            day, "Loan interest", base, divide(amount_due * _INTEREST, 10_000), ("Loan interest", "Cash")
        )
        self._post(day, "Loan repayment", base, self._company.loan * self._scale // 96, ("Bank loan", "Cash"))

    def _pay_taxes(self, day: int, flows: defaultdict[int, int]) -> None:
        # A quarter's tax is due at the end of the month after it.
        if month_of(day) % 3 != 1:
            return
        chart = self._journal.chart
        for currency in self._company.currencies:
            if chart.has("Sales tax payable", currency):
                tax = chart.find("Sales tax payable", currency)
                amount_due = self._balances[tax] - flows[tax]
                self._post(day, "Sales tax, quarter", currency, amount_due, ("Sales tax payable", "Cash"))

    def _balance_currencies(self, day: int) -> None:
        company, chart = self._company, self._journal.chart
        for cash in company.cash:
            if cash.role != "cash" or cash.currency == company.base:
                continue
            low, high = cash.opening * self._scale // 2, cash.opening * self._scale * 2
            balance = self._balances[chart.find("Cash", cash.currency)]
            if low <= balance <= high:
                continue
            amount = (cash.opening * self._scale - balance) // _ROUND * _ROUND
            changed = to_base(company, amount, cash.currency)
            text = f"Changed {company.base} and {cash.currency}, transfer"
            self._post(day, text, cash.currency, amount, ("Cash", "Currency exchange"))
            self._post(day, text, company.base, changed, ("Currency exchange", "Cash"))

    def _balance_savings(self, day: int) -> None:
        company, chart = self._company, self._journal.chart
        main = next(cash for cash in company.cash if cash.role == "cash")
        savings = next(cash for cash in company.cash if cash.role == "savings")
        balance = self._balances[chart.find("Cash", company.base)]
        savings_balance = self._balances[chart.find(savings.name, company.base)]
        self._post(
            day,
            "Interest",
            company.base,
            divide(savings_balance * _SAVINGS_INTEREST, 10_000),
            (savings.name, "Interest income"),
        )
        low, high = main.opening * self._scale * 7 // 10, main.opening * self._scale * 13 // 10
        if balance > high:
            surplus = (balance - main.opening * self._scale) // _ROUND * _ROUND
            self._post(day, "Savings transfer", company.base, surplus, (savings.name, "Cash"))
        elif balance < low:
            short = -((balance - main.opening * self._scale) // _ROUND) * _ROUND
            transfer = min(short, savings_balance // _ROUND * _ROUND)
            self._post(day, "Savings transfer", company.base, transfer, ("Cash", savings.name))
            # The bank lends what the savings do not cover.
            self._post(day, "Loan drawn, transfer", company.base, short - transfer, ("Cash", "Bank loan"))
