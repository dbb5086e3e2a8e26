"""JSON values that each kind of field accepts, and those that it refuses with a reason."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rutterframe.models.fields import Count, Day, Id, Money, Number, Text, Timestamp

NOT_A_NUMBER = "Value error, not a number"
NOT_WHOLE = "Value error, not a whole number"
NOT_EXACT = "Value error, beyond 2**53 with a decimal point, where floats skip whole numbers"
NOT_ISO = "Value error, not ISO 8601 text (YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ)"
NOT_TEXT = "Input should be a valid string"
NOT_FINITE = "Input should be a finite number"
TOO_LARGE = "Input should be less than or equal to 9223372036854775807"
TOO_SMALL = "Input should be greater than or equal to -9223372036854775808"
EXTRA = "Input should be a valid datetime or date, unexpected extra characters at the end of the input"


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        read(kind, value)
    (only,) = refused.value.errors()
    return only["msg"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("INV-1", "INV-1"),
        ("", ""),
        (" padded ", " padded "),
        ("Müller 😀", "Müller 😀"),
        (12, "12"),
        (-3, "-3"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_text_is_read(value: object, text: str) -> None:
    """Text stays as it is, and a whole number, as some platforms send ids, becomes its digits."""
    assert read(Text, value) == text
    assert read(Id, value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, NOT_TEXT),
        (False, NOT_TEXT),
        (12.0, NOT_TEXT),
        (1.5, NOT_TEXT),
        (None, NOT_TEXT),
        ([], NOT_TEXT),
        ({}, NOT_TEXT),
        ("\ud800", "Value error, half of a surrogate pair, which is not a character"),
        ("ok \udfff", "Value error, half of a surrogate pair, which is not a character"),
    ],
)
def test_text_is_refused(value: object, reason: str) -> None:
    """Booleans, fractions as ids and half of a surrogate pair are refused."""
    assert refusal(Text, value) == reason
    assert refusal(Id, value) == reason


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (12.34, 12.34),
        ("12.34", 12.34),
        ("-0.01", -0.01),
        ("0", 0.0),
        ("1e3", 1000.0),
        ("1.5E-2", 0.015),
        (2**63, 9.223372036854775808e18),
        (1e308, 1e308),
    ],
)
def test_numbers_are_read(value: object, number: float) -> None:
    """A JSON number is read, also when it was sent as text in JSON's own spelling."""
    result = read(Money, value)
    assert (type(result), result) == (float, number)
    assert read(Number, value) == number


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, NOT_A_NUMBER),
        (False, NOT_A_NUMBER),
        ("true", NOT_A_NUMBER),
        ("1,234.00", NOT_A_NUMBER),
        ("1.234,00", NOT_A_NUMBER),
        (" 1", NOT_A_NUMBER),
        ("1 ", NOT_A_NUMBER),
        ("1\n", NOT_A_NUMBER),
        ("", NOT_A_NUMBER),
        ("+1", NOT_A_NUMBER),
        ("01", NOT_A_NUMBER),
        (".5", NOT_A_NUMBER),
        ("5.", NOT_A_NUMBER),
        ("1_000", NOT_A_NUMBER),
        ("0x10", NOT_A_NUMBER),
        ("١٢", NOT_A_NUMBER),  # Arabic digits
        ("$5", NOT_A_NUMBER),
        ("(5.00)", NOT_A_NUMBER),
        ("NaN", NOT_A_NUMBER),
        ("inf", NOT_A_NUMBER),
        ("Infinity", NOT_A_NUMBER),
        ("1e999", NOT_FINITE),
        (math.inf, NOT_FINITE),
        (-math.inf, NOT_FINITE),
        (math.nan, NOT_FINITE),
        (10**400, "Input should be a valid number"),
        (None, "Input should be a valid number"),
        ([1], "Input should be a valid number"),
        ({}, "Input should be a valid number"),
    ],
)
def test_numbers_are_refused(value: object, reason: str) -> None:
    """Text with separators or blanks, booleans and numbers that are not finite are refused."""
    assert refusal(Money, value) == reason


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (3, 3),
        (1.0, 1),
        (float(2**53 - 1), 9007199254740991),
        ("3", 3),
        ("3.0", 3),
        ("3.00", 3),
        ("-5", -5),
        (-5.0, -5),
        (0, 0),
        (2**63 - 1, 9223372036854775807),
        (-(2**63), -9223372036854775808),
        ("9223372036854775807", 9223372036854775807),
    ],
)
def test_counts_are_read(value: object, count: int) -> None:
    """A whole number is read, also as 3.0 or as text, over the whole range of 64 bits."""
    result = read(Count, value)
    assert (type(result), result) == (int, count)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, NOT_WHOLE),
        (False, NOT_WHOLE),
        (1.5, "Input should be a valid integer, got a number with a fractional part"),
        ("1.5", NOT_WHOLE),
        ("1e3", NOT_WHOLE),
        ("1,000", NOT_WHOLE),
        (" 1", NOT_WHOLE),
        ("", NOT_WHOLE),
        ("007", NOT_WHOLE),
        ("NaN", NOT_WHOLE),
        (math.inf, NOT_FINITE),
        (math.nan, NOT_FINITE),
        (2**63, TOO_LARGE),
        (str(2**63), TOO_LARGE),
        (-(2**63) - 1, TOO_SMALL),
        (float(2**63), NOT_EXACT),
        (float(2**53 + 1), NOT_EXACT),
        (-float(2**53 + 2), NOT_EXACT),
        (None, "Input should be a valid integer"),
        ([], "Input should be a valid integer"),
    ],
)
def test_counts_are_refused(value: object, reason: str) -> None:
    """Fractions, booleans, text with separators and numbers beyond 64 bits are refused."""
    assert refusal(Count, value) == reason


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2026-01-31T00:00:00Z", date(2026, 1, 31)),
        ("2026-01-31T00:00:00", date(2026, 1, 31)),
        ("2026-01-31 00:00:00", date(2026, 1, 31)),
        ("2026-01-31T00:00:00.000000Z", date(2026, 1, 31)),
        # Midnight in another zone: the date is the written one, not that in UTC.
        ("2026-01-31T00:00:00+02:00", date(2026, 1, 31)),
    ],
)
def test_days_are_read(value: str, day: date) -> None:
    """A calendar date is read, also from a time at midnight, as it is written."""
    result = read(Day, value)
    assert (type(result), result) == (date, day)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1700000000, NOT_ISO),
        (1700000000.0, NOT_ISO),
        ("1700000000", NOT_ISO),
        (True, NOT_ISO),
        (None, NOT_ISO),
        ("", NOT_ISO),
        ("31/01/2026", NOT_ISO),
        ("20260131", NOT_ISO),
        ("2026-1-5", NOT_ISO),
        ("10000-01-01", NOT_ISO),
        ("2026-01-31x", NOT_ISO),
        (" 2026-01-31", NOT_ISO),
        ("2024-02-30", "Input should be a valid date or datetime, day value is outside expected range"),
        ("2026-01-31T", "Input should be a valid date or datetime, input is too short"),
        ("0000-01-01", "Input should be a valid date in the format YYYY-MM-DD, year 0 is out of range"),
        (
            "2026-01-31T23:30:00Z",
            "Datetimes provided to dates should have zero time - e.g. be exact dates",
        ),
    ],
)
def test_days_are_refused(value: object, reason: str) -> None:
    """Numbers, other formats, dates that do not exist and times of day are refused."""
    assert refusal(Day, value) == reason


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T12:00:00+0200", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-01T00:30:00+01:00", datetime(2025, 12, 31, 23, 30, tzinfo=UTC)),
        ("2026-01-31T12:00:00.1Z", datetime(2026, 1, 31, 12, 0, 0, 100000, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456789Z", datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        # Truncated, not rounded: the last microsecond of a month stays in the month.
        ("2026-01-31T23:59:59.999999999Z", datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_timestamps_are_read(value: str, time: datetime) -> None:
    """A time is converted to UTC to the microsecond; without a zone it is UTC; finer fractions are cut."""
    result = read(Timestamp, value)
    assert (result, result.tzinfo) == (time, UTC)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1700000000, NOT_ISO),
        ("1700000000", NOT_ISO),
        (1700000000000, NOT_ISO),
        (None, NOT_ISO),
        ("", NOT_ISO),
        ("2026-01-31t12:00:00z", NOT_ISO),
        ("yesterday", NOT_ISO),
        ("2016-12-31T23:59:60Z", EXTRA),
        ("2026-01-31T24:00:00Z", EXTRA),
        ("2026-01-31T12", EXTRA),
        ("2026-01-31T12:00:00 Z", EXTRA),
        (
            "2024-02-30T12:00:00Z",
            "Input should be a valid datetime or date, day value is outside expected range",
        ),
        ("0001-01-01T00:00:00+02:00", "Value error, outside the years 1 to 9999 in UTC"),
        ("9999-12-31T23:59:59-02:00", "Value error, outside the years 1 to 9999 in UTC"),
    ],
)
def test_timestamps_are_refused(value: object, reason: str) -> None:
    """Numbers, leap seconds and times that do not exist are refused."""
    assert refusal(Timestamp, value) == reason


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_round_trips(number: float) -> None:
    """A finite number is read to the same double, sent as a number or as text."""
    assert read(Money, number) == number
    assert read(Money, repr(number)) == number


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_count_round_trips(count: int) -> None:
    """A whole number of 64 bits is read to the same one, sent as a number or as text."""
    assert read(Count, count) == count
    assert read(Count, str(count)) == count
    assert read(Count, f"{count}.0") == count


@given(st.text())
def test_every_text_round_trips(text: str) -> None:
    """Any Unicode text is read unchanged, with blanks and control characters."""
    assert read(Text, text) == text


@given(st.datetimes(timezones=st.timezones()))
def test_every_timestamp_is_converted_to_utc(time: datetime) -> None:
    """A time in any zone is converted to UTC, or refused outside the years 1 to 9999."""
    offset = time.utcoffset()
    if offset is None or offset.seconds % 60:
        return  # ISO 8601 has no seconds in an offset
    try:
        expected = time.astimezone(UTC)
    except OverflowError:
        assert refusal(Timestamp, time.isoformat()) == "Value error, outside the years 1 to 9999 in UTC"
    else:
        assert read(Timestamp, time.isoformat()) == expected
