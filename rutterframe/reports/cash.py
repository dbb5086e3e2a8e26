"""The cash position: what bank accounts hold, with debts apart."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from rutterframe.reports.account_types import flag_debts, notes_on_banks
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import (
    Native,
    check_keys,
    finish,
    key_columns,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks

_MONEY = ("balance", "overdrawn", "debt")


def cash_position(bank_accounts: Native, *, by: str | Sequence[str] = ()) -> Native:
    """Add up the cash at banks.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts of any engine, with ``balance``, ``currency``, ``by`` and ``type``; without types all of
        them are cash, which a note says.
    by : str or sequence of str
        Columns with a row for each value, such as ``institution_name``; currency always is one. An id means
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
        name for name in (key_columns(by) if by or not isinstance(by, Sequence) else []) if name != "currency"
    ]
    if clash := {"accounts", *_MONEY} & set(keys):
        raise ValueError(f"by={', '.join(sorted(clash))!r} is the name of a column of the report: rename it")
    # The connection is a key beside an id also where the caller did not name it, and the frame lacks it.
    named = (by,) if isinstance(by, str) else tuple(by)
    needed = [name for name in keys if name != "connection_id" or name in named]
    frame = with_connection_id(
        read_frame(bank_accounts, ("balance", "currency", *needed), kind="bank_accounts")
    )
    check_keys(frame, keys)
    scale = choose_scale((frame, "balance"))
    counted = frame.with_columns(
        ticks(frame, "balance", scale).alias("_ticks"), flag_debts(frame).alias("_debt")
    )
    amount, debt = nw.col("_ticks"), nw.col("_debt")
    parted = counted.with_columns(
        nw.when(debt).then(0).otherwise(amount).alias("balance"),
        nw.when((amount < 0) & ~debt).then(amount).otherwise(0).alias("overdrawn"),
        nw.when(debt).then(amount.abs()).otherwise(0).alias("debt"),
    )
    names = [*keys, "currency"]
    parted = parted.with_columns(*select_keys(parted, names))
    summed = groupby_sum(parted, names, _MONEY, count="accounts")
    summed, blanks = merge_empty_keys(summed, names, [*_MONEY, "accounts"], count="accounts")
    report = (
        summed.with_columns(*major_units(summed, *_MONEY, scale=scale))
        .with_columns(nw.col("accounts").cast(nw.Int64))
        .select(*keys, "currency", "accounts", *_MONEY)
        .sort("currency", *keys, nulls_last=True)
    )
    notes = ["Balances are those of the day the data was fetched.", *notes_on_banks(frame), *blanks]
    about = {"by": by if isinstance(by, str) else list(by)} if by else {}
    return finish(
        report, name="cash_position", sources=[bank_accounts], notes=notes, counts=("accounts",), **about
    )
