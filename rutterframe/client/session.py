"""The session of a client: sends every request, with rate limit, retries and error mapping."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn, TypeVar

import httpx
from pydantic import SecretStr

from rutterframe.client.config import Server
from rutterframe.client.connection_list import ConnectionList
from rutterframe.client.deadline import DEADLINE, enforce_deadline
from rutterframe.client.demo_defaults import DemoDefaults
from rutterframe.client.error_mapping import (
    api_error,
    authentication_hint,
    may_have_happened,
    transport_error,
    wait_in_words,
)
from rutterframe.client.jobs import StartedJob, finish_read, finish_write, or_job
from rutterframe.client.log_filter import LOG_FILTER
from rutterframe.client.other_dialect import (
    DialectCheck,
    has_tokens,
    is_connection_list,
    is_reason,
    without_params,
)
from rutterframe.client.request import RequestSpec
from rutterframe.client.retry import (
    IsRetried,
    Limiter,
    RateLimit,
    RetryPolicy,
    call_with_retries,
    is_transient,
    retrying,
    was_not_sent,
)
from rutterframe.client.secret_arguments import refuse_copy
from rutterframe.client.session_secrets import SessionSecrets
from rutterframe.client.signing import BODY, QUERY, TOKEN, SigningTransport
from rutterframe.client.transport import OpenSockets, open_transport, read_body, without_length
from rutterframe.client.tunnel import close_failed_tunnels
from rutterframe.errors import (
    APIError,
    AuthenticationError,
    ErrorContext,
    OutcomeUnknown,
    RateLimitExceeded,
    RutterframeError,
    TransportError,
)

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")

_CONNECT_TIMEOUT = 10.0
# The longest timeout, in seconds: beyond some 24 days sockets raise an OverflowError.
_MAX_TIMEOUT = 1e6
_log = logging.getLogger("rutterframe")
# To parse a URL takes a tenth of the time of a page, and every page of a list has the same.
_url = functools.lru_cache(maxsize=64)(httpx.URL)


class Session:
    """Sends requests: signed, limited, retried. The only place that maps foreign exceptions to ours.

    Parameters
    ----------
    server : Server
        The API that the requests are sent to.
    credentials : tuple of SecretStr
        Client id and client secret.
    transport : httpx.BaseTransport or None
        What sends the requests; httpx's own by default.
    rate_limit : RateLimit or None
        The most requests in a period.
    retry : RetryPolicy
        How requests are retried.
    """

    def __init__(
        self,
        server: Server,
        *,
        credentials: tuple[SecretStr, SecretStr],
        transport: httpx.BaseTransport | None,
        rate_limit: RateLimit | None,
        retry: RetryPolicy,
    ) -> None:
        self.server = server
        self.dialect = server.dialect
        self._policy = retry
        self._limiter = Limiter(rate_limit)
        #: The connections as the live service lists them; its tokens are nowhere else.
        self.listed = ConnectionList()
        #: The platforms of connections, by their ids, as far as their records were read.
        self.platforms = self.listed.platforms
        self.demo_defaults: DemoDefaults | None = None
        self._check = DialectCheck(server.dialect)
        #: How many responses there were, in all threads: a count lost between two of them does no harm.
        self._responses = 0
        self._closed = False
        self.secrets = SessionSecrets(credentials, server.dialect)
        self._sockets = OpenSockets()
        self._headers = httpx.Headers(
            {
                server.dialect.version_header: server.version,
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"rutterframe/{version('rutterframe')}",
            }
        )
        self._timeout = httpx.Timeout(
            min(self._policy.timeout, _MAX_TIMEOUT), connect=_CONNECT_TIMEOUT
        ).as_dict()
        transport = transport or open_transport(server.base_url)
        enforce_deadline(transport)
        close_failed_tunnels(transport)
        LOG_FILTER.install()
        self._transport = SigningTransport(
            transport,
            base_url=server.base_url,
            client_id=credentials[0],
            client_secret=credentials[1],
            token_parameter=server.dialect.token_parameter,
        )

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, also as a part of a client, connection or load: a pickle would hold secrets.

        Raises
        ------
        TypeError
            Always.
        """
        refuse_copy()

    def platform(self, connection_id: str) -> str | None:
        """Return the platform of a connection; None if it is not known.

        In the live dialect the list of connections is read, if it was not yet.
        """
        if connection_id not in self.platforms:
            self.listed_token(connection_id)
        return self.platforms.get(connection_id)

    def listed_token(self, connection_id: str) -> SecretStr | None:
        """Return the access token that the live service lists; None if it lists none, or for the contract."""
        if not self.dialect.is_live:
            return None
        request = RequestSpec.of(self, "connections")
        return self.listed.look_up(connection_id, lambda: self.get(request, read=lambda _: None))

    def get(
        self,
        request: RequestSpec,
        *,
        read: Callable[[bytes], T],
        stop: threading.Event | None = None,
        on_headers: Callable[[httpx.Headers], None] | None = None,
    ) -> T:
        """Send a request that reads, and retry it after transient errors.

        Parameters
        ----------
        request : RequestSpec
            The request.
        read : callable
            Reads the body; an InvalidResponse from it that is transient is retried.
        stop : threading.Event, optional
            Ends every wait once it is set.
        on_headers : callable, optional
            Takes the headers of the response that was read.

        Raises
        ------
        APIError, TransportError, InvalidResponse
            When retrying does not help.
        """
        stop = stop or threading.Event()
        if not self.dialect.is_live:
            return self._get(request, read, stop, on_headers)
        result = self._get(request, or_job(read), stop, on_headers)
        return finish_read(request, result, read, stop) if isinstance(result, StartedJob) else result

    def _get(
        self,
        request: RequestSpec,
        read: Callable[[bytes], T],
        stop: threading.Event,
        on_headers: Callable[[httpx.Headers], None] | None,
    ) -> T:
        self._refuse_if_closed()
        retries = self._retries(request, stop, is_transient)
        try:
            return call_with_retries(retries, lambda: self._once(request, read, stop, on_headers))
        except RutterframeError as caught:
            error: BaseException = self._with_context(caught, retries, request)
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C above all; raised again below
            error = caught
        raise _without_traceback(error) from None

    def write(self, request: RequestSpec, *, read: Callable[[bytes], T], find_out: str) -> T:
        """Send a request that writes; retry it only with an Idempotency-Key, or if nothing was sent yet.

        Parameters
        ----------
        request : RequestSpec
            The request.
        read : callable
            Reads the body of the response.
        find_out : str
            How to find out whether it happened, where the response is lost.

        Raises
        ------
        OutcomeUnknown
            If it may or may not have happened.
        APIError, TransportError
            If it did not happen.
        """
        if not self.dialect.is_live:
            return self._write(request, read, find_out)
        result = self._write(request, or_job(read), find_out)
        return finish_write(request, result, read, find_out) if isinstance(result, StartedJob) else result

    def _write(self, request: RequestSpec, read: Callable[[bytes], T], find_out: str) -> T:
        self._refuse_if_closed()
        stop = threading.Event()
        uncertain = False

        def once() -> T:
            nonlocal uncertain
            try:
                return self._once(request, read, stop)
            except BaseException as caught:
                # One lost response is enough, whatever a later try returns. Ctrl-C loses it as well.
                uncertain = uncertain or not isinstance(caught, RutterframeError) or may_have_happened(caught)
                raise

        is_retried = is_transient if request.idempotency_key else was_not_sent
        retries = self._retries(request, stop, is_retried)
        try:
            return call_with_retries(retries, once)
        except RutterframeError as caught:
            described = self._with_context(caught, retries, request)
            error: BaseException = (
                _unknown(described, request, find_out) if uncertain else _not_written(described)
            )
        except BaseException as caught:  # noqa: BLE001 - Ctrl-C above all; raised again below
            error = caught
            if uncertain:
                interrupted = RutterframeError("interrupted", context=request.context)
                error.add_note(str(_unknown(interrupted, request, find_out)))
        raise _without_traceback(error) from None

    @property
    def policy(self) -> RetryPolicy:
        """How requests are retried, and jobs followed."""
        return self._policy

    def _retries(
        self, request: RequestSpec, stop: threading.Event, is_retried: IsRetried
    ) -> tenacity.Retrying:
        return retrying(self._policy, stop, request.context, is_retried, lambda: self._responses)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("This client was closed; open a new one with rf.Client() or rf.demo()")

    def _with_context(
        self, error: RutterframeError, retries: tenacity.Retrying, request: RequestSpec
    ) -> RutterframeError:
        """Complete an error: number of tries, context, what to do next; without secrets."""
        tries = retries.statistics["attempt_number"]
        message = f"{error.message} (tried {tries} times)" if tries > 1 else error.message
        self.secrets.mask_error(error.reword(message), request)
        if isinstance(error, APIError) and (error.retry_after or 0.0) > self._policy.retry_after_max:
            wait = wait_in_words(error.retry_after or 0.0)
            error.hint = f"the API asks to wait {wait}: the quota resets later; try again then."
        if isinstance(error, AuthenticationError):
            error.hint = authentication_hint(request.connection_id)
        return error.with_context(request.context)

    def without_secrets(self, error: RutterframeError, request: RequestSpec) -> RutterframeError:
        """Mask the secrets in an error about a response to this request.

        The frames below are removed: they hold the response, in which a server may have repeated the request.
        """
        _without_traceback(error)
        self.secrets.mask_error(error, request)
        return error

    def interrupt(self) -> None:
        """End every request that is under way; a request that should go on is retried."""
        self._sockets.shut()

    def close(self) -> None:
        """Close every connection; nothing can be sent afterwards."""
        self._closed = True
        self._transport.close()

    def _once(
        self,
        request: RequestSpec,
        read: Callable[[bytes], T],
        stop: threading.Event,
        on_headers: Callable[[httpx.Headers], None] | None = None,
    ) -> T:
        """Send a request once; return its response as read, or raise the error that describes it."""
        self._limiter.acquire(stop)
        failure: RutterframeError
        try:
            with LOG_FILTER.masking(lambda text: self.secrets.mask(text, request)):
                response, body = self._send(request)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            failure = transport_error(self.server.base_url, error)
        else:
            status = response.status_code
            if status == 200 or (request.method != "GET" and 200 < status < 300):
                result = read(self._own_dialect(request, body, stop) if request.method == "GET" else body)
                self._responses += 1
                self._limiter.speed_up()
                if on_headers is not None:
                    on_headers(response.headers)
                return result
            response = httpx.Response(status, headers=without_length(response), content=body)
            failure = self._api_error(response, request)
            if is_reason(failure, request):
                self._ask_dialect(stop)
        raise failure

    def _own_dialect(self, request: RequestSpec, body: bytes, stop: threading.Event) -> bytes:
        """Return a response of this client's dialect; a list of connections without its access tokens.

        Raises
        ------
        WrongDialect
            If the server speaks the other dialect.
        """
        if request.any_dialect:
            return body
        if is_connection_list(request):
            tokens = None
            if self.dialect.is_live:
                body, tokens = self.listed.take(body)
                self.secrets.add(self.listed.tokens)
            else:
                tokens = has_tokens(body)
            self._check.listed(tokens=tokens)
        elif self._check.may_be_other(request, body):
            self._ask_dialect(stop)
        return body

    def _ask_dialect(self, stop: threading.Event) -> None:
        """Request the list of connections, once, to find out which dialect the server speaks.

        Raises
        ------
        WrongDialect
            If it is the other one; any other error leaves it open.
        """
        request = without_params(RequestSpec.of(self, "connections"))
        self._check.find_out(lambda: self._once(request, lambda _: None, stop))

    def _send(self, spec: RequestSpec) -> tuple[httpx.Response, bytes]:
        """Send a request and read its whole response.

        Not through httpx's client: its cookies, redirects and log lines would take a fifth longer.
        """
        request = self._unsigned(spec)
        with DEADLINE.limit(self._policy.time_limit):
            response = self._transport.handle_request(request)
            try:
                body = read_body(response)
            except (httpx.DecodingError, httpx.NetworkError, httpx.RemoteProtocolError):
                if 200 <= response.status_code < 300:
                    raise
                body = b""  # of an error the status, and how long to wait, say enough
            finally:
                response.close()
        sizes = (response.status_code, len(body))
        _log.debug("%s %s: %d, %d bytes", request.method, request.url, *sizes, extra=spec.context.ids)
        return response, body

    def _unsigned(self, request: RequestSpec) -> httpx.Request:
        """Build the httpx request without query and secrets; `SigningTransport` adds them from extensions."""
        extensions = {
            QUERY: request.params,
            TOKEN: request.access_token,
            BODY: request.body,
            "timeout": self._timeout,
            "trace": self._sockets.trace,
        }
        headers = self._headers
        if request.idempotency_key is not None:
            headers = headers.copy()
            headers[self.dialect.idempotency_header] = request.idempotency_key
        return httpx.Request(
            request.method, _url(self.server.base_url + request.path), headers=headers, extensions=extensions
        )

    def _api_error(self, response: httpx.Response, request: RequestSpec) -> APIError:
        """Describe a response with an error status, and slow down after a 429."""
        request_id = response.headers.get(self.dialect.request_id_header)
        error = api_error(response, lambda text: self.secrets.mask(text, request))
        error.with_context(ErrorContext(request_id=request_id))
        # 429 is about the whole client: the other threads wait as well. 452 is about one connection.
        if (
            isinstance(error, RateLimitExceeded)
            and (error.retry_after or 0.0) <= self._policy.retry_after_max
        ):
            self._limiter.slow_down(error.retry_after or 0.0)
        return error


def _without_traceback(error: BaseException) -> BaseException:
    """Remove the frames below, which hold the signed request, and the error's cause.

    A JSON error holds the whole body, in which a server may have repeated the request.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _unknown(error: RutterframeError, request: RequestSpec, find_out: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"It is not known whether this was written: {error.message}",
        hint=find_out,
        context=error.context,
        idempotency_key=request.idempotency_key,
    )


def _not_written(error: RutterframeError) -> RutterframeError:
    if isinstance(error, TransportError) and error.transient:
        error.hint = (
            "nothing was written: check the network and the environment's address; then send it again."
        )
    return error
