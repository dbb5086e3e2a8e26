"""Moments are those that the commits carry: a copy of the files, and other clocks, change nothing."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rutterframe as rf
from tests.dataset.scripted import Api


@pytest.fixture
def refreshed_three_times(path: Path) -> Path:
    """One invoice with the amounts 10, 20 and 30, each committed in a millisecond of its own."""
    for amount in (10.0, 20.0, 30.0):
        api = Api({("books", "invoices"): [{"id": "1", "amount_due": amount}]})
        rf.refresh(api.connections("books"), path, resources=["invoices"])
        last = rf.Dataset(path).versions("invoices")["committed_at"].iloc[0]
        while pd.Timestamp.now("UTC") < last + pd.Timedelta(milliseconds=2):
            pass
    return path


def moments(data: rf.Dataset) -> list[datetime]:
    """Return the moments of the three versions."""
    at: list[Any] = data.versions("invoices")["committed_at"].tolist()
    return [one.to_pydatetime() for one in reversed(at)]


def amounts(data: rf.Dataset, at: datetime | str | date) -> list[float]:
    amounts: list[float] = data.load("invoices", version=at)["amount_due"].tolist()
    return amounts


def copied(path: Path, at: datetime) -> Path:
    """Copy a folder; all files have one time then."""
    target = path.with_name("copied")
    shutil.copytree(path, target, copy_function=shutil.copyfile)
    for file in target.rglob("*"):
        os.utime(file, (at.timestamp(), at.timestamp()))
    return target


@pytest.mark.parametrize("year", [1990, 2026, 2040])
def test_a_copied_folder_loads_and_compares_as_it_did(refreshed_three_times: Path, year: int) -> None:
    """A moment is the same version for any times of the files, and changed rows are "changed"."""
    data = rf.Dataset(copied(refreshed_three_times, datetime(year, 1, 1, tzinfo=UTC)))
    first, second, third = moments(data)
    assert moments(rf.Dataset(refreshed_three_times)) == [first, second, third]
    assert [amounts(data, at) for at in (first, second, third)] == [[10.0], [20.0], [30.0]]
    just_before = second - timedelta(milliseconds=1)
    east = just_before.astimezone(timezone(timedelta(hours=5)))
    for at in (just_before, f"{just_before}", just_before.replace(tzinfo=None), east, east.isoformat()):
        assert amounts(data, at) == [10.0]
    for after in (date.max, third, None):
        changes = data.compare("invoices", first, after)
        assert changes[["change", "fields", "amount_due_before", "amount_due"]].to_numpy().tolist() == [
            ["changed", "amount_due", 10.0, 30.0]
        ]
    with pytest.raises(ValueError, match="There is no version until"):
        data.compare("invoices", first - timedelta(days=1))


def test_a_date_counts_to_its_end(refreshed_three_times: Path) -> None:
    """Of the day of a refresh it is the last version; of the day before there is none."""
    data = rf.Dataset(refreshed_three_times)
    first, _, third = moments(data)
    day = third.date()
    assert amounts(data, day) == amounts(data, f"{day}") == [30.0]
    with pytest.raises(ValueError, match=r"There is no version until .*: the first refresh was at "):
        data.load("invoices", version=first.date() - timedelta(days=1))


def test_moments_after_another_tool_has_compacted(refreshed_three_times: Path) -> None:
    """A moment after a compaction is the version of the compaction: its files stay when others go."""
    data = rf.Dataset(refreshed_three_times)
    before = [amounts(data, at) for at in moments(data)]
    data.compact()
    assert [amounts(data, at) for at in moments(data)] == before
    assert data.versions("invoices")["version"].tolist() == [3, 2, 1]


def test_receipts_are_those_of_the_version(refreshed_three_times: Path) -> None:
    """Each version has the receipt of its own refresh; now has that of the newest."""
    data = rf.Dataset(refreshed_three_times)
    finished = [
        data.load("invoices", version=version).attrs["receipt"]["finished"] for version in (1, 2, 3, None)
    ]
    assert finished == [*sorted(finished[:3]), finished[2]]
    assert len(set(finished)) == 3


@pytest.mark.parametrize("year", [1990, 2040])
def test_a_copied_folder_is_vacuumed_as_the_original(refreshed_three_times: Path, year: int) -> None:
    """Files of versions within the time to keep stay, however old the copy makes them look."""
    data = rf.Dataset(copied(refreshed_three_times, datetime(year, 1, 1, tzinfo=UTC)))
    assert data.vacuum(keep=timedelta(days=30)) == 0
    assert [amounts(data, at) for at in moments(data)] == [[10.0], [20.0], [30.0]]
    assert data.vacuum(keep=timedelta(0)) == 2
    assert data.load("invoices")["amount_due"].tolist() == [30.0]
