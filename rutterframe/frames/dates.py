"""Convert columns of ISO 8601 text to dates and times; other values are left to the exact path.

The rules are those of `rutterframe.models.fields`: a value that this module converts has the same date or
time there. A value that it does not convert is left to the exact path, which reads it or refuses it.
"""

# pyarrow.compute creates its functions at run time, so that pyright does not know them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter, ValidationError

from rutterframe.models.fields import Day, Timestamp, WrittenDay

# Years 1 to 9999, in microseconds since 1970: beyond them Python has no dates, though Arrow has.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
_SECOND = 1_000_000
#: Arrow's error for a text that is not of a type.
_VALUE_IN_ERROR = re.compile(r"Failed to parse string: '(.*)' as a scalar of type ", re.DOTALL)
#: What a time without a zone consists of, as opposed to one with a zone, or any other text.
_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]*)?", re.ASCII)
_WRITTEN = pa.date32()
_ANY_DAY = "2026-01-31"
_DAY = 86_400 * _SECOND

#: The shortest time that Arrow casts by the rules of the fields: it also takes an hour without minutes.
_SHORTEST_TIME = len("2026-01-31T10:00:00Z")
_LONGEST_WITHOUT_ZONE = len("2026-01-31T10:00:00.123456")

_DAY_LENGTH, _TIME_LENGTH = len("2026-01-31"), len("2026-01-31T10:00:00")
_LONGEST = len("2026-01-31T10:00:00.123456789+00:00")
#: Where the digits of a time without a fraction are, and of its date.
_DIGITS = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
_DATE_DIGITS = 8
_MAX_FRACTION, _MICROSECONDS = 9, 6
_POWERS = 10 ** np.arange(_MICROSECONDS)[::-1]
_DASH, _COLON = b"-:"


def convert_dates(column: pa.Array, kind: pa.DataType) -> tuple[pa.Array, np.ndarray | None]:
    """Convert a column of text to dates, to times in UTC, or to the dates that times begin with.

    Parameters
    ----------
    column : pyarrow.Array
        Text, or null.
    kind : pyarrow.DataType
        The type of the result: a timestamp in microseconds, without a zone for dates; date32 for the dates
        that are written at the beginning of times, in any zone.

    Returns
    -------
    column : pyarrow.Array
        The dates or times; those that cannot be judged are null.
    unclear : numpy.ndarray or None
        Which values cannot be judged; None if all can.
    """
    try:
        return _cast(column, kind), None
    except pa.ArrowInvalid as error:
        refused = _refused(column, kind, error)
    if refused is not None:
        try:
            return _cast(pc.if_else(refused, None, column), kind), _to_numpy(refused)
        except pa.ArrowInvalid:
            pass  # other values are refused as well, or have several forms
    moments, is_readable = _parse(column, kind)
    unclear = ~is_readable
    if column.null_count:
        unclear &= _to_numpy(column.is_valid())
    result = pa.array(moments, pa.int64(), mask=~is_readable).cast(pa.timestamp("us")).cast(kind)
    return result, unclear if unclear.any() else None


def _refused(column: pa.Array, kind: pa.DataType, error: pa.ArrowInvalid) -> pa.BooleanArray | None:
    """Return where a column has the value that an error of Arrow names, if the fields refuse it as well."""
    named = _VALUE_IN_ERROR.match(str(error))
    if named is None:
        return None
    try:
        _field(kind).validate_python(named[1])
    except ValidationError:
        return pc.equal(column, pa.scalar(named[1], column.type)).fill_null(False)
    return None


