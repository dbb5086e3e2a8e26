"""The origin of a dataset's rows: their environment and dialect; rows of another origin are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from deltalake import DeltaTable

from rutterframe.client.config import Server
from rutterframe.dataset.small_files import SmallFiles
from rutterframe.dialects import CONTRACT, DIALECTS, Dialect

_ENVIRONMENT, _DIALECT = "rutterframe.environment", "rutterframe.dialect"
#: The file that notes the origin of all tables, and the most bytes of it that are read.
MARKER = "_rutterframe_origin", 4096


@dataclass(frozen=True, slots=True)
class Origin:
    """The environment and dialect that rows come from.

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
        """Return both in words, for messages."""
        return f"the environment {self.environment!r} in the dialect {self.dialect!r}"

    @property
    def properties(self) -> dict[str, str]:
        """The properties of a Delta table that store it."""
        return {_ENVIRONMENT: self.environment, _DIALECT: self.dialect}


def origin_of(server: Server) -> Origin:
    """Return the origin of the rows of a server.

    The demo is "demo" whatever its port; an address that belongs to a named environment is that one.
    """
    if server.environment == "demo":
        return Origin("demo", server.dialect.name)
    return Origin(environment_of(server.base_url, server.dialect.base_urls), server.dialect.name)


def environment_of(name: str, base_urls: Mapping[str, str] = CONTRACT.base_urls) -> str:
    """Return an environment's name in lower case, or its normalised address where it has no name."""
    if "://" not in name:
        return name.lower()
    url = _normalised(name)
    return next((known for known, base in base_urls.items() if _normalised(base) == url), url)


def read_origin(properties: Mapping[str, str | None]) -> Origin | None:
    """Return the origin in the properties of a table; None for a table without one."""
    environment = properties.get(_ENVIRONMENT)
    return None if environment is None else Origin(environment, properties.get(_DIALECT) or CONTRACT.name)


def write_marker(files: SmallFiles, origin: Origin) -> None:
    """Note the origin of all tables of a dataset in a file, so that they need not all be opened.

    Only an origin that is the same is taken from it: one that differs is compared with the tables, which
    have it as well, and where the file is missing or damaged they are opened.
    """
    files.write(MARKER[0], f"{json.dumps(origin.properties)}\n".encode())


def read_marker(files: SmallFiles) -> Origin | None:
    """Return the origin that is noted for all tables of a dataset; None where none can be read."""
    try:
        content = json.loads(files.read(MARKER[0]))
        return Origin(content[_ENVIRONMENT], content[_DIALECT])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def dialect_of(table: DeltaTable) -> Dialect:
    """Return the dialect of a table's rows: the contract's where the table does not say.

    Raises
    ------
    ValueError
        If it is not known.
    """
    stored = read_origin(table.metadata().configuration)
    if stored is None:
        return DIALECTS[CONTRACT.name]
    if stored.dialect not in DIALECTS:
        raise ValueError(
            f"The table at {table.table_uri} has rows of the dialect {stored.dialect!r}, which this "
            f"rutterframe does not know; there are {', '.join(DIALECTS)}.\nNext: upgrade "
            "rutterframe, or install the package that has this dialect"
        )
    return DIALECTS[stored.dialect]


def refuse_other(root: str, stored: Origin, origin: Origin) -> None:
    """Refuse rows of another environment or dialect.

    Raises
    ------
    ValueError
        If they are not the same.
    """
    if stored != origin:
        advice = _same(stored, origin)
        raise ValueError(
            f"The dataset at {root} holds rows of {stored}, and these connections are of {origin}: they "
            f"would be mixed. Nothing was read.\nNext: refresh into another folder, or {advice}"
        )


def _same(stored: Origin, origin: Origin) -> str:
    """Return how to read what the dataset holds."""
    if stored.environment == origin.environment:
        return (
            f"pass dialect={stored.dialect!r} to rf.{'demo' if stored.environment == 'demo' else 'Client'}()"
        )
    names = (
        "RUTTER_ENVIRONMENT" if stored.dialect == origin.dialect else "RUTTER_ENVIRONMENT and RUTTER_DIALECT"
    )
    return f"set {names} as for the dataset"


def _normalised(url: str) -> str:
    """Return a base URL with a lower-case scheme and host, without default port or closing slash."""
    return str(httpx.URL(url)).rstrip("/")
