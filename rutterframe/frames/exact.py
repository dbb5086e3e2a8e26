"""Read a page exactly: strict JSON, then each row with pydantic, with a reason for every row that is refused.

This is slow and decides every case: the columnar path (`decode`) passes on each page that it cannot judge.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from rutterframe.errors import InvalidResponse, InvalidRows, Refusal
from rutterframe.models import Record
from rutterframe.models.columns import columns
from rutterframe.models.fields import excerpt, field_path, plain_reason

R = TypeVar("R", bound=Record)

_MAX_DEPTH = 100
_OPENING_BYTES = 40
#: Reasons in the text of an error, and in all.
_SHOWN_REASONS = 5
MAX_REASONS = 100
#: From this length on the rows of a nested list are read one by one.
_LONG_LIST = 1_000
#: A whole number that is minus zero: json reads it as 0, while -0.0 keeps its sign.
_MINUS_ZERO = re.compile(r"-0(?=[\s,\]}])")


class RepeatedKey(dict[str, Any]):
    """An object with repeated keys."""

    repeated: tuple[str, ...] = ()


@dataclass(slots=True)
class Refusals:
    """The rows that could not be read.

    Attributes
    ----------
    rows : int
        How many rows could not be read.
    fields : int
        How many of their fields could not be read.
    reasons : list of Refusal
        One for each of these fields: the first hundred.
    """

    rows: int = 0
    fields: int = 0
    reasons: list[Refusal] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether further refusals are only counted."""
        return len(self.reasons) >= MAX_REASONS

    def add(self, fields: int, reasons: Iterable[Refusal]) -> None:
        """Count a row, and keep its reasons that are among the first."""
        self.rows += 1
        self.fields += fields
        if len(self.reasons) < MAX_REASONS:
            self.reasons.extend(itertools.islice(reasons, MAX_REASONS - len(self.reasons)))

    def error(self, rows: int) -> InvalidRows:
        """Return the error for a page of so many rows, with the first reasons."""
        first = "\n".join(f"  - {reason}" for reason in self.reasons[:_SHOWN_REASONS])
        more = self.fields - _SHOWN_REASONS
        return InvalidRows(
            f"{self.rows:,} of {rows:,} rows of a page cannot be read:\n{first}"
            + (f"\n  - and {more:,} more" if more > 0 else ""),
            refused=tuple(self.reasons),
            hint='correct them on the platform, or load the other rows with on_invalid="quarantine".',
        )


