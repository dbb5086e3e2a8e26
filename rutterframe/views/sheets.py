"""Draw a sheet of a workbook from its top: values in the format of their kind, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from math import ceil
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from rutterframe.reports.caption import DEMO, DEMO_SENTENCE
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.verdict import agreement
from rutterframe.views.format import excel_format, excel_text

_LONGEST_TEXT = 32_767
_WIDEST = 56
_PORTRAIT = 95  # a sheet up to this width is printed upright
# Text is already never a formula; a quote prefix keeps it text when somebody edits the cell.
_LOOKS_LIKE_FORMULA = tuple("=+-@\t\r")


class Sheet:
    """A sheet that is filled from its top: values in the format of their kind, columns as wide as needed."""

    def __init__(self, book: Workbook, name: str, *, is_demo: bool) -> None:
        self.sheet: Any = book.add_worksheet(name)
        self.style = _styles(book)
        self.is_demo = is_demo
        self.row = 0
        self.widths: dict[int, int] = {}

    def head(self, title: str, subtitle: str) -> None:
        """Write the title, the question below it, and whether the data is the demo company's."""
        self.sheet.write_string(0, 0, title, self.style(bold=True, font_size=14))
        self.sheet.write_string(1, 0, subtitle, self.style(italic=True))
        self.sheet.write_string(
            2, 0, DEMO_SENTENCE if self.is_demo else "", self.style(bold=True, font_color="red")
        )
        self.row = 4

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Any]], currencies: Sequence[Any] = ()
    ) -> range:
        """Write a header that stays in sight, and rows with a filter below it; return the rows' numbers."""
        header = self.row
        self.sheet.set_row(header, 32)
        fill = {"bold": True, "bg_color": "#DDE6EF", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        for place, column in enumerate(columns):
            side = {"align": "right"} if column.is_number else {"indent": 1}
            self.sheet.write_string(header, place, column.label, self.style(**fill, **side))
            # The filter's arrow covers the end of the label.
            self.widths[place] = max(ceil(len(column.label) * 0.6), *map(len, column.label.split())) + 4
        for number, values in enumerate(rows):
            self.row += 1
            currency = currencies[number] if len(currencies) else None
            for place, (column, value) in enumerate(zip(columns, values, strict=True)):
                self.write(place, value, column.kind, currency=currency)
            # Neither XlsxWriter nor LibreOffice makes a row as high as its text.
            lines = max((ceil(len(value) / _WIDEST) for value in values if isinstance(value, str)), default=1)
            if lines > 1:
                self.sheet.set_row(self.row, min(15 * lines, 300))
        self.sheet.freeze_panes(header + 1, 0)
        self.sheet.repeat_rows(header)
        self.sheet.autofilter(header, 0, max(self.row, header + 1), len(columns) - 1)
        self.row += 1
        return range(header + 1, self.row)

    def write(self, place: int, value: Any, kind: Kind, *, currency: Any = None) -> None:
        """Write one value of the row in the format of its kind."""
        if not isinstance(value, (str, list, tuple)) and pd.isna(value):
            if kind is Kind.FLAG:
                self.text(place, agreement(ok=None), self.style(valign="top", indent=1))
            return
        if kind is Kind.FLAG:
            alarm = {} if value else {"bold": True, "font_color": "red"}
            self.text(place, agreement(value), self.style(valign="top", indent=1, **alarm))
        elif isinstance(value, (datetime, date)):
            self._moment(place, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            digits = excel_format(kind, value, currency)
            # Excel would show a negative zero with its sign.
            self.sheet.write_number(self.row, place, value or 0, self.style(num_format=digits, valign="top"))
            self.fit(place, excel_text(kind, value, currency))
        else:
            self.text(place, str(value), self.style(valign="top", align="left", indent=1))

    def text(self, place: int, text: str, style: Any) -> None:
        """Write text as text, whatever it begins with."""
        if len(text) > _LONGEST_TEXT:
            text = text[: _LONGEST_TEXT - 1] + "…"
        if text.startswith(_LOOKS_LIKE_FORMULA):
            style = self.style(quote_prefix=True, valign="top", align="left", indent=1)
        elif len(text) > _WIDEST:
            style = self.style(text_wrap=True, valign="top", align="left", indent=1)
        self.sheet.write_string(self.row, place, text, style)
        self.fit(place, text)

    def _moment(self, place: int, value: date) -> None:
        """Write a day as a day; Excel knows neither zones nor days before 1900."""
        if pd.Timestamp(value).year < 1900:
            return self.text(place, f"{value}", self.style())
        moment = pd.Timestamp(value)
        moment = moment if moment.tz is None else moment.tz_convert("UTC").tz_localize(None)
        digits = "yyyy-mm-dd" if moment == moment.normalize() else "yyyy-mm-dd hh:mm:ss"
        style = self.style(num_format=digits, align="left", valign="top", indent=1)
        self.sheet.write_datetime(self.row, place, moment.to_pydatetime(warn=False), style)
        return self.fit(place, digits)

    def fit(self, place: int, text: str) -> None:
        """Widen a column so that a text fits."""
        self.widths[place] = max(self.widths.get(place, 0), min(len(text) + 3, _WIDEST + 3))

    def close(self, notes: Sequence[str] = ()) -> None:
        """Write the notes below everything, and set up columns and printing."""
        last = max(self.widths, default=0)
        width = sum(self.widths.values()) or 1
        wrap = self.style(text_wrap=True, valign="top")
        if notes:
            self.row += 1
            self.sheet.write_string(self.row, 0, "Notes", self.style(bold=True))
        for note in notes:
            self.row += 1
            if last:
                self.sheet.merge_range(self.row, 0, self.row, last, "", wrap)
            self.sheet.write_string(self.row, 0, note[:_LONGEST_TEXT], wrap)
            self.sheet.set_row(self.row, 15 * ceil(len(note) / max(width * 1.05, 1)))
        for place, size in self.widths.items():
            self.sheet.set_column(place, place, size)
        self.sheet.hide_gridlines(2)
        if width > _PORTRAIT:
            self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f"&L{DEMO if self.is_demo else ''}&C&A&RPage &P of &N")


def _styles(book: Workbook) -> Any:
    """Return a function that adds each format to a workbook once."""

    @cache
    def style(**properties: Any) -> Any:
        return book.add_format(properties)

    return style
