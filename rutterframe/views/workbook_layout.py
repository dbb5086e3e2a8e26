"""Lay a report out for a workbook: values by currency, the largest first, names before ids."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.caption import Caption, total_labels
from rutterframe.reports.columns import Column, Kind, Order, Spec
from rutterframe.reports.describe import columns_of
from rutterframe.reports.engine.buckets import bucket_range
from rutterframe.reports.labels import NAME_COLUMNS
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.format import bucket
from rutterframe.views.layout import Group, Layout, Total, aggregate, by_type, in_ticks

_CONNECTION = "connection_id"


def lay_out_values(report: pd.DataFrame, order: Sequence[int] | None = None) -> Layout:
    """Lay a report out with values: all its rows, and all columns that a workbook can hold.

    Parameters
    ----------
    report : DataFrame
        A report on pandas, as `read_report` returns it.
    order : sequence of int, optional
        The positions of its rows in the order to show; by default each currency's largest row comes first,
        and rows without a key last, unless days, weeks, ranks or types have an order of their own.

    Returns
    -------
    Layout
        One group for each currency where a report has totals, else one.
    """
    spec, described = SPECS[report.attrs["report"]], columns_of(report)
    caption, labels = Caption.of(report), total_labels(report)
    # pandas copies everything in attrs with each column and each selection.
    report = report.reset_index(drop=True)
    report.attrs = {"report": report.attrs["report"]}
    nested = [name for name in map(str, report.columns) if _is_nested(report[name])]
    # The columns of names or connections that the report was made without.
    names = [name for name in (_CONNECTION, *NAME_COLUMNS.values()) if name in report]
    empty = [name for name in names if len(report) and report[name].isna().all()]
    columns = order_columns([column for column in described if column.name not in {*nested, *empty}], spec)
    ticks = in_ticks(report)
    positions = list(_positions(report, ticks["currency"], spec, columns) if order is None else order)
    ticks = ticks.iloc[positions]
    ordered = report.iloc[positions]
    cells = {column.name: ordered[column.name].array.tolist() for column in columns}
    if "bucket" in cells:
        cells["bucket"] = [*map(bucket, cells["bucket"])]
    _name_rows(cells, columns)
    is_grouped = spec.has_totals and (bool(_keys(columns)) or not ticks["currency"].is_unique)
    groups, totals = [], {}
    summed = [column for column in columns if column.is_summed and column.kind is not Kind.SHARE]
    codes = ticks["currency"].tolist() if is_grouped else [""] * len(ticks)
    for currency in dict.fromkeys(codes):
        rows = [place for place, code in enumerate(codes) if code == currency]
        own = {name: [values[place] for place in rows] for name, values in cells.items()}
        codes_of_rows = ["" if pd.isna(code) else str(code) for code in own["currency"]]
        groups.append(Group(codes_of_rows, own, [], [positions[place] for place in rows]))
        if is_grouped:
            sums = aggregate(ticks.iloc[rows], summed, [])
            totals[currency] = Total(labels[currency], {name: (sums[name] or 0) / TICKS for name in sums})
    groups = groups or [Group([], cells, [], [])]
    fine = frozenset(column.name for column in summed if ticks[column.name].dtype != "Int64")
    return Layout(caption, columns, groups, totals, is_grouped, omitted=nested, fine=fine)


def order_columns(columns: Sequence[Column], spec: Spec) -> list[Column]:
    """Order columns for a reader: period, names, other keys, currency and values first, ids last.

    An id stays in front where nothing else tells the rows apart.
    """
    present = {column.name: column for column in columns}
    if spec.compares or spec.order is Order.TYPES:
        return _original_after_currency(present)
    before = [*present][: [*present].index("currency")]
    listed = [name for name in (*spec.columns_shown, *present) if name in present]
    names = [name for name in dict.fromkeys(NAME_COLUMNS.values()) if name in present]
    ids = [name for name in listed if _is_id(name)]
    words = [name for name in before if present[name].kind is Kind.KEY and name not in (*ids, "currency")]
    words = [] if spec.lists_documents else words
    # An id without a name stands where its name would; those of documents have others besides.
    parties = ("customer_id", "vendor_id") if spec.lists_documents else tuple(NAME_COLUMNS)
    unnamed = [name for name in ids if name in parties and NAME_COLUMNS[name] not in present]
    front = [*names, *unnamed, *words] or ids[:1]
    last = [name for name in ids if name not in (*front, _CONNECTION)]
    last += [name for name in ids if name == _CONNECTION and name not in front]
    first = ["period", *front, *(name for name in listed if name not in last)]
    ordered = [*dict.fromkeys(name for name in first if name in present), *last]
    return _original_after_currency({name: present[name] for name in ordered})


def parts_of_sum(layout: Layout, spec: Spec) -> tuple[str, list[str]] | None:
    """Return the column that adds up others of its row, and these; None where a report has none.

    The columns stand side by side, and every row adds up exactly: else a formula would show another amount
    than the report.
    """
    names = [column.name for column in layout.columns]
    if spec.party:
        total = "total"
        parts = [
            name for name in names if name in ("current", "no_due_date") or bucket_range(name) is not None
        ]
    elif spec.name == "cash_forecast":
        total = "closing"
        parts = names[names.index("opening") : names.index(total)]
    else:
        return None
    places = [names.index(name) for name in parts]
    kinds = {column.name: column.kind for column in layout.columns}
    if not parts or places != [*range(places[0], places[-1] + 1)] or names.index(total) in places:
        return None
    if any(kinds[name] is not Kind.MONEY for name in (*parts, total)):
        return None
    exact = all(
        _is_exact(group.cells[total][row], [group.cells[name][row] for name in parts])
        for group in layout.groups
        for row in range(len(group.positions))
    )
    return (total, parts) if exact else None


def printed_columns(columns: Sequence[Column]) -> int:
    """Count the columns to print: ids that stand behind the values are for look-ups on the screen."""
    printed = len(columns)
    while printed > 1 and _is_id(columns[printed - 1].name):
        printed -= 1
    return printed


def _is_exact(total: Any, parts: Sequence[Any]) -> bool:
    """Return whether amounts add up to their total, to 8 decimals as in a report."""
    if pd.isna(total):
        return False
    exact = sum((Decimal(str(part)) for part in parts if not pd.isna(part)), Decimal(0))
    return round(exact, 8) == round(Decimal(str(total)), 8)


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def _keys(columns: Sequence[Column]) -> list[str]:
    """List the columns that tell rows of a currency apart."""
    return [
        column.name
        for column in columns
        if column.name != "currency" and (column.kind is Kind.KEY or column.identifies)
    ]


def _original_after_currency(columns: dict[str, Column]) -> list[Column]:
    original = columns.pop(ORIGINAL, None)
    ordered = [*columns.values()]
    if original is not None:
        ordered.insert([*columns].index("currency") + 1, original)
    return ordered


def _positions(
    report: pd.DataFrame, currency: pd.Series[Any], spec: Spec, columns: Sequence[Column]
) -> list[int]:
    """Return the positions of a report's rows in the order of a sheet."""
    if spec.order is Order.TYPES:
        return by_type(report).index.tolist()
    if spec.compares or not spec.has_totals:
        return [*range(len(report))]
    order = pd.DataFrame({"currency": pd.factorize(currency)[0]})
    if spec.size and spec.order in (Order.LARGEST, Order.REPORT):
        within = [name for name in spec.within if name in report]
        for name in within:
            order[f"within {name}"] = pd.factorize(report[name], sort=True, use_na_sentinel=False)[0]
        key = next((name for name in _keys(columns) if name not in (*within, "id", _CONNECTION)), None)
        owner = next((each for each, name in NAME_COLUMNS.items() if name == key and each in report), key)
        if owner is not None:
            order["is missing"] = (report[owner].isna() | (report[owner].astype(object) == "")).to_numpy()
        order["size"] = -pd.to_numeric(report[spec.size]).to_numpy(dtype="float64", na_value=float("nan"))
    places: list[int] = order.sort_values([*order.columns], kind="stable").index.tolist()
    return places


def _name_rows(cells: dict[str, list[Any]], columns: Sequence[Column]) -> None:
    """Write into a first column of names the id where a name is missing, and words where both are."""
    first = columns[0]
    beside = next((key for key, name in NAME_COLUMNS.items() if name == first.name and key in cells), None)
    if first.kind not in (Kind.KEY, Kind.TEXT) or first.name == "currency":
        return
    words = f"No {first.label.removesuffix(' id').removesuffix(' name').lower()}"
    ids = cells[first.name] if beside is None else cells[beside]
    cells[first.name] = [
        next((value for value in pair if not pd.isna(value) and value != ""), words)
        for pair in zip(cells[first.name], ids, strict=True)
    ]


def _is_nested(values: pd.Series[Any]) -> bool:
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    return any(pd.api.types.is_list_like(value) for value in values.array.tolist())
