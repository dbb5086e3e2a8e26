"""The time limit of a request: whatever a server sends slowly, the request ends at the limit."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx
import pytest
from httpcore._backends.sync import SyncStream

import rutterframe as rf
from rutterframe.client import deadline
from rutterframe.client.deadline import DEADLINE, enforce_deadline

LIMIT = 0.2
# Far above the limit, for a busy machine; far below what the servers of these tests would take.
BOUND = 5.0
INTERVAL = 0.02

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PAGE = b'{"accounts":[]}'
# A block of deflate that is empty and not the last one.
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


def forever(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece)


def byte_by_byte(text: bytes) -> Iterator[bytes]:
    return (text[index : index + 1] for index in range(len(text)))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


# What the server sends at once, and what it sends piece by piece afterwards
TRICKLES: dict[str, tuple[bytes, Callable[[], Iterable[bytes]]]] = {
    "the status line": (b"", lambda: byte_by_byte(b"HTTP/1.1 200 " + b"O" * 90_000)),
    "one header": (OK + b"X-Slow: ", lambda: forever(b"x")),
    "many headers": (OK, lambda: forever(b"X-Slow: x\r\n")),
    "100 Continue": (b"", lambda: forever(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "103 Early Hints": (b"", lambda: forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),
    "a body with a length": (OK + b"Content-Length: 100000\r\n\r\n" + PAGE, lambda: forever(b" ")),
    "a body that the end closes": (OK + b"\r\n" + PAGE, lambda: forever(b" ")),
    "a body in chunks": (CHUNKED + chunk(PAGE), lambda: forever(chunk(b" "))),
    "the size of a chunk": (CHUNKED, lambda: forever(b"0")),
    "the extension of a chunk": (CHUNKED + b"1;x=", lambda: forever(b"x")),
    "an extension of each chunk": (CHUNKED, lambda: forever(b"1;x=y\r\n \r\n")),
    "trailers": (CHUNKED + chunk(PAGE) + b"0\r\n", lambda: forever(b"X-Slow: x\r\n")),
    "one trailer": (CHUNKED + chunk(PAGE) + b"0\r\nX-Slow: ", lambda: forever(b"x")),
    "gzip of empty blocks": (
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + chunk(gzip.compress(b"")[:10]),
        lambda: forever(chunk(EMPTY_BLOCK)),
    ),
    "the header of gzip": (
        OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0",
        lambda: forever(b"x"),
    ),
    "the body of an error": (b"HTTP/1.1 500 Oops\r\n\r\n", lambda: forever(b" ")),
}


class Trickling:
    """A server that responds with a beginning at once, and then with one piece after another."""

    def __init__(self, begin: bytes, pieces: Iterable[bytes], interval: float) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(begin, pieces, interval))
        self._thread.start()

    def _serve(self, begin: bytes, pieces: Iterable[bytes], interval: float) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(begin)
                for piece in pieces:
                    if self._stop.wait(interval):
                        return
                    connection.sendall(piece)
                self._stop.wait(60)

    def close(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def trickling() -> Iterator[Callable[..., Trickling]]:
    servers: list[Trickling] = []

    def start(begin: bytes, pieces: Iterable[bytes], interval: float = INTERVAL) -> Trickling:
        servers.append(Trickling(begin, pieces, interval))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def client_of(server: Trickling, **options: Any) -> rf.Client:
    policy = rf.RetryPolicy(attempts=1, timeout=60.0, time_limit=options.pop("time_limit", LIMIT))
    defaults = {"environment": server.url, "access_tokens": {"books": "a-token"}, "retry": policy}
    return rf.Client(client_id="an-id", client_secret="a-secret", **{**defaults, **options})


@pytest.mark.parametrize("part", TRICKLES)
def test_a_request_ends_at_the_time_limit(trickling: Callable[..., Trickling], part: str) -> None:
    """Whatever part of the response trickles, the request is given up at the limit."""
    begin, pieces = TRICKLES[part]
    start = time.monotonic()
    with client_of(trickling(begin, pieces())) as client, pytest.raises(rf.TransportError) as error:
        list(client.connection("books").accounts.list())
    assert error.value.message.endswith("timed out (the response was not complete after 0.2 seconds)")
    assert LIMIT <= time.monotonic() - start < BOUND


def test_a_write_that_ends_at_the_time_limit_is_unknown(trickling: Callable[..., Trickling]) -> None:
    """A record with a response that trickles may have been written."""
    begin, pieces = TRICKLES["one header"]
    with client_of(trickling(begin, pieces())) as client, pytest.raises(rf.OutcomeUnknown) as error:
        client.connection("books").bills.create(vendor_id="v", line_items=[])
    assert "the response was not complete after 0.2 seconds" in error.value.message


def test_a_tls_handshake_ends_at_the_time_limit(trickling: Callable[..., Trickling]) -> None:
    """A handshake that trickles is given up at the limit, also through a proxy; nothing was sent."""
    handshake = trickling(b"\x16\x03\x03\x40\x00", forever(b"x"))
    proxy = trickling(OK, forever(b"X-Slow: x\r\n"))
    cases: list[tuple[str, dict[str, Any]]] = [
        (handshake.url.replace("http:", "https:"), {"verify": ssl.create_default_context()}),
        ("https://api.example.com", {"proxy": proxy.url}),
    ]
    for url, options in cases:
        transport = httpx.HTTPTransport(trust_env=False, **options)
        start = time.monotonic()
        with (
            client_of(handshake, environment=url, transport=transport) as client,
            pytest.raises(rf.TransportError, match=r"not complete after 0\.2 seconds"),
        ):
            list(client.connection("books").accounts.list())
        assert time.monotonic() - start < BOUND


def test_silence_ends_at_the_time_limit(trickling: Callable[..., Trickling]) -> None:
    """A server that sends nothing at all is given up at the time limit, if that comes before the timeout."""
    with client_of(trickling(b"", [])) as client, pytest.raises(rf.TransportError) as error:
        list(client.connection("books").accounts.list())
    assert error.value.message.endswith("timed out (the response was not complete after 0.2 seconds)")


def test_the_limit_counts_for_each_response(trickling: Callable[..., Trickling]) -> None:
    """A slow response within the limit is read; the limit is one of its own for the next request."""
    body = OK + b"Content-Length: %d\r\n\r\n" % len(PAGE)
    for _ in range(2):
        server = trickling(body, byte_by_byte(PAGE), 0.001)
        with client_of(server, time_limit=BOUND) as client:
            assert list(client.connection("books").accounts.list()) == []
    assert DEADLINE.remaining(None, ValueError) is None
    assert DEADLINE.remaining(3.0, ValueError) == 3.0


@pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints"])
def test_interim_responses_without_end_are_given_up(
    trickling: Callable[..., Trickling], status: bytes
) -> None:
    """Interim responses at full speed are given up above 1 MiB, and not requested again."""
    assert deadline.LARGEST_HEAD == 2**20
    piece = b"HTTP/1.1 %s\r\n\r\n" % status
    with client_of(trickling(b"", forever(piece * 100), 0.0), time_limit=60.0) as client:
        start = time.monotonic()
        with pytest.raises(rf.ResponseTooLarge, match=r"^The response is larger than 1 MiB\n"):
            list(client.connection("books").accounts.list())
    assert time.monotonic() - start < BOUND


def test_a_body_that_decompresses_to_nothing_has_an_end(
    trickling: Callable[..., Trickling], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty blocks of gzip at full speed are counted as they are received."""
    monkeypatch.setattr("rutterframe.client.transport.LARGEST_BODY", 2**20)
    begin, _ = TRICKLES["gzip of empty blocks"]
    server = trickling(begin, forever(chunk(EMPTY_BLOCK * 1000)), 0.0)
    with client_of(server, time_limit=60.0) as client, pytest.raises(rf.ResponseTooLarge, match="2 MiB"):
        list(client.connection("books").accounts.list())


