"""Read rows with the exact path into a table; a long nested list a thousand lines at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from rutterframe.errors import Refusal
from rutterframe.frames.exact import LineRefusals, Refusals, nested_names, read_rows, record_id, repeated_key
from rutterframe.frames.json_walk import LongList, LongRow
from rutterframe.frames.schema import exact_schema, frame_schema
from rutterframe.models import Record

#: Records become a part of a table so many at once: they are much larger than their text.
_CHUNK = 1_000


def exact_table(
    model: type[Record], rows: list[Any], refusals: Refusals
) -> tuple[pa.Table | None, list[int]]:
    """Read rows of a page.

    Parameters
    ----------
    model : type of record
        The record of the rows.
    rows : list
        The rows: those that `rows_in` returns together.
    refusals : Refusals
        The refusals of the same page so far: these are added.

    Returns
    -------
    table : pyarrow.Table or None
        The rows that could be read; None if there are none.
    positions : list of int
        The position of each among all rows.
    """
    if any(isinstance(row, LongRow) for row in rows):
        tables = [_long_row(model, row, refusals) for row in rows]
        positions = [position for position, table in enumerate(tables) if table is not None]
        return (
            pa.concat_tables([tables[position] for position in positions]) if positions else None
        ), positions
    parsed = read_rows(model, rows, known_keys_only=True, refusals=refusals)
    return (table_of(model, parsed.valid) if parsed.valid else None), parsed.positions


def table_of(model: type[Record], records: Sequence[Record]) -> pa.Table:
    """Return records as a table."""
    values = [_values(record) for record in records]
    return pa.Table.from_pylist(values, schema=exact_schema(model)).cast(frame_schema(model))


def _values(record: Record) -> dict[str, Any]:
    """Return the values of a record: `model_dump` takes three times as long."""
    values, nested = vars(record), nested_names(type(record))
    return {**values, **{name: _plain(values[name]) for name in nested}} if nested else values


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_values(line) for line in value]
    return _values(value) if isinstance(value, Record) else value


def _long_row(model: type[Record], row: Any, refusals: Refusals) -> pa.Table | None:
    """Read a row with long lists; return None, and refuse it, if it cannot be read."""
    if not isinstance(row, LongRow):
        return exact_table(model, [row], refusals)[0]
    lists = {name: value for name, value in row.items() if isinstance(value, LongList)}
    single = {**row, **{name: [] for name in lists}}
    path = repeated_key(single, model)
    lines, tables = LineRefusals(), {}
    is_read = exact_table(model, [single], Refusals())[0] is not None
    for name, rows in lists.items():
        if path is None:
            tables[name], path = _lines(row, name, rows, lines, is_read=is_read)
    if path is not None:
        refusals.add(1, [Refusal(record_id(row), path, "two values", "the key appears twice")])
        return None
    if lines.fields:
        lines.refuse(model, single, refusals)
        return None
    table, _ = exact_table(model, [single], refusals)
    if table is None:
        return None
    for name, values in tables.items():
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        structs = values.to_struct_array().combine_chunks()
        column = pa.ListArray.from_arrays(pa.array([0, len(structs)], pa.int32()), structs, type=field.type)
        table = table.set_column(place, field, column)
    return table


def _lines(
    row: dict[str, Any], name: str, rows: LongList, refused: LineRefusals, *, is_read: bool
) -> tuple[pa.Table, str | None]:
    """Read the lines of a row; return also the path of a repeated key, None if there is none.

    Without ``is_read`` they are only checked: the row is refused for another field.
    """
    tables = [frame_schema(rows.model).empty_table()]
    numbered = enumerate(rows)
    while chunk := list(itertools.islice(numbered, _CHUNK)):
        valid = []
        for index, line in chunk:
            path = repeated_key(line, rows.model)
            if path is not None:
                return tables[0], f"{name}[{index}].{path}"
            try:
                valid.append(rows.model.model_validate(line))
            except ValidationError as error:
                refused.add(row, error, (name, index), line)
        if is_read and not refused.fields:
            tables.append(table_of(rows.model, valid))
    return pa.concat_tables(tables), None
