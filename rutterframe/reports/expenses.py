"""Expenses by category, and by period."""

from __future__ import annotations

from collections import Counter

import narwhals.stable.v2 as nw

from rutterframe.reports.engine.dates import parse_dates
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import Frame, Native, collect, finish, normalize_key, read_frame
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.periods import check_period, truncate_to_period
from rutterframe.reports.engine.ticks import choose_scale, float_or_null, format_amounts, major_units, ticks
from rutterframe.reports.shares import notes_of_report, with_shares


def expenses_by_category(expenses: Native, *, period: str | None = None) -> Native:
    """Sum expenses by category.

    Parameters
    ----------
    expenses : DataFrame
        Expenses of any engine, with ``category``, ``currency``, ``amount``, and ``date`` for periods.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also a row for each period of ``date``; weeks begin on Monday. A date with a zone is
        the calendar date of that zone.

    Returns
    -------
    DataFrame
        One row for each category and currency (and period), by currency, period and category, missing
        values last.

        ========  ==============  ====================================================================
        name      dtype           meaning
        ========  ==============  ====================================================================
        category  str             null for expenses without one
        currency  str             amounts of different currencies are never added
        period    datetime64[us]  with ``period`` only: its first day; null for expenses without a date
        expenses  Int64           how many
        amount    float64         their sum, less refunds (which are negative); major units
        share     float64         of the amount of the currency (and period); null where amounts have
                                  both signs or the sum is near zero
        ========  ==============  ====================================================================

        An expense without an amount counts with zero. On pandas ``attrs["notes"]`` has the number of those,
        and of those in no period.

    Raises
    ------
    ValueError
        If columns are missing, dates are anything but dates, or ``period`` is not one of its choices; if the
        frame is the files of a dataset, and only `Dataset.load` and `Dataset.export` fill in the categories.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports.expenses import expenses_by_category
    >>> with rf.demo() as client:
    ...     expenses = rf.load_expenses(client.connection("gear-xero"), progress=False)
    >>> spending = expenses_by_category(expenses, period="year")
    >>> bool(spending["expenses"].sum() == len(expenses))
    True
    """
    check_period(period)
    needed = ("category", "currency", "amount")
    frame = read_frame(expenses, needed if period is None else (*needed, "date"), kind="expenses")
    _refuse_without_categories(frame)
    scale = choose_scale((frame, "amount"))
    keys = ["currency"] if period is None else ["currency", "period"]
    columns = [
        *select_keys(frame, ("category", "currency")),
        ticks(frame, "amount", scale).alias("amount"),
    ]
    if period is not None:
        columns.append(
            truncate_to_period(parse_dates(frame, "date", kind="expenses"), period).alias("period")
        )
    summed = groupby_sum(frame.select(*columns), ["category", *keys], ["amount"], count="expenses")
    summed, empty_keys = merge_empty_keys(
        summed, ["category", *keys], ["amount", "expenses"], count="expenses"
    )
    notes = [*_missing_amounts(frame), *_undated(summed, period, scale), *empty_keys]
    report = (
        with_shares(summed, keys, "amount", scale)
        .with_columns(*major_units(frame, "amount", scale=scale))
        .select("category", *keys, "expenses", "amount", "share")
        .sort(*keys, "category", nulls_last=True)
    )
    about = {} if period is None else {"period": period}
    return finish(
        report,
        name="expenses_by_category",
        sources=[expenses],
        notes=[*notes, *notes_of_report(report)],
        counts=("expenses",),
        **about,
    )


def _refuse_without_categories(frame: Frame) -> None:
    """Refuse live expenses as they stand in a dataset's files: they name accounts, and no category."""
    names = frame.collect_schema().names()
    if "line_items" not in names or not {"_position", "_deleted_at"}.intersection(names):
        return
    counted = frame.select(nw.len().alias("rows"), nw.col("category").count().alias("known"))
    rows, known = collect(counted).row(0)
    if rows and not known:
        raise ValueError(
            "expenses has no category in any row: in the files of a dataset, these name the accounts of "
            "their lines, and Dataset.load and Dataset.export take the category from those.\n"
            "Next: pass rf.Dataset(…).load('expenses'), or a table that rf.Dataset(…).export(…) has written"
        )


def _missing_amounts(frame: Frame) -> list[str]:
    """Return a note on missing amounts; only a pandas report has notes."""
    if not frame.implementation.is_pandas():
        return []
    missing = int(frame.select(float_or_null("amount").is_null().sum()).item())
    expenses = "expense has" if missing == 1 else "expenses have"
    return [f"{missing:,} {expenses} no amount; counted, at nothing."] if missing else []


def _undated(summed: Frame, period: str | None, scale: int) -> list[str]:
    """Return a note on expenses in no period, since they have no date."""
    if period is None or not isinstance(summed, nw.DataFrame):
        return []
    undated = summed.filter(nw.col("period").is_null())
    number, sums = 0, Counter[str | None]()
    for currency, due, expenses in undated.select("currency", "amount", "expenses").iter_rows():
        number += int(expenses)
        sums[normalize_key(currency)] += int(due)
    return [f"Expenses without a date, in no period: {number:,}, {format_amounts(sums, scale)}."] * bool(
        number
    )
