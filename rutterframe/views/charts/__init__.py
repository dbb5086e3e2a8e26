"""Draw reports as charts with plotly: one short function for each report, and `for_report` for any.

Each currency has its own panel: no axis holds two. Every chart states its date, when the data was fetched and
what it does not cover, and "Demo data" where the figures are made up. The colours differ for any kind of
colour vision. Every function raises ValueError for a frame that is another report, or not a report.
"""

from rutterframe.views.charts.dispatch import CHARTS, for_report
from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.charts.reports import (
    aging,
    cash_forecast,
    cash_history,
    concentration,
    expenses,
    revenue,
)
from rutterframe.views.charts.theme import PALETTE, TEMPLATE

__all__ = [
    "CHARTS",
    "PALETTE",
    "TEMPLATE",
    "ReportFigure",
    "aging",
    "cash_forecast",
    "cash_history",
    "concentration",
    "expenses",
    "for_report",
    "revenue",
]


def __dir__() -> list[str]:
    """List the public names only."""
    return __all__
