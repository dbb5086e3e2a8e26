"""Platforms' own records within a record (``platform_data``): they have no schema, and stay JSON text."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection
from typing import Any

from rutterframe.errors import InvalidResponse
from rutterframe.frames.exact import page_rows, parse_object, repeated_key
from rutterframe.models import Record
from rutterframe.models.columns import columns


@functools.cache
def own_fields(model: type[Record]) -> tuple[str, ...]:
    """Return the fields of a record that have no schema: they become JSON text."""
    return tuple(
        column.name
        for column in columns(model)
        if column.kind is None and column.rows is None and column.fields is None
    )


def with_text(body: bytes, list_key: str, names: Collection[str]) -> bytes | None:
    """Return a page with some fields of its records as JSON text; None if that could change a value.

    Parameters
    ----------
    body : bytes
        The page.
    list_key : str
        The key of the list of records.
    names : collection of str
        The fields.

    Raises
    ------
    InvalidResponse
        If the body is not a page.
    """
    envelope = parse_object(body)
    rows = page_rows(envelope, list_key)
    # Of a repeated key only one value would be left.
    if any(repeated_key(row) is not None for row in rows):
        return None
    own_as_text(rows, names)
    try:
        return json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None  # half of a surrogate pair, or a number beyond float64


def own_as_text(rows: list[Any], names: Collection[str]) -> None:
    """Replace the values of some fields by their JSON text, in place.

    Parameters
    ----------
    rows : list
        The records, as JSON was parsed.
    names : collection of str
        The fields.

    Raises
    ------
    InvalidResponse
        If one of them cannot be written as JSON.
    """
    for row in rows:
        if isinstance(row, dict):
            for name in names:
                if row.get(name) is not None:
                    row[name] = _as_text(name, row[name])


def _as_text(name: str, value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return text if _is_unicode(text) else json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise InvalidResponse(
            f"{name} holds a number that is too large to be one, or is nested too deeply"
        ) from None


def _is_unicode(text: str) -> bool:
    """Return whether UTF-8 can encode a text; half of a surrogate pair it cannot, and stays escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
