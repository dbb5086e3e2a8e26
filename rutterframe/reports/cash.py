"""How the cash goes on: a forecast by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import narwhals.stable.v2 as nw

from rutterframe.reports.counting import amounts_in_words, scale_of, ticks
from rutterframe.reports.dates import read_as_of
from rutterframe.reports.frame import (
    Frame,
    Native,
    finish,
    from_columns,
    in_memory,
    key_of,
    nulls_last,
    read_frame,
)
from rutterframe.reports.grouping import sum_by
from rutterframe.reports.items import open_items

_PUT = {"first_week": "put into week 1", "spread": "spread over the weeks", "exclude": "left out"}
_DOCUMENT = ("id", "status", "amount_due", "currency", "due_date")
_SIDES = {"receivables": 1, "payables": -1}
_FORECAST = {
    "currency": nw.String(),
    "week": nw.Int64(),
    "week_start": nw.Datetime("us"),
    **dict.fromkeys(("opening", "receipts", "payments", "closing"), nw.Float64()),
}

# Ticks of one currency, or of one currency and week.
Sums = Counter[str | None]
_Flows = Counter[tuple[str | None, int]]


def cash_forecast(
    bank_accounts: Native,
    invoices: Native,
    bills: Native,
    as_of: date | datetime | str,
    *,
    weeks: int = 13,
    overdue: str = "first_week",
) -> Native:
    """Forecast the cash by week, from what is at the banks and what is due.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts of any engine, with ``balance`` and ``currency``.
    invoices, bills : DataFrame
        What is owed to us and by us, with ``id``, ``status``, ``amount_due``, ``currency``, ``due_date`` and
        ``customer_id`` or ``vendor_id``. Which of them are open is as in `open_items`.
    as_of : date, datetime or str
        The first day of week 1.
    weeks : int
        How many weeks.
    overdue : {"first_week", "spread", "exclude"}
        When overdue documents are paid: all in week 1; evenly over the weeks, with what the division leaves
        in week 1; or not at all, which a note counts. Documents without a due date are taken as overdue.

    Returns
    -------
    DataFrame
        One row for each currency of any of the frames and week, by currency and week, missing values last.

        ==========  ==============  ==================================================================
        name        dtype           meaning
        ==========  ==============  ==================================================================
        currency    str             amounts of different currencies are never added
        week        Int64           from 1 to ``weeks``
        week_start  datetime64[us]  the week's first day; week 1 begins on ``as_of``
        opening     float64         week 1: the sum of the balances; later the closing before
        receipts    float64         receivables due in the week, credits taken off; major units
        payments    float64         payables due in the week, negative; vendors' credits are positive
        closing     float64         opening + receipts + payments, exactly
        ==========  ==============  ==================================================================

        On pandas ``attrs["notes"]`` says what is due after the last week and left out, what is overdue and
        left out, and what has no due date.

    Raises
    ------
    TypeError
        If something is no frame.
    ValueError
        If columns are missing, ``as_of`` is no day, ``weeks`` is less than 1 or ``overdue`` is none of the
        choices.
    OverflowError
        If the amounts of a frame are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports.cash import cash_forecast
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     invoices = rf.load_invoices(ledger, progress=False)
    ...     bills = rf.load_bills(ledger, progress=False)
    ...     banks = rf.load_bank_accounts(client.connection("gear-bank"), progress=False)
    >>> cash_forecast(banks, invoices, bills, "2026-06-30", weeks=1)["currency"].tolist()
    ['EUR', 'GBP', 'JPY', 'USD']
    """
    if overdue not in _PUT:
        raise ValueError(f"overdue={overdue!r} is none of {', '.join(map(repr, _PUT))}")
    if weeks < 1:
        raise ValueError(f"weeks={weeks!r} must be 1 or more, such as 13 for a quarter")
    day = read_as_of(as_of)
    banks = read_frame(bank_accounts, ("balance", "currency"), kind="bank_accounts")
    sides = (("receivables", invoices, "invoices", "customer_id"), ("payables", bills, "bills", "vendor_id"))
    owed = [read_frame(native, (*_DOCUMENT, party), kind=kind) for _, native, kind, party in sides]
    scale = scale_of((banks, "balance"), *((documents, "amount_due") for documents in owed))
    balances = sum_by(banks.select("currency", ticks(banks, "balance", scale)), ["currency"], ["balance"])
    cash: Sums = Counter()
    for currency, balance in in_memory(balances).iter_rows():
        cash[key_of(currency)] += int(balance)
    currencies = set(cash)
    notes = ["Amounts due and balances are those of the day the data was fetched."]
    flows: dict[str, _Flows] = {}
    for (side, native, _, _), documents in zip(sides, owed, strict=True):
        currencies |= {key_of(row[0]) for row in in_memory(documents.select("currency").unique()).iter_rows()}
        flows[side], said = _flows(native, day, scale, weeks=weeks, overdue=overdue, side=side)
        notes += said
    columns = _weeks(cash, flows, sorted(currencies, key=nulls_last), day, weeks, scale)
    return finish(
        from_columns(columns, _FORECAST, banks),
        name="cash_forecast",
        sources=[bank_accounts, invoices, bills],
        notes=notes,
        counts=("week",),
        as_of=f"{day:%Y-%m-%d}",
        overdue=overdue,
    )


def _flows(
    documents: Native, day: datetime, scale: int, *, weeks: int, overdue: str, side: str
) -> tuple[_Flows, list[str]]:
    """Add up what is due by currency and week, positive, and say what is in none, or in one by choice."""
    listed: Frame = nw.from_native(open_items(documents, day))
    counted = listed.select("currency", "days_past_due", ticks(listed, "amount_due", scale).alias("_ticks"))
    summed = in_memory(sum_by(counted, ["currency", "days_past_due"], ["_ticks"]))
    flows: _Flows = Counter()
    late: Sums = Counter()
    undated: Sums = Counter()
    after: Sums = Counter()
    known = summed["days_past_due"].is_null().to_list()
    for missing, (found, days, amount) in zip(known, summed.iter_rows(), strict=True):
        currency, due = key_of(found), int(amount) * _SIDES[side]
        week = 0 if missing or days > 0 else -int(days) // 7 + 1
        if missing:
            undated[currency] += due
        if week == 0:
            late[currency] += due
        elif week > weeks:
            after[currency] += due
        else:
            flows[currency, week] += due
    _place(flows, late, weeks, overdue)
    said = {
        f"without a due date, taken as overdue and {_PUT[overdue]}": undated,
        "due after the last week, left out": after,
        "overdue or without a due date, left out": late if overdue == "exclude" else Counter(),
    }
    about = getattr(nw.to_native(listed), "attrs", {}).get("notes", [])[1:]
    # Here without the sign that payments have in the report.
    owed = {what: {key: amount * _SIDES[side] for key, amount in sums.items()} for what, sums in said.items()}
    notes = [
        f"{side.capitalize()} {what}: {amounts_in_words(sums, scale)}." for what, sums in owed.items() if sums
    ]
    return flows, [*notes, *(f"{side.capitalize()}: {note}" for note in about)]


def _place(flows: _Flows, late: Sums, weeks: int, overdue: str) -> None:
    """Put what is overdue into its weeks."""
    for currency, amount in late.items():
        if overdue == "first_week":
            flows[currency, 1] += amount
        elif overdue == "spread":
            sign = -1 if amount < 0 else 1
            share = abs(amount) // weeks * sign
            for week in range(1, weeks + 1):
                flows[currency, week] += share
            flows[currency, 1] += amount - share * weeks


def _weeks(
    cash: Sums,
    flows: Mapping[str, _Flows],
    currencies: list[str | None],
    day: datetime,
    weeks: int,
    scale: int,
) -> dict[str, list[object]]:
    """Run through the weeks of each currency, in ticks."""
    columns: dict[str, list[object]] = {name: [] for name in _FORECAST}
    for currency in currencies:
        opening = cash[currency]
        for week in range(1, weeks + 1):
            receipts, payments = (flows[side][currency, week] for side in _SIDES)
            closing = opening + receipts + payments
            start = day + timedelta(weeks=week - 1)
            money = (amount / scale for amount in (opening, receipts, payments, closing))
            for name, value in zip(_FORECAST, (currency, week, start, *money), strict=True):
                columns[name].append(value)
            opening = closing
    return columns
