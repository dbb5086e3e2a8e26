"""Lay a report out: columns, rows by currency, the row of those not shown, totals and notes.

Every view draws a `Layout`: `tables`, `text` and `page` one with texts, `workbook` one with values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum
from typing import Any

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.caption import NO_CURRENCY, Caption, total_labels
from rutterframe.reports.columns import NUMBERS, Aggregate, Column, Kind, Order, Spec
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import IS_MISSING, NAME_COLUMNS, Names, label_keys
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.format import day, number, texts

#: Stands in a view of a report without rows.
NO_ROWS = "The report has no rows."

#: Begins the label of the row that stands for all that are not shown.
OTHERS = "All others"

#: The words for a total that agrees, differs, or was not compared.
YES_NO = ("Yes", "No", "Not compared")

_CONNECTION = "connection_id"
_TYPES = ("asset", "liability", "equity", "revenue", "expense")


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """A column of a layout.

    Attributes
    ----------
    name, label, kind
        As in the report's spec.
    align : str
        "right" for numbers, else "left".
    is_summed : bool
        Whether its total is a sum of money or counts.
    decimals : int
        How many decimals its values have: 4, or 8 where one has more than 4.
    """

    name: str
    label: str
    kind: Kind
    align: str
    is_summed: bool = False
    decimals: int = 4


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
        The positions of rows that must stand out, since they do not agree.
    """

    currencies: list[str]
    cells: Mapping[str, list[Any]]
    alarms: list[int]


@dataclass(frozen=True, slots=True)
class Total:
    """The total of a currency: its label, the exact amount of each column that has one, and their texts."""

    label: str
    amounts: Mapping[str, Any]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """A report as every view draws it.

    Attributes
    ----------
    caption : Caption
        Title, question, demo mark, notes, and when the data was fetched.
    columns : list of LayoutColumn
        In order, the currency among them.
    groups : list of Group
        The rows, in order.
    totals : mapping of str to Total
        By currency; empty where a report has none.
    is_grouped : bool
        Whether a currency can have several rows, so that a table needs groups and totals.
    omitted : list of str
        The columns that are left out, since a cell of a workbook cannot hold a list.
    """

    caption: Caption
    columns: list[LayoutColumn]
    groups: list[Group]
    totals: Mapping[str, Total]
    is_grouped: bool
    omitted: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the report has no rows."""
        return not any(group.currencies for group in self.groups)


def lay_out(
    report: pd.DataFrame,
    names: Names = None,
    *,
    max_rows: int | None = None,
    short_ids: bool = False,
    flags: Sequence[str] = YES_NO,
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
        Whether to cut ids, where a row has no other key; never those of a comparison.
    flags : sequence of str
        The words for true, false and null.
    """
    spec = SPECS[report.attrs["report"]]
    columns, keys = choose_columns(report, named=names is not None)
    short = short_ids and not spec.compares and all(key.name.endswith("_id") for key in keys)
    frame = label_keys(in_ticks(report), keys, names, short=short)
    key, length = keys[0].name if keys else "", str(report.attrs.get("period", ""))
    labels = total_labels(report) if spec.has_totals else {}
    groups, totals = [], {}
    by_currency = spec.has_totals or spec.order is Order.TYPES
    for currency, part in frame.groupby("currency", sort=False) if by_currency else [("", frame)]:
        rows = arrange(part, spec, max_rows, key=key, columns=columns_of(report))
        currencies = rows["currency"].tolist()
        cells = {}
        for column in columns:
            values = rows[column.name].array.tolist()
            if column.kind in (Kind.MONEY, Kind.COUNT):
                values = [each if isinstance(each, str) else in_units(each) for each in values]
            cells[column.name] = texts(values, column, currencies, flags=flags, period=length)
        wrong = [cells[column.name] for column in columns if column.kind is Kind.FLAG]
        alarms = [place for flag in wrong for place, text in enumerate(flag) if text == flags[1]]
        if spec.zero_row:
            name, value, amount = spec.zero_row
            pairs = enumerate(zip(cells[name], cells[amount], strict=True))
            alarms += [place for place, (text, size) in pairs if text == value and size.strip("0.")]
        groups.append(Group(currencies, cells, alarms))
        if spec.has_totals:
            totals[str(currency)] = _total(part, spec, columns, str(currency), labels[str(currency)])
    drawn = [
        LayoutColumn(
            column.name,
            column.label,
            column.kind,
            "right" if column.kind in NUMBERS else "left",
            is_summed=column.kind in (Kind.MONEY, Kind.COUNT) and is_summed(column, report),
        )
        for column in columns
    ]
    is_grouped = bool(keys) or not frame["currency"].is_unique
    return Layout(Caption.of(report), drawn, groups, totals, is_grouped)


