"""Compare the statements of live ledgers with sums of their accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from rutterframe.reports.account_types import kind_of
from rutterframe.reports.engine.dates import parse_date, parse_dates
from rutterframe.reports.engine.frame import Frame, Native, collect, normalize_key, read_frame
from rutterframe.reports.engine.ticks import choose_scale, ticks
from rutterframe.reports.tie_out import Comparison, to_frame

_POSITION = ("total_assets", "total_liabilities", "total_equity")
_RESULT = ("total_income", "total_expenses", "net_income")
_COST = "total_cost_of_sales"

# A connection.
_Owner = str | None


class _Ledger(NamedTuple):
    """The accounts of one connection.

    Attributes
    ----------
    sums : mapping of tuple of str to Decimal
        The sum of each kind and currency.
    currencies : set of str
        The currencies of balances that are not zero.
    missing : int
        How many balances are missing.
    day : date or None
        The day that the balances are of: the newest synchronisation; None if it is not known.
    """

    sums: dict[tuple[str, str | None], Decimal]
    currencies: set[str | None]
    missing: int
    day: date | None


class _Statement(NamedTuple):
    """One statement: its period, currency and totals, None where one is missing."""

    first: date | None
    last: date | None
    currency: str | None
    totals: dict[str, Decimal | None]
    standard: str | None


def compare_statements(
    statements: Native, accounts: Native, *, since: date | datetime | str | None = None
) -> Native:
    """Compare the totals of balance sheets or income statements with our own sums of the accounts.

    Parameters
    ----------
    statements : DataFrame
        Live balance sheets or income statements, of any engine.
    accounts : DataFrame
        Live accounts of the same ledgers, of any engine, with ``type``, ``currency``, ``balance`` and
        ``last_synced_at``. A statement is in the ledger's own currency: where accounts are in several,
        convert them first (`convert` with ``columns=["balance"]``).
    since : date, datetime or str, optional
        For income statements: the first day that the balances of income and expense accounts are the sums
        of, which the service does not tell. The statements from that day on are added up.

    Returns
    -------
    DataFrame
        As of `tie_out`, with the column ``line``: one row for each connection and total. ``report`` is our
        sum, and ``source`` the statement's total.

        =================  ==========================================================================
        line               our sum
        =================  ==========================================================================
        total_assets       accounts of type asset
        total_liabilities  accounts of type liability
        total_equity       equity, revenue less expense: the result that is not carried forward yet
        total_income       accounts of type revenue
        total_expenses     accounts of type expense, beside ``total_cost_of_sales`` and
                           ``total_expenses`` of the statements
        net_income         revenue less expense
        =================  ==========================================================================

        Of balance sheets the one that ends last is compared, if the balances are not of a later day. Nothing
        is compared where amounts are missing, statements leave out days or overlap, are on a cash basis, or
        accounts are in other currencies as well; on pandas the notes say so.

    Raises
    ------
    ValueError
        If columns are missing, or ``since`` is not a date.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> day = pd.Timestamp("2026-06-30")
    >>> accounts = pd.DataFrame({"type": ["asset", "equity"], "currency": "USD", "balance": [7.0, 7.0],
    ...                          "last_synced_at": day})
    >>> sheets = pd.DataFrame({"start_date": [day], "end_date": [day], "currency": ["USD"],
    ...                        "total_assets": [7.0], "total_liabilities": [0.0], "total_equity": [7.0]})
    >>> rf.reports.compare_statements(sheets, accounts)["ok"].tolist()
    [True, True, True]
    """
    frame = read_frame(statements, ("start_date", "end_date", "currency"), kind="statements")
    is_position = "total_assets" in frame.collect_schema().names()
    lines = _POSITION if is_position else _RESULT
    read_frame(statements, lines if is_position else (*lines, _COST), kind="statements")
    columns = ("type", "currency", "balance", "last_synced_at")
    ledgers = _read_ledgers(read_frame(accounts, columns, kind="accounts"))
    by_owner = _read_statements(frame, lines)
    first = None if since is None else parse_date(since, "since").date()
    rows: list[Comparison] = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for owner in sorted(by_owner, key=lambda name: (name is None, name or "")):
        statement, reason = _latest(by_owner[owner]) if is_position else _added(by_owner[owner], first)
        ledger = ledgers.get(owner)
        reason = reason or _reason(statement, ledger)
        rows += _rows(owner, statement, ledger, lines, compared=not reason)
        if reason:
            reasons[reason].append(owner or "no connection")
    notes = [f"Not compared, {reason}: {', '.join(names)}." for reason, names in reasons.items()]
    return to_frame(rows, "connection_id", frame, sources=[statements, accounts], notes=notes, label="line")


def _read_ledgers(accounts: Frame) -> dict[_Owner, _Ledger]:
    """Add up the accounts of each connection by kind and currency."""
    has_connections = "connection_id" in accounts.collect_schema().names()
    keys = ["connection_id"] if has_connections else []
    scale = choose_scale((accounts, "balance"))
    synced = parse_dates(accounts, "last_synced_at", kind="accounts").alias("_synced")
    counted = accounts.with_columns(ticks(accounts, "balance", scale).alias("_ticks"), synced)
    ledgers: dict[_Owner, _Ledger] = {}
    for row in collect(counted.select(*keys, "type", "currency", "balance", "_ticks", "_synced")).iter_rows(
        named=True
    ):
        owner = normalize_key(row["connection_id"]) if has_connections else None
        ledger = ledgers.setdefault(owner, _Ledger({}, set(), 0, date.min))
        currency, word = normalize_key(row["currency"]), normalize_key(row["type"])
        kind = kind_of(word) if word is not None else ""
        if not kind:
            continue
        missing = bool(pd.isna(row["balance"]))
        if row["_ticks"]:
            ledger.currencies.add(currency)
        key = kind, currency
        ledger.sums[key] = ledger.sums.get(key, Decimal(0)) + Decimal(int(row["_ticks"])) / scale
        day = None if pd.isna(row["_synced"]) else row["_synced"].date()
        newest = None if day is None or ledger.day is None else max(ledger.day, day)
        ledgers[owner] = ledger._replace(missing=ledger.missing + missing, day=newest)
    return ledgers


def _read_statements(statements: Frame, lines: Sequence[str]) -> dict[_Owner, list[_Statement]]:
    """Return the statements of each connection, by their first days."""
    columns = statements.collect_schema().names()
    names = [*lines, *([_COST] if "total_income" in lines else [])]
    scale = choose_scale(*((statements, name) for name in names))
    periods = ("start_date", "end_date")
    days = {name: parse_dates(statements, name, kind="statements").alias(name) for name in periods}
    exact = [ticks(statements, name, scale).alias(f"_{name}") for name in names]
    optional = [name for name in ("connection_id", "accounting_standard") if name in columns]
    frame = statements.with_columns(*days.values(), *exact)
    frame = collect(frame.select(*optional, *days, "currency", *names, *(f"_{name}" for name in names)))
    by_owner: dict[_Owner, list[_Statement]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        totals = {
            name: None if pd.isna(row[name]) else Decimal(int(row[f"_{name}"])) / scale for name in names
        }
        if _COST in totals:
            spent, cost = totals["total_expenses"], totals.pop(_COST)
            totals["total_expenses"] = None if spent is None or cost is None else spent + cost
        first, last = (None if pd.isna(row[name]) else row[name].date() for name in days)
        standard = normalize_key(row.get("accounting_standard"))
        owner = normalize_key(row.get("connection_id"))
        by_owner[owner].append(_Statement(first, last, normalize_key(row["currency"]), totals, standard))
    return by_owner


def _latest(statements: Iterable[_Statement]) -> tuple[_Statement, str]:
    """Return the statement that ends last, and why it is not known which one that is; empty if it is."""
    each = list(statements)
    latest = max(each, key=lambda one: one.last or date.min)
    same = [one for one in each if one.last == latest.last]
    if all((one.currency, one.totals) == (latest.currency, latest.totals) for one in same):
        return latest, ""
    empty = latest._replace(totals=dict.fromkeys(latest.totals))
    return empty, f"several statements end on {latest.last}, with different totals"


def _added(statements: Iterable[_Statement], first: date | None) -> tuple[_Statement, str]:
    """Add up the statements from a day on, and return why that cannot be done; empty if it can."""
    whole = sorted(statements, key=lambda each: (each.first or date.min, each.last or date.min))
    parts = [each for each in whole if first is None or (each.first is not None and each.first >= first)]
    empty = _Statement(None, None, whole[0].currency, dict.fromkeys(whole[0].totals), None)
    if first is None:
        return empty, "since= is missing, the day from which the balances of income and expense count"
    days = [first - timedelta(days=1), *(each.last for each in parts)]
    joined = all(
        before is not None and each.first == before + timedelta(days=1)
        for before, each in zip(days, parts, strict=False)
    )
    if not parts or not joined:
        return empty, f"the statements do not follow each other from {first} on"
    if len({each.currency for each in parts}) > 1:
        return empty, "the statements are in several currencies"
    totals = {
        name: None if any(each.totals[name] is None for each in parts)
        else sum((each.totals[name] or Decimal(0) for each in parts), Decimal(0))
        for name in empty.totals
    }  # fmt: skip
    cash = any((each.standard or "").casefold() == "cash" for each in parts)
    standard = "cash" if cash else None
    return parts[-1]._replace(totals=totals, first=first, standard=standard), ""


def _reason(statement: _Statement, ledger: _Ledger | None) -> str:
    """Return why a statement cannot be compared with a ledger; empty if it can."""
    if ledger is None or not ledger.sums:
        return "there are no accounts"
    unknown = statement.last is None or ledger.day is None
    reasons = {
        "the statements are on a cash basis": statement.standard == "cash",
        "an account has no balance": ledger.missing > 0,
        "there are balances in other currencies, which are to be converted first": bool(
            ledger.currencies - {statement.currency}
        ),
        "it is not known which day the balances or the statement are of": unknown,
        f"the balances are of a later day than the end of the statement, {statement.last}": not unknown
        and (ledger.day or date.max) > (statement.last or date.min),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _rows(
    owner: _Owner, statement: _Statement, ledger: _Ledger | None, lines: Sequence[str], *, compared: bool
) -> list[Comparison]:
    """Return the comparisons of a statement's totals; one that is missing is not compared."""
    sums = {} if ledger is None else _sums(ledger.sums, statement.currency)
    rows = []
    for line in lines:
        source, own = statement.totals[line], sums.get(line)
        both = compared and source is not None
        rows.append(Comparison(owner, statement.currency, own, source, both, line))
    return rows


def _sums(sums: Mapping[tuple[str, str | None], Decimal], currency: str | None) -> dict[str, Decimal]:
    """Return our sums of the lines of both statements."""
    asset, liability, equity, revenue, expense = (
        sums.get((kind, currency), Decimal(0))
        for kind in ("asset", "liability", "equity", "revenue", "expense")
    )
    return {
        "total_assets": asset,
        "total_liabilities": liability,
        "total_equity": equity + revenue - expense,
        "total_income": revenue,
        "total_expenses": expense,
        "net_income": revenue - expense,
    }
