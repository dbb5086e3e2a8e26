"""The options of loaders, and the connections they take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rutterframe.client import Client, Connection
from rutterframe.errors import MissingToken
from rutterframe.frames import OnInvalid
from rutterframe.loaders.not_offered import NotOffered, read_not_offered
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.models.platforms import may_have
from rutterframe.notebook.escape import printable

#: One connection, or any number of them.
Connections = Connection | Iterable[Connection]
OnError = Literal["raise", "skip"]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a load.

    Attributes
    ----------
    on_invalid : {"raise", "quarantine"}
        What to do with rows that cannot be read.
    on_error : {"raise", "skip"}
        What to do when a connection fails.
    progress : bool, optional
        Whether to show a progress bar; in a terminal or notebook only when left out.
    not_offered : iterable of str, or mapping of str to iterable of str
        Resources that are not requested, since the platforms do not have them: of all connections, or by
        connection id.
    """

    on_invalid: OnInvalid = "raise"
    on_error: OnError = "raise"
    progress: bool | None = None
    not_offered: NotOffered = ()

    #: `not_offered` by connection id; None stands for every connection.
    by_connection: Mapping[str | None, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse words that are none of the choices: a typo would otherwise mean the opposite."""
        for name, choices in (("on_invalid", ("raise", "quarantine")), ("on_error", ("raise", "skip"))):
            choice = getattr(self, name)
            if choice not in choices:
                raise ValueError(
                    f"{name}={choice!r} is not known; use one of {', '.join(map(repr, choices))}"
                )
        object.__setattr__(self, "by_connection", read_not_offered(self.not_offered))
        object.__setattr__(self, "not_offered", self.by_connection)  # an iterator is read once


def as_connections(connections: Connections, resource: str = "all", call: str = "") -> list[Connection]:
    """Return one connection or many as a list, reading an iterable once.

    Parameters
    ----------
    connections : Connection or iterable of Connection
        What the caller passed.
    resource : str
        What is loaded, for the errors.

    Raises
    ------
    TypeError
        If something else was passed: an id, a client, a record.
    ValueError
        If it is empty, or has a connection twice: its rows would count twice.
    """
    several = [connections] if isinstance(connections, Connection) else connections
    if isinstance(several, str | Client | Mapping) or not isinstance(several, Iterable):
        raise TypeError(_not_a_connection(several, resource, call))
    listed = list(several)
    for connection in listed:
        if not isinstance(connection, Connection):
            raise TypeError(_not_a_connection(connection, resource, call))
    if not listed:
        raise ValueError(
            "No connection was passed: frames without a row would look like books without a row. Pass a "
            "Connection, or several, such as [client.connection(id) for id in ids]"
        )
    counts = Counter(connection.id for connection in listed)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise ValueError(
            f"Passed more than once: {', '.join(repeated)}; the rows would count twice. Pass each connection "
            f"once"
        )
    return listed


def read_resources(resources: Iterable[str]) -> tuple[str, ...]:
    """Return the names of resources, each once.

    Raises
    ------
    TypeError
        If it is text where several names are expected.
    ValueError
        If there is no such resource, or none is named.
    """
    if isinstance(resources, str):
        raise TypeError(f"resources takes several names; {resources!r} is text: write [{resources!r}]")
    names = tuple(dict.fromkeys(resources))
    known = (*RESOURCES, *LIVE_RESOURCES)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"There is no resource {unknown[0]!r}; there are {', '.join(known)}")
    if not names:
        raise ValueError(f"No resource was named: leave resources= out for ten, or name {', '.join(known)}")
    return names


def open_by_id(client: Client, ids: Iterable[str]) -> tuple[list[Connection], dict[str, MissingToken]]:
    """Open connections by id; return the error for each id without a known access token."""
    connections: list[Connection] = []
    missing: dict[str, MissingToken] = {}
    for name in ids:
        try:
            connections.append(client.connection(name))
        except MissingToken as error:
            missing[name] = error
    return connections, missing


def _not_a_connection(value: object, resource: str, call: str) -> str:
    if isinstance(value, Client):
        line = (call or f"rf.load_{resource}({{}})").format(
            f"client.connection({_example_id(value, resource)})"
        )
        books = "" if call else ", or rf.load_books(client) for the reports of every active connection"
        name = line.partition("(")[0]
        return f"{name} takes a Connection, or several, but this is a Client: write {line}{books}"
    return (
        f"A loader takes a Connection, or several, but this is {type(value).__name__}: open one with "
        f"client.connection(id), or several with [client.connection(id) for id in ids]"
    )


def _example_id(client: Client, resource: str) -> str:
    """Write the id of a connection that has a resource, as far as that is known without a request."""
    platforms = client.connections.listing().session.platforms
    for name in client.known_ids:
        platform = platforms.get(name)
        if platform is None or resource == "all" or may_have(platform, resource):
            return json.dumps(printable(name), ensure_ascii=False)
    return "id"
