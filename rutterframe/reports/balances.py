"""What is there today: cash at banks, and the ledger's trial balance."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from rutterframe.reports.counting import scale_of, ticks, units
from rutterframe.reports.frame import Native, finish, read_frame
from rutterframe.reports.grouping import sum_by

_SIDES = {"asset": 1, "expense": 1, "liability": -1, "equity": -1, "revenue": -1}


def cash_position(bank_accounts: Native, *, by: str | Sequence[str] = ()) -> Native:
    """Add up the cash at banks.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts of any engine, with ``balance``, ``currency`` and ``by``.
    by : str or sequence of str
        Columns whose values get a row each, such as ``institution_name``; currency always does.

    Returns
    -------
    DataFrame
        One row for each value of ``by`` and currency, by currency, then by ``by``, missing values last.

        ===========  =======  ==============================================================
        name         dtype    meaning
        ===========  =======  ==============================================================
        currency     str      after the columns named by ``by``
        accounts     Int64    how many accounts
        balance      float64  the sum of their balances, overdrafts taken off; major units
        overdrawn    float64  the sum of the negative balances alone, negative or zero
        ===========  =======  ==============================================================

    Raises
    ------
    ValueError
        If columns are missing, or ``by`` is named like a column of the result.
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
    named = [by] if isinstance(by, str) else by
    keys = [name for name in dict.fromkeys(named) if name != "currency"]
    if clash := {"accounts", "balance", "overdrawn"} & set(keys):
        raise ValueError(f"by={', '.join(sorted(clash))!r} is the name of a column of the report: rename it")
    frame = read_frame(bank_accounts, ("balance", "currency", *keys), kind="bank_accounts")
    scale = scale_of((frame, "balance"))
    counted = frame.with_columns(ticks(frame, "balance", scale).alias("_ticks"))
    counted = counted.with_columns(
        nw.when(nw.col("_ticks") < 0).then(nw.col("_ticks")).otherwise(0).alias("overdrawn")
    ).drop("balance")
    counted = counted.rename({"_ticks": "balance"})
    report = (
        sum_by(counted, [*keys, "currency"], ["balance", "overdrawn"], count="accounts")
        .with_columns(*units(frame, "balance", "overdrawn", scale=scale), nw.col("accounts").cast(nw.Int64))
        .select(*keys, "currency", "accounts", "balance", "overdrawn")
        .sort("currency", *keys, nulls_last=True)
    )
    notes = ["Balances are those of the day the data was fetched."]
    return finish(report, name="cash_position", sources=[bank_accounts], notes=notes, counts=("accounts",))


def trial_balance(accounts: Native) -> Native:
    """Add up the ledger's accounts by type, and show whether they balance.

    Parameters
    ----------
    accounts : DataFrame
        The chart of accounts, of any engine, with ``type``, ``currency`` and ``balance``.

    Returns
    -------
    DataFrame
        One row for each type and currency, and a row "difference" for each currency, by currency and type.

        ===========  =======  ==============================================================
        name         dtype    meaning
        ===========  =======  ==============================================================
        type         str      asset, liability, equity, revenue, expense; "difference" for
                              assets - liabilities - equity - (revenue - expense); a type
                              that is none of the five keeps its own row, outside of it
        currency     str      amounts of different currencies are never added
        accounts     Int64    how many accounts; those of the five types for "difference"
        balance      float64  positive on the type's natural side; zero where books balance
        ===========  =======  ==============================================================

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
    frame = read_frame(accounts, ("type", "currency", "balance"), kind="accounts")
    scale = scale_of((frame, "balance"))
    # Cast, because the name of the difference is put below them: PyArrow has two types of text.
    counted = frame.select(
        nw.col("type").cast(nw.String), "currency", ticks(frame, "balance", scale).alias("balance")
    )
    side: nw.Expr = nw.lit(0)
    for name, sign in _SIDES.items():
        side = nw.when(nw.col("type") == name).then(nw.lit(sign)).otherwise(side)
    signed = counted.with_columns(side.alias("_side")).filter(nw.col("_side") != 0)
    signed = signed.select(
        nw.lit("difference").cast(nw.String).alias("type"), "currency", nw.col("balance") * nw.col("_side")
    )
    parts = (sum_by(part, ["type", "currency"], ["balance"], count="accounts") for part in (counted, signed))
    report = (
        nw.concat(list(parts))
        .with_columns(*units(frame, "balance", scale=scale), nw.col("accounts").cast(nw.Int64))
        .select("type", "currency", "accounts", "balance")
        .sort("currency", "type", nulls_last=True)
    )
    return finish(report, name="trial_balance", sources=[accounts], counts=("accounts",))
