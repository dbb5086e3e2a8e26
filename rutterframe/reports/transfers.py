"""Transfers between own bank accounts, which are neither income nor expenses."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.businesses import Businesses
from rutterframe.reports.engine.frame import Native, finish, from_columns, read_frame
from rutterframe.reports.engine.ticks import format_amounts
from rutterframe.reports.postings import Postings, read_postings
from rutterframe.reports.spark_postings import (
    DAYS,
    is_on_spark,
    owner_numbers,
    read_daily_sums,
    read_transfers,
)

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
        The positions of the two postings of each transfer, by day.
    ambiguous : int
        How many postings could be a side of several transfers, and are therefore of none.
    """

    out: np.ndarray
    into: np.ndarray
    ambiguous: int


def transfers(bank_accounts: Native, transactions: Native, *, businesses: Businesses | None = None) -> Native:
    """List the transfers between the own bank accounts of a business.

    A transfer is a pair of transactions of one amount and currency, one out of an account and one into
    another, no more than three days apart. It has to be unique: a transaction that could be a side of two
    transfers is a side of none. Cards, credit lines and loans are debts: a payment to them is an outflow.

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
        If ``bank_accounts`` or ``transactions`` is not a DataFrame.
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
    if is_on_spark(transactions):
        postings = read_transfers(bank_accounts, transactions, businesses)
    else:
        postings = read_postings(bank_accounts, transactions, ids=True)
    pairs = find_transfers(postings, businesses)
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA}
    for side, rows in zip(_SIDES, (pairs.out, pairs.into), strict=True):
        accounts = [postings.accounts[position] for position in postings.account[rows].tolist()]
        columns[f"{side}_connection_id"] = [account.connection for account in accounts]
        columns[f"{side}_account_id"] = [account.id for account in accounts]
        columns[f"{side}_id"] = [postings.ids[row] for row in rows.tolist()]
        columns[f"{side}_date"] = [datetime.fromordinal(day) for day in postings.day[rows].tolist()]
        columns["currency"] = [account.currency for account in accounts]
    columns["amount"] = [amount / postings.scale for amount in postings.amount[pairs.into].tolist()]
    banks = read_frame(bank_accounts, (), kind="bank_accounts")
    return finish(
        from_columns(columns, _SCHEMA, banks),
        name="transfers",
        sources=[bank_accounts, transactions],
        notes=[*postings.notes, *notes_on_ambiguous(pairs)],
    )


def find_transfers(postings: Postings, businesses: Businesses | None) -> Pairs:
    """Match the transfers among postings, by the day and currency in which the money left, and amount."""
    rows = np.flatnonzero((postings.day > 0) & (postings.amount != 0))
    account, day, amount = postings.account[rows], postings.day[rows], postings.amount[rows]
    same = _number_rows((*_businesses_and_currencies(postings, account, businesses), np.abs(amount)))
    # In order, so that the binary search goes from one to the next.
    order = np.argsort(same * _SPAN + day, kind="stable")
    rows, account, day, amount, same = (array[order] for array in (rows, account, day, amount, same))
    sides = [np.flatnonzero(amount < 0), np.flatnonzero(amount > 0)]
    own = _number_rows((same, account))
    at, at_own = same * _SPAN + day, own * _SPAN + day
    counts, partners = [], []
    for side, opposite in (sides, sides[::-1]):
        number, positions = _near(at[side], at[opposite])
        number_own, positions_own = _near(at_own[side], at_own[opposite])
        counts.append(number - number_own)
        # With a single partner the sum of the positions is its position.
        partners.append(positions - positions_own)
    single = np.flatnonzero(counts[0] == 1)
    single = single[counts[1][partners[0][single]] == 1]
    out, into = sides[0][single], sides[1][partners[0][single]]
    order = np.lexsort((-amount[out], postings.currency_of(account)[out], day[out]))
    candidates = sum(int((count > 0).sum()) for count in counts)
    return Pairs(rows[out[order]], rows[into[order]], candidates - 2 * len(single))


def flagged_postings(
    bank_accounts: Native, transactions: Native, businesses: Businesses | None
) -> tuple[Postings, np.ndarray, list[str]]:
    """Read the postings, which of them are transfers, and notes on these.

    On Spark only sums are collected: of each account and day the deposits, withdrawals and transfers.
    """
    if is_on_spark(transactions):
        return (*read_daily_sums(bank_accounts, transactions, businesses), [])
    postings = read_postings(bank_accounts, transactions)
    pairs = find_transfers(postings, businesses)
    is_transfer = np.zeros(len(postings.day), bool)
    is_transfer[pairs.out] = is_transfer[pairs.into] = True
    notes = notes_on_ambiguous(pairs)
    if len(pairs.into):
        amounts = format_amounts(postings.sums(pairs.into), postings.scale)
        notes.append(
            f"Transfers between own accounts, not in inflow and outflow: {len(pairs.into):,}, {amounts}; "
            "`transfers` lists them."
        )
    return postings, is_transfer, notes


def notes_on_ambiguous(pairs: Pairs) -> list[str]:
    """Count the postings that could be a side of several transfers."""
    what = "Transactions that could be a side of more than one transfer between own accounts, taken as none"
    return [f"{what}: {pairs.ambiguous:,}."] if pairs.ambiguous else []


def _businesses_and_currencies(
    postings: Postings, account: np.ndarray, businesses: Businesses | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers for the business and the currency of each posting."""
    return owner_numbers(postings.accounts, businesses)[account], postings.currency_of(account)


def _number_rows(columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return a number for each row of some columns of integers, the same for equal rows."""
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    for column in columns:
        new[1:] |= np.diff(column[order]) != 0
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(new)
    return numbers


def _near(days: np.ndarray, candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the candidates within `DAYS` of each day, and add up their positions."""
    order = np.argsort(candidates, kind="stable")
    positions = np.concatenate([[0], np.cumsum(order)])
    low = np.searchsorted(candidates[order], days - DAYS, side="left")
    high = np.searchsorted(candidates[order], days + DAYS, side="right")
    return high - low, positions[high] - positions[low]
