"""Write the month end of books to a file: a workbook, or an HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rutterframe.reports.month_end import MonthEnd
from rutterframe.storage import StorageOptions
from rutterframe.views.charts import for_report as chart_of
from rutterframe.views.charts.dispatch import has_chart
from rutterframe.views.page import Item, write_page
from rutterframe.views.sentences import Finding
from rutterframe.views.tables import for_report as table_of

#: How many rows of each currency a page shows; the workbook has all.
MAX_ROWS = 10


def write_html(
    path: str | Path,
    result: MonthEnd,
    more: Mapping[str, pd.DataFrame],
    *,
    as_of: str,
    findings: Mapping[str, str],
    options: StorageOptions | None = None,
) -> None:
    """Write every report as one page: the verdict first, then sentences, a table and a chart of each.

    Parameters
    ----------
    path : str or Path
        The file, or an address.
    result : MonthEnd
        The reports of the month end, and their comparisons.
    more : mapping of str to DataFrame
        Reports that follow, by the headings of their sections.
    as_of : str
        The day, for the title.
    findings : mapping of str to str
        Sentences by the headings of the sections that they begin.
    options : StorageOptions, optional
        The keys for an address.
    """
    sections: dict[str, list[Item]] = {
        "Tie-out": [Finding(result.outcome), *map(table_of, result.tie_outs())]
    }
    for name, report in {**result.reports, **more}.items():
        items: list[Item] = [findings[name]] if name in findings else []
        items.append(table_of(report, max_rows=MAX_ROWS))
        if len(report) and has_chart(report.attrs["report"]):
            items.append(chart_of(report, max_rows=MAX_ROWS))
        sections[name] = items
    write_page(path, sections, title=f"Month end as of {as_of}", storage_options=options)
