"""Retries: what is retried how often, counted at the demo API, and how long is waited before."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client import RequestSpec, Stopped, error_mapping
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.models import RESOURCES

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
def test_one_bad_response_is_retried(server: DemoServer, client: rf.Client, kind: str, status: int) -> None:
    """A transient error that occurs once costs one more request and no record."""
    expected = [row["id"] for row in server.books.rows(BOOKS, "accounts")]
    server.configure(page_size=1000, faults=[Fault(kind, resource="accounts")])
    assert ids(client) == expected
    assert requests(server) == [status, 200]


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (
            "429",
            rf.RateLimitExceeded,
            "The API answered HTTP 429: RATE_LIMIT_EXCEEDED: More than 500 requests in 10 seconds.",
        ),
        (
            "452",
            rf.PlatformRateLimitExceeded,
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
def test_a_lasting_error_is_given_up(
    server: DemoServer, client: rf.Client, kind: str, error: type[rf.APIError], message: str
) -> None:
    """A transient error that does not end is given up after the last attempt, with the number of attempts."""
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
def test_broken_responses_for_ever_are_given_up(
    server: DemoServer, client: rf.Client, kind: str, error: type[rf.RutterframeError]
) -> None:
    """A body that is always cut or is not JSON is given up after the last try, with what was received."""
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
def test_a_refusal_is_not_retried(
    server: DemoServer, client: rf.Client, connection: str, error: type[rf.APIError], hint: str
) -> None:
    """A connection that is broken or closed is requested once, and the error says what to do about it."""
    with pytest.raises(error) as caught:
        list(client.connection(connection).accounts.list())
    assert (caught.value.hint, requests(server)) == (hint, [403])


def test_an_expired_cursor_is_not_retried(server: DemoServer, client: rf.Client) -> None:
    """A cursor that the API has forgotten stays forgotten: one request, and the advice to begin again."""
    server.configure(page_size=5, faults=[Fault("expired_cursor", resource="accounts", page=2, times=0)])
    with pytest.raises(rf.BadRequest) as caught:
        ids(client)
    assert caught.value.hint == "load again from the start: the API does not keep cursors for ever."
    assert (caught.value.context.pages, caught.value.context.rows) == (1, 5)
    assert requests(server) == [200, 400]


def test_retry_after_is_obeyed(server: DemoServer, client: rf.Client, clock: Any) -> None:
    """The seconds that the API asks for are waited, once, before the page is requested again."""
    server.configure(page_size=1000, faults=[Fault("429", resource="accounts", seconds=7)])
    ids(client)
    assert (clock.pauses, requests(server)) == ([7.0], [429, 200])


def test_a_rate_limit_without_retry_after_is_retried(
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
    with pytest.raises(rf.RateLimitExceeded) as caught:
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
    with pytest.raises(rf.RateLimitExceeded):
        ids(client)
    assert clock.pauses == []
    list(client.connection("roaster-bank").bank_accounts.list())
    assert clock.pauses == [7.0]


def test_the_limit_of_a_platform_holds_back_only_its_connection(
    answering: Callable[..., rf.Client], clock: Any
) -> None:
    """452 is about one platform: its Retry-After is obeyed there, and no other connection waits."""
    responses = iter([httpx.Response(452, headers={"Retry-After": "9"})])
    client = answering(
        lambda _: next(responses, httpx.Response(200, json={"invoices": []})),
        retry=dataclasses.replace(PATIENT, attempts=1),
    )
    with pytest.raises(rf.PlatformRateLimitExceeded) as caught:
        list(client.connection("books").invoices.list())
    assert caught.value.retry_after == 9.0
    list(client.connection("books").invoices.list())
    assert clock.pauses == []


@pytest.mark.parametrize("status", [408, 425, 429, 452, 503])
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
        ("1.5", [1.5]),
        ("2.0", [2.0]),
        (" 3. ", [3.0]),
        ("1.5.2", []),
        ("1e1", []),
        ("Tue, 30 Jun 99999 12:00:00 GMT", []),
        ("Tue, 30 Jun 999999999999 12:00:00 GMT", []),
        ("Tue, 30 Jun 2026 12:00:00 +999999999999", []),
        ("Tue, 30 Jun 2026 12:00:00 -9999", []),
        ("Fri, 31 Dec 9999 23:59:59 -0500", []),
        ("Sat, 01 Jan 0001 00:00:00 +0500", []),
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

    monkeypatch.setattr(error_mapping, "datetime", Noon)
    headers = {} if header is None else {"Retry-After": header}
    responses = iter([httpx.Response(status, headers=headers), httpx.Response(200, json={"invoices": []})])
    client = answering(lambda _: next(responses))
    assert list(client.connection("books").invoices.list()) == []
    assert clock.pauses == pauses


def test_the_waits_double_up_to_the_maximum(
    server: DemoServer, client: rf.Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wait is twice the one before, never longer than the maximum."""
    monkeypatch.setattr("rutterframe.client.retry.random.uniform", lambda _, high: high)
    client._session._policy = rf.RetryPolicy(attempts=7, wait_initial=0.5, wait_max=5.0)
    server.configure(faults=[Fault("503", resource="accounts", times=0)])
    with pytest.raises(rf.ServerError):
        ids(client)
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_waits_are_spread(
    server: DemoServer, client: rf.Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait is between half of its length and the whole, so that many clients do not come back at once."""
    ranges = set()

    def lowest(low: float, high: float) -> float:
        ranges.add((low, high))
        return low

    monkeypatch.setattr("rutterframe.client.retry.random.uniform", lowest)
    client._session._policy = rf.RetryPolicy(attempts=3, wait_initial=1.0, wait_max=1.0)
    server.configure(faults=[Fault("503", resource="accounts", times=0)])
    with pytest.raises(rf.ServerError):
        ids(client)
    assert (ranges, clock.pauses) == ({(0.5, 1.0)}, [0.5, 0.5])


def test_a_wait_between_tries_ends_when_stopped(answering: Callable[..., rf.Client]) -> None:
    """Ctrl-C ends the wait for the next try at once, and nothing more is sent."""
    stop, sent = threading.Event(), []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        stop.set()
        return httpx.Response(503)

    client = answering(handler, retry=rf.RetryPolicy(attempts=5, wait_initial=3600.0, wait_max=3600.0))
    with pytest.raises(Stopped):
        client._session.get(RequestSpec.of(client._session, "invoices"), read=bytes, stop=stop)
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
    assert error_mapping.retry_after("Tue, 30 Jun 2026 12:00:45 GMT", now=noon) == 45.0


@pytest.mark.parametrize(
    ("date", "header", "pauses"),
    [
        ("Tue, 30 Jun 2026 14:00:00 GMT", "Tue, 30 Jun 2026 14:00:05 GMT", [5.0]),
        ("Tue, 30 Jun 2026 10:00:00 GMT", "Tue, 30 Jun 2026 10:00:05 GMT", [5.0]),
        ("Tue, 30 Jun 2026 14:00:00 GMT", "Tue, 30 Jun 2026 13:59:00 GMT", []),
        ("no date", "Tue, 30 Jun 2026 12:00:05 GMT", [5.0]),
        ("Tue, 30 Jun 99999 14:00:00 GMT", "Tue, 30 Jun 2026 12:00:05 GMT", [5.0]),
        ("Tue, 30 Jun 2026 14:00:00 GMT", "7", [7.0]),
    ],
)
def test_a_date_is_compared_with_the_clock_of_the_server(
    answering: Callable[..., rf.Client],
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    date: str,
    header: str,
    pauses: list[float],
) -> None:
    """Where our clock is two hours off, a Retry-After date counts by the response's own Date header."""

    class Noon(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Noon:
            return cls(2026, 6, 30, 12, tzinfo=tz)

    monkeypatch.setattr(error_mapping, "datetime", Noon)
    refusal = httpx.Response(503, headers={"Retry-After": header, "Date": date})
    responses = iter([refusal, httpx.Response(200, json={"invoices": []})])
    client = answering(lambda _: next(responses))
    assert list(client.connection("books").invoices.list()) == []
    assert clock.pauses == pauses


@pytest.mark.parametrize("status", [408, 425])
def test_a_status_of_timing_is_retried(answering: Callable[..., rf.Client], status: int) -> None:
    """408 and 425 are about the moment: the read is retried, and given up after the last try."""
    sent: list[int] = []

    def handler(_: httpx.Request) -> httpx.Response:
        sent.append(status)
        return httpx.Response(200 if len(sent) == 2 else status, json={"invoices": []})

    client = answering(handler)
    assert list(client.connection("books").invoices.list()) == []
    assert len(sent) == 2
    with pytest.raises(rf.APIError, match=rf"HTTP {status} \(tried 3 times\)"):
        list(client.connection("books").invoices.list())
    assert len(sent) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"7", b'"text"', b"null", b'{"invoices": [], "next_cursor": 5}',
        b'{"next_cursor": ["a"], "invoices": []}', b'{"invoices": [], "invoices": [], "next_cursor": 7}',
        b'{"data": []}', b'{"invoices": {}}', b'{"invoices": null}', b"{}",
    ],
)  # fmt: skip
def test_a_well_formed_response_of_the_wrong_form_is_requested_once(
    answering: Callable[..., rf.Client], clock: Any, body: bytes
) -> None:
    """What is JSON but not a page stays so: one request, no wait, and the error of what was answered."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=body)

    client = answering(handler, retry=rf.RetryPolicy())
    with pytest.raises(rf.InvalidResponse) as caught:
        list(client.connection("books").invoices.list())
    with pytest.raises(rf.InvalidResponse) as loaded:
        rf.load_invoices(client.connection("books"), progress=False)
    assert (len(sent), clock.pauses) == (2, [])
    assert "tried" not in f"{caught.value}{loaded.value}"


@pytest.mark.parametrize("record", [{}, {"id": "i2"}, {"invoice": {"id": "i1"}}, [{"id": "i1"}], 7])
def test_a_record_of_another_id_is_requested_once(
    answering: Callable[..., rf.Client], clock: Any, record: object
) -> None:
    """A response that is another record is not requested again."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=record)

    with pytest.raises(rf.InvalidResponse):
        answering(handler, retry=rf.RetryPolicy()).connection("books").invoices.retrieve("i1")
    assert (len(sent), clock.pauses) == (1, [])


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"invoices": [', b"", b"\xff\xfe"])
def test_a_body_that_is_not_json_is_retried(answering: Callable[..., rf.Client], body: bytes) -> None:
    """A body that is not JSON is a broken connection or a proxy's page: the next try may be answered."""
    responses = iter([httpx.Response(200, content=body), httpx.Response(200, json={"invoices": []})])
    assert list(answering(lambda _: next(responses)).connection("books").invoices.list()) == []


class Busy:
    """An API on which invoices are refused so many times; others may be answered between two refusals."""

    def __init__(self, refusals: int, status: int, *, answers_accounts: bool) -> None:
        self.left, self.status, self.answers_accounts = refusals, status, answers_accounts
        self.sent = 0
        self.client: rf.Client

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/invoices"):
            return httpx.Response(200, json={"accounts": []})
        self.sent += 1
        if not self.left:
            return httpx.Response(200, json={"invoices": []})
        self.left -= 1
        if self.answers_accounts:
            assert list(self.client.connection("books").accounts.list()) == []
        return httpx.Response(self.status, headers={"Retry-After": "1"})


@pytest.mark.parametrize("status", [429, 452])
def test_a_rate_limit_is_waited_for_while_others_are_answered(
    answering: Callable[..., rf.Client], clock: Any, status: int
) -> None:
    """Thirty refusals are waited out while other requests get through, each a second and a little more."""
    api = Busy(30, status, answers_accounts=True)
    client = api.client = answering(api, retry=rf.RetryPolicy(attempts=6, wait_initial=0.5))
    assert list(client.connection("books").invoices.list()) == []
    assert api.sent == 31
    waits = [pause for pause in clock.pauses if 1.0 <= pause <= 1.5]
    assert len(waits) >= 30
    assert len(set(waits)) > 1


@pytest.mark.parametrize("status", [429, 452])
@pytest.mark.usefixtures("clock")
def test_a_rate_limit_that_no_request_passes_is_given_up(
    answering: Callable[..., rf.Client], status: int
) -> None:
    """Where nothing gets through, the ordinary number of tries ends it."""
    api = Busy(30, status, answers_accounts=False)
    client = answering(api, retry=rf.RetryPolicy(attempts=6, wait_initial=0.5))
    with pytest.raises(rf.APIError, match=rf"HTTP {status} \(tried 6 times\)"):
        list(client.connection("books").invoices.list())
    assert api.sent == 6


@pytest.mark.usefixtures("clock")
def test_other_failures_count_also_while_others_are_answered(answering: Callable[..., rf.Client]) -> None:
    """A 503 is a try whatever other requests do, and a single try stays a single try."""
    api = Busy(30, 503, answers_accounts=True)
    client = api.client = answering(api, retry=rf.RetryPolicy(attempts=4))
    with pytest.raises(rf.ServerError, match="tried 4 times"):
        list(client.connection("books").invoices.list())
    api = Busy(30, 429, answers_accounts=True)
    client = api.client = answering(api, retry=rf.RetryPolicy(attempts=1))
    with pytest.raises(rf.RateLimitExceeded):
        list(client.connection("books").invoices.list())
    assert api.sent == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("every", "given_up"), [(3, False), (4, True)])
