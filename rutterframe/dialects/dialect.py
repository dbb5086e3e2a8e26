"""How a server spells the API: addresses, paths, parameters and keys, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that narrows or widens a list.

    Attributes
    ----------
    name : str
        The parameter, the same in Python and in the query.
    values : tuple of str or None
        What it takes, for an enumeration; None for a point in time.
    """

    name: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """How one resource is spelt.

    Attributes
    ----------
    path : str
        Where it is listed, below the base URL.
    list_key : str
        The key of the list in the answer.
    filters : tuple of Filter
        What the list can be asked for.
    retrievable : bool
        Whether one record can be asked for by id, at ``path/id``.
    creatable : bool
        Whether a record can be written, by POST to the path.
    repeatable : bool
        Whether the write takes an Idempotency-Key.
    updatable : bool
        Whether a record can be changed, by PUT to ``path/id``.
    """

    path: str
    list_key: str
    filters: tuple[Filter, ...] = ()
    retrievable: bool = False
    creatable: bool = False
    repeatable: bool = False
    updatable: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server spells the whole API.

    Attributes
    ----------
    name : str
        What to call the dialect.
    base_urls : mapping of str to str
        The base URL of each named environment.
    version : str
        The API version spoken by default.
    resources : mapping of str to Route
        The route of each resource, by the name of its model.
    version_header, request_id_header, idempotency_header : str
        The names of headers.
    token_parameter, cursor_parameter, cursor_key : str
        The parameters of the access token and of the cursor, and the cursor's key in an answer.
    fulfillments : str
        The step below an order's path at which it is fulfilled.
    webhooks : Route
        The route of the webhooks, which are listed without pages.
    token_exchange : str
        Where a public token becomes an access token.
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
    webhooks: Route = Route("/config-webhooks", "webhooks", creatable=True)
    token_exchange: str = "/connections/token_exchange"  # noqa: S105 - a path
