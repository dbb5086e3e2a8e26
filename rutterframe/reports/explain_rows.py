"""The rows behind a cell, for each kind of report; `explain` chooses."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.account_types import filter_cash, normalize_type, side_of, type_is_in, types_of
from rutterframe.reports.businesses import with_business
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import describe
from rutterframe.reports.engine.buckets import BOUNDS
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    finish,
    is_id,
    key_columns,
    read_frame,
    value_to_text,
)
from rutterframe.reports.engine.periods import truncate_to_period
from rutterframe.reports.open_items import list_open
from rutterframe.reports.specs import ORIGINAL, SPECS

_ALONE = (
    "Of every account, cards and those in other currencies too: the cell holds less where there are such; "
    "pass {'transactions': transactions, 'bank_accounts': bank_accounts} to list what is in it."
)
#: What documents need to be listed.
DOCUMENT_COLUMNS = ("id", "status", "amount_due", "currency", "due_date")


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of a report, by its columns, and how the report was made."""

    report: str
    row: Mapping[str, Any]
    about: Mapping[Any, Any]

    def check(self, *names: str) -> None:
        """Make sure that the row has its keys.

        Raises
        ------
        ValueError
            If it lacks one; the message lists what it has.
        """
        lacking = [name for name in names if name not in self.row]
        if lacking:
            raise ValueError(
                f"report_row has no {', '.join(map(repr, lacking))}; it has {', '.join(self.row)}"
            )

    def currency(self) -> Any:
        """Return the currency that the row was made in, before a conversion."""
        return self.row[ORIGINAL] if ORIGINAL in self.row else self.row["currency"]

    def own_keys(self) -> list[str]:
        """List the columns that tell the row's own rows in the source: no names of ids, no measures."""
        if self.report == "open_items" and "id" in self.row:
            return [name for name in ("connection_id", "id") if name in self.row]
        if self.report in {"cash_position", "concentration"} and self.about.get("by"):
            keys = [*key_columns(self.about["by"]), "currency"]
        else:
            described = describe(self.report, self.row)
            aside = {ORIGINAL, "title", "period"}
            keys = [one.name for one in described if one.kind is Kind.KEY and one.name not in aside]
        return [name for name in dict.fromkeys(keys) if name in self.row]

    def period(self) -> str | None:
        """Give the kind of period of the row, None for a report without periods.

        Raises
        ------
        ValueError
            If the row has a period, and does not carry of which kind.
        """
        if "period" not in self.row:
            return None
        if "period" not in self.about:
            raise ValueError("this row has a period, and only rows of a pandas report carry of which kind")
        return str(self.about["period"])


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report was made of: the frame that it adds up, and the others by their arguments' names."""

    main: Native
    others: Mapping[str, Native]


def equals(name: str, value: Any) -> nw.Expr:
    """Compare with a value, where missing is the same as missing."""
    return nw.col(name).is_null() if pd.isna(value) else nw.col(name) == value


def is_missing(frame: Frame, name: str) -> nw.Expr:
    """Tell what is missing or, as reports take it, empty text."""
    words = cast_to_text(frame, name).str.strip_chars()
    return words.is_null() | (words == "").fill_null(value=False)


def equals_key(frame: Frame, name: str, value: Any) -> nw.Expr:
    """Compare an id as text, whatever the frame and the row hold it as; missing is the same as missing."""
    key = value_to_text(value)
    return (
        is_missing(frame, name) if key is None else (cast_to_text(frame, name) == key).fill_null(value=False)
    )


def matches(frame: Frame, cell: Cell, name: str) -> nw.Expr:
    """Compare a column with the row's value: what is missing there is missing or empty text here."""
    value = cell.currency() if name == "currency" else cell.row[name]
    if name == "type" and cell.report == "trial_balance":
        words = (one for one in types_of(frame) if one is not None)
        if value == "difference":
            return type_is_in(one for one in words if side_of(one))
        if pd.isna(value):
            return is_missing(frame, name)
        return type_is_in(one for one in words if normalize_type(one) == value)
    if is_id(name) or name == "connection_id":
        return equals_key(frame, name, value)
    if pd.isna(value) and frame.collect_schema()[name] in (nw.String, nw.Categorical, nw.Enum):
        return is_missing(frame, name)
    return equals(name, value)


def comparable_keys(frame: Frame, keys: Iterable[str]) -> list[str]:
    """List the keys to compare: the connection only where the source has it, since reports add it to ids."""
    there = frame.collect_schema().names()
    return [name for name in keys if name != "connection_id" or name in there]


def equals_day(moment: nw.Expr, value: Any) -> nw.Expr:
    """Compare with a day, where missing is the same as missing."""
    return moment.is_null() if pd.isna(value) else moment == nw.lit(pd.Timestamp(value).to_pydatetime())


