"""Postings: the transactions of bank accounts in memory, each with its account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.account_types import flag_debts, notes_on_banks
from rutterframe.reports.engine.dates import parse_dates
from rutterframe.reports.engine.factorize import factorize, first_rows
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    cast_to_text,
    collect,
    normalize_key,
    nulls_last,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.periods import day_ordinal
from rutterframe.reports.engine.ticks import choose_scale, format_amounts, ticks
from rutterframe.reports.statuses import is_one_of

_BANK = ("id", "balance", "currency")
_MOVE = ("account_id", "amount", "currency", "date")
#: The columns that name a transaction's account.
KEYS = ("connection_id", "account_id", "currency")
# Why a transaction belongs to no account that holds cash, in the order of the codes -1 to -4, or does not
# count: -5. What a live bank announces is not in the balance, and may change or never be booked.
_REASONS = (
    "of accounts that are not in bank_accounts, left out",
    "in another currency than their account's, left out",
    "without a currency, of accounts in several, left out",
    "of cards, credit lines and loans, left out",
    "that are pending, and not booked in the balances, left out",
)
PENDING = "pending"


class Account(NamedTuple):
    """A bank account; one that holds several currencies is one for each."""

    connection: str | None
    id: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Postings:
    """Transactions of bank accounts that hold cash.

    Attributes
    ----------
    accounts : list of Account
        Those that hold cash.
    balances : list of int
        Their balances, in ticks.
    account, day, amount : array of int
        Of each transaction the position of its account, the ordinal of its day (0 without one), and its
        ticks.
    ids : list of str or None
        Their ids, if `read_postings` was called with ``ids``.
    scale : int
        How many ticks one major unit has.
    notes : list of str
        What was left out, and what was assumed.
    """

    accounts: list[Account]
    balances: list[int]
    account: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    ids: list[str | None]
    scale: int
    notes: list[str]

    def currency_of(self, account: np.ndarray) -> np.ndarray:
        """Return the number of the currency of each account; the numbers sort as the currencies."""
        names = sorted({account.currency for account in self.accounts}, key=nulls_last)
        numbers = np.array([names.index(account.currency) for account in self.accounts], np.int64)
        return np.take(numbers, account)

    def in_currency(self, currency: str | None) -> np.ndarray:
        """Return whether each transaction is in a currency."""
        own = np.array([account.currency == currency for account in self.accounts], bool)
        return own[self.account] if len(own) else np.zeros(0, bool)

    def sums(self, rows: np.ndarray) -> dict[str | None, int]:
        """Add up some postings by currency, in ticks; they are selected by positions or a mask."""
        sums: Counter[str | None] = Counter()
        by_account = np.zeros(len(self.accounts), np.int64)
        np.add.at(by_account, self.account[rows], self.amount[rows])
        for position in np.unique(self.account[rows]).tolist():
            sums[self.accounts[position].currency] += int(by_account[position])
        return dict(sums)


def read_postings(bank_accounts: Native, transactions: Native, *, ids: bool = False) -> Postings:
    """Read bank accounts and their transactions, and find the account of each transaction.

    Where only one of the frames has ``connection_id``, transactions are matched by the account's id alone.

    Raises
    ------
    ValueError
        If columns are missing, an account is listed twice, or only one of the frames has ``connection_id``
        and an account's id is in two connections.
    """
    cash, frame = read_cash(bank_accounts, transactions)
    table = collect(select_transactions(frame, cash.scale, ids=ids))
    numbers, size = factorize(table, KEYS)
    first = first_rows(numbers, size)
    present = np.flatnonzero(first >= 0)
    position_of = np.full(size, -1)
    position_of[present] = cash.positions_of(table.select(*KEYS)[first[present]].rows())
    account, amount = position_of[numbers], table["amount"].to_numpy()
    if "_pending" in table.columns:
        account[(account >= 0) & table["_pending"].to_numpy().astype(bool)] = -len(_REASONS)
    notes = [*cash.notes, *_notes_on_left_out(table, account, amount, cash.scale)]
    rows = np.flatnonzero(account >= 0)
    return Postings(
        cash.accounts,
        cash.balances,
        account[rows],
        table["day"].to_numpy()[rows],
        amount[rows],
        [normalize_key(value) for value in table["id"].to_numpy()[rows]] if ids else [],
        cash.scale,
        notes,
    )


@dataclass(frozen=True, slots=True)
class Cash:
    """The bank accounts that hold cash, and how transactions are matched with them.

    Attributes
    ----------
    accounts, balances, notes
        As of `Postings`.
    scale : int
        How many ticks one major unit has.
    positions : dict
        The positions of all accounts, debts after the others: by connection and id, then by currency.
    by_connection : bool
        Whether both frames have connections.
    """

    accounts: list[Account]
    balances: list[int]
    notes: list[str]
    scale: int
    positions: dict[tuple[str | None, str | None], dict[str | None, int]]
    by_connection: bool

    def positions_of(self, combinations: list[tuple[Any, ...]]) -> list[int]:
        """Return the position of the account of each combination of `KEYS`, or the code of a reason.

        Raises
        ------
        ValueError
            If an account is in two connections, and only one of the frames has connections.
        """
        if not self.by_connection:
            _check_connections(combinations, self.positions)
        result = []
        for connection, account, currency in combinations:
            name = (normalize_key(connection) if self.by_connection else None, normalize_key(account))
            result.append(_choose(self.positions.get(name, {}), normalize_key(currency), len(self.accounts)))
        return result


def read_cash(bank_accounts: Native, transactions: Native) -> tuple[Cash, Frame]:
    """Read the bank accounts, and check their transactions, which stay in their engine.

    Raises
    ------
    ValueError
        As `read_postings`.
    """
    banks = read_frame(bank_accounts, _BANK, kind="bank_accounts")
    frame = read_frame(transactions, _MOVE, kind="transactions")
    scale = choose_scale((banks, "balance"), (frame, "amount"))
    by_connection = all("connection_id" in each.collect_schema().names() for each in (banks, frame))
    accounts, balances, debts, notes = _read_accounts(with_connection_id(banks), scale)
    positions = _positions([*accounts, *debts], by_connection=by_connection)
    return Cash(accounts, balances, notes, scale, positions, by_connection), with_connection_id(frame)


def _read_accounts(banks: Frame, scale: int) -> tuple[list[Account], list[int], list[Account], list[str]]:
    """Read the accounts that hold cash with their balances, and those that are debts."""
    balances: dict[Account, int] = {}
    debts: dict[Account, int] = {}
    nameless = 0
    names = (cast_to_text(banks, name) for name in ("connection_id", "id", "currency"))
    columns = banks.with_columns(
        ticks(banks, "balance", scale).alias("_ticks"), flag_debts(banks).alias("_debt")
    )
    for *key, balance, debt in collect(columns.select(*names, "_ticks", "_debt")).iter_rows():
        account = Account(*map(normalize_key, key))
        sums = debts if debt else balances
        if account.id is not None and (account in balances or account in debts):
            where = "" if account.connection is None else f" of connection {account.connection!r}"
            raise ValueError(
                f"bank_accounts has account {account.id!r}{where} twice: keep one row of each, such as with "
                "bank_accounts.drop_duplicates(['connection_id', 'id'])"
            )
        nameless += account.id is None
        sums[account] = sums.get(account, 0) + int(balance)
    notes = notes_on_banks(banks)
    if debts:
        notes.append(f"Cards, credit lines and loans are debts, and left out: {len(debts):,}.")
    if nameless:
        notes.append(f"Bank accounts without an id, which no transaction belongs to: {nameless:,}.")
    return list(balances), list(balances.values()), list(debts), notes


def select_transactions(frame: Frame, scale: int, *, ids: bool) -> Frame:
    """Select the keys of transactions as text, the ordinal of the day, and ticks."""
    day = parse_dates(frame, "date", kind="transactions").alias("_day")
    with_ticks = frame.with_columns(day, ticks(frame, "amount", scale).alias("amount"))
    columns = frame.collect_schema().names()
    names = (*KEYS, *(["id"] if ids and "id" in columns else []))
    pending = [is_one_of((PENDING,)).alias("_pending")] if "status" in columns else []
    selected = with_ticks.select(
        *(cast_to_text(frame, name) for name in names),
        day_ordinal(nw.col("_day")).fill_null(0).cast(nw.Int64).alias("day"),
        "amount",
        *pending,
    )
    if ids and "id" not in columns:
        selected = selected.with_columns(nw.lit(None, nw.String).alias("id"))
    return selected


def _positions(
    accounts: list[Account], *, by_connection: bool
) -> dict[tuple[str | None, str | None], dict[str | None, int]]:
    """Return the positions of accounts: by connection and id, then by currency."""
    positions: dict[tuple[str | None, str | None], dict[str | None, int]] = {}
    for position, account in enumerate(accounts):
        if account.id is None:
            continue
        name = (account.connection if by_connection else None, account.id)
        by_currency = positions.setdefault(name, {})
        if account.currency in by_currency:
            raise ValueError(
                f"bank_accounts has account {account.id!r} in two connections, and only one of the frames "
                "has connection_id: pass both frames with it, as they were loaded"
            )
        by_currency[account.currency] = position
    return positions


def _check_connections(
    combinations: list[tuple[Any, ...]], accounts: Container[tuple[str | None, str | None]]
) -> None:
    """Refuse transactions of one account in several connections, where the accounts have no connection."""
    connection_of: dict[str | None, str | None] = {}
    for connection, account, _ in combinations:
        own, name = normalize_key(connection), normalize_key(account)
        if (None, name) in accounts and connection_of.setdefault(name, own) != own:
            raise ValueError(
                f"transactions has account {name!r} in two connections, and only one of the frames "
                "has connection_id: pass both frames with it, as they were loaded"
            )


def _choose(by_currency: dict[str | None, int], currency: str | None, cash: int) -> int:
    """Return the position of a transaction's account, below ``cash``, or the code of one of `_REASONS`."""
    if not by_currency:
        return -1
    if currency is None and None not in by_currency:
        if len(by_currency) > 1:
            return -3
        (position,) = by_currency.values()
    elif currency not in by_currency:
        return -2
    else:
        position = by_currency[currency]
    return position if position < cash else -4


def _notes_on_left_out(
    table: nw.DataFrame[Any], account: np.ndarray, amount: np.ndarray, scale: int
) -> list[str]:
    """Count and add up the transactions that belong to no account that holds cash, by reason."""
    notes = []
    for number, why in enumerate(_REASONS, start=1):
        rows = np.flatnonzero(account == -number)
        if not len(rows):
            continue
        sums: Counter[str | None] = Counter()
        for currency, value in zip(table["currency"].to_numpy()[rows], amount[rows].tolist(), strict=True):
            sums[normalize_key(currency)] += value
        notes.append(f"Transactions {why}: {len(rows):,}, {format_amounts(sums, scale)}.")
    return notes
