"""Change from period to period: literals on every engine, gaps, open periods, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.reports.change import change
from rutterframe.reports.engine.periods import period_name, period_number, period_start, year_before

Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]
Line = tuple[str | None, str | None, str | None, float | None]


def report_of(*lines: Line, period: str | None = "month", **about: Any) -> pd.DataFrame:
    """A report with periods: category, currency, first day, amount."""
    frame = pd.DataFrame(lines, columns=["category", "currency", "period", "amount"], dtype=object)
    frame["period"] = pd.to_datetime(frame["period"], format="ISO8601").astype("datetime64[us]")
    frame = frame.astype({"category": "str", "currency": "str", "amount": "float64"})
    length = {} if period is None else {"period": period}
    known: dict[str, Any] = {"report": "expenses_by_category", "notes": [], "sources": []}
    frame.attrs.update(known | about | length)
    return frame


def values(report: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Key, period, amount, before and change of each row, missing ones as None."""
    names = ["category", "period", "amount", "before", "change"]
    rows = report[names].astype({"period": "str"}).astype(object).to_numpy().tolist()
    return [tuple(None if pd.isna(value) else value for value in row) for row in rows]


def test_the_whole_report(engine: Engine, rows: Rows) -> None:
    """Each row has the amount of the month before, the exact change and its share, on every engine."""
    frame = report_of(
        ("Rent", "EUR", "2026-04-01", 900.0), ("Rent", "EUR", "2026-05-01", 990.0),
        ("Tea", "EUR", "2026-05-01", 0.1), ("Tea", "EUR", "2026-06-01", 0.3),
        (None, "USD", "2026-06-01", 5.0), ("Rent", None, None, 7.0),
    )  # fmt: skip
    report = change(engine(frame), as_of="2026-06-30", period="month")
    assert type(report) is type(engine(frame))
    names = ["category", "currency", "period", "amount", "before", "change", "change_share"]
    april, may, june = (datetime(2026, month, 1) for month in (4, 5, 6))  # noqa: DTZ001 - a day has no zone
    expected: list[tuple[Any, ...]] = [
        ("Rent", "EUR", april, 900.0, None, None, None),
        ("Rent", "EUR", may, 990.0, 900.0, 90.0, 0.1),
        ("Tea", "EUR", may, 0.1, 0.0, 0.1, None),
        ("Rent", "EUR", june, 0.0, 990.0, -990.0, -1.0),
        ("Tea", "EUR", june, 0.3, 0.1, 0.2, 2.0),
        (None, "USD", june, 5.0, 0.0, 5.0, None),
        ("Rent", None, None, 7.0, None, None, None),
    ]
    assert rows(report) == [dict(zip(names, line, strict=True)) for line in expected]


def test_dtypes_and_attrs() -> None:
    """Periods are dates and amounts floats, also without rows; the attrs state what was compared."""
    report = change(report_of(("Rent", "EUR", "2026-06-01", 1.0)), as_of="2026-06-30")
    expected = ["str", "str", "datetime64[us]", "float64", "float64", "float64", "float64"]
    assert report.dtypes.astype(str).tolist() == expected
    empty = change(report_of(("Rent", "EUR", "2026-06-01", 1.0)).head(0), as_of="2026-06-30")
    assert empty.dtypes.astype(str).tolist() == expected
    about = {name: report.attrs[name] for name in ("report", "of", "period", "against", "amount", "as_of")}
    assert about == {
        "report": "change", "of": "expenses_by_category", "period": "month", "against": "previous",
        "amount": "amount", "as_of": "2026-06-30",
    }  # fmt: skip
    assert report.attrs["comparison"] == "amount against the month before"


