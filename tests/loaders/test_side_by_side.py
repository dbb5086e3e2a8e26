"""Loads side by side share one rate limit, one Retry-After and one quota; on a clock that does not move."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import SimpleNamespace

import httpx
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer

SHOPS = ("roaster-shopify", "gear-shopify", "gear-amazon", "gear-xero", "roaster-quickbooks")
DAY = 86_400


@dataclass
class Bookings:
    """The waits of a load, in seconds from now; nothing really waits here.

    Attributes
    ----------
    requests : list of tuple of str and float
        The path of each request that was sent, and when it was to be sent.
    waits : list of float
        The other waits: before a try is repeated.
    waited : threading.Event
        Set once a try is to be repeated.
    """

    requests: list[tuple[str, float]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    waited: threading.Event = field(default_factory=threading.Event)
    _booked: threading.local = field(default_factory=threading.local)

    def pause(self, seconds: float, _: threading.Event) -> None:
        """Record a wait."""
        if getattr(self._booked, "failed", False):
            self._booked.failed = False
            self.waits.append(seconds)
            self.waited.set()
        else:
            self._booked.seconds = seconds

    def note(self, path: str, status: int) -> None:
        """Record a request that was sent in this thread."""
        self.requests.append((path, self._booked.seconds))
        self._booked.failed = status == 429

    def of(self, path: str) -> list[float]:
        """Return the moments of the requests of a path, in the order in which they were sent."""
        return [moment for requested, moment in self.requests if requested == path]


class RecordingTransport(httpx.HTTPTransport):
    """Sends and records requests; those of one path can be delayed."""

    def __init__(
        self, bookings: Bookings, *, delayed: str = "", until: threading.Event | None = None
    ) -> None:
        super().__init__(limits=httpx.Limits(max_connections=64))
        self._bookings = bookings
        self._delayed, self._until = delayed, until

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._until is not None and request.url.path == self._delayed:
            assert self._until.wait(60)
        response = super().handle_request(request)
        self._bookings.note(request.url.path, response.status_code)
        return response


@pytest.fixture
def bookings(monkeypatch: pytest.MonkeyPatch) -> Bookings:
    """Stop the clock, and record the waits."""
    bookings = Bookings()
    monkeypatch.setattr("rutterframe.client.retry.time", SimpleNamespace(monotonic=lambda: 1000.0))
    monkeypatch.setattr("rutterframe.client.retry.pause", bookings.pause)
    return bookings


def client_of(server: DemoServer, transport: httpx.BaseTransport) -> rf.Client:
    """Return a client with the default rate limit and the default retries."""
    return rf.Client(
        client_id=server.client_id,
        client_secret=server.client_secret,
        environment=server.url,
        access_tokens=server.access_tokens,
        transport=transport,
    )


def test_all_loads_of_a_client_share_its_limit(server: DemoServer, bookings: Bookings) -> None:
    """Five connections in one load, and a load beside it: never more than 500 requests in 10 seconds."""
    server.configure(page_size=5, faults=[])
    with client_of(server, RecordingTransport(bookings)) as client:
        connections = [client.connection(name) for name in SHOPS]
        beside = threading.Thread(target=lambda: rf.load_customers(connections, progress=False))
        beside.start()
        frame = rf.load_orders(connections, progress=False)
        beside.join()
    assert len(frame) == 4640
    count = len(bookings.requests)
    assert count == len(server.requests) > 1_400
    # The first 500 at once, the next 500 after 10 seconds, and so on: no more, and no less than allowed.
    assert sorted(moment for _, moment in bookings.requests) == [10.0 * (n // 500) for n in range(count)]


def test_a_retry_after_holds_all_loads(server: DemoServer, bookings: Bookings) -> None:
    """Once one load receives a Retry-After of 7 seconds, every later request of the others waits as long."""
    server.configure(page_size=100, faults=[Fault("429", resource="customers", page=1, times=1, seconds=7)])
    # The bills are under way while the customers have to wait, and continue afterwards.
    transport = RecordingTransport(bookings, delayed="/bills", until=bookings.waited)
    with client_of(server, transport) as client:
        books = client.connection("roaster-quickbooks")
        beside = threading.Thread(target=lambda: rf.load_bills(books, progress=False))
        beside.start()
        customers = rf.load_customers(books, progress=False)
        beside.join()
    assert len(customers) == 39
    (wait,) = bookings.waits
    assert 7.0 <= wait <= 7.5  # with jitter above, none below
    assert bookings.of("/customers") == [0.0, 7.0]
    first, *later = bookings.of("/bills")
    assert first in {0.0, 7.0}
    assert later == [7.0, 7.0]


def test_a_quota_that_resets_tomorrow(server: DemoServer, bookings: Bookings) -> None:
    """No load waits until tomorrow: one request for each connection, and the error states the wait."""
    server.configure(faults=[Fault("429", resource="customers", page=1, times=0, seconds=DAY)])
    with client_of(server, RecordingTransport(bookings)) as client:
        connections = [client.connection(name) for name in SHOPS]
        with pytest.raises(rf.LoadError) as caught:
            rf.load_customers(connections, progress=False)
    assert bookings.of("/customers") == [0.0] * len(SHOPS)
    assert not any(bookings.waits)
    text = str(caught.value)
    assert text.count("HTTP 429") == len(SHOPS)
    assert text.count("the API asks to wait 86,400 seconds: the quota resets later") == len(SHOPS)
    assert [
        error.retry_after for error in caught.value.errors if isinstance(error, rf.RateLimitExceeded)
    ] == [float(DAY)] * len(SHOPS)
