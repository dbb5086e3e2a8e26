"""One shared pool of HTTP connections: every request of a client goes through here."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

import httpx
from pydantic import SecretStr

from rutterframe.client.answers import read_body, without_length
from rutterframe.client.error_mapping import failure, leaves_open, no_answer, wait_in_words, who_was_refused
from rutterframe.client.redaction import mask, mask_error, mask_refusals
from rutterframe.client.request import Outgoing
from rutterframe.client.retry import (
    Limiter,
    RateLimit,
    RetryPolicy,
    attempt,
    is_worth_retrying,
    never_left,
    retrying,
)
from rutterframe.client.server import Server
from rutterframe.client.signing import BODY, QUERY, TOKEN, SigningTransport, basic_pair
from rutterframe.client.sockets import OpenSockets
from rutterframe.client.transport import open_transport
from rutterframe.errors import (
    APIError,
    AuthenticationError,
    ErrorContext,
    OutcomeUnknown,
    RateLimitExceeded,
    Refusal,
    RutterframeError,
    TransportError,
)

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")

_CONNECT_TIMEOUT = 10.0
_log = logging.getLogger("rutterframe")
# To take an address apart takes a tenth of the time of a page, and every page of a list has the same.
_url = functools.lru_cache(maxsize=64)(httpx.URL)


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
        #: The platforms of connections, by their ids, as far as their records were seen.
        self.platforms: dict[str, str] = {}
        #: Requests that were answered, of all threads: a lost count of two at once does no harm.
        self._answered = 0
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
        where: ErrorContext | None = None,
        stop: threading.Event | None = None,
        headers: Callable[[httpx.Headers], None] | None = None,
    ) -> T:
        """Read one answer, trying again after transient errors.

        Parameters
        ----------
        path : str
            Below the base URL.
        read : callable
            Reads the body; an InvalidResponse from it that is transient is tried again.
        query : mapping of str to str
            The query, without the access token.
        token : pydantic.SecretStr, optional
            The connection's access token.
        where : ErrorContext, optional
            What is being read, for the error.
        stop : threading.Event, optional
            Ends every wait once it is set.
        headers : callable, optional
            Takes the headers of the answer that was read.

        Raises
        ------
        APIError, TransportError, InvalidResponse
            When trying again does not help.
        """
        self._refuse_if_closed()
        stop = stop or threading.Event()
        asked = Outgoing(path, query=query, token=token)
        weather = retrying(self._policy, stop, answered=lambda: self._answered)
        try:
            return attempt(weather, lambda: self._once(asked, read, stop, headers))
        except RutterframeError as caught:
            error: BaseException = self._told(caught, weather, where or ErrorContext(), asked)
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C above all; raised again below
            error = caught
        raise _bare(error) from None

    def write(self, asked: Outgoing, *, read: Callable[[bytes], T], find_out: str, where: ErrorContext) -> T:
        """Write once; try again only with an Idempotency-Key, or if nothing was sent yet.

        Parameters
        ----------
        asked : Outgoing
            The request.
        read : callable
            Reads the body of the answer.
        find_out : str
            How to find out whether it happened, where the answer is lost.
        where : ErrorContext
            What is being written, for the error.

        Raises
        ------
        OutcomeUnknown
            If it may or may not have happened.
        APIError, TransportError
            If it did not happen.
        """
        self._refuse_if_closed()
        stop = threading.Event()
        lost = False

        def once() -> T:
            nonlocal lost
            try:
                return self._once(asked, read, stop)
            except BaseException as caught:
                # One lost answer is enough, whatever comes of a later try. Ctrl-C loses it as well.
                lost = lost or not isinstance(caught, RutterframeError) or leaves_open(caught)
                raise

        worth = is_worth_retrying if asked.key else never_left
        weather = retrying(self._policy, stop, worth=worth, answered=lambda: self._answered)
        try:
            return attempt(weather, once)
        except RutterframeError as caught:
            told = self._told(caught, weather, where, asked)
            error: BaseException = _unknown(told, asked, find_out) if lost else _not_written(told)
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C above all; raised again below
            error = caught
            if lost:
                error.add_note(str(_unknown(RutterframeError("interrupted", where=where), asked, find_out)))
        raise _bare(error) from None

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("This client was closed; open a new one with rf.Client() or rf.demo()")

    def _told(
        self, error: RutterframeError, weather: tenacity.Retrying, where: ErrorContext, asked: Outgoing
    ) -> RutterframeError:
        """Complete an error: how often was tried, where it was, what to do next, and nothing secret."""
        tries = weather.statistics["attempt_number"]
        said = f"{error.message} (tried {tries} times)" if tries > 1 else error.message
        secrets = [*self._secrets, *([asked.token] if asked.token else []), *asked.secrets]
        mask_error(error.reword(said), secrets)
        if isinstance(error, APIError):
            error.error_type = error.error_type and mask(error.error_type, secrets)
            error.error_code = error.error_code and mask(error.error_code, secrets)
            if (error.retry_after or 0.0) > self._policy.retry_after_max:
                wait = wait_in_words(error.retry_after or 0.0)
                error.hint = f"the API asks to wait {wait}: the quota resets later; try again then."
        if isinstance(error, AuthenticationError):
            error.hint = who_was_refused(where)
        if error.where.request_id is not None:
            error.where = replace(error.where, request_id=mask(error.where.request_id, secrets))
        return error.at(connection_id=where.connection_id, resource=where.resource, pages=where.pages)

    def without_secrets(self, error: RutterframeError, token: SecretStr | None) -> RutterframeError:
        """Take the secrets out of an error about an answer that was read elsewhere."""
        return mask_error(error, [*self._secrets, *([token] if token else [])])

    def refusals_without_secrets(
        self, refused: Iterable[Refusal], token: SecretStr | None
    ) -> tuple[Refusal, ...]:
        """Take the secrets out of what is said about rows that cannot be read."""
        return mask_refusals(refused, [*self._secrets, *([token] if token else [])])

    def interrupt(self) -> None:
        """End every request that is under way; a request that should go on is tried again."""
        self._sockets.shut()

    def close(self) -> None:
        """Close every connection; nothing can be sent afterwards."""
        self._closed = True
        self._transport.close()

    def _once(
        self,
        asked: Outgoing,
        read: Callable[[bytes], T],
        stop: threading.Event,
        headers: Callable[[httpx.Headers], None] | None = None,
    ) -> T:
        self._limiter.acquire(stop)
        failed: RutterframeError
        try:
            response, body = self._send(self._request(asked))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failed = no_answer(self.server.base_url, error)
        else:
            status = response.status_code
            if status == 200 or (asked.method != "GET" and 200 < status < 300):
                found = read(body)
                self._answered += 1
                self._limiter.speed_up()
                if headers is not None:
                    headers(response.headers)
                return found
            failed = self._refused(httpx.Response(status, headers=without_length(response), content=body))
        raise failed

    def _send(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """Send a request and read its whole answer.

        Straight through httpx's transport: what httpx's client adds (cookies, redirects, log lines with the
        URL) is not wanted here, and would cost a fifth of the time of a page.
        """
        response = self._transport.handle_request(request)
        try:
            body = read_body(response, seconds=self._policy.time_limit)
        finally:
            response.close()
        _log.debug("%s %s: %d, %d bytes", request.method, request.url, response.status_code, len(body))
        return response, body

    def _request(self, asked: Outgoing) -> httpx.Request:
        """Write the request as everything above the wire may see it: without the query, without secrets."""
        extensions = {
            QUERY: asked.query,
            TOKEN: asked.token,
            BODY: asked.body,
            "timeout": self._timeout,
            "trace": self._sockets.trace,
        }
        headers = self._headers
        if asked.key is not None:
            headers = headers.copy()
            headers[self.dialect.idempotency_header] = asked.key
        return httpx.Request(
            asked.method, _url(self.server.base_url + asked.path), headers=headers, extensions=extensions
        )

    def _refused(self, response: httpx.Response) -> APIError:
        error = failure(response).at(request_id=response.headers.get(self.dialect.request_id_header))
        # 429 is about the whole client: the other threads wait as well. 452 is about one connection.
        if (
            isinstance(error, RateLimitExceeded)
            and (error.retry_after or 0.0) <= self._policy.retry_after_max
        ):
            self._limiter.slow_down(error.retry_after or 0.0)
        return error


def _bare(error: BaseException) -> BaseException:
    """Take from an error the frames below, which hold the signed request, and what it was raised from.

    A JSON error keeps the whole body, in which a server may have repeated what it was sent.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _unknown(error: RutterframeError, asked: Outgoing, find_out: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Nobody knows whether this was written: {error.message}",
        hint=find_out,
        where=error.where,
        idempotency_key=asked.key,
    )


def _not_written(error: RutterframeError) -> RutterframeError:
    if isinstance(error, TransportError) and error.transient:
        error.hint = (
            "nothing was written: check the network and the environment's address; then send it again."
        )
    return error
