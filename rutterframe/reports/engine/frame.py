"""What every report does with a frame: check it first, and give the same kind back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from numbers import Number
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from rutterframe.frames.receipt import part_note

#: A frame of any engine: pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark.
Native = Any
# narwhals has no type for "either", and both have the methods that a report uses.
Frame = Any

# What only one kind of document has, and the report that takes it.
_TELLTALES = {
    "vendor_id": "bills (ap_aging takes those)",
    "total_price": "orders (revenue_by_product takes those)",
    "customer_id": "invoices (ar_aging takes those)",
    "institution_name": "bank accounts (cash_position takes those)",
    "platform_id": "accounts (trial_balance takes those)",
}


# Below this every whole float is the integer that was written.
_WHOLE = 2.0**53


def read_frame(native: Native, needed: Iterable[str], *, kind: str) -> Frame:
    """Take a frame of any engine and make sure that it is of the right kind.

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If columns are missing; the message lists them, what was there, and what the frame looks like.
    """
    try:
        frame: Frame = nw.from_native(native)
    except TypeError:
        raise TypeError(
            f"{kind} must be a DataFrame (pandas, Polars, PyArrow, DuckDB or PySpark), "
            f"not {type(native).__name__}"
        ) from None
    schema = frame.collect_schema()
    there = schema.names()
    missing = [name for name in needed if name not in there]
    if missing:
        looks = next((f" It looks like {what}." for name, what in _TELLTALES.items() if name in there), "")
        raise ValueError(
            f"{kind} has no column {', '.join(map(repr, missing))}; "
            f"its columns are {', '.join(map(str, there))}.{looks}"
        )
    coded = [name for name, dtype in schema.items() if isinstance(dtype, nw.Categorical | nw.Enum)]
    return _without_categories(frame, coded) if coded else frame


def _without_categories(frame: Frame, names: list[str]) -> Frame:
    """Give categories as text where engines do not compare them with text, or cannot add up by them."""
    if not isinstance(frame, nw.DataFrame):
        return frame.with_columns(nw.col(name).cast(nw.String) for name in names)
    native = frame.to_native()
    if not isinstance(native, pd.DataFrame):
        return frame
    found = {}
    for name in names:
        dtype = native[name].dtype
        if isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype):
            found[name] = native[name].astype(pd.ArrowDtype(dtype.pyarrow_dtype.value_type))
    return nw.from_native(native.assign(**found)) if found else frame


def with_connection_id(frame: Frame) -> Frame:
    """Return a frame that has a column ``connection_id``: null where it had none, as one connection."""
    if "connection_id" in frame.collect_schema().names():
        return frame
    return frame.with_columns(nw.lit(None, nw.String).alias("connection_id"))


def key_columns(by: str | Iterable[str]) -> list[str]:
    """List the columns that get a row each: an id means something only with its connection.

    Raises
    ------
    TypeError
        If it is neither a name nor a sequence of names.
    ValueError
        If no column is named, or one twice, or a name begins with "_".

    Examples
    --------
    >>> key_columns("customer_id"), key_columns(["vendor_name", "status"])
    (['connection_id', 'customer_id'], ['vendor_name', 'status'])
    """
    if isinstance(by, Iterator):
        raise TypeError(f"by={by!r} can be read only once: pass a list of names")
    names: list[Any] = [by] if isinstance(by, str) or not isinstance(by, Iterable) else list(by)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"by={by!r} must be the name of a column, or a list of names")
    if not names:
        raise ValueError(f"by={by!r} names no column: name one, such as 'currency'")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"by={by!r} names {', '.join(map(repr, twice))} twice")
    own = [name for name in names if name.startswith("_")]
    if own:
        raise ValueError(f"by={own[0]!r} begins with '_', as columns of the reports' own do: rename it first")
    needs = any(is_id(name) for name in names) and "connection_id" not in names
    return [*(["connection_id"] if needs else []), *names]


def check_keys(frame: Frame, keys: Iterable[str]) -> None:
    """Make sure that columns of a frame can be keys.

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
    """Tell whether a column identifies something within its connection, by its name."""
    return (name == "id" or name.endswith("_id")) and name != "connection_id"


