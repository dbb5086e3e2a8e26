"""Draw a report for a terminal of some width: names are cut, amounts never, and hidden columns are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress
from operator import not_
from textwrap import wrap
from typing import NamedTuple

import pandas as pd
from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from rutterframe.notebook.escape import printable
from rutterframe.reports.caption import DEMO
from rutterframe.reports.columns import Column, Kind, Spec
from rutterframe.reports.describe import read_report
from rutterframe.reports.labels import Names
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import agreement
from rutterframe.views.layout import NO_ROWS, OTHERS, Layout, lay_out

#: The words for a total that agrees, differs, or was not compared.
FLAGS = (agreement(ok=True), agreement(ok=False), agreement(ok=None))

_CONNECTION = "connection_id"
_REST = "Others"
_WIDEST_NAME, _NARROWEST_NAME = 40, 8
_SHORT_WORDS = {
    "Accounts": "Accts", "Connection": "Conn.", "connection": "conn.", "Cumulative": "Cum.",
    "Currency": "Ccy", "currency": "ccy",
    "Difference": "Diff.", "Documents": "Docs", "Institution": "Inst.", "Original": "Orig.",
    "Quantity": "Qty",
}  # fmt: skip
# A zero in a table, of whatever decimals, or the dash that stands for it.
_ZERO = re.compile("0[.,0]*%?|\N{EN DASH}")


class Line(NamedTuple):
    """The cells of a row; a total stands below the rows of its currency."""

    cells: list[str]
    is_total: bool
    currency: str


class _Fit(NamedTuple):
    """What a table gives up to fit the width.

    Attributes
    ----------
    least : int
        How far names may be cut.
    short : bool
        Whether words of the headings are abbreviated.
    gap : int
        The blanks between columns.
    headed : bool
        Whether the currency stands above its rows instead of in a column.
    folded : bool
        Whether columns of zeros are left out.
    without : frozenset of str
        Which others are left out: "connection", "counts".
    """

    least: int = 18
    short: bool = False
    gap: int = 2
    headed: bool = False
    folded: bool = False
    without: frozenset[str] = frozenset()


_SQUEEZED = _Fit(least=12, short=True, gap=1, headed=True, folded=True)
#: From nothing to much: the first that fits is drawn.
_FITS = (
    _Fit(),
    _Fit(short=True),
    _Fit(short=True, headed=True),
    _Fit(short=True, headed=True, gap=1),
    _SQUEEZED._replace(least=18),
    _SQUEEZED,
    _SQUEEZED._replace(without=frozenset({"connection"})),
    _SQUEEZED._replace(without=frozenset({"connection", "counts"})),
)
# Where none fits, the columns go on below: nothing else is gained by leaving out counts.
_DIVIDED = _SQUEEZED._replace(least=_NARROWEST_NAME, without=frozenset({"connection"}))


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a table.

    Attributes
    ----------
    column : Column
        The column of the report.
    heading : str
        Its label, maybe with abbreviated words.
    cells : list of str
        Those of all lines.
    labels : list of bool
        Which cells are labels of totals and of other rows put together; empty if it is not the first column.
    width, least : int
        How wide it would be, and how wide it must be: numbers and days are never cut.
    """

    column: Column
    heading: str
    cells: list[str]
    labels: list[bool]
    width: int
    least: int


class _Drawing(NamedTuple):
    """The lines of a report, the columns to draw, if currencies stand above rows, and what is left out."""

    title: str
    lines: list[Line]
    fields: list[_Field]
    headed: bool
    zeros: list[str]
    hidden: list[str]


