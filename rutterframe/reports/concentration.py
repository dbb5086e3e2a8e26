"""Concentration: the share of the largest customers, vendors or products."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import (
    Frame,
    Native,
    check_keys,
    collect,
    finish,
    key_columns,
    normalize_key,
    read_frame,
    to_backend,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks
from rutterframe.reports.names import NAMES
from rutterframe.reports.shares import half_minor_unit, notes_on_missing_shares

# The column that holds the amount, the first that is there.
_AMOUNTS = ("total", "revenue", "amount", "balance")
_OUTPUT = ("currency", "rank", "amount", "share", "cumulative_share")


def concentration(report: Native, by: str | Sequence[str], *, amount: str | None = None) -> Native:
    """Rank the rows of a report by their amount, with the share of each and of the largest together.

    Parameters
    ----------
    report : DataFrame
        Any report with ``currency``, ``by`` and an amount, of any engine; of a lazy one the sums by ``by``
        are collected, since a rank needs all of them.
    by : str or sequence of str
        The columns of the values to rank, for every currency, such as ``customer_id`` or ``title``. Rows
        with the same values (one for each period, say) are summed first; so are those without them, as one.
        ``connection_id`` is a key as well wherever an id is one.
    amount : str, optional
        The column that is ranked; by default the first of ``total``, ``revenue``, ``amount`` and ``balance``
        that is there. A missing amount counts as zero.

    Returns
    -------
    DataFrame
        One row for each value of ``by`` and currency, by currency and rank, a missing currency last.

        ================  =======  ===========================================================
        name              dtype    meaning
        ================  =======  ===========================================================
        connection_id     str      null for reports without one; absent where no id is a key
        customer_id       str      the column named by ``by``, with its dtype
        customer_name     str      with ``customer_id`` of a report that has it
        currency          str      amounts of different currencies are never added
        rank              Int64    1 is the largest of its currency; equal amounts by ``by``
        amount            float64  the report's amount; major units
        share             float64  of the currency's total; null where amounts have both signs
                                   or the total is near zero
        cumulative_share  float64  of this and all larger ones; exactly 1 in the last row;
                                   null as ``share``
        ================  =======  ===========================================================

        On pandas ``attrs["notes"]`` has those of the report, and the currencies without shares.

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If columns are missing, or ``by`` is the name of another output column.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> aging = rf.reports.ar_aging(invoices, "2026-06-30")
    >>> from rutterframe.reports.concentration import concentration
    >>> ranked = concentration(aging, by="customer_id")
    >>> ranked.loc[ranked["rank"] == 1, "currency"].tolist()
    ['EUR', 'GBP', 'JPY', 'USD']
    """
    keys = key_columns(by)
    clash = [name for name in keys if name in _OUTPUT]
    if clash:
        raise ValueError(f"by={clash[0]!r} is the name of another column of the result: {', '.join(_OUTPUT)}")
    names = [by] if isinstance(by, str) else list(by)
    source = read_frame(report, ("currency", *names), kind="report")
    frame = with_connection_id(source) if "connection_id" in keys else source
    columns = frame.collect_schema().names()
    for party, (name, _) in NAMES.items():
        if party in keys and name not in keys and name in columns:
            keys.insert(keys.index(party) + 1, name)
    check_keys(frame, keys)
    column = _amount(frame, amount)
    scale = choose_scale((frame, column))
    selected = select_keys(frame, [*keys, "currency"])
    in_ticks = frame.select(*selected, ticks(frame, column, scale).alias("amount"))
    summed = collect(groupby_sum(in_ticks, [*keys, "currency"], ["amount"], count="rows"))
    merged, empty_keys = merge_empty_keys(summed, [*keys, "currency"], ["amount", "rows"], count="rows")
    down = [name == "amount" for name in ("currency", "amount", *keys)]
    ranked = merged.sort("currency", "amount", *keys, descending=down, nulls_last=True)
    measures, without_shares = _measure(ranked, scale)
    result = ranked.with_columns(measures).with_columns(*major_units(ranked, "amount", scale=scale))
    notes = report.attrs.get("notes", []) if isinstance(report, pd.DataFrame) else []
    return finish(
        to_backend(result.select(*keys, *_OUTPUT), source),
        name="concentration",
        sources=[report],
        notes=[*notes, *empty_keys, *without_shares],
        counts=("rank",),
        by=names[0] if len(names) == 1 else names,
        amount=column,
    )


def _amount(frame: Frame, amount: str | None) -> str:
    """Return the column to rank by: the requested one, or the first of the usual ones."""
    columns = frame.collect_schema().names()
    if amount is not None:
        read_frame(frame.to_native(), (amount,), kind="report")
        return amount
    default = next((name for name in _AMOUNTS if name in columns), None)
    if default is None:
        raise ValueError(
            f"report has no amount to rank: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {printable_names(columns)}. Name it with amount=."
        )
    return default


def _measure(ranked: nw.DataFrame[Any], scale: int) -> tuple[list[nw.Series[Any]], list[str]]:
    """Return the ranks and shares of the sorted rows of each currency, and notes on missing shares.

    There are no shares where amounts have both signs, or where the total is less than half of the currency's
    smallest unit.
    """
    ranks: list[int] = []
    shares: list[float | None] = []
    cumulative: list[float | None] = []
    without: list[str | None] = []
    rows = zip(
        map(normalize_key, ranked["currency"].to_list()), map(int, ranked["amount"].to_list()), strict=True
    )
    for currency, group in groupby(rows, key=itemgetter(0)):
        amounts = [amount for _, amount in group]
        total = sum(amounts)
        mixed = min(amounts) < 0 < max(amounts)
        no_shares = mixed or total == 0 or abs(total) < half_minor_unit(currency, scale)
        ranks += range(1, len(amounts) + 1)
        shares += [None if no_shares else amount / total + 0.0 for amount in amounts]
        cumulative += [None if no_shares else running / total + 0.0 for running in accumulate(amounts)]
        without += [currency] if no_shares else []
    columns: dict[str, tuple[list[Any], Any]] = {
        "rank": (ranks, nw.Int64()),
        "share": (shares, nw.Float64()),
        "cumulative_share": (cumulative, nw.Float64()),
    }
    backend = ranked.implementation
    series = [nw.new_series(name, values, kind, backend=backend) for name, (values, kind) in columns.items()]
    return series, notes_on_missing_shares(without)
