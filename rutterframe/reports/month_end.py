"""The reports of a month end, each compared with the books."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames.deleted_rows import DELETED, leave_out_deleted
from rutterframe.frames.text_dtype import TEXT_DTYPE, infer_text
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.account_types import filter_cash
from rutterframe.reports.aging import ap_aging, ar_aging
from rutterframe.reports.bank_reconciliation import reconcile_banks
from rutterframe.reports.businesses import Businesses, owners
from rutterframe.reports.cash import cash_position
from rutterframe.reports.control_accounts import ControlAccounts, compare_with_ledger
from rutterframe.reports.conversion import convert
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.frame import normalize_key, nulls_last
from rutterframe.reports.forecast import cash_forecast
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.statuses import NO_REVENUE, is_one_of
from rutterframe.reports.tie_out import tie_out
from rutterframe.reports.verdict import Verdict, with_outcome

#: Loaded frames, by resource.
Frames = Mapping[str, pd.DataFrame]


class MonthEndReport(StrEnum):
    """The reports of a month end, and the word for all of them."""

    AGING = "aging"
    PAYABLES = "payables"
    REVENUE = "revenue"
    CASH = "cash"
    FORECAST = "forecast"
    ALL = "all"


#: Every report, and the resources that it is computed from and compared with.
NEEDED: dict[MonthEndReport, tuple[str, ...]] = {
    MonthEndReport.AGING: ("invoices", "accounts"),
    MonthEndReport.PAYABLES: ("bills", "accounts"),
    MonthEndReport.REVENUE: ("orders", "products"),
    MonthEndReport.CASH: ("bank_accounts", "accounts"),
    MonthEndReport.FORECAST: ("bank_accounts", "invoices", "bills"),
}

#: What a report takes besides, where the API has it: only the live dialect does.
OPTIONAL: dict[MonthEndReport, tuple[str, ...]] = {
    MonthEndReport.AGING: ("invoice_credit_memos", "payment_terms"),
    MonthEndReport.PAYABLES: ("bill_credit_memos", "payment_terms"),
    MonthEndReport.FORECAST: ("invoice_credit_memos", "bill_credit_memos"),
}

#: The resource with the names of a report. The contract has no list of vendors.
NAMES = {MonthEndReport.AGING: "customers", MonthEndReport.PAYABLES: "vendors"}

_CONTROL = {
    MonthEndReport.AGING: ControlAccounts(
        "Receivables to ledger", "invoices", "Accounts Receivable", 1, "accounts_receivable"
    ),
    MonthEndReport.PAYABLES: ControlAccounts(
        "Payables to ledger", "bills", "Accounts Payable", -1, "accounts_payable"
    ),
}
# The columns of the summary: each with the report and the amount that it adds up.
_SUMMARY = (
    ("cash", "Cash", "balance"), ("receivables", "Aging", "total"), ("payables", "Payables", "total"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Reports, and how they compare with the books.

    Attributes
    ----------
    reports : dict of str to DataFrame
        By the names of their sheets in a workbook.
    ties : dict of str to DataFrame
        The comparisons, as `tie_out` returns them, by their titles; always in the currencies of the books.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("roaster-quickbooks")
    ...     frames = {"bills": rf.load_bills(ledger, progress=False),
    ...               "accounts": rf.load_accounts(ledger, progress=False)}
    >>> month_end("payables", frames, "2026-06-30").agree
    True
    """

    reports: dict[str, pd.DataFrame]
    ties: dict[str, pd.DataFrame]

    @property
    def counts(self) -> Verdict:
        """How many totals agree, differ, and were not compared."""
        return Verdict.of(self.ties.values())

    @property
    def agree(self) -> bool:
        """Whether something was compared and nothing differs."""
        return self.counts.passed

    @property
    def verdict(self) -> str:
        """How many totals agree, differ, and were not compared, in words."""
        return self.counts.sentence

    @property
    def outcome(self) -> list[str]:
        """The verdict, then a sentence on each total that was not compared, with the reason."""
        frames = [*self.reports.values(), *self.ties.values()]
        notes = (note for frame in frames for note in frame.attrs["notes"])
        return [self.verdict, *dict.fromkeys(note for note in notes if ": not compared" in note.lower())]

    @property
    def summary(self) -> pd.DataFrame:
        """Cash, receivables and payables, one row for each currency of any of them.

        ===========  =======  ====================================================================
        name         dtype    meaning
        ===========  =======  ====================================================================
        currency     str      every currency with a balance, a receivable or a payable
        cash         float64  the sum of the cash position; null without that report
        receivables  float64  the sum of the receivables aging, likewise
        payables     float64  the sum of the payables aging, likewise
        ===========  =======  ====================================================================
        """
        sums = {
            name: _sums(self.reports[report], amount) if report in self.reports else None
            for name, report, amount in _SUMMARY
        }
        currencies = {currency for column in sums.values() if column for currency in column}
        rows = [
            (currency, *(None if column is None else column.get(currency, 0.0) for column in sums.values()))
            for currency in sorted(currencies, key=nulls_last)
        ]
        table = pd.DataFrame(rows, columns=["currency", *sums])
        table = table.astype({"currency": TEXT_DTYPE, **dict.fromkeys(sums, "float64")})
        receipts = [each for report in self.reports.values() for each in report.attrs["sources"]]
        table.attrs["sources"] = [each for place, each in enumerate(receipts) if each not in receipts[:place]]
        days = {report.attrs["as_of"] for report in self.reports.values() if "as_of" in report.attrs}
        if len(days) == 1:
            table.attrs["as_of"] = days.pop()
        return table

    def tie_outs(self) -> list[pd.DataFrame]:
        """Return all comparisons as one table, with their titles in a column; none without comparisons.

        Returns
        -------
        list of DataFrame
            One table with a column ``comparison``, then those of `tie_out`; empty without comparisons.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     ledger = client.connection("roaster-quickbooks")
        ...     frames = {"invoices": rf.load_invoices(ledger, progress=False),
        ...               "accounts": rf.load_accounts(ledger, progress=False)}
        >>> month_end("aging", frames, "2026-06-30").tie_outs()[0]["ok"].unique().tolist()
        [True]
        """
        if not self.ties:
            return []
        first = next(iter(self.ties.values()))
        table = pd.concat([tie.assign(comparison=name) for name, tie in self.ties.items()], ignore_index=True)
        names = dict.fromkeys(name for tie in self.ties.values() for name in tie.columns[:-5])
        table = infer_text(table[["comparison", *names, *first.columns[-5:]]])
        table.attrs = {name: value for name, value in first.attrs.items() if not str(name).startswith("rows")}
        for name in ("notes", "sources"):
            table.attrs[name] = [value for tie in self.ties.values() for value in tie.attrs[name]]
        return [table]

    def convert(self, rates: pd.DataFrame, to: str, on: str) -> MonthEnd:
        """Return the reports in one currency, as of `rutterframe.reports.convert`, and the same comparisons.

        Parameters
        ----------
        rates : DataFrame
            As `rutterframe.reports.convert` takes them.
        to : str
            The currency.
        on : str
            The day of the rates.

        Returns
        -------
        MonthEnd
            The reports in that currency; the comparisons stay in the currencies of the books.

        Raises
        ------
        ValueError
            If a currency of any of the reports has no rate.

        Examples
        --------
        >>> import rutterframe as rf
        >>> with rf.demo() as client:
        ...     ledger = client.connection("roaster-quickbooks")
        ...     frames = {"invoices": rf.load_invoices(ledger, progress=False),
        ...               "accounts": rf.load_accounts(ledger, progress=False)}
        >>> day = pd.Timestamp("2026-06-30")
        >>> rates = pd.DataFrame({"currency": ["KWD"], "rate": [3.25], "date": [day]})
        >>> result = month_end("aging", frames, "2026-06-30").convert(rates, "USD", "2026-06-30")
        >>> result.reports["Aging"]["currency"].unique().tolist()
        ['USD']
        """
        # All at once, so that one error names every currency that is missing.
        currencies = pd.concat([report["currency"] for report in self.reports.values()])
        amounts = pd.DataFrame({"currency": currencies, "amount": 0.0})
        convert(amounts, rates, to, on=on, columns=["amount"])
        reports = {name: convert(report, rates, to, on=on) for name, report in self.reports.items()}
        note = f"Totals were compared before the conversion to {to}, in the currencies of the books."
        ties = {name: tie.copy() for name, tie in self.ties.items()}
        for tie in ties.values():
            tie.attrs["notes"] = [*tie.attrs["notes"], note]
        return MonthEnd(reports, ties)


