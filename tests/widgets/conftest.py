"""A server for one test, and clients on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer


@pytest.fixture(autouse=True)
def _no_widgets_left() -> Iterator[None]:
    """Close the widgets of a test: ipywidgets stores every one."""
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture(scope="session")
def books() -> rf.Books:
    """The books of everything active in the demo; books do not change."""
    with rf.demo() as client:
        return rf.load_books(client, progress=False)


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API for one test: its slow responses must not delay other tests."""
    with DemoServer(page_size=100) as server:
        yield server


@pytest.fixture
def client_on() -> Iterator[Callable[..., rf.Client]]:
    """Return a function that opens clients on a server; options are those of rf.Client."""
    clients: list[rf.Client] = []

    def open_client(server: DemoServer, **options: Any) -> rf.Client:
        defaults = {
            "client_id": server.client_id,
            "client_secret": server.client_secret,
            "environment": server.url,
            "access_tokens": server.access_tokens,
            "rate_limit": None,
        }
        clients.append(rf.Client(**{**defaults, **options}))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()
