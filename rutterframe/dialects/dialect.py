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
class Spelling:
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
    """

    path: str
    list_key: str
    filters: tuple[Filter, ...] = ()
    retrievable: bool = False


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
    resources : mapping of str to Spelling
        The spelling of each resource, by the name of its model.
    """

    name: str
    base_urls: Mapping[str, str]
    version: str
    resources: Mapping[str, Spelling]
    version_header: str = "X-Rutter-Version"
    request_id_header: str = "X-Rutter-Request-ID"
    token_parameter: str = "access_token"  # noqa: S105 - the parameter's name
    cursor_parameter: str = "cursor"
    cursor_key: str = "next_cursor"
