"""Days sales outstanding and days payable outstanding: open balances in days of sales or purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw

from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    collect,
    finish,
    from_columns,
    normalize_key,
    nulls_last,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.periods import truncate_to_period
from rutterframe.reports.engine.ticks import choose_scale, mark_missing, ticks
from rutterframe.reports.open_documents import memo_documents, open_documents
from rutterframe.reports.payments import read_live
from rutterframe.reports.statuses import CLOSED, PAID, is_one_of
from rutterframe.reports.tie_out import labels_of

_USUAL = ("id", "status", "amount_due", "currency")
_LIVE = ("issue_date", "total_amount", "payments")
_WITHDRAWN = tuple(word for word in CLOSED if word != PAID)
# A connection and a currency.
_Key = tuple[str | None, str | None]


@dataclass
class _Group:
    """What is known of one connection and currency; amounts are in ticks.

    Attributes
    ----------
    balance : int
        What is open.
    unknown : int
        How many open documents have no amount.
    sales : mapping of date to int
        What was issued, by the first day of the month.
    no_total : mapping of date to int
        How many documents of a month have no total.
    undated : int
        How many documents have no issue date.
    """

    balance: int = 0
    unknown: int = 0
    sales: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))
    no_total: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))
    undated: int = 0


@dataclass
class _Result:
    """One row: sales in ticks and days of the period, the figure, and why there is none."""

    sales: int | None
    days: int
    figure: float | None
    reason: str = ""


def dso(
    invoices: Native,
    as_of: date | datetime | str,
    *,
    method: str = "simple",
    days: int = 90,
    credit_memos: Native | None = None,
) -> Native:
    """Return the days sales outstanding: receivables in days of sales, by connection and currency.

    Parameters
    ----------
    invoices : DataFrame
        Live invoices of any engine, with ``issue_date``, ``total_amount`` and ``payments``. Receivables of an
        earlier day are reconstructed, as in `ar_aging`.
    as_of : date, datetime or str
        The last day of the period.
    method : {"simple", "count_back"}
        "simple" divides the receivables by the sales of the last ``days`` days, and multiplies by ``days``.
        "count_back" takes the sales of whole months off the receivables, the latest first and that of
        ``as_of`` up to that day, and counts their days; of the month that has more sales than are left, it
        counts that part of its days. It follows seasonal sales.
    days : int
        The length of the period for "simple"; "count_back" finds its own.
    credit_memos : DataFrame, optional
        Live credit memos of the same engine: both receivables and sales are net of them.

    Returns
    -------
    DataFrame
        One row for each connection and currency, by currency, then connection.

        =============  =======  ==============================================================
        name           dtype    meaning
        =============  =======  ==============================================================
        connection_id  str      null for frames without one
        currency       str      amounts of different currencies are never added
        balance        float64  what was open at the end of ``as_of``; null if not all is known
        sales          float64  total amounts, tax included as in the balance, of what was
                                issued in the period; null if not all is known
        days           Int64    the days of the period
        dso            float64  days; null where the balance or the sales are not known, the
                                balance is negative, or there are no sales to divide by
        =============  =======  ==============================================================

        Drafts and documents that are void, rejected or cancelled do not count as sales. On pandas
        ``attrs["notes"]`` has the reason for each figure that is null.

    Raises
    ------
    ValueError
        If columns are missing, or an argument is not valid.
    OverflowError
        If the amounts are too large to be counted exactly.

    Notes
    -----
    The simple method is that of the Credit Research Foundation: ending total receivables, divided by the
    credit sales of the period, times the number of days in the period. Count-back, also called working-back
    or exhaustion method, is the one most used in the UK. Sales are what the invoices were issued over: cash
    sales are not among them.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> issued = pd.to_datetime(["2026-04-10", "2026-05-10", "2026-06-10"])
    >>> invoices = pd.DataFrame({"id": ["a", "b", "c"], "status": "open", "currency": "USD",
    ...                          "issue_date": issued, "total_amount": [70.0, 80.0, 100.0],
    ...                          "amount_due": [32.0, 80.0, 100.0],
    ...                          "payments": [[{"date": issued[1], "amount": 38.0}], [], []]})
    >>> rf.reports.dso(invoices, "2026-06-30", method="count_back")["dso"].round(1).tolist()
    [74.7]
    """
    return _days_outstanding("dso", invoices, as_of, method, days, credit_memos)


def dpo(
    bills: Native,
    as_of: date | datetime | str,
    *,
    method: str = "simple",
    days: int = 90,
    credit_memos: Native | None = None,
) -> Native:
    """Return the days payable outstanding: payables in days of purchases, by connection and currency.

    Parameters
    ----------
    bills : DataFrame
        Live bills of any engine, with ``issue_date``, ``total_amount`` and ``payments``.
    as_of : date, datetime or str
        The last day of the period.
    method : {"simple", "count_back"}
        As for `dso`.
    days : int
        The length of the period for "simple"; "count_back" finds its own.
    credit_memos : DataFrame, optional
        Live credit memos of the vendors: both payables and purchases are net of them.

    Returns
    -------
    DataFrame
        As of `dso`, with ``purchases`` in place of ``sales``, and ``dpo``.

    Raises
    ------
    ValueError, OverflowError
        As for `dso`.

    Notes
    -----
    Purchases are what the bills were issued over, where many divide by the cost of goods volume: that is what
    the payables consist of, and statements need not be at hand.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> bills = pd.DataFrame({"id": ["a", "b"], "status": ["open", "paid"], "currency": "EUR",
    ...                       "issue_date": pd.to_datetime(["2026-05-10", "2026-06-10"]),
    ...                       "total_amount": [60.0, 30.0], "amount_due": [60.0, 0.0],
    ...                       "payments": [[], [{"date": pd.Timestamp("2026-06-20"), "amount": 30.0}]]})
    >>> rf.reports.dpo(bills, "2026-06-30")[["balance", "purchases", "days", "dpo"]].values.tolist()
    [[60.0, 90.0, 90, 60.0]]
    """
    return _days_outstanding("dpo", bills, as_of, method, days, credit_memos)


_KINDS = {"dso": ("invoices", "sales"), "dpo": ("bills", "purchases")}


def _days_outstanding(
    name: str,
    documents: Native,
    as_of: date | datetime | str,
    method: str,
    days: int,
    credit_memos: Native | None,
) -> Native:
    kind, volume = _KINDS[name]
    day = parse_as_of(as_of)
    _check_arguments(method, days)
    frame = read_live(documents, _USUAL, _LIVE, report=name, kind=kind)
    names = frame.collect_schema().names()
    keys = [name for name in ("connection_id", "currency") if name in names]
    columns = [*keys, "amount_due"]
    opened = open_documents(frame, day, kind=kind, credit_memos=credit_memos, columns=columns)
    memos = None if credit_memos is None else memo_documents(credit_memos, frame, columns)
    issued = [(frame, 1), *([] if memos is None else [(memos, -1)])]
    amounts = [(opened.frame, "amount_due"), *((each, "total_amount") for each, _ in issued)]
    scale = choose_scale(*amounts)
    groups: dict[_Key, _Group] = defaultdict(_Group)
    _add_balances(groups, opened.frame.filter(opened.is_open), keys, scale)
    first = day - timedelta(days=days - 1) if method == "simple" else None
    for each, sign in issued:
        _add_sales(groups, each, keys, scale, sign=sign, first=first, last=day)
    compute = _simple if method == "simple" else _count_back
    results = {key: compute(group, day.date(), days) for key, group in groups.items()}
    ordered = sorted(groups, key=lambda key: (nulls_last(key[1]), nulls_last(key[0])))
    return finish(
        from_columns(*_columns(name, volume, ordered, groups, results, scale), frame),
        name=name,
        sources=[native for native in (documents, credit_memos) if native is not None],
        notes=[*opened.notes, *_notes(volume, results)],
        counts=("days",),
        as_of=f"{day:%Y-%m-%d}",
        by="connection_id",
        method=method,
        **opened.about(),
    )


def _check_arguments(method: Any, days: Any) -> None:
    if method not in ("simple", "count_back"):
        raise ValueError(f"method={method!r} is not valid (expected 'simple' or 'count_back')")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3660:
        raise ValueError(f"days={days!r} is not valid (expected a whole number of days from 1 to 3660)")


def _add_balances(groups: dict[_Key, _Group], items: Frame, keys: list[str], scale: int) -> None:
    """Add up what is open, and count the documents without an amount."""
    counted = items.select(
        *keys, ticks(items, "amount_due", scale).alias("_ticks"), mark_missing(items, "amount_due")
    )
    for *key, amount, missing in collect(groupby_sum(counted, keys, ["_ticks", "_missing"])).iter_rows():
        group = groups[_key(key)]
        group.balance += int(amount)
        group.unknown += int(missing)


def _add_sales(
    groups: dict[_Key, _Group],
    documents: Frame,
    keys: list[str],
    scale: int,
    *,
    sign: int,
    first: datetime | None,
    last: datetime,
) -> None:
    """Add up what was issued by month: from the first day on, if there is one, and until the last."""
    issue = parse_dates(documents, "issue_date", kind="documents").dt.truncate("1d")
    counted = documents.with_columns(
        issue.alias("_day"),
        ticks(documents, "total_amount", scale).alias("_ticks"),
        mark_missing(documents, "total_amount"),
        is_one_of(_WITHDRAWN).alias("_withdrawn"),
    )
    # Whether a missing day is before another is null on most engines, and false on pandas.
    no_day = nw.col("_day").is_null()
    is_issued = (nw.col("_day") <= nw.lit(last)).fill_null(value=False) | no_day
    counted = counted.filter(~nw.col("_withdrawn") & is_issued)
    if first is not None:
        counted = counted.filter((nw.col("_day") >= nw.lit(first)).fill_null(value=False) | no_day)
    months = counted.select(
        *keys, truncate_to_period(nw.col("_day"), "month").alias("_month"), "_ticks", "_missing"
    )
    summed = collect(groupby_sum(months, [*keys, "_month"], ["_ticks", "_missing"], count="_documents"))
    undated = summed["_month"].is_null().to_list()
    for (*key, month, amount, missing, number), without in zip(summed.iter_rows(), undated, strict=True):
        group = groups[_key(key)]
        if without:
            group.undated += int(number)
        else:
            group.sales[month.date()] += sign * int(amount)
            group.no_total[month.date()] += int(missing)


def _key(values: Iterable[Any]) -> _Key:
    """Return the connection, None for a frame without one, and the currency."""
    *connection, currency = [normalize_key(value) for value in values]
    return (connection[0] if connection else None), currency


def _simple(group: _Group, _: date, days: int) -> _Result:
    """Divide the balance by the sales of the period, and multiply by its days."""
    sales = sum(group.sales.values())
    if group.undated or any(group.no_total.values()):
        return _Result(None, days, None, _reason(group) or "a document has no issue date or no total")
    reason = _reason(group)
    if not reason and sales <= 0:
        reason = "there are none to divide by"
    return _Result(sales, days, None if reason else float(Fraction(group.balance * days, sales)), reason)


def _count_back(group: _Group, last: date, _: int) -> _Result:
    """Take the sales of months off the balance, the latest first, and count their days."""
    reason = _reason(group)
    left, sales, counted = group.balance, 0, 0
    month, length = last.replace(day=1), last.day
    earliest = min(group.sales, default=last)
    while not reason and left > 0:
        if group.undated or group.no_total[month]:
            return _Result(None, counted, None, "a document has no issue date or no total")
        if month < earliest:
            reason = "the documents do not go back far enough"
            break
        amount = group.sales[month]
        sales, counted = sales + amount, counted + length
        if amount >= left:
            return _Result(sales, counted, float(counted - length + Fraction(left * length, amount)))
        left -= amount
        month = (month - timedelta(days=1)).replace(day=1)
        length = _days_of(month)
    return _Result(sales, counted, None if reason else 0.0, reason)


def _days_of(month: date) -> int:
    following = (month + timedelta(days=31)).replace(day=1)
    return (following - month).days


def _reason(group: _Group) -> str:
    """Return why a balance gives no figure; empty if it does."""
    if group.unknown:
        return "the open amount of a document is not known"
    return "the balance is negative" if group.balance < 0 else ""


def _columns(
    name: str,
    volume: str,
    ordered: list[_Key],
    groups: dict[_Key, _Group],
    results: dict[_Key, _Result],
    scale: int,
) -> tuple[dict[str, list[object]], dict[str, Any]]:
    """Return the columns of the report and their types; amounts in major units."""
    schema: dict[str, Any] = {
        "connection_id": nw.String(),
        "currency": nw.String(),
        "balance": nw.Float64(),
        volume: nw.Float64(),
        "days": nw.Int64(),
        name: nw.Float64(),
    }
    rows: list[tuple[object, ...]] = []
    for key in ordered:
        group, result = groups[key], results[key]
        balance = None if group.unknown else group.balance / scale
        sales = None if result.sales is None else result.sales / scale
        rows.append((*key, balance, sales, result.days, result.figure))
    return {column: [row[place] for row in rows] for place, column in enumerate(schema)}, schema


def _notes(volume: str, results: dict[_Key, _Result]) -> list[str]:
    """List the connections and currencies without a figure, by the reason."""
    without: dict[str, list[_Key]] = defaultdict(list)
    for key, result in results.items():
        if result.reason:
            without[result.reason].append(key)
    return [
        f"No figure, since {reason.replace('there are none', f'there are no {volume}')}: {labels_of(keys)}."
        for reason, keys in without.items()
    ]
