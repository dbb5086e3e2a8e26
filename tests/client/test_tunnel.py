"""Connections through a proxy that cannot be opened: closed, and nothing was sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest

import rutterframe as rf
from rutterframe.client.tunnel import _Tunnel, close_failed_tunnels

ACCEPTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy:
    """A proxy that responds to each CONNECT with fixed bytes, and then ends the connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.response = ACCEPTED
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536))
                connection.sendall(self.response)
                connection.shutdown(socket.SHUT_WR)
                # Until the client has read all: closing earlier could discard the rest of it.
                while connection.recv(65536):
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


def client_of(transport: httpx.BaseTransport, attempts: int = 1) -> rf.Client:
    policy = rf.RetryPolicy(attempts=attempts, timeout=10.0, wait_initial=0.0)
    return rf.Client(
        client_id="an-id", client_secret="a-secret", environment="https://api.example.com",
        access_tokens={"books": "a-token"}, retry=policy, transport=transport,
    )  # fmt: skip


def test_a_failed_handshake_through_a_proxy_leaves_no_connection(proxy: Proxy) -> None:
    """However often the handshake with the API fails, the next request gets a connection."""
    transport: Any = httpx.HTTPTransport(proxy=proxy.url, limits=httpx.Limits(max_connections=2))
    with client_of(transport) as client:
        for _ in range(5):
            with pytest.raises(rf.TransportError, match=r"ConnectError") as error:
                list(client.connection("books").accounts.list())
            assert not error.value.sent
        assert transport._pool.connections == []
    assert len(proxy.requests) == 5


@pytest.mark.parametrize(
    "response",
    [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", b"HTTP/1.1 407 Proxy Auth\r\n\r\n", b""],
)
def test_a_write_through_a_broken_proxy_was_not_sent(proxy: Proxy, response: bytes) -> None:
    """Where the proxy's own response is broken, nothing was written, and it is known; it is sent again."""
    proxy.response = response
    with client_of(httpx.HTTPTransport(proxy=proxy.url), attempts=2) as client:
        with pytest.raises(rf.TransportError, match=r"ProxyError .*tried 2 times") as error:
            client.connection("books").bills.create(vendor_id="v", line_items=[])
        assert error.value.hint.startswith("nothing was written")
    assert [request.split(b" ")[0] for request in proxy.requests] == [b"CONNECT"] * 2


def test_a_silent_proxy_is_given_up() -> None:
    """A proxy that does not respond in time is given up, and nothing was written."""
    silent = socket.create_server(("127.0.0.1", 0))
    transport: Any = httpx.HTTPTransport(proxy=f"http://127.0.0.1:{silent.getsockname()[1]}")
    policy = rf.RetryPolicy(attempts=1, timeout=0.05)
    with (
        silent,
        rf.Client(
            client_id="i",
            client_secret="s",
            environment="https://api.example.com",
            access_tokens={"books": "t"},
            retry=policy,
            transport=transport,
        ) as client,  # fmt: skip
        pytest.raises(rf.TransportError, match="timed out") as error,
    ):
        client.connection("books").bills.create(vendor_id="v", line_items=[])
    assert not error.value.sent


@pytest.mark.parametrize("connected", [False, True])
def test_an_exception_is_raised_as_it_is(connected: bool) -> None:
    """Ctrl-C closes a connection that is not open yet; one that is open closes itself."""
    closed: list[bool] = []

    class Interrupted(httpcore.ConnectionInterface):
        _connected = connected

        def handle_request(self, request: httpcore.Request) -> httpcore.Response:
            raise KeyboardInterrupt(request.url.target)

        def close(self) -> None:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        _Tunnel(Interrupted()).handle_request(httpcore.Request("GET", "https://api.example.com"))
    assert closed == [True] * (not connected)


def test_a_proxy_is_prepared_once() -> None:
    """Two clients may share a transport; a transport without a proxy stays as it is."""
    transport: Any = httpx.HTTPTransport(proxy="http://proxy.example.com:3128", trust_env=False)
    close_failed_tunnels(transport)
    create = transport._pool.create_connection
    close_failed_tunnels(transport)
    assert transport._pool.create_connection is create
    connection = create(httpcore.Origin(b"https", b"api.example.com", 443))
    assert (connection.is_closed(), connection.is_idle(), connection.is_available()) == (False, False, False)
    assert connection.info() == "CONNECTING"
    assert connection.can_handle_request(httpcore.Origin(b"https", b"api.example.com", 443))
    connection.close()
    plain: Any = httpx.HTTPTransport(trust_env=False)
    close_failed_tunnels(plain)
    assert "create_connection" not in vars(plain._pool)
