"""Lay a report out: columns, rows by currency, the row of those not shown, totals and notes.

Every view draws a `Layout`: `tables`, `text` and `page` one with texts, `workbook` one with values, which
`workbook_layout` lays out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import takewhile
from math import fsum
from typing import Any

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.caption import NO_CURRENCY, Caption, total_labels
from rutterframe.reports.columns import Aggregate, Column, Kind, Order, Spec
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import IS_MISSING, NAME_COLUMNS, Names, cut_ids, label_keys
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.format import ZERO, day, format_values, number

#: Stands in a view of a report without rows.
NO_ROWS = "The report has no rows."

#: Begins the label of the row that stands for all that are not shown.
OTHERS = "All others"

#: The position of that row, which stands for several rows of the report.
FOLDED = -1

#: The words for a total that agrees, differs, or was not compared.
YES_NO = ("Yes", "No", "Not compared")

_CONNECTION = "connection_id"
#: What identifies a row for a machine stands behind what does for a reader.
_LAST = ("id", _CONNECTION)
_TYPES = ("asset", "liability", "equity", "revenue", "expense")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a layout: those of one currency, or all where a report has no totals.

    Attributes
    ----------
    currencies : list of str
        The currency of each row.
    cells : mapping of str to list
        The texts or values of each column.
    alarms : list of int
        The places of rows that must stand out, since they do not agree.
    positions : list of int
        The position of each row in the report; `FOLDED` for the row of those not shown.
    """

    currencies: list[str]
    cells: Mapping[str, list[Any]]
    alarms: list[int]
    positions: list[int]


@dataclass(frozen=True, slots=True)
class Total:
    """The total of a currency: its label, and the text or exact value of each column that has one."""

    label: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """A report as every view draws it.

    Attributes
    ----------
    caption : Caption
        Title, question, demo mark, notes, and when the data was fetched.
    columns : list of Column
        In order, the currency among them, with labels as a reader sees them.
    groups : list of Group
        The rows, in order.
    totals : mapping of str to Total
        By currency; empty where a report has none.
    is_grouped : bool
        Whether a currency can have several rows, so that a table needs groups and totals.
    whole : mapping of str to mapping
        The whole ids by those that are cut, of each column with any.
    omitted : list of str
        The columns that are left out: of values those with lists, since a cell cannot hold one; of texts the
        labels of those that the spec of the report does not show.
    fine : set of str
        The columns of values with an amount of more than four decimals.
    """

    caption: Caption
    columns: list[Column]
    groups: list[Group]
    totals: Mapping[str, Total]
    is_grouped: bool
    whole: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    omitted: Sequence[str] = ()
    fine: frozenset[str] = frozenset()


