"""Certificates, against a real TLS server on this machine: trusted, not trusted, and missing."""

from __future__ import annotations

import datetime as dt
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import rutterframe as rf
from rutterframe.client.transport import open_transport
from rutterframe.models.fields import excerpt

x509 = pytest.importorskip("cryptography.x509")

REFUSED = "certificate verify failed"


def certificate(folder: Path, *, host: str) -> Path:
    """Write a self-signed certificate and its key into one file."""
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


class TLSServer:
    """Responds to every request with an empty page, over TLS, and counts the connections that were tried."""

    def __init__(self, pem: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self.tried = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        body = b'{"connections": [], "next_cursor": null}'
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            self.tried += 1
            try:
                with self._context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(65_536)
                    secure.sendall(head + body)
            except OSError:
                plain.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=10)


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A certificate of this machine that no authority has signed."""
    return certificate(tmp_path, host="127.0.0.1")


@pytest.fixture
def server(pem: Path) -> Iterator[TLSServer]:
    """A server with that certificate."""
    server = TLSServer(pem)
    yield server
    server.close()


def client_of(server: TLSServer) -> rf.Client:
    return rf.Client(client_id="an-id", client_secret="a-secret", environment=server.url)


def test_a_certificate_that_is_not_trusted(server: TLSServer) -> None:
    """It is refused at the first try, without a wait, and the hint names SSL_CERT_FILE."""
    with client_of(server) as client, pytest.raises(rf.TransportError) as caught:
        list(client.connections.list())
    assert server.tried == 1
    assert caught.value.message == (
        f"No response from {server.url}: certificate verify failed (self-signed certificate)"
    )
    assert caught.value.hint == (
        "nothing was sent. If your network opens secure connections, set SSL_CERT_FILE to a file with the "
        "certificate of its authority, in PEM format."
    )
    assert (caught.value.sent, caught.value.transient) == (False, False)


def test_a_certificate_that_is_trusted(server: TLSServer, pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SSL_CERT_FILE the same server is read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with client_of(server) as client:
        assert list(client.connections.list()) == []


def relay(listener: socket.socket, port: int) -> None:
    """Take one connection as a proxy, and pass on what either side sends to the server at a port."""
    client, _ = listener.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as target:
        assert client.recv(65_536).startswith(b"CONNECT 127.0.0.1:")
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        sides = {client: target, target: client}
        while sides:
            for side in select.select(list(sides), [], [], 10.0)[0]:
                data = side.recv(65_536)
                if not data:
                    return
                sides[side].sendall(data)


def test_a_page_is_read_through_a_proxy(server: TLSServer, pem: Path) -> None:
    """Through a proxy the API's own certificate is verified, and its page is read."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=relay, args=(listener, int(server.url.rpartition(":")[2])))
    thread.start()
    transport = httpx.HTTPTransport(
        proxy=f"http://127.0.0.1:{listener.getsockname()[1]}",
        verify=ssl.create_default_context(cafile=str(pem)),
    )
    with (
        listener,
        rf.Client(client_id="i", client_secret="s", environment=server.url, transport=transport) as client,
    ):
        assert list(client.connections.list()) == []
    thread.join()
    assert server.tried == 1


def test_a_certificate_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted certificate of another address is refused at the first try, and the file is named."""
    other = certificate(tmp_path, host="127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    server = TLSServer(other)
    try:
        with (
            client_of(server) as client,
            pytest.raises(rf.TransportError, match="certificate verify failed") as caught,
        ):
            list(client.connections.list())
    finally:
        server.close()
    assert server.tried == 1
    assert "is not valid for '127.0.0.1'" in caught.value.message
    assert caught.value.hint.endswith(f"in PEM format (it is {str(other)!r} now).")


def test_a_write_is_not_sent_to_a_server_that_is_not_trusted(server: TLSServer) -> None:
    """A write fails once as well, and it is known that nothing was written."""
    with (
        client_of(server) as client,
        pytest.raises(rf.TransportError, match="certificate verify failed") as caught,
    ):
        client.connections.exchange("public-token")
    assert (server.tried, "SSL_CERT_FILE" in caught.value.hint) == (1, True)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SSL_CERT_FILE", "none.pem", "SSL_CERT_FILE='none.pem': there is no such file"),
        ("SSL_CERT_FILE", ".", "SSL_CERT_FILE='.': there is no such file"),
        ("SSL_CERT_FILE", "text.pem", "SSL_CERT_FILE='text.pem' holds no certificate in PEM format"),
        ("SSL_CERT_FILE", "empty.pem", "SSL_CERT_FILE='empty.pem' holds no certificate in PEM format"),
        ("SSL_CERT_FILE", "cut.pem", "SSL_CERT_FILE='cut.pem' holds no certificate in PEM format"),
        ("SSL_CERT_FILE", "x" * 5000, f"SSL_CERT_FILE='{'x' * 78}…: there is no such file"),
        ("SSL_CERT_DIR", "x" * 5000, f"SSL_CERT_DIR='{'x' * 78}…: there is no such folder"),
        ("SSL_CERT_DIR", "none", "SSL_CERT_DIR='none': there is no such folder"),
        ("SSL_CERT_DIR", "none:text.pem", "SSL_CERT_DIR='none:text.pem': there is no such folder"),
    ],
)
def test_missing_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """A path that does not exist, or has no certificate, is named before anything is sent."""
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "empty.pem").write_bytes(b"")
    (tmp_path / "cut.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(rf.ConfigurationError) as caught:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert caught.value.message == message
    assert caught.value.hint == f"correct {name}, or unset it to trust the usual authorities."
    # Where there is no TLS, it does not matter.
    open_transport("http://127.0.0.1:1").close()


def test_certificates_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that exists and cannot be read is named with the reason."""

    def refuse(**_: object) -> ssl.SSLContext:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.pem").write_text("a certificate")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", "a.pem")
    monkeypatch.setattr(ssl, "create_default_context", refuse)
    with pytest.raises(rf.ConfigurationError) as caught:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert caught.value.message == "SSL_CERT_FILE='a.pem' cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("value", "reason"),
    [("/nope/x", "No such file or directory"), (".", "Is a directory"), ("x" * 300, "File name too long")],
)
@pytest.mark.parametrize("environment", ["production", "http://127.0.0.1:1"])
def test_a_key_log_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, environment: str, value: str, reason: str
) -> None:
    """A file of SSLKEYLOGFILE that cannot be written is named with the variable, before anything is sent."""
    monkeypatch.setenv("SSLKEYLOGFILE", value)
    with pytest.raises(rf.ConfigurationError) as caught:
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment)
    assert caught.value.message == f"SSLKEYLOGFILE={excerpt(value)} cannot be written: {reason}"
    assert caught.value.hint.startswith("correct SSLKEYLOGFILE, or unset it")


def test_a_key_log_that_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that can be written is left to Python; its content stays."""
    (tmp_path / "keys").write_text("first\n")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    open_transport("https://api.example.org").close()
    assert (tmp_path / "keys").read_text().startswith("first\n")


def test_existing_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder beside missing ones is enough, and empty variables are none."""
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.setenv("SSL_CERT_DIR", f"none:{tmp_path}")
    opened: Any = open_transport("https://api.example.org")
    opened.close()
