"""The HTTP transport: connection pool, proxies, certificates, open sockets and bodies of responses."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import sys
import threading
import urllib.request
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from rutterframe.client.config import MAX_PORT, is_loopback, parse_address, without_query
from rutterframe.client.deadline import DEADLINE
from rutterframe.client.redaction import MASK
from rutterframe.errors import ConfigurationError, ResponseTooLarge
from rutterframe.models.fields import excerpt

#: The largest body that is read, in bytes: 500 orders with the platform's own records are some 25 MB.
LARGEST_BODY = 128 * 2**20

_MAX_CONNECTIONS = 64
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
# The variables from which httpx takes trusted authorities, besides certifi.
_CERT_FILE, _CERT_DIR = "SSL_CERT_FILE", "SSL_CERT_DIR"
# The file to which Python writes the keys of secure connections, for those who inspect their own.
_KEY_LOG = "SSLKEYLOGFILE"
# The requested encodings. Another, or one within another, could unpack a few bytes to gigabytes in one step.
_ENCODINGS = ("", "identity", "gzip", "deflate")
# The steps of httpcore after which there is a new socket.
_OPENED = ("connect_tcp.complete", "start_tls.complete")


def open_transport(base_url: str) -> httpx.HTTPTransport:
    """Open httpx's own transport to a server, through the proxy that the environment names, if any.

    The proxy is looked up here, since httpx does so only for transports that it opens itself. No proxy is
    used to reach this machine itself.

    Raises
    ------
    ConfigurationError
        If the environment names a proxy that cannot be used, certificates that are not there, or a file for
        the keys of secure connections that cannot be written.
    """
    url = httpx.URL(base_url)
    # Without TLS no certificate is read: then their paths do not matter.
    secure = url.scheme == "https"
    if secure:
        _check_certificates()
    _check_key_log()  # Python opens the file without TLS as well
    limits = httpx.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=_MAX_CONNECTIONS)
    proxy = _proxy(url)
    try:
        if proxy is not None and proxy.url.scheme == "https":
            # httpcore would trust the usual authorities only.
            proxy.ssl_context = httpx.create_ssl_context()
        return httpx.HTTPTransport(limits=limits, proxy=proxy, trust_env=secure)
    except ssl.SSLError:
        problem = "holds no certificate in PEM format"
    except OSError as error:
        problem = f"cannot be read: {error.strerror or type(error).__name__}"
    raise ConfigurationError(
        f"{_CERT_FILE}={excerpt(os.environ.get(_CERT_FILE))} {problem}",
        hint=f"correct {_CERT_FILE}, or unset it to trust the usual authorities.",
    )


def _check_certificates() -> None:
    """Raise for paths that do not exist: httpx would raise a bare FileNotFoundError, or trust no server."""
    file, folders = os.environ.get(_CERT_FILE), os.environ.get(_CERT_DIR)
    # os.path takes a name that is too long for one that does not exist; pathlib raises an OSError.
    if file and not os.path.isfile(file):  # noqa: PTH113
        name, value, kind = _CERT_FILE, file, "file"
    elif folders and not any(map(os.path.isdir, folders.split(os.pathsep))):
        name, value, kind = _CERT_DIR, folders, "folder"
    else:
        return
    raise ConfigurationError(
        f"{name}={excerpt(value)}: there is no such {kind}",
        hint=f"correct {name}, or unset it to trust the usual authorities.",
    )


def _check_key_log() -> None:
    """Raise for a key log that cannot be written: Python would raise a bare OSError."""
    path = os.environ.get(_KEY_LOG)
    if not path or sys.flags.ignore_environment:
        return
    try:
        with Path(path).open("ab"):
            return
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise ConfigurationError(
        f"{_KEY_LOG}={excerpt(path)} cannot be written: {reason}",
        hint=f"correct {_KEY_LOG}, or unset it: it serves only to inspect one's own connections.",
    )


def _proxy(url: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that the environment names for an address."""
    if is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    proxy = _read_proxy(url.scheme)
    if isinstance(proxy, ConfigurationError):
        raise proxy
    return proxy


