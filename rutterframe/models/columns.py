"""The fields of a record as data, from which schemas, frames and documentation are derived."""

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
        The kind of value; None for a nested list or object and for a platform's own record.
    unit : str
        The unit of the value; empty if it has none.
    known : tuple of str
        The values that the contract lists; empty if it lists none.
    meaning : str
        A one-line description.
    rows : type of record, or None
        For a nested list: the record of its rows.
    fields : type of record, or None
        For a nested object: its record. Only records of the wire have such fields.
    is_list : bool
        Whether it is a list: of rows, or of single values, which only records of the wire have.
    """

    name: str
    kind: Kind | None
    unit: str
    known: tuple[str, ...]
    meaning: str
    rows: type[Record] | None = None
    fields: type[Record] | None = None
    is_list: bool = False


@functools.cache
def columns(model: type[Record]) -> tuple[Column, ...]:
    """Return the fields of a record, in the order of the contract."""
    fields = []
    for name, field in model.model_fields.items():
        inner, metadata = unwrap(field.annotation)
        # pydantic moves the metadata of an annotation without "| None" to the field
        metadata = [*metadata, *field.metadata]
        record = inner if isinstance(inner, type) and issubclass(inner, Record) else None
        is_list = _is_list(field.annotation)
        fields.append(
            Column(
                name,
                kind=next((item for item in metadata if isinstance(item, Kind)), None),
                unit=next((item.name for item in reversed(metadata) if isinstance(item, Unit)), ""),
                known=next((item.values for item in metadata if isinstance(item, Known)), ()),
                meaning=field.description or "",
                rows=record if is_list else None,
                fields=None if is_list else record,
                is_list=is_list,
            )
        )
    return tuple(fields)


def _is_list(annotation: Any) -> bool:
    """Return whether a type is a list: maybe with metadata, maybe with ``| None``."""
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Strip ``| None``, ``list[…]`` and ``Annotated[…]`` off a type; return the inner type and metadata."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, metadata = unwrap(get_args(annotation)[0])
        return inner, [*metadata, *annotation.__metadata__]
    if origin in {Union, types.UnionType}:
        (inner,) = (part for part in get_args(annotation) if part is not types.NoneType)
        return unwrap(inner)
    if origin is list:
        return unwrap(get_args(annotation)[0])
    return annotation, []
