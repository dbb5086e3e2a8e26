"""Loads of large portfolios: cheap to set up, fair to each connection, and bounded in bytes."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.client import Stopped
from rutterframe.frames import Batch, Decoder
from rutterframe.loaders import LoadJob, Options, job, list_load
from rutterframe.loaders.job import SIDE_BY_SIDE
from rutterframe.loaders.side_by_side import ByteBudget
from rutterframe.models import RESOURCES

PAGES = 3
ROWS = 4
QUIET = Options(progress=False)


@dataclass
class Pages:
    """An API without a network: each customer list has the same number of pages of equal size.

    Attributes
    ----------
    requests : list of tuple of str and int
        Connection and number of each page, in the order of the requests.
    """

    pages: int = PAGES
    requests: list[tuple[str, int]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return the page that a request is for."""
        connection = request.url.params["access_token"].removeprefix("token-")
        page = int(request.url.params.get("cursor", "1"))
        self.requests.append((connection, page))
        rows = [{"id": f"{connection}-{page}-{row}", "name": "Zed Hardware"} for row in range(ROWS)]
        following = str(page + 1) if page < self.pages else None
        return httpx.Response(200, json={"customers": rows, "next_cursor": following})

    def client(self, names: Sequence[str]) -> rf.Client:
        """Return a client of this API, without a rate limit."""
        return rf.Client(
            client_id="id-of-client",
            client_secret="secret-of-client",
            environment="https://api.example.com",
            access_tokens={name: f"token-{name}" for name in names},
            transport=httpx.MockTransport(self.answer),
            rate_limit=None,
        )

    @property
    def page_bytes(self) -> int:
        """The size of a page of a connection with a name of three letters."""
        request = httpx.Request("GET", "https://api.example.com/customers?access_token=token-abc")
        size = len(self.answer(request).content)
        self.requests.pop()
        return size


def names_of(count: int) -> list[str]:
    """Return ids of connections, as many as asked for; not in the order of the alphabet."""
    return [f"{(number * 7) % 1000:03d}" if count <= 1000 else f"{number:04d}" for number in range(count)]


class SetUp(Exception):
    """Raised instead of the first request."""


@pytest.fixture
def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """End each load when it would begin to read."""

    def raise_set_up(*_: object) -> None:
        raise SetUp

    monkeypatch.setattr(LoadJob, "_read_all", raise_set_up)


