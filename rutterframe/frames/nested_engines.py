"""Child frames of nested lists on other engines than pandas: each has a module of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from rutterframe.frames.child_columns import child_columns


class _Engine(NamedTuple):
    """An engine: its module, its name, and what an error calls its frames.

    The module has `fields_of`, `type_name`, `engine_type` and `child_rows`.
    """

    module: str
    name: str
    frame: str


_DUCKDB = _Engine("nested_duckdb", "DuckDB", "DuckDB relation")
#: The engines by the package of their frames.
_ENGINES = {
    "polars": _Engine("nested_polars", "Polars", "Polars frame"),
    "pyarrow": _Engine("nested_arrow", "PyArrow", "PyArrow table"),
    "duckdb": _DUCKDB,
    "_duckdb": _DUCKDB,
    "pyspark": _Engine("nested_spark", "PySpark", "Spark frame"),
}


def column_names(frame: Any) -> list[str]:
    """Return the names of the columns of a frame of any engine.

    Raises
    ------
    TypeError
        If it is not a frame.
    """
    if isinstance(frame, pd.DataFrame):
        return [str(name) for name in frame.columns]
    if hasattr(frame, "collect_schema"):  # Polars warns that names of a lazy frame may take long
        return list(frame.collect_schema().names())
    # The columns of a PyArrow table are arrays.
    names = getattr(frame, "column_names", None) or getattr(frame, "columns", None)
    if names is None:
        raise _no_engine(frame)
    return [str(name) for name in names]


class NestedColumn:
    """A column of lists of rows, in a frame of another engine than pandas.

    Parameters
    ----------
    frame : DataFrame
        With ``connection_id``, ``id`` and the column.
    name : str
        The column.

    Raises
    ------
    TypeError
        If it is a frame of none of the engines.
    ValueError
        If the column holds anything else than lists of rows; the message has its type.
    """

    def __init__(self, frame: Any, name: str) -> None:
        engine = _ENGINES.get(_package(frame))
        if engine is None:
            raise _no_engine(frame)
        module: Any = import_module(f"rutterframe.frames.{engine.module}")
        fields = module.fields_of(frame, name)
        if fields is None:
            raise ValueError(
                f"{name!r} must hold lists of rows; on this {engine.frame} it is "
                f"{module.type_name(frame, name)}: read the Parquet files of a dataset, such as those of "
                f"rf.Dataset(path).files('orders')"
            )
        self._frame, self._name, self._module, self.fields = frame, name, module, fields

    def child_rows(self, parent: str, schema: pa.Schema) -> Any:
        """Return one row for each nested row, with the connection and id of its record.

        Parameters
        ----------
        parent : str
            The name of the record's id in the result.
        schema : pyarrow.Schema
            The fields of a nested row; those that the frame does not have are null.
        """
        columns = child_columns(schema, self.fields, self._module.engine_type)
        return self._module.child_rows(self._frame, self._name, parent, columns)


def _package(frame: Any) -> str:
    return type(frame).__module__.partition(".")[0]


def _no_engine(frame: Any) -> TypeError:
    names = ", ".join(dict.fromkeys(engine.name for engine in _ENGINES.values()))
    kind = f"{_package(frame)}.{type(frame).__name__}"
    return TypeError(f"Nested lists are split from frames of pandas and {names}, not from {kind}")
