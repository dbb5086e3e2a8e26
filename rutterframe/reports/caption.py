"""What a report states besides its rows: title, question, notes, age of its data, labels of its totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import columns_of
from rutterframe.reports.specs import ORIGINAL, SPECS

#: Marks every view of the demo company's figures.
DEMO = "Demo data"

#: The same as a sentence.
DEMO_SENTENCE = f"{DEMO}: every figure is made up."

#: The currency of rows without one.
NO_CURRENCY = "No currency"

_OVERDUE = {
    "first_week": "taken to be paid in week 1",
    "spread": "taken to be paid evenly over the weeks",
    "exclude": "left out",
}


@dataclass(frozen=True, slots=True)
class Caption:
    """What every view of a report states.

    Attributes
    ----------
    title : str
        The report, its period, its currency if it was converted, and its day.
    question : str
        What it answers.
    is_demo : bool
        Whether any of the data is the demo company's.
    notes : tuple of str
        What the data does not cover: the report's notes, and what the receipts know to be missing.
    fetched : str
        When the data was fetched.
    """

    title: str
    question: str
    is_demo: bool
    notes: tuple[str, ...]
    fetched: str

    @classmethod
    def of(cls, report: pd.DataFrame) -> Caption:
        """Read the caption of a report on pandas from its ``attrs``."""
        about = report.attrs
        spec = SPECS[about["report"]]
        title = spec.title
        if spec.by_in_title and "by" in about:
            title += f" by {str(about['by']).removesuffix('_id').replace('_', ' ')}"
        title += f", by {about['period']}" if "period" in about else ""
        title += f" as of {about['as_of']}" if "as_of" in about else ""
        title += f": {about['comparison']}" if "comparison" in about else ""
        title += f", in {about['currency']}" if ORIGINAL in report and "currency" in about else ""
        overdue = _OVERDUE.get(str(about.get("overdue")))
        overdue = "" if overdue is None else f"What is overdue is {overdue}."
        question = " ".join(filter(None, (spec.question, spec.basis, overdue)))
        sources = list(about.get("sources", []))
        is_demo = any("demo" in environments(receipt) for receipt in sources)
        return cls(title, question, is_demo, tuple(_notes(report)), fetched(sources))


def environments(receipt: Mapping[str, Any]) -> list[str]:
    """List the environments that a load read from: one for each of its clients."""
    names = receipt.get("environment") or []
    return [name.strip() for name in (names.split(",") if isinstance(names, str) else map(str, names))]


def total_labels(report: pd.DataFrame) -> dict[str, str]:
    """Label the total of each currency, and mark that of a part of the rows, or of repeated ones.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"customer_id": ["a", "b", "c", "a"], "currency": ["USD", "USD", "KWD", "USD"]})
    >>> report.attrs = {"report": "ar_aging", "rows": 35, "rows_by_currency": {"USD": 34, "KWD": 1}}
    >>> total_labels(report)
    {'USD': 'Total of 2 of 34 USD, 1 repeated', 'KWD': 'Total KWD'}
    """
    about = report.attrs
    codes = report["currency"].astype(object)
    codes = codes.where(codes.notna(), "").reset_index(drop=True)
    repeated = codes[_repeated(report).to_numpy()].value_counts()
    labels = {}
    for code, number in codes.value_counts(sort=False).items():
        again = int(repeated.get(code, 0))
        rows = number if SPECS[about["report"]].lists_documents else number - again
        # All rows of a converted report are in one currency.
        by_currency = about.get("rows_by_currency", {})
        whole = about.get("rows", rows) if ORIGINAL in report else by_currency.get(code, rows)
        currency = str(code) or NO_CURRENCY
        label = f"Total {currency}" if rows >= whole else f"Total of {rows:,} of {whole:,} {currency}"
        labels[currency] = f"{label}, {again:,} repeated" if again else label
    return labels


def fetched(sources: list[dict[str, Any]]) -> str:
    """Return when the data was fetched: the oldest and the newest of it."""
    ends = [str(receipt["finished"]) for receipt in sources if receipt.get("finished")]
    if not ends:
        return "When the data was fetched is not recorded."
    moments = [datetime.fromisoformat(end).astimezone(UTC) for end in ends]
    oldest, newest = (f"{moment:%Y-%m-%d %H:%M}" for moment in (min(moments), max(moments)))
    return f"Data fetched {newest} UTC." if oldest == newest else f"Data fetched {oldest} to {newest} UTC."


def _notes(report: pd.DataFrame) -> list[str]:
    """List what the data does not cover: the report's notes, and what the receipts know to be missing."""
    notes = [str(note) for note in report.attrs.get("notes", [])]
    for receipt in report.attrs.get("sources", []):
        resource = receipt.get("resource", "data")
        if receipt.get("complete") is False:
            notes.append(_incomplete(receipt, resource))
        if receipt.get("rows_refused"):
            notes.append(f"{receipt['rows_refused']:,} rows of {resource} were refused as invalid.")
    return list(dict.fromkeys(note for note in (*_part(report), *notes) if note))


def _incomplete(receipt: Mapping[str, Any], resource: str) -> str:
    """Return why a load is not complete; empty if only rows were refused, which have a note of their own."""
    absent, each = receipt.get("not_offered", []), receipt.get("per_connection", {})
    lacking = [load for load in each.values() if not load.get("complete", True) and "not_offered" not in load]
    if receipt.get("errors") or any(not load.get("rows_refused") for load in lacking):
        return f"The {resource} are incomplete: a load broke off."
    # Those of which only a 404 says so: of the others it is known that they have no such list.
    unsure = [name for name, load in each.items() if "not_offered" in load] if each else absent
    if absent and set(absent) >= set(receipt.get("connections", [])) and not (each and unsure):
        return f"No connection offers {resource}."
    if unsure:
        return f"The {resource} may be incomplete: {', '.join(unsure)} answered that there is no such list."
    return "" if lacking else f"The {resource} are incomplete: a load broke off."


def _part(report: pd.DataFrame) -> list[str]:
    """Return notes on a frame that holds fewer rows than its report had at first, or more, or some again."""
    again = int(_repeated(report).sum())
    rows = len(report) - (0 if SPECS[report.attrs["report"]].lists_documents else again)
    whole = report.attrs.get("rows", rows)
    notes = []
    if len(report) > whole:
        notes.append(f"{len(report):,} rows, where the report had {whole:,}.")
    elif rows < whole:
        notes.append(f"A part of the report: {rows:,} of {whole:,} rows.")
    if again:
        what = "1 row repeats another" if again == 1 else f"{again:,} rows repeat others"
        notes.append(f"{what}: what is in the report twice counts twice in its totals.")
    return notes


def _repeated(report: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows have the identity of an earlier row: a report has each only once."""
    identity = SPECS[report.attrs["report"]].identity
    keys = [column.name for column in columns_of(report) if column.kind is Kind.KEY or column.identifies]
    if identity:
        keys = [name for name in ("connection_id", *identity) if name in report]
        if not {*identity} <= {*keys}:
            return pd.Series(data=False, index=report.index)
    return report.duplicated(keys)
