"""Compute the findings of books, topic by topic, from the reports that the books return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import pandas as pd

from rutterframe.findings.aging import payables, receivables
from rutterframe.findings.amounts import sentence
from rutterframe.findings.cash import changes, lows, outflows, overdrawn
from rutterframe.findings.load import ledgers, loads
from rutterframe.findings.records import TOPICS, Finding, Findings
from rutterframe.findings.revenue import last_quarter, leaders
from rutterframe.findings.summaries import comparisons, largest_debtors, positions, summaries
from rutterframe.reports.concentration import concentration
from rutterframe.reports.conversion import convert
from rutterframe.reports.month_end import MonthEnd
from rutterframe.reports.runway import runway


class BooksLike(Protocol):
    """What findings read of books: frames, as-of date, businesses, and reports as methods."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The frames by resource."""
        ...

    @property
    def missing(self) -> Sequence[str]:
        """Sentences on what should be in the frames and is not."""
        ...

    @property
    def as_of(self) -> str:
        """The as-of date."""
        ...

    @property
    def ar_aging(self) -> Callable[..., pd.DataFrame]:
        """The receivables aging."""
        ...

    @property
    def ap_aging(self) -> Callable[..., pd.DataFrame]:
        """The payables aging."""
        ...

    @property
    def open_items(self) -> Callable[..., pd.DataFrame]:
        """The open documents of "invoices" or "bills"."""
        ...

    @property
    def revenue_by_product(self) -> Callable[..., pd.DataFrame]:
        """The revenue by product."""
        ...

    @property
    def cash_history(self) -> Callable[..., pd.DataFrame]:
        """The cash of each day."""
        ...

    @property
    def cash_forecast(self) -> Callable[..., pd.DataFrame]:
        """The cash of the coming weeks."""
        ...

    @property
    def runway(self) -> Callable[..., pd.DataFrame]:
        """How low the cash gets."""
        ...

    @property
    def by_business(self) -> Callable[..., pd.DataFrame]:
        """The figures of businesses side by side."""
        ...

    @property
    def month_end(self) -> Callable[..., MonthEnd]:
        """The reports of the month end."""
        ...

    @property
    def currency(self) -> str | None:
        """The currency to convert into."""
        ...

    @property
    def rates(self) -> pd.DataFrame | None:
        """The rates into it."""
        ...


def findings(books: BooksLike, topic: str | None = None) -> Findings:
    """Return what the books show, as sentences with their exact numbers.

    Parameters
    ----------
    books : Books
        With frames, as-of date and reports.
    topic : str, optional
        One of "load", "receivables", "payables", "revenue", "cash", "businesses" and "month_end". By default
        all of those with the resources that they need among the frames.

    Returns
    -------
    Findings
        The findings, which show themselves as sentences.

    Raises
    ------
    ValueError
        If it is not a topic, or the books lack a resource that the topic needs.
    """
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"topic={topic!r} is not a topic (expected one of {', '.join(TOPICS)}, or None)")
    if topic is not None:
        return Findings(_COMPUTE[topic](books))
    wanted = [name for name in _COMPUTE if NEEDED[name] <= {*books.frames}]
    return Findings(finding for name in wanted for finding in _of_topic(books, name))


def _of_topic(books: BooksLike, topic: str) -> Findings:
    """Compute one of several topics; where that is not possible, the reason is its only finding."""
    try:
        return _COMPUTE[topic](books)
    except ValueError as error:
        reason = sentence(f"Not computed: {error}")
        return Findings([Finding(topic, None, {}, reason)])


#: The resources that each topic needs.
NEEDED: Mapping[str, frozenset[str]] = {
    "load": frozenset(),
    "receivables": frozenset({"invoices"}),
    "payables": frozenset({"bills"}),
    "revenue": frozenset({"orders"}),
    "cash": frozenset({"bank_accounts", "transactions", "invoices", "bills"}),
    "businesses": frozenset({"bank_accounts", "invoices", "bills", "orders"}),
    "month_end": frozenset({"invoices", "bills", "accounts", "orders", "products", "bank_accounts"}),
}


def _load(books: BooksLike) -> Findings:
    # A mapping of books raises an error of its own for a frame that was not loaded.
    balanced = ledgers(books.frames["accounts"]) if "accounts" in books.frames else []
    return Findings([*loads(books.frames, books.missing), *balanced])


def _receivables(books: BooksLike) -> Findings:
    return receivables(books.ar_aging())


def _payables(books: BooksLike) -> Findings:
    return payables(books.ap_aging(), books.open_items("bills"))


def _revenue(books: BooksLike) -> Findings:
    quarters = books.revenue_by_product(by="connection_id", period="quarter")
    return Findings([*leaders(books.revenue_by_product()), *last_quarter(quarters, books.as_of)])


def _cash(books: BooksLike) -> Findings:
    history, forecast = books.cash_history(), books.cash_forecast(run_rate=True)
    return Findings(
        [
            *overdrawn(books.frames["bank_accounts"]),
            *changes(history, books.as_of),
            *lows(runway(forecast)),
            *outflows(history, forecast, books.as_of),
        ]
    )


def _businesses(books: BooksLike) -> Findings:
    table = books.by_business(None if books.rates is None else books.currency)
    names = [str(name) for name in table.columns if name not in ("figure", "currency", "total")]
    aging = books.ar_aging()
    if books.rates is not None and books.currency is not None:
        aging = convert(aging, books.rates, books.currency, on=books.as_of)
    debtors = concentration(aging[aging["total"] > 0], by="customer_id")
    return Findings([*positions(table, names), *largest_debtors(debtors)])


def _month_end(books: BooksLike) -> Findings:
    result = books.month_end()
    sentences = summaries(result.summary, books.runway(), books.runway(overdue="exclude"))
    return Findings([*comparisons(result.counts), *sentences])


_COMPUTE: Mapping[str, Callable[[BooksLike], Findings]] = {
    "load": _load,
    "receivables": _receivables,
    "payables": _payables,
    "revenue": _revenue,
    "cash": _cash,
    "businesses": _businesses,
    "month_end": _month_end,
}
