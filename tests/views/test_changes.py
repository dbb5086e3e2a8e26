"""The chart of a change: the last period, largest first, with the rest as one bar."""

from __future__ import annotations

import pandas as pd

import rutterframe as rf
from rutterframe.views import charts
from rutterframe.views.layout import NO_ROWS

AMOUNTS = {
    "Rent": (900.0, 990.0), "Tea": (50.0, 10.0), "Ink": (0.0, 7.0), "Pens": (5.0, 6.0), "Post": (1.0, 1.0),
}  # fmt: skip


def changed(currency: str = "EUR") -> pd.DataFrame:
    """The change of expenses from May to June 2026, of five categories."""
    days = pd.to_datetime(["2026-05-31", "2026-06-30"])
    spent = pd.concat(
        pd.DataFrame({"category": name, "currency": currency, "amount": sizes, "date": days})
        for name, sizes in AMOUNTS.items()
    )
    report: pd.DataFrame = rf.reports.change(
        rf.reports.expenses_by_category(spent, period="month"), as_of="2026-06-30"
    )
    return report


def test_the_largest_changes_of_the_last_period() -> None:
    """What grew goes right, what shrank goes left and has a pattern; the first period has no bars."""
    (bars,) = charts.change(changed()).data
    assert bars.y == ("Rent", "Tea", "Ink", "Pens", "Post")
    assert bars.x == (90.0, -40.0, 7.0, 1.0, 0.0)
    assert bars.text == ("90.00, 10.0%", "(40.00), (80.0%)", "7.00", "1.00, 20.0%", "–")
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [False, True, False, False, False]


def test_the_rest_is_one_bar() -> None:
    """Beyond the limit changes are added up, without a share."""
    (bars,) = charts.for_report(changed(), max_rows=2).data
    assert bars.y == ("Rent", "Tea", "All others (3)")
    assert bars.x[2] == 8.0
    assert bars.text[2] == "8.00"


def test_the_axis_names_the_period() -> None:
    """The axis states what changed, when, and in which currency."""
    assert charts.change(changed()).layout.xaxis.title.text == "Change of amount in 2026-06, EUR"


def test_converted_rows_name_their_currency() -> None:
    """Rows of several currencies that were converted are ranked together."""
    both = pd.concat([changed("EUR"), changed("USD")], ignore_index=True)
    both.attrs = changed().attrs
    rates = pd.DataFrame({"currency": ["EUR"], "rate": [2.0], "date": pd.to_datetime(["2026-06-30"])})
    (bars,) = charts.change(rf.reports.convert(both, rates, "USD"), max_rows=3).data
    assert bars.y == ("Rent (EUR)", "Rent (USD)", "Tea (EUR)", "All others (7)")


def test_nothing_to_compare() -> None:
    """A report of one period has no bars, and says so."""
    report = changed()
    figure = charts.change(report[report["period"] == "2026-05-01"])
    assert len(figure.data) == 0
    assert NO_ROWS in str(figure.layout.annotations)
