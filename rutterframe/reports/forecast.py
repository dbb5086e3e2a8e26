"""Cash forecast: balances and documents by the week in which they are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.account_types import flag_debts, notes_on_banks
from rutterframe.reports.businesses import Businesses
from rutterframe.reports.earlier_day import can_restate
from rutterframe.reports.engine.buckets import BOUNDS
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    collect,
    finish,
    from_columns,
    normalize_key,
    nulls_last,
    read_frame,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, format_amounts, ticks
from rutterframe.reports.open_documents import concatenate, memo_documents
from rutterframe.reports.open_items import list_open
from rutterframe.reports.run_rate import Flows, evenly, usual_flows

_ASSUMPTIONS = {"first_week": "put into week 1", "spread": "spread over the weeks", "exclude": "left out"}
_STRESS = "overdue='exclude' is the stress case"
# What is overdue for more days is added up by itself, too.
_OLD = 90
_DOCUMENT = ("id", "status", "amount_due", "currency", "due_date")
_SIDES = {"receivables": 1, "payables": -1}
_FORECAST = {
    "currency": nw.String(),
    "week": nw.Int64(),
    "week_start": nw.Datetime("us"),
    **dict.fromkeys(("opening", "receipts", "payments", "closing"), nw.Float64()),
}

_USUAL = {"usual": nw.Float64(), "closing_with_usual": nw.Float64()}

# Ten years: documents are due earlier.
_MOST_WEEKS = 522

# Ticks of one currency.
_Sums = Counter[str | None]


def cash_forecast(  # noqa: PLR0913 - all but four have a default
    bank_accounts: Native,
    invoices: Native,
    bills: Native,
    as_of: date | datetime | str,
    *,
    weeks: int = 13,
    overdue: str = "first_week",
    transactions: Native | None = None,
    run_rate: Native | bool = False,
    businesses: Businesses | None = None,
    invoice_credit_memos: Native | None = None,
    bill_credit_memos: Native | None = None,
) -> Native:
    """Forecast the cash by week, from bank balances and the documents that are due.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts of any engine, with ``balance`` and ``currency``; of those with ``type`` cards, credit
        lines and loans are debts, and not cash.
    invoices, bills : DataFrame
        The documents that are owed to us and by us, with ``id``, ``status``, ``amount_due``, ``currency``,
        ``due_date`` and ``customer_id`` or ``vendor_id``. Which of them are open is as in `open_items`.
    as_of : date, datetime or str
        The first day of week 1.
    weeks : int
        How many weeks, 522 at most.
    overdue : {"first_week", "spread", "exclude"}
        When overdue documents are paid: all in week 1; evenly over the weeks, in whole minor units of the
        currency, the remaining ones in the first weeks; or not at all, the stress case. Documents without a
        due date are taken as overdue. A note has the amount and the age.
    transactions : DataFrame, optional
        The transactions of the bank accounts, as for `cash_history`; for ``run_rate``.
    run_rate : bool or DataFrame
        Whether to add the usual flows that no open document announces, such as wages, rent and sales that are
        not invoiced yet: for inflows and for outflows the average week of the last 13 (of fewer, where
        transactions do not go back so far), without `transfers` between own accounts, less the average week
        of the forecast's documents; zero where that is more. The transactions themselves may be passed here.
    businesses : mapping of str to list of str, optional
        Which connections belong to one business, as for `transfers`; for ``run_rate``.
    invoice_credit_memos, bill_credit_memos : DataFrame, optional
        Credit memos of the live dialect, of the documents' engine: what remains of them is taken off, as
        overdue from the day on that they are issued, as negative invoices and bills are.

    Returns
    -------
    DataFrame
        One row for each currency of any of the frames and week, by currency and week, missing values last.

        ==================  ==============  ==========================================================
        name                dtype           meaning
        ==================  ==============  ==========================================================
        currency            str             amounts of different currencies are never added
        week                Int64           from 1 to ``weeks``
        week_start          datetime64[us]  the week's first day; week 1 begins on ``as_of``
        opening             float64         week 1: the sum of the balances; later the closing before
        receipts            float64         receivables due in the week, credits taken off
        payments            float64         payables due in the week, negative; vendors' credits are
                                            positive
        closing             float64         opening + receipts + payments, exactly
        usual               float64         with ``run_rate`` only: the usual flows of a week,
                                            inflows less outflows
        closing_with_usual  float64         with ``run_rate`` only: the closing with the usual flows
                                            of all weeks so far
        ==================  ==============  ==========================================================

        All amounts are in major units. `runway` returns the lowest balance, the opening included. On pandas
        ``attrs["notes"]`` has the amounts that are due after the last week and left out, those that are
        overdue with the week that they are in, and those without a due date.

    Raises
    ------
    TypeError
        If an argument is not a DataFrame, or ``run_rate`` neither a bool nor a DataFrame.
    ValueError
        If columns are missing, ``as_of`` is not a date, ``weeks`` is not a whole number from 1 to 522,
        ``overdue`` is not one of the choices, or ``run_rate`` is true without transactions.
    OverflowError
        If the amounts of a frame are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     invoices = rf.load_invoices(ledger, progress=False)
    ...     bills = rf.load_bills(ledger, progress=False)
    ...     banks = rf.load_bank_accounts(client.connection("gear-bank"), progress=False)
    >>> forecast = rf.reports.cash_forecast(banks, invoices, bills, "2026-06-30", weeks=1)
    >>> forecast["currency"].tolist()
    ['EUR', 'GBP', 'JPY', 'USD']
    """
    _check_choices(weeks, overdue, run_rate)
    moves = transactions if isinstance(run_rate, bool) else run_rate
    if run_rate is True and moves is None:
        raise ValueError("run_rate=True needs transactions=, the transactions of the bank accounts")
    day = parse_as_of(as_of)
    banks = read_frame(bank_accounts, ("balance", "currency"), kind="bank_accounts")
    documents = {
        side: (native, _with_memos(read_frame(native, (*_DOCUMENT, party), kind=kind), memos, kind))
        for side, native, memos, kind, party in (
            ("receivables", invoices, invoice_credit_memos, "invoices", "customer_id"),
            ("payables", bills, bill_credit_memos, "bills", "vendor_id"),
        )
    }
    scale = choose_scale((banks, "balance"), *((frame, "amount_due") for _, frame in documents.values()))
    cash, notes = _opening(banks, scale)
    currencies = set(cash)
    flows: dict[str, Flows] = {}
    for side, (native, frame) in documents.items():
        currencies |= {
            normalize_key(row[0]) for row in collect(frame.select("currency").unique()).iter_rows()
        }
        flows[side], side_notes = _flows(native, frame, day, side, weeks=weeks, overdue=overdue, scale=scale)
        notes += side_notes
    sides = {"invoices": invoice_credit_memos, "bills": bill_credit_memos}
    credited = [name for name, memos in sides.items() if memos is not None]
    notes += _note_missing_memos((invoices, invoice_credit_memos), (bills, bill_credit_memos))
    if run_rate is not False:
        flows["usual"], usual_notes = usual_flows(
            bank_accounts, moves, day, flows.values(), weeks=weeks, scale=scale, businesses=businesses
        )
        notes += [note for note in usual_notes if note not in notes]
    columns = _weeks(cash, flows, sorted(currencies, key=nulls_last), day, weeks, scale)
    return finish(
        from_columns(columns, {name: (_FORECAST | _USUAL)[name] for name in columns}, banks),
        name="cash_forecast",
        sources=[bank_accounts, invoices, bills, *([moves] if "usual" in flows else [])],
        notes=notes,
        counts=("week",),
        as_of=f"{day:%Y-%m-%d}",
        overdue=overdue,
        **({"credit_memos": credited} if credited else {}),
    )


# In the live dialect they are lists of their own, not documents with an amount below zero.
_NO_MEMOS = "Live credit memos are not among the documents: what remains of them is not taken off."


def _note_missing_memos(*sides: tuple[Native, Native | None]) -> list[str]:
    """Return a note where documents of the live dialect come without their credit memos."""
    is_missing = any(memos is None and can_restate(nw.from_native(native)) for native, memos in sides)
    return [_NO_MEMOS] if is_missing else []


def _check_choices(weeks: Any, overdue: Any, run_rate: Any) -> None:
    if not isinstance(overdue, str) or overdue not in _ASSUMPTIONS:
        raise ValueError(
            f"overdue={overdue!r} is not valid (expected one of {', '.join(map(repr, _ASSUMPTIONS))})"
        )
    whole = isinstance(weeks, int | np.integer) and not isinstance(weeks, bool)
    if not whole or not 1 <= weeks <= _MOST_WEEKS:
        raise ValueError(
            f"weeks={weeks!r} is not a valid number of weeks (expected a whole number from 1 to "
            f"{_MOST_WEEKS}, such as 13 for a quarter)"
        )
    if run_rate is None or (isinstance(run_rate, str | int | float) and not isinstance(run_rate, bool)):
        raise TypeError(f"run_rate={run_rate!r} must be True, False, or the transactions as a DataFrame")


def _opening(banks: Frame, scale: int) -> tuple[_Sums, list[str]]:
    """Add up the balances of the accounts that hold cash, by currency, and note the debts."""
    counted = banks.with_columns(
        ticks(banks, "balance", scale).alias("balance"), flag_debts(banks).alias("_debt")
    )
    cash: _Sums = Counter()
    debts: _Sums = Counter()
    for currency, debt, balance in collect(counted.select("currency", "_debt", "balance")).iter_rows():
        cash[normalize_key(currency)] += 0 if debt else int(balance)
        if debt:
            debts[normalize_key(currency)] += abs(int(balance))
    notes = ["Amounts due and balances are those of the day the data was fetched.", *notes_on_banks(banks)]
    if debts:
        notes.append(
            "Cards, credit lines and loans are debts, and not in the opening: "
            f"{format_amounts(debts, scale)}."
        )
    return cash, notes


def _with_memos(documents: Frame, credit_memos: Native | None, kind: str) -> Frame:
    """Add credit memos to documents, as documents with an amount below zero."""
    if credit_memos is None:
        return documents
    names = [name for name in (*_DOCUMENT, "connection_id") if name in documents.collect_schema().names()]
    memos = memo_documents(credit_memos, documents, names).with_columns(nw.col("amount_due") * -1)
    return concatenate(documents.select(names), memos.select(names), kind=kind)


def _flows(
    native: Native, documents: Frame, day: datetime, side: str, *, weeks: int, overdue: str, scale: int
) -> tuple[Flows, list[str]]:
    """Add up the open documents by currency and week, and note those that are due in none of the weeks."""
    # Amounts due are those of today, as the cash is: an earlier day is not reconstructed.
    items, item_notes = list_open(documents, day, BOUNDS)
    listed: Frame = nw.from_native(
        finish(items, name="open_items", sources=[native], notes=item_notes, counts=("days_past_due",))
    )
    counted = listed.with_columns(ticks(listed, "amount_due", scale).alias("_ticks"))
    counted = counted.select("currency", "days_past_due", "_ticks")
    summed = collect(groupby_sum(counted, ["currency", "days_past_due"], ["_ticks"]))
    flows: Flows = Counter()
    late: dict[int | None, _Sums] = {}
    after: _Sums = Counter()
    undated = summed["days_past_due"].is_null().to_list()
    for missing, (value, days, amount) in zip(undated, summed.iter_rows(), strict=True):
        currency, due = normalize_key(value), int(amount)
        week = 0 if missing or days > 0 else -int(days) // 7 + 1
        if week == 0:
            late.setdefault(None if missing else int(days), Counter())[currency] += due
        elif week > weeks:
            after[currency] += due
        else:
            flows[currency, week] += due * _SIDES[side]
    _add_late(flows, _added(late.values()), weeks, overdue, sign=_SIDES[side], scale=scale)
    on_documents = getattr(nw.to_native(listed), "attrs", {}).get("notes", [])[1:]
    dates = [*_notes_on_late(late, overdue, scale), *_note("due after the last week, left out", after, scale)]
    return flows, [f"{side.capitalize()} {note}" for note in dates] + [
        f"{side.capitalize()}: {note}" for note in on_documents
    ]


def _added(sums: Iterable[_Sums]) -> _Sums:
    """Add up counters; unlike their own sums, also negative ones."""
    whole: _Sums = Counter()
    for counter in sums:
        whole.update(counter)
    return whole


def _note(what: str, sums: _Sums, scale: int) -> list[str]:
    return [f"{what}: {format_amounts(sums, scale)}."] if sums else []


def _notes_on_late(late: Mapping[int | None, _Sums], overdue: str, scale: int) -> list[str]:
    """Note the overdue amounts and their age with the assumption about their payment."""
    notes = _note(
        f"without a due date, taken as overdue and {_ASSUMPTIONS[overdue]}", late.get(None, Counter()), scale
    )
    ages = [days for days in late if days is not None]
    if overdue == "exclude":
        return [*notes, *_note("overdue or without a due date, left out", _added(late.values()), scale)]
    if ages:
        amounts = format_amounts(_added(late[days] for days in ages), scale)
        old = _added(late[days] for days in ages if days > _OLD)
        more = f", for more than {_OLD} days {format_amounts(old, scale)}" if old else ""
        days = "1 day" if max(ages) == 1 else f"{max(ages):,} days"
        notes.append(f"overdue, {_ASSUMPTIONS[overdue]}: {amounts}, the oldest for {days}{more}; {_STRESS}.")
    return notes


def _add_late(flows: Flows, late: _Sums, weeks: int, overdue: str, *, sign: int, scale: int) -> None:
    """Add overdue amounts to their weeks."""
    for currency, amount in late.items():
        if overdue == "first_week":
            flows[currency, 1] += amount * sign
        elif overdue == "spread":
            for week, part in enumerate(evenly(amount * sign, weeks, currency, scale), start=1):
                flows[currency, week] += part


def _weeks(
    cash: _Sums,
    flows: Mapping[str, Flows],
    currencies: Iterable[str | None],
    day: datetime,
    weeks: int,
    scale: int,
) -> dict[str, list[object]]:
    """Return the weeks of each currency, computed in ticks."""
    names = [*_FORECAST, *(_USUAL if "usual" in flows else ())]
    columns: dict[str, list[object]] = {name: [] for name in names}
    for currency in currencies:
        opening, usual = cash[currency], 0
        for week in range(1, weeks + 1):
            receipts, payments = (flows[side][currency, week] for side in _SIDES)
            closing = opening + receipts + payments
            amounts = [opening, receipts, payments, closing]
            if "usual" in flows:
                usual += flows["usual"][currency, week]
                amounts += [flows["usual"][currency, week], closing + usual]
            start = day + timedelta(weeks=week - 1)
            money = (amount / scale for amount in amounts)
            for name, value in zip(names, (currency, week, start, *money), strict=True):
                columns[name].append(value)
            opening = closing
    return columns
