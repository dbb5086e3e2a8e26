"""The chart of accounts, with one control account for each currency, so that each currency balances."""

from __future__ import annotations

from typing import NamedTuple

from rutterframe.demo.books.company import Company

TYPES = ("asset", "liability", "equity", "revenue", "expense")


class Account(NamedTuple):
    """An account of the ledger.

    Attributes
    ----------
    role : str
        What it is for, the same in every currency.
    name, type, currency, number : str
        As the API shows them.
    """

    role: str
    name: str
    type: str
    currency: str
    number: str

    @property
    def side(self) -> int:
        """1 if debits raise the balance, -1 if credits do."""
        return 1 if self.type in {"asset", "expense"} else -1


class Chart:
    """The accounts of a company; everywhere else an account is its row number.

    Parameters
    ----------
    company : Company
        The company.
    """

    def __init__(self, company: Company) -> None:
        self.accounts: list[Account] = []
        self._rows: dict[tuple[str, str], int] = {}
        self._base = company.base
        for cash in company.cash:
            # A cash account is named like the bank account that it mirrors, and plays the role of its name.
            self._open("asset", cash.name, cash.currency, name=cash.name)
            if cash.role == "cash":
                self._rows["Cash", cash.currency] = self._rows[cash.name, cash.currency]
        self._open_control_accounts(company)
        self._open_results(company)

    def find(self, role: str, currency: str) -> int:
        """Return the row of the account that plays a role in a currency."""
        return self._rows[role, currency]

    def has(self, role: str, currency: str) -> bool:
        """Return whether there is such an account."""
        return (role, currency) in self._rows

    def _open(self, kind: str, role: str, currency: str, name: str = "") -> None:
        if (role, currency) in self._rows:
            return
        self._rows[role, currency] = len(self.accounts)
        number = 1000 * (TYPES.index(kind) + 1) + 10 * sum(account.type == kind for account in self.accounts)
        full_name = name or (role if currency == self._base else f"{role} ({currency})")
        self.accounts.append(Account(role, full_name, kind, currency, str(number)))

    def _open_control_accounts(self, company: Company) -> None:
        base, currencies = company.base, company.currencies
        for currency in currencies:
            self._open("asset", "Accounts Receivable", currency)
        for shop in company.shops:
            for market in shop.markets:
                self._open("asset", f"{shop.platform.title()} clearing", market.currency)
        self._open("asset", "Equipment", base)
        self._open("asset", "Accumulated depreciation", base)
        for currency in currencies:
            self._open("liability", "Accounts Payable", currency)
        for shop in company.shops:
            for market in shop.markets:
                self._open("liability", "Sales tax payable", market.currency)
        self._open("liability", "Company card", base)
        self._open("liability", "Bank loan", base)
        self._open("equity", "Owner's equity", base)
        for currency in currencies:
            self._open("equity", "Currency exchange", currency)

    def _open_results(self, company: Company) -> None:
        base, currencies = company.base, company.currencies
        for currency in currencies:
            self._open("revenue", "Wholesale sales", currency)
        for shop in company.shops:
            for market in shop.markets:
                self._open("revenue", f"{shop.platform.title()} sales", market.currency)
                self._open("revenue", "Shipping income", market.currency)
        self._open("revenue", "Interest income", base)
        for vendor in company.vendors:
            self._open("expense", vendor.category, vendor.currency)
        for currency in currencies:
            self._open("expense", "Other purchases", currency)
        for shop in company.shops:
            for market in shop.markets:
                self._open("expense", "Payment fees", market.currency)
        for cost in company.costs:
            self._open("expense", cost.category, base)
        for name in ("Wages", "Depreciation", "Loan interest"):
            self._open("expense", name, base)
