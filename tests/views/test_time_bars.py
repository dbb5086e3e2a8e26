"""Charts on time: days outstanding, days to pay, and the weeks that the cash lasts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.views import charts
from rutterframe.views.layout import NO_ROWS
from tests.reports.live_frames import live_documents

PAID = {"status": "paid", "amount_due": 0.0, "payments": [("2026-06-10", 100.0)]}


def runway_of(*lines: tuple[Any, ...], **more: list[float]) -> pd.DataFrame:
    """The runway of a forecast: currency, week, opening, closing."""
    frame = pd.DataFrame(lines, columns=["currency", "week", "opening", "closing"]).assign(**more)
    report: pd.DataFrame = rf.reports.runway(frame.astype({"currency": "str"}))
    return report


def test_the_runway_has_a_bar_for_each_currency() -> None:
    """A bar ends in the week that ends below zero, or has all weeks of the forecast; a text states it."""
    figure = charts.runway(
        runway_of(
            ("EUR", 1, 1.0, 1.0), ("EUR", 2, 1.0, -1.0), ("USD", 1, 1.0, 1.0), ("USD", 2, 1.0, 1.0),
            ("JPY", 1, -1.0, 5.0), (None, 1, 1.0, 1.0),
        )
    )  # fmt: skip
    (bars,) = figure.data
    assert bars.y == ("EUR", "JPY", "USD", "No currency")
    assert bars.x == (2.0, 0.0, 2.0, 1.0)
    assert bars.text == (
        "below zero in week 2", "below zero today", "not below zero in 2 weeks", "not below zero in 1 week",
    )  # fmt: skip


def test_usual_flows_are_a_second_bar() -> None:
    """A forecast with usual flows has both answers, with a legend."""
    figure = charts.runway(runway_of(("EUR", 1, 1.0, 1.0), closing_with_usual=[-1.0]))
    assert [bars.name for bars in figure.data] == ["What is invoiced", "With the usual flows"]
    assert figure.data[1].text == ("below zero in week 1",)
    assert all(bars.showlegend for bars in figure.data)


def test_a_runway_from_a_file_states_no_number_of_weeks() -> None:
    """Without its attrs the length of the forecast is not known, and not guessed."""
    report = runway_of(("EUR", 1, 1.0, 1.0))
    report.attrs = {}
    assert charts.runway(report).data[0].text == ("not below zero",)


def test_days_outstanding_name_connection_and_currency() -> None:
    """Each bar has its days; all of them share one axis, since days have no currency."""
    report = rf.reports.dso(live_documents(PAID, {}, {**PAID, "currency": "EUR"}), "2026-06-30")
    (bars,) = charts.for_report(report).data
    assert len(bars.y) == len(report)
    assert [*bars.x] == report["dso"].fillna(0).tolist()


def test_days_without_a_value_state_so() -> None:
    """A null has a bar of no length, and "n/a" in words."""
    report = rf.reports.dso(live_documents(PAID, {}), "2026-06-30")
    report["dso"] = float("nan")
    (bars,) = charts.days_outstanding(report).data
    assert set(bars.text) == {"n/a"}


def test_days_to_pay_of_the_largest() -> None:
    """Beyond the limit rows are left out: a mean of the others would mean nothing."""
    report = rf.reports.days_to_pay(
        live_documents(PAID, {**PAID, "customer_id": "x"}, {**PAID, "customer_id": "y"})
    )
    figure = charts.days_to_pay(report, {"x": "Xenia"}, max_rows=2)
    assert [bars.name for bars in figure.data] == ["Weighted mean, days", "Median, days"]
    assert len(figure.data[0].y) == 2
    assert figure.layout.xaxis.title.text == "Days; the 2 of 3 rows with the largest amounts"
    with pytest.raises(ValueError, match="max_rows=0 is not a valid number of rows"):
        charts.days_to_pay(report, max_rows=0)


def test_empty_reports() -> None:
    """Without rows the chart says so."""
    for report in (runway_of(("EUR", 1, 1.0, 1.0)), rf.reports.days_to_pay(live_documents(PAID))):
        figure = charts.for_report(report[:0])
        assert len(figure.data) == 0
        assert NO_ROWS in str(figure.layout.annotations)
