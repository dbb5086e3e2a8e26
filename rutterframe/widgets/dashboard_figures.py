"""The figures of a dashboard: reports of one business and day, their comparisons, and what a choice shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pandas as pd

from rutterframe.books import Books
from rutterframe.errors import RutterframeError
from rutterframe.findings import TOPICS as TITLES
from rutterframe.findings import Findings, findings
from rutterframe.findings.amounts import amount_of, by_currency, total
from rutterframe.findings.topics import NEEDED
from rutterframe.reports import MonthEnd
from rutterframe.reports.verdict import Verdict
from rutterframe.views.format import count, listed, number

#: Errors of a report, each of which is a sentence for the reader.
ERRORS = (ValueError, TypeError, KeyError, OverflowError, RutterframeError)
#: Results that are remembered; a month of days beside four reports.
_REMEMBERED = 128


class Section(NamedTuple):
    """A part of a dashboard: the report that it shows, and what it says if there is nothing to show."""

    report: str
    sheet: str
    amount: str
    empty: str


#: The parts of a dashboard by their titles, in order.
SECTIONS = {
    "Receivables": Section("aging", "Aging", "total", "There are no open invoices"),
    "Payables": Section("payables", "Payables", "total", "There are no open bills"),
    "Revenue": Section("revenue", "Revenue", "revenue", "There is no order of a shop"),
    "Cash": Section("cash", "Cash", "balance", "There is no bank account"),
}
#: The findings above the tables. Those on cash need a forecast, which would take longer than the rest
#: of a redraw together.
TOPICS = ("receivables", "payables", "revenue")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the controls of a dashboard are set to.

    Attributes
    ----------
    business : str or None
        One business; None for all.
    as_of : date or None
        The day to count from; None while none is entered.
    currency : str or None
        One currency; None for all, each by itself.
    is_converted : bool
        Whether all are converted into the currency of the books.
    minimum : float
        The smallest amount of a row that is shown, credits without their sign.
    """

    business: str | None = None
    as_of: date | None = None
    currency: str | None = None
    is_converted: bool = False
    minimum: float = 0.0


@dataclass(frozen=True, slots=True)
class Content:
    """What one part shows: sentences, then a table; None where the sentences say it all."""

    sentences: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None


