"""Checks of credentials, API version, query parameters and access token."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hmac import compare_digest

from starlette.datastructures import QueryParams

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Service

VERSIONS = ("2024-08-31",)


def check_credentials(service: Service, authorization: str | None) -> None:
    """Check the client id and the client secret.

    Raises
    ------
    ApiError
        401, if they are missing or wrong.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    try:
        credentials = b64decode(encoded.strip(), validate=True)
    except (Base64Error, ValueError):
        credentials = b""
    expected = f"{service.client_id}:{service.client_secret}".encode()
    if scheme.lower() == "basic" and compare_digest(credentials, expected):
        return
    error = ApiError(
        401, "INVALID_CREDENTIALS", "Basic authentication with client_id and client_secret is required."
    )
    error.headers["WWW-Authenticate"] = 'Basic realm="rutter"'
    raise error


def check_version(version: str | None, *, required: bool) -> None:
    """Check the version of the API.

    Raises
    ------
    ApiError
        400, if it is unknown, or missing where it is required.
    """
    if version is None and not required:
        return
    if version not in VERSIONS:
        problem = "is missing" if version is None else "is not known"
        raise ApiError(
            400, "INVALID_VERSION", f"X-Rutter-Version: {problem}; known are {', '.join(VERSIONS)}"
        )


def check_query(query: QueryParams, known: tuple[str, ...]) -> Mapping[str, str]:
    """Return the query parameters of an operation.

    Raises
    ------
    ApiError
        400, if one is unknown or comes twice.
    """
    values: dict[str, str] = {}
    for name, value in query.multi_items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise ApiError(
                400, "UNKNOWN_PARAMETER", f"{name}: not a parameter of this operation; known are: {names}"
            )
        if name in values:
            raise ApiError(400, "INVALID_PARAMETER", f"{name}: given more than once")
        values[name] = value
    return values


def connection_of(service: Service, query: Mapping[str, str]) -> str:
    """Return the id of the connection of an access token, of whatever status.

    Raises
    ------
    ApiError
        400 or 401, if the token is missing or unknown.
    """
    access_token = query.get("access_token")
    if not access_token:
        raise ApiError(400, "MISSING_ACCESS_TOKEN", "access_token: is missing from the query")
    connection = service.connections.get(access_token)
    if connection is None:
        raise ApiError(401, "INVALID_ACCESS_TOKEN", "access_token: stands for no connection of this client")
    return connection


def find_connection(service: Service, query: Mapping[str, str]) -> str:
    """Return the id of the connection of an access token, which must serve data.

    Raises
    ------
    ApiError
        400 or 401, if the token is missing or unknown; 403, if the connection is broken or disabled.
    """
    connection = connection_of(service, query)
    status = service.books.connections[connection].status
    if status == "error":
        raise needs_update(connection)
    if status == "inactive":
        raise disabled(connection)
    return connection


def needs_update(connection: str) -> ApiError:
    """Return the error of a connection that lost its authorisation."""
    return ApiError(
        403,
        "NEEDS_UPDATE",
        f"The connection {connection} lost its authorisation: its owner must connect the platform again.",
    )


def disabled(connection: str) -> ApiError:
    """Return the error of a connection that was disabled."""
    return ApiError(
        403, "CONNECTION_DISABLED", f"The connection {connection} was disabled: its account was closed."
    )
