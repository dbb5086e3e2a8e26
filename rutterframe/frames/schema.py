"""Arrow schemas of every resource, derived from its record."""

from __future__ import annotations

import functools

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
}


@functools.cache
def frame_schema(model: type[Record]) -> pa.Schema:
    """Return the schema of a record's columns in a frame, without ``connection_id``."""
    return pa.schema([(column.name, _type(column)) for column in columns(model)])


@functools.cache
def exact_schema(model: type[Record]) -> pa.Schema:
    """Return the schema of records from the exact path, where dates are Python's."""
    schema = frame_schema(model)
    return pa.schema(
        [(name, _python_date(kind)) for name, kind in zip(schema.names, schema.types, strict=True)]
    )


@functools.cache
def page_schema(model: type[Record], list_key: str, cursor_key: str) -> pa.Schema:
    """Return the schema of a whole page as it is sent, where dates and times are text."""
    schema = frame_schema(model)
    row = pa.struct([(name, _as_sent(kind)) for name, kind in zip(schema.names, schema.types, strict=True)])
    connection = pa.struct([("id", TEXT)])
    return pa.schema([(list_key, pa.list_(row)), (cursor_key, TEXT), ("connection", connection)])


def _type(column: Column) -> pa.DataType:
    if column.rows is not None:
        inner = frame_schema(column.rows)
        return pa.list_(pa.struct(list(zip(inner.names, inner.types, strict=True))))
    # A platform's own record stays JSON text.
    return _TYPES[column.kind] if column.kind is not None else TEXT


def _python_date(kind: pa.DataType) -> pa.DataType:
    return pa.date32() if pa.types.is_timestamp(kind) and kind.tz is None else kind


def _as_sent(kind: pa.DataType) -> pa.DataType:
    return TEXT if pa.types.is_timestamp(kind) else kind
