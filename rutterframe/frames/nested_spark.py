"""Child frames of nested lists on PySpark: a query, of which nothing is collected."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_TYPES = {"int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE"}

# How the types of a column of text begin, and of one without any value.
_TEXT = ("string", "varchar", "char", "void", "unknown")


def row_fields(frame: Any, name: str) -> list[str]:
    """Return the names of the fields of a column of lists of rows.

    Raises
    ------
    ValueError
        If it holds anything else; the message has its type.
    """
    kind = frame.schema[name].dataType
    element = getattr(kind, "elementType", None)
    if element is None or not hasattr(element, "fieldNames"):
        raise ValueError(
            f"{name!r} must hold lists of rows; on this Spark frame it is {kind.simpleString()}: read the "
            f"Parquet files of a dataset, such as those of rf.Dataset(path).files('orders')"
        )
    names: list[str] = element.fieldNames()
    return names


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


def child_rows_of(frame: Any, name: str, parent: str, schema: pa.Schema) -> Any:
    """Return one row for each nested row, with the connection and id of its record, as a Spark frame.

    Parameters
    ----------
    frame : pyspark DataFrame
        With ``connection_id``, ``id`` and the nested column.
    name : str
        The nested column.
    parent : str
        The name of the record's id in the result.
    schema : pyarrow.Schema
        The fields of a nested row; those that the frame does not have are null.

    Raises
    ------
    ValueError
        If Spark has taken the connections' ids for numbers or dates.
    """
    refuse_inferred_ids(frame.schema["connection_id"].dataType.simpleString())
    has = set(row_fields(frame, name))
    rows = frame.selectExpr(
        "CAST(connection_id AS STRING) AS connection_id",
        f"CAST(id AS STRING) AS {_quote(parent)}",
        f"posexplode({_quote(name)}) AS (_position, _row)",
    )
    fields = [
        f"CAST({f'_row.{_quote(field.name)}' if field.name in has else 'NULL'} AS {_spark_type(field.type)}) "
        f"AS {_quote(field.name)}"
        for field in schema
    ]
    return rows.selectExpr(
        "connection_id", _quote(parent), "CAST(_position + 1 AS BIGINT) AS line_number", *fields
    )


def _spark_type(kind: pa.DataType) -> str:
    """Return the type of a column in Spark's SQL."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"ARRAY<{_spark_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = (f"{_quote(field.name)}: {_spark_type(field.type)}" for field in kind)
        return f"STRUCT<{', '.join(fields)}>"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "TIMESTAMP_NTZ"
    return _TYPES.get(str(kind), "STRING")


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