def lay_out_values(report: pd.DataFrame) -> Layout:
    """Lay a report out with values: all its rows in their order, and all columns that a workbook can hold."""
    spec = SPECS[report.attrs["report"]]
    if spec.order is Order.TYPES:
        report = _by_type(report).reset_index(drop=True)
    nested = [name for name in map(str, report.columns) if _is_nested(report[name])]
    names = [name for name in (_CONNECTION, *NAME_COLUMNS.values()) if name in report]
    # The columns of names or connections that the report was made without.
    empty = [name for name in names if len(report) and report[name].isna().all()]
    ordered = [column for column in columns_of(report) if column.name not in {*nested, *empty, ORIGINAL}]
    original = [column for column in columns_of(report) if column.name == ORIGINAL]
    place = [column.name for column in ordered].index("currency") + 1
    ordered[place:place] = original
    ticks = in_ticks(report)
    columns = [
        LayoutColumn(
            column.name,
            column.label,
            column.kind,
            "right" if column.kind in NUMBERS else "left",
            is_summed=spec.has_totals and column.kind in (Kind.MONEY, Kind.COUNT) and is_summed(column, report),
            decimals=8 if ticks[column.name].dtype == object and column.kind in NUMBERS else 4,
        )
        for column in ordered
    ]
    cells = {column.name: report[column.name].array.tolist() for column in columns}
    if "bucket" in cells:
        bucket = next(column for column in ordered if column.name == "bucket")
        cells["bucket"] = texts(cells["bucket"], bucket, (), flags=YES_NO, period="")
    group = Group(report["currency"].array.tolist(), cells, [])
    labels, totals = total_labels(report), {}
    for currency, part in ticks.groupby("currency", sort=False) if spec.has_totals else ():
        sums = {
            column.name: in_units(sum(part[column.name].dropna().tolist()))
            for column in columns
            if column.is_summed
        }
        totals[str(currency)] = Total(labels[str(currency)], sums, {})
    return Layout(Caption.of(report), columns, [group], totals, is_grouped=True, omitted=nested)


def choose_columns(report: pd.DataFrame, *, named: bool = False) -> tuple[list[Column], list[Column]]:
    """Choose and order the columns that a reader sees, and those among them that identify a row.

    A name stands in for its id, and a connection is a key beside others only where there are several.

    Parameters
    ----------
    report : DataFrame
        A report.
    named : bool
        Whether the caller has names, so that no column shows ids.

    Returns
    -------
    columns : list of Column
        Period, keys, currency, original currency, then the rest; or those that the spec lists.
    keys : list of Column
        Without the currency.
    """
    spec, described = SPECS[report.attrs["report"]], columns_of(report)
    hidden = {name for key, name in NAME_COLUMNS.items() if key in report and name in report}
    titled = named or any(report[name].notna().any() for name in hidden)
    kinds = {column.name for column in described if column.kind is Kind.KEY}
    if _CONNECTION in report and kinds - {_CONNECTION, "currency"} and report[_CONNECTION].nunique(False) <= 1:
        hidden.add(_CONNECTION)
    visible = {column.name: column for column in described if column.name not in hidden}
    keys = [column for name, column in visible.items() if name in kinds and name != "currency"]
    keys += [visible[name] for name in visible if name in NAME_COLUMNS.values() and name not in kinds]
    keys.sort(key=lambda column: column.name == _CONNECTION)
    order = spec.columns_shown or ("period", *(key.name for key in keys), "currency", ORIGINAL, *visible)
    columns = [
        replace(visible[name], label=visible[name].label.removesuffix(" id"))
        if titled or name == _CONNECTION
        else visible[name]
        for name in dict.fromkeys(order)
        if name in visible
    ]
    return columns, [key for key in keys if key.name in order]


