"""Changes are requested from the server's clock and the newest change on, so that none is missed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import rutterframe as rf
from tests.dataset.scripted import Api

NO_OVERLAP = timedelta(0)


def order(name: str, updated_at: str | None, total: float = 1.0) -> dict[str, Any]:
    return {"id": name, "updated_at": updated_at, "total_price": total}


def since(api: Api) -> str | None:
    """Return the filter of the last request."""
    value: str | None = api.requests[-1].url.params.get("updated_at_min")
    return value


def refreshed(api: Api, path: Path, resource: str = "orders", **options: Any) -> Any:
    return rf.refresh(api.connections("books"), path, resources=[resource], **options)


@pytest.fixture
def api() -> Api:
    """The server's clock says noon of 30 June; the newest order changed on 29 June."""
    rows = [order("a", "2026-06-28T00:00:00Z"), order("b", "2026-06-29T00:00:00Z")]
    return Api({("books", "orders"): rows, ("books", "transactions"): [{"id": "t", "amount": 1.0}]})


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_this_machines_clock_does_not_matter(
    api: Api, path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """With a clock that is slow or fast in the first refresh, no change between the two is lost."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 6, 30, 12, tzinfo=tz) + timedelta(days=days)

    with monkeypatch.context() as then:
        for module in ("rutterframe.loaders.job", "rutterframe.dataset.connection_refresh"):
            then.setattr(sys.modules[module], "datetime", Clock)
        refreshed(api, path)
        refreshed(api, path, "transactions")
    api.date = datetime(2026, 6, 30, 18, tzinfo=UTC)
    api.answers["books", "orders"] = [
        order("a", "2026-06-30T13:00:00Z", 5.0),
        order("b", "2026-06-29T00:00:00Z"),
    ]
    done = refreshed(api, path)
    assert done[["added", "changed", "removed"]].to_numpy().tolist() == [[0, 1, 0]]
    assert since(api) == "2026-06-28T23:00:00Z"
    refreshed(api, path, "transactions")
    assert since(api) == "2026-06-30T11:00:00Z"


@pytest.mark.parametrize(
    ("newest", "date", "expected"),
    [
        ("2026-06-29T00:00:00Z", datetime(2026, 6, 30, 12, tzinfo=UTC), "2026-06-29T00:00:00Z"),
        ("2026-06-30T12:00:01Z", datetime(2026, 6, 30, 12, tzinfo=UTC), "2026-06-30T12:00:00Z"),
        ("2099-01-01T00:00:00Z", datetime(2026, 6, 30, 12, tzinfo=UTC), "2026-06-30T12:00:00Z"),
        ("2026-06-29T00:00:00Z", None, "2026-06-29T00:00:00Z"),
        (None, datetime(2026, 6, 30, 12, tzinfo=UTC), None),
    ],
)
def test_the_watermark(
    api: Api, path: Path, newest: str | None, date: datetime | None, expected: str | None
) -> None:
    """It is the newest change, at most the server's clock; without one the whole list is requested."""
    api.answers["books", "orders"] = [order("a", newest)]
    api.date = date
    refreshed(api, path)
    refreshed(api, path, overlap=NO_OVERLAP)
    assert since(api) == expected


def test_a_server_without_a_clock(api: Api, path: Path) -> None:
    """Without a Date header and a time of change in the records the whole list is requested again."""
    api.date = None
    refreshed(api, path, "transactions")
    refreshed(api, path, "transactions")
    assert since(api) is None


@pytest.mark.parametrize("days", [-400, 0, 1, 400])
def test_a_change_in_the_future_without_a_server_clock(
    api: Api, path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """The watermark is never this machine's clock, right or wrong: the whole list is requested again."""
    api.date = None
    api.answers["books", "orders"] = [order("1", "2099-06-01T00:00:00Z")]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=days)

    with monkeypatch.context() as then:
        for module in ("rutterframe.loaders.job", "rutterframe.dataset.connection_refresh"):
            then.setattr(sys.modules[module], "datetime", Clock)
        refreshed(api, path)
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    api.answers["books", "orders"] = [order("1", "2099-06-01T00:00:00Z"), order("2", soon)]
    assert refreshed(api, path)["added"].tolist() == [1]
    assert since(api) is None
    assert rf.Dataset(path).load("orders")["id"].tolist() == ["1", "2"]


def test_a_watermark_ahead_of_the_server_is_dropped(api: Api, path: Path) -> None:
    """Once the server's clock shows that a watermark was in its future, the whole list is requested."""
    api.date = datetime(2027, 6, 1, tzinfo=UTC)
    api.answers["books", "orders"] = [order("1", "2027-06-01T00:00:00Z")]
    refreshed(api, path)
    api.date = datetime(2026, 6, 30, 12, tzinfo=UTC)
    api.answers["books", "orders"] = [order("1", "2027-06-01T00:00:00Z"), order("2", "2026-06-30T13:00:00Z")]
    refreshed(api, path)
    assert refreshed(api, path)["added"].tolist() == [1]
    assert since(api) is None


def test_nothing_new_keeps_the_watermark(api: Api, path: Path) -> None:
    """After any number of empty lists of changes the next one begins at the newest change."""
    refreshed(api, path)
    filters = []
    for _ in range(3):
        api.answers["books", "orders"] = []
        refreshed(api, path, overlap=NO_OVERLAP)
        filters.append(since(api))
    assert filters == ["2026-06-29T00:00:00Z"] * 3
    api.answers["books", "orders"] = [order("c", "2026-06-30T00:00:00Z")]
    refreshed(api, path, overlap=NO_OVERLAP)
    refreshed(api, path, overlap=NO_OVERLAP)
    assert since(api) == "2026-06-30T00:00:00Z"
    assert rf.Dataset(path).load("orders")["id"].tolist() == ["a", "b", "c"]


def test_the_clock_of_the_first_page_counts(path: Path) -> None:
    """Of a list of pages it is the clock of the first: a change while others are read is loaded next time."""
    times = iter([datetime(2026, 6, 30, hour, tzinfo=UTC) for hour in (1, 2, 3)])

    class Pages(Api):
        def answer(self, request: httpx.Request) -> httpx.Response:
            self.date = next(times)
            cursor = request.url.params.get("cursor")
            rows = [order(cursor or "0", "2026-06-30T02:30:00Z")]
            following = {None: "1", "1": "2", "2": None}[cursor]
            self.requests.append(request)
            date = format_datetime(self.date, usegmt=True)
            return httpx.Response(
                200, json={"orders": rows, "next_cursor": following}, headers={"Date": date}
            )

    api = Pages()
    refreshed(api, path)
    times = iter([datetime(2026, 7, 1, tzinfo=UTC)] * 3)
    refreshed(api, path, overlap=NO_OVERLAP)
    assert api.requests[-3].url.params["updated_at_min"] == "2026-06-30T01:00:00Z"


@pytest.mark.parametrize("header", ["nonsense", "Tue, 30 Jun 999999 12:00:00 GMT", ""])
def test_a_date_that_cannot_be_read(path: Path, header: str) -> None:
    """A Date header that is none is as if there were none."""
    api = Api({("books", "transactions"): [{"id": "t"}]})

    def answer(request: httpx.Request) -> httpx.Response:
        response = Api.answer(api, request)
        response.headers["Date"] = header
        return response

    api.answer = answer  # type: ignore[method-assign]
    refreshed(api, path, "transactions")
    refreshed(api, path, "transactions")
    assert since(api) is None


def test_a_failed_list_keeps_the_watermark(api: Api, path: Path) -> None:
    """After a list of changes that failed the next one begins where that one did."""
    refreshed(api, path)
    api.answers["books", "orders"] = 500
    refreshed(api, path, on_error="skip")
    api.answers["books", "orders"] = [order("c", "2026-06-29T12:00:00Z")]
    refreshed(api, path, overlap=NO_OVERLAP)
    assert since(api) == "2026-06-29T00:00:00Z"
    assert rf.Dataset(path).load("orders")["id"].tolist() == ["a", "b", "c"]


def test_a_negative_overlap_is_refused(api: Api, path: Path) -> None:
    """To ask from later than the watermark would miss changes."""
    with pytest.raises(ValueError, match="overlap=-1 day, 0:00:00 is negative"):
        refreshed(api, path, overlap=timedelta(days=-1))
    assert api.requests == []


def test_an_overlap_beyond_all_years_requests_the_whole_list(api: Api, path: Path) -> None:
    """An overlap that leads before year 1 means the whole list."""
    refreshed(api, path)
    done = refreshed(api, path, overlap=timedelta(days=1_000_000))
    assert (since(api), done["status"].tolist()) == (None, ["unchanged"])
