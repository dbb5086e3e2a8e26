"""The row compiler of mappings: one record of the wire to one record of a frame.

It defines what an expression means; `rutterframe.frames.map_columns` does the same to whole columns.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

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

#: More digits than the largest and the smallest float are apart.
_EXACT = Context(prec=800)

_Values = Mapping[str, Any]


def record_values(
    expressions: Mapping[str, Expression], values: _Values, envelope: _Values
) -> dict[str, Any]:
    """Return the values of a frame's record.

    Parameters
    ----------
    expressions : mapping of str to Expression
        The expression of each column.
    values : mapping
        The values of a record on the wire.
    envelope : mapping
        What stood around the record.
    """
    return {name: value_of(expression, values, envelope) for name, expression in expressions.items()}


@functools.singledispatch
def value_of(expression: Expression, values: _Values, envelope: _Values) -> Any:  # noqa: ARG001 - of all cases
    """Return the value of an expression.

    Parameters
    ----------
    expression : Expression
        What to work out.
    values : mapping
        The values of a record on the wire, or of one of its nested rows.
    envelope : mapping
        What stood around the record.
    """
    raise TypeError(f"{type(expression).__name__} is not an expression of a mapping")


@value_of.register
def _(expression: Null, values: _Values, envelope: _Values) -> None:  # noqa: ARG001
    return None


@value_of.register
def _(expression: Constant, values: _Values, envelope: _Values) -> str:  # noqa: ARG001
    return expression.text


@value_of.register
def _(expression: Field, values: _Values, envelope: _Values) -> Any:  # noqa: ARG001
    return _at(values, expression.path)


@value_of.register
def _(expression: Json, values: _Values, envelope: _Values) -> Any:  # noqa: ARG001
    return values.get(expression.field)


@value_of.register
def _(expression: Envelope, values: _Values, envelope: _Values) -> str | None:  # noqa: ARG001
    return text_at(envelope, expression.path)


@value_of.register
def _(expression: First, values: _Values, envelope: _Values) -> Any:
    present = (value_of(source, values, envelope) for source in expression.sources)
    return next((value for value in present if value is not None), None)


@value_of.register
def _(expression: Joined, values: _Values, envelope: _Values) -> str | None:
    texts = [value_of(source, values, envelope) for source in expression.sources]
    return expression.separator.join(text for text in texts if text) or None


@value_of.register
def _(expression: Words, values: _Values, envelope: _Values) -> str | None:
    return translate(expression.words, value_of(expression.source, values, envelope))


@value_of.register
def _(expression: WrittenDay, values: _Values, envelope: _Values) -> Any:
    return value_of(expression.source, values, envelope)


@value_of.register
def _(expression: UTCDay, values: _Values, envelope: _Values) -> Any:
    moment = value_of(expression.source, values, envelope)
    return None if moment is None else moment.date()


@value_of.register
def _(expression: Case, values: _Values, envelope: _Values) -> Any:
    result = expression.otherwise
    for source, word, outcome in expression.cases:
        if is_word(value_of(source, values, envelope), word):
            result = outcome
            break
    return value_of(result, values, envelope) if isinstance(result, Expression) else result


@value_of.register
def _(expression: Quotient, values: _Values, envelope: _Values) -> float | None:
    dividend, divisor = (
        value_of(part, values, envelope) for part in (expression.dividend, expression.divisor)
    )
    return quotient(dividend, divisor)


@value_of.register
def _(expression: Negative, values: _Values, envelope: _Values) -> float | None:
    return _negative(value_of(expression.source, values, envelope))


@value_of.register
def _(expression: Absolute, values: _Values, envelope: _Values) -> float | None:
    value = value_of(expression.source, values, envelope)
    return None if value is None else abs(value)


@value_of.register
def _(expression: Total, values: _Values, envelope: _Values) -> float | None:  # noqa: ARG001
    rows = values.get(expression.source)
    total = decimal_sum([_at(row, expression.path) for row in rows]) if rows else None
    return _negative(total) if expression.negative else total


@value_of.register
def _(expression: Only, values: _Values, envelope: _Values) -> Any:  # noqa: ARG001
    # Zero has no sign as a key of a set.
    distinct = {_at(row, expression.path) for row in values.get(expression.source) or ()}
    return distinct.pop() if len(distinct) == 1 else None


@value_of.register
def _(expression: Rows, values: _Values, envelope: _Values) -> list[dict[str, Any]] | None:
    rows = _listed(values, expression.path)
    if rows is None:
        return None
    return [
        {name: value_of(inner, row, envelope) for name, inner in expression.fields.items()} for row in rows
    ]


@value_of.register
def _(expression: Concat, values: _Values, envelope: _Values) -> list[Any] | None:
    return _concat([value_of(part, values, envelope) for part in expression.parts])


@value_of.register
def _(expression: Tree, values: _Values, envelope: _Values) -> list[Any] | None:  # noqa: ARG001
    present = [values[source] for source in expression.sources if values.get(source) is not None]
    return _concat(present) if present else None


def text_at(envelope: _Values, path: tuple[str, ...]) -> str | None:
    """Return a text of an answer around its records; None where there is something else."""
    value = _at(envelope, path)
    return value if isinstance(value, str) else None


def translate(words: Mapping[str, str], word: str | None) -> str | None:
    """Return this package's word for a word on the wire, which is compared without case; None for 'null'."""
    if is_word(word, "null"):
        return None
    return next((ours for wire, ours in words.items() if is_word(word, wire)), word)


def is_word(text: str | None, word: str) -> bool:
    """Return whether a text is a word of an enumeration, in upper or lower case."""
    return text is not None and text.casefold() == word.casefold()


def decimal_sum(values: list[float | None]) -> float | None:
    """Return the float that is nearest to the sum of some decimals.

    None if one of them is None, and beyond the largest float.
    """
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total = _EXACT.add(total, Decimal(repr(value)))
    result = float(total)
    return result if math.isfinite(result) else None


def quotient(dividend: float | None, divisor: float | None) -> float | None:
    """Return a quotient; None without one of the two, for a divisor of 0, and beyond the largest float."""
    if dividend is None or not divisor:
        return None
    result = dividend / divisor
    return result if math.isfinite(result) else None


def _negative(value: float | None) -> float | None:
    return None if value is None else 0.0 - value  # never minus zero


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(key)
    return values


def _listed(values: _Values, path: tuple[str, ...]) -> list[_Values] | None:
    """Return the rows at the end of a path of lists; None if one of the lists is null."""
    rows = values.get(path[0])
    if rows is None or len(path) == 1:
        return rows
    return _concat([_listed(row, path[1:]) for row in rows])


def _concat(lists: list[Any]) -> list[Any] | None:
    return None if any(part is None for part in lists) else [row for part in lists for row in part]
