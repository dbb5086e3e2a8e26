"""Reports as tables to read and to print: great-tables, one short function for each report.

Every table says its day, its question, when the data was fetched and what the data cannot say; amounts have
the decimals of their currency, negative ones stand in parentheses, and each currency has its own total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd
from great_tables import GT, html, loc, style

from rutterframe.reports.specs import Column, Kind
from rutterframe.views import marks
from rutterframe.views.marks import Names

_ALARM, _LINE = "#B34700", "#999999"
_NUMBERS = (Kind.MONEY, Kind.COUNT, Kind.SHARE)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a table adds to its report's spec: how to rank, whether to add up, and the columns to show."""

    size: str = ""
    ranked: bool = False
    total: bool = True
    only: tuple[str, ...] = ()
    last: str = ""


_ITEM = ("id", "customer_id", "vendor_id", "currency", "status", "due_date", "days_past_due", "bucket")
_PLANS = {
    "ar_aging": _Plan(size="total", ranked=True),
    "ap_aging": _Plan(size="total", ranked=True),
    "open_items": _Plan(size="amount_due", only=(*_ITEM, "amount_due")),
    "cash_position": _Plan(size="balance"),
    "cash_forecast": _Plan(),
    "trial_balance": _Plan(total=False, last="difference"),
    "tie_out": _Plan(total=False),
    "revenue_by_product": _Plan(size="revenue", ranked=True),
    "expenses_by_category": _Plan(size="amount", ranked=True),
}


