"""Child frames of nested lists on DuckDB: a relation, of which nothing is read."""

from __future__ import annotations

from typing import Any

from rutterframe.frames.child_columns import ChildColumn, EngineTypes

# A column of nulls is "NULL".
_WHOLE = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", '"NULL"',
}  # fmt: skip


def fields_of(frame: Any, name: str) -> dict[str, bool] | None:
    """Return the fields of a column of lists of rows, and whether each holds only whole numbers."""
    kind = frame.types[list(frame.columns).index(name)]
    element = kind.children[0][1] if kind.id == "list" else None
    if element is not None and element.id == "struct":
        return {str(field): str(of_field) in _WHOLE for field, of_field in element.children}
    return {} if str(kind) == '"NULL"[]' else None


def type_name(frame: Any, name: str) -> str:
    """Return the type of a column, for an error."""
    return str(frame.types[list(frame.columns).index(name)])


def child_rows(frame: Any, name: str, parent: str, columns: list[ChildColumn]) -> Any:
    """Return one row for each nested row, with the connection and id of its record, as a relation."""
    rows = frame.project(
        f"CAST(connection_id AS VARCHAR) AS connection_id, CAST(id AS VARCHAR) AS {_quote(parent)}, "
        f"unnest(range(1, len({_quote(name)}) + 1)) AS line_number, unnest({_quote(name)}) AS _row"
    )
    fields = ", ".join(f"{_value(column)} AS {_quote(column.name)}" for column in columns)
    return rows.project(f"connection_id, {_quote(parent)}, line_number, {fields}")


def _value(column: ChildColumn) -> str:
    value = "NULL" if column.is_missing else f"_row.{_quote(column.name)}"
    return value if column.type is None else f"CAST({value} AS {column.type})"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _struct_of(fields: dict[str, str]) -> str:
    return f"STRUCT({', '.join(f'{_quote(name)} {kind}' for name, kind in fields.items())})"


engine_type = EngineTypes(
    text="VARCHAR",
    integer="BIGINT",
    number="DOUBLE",
    boolean="BOOLEAN",
    date="DATE",
    naive_moment="TIMESTAMP",
    moment="TIMESTAMPTZ",
    list_of="{}[]".format,
    struct_of=_struct_of,
).of
