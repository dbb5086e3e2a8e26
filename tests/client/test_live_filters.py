"""Filters in the live dialect: points in time are milliseconds, dates of statements are midnights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import rutterframe as rf
from rutterframe.client.filters import Moment, format_filters
from rutterframe.dialects import LIVE


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        ("2026-01-31T00:00:00Z", "1769817600000"),
        (datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=1))), "1769817600000"),
        (datetime(2026, 1, 31, 0, 0, 0, 1_999, tzinfo=UTC), "1769817600001"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "-1"),
    ],
)
def test_a_moment_is_milliseconds(value: Moment, milliseconds: str) -> None:
    """A point in time is whole milliseconds since 1970, the fraction cut towards the past."""
    assert format_filters(LIVE, "orders", {"updated_at_min": value}) == {"updated_at_min": milliseconds}


def test_a_moment_without_zone_is_read_as_utc() -> None:
    """A day or a time without a zone is UTC, with the usual warning."""
    with pytest.warns(rf.NaiveDatetimeWarning, match=r"read as 2026-01-31T00:00:00Z \(UTC\)"):
        filters = format_filters(LIVE, "invoices", {"last_synced_at_min": date(2026, 1, 31)})
    assert filters == {"last_synced_at_min": "1769817600000"}


@pytest.mark.parametrize("value", [date(2026, 1, 31), "2026-01-31", datetime(2026, 1, 31, 23, tzinfo=UTC)])
def test_the_date_of_a_statement_is_the_written_one(value: Moment) -> None:
    """A statement's first and last day are calendar dates: no zone moves them, and nothing warns."""
    filters = format_filters(LIVE, "balance_sheets", {"start_date": value})
    assert filters == {"start_date": "2026-01-31T00:00:00.000Z"}


def test_an_unknown_filter_names_those_of_the_dialect() -> None:
    """A filter that the list does not have is refused with those that it has."""
    with pytest.raises(rf.InvalidFilter) as error:
        format_filters(LIVE, "balance_sheets", {"updated_at_min": "2026-01-31T00:00:00Z"})
    assert error.value.message == "'balance_sheets' cannot be filtered by 'updated_at_min'"
    assert error.value.hint.startswith(
        "the live dialect's filters on 'balance_sheets': start_date, end_date; 'updated_at_min' is known on "
    )