def calls_to_set_up(count: int) -> int:
    """Count the calls, of Python and C functions, that a load of all resources makes before it reads."""
    calls = 0

    def count_call(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    with Pages().client(names := names_of(count)) as client:
        connections = [client.connection(name) for name in names]
        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            rf.load_all(connections, progress=False)
        except SetUp:
            pass
        finally:
            sys.setprofile(before)
    return calls


@pytest.mark.usefixtures("no_reading")
def test_the_set_up_of_a_load_is_linear() -> None:
    """Twice the connections take twice the calls before the first request, and few of each connection."""
    few, many = calls_to_set_up(200), calls_to_set_up(400)
    assert many <= 2.1 * few
    assert many / 400 <= 150  # ten lists of each connection


@pytest.fixture
def one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in one thread: then the order of the requests is exact."""
    monkeypatch.setattr(job, "SIDE_BY_SIDE", 1)


@pytest.mark.usefixtures("one_reader")
def test_each_connection_has_its_first_page_before_any_has_its_second() -> None:
    """Of 200 connections, the last one's first page does not wait for the end of the others."""
    api, names = Pages(), names_of(200)
    with api.client(names) as client:
        rf.load_customers([client.connection(name) for name in names], progress=False)
    assert api.requests[:200] == [(name, 1) for name in names]
    assert api.requests[200:] == [(name, page) for name in names for page in (2, 3)]


@pytest.mark.usefixtures("one_reader")
def test_long_lists_give_way_again_and_again() -> None:
    """While others wait, a list is read for a few pages, then the next one; the last one to its end."""
    api, names = Pages(pages=7), ["abc", "abd"]
    with api.client(names) as client:
        rf.load_customers([client.connection(name) for name in names], progress=False)
    turns = [("abc", [1]), ("abd", [1]), ("abc", [2, 3, 4, 5]), ("abd", [2, 3, 4, 5]), ("abc", [6, 7])]
    turns.append(("abd", [6, 7]))
    assert api.requests == [(name, page) for name, pages in turns for page in pages]


def test_lists_that_are_read_in_turn_are_complete_and_in_order() -> None:
    """The rows are in the order of the connections as passed, and of the pages; each page is read once."""
    api, names = Pages(pages=7), names_of(60)
    with api.client(names) as client:
        frame = rf.load_customers([client.connection(name) for name in names], progress=False)
    assert Counter(api.requests) == {(name, page): 1 for name in names for page in range(1, 8)}
    assert frame["id"].tolist() == [
        f"{name}-{page}-{row}" for name in names for page in range(1, 8) for row in range(ROWS)
    ]
    receipt = frame.attrs["receipt"]
    assert (receipt["complete"], receipt["connections"], receipt["pages"]) == (True, names, 60 * 7)


def test_a_stopped_load_of_many_lists_is_resumed() -> None:
    """Stopped in the middle of its lists, a load of many connections has whole pages and is completed."""
    api, names = Pages(), names_of(100)
    with api.client(names) as client:
        requests = [client.connection(name).listing("customers") for name in names]
        load = LoadJob(requests, QUIET, "customers")
        answer = api.answer

        def stop_at(request: httpx.Request) -> httpx.Response:
            if len(api.requests) == 150:
                load.stop_event.set()
            return answer(request)

        client._session._transport._transport.handler = stop_at  # type: ignore[attr-defined]
        with pytest.raises(rf.LoadInterrupted) as caught:
            load.run()
        partial = caught.value.partial.frames["customers"]
        assert len(partial) == ROWS * len(api.requests) < 100 * PAGES * ROWS
        frame = rf.resume(caught.value, progress=False)
    assert not isinstance(frame, dict)
    assert len(frame) == 100 * PAGES * ROWS
    assert set(Counter(api.requests).values()) == {1}
    assert frame.attrs["receipt"]["complete"] is True


@pytest.fixture
def page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decode a batch of each page."""
    monkeypatch.setattr(list_load, "BYTES_PER_BATCH", 1)


@pytest.fixture
def slow_decoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Decode nothing until the event that is returned is set: when a reader waits for the decoder."""
    waits, decode, wait = threading.Event(), Decoder.decode, ByteBudget.wait

    def decode_late(self: Decoder, pages: Sequence[bytes]) -> Batch:
        assert waits.wait(60)
        return decode(self, pages)

    def note_wait(self: ByteBudget, stop: threading.Event) -> None:
        waits.set()
        wait(self, stop)

    monkeypatch.setattr(Decoder, "decode", decode_late)
    monkeypatch.setattr(ByteBudget, "wait", note_wait)
    yield waits
    waits.set()


@pytest.mark.usefixtures("page_by_page")
def test_readers_wait_for_a_slow_decoder(slow_decoder: threading.Event) -> None:
    """Pages that wait to be decoded do not exceed the budget, but by one page of each reader."""
    api, names = Pages(pages=5), names_of(40)
    size = api.page_bytes
    with api.client(names) as client:
        requests = [client.connection(name).listing("customers") for name in names]
        load = LoadJob(requests, QUIET, "customers", budget=ByteBudget(4 * size))
        frame = load.run()["customers"]
    assert slow_decoder.is_set()
    assert 4 * size <= load.budget.peak <= (4 + SIDE_BY_SIDE) * size * 1.05
    assert load.budget.size == 0
    assert len(frame) == 40 * 5 * ROWS


def test_a_page_is_read_however_large_it_is() -> None:
    """With a budget smaller than any page, a load is read page by page, and is complete."""
    api, names = Pages(), names_of(20)
    with api.client(names) as client:
        requests = [client.connection(name).listing("customers") for name in names]
        load = LoadJob(requests, QUIET, "customers", budget=ByteBudget(1))
        frame = load.run()["customers"]
    assert (len(frame), load.budget.size) == (20 * PAGES * ROWS, 0)


def test_a_stop_ends_a_wait_for_the_decoder() -> None:
    """A reader that waits for bytes to be decoded ends its wait when the load is stopped."""
    budget, stop = ByteBudget(10), threading.Event()
    budget.add(10)
    stop.set()
    with pytest.raises(Stopped):
        budget.wait(stop)
    budget.release(1)
    budget.wait(stop)  # there is nothing to wait for


def test_pages_that_cannot_be_decoded_are_not_counted_for_ever() -> None:
    """A list that fails gives back the bytes of its pages, decoded or not."""
    broken = json.dumps({"customers": [{"id": 5.5}], "next_cursor": "2"}).encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=broken))
    with rf.Client(
        client_id="id-of-client",
        client_secret="secret-of-client",
        environment="https://api.example.com",
        access_tokens={"abc": "token-abc"},
        transport=transport,
        rate_limit=None,
    ) as client:
        load = LoadJob([client.connection("abc").listing("customers")], QUIET, "customers")
        with pytest.raises(rf.RutterframeError):
            load.run()
    assert load.budget.size == 0


@pytest.mark.parametrize("combined", [1, 3, 100])
@pytest.mark.parametrize("small", [0, 900, 16_384])
def test_small_lists_are_combined_to_the_same_frame(
    monkeypatch: pytest.MonkeyPatch, combined: int, small: int
) -> None:
    """However small lists are stored and combined, frame and receipt are the same."""
    monkeypatch.setattr(list_load, "COMBINED", combined)
    monkeypatch.setattr(list_load, "SMALL_LIST", small)
    api, names = Pages(pages=2), names_of(30)
    with api.client(names) as client:
        frame = rf.load_customers([client.connection(name) for name in names], progress=False)
    assert frame["id"].tolist() == [
        f"{name}-{page}-{row}" for name in names for page in (1, 2) for row in range(ROWS)
    ]
    assert frame["connection_id"].tolist() == [name for name in names for _ in range(2 * ROWS)]
    receipt = frame.attrs["receipt"]
    assert (receipt["rows"], receipt["complete"]) == (30 * 2 * ROWS, True)


@pytest.mark.parametrize("resource", RESOURCES)
def test_small_lists_of_every_resource_are_the_same_as_large_ones(
    client: rf.Client, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    """Stored as messages or as tables, the rows of each resource are the same, with dtypes and lines."""
    connections = [client.connection(name) for name in ("gear-shopify", "gear-xero", "roaster-bank")]
    frames = []
    for small in (0, 10**9):
        monkeypatch.setattr(list_load, "SMALL_LIST", small)
        frames.append(
            LoadJob([one.listing(resource) for one in connections], QUIET, resource).run()[resource]
        )
    pd.testing.assert_frame_equal(frames[0], frames[1])
    counts = [frame.attrs["receipt"]["per_connection"] for frame in frames]
    assert counts[0] == counts[1]