def is_summed(column: Column, report: pd.DataFrame) -> bool:
    """Return whether the sum of a column has a meaning; shares of original currencies have none."""
    converted = column.kind is Kind.SHARE and ORIGINAL in report
    return column.kind in NUMBERS and column.aggregate is Aggregate.SUM and not converted


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
        return _by_type(part)
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
    """Put rows together: sums, first and last values as the spec says, and a label."""
    line = rest.iloc[-1:].copy()
    label = {key: f"{OTHERS} ({len(rest):,})"}
    if spec.order is Order.DAYS:
        label = {"date": f"until {day(rest['date'].iloc[-1])}"}
    elif spec.order is Order.WEEKS:
        label = {"week": "-".join(number(in_units(rest["week"].iloc[place])) for place in (0, -1))}
    for column in columns:
        name, values = column.name, rest[column.name]
        if name in (*spec.within, "currency"):
            continue
        if is_summed(column, rest):
            value = sum_of(values)
        elif column.aggregate in (Aggregate.FIRST, Aggregate.LAST):
            value = values.iloc[0 if column.aggregate is Aggregate.FIRST else -1]
        else:
            is_text = not pd.api.types.is_numeric_dtype(values) and not hasattr(values, "dt")
            value = "" if is_text else None
        line[name] = pd.Series([value], index=line.index, dtype=object if value == "" else values.dtype)
    for name, text in label.items():
        line[name] = pd.Series([text], index=line.index, dtype=object)
    return line


def _total(part: pd.DataFrame, spec: Spec, columns: Sequence[Column], currency: str, label: str) -> Total:
    """Add up a currency; what opens and closes is that of the first and last row, so that flows foot."""
    within = [name for name in spec.within if name in part and name != "period"]
    pieces = [piece for _, piece in part.groupby(within, dropna=False)] if within else [part]
    amounts: dict[str, Any] = {}
    for column in columns:
        if column.kind is Kind.SHARE and "period" in part:
            continue
        if is_summed(column, part):
            amounts[column.name] = sum_of(part[column.name])
        elif column.kind is Kind.MONEY and column.aggregate in (Aggregate.FIRST, Aggregate.LAST):
            place = 0 if column.aggregate is Aggregate.FIRST else -1
            amounts[column.name] = sum(piece[column.name].iloc[place] for piece in pieces)
    kinds = {column.name: column for column in columns}
    exact = {
        name: value if kinds[name].kind is Kind.SHARE else in_units(value) for name, value in amounts.items()
    }
    cells = {
        name: texts([value], kinds[name], [currency], flags=YES_NO, period="")[0]
        for name, value in exact.items()
    }
    return Total(label, exact, cells)


def _by_type(balance: pd.DataFrame) -> pd.DataFrame:
    """Order a trial balance as the accounting equation does, with what is left of it last."""
    types = [name for name in dict.fromkeys((*_TYPES, *balance["type"])) if name != "difference"]
    positions = {name: position for position, name in enumerate((*types, "difference"))}
    ordered = balance.sort_values("type", key=lambda names: names.map(positions), kind="stable")
    blocks = [name for name in ("currency", ORIGINAL, _CONNECTION) if name in balance]
    return ordered.sort_values(blocks, kind="stable")


def _is_nested(values: pd.Series[Any]) -> bool:
    return any(pd.api.types.is_list_like(value) for value in values.array.tolist())


def in_ticks(report: pd.DataFrame) -> pd.DataFrame:
    """Copy a report with money and counts in ticks, which add up exactly, and a word for a missing currency.

    Ticks are whole numbers, and exact decimals in a column with an amount of more than four decimals.
    """
    copy = report.reset_index(drop=True)
    for column in columns_of(report):
        if column.kind not in (Kind.MONEY, Kind.COUNT):
            continue
        values = pd.to_numeric(copy[column.name]).astype("Float64")
        whole = (values * TICKS).round(0)
        if bool((whole / TICKS == values).all()):
            copy[column.name] = whole.astype("Int64")
        else:
            exact = [None if pd.isna(each) else round(Decimal(str(each)), 8) * TICKS for each in values.tolist()]
            copy[column.name] = pd.Series(exact, index=copy.index, dtype=object)
    currency = copy["currency"].astype(object)
    copy["currency"] = currency.where(currency.notna() & (currency != ""), NO_CURRENCY)
    return copy


def in_units(ticks: Any) -> Decimal | None:
    """Return a count of ticks as an exact amount in major units."""
    if pd.isna(ticks):
        return None
    return (ticks if isinstance(ticks, Decimal) else Decimal(int(ticks))) / TICKS


def sum_of(values: pd.Series[Any]) -> Any:
    """Add up a column: ticks exactly, shares as fractions; None if every value is missing."""
    present = values.dropna().tolist()
    if not present:
        return None
    return fsum(present) if pd.api.types.is_float_dtype(values.dtype) else sum(present)
