"""A running demo server, and a small client that uses it over a real socket."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rutterframe.demo.server import DemoServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Api:
    """Sends the requests of the tests, with credentials, version and token unless they are passed."""

    def __init__(self, server: DemoServer, http: httpx.Client) -> None:
        self.server = server
        self.http = http

    def send(
        self,
        method: str,
        path: str,
        connection: str | None = None,
        *,
        body: Any = None,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request on behalf of a connection."""
        query = dict(params or {})
        if connection is not None:
            query["access_token"] = self.server.access_tokens[connection]
        sent = {"X-Rutter-Version": "2024-08-31"} if headers is None else headers
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.request(
            method,
            self.server.url + path,
            params=query,
            headers=sent,
            content=content,
            auth=auth or (self.server.client_id, self.server.client_secret),
        )

    def get(self, path: str, connection: str | None = None, **params: Any) -> httpx.Response:
        """Send a GET with query parameters."""
        return self.send("GET", path, connection, params=params)

    def pages(self, resource: str, connection: str | None = None, **params: Any) -> Iterator[dict[str, Any]]:
        """Iterate over the pages of a list, with money as Decimal."""
        path = "/" + resource.replace("_", "-")
        extra: dict[str, str] = {}
        while True:
            answer = self.get(path, connection, **params, **extra)
            assert answer.status_code == 200, answer.text
            page = json.loads(answer.text, parse_float=Decimal)
            yield page
            if page["next_cursor"] is None:
                return
            extra = {"cursor": page["next_cursor"]}

    def rows(self, resource: str, connection: str | None = None, **params: Any) -> list[dict[str, Any]]:
        """Return the rows of all pages of a list."""
        return [row for page in self.pages(resource, connection, **params) for row in page[resource]]


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def shared_server() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def server(shared_server: DemoServer) -> DemoServer:
    """The shared server as it is after the start; tests that write take `fresh`."""
    shared_server.configure(page_size=50, faults=())
    return shared_server


@pytest.fixture
def api(server: DemoServer, http: httpx.Client) -> Api:
    return Api(server, http)


@pytest.fixture
def fresh(http: httpx.Client) -> Iterator[Api]:
    """A server of its own, for a test that writes."""
    with DemoServer() as server:
        yield Api(server, http)


@pytest.fixture
def serve(http: httpx.Client) -> Iterator[Callable[..., Api]]:
    """Start servers with arguments; they stop after the test."""
    servers: list[DemoServer] = []

    def start(**arguments: Any) -> Api:
        servers.append(DemoServer(**arguments).start())
        return Api(servers[-1], http)

    yield start
    for server in servers:
        server.stop()
