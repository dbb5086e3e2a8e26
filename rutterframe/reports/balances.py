"""What is there today: cash at banks, and the ledger's trial balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import narwhals.stable.v2 as nw

from rutterframe.reports.account_types import any_of, debt_of, normal, notes_on_types, side_of, types_of
from rutterframe.reports.engine.empty_keys import merge_blanks, without_blanks
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    check_keys,
    finish,
    key_of,
    keys_of,
    read_frame,
    with_connection,
)
from rutterframe.reports.engine.groupby import sum_by
from rutterframe.reports.engine.ticks import scale_of, ticks, units

_MONEY = ("balance", "overdrawn", "debt")


def cash_position(bank_accounts: Native, *, by: str | Sequence[str] = ()) -> Native:
    """Add up the cash at banks.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts of any engine, with ``balance``, ``currency``, ``by`` and ``type``; without types all of
        them are cash, which a note says.
    by : str or sequence of str
        Columns whose values get a row each, such as ``institution_name``; currency always does. An id means
        something only within its connection: with one, ``connection_id`` comes first.

    Returns
    -------
    DataFrame
        One row for each value of ``by`` and currency, by currency, then by ``by``, missing values last.

        ===========  =======  ==============================================================
        name         dtype    meaning
        ===========  =======  ==============================================================
        currency     str      after the columns named by ``by``
        accounts     Int64    how many accounts, debts too
        balance      float64  the sum of the balances of accounts that hold cash, overdrafts
                              taken off; major units
        overdrawn    float64  the sum of their negative balances alone, negative or zero
        debt         float64  what is owed on cards, credit lines and loans, positive: the
                              sum of their absolute balances, whatever their sign
        ===========  =======  ==============================================================

    Raises
    ------
    ValueError
        If columns are missing, or ``by`` names a column of the result, or one twice.
    OverflowError
        If the balances are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_bank_accounts(client.connection("roaster-bank"), progress=False)
    >>> rf.reports.cash_position(accounts)[["currency", "accounts"]].values.tolist()
    [['USD', 3]]
    """
    keys = [
        name for name in (keys_of(by) if by or not isinstance(by, Sequence) else []) if name != "currency"
    ]
    if clash := {"accounts", *_MONEY} & set(keys):
        raise ValueError(f"by={', '.join(sorted(clash))!r} is the name of a column of the report: rename it")
    # The connection is a key beside an id also where the caller did not name it, and the frame lacks it.
    named = (by,) if isinstance(by, str) else tuple(by)
    needed = [name for name in keys if name != "connection_id" or name in named]
    frame = with_connection(read_frame(bank_accounts, ("balance", "currency", *needed), kind="bank_accounts"))
    check_keys(frame, keys)
    scale = scale_of((frame, "balance"))
    counted = frame.with_columns(
        ticks(frame, "balance", scale).alias("_ticks"), debt_of(frame).alias("_debt")
    )
    amount, debt = nw.col("_ticks"), nw.col("_debt")
    parted = counted.with_columns(
        nw.when(debt).then(0).otherwise(amount).alias("balance"),
        nw.when((amount < 0) & ~debt).then(amount).otherwise(0).alias("overdrawn"),
        nw.when(debt).then(amount.abs()).otherwise(0).alias("debt"),
    )
    names = [*keys, "currency"]
    parted = parted.with_columns(*without_blanks(parted, names))
    summed = sum_by(parted, names, _MONEY, count="accounts")
    summed, blanks = merge_blanks(summed, names, [*_MONEY, "accounts"], count="accounts")
    report = (
        summed.with_columns(*units(summed, *_MONEY, scale=scale))
        .with_columns(nw.col("accounts").cast(nw.Int64))
        .select(*keys, "currency", "accounts", *_MONEY)
        .sort("currency", *keys, nulls_last=True)
    )
    notes = ["Balances are those of the day the data was fetched.", *notes_on_types(frame), *blanks]
    about = {"by": by if isinstance(by, str) else list(by)} if by else {}
    return finish(
        report, name="cash_position", sources=[bank_accounts], notes=notes, counts=("accounts",), **about
    )


def trial_balance(accounts: Native) -> Native:
    """Add up the accounts of each ledger by type, and show whether they balance.

    Parameters
    ----------
    accounts : DataFrame
        The chart of accounts, of any engine, with ``type``, ``currency`` and ``balance``; of several ledgers
        with ``connection_id``: each balances by itself.

    Returns
    -------
    DataFrame
        One row for each connection, type and currency, and a row "difference" for each connection and
        currency, by currency, connection and type, missing values last.

        =============  =======  ============================================================
        name           dtype    meaning
        =============  =======  ============================================================
        connection_id  str      the ledger; null where accounts lack the column
        type           str      asset, liability, equity, revenue, expense … in lower case,
                                its words joined by underscores; "difference" for
                                assets - liabilities - equity - (revenue - expense)
        currency       str      amounts of different currencies are never added
        accounts       Int64    how many accounts; those that have a side for "difference"
        balance        float64  positive on the type's natural side; zero where books balance
        =============  =======  ============================================================

        Each type is on the side that its words say: income, other income and sales with revenue, cost of
        goods sold with expense, receivables and banks with asset, payables and cards with liability. A type
        that belongs to no side, such as memo, keeps its own row, outside of the difference, which a note says
        on pandas.

    Raises
    ------
    ValueError
        If columns are missing.
    OverflowError
        If the balances are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     accounts = rf.load_accounts(client.connection("gear-xero"), progress=False)
    >>> balance = rf.reports.trial_balance(accounts)
    >>> balance.loc[balance["type"] == "difference", "balance"].unique().tolist()
    [0.0]
    """
    frame = with_connection(read_frame(accounts, ("type", "currency", "balance"), kind="accounts"))
    scale = scale_of((frame, "balance"))
    words = [word for word in types_of(frame) if word is not None]
    name, side = nw.col("type").cast(nw.String), nw.lit(0)
    for word in words:
        if normal(word) != word:
            name = nw.when(any_of([word])).then(nw.lit(normal(word))).otherwise(name)
    for sign in (1, -1):
        has_side = any_of(word for word in words if side_of(word) == sign)
        side = nw.when(has_side).then(nw.lit(sign)).otherwise(side)
    keys = ["connection_id", "type", "currency"]
    counted = frame.with_columns(
        ticks(frame, "balance", scale).alias("balance"),
        name.cast(nw.String).alias("_type"),
        side.cast(nw.Int64).alias("_side"),
    )
    one = (nw.col("_side") * nw.col("_side")).alias("accounts")
    counted = counted.with_columns(nw.col("_type").alias("type"))
    counted = counted.with_columns(*without_blanks(counted, keys))
    types = counted.select(*keys, "balance", nw.lit(1).cast(nw.Int64).alias("accounts"))
    signed = counted.select(
        "connection_id",
        nw.lit("difference").cast(nw.String).alias("type"),
        "currency",
        nw.col("balance") * nw.col("_side"),
        one,
    )
    parts = (sum_by(part, keys, ["balance", "accounts"]) for part in (types, signed))
    sums = ["balance", "accounts"]
    summed, blanks = merge_blanks(nw.concat(list(parts)), keys, sums, count="accounts")
    report = (
        summed.with_columns(*units(summed, "balance", scale=scale))
        .select(*keys, "accounts", "balance")
        .sort("currency", "connection_id", "type", nulls_last=True)
    )
    notes = [*_notes_on_sides(frame), *blanks]
    return finish(report, name="trial_balance", sources=[accounts], notes=notes, counts=("accounts",))


def _notes_on_sides(accounts: Frame) -> list[str]:
    """Count the accounts that belong to no side, by type; only pandas can carry that."""
    if not accounts.implementation.is_pandas():
        return []
    found = (key_of(word) for (word,) in accounts.select(nw.col("type").cast(nw.String)).iter_rows())
    outside = Counter(
        "without a type" if word is None else normal(word) for word in found if not word or not side_of(word)
    )
    if not outside:
        return []
    said = ", ".join(f"{number:,} {word}" for word, number in sorted(outside.items()))
    return [f"Accounts that belong to no side, shown outside of the difference: {said}."]
