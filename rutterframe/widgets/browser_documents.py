"""Read the documents behind a cell of a report, add them up, and compare the sum with the cell."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_float_dtype, is_integer_dtype, is_list_like

from rutterframe.currency import minor_units
from rutterframe.frames import csv_format
from rutterframe.notebook.escape import printable
from rutterframe.reports.columns import Rows, Spec
from rutterframe.reports.describe import describe, recognise
from rutterframe.reports.engine.buckets import bucket_range
from rutterframe.reports.explain import explain
from rutterframe.reports.labels import NAME_COLUMNS, Names, cut_ids
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.format import amounts, count, day, money, number, text
from rutterframe.views.layout import lay_out
from rutterframe.widgets.browser_rows import Grid, Key, kind_of

#: How many documents are listed; a copy and the CSV have all of them.
MAX_DOCUMENTS = 200

#: Of how many rows a total can be explained: each of them is explained by itself.
MAX_EXPLAINED = 50

#: What explains a cell: frames, as `explain` of the reports takes them, or a function of row and column.
Explain = Callable[[pd.Series, str | None], pd.DataFrame]
Sources = pd.DataFrame | Mapping[str, pd.DataFrame] | Explain | None

_Drawing = tuple[list[tuple[str, str]], list[list[str]], list[str]]
_SIDES = {"receipts": "invoices", "payments": "bills"}
_SIGNS = {"inflow": 1, "outflow": -1}


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents behind a cell.

    Attributes
    ----------
    frame : DataFrame
        All of them, with all columns.
    heading : str
        The cell that they explain.
    sentence : str
        How many they are, and whether they add up to the cell.
    columns : list of tuple
        The label of each column that is drawn, and its kind: number, day or text.
    rows, total : list
        The texts that are drawn; the total is empty where nothing adds up.
    """

    frame: pd.DataFrame
    heading: str
    sentence: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]
    total: list[str]

    def table(self) -> dict[str, Any]:
        """Return what is drawn: texts only, in their final form."""
        return {
            "heading": self.heading,
            "sentence": self.sentence,
            "columns": [{"label": printable(label), "kind": kind} for label, kind in self.columns],
            "rows": [[printable(cell) for cell in row] for row in self.rows],
            "total": [printable(cell) for cell in self.total],
        }

    def csv(self) -> str:
        """Return all documents as CSV: every column but nested ones, amounts in full."""
        file = io.StringIO(newline="")
        csv_format.write_csv(_flat(self.frame), file)
        return file.getvalue()

    def tabs(self) -> str:
        """Return the same between tabs, as a spreadsheet takes it from the clipboard."""
        return _flat(self.frame).to_csv(sep="\t", index=False, lineterminator="\n")


def read_documents(grid: Grid, key: Key, column: str, sources: Sources, names: Names = None) -> Documents:
    """Read the documents behind a cell.

    Parameters
    ----------
    grid : Grid
        The report.
    key : int or str
        The position of a row in the report, or the currency of a total.
    column : str
        The cell's column; a cell of a name stands for its whole row.
    sources : DataFrame, mapping or callable
        What explains the cell.
    names : mapping or DataFrame, optional
        Names by id.

    Raises
    ------
    ValueError
        If no documents are known, or a total is of more than `MAX_EXPLAINED` rows; and what `explain` raises.
    """
    positions = grid.rows_of(key)
    if len(positions) > MAX_EXPLAINED:
        raise ValueError(
            f"this total is of {len(positions):,} rows, too many to list their documents (expected at most "
            f"{MAX_EXPLAINED}): select a row, or filter first"
        )
    rows = [grid.report.iloc[position] for position in positions]
    bucket = column if grid.spec.party and _is_bucket(column) else None
    frames = [_explain(grid, row, column, bucket, sources) for row in rows]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if len(frames) > 1:
        counts = ("rows", "rows_by_currency")
        frame.attrs = {name: value for name, value in frames[0].attrs.items() if name not in counts}
    if grid.spec.rows is Rows.DAY and column in _SIGNS and "amount" in frame:
        frame = frame[frame["amount"] * _SIGNS[column] > 0]
    sums, cell = _sum_columns(grid, column, frame)
    sentence = f"{_count(grid, frame)}{_compare(grid.spec, rows, frame, sums, cell)}"
    if column == "documents" and grid.spec.rows is Rows.DOCUMENTS:
        expected = int(sum(row[column] for row in rows))
        agrees = "as the cell states" if expected == len(frame) else f"where the cell states {expected:,}"
        sentence = f"{_count(grid, frame)}, {agrees}."
    if len(frame) > MAX_DOCUMENTS:
        sentence += f" The largest {MAX_DOCUMENTS} are listed; Copy and Download CSV have all {len(frame):,}."
    heading = grid.label(key, column)
    if str(frame.attrs.get("report")) in SPECS:
        return Documents(
            frame, heading, sentence, *_open_items(frame, _names_of(grid.report) if names is None else names)
        )
    currency = str(rows[0].get("currency") or "")
    return Documents(frame, heading, sentence, *_plain(frame, sums, currency))