def test_an_absent_key_counts_as_zero_between_first_and_last() -> None:
    """A key without a row in a period had nothing then; before the first period nothing is known."""
    report = change(
        report_of(
            ("Tea", "EUR", "2026-01-01", 5.0), ("Tea", "EUR", "2026-03-01", 6.0),
            ("Tea", "EUR", "2026-04-01", 0.0), ("Rent", "EUR", "2026-04-01", 1.0),
        ),
        as_of="2026-04-30",
    )  # fmt: skip
    assert values(report) == [
        ("Tea", "2026-01-01", 5.0, None, None),
        ("Tea", "2026-02-01", 0.0, 5.0, -5.0),
        ("Tea", "2026-03-01", 6.0, 0.0, 6.0),
        ("Tea", "2026-04-01", 0.0, 6.0, -6.0),
        ("Rent", "2026-04-01", 1.0, 0.0, 1.0),
    ]


def test_a_period_that_is_not_over_is_not_compared() -> None:
    """On 29 June the month of June is not over: its amounts stay, and a note names it."""
    frame = report_of(("Tea", "EUR", "2026-05-01", 5.0), ("Tea", "EUR", "2026-06-01", 1.0))
    report = change(frame, as_of="2026-06-29")
    assert values(report) == [("Tea", "2026-05-01", 5.0, None, None), ("Tea", "2026-06-01", 1.0, None, None)]
    assert report.attrs["notes"] == ["2026-06 is not over on 2026-06-29: it is not compared."]
    over = change(frame, as_of="2026-06-30")
    assert values(over)[1] == ("Tea", "2026-06-01", 1.0, 5.0, -4.0)
    assert over.attrs["notes"] == []


def test_the_day_of_the_report_is_taken() -> None:
    """A report that carries its day needs no other."""
    frame = report_of(
        ("Tea", "EUR", "2026-05-01", 5.0), ("Tea", "EUR", "2026-06-01", 1.0), as_of="2026-06-29"
    )
    assert change(frame)["before"].isna().all()


def test_an_unknown_day_is_noted_on_pandas_and_refused_elsewhere(engine: Engine) -> None:
    """Without an as-of date the last period may be a part of one."""
    frame = report_of(("Tea", "EUR", "2026-05-01", 5.0), ("Tea", "EUR", "2026-06-01", 1.0))
    other = engine(frame)
    if isinstance(other, pd.DataFrame):
        report = change(other, period="month")
        assert report["change"].tolist()[1] == -4.0
        note = "Whether the last month, 2026-06, is over is not known without as_of=."
        assert report.attrs["notes"] == [note]
        return
    with pytest.raises(ValueError, match="as_of= must name the day up to which the report has data"):
        change(other, period="month")


@pytest.mark.parametrize(
    ("period", "day", "one_year_before"),
    [
        ("month", "2026-06-01", "2025-06-01"),
        ("quarter", "2026-04-01", "2025-04-01"),
        ("year", "2026-01-01", "2025-01-01"),
        ("week", "2026-06-22", "2025-06-23"),
        ("day", "2026-06-30", "2025-06-30"),
    ],
)
def test_one_year_before(period: str, day: str, one_year_before: str) -> None:
    """The same period one year before: of a week, that 52 weeks before."""
    frame = report_of(
        ("Tea", "EUR", one_year_before, 4.0), ("Tea", "EUR", day, 5.0), period=period, as_of="2026-12-31"
    )
    assert values(change(frame, against="year"))[-1] == ("Tea", day, 5.0, 4.0, 1.0)


def test_what_ended_within_the_year() -> None:
    """What had an amount one year before and has none is a row with the whole of it as change."""
    frame = report_of(
        ("Tea", "EUR", "2025-06-01", 4.0), ("Rent", "EUR", "2026-06-01", 9.0), as_of="2026-06-30"
    )
    assert values(change(frame, against="year"))[1:] == [
        ("Rent", "2026-06-01", 9.0, 0.0, 9.0),
        ("Tea", "2026-06-01", 0.0, 4.0, -4.0),
    ]


def test_29_february_has_no_day_a_year_before() -> None:
    """Such a day is compared with nothing."""
    frame = report_of(
        ("Tea", "EUR", "2023-02-28", 4.0), ("Tea", "EUR", "2024-02-29", 5.0), period="day", as_of="2024-03-01"
    )
    assert pd.isna(change(frame, against="year")["before"].iloc[-1])


