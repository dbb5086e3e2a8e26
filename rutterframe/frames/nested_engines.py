"""Child frames of nested lists on other engines than pandas: each has a module of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pandas as pd

#: The module and the name of an engine, by the package of its frames; each has `row_fields` and
#: `child_rows_of`.
_ENGINES = {
    "polars": ("nested_polars", "Polars"),
    "pyarrow": ("nested_arrow", "PyArrow"),
    "duckdb": ("nested_duckdb", "DuckDB"),
    "_duckdb": ("nested_duckdb", "DuckDB"),
    "pyspark": ("nested_spark", "PySpark"),
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


def engine_of(frame: Any) -> Any:
    """Return the module of a frame's engine.

    Raises
    ------
    TypeError
        If it is a frame of none of them.
    """
    module, _ = _ENGINES.get(_package(frame), ("", ""))
    if not module:
        raise _no_engine(frame)
    return import_module(f"rutterframe.frames.{module}")


def _package(frame: Any) -> str:
    return type(frame).__module__.partition(".")[0]


def _no_engine(frame: Any) -> TypeError:
    names = ", ".join(dict.fromkeys(name for _, name in _ENGINES.values()))
    kind = f"{_package(frame)}.{type(frame).__name__}"
    return TypeError(f"Nested lists are split from frames of pandas and {names}, not from {kind}")
