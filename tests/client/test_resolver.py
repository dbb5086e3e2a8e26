"""Names are resolved within the time limit of the request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

import rutterframe as rf
from rutterframe.client import resolver
from rutterframe.client.deadline import DEADLINE, _Backend
from rutterframe.client.resolver import Resolver

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n" + b'{"connections":[]}  '


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on 127.0.0.1 that responds to one request with an empty page."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.recv(65_536)
            connection.sendall(PAGE)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def resolve_with(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    """Replace the system's look-up of names; addresses are looked up as before."""
    system = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        return system(host, *arguments, **options) if resolver._is_address(host) else function(host)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def client_of(environment: str, **policy: Any) -> rf.Client:
    retry = rf.RetryPolicy(**{"attempts": 1, **policy})
    return rf.Client(client_id="an-id", client_secret="a-secret", environment=environment, retry=retry)


def test_a_name_that_is_not_resolved_ends_at_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not respond is given up at the limit; nothing was sent."""
    released = threading.Event()
    calls: list[str] = []

    def hang(host: str) -> list[Any]:
        calls.append(host)
        assert released.wait(60)
        return []

    resolve_with(monkeypatch, hang)
    try:
        with client_of("https://api.example.com", time_limit=0.1, attempts=3, wait_initial=0.0) as client:
            with pytest.raises(rf.TransportError, match=r"not complete after 0\.1 seconds") as error:
                list(client.connections.list())
            assert not error.value.sent
    finally:
        released.set()
    assert calls == ["api.example.com"]  # one thread, however many tries wait for it


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), OSError("no network"), TimeoutError("slow")]
)
def test_a_name_that_does_not_exist_is_our_error(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    """Whatever a look-up raises is one of our errors, and nothing was sent."""

    def fail(_: str) -> list[Any]:
        raise error

    resolve_with(monkeypatch, fail)
    with client_of("https://api.example.com") as client, pytest.raises(rf.TransportError) as caught:
        list(client.connections.list())
    assert not caught.value.sent


def test_the_addresses_of_a_name_are_tried_one_by_one(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first address refuses, the next is tried."""
    port = listener.getsockname()[1]
    rows = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    ]
    resolve_with(monkeypatch, lambda _: rows)
    with client_of(f"http://localhost:{port}") as client:
        assert list(client.connections.list()) == []


def test_a_name_without_addresses_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty look-up is an error in words."""
    resolve_with(monkeypatch, lambda _: [])
    with client_of("https://api.example.com") as client, pytest.raises(rf.TransportError) as caught:
        list(client.connections.list())
    assert "the name has no address" in caught.value.message


def test_all_addresses_share_the_time_limit() -> None:
    """A name with many addresses that do not respond takes no longer than the limit."""
    tried: list[str] = []

    class Silent(httpcore.NetworkBackend):
        def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.NetworkStream:
            tried.append(host)
            DEADLINE.limit(0.0)
            raise httpcore.ConnectTimeout("timed out")

    backend = _Backend(Silent())
    backend._resolver.addresses = lambda *_: [f"192.0.2.{n}" for n in range(9)]  # type: ignore[method-assign]
    with DEADLINE.limit(60.0), pytest.raises(httpcore.ConnectTimeout, match="not complete after"):
        backend.connect_tcp("api.example.com", 443, 10.0)
    assert tried == ["192.0.2.0"]


def test_an_address_needs_no_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of both versions are their own; a link-local one keeps its scope."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    names = ("127.0.0.1", "::1", "fe80::1%eth0")
    assert [Resolver().addresses(name, 443, 1.0) for name in names] == [[name] for name in names]
    assert resolver._text(("fe80::1", 443, 0, 2)) == "fe80::1%2"
    assert resolver._text(("192.0.2.1", 443)) == "192.0.2.1"


def test_a_name_is_resolved_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no further thread the name is looked up without one."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    resolve_with(monkeypatch, lambda _: [(socket.AF_INET, 1, 6, "", ("192.0.2.1", 443))])
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert Resolver().addresses("api.example.com", 443, 1.0) == ["192.0.2.1"]
