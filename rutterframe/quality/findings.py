"""Checks, the matches of a check, and the frame of findings."""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.frames.assemble import dtype_of
from rutterframe.frames.schema import TEXT
from rutterframe.quality.frames import FrameSet


class Severity(StrEnum):
    """The severity of a finding; findings are sorted in this order."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


#: The columns of the frame of findings, with their meaning.
FINDINGS = {
    "resource": "the resource of the record",
    "connection_id": "the connection of the record",
    "id": "the record; null if it has no id, or for a connection or a whole load",
    "severity": "error: a figure is wrong or missing; warning: probably a mistake; note: worth knowing",
    "check": "the name of the check",
    "field": "the field, such as line_items[0].quantity; empty for the record itself",
    "value": "the value of the field as text; null if it is empty",
    "explanation": "what is wrong",
}

_SCHEMA = pa.schema([(name, TEXT) for name in FINDINGS])
_ORDER = ("resource", "check", "connection_id", "id", "field", "value", "explanation")


@dataclass(frozen=True, slots=True)
class Matches:
    """Records of one resource that match a check, with the text of the finding.

    Attributes
    ----------
    resource : str
        The resource of the records.
    rows : pandas.DataFrame
        A row for each finding: ``connection_id``, ``id``, and the columns named in the texts below.
    field, explanation : str
        The field and the explanation, such as ``line_items[{line}].quantity``.
    value : str
        The column with the value; empty if there is none.
    """

    resource: str
    rows: pd.DataFrame
    field: str
    explanation: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes
    ----------
    name : str
        The name in the findings.
    severity : Severity
        The severity of its findings.
    meaning, reason : str
        What a finding means, and why it matters to an accountant.
    find : callable
        Yields the matches in a set of frames.
    """

    name: str
    severity: Severity
    meaning: str
    reason: str
    find: Callable[[FrameSet], Iterator[Matches]]


def findings(checks: Iterable[Check], frames: FrameSet) -> pd.DataFrame:
    """Return the findings of checks: errors first, then by resource, check, connection, id and field."""
    tables: dict[Severity, list[pa.Table]] = {severity: [] for severity in Severity}
    for check in checks:
        try:
            tables[check.severity] += [
                _table(check, match) for match in check.find(frames) if len(match.rows)
            ]
        except Exception as error:
            error.add_note(f"This was raised by the check {check.name!r}.")
            raise
    order = [(name, "ascending") for name in _ORDER]
    parts = [pa.concat_tables([_SCHEMA.empty_table(), *group]).sort_by(order) for group in tables.values()]
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas(types_mapper=dtype_of)
    return frame


def _table(check: Check, match: Matches) -> pa.Table:
    rows = match.rows
    columns = {
        "resource": match.resource,
        "connection_id": rows["connection_id"],
        "id": rows["id"],
        "severity": check.severity.value,
        "check": check.name,
        "field": _filled(match.field, rows),
        "value": rows[match.value] if match.value else None,
        "explanation": _filled(match.explanation, rows),
    }
    return pa.table([_as_text(column, len(rows)) for column in columns.values()], schema=_SCHEMA)


def _filled(template: str, rows: pd.DataFrame) -> pa.Array:
    """Fill the braces of a template from the columns of the rows, for all rows at once."""
    parts: list[pa.Array] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(_as_text(literal, len(rows)))
        if name is not None:
            parts.append(_as_text(rows[name], len(rows)))
    empty = pa.scalar("", TEXT)
    if not parts:
        return pa.repeat(empty, len(rows))
    return pc.binary_join_element_wise(*parts, empty, null_handling="replace", null_replacement="nothing")


def _as_text(values: pd.Series | pa.Array | str | None, count: int) -> pa.Array:
    """Format a column as text: dates as YYYY-MM-DD, numbers with as few digits as possible."""
    if values is None or isinstance(values, str):
        return pa.repeat(pa.scalar(values, TEXT), count)
    if isinstance(values, pa.Array):
        return values
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        moments = values.to_numpy(dtype="datetime64[us]")
        return pa.array(np.datetime_as_string(moments, unit="D", casting="unsafe"), TEXT)
    array = pa.array(values, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(TEXT)
