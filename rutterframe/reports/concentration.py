"""How much depends on the few largest customers, vendors or products."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.counting import scale_of, ticks, units
from rutterframe.reports.frame import Frame, Native, as_given, finish, in_memory, read_frame
from rutterframe.reports.grouping import sum_by

# The column that holds the amount, the first that is there.
_AMOUNTS = ("total", "revenue", "amount", "balance")
_OUTPUT = ("currency", "rank", "amount", "share", "cumulative_share")


def concentration(report: Native, by: str, *, amount: str | None = None) -> Native:
    """Rank the rows of a report by their amount, and say how much of it the largest make up.

    Parameters
    ----------
    report : DataFrame
        Any report with ``currency``, ``by`` and an amount, of any engine; a lazy one is collected, since a
        rank needs all of its rows.
    by : str
        The column whose values are ranked, for every currency, such as ``customer_id`` or ``title``. Rows
        that share it (one for each period, say) are added up first; so are those without it, as one.
    amount : str, optional
        The column that is ranked; by default the first of ``total``, ``revenue``, ``amount`` and ``balance``
        that is there. A missing amount counts as nothing.

    Returns
    -------
    DataFrame
        One row for each value of ``by`` and currency, by currency and rank, a missing currency last.

        ================  =======  ===========================================================
        name              dtype    meaning
        ================  =======  ===========================================================
        customer_id       str      the column named by ``by``, with its dtype
        currency          str      amounts of different currencies are never added
        rank              Int64    1 is the largest of its currency; equal amounts by ``by``
        amount            float64  the report's amount; major units
        share             float64  of the currency's total; null where that is zero
        cumulative_share  float64  of this and all larger ones, above 1 where negative amounts
                                   follow; exactly 1 in the last row; null as ``share``
        ================  =======  ===========================================================

        On pandas ``attrs["notes"]`` carries on those of the report.

    Raises
    ------
    TypeError
        If it is no frame.
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
    >>> largest = concentration(aging, by="customer_id").groupby("currency").tail(1)
    >>> largest["cumulative_share"].unique().tolist()
    [1.0]
    """
    if by in _OUTPUT:
        raise ValueError(f"by={by!r} is the name of another column of the result: {', '.join(_OUTPUT)}")
    given = read_frame(report, ("currency", by), kind="report")
    frame = in_memory(given)
    column = _amount(frame, amount)
    scale = scale_of((frame, column))
    counted = frame.select(by, "currency", ticks(frame, column, scale).alias("amount"))
    summed = sum_by(counted, [by, "currency"], ["amount"])
    ranked = _cumulated(
        summed.sort("currency", "amount", by, descending=[False, True, False], nulls_last=True)
    )
    whole = nw.when(nw.col("_total") != 0).then(nw.col("_total").cast(nw.Float64))
    shares = ranked.with_columns(
        (nw.col("amount").cast(nw.Float64) / whole).alias("share"),
        (nw.col("_cumulated").cast(nw.Float64) / whole).alias("cumulative_share"),
    )
    result = shares.sort("_place").with_columns(*units(frame, "amount", scale=scale)).select(by, *_OUTPUT)
    notes = report.attrs.get("notes", []) if isinstance(report, pd.DataFrame) else []
    return finish(
        as_given(result, given),
        name="concentration",
        sources=[report],
        notes=notes,
        counts=("rank",),
        by=by,
        amount=column,
    )


def _amount(frame: Frame, amount: str | None) -> str:
    there = frame.collect_schema().names()
    if amount is not None:
        read_frame(frame.to_native(), (amount,), kind="report")
        return amount
    found = next((name for name in _AMOUNTS if name in there), None)
    if found is None:
        raise ValueError(
            f"report has no amount to rank: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {', '.join(there)}. Name it with amount=."
        )
    return found


def _cumulated(ranked: Frame) -> Frame:
    """Add up from the largest, within each currency: all rows so far less the currencies before."""
    # Engines differ in whether null matches null, so that a missing currency is matched by a second key.
    key = nw.when(nw.col("currency").is_null()).then(nw.lit("")).otherwise(nw.col("currency"))
    placed = ranked.with_row_index("_place").with_columns(
        nw.col("_place").cast(nw.Int64),
        nw.col("amount").cum_sum().alias("_so_far"),
        key.alias("_currency"),
        nw.col("currency").is_null().alias("_no_currency"),
    )
    on = ["_currency", "_no_currency"]
    each = placed.group_by(*on).agg(
        nw.col("amount").sum().alias("_total"), nw.col("_place").min().alias("_first")
    )
    each = each.sort("_first").with_columns((nw.col("_total").cum_sum() - nw.col("_total")).alias("_before"))
    return placed.join(each, on=on).with_columns(
        (nw.col("_so_far") - nw.col("_before")).alias("_cumulated"),
        (nw.col("_place") - nw.col("_first") + 1).alias("rank"),
    )
