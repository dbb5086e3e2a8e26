"""The wire fields that a mapping reads, as a tree, and the pydantic record that is generated from it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, create_model

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import Count, Day, Id, Kind, Number, Text, Timestamp, WrittenDay

Form = Literal["value", "object", "list", "texts", "tree", "json"]

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: Text,
    Kind.NUMBER: Number,
    Kind.COUNT: Count,
    Kind.DATE: Day,
    Kind.TIMESTAMP: Timestamp,
    Kind.WRITTEN_DAY: WrittenDay,
}
_FORMS = {
    "value": "a value",
    "object": "an object",
    "list": "a list",
    "texts": "a list of texts",
    "tree": "a tree",
    "json": "JSON text",
}


@dataclass(slots=True)
class WireField:
    """One field of a record on the wire, or the record itself.

    Attributes
    ----------
    form : {"value", "object", "list", "texts", "tree", "json"}
        How it is read: a single value, an object or a list of objects of which fields are read, a list of
        texts, nested lists that are flattened, or anything at all, which stays JSON text.
    kind : Kind or None
        The kind of a single value.
    fields : dict of str to WireField
        The fields of the object, or of each object of the list.
    """

    form: Form
    kind: Kind | None = None
    fields: dict[str, WireField] = field(default_factory=dict)

    def add(self, path: Sequence[str], form: Form, kind: Kind | None = None) -> WireField:
        """Add a field of an object, and the objects on the path to it.

        Raises
        ------
        ValueError
            If the path is empty, or was added in another form or as another kind of value.
        """
        if not path or not all(path):
            raise ValueError(f"{list(path)!r} is not a path of keys, such as Field('item', 'quantity')")
        inner = self
        for number, key in enumerate(path, 1):
            wanted = WireField(form, kind) if number == len(path) else WireField("object")
            inner = inner._child(key, wanted, ".".join(path[:number]))
        return inner

    def _child(self, key: str, wanted: WireField, path: str) -> WireField:
        present = self.fields.setdefault(key, wanted)
        if present.form != wanted.form:
            raise ValueError(f"{path} is used as {_FORMS[present.form]} and as {_FORMS[wanted.form]}")
        if present.kind != wanted.kind:
            raise ValueError(f"{path} is used as {present.kind} and as {wanted.kind}")
        return present

    def record(self, name: str) -> type[Record]:
        """Return the pydantic record of an object's fields: everything may be missing or null."""
        fields: dict[str, Any] = {
            key: (inner.annotation(f"{name}_{key}") | None, optional("As sent"))
            for key, inner in self.fields.items()
        }
        return create_model(name, __base__=Record, **fields)

    def annotation(self, name: str) -> Any:
        """Return the type of the field."""
        match self.form:
            case "value":
                return _TYPES[self.kind or Kind.TEXT]
            case "object":
                return Annotated[self.record(name) | None, BeforeValidator(_null_if_empty)]
            case "list":
                return types.GenericAlias(list, (self.record(name),))
            case "texts":
                return list[Text]
            case "tree":
                return Annotated[list[TreeEntry], BeforeValidator(_flat)]
            case "json":
                return Any


class TreeEntry(Record):
    """One entry of nested lists: an account of a statement, or a heading."""

    path: Text | None = optional("The names from the outermost entry to this one")
    name: Text | None = optional("The name of the entry")
    account_id: Id | None = optional("The account, if the entry is one")
    value: Number | None = optional("The amount")


def _null_if_empty(value: Any) -> Any:
    """Return null for an empty object that was sent as a list or text, as programs in PHP do."""
    return None if value in ([], "") else value


#: Between the names of a path.
_SEPARATOR = " > "


def _flat(entry: Any) -> Any:
    """Return an entry and those below it, depth first; what is not an entry is left to be refused."""
    return list(_entries(entry, ())) if isinstance(entry, dict) else entry


def _entries(entry: Any, above: tuple[str, ...]) -> Iterator[Any]:
    if not isinstance(entry, dict):
        yield entry
        return
    if getattr(entry, "repeated", ()):
        raise ValueError("a key appears twice")
    name = entry.get("name")
    path = (*above, name) if isinstance(name, str) and name else above
    yield {**entry, "path": _SEPARATOR.join(path) or None}
    items = entry.get("items")
    if items is not None and not isinstance(items, list):
        raise ValueError("the items of an entry are not a list")
    for item in items or ():
        yield from _entries(item, path)