@functools.cache
def _field(kind: pa.DataType) -> TypeAdapter[Any]:
    return TypeAdapter(WrittenDay if kind == _WRITTEN else Timestamp if kind.tz else Day)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Cast a column in which every value has the usual form.

    Raises
    ------
    pyarrow.ArrowInvalid
        If one has another; the error may name it.
    """
    if _is_date(kind) and _mean_length(column) <= _DAY_LENGTH:
        moments = column.cast(pa.date32())
    else:
        lengths = pc.min_max(pc.binary_length(column)).as_py()
        cast = _cast_written_days if kind == _WRITTEN else _cast_midnights if _is_date(kind) else _cast_times
        moments = cast(column, lengths["min"] or 0, lengths["max"] or 0)
    whole_days = pa.types.is_date32(moments.type)
    span = pc.min_max(moments.view(pa.int32() if whole_days else pa.int64())).as_py()
    unit = _DAY if whole_days else 1
    if span["min"] is not None and (span["min"] * unit < _FIRST or span["max"] * unit > _LAST):
        raise pa.ArrowInvalid("outside the years 1 to 9999")
    return moments.cast(kind)


def _cast_midnights(column: pa.Array, shortest: int, longest: int) -> pa.Array:
    """Cast the dates of texts that all end with the same time, if that is midnight."""
    if shortest <= _DAY_LENGTH:
        return column.cast(pa.date32())
    times = pc.min_max(pc.utf8_slice_codeunits(column, _DAY_LENGTH)).as_py() if shortest == longest else {}
    if not times or times["min"] != times["max"]:
        raise pa.ArrowInvalid("several times")
    try:
        _field(pa.timestamp("us")).validate_python(f"{_ANY_DAY}{times['min']}")
    except ValidationError:
        raise pa.ArrowInvalid("not midnight") from None
    return pc.utf8_slice_codeunits(column, 0, _DAY_LENGTH).cast(pa.date32())


def _cast_written_days(column: pa.Array, shortest: int, longest: int) -> pa.Array:
    """Cast the dates of times with a zone, or all without one, at any time of day."""
    moments = _cast_times(column, shortest, longest)
    if pa.types.is_date32(moments.type):
        return moments
    return pc.utf8_slice_codeunits(column, 0, _DAY_LENGTH).cast(pa.date32())


def _cast_times(column: pa.Array, shortest: int, longest: int) -> pa.Array:
    """Cast times with a zone, or all without one."""
    if shortest == longest == _DAY_LENGTH:
        return column.cast(pa.date32())
    try:
        moments = column.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid as error:
        # All times may be without a zone; where Arrow names a text that cannot be one, that takes too long.
        named = _VALUE_IN_ERROR.match(str(error))
        if longest > _LONGEST_WITHOUT_ZONE or (named and not _WITHOUT_ZONE.fullmatch(named[1])):
            raise
        moments = column.cast(pa.timestamp("us"))
    if shortest < _SHORTEST_TIME:
        # An hour without minutes is read by Arrow, and not by the fields.
        text, lengths = _bytes(column)
        if ((text[:, 13] != ord(":")) & (lengths > 0)).any():
            raise pa.ArrowInvalid("too short")
    return moments


def _is_date(kind: pa.DataType) -> bool:
    return kind == _WRITTEN or kind.tz is None


def _parse(column: pa.Array, kind: pa.DataType) -> tuple[np.ndarray, np.ndarray]:
    """Parse every value by itself: return microseconds since 1970, and which values could be parsed."""
    text, lengths = _bytes(column)
    digits = text[:, _DIGITS] - ord("0")  # uint8: what comes before 0 is large
    is_digit = digits < 10
    days, exists = _days(*(_number(digits, begin, end) for begin, end in ((0, 4), (4, 6), (6, 8))))
    has_date = exists & is_digit[:, :_DATE_DIGITS].all(axis=1) & (text[:, 4] == _DASH) & (text[:, 7] == _DASH)
    if (lengths <= _DAY_LENGTH).all():
        return days * _DAY, has_date & (lengths == _DAY_LENGTH)
    hour, minute, second = (_number(digits, begin, end) for begin, end in ((8, 10), (10, 12), (12, 14)))
    has_time = is_digit.all(axis=1) & (text[:, 13] == _COLON) & (text[:, 16] == _COLON)
    has_time &= (text[:, 10] == ord("T")) | (text[:, 10] == ord(" "))
    has_time &= (hour < 24) & (minute < 60) & (second < 60)
    fraction, zone_at = _fraction(text)
    offset, has_zone = _zone(text, zone_at, lengths)
    has_time &= has_zone
    of_day = ((hour * 60 + minute) * 60 + second) * _SECOND + fraction
    of_day[~has_time] = 0
    is_readable = has_date & (has_time | (lengths == _DAY_LENGTH))
    if _is_date(kind):
        return days * _DAY, is_readable & ((of_day == 0) | (kind == _WRITTEN))
    moments = days * _DAY + of_day - np.where(has_time, offset, 0)
    return moments, is_readable & (moments >= _FIRST) & (moments <= _LAST)


def _mean_length(column: pa.LargeStringArray) -> float:
    if not len(column):
        return 0.0
    offsets = memoryview(column.buffers()[1]).cast("q")
    begin, end = offsets[column.offset], offsets[column.offset + len(column)]
    return float((end - begin) / max(1, len(column) - column.null_count))


def _number(digits: np.ndarray, begin: int, end: int) -> np.ndarray:
    number: np.ndarray = digits[:, begin:end].astype(np.int64) @ _POWERS[begin - end :]
    return number


def _to_numpy(column: pa.BooleanArray) -> np.ndarray:
    values: np.ndarray = column.to_numpy(zero_copy_only=False)
    return values


def _bytes(column: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of every value as a row of a matrix, 0 after its end, and how long the values are."""
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    codes = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    lengths, columns = np.diff(ends), np.arange(_LONGEST + 1)
    text = codes.take(ends[:-1, np.newaxis] + columns, mode="clip")
    text[columns >= lengths[:, np.newaxis]] = 0
    return text, lengths


