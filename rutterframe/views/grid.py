"""How is a report laid out as a table? Ranked, added up for each currency, and written as final texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from great_tables import GT, html, loc, style

from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.specs import ORIGINAL
from rutterframe.views import marks, rows
from rutterframe.views.rows import Names

_ALARM, _LINE = "#B34700", "#999999"
_NUMBERS = (Kind.MONEY, Kind.COUNT, Kind.SHARE)
# Text can be long and without a blank, and must not push the amounts out of sight.
_TEXT, _NAME = "overflow-wrap: anywhere;", "min-width: 8em;"
_UPRIGHT = "white-space: nowrap; font-variant-numeric: tabular-nums;"
# The closing parenthesis hangs to the right, so that the digits stand below each other.
_HANGING = "padding-right: 0;"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a table adds to its report's spec: how to rank, whether to add up, and the columns to show."""

    size: str = ""
    ranked: bool = False
    total: bool = True
    only: tuple[str, ...] = ()


_PARTY = ("customer_id", "customer_name", "vendor_id", "vendor_name", "connection_id")
_ITEM = ("id", *_PARTY, "currency", "status", "due_date", "days_past_due", "bucket")
_MOVED = tuple(f"{side}_{one}" for side in ("from", "to") for one in ("date", "connection_id", "account_id"))
_PLANS = {
    "ar_aging": _Plan(size="total", ranked=True),
    "ap_aging": _Plan(size="total", ranked=True),
    "open_items": _Plan(size="amount_due", only=(*_ITEM, ORIGINAL, "amount_due")),
    "cash_position": _Plan(size="balance"),
    "cash_history": _Plan(),
    "cash_forecast": _Plan(),
    "runway": _Plan(total=False),
    "transfers": _Plan(size="amount", only=(*_MOVED, "currency", ORIGINAL, "amount")),
    "trial_balance": _Plan(total=False),
    "tie_out": _Plan(total=False),
    "revenue_by_product": _Plan(size="revenue", ranked=True),
    "expenses_by_category": _Plan(size="amount", ranked=True),
    "concentration": _Plan(size="amount"),
}


def lay_out(report: pd.DataFrame, *, names: Names = None, most: int | None = None) -> GT:
    """Lay a report out as a table.

    Parameters
    ----------
    report : DataFrame
        A report on pandas, checked by the caller.
    names : mapping or DataFrame, optional
        Names by id.
    most : int, optional
        How many rows to show for each currency; the others become one row.
    """
    plan = _PLANS[report.attrs["report"]]
    columns = _columns(report, plan, named=names is not None)
    keys = [column for column in rows.keys_of(report) if not plan.only or column.name in plan.only]
    added = [name for name in marks.adds_up(report) if name in {column.name for column in columns}]
    frame = rows.named(marks.counted(report), keys, names)
    if "period" in frame:
        frame["period"] = [marks.period(day, report.attrs.get("period")) for day in frame["period"]]
    # One line for each currency needs neither groups nor totals.
    grouped = not (frame["currency"].is_unique and not keys)
    lines: list[list[str]] = []
    for currency, part in marks.by_currency(frame).items():
        shown = _arranged(part, plan, most, keys=keys, added=added)
        texts = [_texts(shown[column.name], column, currency) for column in columns]
        lines += [[currency, "", *cells] for cells in zip(*texts, strict=True)]
        if grouped and plan.total:
            label = marks.total_label(report, currency, len(part))
            lines.append([currency, "total", *_total(part, currency, columns, added, label=label)])
    written = pd.DataFrame(lines, columns=["_currency", "_mark", *(column.name for column in columns)])
    if grouped:
        columns = [column for column in columns if column.name != "currency"]
    return _draw(report, written, columns, grouped=grouped)


def _columns(report: pd.DataFrame, plan: _Plan, *, named: bool) -> list[Column]:
    """Choose and order the columns: period, what names a row, its original currency, then the rest."""
    found = {column.name: column for column in rows.shown(report, named=named)}
    keys = [column.name for column in rows.keys_of(report)]
    first = [name for name in ("period", *keys, "currency", ORIGINAL) if name in found]
    order = plan.only or (*first, *(name for name in found if name not in first))
    return [found[name] for name in order if name in found]


