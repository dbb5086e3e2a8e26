"""Dialects of other packages and of the program, for a server with other paths, keys or fields."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rutterframe.dialects.dialect import BASES, Dialect, Route
from rutterframe.entry_points import Registry
from rutterframe.models import LIVE_RESOURCES, RECORDS

_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)


def check_dialect(dialect: object) -> None:
    """Refuse a dialect that a client could not use.

    Raises
    ------
    TypeError
        If it is not a Dialect, or a route is not a Route.
    ValueError
        If its name, base or a base URL is not valid, such as one with a password; it lacks a resource of its
        base, or has one that the base does not know; or a mapping is not of the record of its resource.
    """
    if not isinstance(dialect, Dialect):
        raise TypeError(f"expected a Dialect, not {type(dialect).__name__}")
    if not _NAME.fullmatch(dialect.name):
        raise ValueError(
            f"{dialect.name!r} is not a valid name of a dialect (expected lower-case letters, digits, -, _)"
        )
    if dialect.base not in BASES:
        raise ValueError(f"base={dialect.base!r} is not valid (expected 'contract' or 'live')")
    _check_addresses(dialect)
    if dialect.fields:
        raise ValueError("fields are added by entry points or register: put columns into records instead")
    needed = (*RECORDS, *(LIVE_RESOURCES if dialect.is_live else ()))
    missing = [name for name in needed if not dialect.resources.get(name)]
    if missing:
        raise ValueError(
            f"it has no route for {', '.join(missing)}: begin with those of its base, such as "
            f"{{**CONTRACT.resources, 'invoices': (Route(...),)}}; a path that the server lacks is answered "
            "with 404, and the list counts as not offered"
        )
    unknown = [name for name in dialect.resources if name not in needed]
    if unknown:
        raise ValueError(f"there is no resource {unknown[0]!r} in the dialect {dialect.base!r}")
    for name, routes in dialect.resources.items():
        for route in routes:
            _check_route(dialect, name, route)


def _check_addresses(dialect: Dialect) -> None:
    """Refuse an address that would show a password in errors, or send tokens unencrypted."""
    if not dialect.base_urls:
        raise ValueError("base_urls is empty: give at least one, such as {'production': 'https://host/path'}")
    for environment, address in dialect.base_urls.items():
        if "@" in address:  # checked first, so that no message shows it
            raise ValueError(
                f"base_urls[{environment!r}] has a user name or a password in it, and errors show addresses: "
                "leave both out, and pass credentials to the client"
            )
        url = urlsplit(address)
        is_local = url.hostname in {"localhost", "127.0.0.1", "::1"}
        if url.scheme != "https" and not (url.scheme == "http" and is_local):
            raise ValueError(
                f"base_urls[{environment!r}] is {address!r}, which would send tokens unencrypted (expected "
                "https://…, or http:// of this machine)"
            )


def _check_route(dialect: Dialect, resource: str, route: object) -> None:
    if not isinstance(route, Route):
        raise TypeError(f"{resource}: expected a tuple of Route, not of {type(route).__name__}")
    record = dialect.record(resource)
    if route.mapping is not None and route.mapping.model is not record:
        raise ValueError(
            f"{resource}: the mapping is of {route.mapping.model.__name__}, and the resource's record is "
            f"{record.__name__}: name the record in records={{{resource!r}: …}}, or map that one"
        )


#: The dialects of installed packages, and those that the program has registered.
OWN_DIALECTS: Registry[Dialect] = Registry("dialect", lambda dialect: dialect.name, check_dialect)
OWN_DIALECTS.reserve(lambda: BASES)