class Figures:
    """Reports of books, computed once for each business and day.

    Parameters
    ----------
    books : Books
        The books of all businesses.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self._businesses: dict[str | None, Books] = {None: books}
        self._parts: dict[tuple[str | None, date], Books] = {}
        self._results: dict[tuple[str | None, date, str], MonthEnd | Findings | str] = {}

    @property
    def currencies(self) -> list[str]:
        """The currencies of all documents, orders and accounts, sorted."""
        codes: set[str] = set()
        for name in ("invoices", "bills", "orders", "bank_accounts"):
            if name in self.books.frames:
                codes |= {str(code) for code in self.books.frames[name]["currency"].dropna().unique()}
        return sorted(codes - {""})

    def part(self, business: str | None, as_of: date) -> Books:
        """Return the books of a business on a day."""
        key = (business, as_of)
        if key not in self._parts:
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            # Filtered once: each filter copies rows, while another day shares the frames.
            if business not in self._businesses:
                self._businesses[business] = self.books.filter(business)
            self._parts[key] = self._businesses[business].replace(as_of=as_of)
        return self._parts[key]

    def compute(self, business: str | None, as_of: date, report: str) -> MonthEnd | Findings | str:
        """Return a report with its comparisons, the "findings", or the sentence of the error."""
        key = (business, as_of, report)
        if key not in self._results:
            if len(self._results) >= _REMEMBERED:
                self._results.clear()
            try:
                books = self.part(business, as_of)
                self._results[key] = _findings(books) if report == "findings" else books.month_end([report])
            except ERRORS as error:
                self._results[key] = sentence_of(error)
        return self._results[key]

    def show(self, title: str, choice: Choice) -> Content:
        """Return what a part shows: the rows of the currency that are not below the minimum amount."""
        section = SECTIONS[title]
        if choice.as_of is None:
            return Content()
        result = self.compute(choice.business, choice.as_of, section.report)
        if not isinstance(result, MonthEnd):
            return Content([f"{title} cannot be computed: {result}"])
        report = result.reports[section.sheet]
        if choice.is_converted and len(report):
            try:
                report = self.part(choice.business, choice.as_of).convert(report)
            except ERRORS as error:
                return Content([f"{title} cannot be converted: {sentence_of(error)}"])
        if report.empty:
            return Content([f"{section.empty}."], report)
        rows = _of_currency(report, choice.currency)
        if rows.empty:
            codes = listed(sorted(report["currency"].dropna().unique()))
            return Content([f"{section.empty} in {choice.currency}; there are amounts in {codes}."])
        return _above_minimum(rows, section, choice.minimum)

    def tie_out(self, choice: Choice) -> tuple[Verdict, Content]:
        """Return the comparisons of all parts in the currency: how many agree, and their table."""
        if choice.as_of is None:
            return Verdict(0, 0, 0), Content()
        results = [
            self.compute(choice.business, choice.as_of, section.report) for section in SECTIONS.values()
        ]
        ties = {
            name: tie
            for result in results
            if isinstance(result, MonthEnd)
            for name, tie in result.ties.items()
        }
        month_end = MonthEnd({}, ties)
        if not ties:
            return month_end.counts, Content(["No report could be compared with its source."])
        (table,) = month_end.tie_outs()
        rows = _of_currency(table, choice.currency)
        verdict, whole = Verdict.of([rows]), Verdict.of([table])
        sentences = []
        if elsewhere := whole.differ - verdict.differ:
            differ = "DIFFERS" if elsewhere == 1 else "DIFFER"
            sentences.append(f"In other currencies {count(elsewhere, 'total')} {differ}.")
        if choice.is_converted:
            sentences.append("Totals are compared in the currencies of the books, before the conversion.")
        return verdict, Content(sentences, None if rows.empty else rows)

    def find(self, choice: Choice) -> list[str]:
        """Return the findings in the currency, each after its topic, of all rows whatever their amount."""
        if choice.as_of is None:
            return []
        result = self.compute(choice.business, choice.as_of, "findings")
        if not isinstance(result, Findings):
            return [f"Findings cannot be computed: {result}"]
        currency = choice.currency
        return [
            f"{TITLES[each.topic]}: {each.sentence}"
            for each in result
            if currency is None or each.currency in (None, currency)
        ]


def sentence_of(error: BaseException) -> str:
    """Return the text of an error as a sentence; a KeyError would quote it."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _findings(books: Books) -> Findings:
    """Return the findings of the topics with the frames that they need."""
    topics = [topic for topic in TOPICS if topic in NEEDED and NEEDED[topic] <= {*books.frames}]
    return Findings(finding for topic in topics for finding in findings(books, topic))


def _of_currency(report: pd.DataFrame, currency: str | None) -> pd.DataFrame:
    return report if currency is None else report[report["currency"] == currency]


def _above_minimum(rows: pd.DataFrame, section: Section, minimum: float) -> Content:
    """Hide the rows below the minimum amount, and state how many there are and what they add up to."""
    is_below = (rows[section.amount].abs() < minimum).fillna(value=False)
    if not is_below.any():
        return Content([], rows)
    hidden, rest = rows[is_below], rows[~is_below]
    sums = [
        amount_of(total(part[section.amount].tolist()), currency) for currency, part in by_currency(hidden)
    ]
    verb = "is" if len(hidden) == 1 else "are"
    of_all = f"{len(hidden):,} of {count(len(rows), 'row')}"
    text = f"{of_all} {verb} below {number(minimum)} and hidden: {listed(sums)}."
    return Content([text], None if rest.empty else rest)
