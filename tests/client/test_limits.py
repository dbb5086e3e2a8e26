"""Limits: of bytes, time and depth of a response; where credentials are sent, and over which connections."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client import deadline, transport
from rutterframe.client.transport import open_transport
from rutterframe.frames import Decoder
from rutterframe.models import Account

Answering = Callable[..., rf.Client]


class Raw:
    """A server that responds to each request with fixed bytes, and records the requests."""

    def __init__(self, *replies: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self._replies = replies
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for reply in self._replies:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b"\r\n\r\n" not in received and (more := connection.recv(65536)):
                    received += more
                self.requests.append(received)
                try:
                    connection.sendall(reply)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., Raw]]:
    servers: list[Raw] = []

    def start(*replies: bytes) -> Raw:
        servers.append(Raw(*replies))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def client_of(url: str, **options: Any) -> rf.Client:
    defaults = {
        "client_id": "canary-id", "client_secret": "canary-secret", "environment": url,
        "access_tokens": {"books": "canary-token"}, "retry": rf.RetryPolicy(attempts=2, wait_initial=0.0),
    }  # fmt: skip
    return rf.Client(**{**defaults, **options})


def accounts(client: rf.Client) -> list[Any]:
    with client:
        return list(client.connection("books").accounts.list())


# Bytes


def test_a_body_without_end_is_not_read_to_its_end(
    raw: Callable[..., Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body above the limit is given up at once, and not asked for again."""
    monkeypatch.setattr(transport, "LARGEST_BODY", 2**20)
    server = raw(reply(b" " * (2**20 + 1)), reply(b"{}"))
    with pytest.raises(rf.ResponseTooLarge, match=r"^The response is larger than 1 MiB\n"):
        accounts(client_of(server.url))
    assert len(server.requests) == 1