def normalize_key(value: object) -> str | None:
    """Return a key as plain text, or None where it is missing or empty, in whatever way an engine has it.

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
    """Write a column of keys as text, floats that are whole as integers: a CSV file with gaps has such."""
    found = nw.col(name)
    if not frame.collect_schema()[name].is_float():
        return found.cast(nw.String)
    there = ~found.is_null() & ~found.is_nan()
    whole = there & (found.floor() == found) & (found.abs() < _WHOLE)
    number = nw.when(whole).then(found).otherwise(nw.lit(0.0)).cast(nw.Int64).cast(nw.String)
    other = nw.when(there).then(found.cast(nw.String))
    return nw.when(whole).then(number).otherwise(other).alias(name)


def value_to_text(value: Any) -> str | None:
    """Return one key as text, as `cast_to_text` writes it; None where it is missing or empty.

    Examples
    --------
    >>> value_to_text(2.0), value_to_text(2), value_to_text("2"), value_to_text(" ")
    ('2', '2', '2', None)
    """
    if pd.isna(value):
        return None
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE
    return normalize_key(str(int(value) if whole else value))


def nulls_last(key: str | None) -> tuple[bool, str]:
    """Sort what is missing last."""
    return key is None, key or ""


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Collect what is lazy; what a report works out row by row is short by then."""
    found: nw.DataFrame[Any] = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return found


def from_columns(columns: dict[str, list[object]], schema: dict[str, Any], given: Frame) -> Frame:
    """Make a report of what was worked out row by row, as the kind of frame that was given."""
    backend = given.implementation if isinstance(given, nw.DataFrame) else nw.Implementation.PYARROW
    return to_backend(nw.from_dict(columns, schema, backend=backend), given)


def to_backend(report: Frame, given: Frame) -> Frame:
    """Give what was worked out, in memory or not, as the kind of frame that was given."""
    if isinstance(given, nw.DataFrame) or not isinstance(report, nw.DataFrame):
        return report
    if given.implementation.is_pyspark():
        there = report.lazy(backend=given.implementation, session=given.to_native().sparkSession)
        # Spark takes days without a zone for moments of the session's.
        days = [name for name, dtype in report.schema.items() if dtype == nw.Datetime("us")]
        return there.with_columns(nw.col(name).cast(nw.Datetime("us")) for name in days)
    return report.lazy(backend=given.implementation)


def finish(
    report: Frame,
    *,
    name: str,
    sources: Sequence[Native],
    notes: Sequence[str] = (),
    counts: Sequence[str] = (),
    **about: Any,
) -> Native:
    """Give a report as the caller's kind of frame; pandas' also carries where it comes from.

    Parameters
    ----------
    report : narwhals frame
        What was worked out.
    name : str
        The report's name.
    sources : sequence of DataFrame
        What it was made of; their receipts go along.
    notes : sequence of str
        What the data cannot say.
    counts : sequence of str
        Columns of whole numbers, which pandas would give as floats where one is missing.
    **about
        What else a reader must know, such as ``as_of``.
    """
    native = report.to_native()
    if isinstance(native, pd.DataFrame):
        native = native.reset_index(drop=True)
        # To turn what is one already takes longer than all the rest.
        whole = [name for name in counts if native[name].dtype != "Int64"]
        native = native.assign(**{name: native[name].astype("Int64") for name in whole})
        receipts = [receipt for frame in sources for receipt in _receipts(frame)]
        carried: dict[Hashable, Any] = {
            "report": name,
            "notes": [*notes, *_parts(sources)],
            "sources": receipts,
        }
        native.attrs = carried | _sizes(native) | dict(about)
    return native


def _sizes(report: pd.DataFrame) -> dict[Hashable, Any]:
    """Count the rows, in all and by currency ("" for none), so that a part of the report can be told."""
    if "currency" not in report:
        return {"rows": len(report)}
    by_currency: Counter[str] = Counter()
    for found in pa.array(report["currency"], from_pandas=True).value_counts():
        currency, rows = found["values"].as_py(), found["counts"].as_py()
        by_currency[currency if isinstance(currency, str) else ""] += rows
    return {"rows": len(report), "rows_by_currency": dict(by_currency)}


def _parts(sources: Sequence[Native]) -> list[str]:
    """Say which sources are a part of what was loaded, or of a report."""
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
    """Give the receipts of a loaded frame, or of what a report was made of."""
    attrs = getattr(source, "attrs", {})
    return [attrs["receipt"]] if "receipt" in attrs else list(attrs.get("sources", []))
