"""Adapter for frames of any engine: check the input, and return the result as the same kind of frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from numbers import Number
from typing import Any, Literal

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa
from narwhals.stable.v2.dependencies import is_ibis_table

from rutterframe.frames.deleted_rows import leave_out_deleted
from rutterframe.frames.nested_spark import refuse_inferred_ids
from rutterframe.frames.receipt import part_note
from rutterframe.frames.text_dtype import infer_text
from rutterframe.frames.unread_results import refuse_unread_results
from rutterframe.notebook.escape import printable_names

#: A frame of any engine: pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark.
Native = Any
# narwhals has no type for "either", and both have the methods that a report uses.
Frame = Any

# A column that only one kind of frame has, and the report that takes it.
_KINDS = {
    "vendor_id": "bills (ap_aging takes those)",
    "total_price": "orders (revenue_by_product takes those)",
    "customer_id": "invoices (ar_aging takes those)",
    "institution_name": "bank accounts (cash_position takes those)",
    "platform_id": "accounts (trial_balance takes those)",
}

# Below this every whole float is exact.
_MAX_EXACT = 2.0**53


def read_frame(native: Native, needed: Iterable[str], *, kind: str) -> Frame:
    """Read a frame of any engine without deleted rows, and check that it has the columns of its kind.

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If columns are missing; the message lists them and the columns, and names the report that takes
        such a frame. If Spark has taken the connections' ids, which are names of folders, for numbers, or
        files of a dataset were read without these names.
    """
    try:
        frame: Frame = nw.from_native(_from_ibis(native) if is_ibis_table(native) else infer_text(native))
    except TypeError:
        raise TypeError(
            f"{kind} must be a DataFrame (pandas, Polars, PyArrow, DuckDB, PySpark or ibis), "
            f"not {type(native).__name__}"
        ) from None
    with refuse_unread_results():  # DuckDB runs a query for the zone of moments
        schema = frame.collect_schema()
    names = schema.names()
    frame = leave_out_deleted(frame)
    missing = [name for name in needed if name not in names]
    if missing:
        looks = next((f" It looks like {these}." for name, these in _KINDS.items() if name in names), "")
        if looks.startswith(f" It looks like {kind} ") or "total" in names:
            looks = ""  # it is what it was passed as, or a report
        raise ValueError(
            f"{kind} has no column {', '.join(map(repr, missing))}; "
            f"its columns are {printable_names(names)}.{looks}"
        )
    if frame.implementation.is_pyspark() and "connection_id" in names:
        refuse_inferred_ids(str(schema["connection_id"]))
    categories = [name for name, dtype in schema.items() if isinstance(dtype, nw.Categorical | nw.Enum)]
    return _without_categories(frame, categories) if categories else frame


def _from_ibis(table: Native) -> Native:
    """Return an ibis table of DuckDB as a relation on its own connection, and of another database in memory.

    Reports need more than ibis translates: it knows no NaN on SQLite, and casts no boolean on PostgreSQL.
    """
    backend = table.get_backend()
    if backend.name == "duckdb":
        import duckdb  # noqa: PLC0415 - installed, as it is the table's own

        with suppress(duckdb.Error):  # a table of Python's memory is not registered yet
            return backend.con.sql(backend.compile(table))
    return table.to_pyarrow()


def _without_categories(frame: Frame, names: list[str]) -> Frame:
    """Cast categories to text where engines do not compare them with text, or cannot group by them."""
    if not isinstance(frame, nw.DataFrame):
        return frame.with_columns(nw.col(name).cast(nw.String) for name in names)
    native = frame.to_native()
    if not isinstance(native, pd.DataFrame):
        return frame
    texts = {}
    for name in names:
        dtype = native[name].dtype
        if isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype):
            texts[name] = native[name].astype(pd.ArrowDtype(dtype.pyarrow_dtype.value_type))
    return nw.from_native(native.assign(**texts)) if texts else frame


def with_connection_id(frame: Frame) -> Frame:
    """Return a frame with a column ``connection_id``: a frame without it counts as one connection (null)."""
    if "connection_id" in frame.collect_schema().names():
        return frame
    return frame.with_columns(nw.lit(None, nw.String).alias("connection_id"))


def key_columns(by: str | Iterable[str]) -> list[str]:
    """Return the columns to group by: an id is unique only within its connection, which is a key as well.

    Raises
    ------
    TypeError
        If it is neither a name nor a sequence of names.
    ValueError
        If there is no name, one occurs twice, or one begins with "_".

    Examples
    --------
    >>> key_columns("customer_id"), key_columns(["vendor_name", "status"])
    (['connection_id', 'customer_id'], ['vendor_name', 'status'])
    """
    if isinstance(by, Iterator):
        raise TypeError(f"by={by!r} is not valid (expected a list of names): it can be read only once")
    names: list[Any] = [by] if isinstance(by, str) or not isinstance(by, Iterable) else list(by)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"by={by!r} is not valid (expected the name of a column, or a list of names)")
    if not names:
        raise ValueError(f"by={by!r} is not valid (expected at least one column, such as 'currency')")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"by={by!r} names {', '.join(map(repr, repeated))} twice")
    internal = [name for name in names if name.startswith("_")]
    if internal:
        raise ValueError(f"by={internal[0]!r} begins with '_', as internal columns do: rename it first")
    with_connection = any(is_id(name) for name in names) and "connection_id" not in names
    return [*(["connection_id"] if with_connection else []), *names]


def check_keys(frame: Frame, keys: Iterable[str]) -> None:
    """Check that columns of a frame can be keys.

    Raises
    ------
    ValueError
        If one holds lists or other nested values.
    """
    schema = frame.collect_schema()
    for name in keys:
        nested = name in schema and schema[name].is_nested()
        if name in schema and schema[name] == nw.Object and isinstance(frame, nw.DataFrame):
            first = next((value for value in frame[name].to_list() if value is not None), None)
            nested = not isinstance(first, Hashable)
        if nested:
            raise ValueError(f"by={name!r} holds lists or other nested values, where each row needs one key")


def is_id(name: str) -> bool:
    """Return whether a column is an id that is unique only within its connection, by its name."""
    return (name == "id" or name.endswith("_id")) and name != "connection_id"


def normalize_key(value: object) -> str | None:
    """Return a key as text, or None if it is missing or empty, whatever the engine represents it as.

    Ids may be numbers, and a whole number is the same key as an integer, a float or a decimal.

    Examples
    --------
    >>> normalize_key("a"), normalize_key(1), normalize_key(1.0), normalize_key(" ")
    ('a', '1', '1', None)
    """
    if isinstance(value, str):
        return value if value.strip() else None
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - so are NaN and NaT
        return None
    number: Any = value if isinstance(value, Number) and not isinstance(value, bool) else None
    return str(value if number is None or number != number // 1 else int(number))


def cast_to_text(frame: Frame, name: str) -> nw.Expr:
    """Cast a column of keys to text, whole floats as integers: ids with gaps are floats in a CSV file."""
    values = nw.col(name)
    if not frame.collect_schema()[name].is_float():
        return values.cast(nw.String)
    present = ~values.is_null() & ~values.is_nan()
    whole = present & (values.floor() == values) & (values.abs() < _MAX_EXACT)
    number = nw.when(whole).then(values).otherwise(nw.lit(0.0)).cast(nw.Int64).cast(nw.String)
    other = nw.when(present).then(values.cast(nw.String))
    return nw.when(whole).then(number).otherwise(other).alias(name)


def value_to_text(value: Any) -> str | None:
    """Return a value as text, as `cast_to_text` does for a column; None if it is missing or empty.

    Examples
    --------
    >>> value_to_text(2.0), value_to_text(2), value_to_text("2"), value_to_text(" ")
    ('2', '2', '2', None)
    """
    if pd.isna(value):
        return None
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _MAX_EXACT
    return normalize_key(str(int(value) if whole else value))


def nulls_last(key: str | None) -> tuple[bool, str]:
    """Return the sort key of a text that puts missing ones last."""
    return key is None, key or ""


def collect(frame: Frame, backend: Literal["pyarrow"] | None = None) -> nw.DataFrame[Any]:
    """Collect a lazy frame; one in memory is returned as it is.

    Raises
    ------
    RuntimeError
        If its DuckDB connection has an unread result.
    """
    if not isinstance(frame, nw.LazyFrame):
        eager: nw.DataFrame[Any] = frame
        return eager
    with refuse_unread_results():
        return frame.collect(backend)


def from_columns(columns: dict[str, list[object]], schema: dict[str, Any], like: Frame) -> Frame:
    """Build a report from lists, as the same kind of frame as another."""
    backend = like.implementation if isinstance(like, nw.DataFrame) else nw.Implementation.PYARROW
    # Not from_dict with a schema, which on pandas 2 makes text of what is missing.
    series = {
        name: nw.new_series(name, values, schema[name], backend=backend) for name, values in columns.items()
    }
    return to_backend(nw.from_dict(series), like)


def to_backend(report: Frame, like: Frame) -> Frame:
    """Convert a report to the same kind of frame as another, lazy or in memory."""
    if isinstance(like, nw.DataFrame) or not isinstance(report, nw.DataFrame):
        return report
    if like.implementation.is_pyspark():
        lazy = report.lazy(backend=like.implementation, session=like.to_native().sparkSession)
        # Spark takes datetimes without a zone for moments in the session's zone.
        days = [name for name, dtype in report.schema.items() if dtype == nw.Datetime("us")]
        return lazy.with_columns(nw.col(name).cast(nw.Datetime("us")) for name in days)
    return report.lazy(backend=like.implementation)


def finish(
    report: Frame,
    *,
    name: str,
    sources: Sequence[Native],
    notes: Sequence[str] = (),
    counts: Sequence[str] = (),
    **about: Any,
) -> Native:
    """Return a report as a native frame; on pandas with ``attrs``: its name, notes, sources and arguments.

    Parameters
    ----------
    report : narwhals frame
        The report.
    name : str
        The report's name.
    sources : sequence of DataFrame
        The frames that it was computed from; their receipts go along.
    notes : sequence of str
        What a reader must know about the data, such as rows that were left out.
    counts : sequence of str
        Columns of whole numbers, which pandas would hold as floats where one is missing.
    **about
        The arguments that the report was computed with, such as ``as_of``.
    """
    native = report.to_native()
    if isinstance(native, pd.DataFrame):
        native = infer_text(native.reset_index(drop=True))
        # A cast to the same dtype would take longer than all the rest.
        whole = [name for name in counts if native[name].dtype != "Int64"]
        native = native.assign(**{name: native[name].astype("Int64") for name in whole})
        receipts = [receipt for frame in sources for receipt in _receipts(frame)]
        common: dict[Hashable, Any] = {
            "report": name,
            "notes": [*notes, *_subset_notes(sources)],
            "sources": receipts,
        }
        native.attrs = common | _row_counts(native) | dict(about)
    return native


def _row_counts(report: pd.DataFrame) -> dict[Hashable, Any]:
    """Count the rows, in all and by currency ("" for none): a subset of the report is recognised by them."""
    if "currency" not in report:
        return {"rows": len(report)}
    by_currency: Counter[str] = Counter()
    for count in pa.array(report["currency"], from_pandas=True).value_counts():
        currency, rows = count["values"].as_py(), count["counts"].as_py()
        by_currency[currency if isinstance(currency, str) else ""] += rows
    return {"rows": len(report), "rows_by_currency": dict(by_currency)}


def _subset_notes(sources: Sequence[Native]) -> list[str]:
    """Write a note for each source that is a subset of a load or of a report."""
    notes = []
    for source in sources:
        if not isinstance(source, pd.DataFrame):
            continue
        note = part_note(source)
        name, rows = source.attrs.get("report"), source.attrs.get("rows")
        if note is None and name is not None and isinstance(rows, int) and len(source) < rows:
            note = f"{name}: {len(source):,} of the {rows:,} rows of the report."
        if note is not None and note not in notes:
            notes.append(note)
    return notes


def _receipts(source: Native) -> list[Any]:
    """Return the receipt of a loaded frame, or those of the sources of a report."""
    attrs = getattr(source, "attrs", {})
    return [attrs["receipt"]] if "receipt" in attrs else list(attrs.get("sources", []))