def terminal_report(
    report: pd.DataFrame, names: Names = None, *, max_rows: int | None = None, width: int = 80
) -> Group:
    """Draw a report for a terminal.

    Amounts are never cut: one with its last digits cut off is another one. Where the report is too wide,
    headings are abbreviated, names cut, columns of zeros left out, then the connections beside names, then
    counts; a line below names what is left out. Where that is not enough, the columns go on in a second table
    below, with the names and the total again.

    Parameters
    ----------
    report : DataFrame
        A report on pandas.
    names, max_rows
        As in `rutterframe.views.layout.lay_out`.
    width : int
        The columns of the terminal.

    Examples
    --------
    >>> import pandas as pd, rutterframe as rf
    >>> banks = pd.DataFrame({"currency": ["EUR", "JPY"], "balance": [5.0, 7.0]})
    >>> Console(width=60).print(terminal_report(rf.reports.cash_position(banks), width=60))
    Cash position
    Currency  Accounts  Balance  Overdrawn  Debt
    ...
    """
    report = read_report(report)
    spec = SPECS[report.attrs["report"]]
    draw = partial(
        lay_out, report, customers_only(report, names), max_rows=max_rows, short_ids=True, flags=FLAGS
    )
    whole = draw()
    rows = {True: [*lines(whole)]}
    layouts = {True: whole}
    # Without the connections names are distinct, too.
    is_needless = not spec.compares and _has_connection_beside_names(whole)
    fit, is_whole, drawing = _FITS[0], True, _arrange(whole, rows[True], spec, _FITS[0])
    for narrower in (*_FITS[1:], _DIVIDED):
        if _narrowest(fit, drawing) <= width:
            break
        fit, is_whole = narrower, not (is_needless and "connection" in narrower.without)
        if is_whole not in layouts:
            layouts[is_whole] = draw(without=[_CONNECTION])
            rows[is_whole] = [*lines(layouts[is_whole])]
        drawing = _arrange(layouts[is_whole], rows[is_whole], spec, fit)
    parts = [drawing.fields] if fit is not _DIVIDED else _divide(drawing, spec.size, width)
    pieces: list[RenderableType] = []
    for number, part in enumerate(parts):
        heading = f"\n{drawing.title}, continued" if number else drawing.title
        pieces += [hang(heading, width, style="bold"), _table(drawing, part, fit, width)]
    pieces += [] if drawing.lines else [Text(NO_ROWS)]
    if drawing.zeros:
        pieces.append(hang(f"Zero in every row, and not shown: {', '.join(drawing.zeros)}.", width))
    if left_out := [*([] if is_whole else ["Connection"]), *drawing.hidden]:
        needed = _narrowest(_SQUEEZED, _arrange(whole, rows[True], spec, _SQUEEZED))
        text = f"Not shown in {width} columns: {', '.join(left_out)} (--width {needed} shows all)."
        pieces.append(hang(text, width))
    return Group(*pieces)


def lines(layout: Layout) -> Iterator[Line]:
    """Yield the rows of a layout, and below those of each currency its total."""
    for group in layout.groups:
        rows = zip(*(group.cells[column.name] for column in layout.columns), strict=True)
        for currency, cells in zip(group.currencies, rows, strict=True):
            yield Line([printable(cell) for cell in cells], is_total=False, currency=printable(currency))
        if layout.totals and group.currencies:
            total = layout.totals[group.currencies[0]]
            summed = [column.is_summed and column.kind is not Kind.SHARE for column in layout.columns]
            totals = [
                total.cells[column.name] if has_total else ""
                for column, has_total in zip(layout.columns, summed, strict=True)
            ]
            label = printable(total.label)
            yield Line([label, *totals[1:]], is_total=True, currency=printable(group.currencies[0]))


def customers_only(report: pd.DataFrame, names: Names) -> Names:
    """Return the names of customers for a report of customers only: a vendor keeps its id."""
    return names if "customer_id" in report else None


def is_rest(cell: str) -> bool:
    """Return whether a cell is the label of rows that are put together."""
    return cell.startswith((f"{OTHERS} (", f"{_REST} ("))


def title(layout: Layout) -> str:
    """Return the title of a report; demo data is marked."""
    return f"{layout.caption.title} ({DEMO.lower()})" if layout.caption.is_demo else layout.caption.title


