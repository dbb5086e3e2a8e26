"""An https proxy to the API: TLS inside TLS, over real sockets, within the time limit."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore
import httpx
import pytest

import rutterframe as rf
from rutterframe.client.tunnel import TLSInTLS
from tests.client.test_certificates import certificate, x509

assert x509

PAGE = b'{"connections": [], "next_cursor": null}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(PAGE)


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate of this machine that SSL_CERT_FILE trusts."""
    path = certificate(tmp_path, host="127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


class Servers:
    """An https proxy and the API behind it; what each of them does is a function of its connection."""

    def __init__(self, pem: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._proxy = socket.create_server(("127.0.0.1", 0))
        self._api = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._api.getsockname()[1]}"
        self.proxy_url = f"https://127.0.0.1:{self._proxy.getsockname()[1]}"
        self.ended = threading.Event()
        self.respond: Callable[[ssl.SSLSocket], None] = lambda api: api.sendall(HEAD + b"\r\n" + PAGE)
        self.piece = 65_536
        self._threads = [
            threading.Thread(target=self._serve_proxy),
            threading.Thread(target=self._serve_api),
        ]
        for thread in self._threads:
            thread.start()

    def _serve_api(self) -> None:
        while True:
            try:
                plain, _ = self._api.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self._context.wrap_socket(plain, server_side=True) as secure:
                secure.recv(65_536)
                self.respond(secure)

    def _serve_proxy(self) -> None:
        while True:
            try:
                plain, _ = self._proxy.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self._context.wrap_socket(plain, server_side=True) as secure:
                assert secure.recv(65_536).startswith(b"CONNECT 127.0.0.1:")
                secure.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with socket.create_connection(self._api.getsockname()) as target:
                    self._relay(secure, target)

    def _relay(self, client: ssl.SSLSocket, target: socket.socket) -> None:
        back = threading.Thread(target=self._pass_on, args=(target, client))
        back.start()
        while data := client.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
        back.join()

    def _pass_on(self, target: socket.socket, client: ssl.SSLSocket) -> None:
        with contextlib.suppress(OSError):
            while data := target.recv(self.piece):
                client.sendall(data)
                if self.piece == 1 and self.ended.wait(0.002):
                    return
            client.unwrap()

    def close(self) -> None:
        self.ended.set()
        for listener in (self._proxy, self._api):
            listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._proxy.close()
        self._api.close()


@pytest.fixture
def servers(pem: Path) -> Iterator[Servers]:
    servers = Servers(pem)
    yield servers
    servers.close()


def client_of(servers: Servers, time_limit: float = 60.0) -> rf.Client:
    proxy = httpx.Proxy(servers.proxy_url, ssl_context=httpx.create_ssl_context())
    policy = rf.RetryPolicy(attempts=1, timeout=60.0, time_limit=time_limit)
    return rf.Client(
        client_id="an-id", client_secret="a-secret", environment=servers.url, retry=policy,
        transport=httpx.HTTPTransport(proxy=proxy),
    )  # fmt: skip


def test_pages_are_read_through_an_https_proxy(servers: Servers) -> None:
    """Several requests use one tunnel, and a body larger than a record arrives whole."""
    large = b'{"connections": [' + b" " * 200_000 + b'], "next_cursor": null}'

    def respond(api: ssl.SSLSocket) -> None:
        for body in (PAGE, large, PAGE):
            api.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            api.recv(65_536)

    servers.respond = respond
    with client_of(servers) as client:
        assert [list(client.connections.list()) for _ in range(3)] == [[], [], []]


def test_a_body_that_the_end_of_the_connection_delimits(servers: Servers) -> None:
    """The end of the inner TLS is the end of the body, as without a proxy."""

    def respond(api: ssl.SSLSocket) -> None:
        api.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PAGE)
        api.unwrap()

    servers.respond = respond
    with client_of(servers) as client:
        assert list(client.connections.list()) == []


@pytest.mark.parametrize("piece", [1, 65_536])
def test_a_response_that_trickles_ends_at_the_time_limit(servers: Servers, piece: int) -> None:
    """Records that trickle, or bytes of one record, are given up at the limit."""

    def respond(api: ssl.SSLSocket) -> None:
        servers.piece = piece
        api.sendall(HEAD + b"X-Slow: " + b"x" * 16_000)
        while not servers.ended.wait(0.02):
            api.sendall(b"x")

    servers.respond = respond
    with client_of(servers, time_limit=0.5) as client, pytest.raises(rf.TransportError) as error:
        list(client.connections.list())
    assert "timed out (the response was not complete after 0.5 seconds)" in error.value.message


def test_a_handshake_that_trickles_ends_at_the_time_limit(servers: Servers) -> None:
    """The handshake with the API is limited as well, and nothing was sent."""
    servers.piece = 1
    with client_of(servers, time_limit=0.3) as client, pytest.raises(rf.TransportError) as error:
        list(client.connections.list())
    assert "timed out (the response was not complete after 0.3 seconds)" in error.value.message
    assert not error.value.sent


def test_a_connection_that_breaks_inside_the_proxy(servers: Servers) -> None:
    """A connection that ends before the response is one of our errors."""
    servers.respond = lambda _: None
    with client_of(servers) as client, pytest.raises(rf.TransportError, match="without sending a response"):
        list(client.connections.list())


def test_the_certificate_of_the_api_is_verified(servers: Servers) -> None:
    """A certificate of the API that is not trusted is refused at once, also behind an https proxy."""
    proxy = httpx.Proxy(servers.proxy_url, ssl_context=httpx.create_ssl_context())
    untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx.HTTPTransport(proxy=proxy, verify=untrusting)
    with (
        rf.Client(
            client_id="i", client_secret="s", environment=servers.url, transport=transport
        ) as client,
        pytest.raises(rf.TransportError, match="certificate verify failed") as error,
    ):  # fmt: skip
        list(client.connections.list())
    assert (error.value.sent, error.value.transient) == (False, False)


def test_the_environment_names_an_https_proxy(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE counts for the proxy as well: a company's proxy has a certificate of the company."""
    monkeypatch.setenv("HTTPS_PROXY", servers.proxy_url)
    monkeypatch.setattr("rutterframe.client.transport.is_loopback", lambda _: False)
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda _: False)
    with rf.Client(client_id="i", client_secret="s", environment=servers.url) as client:
        assert list(client.connections.list()) == []


def test_bytes_that_are_not_tls_are_an_error_of_httpcore() -> None:
    """What is not TLS raises an error that is mapped, at every step."""

    class Junk(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            assert timeout is None
            return b"HTTP/1.1 400 Bad Request\r\n\r\n"[:max_bytes]

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            assert buffer, timeout

    with pytest.raises(httpcore.ConnectError, match="WRONG_VERSION_NUMBER"):
        TLSInTLS(Junk(), ssl.create_default_context(), "127.0.0.1", None)
