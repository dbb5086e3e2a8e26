"""The exceptions of this package, as one tree.

::

    RutterframeError
    ├── ConfigurationError                a setting is missing or not valid; nothing was sent
    │   ├── MissingCredentials                no client id or secret (or only one of the two)
    │   ├── MissingToken                      no access token for a connection
    │   └── WrongDialect                      the server speaks the other dialect
    ├── ExtensionError                    a report, check, dialect or field of another package cannot be used
    ├── InvalidFilter                     the dialect has no such filter, or its value is not valid
    ├── InvalidDraft                      a record to be written is not valid; nothing was sent
    ├── TransportError                    no response: connection refused, dropped or timed out
    ├── APIError                          a response with an error status
    │   ├── BadRequest                        400, 405, 409, 413, 422
    │   ├── AuthenticationError               401
    │   ├── PermissionDenied                  403
    │   │   └── NeedsReauthentication             the business has to sign in again, with any status
    │   ├── ProductNotReady                   the first synchronisation is not finished, with any status
    │   ├── NotFound                          404, 410
    │   ├── RateLimitExceeded                 429
    │   ├── PlatformError                     450 to 459: the platform behind the connection
    │   │   └── PlatformRateLimitExceeded         452
    │   └── ServerError                       5xx
    ├── InvalidResponse                   a response that differs from the contract
    │   ├── InvalidRows                       rows that cannot be read without guessing
    │   ├── ResponseTooLarge                  a body above the limit
    │   ├── PaginationError                   a cursor that was served before
    │   └── ConnectionMismatch                the token belongs to another connection
    ├── OutcomeUnknown                    a write without a response
    ├── InvalidSignature                  a webhook that was not signed by the API
    └── LoadError                         several loads ran, some failed
    KeyboardInterrupt
    ├── LoadInterrupted                   Ctrl-C during a load
    └── WriteInterrupted                  Ctrl-C during create_many

Every error has a message (what happened), a context (connection, resource, pages, rows) and a hint (what to
do).
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, ClassVar, Self

import pandas as pd

from rutterframe.error_context import ErrorContext as ErrorContext  # noqa: PLC0414 - the same
from rutterframe.error_context import Refusal as Refusal  # noqa: PLC0414 - imported from here
from rutterframe.notebook.escape import printable_lines
from rutterframe.notebook.tracebacks import ShortTraceback


class RutterframeError(Exception, ShortTraceback):
    """The base class of all exceptions that this package raises on purpose.

    Attributes
    ----------
    message, hint : str
        What happened, with the value that was found; what to do next.
    context : ErrorContext
        Connection, resource, progress and request id, as far as known.
    partial : object or None
        The result so far, if a load or ``create_many`` was cut short: pass the error to `resume`. In a pickle
        or copy it is None for a load, which holds credentials, and the frame of ``create_many``.
    """

    #: The hint of an error without one of its own.
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "", context: ErrorContext | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.context = context or ErrorContext()
        self.partial: Any = None

    def reword(self, message: str) -> Self:
        """Replace the message, also in ``args``, and return the error.

        Parameters
        ----------
        message : str
            What happened.

        Returns
        -------
        RutterframeError
            The error itself.

        Examples
        --------
        >>> error = RutterframeError("no answer").reword("no answer in 30 seconds")
        >>> error.args
        ('no answer in 30 seconds',)
        """
        self.message = message
        self.args = (message,)
        return self

    def with_context(self, context: ErrorContext) -> Self:
        """Fill in the parts of the context that are not known yet, and return the error.

        Parameters
        ----------
        context : ErrorContext
            Connection, resource, progress and request id, as far as known.

        Returns
        -------
        RutterframeError
            The error itself.

        Examples
        --------
        >>> print(RutterframeError("no answer").with_context(ErrorContext(connection_id="gear-xero")))
        no answer
        Where: connection 'gear-xero'.
        """
        parts = {field.name: getattr(context, field.name) for field in fields(context)}
        missing = {name: value for name, value in parts.items() if getattr(self.context, name) is None}
        self.context = replace(self.context, **missing)
        return self

    def __str__(self) -> str:
        """Return message, context and hint, each on a line of its own, as text that a terminal can show."""
        context = str(self.context)
        parts = (self.message, context and f"Where: {context}.", self.hint and f"Next: {self.hint}")
        return printable_lines("\n".join(part for part in parts if part))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by parts, so that worker processes can send errors back; of a load without its rows."""
        return _parts(self)


def _parts(error: RutterframeError | LoadInterrupted | WriteInterrupted) -> tuple[Any, ...]:
    """Return what an error is pickled as: a load, which holds credentials, is left out; a frame is not."""
    partial = error.partial if isinstance(error.partial, pd.DataFrame) else None
    return _rebuild, (type(error), error.args, {**vars(error), "partial": partial})


def _rebuild(kind: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]) -> BaseException:
    """Unpickle an error without its constructor's arguments."""
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error


class ConfigurationError(RutterframeError):
    """A setting is missing or not valid; nothing was sent."""


class MissingCredentials(ConfigurationError):
    """The client id or the client secret is not set."""


class MissingToken(ConfigurationError):
    """There is no access token for a connection."""


class WrongDialect(ConfigurationError):
    """The server speaks the other dialect: what it sends would be read wrongly, so it is not read."""

    default_hint = "set RUTTER_DIALECT, or pass dialect= to rf.Client()."


class ExtensionError(RutterframeError):
    """A report, a data check, a dialect or a field of another package cannot be used."""


class InvalidFilter(RutterframeError, ValueError):
    """The dialect has no such filter on this resource, or its value is not valid."""


class InvalidDraft(RutterframeError, ValueError):
    """A record to be written is not valid; nothing was sent.

    Attributes
    ----------
    refused : tuple of Refusal
        Each field that cannot be sent, with the reason.
    """

    def __init__(self, message: str, *, refused: tuple[Refusal, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.refused = refused


class TransportError(RutterframeError):
    """There was no response: the connection was refused, dropped or timed out.

    Attributes
    ----------
    sent : bool
        Whether the request may have reached the API; False if there was not even a connection.
    transient : bool
        Whether a retry may help; it does not if the server's certificate is not trusted.
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
    """The credentials or the access token are not valid (401)."""


class PermissionDenied(APIError):
    """The connection or the account may not do this (403)."""


class ProductNotReady(APIError):
    """The first synchronisation of a connection is not finished (error_code PRODUCT_NOT_READY)."""


class NeedsReauthentication(PermissionDenied):
    """The business has to sign in to its platform again (error_code NEEDS_UPDATE or NEEDS_REAUTH)."""


class NotFound(APIError):
    """There is no such record, or the platform does not have this resource (404, 410)."""


class RateLimitExceeded(APIError):
    """Too many requests (429), still after the waits that the API asked for."""


class PlatformError(APIError):
    """The platform behind the connection refused the request (450 to 459)."""


class PlatformRateLimitExceeded(PlatformError):
    """The platform behind the connection limits its requests (452)."""


class ServerError(APIError):
    """The API failed (5xx), still after retries."""


class InvalidResponse(RutterframeError):
    """The response differs from the contract: it is not JSON, or has no list of records.

    Attributes
    ----------
    transient : bool
        Whether a retry may help: a body that is not JSON is a broken connection or a proxy's page, while
        well-formed JSON of the wrong form will not change.
    """

    default_hint = "load again later; if it stays, quote connection, resource and page to the API's support."

    def __init__(
        self, message: str, *, hint: str = "", context: ErrorContext | None = None, transient: bool = True
    ) -> None:
        super().__init__(message, hint=hint, context=context)
        self.transient = transient


class ResponseTooLarge(InvalidResponse):
    """The response is larger than the limit; it was not read to its end."""


class PaginationError(InvalidResponse):
    """A cursor was served that was followed before: the same pages would be loaded for ever."""


class ConnectionMismatch(InvalidResponse):
    """The access token belongs to another connection than the requested one."""


class InvalidRows(InvalidResponse):
    """Rows that cannot be read without guessing.

    Attributes
    ----------
    refused : tuple of Refusal
        The reasons for the refused rows of the page: the first hundred. The message counts all.
    """

    def __init__(self, message: str, *, refused: tuple[Refusal, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.refused = refused


class OutcomeUnknown(RutterframeError):
    """A write was sent, but its response was lost: it may or may not have happened.

    Attributes
    ----------
    idempotency_key : str or None
        The key of the request: with it the same write can be repeated, and happens once at most.
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
    """A webhook's body was not signed with this client secret, or was changed after that."""


class LoadError(RutterframeError):
    """Several loads ran, and some failed; the others finished.

    Attributes
    ----------
    errors : tuple of RutterframeError
        One error for each connection and resource that failed.
    """

    def __init__(self, message: str, *, errors: tuple[RutterframeError, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.errors = errors


class LoadInterrupted(KeyboardInterrupt, ShortTraceback):
    """Ctrl-C during a load; not an Exception, so that ``except Exception`` does not swallow it.

    Attributes
    ----------
    partial : object
        The result so far: pass the exception to `resume` to continue from there. None in a pickle or copy.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the result so far, which holds the credentials."""
        return _parts(self)


class WriteInterrupted(KeyboardInterrupt, ShortTraceback):
    """Ctrl-C during ``create_many``; not an Exception, like `LoadInterrupted`.

    Attributes
    ----------
    partial : pandas.DataFrame
        The result of each record: pass it, or the exception, to ``create_many(..., resume=)``.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by parts, with the result of each record."""
        return _parts(self)
