"""The columns of child frames of nested lists, in the types of an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa


class EngineTypes(NamedTuple):
    """The types of an engine, as its frames or its SQL name them."""

    text: Any
    integer: Any
    number: Any
    boolean: Any
    date: Any
    naive_moment: Any
    moment: Any
    list_of: Callable[[Any], Any]
    struct_of: Callable[[dict[str, Any]], Any]

    def of(self, kind: pa.DataType) -> Any:
        """Return the engine's type for an Arrow type."""
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return self.list_of(self.of(kind.value_type))
        if pa.types.is_struct(kind):
            return self.struct_of({field.name: self.of(field.type) for field in kind})
        if pa.types.is_timestamp(kind):
            return self.moment if kind.tz else self.naive_moment
        types = {"int64": self.integer, "double": self.number, "bool": self.boolean, "date32[day]": self.date}
        return types.get(str(kind), self.text)


class ChildColumn(NamedTuple):
    """A field of the nested rows, which is a column of the child frame.

    Attributes
    ----------
    name : str
        The field.
    type : Any
        The type to cast it to, of the engine; None if its values stay as they are.
    is_missing : bool
        Whether the nested rows do not have it, so that the column is null.
    """

    name: str
    type: Any
    is_missing: bool


def child_columns(
    schema: pa.Schema, fields: Mapping[str, bool], type_of: Callable[[pa.DataType], Any]
) -> list[ChildColumn]:
    """Return the columns of a child frame after those that identify its rows.

    Parameters
    ----------
    schema : pyarrow.Schema
        The columns and their types.
    fields : mapping of str to bool
        The fields of the nested rows, and whether each holds only whole numbers.
    type_of : callable
        Returns the engine's type for an Arrow type.
    """
    columns = []
    for field in schema:
        is_whole = fields.get(field.name, True)
        # A cast would round or cut fractions, where pandas would refuse them: they stay as they are.
        stays = pa.types.is_integer(field.type) and not is_whole
        columns.append(
            ChildColumn(field.name, None if stays else type_of(field.type), field.name not in fields)
        )
    return columns
