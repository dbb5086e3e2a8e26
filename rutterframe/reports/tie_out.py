"""Whether a report agrees with where it comes from, to the cent."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from rutterframe.reports.counting import scale_of, ticks, units
from rutterframe.reports.frame import Frame, Native, finish, read_frame
from rutterframe.reports.grouping import sum_by

# The column that holds the amount, the first that is there: a report's, a document's, an account's.
_AMOUNTS = ("total", "revenue", "amount_due", "total_price", "balance", "amount")


def tie_out(report: Native, source: Native) -> Native:
    """Compare a report with its source, for each currency.

    Parameters
    ----------
    report : DataFrame
        A report, of any engine, with ``currency`` and an amount.
    source : DataFrame
        What it must agree with, of the same engine: the documents it was made of (as `open_items` lists
        them), or the ledger's control accounts.

    Returns
    -------
    DataFrame
        One row for each currency of either, by currency.

        ==========  =======  ===============================================================
        name        dtype    meaning
        ==========  =======  ===============================================================
        currency    str      a currency that only one side has is compared with zero
        report      float64  the report's total; major units
        source      float64  the source's total
        difference  float64  report minus source, exactly
        ok          bool     whether the difference is zero
        ==========  =======  ===============================================================

        The amount is the first of ``total``, ``revenue``, ``amount_due``, ``total_price``, ``balance`` and
        ``amount`` that a side has.

    Raises
    ------
    ValueError
        If a side has no currency or no amount.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     ledger = client.connection("gear-xero")
    ...     invoices = rf.load_invoices(ledger, progress=False)
    ...     accounts = rf.load_accounts(ledger, progress=False)
    >>> receivable = accounts[accounts["name"].str.startswith("Accounts Receivable")]
    >>> rf.reports.tie_out(rf.reports.ar_aging(invoices, "2026-06-30"), receivable)["ok"].all()
    np.True_
    """
    sides = []
    for name, native in (("report", report), ("source", source)):
        frame = read_frame(native, ("currency",), kind=name)
        sides.append((frame, _amount(frame, name)))
    scale = scale_of(*sides)
    counted = [
        _side(frame, amount, name, scale)
        for name, (frame, amount) in zip(("report", "source"), sides, strict=True)
    ]
    totals = (
        sum_by(nw.concat(counted), ["currency"], ["report", "source"])
        .with_columns((nw.col("report") - nw.col("source")).alias("difference"))
        .with_columns((nw.col("difference") == 0).alias("ok"))
        .with_columns(*units(sides[0][0], "report", "source", "difference", scale=scale))
        .select("currency", "report", "source", "difference", "ok")
        .sort("currency", nulls_last=True)
    )
    return finish(totals, name="tie_out", sources=[report, source])


def _amount(frame: Frame, name: str) -> str:
    """Choose the column that one side is compared by."""
    there = frame.collect_schema().names()
    amount = next((column for column in _AMOUNTS if column in there), None)
    if amount is None:
        raise ValueError(
            f"{name} has no amount to compare: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {', '.join(there)}"
        )
    return amount


def _side(frame: Frame, amount: str, name: str, scale: int) -> Frame:
    """Count one side's amounts, with nothing on the other side."""
    counted = ticks(frame, amount, scale)
    nothing = nw.lit(0).cast(nw.Int64)
    columns = {"report": nothing, "source": nothing, name: counted}
    # Cast, because the sides may hold text in two ways: as objects or categories, or as PyArrow's two types.
    currency = nw.col("currency").cast(nw.String)
    return frame.select(currency, *(column.alias(label) for label, column in columns.items()))
