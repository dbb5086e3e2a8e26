"""``frame.rf``: table, chart, documents, browser and workbook of a report frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe.storage import mask_address, wrap_options

if TYPE_CHECKING:
    from plotly import graph_objects as go

    from rutterframe.reports.labels import Names
    from rutterframe.views.tables import Table

    #: The documents of a report: one frame, or several by the names that `rutterframe.reports.explain` takes.
    Documents = pd.DataFrame | Mapping[str, pd.DataFrame]


@pd.api.extensions.register_dataframe_accessor("rf")
class ReportAccessor:
    """What can be done with a report, from the frame itself: ``books.ar_aging().rf.table()``.

    A report that lost its name, its day or its documents, in a merge or a file, is recognised by its columns;
    what it does not know any more is an argument.

    Parameters
    ----------
    frame : DataFrame
        The report.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     books = rf.load_books(client.connection("gear-xero"), progress=False)
    >>> aging = books.ar_aging()
    >>> documents = aging.head(1).rf.explain(bucket="31–60 days")
    >>> bool(documents["amount_due"].sum() == aging["days_31_60"].iloc[0])
    True
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def table(self, names: Names = None, *, max_rows: int | None = None) -> Table:
        """Draw the report as a table, as `rutterframe.views.tables.for_report` does.

        Parameters
        ----------
        names : mapping or DataFrame, optional
            Names by id, where the report has none.
        max_rows : int, optional
            How many rows to show for each currency; the others become one row.

        Returns
        -------
        Table
            The table, which a notebook shows.

        Raises
        ------
        ValueError
            If the frame is not a report, or has lost a column; the message names it.

        Examples
        --------
        >>> import rutterframe as rf
        >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
        >>> rf.reports.cash_position(banks).rf.table()
        Table: Cash position, 1 row
        """
        from rutterframe.views import tables  # noqa: PLC0415 - on first use

        return tables.for_report(self._frame, names, max_rows=max_rows)

    def chart(self, names: Names = None, *, max_rows: int | None = None) -> go.Figure:
        """Draw the report as a chart, as `rutterframe.views.charts.for_report` does.

        Parameters
        ----------
        names : mapping or DataFrame, optional
            Names by id, where the report has none.
        max_rows : int, optional
            How many to draw for each currency; the rest is one bar.

        Returns
        -------
        plotly.graph_objects.Figure
            The chart, which a notebook shows.

        Raises
        ------
        ValueError
            If the frame is not a report with a chart, or has lost a column; the message names it.

        Examples
        --------
        >>> import rutterframe as rf
        >>> due = [pd.Timestamp("2026-06-01")]
        >>> bills = pd.DataFrame({"status": "open", "currency": "EUR", "vendor_id": "v", "amount_due": 7.0,
        ...                       "due_date": due})
        >>> chart = rf.reports.ap_aging(bills, "2026-06-30").rf.chart()
        >>> chart.data[0].type
        'bar'
        """
        from rutterframe.views import charts  # noqa: PLC0415 - plotly on first use

        return charts.for_report(self._frame, names, max_rows=max_rows)

    def explain(
        self,
        documents: Documents | None = None,
        *,
        bucket: str | None = None,
        as_of: date | datetime | str | None = None,
        bounds: Iterable[int] | None = None,
    ) -> pd.DataFrame:
        """Return the documents that the rows of the frame sum, as `rutterframe.reports.explain` does.

        Parameters
        ----------
        documents : DataFrame or mapping of str to DataFrame, optional
            The documents of the report, by the names of its arguments where it took several; not needed for a
            report of `Books`.
        bucket : str, optional
            One column of an aging, by its name or label, such as "31–60 days"; of a forecast of books
            "receipts" or "payments".
        as_of, bounds : optional
            Of an aging, where the frame does not know them any more.

        Returns
        -------
        DataFrame
            The documents of the first row, then of the next; each row of a report has its own.

        Raises
        ------
        ValueError
            If the frame has no rows, or something is needed that neither it nor an argument has.

        Examples
        --------
        >>> import rutterframe as rf
        >>> due = [pd.Timestamp("2026-06-01")]
        >>> bills = pd.DataFrame({"status": "open", "currency": "EUR", "vendor_id": "v", "amount_due": 7.0,
        ...                       "due_date": due, "id": ["bill-1"]})
        >>> rf.reports.ap_aging(bills, "2026-06-30").rf.explain(bills, bucket="1–30 days")["id"].tolist()
        ['bill-1']
        """
        from rutterframe.reports import explain  # noqa: PLC0415 - the reports on first use
        from rutterframe.reports.describe import read_report  # noqa: PLC0415 - the same

        frame = read_report(self._frame)
        if frame.empty:
            raise ValueError("the report has no rows to explain")
        rows = [frame.iloc[place] for place in range(len(frame))]
        parts: list[pd.DataFrame]
        if documents is not None:
            parts = [explain(row, documents, bucket=bucket, as_of=as_of, bounds=bounds) for row in rows]
        else:
            source = self._books_source("explain")
            parts = [source.books.explain(row, bucket) for row in rows]
        if len(parts) == 1:
            return parts[0]
        together: pd.DataFrame = pd.concat(parts, ignore_index=True)
        attrs = parts[0].attrs.items()
        together.attrs = {name: value for name, value in attrs if not str(name).startswith("rows")}
        notes = [note for part in parts for note in part.attrs.get("notes", [])]
        together.attrs["notes"] = [*dict.fromkeys(notes)]
        return together

    def browse(
        self,
        documents: Documents | None = None,
        *,
        names: Names = None,
        as_of: date | datetime | str | None = None,
    ) -> Any:
        """Show the report as a table to sort and filter, with the documents behind the selected cell below.

        Parameters
        ----------
        documents : DataFrame or mapping of str to DataFrame, optional
            As of `explain`; not needed for a report of `Books`.
        names : mapping or DataFrame, optional
            Names by id, where the report has none.
        as_of : date, datetime or str, optional
            Of an aging, where the frame does not know it any more.

        Returns
        -------
        ReportBrowser
            The widget.

        Examples
        --------
        >>> import rutterframe as rf
        >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
        >>> rf.reports.cash_position(banks).rf.browse(banks)
        <ReportBrowser: Cash position, 1 row>
        """
        from rutterframe.reports.describe import read_report  # noqa: PLC0415 - the reports on first use
        from rutterframe.reports.engine.dates import parse_as_of  # noqa: PLC0415 - the same
        from rutterframe.widgets import ReportBrowser  # noqa: PLC0415 - anywidget on first use

        report = read_report(self._frame)
        if documents is None:
            return ReportBrowser(report, self._books_source("browse").books.explain, names=names)
        if as_of is not None:
            report = report.copy(deep=False)
            report.attrs["as_of"] = f"{parse_as_of(as_of):%Y-%m-%d}"
        return ReportBrowser(report, documents, names=names)

    def to_excel(
        self, path: str | Path, names: Names = None, *, storage_options: Mapping[str, str] | None = None
    ) -> None:
        """Write the report as a workbook with definitions and receipts, as `write_workbook` does.

        Parameters
        ----------
        path : str or Path
            The file, or an address such as ``s3://bucket/aging.xlsx``.
        names : mapping or DataFrame, optional
            Names by id, where the report has none.
        storage_options : mapping of str to str, optional
            What an address needs, such as keys; else the environment has it.

        Raises
        ------
        ValueError
            If the frame is not a report, or the file's ending is not .xlsx.
        OSError
            If the file cannot be written; one that was there stays.

        Examples
        --------
        >>> import rutterframe as rf
        >>> banks = pd.DataFrame({"currency": ["EUR"], "balance": [7.0]})
        >>> rf.reports.cash_position(banks).rf.to_excel("cash.xlsx")
        """
        path, options = mask_address(path), wrap_options(storage_options)
        del storage_options
        from rutterframe.views.workbook import write_workbook  # noqa: PLC0415 - XlsxWriter on first use

        write_workbook(path, self._frame, names=names, storage_options=options)

    def _books_source(self, method: str) -> Any:
        """Return what leads to the books of the report."""
        from rutterframe.books.report_source import ENTRY, ReportSource  # noqa: PLC0415 - on first use

        source = self._frame.attrs.get(ENTRY)
        if not isinstance(source, ReportSource):
            name = self._frame.attrs.get("report", "this frame")
            raise ValueError(
                f"{name} does not know its documents: only a report of Books does, and a merge or a file "
                f"loses them. Pass them, such as report.rf.{method}(invoices, as_of='2026-06-30')"
            )
        return source
