"""What the money is spent on: expenses by category, and by period."""

from __future__ import annotations

from datetime import datetime

import narwhals.stable.v2 as nw

from rutterframe.reports.frame import Frame, Native, check_size, day_of, finish, read_frame, ticks, units

_PERIODS = {"day": "1d", "week": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


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
    if period is not None and period not in _PERIODS:
        raise ValueError(f"period={period!r} is none of {', '.join(map(repr, _PERIODS))}")
    needed = ("category", "currency", "amount")
    frame = read_frame(expenses, needed if period is None else (*needed, "date"), kind="expenses")
    check_size(frame, "amount")
    keys = ["currency"] if period is None else ["currency", "period"]
    columns = ["category", "currency", ticks(frame, "amount").alias("amount")]
    if period is not None:
        day = _first_day(day_of(frame, "date"), period)
        columns.append(day.cast(nw.Datetime("us")).alias("period"))
    summed = (
        frame.select(*columns)
        .group_by("category", *keys)
        .agg(nw.col("amount").sum(), nw.len().alias("expenses"))
    )
    report = (
        _with_shares(summed, keys)
        .with_columns(*units("amount"))
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


def _first_day(moment: nw.Expr, period: str) -> nw.Expr:
    """Give the first day of each period; narwhals cannot truncate to weeks."""
    day = moment.dt.truncate(_PERIODS[period])
    first = day
    if period == "week":
        for days in range(1, 7):
            first = nw.when(day.dt.weekday() == days + 1).then(day.dt.offset_by(f"-{days}d")).otherwise(first)
    return first


def _with_shares(summed: Frame, keys: list[str]) -> Frame:
    """Divide by the sum of the currency (and period). Null keys are matched by a second, whether null."""
    totals = summed.group_by(*keys).agg(nw.col("amount").sum().alias("_whole"))
    fills: dict[str, nw.Expr] = {"currency": nw.lit(""), "period": nw.lit(datetime(1, 1, 1))}  # noqa: DTZ001
    marks = [
        *(nw.col(name).is_null().alias(f"_no_{name}") for name in keys),
        *(nw.when(nw.col(k).is_null()).then(fills[k]).otherwise(nw.col(k)).alias(f"_{k}") for k in keys),
    ]
    on = [f"_{mark}{name}" for name in keys for mark in ("", "no_")]
    joined = summed.with_columns(*marks).join(totals.with_columns(*marks).select(*on, "_whole"), on=on)
    whole = nw.when(nw.col("_whole") != 0).then(nw.col("_whole").cast(nw.Float64))
    return joined.with_columns((nw.col("amount").cast(nw.Float64) / whole).alias("share"))


def _notes(frame: Frame) -> list[str]:
    """Say how many amounts are missing; what is lazy is not looked through for that."""
    missing = frame["amount"].null_count() if isinstance(frame, nw.DataFrame) else 0
    expenses = "expense has" if missing == 1 else "expenses have"
    return [f"{missing:,} {expenses} no amount; counted, at nothing."] if missing else []
