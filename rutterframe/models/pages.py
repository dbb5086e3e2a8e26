"""The exact way to read a page: row by row, value by value, with a reason for what cannot be read.

It is slow, and it is the judge: the columnar way hands over every page that it is not sure of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from rutterframe.errors import InvalidResponse, InvalidRows, Refusal
from rutterframe.models.base import Record

R = TypeVar("R", bound=Record)

_LONGEST_EXCERPT = 80
_DEEPEST = 100
_OPENING = 40
_MOST_SHOWN = 5


class _Ambiguous(dict[str, Any]):
    """An object in which a key stands twice: JSON leaves open which of the two values counts."""

    key = ""


@dataclass(frozen=True, slots=True)
class Rows(Generic[R]):
    """A page, read row by row.

    Attributes
    ----------
    valid : list of records
        The rows that could be read, in the page's order.
    refused : int
        How many rows could not be read.
    reasons : list of Refusal
        Why: one for each field that could not be read.
    """

    valid: list[R]
    refused: int
    reasons: list[Refusal]


def excerpt(value: Any) -> str:
    """Show what was sent, shortened."""
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_EXCERPT else shown[: _LONGEST_EXCERPT - 1] + "…"


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse an answer that must be one JSON object, as strictly as JSON is defined.

    Raises
    ------
    InvalidResponse
        For anything else: HTML, a truncated body, NaN, bytes that are no UTF-8, nesting without end.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse(f"The answer is no JSON ({_reason(error)}): {_opening(body)}") from None
    if not isinstance(value, dict):
        raise InvalidResponse(
            f"The answer is JSON, but a {type(value).__name__} instead of an object", transient=False
        )
    if isinstance(value, _Ambiguous):
        raise InvalidResponse(f"The answer has the key {value.key!r} twice", transient=False)
    if _too_deep(value):
        raise InvalidResponse(
            f"The answer is JSON, but nested more than {_DEEPEST} levels deep", transient=False
        )
    return value


def page_rows(envelope: dict[str, Any], list_key: str) -> list[Any]:
    """Take the list of records out of a page.

    Raises
    ------
    InvalidResponse
        If the page has no such list; an answer without the list is not an answer without rows.
    """
    rows = envelope.get(list_key)
    if not isinstance(rows, list):
        there = (
            f"{list_key!r} is {excerpt(rows)}"
            if list_key in envelope
            else f"keys: {excerpt(sorted(envelope))}"
        )
        raise InvalidResponse(f"The page has no list {list_key!r} ({there})", transient=False)
    return rows


def read_rows(model: type[R], rows: list[Any]) -> Rows[R]:
    """Read rows one by one; what cannot be read is refused with a reason, and the rest is kept."""
    valid: list[R] = []
    reasons: list[Refusal] = []
    for row in rows:
        twice = ambiguity(row)
        if twice is not None:
            reasons.append(Refusal(_record_id(row), twice, "two values", "the same key stands there twice"))
            continue
        try:
            valid.append(model.model_validate(row))
        except ValidationError as error:
            reasons.extend(_refusals(row, error))
    return Rows(valid, len(rows) - len(valid), reasons)


def invalid_rows(rows: Rows[R]) -> InvalidRows:
    """Say which rows of a page were refused, and why."""
    shown = "\n".join(f"  - {reason}" for reason in rows.reasons[:_MOST_SHOWN])
    more = len(rows.reasons) - _MOST_SHOWN
    return InvalidRows(
        f"{rows.refused:,} of {rows.refused + len(rows.valid):,} rows of a page cannot be read:\n{shown}"
        + (f"\n  - and {more:,} more" if more > 0 else ""),
        refused=tuple(rows.reasons),
        hint='correct them on the platform, or load the other rows with on_invalid="quarantine".',
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    ambiguous = _Ambiguous(value)
    keys = [key for key, _ in pairs]
    ambiguous.key = next(key for key in keys if keys.count(key) > 1)
    return ambiguous


def _too_deep(value: Any) -> bool:
    """Look level by level: what is nested without end breaks whoever shows or compares it later."""
    level = [value]
    for _ in range(_DEEPEST):
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


def ambiguity(row: Any) -> str | None:
    """Find a key that stands twice, at any depth; None where every key stands once."""
    waiting: list[tuple[str, Any]] = [("", row)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Ambiguous):
            return f"{path}.{value.key}".removeprefix(".")
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{index}]", inner) for index, inner in enumerate(value)]
    return None


def _record_id(row: Any) -> str | None:
    identity = row.get("id") if isinstance(row, dict) else None
    return str(identity) if isinstance(identity, str | int) and not isinstance(identity, bool) else None


def _refusals(row: Any, error: ValidationError) -> list[Refusal]:
    if row is None:
        return [Refusal(None, "", "null", "null instead of a record")]
    return [
        Refusal(
            _record_id(row), field_path(found["loc"]), excerpt(found["input"]), plain_reason(found["msg"])
        )
        for found in error.errors(include_url=False, include_context=False)
    ]


def field_path(location: tuple[int | str, ...]) -> str:
    """Write pydantic's location the way a person would: ``line_items[0].quantity``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def plain_reason(message: str) -> str:
    """Take off what pydantic puts before a message of ours."""
    return message.removeprefix("Value error, ")


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _opening(body: bytes) -> str:
    begin = body[:_OPENING].decode("utf-8", "replace") + ("…" if len(body) > _OPENING else "")
    return f"{len(body):,} bytes that begin with {excerpt(begin)}"