def _read_proxy(scheme: str) -> httpx.Proxy | ConfigurationError | None:
    """Return the proxy of the environment, or the error about it.

    Nothing is raised here: the address may hold a password, and a traceback may show this frame's variables.
    """
    proxies = urllib.request.getproxies()
    scheme = scheme if proxies.get(scheme) else "all"
    address = proxies.get(scheme)
    if not address:
        return None
    if "://" not in address:
        address = f"http://{address}"  # as curl and httpx read it
    proxy, problem, hint = None, _address_problem(address), "write it as http://host:port."
    if not problem:
        try:
            httpx.HTTPTransport(proxy=address, trust_env=False).close()
            proxy = httpx.Proxy(address)
        except ImportError:
            problem = "a SOCKS proxy needs the package socksio, which is not installed"
            hint = 'pip install "httpx[socks]", or name an http proxy.'
        except (httpx.InvalidURL, ValueError) as error:
            problem = f"{error}"
    if proxy is None:
        return ConfigurationError(
            f"{_variable(scheme)}={_without_credentials(address)!r} cannot be used: {problem}", hint=hint
        )
    return proxy


def _address_problem(address: str) -> str:
    """Return what is wrong with the address of a proxy; empty if nothing is."""
    try:
        url = parse_address(address)
    except ValueError:
        return "that is not an address with a host and a port"
    if url.scheme not in _PROXY_SCHEMES:
        return f"its scheme must be one of {', '.join(_PROXY_SCHEMES)}"
    if not url.host or " " in url.host:
        return "it names no host"
    if url.port is not None and not 0 < url.port <= MAX_PORT:
        return f"its port must be from 1 to {MAX_PORT:,}"
    return ""


def _without_credentials(address: str) -> str:
    """Return an address without user name, password and query, in which some services have a key."""
    scheme, _, rest = address.partition("://")
    credentials, at, host = rest.rpartition("@")
    return f"{scheme}://{MASK if credentials else ''}{at}{without_query(host)}"


def _variable(scheme: str) -> str:
    """Return the variable that names a proxy, or the system's settings where there is none."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), "The system's proxy")


class OpenSockets:
    """Records every open socket through httpcore's trace extension, and can shut them all down.

    Closing a socket does not wake a thread that reads from it; shutting it down does.
    """

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Record a new socket; httpcore calls this for each of its steps."""
        if event.endswith(_OPENED):
            new = info["return_value"].get_extra_info("socket")
            if isinstance(new, socket.socket):
                with self._lock:
                    self._sockets.add(new)

    def shut(self) -> None:
        """End every read at once; the connections are opened anew when they are needed again."""
        with self._lock:
            for open_socket in list(self._sockets):
                with contextlib.suppress(OSError):
                    open_socket.shutdown(socket.SHUT_RDWR)


def read_body(response: httpx.Response) -> bytes:
    """Read and decompress the body of a response, up to a limit of bytes and of time (`DEADLINE`).

    Parameters
    ----------
    response : httpx.Response
        A response with a body that has not been read.

    Raises
    ------
    ResponseTooLarge
        If it is larger than 128 MiB, decompressed.
    httpx.DecodingError
        If its encoding is not one of the requested ones.
    httpx.ReadTimeout
        If it is not complete in time.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise httpx.DecodingError(f"the response is encoded as {excerpt(encoding)}, which was not requested")
    # Also what decompresses to nothing, and what stands between the chunks, has an end.
    DEADLINE.expect(2 * LARGEST_BODY)
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise ResponseTooLarge(f"The response is larger than {LARGEST_BODY / 2**20:,.0f} MiB")
        DEADLINE.remaining(None, httpx.ReadTimeout)
    return b"".join(chunks)


def without_length(response: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response without those about the encoding of its body, which is decoded."""
    of_encoding = {b"content-encoding", b"content-length", b"transfer-encoding"}
    # As bytes: a header may hold what is not ASCII.
    return [(name, value) for name, value in response.headers.raw if name.lower() not in of_encoding]
