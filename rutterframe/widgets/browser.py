"""Browse a report in a notebook: sort and filter it, and select a cell to see the documents behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import traitlets
from IPython.display import HTML, display

try:
    import anywidget
except ImportError:
    raise ImportError('ReportBrowser needs anywidget: pip install "rutterframe[lab]"') from None

from rutterframe.notebook.escape import printable
from rutterframe.reports.labels import Names
from rutterframe.views import tables
from rutterframe.views.format import count
from rutterframe.widgets.browser_documents import Documents, Sources, read_documents
from rutterframe.widgets.browser_rows import Grid, Key

_HINT = (
    "Arrow keys move; Enter or a click shows the documents behind a cell, on a column's name it sorts; "
    "Escape closes."
)
_HERE = Path(__file__).parent
_WITHOUT_KERNEL = (
    "Without a kernel this is the table alone: run the cell again to sort and filter it, and to see the "
    "documents behind a cell."
)
#: How many rows of each currency the table has that stays in the saved notebook.
_STATIC_ROWS = 50


class ReportBrowser(anywidget.AnyWidget):
    """Sort and filter a report, and select a cell to see the documents behind it.

    Parameters
    ----------
    report : DataFrame
        Any report on pandas.
    documents : DataFrame, mapping or callable, optional
        What the report was made from: the documents, several frames by the names of the report's arguments,
        as `explain` of the reports takes them, or a function that returns the documents of a row and a
        bucket of an aging, or a side of a forecast (None for any other cell), such as `Books.explain`.
    names : mapping or DataFrame, optional
        Names by id.
    max_rows : int, optional
        How many rows of each currency are shown at first; by default 100.

    Attributes
    ----------
    selected : tuple or None
        The position of a row in the report, or the currency of a total, and a column. Can be set and
        observed: ``browser.observe(handler, "selected")``.
    filter : str
        Words that the shown rows contain; can be set and observed.

    Raises
    ------
    TypeError
        If the report is not a pandas DataFrame.
    ValueError
        If it is not a report; and when ``selected`` is set to a cell that does not exist.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("gear-xero"), progress=False)
    >>> browser = ReportBrowser(rf.reports.ar_aging(invoices, "2026-06-30"), invoices)
    >>> browser.selected = (0, "total")
    >>> browser.documents["currency"].unique().tolist()
    ['EUR']
    >>> browser
    <ReportBrowser: Receivables aging as of 2026-06-30, 25 rows>
    """

    _esm = _HERE / "browser.js"
    _css = _HERE / "browser.css"
    _table = traitlets.Dict().tag(sync=True)
    _documents = traitlets.Dict().tag(sync=True)
    _cell: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _status = traitlets.Unicode(_HINT).tag(sync=True)
    _static = traitlets.Unicode().tag(sync=True)

    selected = traitlets.Any(None, allow_none=True)
    filter = traitlets.Unicode("")

    def __init__(
        self,
        report: pd.DataFrame,
        documents: Sources = None,
        *,
        names: Names = None,
        max_rows: int | None = None,
    ) -> None:
        self._grid = Grid(report, names, max_rows=max_rows)
        self._sources, self._names = documents, names
        self._result: Documents | Exception | None = None
        super().__init__(_table=self._grid.table(), _static=uuid4().hex)
        self.on_msg(self._receive)

    @property
    def documents(self) -> pd.DataFrame | None:
        """The documents behind the selected cell, None before one is selected; raises what kept them away."""
        if isinstance(self._result, Exception):
            raise self._result
        return None if self._result is None else self._result.frame

    def csv(self) -> str:
        """Return the documents behind the selected cell as CSV, with every column but nested ones.

        Returns
        -------
        str
            A line for each document, and one with the columns before; empty without a selection.

        Examples
        --------
        >>> import pandas as pd, rutterframe as rf
        >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
        >>> browser = ReportBrowser(rf.reports.cash_position(banks), banks)
        >>> browser.selected = (0, "balance")
        >>> browser.csv().splitlines()
        ['id,currency,balance', 'a,EUR,7.0']
        """
        return self._listed().csv()

    def sort(self, column: str | None, *, descending: bool = False) -> None:
        """Sort the rows of each currency by a column; by None as every view of the report does.

        Parameters
        ----------
        column : str or None
            The column's name.
        descending : bool
            Whether the largest comes first.

        Raises
        ------
        ValueError
            If the view has no such column.

        Examples
        --------
        >>> import pandas as pd, rutterframe as rf
        >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
        >>> browser = ReportBrowser(rf.reports.cash_position(banks), banks)
        >>> browser.sort("balance", descending=True)
        """
        self._grid.sort = None if column is None else (self._grid.column(column).name, descending)
        self._table = self._grid.table()

    def show_more(self) -> None:
        """Show more rows of each currency.

        Examples
        --------
        >>> import pandas as pd, rutterframe as rf
        >>> banks = pd.DataFrame({"id": ["a"], "currency": ["EUR"], "balance": [7.0]})
        >>> browser = ReportBrowser(rf.reports.cash_position(banks), banks)
        >>> browser.show_more()
        """
        self._grid.show_more()
        self._table = self._grid.table()

    def __repr__(self) -> str:
        """State what is browsed: a saved notebook has this where a widget cannot be drawn."""
        rows = len(self._grid.report)
        what = f"{printable(self._grid.layout.caption.title)}, {rows:,} {'row' if rows == 1 else 'rows'}"
        return f"<ReportBrowser: {what}>"

    def _ipython_display_(self) -> None:
        """Show the widget, and below a table that stays in the saved notebook, which the widget hides."""
        data, metadata = self._repr_mimebundle_() or ({}, {})
        # What is shown in place of the widget where there is none, such as in an export: the table follows.
        display({**data, "text/html": "<span></span>"}, metadata=metadata, raw=True)
        display(HTML(f'<div class="rutterframe-static-{self._static}">{self._static_table()}</div>'))

    def _static_table(self) -> str:
        table = tables.for_report(self._grid.report, names=self._names, max_rows=_STATIC_ROWS)
        return f"{table.as_raw_html()}<p>{_WITHOUT_KERNEL}</p>"

    def _listed(self) -> Documents:
        if self._result is None:
            raise ValueError("no cell is selected: select one first, such as browser.selected = (0, 'total')")
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    @traitlets.validate("selected")
    def _validate_selected(self, proposal: dict[str, Any]) -> tuple[Key, str] | None:
        """Refuse what is not a cell of the report."""
        value = proposal["value"]
        if value is None:
            return None
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise ValueError(f"selected={value!r} is not a cell (expected a row and a column: (0, 'total'))")
        key, column = value
        self._grid.rows_of(key)
        return key, self._grid.column(column).name

    @traitlets.observe("selected")
    def _selected_changed(self, _: object) -> None:
        table: dict[str, Any] = {}
        if self.selected is None:
            self._result, cell, status = None, [], _HINT
        else:
            key, column = self.selected
            try:
                listed = read_documents(self._grid, key, column, self._sources, self._names)
            except Exception as error:  # noqa: BLE001 - the page shows what went wrong, `documents` raises it
                self._result, status = error, printable(str(error))
            else:
                self._result, table, status = listed, listed.table(), listed.sentence
            cell = [key, column]
        with self.hold_sync():
            self._documents, self._cell, self._status = table, cell, status

    @traitlets.observe("filter")
    def _filter_changed(self, _: object) -> None:
        self._grid.filter = self.filter
        if self.selected is not None and isinstance(self.selected[0], str):
            # The total is now one of other rows.
            self.selected = None
        self._table = self._grid.table()

    def _receive(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        """Do what the page asks for, and answer what it states."""
        answer: dict[str, str] = {}
        try:
            match message:
                case {"select": [key, str(column)]}:
                    self.selected = (key, column)
                case {"select": None}:
                    self.selected = None
                case {"filter": str(text)}:
                    self.filter = text
                case {"sort": str(column)}:
                    self._grid.sort_next(column)
                    self._table = self._grid.table()
                case {"more": _}:
                    self.show_more()
                case {"fetch": "csv" | "copy" as form}:
                    answer = self._texts(form)
        except ValueError as error:
            answer = {"status": printable(str(error))}
        self.send({"status": self._status, **answer})

    def _texts(self, form: str) -> dict[str, str]:
        """Return the documents as text; it is not part of the state, which a notebook may save."""
        listed = self._listed()
        rows = count(len(listed.frame), "row")
        if form == "copy":
            return {"text": listed.tabs(), "status": f"Copied {rows}."}
        words = re.sub(r"\W+", "-", f"{self._grid.name} {listed.heading.partition(':')[0]}").strip("-")
        name = f"{words[:80]}.csv"
        return {"csv": listed.csv(), "name": name, "status": f"Downloaded {rows} as {name}."}