def resources_for(
    which: Iterable[MonthEndReport | str], offered: Container[str] = (), *, names: bool = False
) -> list[str]:
    """List the resources to load for some reports, each once.

    Parameters
    ----------
    which : iterable of MonthEndReport or str
        The reports.
    offered : container of str
        The resources that can be loaded, such as ``client.resources``: credit memos and payment terms, which
        only the live dialect has, are listed where they are among them.
    names : bool
        Whether to list those with the names of customers and vendors as well, where they can be loaded.

    Examples
    --------
    >>> resources_for(["aging", "payables"])
    ['invoices', 'accounts', 'bills']
    >>> resources_for(["aging"], ["invoice_credit_memos", "customers", "vendors"], names=True)
    ['invoices', 'accounts', 'invoice_credit_memos', 'customers']
    """
    reports = [MonthEndReport(report) for report in which]
    listed = [name for report in reports for name in NEEDED[report]]
    optional = [name for report in reports for name in OPTIONAL.get(report, ())]
    optional += [NAMES[report] for report in reports if names and report in NAMES]
    return list(dict.fromkeys([*listed, *(name for name in optional if name in offered)]))


def month_end(
    which: str | Iterable[MonthEndReport | str],
    frames: Frames,
    day: str,
    *,
    notes: Sequence[str] = (),
    businesses: Businesses | None = None,
) -> MonthEnd:
    """Compute the reports of a month end, and compare each with the books.

    Parameters
    ----------
    which : str or iterable of str
        The reports: "aging", "payables", "revenue", "cash", "forecast", or "all".
    frames : mapping of str to DataFrame
        The frames by resource, as `rutterframe.load_all` returns them; with ``customers`` and ``vendors`` the
        agings have names. Of the live dialect also ``invoice_credit_memos``, ``bill_credit_memos`` and
        ``payment_terms``: agings, and their comparisons, then have credit memos, and due dates where these
        are missing.
    day : str
        The day to count from.
    notes : sequence of str
        Notes to add to every report.
    businesses : mapping of str to sequence of str, optional
        The connections of each business, which are compared together, such as
        ``{"Roaster": ["roaster-quickbooks", "roaster-bank"]}``. A connection that belongs to none stands for
        itself.

    Returns
    -------
    MonthEnd
        The reports, by their names with a capital; and how they compare, for each connection or business and
        currency, with the ledger's control accounts, the orders and the bank accounts; each bank account by
        itself with the ledger's account of its name and currency. A total without a source to compare it
        with counts as not compared, and its notes say so.

    Raises
    ------
    ValueError
        If a name is not that of a report, a frame is missing, or a connection is in two businesses.

    Notes
    -----
    Amounts due and balances are both those of the day the data was fetched, whatever ``day`` is: an aging of
    an earlier day sorts today's amounts into other buckets, so its totals can be compared with the ledger's.
    Frames of the live dialect are reconstructed as of an earlier day, and then compared with nothing.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("roaster-quickbooks")
    ...     frames = {"invoices": rf.load_invoices(ledger, progress=False),
    ...               "accounts": rf.load_accounts(ledger, progress=False)}
    >>> rf.reports.month_end(["aging"], frames, "2026-06-30").verdict
    'All 3 totals agree.'
    """
    owners(businesses)
    if any(DELETED in frame for frame in frames.values()):
        frames = {resource: leave_out_deleted(frame) for resource, frame in frames.items()}
    names = _read_names(which)
    missing = [resource for resource in resources_for(names) if resource not in frames]
    if missing:
        raise ValueError(
            f"frames lacks {', '.join(missing)}, which {', '.join(names)} needs; "
            f"it has {printable_names(frames) or 'none'}"
        )
    if "orders" in frames:
        frames = {**frames, "orders": orders_until(frames["orders"], day)}
    reports: dict[str, pd.DataFrame] = {}
    ties: dict[str, pd.DataFrame] = {}
    for name in names:
        report = _report(name, frames, day)
        report.attrs["notes"] = [*report.attrs["notes"], *notes]
        reports[name.capitalize()] = report
        for title, (tie, what) in _ties(name, report, frames, businesses).items():
            if tie.empty:
                report.attrs["notes"].append(f"{title}: not compared, since there are no {what}.")
            else:
                ties[title] = tie
    return MonthEnd(reports, ties)


