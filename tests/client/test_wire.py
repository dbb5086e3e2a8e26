"""The transport of a client: through the proxy that the environment names, and never for this machine."""

from __future__ import annotations

from typing import Any

import httpcore
import pytest

from rutterframe.client.wire import open_transport


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
