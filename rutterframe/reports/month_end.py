"""The reports of a month end: what each is made of, and what it must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.account_types import cash_accounts
from rutterframe.reports.aging import ap_aging, ar_aging
from rutterframe.reports.businesses import Businesses, owners
from rutterframe.reports.cash import cash_position
from rutterframe.reports.comparisons import banks_to_ledger, to_ledger, to_source
from rutterframe.reports.conversion import convert
from rutterframe.reports.engine.dates import day_of, read_as_of
from rutterframe.reports.engine.frame import key_of, nulls_last
from rutterframe.reports.forecast import cash_forecast
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.statuses import NOT_SOLD, is_one_of
from rutterframe.reports.verdict import Verdict

#: What was loaded, by resource.
Frames = Mapping[str, pd.DataFrame]


class Which(StrEnum):
    """The reports that can be asked for."""

    AGING = "aging"
    PAYABLES = "payables"
    REVENUE = "revenue"
    CASH = "cash"
    FORECAST = "forecast"
    ALL = "all"


#: Every report, and the resources that it is made of and compared with.
NEEDED: dict[Which, tuple[str, ...]] = {
    Which.AGING: ("invoices", "accounts"),
    Which.PAYABLES: ("bills", "accounts"),
    Which.REVENUE: ("orders", "products"),
    Which.CASH: ("bank_accounts", "accounts"),
    Which.FORECAST: ("bank_accounts", "invoices", "bills"),
}


# The comparison with the ledger: what it is called, of which documents, how the names of its
# control accounts begin, and whether they are assets or liabilities.
_CONTROL = {
    Which.AGING: ("Receivables to ledger", "invoices", "Accounts Receivable", 1),
    Which.PAYABLES: ("Payables to ledger", "bills", "Accounts Payable", -1),
}
# The columns of the summary: the report that each adds up, and its amount.
_SUMMARY = (
    ("cash", "Cash", "balance"), ("receivables", "Aging", "total"), ("payables", "Payables", "total"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Reports, and whether they agree with what they must; the notes of each say how that went.

    Attributes
    ----------
    reports : dict of str to DataFrame
        By the names of their sheets in a workbook.
    ties : dict of str to DataFrame
        What `tie_out` gave, by what is compared; always in the currencies of the books.
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
        """The verdict, and what was not compared and why: sentences for a reader."""
        frames = [*self.reports.values(), *self.ties.values()]
        notes = (note for frame in frames for note in frame.attrs["notes"])
        return [self.verdict, *dict.fromkeys(note for note in notes if ": not compared" in note.lower())]

    @property
    def summary(self) -> pd.DataFrame:
        """What is there, owed to us and owed by us, one row for each currency of any of them.

        ===========  =======  ====================================================================
        name         dtype    meaning
        ===========  =======  ====================================================================
        currency     str      every currency with a balance, a receivable or a payable
        cash         float64  the sum of the cash position; null where it was not asked for
        receivables  float64  the sum of the receivables aging, likewise
        payables     float64  the sum of the payables aging, likewise
        ===========  =======  ====================================================================
        """
        sums = {
            name: _sums(self.reports[report], amount) if report in self.reports else None
            for name, report, amount in _SUMMARY
        }
        currencies = {currency for found in sums.values() if found for currency in found}
        rows = [
            (currency, *(None if found is None else found.get(currency, 0.0) for found in sums.values()))
            for currency in sorted(currencies, key=nulls_last)
        ]
        table = pd.DataFrame(rows, columns=["currency", *sums])
        return table.astype({"currency": "str", **dict.fromkeys(sums, "float64")})

    def tie_outs(self) -> list[pd.DataFrame]:
        """All comparisons as one table, if there are any."""
        if not self.ties:
            return []
        first = next(iter(self.ties.values()))
        table = pd.concat([tie.assign(comparison=name) for name, tie in self.ties.items()], ignore_index=True)
        names = dict.fromkeys(name for tie in self.ties.values() for name in tie.columns[:-5])
        table = table[["comparison", *names, *first.columns[-5:]]]
        table.attrs = {name: value for name, value in first.attrs.items() if not str(name).startswith("rows")}
        for name in ("notes", "sources"):
            table.attrs[name] = [one for tie in self.ties.values() for one in tie.attrs[name]]
        return [table]


def resources_for(which: Iterable[Which | str]) -> list[str]:
    """List what has to be loaded for some reports, each once.

    Examples
    --------
    >>> resources_for(["aging", "payables"])
    ['invoices', 'accounts', 'bills']
    """
    return list(dict.fromkeys(name for one in which for name in NEEDED[Which(one)]))


def month_end(
    which: str | Iterable[Which | str],
    frames: Frames,
    day: str,
    *,
    notes: Sequence[str] = (),
    businesses: Businesses | None = None,
) -> MonthEnd:
    """Make reports, and compare each with what it must agree with.

    Parameters
    ----------
    which : str or iterable of str
        The reports: "aging", "payables", "revenue", "cash", "forecast", or "all".
    frames : mapping of str to DataFrame
        What `resources_for` lists, as loaded; ``customers`` and ``vendors``, where they are there, give the
        agings names.
    day : str
        The day to count from.
    notes : sequence of str
        What else every report must say.
    businesses : mapping of str to sequence of str, optional
        The connections of each business, which are compared together, such as
        ``{"Roaster": ["roaster-quickbooks", "roaster-bank"]}``. A connection that belongs to none stands for
        itself.

    Returns
    -------
    MonthEnd
        The reports, by their names with a capital; and how they compare, for each connection or business and
        currency, with the ledger's control accounts, the orders and the bank accounts; each bank account by
        itself with the ledger's account of its name and currency. What has nothing to be compared with is
        counted as not compared, and says so in its notes.

    Raises
    ------
    ValueError
        If there is no such report, a frame is missing, or a connection is in two businesses.

    Notes
    -----
    Amounts due and balances are both those of the day the data was fetched, whatever ``day`` is: an aging of
    an earlier day sorts today's amounts into other buckets, so its totals can be compared with the ledger's.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports import month_end
    >>> with rf.demo() as client:
    ...     ledger = client.connection("roaster-quickbooks")
    ...     frames = {"invoices": rf.load_invoices(ledger, progress=False),
    ...               "accounts": rf.load_accounts(ledger, progress=False)}
    >>> month_end(["aging"], frames, "2026-06-30").verdict
    'All 3 totals agree.'
    """
    owners(businesses)
    wanted = _wanted(which)
    missing = [name for name in resources_for(wanted) if name not in frames]
    if missing:
        raise ValueError(
            f"frames lacks {', '.join(missing)}, which {', '.join(wanted)} needs; "
            f"it has {', '.join(frames) or 'none'}"
        )
    reports: dict[str, pd.DataFrame] = {}
    ties: dict[str, pd.DataFrame] = {}
    if "orders" in frames:
        frames = {**frames, "orders": _until(frames["orders"], day)}
    for one in wanted:
        report = _report(one, frames, day)
        report.attrs["notes"] = [*report.attrs["notes"], *notes]
        reports[one.capitalize()] = report
        for name, (tie, what) in _ties(one, report, frames, businesses).items():
            if tie.empty:
                report.attrs["notes"].append(f"{name}: not compared, since there are no {what}.")
            else:
                ties[name] = tie
    return MonthEnd(reports, ties)


def _wanted(which: str | Iterable[Which | str]) -> list[Which]:
    """Read which reports are asked for."""
    wanted: list[Which] = []
    for name in [which] if isinstance(which, str) else which:
        if name not in [*Which]:
            raise ValueError(f"{name!r} is no report; there are {', '.join(Which)}")
        wanted += NEEDED if name == Which.ALL else [Which(name)]
    return list(dict.fromkeys(wanted))


def converted(made: MonthEnd, rates: pd.DataFrame, to: str, day: str) -> MonthEnd:
    """Turn the reports into one currency; the comparisons stay as they were made, in those of the books.

    Raises
    ------
    ValueError
        If a currency of any of the reports has no rate.
    """
    # All at once, so that one error names every currency that is missing.
    found = pd.concat([report["currency"] for report in made.reports.values()])
    convert(pd.DataFrame({"currency": found, "amount": 0.0}), rates, to, on=day, columns=["amount"])
    reports = {name: convert(report, rates, to, on=day) for name, report in made.reports.items()}
    said = f"Totals were compared before the conversion to {to}, in the currencies of the books."
    ties = {name: tie.copy() for name, tie in made.ties.items()}
    for tie in ties.values():
        tie.attrs["notes"] = [*tie.attrs["notes"], said]
    return MonthEnd(reports, ties)


def _until(orders: pd.DataFrame, day: str) -> pd.DataFrame:
    """Keep the orders up to the end of a day; those without a date cannot be told to be later."""
    frame: Any = nw.from_native(orders)
    days = frame.select(day_of(frame, "created_at", kind="orders").alias("day"))
    later = days.select((nw.col("day") >= read_as_of(day) + timedelta(days=1)).fill_null(value=False))
    kept: pd.DataFrame = orders[~later["day"].to_numpy()]
    return kept


def _report(which: Which, frames: Frames, day: str) -> pd.DataFrame:
    made: Any
    if which is Which.AGING:
        made = ar_aging(frames["invoices"], day, customers=frames.get("customers"))
    elif which is Which.PAYABLES:
        made = ap_aging(frames["bills"], day, vendors=frames.get("vendors"))
    elif which is Which.REVENUE:
        made = revenue_by_product(frames["orders"], frames["products"])
        made.attrs["notes"].append(f"Revenue is that of the orders until {day}, and of those without a date.")
    elif which is Which.CASH:
        banks = frames["bank_accounts"]
        made = cash_position(
            banks, by=[name for name in ("connection_id", "institution_name") if name in banks]
        )
    else:
        made = cash_forecast(frames["bank_accounts"], frames["invoices"], frames["bills"], day)
    report: pd.DataFrame = made
    return report


def _ties(
    which: Which, report: pd.DataFrame, frames: Frames, businesses: Businesses | None
) -> dict[str, tuple[pd.DataFrame, str]]:
    """Compare a report with what it must agree with, each with what there must be to compare with."""
    if which in _CONTROL:
        name, resource, prefix, side = _CONTROL[which]
        documents = resource, frames[resource]
        tie = to_ledger(name, report, documents, frames["accounts"], prefix, side, businesses=businesses)
        return {name: (tie, f"accounts there named {prefix}")}
    if which is Which.REVENUE:
        orders: Any = nw.from_native(frames["orders"])
        sold = orders.filter(~is_one_of(NOT_SOLD)).to_native()
        name = "Revenue to orders"
        return {name: (to_source(name, report, sold, businesses=businesses), "orders that are not cancelled")}
    if which is Which.CASH:
        banks = frames["bank_accounts"]
        own, name = "Cash to bank accounts", "Cash to ledger"
        held = cash_accounts(banks)
        return {
            own: (to_source(own, report, held, businesses=businesses), "bank accounts"),
            name: (banks_to_ledger(name, banks, frames["accounts"], businesses=businesses), "bank accounts"),
        }
    return {}


def _sums(report: pd.DataFrame, amount: str) -> dict[str | None, float]:
    """Add up a report's amounts by currency, exactly."""
    sums: dict[str | None, Decimal] = {}
    for currency, value in zip(report["currency"].tolist(), report[amount].tolist(), strict=True):
        key = key_of(currency)
        sums[key] = sums.get(key, Decimal(0)) + (Decimal(0) if pd.isna(value) else Decimal(str(value)))
    return {currency: float(total) for currency, total in sums.items()}
