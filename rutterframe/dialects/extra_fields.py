"""Fields that only one platform or API sends: more columns of a resource, after those of the dialect."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model

from rutterframe.entry_points import Registry
from rutterframe.models import LIVE_RESOURCES, RECORDS, Record
from rutterframe.models.base import optional
from rutterframe.models.columns import Column, columns
from rutterframe.models.fields import Count, Day, Kind, Number, Text, Timestamp, Unit

if TYPE_CHECKING:
    from rutterframe.dialects.expressions import Expression
    from rutterframe.dialects.mapping import Mapping as ResourceMapping

_TYPES: Mapping[Kind, Any] = {
    Kind.TEXT: Text,
    Kind.NUMBER: Number,
    Kind.COUNT: Count,
    Kind.DATE: Day,
    Kind.TIMESTAMP: Timestamp,
}
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field that an API sends beside those of its dialect: a column of the resource's frame, after ours.

    Attributes
    ----------
    resource : str
        The resource, such as "invoices".
    name : str
        The name of the column.
    kind : Kind
        The kind of value, which decides the dtype: text (``str``), number (``float64``), count (``Int64``),
        date (``datetime64[us]``) or timestamp (``datetime64[us, UTC]``).
    meaning : str
        One line: what it holds.
    path : tuple of str
        The keys that lead to it in a record as it is sent; by default its name.
    unit : str
        The unit of its values; empty if it has none.
    dialect : str
        The dialect of the server that sends it.

    Examples
    --------
    >>> field = ExtraField("invoices", "po_number", Kind.TEXT, "The order", path=("platform_data", "po"))
    >>> field.key
    'contract.invoices.po_number'
    """

    resource: str
    name: str
    kind: Kind
    meaning: str
    path: tuple[str, ...] = ()
    unit: str = ""
    dialect: str = "contract"

    @property
    def key(self) -> str:
        """The name of the field among all: dialect, resource and column, as its entry point is named."""
        return f"{self.dialect}.{self.resource}.{self.name}"

    @property
    def source(self) -> tuple[str, ...]:
        """The keys that lead to the value in a record as it is sent."""
        return self.path or (self.name,)


def check_field(field: object) -> None:
    """Refuse what cannot be a column.

    Raises
    ------
    TypeError
        If it is not an ExtraField, or a part of it has the wrong type.
    ValueError
        If there is no such resource or kind, or its name is not valid, or already one of the resource's.
    """
    if not isinstance(field, ExtraField):
        raise TypeError(f"expected an ExtraField, not {type(field).__name__}")
    known = (*RECORDS, *LIVE_RESOURCES)
    if field.resource not in known:
        raise ValueError(f"there is no resource {field.resource!r}; there are {', '.join(known)}")
    if not _NAME.fullmatch(field.name) or field.name in {"connection_id", "business"}:
        raise ValueError(
            f"{field.name!r} is not a valid name of a field (expected lower-case letters, digits and _, such "
            "as 'po_number', and neither connection_id nor business)"
        )
    if field.kind not in _TYPES:
        raise ValueError(f"{field.key}: kind={field.kind!r} is not valid (expected {', '.join(_TYPES)})")
    path: object = field.path
    if not isinstance(path, tuple) or not all(isinstance(key, str) and key for key in path):
        raise TypeError(f"{field.key}: path={field.path!r} is not valid (expected a tuple of keys)")
    if not field.meaning.strip() or "\n" in field.meaning:
        raise ValueError(f"{field.key}: meaning must say in one line what the field holds")
    _check_columns(field)


def _check_columns(field: ExtraField) -> None:
    """Refuse a column of the dialect's own, and one that a column of the other dialect would be taken for."""
    from rutterframe.models.live import LIVE_RECORDS  # noqa: PLC0415 - only where there are extra fields

    records = {"contract": RECORDS, "live": LIVE_RECORDS}
    for dialect, models in records.items():
        model = models.get(field.resource)
        same = next((each for each in columns(model) if each.name == field.name), None) if model else None
        if same is not None and dialect == field.dialect:
            raise ValueError(
                f"{field.resource} have a column {field.name!r} in the dialect {dialect!r} already"
            )
        if same is not None and same.kind is not field.kind:
            raise ValueError(
                f"{field.key}: in the dialect {dialect!r} a column of that name is a {same.kind or 'list'}; "
                f"reports would take this {field.kind} for it: use another name"
            )
    if field.dialect in records and field.resource not in records[field.dialect]:
        raise ValueError(f"the dialect {field.dialect!r} has no {field.resource}")


#: The fields of installed packages, and those that the program has registered.
EXTRA_FIELDS: Registry[ExtraField] = Registry("field", lambda field: field.key, check_field)


#: The fields that `extend_record` has added to each record.
_FIELDS: dict[type[Record], tuple[ExtraField, ...]] = {}


@functools.cache
def extend_record(model: type[Record], fields: tuple[ExtraField, ...]) -> type[Record]:
    """Return the record with more fields, after its own."""
    types: dict[str, Any] = {}
    for field in fields:
        kind = _TYPES[field.kind]
        with_unit: Any = Annotated[kind, Unit(field.unit)] if field.unit else kind
        types[field.name] = (with_unit | None, optional(field.meaning))
    extended: type[Record] = create_model(
        model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **types
    )
    _FIELDS[extended] = fields
    return extended


def extra_fields_of(model: type[Record]) -> tuple[ExtraField, ...]:
    """Return the fields that were added to a record; none for a record of a dialect itself."""
    return _FIELDS.get(model, ())


@functools.cache
def extend_mapping(mapping: ResourceMapping | None, model: type[Record]) -> ResourceMapping | None:
    """Return the mapping of a route for a record, which may have more fields.

    Parameters
    ----------
    mapping : Mapping or None
        That of the route; None if columns and fields of the response are the same.
    model : type of record
        The record.

    Raises
    ------
    ValueError
        If a field's path leads through one that the record has as text.
    """
    fields = extra_fields_of(model)
    if not fields or (mapping is None and all(field.source == (field.name,) for field in fields)):
        return mapping
    # The contract has no mappings: most programs do without them.
    from rutterframe.dialects.mapping import Field, Mapping, WrittenDay  # noqa: PLC0415

    added = {field.name for field in fields}
    own = [column for column in columns(model) if column.name not in added]
    expressions = dict(_same(own) if mapping is None else mapping.expressions)
    for field in fields:
        value = Field(*field.source)
        is_day = mapping is not None and field.kind is Kind.DATE
        expressions[field.name] = WrittenDay(value) if is_day else value
    return Mapping(model, expressions)


def _same(own: list[Column] | tuple[Column, ...]) -> dict[str, Expression]:
    """Return the expressions of columns that are the fields of the response."""
    from rutterframe.dialects.mapping import Field, Json, Rows  # noqa: PLC0415 - as above

    expressions: dict[str, Expression] = {}
    for column in own:
        if column.rows is not None:
            expressions[column.name] = Rows(column.name, _same(columns(column.rows)))
        else:
            expressions[column.name] = Json(column.name) if column.kind is None else Field(column.name)
    return expressions