def test_progress_now_and_then_is_enough(
    answering: Callable[..., rf.Client], every: int, given_up: bool
) -> None:
    """Three tries: two refusals in a row without progress are waited out, a third ends it."""
    sent = {"invoices": 0}

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/invoices"):
            return httpx.Response(200, json={"accounts": []})
        sent["invoices"] += 1
        if sent["invoices"] > 20:
            return httpx.Response(200, json={"invoices": []})
        if sent["invoices"] % every == 0:
            assert list(busy.connection("books").accounts.list()) == []
        return httpx.Response(429, headers={"Retry-After": "1"})

    busy: rf.Client = answering(handler, retry=rf.RetryPolicy(attempts=3))
    if given_up:
        with pytest.raises(rf.RateLimitExceeded, match="tried 3 times"):
            list(busy.connection("books").invoices.list())
    else:
        assert list(busy.connection("books").invoices.list()) == []
        assert sent["invoices"] == 21


@pytest.mark.usefixtures("clock")
def test_progress_of_once_is_soon_used_up(answering: Callable[..., rf.Client]) -> None:
    """After other requests got through once, and then no more, the ordinary number of tries ends it."""
    sent = {"invoices": 0}

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/invoices"):
            return httpx.Response(200, json={"accounts": []})
        sent["invoices"] += 1
        if sent["invoices"] == 1:
            assert list(busy.connection("books").accounts.list()) == []
        return httpx.Response(429 if sent["invoices"] < 50 else 200, json={"invoices": []})

    busy: rf.Client = answering(handler, retry=rf.RetryPolicy(attempts=3))
    with pytest.raises(rf.RateLimitExceeded, match="tried 4 times"):
        list(busy.connection("books").invoices.list())


