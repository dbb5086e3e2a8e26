"""Columns of ISO 8601 text become dates and times; the values that do not are left to the exact path."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from rutterframe.frames.dates import convert_dates

DATE, TIME = pa.timestamp("us"), pa.timestamp("us", "UTC")
DAY, NEXT = datetime(2026, 1, 31), datetime(2026, 2, 1)  # noqa: DTZ001 - a calendar date
HOUR = datetime(2026, 1, 31, 10, tzinfo=UTC)


def convert(kind: pa.TimestampType, *values: str | None) -> tuple[list[datetime | None], list[int]]:
    """Return the converted values, and the positions of those that are left to the exact path."""
    column, unclear = convert_dates(pa.array([None, *values], pa.large_string())[1:], kind)
    return column.to_pylist(), [] if unclear is None else unclear.nonzero()[0].tolist()


@pytest.mark.parametrize(
    ("values", "dates", "unclear"),
    [
        (["2026-01-31", None, "2026-02-01"], [DAY, None, NEXT], []),
        (["2026-01-31", "2026-02-30", "2026-02-30"], [DAY, None, None], [1, 2]),
        (["2026-01-31", "31/01/2026", "n/a"], [DAY, None, None], [1, 2]),
        (["2026-01-31T00:00:00Z", None, "2026-02-01T00:00:00Z"], [DAY, None, NEXT], []),
        (["2026-01-31T00:00:00+05:30", "2026-02-01T00:00:00+05:30"], [DAY, NEXT], []),
        (["2026-01-31T00:00:00Z", "2026-02-30T00:00:00Z"], [DAY, None], [1]),
        (["2026-01-31T00:00:01Z", "2026-02-01T00:00:01Z"], [None, None], [0, 1]),
        (["2026-01-31T00:00:00Z", "2026-02-01 00:00:00"], [DAY, NEXT], []),
        (["2026-01-31T00:00:00Z", "2026-02-01"], [DAY, NEXT], []),
        (["2026-01-31T00:00:00Z" + "0" * 40] * 2, [None, None], [0, 1]),
        (["é026-01-31T00:00:00Z"] * 2, [None, None], [0, 1]),
        (["2026-01-31", ""], [DAY, None], [1]),
        (["2026-02-30"] * 2, [None, None], [0, 1]),
        (["2026-02-30T00:00:00Z"] * 2, [None, None], [0, 1]),
        ([None, None], [None, None], []),
        ([], [], []),
    ],
)
def test_dates(values: list[str | None], dates: list[datetime | None], unclear: list[int]) -> None:
    """A date is read as written, also with midnight in one form or several, beside unreadable ones."""
    assert convert(DATE, *values) == (dates, unclear)


@pytest.mark.parametrize(
    ("values", "times", "unclear"),
    [
        (["2026-01-31T10:00:00Z", None, "2026-01-31T15:30:00+05:30"], [HOUR, None, HOUR], []),
        (["2026-01-31T10:00:00", "2026-01-31 10:00:00.0"], [HOUR, HOUR], []),
        (["2026-01-31T10:00:00Z", "yesterday", "yesterday"], [HOUR, None, None], [1, 2]),
        (["2026-01-31T10:00:00Z", "2026-02-30T10:00:00Z"], [HOUR, None], [1]),
        (["2026-01-31T10:00:00Z", "yesterday", "tomorrow"], [HOUR, None, None], [1, 2]),
        (["2026-01-31T10:00:00Z", "2026-01-31T10:00:00", "n/a"], [HOUR, HOUR, None], [2]),
        (["2026-01-31", "2026-01-31"], [DAY.replace(tzinfo=UTC)] * 2, []),
        (["2026-01-31", "2026-01-31T10:00:00Z"], [DAY.replace(tzinfo=UTC), HOUR], []),
        (["2026-01-31", "2026-02-30"], [DAY.replace(tzinfo=UTC), None], [1]),
        (["2026-01-31T10Z", "2026-01-31T10:00:00Z"], [None, HOUR], [0]),
        (["2026-01-31T10:00:00.000000000Z", "2026-01-31T10:00:00.0+00"], [HOUR, HOUR], []),
        (["2026-02-30T10:00:00Z"] * 2, [None, None], [0, 1]),
        ([None, None], [None, None], []),
        ([], [], []),
    ],
)
def test_times(values: list[str | None], times: list[datetime | None], unclear: list[int]) -> None:
    """A time is read in UTC in any form, and an unreadable one leaves its neighbours as they are."""
    assert convert(TIME, *values) == (times, unclear)
