"""What sends the requests: one pool of connections, shared by all threads of a client."""

from __future__ import annotations

import urllib.request

import httpx

from rutterframe.client.settings import is_loopback

_MOST_CONNECTIONS = 64


def open_transport(base_url: str) -> httpx.HTTPTransport:
    """Open httpx's own transport to a server, through the proxy that the environment names, if any.

    The proxy is looked up here, since httpx does so only for transports that it opens itself. This machine is
    never reached through a proxy.
    """
    url = httpx.URL(base_url)
    proxy = None
    if not is_loopback(url.host) and not urllib.request.proxy_bypass(url.host):
        proxies = urllib.request.getproxies()
        proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"  # as curl reads it, and httpx itself
    limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
    return httpx.HTTPTransport(limits=limits, proxy=proxy)
