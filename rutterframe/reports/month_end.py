"""The reports of a month end: what each is made of, and what it must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import pandas as pd

from rutterframe.reports.aging import ap_aging, ar_aging
from rutterframe.reports.balances import cash_position
from rutterframe.reports.cash import cash_forecast
from rutterframe.reports.conversion import convert
from rutterframe.reports.revenue import revenue_by_product
from rutterframe.reports.statuses import NOT_SOLD, plain
from rutterframe.reports.tie_out import tie_out

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


class _Pair(NamedTuple):
    """A report, what it must agree with (in words that go on "there are no …"), and what is left out."""

    report: pd.DataFrame
    source: pd.DataFrame
    what: str
    without: str = ""


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Reports, and whether they agree with what they must; their notes say how the comparisons went.

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
    def agree(self) -> bool:
        """Whether nothing that was compared differs."""
        return all(bool(tie["ok"].all()) for tie in self.ties.values())

    @property
    def verdict(self) -> str:
        """How many of the compared totals agree, in words."""
        agreed = [bool(ok) for tie in self.ties.values() for ok in tie["ok"]]
        if not agreed:
            return "Nothing was compared with its source."
        wrong = agreed.count(False)
        return f"{wrong} of {len(agreed)} totals DIFFER." if wrong else f"All {len(agreed)} totals agree."

    @property
    def outcome(self) -> list[str]:
        """The verdict, and what was not compared and why: sentences for a reader."""
        said = (note for report in self.reports.values() for note in report.attrs["notes"])
        return [self.verdict, *dict.fromkeys(note for note in said if ": not compared, " in note)]

    def tie_outs(self) -> list[pd.DataFrame]:
        """All comparisons as one table, if there are any."""
        if not self.ties:
            return []
        first = next(iter(self.ties.values()))
        table = pd.concat([tie.assign(comparison=name) for name, tie in self.ties.items()], ignore_index=True)
        table = table[["comparison", *first.columns]]
        table.attrs = {name: value for name, value in first.attrs.items() if not name.startswith("rows")}
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
    which: Iterable[Which | str], frames: Frames, day: str, *, notes: Sequence[str] = ()
) -> MonthEnd:
    """Make reports, and compare each with what it must agree with.

    Parameters
    ----------
    which : iterable of Which or str
        The reports: "aging", "payables", "revenue", "cash", "forecast".
    frames : mapping of str to DataFrame
        What `resources_for` lists, as loaded.
    day : str
        The day to count from.
    notes : sequence of str
        What else every report must say.

    Returns
    -------
    MonthEnd
        The reports, by their names with a capital; and how they compare with the ledger's control accounts,
        the orders and the bank accounts. What has nothing to be compared with says so in its notes.

    Raises
    ------
    ValueError
        If there is no such report.

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
    reports: dict[str, pd.DataFrame] = {}
    ties: dict[str, pd.DataFrame] = {}
    if "orders" in frames:
        frames = {**frames, "orders": _until(frames["orders"], day)}
    for one in map(Which, which):
        made = _made(one, frames, day)
        made.attrs["notes"] = [*made.attrs["notes"], *notes]
        reports[one.capitalize()] = made
        for name, pair in _pairs(one, made, frames).items():
            if pair.source.empty:
                made.attrs["notes"].append(f"{name}: not compared, since there are no {pair.what}.")
            else:
                ties[name] = _compared(name, pair)
    return MonthEnd(reports, ties)


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
    """Keep the orders up to the end of a day in UTC; those without a date cannot be told to be later."""
    end = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
    return orders[~(orders["created_at"] >= end)]


def _made(which: Which, frames: Frames, day: str) -> pd.DataFrame:
    made: Any
    if which is Which.AGING:
        made = ar_aging(frames["invoices"], day)
    elif which is Which.PAYABLES:
        made = ap_aging(frames["bills"], day)
    elif which is Which.REVENUE:
        made = revenue_by_product(frames["orders"], frames["products"])
        made.attrs["notes"].append(f"Revenue is that of the orders until {day}, and of those without a date.")
    elif which is Which.CASH:
        made = cash_position(frames["bank_accounts"], by="institution_name")
    else:
        made = cash_forecast(frames["bank_accounts"], frames["invoices"], frames["bills"], day)
    result: pd.DataFrame = made
    return result


def _compared(name: str, pair: _Pair) -> pd.DataFrame:
    """Compare a pair, and say in words how that went."""
    tie: pd.DataFrame = tie_out(pair.report, pair.source)
    wrong = tie.loc[~tie["ok"], "currency"].fillna("no currency").astype(str)
    how = f"DIFFERS in {', '.join(wrong)}" if len(wrong) else "agrees"
    # Accounts are found by their names, so a reader must see which they were.
    booked = sorted(set(pair.source["name"].astype(str))) if "platform_id" in pair.source else []
    tie.attrs["notes"] = [f"{name}: {how} ({', '.join(booked)})." if booked else f"{name}: {how}."]
    if pair.without:
        tie.attrs["notes"].append(f"{name}: without {pair.without}.")
    return tie


def _pairs(which: Which, made: pd.DataFrame, frames: Frames) -> dict[str, _Pair]:
    """Pair a report with what it must agree with, by what that is called."""
    if which is Which.AGING:
        return {"Receivables to ledger": _ledger(made, frames["accounts"], "Accounts Receivable")}
    if which is Which.PAYABLES:
        return {"Payables to ledger": _ledger(made, frames["accounts"], "Accounts Payable")}
    if which is Which.REVENUE:
        orders = frames["orders"]
        kept = orders[~orders["status"].map(plain).isin(NOT_SOLD)]
        return {"Revenue to orders": _Pair(made, kept, "orders that are not cancelled")}
    if which is Which.CASH:
        banks = frames["bank_accounts"]
        known, booked = _in_both(banks, frames["accounts"])
        others = banks.drop(known.index)[["name", "currency"]].fillna("none").astype(str)
        without = ", ".join(sorted(f"{name} ({code})" for name, code in others.to_numpy()))
        what = "assets there with the name and currency of a bank account"
        return {
            "Cash to bank accounts": _Pair(made, banks, "bank accounts"),
            "Cash to ledger": _Pair(known, booked, what, without and f"{without}: there are no {what}"),
        }
    return {}


def _ledger(made: pd.DataFrame, accounts: pd.DataFrame, prefix: str) -> _Pair:
    """Find the accounts of the ledger that its documents must add up to; only their names tell."""
    control = accounts[accounts["name"].str.startswith(prefix).fillna(value=False).astype(bool)]
    return _Pair(made, control, f"accounts there named {prefix}")


def _in_both(banks: pd.DataFrame, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the bank accounts that the ledger knows by name, and the ledger's accounts for them."""
    on = ["name", "currency"]
    assets = accounts[accounts["type"] == "asset"].dropna(subset=on)
    sides = [pd.MultiIndex.from_frame(side[on]) for side in (banks, assets)]
    return banks[sides[0].isin(sides[1])], assets[sides[1].isin(sides[0])]
