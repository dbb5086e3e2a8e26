"""Draw a report on a sheet of a workbook: a table and a total for each currency, with live formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from rutterframe.reports.caption import NO_CURRENCY
from rutterframe.reports.columns import Column, Spec
from rutterframe.views.layout import NO_ROWS, Group, Layout, Total
from rutterframe.views.sheets import FIRST_HEADER, Sheet
from rutterframe.views.workbook_layout import parts_of_sum, printed_columns

LIVE = "Totals are live: they add up the rows that the filter shows, each currency for itself."
_NOT_PRINTED = "Ids stand on the right and are not printed."

#: The cells that texts of the first column lead to, by the places of the rows in each group.
Links = Sequence[Mapping[int, str]]


def draw_report(
    sheet: Sheet, layout: Layout, spec: Spec, *, links: Links = (), notes: Sequence[str] = ()
) -> None:
    """Draw a report: title, a table for each currency with its total below, notes."""
    caption = layout.caption
    sheet.head(caption.title, caption.question)
    summed = parts_of_sum(layout, spec)
    rows = sum(len(group.positions) for group in layout.groups)
    totals = draw_tables(sheet, layout, links=links, formulas=_sums(layout.columns, summed))
    own = [NO_ROWS] if not rows else [LIVE] if totals else []
    own += [f"{each} is left out: a cell cannot hold a list." for each in layout.omitted]
    printed = printed_columns(layout.columns)
    own += [_NOT_PRINTED] if printed < len(layout.columns) else []
    sheet.close([*caption.notes, *notes, *own, caption.fetched], printed=printed)


def draw_tables(
    sheet: Sheet,
    layout: Layout,
    *,
    links: Links = (),
    formulas: Mapping[str, Callable[[int], str]] | None = None,
    below: Callable[[Group], None] | None = None,
) -> int:
    """Draw the groups of a layout one below the other, and return how many totals there are.

    Parameters
    ----------
    sheet : Sheet
        After its head.
    layout : Layout
        With as many totals as groups, in their order, or none.
    links : sequence of mapping
        For each group, the cells that texts of the first column lead to.
    formulas : mapping of str to callable, optional
        Of each column with formulas, what returns that of a row.
    below : callable, optional
        Draws more rows below the total of a group.
    """
    several = len(layout.groups) > 1
    totals = [*layout.totals.items()]
    count = 0
    for number, group in enumerate(layout.groups):
        code, total = totals[number] if totals else ("", Total("", {}))
        table = _table_name(sheet.sheet, code, number) if several else ""
        own = links[number] if links else None
        rows = sheet.table(
            layout.columns, group.cells, group.currencies, table=table, formulas=formulas, links=own
        )
        if rows and total.cells:
            _draw_total(sheet, layout, total, rows, code, group)
            count += 1
            if below is not None:
                below(group)
            sheet.height(8)
            sheet.row += 1
    return count


def first_rows(layout: Layout) -> list[int]:
    """Return the row of a sheet on which each group of a layout begins, as `draw_tables` draws them."""
    rows, row = [], FIRST_HEADER + 1
    for group in layout.groups:
        rows.append(row)
        # The rows, a narrow one, the total, another narrow one, the next header.
        row += len(group.positions) + 4
    return rows


def _draw_total(sheet: Sheet, layout: Layout, total: Total, rows: range, currency: str, group: Group) -> None:
    """Add up a group with formulas that follow the filter, and with their exact sums as values."""
    # Excel would take a row that touches the filtered ones for one of them.
    sheet.height(4)
    sheet.row += 1
    names = [column.name for column in layout.columns]
    label = next((place for place, name in enumerate(names) if name not in total.cells), None)
    line: dict[str, Any] = {"bold": True, "top": 1}
    for place in range(len(names)):
        sheet.sheet.write_blank(sheet.row, place, None, sheet.style(**line))
    if label is not None:
        sheet.text(label, total.label, indent=1, **line)
    code = group.currencies[0] if group.currencies else currency
    if "currency" in names and names.index("currency") != label and currency != NO_CURRENCY:
        sheet.text(names.index("currency"), str(code), indent=1, **line)
    for name, exact in total.cells.items():
        place = names.index(name)
        letter = xl_col_to_name(place)
        # ROUND cuts off what floats add to the exact sum.
        decimals = 8 if name in layout.fine else 4
        cells = f"{letter}{rows[0] + 1}:{letter}{rows[-1] + 1}"
        formula = f"=ROUND(SUBTOTAL(109,{cells}),{decimals})"
        sheet.formula(place, formula, float(exact), layout.columns[place], code, **line)
    sheet.row += 1


def _sums(columns: Sequence[Column], summed: tuple[str, list[str]] | None) -> dict[str, Callable[[int], str]]:
    """Return the formula of the column that adds up others of its row."""
    if summed is None:
        return {}
    total, parts = summed
    names = [column.name for column in columns]
    first, last = (xl_col_to_name(names.index(name)) for name in (parts[0], parts[-1]))
    return {total: lambda row: f"=SUM({first}{row + 1}:{last}{row + 1})"}


def _table_name(sheet: Any, code: str, number: int) -> str:
    """Return a name for a table that Excel takes and no other has: that of the sheet, and the currency."""
    name = sheet.get_name()
    words = re.sub(r"\W+", "_", f"{name}_{code}" if code else name)
    words = f"_{words}" if words[0].isdigit() else words
    # Excel does not tell upper from lower case.
    is_plain = re.fullmatch(r"\w+", name) and code.isalpha() and code.isupper()
    return words if is_plain else f"{words}_{sheet.index + 1}_{number + 1}"
