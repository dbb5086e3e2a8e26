"""The fields of a record as data: what schemas, frames and documentation are derived from."""

from __future__ import annotations

import functools
import types
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from rutterframe.models.base import Record
from rutterframe.models.fields import Kind, Known, Unit


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record.

    Attributes
    ----------
    name : str
        The field's name, as in the contract.
    kind : Kind or None
        What it holds; None for a nested list and for a platform's own record.
    unit : str
        What one unit of the value is; empty where there is none.
    known : tuple of str
        The values that the contract lists; empty where it lists none.
    meaning : str
        One line on what it says.
    rows : type of record, or None
        For a nested list: the record of its rows.
    """

    name: str
    kind: Kind | None
    unit: str
    known: tuple[str, ...]
    meaning: str
    rows: type[Record] | None = None


@functools.cache
def columns(model: type[Record]) -> tuple[Column, ...]:
    """Give the fields of a record, in the order of the contract."""
    found = []
    for name, field in model.model_fields.items():
        inner, marks = unwrap(field.annotation)
        # pydantic lifts the marks of an annotation without "| None" out of it
        marks = [*marks, *field.metadata]
        found.append(
            Column(
                name,
                kind=next((mark for mark in marks if isinstance(mark, Kind)), None),
                unit=next((mark.name for mark in reversed(marks) if isinstance(mark, Unit)), ""),
                known=next((mark.values for mark in marks if isinstance(mark, Known)), ()),
                meaning=field.description or "",
                rows=inner if isinstance(inner, type) and issubclass(inner, Record) else None,
            )
        )
    return tuple(found)


def unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Take ``| None``, ``list[…]`` and ``Annotated[…]`` off a type; give what is inside, and the marks."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, marks = unwrap(get_args(annotation)[0])
        return inner, [*marks, *annotation.__metadata__]
    if origin in {Union, types.UnionType}:
        (inside,) = (part for part in get_args(annotation) if part is not types.NoneType)
        return unwrap(inside)
    if origin is list:
        return unwrap(get_args(annotation)[0])
    return annotation, []
