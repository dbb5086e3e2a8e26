"""Cash history: the balance at the end of each day, computed backwards from today's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.businesses import Businesses
from rutterframe.reports.engine.dates import parse_as_of
from rutterframe.reports.engine.frame import Native, finish, from_columns, nulls_last, read_frame
from rutterframe.reports.engine.ticks import format_amounts
from rutterframe.reports.postings import Account, Postings
from rutterframe.reports.transfers import flagged_postings

_BACKWARDS = "Balances are computed backwards from those of the day the data was fetched."
_NO_DAY = (
    "Without as_of every transaction is taken as booked in the balances, also one dated after the day of the "
    "balances."
)
_FLOWS = ("inflow", "outflow", "transfers")
# Larger than any ordinal of a day.
_SPAN = 2**22


def cash_history(
    bank_accounts: Native,
    transactions: Native,
    *,
    by_account: bool = False,
    as_of: date | datetime | str | None = None,
    businesses: Businesses | None = None,
) -> Native:
    """Return the balance at the end of each day, computed backwards from today's over the transactions.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts with ``id``, ``balance`` and ``currency``, of any engine; also ``connection_id``, since
        an id means something only within its connection, and ``type``: cards, credit lines and loans are
        debts, and left out.
    transactions : DataFrame
        Their transactions, of any engine, with ``account_id``, ``amount`` (a deposit is positive),
        ``currency`` and ``date``, and ``connection_id``.
    by_account : bool
        Whether each account has its own rows.
    as_of : date, datetime or str, optional
        The day of the balances. Transactions after it are not in them, and are left out; each currency (and
        account) has a row on it.
    businesses : mapping of str to list of str, optional
        Which connections belong to one business, as for `transfers`.

    Returns
    -------
    DataFrame
        One row for each currency (and account) and day that has transactions, and for ``as_of``, by currency
        (connection, account) and day, missing values last.

        =============  ==============  ==============================================================
        name           dtype           meaning
        =============  ==============  ==============================================================
        date           datetime64[us]  the day, as the transactions have it
        connection_id  str             with ``by_account`` only
        account_id     str             with ``by_account`` only
        currency       str             the account's; amounts of different currencies are never added
        inflow         float64         the day's deposits; major units
        outflow        float64         the day's withdrawals, negative
        transfers      float64         the day's `transfers` between own accounts: zero together,
                                       unless one side is of another day
        balance        float64         at the end of the day, exactly: today's minus all later flows
        =============  ==============  ==============================================================

        Left out, and counted in ``attrs["notes"]`` (on pandas): transactions of other accounts, of debts,
        those in another currency than their account's, and those after ``as_of``. A transaction without a
        currency is in its account's. One without a date counts as older than all that have one: it is in
        every balance and on no day.

    Raises
    ------
    TypeError
        If ``bank_accounts`` or ``transactions`` is not a DataFrame.
    ValueError
        If columns are missing or hold values of another kind, an account is listed twice, ``as_of`` is not a
        date, or ``businesses`` lists a connection twice.
    OverflowError
        If the amounts of a frame are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     bank = client.connection("roaster-bank")
    ...     accounts = rf.load_bank_accounts(bank, progress=False)
    ...     transactions = rf.load_transactions(bank, progress=False)
    >>> history = rf.reports.cash_history(accounts, transactions, as_of="2026-06-30")
    >>> bool(history["balance"].iloc[-1] == accounts["balance"].sum().round(2))
    True
    """
    last = None if as_of is None else parse_as_of(as_of)
    postings, is_transfer, of_transfers = flagged_postings(bank_accounts, transactions, businesses)
    ahead = postings.day > last.toordinal() if last else np.zeros(len(postings.day), bool)
    groups = _groups(postings.accounts, by_account=by_account)
    columns = _balances(postings, is_transfer, groups, ahead=ahead, last=last)
    keys = {"connection_id": nw.String(), "account_id": nw.String()} if by_account else {}
    money = dict.fromkeys((*_FLOWS, "balance"), nw.Float64())
    schema: dict[str, Any] = {"date": nw.Datetime("us"), **keys, "currency": nw.String(), **money}
    notes = [_BACKWARDS, *postings.notes, *_notes_on_days(postings, ahead, last, bank_accounts)]
    return finish(
        from_columns(
            {name: columns[name] for name in schema}, schema, read_frame(bank_accounts, (), kind="")
        ),
        name="cash_history",
        sources=[bank_accounts, transactions],
        notes=[*notes, *of_transfers],
        **({"as_of": f"{last:%Y-%m-%d}"} if last else {}),
    )


def _groups(accounts: Sequence[Account], *, by_account: bool) -> list[Account]:
    """Return the group of each account: itself, or its currency."""
    return list(accounts) if by_account else [Account(None, None, each.currency) for each in accounts]


def _balances(
    postings: Postings,
    is_transfer: np.ndarray,
    groups: Sequence[Account],
    *,
    ahead: np.ndarray,
    last: datetime | None,
) -> dict[str, list[Any]]:
    """Return the rows of each group, in ticks computed backwards from its last day."""
    order = sorted(set(groups), key=lambda group: tuple(map(nulls_last, group[::-1][:1] + group[:2])))
    numbers = {group: number for number, group in enumerate(order)}
    group_of = np.array([numbers[group] for group in groups], np.int64)
    days = _flows(postings, is_transfer, group_of, np.flatnonzero((postings.day > 0) & ~ahead))
    balances = [0] * len(order)
    for number, balance in zip(group_of.tolist(), postings.balances, strict=True):
        balances[number] += balance
    names = ("date", "connection_id", "account_id", "currency", *_FLOWS, "balance")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for number, group in enumerate(order):
        own = days.get(number, {})
        if last is not None:
            own.setdefault(last.toordinal(), [0, 0, 0])
        balance, rows = balances[number], []
        for day, flows in sorted(own.items(), reverse=True):
            money = (amount / postings.scale for amount in (*flows, balance))
            rows.append((datetime.fromordinal(day), *group, *money))
            balance -= sum(flows)
        for row in reversed(rows):
            for name, value in zip(names, row, strict=True):
                columns[name].append(value)
    return columns


def _flows(
    postings: Postings, is_transfer: np.ndarray, group_of: np.ndarray, rows: np.ndarray
) -> dict[int, dict[int, list[int]]]:
    """Add up inflow, outflow and transfers of each group and day."""
    amount = postings.amount[rows]
    keys, number = np.unique(
        np.take(group_of, postings.account[rows]) * _SPAN + postings.day[rows], return_inverse=True
    )
    kind = np.where(is_transfer[rows], 2, np.where(amount > 0, 0, 1))
    sums = np.zeros((len(keys), 3), np.int64)
    np.add.at(sums, (number, kind), amount)
    days: dict[int, dict[int, list[int]]] = {}
    for key, flows in zip(keys.tolist(), sums.tolist(), strict=True):
        days.setdefault(key // _SPAN, {})[key % _SPAN] = flows
    return days


def _notes_on_days(
    postings: Postings, ahead: np.ndarray, last: datetime | None, bank_accounts: Native
) -> list[str]:
    """Note the transactions without a day, and those after the last day."""
    notes = [] if last else [_NO_DAY]
    undated = postings.day == 0
    if undated.any():
        notes.append(
            "Transactions without a date, taken as older than the first day: "
            f"{int(undated.sum()):,}, {format_amounts(postings.sums(undated), postings.scale)}."
        )
    if last and ahead.any():
        notes.append(
            f"Transactions after {last:%Y-%m-%d}, which the balances are taken not to hold yet, left out: "
            f"{int(ahead.sum()):,}, {format_amounts(postings.sums(ahead), postings.scale)}."
        )
        fetched = str(getattr(bank_accounts, "attrs", {}).get("receipt", {}).get("finished") or "")[:10]
        if fetched > f"{last:%Y-%m-%d}":
            notes.append(
                f"The balances were fetched on {fetched}: if they hold what is dated up to then, "
                f"pass as_of={fetched!r}."
            )
    return notes
