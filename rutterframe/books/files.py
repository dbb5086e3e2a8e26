"""Write the month end of books to a file: a workbook, or an HTML page."""

from __future__ import annotations

from pathlib import Path

from rutterframe.reports.labels import Names
from rutterframe.reports.month_end import MonthEnd
from rutterframe.views.charts import CHARTS
from rutterframe.views.charts import for_report as chart_of
from rutterframe.views.page import Item, write_page
from rutterframe.views.tables import for_report as table_of
from rutterframe.views.workbook import write_workbook

#: How many rows of each currency a page shows; the workbook has all.
MAX_ROWS = 10


def write_excel(path: str | Path, result: MonthEnd, *, as_of: str, names: Names) -> None:
    """Write every report of the month end, its comparisons, definitions and receipts as a workbook."""
    write_workbook(path, result.reports, result.ties, names=names, as_of=as_of)


def write_html(path: str | Path, result: MonthEnd, *, as_of: str) -> None:
    """Write every report of the month end as one page: the verdict first, a table and a chart of each."""
    sections: dict[str, list[Item]] = {"Tie-out": [result.verdict, *map(table_of, result.tie_outs())]}
    for name, report in result.reports.items():
        sections[name] = [table_of(report, max_rows=MAX_ROWS)]
        if report.attrs["report"] in CHARTS:
            sections[name].append(chart_of(report, max_rows=MAX_ROWS))
    write_page(path, sections, title=f"Month end as of {as_of}")
