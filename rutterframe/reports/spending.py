"""What the money is spent on: expenses by category, and by period."""

from __future__ import annotations

from rutterframe.reports.counting import scale_of, ticks, units, with_shares
from rutterframe.reports.dates import day_of
from rutterframe.reports.frame import Frame, Native, finish, read_frame
from rutterframe.reports.grouping import sum_by
from rutterframe.reports.periods import check_period, first_day


def expenses_by_category(expenses: Native, *, period: str | None = None) -> Native:
    """Add up what was spent, by category.

    Parameters
    ----------
    expenses : DataFrame
        Expenses of any engine, with ``category``, ``currency``, ``amount``, and ``date`` for periods.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also a row for each period of ``date``; weeks begin on Monday. A date with a zone is read in UTC.

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
        amount    float64         their sum, refunds (which are negative) taken off; major units
        share     float64         of the amount of the currency (and period); null where that is zero
        ========  ==============  ====================================================================

        An expense without an amount is counted, at nothing; on pandas ``attrs["notes"]`` says how many.

    Raises
    ------
    ValueError
        If columns are missing, or ``period`` is none of the choices.
    OverflowError
        If the amounts are too large to be counted exactly.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.reports.spending import expenses_by_category
    >>> with rf.demo() as client:
    ...     expenses = rf.load_expenses(client.connection("gear-xero"), progress=False)
    >>> spending = expenses_by_category(expenses, period="year")
    >>> bool(spending["expenses"].sum() == len(expenses))
    True
    """
    check_period(period)
    needed = ("category", "currency", "amount")
    frame = read_frame(expenses, needed if period is None else (*needed, "date"), kind="expenses")
    scale = scale_of((frame, "amount"))
    keys = ["currency"] if period is None else ["currency", "period"]
    columns = ["category", "currency", ticks(frame, "amount", scale).alias("amount")]
    if period is not None:
        columns.append(first_day(day_of(frame, "date", kind="expenses"), period).alias("period"))
    summed = sum_by(frame.select(*columns), ["category", *keys], ["amount"], count="expenses")
    report = (
        with_shares(summed, keys, "amount")
        .with_columns(*units(frame, "amount", scale=scale))
        .select("category", *keys, "expenses", "amount", "share")
        .sort(*keys, "category", nulls_last=True)
    )
    about = {} if period is None else {"period": period}
    return finish(
        report,
        name="expenses_by_category",
        sources=[expenses],
        notes=_notes(frame),
        counts=("expenses",),
        **about,
    )


def _notes(frame: Frame) -> list[str]:
    """Say how many amounts are missing; only pandas can carry that."""
    missing = frame["amount"].null_count() if frame.implementation.is_pandas() else 0
    expenses = "expense has" if missing == 1 else "expenses have"
    return [f"{missing:,} {expenses} no amount; counted, at nothing."] if missing else []
