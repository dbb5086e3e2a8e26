"""Platforms' own records within a record (``platform_data``): they have no schema, and stay JSON text."""

from __future__ import annotations

import json
from typing import Any

from rutterframe.errors import InvalidResponse
from rutterframe.frames.exact import page_rows, parse_object, repeated_key
from rutterframe.models import Record

_OWN = "platform_data"


def is_expanded(model: type[Record]) -> bool:
    """Return whether a record has a field for the platform's own record."""
    return _OWN in model.model_fields


def with_text(body: bytes, list_key: str) -> bytes | None:
    """Return a page with the platforms' own records as text; None if that could change a value.

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
    own_as_text(rows)
    try:
        return json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None  # half of a surrogate pair, or a number beyond float64


def own_as_text(rows: list[Any]) -> None:
    """Replace the platforms' own records by their JSON text, in place.

    Raises
    ------
    InvalidResponse
        If one of them cannot be written as JSON.
    """
    for row in rows:
        if isinstance(row, dict) and row.get(_OWN) is not None:
            row[_OWN] = _as_text(row[_OWN])


def _as_text(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return text if _is_unicode(text) else json.dumps(value)
    except (ValueError, RecursionError):
        raise InvalidResponse(
            f"{_OWN} holds a number that is too large to be one, or is nested too deeply"
        ) from None


def _is_unicode(text: str) -> bool:
    """Return whether UTF-8 can encode a text; half of a surrogate pair it cannot, and stays escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
