"""Compute the findings of books, topic by topic, from the reports that the books return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import pandas as pd

from rutterframe.findings.aging import payables, receivables
from rutterframe.findings.load import ledgers, loads
from rutterframe.findings.records import TOPICS, Findings


class BooksLike(Protocol):
    """What findings read of books: frames, as-of date, businesses, and reports as methods."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The frames by resource."""
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
        return Findings(_COMPUTE[topic](books)) if topic in _COMPUTE else Findings()
    wanted = [name for name in _COMPUTE if NEEDED[name] <= {*books.frames}]
    return Findings(finding for name in wanted for finding in _COMPUTE[name](books))


#: The resources that each topic needs.
NEEDED: Mapping[str, frozenset[str]] = {
    "load": frozenset(),
    "receivables": frozenset({"invoices"}),
    "payables": frozenset({"bills"}),
}


def _load(books: BooksLike) -> Findings:
    # A mapping of books raises an error of its own for a frame that was not loaded.
    balanced = ledgers(books.frames["accounts"]) if "accounts" in books.frames else []
    return Findings([*loads(books.frames), *balanced])


def _receivables(books: BooksLike) -> Findings:
    return receivables(books.ar_aging())


def _payables(books: BooksLike) -> Findings:
    return payables(books.ap_aging(), books.open_items("bills"))


_COMPUTE: Mapping[str, Callable[[BooksLike], Findings]] = {
    "load": _load,
    "receivables": _receivables,
    "payables": _payables,
}