def test_a_request_that_is_not_taken_ends_at_the_limit() -> None:
    """A server that does not read the body of a write is given up as well."""
    ours, theirs = socket.socketpair()
    stream = deadline._Stream(SyncStream(ours))
    with (
        ours,
        theirs,
        DEADLINE.limit(0.05),
        pytest.raises(httpcore.WriteTimeout, match=r"after 0\.05 seconds"),
    ):
        stream.write(b"x" * 2**26, 60.0)


def test_other_timeouts_are_shorter_than_the_limit() -> None:
    """A timeout that ends a step before the limit keeps its own words."""
    ours, theirs = socket.socketpair()
    stream = deadline._Stream(SyncStream(ours))
    with ours, theirs, DEADLINE.limit(60.0), pytest.raises(httpcore.ReadTimeout, match=r"^timed out$"):
        stream.read(1, 0.01)


def test_a_transport_is_limited_once() -> None:
    """The limits are kept by every kind of pool, once, also in two clients; other transports stay."""
    for proxy in (None, "http://proxy.example.com:3128"):
        transport: Any = httpx.HTTPTransport(trust_env=False, proxy=proxy)
        enforce_deadline(transport)
        backend = transport._pool._network_backend
        enforce_deadline(transport)
        assert isinstance(backend, deadline._Backend)
        assert transport._pool._network_backend is backend
        assert not isinstance(backend._backend, deadline._Backend)
        transport.close()
    enforce_deadline(httpx.MockTransport(lambda _: httpx.Response(200)))


def test_other_ways_to_connect_are_limited() -> None:
    """A Unix socket gets the time that remains, and its connection keeps the limits; a pause is passed on."""
    calls: list[object] = []

    class Recording(httpcore.NetworkBackend):
        def connect_unix_socket(
            self, path: str, timeout: float | None = None, socket_options: Any = None
        ) -> httpcore.NetworkStream:
            calls.append((path, timeout, socket_options))
            return httpcore.NetworkStream()

        def sleep(self, seconds: float) -> None:
            calls.append(seconds)

    backend = deadline._Backend(Recording())
    with DEADLINE.limit(5.0):
        stream = backend.connect_unix_socket("a.sock", 3.0)
    backend.sleep(1.5)
    assert isinstance(stream, deadline._Stream)
    assert calls == [("a.sock", 3.0, None), 1.5]
    with DEADLINE.limit(0.0), pytest.raises(httpcore.ConnectTimeout, match=r"not complete after 0 seconds"):
        backend.connect_unix_socket("a.sock", 3.0)


def test_a_thread_has_its_own_limit() -> None:
    """The limit of one thread's request is not that of another's."""
    remaining: list[float | None] = []
    with DEADLINE.limit(1.0):
        thread = threading.Thread(target=lambda: remaining.append(DEADLINE.remaining(None, ValueError)))
        thread.start()
        thread.join()
        assert 0.0 < (DEADLINE.remaining(None, ValueError) or math.nan) <= 1.0
    assert remaining == [None]
