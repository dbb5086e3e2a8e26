"""Compare where rows come from: a dataset remembers its environment and dialect, and refuses others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from rutterframe.client.config import Server
from rutterframe.dialects import CONTRACT

_ENVIRONMENT, _DIALECT = "rutterframe.environment", "rutterframe.dialect"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from.

    Attributes
    ----------
    environment : str
        "production", "sandbox", "demo", or the normalised base URL.
    dialect : str
        The name of the dialect.
    """

    environment: str
    dialect: str

    def __str__(self) -> str:
        """Name both in words."""
        return f"the environment {self.environment!r} in the dialect {self.dialect!r}"

    @property
    def properties(self) -> dict[str, str]:
        """The table properties that remember it."""
        return {_ENVIRONMENT: self.environment, _DIALECT: self.dialect}


def origin_of(server: Server) -> Origin:
    """Return where the rows of a server come from.

    The demo is "demo" whatever its port; an address that belongs to a named environment is that one.
    """
    if server.environment == "demo":
        return Origin("demo", server.dialect.name)
    return Origin(environment_of(server.base_url, server.dialect.base_urls), server.dialect.name)


def environment_of(named: str, base_urls: Mapping[str, str] = CONTRACT.base_urls) -> str:
    """Return one spelling of an environment: its name where it has one, else its normalised address."""
    if "://" not in named:
        return named.lower()
    url = _normalised(named)
    return next((name for name, base in base_urls.items() if _normalised(base) == url), url)


def read_origin(properties: Mapping[str, str | None]) -> Origin | None:
    """Return the origin that a table's properties remember; None for a table that has none."""
    environment = properties.get(_ENVIRONMENT)
    return None if environment is None else Origin(environment, properties.get(_DIALECT) or CONTRACT.name)


def refuse_other(root: str, there: Origin, given: Origin) -> None:
    """Refuse rows of another environment or dialect.

    Raises
    ------
    ValueError
        If they are not the same.
    """
    if there != given:
        raise ValueError(
            f"The dataset at {root} holds rows of {there}, and these connections are of {given}: they would "
            f"be mixed. Nothing was read.\nNext: refresh into another folder, or set RUTTER_ENVIRONMENT as "
            f"for the dataset"
        )


def _normalised(url: str) -> str:
    """Return a base URL with a lower-case scheme and host, without default port or closing slash."""
    return str(httpx.URL(url)).rstrip("/")