def hang(text: str, width: int, *, first: str = "", rest: str = "", style: str = "") -> Text:
    """Wrap a text at its blanks, with something before its first line and the others."""
    space = max(width - cell_len(rest), _WIDEST_NAME // 2)
    pieces = [piece.plain.rstrip() for piece in Text(text).wrap(Console(width=space), space)]
    return Text("\n".join(f"{rest if place else first}{piece}" for place, piece in enumerate(pieces)), style)


def cut(texts: Sequence[str], width: int) -> list[str]:
    """Cut texts to a width; those that would look alike lose their middle instead of their end.

    Examples
    --------
    >>> cut(["Anna Lee", "Pennine Outfitters", "Pennine Outfitting"], 9)
    ['Anna Lee', 'Penn…ters', 'Penn…ting']
    """
    ends: dict[str, set[str]] = {}
    for text in texts:
        ends.setdefault(_cut_end(text, width), set()).add(text)
    short = [_cut_end(text, width) for text in texts]
    return [
        end if len(ends[end]) == 1 else _cut_middle(text, width)
        for text, end in zip(texts, short, strict=True)
    ]


def _cut_end(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def _cut_middle(text: str, width: int) -> str:
    """Cut out the middle of a text; its end counts in letters, so that none is torn."""
    if cell_len(text) <= width:
        return text
    last = text[-(width // 2) :]
    while cell_len(last) > (width - 1) // 2:
        last = last[1:]
    return set_cell_size(text, width - 1 - cell_len(last)).rstrip() + "…" + last.lstrip("\u200d")


def _arrange(layout: Layout, rows: list[Line], spec: Spec, fit: _Fit) -> _Drawing:
    """Choose the columns of a layout that a fit draws, and measure them."""
    headed = fit.headed and _is_by_currency(layout)
    fields: list[_Field] = []
    zeros, counts = [], []
    for place, column in enumerate(layout.columns):
        if headed and column.name == "currency":
            continue
        # The first cell of a total is its label, whichever column comes first.
        cells = [line.cells[0 if line.is_total and not fields else place] for line in rows]
        if fit.short and not fields:
            cells = [f"{_REST}{cell.removeprefix(OTHERS)}" if is_rest(cell) else cell for cell in cells]
        optional = column.is_number and not spec.compares and column.name not in (spec.size, *spec.needs)
        if fit.folded and optional and rows and all(_ZERO.fullmatch(cell) for cell in cells if cell):
            zeros.append(printable(column.label))
        elif "counts" in fit.without and optional and column.kind is Kind.COUNT and not column.identifies:
            counts.append(printable(column.label))
        else:
            labels = (
                []
                if fields
                else [line.is_total or is_rest(cell) for line, cell in zip(rows, cells, strict=True)]
            )
            fields.append(_field(column, cells, labels, fit))
    return _Drawing(title(layout), rows, fields, headed, zeros, counts)


def _has_connection_beside_names(layout: Layout) -> bool:
    """Return whether the connection is one of several keys: names are distinct without it, too."""
    keys = [column.name for column in layout.columns if column.kind is Kind.KEY and column.name != "currency"]
    return _CONNECTION in keys and len(keys) > 1


def _is_by_currency(layout: Layout) -> bool:
    """Return whether currencies can stand above their rows: each group has one, and another key."""
    currencies = [set(group.currencies) for group in layout.groups]
    keys = [column for column in layout.columns if _is_key(column) and column.name != "currency"]
    distinct = len(set().union(*currencies)) == len(currencies)
    return bool(keys) and distinct and all(len(codes) == 1 for codes in currencies)


def _field(column: Column, cells: list[str], labels: list[bool], fit: _Fit) -> _Field:
    """Measure a column: numbers and days stay whole, text may be cut; the labels of the first are wrapped."""
    heading = printable(column.label)
    if fit.short:
        heading = " ".join(_SHORT_WORDS.get(word, word) for word in heading.split())
    whole = [*compress(cells, labels)]
    body = cells if not labels else [*compress(cells, map(not_, labels))]
    widest = max(map(cell_len, body), default=0)
    word = max(map(cell_len, heading.split()), default=0)
    least_label = max((cell_len(word) for label in whole for word in label.split()), default=0)
    if column.kind not in (Kind.KEY, Kind.TEXT):
        least = max(widest, word, least_label)
        return _Field(column, heading, cells, labels, max([least, *map(cell_len, whole)]), least)
    width = max([min(max(widest, word), _WIDEST_NAME), *map(cell_len, whole)])
    least = min(widest, fit.least if labels else _NARROWEST_NAME)
    least = max(least, min(word, _NARROWEST_NAME) if fit.short else word, least_label)
    return _Field(column, heading, cells, labels, width, least)


def _narrowest(fit: _Fit, drawing: _Drawing) -> int:
    """Return how wide a table must be at least."""
    return _sum_widths([field.least for field in drawing.fields], fit.gap)


def _sum_widths(widths: Sequence[int], gap: int) -> int:
    return sum(widths) + gap * max(len(widths) - 1, 0)


def _divide(drawing: _Drawing, size: str, width: int) -> list[list[_Field]]:
    """Divide columns into as many parts as fit; what identifies a row, and its total, stand in each."""
    always = [field for field in drawing.fields if _is_key(field.column) or field.column.name == size]
    parts: list[list[_Field]] = [[]]
    for field in drawing.fields:
        if field in always:
            continue
        needed = _sum_widths([each.least for each in (*always, *parts[-1], field)], _DIVIDED.gap)
        if parts[-1] and needed > width:
            parts.append([])
        parts[-1].append(field)
    return [[field for field in drawing.fields if field in always or field in part] for part in parts]


def _is_key(column: Column) -> bool:
    """Return whether a column tells what a row is of."""
    return column.kind in (Kind.KEY, Kind.DAY) or column.identifies


def _fitted(fields: Sequence[_Field], gap: int, width: int) -> list[int]:
    """Return the widths of columns: the widest names are cut until all fit."""
    widths = [field.width for field in fields]
    while _sum_widths(widths, gap) > width:
        places = [place for place, field in enumerate(fields) if widths[place] > field.least]
        if not places:
            break
        widths[max(places, key=lambda place: widths[place] - fields[place].least)] -= 1
    return widths


def _table(drawing: _Drawing, fields: list[_Field], fit: _Fit, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, fit.gap - 1, 0, 0), pad_edge=False)
    columns = []
    for field, wide in zip(fields, _fitted(fields, fit.gap, width), strict=True):
        heading = Text("\n".join(wrap(" ".join(cut(field.heading.split(), wide)), wide)))
        if field.column.is_number:
            table.add_column(heading, width=wide, justify="right", overflow="fold")
        else:
            table.add_column(heading, width=wide, overflow="ellipsis")
        columns.append(_texts(field, wide))
    currency = None
    for line, texts in zip(drawing.lines, zip(*columns, strict=True), strict=True):
        if drawing.headed and line.currency != currency:
            table.add_row(Text(line.currency), style="bold")
            currency = line.currency
        table.add_row(*texts, style="bold" if line.is_total else "", end_section=line.is_total)
    return table


def _texts(field: _Field, width: int) -> list[Text]:
    """Return the cells of a column in its width: names cut, labels wrapped."""
    is_name = field.column.kind in (Kind.KEY, Kind.TEXT)
    cells = cut(field.cells, width) if is_name else field.cells
    texts = [_coloured(field.column, cell) for cell in cells]
    for place in compress(range(len(texts)), field.labels):
        texts[place] = Text("\n".join(wrap(field.cells[place], width)))
    return texts


def _coloured(column: Column, text: str) -> Text:
    is_negative = column.kind is Kind.MONEY and text.startswith("(")
    return Text(text, style="red" if is_negative or text == FLAGS[1] else "")
