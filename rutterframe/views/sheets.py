"""Draw a sheet of a workbook from its top: values in the format of their kind, ready to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from math import ceil
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from rutterframe.reports.caption import DEMO, DEMO_SENTENCE
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.verdict import agreement
from rutterframe.views.format import excel_format, excel_text
from rutterframe.views.workbook_print import MARGINS, ROW, Page, page_starts

#: The row of the first header; the title, the question and the demo mark stand above it.
FIRST_HEADER = 4

_LONGEST_TEXT = 32_767
_MOST_LINKS = 65_000  # of the 65,530 of a sheet
_WIDEST = 40
_FONT = 10
# Columns are as wide as so many digits of the default font; letters of this one are narrower.
_NARROW = 1.1
# So many rows of a table stand at least on each side of the end of a page, so that no total is alone.
_TOGETHER = 3
# Text is already never a formula; a quote prefix keeps it text when somebody edits the cell.
_LOOKS_LIKE_FORMULA = tuple("=+-@\t\r")
# Excel counts days from here, and has a 29th of February 1900.
_DAY_ZERO, _DAY, _FEBRUARY_1900 = pd.Timestamp("1899-12-30"), pd.Timedelta(days=1), 60
_HEADER: dict[str, Any] = {
    "bold": True,
    "bg_color": "#DDE6EF",
    "bottom": 1,
    "text_wrap": True,
    "valign": "vcenter",
}
_TEXT: dict[str, Any] = {"valign": "top", "align": "left", "indent": 1}
_LINK: dict[str, Any] = {"underline": 1, "font_color": "#0563C1"}


class Sheet:
    """A sheet that is filled from its top: values in the format of their kind, columns as wide as needed."""

    def __init__(
        self,
        book: Workbook,
        name: str,
        *,
        is_demo: bool,
        contents: str = "",
        top: str = "",
        widest: int = _WIDEST,
    ) -> None:
        self.sheet: Any = book.add_worksheet(name)
        self.style = _styles(book)
        self.is_demo = is_demo
        self.row = 0
        self.widths: dict[int, int] = {}
        self._contents, self._top, self._widest = contents, top, widest
        self.sheet.set_default_row(ROW)
        self._headers: list[int] = []
        self._heights: dict[int, float] = {}
        self._within: set[int] = set()
        self._between: set[int] = set()
        self._links = 0

    def head(self, title: str, subtitle: str) -> None:
        """Write the title, the question below it, whether the data is the demo company's, and a way back."""
        self.sheet.write_string(0, 0, title, self.style(bold=True, font_size=14))
        self.sheet.write_string(1, 0, subtitle, self.style(italic=True))
        self.sheet.write_string(
            2, 0, DEMO_SENTENCE if self.is_demo else "", self.style(bold=True, font_color="red")
        )
        self.sheet.set_row(0, 20)
        self._heights[0] = 20
        if self._contents:
            self.sheet.write_url(3, 0, f"internal:{self._contents}", self.style(**_LINK), "Back to the cover")
        self.row = FIRST_HEADER

    def table(
        self,
        columns: Sequence[Column],
        cells: Mapping[str, Sequence[Any]],
        currencies: Sequence[Any] = (),
        *,
        table: str = "",
        formulas: Mapping[str, Callable[[int], str]] | None = None,
        links: Mapping[int, str] | None = None,
    ) -> range:
        """Write a header and rows below it; return the rows' numbers.

        Parameters
        ----------
        columns : sequence of Column
            The columns.
        cells : mapping of str to sequence
            The values of each column.
        currencies : sequence of str
            The currency of each row.
        table : str
            The name of the table, where a sheet has several, each with a filter; else the sheet has one.
        formulas : mapping of str to callable, optional
            Of each column with formulas, what returns that of a row; the cells are their values.
        links : mapping of int to str, optional
            The cells that texts of the first column lead to, by their places among the rows.
        """
        self.header(columns, table=table)
        first = self.row
        count = len(self.rows(columns, cells, currencies, formulas=formulas, links=links))
        self._within.update(range(first + _TOGETHER, self.row - _TOGETHER + 1))
        if table and count:
            names = _distinct([column.label for column in columns])
            headers = [
                {"header": name, "header_format": self._header_style(column)}
                for name, column in zip(names, columns, strict=True)
            ]
            area = (first - 1, 0, self.row - 1, len(columns) - 1)
            self.sheet.add_table(*area, {"name": table, "style": None, "columns": headers})
        else:
            self.sheet.autofilter(first - 1, 0, max(self.row - 1, first), len(columns) - 1)
        return range(first, self.row)

    def rows(
        self,
        columns: Sequence[Column],
        cells: Mapping[str, Sequence[Any]],
        currencies: Sequence[Any],
        *,
        formulas: Mapping[str, Callable[[int], str]] | None = None,
        links: Mapping[int, str] | None = None,
    ) -> range:
        """Write rows without a header, and return their numbers; parameters as of `table`."""
        first = self.row
        for place, column in enumerate(columns):
            values = cells[column.name]
            if column.is_number:
                self._numbers(place, column, values, currencies, (formulas or {}).get(column.name))
            else:
                self._values(place, column, values, currencies, links if place == 0 else None)
        self.row += len(cells[columns[0].name])
        return range(first, self.row)

    def header(self, columns: Sequence[Column], *, table: str = "") -> None:
        """Write a header; the first of a sheet stays in sight, and stands on every page."""
        header = self.row
        labels = [column.label for column in columns]
        for place, label in enumerate(_distinct(labels) if table else labels):
            self.sheet.write_string(header, place, label, self._header_style(columns[place]))
            # The filter's arrow covers the end of the label.
            width = max(ceil(len(label) * 0.6), *map(len, label.split() or [""])) + 2
            self.widths[place] = max(self.widths.get(place, 0), min(width, self._widest))
        wraps = any(len(label) + 2 > self.widths[place] for place, label in enumerate(labels))
        self.height(29 if wraps else 18)
        if not self._headers:
            self.sheet.freeze_panes(header + 1, 1 if len(columns) > 2 else 0)
            self.sheet.repeat_rows(header)
        else:
            self._between.add(header)
        self._headers.append(header)
        self.row += 1

    def text(self, place: int, text: str, *, link: str = "", row: int | None = None, **style: Any) -> None:
        """Write text as text, whatever it begins with."""
        row = self.row if row is None else row
        if len(text) > _LONGEST_TEXT:
            text = text[: _LONGEST_TEXT - 1] + "…"
        if text.startswith(_LOOKS_LIKE_FORMULA):
            style = {**_TEXT, **style, "quote_prefix": True}
        elif len(text) > self._widest:
            style = {**_TEXT, **style, "text_wrap": True}
        if link and self._links < _MOST_LINKS:
            self._links += 1
            self.sheet.write_url(row, place, f"internal:{link}", self.style(**style, **_LINK), text)
        else:
            self.sheet.write_string(row, place, text, self.style(**style))
        self.fit(place, text)

    def formula(
        self, place: int, formula: str, value: float, column: Column, currency: Any, **style: Any
    ) -> None:
        """Write a formula with its value, in the format of its column."""
        digits = excel_format(column.kind, value, currency, is_summed=column.is_summed)
        self.sheet.write_formula(self.row, place, formula, self.style(num_format=digits, **style), value)
        self.fit(place, excel_text(column.kind, value, currency))

    def fit(self, place: int, text: str) -> None:
        """Widen a column so that a text fits."""
        self.widths[place] = max(self.widths.get(place, 0), min(len(text) + 1, self._widest + 3))

    def fold(self, row: int, level: int, *, is_hidden: bool = False, is_collapsed: bool = False) -> None:
        """Put a row into a group that a click opens and closes."""
        self.sheet.set_row(row, None, None, {"level": level, "hidden": is_hidden, "collapsed": is_collapsed})
        if is_hidden:
            self._heights[row] = 0
        else:
            self._within.add(row)

    def height(self, height: float) -> None:
        """Set the height of the current row in points."""
        self.sheet.set_row(self.row, height)
        self._heights[self.row] = height

    def close(self, notes: Sequence[str] = (), *, printed: int = 0) -> None:
        """Write the notes below everything, and set up columns and printing.

        Parameters
        ----------
        notes : sequence of str
            The notes.
        printed : int
            How many columns to print; all if 0.
        """
        last = (printed or max(self.widths, default=0) + 1) - 1
        widths = [self.widths.get(place, 8) for place in range(last + 1)]
        wrap = self.style(text_wrap=True, valign="top")
        if notes:
            self.row += 1
            self._between.add(self.row)
            self.sheet.write_string(self.row, 0, "Notes", self.style(bold=True))
        for note in notes:
            self.row += 1
            if last:
                self.sheet.merge_range(self.row, 0, self.row, last, "", wrap)
            self.sheet.write_string(self.row, 0, note[:_LONGEST_TEXT], wrap)
            self.height(ROW * ceil(len(note) / max(sum(widths) * 1.05, 1)))
        page = self._print(widths)
        for place, size in self.widths.items():
            self.sheet.set_column(place, place, size * page.stretch if place <= last else size)

    def _print(self, widths: Sequence[int]) -> Page:
        """Set up the pages: as wide as the sheet, with no total apart from its rows, and numbered."""
        heights = [self._heights.get(row, ROW) for row in range(self.row + 1)]
        places = {"within": self._within, "between": self._between}
        repeated = self._heights[self._headers[0]] if self._headers else 0
        page, starts = min(
            (
                (page, page_starts(heights, page.height, repeated=repeated, **places))
                for page in Page.candidates(widths)
            ),
            key=lambda each: len(each[1]),
        )
        self.sheet.hide_gridlines(2)
        if not page.is_upright:
            self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.set_margins(**MARGINS)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, self.row, len(widths) - 1)
        if starts:
            self.sheet.set_h_pagebreaks(starts)
        self.sheet.set_header(f"&R{self._top[:200].replace('&', '&&')}")
        self.sheet.set_footer(f"&L{DEMO if self.is_demo else ''}&C&A&RPage &P of &N")
        return page

    def _header_style(self, column: Column) -> Any:
        side = {"align": "right"} if column.is_number else {"indent": 1}
        return self.style(**_HEADER, **side)

    def _numbers(
        self,
        place: int,
        column: Column,
        values: Iterable[Any],
        currencies: Sequence[Any],
        formula: Callable[[int], str] | None,
    ) -> None:
        """Write a column of numbers, or of formulas with their values; a missing one stays blank."""
        formats: dict[Any, Any] = {}
        widest: dict[Any, float] = {}
        is_count = column.kind is Kind.COUNT
        for number, value in enumerate(values):
            if pd.isna(value):
                continue
            currency = currencies[number] if len(currencies) else None
            currency = currency if isinstance(currency, str) else ""
            # What shows no digit has a format of its own, as has a count with decimals.
            odd = value if (is_count and value != int(value)) or -0.5 < value < 0.5 else None
            key = currency, odd
            if key not in formats:
                digits = excel_format(column.kind, value, currency, is_summed=column.is_summed)
                formats[key] = self.style(num_format=digits, valign="top")
            widest[currency] = max(widest.get(currency, 0), abs(value))
            row = self.row + number
            # Excel would show a negative zero with its sign.
            if formula is None:
                self.sheet.write_number(row, place, value or 0, formats[key])
            else:
                self.sheet.write_formula(row, place, formula(row), formats[key], value or 0)
        for currency, value in widest.items():
            self.fit(place, excel_text(column.kind, value, currency))

    def _values(
        self,
        place: int,
        column: Column,
        values: Iterable[Any],
        currencies: Sequence[Any],
        links: Mapping[int, str] | None,
    ) -> None:
        """Write a column of texts, days, flags and what else there is."""
        text, longest = self.style(**_TEXT), 0
        for number, value in enumerate(values):
            row = self.row + number
            if isinstance(value, str):
                plain = len(value) <= self._widest and not value.startswith(_LOOKS_LIKE_FORMULA)
                if plain and not links:
                    self.sheet.write_string(row, place, value, text)
                    longest = max(longest, len(value))
                    continue
                self.text(place, value, row=row, link=(links or {}).get(number, ""), **_TEXT)
                # Neither XlsxWriter nor LibreOffice makes a row as high as its text.
                height = min(ROW * ceil(len(value) / (self._widest * _NARROW)), 300)
                if height > self._heights.get(row, ROW):
                    self._heights[row] = height
                    self.sheet.set_row(row, height)
            elif column.kind is Kind.FLAG:
                alarm: dict[str, Any] = (
                    {"bold": True, "font_color": "red"} if not pd.isna(value) and not value else {}
                )
                self.text(place, agreement(value), row=row, **_TEXT, **alarm)
            elif isinstance(value, (list, tuple)) or not pd.isna(value):
                self._other(row, place, value, column, currencies[number] if len(currencies) else None)
        self.fit(place, "0" * longest)

    def _other(self, row: int, place: int, value: Any, column: Column, currency: Any) -> None:
        """Write a value that is neither text nor, by its column, a number."""
        if isinstance(value, (datetime, date)):
            self._moment(row, place, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            digits = excel_format(column.kind, value, currency)
            self.sheet.write_number(row, place, value or 0, self.style(num_format=digits, valign="top"))
            self.fit(place, excel_text(column.kind, value, currency))
        else:
            self.text(place, str(value), row=row, **_TEXT)

    def _moment(self, row: int, place: int, value: date) -> None:
        """Write a day as a day; Excel knows neither zones nor days before 1900."""
        if value.year < 1900:
            return self.text(place, f"{value}", row=row)
        moment = value if isinstance(value, pd.Timestamp) else pd.Timestamp(value)
        moment = moment if moment.tz is None else moment.tz_convert("UTC").tz_localize(None)
        serial = (moment - _DAY_ZERO) / _DAY
        if serial <= _FEBRUARY_1900:
            serial -= 1
        digits = "yyyy-mm-dd" if serial == int(serial) else "yyyy-mm-dd hh:mm:ss"
        self.sheet.write_number(row, place, serial, self.style(num_format=digits, **_TEXT))
        return self.fit(place, digits)


def cell(sheet: str, row: int, place: int = 0) -> str:
    """Return the address of a cell of another sheet, as a link needs it.

    Examples
    --------
    >>> cell("Bob's", 5)
    "'Bob''s'!A6"
    """
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'!{xl_rowcol_to_cell(row, place)}"


def _distinct(labels: Sequence[str]) -> list[str]:
    """Add numbers to labels that a table has already, since Excel refuses two of one name."""
    distinct: list[str] = []
    for label in labels:
        name, number = label or "Column", 1
        while name.lower() in {each.lower() for each in distinct}:
            number += 1
            name = f"{label or 'Column'} ({number})"
        distinct.append(name)
    return distinct


def _styles(book: Workbook) -> Any:
    """Return a function that adds each format to a workbook once."""

    @cache
    def style(**properties: Any) -> Any:
        return book.add_format({"font_size": _FONT, **properties})

    return style
