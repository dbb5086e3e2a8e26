"""The column compiler of mappings: a table of wire records to the table of a frame, whole columns at once.

It does to Arrow columns what `rutterframe.dialects.map_record` does to one record; a test compares both.
"""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rutterframe.dialects.expressions import (
    Absolute,
    Case,
    Concat,
    Constant,
    Envelope,
    Expression,
    Field,
    First,
    Joined,
    Json,
    Negative,
    Null,
    Only,
    Quotient,
    Rows,
    Total,
    Tree,
    UTCDay,
    Words,
    WrittenDay,
)
from rutterframe.dialects.map_record import is_word, text_at, translate
from rutterframe.dialects.mapping import Mapping as ResourceMapping
from rutterframe.frames.nested_lists import Lists, concat_lists, lists_at, only_values, totals
from rutterframe.frames.schema import TEXT, frame_schema

_NUMBER = pa.float64()


@dataclass(frozen=True, slots=True)
class _Scope:
    """The records that an expression is worked out for.

    Attributes
    ----------
    arrays : dict of str to pyarrow.Array
        The wire fields of the records.
    length : int
        How many records there are.
    around : mapping of tuple of str to pyarrow.Array
        The texts of the page around each record of the wire, by their paths.
    lists : Lists or None
        The lists that the records are rows of; None for records of the wire.
    """

    arrays: dict[str, pa.Array]
    length: int
    around: Mapping[tuple[str, ...], pa.Array]
    lists: Lists | None = None


