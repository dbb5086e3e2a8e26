"""Lay a report out for a workbook: with values, and the exact total of each currency."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rutterframe.currency import TICKS
from rutterframe.reports.caption import Caption, total_labels
from rutterframe.reports.columns import Kind, Order
from rutterframe.reports.describe import columns_of
from rutterframe.reports.labels import NAME_COLUMNS
from rutterframe.reports.specs import ORIGINAL, SPECS
from rutterframe.views.format import bucket
from rutterframe.views.layout import Group, Layout, Total, aggregate, by_type, in_ticks

_CONNECTION = "connection_id"


def lay_out_values(report: pd.DataFrame) -> Layout:
    """Lay a report out with values: all its rows in their order, and all columns that a workbook can hold."""
    spec, described = SPECS[report.attrs["report"]], columns_of(report)
    if spec.order is Order.TYPES:
        report = by_type(report).reset_index(drop=True)
    nested = [name for name in map(str, report.columns) if _is_nested(report[name])]
    # The columns of names or connections that the report was made without.
    names = [name for name in (_CONNECTION, *NAME_COLUMNS.values()) if name in report]
    empty = [name for name in names if len(report) and report[name].isna().all()]
    omitted = {*nested, *empty, ORIGINAL}
    ordered = [column for column in described if column.name not in omitted]
    place = [column.name for column in ordered].index("currency") + 1
    ordered[place:place] = [column for column in described if column.name == ORIGINAL]
    ticks = in_ticks(report)
    cells = {column.name: report[column.name].array.tolist() for column in ordered}
    if "bucket" in cells:
        cells["bucket"] = [*map(bucket, cells["bucket"])]
    labels, totals = total_labels(report), {}
    summed = [column for column in ordered if column.is_summed and column.kind is not Kind.SHARE]
    for code, part in ticks.groupby("currency", sort=False) if spec.has_totals else ():
        currency = str(code)
        sums = aggregate(part, summed, [])
        totals[currency] = Total(labels[currency], {name: (sums[name] or 0) / TICKS for name in sums})
    group = Group(report["currency"].array.tolist(), cells, [], [*range(len(report))])
    fine = frozenset(column.name for column in summed if ticks[column.name].dtype != "Int64")
    return Layout(Caption.of(report), ordered, [group], totals, is_grouped=True, omitted=nested, fine=fine)


def _is_nested(values: pd.Series[Any]) -> bool:
    return any(pd.api.types.is_list_like(value) for value in values.array.tolist())