def _read_names(which: str | Iterable[MonthEndReport | str]) -> list[MonthEndReport]:
    """Read the names of reports, each once."""
    names: list[MonthEndReport] = []
    for name in [which] if isinstance(which, str) else which:
        if name not in [*MonthEndReport]:
            raise ValueError(f"{name!r} is not a report (expected one of {', '.join(MonthEndReport)})")
        names += NEEDED if name == MonthEndReport.ALL else [MonthEndReport(name)]
    return list(dict.fromkeys(names))


def orders_until(orders: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the orders up to the end of a day, UTC, with those without a date."""
    return rows_until(orders, day, "created_at", kind="orders")


def rows_until(rows: pd.DataFrame, day: str, date: str, *, kind: str) -> pd.DataFrame:
    """Return the rows with a date up to the end of a day, UTC, and those without a date."""
    frame: Any = nw.from_native(rows)
    days = frame.select(parse_dates(frame, date, kind=kind).alias("day"))
    later = days.select((nw.col("day") >= parse_as_of(day) + timedelta(days=1)).fill_null(value=False))
    until: pd.DataFrame = rows[~later["day"].to_numpy()]
    return until


def _report(name: MonthEndReport, frames: Frames, day: str) -> pd.DataFrame:
    """Compute one report."""
    report: pd.DataFrame
    if name is MonthEndReport.AGING:
        report = ar_aging(
            frames["invoices"],
            day,
            customers=frames.get("customers"),
            credit_memos=frames.get("invoice_credit_memos"),
            payment_terms=_terms(frames, "invoices"),
        )
    elif name is MonthEndReport.PAYABLES:
        report = ap_aging(
            frames["bills"],
            day,
            vendors=frames.get("vendors"),
            credit_memos=frames.get("bill_credit_memos"),
            payment_terms=_terms(frames, "bills"),
        )
    elif name is MonthEndReport.REVENUE:
        report = revenue_by_product(frames["orders"], frames["products"])
        note = f"Revenue is that of the orders until {day}, and of those without a date."
        report.attrs["notes"].append(note)
    elif name is MonthEndReport.CASH:
        banks = frames["bank_accounts"]
        report = cash_position(
            banks, by=[key for key in ("connection_id", "institution_name") if key in banks]
        )
    else:
        report = cash_forecast(
            frames["bank_accounts"],
            frames["invoices"],
            frames["bills"],
            day,
            invoice_credit_memos=frames.get("invoice_credit_memos"),
            bill_credit_memos=frames.get("bill_credit_memos"),
        )
    return report


def _terms(frames: Frames, resource: str) -> pd.DataFrame | None:
    """Return the payment terms, where there are some and the documents name theirs."""
    names = {"payment_terms_id", "issue_date"}
    return frames.get("payment_terms") if names <= {*frames[resource]} else None


def _ties(
    name: MonthEndReport, report: pd.DataFrame, frames: Frames, businesses: Businesses | None
) -> dict[str, tuple[pd.DataFrame, str]]:
    """Compare a report with its sources: by title the comparison, and what to call the rows of the source."""
    if name in _CONTROL:
        control = _CONTROL[name]
        documents, accounts = frames[control.documents], frames["accounts"]
        memos = frames.get(f"{control.documents[:-1]}_credit_memos")
        tie = compare_with_ledger(
            control, report, documents, accounts, businesses=businesses, credit_memos=memos
        )
        return {control.title: (tie, f"accounts there {control.wanted(accounts)}")}
    if name is MonthEndReport.REVENUE:
        title = "Revenue to orders"
        orders: Any = nw.from_native(frames["orders"])
        tie = tie_out(report, orders.filter(~is_one_of(NO_REVENUE)).to_native(), businesses=businesses)
        return {title: (with_outcome(title, tie), "orders that are not cancelled")}
    if name is MonthEndReport.CASH:
        title, ledger = "Cash to bank accounts", "Cash to ledger"
        banks = frames["bank_accounts"]
        tie = tie_out(report, filter_cash(banks), businesses=businesses)
        by_account = reconcile_banks(ledger, banks, frames["accounts"], businesses=businesses)
        return {title: (with_outcome(title, tie), "bank accounts"), ledger: (by_account, "bank accounts")}
    return {}


def _sums(report: pd.DataFrame, amount: str) -> dict[str | None, float]:
    """Add up a report's amounts by currency, exactly."""
    sums: dict[str | None, Decimal] = {}
    for currency, value in zip(report["currency"].tolist(), report[amount].tolist(), strict=True):
        key = normalize_key(currency)
        sums[key] = sums.get(key, Decimal(0)) + (Decimal(0) if pd.isna(value) else Decimal(str(value)))
    return {currency: float(total) for currency, total in sums.items()}
