"""Split a frame of records, and a frame of their lines, into the fields of each record."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rutterframe.errors import InvalidDraft
from rutterframe.models import Draft
from rutterframe.models.columns import unwrap
from rutterframe.models.drafts import describe_unknown_field

_LINES = "line_items"
_MAX_NAMES = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One record to be written.

    Attributes
    ----------
    record : str
        Its name in the frame: its key, or its index.
    fields : dict
        Its fields in the frame; empty cells are left out.
    """

    record: str
    fields: dict[str, Any]


def rows_of(
    frame: pd.DataFrame, model: type[Draft], *, lines: pd.DataFrame | None = None, key: str | None = None
) -> list[Row]:
    """Split a frame into the fields of each record.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row for each record, one column for each field.
    model : type of Draft
        The fields that exist.
    lines : pandas.DataFrame, optional
        One row for each line, and the record's key in the column `key`.
    key : str, optional
        The column that identifies the record; the frame's index when left out.

    Raises
    ------
    InvalidDraft
        If a column is not a field, a key is missing or stands twice, or a line has no record.
    """
    fields = list(model.model_fields)
    _check_columns("frame", frame, fields, key)
    records = _records(frame, key)
    cells = [_cells(frame, name) for name in fields if name in frame.columns]
    present = [name for name in fields if name in frame.columns]
    rows: list[dict[str, Any]] = [
        {name: value for name, value in zip(present, values, strict=True) if value is not None}
        for values in (zip(*cells, strict=True) if cells else ((),) * len(records))
    ]
    if _LINES in fields:
        for row, lines_of_row in zip(rows, _lines(frame, lines, model, key, records), strict=True):
            if lines_of_row:
                row[_LINES] = lines_of_row
    elif lines is not None:
        raise InvalidDraft("These records have no lines", hint="leave lines= out.")
    return [Row(record, row) for record, row in zip(records, rows, strict=True)]


def _lines(
    frame: pd.DataFrame,
    lines: pd.DataFrame | None,
    model: type[Draft],
    key: str | None,
    records: Sequence[str],
) -> list[list[dict[str, Any]]]:
    """Return the lines of each record, in their order."""
    if lines is None:
        nested = _cells(frame, _LINES) if _LINES in frame.columns else [None] * len(records)
        return [[_without_empty(line) for line in _as_list(value)] for value in nested]
    if _LINES in frame.columns:
        raise InvalidDraft(
            f"The frame has a column {_LINES!r}, and lines= was passed as well",
            hint="leave one of them out.",
        )
    if key is None:
        shared = [str(name) for name in lines.columns if name in frame.columns]
        raise InvalidDraft(
            "The record of each line is not known: key= is missing",
            hint=f"name a column of both frames with key=; they share {', '.join(shared) or 'none'}.",
        )
    inner, _ = unwrap(model.model_fields[_LINES].annotation)
    fields = list(inner.model_fields)
    _check_columns("lines frame", lines, fields, key)
    by_record: dict[str, list[dict[str, Any]]] = {record: [] for record in records}
    present = [name for name in fields if name in lines.columns]
    for record, *values in zip(
        _keys("lines frame", lines, key), *[_cells(lines, name) for name in present], strict=True
    ):
        if record not in by_record:
            raise InvalidDraft(
                f"A line is of {key} {record!r}, but the frame has no such record",
                hint="add the record, or leave the line out: else it would be lost.",
            )
        by_record[record].append(
            {name: value for name, value in zip(present, values, strict=True) if value is not None}
        )
    return [by_record[record] for record in records]


def _check_columns(kind: str, frame: pd.DataFrame, fields: Collection[str], key: str | None) -> None:
    """Raise InvalidDraft for columns that are not fields, or stand twice, and for a key that is missing."""
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidDraft(
            f"The {kind} has the column {twice[0]!r} twice", hint="rename or drop one of them."
        )
    if key is not None and key not in names:
        raise InvalidDraft(
            f"The {kind} has no column {key!r}, which key= names", hint=f"its columns are {', '.join(names)}."
        )
    unknown = [name for name in names if name not in fields and name != key]
    if unknown:
        reasons = "; ".join(
            f"{name!r} {describe_unknown_field(name, fields)}" for name in unknown[:_MAX_NAMES]
        )
        raise InvalidDraft(
            f"The {kind} has columns that cannot be sent: {reasons}",
            hint=f"rename them, or leave them out: .drop(columns={unknown}).",
        )


def _records(frame: pd.DataFrame, key: str | None) -> list[str]:
    """Return the names of the records in the frame; each must be unique."""
    records = _keys("frame", frame, key) if key is not None else [str(name) for name in frame.index]
    names: set[str] = set()
    for record in records:
        if record in names:
            name = f"{key} {record!r}" if key is not None else f"The index {record!r}"
            raise InvalidDraft(
                f"{name} stands twice: the records could not be distinguished",
                hint="give each record its own, or reset_index() the frame.",
            )
        names.add(record)
    return records


def _keys(kind: str, frame: pd.DataFrame, key: str) -> list[str]:
    values = _cells(frame, key)
    if None in values:
        raise InvalidDraft(f"The {kind} has a row without {key}", hint="every row needs one.")
    return [str(value) for value in values]


def _cells(frame: pd.DataFrame, name: Hashable) -> list[Any]:
    """Return a column as plain Python values, with None for empty cells."""
    return [_plain(value) for value in frame[name].tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple | dict):
        return value
    return None if pd.isna(value) else value


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _without_empty(line: Any) -> Any:
    if not isinstance(line, dict):
        return line
    return {name: value for name, value in line.items() if _plain(value) is not None}
