"""The reports of ``rutterframe report``: those of a month end, others of `Books`, those of other packages."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

import pandas as pd
import typer

from rutterframe.books import Books
from rutterframe.reports.month_end import NAMES, NEEDED, MonthEnd, MonthEndReport, resources_for
from rutterframe.reports.own import REPORTS, Report


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


def parse_report(text: str) -> str:
    """Return the name of a report, also one of another package; any other is an error of usage."""
    if text in [*ReportName]:
        return ReportName(text)
    if text in _own_names():
        return text
    near = difflib.get_close_matches(text, [*ReportName, *_own_names()], n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise typer.BadParameter(f"{text!r} is not one of {', '.join([*ReportName, *_own_names()])}.{hint}")


def complete_report(incomplete: str) -> list[str]:
    """Return the names of reports that begin with a text; no other package is imported."""
    return [name for name in [*ReportName, *_own_names()] if name.startswith(incomplete)]


def _own_names() -> list[str]:
    """List the names of reports of other packages, as a shell has them."""
    return [name.replace("_", "-") for name in REPORTS.names]


def _own_report(name: str) -> Report | None:
    """Return a report of another package; None for one of `ReportName`."""
    return None if name in [*ReportName] else REPORTS.find(name.replace("-", "_"))


def resources_of(name: str, offered: Collection[str]) -> list[str]:
    """List the resources to load for a report, those with names too, as far as the API has them.

    Examples
    --------
    >>> resources_of(ReportName.OPEN_BILLS, ["bills", "customers"])
    ['bills']
    """
    own = _own_report(name)
    if own is not None:
        frames = own.frames.items()
        return [resource for resource, is_needed in frames if is_needed or resource in offered]
    if name in _OTHERS:
        other = _OTHERS[ReportName(name)]
        return [*other.needed, *(each for each in other.optional if each in offered)]
    return resources_for(month_end_names(name), offered, names=True)


def month_end_names(name: str) -> Sequence[MonthEndReport]:
    """List the reports of a month end that a name stands for."""
    return [*NEEDED] if name == ReportName.ALL else [MonthEndReport(name)]


def compute(books: Books, name: str) -> MonthEnd:
    """Compute a report, or all of a month end, and compare those of a month end with the books."""
    own = _own_report(name)
    if own is not None:
        return MonthEnd({own.spec.title: books.report(own.name)}, {})
    if name not in _OTHERS:
        return books.month_end(month_end_names(name))
    return MonthEnd({name.replace("-", " ").capitalize(): _OTHERS[ReportName(name)].compute(books)}, {})
