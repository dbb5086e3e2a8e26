"""The trial balance: each ledger's accounts by type, and whether they balance."""

from __future__ import annotations

from collections import Counter

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.account_types import normalize_type, side_of, type_is_in, types_of
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    finish,
    normalize_key,
    read_frame,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks


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
    frame = with_connection_id(read_frame(accounts, ("type", "currency", "balance"), kind="accounts"))
    scale = choose_scale((frame, "balance"))
    words = [word for word in types_of(frame) if word is not None]
    name, side = nw.col("type").cast(nw.String), nw.lit(0)
    for word in words:
        if normalize_type(word) != word:
            name = nw.when(type_is_in([word])).then(nw.lit(normalize_type(word))).otherwise(name)
    for sign in (1, -1):
        has_side = type_is_in(word for word in words if side_of(word) == sign)
        side = nw.when(has_side).then(nw.lit(sign)).otherwise(side)
    keys = ["connection_id", "type", "currency"]
    counted = frame.with_columns(
        ticks(frame, "balance", scale).alias("balance"),
        name.cast(nw.String).alias("_type"),
        side.cast(nw.Int64).alias("_side"),
    )
    on_side = (nw.col("_side") * nw.col("_side")).alias("accounts")
    counted = counted.with_columns(nw.col("_type").alias("type"))
    counted = counted.with_columns(*select_keys(counted, keys))
    types = counted.select(*keys, "balance", nw.lit(1).cast(nw.Int64).alias("accounts"))
    signed = counted.select(
        "connection_id",
        nw.lit("difference").cast(nw.String).alias("type"),
        "currency",
        nw.col("balance") * nw.col("_side"),
        on_side,
    )
    parts = (groupby_sum(part, keys, ["balance", "accounts"]) for part in (types, signed))
    sums = ["balance", "accounts"]
    summed, blanks = merge_empty_keys(nw.concat(list(parts)), keys, sums, count="accounts")
    report = (
        summed.with_columns(*major_units(summed, "balance", scale=scale))
        .select(*keys, "accounts", "balance")
        .sort("currency", "connection_id", "type", nulls_last=True)
    )
    notes = [*_notes_on_sides(frame), *blanks]
    return finish(report, name="trial_balance", sources=[accounts], notes=notes, counts=("accounts",))


def _notes_on_sides(accounts: Frame) -> list[str]:
    """Count the accounts without a balance, and those of no side by type; only pandas carries notes."""
    if not isinstance(accounts, nw.DataFrame) or not accounts.implementation.is_pandas():
        return []
    missing = int(np.isnan(to_floats(accounts["balance"].to_native())).sum())
    notes = [f"Accounts without a balance, counted as zero: {missing:,}."] if missing else []
    types = (normalize_key(word) for (word,) in accounts.select(nw.col("type").cast(nw.String)).iter_rows())
    outside = Counter(
        "without a type" if word is None else normalize_type(word)
        for word in types
        if not word or not side_of(word)
    )
    if outside:
        counts = ", ".join(f"{number:,} {word}" for word, number in sorted(outside.items()))
        notes.append(f"Accounts that belong to no side, shown outside of the difference: {counts}.")
    return notes