def _explain(
    grid: Grid, row: pd.Series[Any], column: str, bucket: str | None, sources: Sources
) -> pd.DataFrame:
    is_week = grid.spec.rows is Rows.WEEK
    has_sides = callable(sources) or (isinstance(sources, Mapping) and {*_SIDES.values()} <= {*sources})
    if is_week and has_sides and column not in _SIDES:
        raise ValueError("a week has invoices and bills: select its receipts or its payments")
    if callable(sources):
        return sources(row, column if is_week else bucket)
    wanted = " or ".join(grid.spec.sources)
    if sources is None:
        raise ValueError(
            f"the documents behind this report are not known: pass the {wanted} that it was made from, as in "
            f"ReportBrowser(report, {grid.spec.sources[0]})"
        )
    if is_week and isinstance(sources, Mapping) and has_sides:
        other = {*_SIDES.values()} - {_SIDES[column]}
        sources = {name: each for name, each in sources.items() if name not in other}
    documents: pd.DataFrame = explain(row, sources, bucket=bucket)
    return documents


def _is_bucket(column: str) -> bool:
    return column in ("current", "no_due_date", "total") or bucket_range(column) is not None


def _sum_columns(grid: Grid, column: str, frame: pd.DataFrame) -> tuple[str, str]:
    """Return the column of the documents that adds up, and the column of the report that must agree."""
    spec = grid.spec
    # A cell without a number, such as a name, stands for its whole row.
    cell = column if grid.column(column).is_number else spec.size
    if spec.rows in (Rows.DOCUMENTS, Rows.WEEK) and "amount_due" in frame:
        # A week takes a part of what is overdue, so that its documents may be more than the cell.
        return "amount_due", cell if spec.party or cell == "balance" else ""
    if spec.rows is Rows.DAY and "amount" in frame:
        return "amount", cell if cell in _SIGNS else ""
    # Of a report that sums another one, such as the runway, not every column adds up.
    columns = [*map(str, frame.columns)]
    name = recognise(columns)
    of_rows = {} if name is None else {each.name: each for each in describe(name, columns)}
    if spec.rows is Rows.TRANSFER or (cell in of_rows and not of_rows[cell].is_summed):
        return "", ""
    if cell in frame and _is_number(frame[cell]):
        return cell, cell
    return ("amount" if "amount" in frame and _is_number(frame["amount"]) else ""), ""


def _count(grid: Grid, frame: pd.DataFrame) -> str:
    noun = {
        Rows.LINES: "order line",
        Rows.SOURCE: "row",
        Rows.DAY: "transaction",
        Rows.TRANSFER: "transaction",
    }
    singular = "document" if grid.spec.lists_documents else noun.get(grid.spec.rows, "document")
    words = count(len(frame), singular)
    return words[0].upper() + words[1:]


def _is_difference(spec: Spec, row: pd.Series[Any]) -> bool:
    """Return whether a row is what is left of the others, such as that of a trial balance."""
    return bool(spec.zero_row) and row[spec.zero_row[0]] == spec.zero_row[1]


def _compare(spec: Spec, rows: Sequence[pd.Series[Any]], frame: pd.DataFrame, sums: str, cell: str) -> str:
    """State what the documents add up to, and whether the cell is the same."""
    currency = str(rows[0]["currency"])
    codes = {*frame["currency"].dropna()} if "currency" in frame else set()
    if not sums or codes - {currency}:
        return "."
    is_money = is_float_dtype(frame[sums].dtype)
    total = _exact_sum(frame[sums].tolist())
    verb = " adds up to " if len(frame) == 1 else " add up to "
    written = verb + (money(float(total), currency) if is_money else number(total))
    if cell not in rows[0].index or ORIGINAL in rows[0].index or _is_difference(spec, rows[0]):
        return f"{written}." if len(frame) else "."
    gap = total - _exact_sum(row[cell] for row in rows)
    if not len(frame) and not gap:
        return "."
    if round(gap, 8) == 0:
        return f"{written}, as the cell does."
    if spec.rows is Rows.DAY:
        return f"{written}; transfers between own accounts, which are among them, are not in the cell."
    size = money(float(abs(gap)), currency) if is_money else number(abs(gap))
    return (
        f"{written}, {size} {'more' if gap > 0 else 'less'} than the cell: pass the documents that the "
        "report was made from."
    )


