"""What a report of another package is built of: exact sums by keys, rows until a day, and names.

Every function takes a frame of any engine (pandas, Polars, PyArrow, DuckDB, PySpark) and returns one of the
same. Amounts are added as integers, so a sum depends neither on the order of rows nor on the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.empty_keys import merge_empty_keys, select_keys
from rutterframe.reports.engine.frame import (
    Native,
    check_keys,
    collect,
    finish,
    key_columns,
    read_frame,
    to_backend,
    with_connection_id,
)
from rutterframe.reports.engine.groupby import groupby_sum
from rutterframe.reports.engine.ticks import choose_scale, major_units, ticks
from rutterframe.reports.names import NAMES, with_names
from rutterframe.reports.statuses import NO_REVENUE as NO_REVENUE  # noqa: PLC0414 - imported from here
from rutterframe.reports.statuses import is_one_of, normalize_status


def sum_by(rows: Native, by: str | Sequence[str], sums: Mapping[str, str], *, count: str = "rows") -> Native:
    """Add up amounts for each combination of keys and each currency, exactly.

    Parameters
    ----------
    rows : DataFrame
        Rows of any engine, with ``currency``, the keys and the amounts.
    by : str or sequence of str
        The keys; an id means something only within its connection, so ``connection_id`` comes first then.
    sums : mapping of str to str
        The columns of amounts by the names of their sums, such as ``{"revenue": "total_price"}``.
    count : str
        The name of the column that counts the rows of each sum.

    Returns
    -------
    DataFrame
        The keys, ``currency``, the count (Int64) and the sums (float64), by currency, then by the keys,
        missing ones last. Missing amounts count as zero, and empty keys as missing.

    Raises
    ------
    ValueError
        If columns are missing or hold something else than numbers, or a name is used twice.
    OverflowError
        If amounts are too large to be counted exactly.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"customer_id": ["a", "a"], "currency": "EUR", "total_price": [0.1, 0.2]})
    >>> sum_by(orders, "customer_id", {"revenue": "total_price"}, count="orders").values.tolist()
    [[nan, 'a', 'EUR', 2, 0.3]]
    """
    keys = [name for name in key_columns(by) if name != "currency"]
    names = [*keys, "currency"]
    used = [*names, count, *sums]
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} would be the name of two columns: rename one")
    own = [name for name in names if name != "connection_id"]
    frame = with_connection_id(read_frame(rows, (*own, *sums.values()), kind="rows"))
    check_keys(frame, names)
    scale = choose_scale(*((frame, column) for column in dict.fromkeys(sums.values())))
    counted = frame.select(
        *select_keys(frame, names),
        *(ticks(frame, column, scale).alias(name) for name, column in sums.items()),
    )
    summed = groupby_sum(counted, names, [*sums], count=count)
    summed, notes = merge_empty_keys(summed, names, [*sums, count], count=count)
    report = (
        summed.with_columns(*major_units(summed, *sums, scale=scale))
        .with_columns(nw.col(count).cast(nw.Int64))
        .select(*names, count, *sums)
        .sort("currency", *keys, nulls_last=True)
    )
    return _without_name(finish(report, name="", sources=[rows], notes=notes, counts=(count,)))


def rows_until(rows: Native, as_of: date | datetime | str, column: str) -> Native:
    """Return the rows with a date up to the end of a day, UTC, and those without a date.

    Parameters
    ----------
    rows : DataFrame
        Rows of any engine.
    as_of : date, datetime or str
        The day.
    column : str
        The column of dates or moments.

    Returns
    -------
    DataFrame
        The rows, of the same engine.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"date": ["2026-06-30", "2026-07-01", None]})
    >>> rows_until(rows, "2026-06-30", "date")["date"].tolist()
    ['2026-06-30', nan]
    """
    frame = read_frame(rows, (column,), kind="rows")
    end = parse_as_of(as_of) + timedelta(days=1)
    later = (parse_dates(frame, column, kind="rows") >= end).fill_null(value=False)
    return frame.filter(~later).to_native()


def rows_without_status(rows: Native, statuses: Sequence[str], column: str = "status") -> Native:
    """Return the rows that have none of some statuses, which are compared without case.

    Parameters
    ----------
    rows : DataFrame
        Rows of any engine.
    statuses : sequence of str
        The statuses, such as `NO_REVENUE`, those of orders that are not revenue.
    column : str
        The column of the status.

    Returns
    -------
    DataFrame
        The rows, of the same engine; those without a status too.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"status": ["fulfilled", "Cancelled", None]})
    >>> rows_without_status(orders, NO_REVENUE)["status"].tolist()
    ['fulfilled', nan]
    """
    frame = read_frame(rows, (column,), kind="rows")
    words = tuple(str(normalize_status(status)) for status in statuses)
    return frame.filter(~is_one_of(words, column)).to_native()


def add_names(report: Native, people: Native | None, by: str = "customer_id") -> Native:
    """Add the names of customers or vendors beside their ids; null where there is none.

    Parameters
    ----------
    report : DataFrame
        With ``connection_id`` and the ids, on any engine.
    people : DataFrame, optional
        The frame of the customers or vendors: names are null without it.
    by : {"customer_id", "vendor_id"}
        The column of ids.

    Returns
    -------
    DataFrame
        The report with the names (str) after the ids, of the same engine.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"connection_id": ["c"], "customer_id": ["7"], "revenue": [2.5]})
    >>> people = pd.DataFrame({"connection_id": ["c"], "id": ["7"], "name": ["Ada"]})
    >>> add_names(report, people).columns.tolist()
    ['connection_id', 'customer_id', 'customer_name', 'revenue']
    """
    if by not in NAMES:
        raise ValueError(f"by={by!r} is not valid (expected {' or '.join(map(repr, NAMES))})")
    frame = read_frame(report, ("connection_id", by), kind="report")
    columns = frame.collect_schema().names()
    place = columns.index(by) + 1
    named = with_names(collect(frame), by, people).select(*columns[:place], NAMES[by][0], *columns[place:])
    native = to_backend(named, frame).to_native()
    if isinstance(native, pd.DataFrame):
        native.attrs = dict(report.attrs)
    return native


def _without_name(report: Any) -> Any:
    """Return a sum that is not a report yet: its notes and receipts stay."""
    if isinstance(report, pd.DataFrame):
        report.attrs = {name: report.attrs[name] for name in ("notes", "sources")}
    return report
