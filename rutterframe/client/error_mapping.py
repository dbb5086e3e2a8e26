"""Map responses with an error status, and exceptions of httpx, to errors with advice."""

from __future__ import annotations

import json
import math
import os
import re
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from rutterframe.errors import (
    APIError,
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    NeedsReauthentication,
    NotFound,
    PermissionDenied,
    PlatformError,
    PlatformRateLimitExceeded,
    ProductNotReady,
    RateLimitExceeded,
    RutterframeError,
    ServerError,
    TransportError,
)

_KINDS: dict[int, type[APIError]] = {
    400: BadRequest,
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    405: BadRequest,
    409: BadRequest,
    410: NotFound,
    413: BadRequest,
    422: BadRequest,
    429: RateLimitExceeded,
    452: PlatformRateLimitExceeded,
}

#: What the error_code says about a connection holds with any status: none is documented for these codes.
_KINDS_BY_CODE: dict[str, type[APIError]] = {
    "CONNECTION_DISABLED": PermissionDenied,
    "INVALID_CREDENTIALS": AuthenticationError,
    "NEEDS_REAUTH": NeedsReauthentication,
    "NEEDS_UPDATE": NeedsReauthentication,
    "PRODUCT_NOT_ALLOWED": PermissionDenied,
    "PRODUCT_NOT_READY": ProductNotReady,
}

_SIGN_IN = "ask the business to sign in to the platform again, or leave this connection out."

#: Advice by the API's error_code, which is more specific than the status.
_BY_CODE = {
    "IDEMPOTENCY_CONFLICT": "this idempotency_key was used for other fields: leave it out to get a new one.",
    "CURSOR_EXPIRED": "load again from the start: the API does not keep cursors for ever.",
    "INVALID_CURSOR": "load again from the start, with the same filters on every page.",
    "NEEDS_REAUTH": _SIGN_IN,
    "NEEDS_UPDATE": _SIGN_IN,
    "CONNECTION_DISABLED": "ask the API's support why the connection was disabled, or leave it out.",
    "PRODUCT_NOT_READY": (
        "the first synchronisation is not finished: wait for it, minutes to hours, and load again. In the "
        "live dialect client.connections.status(id) shows it."
    ),
    "PRODUCT_NOT_ALLOWED": "ask the API's support to enable this resource for your account.",
}

_BY_KIND: tuple[tuple[type[APIError], str], ...] = (
    (RateLimitExceeded, "wait, load fewer connections side by side, or lower rate_limit= of rf.Client()."),
    (PlatformRateLimitExceeded, "wait some minutes: the limit is the platform's, not the API's."),
    (ServerError, "try again later; quote the request id to the API's support if it stays."),
    (PlatformError, "the platform behind the connection refused; its message is above."),
    (NotFound, "check the id; the platform may also not have this resource."),
    (PermissionDenied, "check that this connection is active and may read this resource."),
)

# The most characters that an error quotes: of a body, and of the API's own message.
_MAX_EXCERPT = 200
_MAX_MESSAGE = 2_000
# The most characters of them that are searched for secrets, before they are cut short.
_MAX_SEARCHED = 50_000
# The longest wait that is written out, in seconds: some 31 years.
_MAX_SECONDS = 1_000_000_000
# Servers write whole seconds, and some of them a fraction as well.
_SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?")


def api_error(response: httpx.Response, mask: Callable[[str], str] = str) -> APIError:
    """Return the error of a response with an error status.

    Parameters
    ----------
    response : httpx.Response
        The response, with its body.
    mask : callable
        Masks secrets in a text of the response, before it is cut short.
    """
    status = response.status_code
    body = _error_body(response)
    code, message = (
        _text(body, "error_code"),
        _shorten(_text(body, "error_message") or "", _MAX_MESSAGE, mask),
    )
    kind = _KINDS_BY_CODE.get(code or "") or _KINDS.get(status) or _by_range(status)
    parts = [f"HTTP {status}", code, message or (None if body else _excerpt(response, mask))]
    error = kind(
        "The API answered " + ": ".join(part for part in parts if part),
        status=status,
        error_type=_text(body, "error_type"),
        error_code=code,
    )
    if isinstance(error, RateLimitExceeded | PlatformRateLimitExceeded | ServerError) or status in {408, 425}:
        # By the clock of the server, where it sends a date: ours may be hours off.
        now = http_date(response.headers.get("Date")) or datetime.now(UTC)
        error.retry_after = retry_after(response.headers.get("Retry-After"), now=now)
    error.hint = _hint(error)
    return error


