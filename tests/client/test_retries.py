"""Retries: what is tried again how often, counted at the demo API, and how long is waited before."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client import Stopped, failures
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer

PATIENT = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)
BOOKS = "roaster-quickbooks"


@pytest.fixture
def client(server: DemoServer, request: pytest.FixtureRequest) -> Iterator[rf.Client]:
    """A client on the demo API that tries three times."""
    with rf.Client(
        client_id=server.client_id,
        client_secret=server.client_secret,
        environment=server.url,
        access_tokens=server.access_tokens,
        rate_limit=None,
        retry=getattr(request, "param", PATIENT),
    ) as client:
        yield client


def ids(client: rf.Client) -> list[str | None]:
    return [account.id for account in client.connection(BOOKS).accounts.list()]


def requests(server: DemoServer) -> list[int]:
    return [request.status for request in server.requests]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("429", 429), ("452", 452), ("500", 500), ("503", 503), ("drop", 200), ("truncate", 200), ("html", 200)],
)
def test_one_bad_answer_is_tried_again(server: DemoServer, client: rf.Client, kind: str, status: int) -> None:
    """Bad weather that strikes once costs one more request and no record."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=1000, faults=[Fault(kind, resource="accounts")])
    assert ids(client) == expected
    assert requests(server) == [status, 200]


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (
            "429",
            rf.RateLimited,
            "The API answered HTTP 429: RATE_LIMIT_EXCEEDED: More than 500 requests in 10 seconds.",
        ),
        (
            "452",
            rf.PlatformRateLimited,
            (
                "The API answered HTTP 452: PLATFORM_RATE_LIMIT_EXCEEDED: "
                "The platform behind this connection limits its requests."
            ),
        ),
        (
            "500",
            rf.ServerError,
            "The API answered HTTP 500: INTERNAL_SERVER_ERROR: Something went wrong on our side.",
        ),
        ("503", rf.ServerError, "The API answered HTTP 503: SERVICE_UNAVAILABLE: Down for maintenance."),
    ],
)
def test_bad_weather_for_ever_is_given_up(
    server: DemoServer, client: rf.Client, kind: str, error: type[rf.APIError], message: str
) -> None:
    """Weather that does not end is given up after the last try, saying how often was tried."""
    server.configure(faults=[Fault(kind, resource="accounts", times=0)])
    with pytest.raises(rf.RutterframeError) as caught:
        ids(client)
    assert type(caught.value) is error
    assert caught.value.message == f"{message} (tried 3 times)"
    assert requests(server) == [int(kind)] * 3


@pytest.mark.parametrize(
    ("kind", "error"),
    [("drop", rf.TransportError), ("truncate", rf.InvalidResponse), ("html", rf.InvalidResponse)],
)
def test_broken_answers_for_ever_are_given_up(
    server: DemoServer, client: rf.Client, kind: str, error: type[rf.RutterframeError]
) -> None:
    """A body that is always cut or is no JSON is given up after the last try, with what was received."""
    server.configure(faults=[Fault(kind, resource="accounts", times=0)])
    with pytest.raises(rf.RutterframeError) as caught:
        ids(client)
    assert type(caught.value) is error
    assert caught.value.message.endswith(" (tried 3 times)")
    assert requests(server) == [200] * 3


@pytest.mark.parametrize(
    ("connection", "error", "hint"),
    [
        (
            "roaster-netsuite-old",
            rf.PermissionDenied,
            "ask the business to sign in to the platform again, or leave this connection out.",
        ),
        (
            "gear-ebay-closed",
            rf.PermissionDenied,
            "ask the API's support why the connection was disabled, or leave it out.",
        ),
    ],
)
def test_a_refusal_is_not_tried_again(
    server: DemoServer, client: rf.Client, connection: str, error: type[rf.APIError], hint: str
) -> None:
    """A connection that is broken or closed is asked once, and the error says what to do about it."""
    with pytest.raises(error) as caught:
        list(client.connection(connection).accounts.list())
    assert (caught.value.hint, requests(server)) == (hint, [403])


def test_an_expired_cursor_is_not_tried_again(server: DemoServer, client: rf.Client) -> None:
    """A cursor that the API has forgotten stays forgotten: one request, and the advice to begin again."""
    server.configure(page_size=5, faults=[Fault("expired_cursor", resource="accounts", page=2, times=0)])
    with pytest.raises(rf.BadRequest) as caught:
        ids(client)
    assert caught.value.hint == "load again from the start: the API does not keep cursors for ever."
    assert (caught.value.where.pages, caught.value.where.rows) == (1, 5)
    assert requests(server) == [200, 400]


def test_retry_after_is_obeyed(server: DemoServer, client: rf.Client, clock: Any) -> None:
    """The seconds that the API asks for are waited, once, before the page is asked for again."""
    server.configure(page_size=1000, faults=[Fault("429", resource="accounts", seconds=7)])
    ids(client)
    assert (clock.pauses, requests(server)) == ([7.0], [429, 200])


def test_a_rate_limit_without_retry_after_is_tried_again(
    server: DemoServer, client: rf.Client, clock: Any
) -> None:
    """Without a Retry-After the policy's own waits are used."""
    server.configure(page_size=1000, faults=[Fault("429", resource="accounts", seconds=-1)])
    ids(client)
    assert (clock.pauses, requests(server)) == ([], [429, 200])


