"""Child frames of nested lists on DuckDB: a relation, of which nothing is read."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_TYPES = {"int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE"}
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}


def row_fields(frame: Any, name: str) -> list[str]:
    """Return the names of the fields of a column of lists of rows.

    Raises
    ------
    ValueError
        If it holds anything else; the message has its type.
    """
    return list(_fields(frame, name))


def child_rows_of(frame: Any, name: str, parent: str, schema: pa.Schema) -> Any:
    """Return one row for each nested row, with the connection and id of its record, as a relation.

    Parameters
    ----------
    frame : DuckDBPyRelation
        With ``connection_id``, ``id`` and the nested column.
    name : str
        The nested column.
    parent : str
        The name of the record's id in the result.
    schema : pyarrow.Schema
        The fields of a nested row; those that the frame does not have are null.
    """
    has = _fields(frame, name)
    rows = frame.project(
        f"CAST(connection_id AS VARCHAR) AS connection_id, CAST(id AS VARCHAR) AS {_quote(parent)}, "
        f"unnest(range(1, len({_quote(name)}) + 1)) AS line_number, unnest({_quote(name)}) AS _row"
    )
    fields = ", ".join(f"{_field(has, field)} AS {_quote(field.name)}" for field in schema)
    return rows.project(f"connection_id, {_quote(parent)}, line_number, {fields}")


def _fields(frame: Any, name: str) -> dict[str, str]:
    """Return the names and types of the fields of nested rows."""
    kind = frame.types[list(frame.columns).index(name)]
    element = kind.children[0][1] if kind.id == "list" else None
    if element is not None and element.id == "struct":
        return {str(field): str(of_field) for field, of_field in element.children}
    if str(kind) == '"NULL"[]':
        return {}
    raise ValueError(
        f"{name!r} must hold lists of rows; on this DuckDB relation it is {kind}: read the Parquet files of "
        f"a dataset, such as those of rf.Dataset(path).files('orders')"
    )


def _field(has: dict[str, str], field: pa.Field) -> str:
    if field.name not in has:
        return f"CAST(NULL AS {_type(field.type)})"
    value = f"_row.{_quote(field.name)}"
    # DuckDB rounds fractions to integers, where pandas would refuse them: they stay as they are.
    if pa.types.is_integer(field.type) and has[field.name] not in _INTEGERS:
        return value
    return f"CAST({value} AS {_type(field.type)})"


def _type(kind: pa.DataType) -> str:
    """Return the type of a column in DuckDB's SQL."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"{_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(f'{_quote(field.name)} {_type(field.type)}' for field in kind)})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ" if kind.tz else "TIMESTAMP"
    return _TYPES.get(str(kind), "VARCHAR")


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
