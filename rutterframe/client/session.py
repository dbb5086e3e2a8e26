"""One shared pool of HTTP connections: every request of a client goes through here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

import httpx
import tenacity
from pydantic import SecretStr

from rutterframe.client.failures import failure
from rutterframe.client.masking import mask
from rutterframe.client.pace import Limiter, RateLimit, RetryPolicy, retrying
from rutterframe.client.signing import QUERY, TOKEN, SigningTransport, basic_pair
from rutterframe.client.sockets import OpenSockets
from rutterframe.client.wire import open_transport
from rutterframe.dialects import Dialect
from rutterframe.errors import (
    APIError,
    AuthenticationError,
    RateLimited,
    RutterframeError,
    TransportError,
    Where,
)

T = TypeVar("T")

_CONNECT_TIMEOUT = 10.0
_log = logging.getLogger("rutterframe")


@dataclass(frozen=True, slots=True)
class Server:
    """Which API is spoken to.

    Attributes
    ----------
    environment : str
        What to call it: "production", "sandbox", "demo" or its address.
    base_url : str
        Where it is.
    dialect : Dialect
        How it is spelt.
    version : str
        The API version to ask for.
    """

    environment: str
    base_url: str
    dialect: Dialect
    version: str


class Session:
    """Sends requests: signed, limited, retried; foreign exceptions become ours here and nowhere else.

    Parameters
    ----------
    server : Server
        Which API is spoken to.
    credentials : tuple of SecretStr
        Client id and client secret.
    transport : httpx.BaseTransport or None
        What sends the requests; httpx's own by default.
    pace : tuple of RateLimit or None, and RetryPolicy
        How fast to ask, and how to try again.
    """

    def __init__(
        self,
        server: Server,
        *,
        credentials: tuple[SecretStr, SecretStr],
        transport: httpx.BaseTransport | None,
        pace: tuple[RateLimit | None, RetryPolicy],
    ) -> None:
        self.server = server
        self.dialect = server.dialect
        limit, self._policy = pace
        self._limiter = Limiter(limit)
        self._closed = False
        self._secrets = [*credentials, basic_pair(*credentials)]
        self._sockets = OpenSockets()
        self._headers = httpx.Headers(
            {
                server.dialect.version_header: server.version,
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"rutterframe/{version('rutterframe')}",
            }
        )
        self._timeout = httpx.Timeout(self._policy.timeout, connect=_CONNECT_TIMEOUT).as_dict()
        self._transport = SigningTransport(
            transport or open_transport(server.base_url),
            base_url=server.base_url,
            client_id=credentials[0],
            client_secret=credentials[1],
            token_parameter=server.dialect.token_parameter,
        )

    def get(
        self,
        path: str,
        *,
        read: Callable[[bytes], T],
        query: Mapping[str, str],
        token: SecretStr | None = None,
        where: Where | None = None,
        stop: threading.Event | None = None,
    ) -> T:
        """Read one answer, trying again in bad weather.

        Parameters
        ----------
        path : str
            Below the base URL.
        read : callable
            Reads the body; an InvalidResponse from it counts as weather.
        query : mapping of str to str
            The query, without the access token.
        token : pydantic.SecretStr, optional
            The connection's access token.
        where : Where, optional
            What is being read, for the error.
        stop : threading.Event, optional
            Ends every wait once it is set.

        Raises
        ------
        APIError, TransportError, InvalidResponse
            When trying again does not help.
        """
        if self._closed:
            raise RuntimeError("This client was closed; open a new one with rf.Client() or rf.demo()")
        stop = stop or threading.Event()
        weather = retrying(self._policy, stop)
        try:
            answer: T = weather(self._once, path, read, query, token, stop)
            return answer
        except RutterframeError as caught:
            error: BaseException = self._told(caught, weather, where or Where(), token)
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C above all; raised again below
            error = caught
        # Raised from here, without the frames below: they hold the signed request.
        raise error.with_traceback(None) from None

    def _told(
        self, error: RutterframeError, weather: tenacity.Retrying, where: Where, token: SecretStr | None
    ) -> RutterframeError:
        """Complete an error: how often was tried, where it was, what to do next, and nothing secret."""
        tries = weather.statistics["attempt_number"]
        said = f"{error.message} (tried {tries} times)" if tries > 1 else error.message
        secrets = [*self._secrets, token] if token else self._secrets
        error.reword(mask(said, secrets))
        if isinstance(error, APIError):
            error.error_type = error.error_type and mask(error.error_type, secrets)
            error.error_code = error.error_code and mask(error.error_code, secrets)
            if (error.retry_after or 0.0) > self._policy.retry_after_max:
                asked = f"the API asks to wait {error.retry_after:,.0f} seconds"
                error.hint = f"{asked}: the quota resets later; try again then."
        if isinstance(error, AuthenticationError):
            error.hint = _who_was_refused(where)
        return error.at(connection_id=where.connection_id, resource=where.resource, pages=where.pages)

    def interrupt(self) -> None:
        """End every request that is under way; a request that should go on is tried again."""
        self._sockets.shut()

    def close(self) -> None:
        """Close every connection; nothing can be sent afterwards."""
        self._closed = True
        self._transport.close()

    def _once(
        self,
        path: str,
        read: Callable[[bytes], T],
        query: Mapping[str, str],
        token: SecretStr | None,
        stop: threading.Event,
    ) -> T:
        self._limiter.acquire(stop)
        failed: RutterframeError
        try:
            response = self._send(self._request(path, query, token))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failed = TransportError(
                f"No answer from {self.server.base_url}: {_in_words(error)}",
                hint="check the network and the environment's address; then load again.",
            )
        else:
            if response.status_code == 200:
                return read(response.content)
            failed = self._refused(response)
        raise failed

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its whole answer.

        Straight through httpx's transport: what httpx's client adds (cookies, redirects, log lines with the
        URL) is not wanted here, and would cost a fifth of the time of a page.
        """
        response = self._transport.handle_request(request)
        try:
            response.read()
        finally:
            response.close()
        _log.debug(
            "%s %s: %d, %d bytes", request.method, request.url, response.status_code, len(response.content)
        )
        return response

    def _request(self, path: str, query: Mapping[str, str], token: SecretStr | None) -> httpx.Request:
        """Write the request as everything above the wire may see it: without the query, without secrets."""
        extensions = {QUERY: query, TOKEN: token, "timeout": self._timeout, "trace": self._sockets.trace}
        return httpx.Request("GET", self.server.base_url + path, headers=self._headers, extensions=extensions)

    def _refused(self, response: httpx.Response) -> APIError:
        error = failure(response).at(request_id=response.headers.get(self.dialect.request_id_header))
        # 429 is about the whole client: the other threads wait as well. 452 is about one connection.
        if isinstance(error, RateLimited) and (error.retry_after or 0.0) <= self._policy.retry_after_max:
            self._limiter.hold_back(error.retry_after or 0.0)
        return error


def _in_words(error: Exception) -> str:
    kind = "timed out" if isinstance(error, httpx.TimeoutException) else type(error).__name__
    return f"{kind} ({error})" if str(error) else kind


def _who_was_refused(where: Where) -> str:
    if where.connection_id is None:
        return "check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET, and that they belong to this environment."
    return (
        f"check the access token of connection {where.connection_id!r}, then RUTTER_CLIENT_ID and "
        "RUTTER_CLIENT_SECRET, and that all belong to this environment."
    )
