"""Clients on a transport that is a function, and clocks that only waits move."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import rutterframe as rf
from tests.client.live_api import LiveAPI

AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def answering() -> Iterator[Callable[..., rf.Client]]:
    """Return clients with a function as transport, for what a server cannot do."""
    clients: list[rf.Client] = []

    def make(handler: Handler, **options: Any) -> rf.Client:
        defaults = {
            "client_id": "an-id",
            "client_secret": "a-secret",
            "environment": "https://api.example.com/base",
            "access_tokens": {"books": "a-token"},
            "transport": httpx.MockTransport(handler),
            "rate_limit": None,
            "retry": AT_ONCE,
            **options,
        }
        clients.append(rf.Client(**defaults))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@dataclass
class Clock:
    """A clock that only waiting moves, and a record of the waits."""

    now: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float, stop: threading.Event) -> None:
        assert not stop.is_set()
        if seconds > 0:
            self.pauses.append(seconds)
            self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until something waits."""
    clock = Clock()
    monkeypatch.setattr("rutterframe.client.retry.time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr("rutterframe.client.retry.pause", clock.pause)
    return clock


@pytest.fixture
def live_api() -> LiveAPI:
    """A server of the live dialect."""
    return LiveAPI()


@pytest.fixture
def live(answering: Callable[..., rf.Client], live_api: LiveAPI) -> rf.Client:
    """A client of that server, which knows no token before it is listed."""
    return answering(live_api, dialect="live", access_tokens=None)
