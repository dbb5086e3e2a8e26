"""Draw a report of another package: with its own chart, or its largest rows as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotly import graph_objects as go

from rutterframe.views.charts.figure import ReportFigure
from rutterframe.views.charts.reports import sizes

if TYPE_CHECKING:
    import pandas as pd

    from rutterframe.reports.labels import Names
    from rutterframe.reports.own import Report


def draw_own(own: Report, report: pd.DataFrame, names: Names, max_rows: int | None) -> ReportFigure:
    """Draw a report of another package.

    Parameters
    ----------
    own : Report
        The report.
    report : DataFrame
        Its frame.
    names : mapping or DataFrame, optional
        Names by id; for the bars only.
    max_rows : int, optional
        How many bars for each currency, 10 if not given; for the bars only.

    Raises
    ------
    TypeError
        If its own chart is not a plotly figure.
    ValueError
        If it has neither a chart nor a size.
    """
    if own.chart is not None:
        figure = own.chart(report)
        if not isinstance(figure, go.Figure):
            kind = type(figure).__name__
            raise TypeError(f"the chart of {own.name} returned {kind}, not a plotly figure (go.Figure)")
        return figure if isinstance(figure, ReportFigure) else ReportFigure(figure)
    if not own.spec.size:
        raise ValueError(
            f"{own.name} has no chart: its package would pass chart= to Report, or size= to its Spec"
        )
    return sizes(report, own.spec.size, max_rows, names)
