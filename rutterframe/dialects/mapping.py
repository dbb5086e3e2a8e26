"""The mapping of a resource as data: the columns of its frame, and what each is worked out of on the wire.

Examples
--------
>>> from rutterframe.dialects.mapping import Field, First, Mapping, Null, Words
>>> from rutterframe.models import BankAccount
>>> mapping = Mapping(
...     BankAccount,
...     {
...         "id": Field("id"),
...         "name": Field("name"),
...         "type": Words(Field("subtype"), {"current account": "checking"}),
...         "balance": First(Field("balance", "current"), Field("balance", "available")),
...         "currency": Field("balance", "currency_code"),
...         "institution_name": Null("the service does not send it"),
...     },
... )
>>> sent = {"id": "b1", "subtype": "Current Account", "balance": {"current": "12.50", "currency_code": "USD"}}
>>> mapping.record(mapping.wire.model_validate(sent))
BankAccount(id='b1', name=None, type='checking', balance=12.5, currency='USD', institution_name=None)
"""

from __future__ import annotations

import functools
from collections import abc
from types import MappingProxyType
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
from rutterframe.dialects.map_record import record_values
from rutterframe.dialects.wire import TreeEntry, WireField
from rutterframe.models.base import Record
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Kind

__all__ = [
    "Absolute",
    "Case",
    "Concat",
    "Constant",
    "Envelope",
    "Expression",
    "Field",
    "First",
    "Joined",
    "Json",
    "Mapping",
    "Negative",
    "Null",
    "Only",
    "Quotient",
    "Rows",
    "Total",
    "Tree",
    "UTCDay",
    "Words",
    "WrittenDay",
]


