"""How the cash developed: balances walked back from today's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import narwhals.stable.v2 as nw

from rutterframe.reports.cash import Sums
from rutterframe.reports.counting import amounts_in_words, scale_of, ticks
from rutterframe.reports.dates import day_of
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

_Key = tuple[str | None, str | None]


def cash_history(bank_accounts: Native, transactions: Native, *, by_account: bool = False) -> Native:
    """Walk back from today's balances, over the transactions, to the balance at the end of each day.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts with ``id``, ``balance`` and ``currency``, of any engine.
    transactions : DataFrame
        Their transactions, of any engine, with ``account_id``, ``amount`` (a deposit is positive),
        ``currency`` and ``date``.
    by_account : bool
        Whether each account has rows of its own.

    Returns
    -------
    DataFrame
        One row for each currency (and account) and day that has transactions, by currency (account) and
        day, missing values last.

        ==========  ==============  =================================================================
        name        dtype           meaning
        ==========  ==============  =================================================================
        date        datetime64[us]  the day, in UTC
        account_id  str             with ``by_account`` only
        currency    str             the account's; amounts of different currencies are never added
        inflow      float64         the day's deposits; major units
        outflow     float64         the day's withdrawals, negative
        balance     float64         at the end of the day, exactly: today's minus what came after
        ==========  ==============  =================================================================

        Left out, and counted in ``attrs["notes"]`` (on pandas): transactions of other accounts, and those
        in another currency than their account's. A transaction without a currency is in its account's. One
        without a date counts as older than all that have one: it is in every balance and on no day.

    Raises
    ------
    TypeError
        If something is no frame.
    ValueError
        If columns are missing.
    OverflowError
        If the amounts of a frame are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports import cash_history
    >>> with rf.demo() as client:
    ...     bank = client.connection("roaster-bank")
    ...     accounts = rf.load_bank_accounts(bank, progress=False)
    ...     transactions = rf.load_transactions(bank, progress=False)
    >>> bool(cash_history(accounts, transactions)["balance"].iloc[-1] == accounts["balance"].sum().round(2))
    True
    """
    banks = read_frame(bank_accounts, ("id", "balance", "currency"), kind="bank_accounts")
    needed = ("account_id", "amount", "currency", "date")
    frame = read_frame(transactions, needed, kind="transactions")
    scale = scale_of((banks, "balance"), (frame, "amount"))
    currencies: dict[str | None, str | None] = {}
    balances: Counter[_Key] = Counter()
    listed = in_memory(banks.select("id", "currency", ticks(banks, "balance", scale)))
    for account, found, balance in listed.iter_rows():
        name, currency = key_of(account), key_of(found)
        currencies[name] = currency
        balances[currency, name if by_account else None] += int(balance)
    days, notes = _days(in_memory(_counted(frame, scale)), currencies, scale, by_account=by_account)
    names = ["date", *(["account_id"] if by_account else []), "currency", "inflow", "outflow", "balance"]
    dtypes = {**dict.fromkeys(names[-3:], nw.Float64()), "currency": nw.String(), "account_id": nw.String()}
    schema = {name: nw.Datetime("us") if name == "date" else dtypes[name] for name in names}
    columns: dict[str, list[object]] = {name: [] for name in names}
    for key in sorted(days, key=lambda key: tuple(map(nulls_last, key))):
        balance, rows = balances[key], []
        for day, (inflow, outflow) in sorted(days[key].items(), reverse=True):
            rows.append((day, *key[::-1][not by_account :], inflow / scale, outflow / scale, balance / scale))
            balance -= inflow + outflow
        for row in reversed(rows):
            for name, value in zip(names, row, strict=True):
                columns[name].append(value)
    sources = [bank_accounts, transactions]
    return finish(from_columns(columns, schema, banks), name="cash_history", sources=sources, notes=notes)


def _counted(frame: Frame, scale: int) -> Frame:
    """Add up deposits and withdrawals by account, currency and day."""
    amount = nw.col("inflow")
    day = day_of(frame, "date", kind="transactions").dt.truncate("1d").alias("date")
    counted = frame.select("account_id", "currency", day, ticks(frame, "amount", scale).alias("inflow"))
    parted = counted.with_columns(
        nw.when(amount > 0).then(amount).otherwise(0).alias("inflow"),
        nw.when(amount < 0).then(amount).otherwise(0).alias("outflow"),
        date_missing=nw.col("date").is_null(),
    )
    keys = ["account_id", "currency", "date", "date_missing"]
    return sum_by(parted, keys, ["inflow", "outflow"], count="many")


def _days(
    counted: Frame, currencies: Mapping[str | None, str | None], scale: int, *, by_account: bool
) -> tuple[dict[_Key, dict[datetime, list[int]]], list[str]]:
    """Collect the days of each currency (and account), and say what is on none."""
    days: dict[_Key, dict[datetime, list[int]]] = {}
    aside: dict[str, tuple[Sums, Sums]] = {}
    for account, found, day, undated, inflow, outflow, many in counted.iter_rows():
        name, said = key_of(account), key_of(found)
        currency = currencies.get(name) if said is None else said
        why = None
        if name not in currencies:
            why = "of accounts that are not in bank_accounts, left out"
        elif currency != currencies[name]:
            why = "in another currency than their account's, left out"
        elif undated:
            why = "without a date, taken as older than the first day"
        if why is not None:
            number, amount = aside.setdefault(why, (Counter(), Counter()))
            number[None] += int(many)
            amount[currency] += int(inflow + outflow)
            continue
        flows = days.setdefault((currency, name if by_account else None), {}).setdefault(day, [0, 0])
        flows[0] += int(inflow)
        flows[1] += int(outflow)
    notes = ["Balances are walked back from those of the day the data was fetched."]
    for why, (number, amount) in sorted(aside.items()):
        notes.append(f"Transactions {why}: {number[None]:,}, {amounts_in_words(amount, scale)}.")
    return days, notes
