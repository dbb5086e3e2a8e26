"""A load that another thread watches and stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import LoadJob, Options
from tests.conftest import client_of

SHOP = "roaster-shopify"
OLD = "roaster-netsuite-old"
#: An answer that does not come within the test: only an order to stop can end before it.
NEVER = 100.0
QUIETLY = Options(on_error="skip", progress=False)


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API of its own: its slow answers must not hold up other tests."""
    with DemoServer(page_size=100) as server:
        yield server


@pytest.fixture
def client(own_server: DemoServer) -> Iterator[rf.Client]:
    with rf.Client(
        client_id=own_server.client_id,
        client_secret=own_server.client_secret,
        environment=own_server.url,
        access_tokens=own_server.access_tokens,
    ) as client:
        yield client


def load_of(client: rf.Client, names: list[str], resource: str, options: Options = QUIETLY) -> LoadJob:
    """Make the load of one resource of some connections."""
    listings = [client.connection(name).listing(resource) for name in names]
    return LoadJob(listings, options, (resource,))


def stop_when_read(load: LoadJob, *pages: int) -> threading.Thread:
    """Stop a load from another thread as soon as so many pages of each list were read, and errors came."""

    def read() -> bool:
        standings = load.progress()
        return all(one.pages >= n or one.error for one, n in zip(standings, pages, strict=True))

    def press() -> None:
        tick = threading.Event()
        while not read():
            tick.wait(0.01)
        load.stop()

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    return thread


def test_standings(client: rf.Client) -> None:
    """Each list says how far it is, and how it ended, with the error of the one that failed."""
    load = load_of(client, ["gear-xero", OLD], "accounts")
    assert [(one.connection_id, one.stage, one.rows) for one in load.progress()] == [
        ("gear-xero", "waiting", 0),
        (OLD, "waiting", 0),
    ]
    frames = load.run()
    fine, failed = load.progress()
    assert list(frames) == ["accounts"]
    assert (fine.resource, fine.stage, fine.pages, fine.rows, fine.error) == (
        "accounts", "loaded", 1, len(frames["accounts"]), None,
    )  # fmt: skip
    assert (failed.stage, failed.rows, type(failed.error)) == ("failed", 0, rf.PermissionDenied)


def test_stopped_while_an_answer_is_awaited(own_server: DemoServer, client: rf.Client) -> None:
    """An order to stop ends a load at once, and the load can be resumed to the whole frame."""
    own_server.configure(faults=[Fault("slow", resource="customers", page=3, connection=SHOP, seconds=NEVER)])
    load = load_of(client, [SHOP, OLD], "customers")
    presses = stop_when_read(load, 2, 1)
    with pytest.raises(rf.LoadInterrupted, match=r"rf\.resume\(error\) goes on from there") as caught:
        load.run()
    presses.join()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("rutterframe-read")]
    shop, old = load.progress()
    assert (shop.stage, shop.pages, shop.rows, shop.error) == ("loading", 2, 200, None)
    assert (old.stage, type(old.error)) == ("failed", rf.PermissionDenied)
    frames = rf.resume(caught.value, progress=False)
    assert isinstance(frames, dict)
    assert list(frames) == ["customers"]
    assert len(frames["customers"]) == len(own_server.books.rows(SHOP, "customers"))
    assert frames["customers"].attrs["receipt"]["errors"].keys() == {OLD}


def test_stopped_on_the_last_try(own_server: DemoServer) -> None:
    """An answer that was cut off by the order to stop does not count as the connection's failure."""
    own_server.configure(faults=[Fault("slow", resource="customers", page=2, seconds=NEVER)])
    with client_of(own_server, retry=rf.RetryPolicy(attempts=1)) as client:
        load = load_of(client, [SHOP], "customers")
        presses = stop_when_read(load, 1)
        with pytest.raises(rf.LoadInterrupted):
            load.run()
        presses.join()
    assert [(one.stage, one.error) for one in load.progress()] == [("loading", None)]


def test_stopped_before_it_began(own_server: DemoServer, client: rf.Client) -> None:
    """A load that was stopped first asks for nothing."""
    load = load_of(client, [SHOP], "customers")
    load.stop()
    with pytest.raises(rf.LoadInterrupted):
        load.run()
    assert own_server.requests == ()


def test_stopped_after_it_ended(client: rf.Client) -> None:
    """An order to stop that comes too late changes nothing."""
    load = load_of(client, ["gear-xero"], "accounts")
    rows = len(load.run()["accounts"])
    load.stop()
    assert [(one.stage, one.rows) for one in load.progress()] == [("loaded", rows)]


def test_one_failure_raises_unless_it_is_to_be_reported(client: rf.Client) -> None:
    """Without on_error="skip" a failure is raised, as by any loader."""
    with pytest.raises(rf.PermissionDenied):
        load_of(client, [OLD], "accounts", Options(progress=False)).run()
