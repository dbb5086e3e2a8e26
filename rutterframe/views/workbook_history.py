"""Draw a cash history by month, with the days of each month folded."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from rutterframe.reports.caption import NO_CURRENCY
from rutterframe.reports.columns import Aggregate, Kind
from rutterframe.views.layout import NO_ROWS, Group, Layout
from rutterframe.views.sheets import Sheet
from rutterframe.views.workbook_layout import printed_columns

_FOLDED = "The days of each month are folded: the + beside it, or the 3 above, shows them."
_MONTH = {"num_format": "yyyy-mm", "align": "left", "indent": 1}


def draw_history(sheet: Sheet, layout: Layout) -> None:
    """Draw a cash history: the flows of each month and the balance at its end, and a total for each currency.

    The flows of a month are subtotals of its days, its balance is that of its last day.
    """
    sheet.head(layout.caption.title, layout.caption.question)
    columns = layout.columns
    keys = [
        column.name
        for column in columns
        if column.name != "date" and (column.kind is Kind.KEY or column.identifies)
    ]
    for group in layout.groups:
        sheet.header(columns)
        for _, run in groupby(range(len(group.positions)), lambda row: _key(group, keys, row)):  # noqa: B023 - used at once
            _draw_balance(sheet, layout, group, [*run])
            sheet.row += 1
    notes = [_FOLDED] if layout.totals else [NO_ROWS]
    printed = printed_columns(columns)
    sheet.close([*layout.caption.notes, *notes, layout.caption.fetched], printed=printed)


def _key(group: Group, keys: list[str], row: int) -> tuple[str, ...]:
    return tuple(str(group.cells[name][row]) for name in keys)


def _draw_balance(sheet: Sheet, layout: Layout, group: Group, rows: list[int]) -> None:
    """Draw the months of a currency or an account, and their total."""
    months = []
    first = sheet.row
    for _, run in groupby(rows, lambda row: str(group.cells["date"][row])[:7]):
        days = [*run]
        cells = {name: [values[day] for day in days] for name, values in group.cells.items()}
        for number in range(len(days)):
            sheet.fold(sheet.row + number, 2, is_hidden=True)
        currencies = [group.currencies[day] for day in days]
        written = sheet.rows(layout.columns, cells, currencies)
        sheet.fold(sheet.row, 1, is_collapsed=True)
        moment = pd.Timestamp(cells["date"][0]).replace(day=1)
        style = sheet.style(**_MONTH)
        place = [column.name for column in layout.columns].index("date")
        sheet.sheet.write_datetime(sheet.row, place, moment.to_pydatetime(warn=False), style)
        _draw_line(sheet, layout, cells, currencies[0], written)
        months.append(sheet.row)
        sheet.row += 1
    cells = {name: [values[row] for row in rows] for name, values in group.cells.items()}
    line: dict[str, Any] = {"bold": True, "top": 1}
    for place in range(len(layout.columns)):
        sheet.sheet.write_blank(sheet.row, place, None, sheet.style(**line))
    code = group.currencies[rows[0]]
    sheet.text(0, f"Total {code or NO_CURRENCY}", indent=1, **line)
    _draw_line(sheet, layout, cells, code, range(first, months[-1] + 1), **line)
    sheet.row += 1


def _draw_line(
    sheet: Sheet, layout: Layout, cells: dict[str, list[Any]], currency: Any, rows: range, **style: Any
) -> None:
    """Draw flows as the subtotals of rows, balances as that of the last one, and what all rows share."""
    for place, column in enumerate(layout.columns):
        letter, values = xl_col_to_name(place), cells[column.name]
        if column.is_summed:
            # 9 counts rows that are folded; a subtotal leaves out the subtotals among its rows.
            formula = f"=SUBTOTAL(9,{letter}{rows[0] + 1}:{letter}{rows[-1] + 1})"
            value = _exact([each for each in values if not pd.isna(each)])
            sheet.formula(place, formula, value, column, currency, **style)
        elif column.aggregate is Aggregate.LAST and not pd.isna(values[-1]):
            sheet.formula(place, f"={letter}{rows[-1] + 1}", values[-1], column, currency, **style)
        elif column.name != "date" and isinstance(values[0], str) and "top" not in style:
            sheet.text(place, values[0], align="left", indent=1)


def _exact(values: list[float]) -> float:
    """Add up amounts exactly."""
    return float(sum(round(Decimal(str(each)), 8) for each in values))
