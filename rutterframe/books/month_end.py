"""The month end of `Books`: its reports and comparisons, findings, data checks, workbook and page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe.books.own_reports import NamedReports
from rutterframe.reports.month_end import (
    NEEDED,
    MonthEnd,
    MonthEndReport,
    month_end,
    orders_until,
    resources_for,
)
from rutterframe.storage import mask_address, wrap_options

if TYPE_CHECKING:
    from rutterframe.findings import Findings


class BookMonthEnd(NamedReports):
    """The month end of books, and what is written of it."""

    _missing: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What should be in the frames and is not, as it was passed."""
        return self._missing

    @property
    def month_end_reports(self) -> list[str]:
        """The reports of a month end that these books have the frames of; an error if there are none."""
        names = [str(name) for name, needed in NEEDED.items() if {*needed} <= {*self.frames}]
        if not names:
            self.month_end()  # raises the error that names what is missing
        return names

    def month_end(self, which: str | Iterable[MonthEndReport | str] = "all") -> MonthEnd:
        """Return the reports of a month end, each compared with the books.

        See `rutterframe.reports.month_end`.

        Parameters
        ----------
        which : str or iterable of str
            "aging", "payables", "revenue", "cash", "forecast", or "all".

        Returns
        -------
        MonthEnd
            The reports and their comparisons.

        Raises
        ------
        KeyError
            If a frame is missing; the message says how to load it.

        Examples
        --------
        >>> books.month_end().verdict
        'All 30 totals agree.'
        """
        names = [which] if isinstance(which, str) else [*which]
        every = [*MonthEndReport][:-1] if MonthEndReport.ALL in names else names
        if {*every} <= {*MonthEndReport}:
            for resource in resources_for(every):
                _ = self.frames[resource]
        result = month_end(which, self.frames, self.as_of, notes=self.notes, businesses=self.businesses)
        for name, report in result.reports.items():
            self._of_books(report, self._month_end_sources(name))
        compared = {"Revenue to orders": "orders", "Cash to bank accounts": "bank_accounts"}
        for title, tie in result.ties.items():
            source = self._month_end_orders if compared.get(title) == "orders" else None
            source = self.frames["bank_accounts"] if compared.get(title) == "bank_accounts" else source
            of = {} if source is None else {"source": source, "businesses": self.businesses}
            self._of_books(tie, of)
        return result

    @property
    def _month_end_orders(self) -> pd.DataFrame:
        return orders_until(self.frames["orders"], self.as_of)

    def _month_end_sources(self, name: str) -> dict[str, Any]:
        """Return the frames that explain the rows of a report of a month end."""
        get = self.frames.get
        terms = get("payment_terms")
        if name == "Revenue":
            return {"orders": self._month_end_orders, "products": get("products")}
        if name == "Cash":
            return {"bank_accounts": get("bank_accounts")}
        if name == "Forecast":
            return {"invoices": get("invoices"), "bills": get("bills"), **self._memos}
        documents, people = ("invoices", "customers") if name == "Aging" else ("bills", "vendors")
        if not {"payment_terms_id", "issue_date"} <= {*self.frames[documents]}:
            terms = None
        return {
            documents: get(documents),
            people: get(people),
            "credit_memos": get(f"{documents[:-1]}_credit_memos"),
            "payment_terms": terms,
        }

    def findings(self, topic: str | None = None) -> Findings:
        """Return sentences that follow from the books, with their numbers: see `rutterframe.findings`.

        Parameters
        ----------
        topic : str, optional
            One of `rutterframe.findings.TOPICS`, such as "cash"; all when left out.

        Returns
        -------
        Findings
            The sentences, which a notebook shows.

        Raises
        ------
        ValueError
            If there is no such topic.

        Examples
        --------
        >>> books.findings("cash")[0].values["overdrawn"]
        Decimal('219.02')
        """
        from rutterframe.findings import findings  # noqa: PLC0415 - on first use

        return findings(self, topic)

    def check(self) -> pd.DataFrame:
        """Check the frames for orphans, duplicates and unlikely values, as `rutterframe.check` does.

        Returns
        -------
        DataFrame
            One row for each finding, as `rutterframe.check` returns it.

        Examples
        --------
        >>> books.check()["severity"].unique().tolist()
        ['error', 'warning', 'note']
        """
        from rutterframe.quality import check  # noqa: PLC0415 - on first use

        return check({name: frame for name, frame in self.frames.items() if "receipt" in frame.attrs})

    def _pack(self) -> dict[str, pd.DataFrame]:
        """Compute the reports that go into files after those of the month end, by their titles."""
        needed: dict[str, tuple[set[str], Callable[[], pd.DataFrame]]] = {
            "Cash history": ({"bank_accounts", "transactions"}, self.cash_history),
            "Expenses": ({"expenses"}, self.expenses_by_category),
            "Trial balance": ({"accounts"}, self.trial_balance),
        }
        return {title: report() for title, (names, report) in needed.items() if names <= {*self.frames}}

    def to_excel(
        self,
        path: str | Path,
        *,
        reports: Iterable[str] = (),
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        """Write the month end as a workbook for a reviewer, as `write_workbook` of the views does.

        It has the cover, every report that these books have the frames of, the open items behind the agings,
        the cash history by month, the trial balance by account, tie-outs, definitions and receipts. The path
        may be an address, such as ``s3://bucket/june.xlsx``. ``reports`` names more reports, such as those
        of another package, as `report` takes them: each gets a sheet.

        Parameters
        ----------
        path : str or Path
            The file, ending in .xlsx.
        reports : iterable of str
            The names of more reports, as `report` takes them.
        storage_options : mapping of str to str, optional
            What an address needs, such as keys; else the environment has it.

        Raises
        ------
        KeyError
            If no report has its frames.
        ValueError
            If the ending of the path is another.
        OSError
            If the file cannot be written; one that was there stays.

        Examples
        --------
        >>> books.to_excel("month-end.xlsx")
        """
        path, options = mask_address(path), wrap_options(storage_options)
        del storage_options
        from rutterframe.views.workbook import write_workbook  # noqa: PLC0415 - XlsxWriter on first use

        result = self.month_end(self.month_end_reports)
        # The trial balance is that of the accounts, which has every type.
        more = {title: report for title, report in self._pack().items() if title != "Trial balance"}
        more |= self._titled(reports, [*result.reports, *more])
        documents = {"Aging": "invoices", "Payables": "bills"}
        write_workbook(
            path,
            {**result.reports, **more},
            result.ties,
            names=self.frames.get("customers"),
            as_of=self.as_of,
            business=list(self.businesses or ()),
            open_items={
                sheet: self.open_items(resource)
                for sheet, resource in documents.items()
                if sheet in result.reports
            },
            accounts=self.frames.get("accounts"),
            storage_options=options,
        )

    def to_html(
        self,
        path: str | Path,
        *,
        reports: Iterable[str] = (),
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        """Write the month end as one HTML page that opens offline, as `write_page` of the views does.

        The path may be an address, such as ``s3://bucket/june.html``. ``reports`` names more reports, as of
        `to_excel`.

        Parameters
        ----------
        path : str or Path
            The file, ending in .html.
        reports : iterable of str
            The names of more reports, as `report` takes them.
        storage_options : mapping of str to str, optional
            What an address needs, such as keys; else the environment has it.

        Raises
        ------
        KeyError
            If no report has its frames.
        ValueError
            If the ending of the path is another.
        OSError
            If the file cannot be written; one that was there stays.

        Examples
        --------
        >>> books.to_html("month-end.html")
        """
        path, options = mask_address(path), wrap_options(storage_options)
        del storage_options
        from rutterframe.books.files import write_html  # noqa: PLC0415 - plotly on first use
        from rutterframe.views.sentences import Finding  # noqa: PLC0415 - the same

        result = self.month_end(self.month_end_reports)
        topics = {"Aging": "receivables", "Payables": "payables", "Revenue": "revenue", "Cash": "cash"}
        findings = {
            name: Finding(self.findings(topic).sentences)
            for name, topic in topics.items()
            if name in result.reports
        }
        pack = self._pack()
        more = {**pack, **self._titled(reports, [*result.reports, *pack])}
        write_html(path, result, more, as_of=self.as_of, findings=findings, options=options)
