"""What can go wrong, as one tree.

::

    RutterframeError
    ├── ConfigurationError        nothing was sent: something must be set first
    │   ├── MissingCredentials        no client id or secret (or only one of the two)
    │   └── MissingToken              no access token for a connection
    ├── InvalidFilter             the contract has no such filter, or not that value
    ├── InvalidDraft              nothing was sent: what is to be written has a mistake
    ├── TransportError            no answer: connection refused, dropped or timed out
    ├── APIError                  an answer with an error status
    │   ├── BadRequest                400, 405, 409, 413, 422
    │   ├── AuthenticationError       401
    │   ├── PermissionDenied          403
    │   ├── NotFound                  404, 410
    │   ├── RateLimitExceeded               429
    │   ├── PlatformError             450 to 459: the platform behind the connection
    │   │   └── PlatformRateLimitExceeded       452
    │   └── ServerError               5xx
    ├── InvalidResponse           an answer that is not what the contract promises
    │   ├── InvalidRows               rows that cannot be read without guessing
    │   ├── ResponseTooLarge          a body without end
    │   ├── PaginationError           a cursor that was served before
    │   └── ConnectionMismatch        the token belongs to another connection
    ├── OutcomeUnknown            a write whose answer was lost
    ├── InvalidSignature          a webhook's body that the API did not sign
    └── LoadError                 several loads ran, some failed
    KeyboardInterrupt
    ├── LoadInterrupted           Ctrl-C in the middle of a load
    └── WriteInterrupted          Ctrl-C in the middle of create_many

Every error says what happened, where (connection, resource, pages, rows), and what to do next.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, ClassVar, Self

from rutterframe.error_context import ErrorContext as ErrorContext  # noqa: PLC0414 - the same
from rutterframe.error_context import Refusal as Refusal  # noqa: PLC0414 - imported from here
from rutterframe.notebook.tracebacks import ShortTraceback


class RutterframeError(Exception, ShortTraceback):
    """The root of everything that this package raises on purpose.

    Attributes
    ----------
    message, hint : str
        What was wrong and what was there instead; what to do next.
    context : ErrorContext
        Connection, resource, progress and request id, as far as known.
    partial : object or None
        What had been done, where a load or `create_many` was cut short: give the error to `resume`.
    """

    #: What to do next where nothing more particular is known.
    usual_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "", context: ErrorContext | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.usual_hint
        self.context = context or ErrorContext()
        self.partial: Any = None

    def reword(self, message: str) -> Self:
        """Say what happened in other words; nothing of the old ones stays behind."""
        self.message = message
        self.args = (message,)
        return self

    def with_context(self, context: ErrorContext) -> Self:
        """Fill in the parts of the context that are not known yet, and return the error."""
        parts = {field.name: getattr(context, field.name) for field in fields(context)}
        missing = {name: value for name, value in parts.items() if getattr(self.context, name) is None}
        self.context = replace(self.context, **missing)
        return self

    def __str__(self) -> str:
        """Compose what, where and what next."""
        context = str(self.context)
        return "\n".join(
            part
            for part in (self.message, context and f"Where: {context}.", self.hint and f"Next: {self.hint}")
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


class InvalidDraft(RutterframeError, ValueError):
    """What is to be written has a mistake, and nothing was sent.

    Attributes
    ----------
    refused : tuple of Refusal
        Each field that cannot be sent, with the reason.
    """

    def __init__(self, message: str, *, refused: tuple[Refusal, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.refused = refused


class TransportError(RutterframeError):
    """No answer came: the connection was refused, dropped or timed out.

    Attributes
    ----------
    sent : bool
        Whether the request may have reached the API; False where not even a connection was made.
    transient : bool
        Whether another try may help; it does not where the server's certificate is not trusted.
    """

    def __init__(self, message: str, *, hint: str = "", sent: bool = True, transient: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent
        self.transient = transient


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
        context: ErrorContext | None = None,
    ) -> None:
        super().__init__(message, hint=hint, context=context)
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


class RateLimitExceeded(APIError):
    """Too many requests (429), still after waiting as told."""


class PlatformError(APIError):
    """The platform behind the connection refused (450 to 459)."""


class PlatformRateLimitExceeded(PlatformError):
    """The platform behind the connection limits its requests (452)."""


class ServerError(APIError):
    """The API failed (5xx), still after retries."""


class InvalidResponse(RutterframeError):
    """The answer is not what the contract promises: no JSON, or no list of records.

    Attributes
    ----------
    transient : bool
        Whether the next answer may be another one: a body that is no JSON is a broken connection or a proxy's
        page, while well-formed JSON of the wrong shape stays as it is.
    """

    usual_hint = "load again later; if it stays, quote connection, resource and page to the API's support."

    def __init__(
        self, message: str, *, hint: str = "", context: ErrorContext | None = None, transient: bool = True
    ) -> None:
        super().__init__(message, hint=hint, context=context)
        self.transient = transient


class ResponseTooLarge(InvalidResponse):
    """The answer has more bytes than any answer needs; it was not read to its end."""


class PaginationError(InvalidResponse):
    """A cursor came back that was followed before: going on would load the same pages for ever."""


class ConnectionMismatch(InvalidResponse):
    """The access token opened another connection than the one that was asked for."""


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
    """A write was sent and its answer was lost: it may or may not have happened.

    Attributes
    ----------
    idempotency_key : str or None
        The key that was sent along: with it the same write can be repeated, and happens once at most.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        context: ErrorContext | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, context=context)
        self.idempotency_key = idempotency_key


class InvalidSignature(RutterframeError):
    """A webhook's body was not signed with this client secret, or was changed on its way."""


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
    """Ctrl-C in the middle of a load; no Exception, so that ``except Exception`` does not swallow it.

    Attributes
    ----------
    partial : object
        What had been loaded: give the exception to `resume` to go on from there.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


class WriteInterrupted(KeyboardInterrupt, ShortTraceback):
    """Ctrl-C in the middle of `create_many`; no Exception, like `LoadInterrupted`.

    Attributes
    ----------
    partial : pandas.DataFrame
        What became of each record: give it, or the exception, to ``create_many(..., resume=)``.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial
