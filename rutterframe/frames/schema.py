"""Arrow schemas of every resource, derived from its record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from rutterframe.models import Record
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind

# Text is large_string throughout: pandas' str is, so that the last step copies nothing.
TEXT = pa.large_string()

_TYPES = {
    Kind.TEXT: TEXT,
    Kind.NUMBER: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.DATE: pa.timestamp("us"),
    Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
    Kind.WRITTEN_DAY: pa.date32(),
}


@functools.cache
def frame_schema(model: type[Record]) -> pa.Schema:
    """Return the schema of a record's columns in a frame, without ``connection_id``."""
    return pa.schema([(column.name, _type(column)) for column in columns(model)])


@functools.cache
def exact_schema(model: type[Record]) -> pa.Schema:
    """Return the schema of records from the exact path, where dates are Python's."""
    return _with_leaves(frame_schema(model), _python_date)


@functools.cache
def page_schema(
    model: type[Record], list_key: str, cursor_key: str, envelope: tuple[tuple[str, ...], ...] = ()
) -> pa.Schema:
    """Return the schema of a whole page as it is sent, where dates and times are text.

    Parameters
    ----------
    model : type of record
        The record of the rows.
    list_key, cursor_key : str
        The keys that hold the records and the next cursor.
    envelope : tuple of tuple of str
        The paths of further texts of the page.
    """
    row = pa.struct(list(_with_leaves(frame_schema(model), _as_sent)))
    around: dict[str, Any] = {}
    for path in (("connection", "id"), *envelope):
        inner = around
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = TEXT
    return pa.schema([(list_key, pa.list_(row)), (cursor_key, TEXT), *_fields(around)])


def _fields(types: dict[str, Any]) -> list[pa.Field]:
    return [
        pa.field(name, pa.struct(_fields(kind)) if isinstance(kind, dict) else kind)
        for name, kind in types.items()
    ]


def _type(column: Column) -> pa.DataType:
    if column.rows is not None:
        return pa.list_(pa.struct(list(frame_schema(column.rows))))
    if column.fields is not None:
        return pa.struct(list(frame_schema(column.fields)))
    # A platform's own record stays JSON text.
    kind = _TYPES[column.kind] if column.kind is not None else TEXT
    return pa.list_(kind) if column.is_list else kind


def _python_date(kind: pa.DataType) -> pa.DataType:
    return pa.date32() if pa.types.is_timestamp(kind) and kind.tz is None else kind


def _as_sent(kind: pa.DataType) -> pa.DataType:
    return TEXT if pa.types.is_temporal(kind) else kind


def _with_leaves(schema: pa.Schema, convert: Callable[[pa.DataType], pa.DataType]) -> pa.Schema:
    """Return a schema in which the types of single values are converted, those in nested rows too."""
    return pa.schema([(field.name, _with_leaf(field.type, convert)) for field in schema])


def _with_leaf(kind: pa.DataType, convert: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(_with_leaf(kind.value_type, convert))
    if pa.types.is_struct(kind):
        return pa.struct(list(_with_leaves(pa.schema(list(kind)), convert)))
    return convert(kind)