def aging(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show who owes, or whom we owe, by how long it is past due.

    Parameters
    ----------
    report : DataFrame
        What `ar_aging` or `ap_aging` gave, in pandas.
    names : mapping or DataFrame, optional
        Names by id, such as the frame of the customers; ids are shown without.
    rows : int, optional
        How many of the largest rows to show for each currency; all others become one row.

    Returns
    -------
    GT
        For each currency the rows, largest total first, and their total.

    Raises
    ------
    ValueError
        If it is another report.

    Examples
    --------
    >>> import rutterframe as rf
    >>> with rf.demo() as client:
    ...     invoices = rf.load_invoices(client.connection("roaster-quickbooks"), progress=False)
    >>> table = aging(rf.reports.ar_aging(invoices, "2026-06-30"), rows=5)
    >>> "Total USD" in table.as_raw_html()
    True
    """
    marks.check(report, "ar_aging", "ap_aging")
    return _table(report, names=names, rows=rows)


def open_items(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show the open documents: id, customer or vendor, due date, bucket, status and amount due.

    Parameters
    ----------
    report : DataFrame
        What `open_items` of the reports gave, in pandas.
    names, rows
        As in `aging`.

    Raises
    ------
    ValueError
        If it is another report.
    """
    marks.check(report, "open_items")
    return _table(report, names=names, rows=rows)


def cash_position(report: pd.DataFrame, names: Names = None, *, rows: int | None = None) -> GT:
    """Show the cash at banks, by what the report was made by.

    Parameters
    ----------
    report : DataFrame
        What `cash_position` of the reports gave, in pandas.
    names, rows
        As in `aging`.

    Raises
    ------
    ValueError
        If it is another report.
    """
    marks.check(report, "cash_position")
    return _table(report, names=names, rows=rows)


def cash_forecast(report: pd.DataFrame) -> GT:
    """Show the cash of the coming weeks; receipts and payments have a total, opening and closing have none.

    Raises
    ------
    ValueError
        If it is another report than `cash_forecast`.
    """
    marks.check(report, "cash_forecast")
    return _table(report)


def trial_balance(report: pd.DataFrame) -> GT:
    """Show the ledger by type of account; a difference that is not zero stands out.

    Raises
    ------
    ValueError
        If it is another report than `trial_balance`.
    """
    marks.check(report, "trial_balance")
    return _table(report)


def tie_out(report: pd.DataFrame) -> GT:
    """Show whether a report agrees with its source; a currency that does not stands out.

    Raises
    ------
    ValueError
        If it is another report than `tie_out`.
    """
    marks.check(report, "tie_out")
    return _table(report)


def revenue(report: pd.DataFrame, *, rows: int | None = None) -> GT:
    """Show what was sold, the largest revenue first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        What `revenue_by_product` gave, in pandas. Products are shown by their titles.
    rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Raises
    ------
    ValueError
        If it is another report.
    """
    marks.check(report, "revenue_by_product")
    return _table(report, rows=rows)


def expenses(report: pd.DataFrame, *, rows: int | None = None) -> GT:
    """Show what was spent, the largest category first (in each period, if the report has periods).

    Parameters
    ----------
    report : DataFrame
        What `expenses_by_category` gave, in pandas.
    rows : int, optional
        How many of the largest to show for each currency (and period); all others become one row.

    Raises
    ------
    ValueError
        If it is another report.
    """
    marks.check(report, "expenses_by_category")
    return _table(report, rows=rows)


def _table(report: pd.DataFrame, *, names: Names = None, rows: int | None = None) -> GT:
    plan = _PLANS[report.attrs["report"]]
    columns = [column for column in marks.columns_of(report) if column.name in (plan.only or report.columns)]
    columns.sort(key=lambda column: plan.only.index(column.name) if plan.only else 0)
    if "title" in report:
        columns = [column for column in columns if column.name != "title"]
    if names is not None:
        columns = [replace(column, label=column.label.removesuffix(" id")) for column in columns]
    keys = [column for column in columns if column.kind is Kind.KEY and column.name != "currency"]
    frame = marks.named(marks.counted(report), keys, names)
    # One line for each currency needs neither groups nor totals.
    grouped = not (frame["currency"].is_unique and not keys)
    lines: list[list[str]] = []
    for currency, part in marks.by_currency(frame).items():
        shown = _ranked(part, plan, rows, keys=keys, columns=columns)
        texts = [_texts(shown[column.name], column, currency) for column in columns]
        lines += [[currency, "", *cells] for cells in zip(*texts, strict=True)]
        if grouped and plan.total:
            lines.append([currency, "total", *_total(part, currency, columns)])
    written = pd.DataFrame(lines, columns=["_currency", "_mark", *(column.name for column in columns)])
    if grouped:
        columns = [column for column in columns if column.name != "currency"]
    return _draw(report, written, columns, grouped=grouped)


def _ranked(
    part: pd.DataFrame, plan: _Plan, rows: int | None, *, keys: list[Column], columns: list[Column]
) -> pd.DataFrame:
    """Order the rows of a currency, and put those beyond the limit together, in each period."""
    if plan.last:
        return part.sort_values(keys[0].name, key=lambda values: values == plan.last, kind="stable")
    if not keys or not (plan.ranked or rows is not None):
        return part
    periods = [each for _, each in part.groupby("period", dropna=False)] if "period" in part else [part]
    added = marks.adds_up(columns)
    return pd.concat(
        [marks.largest(each, plan.size, rows, key=keys[0].name, added=added) for each in periods]
    )


def _total(part: pd.DataFrame, currency: str, columns: list[Column]) -> list[str]:
    """Write the total of a currency; shares of periods add up to no share."""
    added = [name for name in marks.adds_up(columns) if not ("period" in part and name == "share")]
    sums = {name: pd.Series([amount], dtype=object) for name, amount in marks.total(part, added).items()}
    cells = [_texts(sums[each.name], each, currency)[0] if each.name in added else "" for each in columns]
    first = next(place for place, column in enumerate(columns) if column.name != "currency")
    cells[first] = f"Total {currency}"
    return cells


def _texts(values: pd.Series[Any], column: Column, currency: str) -> list[str]:
    if column.kind is Kind.MONEY:
        return [marks.money(value, currency) for value in values]
    if column.kind is Kind.FLAG:
        return ["Yes" if value else "No" for value in values]
    write = {Kind.COUNT: marks.count, Kind.SHARE: marks.percent, Kind.DAY: marks.day}
    return [write.get(column.kind, marks.text)(value) for value in values]


def _draw(report: pd.DataFrame, written: pd.DataFrame, columns: list[Column], *, grouped: bool) -> GT:
    """Lay the texts out; the texts are final, great-tables only escapes them."""
    names = [column.name for column in columns]
    shown = written[[*(["_currency"] if grouped else []), *names]]
    numbers = [column.name for column in columns[1:] if column.kind in _NUMBERS]
    upright = [column.name for column in columns if column.kind in (*_NUMBERS, Kind.DAY)]
    mark = f' <strong style="color:{_ALARM}">{marks.DEMO}</strong>' if marks.is_demo(report) else ""
    subtitle = html(escape(marks.question(report)) + mark)
    table = (
        GT(shown, groupname_col="_currency" if grouped else None)
        .tab_header(marks.heading(report), subtitle)
        .cols_label({column.name: column.label for column in columns})
        .cols_align("left", columns=names)
        .cols_align("right", columns=numbers)
        .tab_options(
            table_font_size="13px",
            table_width="100%",
            heading_align="left",
            column_labels_font_weight="bold",
            row_group_font_weight="bold",
            source_notes_font_size="11px",
            data_row_padding="4px",
        )
        .tab_style(style.css("white-space: nowrap; font-variant-numeric: tabular-nums;"), loc.body(upright))
    )
    totals = written.index[written["_mark"] == "total"].tolist()
    if totals:
        cells = loc.body(rows=totals)
        table = table.tab_style([style.text(weight="bold"), style.borders("top", color=_LINE)], cells)
    alarms = _alarms(report, written)
    if alarms:
        table = table.tab_style(style.text(weight="bold", color=_ALARM), loc.body(rows=alarms))
    for line in ([marks.NOTHING] if report.empty else []) + marks.notes(report) + [marks.fetched(report)]:
        table = table.tab_source_note(line)
    return table


def _alarms(report: pd.DataFrame, written: pd.DataFrame) -> list[int]:
    """Find the rows that do not agree: they are the ones that a reader must not miss."""
    name = report.attrs["report"]
    if name == "tie_out":
        return written.index[written["ok"] == "No"].tolist()
    if name == "trial_balance":
        nothing = written["balance"].str.fullmatch(r"[0.]+")
        return written.index[(written["type"] == "difference") & ~nothing].tolist()
    return []
