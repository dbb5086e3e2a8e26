"""Signing: the only module that puts secrets into a request, as the last step before it is sent.

Everything above (httpx, log lines, exceptions, this package's own errors) sees requests without client secret
and access token, so nothing can show them.
"""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr

#: The request extensions that hold the query, a connection's access token and the body of a write.
QUERY = "rutterframe.query"
BODY = "rutterframe.body"
TOKEN = "rutterframe.access_token"  # noqa: S105 - the extension's name


class SigningTransport(httpx.BaseTransport):
    """Adds Basic auth and the access token to a request, and sends it with another transport.

    Parameters
    ----------
    transport : httpx.BaseTransport
        What sends the request.
    base_url : str
        The only address that the credentials are sent to.
    client_id, client_secret : pydantic.SecretStr
        The Basic auth credentials.
    token_parameter : str
        The query parameter of the access token.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        base_url: str,
        client_id: SecretStr,
        client_secret: SecretStr,
        token_parameter: str,
    ) -> None:
        self._transport = transport
        self._origin = _origin(httpx.URL(base_url))
        self._authorization = SecretStr("Basic " + basic_pair(client_id, client_secret).get_secret_value())
        self._token_parameter = token_parameter

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a signed copy of the request; the request itself stays without secrets."""
        url = request.url
        if _origin(url) != self._origin:
            raise httpx.UnsupportedProtocol(
                f"Credentials are only sent to {self._origin}, not to {_origin(url)}"
            )
        query = dict(request.extensions.get(QUERY, {}))
        token = request.extensions.get(TOKEN)
        if token is not None:
            query[self._token_parameter] = token.get_secret_value()
        headers = [*request.headers.raw, (b"Authorization", self._authorization.get_secret_value().encode())]
        body = request.extensions.get(BODY)
        if body is not None:
            # The unsigned request has no body yet, and a header that states it.
            headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
            headers.append((b"Content-Type", b"application/json"))
        signed = httpx.Request(
            request.method,
            f"{url}?{urlencode(query)}" if query else url,
            headers=headers,
            content=None if body is None else body.get_secret_value().encode(),
            stream=request.stream if body is None else None,
            extensions=request.extensions,
        )
        return self._transport.handle_request(signed)

    def close(self) -> None:
        """Close the transport below."""
        self._transport.close()


def basic_pair(client_id: SecretStr, client_secret: SecretStr) -> SecretStr:
    """Return the credentials as Basic auth encodes them: base64 hides nothing, so they stay a secret."""
    pair = f"{client_id.get_secret_value()}:{client_secret.get_secret_value()}"
    return SecretStr(base64.b64encode(pair.encode()).decode())


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
