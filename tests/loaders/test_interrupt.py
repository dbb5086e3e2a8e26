"""Ctrl-C in the middle of a load: nothing is left running, and nothing is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer
from rutterframe.loaders.part import Part

SHOP = "roaster-shopify"
#: An answer that does not come within the test: only an interrupted wait can end before it.
NEVER = 100.0


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API of its own: its slow answers must not hold up other tests."""
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
    """Name the threads of loads that are alive."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("rutterframe-read")]


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
    assert readers() == []
    assert len(caught.value.partial.frames["customers"]) == 100
    assert isinstance(caught.value, KeyboardInterrupt)
    assert not isinstance(caught.value, Exception)


def test_a_bug_in_a_thread_is_not_hidden(client: rf.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is none of ours is raised as it is, after the threads have ended."""

    def break_down(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Part, "load", break_down)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        rf.load_customers(client.connection(SHOP), progress=False)
    assert readers() == []
