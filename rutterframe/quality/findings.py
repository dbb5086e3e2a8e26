"""Findings: what a check gives, and the frame that all of them become."""

# pyarrow.compute makes its functions at run time, where pyright cannot see them.
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
from rutterframe.quality.loaded import Loaded


class Severity(StrEnum):
    """How bad a finding is; in this order findings are listed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


#: The columns of the frame of findings, with what they say.
FINDINGS = {
    "resource": "what was loaded",
    "connection_id": "the connection of the record",
    "id": "the record; null where it has no id, or where a connection or a load is meant",
    "severity": "error: a figure is wrong or missing; warning: probably a mistake; note: worth knowing",
    "check": "the check that found it",
    "field": "the field, such as line_items[0].quantity; empty for the record itself",
    "value": "what the field holds, as text; null where it holds nothing",
    "explanation": "what is wrong with it, in words",
}

_SCHEMA = pa.schema([(name, TEXT) for name in FINDINGS])
_ORDER = ("resource", "check", "connection_id", "id", "field", "value", "explanation")


@dataclass(frozen=True, slots=True)
class Found:
    """Records of one resource in which a check has found the same thing.

    Attributes
    ----------
    resource : str
        Their resource.
    rows : pandas.DataFrame
        A row for each finding: ``connection_id``, ``id``, and what the texts below name in braces.
    field, explanation : str
        The field and the explanation, such as ``line_items[{line}].quantity``.
    value : str
        The column that holds the value; empty where there is none.
    """

    resource: str
    rows: pd.DataFrame
    field: str
    explanation: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked for.

    Attributes
    ----------
    name : str
        As in the findings.
    severity : Severity
        How bad it is.
    meaning, reason : str
        What a finding says, and why it matters to an accountant.
    find : callable
        Gives what it finds in a load.
    """

    name: str
    severity: Severity
    meaning: str
    reason: str
    find: Callable[[Loaded], Iterator[Found]]


def findings(checks: Iterable[Check], loaded: Loaded) -> pd.DataFrame:
    """Run checks, and give one frame: the worst first, then by resource, check, connection, id and field."""
    tables: dict[Severity, list[pa.Table]] = {severity: [] for severity in Severity}
    for one in checks:
        tables[one.severity] += [_table(one, found) for found in one.find(loaded) if len(found.rows)]
    order = [(name, "ascending") for name in _ORDER]
    parts = [pa.concat_tables([_SCHEMA.empty_table(), *some]).sort_by(order) for some in tables.values()]
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas(types_mapper=dtype_of)
    return frame


def _table(one: Check, found: Found) -> pa.Table:
    rows = found.rows
    columns = {
        "resource": found.resource,
        "connection_id": rows["connection_id"],
        "id": rows["id"],
        "severity": one.severity.value,
        "check": one.name,
        "field": _written(found.field, rows),
        "value": rows[found.value] if found.value else None,
        "explanation": _written(found.explanation, rows),
    }
    return pa.table([_as_text(column, len(rows)) for column in columns.values()], schema=_SCHEMA)


def _written(template: str, rows: pd.DataFrame) -> pa.Array:
    """Fill a text's braces from the columns of the rows, for all rows at once."""
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
    """Write a column as text: days as days, numbers as short as they can be."""
    if values is None or isinstance(values, str):
        return pa.repeat(pa.scalar(values, TEXT), count)
    if isinstance(values, pa.Array):
        return values
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        moments = values.to_numpy(dtype="datetime64[us]")
        return pa.array(np.datetime_as_string(moments, unit="D", casting="unsafe"), TEXT)
    found = pa.array(values, from_pandas=True)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return found.cast(TEXT)
