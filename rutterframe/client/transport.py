"""What sends the requests: one pool of connections, shared by all threads of a client."""

from __future__ import annotations

import os
import ssl
import sys
import urllib.request
from pathlib import Path

import httpx

from rutterframe.client.config import is_loopback
from rutterframe.client.redaction import MASK
from rutterframe.errors import ConfigurationError

_MOST_CONNECTIONS = 64
_HIGHEST_PORT = 65_535
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
# Where httpx takes the authorities from that it trusts, besides certifi.
_CERT_FILE, _CERT_DIR = "SSL_CERT_FILE", "SSL_CERT_DIR"
# Where Python writes the keys of secure connections, for those who look into their own.
_KEY_LOG = "SSLKEYLOGFILE"


def open_transport(base_url: str) -> httpx.HTTPTransport:
    """Open httpx's own transport to a server, through the proxy that the environment names, if any.

    The proxy is looked up here, since httpx does so only for transports that it opens itself. This machine is
    never reached through a proxy.

    Raises
    ------
    ConfigurationError
        If the environment names a proxy that cannot be used, certificates that are not there, or a file for
        the keys of secure connections that cannot be written.
    """
    url = httpx.URL(base_url)
    # Without TLS no certificate is looked at: then it does not matter where they are.
    secure = url.scheme == "https"
    if secure:
        _check_certificates()
    _check_key_log()  # Python opens it also where nothing is secure
    limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
    try:
        return httpx.HTTPTransport(limits=limits, proxy=_proxy(url), trust_env=secure)
    except ssl.SSLError:
        wrong = os.environ.get(_CERT_FILE)
    raise ConfigurationError(
        f"{_CERT_FILE}={wrong!r} holds no certificate in PEM format",
        hint=f"correct {_CERT_FILE}, or unset it to trust the usual authorities.",
    )


def _check_certificates() -> None:
    """Refuse paths that are not there: httpx would raise a bare FileNotFoundError, or trust nobody."""
    file, folders = os.environ.get(_CERT_FILE), os.environ.get(_CERT_DIR)
    if file and not Path(file).is_file():
        name, wrong, what = _CERT_FILE, file, "file"
    elif folders and not any(Path(one).is_dir() for one in folders.split(os.pathsep)):
        name, wrong, what = _CERT_DIR, folders, "folder"
    else:
        return
    raise ConfigurationError(
        f"{name}={wrong!r}: there is no such {what}",
        hint=f"correct {name}, or unset it to trust the usual authorities.",
    )


def _check_key_log() -> None:
    """Refuse a file that cannot be written: Python would raise a bare error of the file."""
    path = os.environ.get(_KEY_LOG)
    if not path or sys.flags.ignore_environment:
        return
    try:
        with Path(path).open("ab"):
            return
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise ConfigurationError(
        f"{_KEY_LOG}={path!r} cannot be written: {why}",
        hint=f"correct {_KEY_LOG}, or unset it: it is of use only to look into one's own connections.",
    )


def _proxy(url: httpx.URL) -> httpx.Proxy | None:
    if is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    scheme = url.scheme if proxies.get(url.scheme) else "all"
    address = proxies.get(scheme)
    if not address:
        return None
    if "://" not in address:
        address = f"http://{address}"  # as curl reads it, and httpx itself
    proxy, wrong, hint = None, _wrong_address(address), "write it as http://host:port."
    if not wrong:
        try:
            httpx.HTTPTransport(proxy=address, trust_env=False).close()
            proxy = httpx.Proxy(address)
        except ImportError:
            wrong = "a SOCKS proxy needs the package socksio, which is not installed"
            hint = "pip install 'httpx[socks]', or name an http proxy."
        except (httpx.InvalidURL, ValueError) as error:
            wrong = f"{error}"
    if proxy is None:
        raise ConfigurationError(
            f"{_variable(scheme)}={_without_credentials(address)!r} cannot be used: {wrong}", hint=hint
        )
    return proxy


def _wrong_address(address: str) -> str:
    """Say what is wrong with the address of a proxy; empty if nothing is."""
    try:
        found = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return "that is not an address with a host and a port"
    if found.scheme not in _PROXY_SCHEMES:
        return f"its scheme must be one of {', '.join(_PROXY_SCHEMES)}"
    if not found.host or " " in found.host:
        return "it names no host"
    if found.port is not None and not 0 < found.port <= _HIGHEST_PORT:
        return f"its port must be from 1 to {_HIGHEST_PORT:,}"
    return ""


def _without_credentials(address: str) -> str:
    scheme, _, rest = address.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}://{MASK if credentials else ''}{at}{place}"


def _variable(scheme: str) -> str:
    """Name the variable that a proxy comes from; the system's settings where there is none."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), "The system's proxy")
