"""Write the month end of books to a file: a workbook, or an HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rutterframe.views.charts import CHARTS
from rutterframe.views.charts import for_report as chart_of
from rutterframe.views.page import Item, write_page
from rutterframe.views.tables import for_report as table_of
from rutterframe.views.workbook import write_workbook

if TYPE_CHECKING:
    from rutterframe.books.books import Books

#: How many rows of each currency a page shows; the workbook has all.
MAX_ROWS = 10


def write_excel(books: Books, path: str | Path) -> None:
    """Write every report of the month end, its comparisons, definitions and receipts as a workbook."""
    result = books.month_end(books.month_end_reports)
    write_workbook(path, result.reports, result.ties, names=books.frames.get("customers"), as_of=books.as_of)


def write_html(books: Books, path: str | Path) -> None:
    """Write every report of the month end as one page: the verdict first, a table and a chart of each."""
    result = books.month_end(books.month_end_reports)
    sections: dict[str, list[Item]] = {
        "Tie-out": [result.verdict, *map(table_of, result.tie_outs())],
    }
    for name, report in result.reports.items():
        sections[name] = [table_of(report, max_rows=MAX_ROWS)]
        if report.attrs["report"] in CHARTS:
            sections[name].append(chart_of(report, max_rows=MAX_ROWS))
    write_page(path, sections, title=f"Month end as of {books.as_of}")