def source_rows(cell: Cell, sources: Sources) -> Native:
    """Give the rows of the source that have the row's keys; those of a period by their date."""
    cell.check("currency")
    period = cell.period()
    needed = [*cell.own_keys(), *(["date"] if period else [])]
    source = sources.main
    there = read_frame(source, (), kind="source").collect_schema().names()
    if cell.report == "tie_out" and "business" in cell.row and "business" not in there:
        if "businesses" not in sources.others:
            raise ValueError(
                "source must hold the businesses as well, as the tie-out was made: "
                "{'source': frame, 'businesses': businesses}"
            )
        source = with_business(source, sources.others["businesses"])
    given = read_frame(source, (), kind="source")
    frame = read_frame(source, comparable_keys(given, needed), kind="source")
    conditions = [matches(frame, cell, name) for name in comparable_keys(frame, cell.own_keys())]
    if period is not None:
        conditions.append(
            equals_day(
                truncate_to_period(parse_dates(frame, "date", kind="source"), period), cell.row["period"]
            )
        )
    return _listed(frame.filter(*conditions), cell, sources)


def transactions_of_day(cell: Cell, sources: Sources) -> Native:
    """Give the transactions of a day; one without a currency is in that of its account."""
    cell.check("date", "currency")
    frame = read_frame(sources.main, ("account_id", "currency", "date"), kind="source")
    keys = comparable_keys(frame, [name for name in ("connection_id", "account_id") if name in cell.row])
    currency = matches(frame, cell, "currency") | is_missing(frame, "currency")
    banks = sources.others.get("bank_accounts")
    kept = frame.filter(
        *(matches(frame, cell, name) for name in keys),
        currency if banks is None else currency & _of_accounts(frame, banks, cell),
        equals_day(parse_dates(frame, "date", kind="source").dt.truncate("1d"), cell.row["date"]),
    )
    notes = [_ALONE] if banks is None else []
    return _listed(kept, cell, sources, notes)


def _of_accounts(frame: Frame, banks: Native, cell: Cell) -> nw.Expr:
    """Tell the transactions of the accounts that hold cash in the row's currency."""
    accounts = read_frame(filter_cash(banks), ("id", "currency"), kind="bank_accounts")
    known = "connection_id" in accounts.collect_schema().names()
    known = known and "connection_id" in frame.collect_schema().names()
    listed = collect(accounts.filter(matches(accounts, cell, "currency")))
    connections = listed["connection_id"].to_list() if known else [None] * len(listed)
    ids: dict[str | None, list[str]] = {}
    for connection, own in zip(connections, listed["id"].to_list(), strict=True):
        account = value_to_text(own)
        if account is not None:
            ids.setdefault(value_to_text(connection), []).append(account)
    found: nw.Expr = nw.col("account_id").is_null() & ~nw.col("account_id").is_null()
    for connection, accounts_of in ids.items():
        there = cast_to_text(frame, "account_id").is_in(accounts_of)
        found = found | (there & equals_key(frame, "connection_id", connection) if known else there)
    return found.fill_null(value=False)


def transactions_of_transfer(cell: Cell, sources: Sources) -> Native:
    """Give the two transactions of a transfer."""
    cell.check(*(f"{side}_{name}" for side in ("from", "to") for name in ("account_id", "date")))
    frame = read_frame(sources.main, ("account_id", "date"), kind="source")
    there = frame.collect_schema().names()
    day = parse_dates(frame, "date", kind="source").dt.truncate("1d")
    sides = []
    for side in ("from", "to"):
        keys = [name for name in ("connection_id", "account_id", "id") if name in there]
        own = [
            equals_key(frame, name, cell.row[f"{side}_{name}"])
            for name in keys
            if f"{side}_{name}" in cell.row
        ]
        own.append(equals_day(day, cell.row[f"{side}_date"]))
        sides.append(functools.reduce(operator.and_, (one.fill_null(value=False) for one in own)))
    return _listed(frame.filter(sides[0] | sides[1]), cell, sources)


def documents_due_in_week(cell: Cell, sources: Sources) -> Native:
    """Give the open documents due in a week, and the overdue ones where they were put."""
    cell.check("currency", "week")
    about, week = cell.about, int(cell.row["week"])
    if "as_of" not in about:
        raise ValueError("only rows of a pandas report carry the day of a forecast: explain one of those")
    day, overdue = parse_as_of(about["as_of"]), about.get("overdue", "first_week")
    documents = read_frame(sources.main, DOCUMENT_COLUMNS, kind="source")
    items, _ = list_open(documents, day, BOUNDS)
    days = nw.col("days_past_due")
    due = (days <= -7 * (week - 1)) & (days > -7 * week)
    late = days.is_null() | (days > 0)
    put = overdue == "spread" or (overdue == "first_week" and week == 1)
    due = (due.fill_null(value=False) | late) if put else due
    kept = items.filter(matches(items, cell, "currency"), due.fill_null(value=False))
    return _listed(kept, cell, sources)


def _listed(kept: Frame, cell: Cell, sources: Sources, more: Sequence[str] = ()) -> Native:
    """Put what was found in an order that does not depend on the engine, where it has ids."""
    there = kept.collect_schema().names()
    order = [name for name in ("connection_id", "id") if name in there]
    listed = kept.sort(*order, nulls_last=True) if order else kept
    notes = [f"Behind a row of {SPECS[cell.report].title.lower()}.", *more]
    return finish(listed, name="rows", sources=[sources.main], notes=notes)