@pytest.mark.parametrize(
    ("before", "amount", "share"),
    [
        (100.0, 150.0, 0.5),
        (100.0, 0.0, -1.0),
        (0.0, 5.0, None),
        (0.004, 5.0, None),
        (-100.0, 50.0, None),
        (100.0, -50.0, None),
        (-100.0, -50.0, 0.5),
        (-100.0, -150.0, -0.5),
        (-100.0, 0.0, 1.0),
        (None, 1.0, None),
    ],
)
def test_the_share_of_a_change(before: float | None, amount: float, share: float | None) -> None:
    """It has the sign of the change, and is null where before is zero or nearly so, or the signs differ."""
    frame = report_of(("Tea", "EUR", "2026-05-01", before), ("Tea", "EUR", "2026-06-01", amount))
    result = change(frame, as_of="2026-06-30")["change_share"].iloc[-1]
    assert (None if pd.isna(result) else result) == share


def test_the_largest_change_comes_first() -> None:
    """Up or down, in each currency and period; equal ones by their keys."""
    frame = report_of(
        *((name, "EUR", "2026-05-01", 10.0) for name in "abcd"),
        *(
            (name, "EUR", "2026-06-01", amount)
            for name, amount in (("a", 11.0), ("b", 1.0), ("c", 15.0), ("d", 9.0))
        ),
    )
    june = change(frame, as_of="2026-06-30").tail(4)
    assert list(zip(june["category"], june["change"], strict=True)) == [
        ("b", -9.0), ("c", 5.0), ("a", 1.0), ("d", -1.0),
    ]  # fmt: skip


def test_a_converted_report_keeps_its_currencies_apart() -> None:
    """Rows of two original currencies are two, and each explains itself."""
    frame = report_of(
        *(("Tea", "EUR", "2026-05-01", 1.0),) * 2,
        *(("Tea", "EUR", "2026-06-01", 3.0),) * 2,
        currency="EUR",
    ).assign(original_currency=["EUR", "USD"] * 2)
    report = change(frame, as_of="2026-06-30")
    assert report.columns.tolist()[-1] == "original_currency"
    assert report[["original_currency", "change"]].to_numpy().tolist()[2:] == [["EUR", 2.0], ["USD", 2.0]]
    assert report.attrs["currency"] == "EUR"


def test_a_change_can_be_converted() -> None:
    """Each of its amounts is money."""
    frame = report_of(("Tea", "EUR", "2026-05-01", 1.0), ("Tea", "EUR", "2026-06-01", 3.0))
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [2.0], "date": pd.to_datetime(["2026-06-30"])})
    report = rf.reports.convert(change(frame, as_of="2026-06-30"), rates, "USD")
    assert report[["amount", "before", "change"]].iloc[-1].tolist() == [6.0, 2.0, 4.0]


def test_another_amount_can_be_compared() -> None:
    """Any column of money, by its name."""
    frame = report_of(("Tea", "EUR", "2026-05-01", 1.0), ("Tea", "EUR", "2026-06-01", 1.0))
    report = change(frame.assign(net_of_tax=[0.5, 0.75]), amount="net_of_tax", as_of="2026-06-30")
    assert values(report)[1] == ("Tea", "2026-06-01", 0.75, 0.5, 0.25)
    assert report.attrs["comparison"] == "net of tax against the month before"


def test_rows_without_a_period_are_noted() -> None:
    """They stay in the report, so that it adds up, and are compared with nothing."""
    report = change(
        report_of(("Tea", "EUR", "2026-06-01", 3.0), ("Tea", "EUR", None, 1.0)), as_of="2026-06-30"
    )
    assert report["amount"].sum() == 4.0
    assert report.attrs["notes"] == ["Rows without a period, not compared: 1."]
    only = change(report_of(("Tea", "EUR", None, 1.0)), as_of="2026-06-30")
    assert only["before"].isna().all()


