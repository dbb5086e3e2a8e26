"""The reports of `Books`: each is the function of `rutterframe.reports`, its frames and its day filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe import reports
from rutterframe.books.docstrings import complete_docstrings
from rutterframe.books.report_source import ENTRY, ReportSource
from rutterframe.reports.businesses import Businesses, with_business
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.month_end import orders_until, rows_until

#: The documents of an aging, and what its rows are explained with besides.
_RECEIVABLE = ("invoices", "customers", "invoice_credit_memos")
_PAYABLE = ("bills", "vendors", "bill_credit_memos")
# Accounts have no history: a trial balance of an earlier day would look like one of that day.
_BALANCES = "Balances are those of the day the data was fetched."


@complete_docstrings
class BookReports:
    """The reports of books; `Books` has the frames that they are computed from.

    Every report has in ``attrs`` the books and the documents behind its rows: ``report.rf.explain()``,
    ``report.rf.browse()`` and `Books.explain` need nothing else. With ``as_of=`` a report counts to another
    day than that of the books, as ``books.replace(as_of=…)`` would; balances stay those of the day of the
    fetch, so that reports of balances alone do not take it.
    """

    frames: Mapping[str, pd.DataFrame]
    as_of: str
    businesses: Businesses | None
    notes: tuple[str, ...]
    connections: tuple[str, ...]
    currency: str | None
    rates: pd.DataFrame | None
    _key: str

    if TYPE_CHECKING:

        def replace(self, **changes: Any) -> Any:
            """Return the same books with other arguments."""

    def ar_aging(
        self,
        *,
        as_of: date | datetime | str | None = None,
        by: str | Sequence[str] = "customer_id",
        bounds: Iterable[int] = (30, 60, 90),
        age_by: str = "due_date",
    ) -> pd.DataFrame:
        """Return what customers owe, by how late it is, as `rutterframe.reports.ar_aging` does.

        ``by="business"`` adds up each business.
        """
        documents, memos, terms = self._documents(_RECEIVABLE, by)
        people = self.frames.get("customers")
        report = reports.ar_aging(
            documents, self._day(as_of), customers=people, by=by, bounds=bounds, age_by=age_by,
            credit_memos=memos, payment_terms=terms,
        )  # fmt: skip
        sources = {"invoices": documents, "customers": people, "credit_memos": memos, "payment_terms": terms}
        return self._of_books(report, sources, as_of)

    def ap_aging(
        self,
        *,
        as_of: date | datetime | str | None = None,
        by: str | Sequence[str] = "vendor_id",
        bounds: Iterable[int] = (30, 60, 90),
        age_by: str = "due_date",
    ) -> pd.DataFrame:
        """Return what is owed to vendors, by how late it is, as `rutterframe.reports.ap_aging` does.

        ``by="business"`` adds up each business.
        """
        documents, memos, terms = self._documents(_PAYABLE, by)
        people = self.frames.get("vendors")
        report = reports.ap_aging(
            documents, self._day(as_of), vendors=people, by=by, bounds=bounds, age_by=age_by,
            credit_memos=memos, payment_terms=terms,
        )  # fmt: skip
        sources = {"bills": documents, "vendors": people, "credit_memos": memos, "payment_terms": terms}
        return self._of_books(report, sources, as_of)

    def open_items(
        self,
        resource: str = "invoices",
        *,
        as_of: date | datetime | str | None = None,
        bounds: Iterable[int] = (30, 60, 90),
        age_by: str = "due_date",
    ) -> pd.DataFrame:
        """Return the open documents, as `rutterframe.reports.open_items` does.

        Parameters
        ----------
        resource : {"invoices", "bills"}
            Which documents.
        """
        documents, memos, terms = self._documents(_side(resource), ())
        report = reports.open_items(
            documents, self._day(as_of), bounds=bounds, age_by=age_by, credit_memos=memos, payment_terms=terms
        )
        return self._of_books(report, {"documents": documents, "credit_memos": memos}, as_of)

    def top_overdue(
        self,
        resource: str = "invoices",
        *,
        as_of: date | datetime | str | None = None,
        max_rows: int | None = 10,
        days: int = 0,
    ) -> pd.DataFrame:
        """Return the largest overdue documents, as `rutterframe.reports.top_overdue` does.

        Parameters
        ----------
        resource : {"invoices", "bills"}
            Which documents.
        """
        side = _side(resource)
        documents, memos, terms = self._documents(side, ())
        named: dict[str, Any] = {side[1]: self.frames.get(side[1])}
        report = reports.top_overdue(
            documents, self._day(as_of), max_rows=max_rows, days=days, credit_memos=memos,
            payment_terms=terms, **named,
        )  # fmt: skip
        return self._of_books(
            report, {"documents": documents, "credit_memos": memos, "payment_terms": terms}, as_of
        )

    def revenue_by_product(
        self,
        *,
        as_of: date | datetime | str | None = None,
        by: str | Sequence[str] = "product_id",
        period: str | None = None,
        tz: str = "UTC",
    ) -> pd.DataFrame:
        """Return the revenue of the orders until the as-of date.

        As `rutterframe.reports.revenue_by_product` does; ``by="business"`` adds up each business.
        """
        orders = self._by(orders_until(self.frames["orders"], self._day(as_of)), by)
        products = self.frames.get("products")
        report = reports.revenue_by_product(orders, products, by=by, period=period, tz=tz)
        report.attrs["notes"] = [
            *report.attrs["notes"],
            f"Revenue is that of the orders until {self._day(as_of)}, and of those without a date.",
        ]
        return self._of_books(report, {"orders": orders, "products": products}, as_of)

    def cash_position(self, *, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return the cash and the debt of the bank accounts, as `rutterframe.reports.cash_position` does.

        By connection and bank when ``by`` is left out; ``by="business"`` adds up each business.

        Parameters
        ----------
        by : str or sequence of str, optional
            Columns with a row for each value; connection and bank when left out.
        """
        banks = self.frames["bank_accounts"]
        by = [key for key in ("connection_id", "institution_name") if key in banks] if by is None else by
        banks = self._by(banks, by)
        return self._of_books(reports.cash_position(banks, by=by), {"bank_accounts": banks})

    def cash_history(
        self, *, as_of: date | datetime | str | None = None, by_account: bool = False
    ) -> pd.DataFrame:
        """Return the cash of each day until the as-of date, as `rutterframe.reports.cash_history` does."""
        banks, postings = self.frames["bank_accounts"], self.frames["transactions"]
        report = reports.cash_history(
            banks, postings, by_account=by_account, as_of=self._day(as_of), businesses=self.businesses
        )
        return self._of_books(report, {"transactions": postings, "bank_accounts": banks}, as_of)

    def cash_forecast(
        self,
        *,
        as_of: date | datetime | str | None = None,
        weeks: int = 13,
        overdue: str = "first_week",
        run_rate: bool = False,
    ) -> pd.DataFrame:
        """Return the cash of the weeks from the as-of date, as `rutterframe.reports.cash_forecast` does.

        ``run_rate=True`` adds the usual flows that no document announces, from the bank's transactions.

        Parameters
        ----------
        run_rate : bool
            Whether to add the usual flows that no document announces, from the bank's transactions.
        """
        invoices, bills = self.frames["invoices"], self.frames["bills"]
        report = reports.cash_forecast(
            self.frames["bank_accounts"], invoices, bills, self._day(as_of), weeks=weeks, overdue=overdue,
            transactions=self.frames["transactions"] if run_rate else None, run_rate=run_rate,
            businesses=self.businesses,
            invoice_credit_memos=self.frames.get("invoice_credit_memos"),
            bill_credit_memos=self.frames.get("bill_credit_memos"),
        )  # fmt: skip
        return self._of_books(report, {"invoices": invoices, "bills": bills, **self._memos}, as_of)

    @property
    def _memos(self) -> dict[str, pd.DataFrame | None]:
        """The credit memos of both sides, where the frames have them."""
        return {name: self.frames.get(name) for name in ("invoice_credit_memos", "bill_credit_memos")}

    def runway(
        self,
        *,
        as_of: date | datetime | str | None = None,
        weeks: int = 13,
        overdue: str = "first_week",
        run_rate: bool = False,
    ) -> pd.DataFrame:
        """Return how low the cash gets and when, as `rutterframe.reports.runway` does.

        The options are those of the forecast.

        Parameters
        ----------
        weeks : int
            How many weeks, 522 at most.
        overdue : {"first_week", "spread", "exclude"}
            When overdue documents are paid, as in `cash_forecast`.
        run_rate : bool
            Whether to add the usual flows that no document announces, from the bank's transactions.
        """
        forecast = self.cash_forecast(as_of=as_of, weeks=weeks, overdue=overdue, run_rate=run_rate)
        return self._of_books(reports.runway(forecast), {"forecast": forecast}, as_of)

    def transfers(self) -> pd.DataFrame:
        """Return the transfers between own accounts, as `rutterframe.reports.transfers` does."""
        banks, postings = self.frames["bank_accounts"], self.frames["transactions"]
        report = reports.transfers(banks, postings, businesses=self.businesses)
        return self._of_books(report, {"transactions": postings})

    def trial_balance(self) -> pd.DataFrame:
        """Return the balances by type of account, as `rutterframe.reports.trial_balance` does."""
        accounts = self.frames["accounts"]
        report = reports.trial_balance(accounts)
        report.attrs["notes"] = [_BALANCES, *report.attrs["notes"]]
        return self._of_books(report, {"accounts": accounts})

    def expenses_by_category(
        self, *, as_of: date | datetime | str | None = None, period: str | None = None
    ) -> pd.DataFrame:
        """Return what was spent until the as-of date, as `rutterframe.reports.expenses_by_category` does."""
        expenses = self.frames["expenses"]
        if "date" in expenses:
            expenses = rows_until(expenses, self._day(as_of), "date", kind="expenses")
        report = reports.expenses_by_category(expenses, period=period)
        report.attrs["notes"] = [
            *report.attrs["notes"],
            f"Expenses are those until {self._day(as_of)}, and those without a date.",
        ]
        return self._of_books(report, {"expenses": expenses}, as_of)

    def dso(
        self, *, as_of: date | datetime | str | None = None, method: str = "simple", days: int = 90
    ) -> pd.DataFrame:
        """Return the days sales outstanding, as `rutterframe.reports.dso` does; live dialect only."""
        documents, memos, _ = self._documents(_RECEIVABLE, ())
        report = reports.dso(documents, self._day(as_of), method=method, days=days, credit_memos=memos)
        return self._of_books(report, {"invoices": documents, "credit_memos": memos}, as_of)

    def dpo(
        self, *, as_of: date | datetime | str | None = None, method: str = "simple", days: int = 90
    ) -> pd.DataFrame:
        """Return the days payable outstanding, as `rutterframe.reports.dpo` does; live dialect only."""
        documents, memos, _ = self._documents(_PAYABLE, ())
        report = reports.dpo(documents, self._day(as_of), method=method, days=days, credit_memos=memos)
        return self._of_books(report, {"bills": documents, "credit_memos": memos}, as_of)

    def days_to_pay(
        self, resource: str = "invoices", *, by: str | Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return how long documents took to be paid, as `rutterframe.reports.days_to_pay`; live dialect only.

        Parameters
        ----------
        resource : {"invoices", "bills"}
            Which documents.
        by : str or sequence of str, optional
            The keys; the customers or the vendors when left out.
        """
        documents, people, _ = _side(resource)
        party = f"{people[:-1]}_id"
        frame, names = self._by(self.frames[documents], by or ()), self.frames.get(people)
        named: dict[str, Any] = {people: names}
        report = reports.days_to_pay(frame, by=by or party, **named)
        return self._of_books(report, {documents: frame, people: names})

    def compare_statements(
        self,
        resource: str = "balance_sheets",
        *,
        since: date | datetime | str | None = None,
    ) -> pd.DataFrame:
        """Compare the ledger's statements with its accounts, as `rutterframe.reports.compare_statements`.

        Parameters
        ----------
        resource : {"balance_sheets", "income_statements"}
            Which statements.
        """
        statements, accounts = self.frames[resource], self.frames["accounts"]
        report = reports.compare_statements(statements, accounts, since=since)
        return self._of_books(report, {})

    def _day(self, as_of: date | datetime | str | None) -> str:
        return self.as_of if as_of is None else f"{parse_as_of(as_of):%Y-%m-%d}"

    def _of_books(
        self, report: Any, sources: Mapping[str, Any], as_of: date | datetime | str | None = None
    ) -> pd.DataFrame:
        """Put into a report the notes of the books, and the way back to them, as of its day."""
        if self._day(as_of) != self.as_of:
            books: BookReports = self.replace(as_of=as_of)
            return books._of_books(report, sources)
        known = {name: frame for name, frame in sources.items() if frame is not None}
        attrs = report.attrs
        attrs["notes"] = [*dict.fromkeys([*attrs.get("notes", []), *self.notes])]
        attrs[ENTRY] = ReportSource(f"{attrs['report']} of {self._key}", self, known)  # type: ignore[arg-type]
        result: pd.DataFrame = report
        return result

    def _documents(
        self, side: tuple[str, str, str], by: str | Sequence[str]
    ) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
        """Return the documents of an aging, their credit memos, and the payment terms that they name."""
        documents, _, memos = side
        frame = self._by(self.frames[documents], by)
        credits_ = self.frames.get(memos)
        terms = self.frames.get("payment_terms")
        if not {"payment_terms_id", "issue_date"} <= {*frame}:
            terms = None
        return frame, None if credits_ is None else self._by(credits_, by), terms

    def _by(self, frame: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
        """Add the business of each row, where a report groups by it."""
        if "business" not in ([by] if isinstance(by, str) else by):
            return frame
        if self.businesses is None:
            raise ValueError(
                "these books know no businesses: pass businesses={'Roaster': ['roaster-quickbooks', …]}, or "
                "set RUTTER_BUSINESSES"
            )
        result: pd.DataFrame = with_business(frame, self.businesses)
        return result


def _side(resource: str) -> tuple[str, str, str]:
    """Return the frames of receivables or payables, by the resource of their documents."""
    sides = {"invoices": _RECEIVABLE, "bills": _PAYABLE}
    if resource not in [*sides]:
        raise ValueError(f"resource={resource!r} is not known (expected 'invoices' or 'bills')")
    return sides[resource]