def test_requests_have_gaps_after_a_refusal(answering: Callable[..., rf.Client], clock: Any) -> None:
    """Refused a second time requests follow with a gap, which closes as they get through."""
    responses = iter([429, 429])

    def handler(_: httpx.Request) -> httpx.Response:
        status = next(responses, 200)
        return httpx.Response(status, headers={"Retry-After": "1"}, json={"accounts": []})

    accounts = answering(handler).connection("books").accounts
    for _ in range(40):
        assert list(accounts.list()) == []
    first, second, *gaps = clock.pauses
    assert (first, second) == (1.0, 1.0)
    assert gaps[:3] == pytest.approx([0.09, 0.081, 0.0729])
    assert len(gaps) < 30


@pytest.mark.usefixtures("clock")
def test_refusals_and_failures_add_up(answering: Callable[..., rf.Client]) -> None:
    """Tries that failed in different ways count together."""
    responses = iter([429, 503, 429, 503, 429, 503])
    client = answering(lambda _: httpx.Response(next(responses)), retry=rf.RetryPolicy(attempts=4))
    with pytest.raises(rf.ServerError, match="tried 4 times"):
        list(client.connection("books").invoices.list())


@pytest.mark.parametrize(
    ("header", "spread", "pauses"),
    [("1", 0.0, [1.0, 1.0, 1.0]), ("1", 1.0, [2.0, 3.0, 5.0]), ("0", 1.0, [1.0, 2.0, 4.0])],
)
def test_the_wait_is_never_shorter_than_the_back_off(
    answering: Callable[..., rf.Client],
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    spread: float,
    pauses: list[float],
) -> None:
    """A Retry-After below the back-off does not shorten the wait, and jitter lies above it."""
    monkeypatch.setattr(
        "rutterframe.client.retry.random.uniform", lambda low, high: low + spread * (high - low)
    )
    client = answering(
        lambda _: httpx.Response(503, headers={"Retry-After": header}),
        retry=rf.RetryPolicy(attempts=4, wait_initial=1.0),
    )
    with pytest.raises(rf.ServerError):
        list(client.connection("books").invoices.list())
    back_off = [step * (0.5 + spread / 2) for step in (1.0, 2.0, 4.0)]
    assert clock.pauses == [max(waits) for waits in zip(pauses, back_off, strict=True)]


