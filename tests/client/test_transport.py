"""The transport of a client: through the proxy that the environment names, and never for this machine."""

from __future__ import annotations

import sys
from typing import Any

import httpcore
import pytest

import rutterframe as rf
from rutterframe.client.transport import open_transport


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
    ("name", "value", "shown", "reason"),
    [
        ("ALL_PROXY", "socks5://me:canary@host:1080", "socks5://**********@host:1080", NO_SOCKS),
        ("all_proxy", "socks5h://host", "socks5h://host", NO_SOCKS),
        ("HTTPS_PROXY", "ftp://me:canary@host", "ftp://**********@host", NO_SCHEME),
        ("https_proxy", "http://me:canary@host:abc", "http://**********@host:abc", NO_ADDRESS),
        ("HTTPS_PROXY", "me:canary@host:99999", "http://**********@host:99999", NO_PORT),
        ("HTTPS_PROXY", "http://me:canary@pw@host:0", "http://**********@host:0", NO_PORT),
        ("HTTPS_PROXY", "http://", "http://", "it names no host"),
    ],
)
def test_a_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str, reason: str
) -> None:
    """The client is refused before anything is sent; the variable is named, its password is not."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(name, value)
    with pytest.raises(rf.ConfigurationError) as caught:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert caught.value.message == f"{name}={shown!r} cannot be used: {reason}"
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
