"""LoadJob: a load that another thread watches and stops, and that can be resumed."""

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
#: Seconds of a response that does not arrive within the test: only a stopped load can end before it.
NEVER = 100.0
SKIP = Options(on_error="skip", progress=False)


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API for one test: its slow responses must not delay other tests."""
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


def new_job(client: rf.Client, names: list[str], resource: str, options: Options = SKIP) -> LoadJob:
    """Return the job that loads one resource of some connections."""
    requests = [client.connection(name).listing(resource) for name in names]
    return LoadJob(requests, options, (resource,))


def stop_when_read(job: LoadJob, *pages: int) -> threading.Thread:
    """Stop a load from another thread as soon as so many pages of each list were read, and errors came."""

    def read() -> bool:
        lists = job.progress()
        return all(one.pages >= n or one.error for one, n in zip(lists, pages, strict=True))

    def press() -> None:
        tick = threading.Event()
        while not read():
            tick.wait(0.01)
        job.stop()

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    return thread


def test_progress(client: rf.Client) -> None:
    """The progress of each list states its stage, pages and rows, and the error of the one that failed."""
    job = new_job(client, ["gear-xero", OLD], "accounts")
    assert [(one.connection_id, one.stage, one.rows) for one in job.progress()] == [
        ("gear-xero", "waiting", 0),
        (OLD, "waiting", 0),
    ]
    frames = job.run()
    fine, failed = job.progress()
    assert list(frames) == ["accounts"]
    assert (fine.resource, fine.stage, fine.pages, fine.rows, fine.error) == (
        "accounts", "loaded", 1, len(frames["accounts"]), None,
    )  # fmt: skip
    assert (failed.stage, failed.rows, type(failed.error)) == ("failed", 0, rf.NeedsReauthentication)


def test_stopped_while_an_answer_is_awaited(own_server: DemoServer, client: rf.Client) -> None:
    """A stopped load ends at once, and can be resumed to the whole frame."""
    own_server.configure(faults=[Fault("slow", resource="customers", page=3, connection=SHOP, seconds=NEVER)])
    job = new_job(client, [SHOP, OLD], "customers")
    presses = stop_when_read(job, 2, 1)
    with pytest.raises(rf.LoadInterrupted, match=r"rf\.resume\(error\) goes on from there") as caught:
        job.run()
    presses.join()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("rutterframe-read")]
    shop, old = job.progress()
    assert (shop.stage, shop.pages, shop.rows, shop.error) == ("loading", 2, 200, None)
    assert (old.stage, type(old.error)) == ("failed", rf.NeedsReauthentication)
    frames = rf.resume(caught.value, progress=False)
    assert isinstance(frames, dict)
    assert list(frames) == ["customers"]
    assert len(frames["customers"]) == len(own_server.books.rows(SHOP, "customers"))
    assert frames["customers"].attrs["receipt"]["errors"].keys() == {OLD}


def test_stopped_on_the_last_try(own_server: DemoServer) -> None:
    """A response that was cut off by the stop does not count as the connection's failure."""
    own_server.configure(faults=[Fault("slow", resource="customers", page=2, seconds=NEVER)])
    with client_of(own_server, retry=rf.RetryPolicy(attempts=1)) as client:
        job = new_job(client, [SHOP], "customers")
        presses = stop_when_read(job, 1)
        with pytest.raises(rf.LoadInterrupted):
            job.run()
        presses.join()
    assert [(one.stage, one.error) for one in job.progress()] == [("loading", None)]


def test_stopped_before_it_began(own_server: DemoServer, client: rf.Client) -> None:
    """A load that was stopped before it ran sends no request."""
    job = new_job(client, [SHOP], "customers")
    job.stop()
    with pytest.raises(rf.LoadInterrupted):
        job.run()
    assert own_server.requests == ()


def test_stopped_after_it_ended(client: rf.Client) -> None:
    """A stop after the end changes nothing."""
    job = new_job(client, ["gear-xero"], "accounts")
    rows = len(job.run()["accounts"])
    job.stop()
    assert [(one.stage, one.rows) for one in job.progress()] == [("loaded", rows)]


def test_a_failure_raises_unless_it_is_skipped(client: rf.Client) -> None:
    """Without on_error="skip" a failure is raised, as by any loader."""
    with pytest.raises(rf.PermissionDenied):
        new_job(client, [OLD], "accounts", Options(progress=False)).run()
