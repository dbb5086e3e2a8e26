"""The ASGI application: routes, the order of the checks, request ids and the request log."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rutterframe.demo.api.authentication import (
    check_credentials,
    check_query,
    check_version,
    find_connection,
)
from rutterframe.demo.api.operations import OPERATIONS, Operation
from rutterframe.demo.api.responses import (
    ApiError,
    broken_response,
    error_response,
    json_response,
    raise_error_of,
)
from rutterframe.demo.api.service import Call, LoggedRequest, Service
from rutterframe.demo.faults import REPLACING, RequestTarget


def create_app(
    service: Service, operations: Iterable[Operation] = OPERATIONS, *, prefix: str = ""
) -> ASGIApp:
    """Return the ASGI application that serves the books of a service.

    Parameters
    ----------
    service : Service
        The state of the API.
    operations : iterable of Operation
        What the API can do; more specific paths come first.
    prefix : str
        The beginning of every path.
    """
    paths: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in operations:
        paths[prefix + operation.path][operation.method] = operation
    routes = [_route(service, path, operations) for path, operations in paths.items()]
    app = Starlette(
        routes=routes, exception_handlers=dict.fromkeys((ApiError, HTTPException, Exception), _answer_error)
    )
    app.router.redirect_slashes = False
    return _RequestLog(app, service, prefix)


class _RequestLog:
    """Add a request id to every response, and log the request."""

    def __init__(self, app: ASGIApp, service: Service, prefix: str) -> None:
        self._app = app
        self._service = service
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._service

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-rutter-request-id", service.request_id().encode()),
                ]
                connection, page = scope.get("demo.connection"), scope.get("demo.page")
                path = scope["path"].removeprefix(self._prefix)
                entry = LoggedRequest(scope["method"], path, connection, page, message["status"])
                service.requests.append(entry)
            await send(message)

        await self._app(scope, receive, send_with_id)


def _route(service: Service, path: str, operations: dict[str, Operation]) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _answer(service, operations[request.method], request)

    route = Route(path, endpoint, methods=list(operations))
    # Starlette adds HEAD to GET; the contract does not have it.
    route.methods = set(operations)
    return route


async def _answer(service: Service, operation: Operation, request: Request) -> Response:
    call = await _check(service, operation, request)
    paged = None if operation.endpoint else operation.pages(call)
    if paged:
        request.scope["demo.page"] = paged.cursor.page
    page = paged.cursor.page if paged else 1
    faults = service.plan.trigger(RequestTarget(call.resource, call.connection, page, operation.kind))
    for fault in faults:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        raise_error_of(fault, is_first_page=not paged or paged.is_first)
    body: Any = paged.page(faults).body(call) if paged else None
    if operation.endpoint:
        body = operation.endpoint(call)
        if faults and faults[-1].kind == "async_response":
            body = service.defer(call, body)
    response = json_response(body, headers=service.headers_of(call))
    return broken_response(response, faults[-1]) if faults and faults[-1].kind in REPLACING else response


async def _check(service: Service, operation: Operation, request: Request) -> Call:
    """Return the call, once credentials, version, parameters and token are valid."""
    headers = request.headers
    check_credentials(service, headers.get("authorization"))
    check_version(headers.get("x-rutter-version"), required=operation.versioned)
    query = check_query(request.query_params, operation.query)
    connection = ""
    if "access_token" in operation.query:
        connection = (operation.opens or find_connection)(service, query)
        request.scope["demo.connection"] = connection
    body = b"" if request.method == "GET" else await request.body()
    return Call(
        service,
        operation.resource,
        connection,
        request.path_params,
        query,
        headers.get("idempotency-key"),
        body,
        request.method,
        request.url.path,
    )


async def _answer_error(_: Request, error: Exception) -> Response:
    if isinstance(error, ApiError):
        return error_response(error)
    if isinstance(error, HTTPException) and error.status_code == 404:
        return error_response(ApiError(404, "UNKNOWN_PATH", "The API has no such path."))
    if isinstance(error, HTTPException):
        wrong_method = ApiError(405, "METHOD_NOT_ALLOWED", "The path does not know this method.")
        wrong_method.headers.update(error.headers or {})
        return error_response(wrong_method)
    return error_response(ApiError(500, "INTERNAL_SERVER_ERROR", f"A mistake in the demo server: {error!r}"))