def _arranged(
    part: pd.DataFrame, plan: _Plan, most: int | None, *, keys: Sequence[Column], added: Sequence[str]
) -> pd.DataFrame:
    """Order the rows of a currency, and put those beyond the limit together, in each period."""
    key = keys[0].name if keys else ""
    if "type" in part and not plan.total:
        return rows.by_type(part)
    if "cumulative_share" in part:
        pieces = [rows.first(each, most, key=key, added=added) for each in _split(part, ORIGINAL)]
    elif "inflow" in part:
        pieces = [rows.newest(each, most, added=added) for each in _split(part, "account_id", ORIGINAL)]
    elif keys and (plan.ranked or most is not None):
        each_period = _split(part, "period")
        pieces = [rows.largest(each, plan.size, most, key=key, added=added) for each in each_period]
    else:
        pieces = [part]
    return pd.concat(pieces)


def _split(part: pd.DataFrame, *names: str) -> list[pd.DataFrame]:
    """Split a part by those columns that it has."""
    there = [name for name in names if name in part]
    return [each for _, each in part.groupby(there, dropna=False)] if there else [part]


def _total(
    part: pd.DataFrame, currency: str, columns: Sequence[Column], added: Sequence[str], *, label: str
) -> list[str]:
    """Write the total of a currency; shares of periods add up to no share."""
    added = [name for name in added if not ("period" in part and name == "share")]
    sums = {name: pd.Series([amount], dtype=object) for name, amount in marks.total(part, added).items()}
    sums |= {name: pd.Series([amount], dtype=object) for name, amount in _ends(part).items()}
    cells = [_texts(sums[each.name], each, currency)[0] if each.name in sums else "" for each in columns]
    first = next(place for place, column in enumerate(columns) if column.name != "currency")
    cells[first] = label
    return cells


def _ends(part: pd.DataFrame) -> dict[str, Any]:
    """Say what the cash was at first and is at last: so opening and flows foot to the closing."""
    places = (
        {"opening": 0, **{name: -1 for name in ("closing", "closing_with_usual") if name in part}}
        if "closing" in part
        else {"balance": -1}
        if "inflow" in part
        else {}
    )
    pieces = _split(part, "account_id", ORIGINAL)
    return {name: sum(each[name].iloc[place] for each in pieces) for name, place in places.items()}


def _texts(values: pd.Series[Any], column: Column, currency: str) -> list[str]:
    """Write the values of a column as their kind is written."""
    if column.kind is Kind.MONEY:
        return [marks.money(value, currency) for value in values]
    if column.kind is Kind.FLAG:
        return ["Not compared" if pd.isna(value) else "Yes" if value else "No" for value in values]
    if column.kind is Kind.DAY:
        return [value if isinstance(value, str) else marks.day(value) for value in values]
    if column.name == "bucket":
        return [marks.bucket(value) for value in values]
    write = {Kind.COUNT: marks.count, Kind.SHARE: marks.percent}
    return [write.get(column.kind, marks.text)(value) for value in values]


def _draw(report: pd.DataFrame, written: pd.DataFrame, columns: list[Column], *, grouped: bool) -> GT:
    """Lay the texts out; they are final."""
    names = [column.name for column in columns]
    shown = written[[*(["_currency"] if grouped else []), *names]]
    numbers = [column.name for column in columns[1:] if column.kind in _NUMBERS]
    upright = [column.name for column in columns if column.kind in (*_NUMBERS, Kind.DAY)]
    texts = [name for name in names if name not in upright]
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
        .fmt(_as_html, columns=names)
        .tab_style(style.css(_TEXT), loc.body(texts))
        .tab_style(style.css(_UPRIGHT), loc.body(upright))
        .tab_style(style.css(_NAME), loc.body(texts[:1]))
    )
    for name in numbers:
        hanging = written.index[written[name].str.endswith(")")].tolist()
        table = table.tab_style(style.css(_HANGING), loc.body(name, hanging)) if hanging else table
    return _marked(table, report, written)


def _marked(table: GT, report: pd.DataFrame, written: pd.DataFrame) -> GT:
    """Make totals bold, alarms seen, and say below what the data cannot say."""
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


def _as_html(text: str) -> str:
    """Keep text from being read as markup, and its dollars from being read as formulas by Jupyter."""
    return escape(text, quote=False).replace("$", '<span class="mathjax_ignore">$</span>')


def _alarms(report: pd.DataFrame, written: pd.DataFrame) -> list[int]:
    """Find the rows that do not agree: they are the ones that a reader must not miss."""
    name = report.attrs["report"]
    if name == "tie_out":
        return written.index[written["ok"] == "No"].tolist()
    if name == "trial_balance":
        nothing = written["balance"].str.fullmatch(r"[0.]+")
        return written.index[(written["type"] == "difference") & ~nothing].tolist()
    return []