class Mapping:
    """The mapping of one resource.

    Parameters
    ----------
    model : type of record
        The record of the frame's rows.
    expressions : mapping of str to Expression
        The expression of every column; ``Null`` for one that has no source, with the reason.

    Attributes
    ----------
    model : type of record
        The record of the frame's rows.
    expressions : mapping of str to Expression
        The expressions in the order of the columns.
    nulls : dict of str to str
        The columns without a source, and the reasons.
    envelope : tuple of tuple of str
        The paths of the texts that are read from the page around the records.
    has_trees : bool
        Whether pages hold nested lists of any depth, which only the exact path reads.

    Raises
    ------
    ValueError
        If a column is missing or unknown, an expression does not fit the kind of its column, or a wire field
        is used in two ways, such as an object and a value.
    """

    def __init__(self, model: type[Record], expressions: abc.Mapping[str, Expression]) -> None:
        self.model = model
        self._wire = WireField("object")
        self._envelope: dict[tuple[str, ...], None] = {}
        self.has_trees = False
        ordered = self._add_fields(model, expressions, self._wire, model.__name__)
        self.expressions: abc.Mapping[str, Expression] = MappingProxyType(ordered)
        self.nulls = {name: item.reason for name, item in ordered.items() if isinstance(item, Null)}
        self.envelope = tuple(self._envelope)

    def __repr__(self) -> str:
        return f"Mapping({self.model.__name__})"

    @functools.cached_property
    def wire(self) -> type[Record]:
        """The record on the wire: unknown fields are ignored, missing ones are null."""
        return self._wire.record(f"Wire{self.model.__name__}")

    def record(self, sent: Record, envelope: abc.Mapping[str, Any] | None = None) -> Record:
        """Return the record of a frame for one on the wire.

        Parameters
        ----------
        sent : Record
            A record of the type ``wire``.
        envelope : mapping, optional
            What stood around the record: the page, or the answer of a single one.
        """
        values = record_values(self.expressions, sent.model_dump(), envelope or {})
        return self.model.model_validate(values)

    def _add_fields(
        self, model: type[Record], expressions: abc.Mapping[str, Expression], within: WireField, where: str
    ) -> dict[str, Expression]:
        """Check the expressions of a record's columns and add their wire fields; return them in order."""
        present = {column.name: column for column in columns(model)}
        missing, unknown = present.keys() - expressions.keys(), expressions.keys() - present.keys()
        if missing or unknown:
            raise ValueError(
                f"The mapping of {where} needs one expression for each column: "
                f"missing {sorted(missing)}, unknown {sorted(unknown)}"
            )
        for name, column in present.items():
            try:
                self._add(expressions[name], column, within)
            except ValueError as error:
                raise ValueError(f"{where}.{name}: {error}") from None
        return {name: expressions[name] for name in present}

    def _add(self, expression: Expression, column: Column, within: WireField) -> None:
        """Check an expression, and add its wire fields."""
        if column.rows is not None:
            self._add_rows(expression, column.rows, within)
            return
        match expression:
            case Field() | Only():
                _add_value(expression, column.kind, within)
            case First():
                for part in expression.sources:
                    self._add(part, column, within)
            case Case(cases, otherwise):
                self._add_cases(cases, otherwise, column, within)
            case WrittenDay() | UTCDay():
                _check_kind(expression, column, Kind.DATE)
                kind = Kind.WRITTEN_DAY if isinstance(expression, WrittenDay) else Kind.TIMESTAMP
                _add_value(expression.source, kind, within)
            case Total() | Quotient() | Negative() | Absolute():
                _check_kind(expression, column, Kind.NUMBER)
                self._add_numbers(expression, column, within)
            case Constant() | Words() | Joined() | Envelope() | Json():
                self._add_texts(expression, column, within)
            case _ if not isinstance(expression, Null):
                raise ValueError(f"{type(expression).__name__} is not an expression of a single value")

    def _add_cases(self, cases: Any, otherwise: Any, column: Column, within: WireField) -> None:
        for source, _, _ in cases:
            self._add(source, _TEXT, within)
        for result in [*(result for _, _, result in cases), otherwise]:
            if isinstance(result, str):
                self._add(Constant(result), column, within)
            elif result is not None:
                self._add(result, column, within)

    def _add_numbers(self, expression: Expression, column: Column, within: WireField) -> None:
        match expression:
            case Total():
                _add_value(expression, Kind.NUMBER, within)
            case Quotient(dividend, divisor):
                self._add(dividend, column, within)
                self._add(divisor, column, within)
            case Negative(source) | Absolute(source):
                self._add(source, column, within)

    def _add_texts(self, expression: Expression, column: Column, within: WireField) -> None:
        # A platform's own record, which a frame has as text, has no kind.
        if column.kind is not None or not isinstance(expression, Json):
            _check_kind(expression, column, Kind.TEXT)
        match expression:
            case Words(source):
                self._add(source, column, within)
            case Joined(sources):
                for source in sources:
                    self._add(source, column, within)
            case Envelope(path):
                self._envelope[path] = None
            case Json(name):
                if within is not self._wire:
                    raise ValueError("Json is for a field of the record itself, not of its nested rows")
                within.add((name,), "json")

    def _add_rows(self, expression: Expression, model: type[Record], within: WireField) -> None:
        match expression:
            case Null():
                pass
            case Rows(fields=fields):
                inner = within
                for key in expression.path:
                    inner = inner.add((key,), "list")
                self._add_fields(model, fields, inner, model.__name__)
            case Concat(parts):
                for part in parts:
                    self._add_rows(part, model, within)
            case Tree(sources):
                _check_tree(model)
                self.has_trees = True
                for source in sources:
                    within.add((source,), "tree")
            case _:
                raise ValueError(f"{type(expression).__name__} is not a list of rows (expected Rows)")


def _add_value(expression: Field | Only | Total, kind: Kind | None, within: WireField) -> None:
    if isinstance(expression, Only) and not expression.path:
        within.add((expression.source,), "texts", kind)
        return
    if not isinstance(expression, Field):
        within = within.add((expression.source,), "list")
    within.add(expression.path, "value", kind)


_TEXT = Column("", Kind.TEXT, "", (), "")


def _check_kind(expression: Expression, column: Column, kind: Kind) -> None:
    if column.kind is not kind:
        raise ValueError(f"{type(expression).__name__} is a {kind}, but the column is a {column.kind}")


def _check_tree(model: type[Record]) -> None:
    names, known = [column.name for column in columns(model)], [column.name for column in columns(TreeEntry)]
    if names != known:
        raise ValueError(f"The rows of a tree have the columns {known}, not {names}")
