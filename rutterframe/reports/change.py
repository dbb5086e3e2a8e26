"""Change of a report from period to period: against the period before, or one year before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from rutterframe.notebook.escape import printable_names
from rutterframe.reports.describe import recognise
from rutterframe.reports.engine.dates import parse_as_of, parse_dates
from rutterframe.reports.engine.factorize import factorize
from rutterframe.reports.engine.frame import Native, collect, finish, normalize_key, read_frame, to_backend
from rutterframe.reports.engine.groupby import take_rows
from rutterframe.reports.engine.periods import (
    check_period,
    period_name,
    period_number,
    period_start,
    year_before,
)
from rutterframe.reports.engine.ticks import choose_scale, ticks
from rutterframe.reports.shares import half_minor_unit
from rutterframe.reports.specs import ORIGINAL

_AGAINST = {"previous": "the {} before", "year": "the same {} one year before"}
# The column that holds the amount, the first that is there.
_AMOUNTS = ("revenue", "amount", "total", "balance")


class _Line(NamedTuple):
    """One row of the report: its keys by their code, the number of its period, and amounts in ticks."""

    code: int
    period: int | None
    amount: int
    before: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.amount - self.before

    def share(self, half: float) -> float | None:
        """Return the change as a share of the amount before; None where that has no meaning."""
        if not self.before or abs(self.before) < half or self.amount * self.before < 0:
            return None
        return (self.amount - self.before) / abs(self.before)


def change(
    report: Native,
    *,
    against: str = "previous",
    amount: str | None = None,
    as_of: date | datetime | str | None = None,
    period: str | None = None,
) -> Native:
    """Compare each period of a report with the period before, or with the same one year before.

    Parameters
    ----------
    report : DataFrame
        A report with ``period``, of any engine: `revenue_by_product` or `expenses_by_category`, also
        converted. A lazy one is collected, since each row is compared with another.
    against : {"previous", "year"}
        The period before, or the same period one year before: of a week that 52 weeks before; 29 February as
        a day has none.
    amount : str, optional
        The column that is compared; by default the first of ``revenue``, ``amount``, ``total`` and
        ``balance`` that is there. A missing amount counts as zero.
    as_of : date, datetime or str, optional
        The day up to which the report has data: a period that is not over on it is compared with nothing. By
        default that of the report; where a pandas report has none, a note says that it is not known whether
        the last period is over. Other engines carry no notes, so that they need it.
    period : {"day", "week", "month", "quarter", "year"}, optional
        The length of the periods, where the report does not carry it, as on other engines than pandas.

    Returns
    -------
    DataFrame
        The report's rows, and those of keys that had an amount in the period compared with and have none any
        more; by currency and period, the largest change (up or down) first.

        ============  ==============  ===================================================================
        name          dtype           meaning
        ============  ==============  ===================================================================
        …             as the report   the columns before ``currency``, which identify a row
        currency      str             amounts of different currencies are never added
        period        datetime64[us]  its first day; null for rows without one, which are not compared
        amount        float64         the report's amount; major units
        before        float64         that of the period compared with: zero for a key that is absent from
                                      a period between the first and the last of the report; null where
                                      that lies before the first, and for a period that is not over
        change        float64         ``amount - before``; null as ``before``
        change_share  float64         of the size of ``before``; null where ``before`` is zero (or less
                                      than half of the currency's smallest unit), or the signs differ
        ============  ==============  ===================================================================

        A converted report keeps its ``original_currency``, which is a key. On pandas ``attrs["notes"]`` has
        the notes of the report, and the periods and rows that are not compared.

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If the report has no periods, or is a result of this function; their length or ``as_of`` is not known;
        a period does not begin on its first day; columns are missing; or an argument is not one of its
        choices.
    OverflowError
        If the amounts are too large to be counted exactly.

    Notes
    -----
    The first period of a report may be one that the data covers in part only: a shop that was connected in
    the middle of a month. Neither the report nor this function can know that.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> days = pd.to_datetime(["2026-04-03", "2026-05-07", "2026-05-09", "2026-06-30"])
    >>> spent = pd.DataFrame({"category": ["Rent", "Rent", "Tea", "Tea"], "currency": "EUR",
    ...                       "amount": [900.0, 990.0, 8.0, 6.0], "date": days})
    >>> by_month = rf.reports.expenses_by_category(spent, period="month")
    >>> changes = rf.reports.change(by_month, as_of="2026-06-30")
    >>> changes[["category", "amount", "before", "change"]].tail(2).values.tolist()
    [['Rent', 0.0, 990.0, -990.0], ['Tea', 6.0, 8.0, -2.0]]
    """
    if against not in _AGAINST:
        raise ValueError(f"against={against!r} is not valid (expected 'previous' or 'year')")
    about = dict(getattr(report, "attrs", {}))
    source, column = _read(report, about, amount)
    length = _length(about, period)
    last_day = _last_day(about, as_of, source)
    frame = collect(source)
    scale = choose_scale((frame, column))
    keys = _keys(frame.columns)
    codes, _ = factorize(frame, keys)
    _, first, numbered = np.unique(codes, return_index=True, return_inverse=True)
    rows = zip(
        numbered.tolist(),
        _numbers(frame, length),
        frame.select(ticks(frame, column, scale).alias("_ticks"))["_ticks"].to_list(),
        strict=True,
    )
    lines, notes = _compare([*rows], length, against, last_day)
    ordered = _order(take_rows(frame, keys, first), lines)
    places = first[np.array([line.code for line in ordered], dtype=np.int64)]
    result = _build(take_rows(frame, keys, places), ordered, length, scale)
    names = [*(key for key in keys if key != ORIGINAL), "period", "amount", "before", "change"]
    return finish(
        to_backend(result.select(*names, "change_share", *([ORIGINAL] if ORIGINAL in keys else [])), source),
        name="change",
        sources=[report],
        notes=[*about.get("notes", []), *notes],
        **{name: about[name] for name in ("by", "tz", "currency") if name in about},
        **({} if last_day is None else {"as_of": last_day.isoformat()}),
        period=length,
        of=about.get("report") or recognise(frame.columns),
        amount=column,
        against=against,
        comparison=f"{column.replace('_', ' ')} against {_AGAINST[against].format(length)}",
    )


def _read(report: Native, about: dict[Any, Any], amount: str | None) -> tuple[Any, str]:
    """Read the report, and choose the column to compare."""
    source = read_frame(report, ("currency",), kind="report")
    names = source.collect_schema().names()
    if "period" not in names:
        raise ValueError(
            f"report has no column 'period'; its columns are {printable_names(names)}. "
            f"revenue_by_product(…, period='month') and expenses_by_category(…, period='month') have it"
        )
    if about.get("report") == "change" or {"before", "change"} <= {*names}:
        raise ValueError("report is a change already: pass the report that it was computed from")
    if amount is not None:
        read_frame(report, (amount,), kind="report")
        return source, amount
    default = next((name for name in _AMOUNTS if name in names), None)
    if default is None:
        raise ValueError(
            f"report has no amount to compare: none of {', '.join(_AMOUNTS)}; "
            f"its columns are {printable_names(names)}. Name it with amount=."
        )
    return source, default


def _length(about: dict[Any, Any], period: str | None) -> str:
    """Return the length of the periods."""
    check_period(period)
    own = about.get("period")
    if period is None and own is None:
        raise ValueError(
            "period= must name the length of the report's periods, such as 'month': "
            "only a pandas report as it was returned carries it"
        )
    if period is not None and own not in (None, period):
        raise ValueError(f"period={period!r} is not that of the report, which is by {own}")
    return str(period or own)


def _last_day(about: dict[Any, Any], as_of: date | datetime | str | None, source: Any) -> date | None:
    """Return the day up to which the report has data, or None if it is not known."""
    day = about.get("as_of") if as_of is None else as_of
    if day is None and not source.implementation.is_pandas():
        raise ValueError(
            "as_of= must name the day up to which the report has data: a period that is not over must not be "
            "compared as a whole, and only a pandas report can note it"
        )
    return None if day is None else parse_as_of(day).date()


def _keys(names: Sequence[str]) -> list[str]:
    """Return the columns that identify a row beside its period."""
    before = [name for name in takewhile(lambda name: name != "currency", names) if name != "period"]
    return [*before, "currency", *([ORIGINAL] if ORIGINAL in names else [])]


def _numbers(frame: nw.DataFrame[Any], length: str) -> list[int | None]:
    """Return the number of the period of each row, None where it has none."""
    days = frame.select(parse_dates(frame, "period", kind="report").alias("_day"))["_day"].to_list()
    numbers: list[int | None] = []
    for moment in days:
        if pd.isna(moment):
            numbers.append(None)
            continue
        day = pd.Timestamp(moment).date()
        number = period_number(day, length)
        if period_start(number, length) != day:
            raise ValueError(f"report: period {day} is not the first day of a {length}")
        numbers.append(number)
    return numbers


def _compare(
    rows: Sequence[tuple[int, int | None, int]], length: str, against: str, last_day: date | None
) -> tuple[list[_Line], list[str]]:
    """Compare the amounts of each key, and note what is not compared."""
    sums: dict[int, dict[int | None, int]] = {}
    for code, number, size in rows:
        of_key = sums.setdefault(code, {})
        of_key[number] = of_key.get(number, 0) + size
    known = [number for _, number, _ in rows if number is not None]
    if not known:
        return [_Line(code, None, total, None) for code, each in sums.items() for total in each.values()], []
    first, last = min(known), max(known)
    over = last if last_day is None else min(last, _last_over(last_day, length))
    pairs = dict(_pairs(first, over, length, against))
    lines = []
    for code, of_key in sums.items():
        ended = (number for number, prior in pairs.items() if number not in of_key and of_key.get(prior))
        for number in (*of_key, *ended):
            prior = pairs.get(number) if number is not None else None
            before = None if prior is None else of_key.get(prior, 0)
            lines.append(_Line(code, number, of_key.get(number, 0), before))
    undated = sum(line.period is None for line in lines)
    notes = [f"Rows without a period, not compared: {undated:,}."] if undated else []
    open_periods = sorted({number for number in known if number > over})
    notes += [
        f"{period_name(number, length)} is not over on {last_day}: it is not compared."
        for number in open_periods
    ]
    if last_day is None:
        notes.append(
            f"Whether the last {length}, {period_name(last, length)}, is over is not known without as_of=."
        )
    return lines, notes


def _last_over(last_day: date, length: str) -> int:
    """Return the number of the last period that is over at the end of a day."""
    return period_number(last_day + timedelta(days=1), length) - 1


def _pairs(first: int, last: int, length: str, against: str) -> Iterator[tuple[int, int]]:
    """Return each period with the one that it is compared with, where the report has both."""
    before: Callable[[int], int | None] = (
        (lambda number: number - 1) if against == "previous" else (lambda number: year_before(number, length))
    )
    for number in range(first, last + 1):
        prior = before(number)
        if prior is not None and prior >= first:
            yield number, prior


def _order(keys_of: nw.DataFrame[Any], lines: Sequence[_Line]) -> list[_Line]:
    """Sort lines by currency, period and original currency, the largest change first; missing last."""
    texts = {key: [normalize_key(value) for value in keys_of[key].to_list()] for key in keys_of.columns}
    lead = [key for key in ("currency", ORIGINAL) if key in texts]
    rest = [key for key in texts if key not in lead]

    def text(line: _Line, key: str) -> tuple[bool, str]:
        value = texts[key][line.code]
        return value is None, value or ""

    def place(line: _Line) -> tuple[Any, ...]:
        moved = line.change
        return (
            text(line, "currency"),
            (line.period is None, line.period or 0),
            *(text(line, key) for key in lead[1:]),
            (moved is None, -abs(moved or 0), -abs(line.amount)),
            *(text(line, key) for key in rest),
        )

    return sorted(lines, key=place)


def _build(keys_of: nw.DataFrame[Any], lines: Sequence[_Line], length: str, scale: int) -> nw.DataFrame[Any]:
    """Build the columns of the result beside its keys."""
    halves = [half_minor_unit(currency, scale) for currency in keys_of["currency"].to_list()]
    days = [
        None
        if line.period is None
        else datetime.combine(period_start(line.period, length), datetime.min.time())
        for line in lines
    ]
    columns: dict[str, tuple[list[Any], Any]] = {
        "period": (days, nw.Datetime("us")),
        "amount": ([line.amount / scale for line in lines], nw.Float64()),
        "before": ([None if line.before is None else line.before / scale for line in lines], nw.Float64()),
        "change": ([None if line.change is None else line.change / scale for line in lines], nw.Float64()),
        "change_share": (
            [line.share(half) for line, half in zip(lines, halves, strict=True)],
            nw.Float64(),
        ),
    }
    backend = keys_of.implementation
    return keys_of.with_columns(
        nw.new_series(name, values, kind, backend=backend) for name, (values, kind) in columns.items()
    )
