"""Dates are read as written, or refused with the call that converts them, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.engine.dates import parse_dates

Engine = Callable[[pd.DataFrame], Any]


def days(native: Any, tz: str | None = None) -> list[str | None]:
    """Read the column of dates as text."""
    frame = nw.from_native(native)
    read: Any = frame.select(parse_dates(frame, "due_date", kind="invoices", tz=tz).alias("day"))
    listed = read.collect() if isinstance(read, nw.LazyFrame) else read
    assert listed.schema["day"] == nw.Datetime("us")
    return [None if pd.isna(day) else f"{pd.Timestamp(day):%Y-%m-%d}" for day in listed["day"].to_list()]


def column(values: list[Any], dtype: Any = None) -> pd.DataFrame:
    """Build a frame of one column, with an index that repeats itself."""
    return pd.DataFrame({"due_date": pd.Series(values, index=[7] * len(values), dtype=dtype)})


@pytest.mark.parametrize(
    ("values", "dtype", "wanted"),
    [
        (["2026-06-30", None, "2000-02-29"], None, ["2026-06-30", None, "2000-02-29"]),
        (["2026-06-30T23:30:00Z", "2026-06-30 00:30:00.5+02:00"], None, ["2026-06-30", "2026-06-30"]),
        (["2026-06-30", None], "category", ["2026-06-30", None]),
        ([date(2026, 6, 30), None], object, ["2026-06-30", None]),
        ([datetime(2026, 6, 30, 23, 59), None], "datetime64[ns]", ["2026-06-30", None]),  # noqa: DTZ001
        ([None, None], object, [None, None]),
        ([float("nan")], "float64", [None]),
        ([], "int64", []),
        ([], object, []),
    ],
)
def test_dates_are_read_as_written(engine: Engine, values: list[Any], dtype: Any, wanted: list[Any]) -> None:
    """Dates, datetimes and ISO text are the calendar date that is written, on every engine."""
    assert days(engine(column(values, dtype))) == wanted


@pytest.mark.parametrize(
    ("values", "dtype", "call"),
    [
        (["2026-06-30", "05/06/2026"], None, '"%d/%m/%Y" or "%m/%d/%Y")'),
        (["13/06/2026"], None, '"%d/%m/%Y")'),
        (["06/13/2026"], None, '"%m/%d/%Y")'),
        (["1.6.2026"], None, '"%d.%m.%Y" or "%m.%d.%Y")'),
        (["20260501"], None, "pd.to_datetime(frame['due_date'], format=\"%Y%m%d\")"),
        (["2026-5-1"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["2026-02-30"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["2100-02-29"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["0000-00-00"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["2026-06-30 25:00"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["2026-06-30 or so"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["2026-06-30\n"], None, 'format="%Y-%m-%d", or as it is written)'),
        (["1782777600000"], None, '.astype("int64"), unit="ms")'),
        ([""], None, "replace empty text by missing dates: frame['due_date'].replace(\"\", None)"),
        ([1782777600000, 5], "int64", "pd.to_datetime(frame['due_date'], unit=\"ms\")"),
        ([1782777600000, None], "Int64", "pd.to_datetime(frame['due_date'], unit=\"ms\")"),
        ([1782777600], "int64", 'unit="s")'),
        ([1782777600000000], "int64", 'unit="us")'),
        ([20634], "int32", 'unit="D")'),
        ([20260501], "int64", "pd.to_datetime(frame['due_date'].astype(str), format=\"%Y%m%d\")"),
        ([1782777600000.5, None], "float64", '.astype("int64"), unit="ms")'),
        ([Decimal("1.5")], object, '.astype("int64"), unit="ms")'),
        ([True, False], "bool", "pass the column that holds the dates"),
        ([time(12)], object, "pass the column that holds the dates"),
        ([pd.Timedelta(days=1)], None, "pd.Timestamp(day) + frame['due_date']"),
    ],
)
def test_values_that_are_not_dates_are_refused(
    engine: Engine, values: list[Any], dtype: Any, call: str
) -> None:
    """Numbers, booleans and other text are refused with the column, the first value and what converts it."""
    with pytest.raises(ValueError, match=r"^invoices: column 'due_date' holds ") as caught:
        days(engine(column(values, dtype)))
    message = str(caught.value)
    assert " is not a valid date (expected YYYY-MM-DD); " in message
    assert message.endswith(call)
    if isinstance(values[-1], str):
        assert f"holds text: {values[-1]!r} is not" in message


def test_objects_of_several_kinds() -> None:
    """A column of Python objects may mix dates, moments and ISO text, each with its own written date."""
    moment = pd.Timestamp("2026-06-29 23:00", tz="America/New_York")
    mixed = column([moment, date(2026, 6, 30), "2026-07-01", None, pd.NaT, pd.NA], object)
    assert days(mixed) == ["2026-06-29", "2026-06-30", "2026-07-01", None, None, None]
    assert days(mixed, tz="UTC")[0] == "2026-06-30"


@pytest.mark.parametrize("wrong", [3, True, 1.5, "05/06/2026", pd.Timedelta(days=1), pd.Period("2026-06")])
def test_one_wrong_object_among_dates(wrong: Any) -> None:
    """One value among Python dates that is not a date is refused, and the error has it."""
    with pytest.raises(ValueError, match="column 'due_date' holds") as caught:
        days(column([date(2026, 6, 30), wrong], object))
    assert f": {wrong!r} is not a valid date" in str(caught.value)


@pytest.mark.parametrize("dtype", ["period[D]", "category"])
def test_other_pandas_types(dtype: str) -> None:
    """Periods and categories of numbers are refused."""
    values: Any = pd.period_range("2026-06-30", periods=1) if dtype == "period[D]" else [20634]
    with pytest.raises(ValueError, match=r"is not a valid date \(expected YYYY-MM-DD\); "):
        days(column(list(values), dtype))


@pytest.mark.parametrize(
    ("zone", "tz", "wanted"),
    [
        ("UTC", None, "2026-07-01"),
        ("UTC", "UTC", "2026-07-01"),
        ("UTC", "America/Los_Angeles", "2026-06-30"),
        ("America/Los_Angeles", None, "2026-06-30"),
        ("America/Los_Angeles", "UTC", "2026-07-01"),
        ("+14:00", None, "2026-07-01"),
        ("-12:00", None, "2026-06-30"),
    ],
)
def test_moments_count_by_the_calendar_of_a_zone(zone: str, tz: str | None, wanted: str) -> None:
    """A moment counts by the calendar date of its own zone, or of the requested one."""
    moments = pd.to_datetime(["2026-07-01 02:30"]).tz_localize("UTC").tz_convert(zone)
    frame = pd.DataFrame({"due_date": moments})
    arrow = nw.from_native(frame).to_arrow()
    polars = nw.from_native(frame).to_polars()
    for native in (frame, frame.astype(object), arrow, polars, polars.lazy()):
        assert days(native, tz) == [wanted]


def test_moments_as_text_in_another_zone(engine: Engine) -> None:
    """Text with an offset is refused where the date of another zone is requested; a Z is UTC."""
    text = column(["2026-07-01 02:30:00+00:00"])
    assert days(engine(text), tz="UTC") == ["2026-07-01"]
    with pytest.raises(ValueError, match=r"is not the date in America/Los_Angeles .*utc=True"):
        days(engine(text), tz="America/Los_Angeles")
    with pytest.raises(ValueError, match=r"text: '2026-07-01 02:30:00\+02:00' is not the date in UTC"):
        days(engine(column(["2026-07-01 02:30:00+02:00"])), tz="UTC")
    assert days(engine(column(["2026-07-01 02:30:00"])), tz="America/Los_Angeles") == ["2026-07-01"]


BANKS = pd.DataFrame({"connection_id": ["c"], "id": ["1"], "currency": ["USD"], "balance": [1.0]})
RATES = pd.DataFrame({"currency": ["EUR"], "rate": [1.1], "date": [pd.Timestamp("2026-06-30")]})


def documents(due: Any, party: str = "customer_id") -> pd.DataFrame:
    """Build one open document with a due date of some kind."""
    columns = {"connection_id": "c", "id": "1", party: "1", "status": "open", "amount_due": 1.0}
    return pd.DataFrame([{**columns, "currency": "USD", "due_date": due}])


def orders(created: Any) -> pd.DataFrame:
    """Build one order that was created at a moment of some kind."""
    columns = {"connection_id": "c", "id": "1", "status": "fulfilled", "currency": "USD", "total_price": 1.0}
    return pd.DataFrame([{**columns, "created_at": created}])


LINE = {"connection_id": "c", "order_id": "1", "product_id": "p", "quantity": 1.0, "unit_price": 1.0}
AGING = rf.reports.ar_aging(documents(pd.Timestamp("2026-06-30")), "2026-06-30")
#: Every place where a report reads a date, by the column that holds it.
PLACES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ar_aging": ("due_date", lambda day: rf.reports.ar_aging(documents(day), "2026-06-30")),
    "ap_aging": ("due_date", lambda day: rf.reports.ap_aging(documents(day, "vendor_id"), "2026-06-30")),
    "open_items": ("due_date", lambda day: rf.reports.open_items(documents(day), "2026-06-30")),
    "explain": ("due_date", lambda day: rf.reports.explain(AGING, documents(day))),
    "cash_forecast": (
        "due_date",
        lambda day: rf.reports.cash_forecast(
            BANKS, documents(day), documents(None, "vendor_id").head(0), "2026-06-30"
        ),
    ),
    "cash_history": (
        "date",
        lambda day: rf.reports.cash_history(
            BANKS,
            pd.DataFrame(
                [{"connection_id": "c", "account_id": "1", "amount": 1.0, "currency": "USD", "date": day}]
            ).assign(id="t"),
        ),
    ),
    "expenses_by_category": (
        "date",
        lambda day: rf.reports.expenses_by_category(
            pd.DataFrame([{"category": "a", "currency": "USD", "amount": 1.0, "date": day}]), period="month"
        ),
    ),
    "revenue_by_product": (
        "created_at",
        lambda day: rf.reports.revenue_by_product(orders(day), lines=pd.DataFrame([LINE]), period="month"),
    ),
    "convert": ("date", lambda day: rf.reports.convert(AGING, RATES.assign(date=day), "USD")),
}


@pytest.mark.parametrize(
    "wrong", [1782777600000, 20260501, True, 1.5, "05/06/2026", "13/06/2026", "20260501"]
)
@pytest.mark.parametrize("name", PLACES)
def test_every_report_refuses_values_that_are_not_dates(name: str, wrong: Any) -> None:
    """Wherever a report reads a date, numbers, booleans and other text are refused with the same text."""
    place, report = PLACES[name]
    with pytest.raises(
        ValueError, match=rf"column '{place}' holds .* is not a valid date \(expected YYYY-MM-DD\); "
    ):
        report(wrong)


@pytest.mark.parametrize("day", [date(2026, 6, 30), "2026-06-30", "2026-06-30T10:00:00Z", None])
@pytest.mark.parametrize("name", PLACES)
def test_every_report_reads_dates(name: str, day: Any) -> None:
    """Wherever a report reads a date, Python's dates, ISO text and missing ones will do."""
    if name == "convert" and day is None:
        with pytest.raises(ValueError, match="rates has rows without a currency, rate or date"):
            PLACES[name][1](day)
    else:
        assert len(PLACES[name][1](day)) >= 1 or day is None
