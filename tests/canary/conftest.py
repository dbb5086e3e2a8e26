"""A demo API with the canaries as its secrets, and a log of everything."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from rutterframe.demo.server import DemoServer
from tests.canary.canaries import BOOKS, ID, SECRET, TOKEN


@pytest.fixture(scope="module")
def canary_api() -> Iterator[DemoServer]:
    """A demo API with the canaries as credentials and tokens."""
    with DemoServer() as server:
        set_canaries(server)
        yield server


@pytest.fixture(scope="module")
def live_canary_api() -> Iterator[DemoServer]:
    """A demo API of the live dialect, with the canaries as credentials and listed tokens."""
    with DemoServer(dialect="live") as server:
        set_canaries(server)
        yield server


def set_canaries(server: DemoServer) -> None:
    tokens = {name: TOKEN if name == BOOKS else f"{TOKEN}{name}" for name in server.access_tokens}
    service = server._service
    service.client_id, service.client_secret = server.client_id, server.client_secret = ID, SECRET
    service.access_tokens = server.access_tokens = tokens
    service.connections = {token: name for name, token in tokens.items()}


@pytest.fixture
def settings(canary_api: DemoServer) -> dict[str, str]:
    """The environment in which a user reaches that API."""
    canary_api.configure(page_size=50, faults=[])
    return {
        "RUTTER_CLIENT_ID": ID,
        "RUTTER_CLIENT_SECRET": SECRET,
        "RUTTER_ENVIRONMENT": canary_api.url,
        "RUTTER_ACCESS_TOKENS": json.dumps(canary_api.access_tokens),
    }


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that is logged, down to DEBUG."""
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "rutterframe", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    return caplog
