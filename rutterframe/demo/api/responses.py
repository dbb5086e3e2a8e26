"""JSON responses, error responses, and the broken responses of faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rutterframe.demo.faults import Fault


class ApiError(Exception):
    """An error response of the API.

    Parameters
    ----------
    status : int
        The HTTP status.
    code : str
        The error_code, safe to branch on.
    message : str
        The error_message, for people.

    Attributes
    ----------
    headers : dict of str to str
        Further headers of the response.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers: dict[str, str] = {}

    @property
    def type(self) -> str:
        """The error_type: the broad class of the error."""
        if self.code in _CONNECTION_CODES:
            return "CONNECTION_ERROR"
        if self.status in {429, 452}:
            return "RATE_LIMIT_ERROR"
        return "API_ERROR" if self.status >= 500 else "INVALID_REQUEST_ERROR"

    @property
    def body(self) -> dict[str, str]:
        """The body of the response."""
        return {"error_type": self.type, "error_code": self.code, "error_message": self.message}


_CONNECTION_CODES = frozenset(
    {
        "INVALID_CREDENTIALS",
        "INVALID_ACCESS_TOKEN",
        "NEEDS_UPDATE",
        "CONNECTION_DISABLED",
        "PRODUCT_NOT_READY",
    }
)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_HTML = b"<!doctype html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1></body></html>"
_ERRORS = {
    "429": (429, "RATE_LIMIT_EXCEEDED", "More than 500 requests in 10 seconds."),
    "452": (452, "PLATFORM_RATE_LIMIT_EXCEEDED", "The platform behind this connection limits its requests."),
    "500": (500, "INTERNAL_SERVER_ERROR", "Something went wrong on our side."),
    "503": (503, "SERVICE_UNAVAILABLE", "Down for maintenance."),
    "not_ready": (400, "PRODUCT_NOT_READY", "The initial synchronisation of this connection is not over."),
    "expired_cursor": (400, "CURSOR_EXPIRED", "cursor: has expired; begin again from the first page"),
}


class _DroppedResponse(Response):
    """A response that ends, with its connection, before its body is complete."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        # The server closes the connection of an application that returns without having finished.
        await send({"type": "http.response.body", "body": half, "more_body": True})


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response with a JSON body, or 204 without a body."""
    if body is None:
        return Response(status_code=204)
    return Response(_encode(body).encode(), status, headers, "application/json")


def error_response(error: ApiError) -> Response:
    """Return the response of an error."""
    return json_response(error.body, error.status, error.headers)


def raise_error_of(fault: Fault, *, is_first_page: bool) -> None:
    """Raise the error that a fault stands for, if it is an error.

    Raises
    ------
    ApiError
        The error; a first page, which needs no cursor, cannot have an expired one.
    """
    if fault.kind not in _ERRORS or (fault.kind == "expired_cursor" and is_first_page):
        return
    error = ApiError(*_ERRORS[fault.kind])
    if fault.kind == "429" and fault.seconds >= 0:
        whole = fault.seconds == int(fault.seconds)
        error.headers["Retry-After"] = str(int(fault.seconds) if whole else fault.seconds)
    raise error


def broken_response(response: Response, fault: Fault) -> Response:
    """Return the response that a fault sends in place of a complete one."""
    body = bytes(response.body)
    if fault.kind == "html":
        return Response(_HTML, 200, media_type="text/html")
    if fault.kind == "truncate":
        return Response(body[: len(body) // 2], response.status_code, media_type="application/json")
    if fault.kind == "drop":
        return _DroppedResponse(body, response.status_code, media_type="application/json")
    return response
