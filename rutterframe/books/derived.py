"""What `Books` compute from their reports: by business, converted, compared, tied to the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from rutterframe import reports
from rutterframe.books.by_business import figures_of, side_by_side
from rutterframe.books.docstrings import complete_docstrings
from rutterframe.books.report_source import ENTRY, ReportSource, check_report, check_sum
from rutterframe.books.reports import BookReports


@complete_docstrings
class DerivedReports(BookReports):
    """Reports of books that are computed from other reports of theirs."""

    def by_business(
        self, to: str | None = None, *, as_of: date | datetime | str | None = None
    ) -> pd.DataFrame:
        """Return cash, receivables, payables and a year's sales of each business side by side.

        Parameters
        ----------
        to : str, optional
            The currency to convert into with the rates of the books; each currency by itself when left out.
        as_of : date, datetime or str, optional
            The day; that of the books when left out.

        Returns
        -------
        DataFrame
            ``figure`` and ``currency`` (str), a float64 column for each business, by name, and ``total``. A
            connection that belongs to no business is one by itself. Sales are the revenue of the orders of
            the twelve months until the as-of date. `rutterframe.views.tables.businesses` draws it.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     books = rf.load_books(client, progress=False)
        >>> books.by_business().query("currency == 'GBP'")[["figure", "Gear", "Roaster"]].values.tolist()[0]
        ['Cash', 30818.71, 0.0]
        """
        books: DerivedReports = self if as_of is None else self.replace(as_of=as_of)
        known = self.businesses or {name: [name] for name in self.connections}
        figures = figures_of(self.frames, books.as_of, known)
        if to is not None:
            figures = {name: (books.convert(each, to), amount) for name, (each, amount) in figures.items()}
        return side_by_side(figures, books.as_of)

    def convert(self, report: pd.DataFrame, to: str | None = None) -> pd.DataFrame:
        """Return a report in one currency, with the rates of the books on its as-of date.

        Parameters
        ----------
        report : DataFrame
            A report of these books.
        to : str, optional
            The currency; that of the books when left out.

        Returns
        -------
        DataFrame
            The report, with ``original_currency``, as `rutterframe.reports.convert` returns it.

        Raises
        ------
        TypeError
            If it is not a DataFrame.
        ValueError
            If the books have no rates into that currency.
        """
        check_report(report)
        to = self.currency if to is None else to
        if self.rates is None or to is None:
            raise ValueError(
                "these books have no rates: books.replace(currency='USD', rates='rates.csv') adds them"
            )
        source = report.attrs.get(ENTRY)
        converted: pd.DataFrame = reports.convert(report, self.rates, to, on=self._day_of(report))
        if source is not None:
            converted.attrs[ENTRY] = source
        return converted

    def concentration(
        self, report: pd.DataFrame, by: str | Sequence[str], *, amount: str | None = None
    ) -> pd.DataFrame:
        """Return how much depends on the few largest, as `rutterframe.reports.concentration` does."""
        largest = reports.concentration(report, by, amount=amount)
        return self._of_books(largest, {"report": report}, self._day_of(report))

    def change(
        self, report: pd.DataFrame, *, against: str = "previous", amount: str | None = None
    ) -> pd.DataFrame:
        """Compare each period of a report with another, as `rutterframe.reports.change` does.

        A period that is not over on the report's as-of date is compared with nothing.

        Parameters
        ----------
        report : DataFrame
            A report of these books by ``period``, such as ``books.revenue_by_product(period="month")``.
        """
        day = self._day_of(report)
        compared = reports.change(report, against=against, amount=amount, as_of=day)
        return self._of_books(compared, self.source_of(report), day)

    def tie_out(self, report: pd.DataFrame, source: pd.DataFrame | None = None) -> pd.DataFrame:
        """Compare a report with its documents, per connection or business and currency.

        Parameters
        ----------
        report : DataFrame
            A report of these books.
        source : DataFrame, optional
            What to compare it with; its own documents when left out.

        Raises
        ------
        ValueError
            If ``source`` is left out for a report that is not the sum of its documents, such as revenue.
        """
        if source is None:
            documents = self.source_of(report)
            check_sum(report.attrs["report"])
            source = next(iter(documents.values()))
        tie = reports.tie_out(report, source, businesses=self.businesses)
        return self._of_books(tie, {"source": source, "businesses": self.businesses}, self._day_of(report))

    def source_of(self, report: pd.DataFrame | pd.Series[Any]) -> Mapping[str, Any]:
        """Return the frames that explain the rows of a report of books, by the names that `explain` takes.

        Parameters
        ----------
        report : DataFrame or Series
            A report of books, or a row of one.

        Returns
        -------
        mapping of str to DataFrame
            The frames by the names of the report's arguments.

        Raises
        ------
        ValueError
            If the report is not of books, as after a merge or from a file, or its rows have no documents.

        Examples
        --------
        >>> [*books.source_of(books.ar_aging())]
        ['invoices', 'customers']
        """
        source = getattr(report, "attrs", {}).get(ENTRY)
        if not isinstance(source, ReportSource):
            raise ValueError(
                "the report is not of Books, or has lost them in a merge or a file: pass its documents, such "
                "as rf.reports.explain(row, documents), or take a report of these books"
            )
        if not source.sources:
            name = report.attrs.get("report")
            raise ValueError(f"a row of {name} has no documents behind it in these books: it compares totals")
        return source.sources

    def _day_of(self, report: pd.DataFrame) -> str:
        """Return the day of a report, which may be of these books as of another day."""
        source = report.attrs.get(ENTRY)
        return source.books.as_of if isinstance(source, ReportSource) else self.as_of
