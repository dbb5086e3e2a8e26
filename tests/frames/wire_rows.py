"""Rows as a service may send them, drawn from the record that a mapping reads."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from rutterframe.dialects.wire import TreeEntry
from rutterframe.models import Record
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind

AMOUNTS = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53),
    st.decimals(-(10**9), 10**9, places=4).map(str),
)
COUNTS = st.one_of(st.integers(-(10**9), 10**9), st.integers(0, 99).map(float), st.integers(0, 99).map(str))
TEXTS = st.one_of(
    st.sampled_from(
        ["", "open", "VOID", "void", "refund", "Refund", "cancelled", "fulfilled", "pending", "USD"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.integers(0, 10**6),
)
DATES = st.dates().map(str)
TIMES = st.builds(
    "{}T{}{}".format,
    DATES.filter(lambda day: "0001-01-01" < day < "9999-12-31"),
    st.sampled_from(["00:00:00", "05:00:00", "23:59:59.999", "12:30:00.123456"]),
    st.sampled_from(["Z", "Z", "", "+00:00", "-08:00", "+14:00", "+02"]),
)
VALUES: dict[Kind | None, st.SearchStrategy[Any]] = {
    Kind.TEXT: TEXTS,
    Kind.NUMBER: AMOUNTS,
    Kind.COUNT: COUNTS,
    Kind.DATE: DATES,
    Kind.TIMESTAMP: st.one_of(TIMES, TIMES, DATES),
    Kind.WRITTEN_DAY: st.one_of(DATES, TIMES),
    None: st.sampled_from([{"a": [1, None]}, "text", 7]),
}


def wire_rows(model: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a record: each field is missing, null, or a value that its kind accepts."""
    return st.fixed_dictionaries({}, optional={column.name: _values(column) for column in columns(model)})


def _values(column: Column) -> st.SearchStrategy[Any]:
    if column.rows is TreeEntry:
        return st.one_of(_entries(), st.none())
    if column.is_list and column.rows is None:
        return st.one_of(st.lists(TEXTS, max_size=3), st.none())
    if column.rows is not None:
        return st.one_of(st.lists(wire_rows(column.rows), max_size=3), st.none())
    if column.fields is not None:
        return st.one_of(wire_rows(column.fields), st.sampled_from([None, [], ""]))
    return st.one_of(VALUES[column.kind], st.none())


def _entries() -> st.SearchStrategy[dict[str, Any]]:
    entry: dict[str, Any] = {
        "name": st.one_of(TEXTS.map(str), st.none()),
        "value": AMOUNTS,
        "account_id": TEXTS,
    }
    return st.recursive(
        st.fixed_dictionaries({}, optional=entry),
        lambda inner: st.fixed_dictionaries({"items": st.lists(inner, max_size=3), **entry}),
        max_leaves=5,
    )
