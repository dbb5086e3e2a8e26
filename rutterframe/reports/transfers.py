"""Transfers: money that left one own account and came to another, which is neither spent nor earned."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.businesses import Businesses, owners
from rutterframe.reports.engine.frame import Native, finish, from_columns, read_frame
from rutterframe.reports.postings import Postings, read_postings

#: The most days between the two sides of a transfer.
DAYS = 3

# Larger than any ordinal of a day, and than the days between the sides of a transfer.
_SPAN = 2**22
_SIDES = ("from", "to")
_SCHEMA: dict[str, Any] = {
    f"{side}_{name}": dtype
    for side in _SIDES
    for name, dtype in {
        "connection_id": nw.String(), "account_id": nw.String(), "id": nw.String(), "date": nw.Datetime("us")
    }.items()
} | {"currency": nw.String(), "amount": nw.Float64()}  # fmt: skip


class Pairs(NamedTuple):
    """The transfers among postings.

    Attributes
    ----------
    out, into : array of int
        The places of the two sides of each transfer, by day.
    ambiguous : int
        How many postings could be a side of several transfers, and are therefore of none.
    """

    out: np.ndarray
    into: np.ndarray
    ambiguous: int


def transfers(bank_accounts: Native, transactions: Native, *, businesses: Businesses | None = None) -> Native:
    """List the transfers between the own bank accounts of a business.

    A transfer is a pair of transactions of one amount and currency, one out of an account and one into
    another, no more than three days apart. It has to be unique: where a transaction could be a side of two
    transfers, it is of none. Cards, credit lines and loans are debts: what is paid to them is spent.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts, of any engine, as for `cash_history`.
    transactions : DataFrame
        Their transactions, as for `cash_history`; ``id`` names them in the result.
    businesses : mapping of str to list of str, optional
        Which connections belong to one business; any other is a business of its own.

    Returns
    -------
    DataFrame
        One row for each transfer, by the day on which the money left, currency and amount.

        ==================  ==============  =========================================================
        name                dtype           meaning
        ==================  ==============  =========================================================
        from_connection_id  str             the connection of the account that the money left
        from_account_id     str             the account that it left
        from_id             str             the transaction that it left with; null without ids
        from_date           datetime64[us]  the day that it left
        to_connection_id    str             the connection of the account that it came to
        to_account_id       str             the account that it came to
        to_id               str             the transaction that it came with
        to_date             datetime64[us]  the day that it came
        currency            str             that of both accounts
        amount              float64         positive; major units
        ==================  ==============  =========================================================

        On pandas ``attrs["notes"]`` counts the transactions that could be a side of several transfers.

    Raises
    ------
    TypeError
        If something is no frame.
    ValueError
        If columns are missing or hold something else, an account is listed twice, or ``businesses`` lists a
        connection twice.
    OverflowError
        If the amounts of a frame are too large to be counted exactly.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"id": ["a", "b"], "currency": "EUR", "balance": [0.0, 9.0]})
    >>> moves = pd.DataFrame({"account_id": ["a", "b"], "amount": [-9.0, 9.0], "currency": "EUR",
    ...                       "date": ["2026-06-26", "2026-06-29"]})
    >>> rf.reports.transfers(banks, moves)[["from_account_id", "to_account_id", "amount"]].values.tolist()
    [['a', 'b', 9.0]]
    """
    postings = read_postings(bank_accounts, transactions, ids=True)
    found = find_transfers(postings, businesses)
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA}
    for side, places in zip(_SIDES, (found.out, found.into), strict=True):
        owner = [postings.accounts[place] for place in postings.account[places].tolist()]
        columns[f"{side}_connection_id"] = [account.connection for account in owner]
        columns[f"{side}_account_id"] = [account.id for account in owner]
        columns[f"{side}_id"] = [postings.ids[place] for place in places.tolist()]
        columns[f"{side}_date"] = [datetime.fromordinal(day) for day in postings.day[places].tolist()]
        columns["currency"] = [account.currency for account in owner]
    columns["amount"] = [amount / postings.scale for amount in postings.amount[found.into].tolist()]
    banks = read_frame(bank_accounts, (), kind="bank_accounts")
    return finish(
        from_columns(columns, _SCHEMA, banks),
        name="transfers",
        sources=[bank_accounts, transactions],
        notes=[*postings.notes, *notes_on_ambiguous(found)],
    )


def find_transfers(postings: Postings, businesses: Businesses | None) -> Pairs:
    """Find the transfers among postings, by the day and currency in which the money left, and amount."""
    listed = np.flatnonzero((postings.day > 0) & (postings.amount != 0))
    account, day, amount = postings.account[listed], postings.day[listed], postings.amount[listed]
    same = _numbered((*_kinds(postings, account, businesses), np.abs(amount)))
    # In order, so that a search goes from one to the next.
    order = np.argsort(same * _SPAN + day, kind="stable")
    listed, account, day, amount, same = (each[order] for each in (listed, account, day, amount, same))
    sides = [np.flatnonzero(amount < 0), np.flatnonzero(amount > 0)]
    own = _numbered((same, account))
    at, at_own = same * _SPAN + day, own * _SPAN + day
    counts, partners = [], []
    for mine, others in (sides, sides[::-1]):
        many, places = _near(at[mine], at[others])
        many_own, places_own = _near(at_own[mine], at_own[others])
        counts.append(many - many_own)
        # Where one is left, what is left of the sum of the places is its place.
        partners.append(places - places_own)
    single = np.flatnonzero(counts[0] == 1)
    single = single[counts[1][partners[0][single]] == 1]
    out, into = sides[0][single], sides[1][partners[0][single]]
    order = np.lexsort((-amount[out], postings.currency_of(account)[out], day[out]))
    candidates = sum(int((count > 0).sum()) for count in counts)
    return Pairs(listed[out[order]], listed[into[order]], candidates - 2 * len(single))


def notes_on_ambiguous(found: Pairs) -> list[str]:
    """Say how many postings could be a side of several transfers."""
    what = "Transactions that could be a side of more than one transfer between own accounts, taken as none"
    return [f"{what}: {found.ambiguous:,}."] if found.ambiguous else []


def _kinds(
    postings: Postings, account: np.ndarray, businesses: Businesses | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers for the business and the currency of each posting."""
    known = owners(businesses)
    found = [
        (True, known[one.connection]) if one.connection in known else (False, one.connection)
        for one in postings.accounts
    ]
    numbers = {key: place for place, key in enumerate(dict.fromkeys(found))}
    return np.array([numbers[key] for key in found], np.int64)[account], postings.currency_of(account)


def _numbered(columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return a number for each row of some columns of integers: equal rows have the same."""
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    for column in columns:
        new[1:] |= np.diff(column[order]) != 0
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(new)
    return numbers


def _near(mine: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the others within some days of each, and add up their places."""
    order = np.argsort(others, kind="stable")
    places = np.concatenate([[0], np.cumsum(order)])
    low = np.searchsorted(others[order], mine - DAYS, side="left")
    high = np.searchsorted(others[order], mine + DAYS, side="right")
    return high - low, places[high] - places[low]