# Exceptions of requests that never reached the API.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def transport_error(base_url: str, error: Exception) -> TransportError:
    """Return the error of a request without a response, from the exception of httpx."""
    if (untrusted := _untrusted(error)) is not None:
        file = os.environ.get("SSL_CERT_FILE")
        now = f" (it is {file!r} now)" if file else ""
        return TransportError(
            f"No response from {base_url}: certificate verify failed ({untrusted.verify_message})",
            hint=(
                "nothing was sent. If your network opens secure connections, set SSL_CERT_FILE to a file "
                f"with the certificate of its authority, in PEM format{now}."
            ),
            sent=False,
            transient=False,
        )
    kind = "timed out" if isinstance(error, httpx.TimeoutException) else type(error).__name__
    reason = f"{kind} ({error})" if str(error) else kind
    unsent = isinstance(error, (*_NOT_SENT, httpx.UnsupportedProtocol, httpx.InvalidURL))
    return TransportError(
        f"No response from {base_url}: {reason}",
        hint="check the network and the environment's address; then load again.",
        sent=not unsent,
    )


def _untrusted(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return OpenSSL's error of the certificate, from the chain of httpx's and httpcore's exceptions."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def may_have_happened(error: RutterframeError) -> bool:
    """Return whether a write may have happened although it ended with this error.

    A refusal (4xx) is an outcome: nothing was written. After a 5xx, and when the response was lost or cannot
    be read, the outcome is unknown. So it is after 303, after 408, with which a proxy gives up waiting, and
    after 200 with null in place of the record.
    """
    if isinstance(error, ConfigurationError):
        return False  # the server has no such path in this dialect
    if isinstance(error, APIError):
        return error.status >= 500 or error.status in {303, 408} or error.status < 300
    return error.sent if isinstance(error, TransportError) else True


def authentication_hint(connection_id: str | None) -> str:
    """Return what to check after a 401."""
    if connection_id is None:
        return "check RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET, and that they belong to this environment."
    return (
        f"check the access token of connection {connection_id!r}, then RUTTER_CLIENT_ID and "
        "RUTTER_CLIENT_SECRET, and that all belong to this environment."
    )


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, from seconds or an HTTP date; None if it has neither."""
    if header is None:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return float(header)
    moment = http_date(header)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def wait_in_words(seconds: float) -> str:
    """Write the wait that a server asks for, rounded up: one above a limit must not look like the limit.

    Examples
    --------
    >>> wait_in_words(3600.0), wait_in_words(120.5), wait_in_words(float("inf"))
    ('3,600 seconds', '121 seconds', 'more than 1,000,000,000 seconds')
    """
    return (
        f"more than {_MAX_SECONDS:,} seconds" if seconds > _MAX_SECONDS else f"{math.ceil(seconds):,} seconds"
    )


def http_date(header: str | None) -> datetime | None:
    """Read an HTTP date, in UTC; None if the header is missing or not a valid date."""
    try:
        moment = parsedate_to_datetime(header or "")
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _by_range(status: int) -> type[APIError]:
    """Return the class of a status that has none of its own."""
    if 450 <= status < 460:
        return PlatformError
    return ServerError if 500 <= status < 600 else APIError


def _hint(error: APIError) -> str:
    by_code = _BY_CODE.get(error.error_code or "")
    return by_code or next((hint for kind, hint in _BY_KIND if isinstance(error, kind)), "")


def _error_body(response: httpx.Response) -> dict[str, Any]:
    """Read the error's body; empty if it is not a JSON object, such as the HTML of a proxy."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(body: dict[str, Any], key: str) -> str | None:
    value = body.get(key)
    # Half of a surrogate pair could not be printed
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _shorten(text: str, length: int, mask: Callable[[str], str]) -> str:
    """Return the beginning of a text without secrets: masked first, since a part of one is secret too."""
    masked = mask(text[:_MAX_SEARCHED])
    return masked if len(masked) <= length else masked[:length] + "…"


def _excerpt(response: httpx.Response, mask: Callable[[str], str]) -> str:
    text = " ".join(response.content.decode("utf-8", "replace").split())
    return _shorten(text, _MAX_EXCERPT, mask)