def test_a_slow_api_is_waited_for() -> None:
    """Ten lists of three pages load from an API that lets two requests through at a time."""
    window, passed, lock = 0.04, deque[float](maxlen=2), threading.Lock()
    refused = []

    def handler(request: httpx.Request) -> httpx.Response:
        with lock:
            now = time.monotonic()
            if len(passed) == 2 and now - passed[0] < window:
                refused.append(now)
                return httpx.Response(429, headers={"Retry-After": f"{window}"})
            passed.append(now)
        page = int(request.url.params.get("cursor", "1"))
        key = request.url.path.removeprefix("/base/").replace("-", "_")
        following = str(page + 1) if page < 3 else None
        return httpx.Response(200, json={key: [{"id": f"{page}"}], "next_cursor": following})

    with rf.Client(
        client_id="an-id",
        client_secret="a-secret",
        environment="https://api.example.com/base",
        access_tokens={"books": "a-token"},
        transport=httpx.MockTransport(handler),
        retry=rf.RetryPolicy(attempts=3, wait_initial=0.02, wait_max=0.1),
    ) as client:
        frames = rf.load_all(client.connection("books"), progress=False)
    assert {name: frame["id"].tolist() for name, frame in frames.items()} == {
        name: ["1", "2", "3"] for name in RESOURCES
    }
    assert refused


Answering = Callable[..., rf.Client]


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


def test_a_wait_beyond_an_own_maximum_is_in_the_hint(answering: Answering) -> None:
    """A Retry-After above the policy's own maximum is given up with a hint that says so."""
    client = answering(
        lambda _: httpx.Response(429, headers={"Retry-After": "45"}),
        retry=rf.RetryPolicy(retry_after_max=10.0, wait_initial=0.0),
    )
    with pytest.raises(rf.RateLimitExceeded) as error:
        invoices(client)
    assert "the API asks to wait 45 seconds" in error.value.hint


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("120.0000001", "the API asks to wait 121 seconds: the quota resets later; try again then."),
        (
            "9" * 400,
            "the API asks to wait more than 1,000,000,000 seconds: the quota resets later; try again then.",
        ),
    ],
)
def test_a_wait_is_written_as_a_number(answering: Answering, header: str, hint: str) -> None:
    """A wait just above the maximum of 120 is not called 120, nor one without end infinite."""
    client = answering(lambda _: httpx.Response(429, headers={"Retry-After": header}), retry=rf.RetryPolicy())
    with pytest.raises(rf.RateLimitExceeded) as error:
        invoices(client)
    assert error.value.hint == hint