def test_a_wait_beyond_the_maximum_is_given_up_at_once(
    server: DemoServer, client: rf.Client, clock: Any
) -> None:
    """A quota that resets in an hour is not waited for: one request, no wait, and the hint says why."""
    server.configure(faults=[Fault("429", resource="accounts", seconds=3600, times=0)])
    with pytest.raises(rf.RateLimited) as caught:
        ids(client)
    assert caught.value.retry_after == 3600.0
    assert caught.value.hint == (
        "the API asks to wait 3,600 seconds: the quota resets later; try again then."
    )
    assert (clock.pauses, requests(server)) == ([], [429])
    # … and the other requests of the client are not held back for it either.
    server.configure(faults=[])
    ids(client)
    assert clock.pauses == []


def test_one_limit_holds_back_the_whole_client(server: DemoServer, client: rf.Client, clock: Any) -> None:
    """429 is about all requests of the client, so a request of another thread waits as well."""
    server.configure(faults=[Fault("429", resource="accounts", seconds=7)])
    impatient = dataclasses.replace(PATIENT, attempts=1)
    client._session._policy = impatient
    with pytest.raises(rf.RateLimited):
        ids(client)
    assert clock.pauses == []
    list(client.connection("roaster-bank").bank_accounts.list())
    assert clock.pauses == [7.0]


def test_the_limit_of_a_platform_holds_back_only_its_connection(
    answering: Callable[..., rf.Client], clock: Any
) -> None:
    """452 is about one platform: its Retry-After is obeyed there, and nobody else waits."""
    answers = iter([httpx.Response(452, headers={"Retry-After": "9"})])
    client = answering(
        lambda _: next(answers, httpx.Response(200, json={"invoices": []})),
        retry=dataclasses.replace(PATIENT, attempts=1),
    )
    with pytest.raises(rf.PlatformRateLimited) as caught:
        list(client.connection("books").invoices.list())
    assert caught.value.retry_after == 9.0
    list(client.connection("books").invoices.list())
    assert clock.pauses == []


@pytest.mark.parametrize("status", [429, 452, 503])
@pytest.mark.parametrize(
    ("header", "pauses"),
    [
        ("11", [11.0]),
        (" 11 ", [11.0]),
        ("0", []),
        ("Tue, 30 Jun 2026 12:00:45 GMT", [45.0]),
        ("Tue, 30 Jun 2026 11:59:00 GMT", []),
        ("Tue, 30 Jun 2026 12:00:45", [45.0]),
        ("Tue, 30 Jun 2026 14:00:30 +0200", [30.0]),
        ("soon", []),
        ("-5", []),
        ("1.5", []),
        ("", []),
        (None, []),
    ],
)
def test_retry_after_as_seconds_and_as_a_date(
    answering: Callable[..., rf.Client],
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    header: str | None,
    pauses: list[float],
) -> None:
    """Retry-After is obeyed as seconds and as an HTTP date, and passed over where it makes no sense."""

    class Noon(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Noon:
            return cls(2026, 6, 30, 12, tzinfo=tz)

    monkeypatch.setattr(failures, "datetime", Noon)
    headers = {} if header is None else {"Retry-After": header}
    answers = iter([httpx.Response(status, headers=headers), httpx.Response(200, json={"invoices": []})])
    client = answering(lambda _: next(answers))
    assert list(client.connection("books").invoices.list()) == []
    assert clock.pauses == pauses


def test_the_waits_double_up_to_the_maximum(
    server: DemoServer, client: rf.Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wait is twice the one before, never longer than the maximum."""
    monkeypatch.setattr("rutterframe.client.pace.random.uniform", lambda _, high: high)
    client._session._policy = rf.RetryPolicy(attempts=7, wait_initial=0.5, wait_max=5.0)
    server.configure(faults=[Fault("503", resource="accounts", times=0)])
    with pytest.raises(rf.ServerError):
        ids(client)
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_waits_are_spread(
    server: DemoServer, client: rf.Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait is between half of its length and the whole, so that many clients do not come back at once."""
    asked = set()

    def lowest(low: float, high: float) -> float:
        asked.add((low, high))
        return low

    monkeypatch.setattr("rutterframe.client.pace.random.uniform", lowest)
    client._session._policy = rf.RetryPolicy(attempts=3, wait_initial=1.0, wait_max=1.0)
    server.configure(faults=[Fault("503", resource="accounts", times=0)])
    with pytest.raises(rf.ServerError):
        ids(client)
    assert (asked, clock.pauses) == ({(0.5, 1.0)}, [0.5, 0.5])


def test_a_wait_between_tries_ends_when_told_to_stop(answering: Callable[..., rf.Client]) -> None:
    """Ctrl-C ends the wait for the next try at once, and nothing more is sent."""
    stop, sent = threading.Event(), []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        stop.set()
        return httpx.Response(503)

    client = answering(handler, retry=rf.RetryPolicy(attempts=5, wait_initial=3600.0, wait_max=3600.0))
    with pytest.raises(Stopped):
        client._session.get("/invoices", read=bytes, query={}, stop=stop)
    assert len(sent) == 1


def test_only_reads_are_sent(server: DemoServer, client: rf.Client) -> None:
    """Whatever is listed, retrieved and retried, no request is anything but a GET."""
    server.configure(page_size=20, faults=[Fault("500", page=0), Fault("drop", page=0)])
    ids(client)
    list(client.connections.list())
    client.connections.retrieve(BOOKS)
    assert len(server.requests) > 6
    assert {request.method for request in server.requests} == {"GET"}


def test_the_moment_of_now_is_aware() -> None:
    """An HTTP date is compared in UTC, whatever the machine's zone."""
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert failures.retry_after("Tue, 30 Jun 2026 12:00:45 GMT", now=noon) == 45.0
