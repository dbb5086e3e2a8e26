"""The reports that ``rutterframe report`` knows: those of a month end, and others of `Books`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from rutterframe.books import Books
from rutterframe.reports.month_end import NAMES, NEEDED, MonthEnd, MonthEndReport, resources_for


class ReportName(StrEnum):
    """The reports, and the word for those of a month end."""

    AGING = "aging"
    PAYABLES = "payables"
    REVENUE = "revenue"
    CASH = "cash"
    FORECAST = "forecast"
    ALL = "all"
    OPEN_INVOICES = "open-invoices"
    OPEN_BILLS = "open-bills"
    TOP_OVERDUE = "top-overdue"
    TOP_OVERDUE_BILLS = "top-overdue-bills"
    CASH_HISTORY = "cash-history"
    TRANSFERS = "transfers"
    RUNWAY = "runway"
    TRIAL_BALANCE = "trial-balance"
    EXPENSES = "expenses"
    DSO = "dso"
    DPO = "dpo"
    DAYS_TO_PAY = "days-to-pay"


class _Other(NamedTuple):
    """A report that is not of the month end.

    Attributes
    ----------
    compute : callable
        Returns it from books.
    needed : tuple of str
        The resources that it is computed from.
    optional : tuple of str
        What it takes besides, where the API has it.
    """

    compute: Callable[[Books], pd.DataFrame]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


_RECEIVABLE = ("invoice_credit_memos", "payment_terms", "customers")
_PAYABLE = ("bill_credit_memos", "payment_terms", "vendors")
_OTHERS = {
    ReportName.OPEN_INVOICES: _Other(lambda books: books.open_items("invoices"), ("invoices",), _RECEIVABLE),
    ReportName.OPEN_BILLS: _Other(lambda books: books.open_items("bills"), ("bills",), _PAYABLE),
    ReportName.TOP_OVERDUE: _Other(lambda books: books.top_overdue("invoices"), ("invoices",), _RECEIVABLE),
    ReportName.TOP_OVERDUE_BILLS: _Other(lambda books: books.top_overdue("bills"), ("bills",), _PAYABLE),
    ReportName.CASH_HISTORY: _Other(lambda books: books.cash_history(), ("bank_accounts", "transactions")),
    ReportName.TRANSFERS: _Other(lambda books: books.transfers(), ("bank_accounts", "transactions")),
    ReportName.RUNWAY: _Other(
        lambda books: books.runway(),
        ("bank_accounts", "invoices", "bills"),
        ("invoice_credit_memos", "bill_credit_memos"),
    ),
    ReportName.TRIAL_BALANCE: _Other(lambda books: books.trial_balance(), ("accounts",)),
    ReportName.EXPENSES: _Other(lambda books: books.expenses_by_category(), ("expenses",)),
    ReportName.DSO: _Other(lambda books: books.dso(), ("invoices",), _RECEIVABLE[:1]),
    ReportName.DPO: _Other(lambda books: books.dpo(), ("bills",), _PAYABLE[:1]),
    ReportName.DAYS_TO_PAY: _Other(lambda books: books.days_to_pay(), ("invoices",), _RECEIVABLE[2:]),
}
#: The resources that hold names.
NAME_LISTS = (*NAMES.values(),)


def resources_of(name: ReportName, offered: Collection[str]) -> list[str]:
    """List the resources to load for a report, those with names too, as far as the API has them.

    Examples
    --------
    >>> resources_of(ReportName.OPEN_BILLS, ["bills", "customers"])
    ['bills']
    """
    if name in _OTHERS:
        other = _OTHERS[name]
        return [*other.needed, *(each for each in other.optional if each in offered)]
    return resources_for(month_end_names(name), offered, names=True)


def month_end_names(name: ReportName) -> Sequence[MonthEndReport]:
    """List the reports of a month end that a name stands for."""
    return [*NEEDED] if name is ReportName.ALL else [MonthEndReport(name)]


def compute(books: Books, name: ReportName) -> MonthEnd:
    """Compute a report, or all of a month end, and compare those of a month end with the books."""
    if name not in _OTHERS:
        return books.month_end(month_end_names(name))
    return MonthEnd({name.replace("-", " ").capitalize(): _OTHERS[name].compute(books)}, {})