def _names_of(report: pd.DataFrame) -> pd.DataFrame | None:
    """Return the names of customers or vendors that the report has, by connection and id."""
    for key in ("customer_id", "vendor_id"):
        if {key, NAME_COLUMNS[key]} <= {*report.columns}:
            columns = [*({"connection_id"} & {*report.columns}), key, NAME_COLUMNS[key]]
            return report[columns].rename(columns={key: "id", NAME_COLUMNS[key]: "name"})
    return None


def _exact_sum(values: Iterable[Any]) -> Decimal:
    """Add up amounts as they are written; missing ones count as nothing."""
    return sum((round(Decimal(str(value)), 8) for value in values if not pd.isna(value)), Decimal(0))


def _open_items(frame: pd.DataFrame, names: Names) -> _Drawing:
    """Lay documents out as every view of them does."""
    layout = lay_out(frame, names, max_rows=MAX_DOCUMENTS, short_ids=True)
    columns = [(column.label, kind_of(column)) for column in layout.columns]
    rows = [
        list(row)
        for group in layout.groups
        for row in zip(*(group.cells[column.name] for column in layout.columns), strict=True)
    ]
    total: list[str] = []
    if len(layout.totals) == 1:
        (summed,) = layout.totals.values()
        total = [summed.label, *(summed.cells.get(column.name, "") for column in layout.columns[1:])]
    return columns, rows, total


def _plain(frame: pd.DataFrame, sums: str, currency: str) -> _Drawing:
    """Lay out rows that are not a report: ids last, the largest first."""
    if frame.empty:
        return [], [], []
    visible = [
        name for name in map(str, frame.columns) if not _is_nested(frame[name]) and frame[name].notna().any()
    ]
    ids = {name for name in visible if name == "id" or name.endswith("_id")}
    numbers = {name for name in visible if _is_number(frame[name])}
    visible.sort(key=lambda name: (name in ids, name in numbers))
    if sums:
        sizes = frame[sums].abs().reset_index(drop=True)
        frame = frame.iloc[sizes.sort_values(ascending=False, kind="stable").index]
    total = _exact_sum(frame[sums].tolist()) if sums else Decimal(0)
    listed = frame.head(MAX_DOCUMENTS)
    codes = [currency] * len(listed)
    if "currency" in listed:
        codes = [currency if pd.isna(code) else str(code) for code in listed["currency"]]
    texts = [_write(cut_ids(listed[name]) if name in ids else listed[name], codes) for name in visible]
    columns = [(name.replace("_", " ").capitalize(), _kind(frame[name])) for name in visible]
    rows = [list(row) for row in zip(*texts, strict=True)]
    if not sums or len({*codes}) > 1:
        return columns, rows, []
    written = amounts([total], [currency])[0] if is_float_dtype(frame[sums].dtype) else number(total)
    cells = [written if name == sums else "" for name in visible]
    return columns, rows, [cells[0] or f"Total of {len(frame):,}", *cells[1:]]


def _write(values: pd.Series[Any], currencies: Sequence[str]) -> list[str]:
    """Write a column: amounts in the decimals of their currencies, or all of them where there are more."""
    if is_datetime64_any_dtype(values.dtype):
        return [day(value) for value in values]
    if not _is_number(values):
        return [text(value) for value in values]
    exact = [None if pd.isna(value) else Decimal(str(value)) for value in values.tolist()]
    places = [minor_units(code) for code in currencies]
    is_amount = is_float_dtype(values.dtype) and all(
        value is None or value == round(value, digits) for value, digits in zip(exact, places, strict=True)
    )
    return amounts(exact, currencies) if is_amount else [number(value) for value in exact]


def _is_number(values: pd.Series[Any]) -> bool:
    return is_float_dtype(values.dtype) or is_integer_dtype(values.dtype)


def _kind(values: pd.Series[Any]) -> str:
    return "number" if _is_number(values) else "day" if is_datetime64_any_dtype(values.dtype) else "text"


def _is_nested(values: pd.Series[Any]) -> bool:
    return any(is_list_like(value) for value in values.head(20).array.tolist())


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a frame without nested columns; a spreadsheet takes its text for text, in one line."""
    flat = frame.drop(columns=[name for name in frame.columns if _is_nested(frame[name])])
    flat = csv_format.escape_formulas(flat)
    for name in flat.columns:
        if _is_number(flat[name]):
            # A negative zero, which some divisions give, is zero.
            flat[name] = flat[name] + 0
        elif not is_datetime64_any_dtype(flat[name].dtype):
            flat[name] = [
                printable(value) if isinstance(value, str) else value for value in flat[name].tolist()
            ]
    return flat
