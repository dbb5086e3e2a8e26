"""The kinds of value of a record, and how each is read from JSON.

A kind defines the Python type, the unit and the JSON values that are accepted; Arrow types, dtypes and
documentation are derived from it. Coercions are few and lossless: a number sent as text, ``1.0`` for a count,
a numeric id, a timestamp without a zone (read as UTC) or with a zone of hours only, a date with midnight. A
value that would need a guess is refused with a reason.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError


class Kind(StrEnum):
    """The kind of value of a field; it decides the Arrow type and the DataFrame dtype."""

    TEXT = "text"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TIMESTAMP = "timestamp"
    WRITTEN_DAY = "written day"
    """The calendar date at the beginning of a date or of a time, at any time of day."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a value, for readers of a column."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """The values that the contract lists; live systems send others too, and those are not nulled."""

    values: tuple[str, ...]


def known(*values: str) -> Known:
    """List an enumeration of the contract."""
    return Known(values)


_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_COUNT = re.compile(r"-?(0|[1-9]\d*)(\.0+)?", re.ASCII)
#: From here on neighbouring whole numbers are the same float.
_EXACT = 2.0**53
_MAX_EXCERPT = 80
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}($|[T ])", re.ASCII)
#: A time with a zone of hours only, as PostgreSQL prints it.
_DAY_LENGTH = len("2026-01-31")
_ANY_TIME = TypeAdapter(datetime)
_HOUR_ZONE = re.compile(r".{10}[T ]\d{2}:\d{2}\S*[+-]([01]\d|2[0-3])", re.ASCII)


def _text(value: Any) -> Any:
    """Accept text, and a whole number: some platforms send ids without quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("half of a surrogate pair, which is not a character") from None
    return value


def _number(value: Any) -> Any:
    """Accept a JSON number, also as text; never true or false."""
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        raise ValueError("not a number")
    return value


def _count(value: Any) -> Any:
    """Accept a whole number, also as ``3.0`` or as text; never a fraction, true or false."""
    if isinstance(value, bool) or (isinstance(value, str) and not _COUNT.fullmatch(value)):
        raise ValueError("not a whole number")
    if isinstance(value, float) and _EXACT <= abs(value) < math.inf:
        raise ValueError("beyond 2**53 with a decimal point, where floats skip whole numbers")
    return value


def _iso(value: Any) -> Any:
    """Accept ISO 8601 text; a number could be seconds, milliseconds or days, so it is refused."""
    if not isinstance(value, date) and not (isinstance(value, str) and _ISO.match(value)):
        raise ValueError("not ISO 8601 text (YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ)")
    if isinstance(value, str) and _HOUR_ZONE.fullmatch(value):
        return f"{value}:00"  # pydantic needs the minutes of a zone
    return value


def _written_day(value: Any) -> Any:
    """Accept a date, and a time: its calendar date is the one that was written, in any zone."""
    value = _iso(value)
    if isinstance(value, str) and len(value) > _DAY_LENGTH:
        try:
            _ANY_TIME.validate_python(value)
        except ValidationError:
            raise ValueError("not a date, or a time of day after a date (YYYY-MM-DDTHH:MM:SSZ)") from None
        return value[:_DAY_LENGTH]
    return value


def _in_utc(value: datetime) -> datetime:
    """Convert a time to UTC; a time without a zone is in UTC."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999 in UTC") from None


_INT64 = Field(ge=-(2**63), le=2**63 - 1)

Text = Annotated[str, BeforeValidator(_text), Kind.TEXT]
Id = Annotated[Text, Unit("id")]
CurrencyCode = Annotated[Text, Unit("ISO 4217 code")]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False), Kind.NUMBER]
Money = Annotated[Number, Unit("the record's currency, major units")]
Count = Annotated[int, BeforeValidator(_count), _INT64, Kind.COUNT]
Day = Annotated[date, BeforeValidator(_iso), Kind.DATE, Unit("calendar date")]
Timestamp = Annotated[
    datetime, BeforeValidator(_iso), AfterValidator(_in_utc), Kind.TIMESTAMP, Unit("UTC, microseconds")
]
WrittenDay = Annotated[date, BeforeValidator(_written_day), Kind.WRITTEN_DAY, Unit("calendar date")]


def excerpt(value: Any) -> str:
    """Return the repr of a value, cut to a length that fits an error."""
    return _cut(repr(value))


def field_path(location: tuple[int | str, ...]) -> str:
    """Format pydantic's location of a field as a path: ``line_items[0].quantity``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in location)
    return text.removeprefix(".")


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_EXCERPT else text[: _MAX_EXCERPT - 1] + "…"


def plain_reason(message: str) -> str:
    """Strip the prefix that pydantic adds to the message of a validator."""
    return message.removeprefix("Value error, ")
