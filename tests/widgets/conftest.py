"""Servers of a test's own, and clients on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer


@pytest.fixture(autouse=True)
def _no_widgets_left() -> Iterator[None]:
    """Forget the widgets of a test: ipywidgets keeps every one."""
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A demo API of its own: its slow answers must not hold up other tests."""
    with DemoServer(page_size=100) as server:
        yield server


@pytest.fixture
def client_on() -> Iterator[Callable[..., rf.Client]]:
    """Make clients on a server; options are those of rf.Client."""
    made: list[rf.Client] = []

    def make(server: DemoServer, **options: Any) -> rf.Client:
        given = {
            "client_id": server.client_id,
            "client_secret": server.client_secret,
            "environment": server.url,
            "access_tokens": server.access_tokens,
            "rate_limit": None,
        }
        made.append(rf.Client(**{**given, **options}))
        return made[-1]

    yield make
    for client in made:
        client.close()
