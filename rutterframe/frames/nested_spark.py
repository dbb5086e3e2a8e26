"""Child frames of nested lists on PySpark: a query, of which nothing is collected."""

from __future__ import annotations

from typing import Any

from rutterframe.frames.child_columns import ChildColumn, EngineTypes

# How the types of a column of text begin, and of one without any value.
_TEXT = ("string", "varchar", "char", "void", "unknown")

_WHOLE = {"byte", "short", "integer", "long", "void"}


def fields_of(frame: Any, name: str) -> dict[str, bool] | None:
    """Return the fields of a column of lists of rows, and whether each holds only whole numbers."""
    element = getattr(frame.schema[name].dataType, "elementType", None)
    if element is None or not hasattr(element, "fieldNames"):
        return None
    return {field.name: field.dataType.typeName() in _WHOLE for field in element}


def type_name(frame: Any, name: str) -> str:
    """Return the type of a column, for an error."""
    return str(frame.schema[name].dataType.simpleString())


def refuse_inferred_ids(kind: str) -> None:
    """Refuse a column ``connection_id`` that is not text: Spark infers types from the names of folders.

    Parameters
    ----------
    kind : str
        The type of the column.

    Raises
    ------
    ValueError
        If it is not text; the message has the setting that keeps the names as they are.
    """
    if not kind.lower().startswith(_TEXT):
        raise ValueError(
            f"'connection_id' is {kind}, not text: Spark takes the folders connection_id=0123 and "
            f"connection_id=123 for one number. Set "
            f"spark.conf.set('spark.sql.sources.partitionColumnTypeInference.enabled', 'false') before the "
            f"files are read; a column of numbers that comes from elsewhere is to be cast to text"
        )


def child_rows(frame: Any, name: str, parent: str, columns: list[ChildColumn]) -> Any:
    """Return one row for each nested row, with the connection and id of its record, as a Spark frame.

    Raises
    ------
    ValueError
        If Spark has taken the connections' ids for numbers or dates.
    """
    refuse_inferred_ids(frame.schema["connection_id"].dataType.simpleString())
    rows = frame.selectExpr(
        "CAST(connection_id AS STRING) AS connection_id",
        f"CAST(id AS STRING) AS {_quote(parent)}",
        f"posexplode({_quote(name)}) AS (_position, _row)",
    )
    fields = [f"{_value(column)} AS {_quote(column.name)}" for column in columns]
    return rows.selectExpr(
        "connection_id", _quote(parent), "CAST(_position + 1 AS BIGINT) AS line_number", *fields
    )


def _value(column: ChildColumn) -> str:
    value = "NULL" if column.is_missing else f"_row.{_quote(column.name)}"
    return value if column.type is None else f"CAST({value} AS {column.type})"


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _struct_of(fields: dict[str, str]) -> str:
    return f"STRUCT<{', '.join(f'{_quote(name)}: {kind}' for name, kind in fields.items())}>"


engine_type = EngineTypes(
    text="STRING",
    integer="BIGINT",
    number="DOUBLE",
    boolean="BOOLEAN",
    date="DATE",
    naive_moment="TIMESTAMP_NTZ",
    moment="TIMESTAMP",
    list_of="ARRAY<{}>".format,
    struct_of=_struct_of,
).of