def test_revenue_and_its_explanation(shops: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """The rows of a change of revenue explain to the order lines of their own month."""
    orders, products = shops
    revenue = rf.reports.revenue_by_product(orders, products, period="month")
    report = change(revenue, as_of="2026-06-30")
    assert report.columns.tolist()[:5] == ["connection_id", "product_id", "title", "currency", "period"]
    rows = report[(report["period"] == "2026-05-01") & report["product_id"].notna()]
    row = rows[rows["amount"] > 0].head(1)
    lines = rf.reports.explain(row, {"orders": orders, "products": products})
    assert sum(map(Decimal, map(str, lines["revenue"]))) == Decimal(str(row["amount"].iloc[0]))
    ended = report[(report["amount"] == 0) & (report["before"] > 0)].head(1)
    assert len(rf.reports.explain(ended, {"orders": orders, "products": products})) == 0


def test_expenses_and_their_explanation() -> None:
    """The rows of a change of expenses explain to the expenses of their own period."""
    spent = pd.DataFrame(
        {"id": ["1", "2", "3"], "category": "Tea", "currency": "EUR", "amount": [1.0, 2.0, 4.0],
         "date": pd.to_datetime(["2026-05-07", "2026-06-01", "2026-06-30"])}
    )  # fmt: skip
    report = change(rf.reports.expenses_by_category(spent, period="month"), as_of="2026-06-30")
    assert rf.reports.explain(report.tail(1), spent)["id"].tolist() == ["2", "3"]
    plain = report.tail(1).to_dict("records")[0]
    with pytest.raises(ValueError, match="report_row is of a change, and which report it compares is not"):
        rf.reports.explain(plain, spent)


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (report_of(), {"against": "last"}, "against='last' is not valid .expected 'previous' or 'year'"),
        (report_of(period=None), {}, "period= must name the length of the report's periods"),
        (report_of(), {"period": "week"}, "period='week' is not that of the report, which is by month"),
        (report_of(period=None), {"period": "decade"}, "period='decade' is not a valid period"),
        (report_of(), {"amount": "net"}, "report has no column 'net'"),
        (report_of().drop(columns="amount"), {}, "report has no amount to compare: none of revenue, amount"),
        (report_of().drop(columns="period"), {}, "report has no column 'period'; its columns are category"),
        (report_of(("a", "EUR", "2026-06-02", 1.0)), {}, "period 2026-06-02 is not the first day of a month"),
        (
            report_of().assign(before=0.0, change=0.0),
            {},
            "report is a change already: pass the report that it was computed from",
        ),
        (report_of(), {"as_of": 7}, "as_of"),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, options: dict[str, Any], message: str) -> None:
    """An error says what is not valid, and what to pass."""
    with pytest.raises((ValueError, TypeError), match=message):
        change(frame, **options)


DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(DAYS, st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_periods_have_numbers(day: date, period: str) -> None:
    """A period begins on or before its days, and the next one after them."""
    number = period_number(day, period)
    assert period_start(number, period) <= day < period_start(number + 1, period)
    assert period_number(period_start(number, period), period) == number
    prior = year_before(number, period)
    if prior is not None:
        distance = period_start(number, period) - period_start(prior, period)
        assert timedelta(364) <= distance <= timedelta(366)
    assert period_name(number, period).startswith(str(period_start(number, period).year))


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=12))
def test_changes_add_up(cents: list[int]) -> None:
    """What all changes of a key add up to is its last amount less its first, exactly."""
    months = pd.date_range("2025-01-01", periods=len(cents), freq="MS")
    lines: list[Line] = [
        ("Tea", "EUR", str(day.date()), size / 100) for day, size in zip(months, cents, strict=True)
    ]
    report = change(report_of(*lines), as_of="2026-12-31")
    changes = [Decimal(str(value)) for value in report["change"].dropna()]
    assert sum(changes) == Decimal(cents[-1] - cents[0]) / 100
    assert changes == [Decimal(after - before) / 100 for before, after in pairwise(cents)]
