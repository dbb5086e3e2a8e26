"""Postings on Spark: transfers are matched there, and only sums by account and day are collected."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.businesses import Businesses, owners
from rutterframe.reports.engine.frame import Frame, Native, collect, from_columns, normalize_key, nulls_last
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.order_lines import join_null_safe
from rutterframe.reports.postings import KEYS, Account, Cash, Postings, read_cash, select_transactions

#: The most days between the two sides of a transfer.
DAYS = 3

_OF_ACCOUNT = ("_account", "_owner", "_currency", "day", "amount")
# What an amount of a day is: a deposit, a withdrawal, or the side of a transfer.
_INFLOW, _OUTFLOW, _TRANSFER = range(3)


def is_on_spark(native: Native) -> bool:
    """Return whether a frame is PySpark's."""
    return type(native).__module__.partition(".")[0] == "pyspark"


def owner_numbers(accounts: Sequence[Account], businesses: Businesses | None) -> np.ndarray:
    """Return a number for the business of each account."""
    owner_of = owners(businesses)
    connections = [account.connection for account in accounts]
    # A connection of no business may be named like a business.
    keys = [
        (connection in owner_of, owner_of.get(connection or "", connection)) for connection in connections
    ]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], np.int64)


def read_daily_sums(
    bank_accounts: Native, transactions: Native, businesses: Businesses | None
) -> tuple[Postings, np.ndarray]:
    """Add up the postings of each account and day: deposits, withdrawals and transfers.

    Returns
    -------
    tuple of Postings and array of bool
        The sums as postings, and which of them are transfers.
    """
    cash, frame = read_cash(bank_accounts, transactions)
    flagged = _flag_transfers(
        _with_accounts(select_transactions(frame, cash.scale, ids=False), cash, businesses)
    )
    totals = flagged.with_columns((nw.col("amount") * nw.col("_times")).alias("amount"))
    sums = collect(groupby_sum(totals, ["_account", "day", "_kind"], ["amount"]))
    account, day, amount, kind = (sums[name].to_numpy() for name in ("_account", "day", "amount", "_kind"))
    order = np.lexsort((kind, account, day))
    postings = _postings(cash, account[order], day[order], amount[order], [])
    return postings, kind[order] == _TRANSFER


def read_transfers(bank_accounts: Native, transactions: Native, businesses: Businesses | None) -> Postings:
    """Read the postings that are sides of transfers, with their ids; no other row is collected."""
    cash, frame = read_cash(bank_accounts, transactions)
    rows = _with_accounts(select_transactions(frame, cash.scale, ids=True), cash, businesses)
    on = ["_account", "day", "amount"]
    sides = _flag_transfers(rows).filter(nw.col("_kind") == _TRANSFER).select(*on)
    # Each occurs once on its day, so that it is a single row.
    table = collect(rows.select(*on, "id").join(sides, on=on, how="inner"))
    account, day, amount = (table[name].to_numpy() for name in on)
    order = np.lexsort((amount, account, day))
    ids = table["id"].to_list()
    texts = [normalize_key(ids[row]) for row in order.tolist()]
    return _postings(cash, account[order], day[order], amount[order], texts)


def _postings(
    cash: Cash, account: np.ndarray, day: np.ndarray, amount: np.ndarray, ids: list[str | None]
) -> Postings:
    return Postings(cash.accounts, cash.balances, account, day, amount, ids, cash.scale, cash.notes)


def _with_accounts(rows: Frame, cash: Cash, businesses: Businesses | None) -> Frame:
    """Add the number of each transaction's account, business and currency; leave out what is of none."""
    if "_pending" in rows.collect_schema().names():
        rows = rows.filter(~nw.col("_pending")).drop("_pending")
    combinations = collect(rows.select(*KEYS).unique()).rows()
    positions = np.array(cash.positions_of(combinations), np.int64)
    own = np.flatnonzero(positions >= 0)
    account = positions[own]
    columns: dict[str, list[object]] = {
        name: [combinations[row][place] for row in own.tolist()] for place, name in enumerate(KEYS)
    }
    currencies = sorted({each.currency for each in cash.accounts}, key=nulls_last)
    owner = owner_numbers(cash.accounts, businesses)
    columns |= {
        "_account": account.tolist(),
        "_owner": owner[account].tolist(),
        "_currency": [currencies.index(cash.accounts[place].currency) for place in account.tolist()],
    }
    schema = {name: nw.String() if name in KEYS else nw.Int64() for name in columns}
    joined = join_null_safe(rows, from_columns(columns, schema, rows), KEYS)
    return joined.drop(*KEYS)


def _flag_transfers(rows: Frame) -> Frame:
    """Add up equal amounts of an account and day, and state of which kind they are.

    A transfer is an amount with a single opposite one of another account within `DAYS`, to which it is the
    single one as well, as `transfers.find_transfers` matches them in memory.
    """
    ones = rows.with_columns(nw.lit(1).cast(nw.Int64).alias("_times"))
    native = groupby_sum(ones, [*_OF_ACCOUNT], ["_times"]).to_native()
    native = native.selectExpr(
        "*",
        "CASE WHEN amount > 0 AND day > 0 THEN _times ELSE 0 END AS _in",
        "CASE WHEN amount < 0 AND day > 0 THEN _times ELSE 0 END AS _out",
    )
    native = native.selectExpr("*", f"{_opposite('_in', '_out')} AS _partners")
    native = native.selectExpr(
        "*",
        "CASE WHEN _in = 1 AND _partners = 1 THEN 1 ELSE 0 END AS _single_in",
        "CASE WHEN _out = 1 AND _partners = 1 THEN 1 ELSE 0 END AS _single_out",
    )
    native = native.selectExpr("*", f"{_opposite('_single_in', '_single_out')} AS _mutual")
    return nw.from_native(
        native.selectExpr(
            *_OF_ACCOUNT,
            "_times",
            f"CAST(CASE WHEN _single_in + _single_out = 1 AND _mutual = 1 THEN {_TRANSFER} "
            f"WHEN amount > 0 THEN {_INFLOW} ELSE {_OUTFLOW} END AS BIGINT) AS _kind",
        )
    )


def _opposite(received: str, sent: str) -> str:
    """Return the SQL that counts the opposite amounts of other accounts within `DAYS`."""
    days = f"ORDER BY day RANGE BETWEEN {DAYS} PRECEDING AND {DAYS} FOLLOWING"
    same = "PARTITION BY _owner, _currency, abs(amount)"

    def count(flag: str) -> str:
        return f"sum({flag}) OVER ({same} {days}) - sum({flag}) OVER ({same}, _account {days})"

    return f"CASE WHEN amount < 0 THEN {count(received)} ELSE {count(sent)} END"