def _fraction(text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fraction of each second in microseconds, cut, and where the zone begins."""
    has_point = text[:, _TIME_LENGTH] == ord(".")
    digits = text[:, _TIME_LENGTH + 1 : _TIME_LENGTH + 1 + _MAX_FRACTION] - ord("0")
    is_part = np.logical_and.accumulate(digits < 10, axis=1) & has_point[:, np.newaxis]
    digits[~is_part] = 0
    fraction = digits[:, :_MICROSECONDS].astype(np.int64) @ _POWERS[-_MICROSECONDS:]
    length = is_part.sum(axis=1)
    # A point without digits is left where no zone can begin.
    return fraction, _TIME_LENGTH + np.where(length > 0, length + 1, 0)


def _zone(text: np.ndarray, at: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the offset of each zone in microseconds, and which times end with a zone, or without one."""
    zone = np.take_along_axis(text, np.minimum(at[:, np.newaxis] + np.arange(6), _LONGEST), axis=1)
    length = lengths - at
    has_colon = (length == 6) & (zone[:, 3] == _COLON)
    hour = (zone[:, 1:3] - ord("0")).astype(np.int64)
    minute = np.where(has_colon[:, np.newaxis], zone[:, 4:6], zone[:, 3:5]) - ord("0")
    minute = np.where((length == 3)[:, np.newaxis], 0, minute).astype(np.int64)
    is_right = (hour < 10).all(axis=1) & (minute < 10).all(axis=1)
    hour, minute = hour @ _POWERS[-2:], minute @ _POWERS[-2:]
    is_right &= (hour < 24) & (minute < 60) & ((length == 3) | (length == 5) | has_colon)
    is_behind = zone[:, 0] == _DASH
    is_right &= is_behind | (zone[:, 0] == ord("+"))
    is_utc = (length == 0) | ((length == 1) & ((zone[:, 0] | 0x20) == ord("z")))
    offset = np.where(is_right, (hour * 60 + minute) * 60 * _SECOND, 0)
    return np.where(is_behind, -offset, offset), is_utc | is_right


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return days since 1970, and which dates exist in the years 1 to 9999."""
    month_index = np.clip(month, 1, 12) - 1
    months = (year - 1970) * 12 + month_index
    first, following = (
        begin.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        for begin in (months, months + 1)
    )
    exists = (year >= 1) & (month == month_index + 1) & (day >= 1) & (day <= following - first)
    return first + day - 1, exists