def lay_out(
    report: pd.DataFrame,
    names: Names = None,
    *,
    max_rows: int | None = None,
    short_ids: bool = False,
    flags: Sequence[str] = YES_NO,
    without: Collection[str] = (),
) -> Layout:
    """Lay a report out with texts.

    Parameters
    ----------
    report : DataFrame
        A report on pandas, as `read_report` returns it.
    names : mapping or DataFrame, optional
        Names by id.
    max_rows : int, optional
        How many rows to show for each currency; the others become one row.
    short_ids : bool
        Whether to cut long ids as far as they differ; never those of a comparison.
    flags : sequence of str
        The words for true, false and null.
    without : collection of str
        Columns to leave out; where names of several connections are the same, each then has its own.
    """
    spec, about = SPECS[report.attrs["report"]], report.attrs
    columns, keys = choose_columns(report, named=names is not None, without=without)
    short = short_ids and not spec.compares
    ticks = in_ticks(report)
    frame = label_keys(ticks, keys, names, short=short)
    for column in columns if short else ():
        if column.kind is Kind.TEXT and column.name.endswith("_id"):
            frame[column.name] = cut_ids(frame[column.name])
    key, labels = keys[0].name if keys else "", total_labels(report)
    by_currency = spec.has_totals or spec.order is Order.TYPES
    groups, totals = [], {}
    parts = frame.groupby("currency", sort=False) if by_currency else [("", frame)]
    for currency, part in ((str(code), part) for code, part in parts):
        rows = arrange(part, spec, max_rows, key=key, columns=columns_of(report))
        sums = aggregate(part, columns, [name for name in spec.within if name != "period"])
        lists = {
            column.name: [*rows[column.name].array.tolist(), sums.get(column.name)] for column in columns
        }
        currencies = [*rows["currency"].tolist(), currency]
        cells = _texts(lists, columns, currencies, flags=flags, period=str(about.get("period", "")))
        total = {name: texts.pop() for name, texts in cells.items()}
        groups.append(
            Group(currencies[:-1], cells, _alarms(cells, columns, spec, flags), rows.index.tolist())
        )
        if spec.has_totals:
            # Shares of periods have no total, nor has what is not money: a running share, a first day.
            has_total = [
                each.name
                for each in columns
                if each.kind is Kind.MONEY
                or (each.is_summed and not (each.kind is Kind.SHARE and "period" in part))
            ]
            texts = {name: total[name] for name in has_total if name in sums}
            totals[currency] = Total(labels[currency], texts)
    is_grouped = bool(keys) or not frame["currency"].is_unique
    cut = _cut(frame, label_keys(ticks, keys, names), columns) if short else {}
    present = {column.name for column in columns} | {*NAME_COLUMNS.values(), _CONNECTION}
    omitted = [each.label for each in columns_of(report) if spec.columns_shown and each.name not in present]
    return Layout(Caption.of(report), columns, groups, totals, is_grouped, cut, omitted)


