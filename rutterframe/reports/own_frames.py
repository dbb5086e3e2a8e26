"""Compute a report of another package, and check that it is what its spec promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from rutterframe.frames.text_dtype import infer_text
from rutterframe.notebook.escape import printable_names
from rutterframe.reports.columns import Kind
from rutterframe.reports.describe import read_report
from rutterframe.reports.engine.frame import finish
from rutterframe.reports.own import REPORTS, Report, options_of

# What `describe` knows beside the columns of a spec: where a row is from, and the names that go with ids.
_BESIDE = frozenset({"connection_id", "business", "customer_name", "vendor_name"})
_EXPECTED = {
    Kind.KEY: "str",
    Kind.TEXT: "str",
    Kind.DAY: "datetime64[us]",
    Kind.MONEY: "float64",
    Kind.SHARE: "float64",
    Kind.DURATION: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}
_AS_GOOD = {Kind.COUNT: ("int64",), Kind.FLAG: ("bool",)}


def compute_report(
    report: Report, frames: Mapping[str, Any], as_of: str, options: Mapping[str, Any]
) -> pd.DataFrame:
    """Compute a report of another package from frames on pandas.

    Parameters
    ----------
    report : Report
        The report.
    frames : mapping of str to DataFrame
        Loaded frames by resource.
    as_of : str
        The day.
    options : mapping
        Options of its function.

    Raises
    ------
    KeyError
        If a frame that it needs is missing.
    TypeError
        If it has no such option, or the result is not a pandas DataFrame.
    ValueError
        If the result lacks a column of its spec, has another one, one twice or one of another dtype, or has
        rows that `explain` could not tell apart.
    """
    unknown = [name for name in options if name not in report.options]
    if unknown:
        known = ", ".join(report.options) or "none"
        raise TypeError(f"{report.name} has no option {unknown[0]!r} (options: {known})")
    arguments = report.arguments(report.function, frames, as_of)
    result = infer_text(report.function(**arguments, **options))
    sources = [frame for name, frame in arguments.items() if name != "as_of" and frame is not None]
    check_columns(report, result)
    kinds = {column.name: column.kind for column in report.spec.columns}
    plain = {name: value for name, value in options.items() if isinstance(value, str | int | float | None)}
    changed = {"options": [*options]} if options else {}
    finished: pd.DataFrame = finish(
        nw.from_native(result),
        name=report.name,
        sources=sources,
        notes=result.attrs.get("notes", ()),
        counts=[name for name, kind in kinds.items() if kind is Kind.COUNT],
        **({"as_of": as_of} if "as_of" in arguments else {}),
        **plain,
        **changed,
    )
    return read_report(finished, report.name)


def check_columns(report: Report, result: object) -> None:
    """Refuse a result that is not what its spec promises; parameters and errors as in `compute_report`."""
    label = f"{report.name} of {REPORTS.source(report.name)}"
    if not isinstance(result, pd.DataFrame):
        raise TypeError(f"{label} returned {type(result).__name__}, not a pandas DataFrame")
    twice = result.columns[result.columns.duplicated()]
    if len(twice):
        raise ValueError(
            f"{label} has the column {str(twice[0])!r} twice: rename or drop one in the function"
        )
    columns = {column.name: column for column in report.spec.columns}
    missing = [name for name in columns if name not in result.columns]
    more = [str(name) for name in result.columns if name not in columns and name not in _BESIDE]
    if missing or more:
        problem = f"lacks the column {missing[0]!r}" if missing else f"has the column {more[0]!r}"
        raise ValueError(
            f"{label} {problem}, and its spec lists {', '.join(columns)}; it returned "
            f"{printable_names(result.columns)}: change the function, or the spec"
        )
    for name, column in columns.items():
        dtype, expected = str(result[name].dtype), _EXPECTED[column.kind]
        if dtype == expected or dtype in _AS_GOOD.get(column.kind, ()):
            continue
        if expected == "str" and isinstance(result[name].dtype, pd.StringDtype):
            continue
        raise ValueError(
            f"{label} has the column {name!r} as {dtype}, and a column of the kind {column.kind} is "
            f"{expected}: convert it in the function, such as with astype({expected!r})"
        )
    keys = [name for name in ("connection_id", *report.keys) if name in result.columns]
    if report.rows is not None and result.duplicated(keys).any():
        raise ValueError(
            f"{label} has two rows with the same {', '.join(keys)}, and nothing "
            "distinguishes the rows behind them: give a column that differs the kind Kind.KEY, or name it in "
            "identity of the spec"
        )


def rows_of_report(
    report: Report, frames: Mapping[str, Any], as_of: str | None, about: Mapping[Any, Any]
) -> Any:
    """Return the rows that a report adds up.

    Parameters
    ----------
    report : Report
        The report.
    frames : mapping of str to DataFrame
        Its frames by resource.
    as_of : str, optional
        The day.
    about : mapping
        The ``attrs`` of the report, with the options that it was computed with.

    Raises
    ------
    ValueError
        If the report does not say which; the day is not known; a frame is missing; or it was computed with an
        option that its ``rows`` does not take.
    """
    if report.rows is None:
        raise ValueError(
            f"{report.name} does not say which rows it adds up: its package would pass rows= to Report"
        )
    needed = [name for name, is_needed in report.frames.items() if is_needed]
    missing = [name for name in needed if name not in frames]
    if missing:
        raise ValueError(f"source must hold {', '.join(map(repr, needed))} to explain a row of {report.name}")
    arguments = report.arguments(report.rows, frames, str(as_of))
    if "as_of" in arguments and as_of is None:
        raise ValueError(f"pass as_of= of {report.name}: its row does not carry it")
    used, known = about.get("options", ()), options_of(report.rows)
    unknown = [name for name in used if name not in known or name not in about]
    if unknown:
        raise ValueError(
            f"{report.name} was computed with {unknown[0]}=, and the rows that it adds up may be others "
            f"then: its package would take {unknown[0]}, as text or a number, in the function of rows="
        )
    return report.rows(**arguments, **{name: about[name] for name in used})
