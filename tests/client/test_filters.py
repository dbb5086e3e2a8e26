"""Filters: points in time, and filters that the contract does not have."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rutterframe as rf
from rutterframe.client.filters import format_filters, format_moment
from rutterframe.dialects import CONTRACT

HINT = (
    "Next: pass a datetime with a zone, such as datetime(2026, 1, 31, tzinfo=UTC), or '2026-01-31T00:00:00Z'."
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00Z"),
        (datetime(2026, 1, 31, 12, 30, 15, 250, tzinfo=UTC), "2026-01-31T12:30:15.000250Z"),
        (datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))), "2026-01-30T23:00:00Z"),
        (datetime(2026, 7, 1, tzinfo=ZoneInfo("America/New_York")), "2026-07-01T04:00:00Z"),
        (datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Kolkata")), "2025-12-31T18:30:00Z"),
        (pd.Timestamp("2026-01-31", tz="UTC"), "2026-01-31T00:00:00Z"),
        (pd.Timestamp("2026-01-31T12:00", tz="Europe/Berlin"), "2026-01-31T11:00:00Z"),
        ("2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("2026-01-31T00:00:00+02:00", "2026-01-30T22:00:00Z"),
        ("2026-01-31 12:00:00.5+00:00", "2026-01-31T12:00:00.500000Z"),
    ],
)
def test_a_moment_with_a_zone_is_written_in_utc(value: Any, written: str) -> None:
    """A datetime, a pandas Timestamp or ISO text with a zone becomes the same moment in UTC."""
    assert format_moment("updated_at_min", value) == written


@pytest.mark.parametrize(
    ("value", "text", "written"),
    [
        (date(2026, 1, 31), "2026-01-31", "2026-01-31T00:00:00Z"),
        (datetime(2026, 1, 31, 12), "2026-01-31 12:00:00", "2026-01-31T12:00:00Z"),  # noqa: DTZ001
        (pd.Timestamp("2026-01-31 12:00"), "2026-01-31 12:00:00", "2026-01-31T12:00:00Z"),
        ("2026-01-31", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
    ],
)
def test_a_moment_without_a_zone_is_utc_with_a_warning(value: Any, text: str, written: str) -> None:
    """A date, or a time without a zone, is read as UTC with a warning that says so."""
    with pytest.warns(rf.NaiveDatetimeWarning) as warnings_:
        assert format_moment("updated_at_min", value) == written
    (warning,) = warnings_
    assert str(warning.message) == (
        f"updated_at_min={text} has no time zone: read as {written} (UTC). "
        "Pass a datetime with a zone if another one is meant."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "''"),
        ("yesterday", "'yesterday'"),
        ("31.01.2026", "'31.01.2026'"),
        ("2026-02-30", "'2026-02-30'"),
        ("1700000000", "'1700000000'"),
        (1700000000, "1700000000"),
        (17.5, "17.5"),
        (True, "True"),
        (b"2026-01-31", "b'2026-01-31'"),
        (pd.NaT, "NaT"),
        (pd.NA, "<NA>"),
    ],
)
def test_a_value_that_is_not_a_moment_is_refused(value: Any, text: str) -> None:
    """Other text, numbers and pandas' missing values are refused, with an example of what is taken."""
    with pytest.raises(rf.InvalidFilter) as error:
        format_moment("updated_at_min", value)
    expected = "is not a valid point in time (expected a datetime, a date or ISO 8601 text)"
    assert str(error.value) == f"updated_at_min={text} {expected}\n{HINT}"


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00"])
def test_a_moment_beyond_the_calendar_is_refused(value: str) -> None:
    """A moment that lies outside the years 1 to 9999 in UTC is an invalid filter, not a crash."""
    with pytest.raises(rf.InvalidFilter) as error:
        format_moment("updated_at_min", value)
    assert str(error.value) == f"updated_at_min={value} is outside the years 1 to 9999 in UTC"


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),  # noqa: DTZ001 - the zone is drawn as well
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
def test_any_moment_is_the_same_moment(value: datetime) -> None:
    """What is written is the very same moment, whatever its zone."""
    written = format_moment("updated_at_min", value)
    assert written.endswith("Z")
    assert datetime.fromisoformat(written) == value.astimezone(UTC)


@pytest.mark.parametrize(
    ("resource", "filters", "message"),
    [
        (
            "invoices",
            {"updated_at_min": "2026-01-31T00:00:00Z"},
            (
                "'invoices' cannot be filtered by 'updated_at_min'\n"
                "Next: the contract's filters on 'invoices': none; 'updated_at_min' is known on "
                "transactions, orders. Or load all and filter the frame."
            ),
        ),
        (
            "transactions",
            {"expand": "platform_data"},
            (
                "'transactions' cannot be filtered by 'expand'\n"
                "Next: the contract's filters on 'transactions': updated_at_min; 'expand' is known on "
                "orders. Or load all and filter the frame."
            ),
        ),
        (
            "orders",
            {"status": "pending"},
            (
                "'orders' cannot be filtered by 'status'\n"
                "Next: the contract's filters on 'orders': updated_at_min, expand. "
                "Or load all and filter the frame."
            ),
        ),
        (
            "orders",
            {"expand": "customer"},
            "expand='customer' is not known\nNext: use one of ('platform_data',).",
        ),
        ("orders", {"expand": True}, "expand=True is not known\nNext: use one of ('platform_data',)."),
    ],
)
def test_an_unknown_filter_is_refused(resource: str, filters: dict[str, Any], message: str) -> None:
    """An unknown filter or value is refused before anything is sent, with what there is and where."""
    with pytest.raises(rf.InvalidFilter) as error:
        format_filters(CONTRACT, resource, filters)
    assert str(error.value) == message


def test_filters_that_are_none_are_left_out() -> None:
    """None means not given, also for a filter that the contract does not have."""
    assert format_filters(CONTRACT, "orders", {"updated_at_min": None, "expand": "platform_data"}) == {
        "expand": "platform_data"
    }
    assert format_filters(CONTRACT, "invoices", {"updated_at_min": None}) == {}


def test_an_invalid_filter_is_refused_when_the_list_is_requested(client: rf.Client) -> None:
    """A filter is checked at once, not when the first record is taken."""
    with pytest.raises(rf.InvalidFilter):
        client.connection("roaster-quickbooks").transactions.list(updated_at_min="soon")


def test_a_warning_can_be_switched_off_by_its_class() -> None:
    """Who means UTC can silence the warning by its class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rf.NaiveDatetimeWarning)
        assert format_moment("updated_at_min", "2026-01-31") == "2026-01-31T00:00:00Z"