def _cut(short: pd.DataFrame, whole: pd.DataFrame, columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """Return the whole ids by those that were cut, column by column."""
    cut = {}
    for column in columns:
        if column.name == "id" or column.name.endswith("_id"):
            pairs = zip(short[column.name].tolist(), whole[column.name].tolist(), strict=True)
            cut[column.name] = {
                text: complete for text, complete in pairs if isinstance(text, str) and text != complete
            }
    return cut


def choose_columns(
    report: pd.DataFrame, *, named: bool = False, without: Collection[str] = ()
) -> tuple[list[Column], list[Column]]:
    """Choose and order the columns that a reader sees, and those among them that identify a row.

    A name stands in for its id, and a connection is a key beside others only where there are several.

    Parameters
    ----------
    report : DataFrame
        A report.
    named : bool
        Whether the caller has names, so that no column shows ids.
    without : collection of str
        Columns to leave out.

    Returns
    -------
    columns : list of Column
        Period, keys, what stands before the currency, currency, original currency, then the rest; or those
        that the spec lists. Ids of documents and connections stand last, unless a row has no other key.
    keys : list of Column
        Without the currency, in the order of the columns.
    """
    spec, described = SPECS[report.attrs["report"]], columns_of(report)
    hidden = {name for key, name in NAME_COLUMNS.items() if key in report and name in report}
    titled = named or any(report[name].notna().any() for name in hidden)
    kinds = {column.name for column in described if column.kind is Kind.KEY}
    if _CONNECTION in report and kinds - {_CONNECTION, "currency"} and len(report[_CONNECTION].unique()) <= 1:
        hidden.add(_CONNECTION)
    hidden.update(without)
    visible = {column.name: column for column in described if column.name not in hidden}
    keys = [column for name, column in visible.items() if name in kinds and name != "currency"]
    keys += [visible[name] for name in visible if name in NAME_COLUMNS.values() and name not in kinds]
    keys.sort(key=lambda column: _LAST.index(column.name) if column.name in _LAST else -1)
    first = ["period", *(key.name for key in keys), *takewhile(lambda name: name != "currency", visible)]
    order = spec.columns_shown or (*first, "currency", ORIGINAL, *visible)
    # The rows of a trial balance stand by connection, and a comparison is one of connections.
    if keys and spec.order is not Order.TYPES and not spec.compares:
        alone = [keys[0].name] if keys[0].name in _LAST else []
        last = [name for name in _LAST if name in kinds and name not in alone]
        order = ("period", *alone, *(name for name in order if name not in last), *last)
    columns = [
        replace(visible[name], label=visible[name].label.removesuffix(" id"))
        if titled or name == _CONNECTION
        else visible[name]
        for name in dict.fromkeys(order)
        if name in visible
    ]
    return columns, [key for key in keys if key.name in order]


def arrange(
    part: pd.DataFrame, spec: Spec, max_rows: int | None, *, key: str, columns: Sequence[Column]
) -> pd.DataFrame:
    """Order the rows of a currency, and put those beyond the limit together.

    The rest is one row; a rest of a single row stays as it is: a word for it would only hide its name.

    Parameters
    ----------
    part : DataFrame
        In ticks, with labels.
    spec : Spec
        With the order.
    max_rows : int, optional
        The limit, in each period, account or original currency by itself; rows without a key stay.
    key : str
        The column of labels; empty if there is none.
    columns : sequence of Column
        The columns of the report.
    """
    if max_rows is not None and max_rows < 1:
        raise ValueError(f"max_rows={max_rows} is not a valid number of rows (expected 1 or more)")
    if spec.order is Order.TYPES:
        return by_type(part)
    by_size = spec.order is Order.LARGEST or (spec.order is Order.REPORT and max_rows is not None)
    ranked = bool(by_size and spec.size and key)
    if not ranked and spec.order in (Order.LARGEST, Order.REPORT):
        return part
    within = [name for name in spec.within if name in part]
    pieces = []
    for _, piece in part.groupby(within, dropna=False) if within else [("", part)]:
        rows, without_key = piece, piece.iloc[:0]
        if ranked:
            rows = piece.sort_values([spec.size, key], ascending=[False, True], kind="stable")
            rows, without_key = rows[~rows[IS_MISSING]], rows[rows[IS_MISSING]]
        if max_rows is None or len(rows) <= max_rows + 1:
            pieces += [rows, without_key]
        elif spec.order is Order.DAYS:
            rest = _fold(rows.iloc[:-max_rows], spec, columns, key)
            pieces += [rest, rows.iloc[-max_rows:].astype({"date": object})]
        else:
            pieces += [rows.iloc[:max_rows], _fold(rows.iloc[max_rows:], spec, columns, key), without_key]
    return pd.concat([piece for piece in pieces if len(piece)] or [part])


def _fold(rest: pd.DataFrame, spec: Spec, columns: Sequence[Column], key: str) -> pd.DataFrame:
    """Put rows together: what they add up to, a label, and blanks."""
    line = rest.iloc[-1:].set_axis([FOLDED])
    values = aggregate(rest, columns, [])
    for name in line.columns.difference([*spec.within, "currency", IS_MISSING]):
        # What does not add up is left blank, as in a total; "n/a" is for a value that is not there.
        value = values.get(name, "")
        dtype = object if isinstance(value, str) else rest[name].dtype
        line[name] = pd.Series([value], index=line.index, dtype=dtype)
    label = {key: f"{OTHERS} ({len(rest):,})"}
    if spec.order is Order.DAYS:
        label = {"date": f"until {day(rest['date'].iloc[-1])}"}
    elif spec.order is Order.WEEKS:
        label = {"week": "\N{EN DASH}".join(number(rest["week"].iloc[place] // TICKS) for place in (0, -1))}
    for name, text in label.items():
        line[name] = pd.Series([text], index=line.index, dtype=object)
    return line


def aggregate(rows: pd.DataFrame, columns: Sequence[Column], within: Sequence[str]) -> dict[str, Any]:
    """Return what rows add up to, column by column: exact sums, first and last values, as the columns say.

    Parameters
    ----------
    rows : DataFrame
        In ticks.
    columns : sequence of Column
        The columns to add up; those without a sum, a first or a last value are left out.
    within : sequence of str
        The columns of which each value has its own first and last row; their values are added up.
    """
    within = [name for name in within if name in rows]
    pieces = [piece for _, piece in rows.groupby(within, dropna=False)] if within else [rows]
    values: dict[str, Any] = {}
    for column in columns:
        if column.is_summed:
            present = rows[column.name].dropna().tolist()
            add = fsum if pd.api.types.is_float_dtype(rows[column.name].dtype) else sum
            values[column.name] = add(present) if present else None
        elif column.aggregate in (Aggregate.FIRST, Aggregate.LAST):
            place = 0 if column.aggregate is Aggregate.FIRST else -1
            ends = [piece[column.name].iloc[[place]].array.tolist()[0] for piece in pieces]
            values[column.name] = ends[0] if len(ends) == 1 else sum(ends) if column.is_number else None
    return values


def _texts(
    values: Mapping[str, Sequence[Any]],
    columns: Sequence[Column],
    currencies: Sequence[str],
    *,
    flags: Sequence[str],
    period: str,
) -> dict[str, list[str]]:
    """Write values as text, column by column; money and counts are in ticks."""
    texts = {}
    for column in columns:
        exact = values[column.name]
        if column.kind in (Kind.MONEY, Kind.COUNT):
            exact = [
                each if isinstance(each, str) else None if pd.isna(each) else Decimal(each) / TICKS
                for each in exact
            ]
        texts[column.name] = format_values(exact, column, currencies, flags=flags, period=period)
    return texts


def _alarms(
    cells: Mapping[str, Sequence[str]], columns: Sequence[Column], spec: Spec, flags: Sequence[str]
) -> list[int]:
    """Find the rows that do not agree, which a reader must not miss."""
    alarms = []
    for column in columns:
        if column.kind is Kind.FLAG:
            alarms += [place for place, text in enumerate(cells[column.name]) if text == flags[1]]
    if spec.zero_row:
        name, value, amount = spec.zero_row
        pairs = enumerate(zip(cells[name], cells[amount], strict=True))
        alarms += [place for place, (text, size) in pairs if text == value and size.strip(f"0.{ZERO}")]
    return alarms


def by_type(balance: pd.DataFrame) -> pd.DataFrame:
    """Order a trial balance as the accounting equation does, with what is left of it last."""
    types = [name for name in dict.fromkeys((*_TYPES, *balance["type"])) if name != "difference"]
    positions = {name: position for position, name in enumerate((*types, "difference"))}
    ordered = balance.sort_values("type", key=lambda names: names.map(positions), kind="stable")
    blocks = [name for name in ("currency", ORIGINAL, _CONNECTION) if name in balance]
    return ordered.sort_values(blocks, kind="stable")


def in_ticks(report: pd.DataFrame) -> pd.DataFrame:
    """Copy a report with money and counts in ticks, which add up exactly, and a word for a missing currency.

    Ticks are whole numbers, and exact decimals in a column with an amount of more than four decimals.
    """
    copy = report.reset_index(drop=True)
    # pandas copies attrs, deeply, with every selection of a column.
    copy.attrs = {}
    for column in columns_of(report):
        if column.kind not in (Kind.MONEY, Kind.COUNT):
            continue
        values = pd.to_numeric(copy[column.name]).astype("Float64")
        whole = (values * TICKS).round(0)
        if bool((whole / TICKS == values).all()):
            copy[column.name] = whole.astype("Int64")
        else:
            amounts: list[Any] = values.tolist()
            exact = [None if pd.isna(each) else round(Decimal(str(each)), 8) * TICKS for each in amounts]
            copy[column.name] = pd.Series(exact, index=copy.index, dtype=object)
    currency = copy["currency"].astype(object)
    copy["currency"] = currency.where(currency.notna() & (currency != ""), NO_CURRENCY)
    return copy
