"""The transport of a client: the proxy of the environment, and open sockets."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpcore
import pytest

import rutterframe as rf
from rutterframe.client.transport import OpenSockets, open_transport


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


def pool_of(base_url: str) -> Any:
    transport = open_transport(base_url)
    transport.close()
    return transport._pool


@pytest.mark.parametrize(
    ("environment", "proxied"),
    [
        ({}, False),
        ({"HTTPS_PROXY": "http://proxy.example.com:3128"}, True),
        ({"https_proxy": "http://proxy.example.com:3128"}, True),
        ({"ALL_PROXY": "http://proxy.example.com:3128"}, True),
        ({"HTTP_PROXY": "http://proxy.example.com:3128"}, False),
        ({"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "example.org"}, False),
        ({"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "*"}, False),
    ],
)
def test_the_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], proxied: bool
) -> None:
    """An https address goes through HTTPS_PROXY, else ALL_PROXY, except to the hosts of NO_PROXY."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    pool = pool_of("https://api.example.org/base")
    assert isinstance(pool, httpcore.HTTPProxy) is proxied
    if proxied:
        assert (pool._proxy_url.host, pool._proxy_url.port) == (b"proxy.example.com", 3128)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    """What is sent to this machine never leaves it through a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example.com:3128")
    assert type(pool_of(base_url)) is httpcore.ConnectionPool


NO_SOCKS = "a SOCKS proxy needs the package socksio, which is not installed"
NO_PORT = "its port must be from 1 to 65,535"
NO_ADDRESS = "that is not an address with a host and a port"
NO_SCHEME = "its scheme must be one of http, https, socks5, socks5h"


@pytest.mark.parametrize(
    ("name", "value", "text", "reason"),
    [
        ("ALL_PROXY", "socks5://me:canary@host:1080", "socks5://**********@host:1080", NO_SOCKS),
        ("all_proxy", "socks5h://host", "socks5h://host", NO_SOCKS),
        ("HTTPS_PROXY", "ftp://me:canary@host", "ftp://**********@host", NO_SCHEME),
        ("https_proxy", "http://me:canary@host:abc", "http://**********@host:abc", NO_ADDRESS),
        ("HTTPS_PROXY", "me:canary@host:99999", "http://**********@host:99999", NO_PORT),
        ("HTTPS_PROXY", "http://me:canary@pw@host:0", "http://**********@host:0", NO_PORT),
        ("HTTPS_PROXY", "http://", "http://", "it names no host"),
        ("HTTPS_PROXY", "http://..", "http://..", NO_ADDRESS),
        ("ALL_PROXY", "http://xn--:80", "http://xn--:80", NO_ADDRESS),
        ("HTTPS_PROXY", f"http://{'a' * 64}.com", f"http://{'a' * 64}.com", NO_ADDRESS),
    ],
)
def test_a_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str, reason: str
) -> None:
    """The client is refused before anything is sent; the variable is named, its password is not."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(name, value)
    with pytest.raises(rf.ConfigurationError) as caught:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert caught.value.message == f"{name}={text!r} cannot be used: {reason}"
    assert "canary" not in str(caught.value)


def test_a_proxy_does_not_matter_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo runs whatever proxy is set."""
    monkeypatch.setenv("ALL_PROXY", "ftp://proxy.example.com")
    open_transport("http://127.0.0.1:1").close()


def test_a_proxy_with_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's user and password are sent to it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pw@proxy.example.com:3128")
    pool = pool_of("https://api.example.org")
    assert dict(pool._proxy_headers)[b"Proxy-Authorization"].startswith(b"Basic ")


def test_a_proxy_without_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY=host:port means an http proxy, as everywhere else."""
    for name in ("https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.com:3128")
    open_transport("https://api.example.org").close()


class Silent:
    """A server that accepts requests and never responds."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requested = threading.Event()
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        self._connections.append(connection)
        received = b""
        while b"\r\n\r\n" not in received and (more := connection.recv(65536)):
            received += more
        self.requested.set()

    def close(self) -> None:
        self._thread.join()
        for open_socket in (*self._connections, self._listener):
            open_socket.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_a_missing_response_can_be_interrupted(silent: Silent) -> None:
    """A thread that waits for a response gets a TransportError once the session is interrupted."""
    errors: list[rf.RutterframeError] = []
    policy = rf.RetryPolicy(attempts=1)
    with rf.Client(client_id="i", client_secret="s", environment=silent.url, retry=policy) as client:

        def read() -> None:
            try:
                client.connections.retrieve("books")
            except rf.RutterframeError as error:
                errors.append(error)

        reading = threading.Thread(target=read)
        reading.start()
        assert silent.requested.wait(60)
        client._session.interrupt()
        reading.join(60)
    assert [type(error) for error in errors] == [rf.TransportError]


def test_a_silent_server_is_given_up(silent: Silent) -> None:
    """A request is given up after the policy's seconds of silence, in words."""
    policy = rf.RetryPolicy(attempts=1, timeout=0.01)
    with (
        rf.Client(client_id="i", client_secret="s", environment=silent.url, retry=policy) as client,
        pytest.raises(rf.TransportError) as error,
    ):
        client.connections.retrieve("books")
    assert error.value.message == f"No response from {silent.url}: timed out (timed out)"


def test_only_new_sockets_are_recorded_and_closed_ones_are_ignored() -> None:
    """Other steps of a request, and streams without a socket, are ignored; shutting twice is safe."""
    ours, theirs = socket.socketpair()
    sockets = OpenSockets()
    stream = SimpleNamespace(get_extra_info=lambda _: ours)
    sockets.trace("http11.send_request_headers.started", {"request": None})
    sockets.trace(
        "connection.connect_tcp.complete", {"return_value": SimpleNamespace(get_extra_info=lambda _: None)}
    )
    sockets.trace("connection.connect_tcp.complete", {"return_value": stream})
    sockets.shut()
    assert theirs.recv(1) == b""
    ours.close()
    sockets.shut()
    theirs.close()
