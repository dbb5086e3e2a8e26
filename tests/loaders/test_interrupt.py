"""Ctrl-C in the middle of a load: nothing is left running, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import psutil  # type: ignore[import-untyped]
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders import LoadJob, threads
from rutterframe.loaders.list_load import ListLoad
from tests.conftest import client_of

SHOP = "roaster-shopify"
#: Seconds of a response that does not arrive within the test: only an interrupted wait can end before it.
NEVER = 100.0


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API for one test: its slow responses must not delay other tests."""
    with DemoServer(page_size=100) as server:
        yield server


def interrupt_when_waiting(server: DemoServer, requests: int) -> threading.Thread:
    """Press Ctrl-C as soon as the server has seen so many requests."""

    def press() -> None:
        arrived = threading.Event()
        while len(server.requests) < requests:
            arrived.wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press, name="presses-ctrl-c")
    thread.start()
    return thread


def readers() -> list[str]:
    """Name the threads of loads that are alive: those that read, and the one that decodes."""
    names = [thread.name for thread in threading.enumerate()]
    return [
        name
        for name in names
        if name.startswith(("rutterframe-load", "rutterframe-read", "rutterframe-decode"))
    ]


def sockets(server: DemoServer, *, of_server: bool = False) -> int:
    """Count this process's connections to a server, or those that the server holds."""
    port = int(server.url.rpartition(":")[2])
    connections = psutil.Process().net_connections("tcp")
    ends = (one.laddr if of_server else one.raddr for one in connections if one.raddr)
    return sum(end.port == port for end in ends)


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for another thread or process, for a minute at most."""
    moment = threading.Event()
    for _ in range(6_000):
        if done():
            return
        moment.wait(0.01)
    raise AssertionError("not done within a minute")


@pytest.mark.parametrize("connections", [(SHOP,), (SHOP, "gear-shopify", "gear-amazon")])
def test_ctrl_c_while_an_answer_is_awaited(own_server: DemoServer, connections: tuple[str, ...]) -> None:
    """Ctrl-C ends a load at once, also while an answer is awaited, and leaves no thread behind."""
    own_server.configure(
        faults=[Fault("slow", resource="customers", page=3, times=1, connection=SHOP, seconds=NEVER)]
    )
    with rf.Client(
        client_id=own_server.client_id,
        client_secret=own_server.client_secret,
        environment=own_server.url,
        access_tokens=own_server.access_tokens,
    ) as client:
        opened = [client.connection(name) for name in connections]
        undisturbed = {name: own_server.books.rows(name, "customers") for name in connections}
        presses = interrupt_when_waiting(own_server, requests=2)
        with pytest.raises(rf.LoadInterrupted, match=r"rf\.resume\(error\) goes on from there") as caught:
            rf.load_customers(opened, progress=False)
        presses.join()
        assert readers() == []
        partial = caught.value.partial.frames["customers"]
        receipt = partial.attrs["receipt"]
        assert receipt["complete"] is False
        of_shop = partial.loc[partial["connection_id"] == SHOP, "id"].tolist()
        assert of_shop == [row["id"] for row in undisturbed[SHOP]][: len(of_shop)]
        assert len(of_shop) < len(undisturbed[SHOP])

        own_server.configure(faults=[])
        frame = rf.resume(caught.value, progress=False)
    assert isinstance(frame, pd.DataFrame)
    assert frame["id"].tolist() == [row["id"] for name in connections for row in undisturbed[name]]
    assert frame.attrs["receipt"]["complete"] is True
    assert (readers(), sockets(own_server)) == ([], 0)


@pytest.mark.parametrize("requests", [None, 0, 2], ids=["not started", "started", "reading"])
@pytest.mark.parametrize("connections", [(SHOP,), (SHOP, "gear-shopify", "gear-amazon")])
def test_ctrl_c_at_the_start_of_a_thread(
    own_server: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    connections: tuple[str, ...],
    requests: int | None,
) -> None:
    """Ctrl-C before a thread starts, or after its start and before it is registered, leaves no thread."""
    own_server.configure(
        faults=[Fault("slow", resource="customers", page=3, times=1, connection=SHOP, seconds=NEVER)]
    )
    start = threading.Thread.start

    def start_and_interrupt(thread: threading.Thread) -> None:
        assert thread.name.startswith("rutterframe"), "a load starts no other thread"
        monkeypatch.setattr(threading.Thread, "start", start)
        if requests is not None:
            start(thread)
            wait_until(lambda: len(own_server.requests) >= requests)
        raise KeyboardInterrupt

    with client_of(own_server) as client:
        opened = [client.connection(name) for name in connections]
        monkeypatch.setattr(threading.Thread, "start", start_and_interrupt)
        with pytest.raises(rf.LoadInterrupted) as caught:
            rf.load_customers(opened, progress=False)
        assert readers() == []
        sent = len(own_server.requests)
        assert caught.value.partial.frames["customers"].attrs["receipt"]["complete"] is False

        own_server.configure(faults=[])
        frame = rf.resume(caught.value, progress=False)
        assert isinstance(frame, pd.DataFrame)
    expected = [row["id"] for name in connections for row in own_server.books.rows(name, "customers")]
    assert frame["id"].tolist() == expected
    assert sent == 0 or requests is not None
    assert (readers(), sockets(own_server)) == ([], 0)


def test_ctrl_c_during_a_wait(own_server: DemoServer) -> None:
    """Ctrl-C also ends the wait that a Retry-After asks for."""
    own_server.configure(faults=[Fault("429", resource="customers", page=2, times=0, seconds=NEVER)])
    with rf.Client(
        client_id=own_server.client_id,
        client_secret=own_server.client_secret,
        environment=own_server.url,
        access_tokens=own_server.access_tokens,
    ) as client:
        presses = interrupt_when_waiting(own_server, requests=2)
        with pytest.raises(rf.LoadInterrupted) as caught:
            rf.load_customers(client.connection(SHOP), progress=False)
        presses.join()
    assert (readers(), sockets(own_server)) == ([], 0)
    assert len(caught.value.partial.frames["customers"]) == 100
    assert isinstance(caught.value, KeyboardInterrupt)
    assert not isinstance(caught.value, Exception)


def test_a_bug_in_a_thread_is_not_hidden(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is not of this package is raised as it is, after the threads have ended."""

    def break_down(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(ListLoad, "batches", break_down)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        rf.load_customers(client.connection(SHOP), progress=False)
    assert readers() == []


def test_a_load_that_fails_leaves_nothing(own_server: DemoServer) -> None:
    """A load that raises ends every thread at once, and every socket when its client is closed."""
    own_server.configure(faults=[Fault("html", resource="customers", page=2, times=0)])
    with client_of(own_server, retry=rf.RetryPolicy(attempts=1)) as client:
        with pytest.raises(rf.LoadError):
            rf.load_customers([client.connection(SHOP), client.connection("gear-shopify")], progress=False)
        assert readers() == []
        assert sockets(own_server) > 0  # kept for the next load: so that the count below can fail
    assert sockets(own_server) == 0


@pytest.mark.parametrize(
    ("signal_sent", "code", "message"),
    [
        (signal.SIGINT, 130, r"Interrupted: <partial load: 0 of 1 lists complete, [12]00 rows>\."),
        (signal.SIGTERM, -signal.SIGTERM, ""),
        (signal.SIGKILL, -signal.SIGKILL, ""),
    ],
    ids=["interrupted", "terminated", "killed"],
)
def test_a_process_that_is_ended(
    own_server: DemoServer, tmp_path: Path, signal_sent: signal.Signals, code: int, message: str
) -> None:
    """A process that is ended in the middle of a load ends at once: no socket, and no part of a file."""
    own_server.configure(faults=[Fault("slow", resource="customers", page=3, times=0, seconds=NEVER)])
    secrets = {
        "RUTTER_CLIENT_ID": own_server.client_id,
        "RUTTER_CLIENT_SECRET": own_server.client_secret,
        "RUTTER_ACCESS_TOKEN": own_server.access_tokens[SHOP],
        "RUTTER_ENVIRONMENT": own_server.url,
    }
    words = ["load", "customers", "--connection", SHOP, "--out", "customers.csv", "--no-progress"]
    with subprocess.Popen(
        [sys.executable, "-m", "rutterframe", *words],
        env={**os.environ, **secrets},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        # Two pages were answered, and the third is being waited for.
        wait_until(lambda: len(own_server.requests) >= 2 and sockets(own_server, of_server=True) > 0)
        process.send_signal(signal_sent)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert re.fullmatch(message, errors.strip())
    assert list(tmp_path.iterdir()) == []
    wait_until(lambda: sockets(own_server, of_server=True) == 0)


def test_requests_are_interrupted_only_by_a_stop(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a load checks whether it is stopped, no request is ended unless it is."""
    calls: list[object] = []
    monkeypatch.setattr(threads, "INTERVAL", 0.0)
    monkeypatch.setattr(LoadJob, "_interrupt", calls.append)
    assert len(rf.load_customers(client.connection("roaster-quickbooks"), progress=False)) == 39
    assert calls == []