@dataclass(frozen=True, slots=True)
class ParsedRows(Generic[R]):
    """The rows of a page, read one by one.

    Attributes
    ----------
    valid : list of records
        The rows that could be read, in the page's order.
    positions : list of int
        The position of each among all rows.
    refusals : Refusals
        The rows that could not be read.
    """

    valid: list[R]
    positions: list[int]
    refusals: Refusals

    @property
    def refused(self) -> int:
        """How many rows could not be read."""
        return self.refusals.rows

    @property
    def reasons(self) -> list[Refusal]:
        """One for each field that could not be read: the first hundred."""
        return self.refusals.reasons


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a response body that must be one JSON object, by the letter of the JSON standard.

    Raises
    ------
    InvalidResponse
        For anything else: HTML, a truncated body, NaN, invalid UTF-8, endless nesting.
    """
    try:
        text = body.decode("utf-8-sig")
        value = (_WITH_MINUS_ZERO if _MINUS_ZERO.search(text) else _STRICT).decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse(f"The response is not JSON ({_reason(error)}): {opening(body)}") from None
    if not isinstance(value, dict):
        raise InvalidResponse(
            f"The response is JSON, but a {type(value).__name__} instead of an object", transient=False
        )
    if isinstance(value, RepeatedKey):
        raise InvalidResponse(f"The response has the key {excerpt(value.repeated[0])} twice", transient=False)
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


def single_row(envelope: dict[str, Any], key: str) -> list[Any]:
    """Return the only object of an answer as a list of records, which is empty if it is null.

    Raises
    ------
    InvalidResponse
        If the answer has no such object.
    """
    row = envelope.get(key)
    if key not in envelope or not isinstance(row, dict | None):
        content = f"{key!r} is {excerpt(row)}" if key in envelope else f"keys: {excerpt(sorted(envelope))}"
        raise InvalidResponse(f"The answer has no object {key!r} ({content})", transient=False)
    return [] if row is None else [row]


def read_rows(
    model: type[R], rows: list[Any], *, known_keys_only: bool = False, refusals: Refusals | None = None
) -> ParsedRows[R]:
    """Read rows one by one; a row that cannot be read is refused with a reason.

    Parameters
    ----------
    model : type of record
        The record of the rows.
    rows : list
        The rows, as JSON was parsed.
    known_keys_only : bool
        Whether a repeated key matters only where the record has it, as on the columnar path.
    refusals : Refusals, optional
        The refusals of the same page so far: these are added.
    """
    valid: list[R] = []
    positions: list[int] = []
    refusals = Refusals() if refusals is None else refusals
    for position, row in enumerate(rows):
        if row is None:
            refusals.add(1, _NULL)
            continue
        if refusals.is_full and not isinstance(row, dict):
            refusals.add(1, ())
            continue
        path = repeated_key(row, model if known_keys_only else None)
        if path is not None:
            repeated = Refusal(record_id(row), path, "two values", "the key appears twice")
            refusals.add(1, [repeated])
            continue
        if isinstance(row, dict) and _refuse_long_lists(model, row, refusals):
            continue
        try:
            valid.append(model.model_validate(row))
            positions.append(position)
        except ValidationError as error:
            refusals.add(error.error_count(), reasons(row, error))
    return ParsedRows(valid, positions, refusals)


def _refuse_long_lists(model: type[Record], row: dict[str, Any], refusals: Refusals) -> bool:
    """Refuse a row if long nested lists have unreadable rows: pydantic would hold an error for each."""
    names = [name for name in nested_names(model) if _is_long(row.get(name))]
    if not names:
        return False
    lines = LineRefusals()
    for name in names:
        inner = nested_records(model)[name] or model
        for index, line in enumerate(row[name]):
            try:
                inner.model_validate(line)
            except ValidationError as error:
                lines.add(row, error, (name, index), line)
    if lines.fields:
        lines.refuse(model, {**row, **{name: [] for name in names}}, refusals)
    return lines.fields > 0


@dataclass(slots=True)
class LineRefusals:
    """The lines of a row that could not be read.

    Attributes
    ----------
    fields : int
        How many fields could not be read.
    reasons : list of Refusal
        One for each of these fields: the first hundred, and those of a line more.
    """

    fields: int = 0
    reasons: list[Refusal] = field(default_factory=list)

    def add(self, row: Any, error: ValidationError, within: tuple[int | str, ...], line: Any) -> None:
        """Count a line, and keep its reasons that are among the first."""
        self.fields += error.error_count()
        if len(self.reasons) < MAX_REASONS:
            self.reasons += reasons(row, error, within, line)

    def refuse(self, model: type[Record], row: dict[str, Any], refusals: Refusals) -> None:
        """Refuse a row for its lines and for its other fields."""
        fields, single = self.fields, []
        try:
            model.model_validate(row)
        except ValidationError as error:
            fields += error.error_count()
            single = list(reasons(row, error))
        refusals.add(fields, [*single, *self.reasons])


@functools.cache
def nested_records(model: type[Record]) -> dict[str, type[Record] | None]:
    """Return the fields of a record: the record of a nested list or object, None for any other."""
    return {column.name: column.rows or column.fields for column in columns(model)}


@functools.cache
def nested_names(model: type[Record]) -> tuple[str, ...]:
    """Return the fields of a record that are nested lists or objects."""
    return tuple(name for name, inner in nested_records(model).items() if inner is not None)


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and len(value) > _LONG_LIST


_NULL = [Refusal(None, "", "null", "null instead of a record")]


def invalid_rows(rows: ParsedRows[R]) -> InvalidRows:
    """Return the error for a page with refused rows: how many, and the first reasons."""
    return rows.refusals.error(len(rows.valid) + rows.refused)


def json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, also with repeated keys: JSON does not define which value counts."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    result = RepeatedKey(value)
    keys = sorted(key for key, _ in pairs)  # less memory than a set or a count of them
    repeated = {key for key, following in itertools.pairwise(keys) if key == following}
    result.repeated = tuple(key for key in value if key in repeated)
    return result


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


def _whole(digits: str) -> int | float:
    return -0.0 if digits == "-0" else int(digits)


#: JSON by the letter of the standard. Which of the two is used makes no difference but in speed.
_STRICT = json.JSONDecoder(object_pairs_hook=json_object, parse_constant=_no_constant)
_WITH_MINUS_ZERO = json.JSONDecoder(
    object_pairs_hook=json_object, parse_constant=_no_constant, parse_int=_whole
)


def repeated_key(row: Any, model: type[Record] | None = None) -> str | None:
    """Return the path of the first repeated key at any depth; None if there is none.

    Parameters
    ----------
    row : object
        A row, as JSON was parsed.
    model : type of record, optional
        The record of the row: keys that it does not have are ignored, with what is in them.
    """
    # A path is written only once it is needed: there may be many values under a long key.
    stack: list[tuple[_Path, Any, type[Record] | None]] = [((), row, model)]
    while stack:
        path, value, kind = stack.pop()
        if isinstance(value, dict):
            known = None if kind is None else nested_records(kind)
            if isinstance(value, RepeatedKey):
                for key in value.repeated:
                    if known is None or key in known:
                        return field_path(_parts((path, key)))
            stack += [
                ((path, key), inner, None if known is None else known[key])
                for key, inner in reversed(value.items())
                if isinstance(inner, dict | list) and (known is None or key in known)
            ]
        elif isinstance(value, list):
            stack += [
                ((path, index), value[index], kind)
                for index in range(len(value) - 1, -1, -1)
                if isinstance(value[index], dict | list)
            ]
    return None


#: A path: the path before, and the last part.
_Path = tuple[Any, ...]


def _parts(path: _Path) -> tuple[int | str, ...]:
    parts: list[int | str] = []
    while path:
        path, part = path
        parts.append(part)
    return tuple(reversed(parts))


def record_id(row: Any) -> str | None:
    """Return the id of a row, as JSON was parsed; None if there is none."""
    identity = row.get("id") if isinstance(row, dict) else None
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        return None
    # Half of a surrogate pair is in no file, and Arrow has no such text.
    return str(identity).encode("utf-8", "replace").decode()


def reasons(
    row: Any, error: ValidationError, within: tuple[int | str, ...] = (), line: Any = None
) -> Iterator[Refusal]:
    """Yield the reason for each field; pydantic writes them when the first one is asked for.

    Parameters
    ----------
    row : object
        The row, as JSON was parsed.
    error : pydantic.ValidationError
        The error of the row, or of a part of it.
    within : tuple
        Where the part is.
    line : object
        The part.
    """
    sent = line if within else row
    for detail in error.errors(include_url=False, include_context=False):
        yield Refusal(
            record_id(row),
            field_path((*within, *detail["loc"])),
            excerpt(_sent(sent, detail["loc"], detail["input"])),
            plain_reason(detail["msg"]),
        )


def _sent(row: Any, location: tuple[int | str, ...], read: Any) -> Any:
    """Return the value at a location as it was sent: a validator may have changed it before its refusal."""
    try:
        for part in location:
            row = row[part]
    except (LookupError, TypeError):
        return read
    return row


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def opening(body: bytes) -> str:
    """Return the size of a body, and its first characters."""
    begin = body[:_OPENING_BYTES].decode("utf-8", "replace") + ("…" if len(body) > _OPENING_BYTES else "")
    return f"{len(body):,} bytes that begin with {excerpt(begin)}"
