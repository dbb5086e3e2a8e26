"""What can go wrong, as one tree.

::

    RutterframeError
    ├── ConfigurationError        nothing was sent: something must be set first
    │   ├── MissingCredentials        no client id or secret (or only one of the two)
    │   └── MissingToken              no access token for a connection
    ├── InvalidFilter             the contract has no such filter, or not that value
    ├── TransportError            no answer: connection refused, dropped or timed out
    ├── APIError                  an answer with an error status
    │   ├── BadRequest                400, 405, 409, 413, 422
    │   ├── AuthenticationError       401
    │   ├── PermissionDenied          403
    │   ├── NotFound                  404, 410
    │   ├── RateLimited               429
    │   ├── PlatformError             450 to 459: the platform behind the connection
    │   │   └── PlatformRateLimited       452
    │   └── ServerError               5xx
    ├── InvalidResponse           an answer that is not what the contract promises
    │   ├── InvalidRows               rows that cannot be read without guessing
    │   ├── PaginationError           a cursor that was served before
    │   └── ConnectionMismatch        the token belongs to another connection
    ├── OutcomeUnknown            a write whose answer was lost
    └── LoadError                 several loads ran, some failed
    KeyboardInterrupt
    └── LoadInterrupted           Ctrl-C in the middle of a load

Every error says what happened, where (connection, resource, pages, rows), and what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from rutterframe.tracebacks import ShortTraceback


@dataclass(frozen=True, slots=True)
class Where:
    """Where something happened; unknown parts are None.

    Attributes
    ----------
    connection_id, resource : str or None
        What was being read.
    pages, rows : int or None
        How much had been read until then.
    request_id : str or None
        The API's id of the failed request, for its support.
    """

    connection_id: str | None = None
    resource: str | None = None
    pages: int | None = None
    rows: int | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        """Say it in words, leaving out what is not known."""
        parts = []
        if self.connection_id is not None:
            parts.append(f"connection {self.connection_id!r}")
        if self.resource is not None:
            parts.append(f"resource {self.resource!r}")
        if self.pages is not None:
            parts.append(f"after {_counted(self.pages, 'page')} and {_counted(self.rows or 0, 'row')}")
        if self.request_id is not None:
            parts.append(f"request id {self.request_id}")
        return ", ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class RutterframeError(Exception, ShortTraceback):
    """The root of everything that this package raises on purpose.

    Attributes
    ----------
    message, hint : str
        What was wrong and what was there instead; what to do next.
    where : Where
        Connection, resource, progress and request id, as far as known.
    partial : object or None
        What had been loaded, where a load was cut short: give the error to `resume`.
    """

    #: What to do next where nothing more particular is known.
    usual_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "", where: Where | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.usual_hint
        self.where = where or Where()
        self.partial: Any = None

    def reword(self, message: str) -> Self:
        """Say what happened in other words; nothing of the old ones stays behind."""
        self.message = message
        self.args = (message,)
        return self

    def at(self, **known: Any) -> Self:
        """Fill in where it happened; what is known already stays."""
        missing = {name: value for name, value in known.items() if getattr(self.where, name) is None}
        self.where = replace(self.where, **missing)
        return self

    def __str__(self) -> str:
        """Compose what, where and what next."""
        where = str(self.where)
        return "\n".join(
            part
            for part in (self.message, where and f"Where: {where}.", self.hint and f"Next: {self.hint}")
            if part
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by parts: worker processes send errors back; what was loaded stays behind."""
        state = {name: value for name, value in vars(self).items() if name != "partial"}
        return _rebuild, (type(self), self.args, {**state, "partial": None})


def _rebuild(kind: type[RutterframeError], args: tuple[Any, ...], state: dict[str, Any]) -> RutterframeError:
    """Make an error again without its constructor's arguments."""
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error


class ConfigurationError(RutterframeError):
    """Something must be set before anything can be sent."""


class MissingCredentials(ConfigurationError):
    """The client id or the client secret is not set."""


class MissingToken(ConfigurationError):
    """No access token is known for a connection."""


class InvalidFilter(RutterframeError, ValueError):
    """The contract has no such filter on this resource, or the filter does not take that value."""


class TransportError(RutterframeError):
    """No answer came: the connection was refused, dropped or timed out."""


class APIError(RutterframeError):
    """The API answered with an error status.

    Attributes
    ----------
    status : int
        The HTTP status.
    error_type, error_code : str or None
        The API's own classification, safe to branch on.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        error_type: str | None = None,
        error_code: str | None = None,
        hint: str = "",
        where: Where | None = None,
    ) -> None:
        super().__init__(message, hint=hint, where=where)
        self.status = status
        self.error_type = error_type
        self.error_code = error_code
        self.retry_after: float | None = None


class BadRequest(APIError):
    """The request was malformed (400, 405, 409, 413, 422)."""


class AuthenticationError(APIError):
    """The credentials or the access token were refused (401)."""


class PermissionDenied(APIError):
    """The connection or the account may not do this (403)."""


class NotFound(APIError):
    """There is no such record, or the platform does not have this resource (404, 410)."""


class RateLimited(APIError):
    """Too many requests (429), still after waiting as told."""


class PlatformError(APIError):
    """The platform behind the connection refused (450 to 459)."""


class PlatformRateLimited(PlatformError):
    """The platform behind the connection limits its requests (452)."""


class ServerError(APIError):
    """The API failed (5xx), still after retries."""


class InvalidResponse(RutterframeError):
    """The answer is not what the contract promises: no JSON, or no list of records."""

    usual_hint = "load again later; if it stays, quote connection, resource and page to the API's support."


class PaginationError(InvalidResponse):
    """A cursor came back that was followed before: going on would load the same pages for ever."""


class ConnectionMismatch(InvalidResponse):
    """The access token opened another connection than the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be read without guessing.

    Attributes
    ----------
    record_id : str or None
        The row's id, where it has a readable one.
    field : str
        The field, such as ``line_items[0].quantity``; empty for the row itself.
    value, reason : str
        What was sent, shortened, and why it cannot be read.
    """

    record_id: str | None
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line."""
        name = "a record without id" if self.record_id is None else f"record {self.record_id!r}"
        return f"{name}, {self.field or 'the row itself'}: {self.reason}, got {self.value}"


class InvalidRows(InvalidResponse):
    """Rows that cannot be read without guessing.

    Attributes
    ----------
    refused : tuple of Refusal
        Every refused row of the page.
    """

    def __init__(self, message: str, *, refused: tuple[Refusal, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.refused = refused


class OutcomeUnknown(RutterframeError):
    """A write was sent and its answer was lost: it may or may not have happened."""


class LoadError(RutterframeError):
    """Several loads ran, and some failed; the others finished.

    Attributes
    ----------
    errors : tuple of RutterframeError
        What failed, one error for each connection and resource.
    """

    def __init__(self, message: str, *, errors: tuple[RutterframeError, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.errors = errors


class LoadInterrupted(KeyboardInterrupt, ShortTraceback):
    """Ctrl-C in the middle of a load.

    It is a KeyboardInterrupt, so that ``except Exception`` does not swallow it.

    Attributes
    ----------
    partial : object
        What had been loaded: give the exception to `resume` to go on from there.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial
