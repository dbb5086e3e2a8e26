"""The selection of a picker: connections, resources and a date, as a load and as code; without widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
#: The statuses of connections that serve data: an unhealthy one (live) serves what it has.
SERVING = frozenset({"active", "unhealthy"})
#: Connections that an error names; of more, it gives the number.
_MAX_NAMES = 5


@dataclass(frozen=True, slots=True)
class ListedConnection:
    """A connection as the API lists it.

    Attributes
    ----------
    id, platform, status : str
        As listed; empty where the API left them out.
    business : str
        The business that it belongs to; empty if none is known.
    """

    id: str
    platform: str
    status: str
    business: str = ""

    def matches(self, text: str) -> bool:
        """Return whether every word of a text occurs in its id, business, platform or status."""
        words = f"{self.id} {self.business} {self.platform} {self.status}".casefold()
        return all(word in words for word in text.casefold().split())


@dataclass(frozen=True, slots=True)
class Choice:
    """What is selected: the ids of connections, the resources, and from when on; nothing secret."""

    ids: tuple[str, ...]
    resources: tuple[str, ...]
    since: date | None


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
    businesses : mapping of str to sequence of str, optional
        The connections of each business.

    Attributes
    ----------
    listed : dict of str to ListedConnection
        The connections by id: business by business, then those of none, each by platform.
    listed_at : str
        When the list was read, such as "2026-06-30 08:33"; empty if that is not known.
    problems : dict of str to str
        What a load found out about connections since then, which their status does not say.
    refused_tokens : set of str
        The connections with an access token that the API refused since then.
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

    def __init__(
        self, client: Client, listed: pd.DataFrame, businesses: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._client = client
        self._businesses = {} if businesses is None else businesses
        #: The connections so far, None where no token is known: reading a keyring again and again is slow.
        self._opened: dict[str, Connection | None] = {}
        self._with_entered_token: set[str] = set()
        self.ids: tuple[str, ...] = ()
        self.resources: tuple[str, ...] = ()
        self.since: date | None = None
        self.update(listed)

    def update(self, listed: pd.DataFrame) -> list[str]:
        """Take another list of connections; return the ids that were selected and are not listed now."""
        business_of = {name: business for business, ids in self._businesses.items() for name in ids}
        columns = (listed[name].fillna("") for name in ("id", "platform", "status"))
        # A connection without an id cannot be opened, so it cannot be selected.
        records = [
            ListedConnection(name, platform, status, business_of.get(name, ""))
            for name, platform, status in zip(*columns, strict=True)
            if name
        ]
        order = {business: place for place, business in enumerate(self._businesses)}
        records.sort(key=lambda one: (order.get(one.business, len(order)), one.platform))
        self.listed = {one.id: one for one in records}
        self.listed_at = str(listed.attrs.get("receipt", {}).get("finished", ""))[:16].replace("T", " ")
        self.problems: dict[str, str] = {}
        self.refused_tokens: set[str] = set()
        missing = [name for name in self.ids if name not in self.listed]
        self.select(name for name in self.ids if name in self.listed)
        return missing

    @property
    def unlisted(self) -> list[str]:
        """The connections that the businesses name, and the API does not list."""
        return [name for ids in self._businesses.values() for name in ids if name not in self.listed]

    @property
    def choice(self) -> Choice:
        """What is selected now."""
        return Choice(self.ids, self.resources, self.since)

    @property
    def what_loads(self) -> Choice:
        """What a load would load now: the date counts only where it filters something."""
        is_dated = any(name in DATED for name in self.resources)
        return Choice(self.ids, self.resources, self.since if is_dated else None)

    @property
    def environment(self) -> str:
        """The client's name of its API: "production", "sandbox", "demo" or an address."""
        return self._client.connections.listing().session.server.environment

    @property
    def offered(self) -> tuple[str, ...]:
        """The resources that can be selected: those of the client's dialect."""
        return self._client.resources

    def matching(self, text: str) -> list[ListedConnection]:
        """List the connections that match a filter, in the order of the list."""
        return [connection for connection in self.listed.values() if connection.matches(text)]

    def is_active(self, connection: ListedConnection) -> bool:
        """Return whether a connection serves data: by its status, and by the loads since."""
        return connection.status.casefold() in SERVING and connection.id not in self.problems

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

    def needs_token(self, connection_id: str) -> bool:
        """Return whether a token is to be typed: none is known, or the API refused it."""
        return connection_id in self.refused_tokens or self.lacks_token(connection_id)

    def set_token(self, connection_id: str, token: SecretStr) -> None:
        """Open a connection with a token that was entered; it stays in memory only."""
        self._opened[connection_id] = self._client.connection(connection_id, token)
        self._with_entered_token.add(connection_id)
        self.refused_tokens.discard(connection_id)
        self.problems.pop(connection_id, None)

    def missing(self) -> str:
        """Return what has to be chosen or typed before anything can be loaded; empty if nothing."""
        if not self.ids:
            return "Choose at least one connection."
        if not self.resources:
            return "Choose at least one resource."
        lacking = [connection_id for connection_id in self.ids if self.lacks_token(connection_id)]
        if lacking:
            more = len(lacking) - _MAX_NAMES
            names = ", ".join(lacking[:_MAX_NAMES]) + (f" and {more:,} more" if more > 0 else "")
            return f"Type the access token of {names}, or do not choose it."
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


def _in_order(names: Iterable[str], known: Sequence[str], noun: str) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError(f"{names!r} is text, where several are expected: write [{names!r}]")
    wanted = list(names)
    selected, existing = set(wanted), set(known)
    if not selected <= existing:
        unknown = next(name for name in wanted if name not in existing)
        raise ValueError(f"There is no {noun} {unknown!r}; there are {printable_names(known) or 'none'}")
    return tuple(name for name in known if name in selected)


def _client_code(environment: str, dialect: str) -> str:
    is_demo = environment == "demo"
    arguments = [] if is_demo else [f"environment={environment!r}"]
    arguments += [] if dialect == "contract" else [f"dialect={dialect!r}"]
    return f"rf.{'demo' if is_demo else 'Client'}({', '.join(arguments)})"
