"""Records with the platform's own in them: its shape is nobody's promise, so it is kept as JSON text."""

from __future__ import annotations

import json
from typing import Any

from rutterframe.errors import InvalidResponse
from rutterframe.frames.exact import page_rows, parse_object, repeated_key
from rutterframe.models import Record

_OWN = "platform_data"


def is_expanded(model: type[Record]) -> bool:
    """Tell whether a record has the platform's own record in it."""
    return _OWN in model.model_fields


def with_text(body: bytes, list_key: str) -> bytes | None:
    """Write a page anew with the platforms' own records as text; None where that could change something.

    Raises
    ------
    InvalidResponse
        If the body is no page.
    """
    envelope = parse_object(body)
    rows = page_rows(envelope, list_key)
    # A key that stands twice would stand there once afterwards.
    if any(repeated_key(row) is not None for row in rows):
        return None
    own_as_text(rows)
    try:
        return json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None  # half of a surrogate pair, or a number beyond all floats


def own_as_text(rows: list[Any]) -> None:
    """Turn the platforms' own records into text, in place.

    Raises
    ------
    InvalidResponse
        If one was read, but cannot be written again.
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
    """Tell whether a text can be written in UTF-8: half of a surrogate pair cannot, and stays escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
