"""How long the cash lasts: literals, the opening as the lowest, currencies, and every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.reports.runway import runway

AS_OF = "2026-06-30"
Engine = Callable[[pd.DataFrame], Any]
Rows = Callable[[Any], list[dict[str, Any]]]


def forecast(*lines: tuple[str | None, int, float, float], **more: list[float]) -> pd.DataFrame:
    """Build the columns of a forecast that count: currency, week, opening and closing."""
    frame = pd.DataFrame(lines, columns=["currency", "week", "opening", "closing"]).assign(**more)
    return frame.astype({"currency": "str", "week": "int64"})


def test_the_whole_report(engine: Engine, rows: Rows) -> None:
    """Each currency has its lowest balance, when that is, and the first week that ends below zero."""
    frame = forecast(
        ("EUR", 1, 100.1, 0.0), ("EUR", 2, 0.0, -0.01), ("EUR", 3, -0.01, -0.01),
        ("JPY", 1, -5.0, 10.0), ("JPY", 2, 10.0, -6.0), ("JPY", 3, -6.0, 1.0),
        ("USD", 1, 3.0, 4.0), ("USD", 2, 4.0, 5.0), ("USD", 3, 5.0, 3.0),
        (None, 1, 0.0, 0.0), (None, 2, 0.0, 0.0), (None, 3, 0.0, 0.0),
    )  # fmt: skip
    report = runway(engine(frame))
    assert type(report) is type(engine(frame))
    assert rows(report) == [
        {"currency": "EUR", "opening": 100.1, "lowest": -0.01, "lowest_week": 2, "weeks": 2},
        {"currency": "JPY", "opening": -5.0, "lowest": -6.0, "lowest_week": 2, "weeks": 0},
        {"currency": "USD", "opening": 3.0, "lowest": 3.0, "lowest_week": 0, "weeks": None},
        {"currency": None, "opening": 0.0, "lowest": 0.0, "lowest_week": 0, "weeks": None},
    ]


def test_the_lowest_balance_may_be_the_opening() -> None:
    """With 30,818.71 today and more at the end of every week, the lowest is what is there today."""
    report = runway(forecast(("USD", 1, 30_818.71, 34_401.56), ("USD", 2, 34_401.56, 40_000.0)))
    assert report[["lowest", "lowest_week"]].to_numpy().tolist() == [[30_818.71, 0]]
    assert report["weeks"].isna().all()


def test_with_usual_flows(engine: Engine, rows: Rows) -> None:
    """A forecast with usual flows has both answers, from the same opening."""
    usual = [-3.0, -3.0, -3.0]
    frame = forecast(
        ("USD", 1, 5.0, 6.0), ("USD", 2, 6.0, 6.0), ("USD", 3, 6.0, 7.0), usual=usual,
        closing_with_usual=[3.0, 0.0, -2.0],
    )  # fmt: skip
    assert rows(runway(engine(frame))) == [
        {
            "currency": "USD",
            "opening": 5.0,
            "lowest": 5.0,
            "lowest_week": 0,
            "weeks": None,
            "lowest_with_usual": -2.0,
            "lowest_week_with_usual": 3,
            "weeks_with_usual": 3,
        }
    ]


def test_currencies_that_stay_above_zero_are_noted() -> None:
    """A note says which currencies never fall below zero within the weeks, beside those of the forecast."""
    frame = forecast(("EUR", 1, 1.0, -1.0), ("USD", 1, 1.0, 0.0))
    frame.attrs["notes"] = ["Made of nothing."]
    report = runway(frame)
    assert report.attrs["notes"] == [
        "Made of nothing.",
        "Not below zero as far as the forecast goes: USD (1 week).",
    ]
    assert runway(frame.head(1)).attrs["notes"] == ["Made of nothing."]


def test_the_dtypes() -> None:
    """Weeks are whole numbers that can be missing, also in an empty report."""
    report = runway(forecast(("USD", 1, 1.0, -2.0)))
    assert report.dtypes.astype(str).tolist() == ["str", "float64", "float64", "Int64", "Int64"]
    nothing = runway(forecast(("USD", 1, 1.0, -2.0)).head(0))
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == report.dtypes.to_dict()


def test_a_converted_forecast_is_added_up() -> None:
    """A forecast of two currencies that was converted into one has one runway: that of both together."""
    frame = forecast(
        ("EUR", 1, 5.0, -2.0), ("EUR", 1, 4.0, 3.0), ("EUR", 2, -2.0, -4.0), ("EUR", 2, 3.0, 3.0)
    )
    report = runway(frame.assign(original_currency=["EUR", "USD", "EUR", "USD"]))
    assert report.to_numpy().tolist() == [["EUR", 9.0, -1.0, 2, 2]]


def test_a_part_of_a_forecast_is_refused() -> None:
    """A missing week could be the lowest one: an error lists the weeks, and says what to pass."""
    frame = forecast(("USD", 1, 5.0, -2.0), ("USD", 2, -2.0, 3.0), ("USD", 3, 3.0, 4.0))
    with pytest.raises(ValueError, match="forecast must have weeks 1 to 3 of USD, not 2, 3: pass it as"):
        runway(frame.tail(2))
    with pytest.raises(ValueError, match="forecast must have weeks 1 to 3 of USD, not 1, 3: pass it as"):
        runway(frame.drop(index=1))
    with pytest.raises(ValueError, match="forecast has no column 'week', 'opening', 'closing'"):
        runway(pd.DataFrame({"currency": ["USD"], "balance": [1.0]}))


def test_the_runway_of_the_demo(books: Any) -> None:
    """The demo's lowest balance is the least of the cash today and the closings, in every currency."""
    frame = rf.reports.cash_forecast(books.bank_accounts, books.invoices, books.bills, AS_OF)
    report = rf.reports.runway(frame)
    assert report["currency"].tolist() == frame["currency"].unique().tolist()
    for row in report.itertuples():
        weeks = frame[frame["currency"] == row.currency]
        assert row.lowest == min(weeks["opening"].iloc[0], weeks["closing"].min())
    assert report.attrs["sources"] == frame.attrs["sources"]