def test_a_body_within_the_limit_is_read(raw: Callable[..., Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of exactly the limit is read."""
    body = b'{"accounts":[]}'
    monkeypatch.setattr(transport, "LARGEST_BODY", 2**20)
    assert accounts(client_of(raw(reply(body + b" " * (2**20 - len(body)))).url)) == []


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP ", gzip.compress)]
)
def test_a_zip_bomb_is_counted_decompressed(
    raw: Callable[..., Raw], monkeypatch: pytest.MonkeyPatch, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    """64 MiB in 64 kB are counted decompressed, whatever the status."""
    monkeypatch.setattr(transport, "LARGEST_BODY", 2**20)
    bomb = pack(b" " * 2**26)
    assert len(bomb) < 2**17
    for status in ("200 OK", "500 Oops"):
        server = raw(reply(bomb, f"Content-Encoding: {coding}", status=status))
        with pytest.raises(rf.ResponseTooLarge):
            accounts(client_of(server.url))


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate, gzip", "x-unknown"])
def test_other_encodings_are_refused_unread(raw: Callable[..., Raw], coding: str) -> None:
    """A body encoded twice, or with an encoding that was not requested, is not decompressed."""
    packed = gzip.compress(gzip.compress(b'{"accounts":[]}'))
    server = raw(*[reply(packed, f"Content-Encoding: {coding}")] * 2)
    with pytest.raises(rf.TransportError, match="which was not requested"):
        accounts(client_of(server.url))


def test_a_compressed_page_is_read(raw: Callable[..., Raw]) -> None:
    """Gzip, which is requested, is decompressed."""
    server = raw(reply(gzip.compress(b'{"accounts":[{"id":"a"}]}'), "Content-Encoding: gzip"))
    assert [account.id for account in accounts(client_of(server.url))] == ["a"]
    assert b"Accept-Encoding: gzip, deflate\r\n" in server.requests[0]


def test_the_limit_is_far_above_any_page() -> None:
    """The limit is 128 MiB: a page of 500 orders with the platform's own records has some 25."""
    assert transport.LARGEST_BODY == 128 * 2**20


# Time


def test_a_response_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch, answering: Answering) -> None:
    """A response that is never silent for long, and never ends, is given up after the time limit."""
    clock = itertools.count(1000.0, 10.0)
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    def trickle() -> Iterator[bytes]:
        while True:
            yield b" "

    client = answering(
        lambda _: httpx.Response(200, content=trickle()), retry=rf.RetryPolicy(attempts=1, time_limit=25.0)
    )
    with pytest.raises(rf.TransportError, match=r"timed out .the response was not complete after 25 seconds"):
        list(client.connection("books").accounts.list())


# Depth


def nested(depth: int) -> bytes:
    return b'{"accounts":[{"id":"a","deep":' + b"[" * depth + b"]" * depth + b"}]}"


@pytest.mark.parametrize("depth", [97, 98, 900, 100_000])
def test_json_is_read_to_a_depth(answering: Answering, depth: int) -> None:
    """A hundred levels are read; more are an InvalidResponse, whatever the interpreter allows."""
    client = answering(lambda _: httpx.Response(200, content=nested(depth)))
    if depth < 98:
        assert len(list(client.connection("books").accounts.list())) == 1
        return
    with pytest.raises(rf.InvalidResponse, match="nested"):
        list(client.connection("books").accounts.list())


def test_a_frame_survives_any_depth() -> None:
    """The columnar path skips unknown fields, or refuses the page."""
    decoder = Decoder(Account, "accounts", "next_cursor")
    for depth in (90, 1_000, 1_000_000):
        try:
            table = decoder.decode([nested(depth)]).table
        except rf.InvalidResponse as error:
            assert "nested" in str(error)  # noqa: PT017 - either is right
        else:
            assert table["id"].to_pylist() == ["a"]


def test_an_error_of_any_depth_has_its_status(answering: Answering) -> None:
    """An error with a body that is nested without end keeps its status."""
    body = b'{"error_message":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(rf.NotFound):
        list(answering(lambda _: httpx.Response(404, content=body)).connection("books").accounts.list())


# Redirects and cookies


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_not_followed(raw: Callable[..., Raw], status: str) -> None:
    """A redirect to another host is an error: neither request nor credentials go there."""
    other = raw(reply(b"{}"))
    server = raw(*[reply(b"", f"Location: {other.url}/accounts", status=status)] * 2)
    with pytest.raises(rf.APIError) as error:
        accounts(client_of(server.url))
    assert error.value.status == int(status[:3])
    assert other.requests == []
    with pytest.raises(rf.RutterframeError), client_of(server.url) as client:
        client.connection("books").bills.create(vendor_id="v", line_items=[])
    assert other.requests == []


def test_a_cookie_is_not_sent_back(raw: Callable[..., Raw]) -> None:
    """Cookies of a server are not stored."""
    first = {"accounts": [], "next_cursor": "c"}
    server = raw(reply(json.dumps(first).encode(), "Set-Cookie: a=b; Path=/"), reply(b'{"accounts":[]}'))
    accounts(client_of(server.url))
    assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


# Certificates


def contexts() -> list[ssl.SSLContext]:
    transport = open_transport("https://api.example.com")
    transport.close()
    pool: Any = transport._pool
    return [pool._ssl_context]


@pytest.mark.parametrize(
    "variable",
    ["PYTHONHTTPSVERIFY", "SSL_VERIFY", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_NO_VERIFY",
     "HTTPX_VERIFY", "NODE_TLS_REJECT_UNAUTHORIZED"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["", "0", "false"])
def test_certificates_are_verified_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """No variable of the environment turns the verification off."""
    monkeypatch.setenv(variable, value)
    (context,) = contexts()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def self_signed(folder: Path) -> ssl.SSLContext:
    """Create a certificate for 127.0.0.1 that no authority vouches for."""
    x509 = pytest.importorskip("cryptography.x509")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    forms = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    curves = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    key = curves.generate_private_key(curves.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(forms.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_server_without_a_trusted_certificate_gets_nothing(tmp_path: Path) -> None:
    """Where the certificate cannot be verified nothing is sent, not even a path; with trust it works."""
    context = self_signed(tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def take() -> None:
        for _ in range(2):
            plain, _ = listener.accept()
            with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as safe:
                received.append(safe.recv(65536))
                safe.sendall(reply(b'{"accounts":[]}'))

    thread = threading.Thread(target=take)
    thread.start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(rf.TransportError, match="certificate verify failed") as error:
        accounts(client_of(url, retry=rf.RetryPolicy(attempts=1)))
    assert (received, error.value.sent) == ([], False)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "server.pem"))
    assert accounts(client_of(url, transport=httpx.HTTPTransport(verify=trusting))) == []
    assert len(received) == 1
    thread.join()
    listener.close()


def invoices(client: rf.Client) -> list[object]:
    return list(client.connection("books").invoices.list())


@pytest.mark.parametrize("depth", [400, 900])
def test_a_deep_row_is_read_or_refused(answering: Answering, depth: int) -> None:
    """A row that is nested deeply, but not too deeply for JSON, is read or refused."""
    body = b'{"invoices":[{"id":"a","x":' + b"[" * depth + b"]" * depth + b"}]}"
    with contextlib.suppress(rf.InvalidResponse):
        assert len(invoices(answering(lambda _: httpx.Response(200, content=body)))) == 1
