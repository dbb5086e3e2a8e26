"""A dialect of the API: base URLs, routes, parameters and keys, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that narrows or widens a list.

    Attributes
    ----------
    name : str
        The name of the parameter, the same in Python and in the query.
    values : tuple of str or None
        The valid values of an enumeration; None for a point in time.
    """

    name: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The route of one resource.

    Attributes
    ----------
    path : str
        The path of the list, below the base URL.
    list_key : str
        The key of the list in the response.
    filters : tuple of Filter
        The filters of the list.
    repeatable : bool
        Whether a create (POST to the path) takes an Idempotency-Key.
    """

    path: str
    list_key: str
    filters: tuple[Filter, ...] = ()
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """The addresses, routes, parameters and keys of the API on one kind of server.

    Attributes
    ----------
    name : str
        The name of the dialect.
    base_urls : mapping of str to str
        The base URL of each named environment.
    version : str
        The API version that is requested by default.
    resources : mapping of str to Route
        The route of each resource, by the name of its model.
    version_header, request_id_header, idempotency_header : str
        The names of headers.
    token_parameter, cursor_parameter, cursor_key : str
        The parameters of the access token and of the cursor, and the cursor's key in a response.
    fulfillments : str
        The last part of the path that fulfils an order.
    webhooks : Route
        The route of the webhooks, which are listed without pages.
    token_exchange : str
        The path that exchanges a public token for an access token.
    """

    name: str
    base_urls: Mapping[str, str]
    version: str
    resources: Mapping[str, Route]
    version_header: str = "X-Rutter-Version"
    request_id_header: str = "X-Rutter-Request-ID"
    token_parameter: str = "access_token"  # noqa: S105 - the parameter's name
    cursor_parameter: str = "cursor"
    cursor_key: str = "next_cursor"
    idempotency_header: str = "Idempotency-Key"
    fulfillments: str = "fulfillments"
    webhooks: Route = Route("/config-webhooks", "webhooks")
    token_exchange: str = "/connections/token_exchange"  # noqa: S105 - a path