def mapped_table(mapping: ResourceMapping, table: pa.Table) -> pa.Table:
    """Return the table of a frame for a table of wire records.

    Parameters
    ----------
    mapping : Mapping
        The expressions of the columns.
    table : pyarrow.Table
        The columns of ``mapping.wire``, and those that `with_texts` adds for ``mapping.envelope``.
    """
    arrays = {name: _array(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    around = {path: arrays[_name(path)] for path in mapping.envelope}
    schema = frame_schema(mapping.model)
    return pa.table(_columns(mapping.expressions, _Scope(arrays, len(table), around), schema), schema=schema)


def with_texts(table: pa.Table, envelope: Mapping[str, Any], paths: Iterable[tuple[str, ...]]) -> pa.Table:
    """Add a column to the wire records of a page for each text of the page around them.

    Parameters
    ----------
    table : pyarrow.Table
        The records.
    envelope : mapping
        The page.
    paths : iterable of tuple of str
        The paths of the texts.
    """
    for path in paths:
        text = pa.scalar(text_at(envelope, path), TEXT)
        table = table.append_column(_name(path), pa.repeat(text, len(table)))
    return table


def _name(path: tuple[str, ...]) -> str:
    return f"<{'.'.join(path)}>"


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _columns(expressions: Mapping[str, Expression], scope: _Scope, schema: pa.Schema) -> list[pa.Array]:
    return [_column(expressions[field.name], scope, field.type) for field in schema]


def _column(expression: Expression, scope: _Scope, kind: pa.DataType) -> pa.Array:
    """Return the values of an expression as an array of a type."""
    column = _values(expression, scope, kind)
    return column if column.type == kind else column.cast(kind)


@functools.singledispatch
def _values(expression: Expression, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001 - of all cases
    raise TypeError(f"{type(expression).__name__} is not an expression of a mapping")


@_values.register
def _(expression: Null, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    return pa.nulls(scope.length, kind)


@_values.register
def _(expression: Constant, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    return pa.repeat(pa.scalar(expression.text, TEXT), scope.length)


@_values.register
def _(expression: Field, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    first, *inner = expression.path
    return pc.struct_field(scope.arrays[first], inner) if inner else scope.arrays[first]


@_values.register
def _(expression: Json, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    return scope.arrays[expression.field]


@_values.register
def _(expression: Envelope, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    texts = scope.around[expression.path]
    return texts if scope.lists is None else texts.take(pa.array(scope.lists.parents()))


@_values.register
def _(expression: First, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return pc.coalesce(*(_column(source, scope, kind) for source in expression.sources))


@_values.register
def _(expression: Joined, scope: _Scope, kind: pa.DataType) -> pa.Array:
    texts = [_without_empty(_column(source, scope, kind)) for source in expression.sources]
    separator = pa.scalar(expression.separator, TEXT)
    joined = texts[0]
    for following in texts[1:]:
        # Null where one of the two is null. Skipping nulls loses rows of nulls only, in pyarrow 26.
        both = pc.binary_join_element_wise(joined, following, separator)
        joined = pc.coalesce(both, joined, following)
    return joined


def _without_empty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts)


@_values.register
def _(expression: Words, scope: _Scope, kind: pa.DataType) -> pa.Array:
    words = _column(expression.source, scope, kind).dictionary_encode()
    translated = [translate(expression.words, word) for word in words.dictionary.to_pylist()]
    return pa.array(translated, TEXT).take(words.indices)


@_values.register
def _(expression: WrittenDay, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return _values(expression.source, scope, kind)


@_values.register
def _(expression: UTCDay, scope: _Scope, kind: pa.DataType) -> pa.Array:
    moments = _values(expression.source, scope, kind)
    return moments.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)


@_values.register
def _(expression: Case, scope: _Scope, kind: pa.DataType) -> pa.Array:
    outcomes = [outcome for _, _, outcome in expression.cases]
    numbers_of_outcomes = np.full(scope.length, len(outcomes))
    codes: dict[int, tuple[np.ndarray, list[str]]] = {}
    for number, (source, word, _) in reversed(list(enumerate(expression.cases))):
        if id(source) not in codes:
            codes[id(source)] = _codes(_column(source, scope, TEXT))
        numbers, words = codes[id(source)]
        # The number of null is -1, which is the last.
        numbers_of_outcomes[np.array([*(is_word(text, word) for text in words), False])[numbers]] = number
    return _choose(numbers_of_outcomes, [*outcomes, expression.otherwise], scope, kind)


def _codes(texts: pa.Array) -> tuple[np.ndarray, list[str]]:
    """Return the number of each text among the distinct ones, -1 for null, and these."""
    distinct = texts.dictionary_encode()
    return distinct.indices.fill_null(-1).to_numpy(), distinct.dictionary.to_pylist()


def _choose(
    numbers_of_outcomes: np.ndarray,
    outcomes: Sequence[Expression | str | None],
    scope: _Scope,
    kind: pa.DataType,
) -> pa.Array:
    """Return the outcome with the number of each record."""
    if not any(isinstance(outcome, Expression) for outcome in outcomes):
        return pa.array(outcomes, kind).take(pa.array(numbers_of_outcomes))
    columns = [
        _column(outcome, scope, kind) if isinstance(outcome, Expression) else pa.scalar(outcome, kind)
        for outcome in outcomes
    ]
    return pc.choose(pa.array(numbers_of_outcomes), *columns)


@_values.register
def _(expression: Quotient, scope: _Scope, kind: pa.DataType) -> pa.Array:
    dividend, divisor = (
        _column(part, scope, kind).to_numpy(zero_copy_only=False)
        for part in (expression.dividend, expression.divisor)
    )
    with np.errstate(all="ignore"):
        result = dividend / divisor  # NaN for null
    return pa.array(result, _NUMBER, mask=~np.isfinite(result))


@_values.register
def _(expression: Negative, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return _negative(_column(expression.source, scope, kind))


def _negative(numbers: pa.Array) -> pa.Array:
    return pc.subtract(0.0, numbers)  # never minus zero


@_values.register
def _(expression: Absolute, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return pc.abs(_column(expression.source, scope, kind))


@_values.register
def _(expression: Total, scope: _Scope, kind: pa.DataType) -> pa.Array:
    lists = lists_at(scope.arrays, (expression.source,))
    result = totals(lists, _column(Field(*expression.path), _rows_of(lists, scope), kind))
    return _negative(result) if expression.negative else result


@_values.register
def _(expression: Only, scope: _Scope, kind: pa.DataType) -> pa.Array:
    lists = lists_at(scope.arrays, (expression.source,))
    if not expression.path:
        return only_values(lists, lists.rows)
    return only_values(lists, _column(Field(*expression.path), _rows_of(lists, scope), kind))


@_values.register
def _(expression: Rows, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return _mapped_lists(expression, scope, kind).to_array()


@_values.register
def _(expression: Concat, scope: _Scope, kind: pa.DataType) -> pa.Array:
    return concat_lists([_mapped_lists(part, scope, kind) for part in expression.parts]).to_array()


@_values.register
def _(expression: Tree, scope: _Scope, kind: pa.DataType) -> pa.Array:  # noqa: ARG001
    lists = [lists_at(scope.arrays, (source,)) for source in expression.sources]
    nulls = [np.zeros(scope.length, np.bool_) if part.is_null is None else part.is_null for part in lists]
    present = concat_lists([replace(part, is_null=None) for part in lists])
    return replace(present, is_null=np.logical_and.reduce(nulls)).to_array()


def _mapped_lists(expression: Rows, scope: _Scope, kind: pa.ListType) -> Lists:
    lists = lists_at(scope.arrays, expression.path)
    schema = pa.schema(list(kind.value_type))
    columns = _columns(expression.fields, _rows_of(lists, scope), schema)
    return lists.with_rows(pa.StructArray.from_arrays(columns, fields=list(schema)))


def _rows_of(lists: Lists, scope: _Scope) -> _Scope:
    rows = lists.rows
    arrays = dict(zip((field.name for field in rows.type), rows.flatten(), strict=True))
    return _Scope(arrays, len(rows), scope.around, lists)
