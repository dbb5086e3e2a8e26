"""The way from a report back to its books: a text in ``attrs`` that knows what the report was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self

import pandas as pd

#: The entry of ``attrs`` that holds it.
ENTRY = "books"
#: The reports that add up all of their documents.
_SUMS = ("ar_aging", "ap_aging", "open_items", "cash_position", "trial_balance", "expenses_by_category")


class ExplainsRows(Protocol):
    """Books, as far as the way back to them matters."""

    as_of: str

    def explain(self, row: pd.Series[Any], bucket: str | None = None) -> pd.DataFrame:
        """Return the documents behind a row."""
        ...


class ReportSource(str):  # noqa: SLOT000 - a few for each report, with two attributes
    """Which books a report is of, and the frames that explain its rows.

    It is a text, so that a frame with it can be compared, combined and written to a file, where only the text
    is left. A copy, also a deep one, is the object itself.

    Attributes
    ----------
    books : Books
        The books.
    sources : mapping of str to DataFrame
        The frames that `rutterframe.reports.explain` takes; empty where rows have none.
    """

    books: ExplainsRows
    sources: Mapping[str, Any]

    def __new__(cls, text: str, books: ExplainsRows, sources: Mapping[str, Any]) -> Self:
        """Create the text, and put books and frames beside it."""
        self = super().__new__(cls, text)
        self.books, self.sources = books, sources
        return self

    def __copy__(self) -> Self:
        """Return itself."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        """Return itself: pandas copies ``attrs`` with every operation, and books must not be copied."""
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Pickle as the text alone: a report that is sent elsewhere does not take its books along."""
        return str, (str(self),)


def check_sum(name: str) -> None:
    """Refuse a report that does not add up its documents, as revenue, which has no shipping or tax."""
    if name not in _SUMS:
        raise ValueError(
            f"{name} is not the sum of its documents: pass source=, what it must agree with, or read "
            f"books.month_end().verdict (expected {', '.join(_SUMS)})"
        )


def check_report(report: object) -> None:
    """Refuse what is not a frame, such as the currency that `Books.convert` takes after the report."""
    if not isinstance(report, pd.DataFrame):
        raise TypeError(
            f"convert takes a report, not {type(report).__name__}: "
            "write books.convert(books.ar_aging(), 'USD')"
        )
