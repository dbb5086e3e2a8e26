"""Connections through a proxy: closed if they cannot be opened, with an error that nothing was sent.

httpcore leaves a connection open when the proxy has accepted it and the TLS handshake with the API fails
(encode/httpcore#1023). It counts as busy for ever: after 64 of them every request would wait for a free one,
in vain.
"""

from __future__ import annotations

import httpcore
import httpx

# Errors that httpcore does not distinguish from those of a request that was sent.
_TIMEOUTS = (httpcore.ReadTimeout, httpcore.WriteTimeout)
_BROKEN = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError, httpcore.LocalProtocolError)


def close_failed_tunnels(transport: httpx.BaseTransport) -> None:
    """Let httpx's own transport close the connections that its proxy did not open."""
    pool = getattr(transport, "_pool", None)
    if isinstance(pool, httpcore.HTTPProxy) and "create_connection" not in vars(pool):
        create = pool.create_connection
        vars(pool)["create_connection"] = lambda origin: _Tunnel(create(origin))


class _Tunnel(httpcore.ConnectionInterface):
    """A connection through a proxy."""

    def __init__(self, connection: httpcore.ConnectionInterface) -> None:
        self._connection = connection

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return self._connection.handle_request(request)
        except BaseException as error:
            if getattr(self._connection, "_connected", True):
                raise
            self._connection.close()
            if isinstance(error, _TIMEOUTS):
                raise httpcore.ConnectTimeout(str(error)) from None
            if isinstance(error, _BROKEN):
                raise httpcore.ProxyError(str(error)) from None
            raise

    def close(self) -> None:
        self._connection.close()

    def info(self) -> str:
        return self._connection.info()

    def can_handle_request(self, origin: httpcore.Origin) -> bool:
        return self._connection.can_handle_request(origin)

    def is_available(self) -> bool:
        return self._connection.is_available()

    def has_expired(self) -> bool:
        return self._connection.has_expired()

    def is_idle(self) -> bool:
        return self._connection.is_idle()

    def is_closed(self) -> bool:
        return self._connection.is_closed()
