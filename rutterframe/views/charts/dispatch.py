"""Draw any report that has a chart: the chart of each report, by the report's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from rutterframe.reports.describe import read_report
from rutterframe.reports.own import REPORTS
from rutterframe.reports.specs import SPECS
from rutterframe.views.charts import changes, reports, time_bars
from rutterframe.views.charts.own import draw_own

if TYPE_CHECKING:
    from plotly import graph_objects as go

    from rutterframe.reports.labels import Names


class _Draw(Protocol):
    def __call__(self, report: pd.DataFrame, /, *args: Any, **options: Any) -> go.Figure: ...


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of a report.

    Attributes
    ----------
    draw : callable
        Takes the report, and returns the figure.
    takes : tuple of str
        Which of the options ``names`` and ``max_rows`` it has.
    """

    draw: _Draw
    takes: tuple[str, ...] = ()


#: The chart of each report that has one, by the report's name.
CHARTS: Mapping[str, Chart] = MappingProxyType(
    {
        "ar_aging": Chart(reports.aging, ("names", "max_rows")),
        "ap_aging": Chart(reports.aging, ("names", "max_rows")),
        "revenue_by_product": Chart(reports.revenue, ("max_rows",)),
        "expenses_by_category": Chart(reports.expenses, ("max_rows",)),
        "cash_history": Chart(reports.cash_history),
        "cash_forecast": Chart(reports.cash_forecast),
        "change": Chart(changes.change, ("max_rows",)),
        "top_overdue": Chart(reports.top_overdue, ("names", "max_rows")),
        "runway": Chart(time_bars.runway),
        "dso": Chart(time_bars.days_outstanding),
        "dpo": Chart(time_bars.days_outstanding),
        "days_to_pay": Chart(time_bars.days_to_pay, ("names", "max_rows")),
        "concentration": Chart(reports.concentration, ("names",)),
    }
)


def has_chart(name: str) -> bool:
    """Return whether a report has a chart, by its name."""
    own = None if name in CHARTS else SPECS.own(name)
    return name in CHARTS or (own is not None and bool(own.chart or own.spec.size))


def for_report(report: pd.DataFrame, names: Names = None, max_rows: int | None = None) -> go.Figure:
    """Draw any report that has a chart.

    Parameters
    ----------
    report : DataFrame
        A report on pandas; one that lost its ``attrs``, in a merge or a file, is recognised by its columns.
    names : mapping or DataFrame, optional
        Names by id, for a chart that names customers or vendors; the others have their names in the report.
    max_rows : int, optional
        How many of the largest to draw for each currency, by default as many as the chart of that report
        does; a chart over time or of ranks draws all.

    Returns
    -------
    Figure
        A plotly figure.

    Raises
    ------
    TypeError
        If it is not a pandas DataFrame.
    ValueError
        If the report has no chart, with the reports that have one, or if the frame is not a report.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> spent = pd.DataFrame({"category": ["Rent", "Tea"], "currency": "EUR", "amount": [900.0, 12.5]})
    >>> for_report(rf.reports.expenses_by_category(spent)).data[0].y
    ('Rent', 'Tea')
    """
    is_ours = getattr(report, "attrs", {}).get("report") in CHARTS
    report = read_report(report, *CHARTS, *([] if is_ours else REPORTS.names))
    own = SPECS.own(report.attrs["report"])
    if own is not None:
        return draw_own(own, report, names, max_rows)
    chart = CHARTS[report.attrs["report"]]
    arguments = {"names": names, "max_rows": max_rows}
    options = {name: arguments[name] for name in chart.takes if arguments[name] is not None}
    return chart.draw(report, **options)
