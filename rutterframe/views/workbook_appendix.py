"""Draw what stands behind the reports of a workbook: tie-outs, definitions of columns, receipts of loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from rutterframe.reports.caption import environments
from rutterframe.reports.columns import Column, Kind
from rutterframe.reports.describe import columns_of
from rutterframe.reports.specs import SPECS
from rutterframe.reports.verdict import Verdict
from rutterframe.views.sheets import Sheet

_DEFINITION: tuple[str, ...] = ("Report", "Column", "Label", "Meaning", "Unit", "A negative value means")
# A column of more reports is defined for "8 reports".
_MOST_TITLES = 3
_RECEIPT = {
    "resource": Kind.TEXT, "environment": Kind.TEXT, "connections": Kind.TEXT, "rows": Kind.COUNT,
    "pages": Kind.COUNT, "rows_refused": Kind.COUNT, "complete": Kind.TEXT, "finished": Kind.TEXT,
}  # fmt: skip
_LABELS = {"rows_refused": "Rows refused", "finished": "Fetched (UTC)"}
_COMPLETE = {True: "yes", False: "NO", None: "not recorded"}


def draw_ties(sheet: Sheet, ties: Mapping[str, pd.DataFrame], notes: Sequence[str]) -> None:
    """Draw every comparison with a source on one sheet, with a verdict."""
    spec = SPECS["tie_out"]
    sheet.head(spec.title, spec.question)
    described = {column.name: column for tie in ties.values() for column in columns_of(tie)}
    # Accounts are compared by some only, and stand before the amounts of all.
    fixed = [column.name for column in spec.columns if column.name in described]
    keys = [name for name in described if name not in fixed and not all(map(pd.isna, _all(ties, name)))]
    columns = [described[name] for name in (*keys, *fixed)] or list(spec.columns)
    cells = {column.name: _all(ties, column.name) for column in columns}
    cells["comparison"] = [name for name, tie in ties.items() for _ in range(len(tie))]
    columns.insert(0, Column("comparison", Kind.TEXT, "Comparison", "What is compared"))
    names = [column.name for column in columns]
    report, source = (xl_col_to_name(names.index(name)) for name in ("report", "source"))
    sheet.table(
        columns,
        cells,
        _all(ties, "currency"),
        formulas={"difference": lambda row: f"={report}{row + 1}-{source}{row + 1}"},
    )
    sheet.close([Verdict.of(ties.values()).sentence, *dict.fromkeys(notes)])


def _all(ties: Mapping[str, pd.DataFrame], name: str) -> list[Any]:
    """Return a column of all comparisons; one may have columns that another lacks."""
    columns = (tie[name].array.tolist() if name in tie else [None] * len(tie) for tie in ties.values())
    return [value for column in columns for value in column]


def draw_definitions(
    sheet: Sheet, reports: Iterable[pd.DataFrame], further: Mapping[str, Sequence[Column]]
) -> None:
    """Draw what every column means: those of reports, and of further sheets by their titles."""
    sheet.head("Definitions", "What does each column mean?")
    described = [(SPECS[report.attrs["report"]].title, columns_of(report)) for report in reports]
    titles: dict[tuple[str, ...], dict[str, None]] = {}
    for title, columns in (*described, *further.items()):
        for each in columns:
            meaning = (each.name, each.label, each.meaning, each.unit, each.sign)
            titles.setdefault(meaning, {})[title] = None
    rows = [
        (", ".join(used) if len(used) <= _MOST_TITLES else f"{len(used)} reports", *meaning)
        for meaning, used in titles.items()
    ]
    cells = dict(zip(_DEFINITION, zip(*rows, strict=True) if rows else [()] * 6, strict=True))
    sheet.table([Column(label, Kind.TEXT, label, "") for label in _DEFINITION], cells)
    sheet.close()


def draw_receipts(sheet: Sheet, receipts: Iterable[Mapping[str, Any]]) -> None:
    """Draw where all data is from, each load once."""
    sheet.head("Receipts", "Where is the data from, and is it all there?")
    columns = [
        Column(name, kind, _LABELS.get(name, name.capitalize()), "") for name, kind in _RECEIPT.items()
    ]
    cells: dict[str, list[Any]] = {name: [] for name in _RECEIPT}
    for receipt in receipts:
        words = {
            "environment": ", ".join(environments(receipt)),
            "connections": ", ".join(receipt.get("connections", [])),
            "complete": _COMPLETE[receipt.get("complete")],
        }
        for name, values in cells.items():
            values.append(words.get(name, receipt.get(name)))
    sheet.table(columns, cells)
    has_rows = bool(cells["resource"])
    sheet.close([] if has_rows else ["No receipt came with the data: where it is from is not recorded."])


def list_receipts(frames: Iterable[pd.DataFrame]) -> list[dict[str, Any]]:
    """List the receipts of reports, and of frames as loaded, each once."""
    receipts: list[dict[str, Any]] = []
    for frame in frames:
        own = frame.attrs.get("receipt")
        for receipt in [*frame.attrs.get("sources", []), *([own] if isinstance(own, dict) else [])]:
            receipts += [] if receipt in receipts else [receipt]
    return receipts
