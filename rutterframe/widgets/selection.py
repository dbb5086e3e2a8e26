"""The selection of a picker: connections, resources and a date, as a load and as code; without widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
from pydantic import SecretStr

from rutterframe.client import Client, Connection
from rutterframe.errors import MissingToken
from rutterframe.loaders import LoadJob, Options
from rutterframe.loaders.requests import requests_of
from rutterframe.notebook.escape import printable_names

#: The resources that the API filters by time, and its name for the only filter there is.
DATED = ("transactions", "orders")
SINCE = "updated_at_min"


@dataclass(frozen=True, slots=True)
class ListedConnection:
    """A connection as the API lists it.

    Attributes
    ----------
    id, platform, status : str
        As listed; empty where the API left them out.
    """

    id: str
    platform: str
    status: str

    def matches(self, text: str) -> bool:
        """Return whether every word of a text occurs in its id, platform or status."""
        words = f"{self.id} {self.platform} {self.status}".casefold()
        return all(word in words for word in text.casefold().split())


class Code(str):
    """Lines of Python that show themselves without quotes: to be copied into a cell."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the lines."""
        return str(self)


class Selection:
    """The selection of what to load through a client.

    Parameters
    ----------
    client : Client
        Opens the connections.
    listed : pandas.DataFrame
        The connections, as `load_connections` returns them.

    Attributes
    ----------
    ids, resources : tuple of str
        What is selected, in the order in which it is listed.
    since : date or None
        From when on transactions and orders are loaded.

    Examples
    --------
    >>> import rutterframe as rf
    >>> from rutterframe.widgets.selection import Selection
    >>> with rf.demo() as client:
    ...     selection = Selection(client, rf.load_connections(client, progress=False))
    >>> selection.select(["gear-xero"])
    >>> selection.missing()
    'Choose at least one resource.'
    """

    def __init__(self, client: Client, listed: pd.DataFrame) -> None:
        self._client = client
        #: The connections so far, None where no token is known: reading a keyring again and again is slow.
        self._opened: dict[str, Connection | None] = {}
        self._with_entered_token: set[str] = set()
        columns = (listed[name].fillna("") for name in ("id", "platform", "status"))
        records = [ListedConnection(*record) for record in zip(*columns, strict=True)]
        # A connection without an id cannot be opened, so it cannot be selected.
        self.listed = {
            connection.id: connection
            for connection in sorted(records, key=lambda connection: connection.platform)
            if connection.id
        }
        self.ids: tuple[str, ...] = ()
        self.resources: tuple[str, ...] = ()
        self.since: date | None = None

    @property
    def environment(self) -> str:
        """The client's name of its API: "production", "sandbox", "demo" or an address."""
        return self._client.connections.listing().session.server.environment

    @property
    def offered(self) -> tuple[str, ...]:
        """The resources that can be selected: those of the client's dialect."""
        return self._client.resources

    def matching(self, text: str) -> list[ListedConnection]:
        """List the connections that match a filter, platform by platform."""
        return [connection for connection in self.listed.values() if connection.matches(text)]

    def select(self, ids: Iterable[str]) -> None:
        """Select these connections and no others.

        Raises
        ------
        ValueError
            If one is not listed.
        """
        self.ids = _in_order(ids, tuple(self.listed), "connection")

    def select_resources(self, names: Iterable[str]) -> None:
        """Select these resources and no others.

        Raises
        ------
        ValueError
            If there is no such resource.
        """
        self.resources = _in_order(names, self._client.resources, "resource")

    def connection(self, connection_id: str) -> Connection:
        """Open a connection.

        Raises
        ------
        MissingToken
            If no token is known for it and none was entered.
        """
        opened = self._opened.get(connection_id) or self._client.connection(connection_id)
        self._opened[connection_id] = opened
        return opened

    def lacks_token(self, connection_id: str) -> bool:
        """Return whether a connection cannot be opened before its token is entered."""
        if connection_id not in self._opened:
            try:
                self.connection(connection_id)
            except MissingToken:
                self._opened[connection_id] = None
        return self._opened[connection_id] is None

    def set_token(self, connection_id: str, token: SecretStr) -> None:
        """Open a connection with a token that was entered; it stays in memory only."""
        self._opened[connection_id] = self._client.connection(connection_id, token)
        self._with_entered_token.add(connection_id)

    def missing(self) -> str:
        """Return what has to be chosen or typed before anything can be loaded; empty if nothing."""
        if not self.ids:
            return "Choose at least one connection."
        if not self.resources:
            return "Choose at least one resource."
        lacking = [connection_id for connection_id in self.ids if self.lacks_token(connection_id)]
        if lacking:
            return f"Type the access token of {', '.join(lacking)}, or do not choose it."
        return ""

    def new_job(self) -> LoadJob:
        """Return the job that loads the selection, before its first page.

        Raises
        ------
        ValueError
            If nothing is selected.
        MissingToken
            If a selected connection has no token.
        """
        opened = [self.connection(connection_id) for connection_id in self.ids]
        if not opened or not self.resources:
            raise ValueError(self.missing())
        moment = self._moment()
        filters = {name: {SINCE: moment} for name in self.resources if moment and name in DATED}
        requests = requests_of(self.resources, opened, filters)
        return LoadJob(requests, Options(on_error="skip", progress=False), self.resources)

    def code(self) -> Code:
        """Return the lines of Python that load the selection."""
        if not self.ids or not self.resources:
            return Code(f"# {self.missing()}")
        typed = [f"# {connection_id}: its token was typed; here it comes from RUTTER_ACCESS_TOKENS."
                 for connection_id in self.ids if connection_id in self._with_entered_token]  # fmt: skip
        loads = [f'    "{name}": rf.load_{name}(connections{self._filter(name)}, on_error="skip"),'
                 for name in self.resources]  # fmt: skip
        return Code(
            "\n".join(
                [
                    "import rutterframe as rf",
                    "",
                    f"client = {_client_code(self.environment, self._client.dialect)}",
                    *typed,
                    f"connections = [client.connection(name) for name in {list(self.ids)}]",
                    "frames = {",
                    *loads,
                    "}",
                ]
            )
        )

    def _filter(self, resource: str) -> str:
        moment = self._moment() if resource in DATED else None
        return f', {SINCE}="{moment}"' if moment else ""

    def _moment(self) -> str | None:
        return f"{self.since.isoformat()}T00:00:00Z" if self.since else None


def _in_order(names: Iterable[str], known: tuple[str, ...], noun: str) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError(f"{names!r} is text, where several are expected: write [{names!r}]")
    wanted = list(names)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"There is no {noun} {unknown[0]!r}; there are {printable_names(known) or 'none'}")
    return tuple(name for name in known if name in wanted)


def _client_code(environment: str, dialect: str) -> str:
    is_demo = environment == "demo"
    arguments = [] if is_demo else [f"environment={environment!r}"]
    arguments += [] if dialect == "contract" else [f"dialect={dialect!r}"]
    return f"rf.{'demo' if is_demo else 'Client'}({', '.join(arguments)})"
