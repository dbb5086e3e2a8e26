"""A running demo server of the live dialect, and a small client that uses it over a real socket."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from rutterframe.demo.server import DemoServer
from tests.demo.conftest import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx


class LiveApi(Api):
    """Sends the requests of the tests to a server of the live dialect."""

    def list(self, path: str, connection: str, **params: Any) -> list[dict[str, Any]]:
        """Return the records of all pages of a list, with money as Decimal."""
        records: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(path, connection, **{"limit": 500} | params | cursor)
            assert answer.status_code == 200, answer.text
            body = json.loads(answer.text, parse_float=Decimal)
            records += next(value for value in body.values() if isinstance(value, list))
            if body["next_cursor"] is None:
                return records
            cursor = {"cursor": body["next_cursor"]}

    def code(self, path: str, connection: str | None = None, **params: Any) -> tuple[int, str]:
        """Return the status and the error code of a refused request."""
        answer = self.get(path, connection, **params)
        return answer.status_code, answer.json()["error_code"]


@pytest.fixture(scope="session")
def shared_live_server() -> Iterator[DemoServer]:
    with DemoServer(dialect="live") as server:
        yield server


@pytest.fixture
def live(shared_live_server: DemoServer, http: httpx.Client) -> LiveApi:
    """The shared server as it is after the start; tests that write take `serve_live`."""
    shared_live_server.configure(faults=())
    return LiveApi(shared_live_server, http)


@pytest.fixture
def serve_live(http: httpx.Client) -> Iterator[Callable[..., LiveApi]]:
    """Start servers with arguments; they stop after the test."""
    servers: list[DemoServer] = []

    def start(**arguments: Any) -> LiveApi:
        servers.append(DemoServer(dialect="live", **arguments).start())
        return LiveApi(servers[-1], http)

    yield start
    for server in servers:
        server.stop()
