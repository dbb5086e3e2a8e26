"""Draw reports as charts with plotly: one short function for each report, and `for_report` for any.

Each currency has its own panel: no axis holds two. Every chart states its date, when the data was fetched and
what it does not cover, and "Demo data" where the figures are made up. The colours differ for any kind of
colour vision. Every function raises ValueError for a frame that is another report, or not a report.
"""

from rutterframe.views.charts.changes import change
from rutterframe.views.charts.dispatch import CHARTS, for_report
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.charts.reports import (
    aging,
    cash_forecast,
    cash_history,
    concentration,
    expenses,
    revenue,
    top_overdue,
)
from rutterframe.views.charts.theme import PALETTE, TEMPLATE
from rutterframe.views.charts.time_bars import days_outstanding, days_to_pay, runway

__all__ = [
    "CHARTS",
    "PALETTE",
    "TEMPLATE",
    "ReportFigure",
    "aging",
    "cash_forecast",
    "cash_history",
    "change",
    "concentration",
    "days_outstanding",
    "days_to_pay",
    "expenses",
    "for_report",
    "revenue",
    "runway",
    "top_overdue",
]


def __dir__() -> list[str]:
    """List the public names only."""
    return __all__
