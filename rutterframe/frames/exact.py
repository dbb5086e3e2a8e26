"""Read a page exactly: strict JSON, then each row with pydantic, with a reason for every row that is refused.

This is slow and decides every case: the columnar path (`decode`) passes on each page that it cannot judge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from rutterframe.errors import InvalidResponse, InvalidRows, Refusal
from rutterframe.models import Record
from rutterframe.models.fields import excerpt, field_path, plain_reason

R = TypeVar("R", bound=Record)

_MAX_DEPTH = 100
_OPENING_BYTES = 40
_MAX_REASONS = 5


class _RepeatedKey(dict[str, Any]):
    """An object with a repeated key: JSON does not define which of the two values counts."""

    key = ""


@dataclass(frozen=True, slots=True)
class ParsedRows(Generic[R]):
    """The rows of a page, read one by one.

    Attributes
    ----------
    valid : list of records
        The rows that could be read, in the page's order.
    refused : int
        How many rows could not be read.
    reasons : list of Refusal
        One for each field that could not be read.
    """

    valid: list[R]
    refused: int
    reasons: list[Refusal]


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a response body that must be one JSON object, by the letter of the JSON standard.

    Raises
    ------
    InvalidResponse
        For anything else: HTML, a truncated body, NaN, invalid UTF-8, endless nesting.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse(f"The response is not JSON ({_reason(error)}): {_opening(body)}") from None
    if not isinstance(value, dict):
        raise InvalidResponse(
            f"The response is JSON, but a {type(value).__name__} instead of an object", transient=False
        )
    if isinstance(value, _RepeatedKey):
        raise InvalidResponse(f"The response has the key {value.key!r} twice", transient=False)
    if _too_deep(value):
        raise InvalidResponse(
            f"The response is JSON, but nested more than {_MAX_DEPTH} levels deep", transient=False
        )
    return value


def page_rows(envelope: dict[str, Any], list_key: str) -> list[Any]:
    """Return the list of records of a page.

    Raises
    ------
    InvalidResponse
        If the page has no such list; that does not mean that there are no rows.
    """
    rows = envelope.get(list_key)
    if not isinstance(rows, list):
        content = (
            f"{list_key!r} is {excerpt(rows)}"
            if list_key in envelope
            else f"keys: {excerpt(sorted(envelope))}"
        )
        raise InvalidResponse(f"The page has no list {list_key!r} ({content})", transient=False)
    return rows


def read_rows(model: type[R], rows: list[Any]) -> ParsedRows[R]:
    """Read rows one by one; a row that cannot be read is refused with a reason."""
    valid: list[R] = []
    reasons: list[Refusal] = []
    for row in rows:
        path = repeated_key(row)
        if path is not None:
            reasons.append(Refusal(_record_id(row), path, "two values", "the key appears twice"))
            continue
        try:
            valid.append(model.model_validate(row))
        except ValidationError as error:
            reasons.extend(_refusals(row, error))
    return ParsedRows(valid, len(rows) - len(valid), reasons)


def invalid_rows(rows: ParsedRows[R]) -> InvalidRows:
    """Return the error for a page with refused rows: how many, and the first reasons."""
    first = "\n".join(f"  - {reason}" for reason in rows.reasons[:_MAX_REASONS])
    more = len(rows.reasons) - _MAX_REASONS
    return InvalidRows(
        f"{rows.refused:,} of {rows.refused + len(rows.valid):,} rows of a page cannot be read:\n{first}"
        + (f"\n  - and {more:,} more" if more > 0 else ""),
        refused=tuple(rows.reasons),
        hint='correct them on the platform, or load the other rows with on_invalid="quarantine".',
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeated = _RepeatedKey(value)
    keys = [key for key, _ in pairs]
    repeated.key = next(key for key in keys if keys.count(key) > 1)
    return repeated


def _too_deep(value: Any) -> bool:
    """Return whether a value is nested too deeply: to compare or print it would overflow the stack."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def repeated_key(row: Any) -> str | None:
    """Return the path of a repeated key at any depth; None if there is none."""
    stack: list[tuple[str, Any]] = [("", row)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, _RepeatedKey):
            return f"{path}.{value.key}".removeprefix(".")
        if isinstance(value, dict):
            stack += [(f"{path}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [(f"{path}[{index}]", inner) for index, inner in enumerate(value)]
    return None


def _record_id(row: Any) -> str | None:
    identity = row.get("id") if isinstance(row, dict) else None
    return str(identity) if isinstance(identity, str | int) and not isinstance(identity, bool) else None


def _refusals(row: Any, error: ValidationError) -> list[Refusal]:
    if row is None:
        return [Refusal(None, "", "null", "null instead of a record")]
    return [
        Refusal(
            _record_id(row), field_path(detail["loc"]), excerpt(detail["input"]), plain_reason(detail["msg"])
        )
        for detail in error.errors(include_url=False, include_context=False)
    ]


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _opening(body: bytes) -> str:
    begin = body[:_OPENING_BYTES].decode("utf-8", "replace") + ("…" if len(body) > _OPENING_BYTES else "")
    return f"{len(body):,} bytes that begin with {excerpt(begin)}"
